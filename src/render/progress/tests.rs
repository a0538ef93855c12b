use std::time::Duration;

use insta::assert_snapshot;

use super::Progress;
use crate::apply::{ActionOutcome, ApplyEvent, Phase};
use crate::plan::Verb;

const TEST: &str = "create:environment/order-desk/test";
const PRODUCTION: &str = "update:environment/order-desk/production";

fn after(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn phase(action: &str, phase: Phase) -> ApplyEvent {
    ApplyEvent::ActionPhase { action: action.to_owned(), phase }
}

fn finished(action: &str, outcome: ActionOutcome, message: Option<&str>) -> ApplyEvent {
    let (action, message) = (action.to_owned(), message.map(str::to_owned));
    ApplyEvent::ActionFinished { action, outcome, duration: after(41), message }
}

fn begun() -> Vec<(u64, ApplyEvent)> {
    let started = |action: &str| ApplyEvent::ActionStarted { action: action.to_owned() };
    vec![
        (0, ApplyEvent::RunStarted { actions: 5 }),
        (0, started(TEST)),
        (0, started(PRODUCTION)),
        (1, phase(TEST, Phase::Sending { verb: Verb::Create })),
        (1, phase(TEST, Phase::WaitingForJob { job: "c0ffee-12\u{1b}[2J".to_owned() })),
        (3, phase(PRODUCTION, Phase::WaitingForReady { state: "Processing".to_owned() })),
    ]
}

fn ended() -> Vec<(u64, ApplyEvent)> {
    vec![
        (41, finished(TEST, ActionOutcome::Failed, Some("the URL\nis in use"))),
        (
            41,
            ApplyEvent::ActionFinished {
                action: "create:environment/order-desk/demo".to_owned(),
                outcome: ActionOutcome::Skipped,
                duration: Duration::ZERO,
                message: Some(format!("needs `{TEST}`, which did not succeed")),
            },
        ),
        (60, ApplyEvent::Interrupted { waiting: true, open: 1 }),
        (75, finished(PRODUCTION, ActionOutcome::Done, None)),
        (75, ApplyEvent::RunFinished),
    ]
}

fn hear(progress: &mut Progress, events: Vec<(u64, ApplyEvent)>) -> Vec<String> {
    events.into_iter().flat_map(|(seconds, event)| progress.hear(&event, after(seconds))).collect()
}

#[test]
fn a_line_for_every_event_and_a_sign_of_life() {
    let mut progress = Progress::new(true, false);
    let mut lines = hear(&mut progress, begun());
    lines.extend((3..41).filter_map(|seconds| progress.tick(after(seconds))));
    lines.extend(hear(&mut progress, ended()));
    assert_snapshot!(lines.join("\n"), @r#"
    [    0s] 5 actions to run
    [    1s] environment/order-desk/test  create  waiting for job c0ffee-12
    [    3s] environment/order-desk/production  update  waiting until it is ready (now Processing)
    [   32s] still waiting: 2 actions, longest environment/order-desk/test  create  waiting for job c0ffee-12 (32s)
    [   41s] environment/order-desk/test  create  failed after 41s: the URL is in use
    [   41s] environment/order-desk/demo  create  skipped: needs `create:environment/order-desk/test`, which did not succeed
    [ 1m00s] interrupted: nothing new is started, waiting for 1 action; interrupt again to wait no longer
    [ 1m15s] environment/order-desk/production  update  done after 41s
    "#);
    assert_eq!(progress.tick(after(500)), None, "a run that is over is silent");
}

#[test]
fn no_silence_is_longer_than_thirty_seconds() {
    let mut progress = Progress::new(true, false);
    hear(&mut progress, begun());
    let spoke: Vec<u64> = (3..600).filter(|seconds| progress.tick(after(*seconds)).is_some()).collect();
    assert!(spoke.windows(2).all(|pair| pair[1] - pair[0] <= 30), "{spoke:?}");
    assert!(spoke.first().is_some_and(|first| first - 3 <= 30));
}

#[test]
fn the_lines_of_a_terminal() {
    let mut progress = Progress::new(true, false);
    hear(&mut progress, begun());
    assert_snapshot!(progress.live_lines(after(95), 100, 50).join("\n"), @r#"
    ⠋ environment/order-desk/test        create   1m35s  waiting for job c0ffee-12
    ⠋ environment/order-desk/production  update   1m35s  waiting until it is ready (now Processing)
    0 of 5 done, 2 open, 3 waiting · 1m35s
    "#);
    assert_snapshot!(progress.live_lines(after(95), 50, 50).join("\n"), @r#"
    ⠋ environment/order-desk/test        create   1m3…
    ⠋ environment/order-desk/production  update   1m3…
    0 of 5 done, 2 open, 3 waiting · 1m35s
    "#);
    hear(&mut progress, ended());
    assert_eq!(progress.live_lines(after(96), 100, 50), Vec::<String>::new());
}

#[test]
fn many_open_actions_do_not_scroll_the_terminal() {
    let mut progress = Progress::new(false, false);
    progress.hear(&ApplyEvent::RunStarted { actions: 1000 }, after(0));
    for index in 0..100 {
        let action = format!("create:environment/order-desk/test-{index}");
        progress.hear(&ApplyEvent::ActionStarted { action }, after(0));
    }
    let lines = progress.live_lines(after(61), 40, 50);
    assert_eq!(lines.len(), 14);
    assert!(lines.iter().all(|line| unicode_width::UnicodeWidthStr::width(line.as_str()) <= 40));
    assert_snapshot!(lines[11..].join("\n"), @r#"
    - environment/order-desk/test-11  cre...
      ... and 88 more
    0 of 1000 done, 100 open, 900 waiting...
    "#);
}

#[test]
fn a_low_terminal_has_as_many_lines_as_fit() {
    let mut progress = Progress::new(true, false);
    progress.hear(&ApplyEvent::RunStarted { actions: 30 }, after(0));
    for index in 0..20 {
        let action = format!("create:environment/order-desk/test-{index}");
        progress.hear(&ApplyEvent::ActionStarted { action }, after(0));
    }
    for height in 0..30 {
        let lines = progress.live_lines(after(5), 80, height);
        assert!(lines.len() < height.max(2), "{height}: {lines:#?}");
        assert!(lines.last().unwrap().starts_with("0 of 30 done"));
    }
}

#[test]
fn an_estimate_is_told_once_there_is_one() {
    let mut progress = Progress::new(true, false);
    let start = |index: u32| ApplyEvent::ActionStarted { action: format!("update:environment/a/{index}") };
    let finish = |index: u32| finished(&format!("update:environment/a/{index}"), ActionOutcome::Done, None);
    let sum = |progress: &Progress, at: u64| progress.live_lines(after(at), 100, 50).last().unwrap().clone();
    progress.hear(&ApplyEvent::RunStarted { actions: 12 }, after(0));
    (0..4).for_each(|index| drop(progress.hear(&start(index), after(0))));
    assert_eq!(sum(&progress, 20), "0 of 12 done, 4 open, 8 waiting · 20s");
    for index in 0..4 {
        progress.hear(&finish(index), after(41));
        progress.hear(&start(index + 4), after(41));
    }
    // Each took 41 s: those that are open, and one more round of four.
    assert_eq!(sum(&progress, 42), "4 of 12 done, 4 open, 4 waiting · 42s, about 90s left");
    assert_eq!(sum(&progress, 80), "4 of 12 done, 4 open, 4 waiting · 1m20s, about 50s left");
    // One that takes twice as long as any other makes it a guess.
    assert_eq!(sum(&progress, 130), "4 of 12 done, 4 open, 4 waiting · 2m10s");
    progress.hear(&ApplyEvent::Interrupted { waiting: true, open: 4 }, after(131));
    assert!(!sum(&progress, 132).contains("left"));
}
