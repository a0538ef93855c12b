//! What is shown of long lines: two that belong together from where they differ.

use similar::ChangeTag;
use unicode_width::UnicodeWidthStr;

use super::layout::truncate;

/// How much of the common beginning of two long lines is shown in front of the part that differs.
const COMMON: usize = 16;

/// The parts of two long lines to show: without most of what they have in common at the start, cut to the width.
pub(super) fn pair(before: &str, after: &str, room: usize, ellipsis: &str) -> (String, String) {
    let cut = |text: &str| truncate(text, room, ellipsis);
    if before.width() <= room && after.width() <= room {
        return (before.to_owned(), after.to_owned());
    }
    let common = before.chars().zip(after.chars()).take_while(|(one, other)| one == other).count();
    let skipped = common.saturating_sub(COMMON);
    if skipped <= ellipsis.width() {
        return (cut(before), cut(after));
    }
    let tail = |text: &str| cut(&format!("{ellipsis}{}", text.chars().skip(skipped).collect::<String>()));
    (tail(before), tail(after))
}

/// Cuts the lines of a difference to the width. Where as many lines come as go, each is shown from where it differs from
/// the one whose place it takes; two that differ further behind would look the same otherwise.
pub(super) fn fit(lines: &mut [(ChangeTag, String)], room: usize, ellipsis: &str) {
    let mut rest = lines;
    while !rest.is_empty() {
        let run = |from: &[(ChangeTag, String)], tag: ChangeTag| {
            from.iter().take_while(|(other, _)| *other == tag).count()
        };
        let gone = run(rest, ChangeTag::Delete);
        let come = rest.get(gone..).map_or(0, |behind| run(behind, ChangeTag::Insert));
        let (now, behind) = rest.split_at_mut((gone + come).max(1));
        if gone == come {
            let (old, new) = now.split_at_mut(gone);
            for ((_, before), (_, after)) in old.iter_mut().zip(new) {
                (*before, *after) = pair(before, after, room, ellipsis);
            }
        }
        for (_, text) in now {
            *text = truncate(text, room, ellipsis);
        }
        rest = behind;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_belong_together_are_shown_from_where_they_differ() {
        use ChangeTag::{Delete, Equal, Insert};
        let long = |end: &str| format!("{}{end}", "a".repeat(90));
        let of = |lines: &[(ChangeTag, String)]| {
            let mut lines = lines.to_vec();
            fit(&mut lines, 30, "…");
            assert!(lines.iter().all(|(_, text)| text.width() <= 30), "{lines:?}");
            lines.into_iter().map(|(_, text)| text).collect::<Vec<_>>()
        };
        let lines = [
            (Equal, long("x")),
            (Delete, long("1")),
            (Delete, long("2")),
            (Insert, long("3")),
            (Insert, long("4")),
        ];
        let shown = of(&lines);
        assert_eq!(shown[0], format!("{}…", "a".repeat(29)));
        let ends: Vec<_> = shown[1..].iter().map(|text| text.chars().last().unwrap()).collect();
        assert_eq!(ends, ['1', '2', '3', '4']);
        // Which of two belongs to the one that comes, nothing tells.
        let shown = of(&[(Delete, long("1")), (Delete, long("2")), (Insert, long("3"))]);
        assert!(shown.iter().all(|text| text.ends_with("a…")), "{shown:?}");
        assert_eq!(of(&[(Insert, "b".to_owned())]), ["b"]);
    }
}
