//! The fields of one resource: aligned, each with its place; long texts as a difference of their own.

use super::long;
use crate::diff::Class;
use crate::render::layout::{Line, Page};
use crate::render::style::{Label, Style};
use crate::render::view::{ChangeView, Wanted};

/// How far fields are indented.
pub(super) const INDENT: usize = 4;
/// A path that is longer than this does not push the values of all others to the right.
const PATH_COLUMN: usize = 44;

/// From which side a difference is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// What a plan does: `2 → 3`.
    AsPlan,
    /// What the live side has: `live 2, declared 3`.
    AsDrift,
}

impl Told {
    /// The words in front of the live and of the wanted value, where each has lines of its own.
    pub(super) const fn sides(self) -> [&'static str; 2] {
        match self {
            Told::AsPlan => ["- ", "+ "],
            Told::AsDrift => ["live     ", "declared "],
        }
    }
}

/// Shows fields that differ, one a line.
pub(super) fn differences(page: &mut Page<'_>, changes: &[ChangeView], told: Told) {
    let rows: Vec<Row<'_>> = rows(page, changes, told);
    let ends = rows.iter().filter(|row| row.fits(page.width())).map(|row| row.line.width());
    let column = ends.max().unwrap_or(0);
    let mut item = None;
    for Row { change, line, below } in rows {
        // Fields of one item of a list within a list stand below it.
        let holder = change.inner.as_ref().map(|(item, _)| item);
        if let Some(holder) = holder.filter(|holder| item != Some(*holder)) {
            page.line(&Line::new(INDENT).add(Label::Path, holder.to_string()));
        }
        item = holder;
        match &change.place {
            Some(place) => page.line_at(line, column, place),
            None => page.line(&line),
        }
        match below {
            Below::Nothing => {}
            Below::Pair => on_two_lines(page, change, told),
            Below::Difference(before, after) => long::difference(page, INDENT + 2, &before, &after, told),
        }
    }
}

/// One field, measured.
struct Row<'v> {
    change: &'v ChangeView,
    line: Line,
    below: Below,
}

/// What stands below the line of a field.
enum Below {
    Nothing,
    /// Both values, for which the line has no room.
    Pair,
    /// The lines of two long texts.
    Difference(Vec<String>, Vec<String>),
}

impl Row<'_> {
    fn fits(&self, width: usize) -> bool {
        let place = self.change.place.as_ref().map(|place| Line::new(0).add(Label::Place, place.to_string()));
        self.line.width() + 2 + place.as_ref().map_or(0, Line::width) <= width
    }
}

fn rows<'v>(page: &Page<'_>, changes: &'v [ChangeView], told: Told) -> Vec<Row<'v>> {
    let style = page.style();
    let label = |change: &ChangeView| match &change.inner {
        Some((_, field)) => Line::new(INDENT + 2).add(Label::Path, format!("{field}: ")),
        None => Line::new(INDENT).add(Label::Path, format!("{}: ", change.path)),
    };
    let is_mixed = changes.iter().any(|change| change.class != Some(Class::Drift));
    let pair = |change: &ChangeView| match mark(change, told, is_mixed) {
        Some(mark) => pair(change, told, style).add(Label::Plain, " ").append(mark),
        None => pair(change, told, style),
    };
    let marked = |change: &ChangeView| match mark(change, told, is_mixed) {
        Some(mark) => label(change).append(mark),
        None => label(change),
    };
    let fits = |change: &ChangeView| {
        let width = label(change).width() + pair(change).width();
        long_texts(change).is_none() && width <= page.width()
    };
    let widths = changes.iter().filter(|change| fits(change)).map(|change| label(change).width());
    let column = widths.filter(|width| *width <= INDENT + PATH_COLUMN).max().unwrap_or(0);
    let row = |change: &'v ChangeView| {
        if let Some((before, after)) = long_texts(change) {
            return Row { change, line: marked(change), below: Below::Difference(before, after) };
        }
        if !fits(change) {
            return Row { change, line: marked(change), below: Below::Pair };
        }
        let pair = pair(change);
        let aligned = label(change).pad(column).append(pair.clone());
        let line = if aligned.width() <= page.width() { aligned } else { label(change).append(pair) };
        Row { change, line, below: Below::Nothing }
    };
    changes.iter().map(row).collect()
}

/// Whose a difference is, where that is not plain from where it stands.
fn mark(change: &ChangeView, told: Told, is_mixed: bool) -> Option<Line> {
    let (label, text) = match (change.class?, told) {
        (Class::Conflict, _) => (Label::Danger, "[conflict]"),
        (Class::Adopt, Told::AsPlan) => (Label::Tag, "[was unmanaged]"),
        (Class::Drift, Told::AsPlan) if is_mixed => (Label::Tag, "[drift]"),
        (Class::Change | Class::Adopt | Class::Drift, _) => return None,
    };
    Some(Line::new(0).add(label, text))
}

/// The lines of both texts, where at least one is too long to stand beside the other.
fn long_texts(change: &ChangeView) -> Option<(Vec<String>, Vec<String>)> {
    let (Some(before), Wanted::Value(after)) = (&change.before, &change.wanted) else { return None };
    let is_long = before.long_lines().is_some() || after.long_lines().is_some();
    if is_long { Some((before.lines()?, after.lines()?)) } else { None }
}

/// Both values in one line.
fn pair(change: &ChangeView, told: Told, style: &Style) -> Line {
    let (before, after) = (live_piece(change, style), wanted_piece(change, style));
    match told {
        Told::AsPlan => Line::new(0)
            .add(before.0, before.1)
            .add(Label::Dim, format!(" {} ", style.arrow()))
            .add(after.0, after.1),
        Told::AsDrift => Line::new(0)
            .add(Label::Dim, "live ")
            .add(before.0, before.1)
            .add(Label::Dim, ", declared ")
            .add(after.0, after.1),
    }
}

fn on_two_lines(page: &mut Page<'_>, change: &ChangeView, told: Told) {
    let style = page.style();
    let (before, after) = (live_piece(change, style), wanted_piece(change, style));
    let [live, wanted] = told.sides();
    page.line(&Line::new(INDENT + 2).add(Label::Before, live).add(before.0, before.1));
    page.line(&Line::new(INDENT + 2).add(Label::After, wanted).add(after.0, after.1));
}

pub(in crate::render) fn live_piece(change: &ChangeView, style: &Style) -> (Label, String) {
    match (&change.before, change.is_live) {
        (Some(value), _) => (Label::Before, value.brief(style.ellipsis())),
        (None, true) => (Label::Secret, "(secret)".to_owned()),
        (None, false) => (Label::Dim, "(not set)".to_owned()),
    }
}

pub(in crate::render) fn wanted_piece(change: &ChangeView, style: &Style) -> (Label, String) {
    match &change.wanted {
        Wanted::Value(value) => (Label::After, value.brief(style.ellipsis())),
        Wanted::Hidden { reference: None, .. } => (Label::Secret, "(secret)".to_owned()),
        Wanted::Hidden { reference: Some(reference), is_set: true } => {
            (Label::Secret, format!("(secret, {reference})"))
        }
        Wanted::Hidden { reference: Some(reference), is_set: false } => {
            (Label::Danger, format!("(secret, {reference}, not set)"))
        }
        Wanted::Unset { reference } => (Label::Danger, format!("({reference}, not set)")),
        Wanted::Later { address } => (Label::Dim, format!("(known after {address})")),
        Wanted::Cleared => (Label::Dim, "(cleared)".to_owned()),
        Wanted::Removed => (Label::Before, "(removed)".to_owned()),
    }
}
