//! A field that differs as the lines of a difference: `-` is live, `+` is wanted.

use similar::{ChangeTag, TextDiff};

use super::Style;
use super::text::{live_piece, wanted_piece};
use super::view::{ChangeView, Wanted};
use crate::diff::Class;

/// The lines; the first character tells what each of them is. Long texts are shown by what differs in them.
pub(super) fn lines(change: &ChangeView) -> Vec<String> {
    let path = change.path.to_string();
    let mark = match change.class {
        Some(Class::Conflict) => "  [conflict]",
        Some(Class::Adopt) => "  [was unmanaged]",
        Some(Class::Drift) => "  [drift]",
        Some(Class::Change) | None => "",
    };
    if let (Some(before), Wanted::Value(after)) = (&change.before, &change.wanted)
        && (before.long_lines().is_some() || after.long_lines().is_some())
        && let (Some(before), Some(after)) = (before.lines(), after.lines())
    {
        let (old, new): (Vec<&str>, Vec<&str>) =
            (before.iter().map(String::as_str).collect(), after.iter().map(String::as_str).collect());
        let diff = TextDiff::from_slices(&old, &new);
        let line = |change: similar::Change<&str>| match change.tag() {
            ChangeTag::Equal => format!("    {}", change.value()),
            ChangeTag::Delete => format!("-   {}", change.value()),
            ChangeTag::Insert => format!("+   {}", change.value()),
        };
        let groups = diff.grouped_ops(1);
        let inner = groups.iter().flatten().flat_map(|op| diff.iter_changes(op)).map(line);
        return std::iter::once(format!("  {path}:{mark}")).chain(inner).collect();
    }
    let style = Style::default();
    let old = || format!("- {path}: {}", live_piece(change, &style).1);
    let new = || format!("+ {path}: {}{mark}", wanted_piece(change, &style).1);
    match &change.wanted {
        Wanted::Removed | Wanted::Cleared => vec![format!("{}{mark}", old())],
        _ if change.is_live => vec![old(), new()],
        _ => vec![new()],
    }
}
