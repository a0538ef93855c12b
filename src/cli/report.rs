//! Errors and diagnostics on stderr.

use miette::{GraphicalReportHandler, GraphicalTheme, ThemeStyles};

use super::error::CliError;
use super::exit::ExitStatus;
use super::ui::Ui;
use crate::render::{Style, plural, sanitise};
use crate::source::{Diagnostic, Severity};

/// Reports why a command ended.
pub(super) fn error(ui: &Ui, error: &CliError) {
    let CliError { code, status, message, help, diagnostics: found, after_result: _ } = error;
    let style = ui.stderr_style();
    diagnostics(ui, found);
    let title = code.map_or_else(|| "error:".to_owned(), |code| format!("error[{code}]:"));
    // Names of files and resources stand in them, too.
    let mut text = format!("{} {}\n", label(&style, &title, anstyle::AnsiColor::Red), sanitise(message));
    for help in help {
        text.push_str(&format!("{} {}\n", label(&style, "help:", anstyle::AnsiColor::Cyan), sanitise(help)));
    }
    if *status == ExitStatus::Unexpected && help.is_empty() {
        text.push_str("this may be a fault of mxkeep; please report it\n");
    }
    ui.tell(&text);
}

/// How many diagnostics are shown to people. Scripts get all of them.
const MOST_SHOWN: usize = 1_000;

/// Shows diagnostics with their excerpts.
pub(super) fn diagnostics(ui: &Ui, diagnostics: &[Diagnostic]) {
    let style = ui.stderr_style();
    let handler = handler(&style);
    for diagnostic in diagnostics.iter().take(MOST_SHOWN) {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = handler.render_report(&mut text, diagnostic);
        text.push('\n');
        ui.tell(&text);
    }
    if let Some(more) = diagnostics.len().checked_sub(MOST_SHOWN).filter(|more| *more > 0) {
        ui.tell(&format!("{more} more are not shown; --format json has them all\n\n"));
    }
}

/// The counts of errors and warnings, for a last line; `no problems` when there is neither.
pub(super) fn counts(diagnostics: &[Diagnostic]) -> String {
    let count = |severity| diagnostics.iter().filter(|found| found.severity() == severity).count();
    let counted = [(plural::ERROR, Severity::Error), (plural::WARNING, Severity::Warning)]
        .map(|(noun, severity)| (noun, count(severity)));
    let told: Vec<_> =
        counted.iter().filter(|(_, count)| *count > 0).map(|(noun, count)| noun.count(*count)).collect();
    if told.is_empty() { "no problems".to_owned() } else { told.join(", ") }
}

fn handler(style: &Style) -> GraphicalReportHandler {
    let theme = GraphicalTheme {
        characters: if style.unicode {
            miette::ThemeCharacters::unicode()
        } else {
            miette::ThemeCharacters::ascii()
        },
        styles: if style.color { ThemeStyles::ansi() } else { ThemeStyles::none() },
    };
    // Ids, addresses and commands are there to be copied, so they are never broken up.
    GraphicalReportHandler::new_themed(theme)
        .with_width(style.width)
        .with_links(false)
        .with_break_words(false)
        .with_word_separator(textwrap::WordSeparator::AsciiSpace)
        .with_word_splitter(textwrap::WordSplitter::NoHyphenation)
}

fn label(style: &Style, text: &str, color: anstyle::AnsiColor) -> String {
    if !style.color {
        return text.to_owned();
    }
    let style = color.on_default().bold();
    format!("{style}{text}{style:#}")
}
