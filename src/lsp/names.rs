//! Names in the files of an estate: where each is given, and where it is used.
//!
//! By what stands in the files, not by what they come to: an estate that is being changed is often not valid.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::model::field::ListMode;
use crate::source::outline::{Entry, Step};

/// What a name is a name of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Named {
    Cluster(String),
    /// By its cluster, where that is told by name.
    Namespace(Option<String>, String),
    App(String),
    Package(String),
    /// By its app.
    Environment(String, String),
    CloudApp(String),
    /// Of one document.
    Role(usize, usize, String),
}

impl Named {
    /// The name itself.
    pub(super) fn name(&self) -> &str {
        match self {
            Named::Cluster(name)
            | Named::Namespace(_, name)
            | Named::App(name)
            | Named::Package(name)
            | Named::Environment(_, name)
            | Named::CloudApp(name)
            | Named::Role(_, _, name) => name,
        }
    }

    /// Whether both are the name of one thing.
    pub(super) fn is(&self, other: &Named) -> bool {
        match (self, other) {
            (Named::Namespace(one, name), Named::Namespace(two, other)) => {
                name == other && (one.is_none() || two.is_none() || one == two)
            }
            _ => self == other,
        }
    }
}

/// A name at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Use {
    pub(super) named: Named,
    /// The index of the file.
    pub(super) file: usize,
    /// The name, without quotes around it.
    pub(super) range: Range<usize>,
    /// Whether the name is given here.
    pub(super) is_given: bool,
    /// Whether it is all of a scalar without quotes, so that another name may need some.
    pub(super) is_plain: bool,
}

/// What the resource of a document stands in, wherever that is said.
#[derive(Debug, Clone, Default)]
pub(super) struct Parents {
    /// The name of its app.
    pub(super) app: Option<String>,
    /// The name of its cluster.
    pub(super) cluster: Option<String>,
}

/// Every name in a file; `parents` has what is known of its documents.
pub(super) fn names(
    file: usize,
    text: &str,
    entries: &[Entry],
    parents: &BTreeMap<usize, Parents>,
) -> Vec<Use> {
    let mut found = Vec::new();
    let scanned = File { file, text, entries, parents };
    for entry in entries {
        let path: Vec<&str> = entry.path.iter().map(|step| step.key().unwrap_or("#")).collect();
        // What defaults say of a kind, they say for its documents. How a list is meant is no step in it.
        let mut path = match path.as_slice() {
            ["defaults", rest @ ..] => rest.to_vec(),
            whole => whole.to_vec(),
        };
        if path.first() == Some(&"cloudApp") {
            path.retain(|key| ![ListMode::Exact, ListMode::Merge].iter().any(|mode| mode.name() == *key));
        }
        scanned.entry(entry, &path, &mut found);
    }
    found
}

struct File<'f> {
    file: usize,
    text: &'f str,
    entries: &'f [Entry],
    parents: &'f BTreeMap<usize, Parents>,
}

