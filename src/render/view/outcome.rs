//! The end of a run to be shown.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{ActionView, Place, RevisionsView, UnreadableView};
use crate::apply::outcome::NEED_FAILED;
use crate::apply::{ActionOutcome, ActionReport, Failure, Outcome};
use crate::render::sanitise::{Message, Name};

/// The end of a run to be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct OutcomeView {
    /// The name of the estate.
    pub estate: Name,
    /// The digest of the plan that was applied.
    pub digest: String,
    /// What the plan was made of, where it was made with a base.
    pub revisions: Option<RevisionsView>,
    /// Whether a signal ended the run early.
    pub interrupted: bool,
    /// How many resources needed nothing.
    pub unchanged: usize,
    /// What could not be read with this token, and was left alone.
    pub unreadable: Vec<UnreadableView>,
    /// How long it took.
    pub duration: Duration,
    /// The numbers.
    pub summary: OutcomeSummary,
    /// Every action, in the order of the plan.
    pub actions: Vec<ReportView>,
    /// The file in which the run has kept its journal, where that is still there.
    pub journal: Option<Name>,
    /// The command that goes on with the run, where something is left of it.
    pub resume: Option<Name>,
}

/// How many actions ended in which way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeSummary {
    /// Each way, in the order of reports, those that did not happen included.
    pub counts: Vec<(ActionOutcome, usize)>,
    /// All of them.
    pub total: usize,
}

impl OutcomeView {
    /// The actions whose jobs nobody has seen the end of.
    pub fn open_jobs(&self) -> impl Iterator<Item = (&ReportView, &Name)> {
        let open = self.actions.iter().filter(|report| report.outcome == ActionOutcome::Unknown);
        open.filter_map(|report| Some((report, report.job.as_ref()?)))
    }
}

impl OutcomeSummary {
    /// How many ended in this way.
    pub fn count(&self, outcome: ActionOutcome) -> usize {
        self.counts.iter().find(|(other, _)| *other == outcome).map_or(0, |(_, count)| *count)
    }
}

/// What became of one action.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportView {
    /// The action.
    pub action: ActionView,
    /// How it ended.
    pub outcome: ActionOutcome,
    /// The last job that was started for it.
    pub job: Option<Name>,
    /// Whether every managed field was read back as declared.
    pub verified: bool,
    /// How long it took.
    pub duration: Duration,
    /// Why it did not succeed.
    pub error: Option<FailureView>,
    /// What to know although it succeeded.
    pub warnings: Vec<Message>,
    /// The id of the package that it made.
    pub package: Option<Name>,
    /// The last lines of the log of a build that failed.
    pub log: Vec<Message>,
    /// For a skipped action, the resources whose actions are to blame.
    pub because: Vec<Name>,
}

/// Why an action did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailureView {
    /// The stable code.
    pub code: String,
    /// What is wrong.
    pub message: Message,
    /// What to do next.
    pub help: Option<Message>,
    /// The place in the files.
    pub place: Option<Place>,
    /// Whether it only says that another action failed.
    pub is_consequence: bool,
}

/// Views the end of a run; it does not know of revisions itself.
pub fn outcome_view(outcome: &Outcome) -> OutcomeView {
    let Outcome { estate, plan, actions, unchanged, unreadable, interrupted, duration, journal, resume } =
        outcome;
    OutcomeView {
        estate: Name::new(estate),
        digest: plan.clone(),
        revisions: None,
        interrupted: *interrupted,
        unchanged: *unchanged,
        unreadable: unreadable.iter().map(UnreadableView::from).collect(),
        duration: whole_millis(*duration),
        summary: OutcomeSummary::of(actions.iter().map(|report| report.outcome)),
        actions: blamed(actions.iter().map(ReportView::from).collect()),
        journal: journal.as_ref().map(Name::new),
        resume: resume.as_ref().map(Name::new),
    }
}

impl OutcomeSummary {
    /// Counts outcomes.
    pub(in crate::render) fn of(outcomes: impl ExactSizeIterator<Item = ActionOutcome>) -> OutcomeSummary {
        let total = outcomes.len();
        let mut counts = ActionOutcome::ALL.map(|way| (way, 0)).to_vec();
        for outcome in outcomes {
            if let Some((_, count)) = counts.iter_mut().find(|(way, _)| *way == outcome) {
                *count += 1;
            }
        }
        OutcomeSummary { counts, total }
    }
}

/// More would be noise, and would not be in every format.
const fn whole_millis(duration: Duration) -> Duration {
    Duration::from_millis(duration.as_millis() as u64)
}

impl From<&ActionReport> for ReportView {
    fn from(report: &ActionReport) -> ReportView {
        let ActionReport { action, outcome, job, verified, duration, error, warnings, package, log } = report;
        ReportView {
            action: ActionView::from(action),
            outcome: *outcome,
            job: job.as_ref().map(Name::new),
            verified: *verified,
            duration: whole_millis(*duration),
            error: error.as_ref().map(FailureView::from),
            warnings: warnings.iter().map(|warning| Message::new(warning)).collect(),
            package: package.as_ref().map(Name::new),
            log: log.iter().map(|line| Message::new(line)).collect(),
            because: Vec::new(),
        }
    }
}

/// Says of every skipped action which others are to blame.
pub(in crate::render) fn blamed(mut actions: Vec<ReportView>) -> Vec<ReportView> {
    let blame = Blame(actions.iter().map(|report| (report.action.id.exact(), report)).collect());
    let is_skipped = |report: &ReportView| report.outcome == ActionOutcome::Skipped;
    let because: Vec<_> =
        actions.iter().map(|report| if is_skipped(report) { blame.of(report) } else { Vec::new() }).collect();
    for (report, because) in actions.iter_mut().zip(because) {
        report.because = because;
    }
    actions
}

impl From<&Failure> for FailureView {
    fn from(failure: &Failure) -> FailureView {
        // The message names the field; the kind is for the exit code.
        let Failure { code, message, help, path: _, origin, kind: _ } = failure;
        FailureView {
            code: (*code).to_owned(),
            message: Message::new(message),
            help: help.as_deref().map(Message::new),
            place: origin.as_ref().map(Place::from),
            is_consequence: *code == NEED_FAILED,
        }
    }
}

/// Who is to blame for what was skipped.
struct Blame<'r>(BTreeMap<&'r str, &'r ReportView>);

impl<'r> Blame<'r> {
    /// Follows the needs of a skipped action to those that did not succeed for a reason of their own. Each is followed
    /// once and without recursion: a plan has no loops and few levels, but a file that says it is an outcome may.
    fn of(&self, skipped: &'r ReportView) -> Vec<Name> {
        let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
        let mut next: Vec<&'r ReportView> = self.needs(skipped).collect();
        while let Some(need) = next.pop() {
            if !seen.insert(need.action.id.exact()) {
                continue;
            }
            match need.outcome {
                ActionOutcome::Done => {}
                ActionOutcome::Skipped => next.extend(self.needs(need)),
                ActionOutcome::Failed
                | ActionOutcome::Unknown
                | ActionOutcome::Refused
                | ActionOutcome::Blocked
                | ActionOutcome::Waiting
                | ActionOutcome::Cancelled
                | ActionOutcome::NotStarted => found.push(need.action.address.clone()),
            }
        }
        let mut told = BTreeSet::new();
        found.retain(|address| told.insert(address.clone()));
        found
    }

    /// What an action needs, the last first, so that the first is popped first.
    fn needs(&self, report: &'r ReportView) -> impl Iterator<Item = &'r ReportView> {
        report.action.needs.iter().rev().filter_map(|need| self.0.get(need.exact()).copied())
    }
}
