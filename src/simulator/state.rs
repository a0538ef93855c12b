//! What the world holds, in the form in which it is saved.
//!
//! People open the file and change a value in it to play a colleague at work in the portal. So manifests
//! appear in it as the API knows them, and a file that lacks something is not an error.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    cloud_apps::{CloudApp, Owner},
    jobs::Job,
    pointer,
};

/// The version of the file's layout. 1: the first.
const FORMAT: &str = "mxkeep.simulator/1";

/// Everything the simulator remembers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct State {
    pub(super) format: String,
    /// How far the simulated clock is ahead of the real one.
    pub(super) clock_ahead_ms: u64,
    /// The number of the last job; ids are derived from it.
    pub(super) last_job: u64,
    pub(super) clusters: Vec<Cluster>,
    pub(super) namespaces: Vec<Namespace>,
    pub(super) apps: Vec<App>,
    pub(super) packages: Vec<Package>,
    pub(super) environments: Vec<Environment>,
    pub(super) operators: Vec<Operator>,
    /// Whose tokens these are; it matters on Mendix Cloud.
    pub(super) owner: Owner,
    pub(super) cloud_apps: Vec<CloudApp>,
    pub(super) jobs: Vec<Job>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            format: FORMAT.into(),
            clock_ahead_ms: 0,
            last_job: 0,
            clusters: Vec::new(),
            namespaces: Vec::new(),
            apps: Vec::new(),
            packages: Vec::new(),
            environments: Vec::new(),
            operators: Vec::new(),
            owner: Owner::default(),
            cloud_apps: Vec::new(),
            jobs: Vec::new(),
        }
    }
}

/// A cluster.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Cluster {
    pub(super) manifest: Value,
}

/// A namespace; its manifest does not say to which cluster it belongs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Namespace {
    pub(super) cluster_id: String,
    pub(super) manifest: Value,
}

/// An app.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct App {
    pub(super) app_id: String,
    pub(super) app_name: String,
    /// What packages that are made from now on know, besides what they are taught themselves.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) constants: Vec<Constant>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) scheduled_events: Vec<String>,
}

/// A deployment package with what the portal reads from its model.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Package {
    pub(super) id: String,
    pub(super) app_id: String,
    pub(super) model_version: String,
    pub(super) runtime_version: String,
    pub(super) created_on: Timestamp,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) description: String,
    pub(super) file_name: String,
    pub(super) file_size: u64,
    /// Of the content, where it was uploaded.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) sha256: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expiry_date: Option<Timestamp>,
    pub(super) constants: Vec<Constant>,
    pub(super) scheduled_events: Vec<String>,
}

/// A constant of a model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Constant {
    pub(super) name: String,
    pub(super) default: String,
}

/// An environment.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Environment {
    pub(super) app_id: String,
    pub(super) namespace_id: String,
    /// With the write-only secrets, which the API never returns.
    pub(super) manifest: Value,
    /// When the cluster is done with the last change; absent when it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) settles_at: Option<Timestamp>,
    /// The cluster will not manage the last change.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) settles_as_failed: bool,
}

/// An operator installed in a namespace, which may come before the namespace itself.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Operator {
    pub(super) namespace_id: String,
    pub(super) version: String,
    /// `planName`, `planType` and `planConfig` of each plan.
    pub(super) plans: Vec<Value>,
}

impl Cluster {
    pub(super) fn id(&self) -> &str {
        pointer::text(&self.manifest, "/cluster/clusterId")
    }
}

impl Namespace {
    pub(super) fn id(&self) -> &str {
        pointer::text(&self.manifest, "/namespace/namespaceId")
    }

    pub(super) fn name(&self) -> &str {
        pointer::text(&self.manifest, "/namespace/name")
    }

    /// A Main namespace belongs to the Global Operator alone.
    pub(super) fn is_main(&self) -> bool {
        pointer::text(&self.manifest, "/namespace/namespaceType") == "main"
    }
}

impl Environment {
    pub(super) fn id(&self) -> &str {
        let id = self.manifest.get("environment").and_then(|environment| environment.get("id"));
        id.and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn is(&self, app: &str, namespace: &str, id: &str) -> bool {
        // The cheap comparison first: benchmarks look for one among thousands.
        same(&self.namespace_id, namespace) && same(&self.app_id, app) && self.id() == id
    }
}

/// Whether two UUIDs are the same; letter case is no difference.
pub(super) fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

impl State {
    pub(super) fn cluster(&self, id: &str) -> Option<&Cluster> {
        self.clusters.iter().find(|cluster| same(cluster.id(), id))
    }

    pub(super) fn namespace(&self, id: &str) -> Option<&Namespace> {
        self.namespaces.iter().find(|namespace| same(namespace.id(), id))
    }

    pub(super) fn app(&self, id: &str) -> Option<&App> {
        self.apps.iter().find(|app| same(&app.app_id, id))
    }

