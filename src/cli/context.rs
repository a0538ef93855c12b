//! What the commands that talk to the API share: the estate, the client, live state.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use super::args::{ApiArgs, LiveArgs, ScopeArgs};
use super::env;
use super::error::CliError;
use super::exit::ExitStatus;
use super::hosts;
use super::report;
use super::simulate::Simulation;
use super::ui::Ui;
use crate::api::{ApiError, Client, ClientOptions, Token, fetch, is_loopback};
use crate::apply::Waits;
use crate::model::{AddressGlob, DesiredState, Identity, Kind, LiveState, ReadScope};
use crate::plan::{PlanInput, Scope, addresses, is_cloud_only};
use crate::source::{Diagnostic, Files, LoadOptions, Loaded, Severity, load};

/// How many requests may be in flight unless somebody says otherwise. The platform documents no limit, so this
/// stays modest; 429 answers slow the client down.
const CONCURRENCY: usize = 8;

/// How soon an API on this machine is asked again, for a job or after a failure. Long pauses spare a platform that
/// many share; a simulator is shared by nobody, and its jobs take milliseconds.
const NEARBY: Duration = Duration::from_millis(50);

/// The longest pause between two looks at a job on this machine.
const NEARBY_MAX: Duration = Duration::from_secs(1);

/// An estate that was read without errors.
#[derive(Debug)]
pub(super) struct Estate {
    pub(super) directory: PathBuf,
    pub(super) desired: DesiredState,
    pub(super) files: Files,
    pub(super) warnings: Vec<Diagnostic>,
}

/// Reads an estate; every problem of every file is in the error.
pub(super) fn read_estate(directory: &Path) -> Result<Estate, CliError> {
    let Loaded { desired, diagnostics, waived: _, files, missing_ids: _ } =
        load(directory, &LoadOptions { environment: &env::read_for_estate, today: today() });
    match desired {
        Some(mut desired) => {
            desired.settings.user = env::read(env::USER.name).or(desired.settings.user);
            Ok(Estate { directory: directory.to_owned(), desired, files, warnings: diagnostics })
        }
        None => Err(invalid(diagnostics)),
    }
}

/// The day of today, where the clock is.
pub(super) fn today() -> jiff::civil::Date {
    jiff::Zoned::now().date()
}

/// The error for invalid input.
pub(super) fn invalid(diagnostics: Vec<Diagnostic>) -> CliError {
    let message = format!("the estate is invalid: {}", report::counts(&diagnostics));
    CliError { status: ExitStatus::InvalidInput, message, help: Vec::new(), diagnostics, after_result: false }
}

/// An estate, the API that it is compared with, and what is live there.
pub(super) struct Session {
    pub(super) estate: Estate,
    pub(super) scope: Scope,
    pub(super) live: LiveState,
    pub(super) client: Client,
    pub(super) api: String,
    pub(super) waits: Waits,
    pub(super) concurrency: usize,
    pub(super) today: jiff::civil::Date,
    pub(super) budget: u64,
    /// Namespaces whose operator reports its plans as soon as they exist.
    operators: BTreeSet<Uuid>,
    /// Whether the API is on this machine.
    is_nearby: bool,
    simulation: Option<Simulation>,
}

/// What a command may do to the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Only read.
    Read,
    /// Change things, too.
    Write,
}

impl Session {
    /// Reads the estate and what is live.
    pub(super) async fn open(args: &LiveArgs, access: Access, ui: &Ui) -> Result<Session, CliError> {
        let LiveArgs { estate, output: _, scope, api } = args;
        let estate = read_estate(&estate.estate)?;
        let scope = read_scope(scope, &estate.desired)?;
        Session::of(estate, scope, api, access, ui).await
    }

    /// Reads what is live of an estate.
    pub(super) async fn of(
        estate: Estate,
        scope: Scope,
        api: &ApiArgs,
        access: Access,
        ui: &Ui,
    ) -> Result<Session, CliError> {
        warn(ui, &estate.warnings);
        let Connection { client, bases, waits, concurrency, simulation } =
            connect(&estate, api, access).await?;
        let reading = scope.reading(&estate.desired);
        let places = bases.shown(&estate.desired);
        ui.detail(&format!("reading from {places}"));
        let live = fetch(&client, &reading).await?;
        ui.detail(&format!(
            "read {} resources with {} requests",
            live.resources.len(),
            client.requests_made()
        ));
        let budget = budget(&reading, &live);
        let is_nearby = bases.is_nearby(&estate.desired);
        let today = today();
        let api = if simulation.is_some() { "the built-in simulator".to_owned() } else { places };
        // The built-in simulator has them installed beforehand.
        let operators = if simulation.is_some() { namespaces(&estate.desired) } else { BTreeSet::new() };
        Ok(Session {
            estate,
            scope,
            live,
            client,
            api,
            waits,
            concurrency,
            today,
            budget,
            operators,
            is_nearby,
            simulation,
        })
    }

