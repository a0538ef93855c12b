//! A report read back from the JSON that was written of it: the other direction of `json`.
//!
//! ```text
//! Plan ──view──▶ PlanView ──json──▶ file ──saved──▶ PlanView ──any format──▶ as if it were written now
//! ```
//!
//! A file is somebody's word. What is made of it is shown and nothing else; it is checked as far as what is shown depends
//! on it.

mod action;
mod change;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::Report;
use super::findings::{Finding, FindingSeverity, FindingsView};
use super::sanitise::{Message, Name};
use super::schemas::{DRIFT, OUTCOME, PLAN, VALIDATE};
use super::view::{
    DriftSummary, DriftView, DriftedView, NoteSeverity, NoteView, OutcomeSummary, OutcomeView, Place,
    PlanSummary, PlanView, RevisionsView, UnmanagedView, UnreadableView, blamed,
};
use crate::apply::plan_file::{ApiPlaces, NotApproved, is_as_written, parse_document};
use crate::plan::drift::DriftState;
use action::{SavedAction, SavedReport, seconds};
use change::SavedChange;

/// Why a file is no report.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSaved {
    /// It is no JSON, or too large.
    #[error(transparent)]
    Bytes(NotApproved),
    /// Some other document.
    #[error("it is no report, but {}", .0.as_deref().map_or("something else".to_owned(), |it| format!("in the format `{it}`")))]
    OtherFormat(Option<String>),
    /// A report of a version that is not known here.
    #[error("it is in the format `{found}`, and this mxkeep knows `{known}`")]
    Newer {
        /// The format that it names.
        found: String,
        /// The one that is known.
        known: &'static str,
    },
    /// A plan that does not have the checksum that was written.
    #[error("it was edited after it was written: its checksum is not that of its content")]
    Edited,
    /// A member is missing, or is not what it has to be.
    #[error("it is not as `{format}` has to be: {what}")]
    Malformed {
        /// The format that it names.
        format: &'static str,
        /// What is wrong.
        what: String,
    },
}

/// What is wrong inside a document.
type Wrong = String;

impl Report {
    /// Reads a report from the JSON that was written of it.
    ///
    /// # Errors
    ///
    /// When it is none, or a plan that was edited.
    pub fn parse(bytes: &[u8]) -> Result<Report, NotSaved> {
        let document = parse_document(bytes).map_err(NotSaved::Bytes)?;
        let format = known(&document)?;
        if format == PLAN && !is_as_written(&document) {
            return Err(NotSaved::Edited);
        }
        let read = match format {
            PLAN => of(document, SavedPlan::view).map(Report::Plan),
            OUTCOME => of(document, SavedOutcome::view).map(Report::Outcome),
            DRIFT => of(document, SavedDrift::view).map(Report::Drift),
            _ => of(document, SavedFindings::view).map(Report::Findings),
        };
        read.map_err(|what| NotSaved::Malformed { format, what })
    }
}

fn of<S: for<'d> Deserialize<'d>, V>(
    document: Value,
    view: impl FnOnce(S) -> Result<V, Wrong>,
) -> Result<V, Wrong> {
    view(serde_json::from_value(document).map_err(|error| error.to_string())?)
}

fn known(document: &Value) -> Result<&'static str, NotSaved> {
    let found = document.get("format").and_then(Value::as_str);
    let short = |text: &str| text.chars().take(200).collect::<String>();
    let formats = [PLAN, OUTCOME, DRIFT, VALIDATE];
    if let Some(known) = formats.into_iter().find(|known| found == Some(*known)) {
        return Ok(known);
    }
    let kind = |format: &str| format.split_once('/').map(|(kind, _)| kind.to_owned());
    let newer = formats.into_iter().find(|known| found.is_some_and(|found| kind(found) == kind(known)));
    Err(match (newer, found) {
        (Some(known), Some(found)) => NotSaved::Newer { found: short(found), known },
        _ => NotSaved::OtherFormat(found.map(short)),
    })
}

#[derive(Deserialize)]
struct SavedPlan {
    estate: String,
    api: SavedApi,
    created: Timestamp,
    digest: String,
    base: Option<SavedBase>,
    head: Option<SavedHead>,
    requests: SavedRequests,
    summary: SavedUnchanged,
    actions: Vec<SavedAction>,
    #[serde(default)]
    drift: Vec<SavedDrifted>,
    unreadable: Vec<SavedUnreadable>,
    unmanaged: Vec<SavedUnmanaged>,
    notes: Vec<SavedNote>,
}

#[derive(Deserialize)]
struct SavedApi {
    #[serde(flatten)]
    places: ApiPlaces,
    name: String,
}

#[derive(Deserialize)]
struct SavedBase {
    #[serde(rename = "ref")]
    reference: String,
    commit: String,
}

#[derive(Deserialize)]
struct SavedHead {
    commit: String,
    clean: bool,
}

#[derive(Deserialize)]
struct SavedRequests {
    made: u64,
    budget: u64,
}

#[derive(Deserialize)]
struct SavedUnchanged {
    unchanged: usize,
}

