//! The progress of a run: on stderr, and as events for scripts; and the signals that interrupt it.

use std::convert::Infallible;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle as BarStyle};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::events::EventLog;
use super::signals::Signals;
use super::ui::{self, ProgressStyle, Ui};
use crate::apply::ApplyEvent;
use crate::render::progress::Progress;

/// Live lines count the seconds.
const LIVE_TICK: Duration = Duration::from_millis(200);

/// How often the heartbeat of plain progress is looked at.
const PLAIN_TICK: Duration = Duration::from_secs(1);

/// Shows events until the run is over.
pub(super) async fn show(ui: Ui, log: EventLog, events: mpsc::UnboundedReceiver<ApplyEvent>) {
    let mut heard = Heard { events, log, started: Instant::now() };
    match ui.progress_style() {
        ProgressStyle::Silent => while heard.next(&ui).await.is_some() {},
        ProgressStyle::Plain => show_plain(&ui, &mut heard).await,
        ProgressStyle::Live => show_live(&ui, &mut heard).await,
    }
}

/// The events of a run, written to where scripts read them before anything else is done with them.
struct Heard {
    events: mpsc::UnboundedReceiver<ApplyEvent>,
    log: EventLog,
    started: Instant,
}

impl Heard {
    /// The next event; none when the run is over. Nothing is lost when the wait for it is given up.
    async fn next(&mut self, ui: &Ui) -> Option<ApplyEvent> {
        let event = self.events.recv().await?;
        self.log.hear(ui, &event, self.started.elapsed());
        Some(event)
    }

    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

async fn show_plain(ui: &Ui, heard: &mut Heard) {
    let mut progress = Progress::new(ui.stderr_style().unicode, ui.is_verbose());
    let mut ticks = interval(PLAIN_TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        let lines = tokio::select! {
            event = heard.next(ui) => match event {
                Some(event) => progress.hear(&event, heard.elapsed()),
                None => return,
            },
            _ = ticks.tick() => progress.tick(heard.elapsed()).into_iter().collect(),
        };
        for line in lines {
            ui.status(&line);
        }
    }
}

async fn show_live(ui: &Ui, heard: &mut Heard) {
    let mut progress = Progress::new(ui.stderr_style().unicode, ui.is_verbose());
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    bar.set_style(BarStyle::with_template("{msg}").unwrap_or_else(|_| BarStyle::default_bar()));
    let mut ticks = interval(LIVE_TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            event = heard.next(ui) => match event {
                // What the plain lines would say of an end stays above the live ones.
                Some(event) => {
                    let lines = progress.hear(&event, heard.elapsed());
                    if matches!(event, ApplyEvent::ActionFinished { .. } | ApplyEvent::Interrupted { .. } | ApplyEvent::JournalLost { .. }) {
                        lines.iter().for_each(|line| bar.println(line));
                    }
                }
                None => break,
            },
            _ = ticks.tick() => {}
        }
        // A terminal may be made another size at any time.
        let (width, height) = (ui.stderr_style().width, ui::terminal_height());
        bar.set_message(progress.live_lines(heard.elapsed(), width, height).join("\n"));
        bar.tick();
    }
    bar.finish_and_clear();
}

/// Passes signals on as interrupts.
pub(super) async fn interrupts(signals: &mut Signals, interrupt: mpsc::UnboundedSender<()>) -> Infallible {
    loop {
        signals.next().await;
        // The run may be over already.
        let _ = interrupt.send(());
    }
}
