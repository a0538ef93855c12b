//! The difference between two long texts: by lines where they have several, by the part that differs where they
//! have one.

use similar::{Algorithm, ChangeTag, TextDiff};
use unicode_width::UnicodeWidthStr;

use super::changes::Told;
use crate::render::layout::{Line, Page};
use crate::render::plural::MORE_LINE;
use crate::render::style::Label;
use crate::render::window;

/// How many unchanged lines stand around changed ones.
const CONTEXT: usize = 1;
/// How many lines of a difference are shown; JSON has both texts whole.
const MOST_LINES: usize = 40;

/// Shows what differs between two texts, given in lines.
pub(super) fn difference(
    page: &mut Page<'_>,
    indent: usize,
    before: &[String],
    after: &[String],
    told: Told,
) {
    match (before, after) {
        ([before], [after]) => one_line(page, indent, before, after, told),
        _ => several_lines(page, indent, before, after, told),
    }
}

fn one_line(page: &mut Page<'_>, indent: usize, before: &str, after: &str, told: Told) {
    let room = page.width().saturating_sub(indent + told.sides()[0].width());
    let (before, after) = window::pair(before, after, room, page.style().ellipsis());
    let diff = TextDiff::configure().algorithm(Algorithm::Myers).diff_words(before.as_str(), after.as_str());
    let (mut gone, mut come) = (Vec::new(), Vec::new());
    for change in diff.iter_all_changes() {
        match change.tag() {
            ChangeTag::Equal => {
                gone.push((Label::Before, change.value()));
                come.push((Label::After, change.value()));
            }
            ChangeTag::Delete => gone.push((Label::Removed, change.value())),
            ChangeTag::Insert => come.push((Label::Added, change.value())),
        }
    }
    let [live, wanted] = told.sides();
    for (side, label, pieces) in [(live, Label::Before, gone), (wanted, Label::After, come)] {
        let line = Line::new(indent).add(label, side);
        page.line(&pieces.into_iter().fold(line, |line, (label, text)| line.add(label, text)));
    }
}

fn several_lines(page: &mut Page<'_>, indent: usize, before: &[String], after: &[String], told: Told) {
    let [live, wanted] = told.sides();
    let blank = " ".repeat(live.width());
    let room = page.width().saturating_sub(indent + live.width());
    let ellipsis = page.style().ellipsis();
    let (old, new): (Vec<&str>, Vec<&str>) =
        (before.iter().map(String::as_str).collect(), after.iter().map(String::as_str).collect());
    let diff = TextDiff::from_slices(&old, &new);
    let mut lines = Vec::new();
    for (index, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if index > 0 {
            lines.push((Label::Dim, blank.as_str(), ellipsis.to_owned()));
        }
        let inner = group.iter().flat_map(|op| diff.iter_changes(op));
        let mut inner: Vec<_> = inner.map(|change| (change.tag(), change.value().to_owned())).collect();
        window::fit(&mut inner, room, ellipsis);
        lines.extend(inner.into_iter().map(|(tag, text)| match tag {
            ChangeTag::Equal => (Label::Dim, blank.as_str(), text),
            ChangeTag::Delete => (Label::Before, live, text),
            ChangeTag::Insert => (Label::After, wanted, text),
        }));
    }
    for (label, side, text) in lines.iter().take(MOST_LINES) {
        page.line(&Line::new(indent).add(*label, *side).add(*label, text.as_str()));
    }
    if let Some(more) = lines.len().checked_sub(MOST_LINES).filter(|more| *more > 0) {
        page.line(&Line::new(indent).add(Label::Dim, format!("{ellipsis} and {}", MORE_LINE.count(more))));
    }
}
