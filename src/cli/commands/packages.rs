//! `mxkeep packages`: the packages of apps, by hand.
//!
//! A build, an upload and a delete are plans of one action, which go through the same engine as `apply`: with its
//! marks, its waiting and its blocks.

use std::io::Write;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::download::Part;
use super::run::{Run, run_plan};
use crate::api::{ApiError, Client, fetch, size};
use crate::apply::Approval;
use crate::cli::args::{
    ApiArgs, OutputArgs, PackagesArgs, PackagesBuildArgs, PackagesCommand, PackagesDeleteArgs,
    PackagesDownloadArgs, PackagesListArgs, PackagesMakingArgs, PackagesUploadArgs,
};
use crate::cli::context::{Access, Connection, Estate, Session, connect, read_estate};
use crate::cli::error::CliError;
use crate::cli::exit::ExitStatus;
use crate::cli::journal::Place;
use crate::cli::output;
use crate::cli::signals::Signals;
use crate::cli::ui::Ui;
use crate::model::{
    Address, AddressGlob, Declared, DeclaredValue, Desired, Fields, Identity, Kind, Live, LiveState, Mark,
    Origin, ReadScope, Reading, Tombstone, TombstoneTarget, Upload,
};
use crate::plan::{Ignores, Scope, plan};
use crate::render::{packages_view, render_packages, sanitise};
use crate::source::packages::{misfit, upload};

pub(in crate::cli) async fn run(args: &PackagesArgs, ui: &Ui) -> Result<ExitStatus, CliError> {
    let mut signals = Signals::listen()?;
    match &args.command {
        PackagesCommand::List(args) => signals.end(list(args, ui)).await,
        PackagesCommand::Download(args) => signals.end(download(args, ui)).await,
        PackagesCommand::Build(args) => build(args, ui, signals).await,
        PackagesCommand::Upload(args) => send(args, ui, signals).await,
        PackagesCommand::Delete(args) => delete(args, ui, signals).await,
    }
}

async fn list(args: &PackagesListArgs, ui: &Ui) -> Result<ExitStatus, CliError> {
    let estate = read_estate(Path::new("."))?;
    let apps = match &args.app {
        Some(app) => vec![find_app(&estate, app)?],
        None => declared_apps(&estate),
    };
    let Connection { client, simulation, .. } = connect(&estate, &args.api, Access::Read).await?;
    let live = read(&client, &estate, &apps, true).await?;
    let view = packages_view(&estate.desired, &live);
    output::write(ui, &args.output, |format, style| render_packages(&view, format, style))?;
    if let Some(simulation) = simulation {
        simulation.stop().await;
    }
    Ok(told_all(&estate, &live, ui))
}

/// Tells what the token may not see: a list without it is not the whole list.
fn told_all(estate: &Estate, live: &LiveState, ui: &Ui) -> ExitStatus {
    let mut status = ExitStatus::Done;
    for (reading, said) in &live.refused {
        let what = match reading {
            Reading::PackagesOf(app) => format!("the packages of {}", app_name(estate, *app)),
            // Without them nobody knows what runs a package.
            Reading::EnvironmentsOf(app) => format!("the environments of {}", app_name(estate, *app)),
            Reading::One(_) | Reading::NamespacesOf(_) => continue,
        };
        let what = sanitise(&what);
        ui.tell(&format!("not shown: {what}: the API does not show it to this token ({})\n", sanitise(said)));
        status = ExitStatus::NotAuthorised;
    }
    for app in &live.missing_apps {
        let app = sanitise(&app_name(estate, *app));
        ui.tell(&format!(
            "not shown: the packages of {app}: the API does not know the app, or does not show it to this token; \
             check `appId`, and that the token's owner is a member of the app\n"
        ));
        status = ExitStatus::NotAuthorised;
    }
    status
}

fn app_name(estate: &Estate, app: Uuid) -> String {
    let declared = estate.desired.resources.get(&Identity::App(app));
    declared.map_or_else(|| format!("app {app}"), |app| format!("`{}`", app.name))
}

