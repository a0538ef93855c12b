//! Reads an estate directory into desired state; every problem becomes a diagnostic with its exact place.
//!
//! ```text
//! discover   directory → files          (file: places and masks; root: a directory or, by git, a commit)
//! yaml       file → documents, trees with spans          (reader, scalar: what a scalar means)
//! masks      what must never be shown
//! settings   the first document of mxkeep.yaml
//! documents  document → parts of resources, defaults, tombstones
//!   matrix   one tree → one for each choice of values
//!   part     tree × field table → declared values        (shape, lists, values, outside, formats)
//! compose    parts and defaults → resources              (defaults, merge)
//! resolve    references → resources                      (provider, packages, roles, addresses, tombstones)
//! schema     tables → JSON Schema
//! rules      what no field table decides                 (codes: what each rule and problem says)
//! waivers    warnings that were looked at and accepted
//! ```
//!
//! Nothing here stops at the first problem: what can be read is read, and one mistake is reported once.

mod accept;
mod addresses;
pub mod codes;
mod compose;
mod defaults;
mod diagnostic;
mod discover;
mod documents;
mod edit;
mod emit;
mod file;
mod file_names;
mod formats;
mod freeze;
mod git;
mod ids;
mod import;
mod lists;
mod masks;
mod matrix;
mod merge;
pub mod outline;
mod outside;
pub mod packages;
mod part;
mod provider;
mod reader;
mod refused;
mod resolve;
mod resource;
mod roles;
mod root;
mod rules;
mod scalar;
pub mod schema;
mod settings;
mod shape;
mod share;
mod spell;
mod spell_cloud;
mod suggest;
mod tombstones;
mod tree;
mod values;
mod waivers;
mod yaml;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use self::compose::Composed;
use self::diagnostic::Problem;
use self::discover::Found;
use self::documents::{Context, Declarations, Doubts};
use self::outside::Surroundings;
use self::resolve::{Index, Resolver};
use self::resource::Resource;
use self::root::Root;
use self::shape::Literals;
use self::tombstones::Declaration;
use self::yaml::Document;
use crate::model::{Desired, DesiredState, Layer, Settings, Tombstone, Waiver};

pub use self::accept::{Accept, Accepted, accept};
pub use self::compose::MissingId;
pub use self::diagnostic::{Diagnostic, Files, Severity};
pub use self::file::SourceFile;
pub use self::git::{Based, Repository, RevisionError};
pub use self::ids::{fresh_id, name_in, propose_ids, with_ids};
pub use self::import::{Import, Imported, import};
pub use self::outside::PUBLIC_ENV;
pub use self::refused::EditRefused;
pub use self::settings::parse_duration;
pub use self::spell::{LeftOut, Variable};

/// What reading an estate needs from the world around it.
pub struct LoadOptions<'a> {
    /// Looks up an environment variable, for `fromEnv`; and [`PUBLIC_ENV`], which says which of them may be shown.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// The day on which it is read, for waivers that end.
    pub today: jiff::civil::Date,
}

/// What an estate directory holds.
#[derive(Debug)]
pub struct Loaded {
    /// What the files ask for; nothing when any of them has an error.
    pub desired: Option<DesiredState>,
    /// All problems, ordered by file, place and code.
    pub diagnostics: Vec<Diagnostic>,
    /// Warnings that the estate waives, with the reason as their help.
    pub waived: Vec<Diagnostic>,
    /// The files, for excerpts.
    pub files: Files,
    /// The resources that have no id yet.
    pub missing_ids: Vec<MissingId>,
    /// The files whose content became a value, by their names in the estate.
    pub taken: BTreeSet<String>,
}

/// Reads an estate directory: all files, all documents, all problems.
pub fn load(dir: &Path, options: &LoadOptions<'_>) -> Loaded {
    load_with(dir, options, &BTreeMap::new())
}

/// Reads an estate directory as if some of its files had other texts, by their names in the estate.
pub fn load_with(dir: &Path, options: &LoadOptions<'_>, texts: &BTreeMap<String, String>) -> Loaded {
    let mut problems = Vec::new();
    let root = match fs_err::canonicalize(dir) {
        Ok(root) if root.is_dir() => root,
        _ => {
            let message = format!("`{}` is not a directory that can be read", dir.display());
            problems.push(Problem::nowhere(&codes::EST_002, message).help("name the directory of an estate"));
            return finish(None, problems, Vec::new(), Vec::new());
        }
    };
    if !discover::is_estate(&root) && !texts.contains_key(settings::FILE) {
        // Any directory may be named by mistake; what it holds is nobody's business then.
        let message = format!("`{}` has no `{}`", dir.display(), settings::FILE);
        problems.push(Problem::nowhere(&codes::EST_001, message).help(not_an_estate(&root, dir)));
        return finish(None, problems, Vec::new(), Vec::new());
    }
    read_root(Root::directory(root), &dir.display().to_string(), options, texts, problems)
}

