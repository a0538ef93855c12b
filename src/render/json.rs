//! The formats for scripts. Values and names are exact; messages are sanitised (DESIGN 8).

mod packages;
mod status;

pub(super) use packages::packages;
pub(super) use status::status;

use std::fmt::Write;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::sanitise::{Message, Name};
use super::schemas;
use super::view::{
    ActionView, ChangeView, ClassCounts, DriftSummary, DriftView, DriftedView, FailureView, LayerView,
    NoteView, OutcomeSummary, OutcomeView, Place, PlanSummary, PlanView, ReportView, RevisionsView,
    StatusView, UnmanagedView, UnreadableView, WaivedView, Wanted, WhyFieldView, WhyView,
};
use crate::apply::ActionOutcome;
use crate::apply::plan_file::{ApiPlaces, checksum};
use crate::diff::Class;
use crate::model::is_hidden;
use crate::plan::why::{LiveSide, Verdict};

/// What an action or change of a plan counts as that was made without a base.
const CHANGE: Class = Class::Change;
/// What a change in a drift report counts as that was made without a base.
const DRIFT: Class = Class::Drift;

pub(super) fn plan(view: &PlanView) -> String {
    let PlanView {
        estate,
        api,
        places: ApiPlaces { private_cloud, mendix_cloud },
        created,
        digest,
        revisions,
        requests_made,
        requests_budget,
        summary,
        actions,
        drift,
        unreadable,
        unmanaged,
        notes,
    } = view;
    let mut document = json!({
        "format": schemas::PLAN,
        "estate": estate.exact(),
        "api": {"privateCloud": private_cloud, "mendixCloud": mendix_cloud, "name": api.exact()},
        "created": created.to_string(),
        "digest": digest,
        "base": base(revisions.as_ref()),
        "head": head(revisions.as_ref()),
        "requests": {"made": requests_made, "budget": requests_budget},
        "summary": plan_summary(summary),
        "actions": actions.iter().map(action).map(Value::Object).collect::<Vec<_>>(),
        "unreadable": unreadable.iter().map(unreadable_resource).collect::<Vec<_>>(),
        "unmanaged": unmanaged.iter().map(unmanaged_resource).collect::<Vec<_>>(),
        "notes": notes.iter().map(note).collect::<Vec<_>>(),
    });
    if !drift.is_empty()
        && let Some(fields) = document.as_object_mut()
    {
        fields.insert("drift".to_owned(), drift.iter().map(drifted).collect());
    }
    // It tells whoever applies the plan that it is the one that was written.
    let checksum = checksum(&document);
    if let Some(members) = document.as_object_mut() {
        members.insert("checksum".to_owned(), checksum.into());
    }
    finish(&document)
}

pub(super) fn outcome(view: &OutcomeView) -> String {
    let OutcomeView {
        estate,
        digest,
        revisions,
        unchanged,
        unreadable,
        interrupted,
        duration,
        summary,
        actions,
        journal,
        resume,
    } = view;
    finish(&json!({
        "format": schemas::OUTCOME,
        "estate": estate.exact(),
        "digest": digest,
        "base": base(revisions.as_ref()),
        "head": head(revisions.as_ref()),
        "interrupted": interrupted,
        "unchanged": unchanged,
        "duration": seconds(*duration),
        "summary": outcome_summary(summary),
        "actions": actions.iter().map(report).collect::<Vec<_>>(),
        "unreadable": unreadable.iter().map(unreadable_resource).collect::<Vec<_>>(),
        "openJobs": view.open_jobs().map(open_job).collect::<Vec<_>>(),
        "journal": name(journal.as_ref()),
        "resume": name(resume.as_ref()),
    }))
}

pub(super) fn drift(view: &DriftView) -> String {
    let DriftView { estate, created, revisions, summary, resources, unreadable, unmanaged, notes } = view;
    finish(&json!({
        "format": schemas::DRIFT,
        "estate": estate.exact(),
        "created": created.map(|created| created.to_string()),
        "base": base(revisions.as_ref()),
        "head": head(revisions.as_ref()),
        "summary": drift_summary(summary),
        "resources": resources.iter().map(drifted).collect::<Vec<_>>(),
        "unreadable": unreadable.iter().map(unreadable_resource).collect::<Vec<_>>(),
        "unmanaged": unmanaged.iter().map(unmanaged_resource).collect::<Vec<_>>(),
        "notes": notes.iter().map(note).collect::<Vec<_>>(),
    }))
}

/// What the files were compared with; null without a base.
fn base(revisions: Option<&RevisionsView>) -> Value {
    revisions.map_or(Value::Null, |it| json!({"ref": it.reference.exact(), "commit": it.base}))
}

