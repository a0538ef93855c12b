//! What the lines of a terminal show at a moment.

use std::time::Duration;

use super::Progress;
use crate::render::layout::truncate;
use crate::render::text;

/// The pictures of the spinner, and how long each is shown.
const FRAMES: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const ASCII_FRAMES: [&str; 4] = ["|", "/", "-", "\\"];
const FRAME: Duration = Duration::from_millis(100);

/// How many actions have a line: more would scroll, and what has scrolled cannot be redrawn.
const MOST_LINES: usize = 12;

impl Progress {
    /// The lines for now: one for each open action, the longest first, and the sum. None is wider than `width`.
    pub fn live_lines(&self, now: Duration, width: usize) -> Vec<String> {
        if self.is_over || self.total == 0 {
            return Vec::new();
        }
        let spinner = self.spinner(now);
        // A single one would take the line that says that it is left out.
        let most = if self.open.len() <= MOST_LINES + 1 { self.open.len() } else { MOST_LINES };
        let column =
            |part: fn(&super::Open) -> usize| self.open.iter().take(most).map(part).max().unwrap_or(0);
        let addresses = column(|open| unicode_width::UnicodeWidthStr::width(open.parts().1));
        let verbs = column(|open| open.parts().0.len());
        let mut lines: Vec<String> = Vec::with_capacity(most + 2);
        for open in self.open.iter().take(most) {
            let (verb, address) = open.parts();
            let lasts = text::duration(Duration::from_secs(now.saturating_sub(open.since).as_secs().max(1)));
            let gap = addresses.saturating_sub(unicode_width::UnicodeWidthStr::width(address));
            let phase = &open.phase;
            lines.push(format!("{spinner} {address}{:gap$}  {verb:verbs$}  {lasts:>6}  {phase}", ""));
        }
        if let Some(more) = self.open.len().checked_sub(most).filter(|more| *more > 0) {
            lines.push(format!("  {} and {more} more", self.ellipsis()));
        }
        lines.push(self.total_line(now));
        lines.iter().map(|line| truncate(line, width, self.ellipsis())).collect()
    }

    fn total_line(&self, now: Duration) -> String {
        let mut parts = vec![format!("{} of {} done", self.done, self.total)];
        let rest = [
            (self.failed, "failed"),
            (self.left, "not run"),
            (self.open.len(), "open"),
            (self.waiting(), "waiting"),
        ];
        parts.extend(
            rest.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")),
        );
        let stopping = if self.interrupted { ", stopping: nothing new is started" } else { "" };
        let elapsed = text::duration(Duration::from_secs(now.as_secs().max(1)));
        let separator = if self.unicode { " · " } else { "; " };
        format!("{}{separator}{elapsed}{stopping}", parts.join(", "))
    }

    fn spinner(&self, now: Duration) -> &'static str {
        let frames: &[&str] = if self.unicode { &FRAMES } else { &ASCII_FRAMES };
        let frame = now.as_millis() / FRAME.as_millis() % (frames.len() as u128);
        usize::try_from(frame).ok().and_then(|frame| frames.get(frame)).copied().unwrap_or("*")
    }

    const fn ellipsis(&self) -> &'static str {
        if self.unicode { "…" } else { "..." }
    }
}