    /// Reads again what is live.
    pub(super) async fn refresh(&mut self) -> Result<(), ApiError> {
        self.live = fetch(&self.client, &self.scope.reading(&self.estate.desired)).await?;
        Ok(())
    }

    /// The pause between two looks: as wished, but long enough for what a look costs at a request a second. A simulator on
    /// this machine is shared by nobody.
    pub(super) fn pause(&self, wished: Duration, seconds: u64) -> Duration {
        if self.is_nearby { wished } else { wished.max(Duration::from_secs(seconds)) }
    }

    /// What a plan is made from.
    pub(super) fn plan_input(&self) -> PlanInput<'_> {
        PlanInput {
            desired: &self.estate.desired,
            live: &self.live,
            scope: &self.scope,
            operators: &self.operators,
            today: self.today,
        }
    }

    /// Ends the simulation, if there is one, and saves its world.
    pub(super) async fn close(self) {
        if let Some(simulation) = self.simulation {
            simulation.stop().await;
        }
    }
}

fn namespaces(desired: &DesiredState) -> BTreeSet<Uuid> {
    let namespaces = desired.of_kind(Kind::Namespace);
    namespaces
        .filter_map(|namespace| match namespace.identity {
            Identity::Namespace(id) => Some(id),
            _ => None,
        })
        .collect()
}

/// Where the APIs are.
pub(super) struct Bases {
    pub(super) private_cloud: Url,
    pub(super) mendix_cloud: Url,
}

impl Bases {
    fn named(args: &ApiArgs, estate: &Estate) -> Result<Bases, CliError> {
        let (mendix_cloud, _) = hosts::mendix_cloud(args, Some(estate))?;
        let (private_cloud, _) = hosts::private_cloud(args, Some(estate))?;
        Ok(Bases { private_cloud, mendix_cloud })
    }

    /// Those that an estate has something at.
    fn of(&self, desired: &DesiredState) -> impl Iterator<Item = &Url> {
        let private = Some(&self.private_cloud).filter(|_| !is_cloud_only(desired));
        let cloud = Some(&self.mendix_cloud).filter(|_| has_cloud_apps(desired));
        private.into_iter().chain(cloud)
    }

    /// Whether an estate has something on this machine only.
    fn is_nearby(&self, desired: &DesiredState) -> bool {
        self.of(desired).all(is_loopback)
    }

    fn shown(&self, desired: &DesiredState) -> String {
        let places: Vec<_> = self.of(desired).map(shown).collect();
        places.join(" and ")
    }
}

pub(super) fn has_cloud_apps(desired: &DesiredState) -> bool {
    desired.of_kind(Kind::CloudApp).next().is_some()
}

/// The way to an API.
pub(super) struct Connection {
    pub(super) client: Client,
    pub(super) bases: Bases,
    waits: Waits,
    concurrency: usize,
    pub(super) simulation: Option<Simulation>,
}

impl Connection {
    /// The way for a command that needs no estate. Where there is one, it says where the API is.
    pub(super) async fn alone(api: &ApiArgs) -> Result<Connection, CliError> {
        let here = Path::new(".");
        let estate = match here.join("mxkeep.yaml").exists() {
            true => read_estate(here)?,
            false => Estate {
                directory: here.to_owned(),
                desired: DesiredState::default(),
                files: Files::default(),
                warnings: Vec::new(),
            },
        };
        connect(&estate, api, Access::Read).await
    }

    /// Ends the simulation, if there is one.
    pub(super) async fn close(self) {
        if let Some(simulation) = self.simulation {
            simulation.stop().await;
        }
    }
}

/// The way to the APIs that an estate has something at.
pub(super) async fn connect(estate: &Estate, api: &ApiArgs, access: Access) -> Result<Connection, CliError> {
    connect_to(estate, api, access, has_cloud_apps(&estate.desired)).await
}

