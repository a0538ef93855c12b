//! `mxkeep import`: an estate from what is live. Sends only GET.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use uuid::Uuid;

use super::drift::report_refused;
use crate::api::{Survey, Wanted, fetch_more, survey};
use crate::cli::accept::{accept_changes, loaded, texts, verify};
use crate::cli::args::ImportArgs;
use crate::cli::context::{
    Access, Bases, Connection, Estate, connect_to, has_cloud_apps, invalid, read_estate, shown, today, warn,
};
use crate::cli::error::CliError;
use crate::cli::exit::ExitStatus;
use crate::cli::files;
use crate::cli::ui::Ui;
use crate::diff::Change;
use crate::model::{DesiredState, Identity, Kind, Reading};
use crate::plan::{Action, PlanInput, Scope, Verb, plan};
use crate::render::{plural, sanitise};
use crate::source::{Import, Imported, LeftOut, LoadOptions, Variable, import, load_with};

pub(in crate::cli) async fn run(args: &ImportArgs, ui: &Ui) -> Result<ExitStatus, CliError> {
    if args.merge {
        return merge(args, ui).await;
    }
    check_empty(&args.estate)?;
    let is_new = !args.estate.exists();
    fs_err::create_dir_all(&args.estate).map_err(|error| CliError::file("make", &args.estate, &error))?;
    let done = write_new(args, ui).await;
    if is_new && (done.is_err() || args.dry_run) {
        // Only a directory that is still empty can be removed this way.
        let _ = fs_err::remove_dir(&args.estate);
    }
    done
}

/// An import never overwrites anything. What is hidden, such as `.git`, is in nobody's way.
fn check_empty(directory: &Path) -> Result<(), CliError> {
    let entries = match fs_err::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(CliError::file("read", directory, &error)),
    };
    let visible = entries.flatten().find(|entry| !entry.file_name().to_string_lossy().starts_with('.'));
    match visible {
        None => Ok(()),
        Some(entry) => Err(CliError::usage(
            format!("`{}` is not empty: it has `{}`", directory.display(), entry.file_name().display()),
            "name a new directory, or add to an existing estate with --merge",
        )),
    }
}

async fn write_new(args: &ImportArgs, ui: &Ui) -> Result<ExitStatus, CliError> {
    let name = estate_name(&args.estate);
    let estate = blank(&args.estate, &name)?;
    let Connection { client, bases, simulation, .. } = reach(&estate, args).await?;
    ui.detail(&format!("reading from {}", bases_shown(args, &bases)));
    let surveyed = read(&client, args).await;
    if let Some(simulation) = simulation {
        simulation.stop().await;
    }
    let surveyed = surveyed?;
    let request = Import {
        live: &surveyed.live,
        apps: &surveyed.apps,
        existing: None,
        taken: &BTreeSet::new(),
        changed: &BTreeMap::new(),
        estate: &name,
        defaults: !args.no_defaults,
        today: today(),
    };
    let mut imported = import(&args.estate, &request).map_err(invalid)?;
    if !imported.variables.is_empty() {
        imported.files.insert(SECRETS.to_owned(), secrets(&imported.variables));
    }
    if args.dry_run {
        let text = files::difference(&BTreeMap::new(), &imported.files);
        ui.result(&text).map_err(|error| CliError::output(&error))?;
    } else {
        files::write(&args.estate, &imported.files)?;
        let text = summary(&imported, &args.estate);
        ui.result(&text).map_err(|error| CliError::output(&error))?;
    }
    report(ui, &surveyed, &imported);
    let listed =
        if imported.files.contains_key(SECRETS) { format!(", listed in {SECRETS}") } else { String::new() };
    report_variables(ui, &imported.variables, &listed);
    check(ui, &surveyed, &imported, None);
    Ok(status(&surveyed))
}

