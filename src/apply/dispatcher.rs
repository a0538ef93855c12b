//! The loop that owns a run. Steps run as tasks of their own and talk to it by messages; nothing else knows the
//! state of the run.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::mpsc;
use tokio::task::{Id, JoinSet};
use tokio::time::Instant;

use super::approval::Approval;
use super::event::{ApplyEvent, Phase};
use super::journal::{Entry, Journal};
use super::outcome::{self, ActionOutcome, ActionReport, Failure, FailureKind, Outcome};
use super::queue::Queue;
use super::redact::RunRedactor;
use super::step::{self, StepContext, StepEnd, StepMessage};
use crate::model::{DesiredState, Identity, Kind};
use crate::plan::{Action, Plan, Status, Wait};

/// The state of a run.
pub(super) struct Dispatcher<'a> {
    plan: &'a Plan,
    desired: &'a DesiredState,
    context: Arc<StepContext>,
    approval: &'a Approval,
    events: &'a mpsc::UnboundedSender<ApplyEvent>,
    queue: Queue,
    tasks: JoinSet<StepEnd>,
    /// What runs: the action of a task, when it began, and how far it is.
    open: HashMap<Id, Open>,
    reports: BTreeMap<String, ActionReport>,
    /// The ids of the declared packages that are there by now.
    packages: BTreeMap<Identity, String>,
    interrupts: usize,
    redactor: RunRedactor,
}

struct Open {
    action: String,
    started: Instant,
    job: Option<String>,
    sent: bool,
    phase: Option<Phase>,
}

