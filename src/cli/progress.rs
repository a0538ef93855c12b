//! The progress of a run on stderr, and the signals that interrupt it.

use std::convert::Infallible;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle as BarStyle};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::exit::ExitStatus;
use super::signals::Signals;
use super::ui::{ProgressStyle, Ui};
use crate::apply::ApplyEvent;
use crate::render::progress::Progress;

/// Live lines count the seconds.
const LIVE_TICK: Duration = Duration::from_millis(200);

/// How often the heartbeat of plain progress is looked at.
const PLAIN_TICK: Duration = Duration::from_secs(1);

/// Shows events until the run is over.
pub(super) async fn show(ui: Ui, mut events: mpsc::UnboundedReceiver<ApplyEvent>) {
    match ui.progress_style() {
        ProgressStyle::Silent => while events.recv().await.is_some() {},
        ProgressStyle::Plain => show_plain(&ui, &mut events).await,
        ProgressStyle::Live => show_live(&ui, &mut events).await,
    }
}

async fn show_plain(ui: &Ui, events: &mut mpsc::UnboundedReceiver<ApplyEvent>) {
    let (started, mut progress) = (Instant::now(), Progress::new(ui.stderr_style().unicode, ui.is_verbose()));
    let mut ticks = interval(PLAIN_TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        let lines = tokio::select! {
            event = events.recv() => match event {
                Some(event) => progress.hear(&event, started.elapsed()),
                None => return,
            },
            _ = ticks.tick() => progress.tick(started.elapsed()).into_iter().collect(),
        };
        for line in lines {
            ui.status(&line);
        }
    }
}

async fn show_live(ui: &Ui, events: &mut mpsc::UnboundedReceiver<ApplyEvent>) {
    let (started, mut progress) = (Instant::now(), Progress::new(ui.stderr_style().unicode, ui.is_verbose()));
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    bar.set_style(BarStyle::with_template("{msg}").unwrap_or_else(|_| BarStyle::default_bar()));
    let mut ticks = interval(LIVE_TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            event = events.recv() => match event {
                // What the plain lines would say of an end stays above the live ones.
                Some(event) => {
                    let lines = progress.hear(&event, started.elapsed());
                    if matches!(event, ApplyEvent::ActionFinished { .. } | ApplyEvent::Interrupted { .. }) {
                        lines.iter().for_each(|line| bar.println(line));
                    }
                }
                None => break,
            },
            _ = ticks.tick() => {}
        }
        let width = ui.stderr_style().width;
        bar.set_message(progress.live_lines(started.elapsed(), width).join("\n"));
        bar.tick();
    }
    bar.finish_and_clear();
}

/// Passes signals on as interrupts. The third ends the process at once: whoever sends it does not want to wait for
/// anything.
pub(super) async fn interrupts(signals: &mut Signals, interrupt: mpsc::UnboundedSender<()>) -> Infallible {
    let mut count = 0;
    loop {
        count += 1;
        signals.next().await;
        if count >= 3 {
            end_process();
        }
        // The run may be over already.
        let _ = interrupt.send(());
    }
}

#[expect(clippy::exit, reason = "the third interrupt means: now")]
fn end_process() -> ! {
    std::process::exit(i32::from(ExitStatus::Interrupted.code()))
}