impl SavedPlan {
    fn view(self) -> Result<PlanView, Wrong> {
        let SavedPlan {
            estate,
            api: SavedApi { places, name },
            created,
            digest,
            base,
            head,
            requests: SavedRequests { made, budget },
            summary: SavedUnchanged { unchanged },
            actions,
            drift,
            unreadable,
            unmanaged,
            notes,
        } = self;
        let has_base = base.is_some();
        let actions: Vec<_> =
            actions.into_iter().map(|action| action.view(has_base)).collect::<Result<_, _>>()?;
        let notes: Vec<_> = notes.into_iter().map(SavedNote::view).collect::<Result<_, _>>()?;
        let problems = notes.iter().filter(|note| note.severity == NoteSeverity::Error).count();
        Ok(PlanView {
            estate: Name::new(estate),
            api: Name::new(name),
            places,
            created,
            digest: hexadecimal(digest)?,
            revisions: revisions(base, head)?,
            requests_made: made,
            requests_budget: budget,
            summary: PlanSummary {
                unchanged,
                unreadable: unreadable.len(),
                unmanaged: unmanaged.len(),
                problems,
                ..PlanSummary::of(&actions)
            },
            actions,
            drift: drift.into_iter().map(|drifted| drifted.view(has_base)).collect::<Result<_, _>>()?,
            unreadable: unreadable.into_iter().map(SavedUnreadable::view).collect(),
            unmanaged: unmanaged.into_iter().map(SavedUnmanaged::view).collect(),
            notes,
        })
    }
}

#[derive(Deserialize)]
struct SavedOutcome {
    estate: String,
    digest: String,
    base: Option<SavedBase>,
    head: Option<SavedHead>,
    interrupted: bool,
    unchanged: usize,
    duration: f64,
    actions: Vec<SavedReport>,
    unreadable: Vec<SavedUnreadable>,
    journal: Option<String>,
    resume: Option<String>,
}

impl SavedOutcome {
    fn view(self) -> Result<OutcomeView, Wrong> {
        let SavedOutcome {
            estate,
            digest,
            base,
            head,
            interrupted,
            unchanged,
            duration,
            actions,
            unreadable,
            journal,
            resume,
        } = self;
        let has_base = base.is_some();
        let actions: Vec<_> =
            actions.into_iter().map(|report| report.view(has_base)).collect::<Result<_, _>>()?;
        Ok(OutcomeView {
            estate: Name::new(estate),
            digest: hexadecimal(digest)?,
            revisions: revisions(base, head)?,
            interrupted,
            unchanged,
            unreadable: unreadable.into_iter().map(SavedUnreadable::view).collect(),
            duration: seconds(duration)?,
            summary: OutcomeSummary::of(actions.iter().map(|report| report.outcome)),
            actions: blamed(actions),
            journal: journal.map(Name::new),
            resume: resume.map(Name::new),
        })
    }
}

