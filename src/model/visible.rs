//! What keeps a text from a file or a server from talking to the terminal.

/// Takes out of a text whatever a terminal would act on instead of showing it: escape sequences, control characters
/// (C0 except the line feed, and C1), bidirectional overrides, characters without any width. Tabs become a blank.
///
/// Idempotent. Well-formed sequences go as a whole, so that no `[31m` is left behind.
pub fn sanitise(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = sequence_length(rest).unwrap_or(first.len_utf8());
        match first {
            '\n' => out.push('\n'),
            '\t' | '\u{2028}' | '\u{2029}' => out.push(' '),
            hidden if is_hidden(hidden) => {}
            shown => out.push(shown),
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    out
}

/// Whether a terminal acts on a character, or shows nothing at all, so that two texts that differ look equal.
pub const fn is_hidden(character: char) -> bool {
    matches!(
        character,
        '\u{0}'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// The length in bytes of the escape sequence at the start of a text: CSI up to its final byte, strings (OSC, DCS
/// and their like) up to their end. A sequence without an end is none, lest it swallow the text behind it.
fn sequence_length(text: &str) -> Option<usize> {
    let (intro, body) = match text.strip_prefix('\u{1b}') {
        Some(rest) => (rest.chars().next()?, rest.get(1..)?),
        None => {
            let c1 = text.chars().next().filter(|first| matches!(first, '\u{90}'..='\u{9f}'))?;
            (char::from_u32(u32::from(c1) - 0x40)?, text.get(c1.len_utf8()..)?)
        }
    };
    let start = text.len() - body.len();
    let end = match intro {
        '[' => body.find(|c| matches!(c, '\u{40}'..='\u{7e}')).filter(|end| is_parameters(body, *end))? + 1,
        ']' | 'P' | 'X' | '^' | '_' => string_end(body)?,
        _ => return None,
    };
    Some(start + end)
}

fn is_parameters(body: &str, end: usize) -> bool {
    body.get(..end).is_some_and(|parameters| parameters.chars().all(|c| matches!(c, '\u{20}'..='\u{3f}')))
}

fn string_end(body: &str) -> Option<usize> {
    let ends = ["\u{7}", "\u{1b}\\", "\u{9c}"];
    let end = ends.iter().filter_map(|end| body.find(end).map(|at| at + end.len())).min()?;
    // A string over several lines is more likely a text with a stray escape character.
    body.get(..end).is_some_and(|body| !body.contains('\n')).then_some(end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sequences_go_whole_and_text_stays() {
        assert_eq!(sanitise("a\u{1b}[1;31mred\u{1b}[0m b"), "ared b");
        assert_eq!(sanitise("\u{1b}]8;;http://evil\u{1b}\\click\u{1b}]8;;\u{7}!"), "click!");
        assert_eq!(sanitise("\u{9b}31mC1\u{9d}0;title\u{9c}."), "C1.");
        assert_eq!(sanitise("over\rwritten\u{8}\tx\ny"), "overwritten x\ny");
        assert_eq!(sanitise("abc\u{202e}fed\u{2066}\u{200b}"), "abcfed");
        assert_eq!(sanitise("ordinary ✓ tëxt 日本"), "ordinary ✓ tëxt 日本");
    }

    #[test]
    fn a_sequence_without_an_end_swallows_nothing() {
        assert_eq!(sanitise("\u{1b}]0;the rest stays"), "]0;the rest stays");
        assert_eq!(sanitise("\u{1b}[ü stays"), "[ü stays");
        assert_eq!(sanitise("\u{1b}]0;one\ntwo\u{7}"), "]0;one\ntwo");
        assert_eq!(sanitise("\u{1b}"), "");
    }

    proptest! {
        #[test]
        fn nothing_hidden_is_left(text in "(\\PC|[\\x00-\\x1f\\x7f-\\x{9f}\\x{202a}-\\x{202e}\\[\\]m;])*") {
            let clean = sanitise(&text);
            prop_assert!(clean.chars().all(|c| c == '\n' || !is_hidden(c)));
            prop_assert_eq!(sanitise(&clean), clean);
        }
    }
}