    pub(super) fn package(&self, app: &str, id: &str) -> Option<&Package> {
        self.packages.iter().find(|package| same(&package.id, id) && same(&package.app_id, app))
    }

    pub(super) fn operator(&self, namespace: &str) -> Option<&Operator> {
        self.operators.iter().find(|operator| same(&operator.namespace_id, namespace))
    }

    pub(super) fn environment(&self, app: &str, namespace: &str, id: &str) -> Option<&Environment> {
        self.environments.iter().find(|environment| environment.is(app, namespace, id))
    }

    /// The namespaces of a cluster.
    pub(super) fn namespaces_of<'a, 'b>(
        &'a self,
        cluster: &'b str,
    ) -> impl Iterator<Item = &'a Namespace> + use<'a, 'b> {
        self.namespaces.iter().filter(move |namespace| same(&namespace.cluster_id, cluster))
    }

    /// The environments of a namespace, whatever their app.
    pub(super) fn environments_in<'a, 'b>(
        &'a self,
        namespace: &'b str,
    ) -> impl Iterator<Item = &'a Environment> + use<'a, 'b> {
        self.environments.iter().filter(move |environment| same(&environment.namespace_id, namespace))
    }
}

/// Why a state file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The file exists but cannot be read.
    #[error("cannot read the simulator's state file `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is not what the simulator writes.
    #[error("the simulator's state file `{}` is not usable: {message}; correct or delete it", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line and column.
        message: String,
    },
    /// The file cannot be written.
    #[error("cannot write the simulator's state file `{}`", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

impl State {
    /// Loads a file; a missing one is an empty world.
    pub(super) fn load(path: &Path) -> Result<Self, StateError> {
        let bytes = match fs_err::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(source) => return Err(StateError::Read { path: path.into(), source }),
        };
        let corrupt = |message| StateError::Corrupt { path: path.into(), message };
        // Editors on Windows like to put a byte order mark in front.
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        Self::parse(text).map_err(corrupt)
    }

    /// Reads the text of a file.
    pub(super) fn parse(text: &[u8]) -> Result<Self, String> {
        // A struct may also be read from a list, which here is nothing but a mistake.
        if text.trim_ascii_start().first().is_some_and(|byte| *byte != b'{') {
            return Err("it does not begin with `{`".into());
        }
        let state: Self = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        state.check_format()?;
        Ok(state)
    }

    /// Refuses a file of a later version, which may hold what this one would lose.
    fn check_format(&self) -> Result<(), String> {
        match self.format.as_str() {
            FORMAT => Ok(()),
            other => Err(format!("its format is `{other}`, this version knows `{FORMAT}`")),
        }
    }

    /// Saves to a file: written beside it and renamed, so that a reader never sees half a world.
    pub(super) fn save(&self, path: &Path) -> Result<(), StateError> {
        let error = |source| StateError::Write { path: path.into(), source };
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        if let Some(directory) = directory {
            fs_err::create_dir_all(directory).map_err(error)?;
        }
        let mut name = path.file_name().unwrap_or_default().to_owned();
        // The process id keeps two simulators on one file from writing into each other's half.
        name.push(format!(".{}.tmp", std::process::id()));
        let beside = path.with_file_name(name);
        let mut file = fs_err::File::create(&beside).map_err(error)?;
        let text = serde_json::to_vec_pretty(self).map_err(|wrong| error(wrong.into()))?;
        file.write_all(&text).and_then(|()| file.write_all(b"\n")).map_err(error)?;
        drop(file);
        fs_err::rename(&beside, path).map_err(error)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_missing_file_is_an_empty_world_and_a_corrupt_one_names_itself() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("deep/world.json");
        assert!(State::load(&path).unwrap().clusters.is_empty());
        State::default().save(&path).unwrap();
        assert_eq!(fs_err::read_dir(directory.path().join("deep")).unwrap().count(), 1);
        for text in ["{", "[]", r#"{"format": "mxkeep.simulator/9"}"#, r#"{"environments": {}}"#, ""] {
            fs_err::write(&path, text).unwrap();
            let message = State::load(&path).unwrap_err().to_string();
            assert!(message.contains("world.json"), "{message}");
        }
    }

    #[test]
    fn hand_edits_are_tolerated() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("world.json");
        let text = "\u{feff}{\"note\": 1, \"clusters\": [{}, {\"manifest\": {\"cluster\": {\"clusterId\": \"c\"}}}]}";
        fs_err::write(&path, text).unwrap();
        let state = State::load(&path).unwrap();
        assert!(state.cluster("C").is_some());
    }

    #[test]
    fn numbers_keep_their_spelling() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("world.json");
        let mut state = State::default();
        let manifest: Value = serde_json::from_str(r#"{"environment": {"x": 1.10}}"#).unwrap();
        state.environments.push(Environment { manifest, ..Environment::default() });
        state.save(&path).unwrap();
        assert!(fs_err::read_to_string(&path).unwrap().contains("1.10"));
        assert_ne!(State::load(&path).unwrap().environments[0].manifest, json!({}));
    }
}