/// Adds what no file declares to an estate, and lets its files follow what is live.
async fn merge(args: &ImportArgs, ui: &Ui) -> Result<ExitStatus, CliError> {
    let estate = read_estate(&args.estate)?;
    warn(ui, &estate.warnings);
    let Connection { client, bases, simulation, .. } = reach(&estate, args).await?;
    ui.detail(&format!("reading from {}", bases_shown(args, &bases)));
    let surveyed = read_beside(&client, args, &estate.desired).await;
    if let Some(simulation) = simulation {
        simulation.stop().await;
    }
    let surveyed = surveyed?;
    let live = &surveyed.live;
    let scope = Scope::default();
    let input = PlanInput::new(&estate.desired, live, &scope, today());
    let before = plan(&input)?;
    let texts = texts(&estate)?;
    let wanted = |identity: &Identity, _: &Change| live.get(identity).is_some();
    let accepted = accept_changes(&estate.desired, live, &before, &texts, wanted)?;
    verify(&estate, live, &scope, &before, &accepted, wanted)?;
    let request = Import {
        live,
        apps: &surveyed.apps,
        existing: Some(&estate.desired),
        taken: &estate.files.names().map(str::to_owned).collect(),
        changed: &accepted.files,
        estate: &estate.desired.settings.estate,
        defaults: false,
        today: today(),
    };
    let imported = import(&args.estate, &request).map_err(invalid)?;
    let mut changed = accepted.files.clone();
    changed.extend(imported.files.clone());
    let imported = settle(&estate, imported, &surveyed, &mut changed)?;
    if !args.dry_run {
        files::write(&args.estate, &changed)?;
    }
    let text = files::difference(&texts, &changed);
    ui.result(&text).map_err(|error| CliError::output(&error))?;
    if changed.is_empty() {
        ui.status("nothing to write: the files say what is live");
    }
    if is_whole(args) {
        for action in before.actions.iter().filter(|action| action.verb() == Verb::Create) {
            ui.tell(&format!("kept: {} is declared and not live\n", action.address));
        }
    }
    report(ui, &surveyed, &imported);
    report_refused(ui, &accepted);
    report_variables(ui, &imported.variables, "");
    check(ui, &surveyed, &imported, Some(&estate.desired));
    Ok(status(&surveyed))
}

/// What the token may not see is no part of the estate, which whoever imports it has to know.
fn status(surveyed: &Survey) -> ExitStatus {
    if surveyed.live.refused.is_empty() { ExitStatus::Done } else { ExitStatus::NotAuthorised }
}

/// Defaults that the estate has may reach new documents and say more than is live there. They get what they need to
/// be as they are live.
fn settle(
    estate: &Estate,
    imported: Imported,
    surveyed: &Survey,
    changed: &mut BTreeMap<String, String>,
) -> Result<Imported, CliError> {
    let Some(desired) = &imported.loaded.desired else { return Ok(imported) };
    let scope = Scope::default();
    let input = PlanInput::new(desired, &surveyed.live, &scope, today());
    let after = plan(&input)?;
    let is_new = |identity: &Identity| !estate.desired.resources.contains_key(identity);
    let mut texts = texts(estate)?;
    texts.extend(changed.clone());
    let accepted = accept_changes(desired, &surveyed.live, &after, &texts, |identity, _| is_new(identity))?;
    if accepted.files.is_empty() {
        return Ok(imported);
    }
    changed.extend(accepted.files);
    let loaded = loaded(estate, changed);
    if loaded.desired.is_none() {
        return Err(invalid(loaded.diagnostics));
    }
    Ok(Imported { loaded, ..imported })
}

