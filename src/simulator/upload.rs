//! `multipart/form-data`, read as a stream: a package of a gigabyte is counted and hashed, and never held.

use std::pin::Pin;

use axum::body::{Body, Bytes, HttpBody};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// More than the head of any part.
const LONGEST_HEAD: usize = 16 * 1024;
/// More than any text field.
const LONGEST_TEXT: usize = 4 * 1024;

/// The boundary of a form, from its `Content-Type`.
pub(super) fn boundary(content_type: &str) -> Option<String> {
    let (kind, rest) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = rest.split(';').find_map(|part| part.trim().strip_prefix("boundary="))?;
    Some(boundary.trim_matches('"').to_owned()).filter(|text| !text.is_empty())
}

/// How reading a form ended.
pub(super) enum Received {
    /// What it held: `fileName`, and of the file `fileSize` and `sha256`.
    Form(Value),
    /// It was broken off by the other side, or is no form.
    Broken,
    /// So many bytes came as were to be taken.
    Cut,
}

/// Reads a form to its end, or until so many bytes have come.
pub(super) async fn receive(mut body: Body, boundary: &str, cut_after: Option<u64>) -> Received {
    let mut form = Form::new(boundary);
    let mut total = 0_u64;
    loop {
        let frame = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await;
        let data = match frame {
            None => break,
            Some(Err(_)) => return Received::Broken,
            Some(Ok(frame)) => frame.into_data().unwrap_or_else(|_| Bytes::new()),
        };
        total = total.saturating_add(data.len() as u64);
        if cut_after.is_some_and(|after| total >= after) {
            return Received::Cut;
        }
        if form.feed(&data).is_none() {
            return Received::Broken;
        }
    }
    form.end().map_or(Received::Broken, Received::Form)
}

enum Place {
    /// In the content of a part; before the first, of one without a name.
    Content,
    /// Just behind a delimiter.
    Delimiter,
    /// In the head of a part.
    Head,
    /// Behind the last delimiter.
    End,
}

struct Form {
    delimiter: Vec<u8>,
    pending: Vec<u8>,
    place: Place,
    part: String,
    file: Option<(u64, Sha256)>,
    name: Vec<u8>,
}

impl Form {
    fn new(boundary: &str) -> Form {
        Form {
            delimiter: format!("\r\n--{boundary}").into_bytes(),
            // The first delimiter has no line before it.
            pending: b"\r\n".to_vec(),
            place: Place::Content,
            part: String::new(),
            file: None,
            name: Vec::new(),
        }
    }

    /// Takes what has come; nothing when it is no form.
    fn feed(&mut self, data: &[u8]) -> Option<()> {
        // A chunk without a line end holds no delimiter, which spares looking at each of its bytes.
        if matches!(self.place, Place::Content) && !data.contains(&b'\r') && !self.pending.contains(&b'\r') {
            let pending = std::mem::take(&mut self.pending);
            self.content(&pending)?;
            return self.content(data);
        }
        self.pending.extend_from_slice(data);
        loop {
            let more = match self.place {
                Place::Content => self.in_content()?,
                Place::Delimiter => self.behind_delimiter()?,
                Place::Head => self.in_head()?,
                Place::End => return Some(()),
            };
            if !more {
                return Some(());
            }
        }
    }

    fn in_content(&mut self) -> Option<bool> {
        let found = find(&self.pending, &self.delimiter);
        let keep = self.delimiter.len() - 1;
        let until = found.unwrap_or_else(|| self.pending.len().saturating_sub(keep));
        let rest = self.pending.split_off(until);
        let content = std::mem::replace(&mut self.pending, rest);
        self.content(&content)?;
        if found.is_none() {
            return Some(false);
        }
        self.pending.drain(..self.delimiter.len());
        self.place = Place::Delimiter;
        Some(true)
    }

    fn behind_delimiter(&mut self) -> Option<bool> {
        match self.pending.get(..2) {
            None => Some(false),
            Some(b"--") => {
                self.place = Place::End;
                Some(true)
            }
            Some(b"\r\n") => {
                self.pending.drain(..2);
                self.place = Place::Head;
                Some(true)
            }
            Some(_) => None,
        }
    }

    fn in_head(&mut self) -> Option<bool> {
        let Some(end) = find(&self.pending, b"\r\n\r\n") else {
            return (self.pending.len() <= LONGEST_HEAD).then_some(false);
        };
        let head = String::from_utf8_lossy(self.pending.get(..end)?).into_owned();
        self.pending.drain(..end + 4);
        self.part = part_name(&head).unwrap_or_default();
        if self.part == "file" {
            self.file = Some((0, Sha256::new()));
        }
        self.place = Place::Content;
        Some(true)
    }

    fn content(&mut self, content: &[u8]) -> Option<()> {
        match (self.part.as_str(), &mut self.file) {
            ("file", Some((size, hash))) => {
                *size = size.saturating_add(content.len() as u64);
                hash.update(content);
            }
            ("fileName", _) => {
                self.name.extend_from_slice(content);
                if self.name.len() > LONGEST_TEXT {
                    return None;
                }
            }
            _ => {}
        }
        Some(())
    }

    fn end(self) -> Option<Value> {
        if !matches!(self.place, Place::End) {
            return None;
        }
        let mut form = json!({"fileName": String::from_utf8_lossy(&self.name)});
        if let (Some((size, hash)), Some(fields)) = (self.file, form.as_object_mut()) {
            let digest: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
            fields.insert("fileSize".into(), json!(size));
            fields.insert("sha256".into(), json!(digest));
        }
        Some(form)
    }
}

fn part_name(head: &str) -> Option<String> {
    let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"))?;
    let name = line.split(';').find_map(|part| part.trim().strip_prefix("name="))?;
    Some(name.trim_matches('"').to_owned())
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\nContent-Type: a/b\r\n\r\nP\rK\r\n--less\0\r\n--b\r\ncontent-disposition: form-data; name=\"fileName\"\r\n\r\nshop.mda\r\n--b--\r\n";

    fn read(chunks: impl Iterator<Item = Vec<u8>>) -> Option<Value> {
        let mut form = Form::new("b");
        for chunk in chunks {
            form.feed(&chunk)?;
        }
        form.end()
    }

    #[test]
    fn a_form_is_the_same_however_it_is_cut() {
        let whole = read(std::iter::once(BODY.to_vec())).unwrap();
        assert_eq!((&whole["fileName"], &whole["fileSize"]), (&json!("shop.mda"), &json!(12)));
        for size in 1..40 {
            assert_eq!(read(BODY.chunks(size).map(<[u8]>::to_vec)).as_ref(), Some(&whole), "{size}");
        }
    }

    #[test]
    fn what_breaks_off_is_no_form() {
        for end in 0..BODY.len() - 4 {
            assert_eq!(read(std::iter::once(BODY[..end].to_vec())), None, "{end}");
        }
        assert_eq!(read(std::iter::once(b"--bx".to_vec())), None);
    }

    #[test]
    fn boundaries_are_read() {
        assert_eq!(boundary("multipart/form-data; boundary=\"a b\""), Some("a b".into()));
        assert_eq!(boundary("multipart/form-data; charset=x; boundary=ab"), Some("ab".into()));
        assert_eq!(boundary("application/json"), None);
    }
}