/// Reads an estate out of where its files are; `shown` is how messages call that.
fn read_root(
    root: Root,
    shown: &str,
    options: &LoadOptions<'_>,
    texts: &BTreeMap<String, String>,
    mut problems: Vec<Problem>,
) -> Loaded {
    let surroundings = Surroundings { root, environment: options.environment };
    let mut found = surroundings.root.discover(&mut problems);
    discover::overlay(&mut found, texts);
    let mut room = yaml::MOST_VALUES;
    let documents: Vec<Vec<Document>> =
        found.iter_mut().map(|found| parse(found, &mut room, &mut problems)).collect();
    let estate = Estate { shown, found: &found, documents: &documents, surroundings: &surroundings };
    let Read { desired, waivers, missing_ids } = estate.read(&mut problems);
    let waived = waivers::apply(&waivers, options.today, &mut problems);
    let taken = surroundings.root.taken();
    Loaded { missing_ids, taken, ..finish(desired, problems, waived, found) }
}

/// The text of a file of an estate as it may be shown: literals in secret fields are masked.
pub fn shown(name: &str, text: &str) -> String {
    let file = SourceFile::new(name.into(), text.to_owned());
    let mut found = Found { file, complete: true };
    let mut room = yaml::MOST_VALUES;
    parse(&mut found, &mut room, &mut Vec::new());
    found.file.conceal();
    found.file.text().to_owned()
}

/// What to do about a directory that is no estate.
fn not_an_estate(root: &Path, dir: &Path) -> String {
    match discover::estate_near(root, dir) {
        Some(near) => format!("`{}` has one: name that directory", near.display()),
        None => format!(
            "name the directory of an estate; a new one needs a file `{}` with at least `estate: NAME`",
            settings::FILE
        ),
    }
}

/// Reads the documents of a file and finds out what of it must not be shown.
fn parse(found: &mut Found, room: &mut usize, problems: &mut Vec<Problem>) -> Vec<Document> {
    let Found { file, complete } = found;
    if !*complete {
        file.set_masks(masks::find_text_masks(file));
        return Vec::new();
    }
    let documents = yaml::parse(file, room, problems);
    file.set_masks(masks::find_masks(file, &documents));
    documents
}

fn finish(
    desired: Option<DesiredState>,
    problems: Vec<Problem>,
    waived: Vec<Problem>,
    found: Vec<Found>,
) -> Loaded {
    let (mut problems, mut waived) = (Problem::fold(problems), Problem::fold(waived));
    problems.sort_by(Problem::compare);
    waived.sort_by(Problem::compare);
    let files = Files::new(found.into_iter().map(|found| found.file).collect());
    let desired = desired.filter(|_| !problems.iter().any(Problem::is_error));
    let diagnostics = problems.into_iter().map(|problem| files.finish(problem)).collect();
    let waived = waived.into_iter().map(|problem| files.finish(problem)).collect();
    Loaded { desired, diagnostics, waived, files, missing_ids: Vec::new(), taken: BTreeSet::new() }
}

/// What the documents of an estate come to.
struct Read {
    desired: Option<DesiredState>,
    waivers: Vec<Waiver>,
    missing_ids: Vec<MissingId>,
}

/// The files of an estate, read.
struct Estate<'a> {
    shown: &'a str,
    found: &'a [Found],
    documents: &'a [Vec<Document>],
    surroundings: &'a Surroundings<'a>,
}

