//! `--simulate`: the built-in simulator in the same process, with what an estate needs to exist beforehand.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use url::Url;

use super::context::{Access, Bases, Estate};
use super::error::CliError;
use super::exit::ExitStatus;
use crate::api::Token;
use crate::model::{Desired, DesiredState, Fields, Identity, ItemKey, Kind, Mark, dig};
use crate::simulator::{Options, Simulator};

/// The operator that the simulated namespaces run. From 2.25 on changes of configuration roll.
const OPERATOR: &str = "2.25.0";

/// A simulator that runs for one command.
pub(super) struct Simulation {
    simulator: Simulator,
}

impl Simulation {
    /// Starts it with the world in `file`, or in the estate when there is no `file`, and registers there what the
    /// platform would know already: apps, packages, and the operators of the namespaces.
    pub(super) async fn start(estate: &Estate, file: Option<&Path>) -> Result<Simulation, CliError> {
        let has_estate = estate.directory.join("mxkeep.yaml").exists();
        let state = match file {
            Some(file) => Some(file.to_owned()),
            None if has_estate => Some(default_file(&estate.directory)?),
            // Without an estate there is nothing to come back to.
            None => None,
        };
        let simulator = Simulator::start(Options { state, ..Options::default() }).await?;
        register(&simulator, &estate.desired);
        Ok(Simulation { simulator })
    }

    pub(super) fn bases(&self) -> Result<Bases, CliError> {
        let parse = |url: String| {
            Url::parse(&url).map_err(|error| {
                CliError::new(ExitStatus::Unexpected, format!("{url}: {error}"), "report it")
            })
        };
        Ok(Bases {
            private_cloud: parse(self.simulator.private_cloud_url())?,
            mendix_cloud: parse(self.simulator.mendix_cloud_url(4))?,
        })
    }

    /// The token that is just enough.
    pub(super) fn token(&self, access: Access) -> Result<Token, CliError> {
        Ok(Token::new(match access {
            Access::Read => "simulator-read",
            Access::Write => "simulator",
        })?)
    }

    pub(super) async fn stop(self) {
        self.simulator.stop().await;
    }
}

/// `.mxkeep/simulator.json` in the estate.
fn default_file(estate: &Path) -> Result<PathBuf, CliError> {
    let made = private_folder(estate);
    let folder = made.map_err(|error| CliError::file("make", &estate.join(".mxkeep"), &error))?;
    Ok(folder.join("simulator.json"))
}

/// `.mxkeep` in the estate, a folder that Git ignores.
pub(super) fn private_folder(estate: &Path) -> std::io::Result<PathBuf> {
    let folder = estate.join(".mxkeep");
    refuse_links(&folder)?;
    fs_err::create_dir_all(&folder)?;
    let ignore = folder.join(".gitignore");
    if !ignore.exists() {
        fs_err::write(&ignore, "*\n")?;
    }
    Ok(folder)
}

/// The folder lies in the estate, where anybody who edits the estate can put a link in its place or into it.
fn refuse_links(folder: &Path) -> std::io::Result<()> {
    let entries = fs_err::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    match [folder.to_owned()].into_iter().chain(entries).find(|path| path.is_symlink()) {
        Some(link) => {
            Err(std::io::Error::other(format!("`{}` is a symbolic link; remove it", link.display())))
        }
        None => Ok(()),
    }
}

fn register(simulator: &Simulator, desired: &DesiredState) {
    for app in desired.of_kind(Kind::App) {
        simulator.register_app(&app.identity.id(), &app.name);
    }
    for package in desired.of_kind(Kind::Package) {
        if let Identity::Package { app, mark: Mark::Id(id) } = &package.identity {
            simulator.register_package(&app.to_string(), id, &json!({}));
        }
    }
    for app in desired.of_kind(Kind::CloudApp) {
        simulator.register_cloud_app(&app.identity.id(), &cloud_app(app));
    }
    let mut plans: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
    for environment in desired.of_kind(Kind::Environment) {
        let Identity::Environment { app, namespace, .. } = &environment.identity else { continue };
        if let Some(package) = environment.text(&["deployment", "packageId"]) {
            simulator.register_package(&app.to_string(), package, &package_model(environment));
        }
        // Packages that are still to be made know what all environments of their app set.
        simulator.teach_app(&app.to_string(), &package_model(environment));
        plans.entry(namespace.to_string()).or_default().extend(services(environment));
    }
    for namespace in desired.of_kind(Kind::Namespace) {
        let plans: Vec<_> =
            plans.remove(&namespace.identity.id()).unwrap_or_default().into_values().collect();
        simulator.install_operator(&namespace.identity.id(), &json!({"version": OPERATOR, "plans": plans}));
    }
}

/// What the platform knows of an app on Mendix Cloud: its environments, and a team of everybody whom the estate names.
/// The owner of the token is its technical contact, until the estate hands it over.
fn cloud_app(app: &Desired) -> Value {
    let environments = dig(&app.fields, &["environments"]).and_then(|declared| declared.as_list());
    let environments = environments.into_iter().flat_map(|list| &list.items).map(|(key, environment)| {
        let members = environment.fields.get("permissions").and_then(|declared| declared.as_list());
        let members = members.into_iter().flat_map(|list| list.items.keys()).filter_map(name);
        json!({"id": name(key), "permissions": members.collect::<Vec<_>>()})
    });
    let contact = app.text(&["technicalContact"]).into_iter().collect::<Vec<_>>();
    json!({
        "name": app.name,
        "licenseType": app.text(&["licenseType"]),
        "members": contact,
        "environments": environments.collect::<Vec<_>>(),
    })
}

fn name(key: &ItemKey) -> Option<&str> {
    match key {
        ItemKey::Natural(parts) => parts.first().map(String::as_str),
        ItemKey::Content(_) => None,
    }
}

/// The model of a package knows what the environments that run it set.
fn package_model(environment: &Desired) -> Value {
    let constants: Vec<_> = keys(environment, &["deployment", "constants"])
        .map(|name| json!({"name": name, "default": ""}))
        .collect();
    let events: Vec<_> = keys(environment, &["deployment", "scheduledEvents"]).map(Value::from).collect();
    json!({"constants": constants, "scheduledEvents": events})
}

fn keys<'d>(environment: &'d Desired, path: &[&str]) -> impl Iterator<Item = &'d str> + use<'d> {
    let list = dig(&environment.fields, path).and_then(|declared| declared.as_list());
    list.into_iter()
        .flat_map(|list| list.items.iter())
        .filter(|(_, item)| !item.absent)
        .filter_map(|(key, _)| name(key))
}

/// The plans that an environment uses, by name.
fn services(environment: &Desired) -> BTreeMap<String, Value> {
    let list = dig(&environment.fields, &["services"]).and_then(|declared| declared.as_list());
    let text =
        |fields: &Fields, name: &str| fields.get(name).and_then(|field| field.as_text()).map(str::to_owned);
    list.into_iter()
        .flat_map(|list| list.items.values())
        .filter_map(|item| {
            let name = text(&item.fields, "name")?;
            let plan = json!({
                "planName": name,
                "planType": text(&item.fields, "plan"),
                "planConfig": text(&item.fields, "config"),
            });
            Some((name, plan))
        })
        .collect()
}