/// What the files were checked out from; null without a base, and where nothing is committed yet.
fn head(revisions: Option<&RevisionsView>) -> Value {
    let head = revisions.and_then(|revisions| revisions.head.as_ref());
    head.map_or(Value::Null, |(commit, clean)| json!({"commit": commit, "clean": clean}))
}

pub(super) fn why(view: &WhyView) -> String {
    let WhyView { address, live, layers, fields } = view;
    let live = match live {
        LiveSide::NotRead => "not-read",
        LiveSide::Refused => "refused",
        LiveSide::Missing => "missing",
        LiveSide::Read => "read",
    };
    finish(&json!({
        "format": schemas::WHY,
        "address": address.exact(),
        "live": live,
        "layers": layers.iter().map(layer).collect::<Vec<_>>(),
        "fields": fields.iter().map(why_field).collect::<Vec<_>>(),
    }))
}

fn layer(view: &LayerView) -> Value {
    let LayerView { role, values, place: source } = view;
    let values = values.iter().map(|(name, value)| (name.exact().to_owned(), value.exact().into()));
    json!({"role": role, "values": Map::from_iter(values), "source": place(Some(source))})
}

fn why_field(view: &WhyFieldView) -> Value {
    let WhyFieldView { value, is_declared, layer, over, base, verdict, owner, effect, mode, doc, ignored } =
        view;
    let verdict = match verdict {
        Verdict::Unknown => "unknown",
        Verdict::Same => "same",
        Verdict::Differs => "differs",
        Verdict::NotCompared => "not-compared",
        Verdict::Unmanaged => "unmanaged",
    };
    let mut out = said(value, *layer);
    let mut put = |name: &str, value: Value| {
        out.insert(name.to_owned(), value);
    };
    if !value.sensitive {
        put("live", value.before.as_ref().map_or(Value::Null, |value| value.exact().clone()));
    }
    put("declared", (*is_declared).into());
    put("verdict", verdict.into());
    put("over", over.iter().map(|(value, layer)| Value::Object(said(value, *layer))).collect());
    if let Some(base) = base {
        put("base", base.as_ref().map_or(Value::Null, |base| Value::Object(said(base, None))));
    }
    put("owner", owner.0.into());
    put("effect", effect.0.into());
    put("mode", mode.map_or(Value::Null, |mode| mode.name().into()));
    put("doc", (*doc).into());
    let ignored = ignored.as_ref().map_or(Value::Null, |(reason, source)| {
        let reason = reason.as_ref().map_or(Value::Null, |reason| reason.as_str().into());
        json!({"reason": reason, "source": place(Some(source))})
    });
    put("ignored", ignored);
    Value::Object(out)
}

/// What a layer says of a field.
fn said(view: &ChangeView, layer: Option<usize>) -> Map<String, Value> {
    let mut out = Map::new();
    out.insert("path".to_owned(), view.path.exact().into());
    out.insert("sensitive".to_owned(), view.sensitive.into());
    let (desired, reference) = match &view.wanted {
        Wanted::Value(value) => (value.exact().clone(), Value::Null),
        Wanted::Hidden { reference, .. } => (Value::Null, name(reference.as_ref())),
        Wanted::Unset { reference } => (Value::Null, reference.exact().into()),
        Wanted::Later { address } => (Value::Null, address.exact().into()),
        Wanted::Cleared | Wanted::Removed => (Value::Null, Value::Null),
    };
    if !view.sensitive {
        out.insert("desired".to_owned(), desired);
    }
    out.insert("reference".to_owned(), reference);
    out.insert("source".to_owned(), place(view.place.as_ref()));
    out.insert("layer".to_owned(), layer.map_or(Value::Null, Value::from));
    out
}

/// The document as text. What a terminal or a build server would act on is escaped, which JSON allows inside strings
/// and which reads back as it was; it cannot stand outside strings.
pub(super) fn finish(document: &Value) -> String {
    escaped(&format!("{document:#}"))
}

/// As [`finish`], on one line.
pub(super) fn finish_line(document: &Value) -> String {
    escaped(&document.to_string())
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 1);
    for character in text.chars() {
        // `##vso[…]` and `##[…]` are orders to build servers, wherever they stand in a line of their logs.
        let is_order = character == '#' && out.ends_with('#');
        if character != '\n' && is_hidden(character) || is_order {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(character);
        }
    }
    out.push('\n');
    out
}

pub(super) fn name(name: Option<&Name>) -> Value {
    name.map_or(Value::Null, |name| name.exact().into())
}

