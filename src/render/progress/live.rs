//! What the lines of a terminal show at a moment.

use std::time::Duration;

use super::Progress;
use crate::render::layout::truncate;
use crate::render::words;

/// The pictures of the spinner, and how long each is shown.
const FRAMES: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const ASCII_FRAMES: [&str; 4] = ["|", "/", "-", "\\"];
const FRAME: Duration = Duration::from_millis(100);

/// How many actions have a line: more would scroll, and what has scrolled cannot be redrawn.
const MOST_LINES: usize = 12;

/// How many actions have to be done before they tell how long the others may take.
const ENOUGH: usize = 3;

impl Progress {
    /// The lines for now: one for each open action, the longest first, and the sum. None is wider than `width`, and there
    /// are fewer than `height`, as far as one line is.
    pub fn live_lines(&self, now: Duration, width: usize, height: usize) -> Vec<String> {
        if self.is_over || self.total == 0 {
            return Vec::new();
        }
        let spinner = self.spinner(now);
        // A single one would take the line that says that it is left out.
        // The sum, the line that counts the rest, and one for the cursor.
        let most_lines = MOST_LINES.min(height.saturating_sub(3));
        let fits = self.open.len() <= most_lines + 1 && most_lines > 0;
        let most = if fits { self.open.len() } else { most_lines };
        let column =
            |part: fn(&super::Open) -> usize| self.open.iter().take(most).map(part).max().unwrap_or(0);
        let addresses = column(|open| unicode_width::UnicodeWidthStr::width(open.parts().1));
        let verbs = column(|open| open.parts().0.len());
        let mut lines: Vec<String> = Vec::with_capacity(most + 2);
        for open in self.open.iter().take(most) {
            let (verb, address) = open.parts();
            let lasts = words::duration(Duration::from_secs(now.saturating_sub(open.since).as_secs().max(1)));
            let gap = addresses.saturating_sub(unicode_width::UnicodeWidthStr::width(address));
            let phase = &open.phase;
            lines.push(format!("{spinner} {address}{:gap$}  {verb:verbs$}  {lasts:>6}  {phase}", ""));
        }
        if let Some(more) = self.open.len().checked_sub(most).filter(|more| *more > 0 && height > 2) {
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
        let elapsed = words::duration(Duration::from_secs(now.as_secs().max(1)));
        let separator = if self.unicode { " · " } else { "; " };
        let left = self.left(now).map(|left| format!(", about {left} left")).unwrap_or_default();
        format!("{}{separator}{elapsed}{left}{stopping}", parts.join(", "))
    }

    /// How long the rest may take, by what the actions of this run took so far: as rough as that is, and nothing where it
    /// would be a guess. A run that stops starts nothing more.
    fn left(&self, now: Duration) -> Option<String> {
        let mean = self.took.checked_div(u32::try_from(self.done).ok()?)?;
        let longest = self.open.iter().map(|open| now.saturating_sub(open.since)).max().unwrap_or_default();
        // Something takes much longer than what was seen: it says nothing of the rest either.
        if self.done < ENOUGH || longest > mean.saturating_mul(2) || self.interrupted {
            return None;
        }
        let open = self.open.iter().map(|open| mean.saturating_sub(now.saturating_sub(open.since))).max();
        let rounds = self.waiting().div_ceil(self.most_open.max(1));
        let left = open.unwrap_or_default() + mean.saturating_mul(u32::try_from(rounds).ok()?);
        Some(match left.as_secs() {
            0..=10 => "10s".to_owned(),
            seconds @ 11..=90 => format!("{}s", seconds.div_ceil(10) * 10),
            seconds => words::duration(Duration::from_secs(seconds.div_ceil(60) * 60)).replace("m00s", "m"),
        })
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
