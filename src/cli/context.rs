//! What the commands that talk to the API share: the estate, the client, live state.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use super::args::{ApiArgs, BaseArgs, DriftHandling, LiveArgs, PlanningArgs, ScopeArgs};
use super::base::Base;
use super::env;
use super::error::CliError;
use super::exit::ExitStatus;
use super::hosts;
use super::report;
use super::simulate::Simulation;
use super::ui::Ui;
use crate::api::{ApiError, Client, ClientOptions, Token, fetch, is_loopback};
use crate::apply::Waits;
use crate::apply::plan_file::ApiPlaces;
use crate::model::{AddressGlob, DesiredState, Identity, Kind, LiveState, ReadScope, Revisions};
use crate::plan::{DriftMode, PlanInput, PlanOptions, Scope, ValuesAt, addresses, is_cloud_only, rotation};
use crate::render::OutputFormat;
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
    /// The files whose content became a value.
    pub(super) taken: BTreeSet<String>,
}

/// Reads an estate; every problem of every file is in the error.
pub(super) fn read_estate(directory: &Path) -> Result<Estate, CliError> {
    let Loaded { desired, diagnostics, waived: _, files, missing_ids: _, taken } =
        load(directory, &load_options());
    match desired {
        Some(mut desired) => {
            desired.settings.user = env::read(env::USER.name).or(desired.settings.user);
            Ok(Estate { directory: directory.to_owned(), desired, files, warnings: diagnostics, taken })
        }
        None => Err(invalid(diagnostics)),
    }
}

/// How an estate is read, from wherever its files are.
pub(super) fn load_options() -> LoadOptions<'static> {
    LoadOptions { environment: &env::read_for_estate, today: today() }
}

/// The day of today, where the clock is.
pub(super) fn today() -> jiff::civil::Date {
    jiff::Zoned::now().date()
}

/// The error for invalid input.
pub(super) fn invalid(diagnostics: Vec<Diagnostic>) -> CliError {
    let message = format!("the estate is invalid: {}", report::counts(&diagnostics));
    CliError {
        code: None,
        status: ExitStatus::InvalidInput,
        message,
        help: Vec::new(),
        diagnostics,
        after_result: false,
    }
}

/// An estate, the API that it is compared with, and what is live there.
pub(super) struct Session {
    pub(super) estate: Estate,
    /// The estate at the revision that `--base` names.
    pub(super) base: Option<Base>,
    pub(super) scope: Scope,
    pub(super) live: LiveState,
    pub(super) client: Client,
    pub(super) api: String,
    /// Where the APIs are that the estate has something at.
    pub(super) places: ApiPlaces,
    pub(super) waits: Waits,
    pub(super) concurrency: usize,
    pub(super) today: jiff::civil::Date,
    /// The moment at which the reading began.
    pub(super) now: Timestamp,
    pub(super) budget: u64,
    /// What the command line asks of a plan.
    options: PlanOptions,
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
    pub(super) async fn open<F: OutputFormat>(
        args: &LiveArgs<F>,
        access: Access,
        ui: &Ui,
    ) -> Result<Session, CliError> {
        Session::open_for(args, &BaseArgs::default(), &PlanningArgs::default(), access, ui).await
    }

    /// The same, for a plan of which the command line asks something, and the estate as it was where a base is named.
    pub(super) async fn open_for<F: OutputFormat>(
        args: &LiveArgs<F>,
        base: &BaseArgs,
        planning: &PlanningArgs,
        access: Access,
        ui: &Ui,
    ) -> Result<Session, CliError> {
        let LiveArgs { estate, output: _, scope, api } = args;
        let estate = read_estate(&estate.estate)?;
        let base = Base::read(base, &estate, ui)?;
        let scope = read_scope(scope, &estate.desired, base.as_ref().map(|base| &base.desired))?;
        // What was typed wrong is better told before anything is read.
        let options = read_options(planning, &estate.desired, &scope)?;
        let session = Session::with_base(estate, base, scope, api, access, ui).await?;
        Ok(Session { options, ..session })
    }

    /// Reads what is live of an estate.
    pub(super) async fn of(
        estate: Estate,
        scope: Scope,
        api: &ApiArgs,
        access: Access,
        ui: &Ui,
    ) -> Result<Session, CliError> {
        Session::with_base(estate, None, scope, api, access, ui).await
    }

