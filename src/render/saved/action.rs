//! Actions, and what became of them.

use std::time::Duration;

use serde::Deserialize;

use super::change::{self, CLASSES, SavedChange};
use super::{SavedPlace, Wrong, hexadecimal, stable, word};
use crate::apply::ActionOutcome;
use crate::apply::outcome::NEED_FAILED;
use crate::model::Kind;
use crate::plan::{ActionEffect, Verb};
use crate::render::sanitise::{Message, Name};
use crate::render::view::{ActionView, FailureView, ReportView, StatusView, WaivedView};

const VERBS: [Verb; 5] = [Verb::Create, Verb::Update, Verb::Delete, Verb::Restart, Verb::Scale];

const EFFECTS: [ActionEffect; 5] = [
    ActionEffect::None,
    ActionEffect::Rolling,
    ActionEffect::Restart,
    ActionEffect::Stop,
    ActionEffect::DataLoss,
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SavedAction {
    id: String,
    address: String,
    kind: String,
    verb: String,
    class: String,
    effect: String,
    production: bool,
    destructive: bool,
    needs: Vec<String>,
    digest: String,
    status: SavedStatus,
    reason: String,
    because: Option<String>,
    help: Option<String>,
    code: Option<String>,
    #[serde(default)]
    guard: bool,
    blocked_by: Option<SavedPlace>,
    waits_for: Option<String>,
    command: Option<String>,
    #[serde(default)]
    waived: Vec<SavedWaived>,
    changes: Vec<SavedChange>,
    source: SavedPlace,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum SavedStatus {
    Ready,
    Blocked,
    Waiting,
}

#[derive(Deserialize)]
struct SavedWaived {
    code: String,
    reason: String,
    source: Option<SavedPlace>,
}

impl SavedAction {
    pub(super) fn view(self, has_base: bool) -> Result<ActionView, Wrong> {
        let SavedAction {
            id,
            address,
            kind,
            verb,
            class,
            effect,
            production,
            destructive,
            needs,
            digest,
            status,
            reason,
            because,
            help,
            code,
            guard,
            blocked_by,
            waits_for,
            command,
            waived,
            changes,
            source,
        } = self;
        let kind = word(&Kind::ALL, Kind::name, &kind)?;
        let reason = Message::new(&reason);
        let code = || code.map_or_else(|| Err(format!("`{}` has no code", Name::new(&id))), stable);
        let status = match status {
            SavedStatus::Ready => StatusView::Ready,
            SavedStatus::Blocked => StatusView::Blocked {
                code: code()?,
                reason: reason.clone(),
                help: help.as_deref().map(Message::new),
                place: blocked_by.map(SavedPlace::view),
                is_guard: guard,
            },
            SavedStatus::Waiting => StatusView::Waiting {
                code: code()?,
                reason: reason.clone(),
                on: waits_for.map(Name::new).ok_or("a waiting action waits for nothing")?,
                command: command.map(Name::new).ok_or("a waiting action has no command")?,
            },
        };
        let waived = waived.into_iter().map(|SavedWaived { code, reason, source }| {
            let place = source.map(SavedPlace::view);
            Ok::<_, Wrong>(WaivedView { code: stable(code)?, reason: Message::new(&reason), place })
        });
        let class = word(&CLASSES, crate::diff::Class::name, &class)?;
        Ok(ActionView {
            changes: change::views(changes, kind.fields(), has_base)?,
            id: Name::new(&id),
            address: Name::new(address),
            kind,
            verb: word(&VERBS, Verb::name, &verb)?,
            class: has_base.then_some(class),
            effect: word(&EFFECTS, ActionEffect::name, &effect)?,
            production,
            destructive,
            needs: needs.into_iter().map(Name::new).collect(),
            digest: hexadecimal(digest)?,
            status,
            waived: waived.collect::<Result<_, _>>()?,
            reason: because.as_deref().map_or(reason, Message::new),
            place: source.view(),
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SavedReport {
    #[serde(flatten)]
    action: SavedAction,
    outcome: String,
    job: Option<String>,
    verified: bool,
    duration: f64,
    error: Option<SavedFailure>,
    warnings: Vec<String>,
    package_id: Option<String>,
    #[serde(default)]
    log: Vec<String>,
}

#[derive(Deserialize)]
struct SavedFailure {
    code: String,
    message: String,
    help: Option<String>,
    source: Option<SavedPlace>,
}

impl SavedReport {
    pub(super) fn view(self, has_base: bool) -> Result<ReportView, Wrong> {
        let SavedReport { action, outcome, job, verified, duration, error, warnings, package_id, log } = self;
        let error = error.map(|SavedFailure { code, message, help, source }| {
            Ok::<_, Wrong>(FailureView {
                is_consequence: code == NEED_FAILED,
                code: stable(code)?,
                message: Message::new(&message),
                help: help.as_deref().map(Message::new),
                place: source.map(SavedPlace::view),
            })
        });
        Ok(ReportView {
            action: action.view(has_base)?,
            outcome: word(&ActionOutcome::ALL, ActionOutcome::name, &outcome)?,
            job: job.map(Name::new),
            verified,
            duration: seconds(duration)?,
            error: error.transpose()?,
            warnings: warnings.iter().map(|warning| Message::new(warning)).collect(),
            package: package_id.map(Name::new),
            log: log.iter().map(|line| Message::new(line)).collect(),
            because: Vec::new(),
        })
    }
}

/// A duration that was written in seconds, to the millisecond.
pub(super) fn seconds(seconds: f64) -> Result<Duration, Wrong> {
    let duration = Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())?;
    let nearest = duration.saturating_add(Duration::from_micros(500)).as_millis();
    u64::try_from(nearest).map(Duration::from_millis).map_err(|error| error.to_string())
}
