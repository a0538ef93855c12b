//! The packages of apps to be shown.

use serde_json::Value;

use crate::model::{Address, DesiredState, Identity, Kind, Live, LiveState};
use crate::plan::Names;
use crate::render::sanitise::Name;

/// The packages of apps to be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct PackagesView {
    /// The name of the estate.
    pub estate: Name,
    /// The packages, by app, the newest first.
    pub packages: Vec<PackageRowView>,
}

/// One package.
#[derive(Debug, Clone, PartialEq)]
pub struct PackageRowView {
    /// The app.
    pub app: Name,
    /// The id.
    pub id: Name,
    /// The name that its declaration has or had, or that of its file.
    pub name: Name,
    /// The address under which the estate declares it.
    pub address: Option<Name>,
    /// What the platform says of it, by its own names.
    pub facts: Vec<(&'static str, Option<Name>)>,
    /// How many bytes its file has.
    pub size: Option<u64>,
    /// The environments that run it.
    pub environments: Vec<Name>,
}

/// What the platform says of a package, as text.
const FACTS: [&str; 6] =
    ["modelVersion", "runtimeVersion", "createdOn", "description", "fileName", "expiryDate"];

impl PackageRowView {
    /// What the platform says.
    pub(in crate::render) fn fact(&self, wanted: &str) -> Option<&Name> {
        self.facts.iter().find(|(name, _)| *name == wanted)?.1.as_ref()
    }
}

/// Views the packages that were read.
pub fn packages_view(desired: &DesiredState, live: &LiveState) -> PackagesView {
    let names = Names::new(desired, live);
    let mut found: Vec<(String, &Live)> = live
        .of_kind(Kind::Package)
        .filter_map(|package| match &package.identity {
            Identity::Package { app, .. } => Some((names.app_name(*app), package)),
            _ => None,
        })
        .collect();
    found.sort_by(|(app, one), (other_app, other)| {
        let created = |live: &Live| live.text("/createdOn").map(str::to_owned);
        app.cmp(other_app)
            .then_with(|| created(other).cmp(&created(one)))
            .then_with(|| one.identity.cmp(&other.identity))
    });
    let declared = |package: &Live| -> Option<&Address> {
        let mut all = desired.of_kind(Kind::Package);
        let is_it =
            |identity: &Identity| live.get(identity).is_some_and(|it| it.identity == package.identity);
        all.find(|desired| is_it(&desired.identity)).map(|desired| &desired.address)
    };
    let packages = found.iter().map(|(app, package)| {
        let id = package.text("/id").map_or_else(|| package.identity.id(), str::to_owned);
        let runs = |environment: &&Live| {
            let running = environment.text("/deployment/packageId");
            running.is_some_and(|running| running.trim().eq_ignore_ascii_case(id.trim()))
        };
        let users = live.of_kind(Kind::Environment).filter(runs);
        PackageRowView {
            app: Name::new(app),
            id: Name::new(&id),
            name: Name::new(package.name()),
            address: declared(package).map(Name::new),
            facts: FACTS.map(|fact| (fact, package.text(&format!("/{fact}")).map(Name::new))).to_vec(),
            size: package.manifest().get("fileSize").and_then(Value::as_u64),
            environments: users.map(|environment| Name::new(names.address(environment))).collect(),
        }
    });
    PackagesView { estate: Name::new(&desired.settings.estate), packages: packages.collect() }
}