    /// Reads what is live of an estate, and of what it was at another revision.
    async fn with_base(
        estate: Estate,
        base: Option<Base>,
        scope: Scope,
        api: &ApiArgs,
        access: Access,
        ui: &Ui,
    ) -> Result<Session, CliError> {
        warn(ui, &estate.warnings);
        let before = base.as_ref().map(|base| &base.desired);
        let mendix_cloud = has_cloud_apps(&estate.desired) || before.is_some_and(has_cloud_apps);
        let Connection { client, bases, waits, concurrency, simulation } =
            connect_to(&estate, before, api, access, mendix_cloud).await?;
        let reading = scope.reading_of_both(&estate.desired, before);
        let shown = bases.shown(&estate.desired);
        ui.detail(&format!("reading from {shown}"));
        let now = Timestamp::now();
        let live = fetch(&client, &reading).await?;
        ui.detail(&format!(
            "read {} resources with {} requests",
            live.resources.len(),
            client.requests_made()
        ));
        let budget = budget(&reading, &live);
        let is_nearby = bases.is_nearby(&estate.desired);
        let today = today();
        let places = bases.places(&estate.desired, simulation.is_some());
        let api = if simulation.is_some() { "the built-in simulator".to_owned() } else { shown };
        // The built-in simulator has them installed beforehand.
        let operators = if simulation.is_some() { namespaces(&estate.desired) } else { BTreeSet::new() };
        Ok(Session {
            estate,
            base,
            scope,
            live,
            client,
            api,
            places,
            waits,
            concurrency,
            today,
            now,
            budget,
            options: PlanOptions::new(),
            operators,
            is_nearby,
            simulation,
        })
    }

    /// Where its APIs are, as a journal tells them.
    pub(super) fn apis(&self) -> Vec<String> {
        let ApiPlaces { private_cloud, mendix_cloud } = &self.places;
        private_cloud.iter().chain(mendix_cloud).cloned().collect()
    }

    /// Reads again what is live.
    pub(super) async fn refresh(&mut self) -> Result<(), ApiError> {
        let before = self.base.as_ref().map(|base| &base.desired);
        self.live = fetch(&self.client, &self.scope.reading_of_both(&self.estate.desired, before)).await?;
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
            operators: &self.operators,
            options: &self.options,
            base: self.base.as_ref().map(|base| &base.desired),
            // Anew for every plan: whoever waits for a person may wait into a freeze window.
            now: jiff::Timestamp::now(),
            ..PlanInput::new(&self.estate.desired, &self.live, &self.scope, self.today)
        }
    }

    /// What a plan is made of, where there is a base.
    pub(super) fn revisions(&self) -> Option<&Revisions> {
        self.base.as_ref().map(|base| &base.revisions)
    }

    /// Lets actions through that guards stop.
    pub(super) fn waive(&mut self, digests: impl IntoIterator<Item = String>) {
        self.options.waive.extend(digests);
    }

    /// Lets through what was let through in the run that is resumed.
    pub(super) fn waive_again(&mut self, digests: impl IntoIterator<Item = String>) {
        self.options.waived_before.extend(digests);
    }

    /// Says where the values are known that stand outside of the files.
    pub(super) const fn values_at(&mut self, values: ValuesAt) {
        self.options.values = values;
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

    /// The same for plan files, which tell one API from another by it. The port of the built-in simulator tells nothing.
    fn places(&self, desired: &DesiredState, is_simulated: bool) -> ApiPlaces {
        let place = |url: &Url| match is_simulated {
            true => "simulator".to_owned(),
            false => shown(url).trim_end_matches('/').to_owned(),
        };
        let used: Vec<&Url> = self.of(desired).collect();
        let of = |url: &Url| used.iter().any(|it| std::ptr::eq(*it, url)).then(|| place(url));
        ApiPlaces { private_cloud: of(&self.private_cloud), mendix_cloud: of(&self.mendix_cloud) }
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
                taken: BTreeSet::new(),
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
    connect_to(estate, None, api, access, has_cloud_apps(&estate.desired)).await
}

/// The same for two states of its files, and whether Mendix Cloud is among the APIs.
pub(super) async fn connect_to(
    estate: &Estate,
    before: Option<&DesiredState>,
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
    let states = std::iter::once(&estate.desired).chain(before);
    options.secrets = states.flat_map(DesiredState::secrets).map(SecretString::from).collect();
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

pub(super) fn read_scope(
    args: &ScopeArgs,
    desired: &DesiredState,
    before: Option<&DesiredState>,
) -> Result<Scope, CliError> {
    let targets = args
        .target
        .iter()
        .map(|text| AddressGlob::new(text))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| CliError::usage(error.to_string(), "write it like `environment/orders/*`"))?;
    let scope = Scope::new(targets);
    let unmatched: Vec<String> = scope.unmatched(desired, before).map(str::to_owned).collect();
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

fn read_options(args: &PlanningArgs, desired: &DesiredState, scope: &Scope) -> Result<PlanOptions, CliError> {
    let PlanningArgs { rotate, drift } = args;
    let mut options = PlanOptions::new();
    options.drift = match drift {
        None | Some(DriftHandling::Correct) => DriftMode::Correct,
        Some(DriftHandling::Report) => DriftMode::Report,
    };
    for text in rotate {
        let meant = rotation(desired, text)
            .map_err(|error| CliError::usage(format!("--rotate: {error}"), &error.help))?;
        if desired.resources.get(&meant.identity).is_some_and(|resource| !scope.holds(&resource.address)) {
            let message = format!("`--rotate {text}` lies outside of what `--target` names");
            return Err(CliError::usage(message, "add a `--target` for it, or leave `--target` out"));
        }
        options.rotate.insert(meant);
    }
    Ok(options)
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
