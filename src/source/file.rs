//! The text of one file: places in it, and what of it may be shown.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::model::{Origin, is_hidden, sanitise};

/// A range of bytes in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    /// The first byte.
    pub(super) start: usize,
    /// The byte just behind the last one.
    pub(super) end: usize,
}

impl Span {
    pub(super) const fn new(start: usize, end: usize) -> Span {
        Span { start, end }
    }

    pub(super) const fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// From the start of this one to the end of the other one.
    pub(super) fn to(self, other: Span) -> Span {
        Span::new(self.start, self.end.max(other.end))
    }
}

/// One file of the estate, as excerpts show it: literals in secret fields are masked.
pub struct SourceFile {
    name: Arc<str>,
    text: String,
    /// Where each line starts.
    lines: Vec<usize>,
    /// How many characters stand before each step of [`STEP`] bytes.
    characters: Vec<usize>,
    /// What is masked, ordered and without overlaps.
    masks: Vec<Span>,
}

/// Columns are counted from the nearest step, so that a very long line costs no more than a short one.
const STEP: usize = 64;

/// How much of a long line an excerpt shows before and behind the place that it is about.
const EXCERPT: usize = 160;

const BYTE_ORDER_MARK: &str = "\u{feff}";

impl SourceFile {
    pub(super) fn new(name: Arc<str>, text: String) -> SourceFile {
        let first = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        let mut lines = vec![first];
        let mut characters = vec![0];
        let mut count = 0;
        let mut bytes = text.bytes().enumerate().peekable();
        while let Some((offset, byte)) = bytes.next() {
            // Every byte that continues no character starts one.
            count += usize::from(byte & 0xC0 != 0x80);
            if (offset + 1) % STEP == 0 {
                characters.push(count);
            }
            let before_line_feed = matches!(bytes.peek(), Some((_, b'\n')));
            if byte == b'\n' || (byte == b'\r' && !before_line_feed) {
                lines.push(offset + 1);
            }
        }
        SourceFile { name, text, lines, characters, masks: Vec::new() }
    }

    /// The file, relative to the estate directory.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text, the byte order mark included.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn slice(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    /// The first byte behind a byte order mark.
    pub(super) fn first_byte(&self) -> usize {
        self.lines.first().copied().unwrap_or_default()
    }

    pub(super) fn origin(&self, span: Span) -> Origin {
        let end = span.end.min(self.text.len()).max(span.start.min(self.text.len()));
        let start = span.start.min(end);
        let (line, column) = self.position(start);
        let (end_line, end_column) = self.position(end);
        Origin { file: self.name.clone(), line, column, end_line, end_column, start, end }
    }

    /// Line and column, from 1, the column in characters.
    fn position(&self, offset: usize) -> (usize, usize) {
        let line = self.line_of(offset);
        let start = self.lines.get(line).copied().unwrap_or_default();
        (line + 1, self.characters_before(offset).saturating_sub(self.characters_before(start)) + 1)
    }