pub(super) fn place(place: Option<&Place>) -> Value {
    let Some(Place { file, line, column, end_line, end_column }) = place else { return Value::Null };
    json!({
        "file": file.exact(),
        "line": line,
        "column": column,
        "endLine": end_line,
        "endColumn": end_column,
    })
}

/// To the millisecond: more would be noise.
fn seconds(duration: Duration) -> Value {
    json!((duration.as_secs_f64() * 1000.0).round() / 1000.0)
}

fn plan_summary(summary: &PlanSummary) -> Value {
    let PlanSummary {
        create,
        update,
        delete,
        restart,
        scale,
        unchanged,
        blocked,
        waiting,
        unreadable,
        unmanaged,
        problems: _,
        production: _,
        classes,
    } = summary;
    let mut out = json!({
        "create": create,
        "update": update,
        "delete": delete,
        "restart": restart,
        "scale": scale,
        "unchanged": unchanged,
        "blocked": blocked,
        "waiting": waiting,
        "unreadable": unreadable,
        "unmanaged": unmanaged,
    });
    if let (Some(classes), Some(fields)) = (classes, out.as_object_mut()) {
        let ClassCounts { change, adopt, conflict, drift } = classes;
        let classes = json!({"conflict": conflict, "change": change, "adopt": adopt, "drift": drift});
        fields.insert("classes".to_owned(), classes);
    }
    out
}

fn action(view: &ActionView) -> Map<String, Value> {
    let ActionView {
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
        waived,
        reason: reason_in_plan,
        changes,
        place: source,
    } = view;
    let mut out = Map::new();
    let mut put = |key: &str, value: Value| out.insert(key.to_owned(), value);
    put("id", id.exact().into());
    put("address", address.exact().into());
    put("kind", kind.name().into());
    put("verb", verb.name().into());
    put("class", class.unwrap_or(CHANGE).name().into());
    put("effect", effect.name().into());
    put("production", (*production).into());
    put("destructive", (*destructive).into());
    put("needs", needs.iter().map(Name::exact).collect());
    put("digest", digest.as_str().into());
    put("status", status.name().into());
    match status {
        StatusView::Ready => {
            put("reason", reason_in_plan.as_str().into());
        }
        StatusView::Blocked { code, reason, help, place: no, is_guard } => {
            put("reason", reason.as_str().into());
            put("help", help.as_ref().map(Message::as_str).into());
            put("code", code.as_str().into());
            put("guard", (*is_guard).into());
            put("blockedBy", place(no.as_ref()));
        }
        StatusView::Waiting { code, reason, on, command } => {
            put("reason", reason.as_str().into());
            put("help", "run the command, then apply again".into());
            put("code", code.as_str().into());
            put("waitsFor", on.exact().into());
            put("command", command.exact().into());
        }
    }
    if !matches!(status, StatusView::Ready) {
        put("because", reason_in_plan.as_str().into());
    }
    if !waived.is_empty() {
        put("waived", waived.iter().map(waived_guard).collect());
    }
    put("changes", changes.iter().map(|view| change(view, CHANGE)).collect());
    put("source", place(Some(source)));
    out
}

fn waived_guard(view: &WaivedView) -> Value {
    let WaivedView { code, reason, place: source } = view;
    json!({"code": code, "reason": reason.as_str(), "source": place(source.as_ref())})
}

fn change(view: &ChangeView, otherwise: Class) -> Value {
    let ChangeView {
        path,
        inner: _,
        steps: _,
        is_item: _,
        short: _,
        sensitive,
        is_live,
        before,
        wanted,
        place: source,
        class,
    } = view;
    let mut out = Map::new();
    out.insert("path".to_owned(), path.exact().into());
    out.insert("class".to_owned(), class.unwrap_or(otherwise).name().into());
    if !sensitive {
        let before = before.as_ref().map_or(Value::Null, |value| value.exact().clone());
        out.insert("before".to_owned(), before);
        let after = match wanted {
            Wanted::Value(value) => value.exact().clone(),
            Wanted::Hidden { .. }
            | Wanted::Unset { .. }
            | Wanted::Later { .. }
            | Wanted::Cleared
            | Wanted::Removed => Value::Null,
        };
        out.insert("after".to_owned(), after);
    }
    out.insert("live".to_owned(), (*is_live).into());
    out.insert("intent".to_owned(), intent(wanted).into());
    match wanted {
        Wanted::Later { address } => {
            out.insert("knownAfter".to_owned(), address.exact().into());
        }
        Wanted::Hidden { reference: Some(reference), .. } | Wanted::Unset { reference } => {
            out.insert("reference".to_owned(), reference.exact().into());
        }
        Wanted::Hidden { reference: None, .. } | Wanted::Value(_) | Wanted::Cleared | Wanted::Removed => {}
    }
    out.insert("sensitive".to_owned(), (*sensitive).into());
    out.insert("source".to_owned(), place(source.as_ref()));
    Value::Object(out)
}

