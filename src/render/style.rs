//! Labels and what they look like: the only file that knows a colour.

use anstyle::{AnsiColor, Effects};

use super::links::encode;

/// How text is to look; given by the command line, which knows the terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Style {
    /// Whether escape sequences may be written. Without it there is not a single one.
    pub color: bool,
    /// How many columns there are.
    pub width: usize,
    /// Whether characters beyond ASCII may be used for arrows and the like.
    pub unicode: bool,
    /// Whether the terminal follows links; only with `color`.
    pub hyperlinks: bool,
    /// The address of the directory of the estate on this machine, with a slash at its end, for links in a terminal that
    /// follows them.
    pub files: Option<String>,
    /// Where the files of the estate can be read by whoever reads a report elsewhere: the file and `#L12` follow.
    pub links: Option<String>,
    /// The directory of the estate as the root of its repository sees it, with a slash at its end; empty for the root
    /// itself. Tools for checks name files from there.
    pub root: String,
}

impl Default for Style {
    fn default() -> Style {
        Style {
            color: false,
            width: 100,
            unicode: true,
            hyperlinks: false,
            files: None,
            links: None,
            root: String::new(),
        }
    }
}

/// What a piece of text is. Renderers name this, never a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    /// Nothing special.
    Plain,
    /// What comes into being, or ended well.
    Create,
    /// What changes.
    Update,
    /// What goes.
    Delete,
    /// What may not run.
    Blocked,
    /// The address of a resource.
    Address,
    /// The path of a field.
    Path,
    /// A value that is.
    Before,
    /// A value that is wanted.
    After,
    /// The part of a long value that goes.
    Removed,
    /// The part of a long value that comes.
    Added,
    /// What stands for a value that is not shown.
    Secret,
    /// A place in a file.
    Place,
    /// A remark at an address.
    Tag,
    /// A remark that must not be overlooked.
    Danger,
    /// The word in front of an error.
    Error,
    /// The word in front of a warning.
    Warning,
    /// The word in front of a note.
    Note,
    /// The word in front of a help text.
    Help,
    /// The first or last line.
    Heading,
    /// An address on the web, to be followed.
    Link,
    /// What matters less.
    Dim,
}

impl Label {
    const fn look(self) -> anstyle::Style {
        match self {
            Label::Plain | Label::Path => anstyle::Style::new(),
            Label::Create | Label::After => AnsiColor::Green.on_default(),
            Label::Update | Label::Tag | Label::Warning => AnsiColor::Yellow.on_default(),
            Label::Delete | Label::Before => AnsiColor::Red.on_default(),
            Label::Blocked | Label::Secret => AnsiColor::Magenta.on_default(),
            Label::Address | Label::Heading => anstyle::Style::new().effects(Effects::BOLD),
            Label::Removed => AnsiColor::Red.on_default().effects(Effects::BOLD.insert(Effects::UNDERLINE)),
            Label::Added => AnsiColor::Green.on_default().effects(Effects::BOLD.insert(Effects::UNDERLINE)),
            Label::Place | Label::Dim | Label::Link => anstyle::Style::new().effects(Effects::DIMMED),
            Label::Danger | Label::Error => AnsiColor::Red.on_default().effects(Effects::BOLD),
            Label::Note | Label::Help => AnsiColor::Cyan.on_default(),
        }
    }
}

impl Style {
    /// A text in the look of its label. The only place that writes an escape sequence.
    pub(super) fn paint(&self, label: Label, text: &str) -> String {
        let look = label.look();
        if !self.color || look.is_plain() || text.trim().is_empty() {
            return text.to_owned();
        }
        let painted = format!("{look}{text}{look:#}");
        if label == Label::Link && self.hyperlinks && text.starts_with("https://") {
            return format!("\u{1b}]8;;{text}\u{1b}\\{painted}\u{1b}]8;;\u{1b}\\");
        }
        if label == Label::Place
            && self.hyperlinks
            && let Some(file) =
                self.files.as_ref().zip(file_of(text)).map(|(base, file)| format!("{base}{}", encode(file)))
        {
            return format!("\u{1b}]8;;{file}\u{1b}\\{painted}\u{1b}]8;;\u{1b}\\");
        }
        painted
    }

    pub(super) const fn arrow(&self) -> &'static str {
        if self.unicode { "→" } else { "->" }
    }

    pub(super) const fn ellipsis(&self) -> &'static str {
        if self.unicode { "…" } else { "..." }
    }

    /// What stands between two parts of a line.
    pub(super) const fn separator(&self) -> &'static str {
        if self.unicode { " · " } else { "; " }
    }
}

/// The file of a place that is written as `envs/orders.yaml:12:5`.
fn file_of(place: &str) -> Option<&str> {
    let (file, _) = place.rsplit_once(':')?;
    let (file, line) = file.rsplit_once(':')?;
    line.bytes().all(|byte| byte.is_ascii_digit()).then_some(file).filter(|file| !file.is_empty())
}
