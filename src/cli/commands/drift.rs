//! `mxkeep drift`: how the live state departs from the files. Sends only GET.
//!
//! With `--accept` the files follow: the live values are written where they are declared.

use std::collections::BTreeSet;

use crate::apply::plan_file::whole_seconds;
use crate::cli::accept::{accept_changes, texts, verify};
use crate::cli::args::{DriftArgs, PlanningArgs};
use crate::cli::context::{Access, Session};
use crate::cli::error::CliError;
use crate::cli::exit::ExitStatus;
use crate::cli::ui::Ui;
use crate::cli::{files, output};
use crate::diff::Change;
use crate::model::{AddressGlob, Identity};
use crate::plan::drift::drift;
use crate::plan::{PlanInput, plan};
use crate::render::{DriftView, Report, RevisionsView, drift_view, sanitise};
use crate::source::Accepted;

pub(in crate::cli) async fn run(args: &DriftArgs, ui: &Ui) -> Result<ExitStatus, CliError> {
    let session =
        Session::open_for(&args.live, &args.base, &PlanningArgs::default(), Access::Read, ui).await?;
    let done = if args.accept.is_empty() { show(args, ui, &session) } else { follow(args, ui, &session) };
    session.close().await;
    done
}

fn show(args: &DriftArgs, ui: &Ui, session: &Session) -> Result<ExitStatus, CliError> {
    let drift = drift(&session.plan_input())?;
    let revisions = session.revisions().map(RevisionsView::from);
    let view = DriftView { revisions, created: Some(whole_seconds(session.now)), ..drift_view(&drift) };
    output::write_report(ui, &args.live.output, &Report::Drift(view))?;
    let mut met = Vec::new();
    if !drift.unreadable.is_empty() {
        met.push(ExitStatus::NotAuthorised);
    }
    if !drift.resources.is_empty() {
        met.push(ExitStatus::SomethingToDo);
    }
    Ok(ExitStatus::first_of(&met))
}

/// Writes what is live into the files.
fn follow(args: &DriftArgs, ui: &Ui, session: &Session) -> Result<ExitStatus, CliError> {
    let addresses = addresses(args, session)?;
    // What is live is taken, whoever made it so.
    let plan = plan(&PlanInput { base: None, ..session.plan_input() })?;
    let wanted = |identity: &Identity, change: &Change| {
        let path = change.path.to_string();
        addresses.contains(identity)
            && (args.field.is_empty() || args.field.iter().any(|field| is_below(&path, field)))
    };
    let differs = plan
        .actions
        .iter()
        .any(|action| action.changes().iter().any(|change| wanted(&action.identity, change)));
    let absent = report_absent(ui, session, &addresses);
    if !differs {
        if absent {
            return Ok(ExitStatus::Refused);
        }
        ui.status("nothing to accept: the files say what is live");
        return Ok(ExitStatus::Done);
    }
    let texts = texts(&session.estate)?;
    let accepted = accept_changes(&session.estate.desired, &session.live, &plan, &texts, wanted)?;
    verify(&session.estate, &session.live, &session.scope, &plan, &accepted, wanted)?;
    let difference = files::difference(&texts, &accepted.files);
    if !args.dry_run {
        files::write(&session.estate.directory, &accepted.files)?;
    }
    ui.result(&difference).map_err(|error| CliError::output(&error))?;
    report_refused(ui, &accepted);
    Ok(if accepted.refused.is_empty() && !absent { ExitStatus::Done } else { ExitStatus::Refused })
}

/// Tells of resources that are meant and not live: no value of theirs can be accepted. Whether there are any.
fn report_absent(ui: &Ui, session: &Session, addresses: &BTreeSet<Identity>) -> bool {
    let mut any = false;
    for identity in addresses.iter().filter(|identity| identity.kind().is_managed()) {
        let Some(desired) = session.estate.desired.resources.get(identity) else { continue };
        if session.live.get(identity).is_some() {
            continue;
        }
        any = true;
        let (why, help) = match session.live.hidden_by(identity, desired.cluster) {
            Some(_) => ("the API does not show it to this token", "use a token that may read it"),
            None => ("it is declared and not live", "remove its document if it is not to come back"),
        };
        let place = &desired.origin;
        let address = sanitise(&desired.address.to_string());
        ui.tell(&format!(
            "not accepted: {address} ({}:{}:{}): {why}\nhelp: {help}\n",
            place.file, place.line, place.column
        ));
    }
    any
}

/// Changes that the files cannot follow.
pub(super) fn report_refused(ui: &Ui, accepted: &Accepted) {
    for (left_out, refused) in &accepted.refused {
        let path = left_out.path.clone().unwrap_or_default();
        let place = match &refused.origin {
            Some(origin) => format!(" ({}:{}:{})", origin.file, origin.line, origin.column),
            None => String::new(),
        };
        let what = sanitise(&format!("{} {path}", left_out.address));
        ui.tell(&format!("not accepted: {what}{place}: {}\n", sanitise(&refused.message)));
        ui.tell(&format!("help: {}\n", refused.help));
    }
    for variable in &accepted.variables {
        ui.tell(&format!("set {} for {} {}\n", variable.name, variable.address, variable.path));
    }
}

/// The resources that are meant, once each glob means one.
fn addresses(args: &DriftArgs, session: &Session) -> Result<BTreeSet<Identity>, CliError> {
    let desired = &session.estate.desired;
    let mut found = BTreeSet::new();
    for text in &args.accept {
        let glob = AddressGlob::new(text)
            .map_err(|error| CliError::usage(error.to_string(), "write it like `environment/orders/test`"))?;
        let before = found.len();
        let matches = desired.resources.values().filter(|resource| glob.matches(&resource.address));
        found.extend(matches.map(|resource| resource.identity.clone()));
        if found.len() == before {
            let known: Vec<String> =
                desired.resources.values().map(|resource| resource.address.to_string()).collect();
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let near = similar::get_close_matches(text.as_str(), &known, 1, 0.6);
            let help = near.first().map_or_else(
                || "mxkeep drift shows the addresses".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            return Err(CliError::usage(format!("`--accept {text}` names nothing in the estate"), &help));
        }
    }
    Ok(found)
}

/// Whether a path is that of a field or of something in it.
fn is_below(path: &str, field: &str) -> bool {
    path.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}