    /// The line, from 0, that holds a byte.
    fn line_of(&self, offset: usize) -> usize {
        self.lines.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    fn characters_before(&self, offset: usize) -> usize {
        let step = offset / STEP;
        let known = self.characters.get(step).copied().unwrap_or_default();
        let rest = self.text.as_bytes().get(step * STEP..offset).unwrap_or_default();
        known + rest.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
    }

    /// Remembers what must not be shown. [`SourceFile::conceal`] takes it out of the text.
    pub(super) fn set_masks(&mut self, mut masks: Vec<Span>) {
        masks.retain(|mask| !mask.is_empty());
        masks.sort_unstable();
        let mut merged: Vec<Span> = Vec::with_capacity(masks.len());
        for mask in masks {
            match merged.last_mut() {
                Some(last) if mask.start <= last.end => last.end = last.end.max(mask.end),
                _ => merged.push(mask),
            }
        }
        self.masks = merged;
    }

    /// Whether any part of the span must not be shown.
    pub(super) fn is_masked(&self, span: Span) -> bool {
        let next = self.masks.partition_point(|mask| mask.end <= span.start);
        self.masks.get(next).is_some_and(|mask| mask.start < span.end)
    }

    /// Replaces what must not be shown by stars, and what a terminal would act on by marks. Bytes and characters stay
    /// where they are; line ends and indentation stay.
    pub(super) fn conceal(&mut self) {
        if self.text.contains(|character| character == '\r' || is_acted_on(character)) {
            self.text = marked(&self.text);
        }
        if self.masks.is_empty() {
            return;
        }
        let mut concealed = String::with_capacity(self.text.len());
        let mut shown = 0;
        for mask in &self.masks {
            concealed.push_str(self.text.get(shown..mask.start).unwrap_or_default());
            let mut at_line_start = false;
            for character in self.slice(*mask).chars() {
                let break_ = matches!(character, '\n' | '\r');
                let blank = at_line_start && matches!(character, ' ' | '\t');
                concealed.push(if break_ || blank { character } else { star(character) });
                at_line_start = break_ || blank;
            }
            shown = mask.end;
        }
        concealed.push_str(self.text.get(shown..).unwrap_or_default());
        self.text = concealed;
    }

    /// The bytes of the lines around a span, at most [`EXCERPT`] bytes of a line before and behind it.
    fn excerpt(&self, span: Range<usize>, before: usize, after: usize) -> Range<usize> {
        let first = self.line_of(span.start).saturating_sub(before);
        let last = self.line_of(span.end) + after;
        let start = self.lines.get(first).copied().unwrap_or_default();
        let end = self.lines.get(last + 1).copied().unwrap_or(self.text.len());
        if end - start <= 8 * EXCERPT + span.len() {
            return start..end.max(start);
        }
        let own_start = self.lines.get(self.line_of(span.start)).copied().unwrap_or_default();
        let own_end = self.lines.get(self.line_of(span.end) + 1).copied().unwrap_or(self.text.len());
        let start = self.boundary(own_start.max(span.start.saturating_sub(EXCERPT)));
        let end = self.boundary(own_end.min(span.end + EXCERPT));
        start..end.max(start)
    }

    fn boundary(&self, mut offset: usize) -> usize {
        while offset > 0 && !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }
}

/// A mask that takes as many bytes as the character, so that all offsets and columns stay right.
const fn star(character: char) -> char {
    match character.len_utf8() {
        1 => '*',
        2 => '·',
        3 => '•',
        _ => '🔒',
    }
}

/// A text with marks for what a terminal would act on instead of showing it.
fn marked(text: &str) -> String {
    let (first, text) = text.strip_prefix(BYTE_ORDER_MARK).map_or(("", text), |rest| (BYTE_ORDER_MARK, rest));
    let next = text.chars().skip(1).map(Some).chain([None]);
    let marked = text.chars().zip(next).map(|(character, next)| match character {
        // Alone it leads back to the start of the line, to write over it.
        '\r' if next != Some('\n') => mark(character),
        acted_on if is_acted_on(acted_on) => mark(acted_on),
        shown => shown,
    });
    first.chars().chain(marked).collect()
}

const fn is_acted_on(character: char) -> bool {
    is_hidden(character) && !matches!(character, '\n' | '\r' | '\t')
}

/// What an excerpt shows for a character that would hide or move what stands around it, in as many bytes.
const fn mark(character: char) -> char {
    match character.len_utf8() {
        1 => '?',
        2 => '¿',
        3 => '\u{fffd}',
        _ => '🚫',
    }
}

impl SourceCode for SourceFile {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        context_lines_before: usize,
        context_lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (start, end) = (span.offset(), span.offset() + span.len());
        if end > self.text.len() {
            return Err(MietteError::OutOfBounds);
        }
        // Without context only the place itself is wanted, for the line and column in the heading.
        let range = if context_lines_before == 0 && context_lines_after == 0 {
            start..end
        } else {
            self.excerpt(start..end, context_lines_before, context_lines_after)
        };
        let data = self.text.as_bytes().get(range.clone()).ok_or(MietteError::OutOfBounds)?;
        let (line, column) = self.position(range.start);
        let count = self.line_of(range.end.saturating_sub(1).max(range.start)) + 2 - line;
        Ok(Box::new(MietteSpanContents::new_named(
            sanitise(&self.name).replace('\n', " "),
            data,
            SourceSpan::new(range.start.into(), range.len()),
            line - 1,
            column - 1,
            count,
        )))
    }
}

impl fmt::Debug for SourceFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourceFile").field("name", &self.name).finish_non_exhaustive()
    }
}
