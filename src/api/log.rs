//! Takes the log of a build out of an answer while it comes in: a log may have any length, and only a part of it is in
//! memory at a time.
//!
//! A job has it as `log.build`, a package as `package.buildLog`. Everything else in the answer is passed over.

/// The names under which an answer holds a log.
const NAMES: [&[u8]; 2] = [b"build", b"buildLog"];

/// The longest key that is looked at.
const LONGEST_KEY: usize = 16;

/// Where in a JSON text the scan is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Between texts.
    Outside,
    /// In a text.
    Inside,
    /// Behind a backslash.
    Escape,
    /// In the four digits of `\u`.
    Code { digits: u8, code: u32 },
}

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// The key of a field.
    Key,
    /// The log.
    Log,
    /// Something else.
    Other,
}

/// Scans one answer, piece by piece.
#[derive(Debug)]
pub(super) struct LogScanner {
    place: Place,
    role: Role,
    /// Whether the next text is a key: in an object, and not behind a colon.
    expects_key: bool,
    /// Whether each open container is an object.
    open: Vec<bool>,
    key: Vec<u8>,
    /// The first half of a character beyond the basic plane.
    high: Option<u32>,
}

impl LogScanner {
    pub(super) const fn new() -> LogScanner {
        LogScanner {
            place: Place::Outside,
            role: Role::Other,
            expects_key: false,
            open: Vec::new(),
            key: Vec::new(),
            high: None,
        }
    }

    /// Takes a piece of the answer, and gives the bytes of the log in it to `sink`, in UTF-8.
    pub(super) fn feed(&mut self, piece: &[u8], sink: &mut impl FnMut(&[u8])) {
        let mut rest = piece;
        while let Some((byte, after)) = rest.split_first() {
            if self.place == Place::Inside && !matches!(byte, b'"' | b'\\') {
                // A run of plain text.
                let end = rest.iter().position(|byte| matches!(byte, b'"' | b'\\')).unwrap_or(rest.len());
                let (run, behind) = rest.split_at(end);
                self.text(run, sink);
                rest = behind;
                continue;
            }
            match self.place {
                Place::Outside => self.outside(*byte),
                Place::Inside if *byte == b'"' => self.end_text(),
                Place::Inside => self.place = Place::Escape,
                Place::Escape => self.escape(*byte, sink),
                Place::Code { digits, code } => self.code(*byte, digits, code, sink),
            }
            rest = after;
        }
    }

    fn outside(&mut self, byte: u8) {
        match byte {
            b'{' | b'[' => {
                self.open.push(byte == b'{');
                self.expects_key = byte == b'{';
            }
            b'}' | b']' => {
                self.open.pop();
                self.expects_key = false;
            }
            b',' => self.expects_key = self.open.last() == Some(&true),
            b':' => self.expects_key = false,
            b'"' => {
                self.place = Place::Inside;
                self.role = match self.expects_key {
                    true => Role::Key,
                    false if self.is_log() => Role::Log,
                    false => Role::Other,
                };
                if self.role == Role::Key {
                    self.key.clear();
                }
            }
            _ => {}
        }
    }

    /// Whether the text that begins is the value of a field with one of the names.
    fn is_log(&self) -> bool {
        self.open.last() == Some(&true) && NAMES.contains(&self.key.as_slice())
    }

    fn end_text(&mut self) {
        self.place = Place::Outside;
        self.high = None;
        if self.role != Role::Key {
            self.key.clear();
        }
    }

    fn text(&mut self, run: &[u8], sink: &mut impl FnMut(&[u8])) {
        match self.role {
            Role::Log => sink(run),
            Role::Key => {
                let room = (LONGEST_KEY + 1).saturating_sub(self.key.len());
                self.key.extend(run.iter().take(room));
            }
            Role::Other => {}
        }
    }

    fn escape(&mut self, byte: u8, sink: &mut impl FnMut(&[u8])) {
        let plain = match byte {
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b'b' => 8,
            b'f' => 12,
            b'u' => {
                self.place = Place::Code { digits: 0, code: 0 };
                return;
            }
            other => other,
        };
        self.place = Place::Inside;
        self.text(&[plain], sink);
    }

