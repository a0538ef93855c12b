//! Live state → the files of an estate.
//!
//! One resource per file, under names that are safe on every system and stay the same from one import to the next.
//! Before anything is written the files are read as an estate: what a rule refuses, or what no file can say, is taken
//! out again and told.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;
use uuid::Uuid;

use super::defaults::DEFAULTS;
use super::edit::{self, Step};
use super::emit;
use super::file_names::{self, Wish};
use super::settings;
use super::share;
use super::spell::{LeftOut, Speller, Variable, Variables};
use super::spell_cloud;
use super::tree::Tree;
use super::yaml::{Node, Value as Yaml};
use super::{Diagnostic, LoadOptions, Loaded, Severity, load_with};
use crate::diff::canonical;
use crate::model::field::{ListMode, Shape, find};
use crate::model::{
    Address, DeclaredValue, DesiredState, FieldPath, Fields, Identity, Kind, Live, LiveState, Outside,
    Reference,
};

/// What is to be imported.
pub struct Import<'a> {
    /// What is live.
    pub live: &'a LiveState,
    /// The apps of the environments, with their names in the portal.
    pub apps: &'a BTreeMap<Uuid, String>,
    /// The estate that the files are added to; what it declares or removes is left as it is.
    pub existing: Option<&'a DesiredState>,
    /// The files of that estate.
    pub taken: &'a BTreeSet<String>,
    /// Texts of files of that estate that are about to be changed.
    pub changed: &'a BTreeMap<String, String>,
    /// The name of a new estate.
    pub estate: &'a str,
    /// Whether what the environments of an app have in common becomes defaults, in a new estate.
    pub defaults: bool,
    /// The day, for waivers that end.
    pub today: jiff::civil::Date,
}

/// The files of an import.
#[derive(Debug)]
pub struct Imported {
    /// New files, by their names in the estate.
    pub files: BTreeMap<String, String>,
    /// The estate with these files.
    pub loaded: Loaded,
    /// Variables that the new files refer to, in the order of the files.
    pub variables: Vec<Variable>,
    /// What the files do not say.
    pub left_out: Vec<LeftOut>,
}

/// A resource on its way into a file.
struct Draft {
    identity: Identity,
    file: String,
    address: String,
    tree: Tree,
}

/// Makes the files.
///
/// # Errors
///
/// Diagnostics about files that were there before, or about the import as a whole.
pub fn import(dir: &Path, import: &Import<'_>) -> Result<Imported, Vec<Diagnostic>> {
    let mut writer = Writer::new(import);
    let mut drafts = writer.drafts();
    let home = writer.home();
    // Comes to an end: each round but the last takes something out.
    loop {
        let mut files: BTreeMap<String, String> = home.clone();
        files.extend(drafts.iter().map(|draft| (draft.file.clone(), emit::document(&draft.tree))));
        let mut overlay = import.changed.clone();
        overlay.extend(files.clone());
        let loaded = load_with(dir, &LoadOptions { environment: &|_| None, today: import.today }, &overlay);
        let errors: Vec<&Diagnostic> =
            loaded.diagnostics.iter().filter(|found| found.severity() == Severity::Error).collect();
        if errors.is_empty() {
            let Writer { variables, mut left_out, .. } = writer;
            left_out.sort();
            let variables = still_named(variables.named, &drafts);
            let (files, loaded) = match import.defaults && import.existing.is_none() {
                true => shared(dir, import, &home, drafts, &loaded).unwrap_or((files, loaded)),
                false => (files, loaded),
            };
            return Ok(Imported { files, loaded, variables, left_out });
        }
        if !writer.take_out(&mut drafts, &errors) {
            return Err(loaded.diagnostics);
        }
    }
}