#[derive(Deserialize)]
struct SavedDrift {
    estate: String,
    created: Option<Timestamp>,
    base: Option<SavedBase>,
    head: Option<SavedHead>,
    summary: SavedDriftSummary,
    resources: Vec<SavedDrifted>,
    unreadable: Vec<SavedUnreadable>,
    unmanaged: Vec<SavedUnmanaged>,
    notes: Vec<SavedNote>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SavedDriftSummary {
    managed: usize,
    coverage: f64,
    not_applied: Option<usize>,
}

impl SavedDrift {
    fn view(self) -> Result<DriftView, Wrong> {
        let SavedDrift { estate, created, base, head, summary, resources, unreadable, unmanaged, notes } =
            self;
        let SavedDriftSummary { managed, coverage, not_applied } = summary;
        let has_base = base.is_some();
        let resources: Vec<_> =
            resources.into_iter().map(|drifted| drifted.view(has_base)).collect::<Result<_, _>>()?;
        let count = |state| resources.iter().filter(|it: &&DriftedView| it.state == state).count();
        Ok(DriftView {
            estate: Name::new(estate),
            created,
            revisions: revisions(base, head)?,
            summary: DriftSummary {
                drifted: count(DriftState::Drifted),
                missing: count(DriftState::Missing),
                not_removed: count(DriftState::NotRemoved),
                failed: count(DriftState::Failed),
                unreadable: unreadable.len(),
                unmanaged: unmanaged.len(),
                managed,
                open: not_applied,
                coverage,
            },
            resources,
            unreadable: unreadable.into_iter().map(SavedUnreadable::view).collect(),
            unmanaged: unmanaged.into_iter().map(SavedUnmanaged::view).collect(),
            notes: notes.into_iter().map(SavedNote::view).collect::<Result<_, _>>()?,
        })
    }
}

#[derive(Deserialize)]
struct SavedDrifted {
    address: String,
    state: String,
    changes: Vec<SavedChange>,
    source: SavedPlace,
}

impl SavedDrifted {
    fn view(self, has_base: bool) -> Result<DriftedView, Wrong> {
        let SavedDrifted { address, state, changes, source } = self;
        let states = [DriftState::Drifted, DriftState::Missing, DriftState::NotRemoved, DriftState::Failed];
        Ok(DriftedView {
            changes: change::views(changes, change::table(&address)?, has_base)?,
            state: word(&states, DriftState::name, &state)?,
            address: Name::new(address),
            place: source.view(),
        })
    }
}

#[derive(Deserialize)]
struct SavedFindings {
    summary: SavedWaived,
    findings: Vec<SavedFinding>,
}

#[derive(Deserialize)]
struct SavedWaived {
    waived: usize,
}

#[derive(Deserialize)]
struct SavedFinding {
    code: String,
    severity: SavedSeverity,
    message: String,
    help: Option<String>,
    address: Option<String>,
    path: Option<String>,
    source: Option<SavedPlace>,
}

impl SavedFindings {
    fn view(self) -> Result<FindingsView, Wrong> {
        let SavedFindings { summary: SavedWaived { waived }, findings } = self;
        let findings = findings.into_iter().map(|finding| {
            let SavedFinding { code, severity, message, help, address, path, source } = finding;
            Ok(Finding {
                code: stable(code)?,
                severity: match severity {
                    SavedSeverity::Error => FindingSeverity::Error,
                    SavedSeverity::Warning => FindingSeverity::Warning,
                    SavedSeverity::Info => FindingSeverity::Info,
                },
                message: Message::new(&message),
                help: help.as_deref().map(Message::new),
                address: address.map(Name::new),
                path: path.map(Name::new),
                source: source.map(SavedPlace::view),
            })
        });
        Ok(FindingsView { findings: findings.collect::<Result<_, Wrong>>()?, waived })
    }
}

#[derive(Deserialize)]
struct SavedUnreadable {
    address: String,
    because: String,
    reason: String,
    source: SavedPlace,
}

impl SavedUnreadable {
    fn view(self) -> UnreadableView {
        let SavedUnreadable { address, because, reason, source } = self;
        UnreadableView {
            address: Name::new(address),
            because: Name::new(because),
            reason: Message::new(&reason),
            place: source.view(),
        }
    }
}

#[derive(Deserialize)]
struct SavedUnmanaged {
    address: String,
    id: String,
}

impl SavedUnmanaged {
    fn view(self) -> UnmanagedView {
        let SavedUnmanaged { address, id } = self;
        UnmanagedView { address: Name::new(address), id: Name::new(id) }
    }
}

#[derive(Deserialize)]
struct SavedNote {
    severity: SavedSeverity,
    code: String,
    address: Option<String>,
    message: String,
    help: Option<String>,
    source: Option<SavedPlace>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum SavedSeverity {
    Error,
    Warning,
    Info,
}

impl SavedNote {
    fn view(self) -> Result<NoteView, Wrong> {
        let SavedNote { severity, code, address, message, help, source } = self;
        Ok(NoteView {
            severity: match severity {
                SavedSeverity::Error => NoteSeverity::Error,
                SavedSeverity::Warning => NoteSeverity::Warning,
                SavedSeverity::Info => NoteSeverity::Info,
            },
            code: stable(code)?,
            address: address.map(Name::new),
            message: Message::new(&message),
            help: help.as_deref().map(Message::new),
            place: source.map(SavedPlace::view),
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SavedPlace {
    file: String,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

impl SavedPlace {
    fn view(self) -> Place {
        let SavedPlace { file, line, column, end_line, end_column } = self;
        Place { file: Name::new(file), line, column, end_line, end_column }
    }
}

fn revisions(base: Option<SavedBase>, head: Option<SavedHead>) -> Result<Option<RevisionsView>, Wrong> {
    let Some(SavedBase { reference, commit }) = base else { return Ok(None) };
    let head = head.map(|SavedHead { commit, clean }| Ok::<_, Wrong>((hexadecimal(commit)?, clean)));
    let (reference, base) = (Name::new(reference), hexadecimal(commit)?);
    Ok(Some(RevisionsView { reference, base, head: head.transpose()? }))
}

/// A digest or the id of a commit: formats write them as they are.
fn hexadecimal(text: String) -> Result<String, Wrong> {
    let is_one = text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_one { Ok(text) } else { Err(format!("`{}` is no digest", Name::new(text))) }
}

/// A code: formats write it as it is.
fn stable(code: String) -> Result<String, Wrong> {
    let is_part = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
    let is_one = !code.is_empty() && code.len() <= 64 && code.bytes().all(is_part);
    if is_one { Ok(code) } else { Err(format!("`{}` is no code", Name::new(code))) }
}

/// The one of these that has this name.
fn word<T: Copy>(all: &[T], name: impl Fn(T) -> &'static str, text: &str) -> Result<T, Wrong> {
    let found = all.iter().copied().find(|one| name(*one) == text);
    found.ok_or_else(|| {
        let words: Vec<_> = all.iter().map(|one| name(*one)).collect();
        format!("`{}` is none of {}", Name::new(text), words.join(", "))
    })
}
