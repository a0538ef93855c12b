//! The files that an editor has open, and the estates that they belong to.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::names::{Parents, Use, names};
use crate::model::{DesiredState, Identity};
use crate::source::outline::{Entry, outline};
use crate::source::{Diagnostic, LoadOptions, Loaded, load_with};

/// The file at the root of every estate.
const ROOT: &str = "mxkeep.yaml";

/// What the server asks of the world around it.
#[derive(Clone, Copy)]
pub struct Surroundings {
    /// Looks up an environment variable for `fromEnv`.
    pub environment: fn(&str) -> Option<String>,
    /// The day of today.
    pub today: fn() -> jiff::civil::Date,
}

/// The files that are open, with their texts as they are there.
#[derive(Debug, Default)]
pub(super) struct Workspace {
    pub(super) open: BTreeMap<PathBuf, Open>,
    /// The files about which an editor was told something, by estate.
    told: BTreeMap<PathBuf, BTreeSet<PathBuf>>,
}

/// A file that is open.
#[derive(Debug, Clone)]
pub(super) struct Open {
    pub(super) text: String,
    /// The editor's number for this text.
    pub(super) version: i32,
}

/// A file of an estate as the editor sees it.
pub(super) struct File {
    pub(super) path: PathBuf,
    /// Its name in the estate.
    pub(super) name: String,
    pub(super) text: String,
    pub(super) entries: Vec<Entry>,
}

impl Workspace {
    /// The root of the estate that a file belongs to.
    pub(super) fn estate_of(&self, file: &Path) -> Option<PathBuf> {
        let is_root = |folder: &&Path| {
            let root = folder.join(ROOT);
            self.open.contains_key(&root) || root.is_file()
        };
        file.ancestors().skip(1).find(is_root).map(Path::to_owned)
    }

    /// The texts of the open files of an estate, by their names in it.
    fn texts(&self, estate: &Path) -> BTreeMap<String, String> {
        let of_estate =
            self.open.iter().filter_map(|(path, open)| Some((name_in(path, estate)?, open.text.clone())));
        of_estate.collect()
    }

    /// The problems of an estate, by file; files that had some before and have none now are among them. What is about no
    /// place stands at the root.
    pub(super) fn check(&mut self, estate: &Path, world: Surroundings) -> BTreeMap<PathBuf, Vec<Diagnostic>> {
        let options = LoadOptions { environment: &world.environment, today: (world.today)() };
        let loaded = load_with(estate, &options, &self.texts(estate));
        let before = self.told.remove(estate).unwrap_or_default();
        let mut by_file: BTreeMap<PathBuf, Vec<Diagnostic>> =
            before.into_iter().map(|file| (file, Vec::new())).collect();
        for diagnostic in loaded.diagnostics {
            let file = diagnostic.origin().map_or(ROOT, |origin| origin.file.as_ref());
            by_file.entry(estate.join(file)).or_default().push(diagnostic);
        }
        let told = by_file.iter().filter(|(_, found)| !found.is_empty()).map(|(file, _)| file.clone());
        self.told.insert(estate.to_owned(), told.collect());
        by_file
    }

    /// An estate, with these texts in the place of those that are open or on disk.
    pub(super) fn load_with(
        &self,
        estate: &Path,
        world: Surroundings,
        instead: &BTreeMap<&Path, String>,
    ) -> Loaded {
        let options = LoadOptions { environment: &world.environment, today: (world.today)() };
        let mut texts = self.texts(estate);
        texts.extend(instead.iter().filter_map(|(path, text)| Some((name_in(path, estate)?, text.clone()))));
        load_with(estate, &options, &texts)
    }

    /// An estate, and every YAML file of it.
    pub(super) fn files(&self, estate: &Path, world: Surroundings) -> (Loaded, Vec<File>) {
        let options = LoadOptions { environment: &world.environment, today: (world.today)() };
        let texts = self.texts(estate);
        let loaded = load_with(estate, &options, &texts);
        let read = |name: &str| {
            let path = estate.join(name);
            let text = texts.get(name).cloned().or_else(|| fs_err::read_to_string(&path).ok())?;
            let entries = outline(&text);
            Some(File { path, name: name.to_owned(), text, entries })
        };
        let files = loaded.files.names().filter_map(read).collect();
        (loaded, files)
    }
}

/// The name of a file in an estate.
fn name_in(path: &Path, estate: &Path) -> Option<String> {
    Some(path.strip_prefix(estate).ok()?.to_str()?.replace('\\', "/"))
}

/// Every name in files. What a document leaves to `defaults` is known where the estate is valid.
pub(super) fn names_in(files: &[File], desired: Option<&DesiredState>) -> Vec<Use> {
    let each = files.iter().enumerate().map(|(index, file)| {
        let parents = desired.map(|desired| parents(file, desired)).unwrap_or_default();
        names(index, &file.text, &file.entries, &parents)
    });
    each.flatten().collect()
}

/// What the documents of a file stand in, by the document.
fn parents(file: &File, desired: &DesiredState) -> BTreeMap<usize, Parents> {
    let of_file = desired.resources.values().filter(|it| *it.origin.file == *file.name);
    let found = of_file.filter_map(|it| {
        let is_it = |entry: &&Entry| {
            let key = entry.key.as_ref().map_or(entry.value.start, |key| key.start);
            entry.path.len() == 1 && (key..=entry.value.end).contains(&it.origin.start)
        };
        let document = file.entries.iter().find(is_it)?.document;
        let first = || it.address.names().into_iter().next();
        let parents = match &it.identity {
            Identity::Environment { namespace, .. } => {
                let namespace = desired.resources.get(&Identity::Namespace(*namespace));
                let cluster = namespace.and_then(|it| it.address.names().into_iter().next());
                Parents { app: first(), cluster }
            }
            Identity::Namespace(_) => Parents { app: None, cluster: first() },
            _ => return None,
        };
        Some((document, parents))
    });
    found.collect()
}