/// Reads what is wanted and what the estate declares beside it.
async fn read_beside(
    client: &crate::api::Client,
    args: &ImportArgs,
    desired: &DesiredState,
) -> Result<Survey, CliError> {
    let mut surveyed = read(client, args).await?;
    if is_whole(args) {
        let mut reading = Scope::default().reading(desired);
        reading.list_clusters = false;
        let is_read = |cluster: &Uuid| surveyed.live.get(&Identity::Cluster(*cluster)).is_some();
        reading.namespaces_of.retain(|cluster| !is_read(cluster));
        reading.clusters.retain(|cluster| !is_read(cluster));
        reading.environments_of.retain(|app| !surveyed.apps.contains_key(app));
        surveyed.live = fetch_more(client, &reading, surveyed.live).await?;
    }
    Ok(surveyed)
}

/// The way to what is wanted. Only version 4 of the API of Mendix Cloud tells which environments an app has.
async fn reach(estate: &Estate, args: &ImportArgs) -> Result<Connection, CliError> {
    let mendix_cloud = !args.cloud_app.is_empty() || has_cloud_apps(&estate.desired);
    let connection = connect_to(estate, None, &args.api, Access::Read, mendix_cloud).await?;
    let is_old = connection.bases.mendix_cloud.path().trim_end_matches('/').ends_with("/v3");
    if is_old && !args.cloud_app.is_empty() {
        return Err(CliError::usage(
            "version 3 of the API of Mendix Cloud does not tell which environments an app has",
            "use version 4: --cloud-api-url https://cloud.home.mendix.com/api/v4",
        ));
    }
    Ok(connection)
}

/// Where what is wanted is read from.
fn bases_shown(args: &ImportArgs, bases: &Bases) -> String {
    let is_part = !args.cluster.is_empty() || !args.app.is_empty();
    let private = Some(&bases.private_cloud).filter(|_| is_part || args.cloud_app.is_empty());
    let cloud = Some(&bases.mendix_cloud).filter(|_| !args.cloud_app.is_empty());
    let places: Vec<_> = private.into_iter().chain(cloud).map(shown).collect();
    places.join(" and ")
}

/// Whether everything is wanted.
fn is_whole(args: &ImportArgs) -> bool {
    args.cluster.is_empty() && args.app.is_empty() && args.cloud_app.is_empty()
}

/// Reads what is wanted; a name that nobody has is an error.
async fn read(client: &crate::api::Client, args: &ImportArgs) -> Result<Survey, CliError> {
    let wanted =
        Wanted { clusters: args.cluster.clone(), apps: args.app.clone(), cloud_apps: args.cloud_app.clone() };
    let surveyed = survey(client, &wanted).await?;
    if let Some(unknown) = surveyed.unknown.first() {
        let message = format!("there is no `{unknown}` among what this token may see");
        return Err(CliError::usage(
            message,
            "name clusters and apps as the Developer Portal does, or by id",
        ));
    }
    Ok(surveyed)
}

/// The name of a new estate: that of its directory.
fn estate_name(directory: &Path) -> String {
    let absolute = std::path::absolute(directory).unwrap_or_else(|_| directory.to_owned());
    let name = absolute.file_name().map(|name| name.to_string_lossy().into_owned());
    name.filter(|name| !name.trim().is_empty()).unwrap_or_else(|| "imported".to_owned())
}

/// An estate with nothing in it, to find the API with.
fn blank(directory: &Path, name: &str) -> Result<Estate, CliError> {
    let home = format!("estate: {}\n", serde_json::Value::from(name));
    let texts = BTreeMap::from([("mxkeep.yaml".to_owned(), home)]);
    let loaded = load_with(directory, &LoadOptions { environment: &|_| None, today: today() }, &texts);
    match loaded.desired {
        Some(desired) => {
            let (directory, files, taken) = (directory.to_owned(), loaded.files, loaded.taken);
            Ok(Estate { directory, desired, files, warnings: Vec::new(), taken })
        }
        None => Err(invalid(loaded.diagnostics)),
    }
}

/// The page that lists the variables.
const SECRETS: &str = "secrets.md";

