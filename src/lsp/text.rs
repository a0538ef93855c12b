//! Offsets of a text as places that editors know: lines, and units of UTF-16 in them.

use std::ops::Range;

use tower_lsp_server::ls_types::{Position, Range as Area};

/// The place of an offset.
pub(super) fn position(text: &str, offset: usize) -> Position {
    let before = text.get(..offset.min(text.len())).unwrap_or(text);
    let line = before.matches('\n').count();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let column = before.get(start..).map_or(0, |line| line.encode_utf16().count());
    Position::new(number(line), number(column))
}

/// The area of a range.
pub(super) fn area(text: &str, range: &Range<usize>) -> Area {
    Area::new(position(text, range.start), position(text, range.end))
}

/// The offset of a place; the end of the line, where the line is shorter.
pub(super) fn offset(text: &str, position: Position) -> usize {
    let mut start = 0;
    for _ in 0..position.line {
        match text.get(start..).and_then(|rest| rest.find('\n')) {
            Some(at) => start += at + 1,
            None => return text.len(),
        }
    }
    let line = text.get(start..).unwrap_or_default();
    let mut units = 0;
    for (at, character) in line.char_indices() {
        if units >= position.character as usize || character == '\n' || character == '\r' {
            return start + at;
        }
        units += character.len_utf16();
    }
    text.len()
}

fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_and_places_are_each_other() {
        let text = "a: ü😀x\r\nb: 2\n";
        for (offset_of, _) in text.char_indices() {
            // Between `\r` and `\n` is no place.
            if !text[offset_of..].starts_with('\n') || !text[..offset_of].ends_with('\r') {
                assert_eq!(offset(text, position(text, offset_of)), offset_of);
            }
        }
        assert_eq!(position(text, text.find('x').unwrap()), Position::new(0, 6));
        assert_eq!(offset(text, Position::new(0, 99)), text.find('\r').unwrap());
        assert_eq!(offset(text, Position::new(9, 0)), text.len());
    }
}