/// The same, and whether Mendix Cloud is among them.
pub(super) async fn connect_to(
    estate: &Estate,
    api: &ApiArgs,
    access: Access,
    mendix_cloud: bool,
) -> Result<Connection, CliError> {
    let simulation = match &api.simulate {
        Some(file) => Some(Simulation::start(estate, file.as_deref()).await?),
        None => None,
    };
    let (bases, token) = match &simulation {
        Some(simulation) => (simulation.bases()?, Some(simulation.token(access)?)),
        None => (Bases::named(api, estate)?, token(api)?),
    };
    let settings = &estate.desired.settings;
    let concurrency = api.concurrency.map(usize::from).or(settings.concurrency).unwrap_or(CONCURRENCY);
    let mut waits = Waits::default();
    if let Some(timeout) = settings.job_timeout {
        waits.each(|waits| waits.deadline = timeout);
    }
    let mut options = ClientOptions::new(bases.private_cloud.clone(), token);
    options.cloud_url = Some(bases.mendix_cloud.clone()).filter(|_| mendix_cloud);
    if bases.is_nearby(&estate.desired) && (!mendix_cloud || is_loopback(&bases.mendix_cloud)) {
        waits.each(|waits| {
            waits.first = NEARBY;
            waits.max = waits.max.min(NEARBY_MAX);
        });
        options.retry.first = NEARBY;
    }
    options.concurrency = concurrency;
    options.secrets = estate.desired.secrets().map(SecretString::from).collect();
    options.ca_files.extend(env::read(env::CA_FILE.name).map(PathBuf::from));
    let client = Client::new(options)?;
    Ok(Connection { client, bases, waits, concurrency, simulation })
}

/// Shows the warnings of an estate; its infos only to those who want to hear more.
pub(super) fn warn(ui: &Ui, diagnostics: &[Diagnostic]) {
    let warnings: Vec<_> =
        diagnostics.iter().filter(|found| found.severity() == Severity::Warning).cloned().collect();
    report::diagnostics(ui, &warnings);
}

fn read_scope(args: &ScopeArgs, desired: &DesiredState) -> Result<Scope, CliError> {
    let targets = args
        .target
        .iter()
        .map(|text| AddressGlob::new(text))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| CliError::usage(error.to_string(), "write it like `environment/orders/*`"))?;
    let scope = Scope::new(targets);
    let unmatched: Vec<String> = scope.unmatched(desired).map(str::to_owned).collect();
    if let Some(target) = unmatched.first() {
        let known: Vec<String> = addresses(desired).map(ToString::to_string).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let near = similar::get_close_matches(target.as_str(), &known, 1, 0.6);
        let help = near.first().map_or_else(
            || "mxkeep plan shows the addresses".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        return Err(CliError::usage(format!("`--target {target}` names nothing in the estate"), &help));
    }
    Ok(scope)
}

pub(super) fn token(args: &ApiArgs) -> Result<Option<Token>, CliError> {
    let text = match &args.token_file {
        Some(path) => Some(fs_err::read_to_string(path).map_err(|error| CliError::token_file(path, &error))?),
        None => env::read(env::TOKEN.name),
    };
    Ok(text.map(|text| Token::new(&text)).transpose()?)
}

/// The URL without what may be secret in it.
pub(super) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // Only URLs that cannot have credentials refuse to lose them.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.to_string()
}

/// How many requests this reading may take: the clusters, the parents, and a page for every 20 of their children.
fn budget(reading: &ReadScope, live: &LiveState) -> u64 {
    const PAGE: usize = 20;
    let parents = reading.namespaces_of.len() + reading.environments_of.len() + reading.environments.len();
    let pages = [Kind::Cluster, Kind::Namespace, Kind::Environment]
        .map(|kind| live.of_kind(kind).count().div_ceil(PAGE));
    // Each app, and a page for every 20 members of each of its environments.
    let apps: usize = reading.cloud_apps.values().map(|environments| 1 + environments.len()).sum();
    let members = live.of_kind(Kind::CloudApp).flat_map(|app| {
        let environments = app.manifest().get("environments").and_then(Value::as_array).into_iter().flatten();
        environments.filter_map(|environment| Some(environment.get("permissions")?.as_array()?.len()))
    });
    let parents = parents + apps + members.map(|members| members.div_ceil(PAGE)).sum::<usize>();
    (2 + parents + pages.iter().sum::<usize>() + reading.clusters.len()) as u64
}