/// What a change comes to, where `after` alone does not tell.
const fn intent(wanted: &Wanted) -> &'static str {
    match wanted {
        Wanted::Value(_) => "value",
        Wanted::Hidden { is_set: true, .. } => "secret",
        Wanted::Hidden { is_set: false, .. } => "unset-secret",
        Wanted::Unset { .. } => "unset",
        Wanted::Later { .. } => "later",
        Wanted::Cleared => "clear",
        Wanted::Removed => "remove",
    }
}

fn unmanaged_resource(view: &UnmanagedView) -> Value {
    let UnmanagedView { address, id } = view;
    json!({"address": address.exact(), "id": id.exact()})
}

fn unreadable_resource(view: &UnreadableView) -> Value {
    let UnreadableView { address, because, reason, place: source } = view;
    json!({
        "address": address.exact(),
        "because": because.exact(),
        "reason": reason.as_str(),
        "source": place(Some(source)),
    })
}

fn note(view: &NoteView) -> Value {
    let NoteView { severity, code, address, message, help, place: source } = view;
    let mut out = Map::new();
    out.insert("severity".to_owned(), severity.name().into());
    out.insert("code".to_owned(), code.as_str().into());
    out.insert("address".to_owned(), name(address.as_ref()));
    out.insert("message".to_owned(), message.as_str().into());
    if let Some(help) = help {
        out.insert("help".to_owned(), help.as_str().into());
    }
    out.insert("source".to_owned(), place(source.as_ref()));
    Value::Object(out)
}

fn open_job((report, job): (&ReportView, &Name)) -> Value {
    json!({"action": report.action.id.exact(), "address": report.action.address.exact(), "job": job.exact()})
}

fn outcome_summary(summary: &OutcomeSummary) -> Value {
    let OutcomeSummary { counts, total } = summary;
    let mut out = Map::new();
    for (outcome, count) in counts {
        out.insert(summary_key(*outcome).to_owned(), (*count).into());
    }
    out.insert("total".to_owned(), (*total).into());
    Value::Object(out)
}

/// The key of an outcome in a summary: its name, as keys are spelt.
const fn summary_key(outcome: ActionOutcome) -> &'static str {
    match outcome {
        ActionOutcome::NotStarted => "notStarted",
        other => other.name(),
    }
}

fn report(view: &ReportView) -> Value {
    let ReportView {
        action: planned,
        outcome,
        job,
        verified,
        duration,
        error,
        warnings,
        package,
        log,
        because: _,
    } = view;
    let mut out = action(planned);
    out.insert("outcome".to_owned(), outcome.name().into());
    out.insert("job".to_owned(), name(job.as_ref()));
    out.insert("verified".to_owned(), (*verified).into());
    out.insert("duration".to_owned(), seconds(*duration));
    out.insert("error".to_owned(), error.as_ref().map_or(Value::Null, failure));
    out.insert("warnings".to_owned(), warnings.iter().map(Message::as_str).collect());
    if let Some(package) = package {
        out.insert("packageId".to_owned(), package.exact().into());
    }
    if !log.is_empty() {
        out.insert("log".to_owned(), log.iter().map(Message::as_str).collect());
    }
    Value::Object(out)
}

fn failure(view: &FailureView) -> Value {
    let FailureView { code, message, help, place: source, is_consequence: _ } = view;
    json!({
        "code": code,
        "message": message.as_str(),
        "help": help.as_ref().map(Message::as_str),
        "source": place(source.as_ref()),
    })
}

fn drift_summary(summary: &DriftSummary) -> Value {
    let DriftSummary {
        drifted,
        missing,
        not_removed,
        failed,
        unreadable,
        unmanaged,
        managed,
        open,
        coverage,
    } = summary;
    let mut out = json!({
        "drifted": drifted,
        "missing": missing,
        "failed": failed,
        "notRemoved": not_removed,
        "unreadable": unreadable,
        "unmanaged": unmanaged,
        "managed": managed,
        "coverage": coverage,
    });
    if let (Some(open), Some(fields)) = (open, out.as_object_mut()) {
        fields.insert("notApplied".to_owned(), (*open).into());
    }
    out
}

fn drifted(view: &DriftedView) -> Value {
    let DriftedView { address, state, changes, place: source } = view;
    json!({
        "address": address.exact(),
        "state": state.name(),
        "changes": changes.iter().map(|view| change(view, DRIFT)).collect::<Vec<_>>(),
        "source": place(Some(source)),
    })
}