impl File<'_> {
    fn entry(&self, entry: &Entry, path: &[&str], found: &mut Vec<Use>) {
        let name = || entry.text.clone().unwrap_or_default();
        let parents = self.parents.get(&entry.document);
        let in_defaults = entry.path.first().and_then(Step::key) == Some("defaults");
        let beside = |keys: &[&str]| {
            let keys: Vec<_> =
                in_defaults.then_some("defaults").into_iter().chain(keys.iter().copied()).collect();
            self.value(entry.document, &keys)
        };
        let app = || beside(&["environment", "app"]).or_else(|| parents?.app.clone());
        let cluster = |keys: &[&str]| beside(keys).or_else(|| parents?.cluster.clone());
        let role = |name: String| Named::Role(self.file, entry.document, name);
        match path {
            ["cluster", "name"] => self.push(entry, Named::Cluster(name()), true, found),
            ["namespace", "name"] => {
                let cluster = cluster(&["namespace", "cluster"]);
                self.push(entry, Named::Namespace(cluster, name()), true, found);
            }
            ["app", "name"] => self.push(entry, Named::App(name()), true, found),
            ["package", "name"] => self.push(entry, Named::Package(name()), true, found),
            ["environment", "properties", "name"] => {
                let app = app().unwrap_or_default();
                self.push(entry, Named::Environment(app, name()), true, found);
            }
            ["cloudApp", "name"] => self.push(entry, Named::CloudApp(name()), true, found),
            ["cloudApp", "roles", role_name] if *role_name != "#" => {
                if let Some(range) = &entry.key {
                    let named = role((*role_name).to_owned());
                    let is_plain =
                        self.text.get(range.clone()).is_some_and(|key| !key.starts_with(['"', '\'']));
                    found.extend(self.at(range, named, true, is_plain));
                }
            }
            ["cloudApp", "roles", "#", "name"] => self.push(entry, role(name()), true, found),
            ["namespace", "cluster"] | ["environment", "provider", "cluster"] => {
                self.push(entry, Named::Cluster(name()), false, found);
            }
            ["environment", "provider", "namespace"] => {
                let cluster = cluster(&["environment", "provider", "cluster"]);
                self.push(entry, Named::Namespace(cluster, name()), false, found);
            }
            ["environment" | "package", "app"] => self.push(entry, Named::App(name()), false, found),
            ["environment", "deployment", "package"] => {
                self.push(entry, Named::Package(name()), false, found);
            }
            ["cloudApp", "permissions", _]
            | ["cloudApp", "permissions", _, "role"]
            | ["cloudApp", "environments", _, "permissions", _]
            | ["cloudApp", "environments", _, "permissions", _, "role"] => {
                self.push(entry, role(name()), false, found);
            }
            [_, "dependsOn", "#"]
            | ["remove", "#", "address"]
            | ["ignore" | "waivers", "#", "address"]
            | ["guards", "protect", "#"]
            | ["guards", "freeze", "#", "address"] => self.address(entry, found),
            ["remove", "#", "namespace"] => {
                let cluster = name().split_once('/').map(|(cluster, _)| cluster.to_owned());
                self.parts(entry, &[PartOf::Cluster, PartOf::Namespace(cluster)], &name(), 0, found);
            }
            _ => {}
        }
    }

    /// The text at a path of keys in a document.
    fn value(&self, document: usize, keys: &[&str]) -> Option<String> {
        let is_it = |entry: &&Entry| {
            entry.document == document
                && entry.path.len() == keys.len()
                && entry.path.iter().zip(keys).all(|(step, key)| step.key() == Some(key))
        };
        self.entries.iter().find(is_it)?.text.clone()
    }

    fn push(&self, entry: &Entry, named: Named, is_given: bool, found: &mut Vec<Use>) {
        if entry.text.as_ref().is_some_and(|text| !text.is_empty()) {
            found.extend(self.at(&entry.value, named, is_given, entry.is_plain));
        }
    }

    /// A use in a range, which may have quotes around it. A name that is spelt with escapes is not found.
    fn at(&self, range: &Range<usize>, named: Named, is_given: bool, is_plain: bool) -> Option<Use> {
        let start = range.start + self.text.get(range.clone())?.find(named.name())?;
        let range = start..start + named.name().len();
        Some(Use { named, file: self.file, range, is_given, is_plain })
    }

    /// The names in an address or a pattern of addresses; a part with a wildcard names nothing.
    fn address(&self, entry: &Entry, found: &mut Vec<Use>) {
        let Some(text) = &entry.text else { return };
        let Some((kind, rest)) = text.split_once('/') else { return };
        let first = rest.split('/').next().unwrap_or_default().to_owned();
        let parts: &[PartOf] = match kind {
            "cluster" => &[PartOf::Cluster],
            "namespace" => &[PartOf::Cluster, PartOf::Namespace(Some(first))],
            "environment" => &[PartOf::App, PartOf::Environment(first)],
            "package" => &[PartOf::Package],
            "cloud-app" => &[PartOf::CloudApp],
            _ => return,
        };
        self.parts(entry, parts, rest, kind.len() + 1, found);
    }

    fn parts(&self, entry: &Entry, parts: &[PartOf], text: &str, behind: usize, found: &mut Vec<Use>) {
        let Some(spelt) = self.text.get(entry.value.clone()) else { return };
        let whole = entry.text.as_deref().unwrap_or_default();
        // Where the text begins behind its quote; a text with escapes is not looked into.
        let Some(start) = spelt.find(whole) else { return };
        let mut at = entry.value.start + start + behind;
        for (part, piece) in parts.iter().zip(text.splitn(parts.len(), '/')) {
            let name = piece.split('@').next().unwrap_or_default();
            let is_name = !name.is_empty() && !name.contains(['*', '?', '[', '{']);
            if is_name {
                found.push(Use {
                    named: part.named(name),
                    file: self.file,
                    range: at..at + name.len(),
                    is_given: false,
                    is_plain: false,
                });
            }
            at += piece.len() + 1;
        }
    }
}

/// What a part of an address names.
enum PartOf {
    Cluster,
    Namespace(Option<String>),
    App,
    Package,
    Environment(String),
    CloudApp,
}

impl PartOf {
    fn named(&self, name: &str) -> Named {
        let name = name.to_owned();
        match self {
            PartOf::Cluster => Named::Cluster(name),
            PartOf::Namespace(cluster) => Named::Namespace(cluster.clone(), name),
            PartOf::App => Named::App(name),
            PartOf::Package => Named::Package(name),
            PartOf::Environment(app) => Named::Environment(app.clone(), name),
            PartOf::CloudApp => Named::CloudApp(name),
        }
    }
}

/// What a value at a place may name: what is given as such a name.
pub(super) fn wanted<'u>(path: &[Step], document: &[Entry], given: &'u [Use]) -> Vec<&'u str> {
    let path: Vec<&str> = path.iter().map(|step| step.key().unwrap_or("#")).collect();
    let path = match path.as_slice() {
        ["defaults", rest @ ..] => rest,
        whole => whole,
    };
    let cluster = document.iter().find_map(|entry| {
        let keys: Vec<_> = entry.path.iter().filter_map(Step::key).collect();
        (keys == ["environment", "provider", "cluster"]).then(|| entry.text.clone())?
    });
    let fits = |named: &Named| match path {
        ["namespace", "cluster"] | ["environment", "provider", "cluster"] => {
            matches!(named, Named::Cluster(_))
        }
        ["environment" | "package", "app"] => matches!(named, Named::App(_)),
        ["environment", "deployment", "package"] => matches!(named, Named::Package(_)),
        ["environment", "provider", "namespace"] => match named {
            Named::Namespace(of, _) => cluster.is_none() || of.is_none() || *of == cluster,
            _ => false,
        },
        _ => false,
    };
    let mut names: Vec<_> =
        given.iter().filter(|it| it.is_given && fits(&it.named)).map(|it| it.named.name()).collect();
    names.sort_unstable();
    names.dedup();
    names
}