/// The same files with defaults for what the environments of a folder have in common; nothing where there is none, or
/// where that would say something else.
fn shared(
    dir: &Path,
    import: &Import<'_>,
    home: &BTreeMap<String, String>,
    mut drafts: Vec<Draft>,
    flat: &Loaded,
) -> Option<(BTreeMap<String, String>, Loaded)> {
    let folder = |file: &str| file.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    let folders: BTreeSet<String> = drafts.iter().map(|draft| folder(&draft.file)).collect();
    let mut files = home.clone();
    for name in folders {
        let mut bodies: Vec<&mut Tree> = drafts
            .iter_mut()
            .filter(|draft| draft.identity.kind() == Kind::Environment && folder(&draft.file) == name)
            .filter_map(|draft| match &mut draft.tree {
                Tree::Mapping(entries, _) => entries.first_mut().map(|(_, body)| body),
                _ => None,
            })
            .collect();
        if let Some(common) = share::pull_out(&mut bodies) {
            let tree = Tree::block([(DEFAULTS, Tree::block([(Kind::Environment.name(), common)]))]);
            files.insert(format!("{name}/defaults.yaml"), emit::document(&tree));
        }
    }
    if files.len() == home.len() {
        return None;
    }
    for draft in &drafts {
        // A file of that name is an environment called so; its defaults stay where they are.
        if files.insert(draft.file.clone(), emit::document(&draft.tree)).is_some() {
            return None;
        }
    }
    let options = LoadOptions { environment: &|_| None, today: import.today };
    let loaded = load_with(dir, &options, &files);
    let says = |loaded: &Loaded| {
        let desired = loaded.desired.as_ref()?;
        let said = desired.resources.iter().map(|(identity, it)| (identity.clone(), said(&it.fields)));
        Some(said.collect::<BTreeMap<_, _>>())
    };
    (says(&loaded)? == says(flat)?).then_some((files, loaded))
}

/// What fields say, without the places where they say it.
fn said(fields: &Fields) -> String {
    let mut text = String::new();
    for (name, declared) in fields {
        let value = match &declared.value {
            DeclaredValue::Object(fields) => said(fields),
            DeclaredValue::List(list) => {
                let items = list
                    .items
                    .iter()
                    .map(|(key, item)| format!("{key:?}{}{}", item.absent, said(&item.fields)));
                format!("{:?}{}", list.mode, items.collect::<String>())
            }
            DeclaredValue::Addresses(list) => {
                list.iter().map(|it| format!("{:?}", it.as_text())).collect::<String>()
            }
            other => format!("{other:?}"),
        };
        text.push_str(&format!("{name}({value})"));
    }
    text
}

/// The variables that an estate refers to.
fn named_variables(existing: &DesiredState) -> BTreeSet<String> {
    fn collect(fields: &Fields, found: &mut BTreeSet<String>) {
        for declared in fields.values() {
            match &declared.value {
                DeclaredValue::Outside(Outside { reference: Reference::Env(name), .. }) => {
                    found.insert(name.clone());
                }
                DeclaredValue::Object(fields) => collect(fields, found),
                DeclaredValue::List(list) => {
                    list.items.values().for_each(|item| collect(&item.fields, found));
                }
                _ => {}
            }
        }
    }
    let mut found = BTreeSet::new();
    existing.resources.values().for_each(|resource| collect(&resource.fields, &mut found));
    found
}