async fn build(args: &PackagesBuildArgs, ui: &Ui, signals: Signals) -> Result<ExitStatus, CliError> {
    let PackagesBuildArgs { branch, revision, version, description, save_build_logs, making } = args;
    let of_revision = version.as_ref().unwrap_or(revision);
    let fields = [
        ("branch", Some(branch)),
        ("revision", Some(revision)),
        ("version", version.as_ref()),
        ("description", description.as_ref()),
    ];
    let given: Vec<(&'static str, &str)> =
        fields.into_iter().filter_map(|(name, value)| Some((name, value?.as_str()))).collect();
    let mark = |name: &str| Mark::build(name, branch, revision, version.as_deref());
    make(making, of_revision, &given, mark, None, save_build_logs.clone(), ui, signals).await
}

async fn send(args: &PackagesUploadArgs, ui: &Ui, signals: Signals) -> Result<ExitStatus, CliError> {
    let PackagesUploadArgs { file, making } = args;
    let upload = upload(file)
        .map_err(|message| CliError::usage(message, "name the `.mda` file of a deployment package"))?;
    let shown = file.display().to_string();
    let sha256 = upload.sha256.clone();
    let mark = |name: &str| Mark::upload(name, &sha256);
    let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    make(making, &stem, &[("file", &shown)], mark, Some(upload), None, ui, signals).await
}

/// Makes a package as a declaration would: the estate gets one for this run.
#[expect(clippy::too_many_arguments, reason = "everything that tells one package from another")]
async fn make(
    args: &PackagesMakingArgs,
    suffix: &str,
    given: &[(&'static str, &str)],
    mark: impl Fn(&str) -> Mark,
    upload: Option<Upload>,
    build_logs: Option<PathBuf>,
    ui: &Ui,
    signals: Signals,
) -> Result<ExitStatus, CliError> {
    let PackagesMakingArgs { app, name, output, api } = args;
    let mut estate = read_estate(Path::new("."))?;
    let app_id = find_app(&estate, app)?;
    let name = name.clone().unwrap_or_else(|| proposed_name(&estate, app_id, suffix));
    for (field, value) in given.iter().copied().chain([("name", name.as_str())]) {
        if let Some(wrong) = misfit(field, value) {
            return Err(CliError::usage(format!("`{value}` {wrong}"), &format!("give another {field}")));
        }
    }
    let identity = Identity::Package { app: app_id, mark: mark(&name) };
    let address = Address::package(&name);
    let origin = origin_of(&estate, app_id);
    if let Some(other) = estate.desired.by_address(&address).filter(|other| other.identity != identity) {
        let place = format!("{}:{}:{}", other.origin.file, other.origin.line, other.origin.column);
        let message = format!("the estate declares `{address}` otherwise, at {place}");
        return Err(CliError::usage(message, "give another --name, or change the document and apply"));
    }
    let declared =
        |value: &str| Declared { value: DeclaredValue::Scalar(value.into()), origin: origin.clone() };
    let fields: Fields = given.iter().map(|(field, value)| (*field, declared(value))).collect();
    let desired = Desired {
        address: address.clone(),
        identity: identity.clone(),
        cluster: None,
        upload,
        name,
        manifest_version: None,
        fields,
        depends_on: Vec::new(),
        origin,
        layers: Default::default(),
        overridden: Default::default(),
    };
    estate.desired.resources.insert(identity.clone(), desired);
    let run = OneRun { yes: true, output, api, build_logs };
    let (status, session) = run.carry_out(estate, std::slice::from_ref(&address), ui, signals).await?;
    if let Some(id) = session.live.package_id(&identity) {
        ui.status(&format!("`{address}` exists already: {id}"));
    }
    session.close().await;
    Ok(status)
}

async fn delete(args: &PackagesDeleteArgs, ui: &Ui, signals: Signals) -> Result<ExitStatus, CliError> {
    let PackagesDeleteArgs { packages, app, yes, output, api } = args;
    let mut estate = read_estate(Path::new("."))?;
    let app = find_app(&estate, app)?;
    let Connection { client, simulation, .. } = connect(&estate, api, Access::Read).await?;
    let live = read(&client, &estate, &[app], false).await?;
    if let Some(simulation) = simulation {
        simulation.stop().await;
    }
    let origin = origin_of(&estate, app);
    let mut addresses = Vec::new();
    for text in packages {
        let found = find_package(&live, text)?;
        let address = Address::package(&found.name());
        estate.desired.tombstones.push(Tombstone {
            address: address.clone(),
            target: TombstoneTarget::Package { app, id: found.identity.id() },
            reason: Some("asked for on the command line".to_owned()),
            origin: origin.clone(),
        });
        addresses.push(address);
    }
    let run = OneRun { yes: *yes, output, api, build_logs: None };
    let (status, session) = run.carry_out(estate, &addresses, ui, signals).await?;
    session.close().await;
    Ok(status)
}

/// A run over nothing but these resources.
struct OneRun<'a> {
    yes: bool,
    output: &'a OutputArgs,
    api: &'a ApiArgs,
    build_logs: Option<PathBuf>,
}

impl OneRun<'_> {
    async fn carry_out(
        self,
        estate: Estate,
        addresses: &[Address],
        ui: &Ui,
        mut signals: Signals,
    ) -> Result<(ExitStatus, Session), CliError> {
        // The names of packages hold nothing that a glob gives a meaning to; those of files may.
        let globs = addresses.iter().map(|address| AddressGlob::new(&escaped(&address.to_string())));
        let globs = globs
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| CliError::usage(error.to_string(), "name the package by its id"))?;
        let opening = Session::of(estate, Scope::new(globs), self.api, Access::Write, ui);
        let mut session = signals.end(opening).await?;
        let plan = plan(&session.plan_input())?;
        let run = Run {
            yes: self.yes,
            approval: Approval::Everything,
            journal: Place::Nowhere,
            waive: &[],
            output: self.output,
            ignores: Ignores::default(),
            build_logs: self.build_logs,
            wait_for_human: None,
        };
        let status = run_plan(run, ui, &mut session, &plan, signals).await?;
        Ok((status, session))
    }
}