impl<'a> Dispatcher<'a> {
    pub(super) fn new(
        plan: &'a Plan,
        desired: &'a DesiredState,
        context: Arc<StepContext>,
        approval: &'a Approval,
        events: &'a mpsc::UnboundedSender<ApplyEvent>,
    ) -> Dispatcher<'a> {
        // What waits is in the queue, too: it waits for a person only once everything else that it needs is there.
        let queued = plan.actions.iter().filter(|action| !action.is_blocked());
        let queue = Queue::new(queued.map(|action| (action.id.as_str(), action.needs.as_slice())));
        let redactor = RunRedactor::new(&context.client, desired);
        Dispatcher {
            plan,
            desired,
            context,
            approval,
            events,
            queue,
            tasks: JoinSet::new(),
            open: HashMap::new(),
            reports: BTreeMap::new(),
            packages: plan.packages.clone(),
            interrupts: 0,
            redactor,
        }
    }

    /// Runs until every action has ended, or the second interrupt says to wait no longer.
    pub(super) async fn run(
        mut self,
        mut messages: mpsc::UnboundedReceiver<StepMessage>,
        mut interrupts: mpsc::UnboundedReceiver<()>,
    ) -> Outcome {
        let started = Instant::now();
        let may_run = |action: &&Action| action.is_ready() && self.approval.covers(action, self.plan);
        let ready = self.plan.actions.iter().filter(may_run).count();
        self.tell(ApplyEvent::RunStarted { actions: ready });
        self.report_blocked();
        self.refuse_unapproved();
        self.start_ready();
        while !self.tasks.is_empty() {
            tokio::select! {
                biased;
                Some(()) = interrupts.recv() => {
                    if self.interrupt() {
                        break;
                    }
                }
                Some(message) = messages.recv() => self.hear(message),
                Some(ended) = self.tasks.join_next_with_id() => {
                    // What the step said last comes before its end.
                    while let Ok(message) = messages.try_recv() {
                        self.hear(message);
                    }
                    self.end(ended);
                    self.start_ready();
                }
            }
        }
        self.abandon(&mut messages).await;
        self.tell(ApplyEvent::RunFinished);
        self.outcome(started)
    }

    fn start_ready(&mut self) {
        if self.context.stopped.load(Ordering::SeqCst) {
            return;
        }
        let mut ready = VecDeque::from(self.queue.take_ready());
        while let Some(id) = ready.pop_front() {
            let Some(action) = self.action(&id) else { continue };
            if let Some(wait) = action.wait() {
                self.report_waiting(&id, wait);
                // What needs it waits, too, and comes out of the queue with it.
                self.queue.succeed(&id);
                ready.extend(self.queue.take_ready());
                continue;
            }
            let known = |identity: &Identity| self.packages.get(identity).cloned();
            let action = action.settled(known);
            let desired = self.desired.resources.get(&action.identity);
            let desired = desired.map(|desired| Arc::new(desired.settled(known)));
            self.tell(ApplyEvent::ActionStarted { action: id.clone() });
            let handle = self.tasks.spawn(step::run(Arc::clone(&self.context), action, desired));
            self.open.insert(
                handle.id(),
                Open { action: id, started: Instant::now(), job: None, sent: false, phase: None },
            );
        }
    }

    fn hear(&mut self, message: StepMessage) {
        self.tell_lost_journal();
        let StepMessage { action, phase } = message;
        if let Some(open) = self.open.values_mut().find(|open| open.action == action) {
            // Looking again at the same state is no news.
            if open.phase.replace(phase.clone()).as_ref() == Some(&phase) {
                return;
            }
            match &phase {
                Phase::Sending { .. } => open.sent = true,
                Phase::WaitingForJob { job } => open.job = Some(job.clone()),
                Phase::Uploading { .. } | Phase::WaitingForPackage => open.sent = true,
                Phase::Reading
                | Phase::WaitingForEarlierChange
                | Phase::Verifying
                | Phase::WaitingForReady { .. } => {}
            }
        }
        let phase = match phase {
            Phase::WaitingForReady { state } => Phase::WaitingForReady { state: self.redactor.text(&state) },
            other => other,
        };
        self.tell(ApplyEvent::ActionPhase { action, phase });
    }

    fn end(&mut self, ended: Result<(Id, StepEnd), tokio::task::JoinError>) {
        let (id, end) = match ended {
            Ok((id, end)) => (id, end),
            Err(error) => (error.id(), self.broken(&error.to_string())),
        };
        let Some(open) = self.open.remove(&id) else { return };
        // Of a cloud app the step has said it already, where it is so.
        let is_cloud = self.action(&open.action).is_some_and(|it| it.identity.kind() == Kind::CloudApp);
        if !is_cloud && end.error.as_ref().is_some_and(|error| error.kind == FailureKind::Unauthorised) {
            // A token that is not accepted now is not accepted for the rest either.
            self.context.stopped.store(true, Ordering::SeqCst);
        }
        // Only a signal cancels; a run that ends for another reason has not started what it left.
        let outcome = match end.outcome {
            ActionOutcome::Cancelled if self.interrupts == 0 => ActionOutcome::NotStarted,
            other => other,
        };
        let job = end.job.map(|job| job.as_str().to_owned()).or(open.job);
        self.report(&open.action, outcome, |report| {
            report.job = job;
            report.verified = end.verified;
            report.duration = open.started.elapsed();
            report.error = end.error.filter(|_| outcome != ActionOutcome::NotStarted);
            report.warnings = end.warnings;
            report.log = end.log;
            report.package = end.package.clone();
        });
        self.note_end(&open.action, outcome);
        if let (Some(package), Some(action)) = (end.package, self.action(&open.action)) {
            self.packages.insert(action.identity.clone(), package);
        }
        match outcome {
            ActionOutcome::Done => self.queue.succeed(&open.action),
            // What needs it stays in the queue, which is drained at the end.
            ActionOutcome::Cancelled | ActionOutcome::NotStarted => {}
            _ => self.skip_dependants(&open.action, outcome),
        }
    }

    /// A step that did not come to its end is our bug; what it sent is not known.
    fn broken(&self, message: &str) -> StepEnd {
        StepEnd {
            outcome: ActionOutcome::Unknown,
            verified: false,
            job: None,
            error: Some(failure(outcome::OUTCOME_UNKNOWN, format!("mxkeep broke off: {message}"))),
            warnings: Vec::new(),
            package: None,
            log: Vec::new(),
        }
    }

    fn skip_dependants(&mut self, failed: &str, outcome: ActionOutcome) {
        for id in self.queue.fail(failed) {
            let message = format!("needs `{failed}`, {}", what_became(outcome));
            self.report(&id, ActionOutcome::Skipped, |report| {
                report.error = Some(failure(outcome::NEED_FAILED, message));
            });
        }
    }

    /// The first interrupt starts nothing new; the second, true, waits for nothing more.
    fn interrupt(&mut self) -> bool {
        self.interrupts += 1;
        self.context.stopped.store(true, Ordering::SeqCst);
        let waiting = self.interrupts == 1;
        self.tell(ApplyEvent::Interrupted { waiting, open: self.tasks.len() });
        !waiting
    }

    /// Reports what runs no more and what never ran.
    async fn abandon(&mut self, messages: &mut mpsc::UnboundedReceiver<StepMessage>) {
        self.tasks.abort_all();
        while let Some(ended) = self.tasks.join_next_with_id().await {
            while let Ok(message) = messages.try_recv() {
                self.hear(message);
            }
            // What had come to its end before it was told to stop has one to report.
            if ended.is_ok() {
                self.end(ended);
            }
        }
        // What was sent, and for which job, may have been said and not heard yet.
        while let Ok(message) = messages.try_recv() {
            self.hear(message);
        }
        for open in std::mem::take(&mut self.open).into_values() {
            let (outcome, code, message) = if open.sent {
                let message = "the run ended before the platform was done with it";
                (ActionOutcome::Unknown, outcome::OUTCOME_UNKNOWN, message)
            } else {
                (ActionOutcome::Cancelled, outcome::INTERRUPTED, "nothing was sent")
            };
            self.note_end(&open.action, outcome);
            self.report(&open.action, outcome, |report| {
                report.job = open.job;
                report.duration = open.started.elapsed();
                report.error = Some(failure(code, message.to_owned()));
            });
        }
        for id in self.queue.drain() {
            self.report(&id, ActionOutcome::NotStarted, |_| {});
        }
    }

    /// Notes how an action ended that had begun.
    fn note_end(&self, action: &str, outcome: ActionOutcome) {
        let Some(journal) = &self.context.journal else { return };
        let (action, outcome) = (action.to_owned(), outcome.name().to_owned());
        journal.note(self.context.clock.now(), Entry::Ended { action, outcome });
        self.tell_lost_journal();
    }

    /// Says once that nothing more is noted.
    fn tell_lost_journal(&self) {
        if let Some(reason) = self.context.journal.as_ref().and_then(Journal::failure) {
            self.tell(ApplyEvent::JournalLost { reason });
        }
    }

    fn report_blocked(&mut self) {
        for action in &self.plan.actions {
            if let Status::Blocked(block) = &action.status {
                let failure = Failure {
                    code: block.code,
                    message: block.reason.clone(),
                    help: block.remedy(&action.digest),
                    path: None,
                    origin: block.origin.clone().or_else(|| Some(action.origin.clone())),
                    kind: FailureKind::Platform,
                };
                self.report(&action.id, ActionOutcome::Blocked, |report| report.error = Some(failure));
            }
        }
    }

    /// Refuses what nobody has approved, and skips what needs it.
    fn refuse_unapproved(&mut self) {
        let (plan, approval) = (self.plan, self.approval);
        let all = plan.actions.iter().filter(|action| !action.is_blocked());
        let refused: Vec<_> = all.filter(|action| !approval.covers(action, plan)).collect();
        for action in &refused {
            self.queue.take_out(&action.id);
            let failure = failure(outcome::NOT_APPROVED, approval.refusal().to_owned());
            let failure = failure.help("plan again and look at the difference");
            self.report(&action.id, ActionOutcome::Refused, |report| {
                report.error = Some(Failure { origin: Some(action.origin.clone()), ..failure });
            });
        }
        for action in refused {
            self.skip_dependants(&action.id, ActionOutcome::Refused);
        }
    }

    fn report_waiting(&mut self, id: &str, wait: &Wait) {
        let Wait { code, reason, on: _, command } = wait;
        let failure = Failure { help: Some(format!("run: {command}")), ..failure(code, reason.clone()) };
        self.report(id, ActionOutcome::Waiting, |report| {
            report.error = Some(Failure { origin: Some(report.action.origin.clone()), ..failure });
        });
    }

    fn report(&mut self, id: &str, outcome: ActionOutcome, fill: impl FnOnce(&mut ActionReport)) {
        let Some(action) = self.action(id) else { return };
        let mut report = ActionReport {
            action: action.clone(),
            outcome,
            job: None,
            verified: false,
            duration: std::time::Duration::ZERO,
            error: None,
            warnings: Vec::new(),
            package: None,
            log: Vec::new(),
        };
        fill(&mut report);
        report.error = report.error.map(|error| self.redactor.failure(error));
        report.warnings.iter_mut().for_each(|warning| *warning = self.redactor.text(warning));
        report.log.iter_mut().for_each(|line| *line = self.redactor.text(line));
        if !matches!(outcome, ActionOutcome::Blocked | ActionOutcome::Waiting) {
            let message = report.error.as_ref().map(|error| error.message.clone());
            self.tell(ApplyEvent::ActionFinished {
                action: id.to_owned(),
                outcome,
                duration: report.duration,
                message: message.or_else(|| report.warnings.first().cloned()),
            });
        }
        self.reports.insert(id.to_owned(), report);
    }

    fn action(&self, id: &str) -> Option<&'a Action> {
        self.plan.actions.iter().find(|action| action.id == id)
    }

    fn tell(&self, event: ApplyEvent) {
        // Nobody has to listen.
        let _ = self.events.send(event);
    }

    fn outcome(mut self, started: Instant) -> Outcome {
        let actions = self.plan.actions.iter().filter_map(|action| self.reports.remove(&action.id)).collect();
        Outcome {
            estate: self.plan.estate.clone(),
            plan: self.plan.digest.clone(),
            actions,
            unchanged: self.plan.unchanged.len(),
            unreadable: self.plan.unreadable.clone(),
            interrupted: self.interrupts > 0,
            duration: started.elapsed(),
            journal: None,
            resume: None,
        }
    }
}

/// What became of a need, as the end of a sentence.
const fn what_became(outcome: ActionOutcome) -> &'static str {
    match outcome {
        ActionOutcome::Unknown => "whose end is not known",
        ActionOutcome::Refused => "which was refused",
        ActionOutcome::Blocked => "which is blocked",
        ActionOutcome::Waiting => "which waits",
        ActionOutcome::Skipped => "which was skipped",
        ActionOutcome::Done
        | ActionOutcome::Failed
        | ActionOutcome::Cancelled
        | ActionOutcome::NotStarted => "which did not succeed",
    }
}

fn failure(code: &'static str, message: String) -> Failure {
    Failure { code, message, help: None, path: None, origin: None, kind: FailureKind::Platform }
}