fn secrets(variables: &[Variable]) -> String {
    let mut text = "# Secrets of this estate\n\n\
        No secret stands in these files. Set the variables where mxkeep runs; a field whose variable is not set is\n\
        neither compared nor changed. The secrets that the API never returns, such as the password of the MxAdmin user,\n\
        are not here: add them to the files of their environments if mxkeep is to send them.\n\n\
        | variable | resource | field | value |\n|---|---|---|---|\n"
        .to_owned();
    for Variable { name, address, path, base64 } in variables {
        let value = if *base64 { "in base64" } else { "as it is" };
        let cell = |text: &str| text.replace('|', "\\|").replace(['\n', '\r'], " ");
        text.push_str(&format!("| `{name}` | `{}` | `{}` | {value} |\n", cell(address), cell(path)));
    }
    text
}

fn summary(imported: &Imported, directory: &Path) -> String {
    let Some(desired) = &imported.loaded.desired else { return String::new() };
    let files = plural::FILE.count(imported.files.len());
    format!("Imported into {}: {} in {files}\n", directory.display(), counts(desired))
}

fn counts(desired: &DesiredState) -> String {
    let counted = Kind::ALL.into_iter().filter_map(|kind| {
        let count = desired.of_kind(kind).count();
        let word = if count == 1 { kind.name() } else { kind.plural() };
        (count > 0).then(|| format!("{count} {word}"))
    });
    let counted: Vec<_> = counted.collect();
    if counted.is_empty() { "nothing".to_owned() } else { counted.join(", ") }
}

/// What is left to do, and what is not in the files.
fn report(ui: &Ui, surveyed: &Survey, imported: &Imported) {
    if !surveyed.apps_listed {
        ui.status("the token may not list apps: they were found through the namespaces that it may read");
    }
    for app in &surveyed.live.missing_apps {
        ui.tell(&format!("not imported: app {app}: the API does not show it to this token\n"));
    }
    for (reading, said) in &surveyed.live.refused {
        let what = match reading {
            Reading::One(identity) => format!("{} {}", identity.kind(), identity.id()),
            Reading::NamespacesOf(cluster) => format!("the namespaces of cluster {cluster}"),
            Reading::EnvironmentsOf(app) => format!("the environments of app {app}"),
            Reading::PackagesOf(app) => format!("the packages of app {app}"),
        };
        ui.tell(&format!(
            "not imported: {}: the API does not show it to this token ({})\n",
            sanitise(&what),
            sanitise(said)
        ));
    }
    for LeftOut { address, path, why } in &imported.left_out {
        let place = path.as_ref().map_or_else(|| address.clone(), |path| format!("{address} {path}"));
        ui.tell(&format!("not imported: {}: {}\n", sanitise(&place), sanitise(why)));
    }
    if !imported.files.is_empty() {
        ui.status("left out: secrets that the API never returns, and what only the platform decides");
    }
}

fn report_variables(ui: &Ui, variables: &[Variable], listed: &str) {
    if variables.is_empty() {
        return;
    }
    let count = plural::VARIABLE.count(variables.len());
    ui.status(&format!("{count} to set{listed}; what is not set is not compared:"));
    for Variable { name, address, path, .. } in variables {
        ui.status(&format!("  {name}  {}", sanitise(&format!("{address} {path}"))));
    }
}

/// An import promises that a plan finds nothing to do. It would be a fault of mxkeep, and nobody should find out later.
fn check(ui: &Ui, surveyed: &Survey, imported: &Imported, before: Option<&DesiredState>) {
    let Some(desired) = &imported.loaded.desired else { return };
    let scope = Scope::default();
    let input = PlanInput::new(desired, &surveyed.live, &scope, today());
    let is_new =
        |action: &Action| before.is_none_or(|before| !before.resources.contains_key(&action.identity));
    for action in plan(&input).map(|plan| plan.actions).unwrap_or_default().iter().filter(|it| is_new(it)) {
        ui.tell(&format!("warning: {} is not as it is live; look at it with mxkeep plan\n", action.address));
    }
}