    fn code(&mut self, byte: u8, digits: u8, code: u32, sink: &mut impl FnMut(&[u8])) {
        let digit = char::from(byte).to_digit(16).unwrap_or(0);
        let code = code * 16 + digit;
        if digits < 3 {
            self.place = Place::Code { digits: digits + 1, code };
            return;
        }
        self.place = Place::Inside;
        let code = match (self.high.take(), code) {
            (_, 0xd800..=0xdbff) => {
                self.high = Some(code);
                return;
            }
            (Some(high), 0xdc00..=0xdfff) => 0x10000 + ((high - 0xd800) << 10) + (code - 0xdc00),
            (_, code) => code,
        };
        let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        let mut buffer = [0; 4];
        self.text(character.encode_utf8(&mut buffer).as_bytes(), sink);
    }
}

/// Breaks a stream of bytes into lines. A line without end is broken up, so that it does not grow for ever.
#[derive(Debug, Default)]
pub(super) struct Lines {
    line: Vec<u8>,
}

/// The longest line that stays whole, in bytes.
const LONGEST_LINE: usize = 64 * 1024;

impl Lines {
    pub(super) fn feed(&mut self, bytes: &[u8], sink: &mut impl FnMut(&str)) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(piece);
            if piece.ends_with(b"\n") || self.line.len() >= LONGEST_LINE {
                self.flush(sink);
            }
        }
    }

    /// Gives out what is left.
    pub(super) fn flush(&mut self, sink: &mut impl FnMut(&str)) {
        if self.line.is_empty() {
            return;
        }
        let text = String::from_utf8_lossy(&self.line);
        sink(text.trim_end_matches(['\r', '\n']));
        self.line.clear();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn scan(text: &str, size: usize) -> String {
        let (mut scanner, mut found) = (LogScanner::new(), Vec::new());
        for piece in text.as_bytes().chunks(size.max(1)) {
            scanner.feed(piece, &mut |bytes| found.extend_from_slice(bytes));
        }
        String::from_utf8(found).unwrap()
    }

    #[test]
    fn the_log_is_found_where_it_stands() {
        let job = json!({"id": "1", "details": "say \"build\": no", "list": ["build", "x"], "log": {"build": "a\nb"}});
        assert_eq!(scan(&job.to_string(), 3), "a\nb");
        assert_eq!(scan(&json!({"package": {"buildLog": "x", "id": "buildLog"}}).to_string(), 1), "x");
        for none in [
            json!({"log": {}}),
            json!({"build": null, "x": "y"}),
            json!({"build": ["no"]}),
            json!({"rebuild": "no"}),
        ] {
            assert_eq!(scan(&none.to_string(), 2), "", "{none}");
        }
        assert_eq!(scan(r#"{"log":{"build":"\ud83d\ude00 \u00e4\/\t\ud83d!"}}"#, 1), "😀 ä/\t!");
    }

    #[test]
    fn lines_are_lines_however_they_come() {
        let mut seen = Vec::new();
        let mut lines = Lines::default();
        for piece in ["a", "b\r\nc\n", "\n", "d"] {
            lines.feed(piece.as_bytes(), &mut |line| seen.push(line.to_owned()));
        }
        lines.flush(&mut |line| seen.push(line.to_owned()));
        assert_eq!(seen, ["ab", "c", "", "d"]);
        lines.feed(&vec![b'x'; 3 * LONGEST_LINE], &mut |line| assert!(line.len() <= 3 * LONGEST_LINE));
    }

    proptest! {
        /// What the scanner finds in an answer is what a JSON reader finds, however the answer is cut.
        #[test]
        fn a_log_is_read_as_json(log in any::<String>(), details in any::<String>(), size in 1_usize..9) {
            let job = json!({"id": details, "details": details, "error": {"message": details}, "log": {"build": log}, "more": [details]});
            prop_assert_eq!(scan(&job.to_string(), size), log.clone());
            let escaped: Value = serde_json::from_str(&job.to_string()).unwrap();
            prop_assert_eq!(scan(&format!("{escaped:#}"), size), log);
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<Vec<u8>>(), size in 1_usize..9) {
            let mut scanner = LogScanner::new();
            text.chunks(size).for_each(|piece| scanner.feed(piece, &mut |_| {}));
        }
    }
}
