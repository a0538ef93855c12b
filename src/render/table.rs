//! Tables: columns as wide as what is in them, and fewer of them where there is no room.

use unicode_width::UnicodeWidthStr;

use super::layout::{Line, Page, truncate};
use super::style::Label;

/// What stands between two columns.
const GAP: usize = 2;

/// The first column is never narrower than this, if it has so much to say.
const NARROWEST_NAME: usize = 16;

/// One cell.
pub(super) type Cell = (Label, String);

/// A column.
#[derive(Debug)]
struct Column {
    head: &'static str,
    cells: Vec<Cell>,
}

/// Rows under heads. The first column names the rows and is always shown.
#[derive(Debug, Default)]
pub(super) struct Table {
    names: Vec<Cell>,
    /// In the order of their importance: the last goes first.
    columns: Vec<Column>,
}

/// Rows that belong together, under a head of their own.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) head: &'static str,
    pub(super) rows: usize,
}

impl Table {
    /// A table whose rows have these names.
    pub(super) fn new(names: Vec<Cell>) -> Table {
        Table { names, columns: Vec::new() }
    }

    /// The table with one more column, less important than those before it; without it where it says nothing.
    #[must_use]
    pub(super) fn column(mut self, head: &'static str, cells: Vec<Option<Cell>>) -> Table {
        if cells.iter().any(Option::is_some) {
            let cells = cells.into_iter().map(|cell| cell.unwrap_or((Label::Dim, "-".to_owned()))).collect();
            self.columns.push(Column { head, cells });
        }
        self
    }

    /// Shows the rows, group after group; gives the heads of the columns that had no room.
    pub(super) fn show(mut self, page: &mut Page<'_>, groups: &[Group]) -> Vec<&'static str> {
        let mut left_out = Vec::new();
        let heads = groups.iter().filter(|group| group.rows > 0).map(|group| group.head.width());
        let name = self.names.iter().map(|(_, text)| text.width()).chain(heads).max().unwrap_or(0);
        let room = page.width();
        let shortest = name.min(NARROWEST_NAME);
        while !self.columns.is_empty() && shortest + self.columns_width() > room {
            left_out.extend(self.columns.pop().map(|column| column.head));
        }
        // A long name gives way to a column, up to a point.
        while self.columns.len() > 1 && name.min(room / 2) + self.columns_width() > room {
            left_out.extend(self.columns.pop().map(|column| column.head));
        }
        let name = name.min(room.saturating_sub(self.columns_width()).max(shortest));
        let mut first = 0;
        for group in groups.iter().filter(|group| group.rows > 0) {
            page.blank();
            let heads = self.columns.iter().map(|column| (Label::Heading, column.head.to_owned()));
            self.row(page, name, (Label::Heading, group.head.to_owned()), heads);
            for row in first..first + group.rows {
                let Some(head) = self.names.get(row) else { break };
                let cells = self.columns.iter().filter_map(|column| column.cells.get(row).cloned());
                self.row(page, name, head.clone(), cells);
            }
            first += group.rows;
        }
        left_out.reverse();
        left_out
    }

    fn row(&self, page: &mut Page<'_>, name: usize, head: Cell, cells: impl Iterator<Item = Cell>) {
        let (label, text) = head;
        let mut line = Line::new(0).add(label, truncate(&text, name, page.style().ellipsis()));
        let mut at = name + GAP;
        for (column, (label, text)) in self.columns.iter().zip(cells) {
            line = line.pad(at).add(label, text);
            at += column.width() + GAP;
        }
        page.line(&line);
    }

    fn columns_width(&self) -> usize {
        self.columns.iter().map(|column| GAP + column.width()).sum()
    }
}

impl Column {
    fn width(&self) -> usize {
        let cells = self.cells.iter().map(|(_, text)| text.width());
        cells.chain([self.head.width()]).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::style::Style;
    use super::*;

    fn shown(width: usize) -> (String, Vec<&'static str>) {
        let style = Style { width, ..Style::default() };
        let mut page = Page::new(&style);
        let text = |text: &str| (Label::Plain, text.to_owned());
        let table = Table::new(vec![text("日本/production"), text("order-desk-with-a-long-name/test")])
            .column("STATE", vec![Some(text("Ready")), None])
            .column("NEVER", vec![None, None])
            .column("URL", vec![Some(text("https://example.com")), Some(text("https://x.example"))]);
        let groups = [
            Group { head: "PRODUCTION", rows: 1 },
            Group { head: "NOBODY", rows: 0 },
            Group { head: "OTHERS", rows: 1 },
        ];
        let left_out = table.show(&mut page, &groups);
        (page.finish(), left_out)
    }

    #[test]
    fn columns_align_by_what_a_terminal_shows() {
        let (text, left_out) = shown(80);
        insta::assert_snapshot!(text, @r"
        PRODUCTION                        STATE  URL
        日本/production                   Ready  https://example.com

        OTHERS                            STATE  URL
        order-desk-with-a-long-name/test  -      https://x.example
        ");
        assert!(left_out.is_empty());
    }

    #[test]
    fn what_has_no_room_is_left_out_and_named() {
        let (text, left_out) = shown(40);
        insta::assert_snapshot!(text, @r"
        PRODUCTION                        STATE
        日本/production                   Ready

        OTHERS                            STATE
        order-desk-with-a-long-name/test  -
        ");
        assert_eq!(left_out, ["URL"]);
        assert!(text.lines().all(|line| line.width() <= 40), "{text}");
    }
}