async fn download(args: &PackagesDownloadArgs, ui: &Ui) -> Result<ExitStatus, CliError> {
    let PackagesDownloadArgs { package, app, to, api } = args;
    let estate = read_estate(Path::new("."))?;
    let app = find_app(&estate, app)?;
    let Connection { client, simulation, .. } = connect(&estate, api, Access::Read).await?;
    let live = read(&client, &estate, &[app], false).await?;
    let id = find_package(&live, package)?.identity.id();
    let document = client.get_package_with_url(app, &id).await?;
    let text = |pointer: &str| document.as_ref()?.pointer(pointer)?.as_str();
    let (Some(url), Some(expected)) = (
        text("/package/url/location"),
        document.as_ref().and_then(|document| document.pointer("/package/fileSize")?.as_u64()),
    ) else {
        let message = "the platform gives no URL for the file of the package";
        return Err(CliError::new(ExitStatus::Unreachable, message, "look at the package in the portal"));
    };
    let path = to.clone().unwrap_or_else(|| file_name(text("/package/fileName"), &id));
    let written = save(&client, url, expected, &path, ui).await;
    if let Some(simulation) = simulation {
        simulation.stop().await;
    }
    written?;
    ui.status(&format!("wrote {} ({})", path.display(), size(expected)));
    Ok(ExitStatus::Done)
}

/// Writes a file whole or not at all: beside its place first.
async fn save(client: &Client, url: &str, expected: u64, path: &Path, ui: &Ui) -> Result<(), CliError> {
    let part = Part::new(path)?;
    write_part(client, url, expected, &part, ui).await?;
    part.finish(path).map_err(|error| CliError::file("write", path, &error))
}

async fn write_part(client: &Client, url: &str, expected: u64, part: &Part, ui: &Ui) -> Result<(), CliError> {
    let failed = |error: &std::io::Error| CliError::file("write", part.path(), error);
    let file = part.open().map_err(|error| failed(&error))?;
    let mut file = std::io::BufWriter::new(file);
    let (mut got, mut tenth, mut broken) = (0_u64, 0, None);
    let download = client.download(url, |chunk| {
        if let Err(error) = file.write_all(chunk) {
            broken = Some(error);
            return Err(ApiError::Unaddressable {
                request: client.no_request(),
                problem: "the file cannot be written".to_owned(),
            });
        }
        got = got.saturating_add(chunk.len() as u64);
        let now = got.saturating_mul(10).checked_div(expected).unwrap_or(10);
        if now > tenth {
            tenth = now;
            ui.status(&format!("downloading {} % of {}", now * 10, size(expected)));
        }
        Ok(())
    });
    let downloaded = download.await;
    if let Some(error) = broken {
        return Err(failed(&error));
    }
    downloaded?;
    file.flush().map_err(|error| failed(&error))?;
    if got != expected {
        let message = format!("the file came with {got} bytes, and the platform says that it has {expected}");
        return Err(CliError::new(ExitStatus::Unreachable, message, "nothing was written; try again"));
    }
    Ok(())
}

