//! A comment that fits: what is put into it, what is cut, and how that is told.
//!
//! ```text
//! head                     always: what it comes to
//! section: title, items    an item is a line, and details that can be folded away
//! foot                     always: what it was made of, what was cut
//! ```
//!
//! Lines come first, the details of items after them, both in the order of their ranks; what finds no room is counted
//! and named. Every part has a greatest length, so that no report is too long, whatever it holds.

/// GitHub takes 65,536 characters in a comment, other hosts more; a pipeline may put a line of its own before them.
pub(super) const LIMIT: usize = 65_000;

/// How many characters the details of one item may have; a difference has at most a third of that.
const DETAILS: usize = 24_000;
/// How many characters the names of what was cut may have, for a section.
const NAMES: usize = 600;
/// How many characters head and foot may have, each.
const FRAME: usize = 6_000;

/// A report, before it is cut.
#[derive(Debug, Default)]
pub(super) struct Document {
    /// Where a pipeline finds its comment again.
    pub(super) marker: String,
    /// What it comes to.
    pub(super) head: Vec<String>,
    pub(super) sections: Vec<Section>,
    /// What it was made of.
    pub(super) foot: Vec<String>,
}

#[derive(Debug)]
pub(super) struct Section {
    pub(super) title: String,
    pub(super) items: Vec<Item>,
}

/// One thing to tell.
#[derive(Debug)]
pub(super) struct Item {
    /// What is cut last has the lowest.
    pub(super) rank: u8,
    /// A name for the list of what was cut, in code.
    pub(super) name: String,
    /// The line, in Markdown.
    pub(super) line: String,
    /// The same in HTML, where there are details.
    pub(super) summary: String,
    /// What can be folded away.
    pub(super) details: String,
    /// Whether the details are shown at first.
    pub(super) is_open: bool,
}

/// What of an item finds room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Room {
    None,
    Line,
    Details,
}

impl Document {
    /// Adds a section, unless it is empty.
    pub(super) fn section(&mut self, title: impl Into<String>, items: Vec<Item>) {
        if !items.is_empty() {
            self.sections.push(Section { title: title.into(), items });
        }
    }

    /// The comment.
    pub(super) fn finish(self) -> String {
        let Document { marker, head, sections, foot } = self;
        let (head, foot) = (frame(&head), frame(&foot));
        let fixed: usize = sections.iter().map(|section| length(&section.title) + NAMES + 200).sum();
        let spent = length(&marker) + length(&head) + length(&foot) + fixed + 400;
        let rooms = share(&sections, LIMIT.saturating_sub(spent));
        let mut out = format!("{marker}\n{head}");
        let mut rooms = rooms.into_iter();
        let (mut unfolded, mut unnamed) = (0, 0);
        for Section { title, items } in &sections {
            out.push_str(&format!("\n### {title}\n\n"));
            let mut missing = Vec::new();
            for item in items {
                match rooms.next().unwrap_or(Room::None) {
                    Room::Details => out.push_str(&item.whole()),
                    Room::Line => {
                        unfolded += usize::from(!item.details.is_empty());
                        out.push_str(&item.alone());
                    }
                    Room::None => missing.push(item.name.as_str()),
                }
            }
            unnamed += missing.len();
            out.push_str(&left_out(&missing));
        }
        if unfolded + unnamed > 0 {
            let told = format!(
                "\nToo long for one comment: the details of {unfolded} and the lines of {unnamed} are left out here. The JSON of this report has them all.\n"
            );
            out.push_str(&told);
        }
        out.push_str(&foot);
        out
    }
}

impl Item {
    /// An item that has nothing to fold away.
    pub(super) fn line(rank: u8, name: String, line: String) -> Item {
        Item { rank, name, line, summary: String::new(), details: String::new(), is_open: false }
    }

    fn alone(&self) -> String {
        format!("- {}\n", self.line)
    }

    fn whole(&self) -> String {
        if self.details.is_empty() {
            return self.alone();
        }
        let open = if self.is_open { " open" } else { "" };
        let (summary, details) = (&self.summary, self.details.trim_end());
        // HTML ends at a blank line, and nowhere else.
        format!("<details{open}><summary>{summary}</summary>\n\n{details}\n\n</details>\n\n")
    }

    fn fits(&self) -> bool {
        length(&self.details) <= DETAILS
    }
}

/// Gives room to lines, and then to details, by rank.
fn share(sections: &[Section], room: usize) -> Vec<Room> {
    let items: Vec<&Item> = sections.iter().flat_map(|section| &section.items).collect();
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by_key(|index| items.get(*index).map(|item| item.rank));
    let mut rooms = vec![Room::None; items.len()];
    let mut left = room;
    for (wanted, cost) in [
        (Room::Line, (|item: &Item| length(&item.alone())) as fn(&Item) -> usize),
        (Room::Details, |item: &Item| length(&item.whole()).saturating_sub(length(&item.alone()))),
    ] {
        for index in &order {
            let (Some(item), Some(room)) = (items.get(*index), rooms.get_mut(*index)) else { continue };
            if wanted == Room::Details && (*room == Room::None || !item.fits()) {
                continue;
            }
            match left.checked_sub(cost(item)) {
                Some(rest) => (left, *room) = (rest, wanted),
                // What is ranked lower does not take the room of what found none.
                None => break,
            }
        }
    }
    rooms
}

/// Counts what found no room, and names as much of it as a line can hold.
fn left_out(missing: &[&str]) -> String {
    if missing.is_empty() {
        return String::new();
    }
    let (mut names, mut named) = (String::new(), 0);
    for name in missing {
        if length(&names) + length(name) + 2 > NAMES {
            break;
        }
        names.push_str(if named == 0 { " " } else { ", " });
        names.push_str(name);
        named += 1;
    }
    let rest = match missing.len() - named {
        0 => String::new(),
        rest if named == 0 => format!(" {rest} without their names"),
        rest => format!(", and {rest} without their names"),
    };
    format!("- … and {} more:{names}{rest}\n", missing.len())
}

/// Head and foot are made of sentences with a greatest length; this is for what nobody thought of.
fn frame(lines: &[String]) -> String {
    let mut out = String::new();
    for line in lines {
        if length(&out) + length(line) + 2 <= FRAME {
            out.push_str(&format!("\n{line}\n"));
        }
    }
    out
}

fn length(text: &str) -> usize {
    text.chars().count()
}
