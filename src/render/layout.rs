//! Lines of labelled text: measured first, painted last.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::style::{Label, Style};
use super::view::Place;

/// Less room than this is treated as this: below it, wrapping destroys more than it saves.
const NARROWEST: usize = 40;

/// One line, in labelled pieces.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    indent: usize,
    pieces: Vec<(Label, String)>,
}

impl Line {
    pub(super) fn new(indent: usize) -> Line {
        Line { indent, pieces: Vec::new() }
    }

    #[must_use]
    pub(super) fn add(mut self, label: Label, text: impl Into<String>) -> Line {
        self.pieces.push((label, text.into()));
        self
    }

    #[must_use]
    pub(super) fn append(mut self, other: Line) -> Line {
        self.pieces.extend(other.pieces);
        self
    }

    /// Fills up with blanks to this width.
    #[must_use]
    pub(super) fn pad(self, width: usize) -> Line {
        let missing = width.saturating_sub(self.width());
        self.add(Label::Plain, " ".repeat(missing))
    }

    pub(super) fn width(&self) -> usize {
        self.indent + self.pieces.iter().map(|(_, text)| text.width()).sum::<usize>()
    }
}

/// The lines of a report.
#[derive(Debug)]
pub(super) struct Page<'s> {
    style: &'s Style,
    out: String,
}

impl<'s> Page<'s> {
    pub(super) const fn new(style: &'s Style) -> Page<'s> {
        Page { style, out: String::new() }
    }

    pub(super) const fn style(&self) -> &'s Style {
        self.style
    }

    pub(super) fn width(&self) -> usize {
        self.style.width.max(NARROWEST)
    }

    pub(super) fn line(&mut self, line: &Line) {
        self.out.push_str(&" ".repeat(line.indent));
        let last = line.pieces.iter().rposition(|(_, text)| !text.trim_end().is_empty());
        for (index, (label, text)) in line.pieces.iter().enumerate() {
            let text = match last {
                Some(last) if index < last => text.as_str(),
                Some(last) if index == last => text.trim_end(),
                _ => break,
            };
            self.out.push_str(&self.style.paint(*label, text));
        }
        self.out.push('\n');
    }

    /// An empty line, unless nothing stands above it.
    pub(super) fn blank(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    /// A text that is wrapped at words behind a labelled word: `help: …`. What follows is indented by two more.
    pub(super) fn prose(&mut self, indent: usize, head: (Label, &str), label: Label, text: &str) {
        let room = self.width().saturating_sub(indent + 2);
        let first = room.saturating_sub(head.1.width()) + 2;
        let mut lines = wrap(text, first, room).into_iter();
        let opening = Line::new(indent).add(head.0, head.1);
        self.line(&opening.add(label, lines.next().unwrap_or_default()));
        for line in lines {
            self.line(&Line::new(indent + 2).add(label, line));
        }
    }

    /// A text that is wrapped at words behind labelled pieces, and below them.
    pub(super) fn hanging(&mut self, head: &[(Label, &str)], text: &str) {
        let opening = head.iter().fold(Line::new(0), |line, (label, piece)| line.add(*label, *piece));
        let indent = opening.width().min(self.width() / 2);
        let room = self.width().saturating_sub(indent);
        let mut lines = wrap(text, self.width().saturating_sub(opening.width()), room).into_iter();
        self.line(&opening.add(Label::Plain, lines.next().unwrap_or_default()));
        for line in lines {
            self.line(&Line::new(indent).add(Label::Plain, line));
        }
    }

    /// A line and its place in the files, from a column on; on a line of its own where there is no room.
    pub(super) fn line_at(&mut self, line: Line, column: usize, place: &Place) {
        self.line_with_end(line, column, Line::new(0).add(Label::Place, place.to_string()), "at ");
    }

    /// A line and a remark, from a column on; on a line of its own where there is no room.
    pub(super) fn line_and(&mut self, line: Line, column: usize, remark: String) {
        self.line_with_end(line, column, Line::new(0).add(Label::Dim, remark), "");
    }

    fn line_with_end(&mut self, line: Line, column: usize, end: Line, lead: &str) {
        let width = line.width().max(column) + 2 + end.width();
        if width <= self.width() {
            self.line(&line.pad(column).add(Label::Plain, "  ").append(end));
        } else if line.width() + 2 + end.width() <= self.width() {
            self.line(&line.add(Label::Plain, "  ").append(end));
        } else {
            let below = Line::new(line.indent + 2).add(Label::Dim, lead).append(end);
            self.line(&line);
            self.line(&below);
        }
    }

    pub(super) fn finish(self) -> String {
        self.out
    }
}

/// Breaks a text at its line feeds and between words. A word that is too long stays whole: it is a path or an
/// address more often than not.
pub(super) fn wrap(text: &str, first: usize, rest: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        for word in paragraph.split(' ').filter(|word| !word.is_empty()) {
            let room = if lines.is_empty() { first } else { rest };
            if !line.is_empty() && line.width() + 1 + word.width() > room {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

/// The longest beginning of a text that is not wider than this.
pub(super) fn cut(text: &str, width: usize) -> &str {
    let mut used = 0;
    for (index, character) in text.char_indices() {
        used += character.width().unwrap_or(0);
        if used > width {
            return text.get(..index).unwrap_or_default();
        }
    }
    text
}

/// A text that is cut with an ellipsis where it is too wide.
pub(super) fn truncate(text: &str, width: usize, ellipsis: &str) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    format!("{}{ellipsis}", cut(text, width.saturating_sub(ellipsis.width())).trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_wrap_and_paths_stay_whole() {
        assert_eq!(wrap("one two three", 7, 5), ["one two", "three"]);
        assert_eq!(wrap("a\n\nb\n", 9, 9), ["a", "", "b"]);
        assert_eq!(wrap("environment/order-desk/production", 5, 5), ["environment/order-desk/production"]);
    }

    #[test]
    fn widths_are_those_of_a_terminal() {
        assert_eq!(cut("日本語", 5), "日本");
        assert_eq!(truncate("日本語です", 7, "…"), "日本語…");
        assert_eq!(truncate("short", 5, "…"), "short");
    }
}
