//! The files that an editor has open, and the estates that they belong to.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::names::{Use, names};
use crate::source::outline::{Entry, outline};
use crate::source::{Diagnostic, LoadOptions, load_with};

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
        let of_estate = self.open.iter().filter_map(|(path, open)| {
            let name = path.strip_prefix(estate).ok()?.to_str()?.replace('\\', "/");
            Some((name, open.text.clone()))
        });
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

    /// Every YAML file of an estate.
    pub(super) fn files(&self, estate: &Path, world: Surroundings) -> Vec<File> {
        let options = LoadOptions { environment: &world.environment, today: (world.today)() };
        let texts = self.texts(estate);
        let loaded = load_with(estate, &options, &texts);
        let read = |name: &str| {
            let path = estate.join(name);
            let text = texts.get(name).cloned().or_else(|| fs_err::read_to_string(&path).ok())?;
            let entries = outline(&text);
            Some(File { path, text, entries })
        };
        loaded.files.names().filter_map(read).collect()
    }
}

/// Every name in files.
pub(super) fn names_in(files: &[File]) -> Vec<Use> {
    let each = files.iter().enumerate().map(|(index, file)| names(index, &file.text, &file.entries));
    each.flatten().collect()
}