/// Variables of what was not taken out again.
fn still_named(named: Vec<Variable>, drafts: &[Draft]) -> Vec<Variable> {
    fn collect(tree: &Tree, found: &mut BTreeSet<String>) {
        match tree {
            Tree::Mapping(entries, _) => {
                for (key, value) in entries {
                    if let ("fromEnv", Tree::Text(name)) = (key.as_str(), value) {
                        found.insert(name.clone());
                    }
                    collect(value, found);
                }
            }
            Tree::Sequence(items) => items.iter().for_each(|item| collect(item, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    drafts.iter().for_each(|draft| collect(&draft.tree, &mut found));
    named.into_iter().filter(|variable| found.contains(&variable.name)).collect()
}

struct Writer<'a> {
    import: &'a Import<'a>,
    names: Names,
    variables: Variables,
    left_out: Vec<LeftOut>,
}

impl<'a> Writer<'a> {
    fn new(import: &'a Import<'a>) -> Writer<'a> {
        Writer {
            import,
            names: Names::new(import),
            variables: Variables::beside(import.existing.map(named_variables).unwrap_or_default()),
            left_out: Vec::new(),
        }
    }

    /// The file of the settings, for a new estate.
    fn home(&self) -> BTreeMap<String, String> {
        if self.import.existing.is_some() {
            return BTreeMap::new();
        }
        let tree = Tree::block([("estate", Tree::text(self.import.estate))]);
        let text = format!("# Every estate has this file at its root.\n{}", emit::document(&tree));
        BTreeMap::from([(settings::FILE.to_owned(), text)])
    }

    fn is_known(&self, identity: &Identity) -> bool {
        self.import.existing.is_some_and(|existing| {
            existing.resources.contains_key(identity)
                || existing.tombstones.iter().any(|tombstone| tombstone.target.matches(identity))
        })
    }

    /// Everything that no file declares yet, in the order of creation.
    fn drafts(&mut self) -> Vec<Draft> {
        let mut wishes = Vec::new();
        let mut trees = Vec::new();
        let live = self.import.live;
        for kind in [Kind::Cluster, Kind::Namespace] {
            for resource in live.of_kind(kind) {
                self.resource(resource, &mut wishes, &mut trees);
            }
        }
        for app in self.import.apps.keys() {
            let identity = Identity::App(*app);
            let has_environments = live
                .resources
                .keys()
                .any(|identity| matches!(identity, Identity::Environment { app: other, .. } if other == app));
            if self.is_known(&identity) || !has_environments {
                continue;
            }
            let name = self.names.app(*app);
            let tree =
                Tree::flow([("appId", Tree::text(app.to_string())), ("name", Tree::text(name.clone()))]);
            wishes.push(Wish::new(&["apps", &name], Some("app"), &app.to_string()));
            let address = Address::app(&name).to_string();
            trees.push((identity, address, Tree::block([(Kind::App.name(), tree)])));
        }
        for resource in live.of_kind(Kind::Environment) {
            self.resource(resource, &mut wishes, &mut trees);
        }
        for resource in live.of_kind(Kind::CloudApp) {
            self.cloud_app(resource, &mut wishes, &mut trees);
        }
        let mut taken = self.import.taken.clone();
        taken.insert(settings::FILE.to_owned());
        taken.extend(
            self.import.apps.keys().map(|app| file_names::beside(&["apps", &self.names.app(*app)], DEFAULTS)),
        );
        let files = file_names::assign(&wishes, &taken);
        files
            .into_iter()
            .zip(trees)
            .map(|(file, (identity, address, tree))| Draft { identity, file, address, tree })
            .collect()
    }

    fn resource(&mut self, live: &Live, wishes: &mut Vec<Wish>, trees: &mut Vec<(Identity, String, Tree)>) {
        if self.is_known(&live.identity) {
            return;
        }
        let name = live.name();
        let id = live.identity.id();
        let mut given = BTreeMap::new();
        let (address, owner, wish) = match &live.identity {
            Identity::Cluster(_) => {
                (Address::cluster(&name), vec![name.clone()], Wish::new(&["clusters"], Some(&name), &id))
            }
            Identity::Namespace(_) => {
                let cluster = live.cluster.map(|cluster| self.names.cluster(cluster)).unwrap_or_default();
                given.insert("cluster", Tree::text(cluster.clone()));
                let place = self.names.cluster_shown(live.cluster);
                (
                    Address::namespace(&place, &name),
                    vec![place.clone(), name.clone()],
                    Wish::new(&["namespaces", &place], Some(&name), &id),
                )
            }
            Identity::Environment { app, namespace, .. } => {
                let app = self.names.app(*app);
                given.insert("app", Tree::text(app.clone()));
                let address = Address::environment(&app, &name);
                let Some((provider, place)) = self.names.provider(*namespace) else {
                    self.left_out.push(LeftOut {
                        address: address.to_string(),
                        path: None,
                        why: "its namespace cannot be read with this token".to_owned(),
                    });
                    return;
                };
                given.insert("provider", provider);
                // Two of one name are told apart by where they run.
                let address = if self.names.is_twin(live) {
                    address.at_cluster_namespace(&place.0, &place.1)
                } else {
                    address
                };
                (
                    address,
                    vec![app.clone(), name.clone()],
                    Wish::new(&["apps", &app], Some(&name), &format!("{}-{id}", place.1)),
                )
            }
            _ => return,
        };
        let mut speller = Speller {
            variables: &mut self.variables,
            owner,
            address: address.to_string(),
            given,
            secrets_store: secrets_store(self.import.live, &live.identity),
            left_out: Vec::new(),
        };
        let kind = live.identity.kind();
        let body = speller.fields(kind.fields(), live.manifest(), &FieldPath::root());
        self.left_out.append(&mut speller.left_out);
        trees.push((
            live.identity.clone(),
            address.to_string(),
            Tree::block([(kind.name(), Tree::block(body))]),
        ));
        wishes.push(wish);
    }

    fn cloud_app(&self, live: &Live, wishes: &mut Vec<Wish>, trees: &mut Vec<(Identity, String, Tree)>) {
        if self.is_known(&live.identity) {
            return;
        }
        let id = live.identity.id();
        let name = live.name();
        // Apps of one name are told apart by their ids, whoever came first.
        let live_twins = self.import.live.of_kind(Kind::CloudApp);
        let declared = self.import.existing.into_iter().flat_map(|it| it.of_kind(Kind::CloudApp));
        let is_twin = live_twins.filter(|other| other.identity != live.identity).any(|it| it.name() == name)
            || declared.into_iter().any(|other| other.name == name);
        let name = match name.trim() {
            "" => id.clone(),
            _ if is_twin => format!("{name}-{}", id.split('-').next().unwrap_or_default()),
            _ => name,
        };
        wishes.push(Wish::new(&["cloud-apps"], Some(&name), &id));
        let body = Tree::block(spell_cloud::fields(live, &id, &name));
        let address = Address::cloud_app(&name).to_string();
        trees.push((live.identity.clone(), address, Tree::block([(Kind::CloudApp.name(), body)])));
    }

    /// Takes out what the diagnostics are about; false when none is about a new file.
    fn take_out(&mut self, drafts: &mut Vec<Draft>, errors: &[&Diagnostic]) -> bool {
        let mut gone: Vec<Identity> = Vec::new();
        // What one rule refuses may be the reason for what another one does, so one rule at a time; and one place at a
        // time in a file, since those behind it move.
        let rule = errors.first().map(|error| error.code());
        let mut changed: BTreeSet<String> = BTreeSet::new();
        for error in errors.iter().filter(|error| Some(error.code()) == rule) {
            let Some(origin) = error.origin() else { continue };
            let Some(draft) = drafts.iter_mut().find(|draft| *draft.file == *origin.file) else { continue };
            if changed.contains(&draft.file) {
                continue;
            }
            let why = || format!("{} {}", error.code(), error.message());
            let text = emit::document(&draft.tree);
            match removable(&text, origin.start, draft.identity.kind()) {
                Some(path) => {
                    let told = path.iter().skip(1).map(|step| match step {
                        Step::Key(key) => key.clone(),
                        Step::Index(index) => index.to_string(),
                    });
                    let told = told.collect::<Vec<_>>().join(".");
                    if edit::apply(&mut draft.tree, &edit::Edit::Remove { path }).is_err() {
                        continue;
                    }
                    self.left_out.push(LeftOut {
                        address: draft.address.clone(),
                        path: Some(told),
                        why: why(),
                    });
                }
                None => {
                    self.left_out.push(LeftOut { address: draft.address.clone(), path: None, why: why() });
                    gone.push(draft.identity.clone());
                }
            }
            changed.insert(draft.file.clone());
        }
        drafts.retain(|draft| !gone.contains(&draft.identity));
        !changed.is_empty()
    }
}

/// The part to take out of a document for the place of a problem to be gone; nothing when that is the whole document.
fn removable(text: &str, at: usize, kind: Kind) -> Option<Vec<Step>> {
    let documents = edit::read(text).ok()?;
    let root = documents.first()?.root.as_ref()?;
    let mut path = Vec::new();
    descend(root, at, &mut path);
    let needed: &[&str] = match kind {
        Kind::Environment => &["id", "app", "provider"],
        _ => &["clusterId", "namespaceId", "appId", "name", "cluster"],
    };
    let Some(Step::Key(field)) = path.get(1) else { return None };
    let is_name =
        path.get(..3).is_some_and(|path| path.ends_with(&[Step::key("properties"), Step::key("name")]));
    if needed.contains(&field.as_str()) || is_name || (field == "properties" && path.len() == 2) {
        return None;
    }
    // What is in an exact list is all of it, so that nothing less than the list can go.
    let mut table = kind.fields();
    for (depth, step) in path.iter().enumerate().skip(1) {
        let Step::Key(name) = step else { break };
        match find(table, name).map(|field| field.shape) {
            Some(Shape::Object(fields)) => table = fields,
            Some(Shape::List(list)) => {
                if list.mode == ListMode::Exact {
                    path.truncate(depth + 1);
                }
                break;
            }
            _ => break,
        }
    }
    Some(path)
}

/// The way to the innermost entry or item that a byte is in.
fn descend(node: &Node, at: usize, path: &mut Vec<Step>) {
    match &*node.value {
        Yaml::Mapping(mapping) => {
            let found = mapping.entries.iter().find(|entry| {
                entry.key_span.start <= at && at <= entry.node.span.end.max(entry.key_span.end)
            });
            if let Some(entry) = found {
                path.push(Step::key(&entry.key));
                if at > entry.key_span.end {
                    descend(&entry.node, at, path);
                }
            }
        }
        Yaml::Sequence(nodes) => {
            let found = nodes.iter().position(|node| node.span.start <= at && at <= node.span.end);
            if let Some((index, node)) = found.and_then(|index| Some((index, nodes.get(index)?))) {
                path.push(Step::Index(index));
                descend(node, at, path);
            }
        }
        Yaml::Scalar(_) | Yaml::Broken => {}
    }
}

/// Whether the namespace of an environment uses the external secrets store.
fn secrets_store(live: &LiveState, identity: &Identity) -> bool {
    let Identity::Environment { namespace, .. } = identity else { return false };
    let namespace = live.get(&Identity::Namespace(*namespace));
    let field = find(Kind::Namespace.fields(), "enableExternalSecretsStore");
    namespace.zip(field).is_some_and(|(namespace, field)| {
        canonical(field, namespace.manifest().get(field.name)) == Value::Bool(true)
    })
}

/// How files refer to what others declare.
struct Names {
    clusters: BTreeMap<Uuid, String>,
    namespaces: BTreeMap<Uuid, (Uuid, String)>,
    apps: BTreeMap<Uuid, String>,
    /// Names of environments that an app has several times.
    twins: BTreeSet<(Uuid, String)>,
}

impl Names {
    fn new(import: &Import<'_>) -> Names {
        let live = import.live;
        let clusters = live.of_kind(Kind::Cluster).filter_map(|live| match live.identity {
            Identity::Cluster(id) => Some((id, live.name())),
            _ => None,
        });
        let namespaces = live.of_kind(Kind::Namespace).filter_map(|live| match live.identity {
            Identity::Namespace(id) => Some((id, (live.cluster?, live.name()))),
            _ => None,
        });
        let mut names = Names {
            clusters: clusters.collect(),
            namespaces: namespaces.collect(),
            apps: apps(import),
            twins: BTreeSet::new(),
        };
        // The names of the estate, where it has some.
        for (identity, resource) in import.existing.into_iter().flat_map(|existing| &existing.resources) {
            match identity {
                Identity::Cluster(id) => {
                    names.clusters.insert(*id, resource.name.clone());
                }
                Identity::Namespace(id) => {
                    if let Some(cluster) = resource.cluster {
                        names.namespaces.insert(*id, (cluster, resource.name.clone()));
                    }
                }
                _ => {}
            }
        }
        let mut seen = BTreeSet::new();
        for live in live.of_kind(Kind::Environment) {
            if let Identity::Environment { app, .. } = live.identity
                && !seen.insert((app, live.name()))
            {
                names.twins.insert((app, live.name()));
            }
        }
        names
    }

    fn is_twin(&self, live: &Live) -> bool {
        matches!(live.identity, Identity::Environment { app, .. } if self.twins.contains(&(app, live.name())))
    }

    fn app(&self, app: Uuid) -> String {
        self.apps.get(&app).cloned().unwrap_or_else(|| app.to_string())
    }

    fn cluster_shown(&self, cluster: Option<Uuid>) -> String {
        let name = cluster.and_then(|cluster| self.clusters.get(&cluster).cloned());
        name.or_else(|| cluster.map(|cluster| cluster.to_string())).unwrap_or_default()
    }

    /// A reference to a cluster: by name where that says which.
    fn cluster(&self, cluster: Uuid) -> String {
        match self.clusters.get(&cluster) {
            Some(name)
                if !name.trim().is_empty()
                    && self.clusters.values().filter(|it| *it == name).count() == 1 =>
            {
                name.clone()
            }
            _ => cluster.to_string(),
        }
    }

    /// A reference to a namespace, and the names of its cluster and of it.
    fn provider(&self, namespace: Uuid) -> Option<(Tree, (String, String))> {
        let (cluster, name) = self.namespaces.get(&namespace)?;
        let twins = self.namespaces.values().filter(|other| other.0 == *cluster && other.1 == *name).count();
        let by_name = twins == 1 && !name.trim().is_empty();
        let reference = if by_name { name.clone() } else { namespace.to_string() };
        let tree = Tree::flow([
            ("cluster", Tree::Text(self.cluster(*cluster))),
            ("namespace", Tree::Text(reference)),
        ]);
        Some((tree, (self.cluster_shown(Some(*cluster)), name.clone())))
    }
}

/// The names by which files refer to apps: those of the portal, made different where they are not.
fn apps(import: &Import<'_>) -> BTreeMap<Uuid, String> {
    let declared = import.existing.into_iter().flat_map(|existing| existing.of_kind(Kind::App));
    let declared: BTreeMap<Uuid, String> = declared
        .filter_map(|app| match app.identity {
            Identity::App(id) => Some((id, app.name.clone())),
            _ => None,
        })
        .collect();
    let mut names = BTreeMap::new();
    for (app, name) in import.apps {
        if let Some(declared) = declared.get(app) {
            names.insert(*app, declared.clone());
            continue;
        }
        let others = import.apps.iter().any(|(other, taken)| other != app && taken == name)
            || declared.values().any(|taken| taken == name);
        let short: String = app.simple().to_string().chars().take(8).collect();
        let name = match name.trim() {
            "" => app.to_string(),
            _ if others => format!("{name}-{short}"),
            _ => name.clone(),
        };
        names.insert(*app, name);
    }
    names
}
