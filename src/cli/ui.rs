//! The terminal: stdout for results, stderr for everything else.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use supports_hyperlinks::Stream;

use super::args::{Global, ProgressKind, When};
use super::{env, links};
use crate::render::{Style, without_orders};

/// Widths beyond this are hard to read; narrower ones than this cannot hold an address.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=140;

/// The width where nothing tells it.
const DEFAULT_WIDTH: usize = 100;

/// What the user sees, and how.
#[derive(Debug, Clone)]
pub(super) struct Ui {
    color: When,
    quiet: bool,
    verbose: u8,
    progress: ProgressKind,
    /// The directory of the estate, for links to its files.
    estate: PathBuf,
}

/// How the progress of a run is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ProgressStyle {
    /// Not at all.
    Silent,
    /// One line per event.
    Plain,
    /// Lines that change in place.
    Live,
}

impl Ui {
    /// The user's wishes.
    pub(super) fn new(global: &Global, estate: &Path) -> Ui {
        let Global { color, quiet, verbose, progress, .. } = *global;
        Ui { color, quiet, verbose, progress, estate: estate.to_owned() }
    }

    /// How to render what goes to stdout.
    pub(super) fn stdout_style(&self) -> Style {
        self.style(io::stdout().is_terminal(), Stream::Stdout)
    }

    /// How to render what goes to stderr.
    pub(super) fn stderr_style(&self) -> Style {
        self.style(io::stderr().is_terminal(), Stream::Stderr)
    }

    /// How to render what goes to a file: no colours, a fixed width.
    pub(super) fn file_style(&self) -> Style {
        let (links, root) = (links::base(&self.estate), links::root(&self.estate));
        Style { width: DEFAULT_WIDTH, links, root, ..Style::default() }
    }

    /// Whether the terminal shows characters and nothing more.
    pub(super) fn is_dumb() -> bool {
        env::read(env::TERM.name).is_some_and(|term| term == "dumb")
    }

    fn style(&self, terminal: bool, stream: Stream) -> Style {
        let dumb = Ui::is_dumb();
        let color = match self.color {
            When::Always => true,
            When::Never => false,
            When::Auto => terminal && !dumb && env::read(env::NO_COLOR.name).is_none(),
        };
        let (links, root) = (links::base(&self.estate), links::root(&self.estate));
        let hyperlinks = color && terminal && !dumb && supports_hyperlinks::on(stream);
        let files = hyperlinks.then(|| links::files(&self.estate)).flatten();
        Style { color, width: width(terminal), unicode: !dumb, hyperlinks, files, links, root }
    }

    /// How to show the progress of a run.
    pub(super) fn progress_style(&self) -> ProgressStyle {
        let terminal = io::stderr().is_terminal();
        let dumb = Ui::is_dumb();
        match self.progress {
            _ if self.quiet => ProgressStyle::Silent,
            ProgressKind::Plain => ProgressStyle::Plain,
            ProgressKind::Live => ProgressStyle::Live,
            ProgressKind::Auto if terminal && !dumb && env::read(env::CI.name).is_none() => {
                ProgressStyle::Live
            }
            ProgressKind::Auto => ProgressStyle::Plain,
        }
    }

    /// Whether somebody is there to answer a question.
    pub(super) fn can_ask(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Asks a question that `y` and `yes` affirm; everything else, the end of input included, does not.
    ///
    /// # Errors
    ///
    /// When the terminal is gone.
    pub(super) fn ask(&self, question: &str) -> io::Result<bool> {
        let mut stderr = io::stderr().lock();
        write!(stderr, "{question} [y/N] ")?;
        stderr.flush()?;
        let mut answer = String::new();
        io::stdin().lock().read_line(&mut answer)?;
        Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
    }

    /// Writes a result. A reader that went away early is no error.
    ///
    /// # Errors
    ///
    /// When stdout cannot be written for another reason.
    pub(super) fn result(&self, text: &str) -> io::Result<()> {
        self.program(&without_orders(text))
    }

    /// Writes a result in which nobody's names and values stand, byte for byte.
    ///
    /// # Errors
    ///
    /// When stdout cannot be written for another reason.
    pub(super) fn program(&self, text: &str) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }

    /// Tells something that is not a result. Nothing can be done when stderr is gone.
    pub(super) fn tell(&self, text: &str) {
        let _ = io::stderr().lock().write_all(without_orders(text).as_bytes());
    }

    /// Tells how things go, unless the user wants to hear less.
    pub(super) fn status(&self, text: &str) {
        if !self.quiet {
            self.tell(&format!("{text}\n"));
        }
    }

    /// Whether the user wants to hear more.
    pub(super) const fn is_verbose(&self) -> bool {
        self.verbose > 0
    }

    /// Tells a detail, when the user wants to hear more.
    pub(super) fn detail(&self, text: &str) {
        if self.is_verbose() {
            self.tell(&format!("{text}\n"));
        }
    }
}

fn width(terminal: bool) -> usize {
    let told = if terminal { terminal_width() } else { None };
    let told = told.or_else(|| env::read(env::COLUMNS.name)?.parse().ok());
    told.unwrap_or(DEFAULT_WIDTH).clamp(*WIDTHS.start(), *WIDTHS.end())
}

/// How many lines the terminal has.
pub(super) fn terminal_height() -> usize {
    terminal_size::terminal_size().map_or(usize::MAX, |(_, height)| usize::from(height.0))
}

fn terminal_width() -> Option<usize> {
    terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))
}