impl Estate<'_> {
    fn read(&self, problems: &mut Vec<Problem>) -> Read {
        let home = self.home(problems);
        let settings_document = home.and_then(|home| self.settings_document(home));
        let settings = self.settings(home, settings_document, problems);
        // Settings that cannot be read may allow literals; that they cannot be read is the error then.
        let literals = settings_document.map_or(Literals::Refused, |document| {
            document.root.as_ref().map_or(Literals::Warned, settings::literals)
        });
        let context = Context {
            surroundings: self.surroundings,
            literals,
            estate: settings.as_ref().map_or("", |settings| &settings.estate),
        };
        let mut declarations = Declarations::default();
        for (found, documents) in self.found.iter().zip(self.documents) {
            declarations.doubts.everything |= !found.complete;
            for document in documents {
                if settings_document.is_some_and(|settings| std::ptr::eq(settings, document)) {
                    continue;
                }
                match &document.root {
                    Some(root) => {
                        documents::read(
                            &found.file,
                            root,
                            document.span,
                            &context,
                            &mut declarations,
                            problems,
                        );
                    }
                    None => declarations.doubts.add(None, found.file.slice(document.span)),
                }
            }
        }
        let waivers = settings.as_ref().map(|settings| settings.waivers.clone()).unwrap_or_default();
        let root = &self.surroundings.root;
        let composed = compose::compose(declarations, context.estate, root, problems);
        let Composed { resources, tombstones, doubts, missing_ids } = composed;
        let desired = resolve(resources, &tombstones, &doubts, settings, root, problems);
        Read { desired, waivers, missing_ids }
    }

    /// The file that makes the directory an estate.
    fn home(&self, problems: &mut Vec<Problem>) -> Option<usize> {
        let named = |name: &str| self.found.iter().position(|found| found.file.name() == name);
        if let Some(home) = named(&self.surroundings.root.name_of(settings::FILE)) {
            return Some(home);
        }
        // `is_estate` found one of the two; a link to the right one is not followed.
        let misnamed = named(&self.surroundings.root.name_of("mxkeep.yml"));
        let message = format!("`{}` has no `{}`", self.shown, settings::FILE);
        let help = match misnamed {
            Some(_) => format!("rename `mxkeep.yml` to `{}`", settings::FILE),
            None => format!("put a file `{}` there, not a link", settings::FILE),
        };
        problems.push(Problem::nowhere(&codes::EST_001, message).help(help));
        misnamed
    }

    /// The first document of the home file that is not empty. One that could not be read counts: it may be it.
    fn settings_document(&self, home: usize) -> Option<&Document> {
        let documents = self.documents.get(home)?;
        let is_empty = |document: &&Document| document.root.as_ref().is_some_and(yaml::Node::is_null);
        let first = documents.iter().find(|document| !is_empty(document))?;
        // A file that starts with a resource lacks its settings; the resource is read as one.
        let root = first.root.as_ref();
        let is_other = root.is_some_and(|root| !documents::is_settings(root) && documents::declares(root));
        if is_other { None } else { Some(first) }
    }

    fn settings(
        &self,
        home: Option<usize>,
        document: Option<&Document>,
        problems: &mut Vec<Problem>,
    ) -> Option<Settings> {
        let found = self.found.get(home?)?;
        match document {
            Some(document) => {
                settings::read(&found.file, document.root.as_ref()?, self.surroundings, problems)
            }
            None if !found.complete => None,
            None => {
                let start = found.file.first_byte();
                let origin = found.file.origin(file::Span::new(start, start));
                let message = format!("`{}` has no `estate`", settings::FILE);
                let problem = Problem::new(&codes::SHAPE_006, origin, message);
                problems
                    .push(problem.help("start the file with `estate: NAME`").path_text("estate".to_owned()));
                None
            }
        }
    }
}

/// Puts the declared resources together.
fn resolve(
    mut resources: Vec<Resource>,
    tombstones: &[Declaration],
    doubts: &Doubts,
    settings: Option<Settings>,
    root: &Root,
    problems: &mut Vec<Problem>,
) -> Option<DesiredState> {
    if resources.is_empty() && tombstones.is_empty() && !problems.iter().any(Problem::is_error) {
        let problem = Problem::nowhere(&codes::EST_007, "the estate declares nothing");
        problems.push(
            problem.help("add documents with `cluster`, `namespace`, `app`, `package` and `environment`"),
        );
    }
    let mut resolver = Resolver { index: Index::new(&resources), doubts, root, problems };
    resolver.resolve(&mut resources);
    addresses::assign(&mut resources);
    let mut needs = resolver.depends_on(&resources);
    let tombstones: Vec<Tombstone> = resolver.tombstones(tombstones, &resources);
    rules::check(&resources, &needs, problems);
    for problem in problems.iter_mut() {
        if let Some(resource) = problem.resource_index().and_then(|index| resources.get(index)) {
            problem.set_address(resource.address.as_ref().map(ToString::to_string));
            let made_by = |layer: &&Layer| {
                !layer.values.is_empty() && problem.origin().is_some_and(|origin| layer.holds(origin))
            };
            if let Some(layer) = resource.layers.iter().find(made_by) {
                problem.add_values(layer.values.clone());
            }
        }
    }
    let identities: Vec<_> = resources.iter().map(|resource| resource.identity(&resources)).collect();
    let clusters: Vec<_> =
        resources.iter().map(|resource| resources.get(resource.links.cluster?)?.uuid()).collect();
    let mut desired = DesiredState { settings: settings?, resources: Default::default(), tombstones };
    for (index, ((resource, identity), cluster)) in
        resources.into_iter().zip(identities).zip(clusters).enumerate()
    {
        let Resource {
            kind,
            mut fields,
            origin,
            manifest_version,
            sound,
            written,
            links: _,
            mark: _,
            upload,
            address,
            layers,
            overridden,
        } = resource;
        if !sound {
            return None;
        }
        resource::keep_wire(&mut fields, kind.fields());
        let identity = identity?;
        let depends_on = needs.remove(&index).unwrap_or_default();
        let name = written.name?;
        let address = address?;
        let resource = Desired {
            address,
            identity: identity.clone(),
            cluster,
            upload,
            name,
            manifest_version,
            fields,
            depends_on,
            origin,
            layers,
            overridden,
        };
        desired.resources.insert(identity, resource);
    }
    Some(desired)
}

#[cfg(test)]
mod tests;
