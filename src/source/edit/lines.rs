//! Lines of a text: where they begin and end, and what of them is a comment.

/// A text that is edited.
pub(super) struct Text<'t>(&'t str);

/// How the text ends its lines.
pub(super) fn new_line(text: &str) -> &'static str {
    let first = text.find('\n');
    if first.is_some_and(|at| text.as_bytes().get(at.wrapping_sub(1)) == Some(&b'\r')) {
        "\r\n"
    } else {
        "\n"
    }
}

impl<'t> Text<'t> {
    pub(super) const fn new(text: &'t str) -> Text<'t> {
        Text(text)
    }

    pub(super) const fn whole(&self) -> &'t str {
        self.0
    }

    pub(super) fn slice(&self, start: usize, end: usize) -> &'t str {
        self.0.get(start..end).unwrap_or_default()
    }

    pub(super) const fn end(&self) -> usize {
        self.0.len()
    }

    /// Where the line with this byte begins; behind a byte order mark.
    pub(super) fn line_start(&self, at: usize) -> usize {
        let start = self.slice(0, at).rfind(['\n', '\r']).map_or(0, |found| found + 1);
        if start == 0 && self.0.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { start }
    }

    /// Where the line with this byte ends, its line end not included.
    pub(super) fn line_end(&self, at: usize) -> usize {
        self.0.get(at..).and_then(|rest| rest.find(['\n', '\r'])).map_or(self.end(), |found| at + found)
    }

    /// Where the next line begins.
    pub(super) fn next_line(&self, at: usize) -> usize {
        let end = self.line_end(at);
        match self.0.get(end..).unwrap_or_default() {
            rest if rest.starts_with("\r\n") => end + 2,
            "" => end,
            _ => end + 1,
        }
    }

    /// The column of a byte, in characters from 0.
    pub(super) fn column(&self, at: usize) -> usize {
        self.slice(self.line_start(at), at).chars().count()
    }

    /// Whether nothing but blanks stands before this byte on its line.
    pub(super) fn is_first(&self, at: usize) -> bool {
        self.slice(self.line_start(at), at).trim().is_empty()
    }

    /// Whether nothing but blanks and a comment follow on the line.
    pub(super) fn is_last(&self, at: usize) -> bool {
        let rest = self.slice(at, self.line_end(at));
        let trimmed = rest.trim_start();
        trimmed.is_empty() || (trimmed.starts_with('#') && (trimmed.len() < rest.len() || self.is_first(at)))
    }

    /// The byte behind the colon that follows a key.
    pub(super) fn behind_colon(&self, key_end: usize) -> Option<usize> {
        let rest = self.0.get(key_end..)?;
        let colon = rest.find(':')?;
        rest.get(..colon)?.trim().is_empty().then_some(key_end + colon + 1)
    }

    /// The dash in front of an item of a block list.
    pub(super) fn dash(&self, item: usize) -> Option<usize> {
        let before = self.slice(0, item);
        before.rmatch_indices('-').map(|(at, _)| at).find(|at| {
            let starts = before
                .get(..*at)
                .is_some_and(|it| it.is_empty() || it.ends_with([' ', '\n', '\r', '\u{feff}']));
            // At the end of the text a dash may have nothing behind it.
            let ends = self
                .0
                .get(at + 1..)
                .is_some_and(|it| it.is_empty() || it.starts_with([' ', '\t', '\n', '\r']));
            starts && ends
        })
    }

    /// The text for this file: its line ends.
    pub(super) fn with_line_ends(&self, text: &str) -> String {
        match new_line(self.0) {
            "\n" => text.to_owned(),
            other => text.replace('\n', other),
        }
    }
}
