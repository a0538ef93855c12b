//! What a watch shows: in place on a terminal, one block after the other elsewhere.

use std::io::IsTerminal;

use super::args::OutputArgs;
use super::error::CliError;
use super::output;
use super::ui::Ui;
use crate::render::{Style, TableFormat, plural};

/// Where pictures follow each other.
pub(super) struct Screen {
    in_place: bool,
    /// What stands there.
    shown: String,
}

impl Screen {
    /// In place where people read text on a terminal that can do so.
    pub(super) fn new(ui: &Ui, format: TableFormat) -> Screen {
        let in_place = format == TableFormat::Text && std::io::stdout().is_terminal() && !Ui::is_dumb();
        let screen = Screen { in_place, shown: String::new() };
        if in_place {
            // Nothing can be done when stdout is gone; the first picture will tell.
            let _ = ui.result("\u{1b}[2J");
        }
        screen
    }

    /// Shows a picture, and writes the files of `--out` anew.
    ///
    /// # Errors
    ///
    /// When a file or stdout cannot be written.
    pub(super) fn show(
        &mut self,
        ui: &Ui,
        args: &OutputArgs<TableFormat>,
        title: &str,
        render: impl Fn(TableFormat, &Style) -> String,
    ) -> Result<(), CliError> {
        if !self.in_place {
            if args.format == TableFormat::Text {
                let render = |format: TableFormat, style: &Style| match format {
                    TableFormat::Text => format!("{title}\n{}\n", render(format, style)),
                    TableFormat::Json => render(format, style),
                };
                return output::write(ui, args, render);
            }
            return output::write(ui, args, render);
        }
        output::write_files(ui, args, &render)?;
        self.shown = format!("{title}\n{}", render(TableFormat::Text, &ui.stdout_style()));
        self.draw(ui, "")
    }

    /// Tells something besides the picture.
    pub(super) fn tell(&self, ui: &Ui, message: &str) {
        if self.in_place {
            // The next picture will tell whether stdout is gone.
            let _ = self.draw(ui, message);
        } else {
            ui.tell(&format!("{message}\n"));
        }
    }

    /// Draws over what stands there, line by line, so that nothing flickers.
    fn draw(&self, ui: &Ui, message: &str) -> Result<(), CliError> {
        let height = terminal_size::terminal_size().map(|(_, height)| usize::from(height.0));
        let lines: Vec<&str> = self.shown.lines().chain(message.lines()).collect();
        ui.result(&frame(&lines, height)).map_err(|error| CliError::output(&error))
    }
}

/// The lines from the upper left corner on, each cleared behind its end, and nothing below them. What does not fit is
/// cut, because a terminal that scrolls leaves its corner.
fn frame(lines: &[&str], height: Option<usize>) -> String {
    // The last line of the terminal stays free, or it would scroll.
    let most = height.map_or(usize::MAX, |height| height.saturating_sub(1).max(2));
    let cut = if lines.len() > most { most - 1 } else { lines.len() };
    let mut frame = "\u{1b}[H".to_owned();
    for line in lines.iter().take(cut) {
        frame.push_str(&format!("{line}\u{1b}[K\n"));
    }
    if cut < lines.len() {
        let more = plural::MORE_LINE.count(lines.len() - cut);
        frame.push_str(&format!("{more}: enlarge the terminal, or use --target\u{1b}[K\n"));
    }
    frame.push_str("\u{1b}[J");
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_fits_the_terminal_and_clears_what_stood_there() {
        let lines = ["one", "two", "three", "four"];
        assert_eq!(frame(&lines[..1], Some(24)), "\u{1b}[Hone\u{1b}[K\n\u{1b}[J");
        let cut = frame(&lines, Some(4));
        assert!(cut.contains("two") && !cut.contains("three") && cut.contains("2 more lines"), "{cut:?}");
        assert_eq!(cut.matches('\n').count(), 3);
        assert_eq!(frame(&lines, None).matches('\n').count(), 4);
        assert_eq!(frame(&lines, Some(1)).matches('\n').count(), 2);
    }
}