/// The file name that the platform gives, without anything that would lead elsewhere.
fn file_name(given: Option<&str>, id: &str) -> PathBuf {
    let name = given.unwrap_or_default().rsplit(['/', '\\']).next().unwrap_or_default();
    let is_safe = !name.is_empty() && !name.starts_with('.') && !name.chars().any(char::is_control);
    if is_safe { name.into() } else { format!("{id}.mda").into() }
}

/// Reads the packages of apps, and the environments that may run them.
async fn read(
    client: &Client,
    estate: &Estate,
    apps: &[Uuid],
    environments: bool,
) -> Result<LiveState, CliError> {
    let mut scope = ReadScope { packages_of: apps.iter().copied().collect(), ..ReadScope::default() };
    if environments {
        scope.environments_of = scope.packages_of.clone();
        // Not every environment tells its namespace by its id.
        let of_apps = estate
            .desired
            .of_kind(Kind::Environment)
            .filter(|it| matches!(it.identity, Identity::Environment { app, .. } if apps.contains(&app)));
        scope.namespaces_of = of_apps.filter_map(|environment| environment.cluster).collect();
        scope.clusters = scope.namespaces_of.clone();
    }
    Ok(fetch(client, &scope).await?)
}

fn declared_apps(estate: &Estate) -> Vec<Uuid> {
    let apps = estate.desired.of_kind(Kind::App);
    apps.filter_map(|app| match app.identity {
        Identity::App(id) => Some(id),
        _ => None,
    })
    .collect()
}

/// The app with this name or id. An id need not be declared.
fn find_app(estate: &Estate, text: &str) -> Result<Uuid, CliError> {
    let declared = estate.desired.of_kind(Kind::App).find(|app| app.name == text);
    if let Some(Identity::App(id)) = declared.map(|app| &app.identity) {
        return Ok(*id);
    }
    Uuid::try_parse(text).map_err(|_| {
        let names: Vec<String> =
            estate.desired.of_kind(Kind::App).map(|app| format!("`{}`", app.name)).collect();
        let help = match names.as_slice() {
            [] => "give its App ID, which the Developer Portal shows".to_owned(),
            names => format!("the estate declares {}; any other app goes by its id", names.join(", ")),
        };
        CliError::usage(format!("no app `{text}` is declared"), &help)
    })
}

/// The one package with this id or name.
fn find_package<'l>(live: &'l LiveState, text: &str) -> Result<&'l Live, CliError> {
    let text = text.strip_prefix("package/").unwrap_or(text);
    let packages = || live.of_kind(Kind::Package);
    let by_id = packages().find(|package| package.identity.id().eq_ignore_ascii_case(text));
    if let Some(found) = by_id {
        return Ok(found);
    }
    let named: Vec<&Live> = packages().filter(|package| package.name() == text).collect();
    match named.as_slice() {
        [one] => Ok(one),
        [] => Err(CliError::usage(
            format!("the app has no package `{text}`"),
            "`mxkeep packages list` shows the packages of an app",
        )),
        several => {
            let ids: Vec<String> = several.iter().map(|package| package.identity.id()).collect();
            let message = format!("{} packages have the name `{text}`", several.len());
            Err(CliError::usage(message, &format!("name one by its id: {}", ids.join(", "))))
        }
    }
}

/// `APP-1.4.2`, of what names can hold.
fn proposed_name(estate: &Estate, app: Uuid, suffix: &str) -> String {
    let app = estate.desired.resources.get(&Identity::App(app)).map_or("app", |app| app.name.as_str());
    let whole = if suffix.starts_with(app) { suffix.to_owned() } else { format!("{app}-{suffix}") };
    let safe = |c: char| if c.is_ascii_alphanumeric() || "._+-".contains(c) { c } else { '-' };
    whole.chars().map(safe).collect::<String>().trim_start_matches(['.', '_', '+', '-']).to_owned()
}

/// The place that stands for what was typed: the document of the app, or the start of the estate.
fn origin_of(estate: &Estate, app: Uuid) -> Origin {
    let app = estate.desired.resources.get(&Identity::App(app)).map(|app| app.origin.clone());
    app.unwrap_or_else(|| Origin {
        file: "mxkeep.yaml".into(),
        line: 1,
        column: 1,
        end_line: 1,
        end_column: 1,
        start: 0,
        end: 0,
    })
}

/// An address as a glob that means nothing but it.
fn escaped(address: &str) -> String {
    let mut out = String::with_capacity(address.len());
    for character in address.chars() {
        if "*?[]{}\\!".contains(character) {
            out.push('\\');
        }
        out.push(character);
    }
    out
}
