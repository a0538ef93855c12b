//! The end of a run to be shown.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{ActionView, Place, UnreadableView};
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
}

/// How many actions ended in which way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeSummary {
    /// Each way, in the order of reports, those that did not happen included.
    pub counts: Vec<(ActionOutcome, usize)>,
    /// All of them.
    pub total: usize,
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
    pub code: &'static str,
    /// What is wrong.
    pub message: Message,
    /// What to do next.
    pub help: Option<Message>,
    /// The place in the files.
    pub place: Option<Place>,
    /// Whether it only says that another action failed.
    pub is_consequence: bool,
}

/// Views the end of a run.
pub fn outcome_view(outcome: &Outcome) -> OutcomeView {
    let Outcome { estate, plan, actions, unchanged, unreadable, interrupted, duration } = outcome;
    let blame = Blame(actions.iter().map(|report| (report.action.id.as_str(), report)).collect());
    OutcomeView {
        estate: Name::new(estate),
        digest: plan.clone(),
        interrupted: *interrupted,
        unchanged: *unchanged,
        unreadable: unreadable.iter().map(UnreadableView::from).collect(),
        duration: *duration,
        summary: OutcomeSummary {
            counts: ActionOutcome::ALL.map(|way| (way, outcome.count(way))).to_vec(),
            total: actions.len(),
        },
        actions: actions.iter().map(|report| report_view(report, &blame)).collect(),
    }
}

fn report_view(report: &ActionReport, blame: &Blame<'_>) -> ReportView {
    let ActionReport { action, outcome, job, verified, duration, error, warnings, package, log } = report;
    let mut because = Vec::new();
    if *outcome == ActionOutcome::Skipped {
        blame.collect(report, &mut because);
    }
    ReportView {
        action: ActionView::from(action),
        outcome: *outcome,
        job: job.as_ref().map(Name::new),
        verified: *verified,
        duration: *duration,
        error: error.as_ref().map(FailureView::from),
        warnings: warnings.iter().map(|warning| Message::new(warning)).collect(),
        package: package.as_ref().map(Name::new),
        log: log.iter().map(|line| Message::new(line)).collect(),
        because,
    }
}

impl From<&Failure> for FailureView {
    fn from(failure: &Failure) -> FailureView {
        // The message names the field; the kind is for the exit code.
        let Failure { code, message, help, path: _, origin, kind: _ } = failure;
        FailureView {
            code,
            message: Message::new(message),
            help: help.as_deref().map(Message::new),
            place: origin.as_ref().map(Place::from),
            is_consequence: *code == NEED_FAILED,
        }
    }
}

/// Who is to blame for what was skipped.
struct Blame<'r>(BTreeMap<&'r str, &'r ActionReport>);

impl Blame<'_> {
    /// Follows the needs of a skipped action to those that did not succeed for a reason of their own. Needs form no
    /// loop: the plan is ordered by them.
    fn collect(&self, report: &ActionReport, found: &mut Vec<Name>) {
        for need in report.action.needs.iter().filter_map(|need| self.0.get(need.as_str())) {
            match need.outcome {
                ActionOutcome::Done => {}
                ActionOutcome::Skipped => self.collect(need, found),
                ActionOutcome::Failed
                | ActionOutcome::Unknown
                | ActionOutcome::Refused
                | ActionOutcome::Blocked
                | ActionOutcome::Waiting
                | ActionOutcome::Cancelled
                | ActionOutcome::NotStarted => {
                    let address = Name::new(&need.action.address);
                    if !found.contains(&address) {
                        found.push(address);
                    }
                }
            }
        }
    }
}
