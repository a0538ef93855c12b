//! Packages: where one comes from, what tells it apart, and which one an environment runs.

use std::path::Path;

use super::codes;
use super::diagnostic::Problem;
use super::formats;
use super::resolve::Resolver;
use super::resource::{Resource, scalar};
use super::root::{self, Inside, unreadable};
use crate::model::field::{Shape, find};
use crate::model::{Declared, DeclaredValue, Fields, Identity, Kind, Later, Mark, Upload};

/// The largest package that the platform takes (BLD-04): 1024 MB.
const LARGEST: u64 = 1024 * 1024 * 1024;

/// What to do about a file that is not there.
const FILE: &str =
    "put the `.mda` file there first; the path is relative to the estate directory and stays inside it";

/// Fields that only a build has.
const BUILD: [&str; 4] = ["branch", "revision", "version", "description"];

impl Resolver<'_> {
    /// Finds the app of a package, and out of which of its three forms it is known again.
    pub(super) fn package(&mut self, resources: &mut [Resource], at: usize) {
        let Some(resource) = resources.get(at) else { return };
        let Some(name) = resource.name().map(str::to_owned) else { return };
        let (fields, sound) = (resource.fields.clone(), resource.sound);
        let app = fields.get("app").and_then(|reference| self.one(Kind::App, reference, "app", at));
        // What could not be read was reported, and would be missed here for no other reason.
        let made = if sound { self.form(resource, &name, &fields, at) } else { None };
        let Some(resource) = resources.get_mut(at) else { return };
        resource.links.app = app;
        match made {
            Some(Made { mark, upload }) => (resource.mark, resource.upload) = (Some(mark), upload),
            None => resource.sound = false,
        }
    }

    /// The one form that a package has.
    fn form(&mut self, resource: &Resource, name: &str, fields: &Fields, at: usize) -> Option<Made> {
        let builds = fields.get("branch").or_else(|| fields.get("revision"));
        let given = [fields.get("packageId"), builds, fields.get("file")];
        let mut forms = given.into_iter().flatten();
        let Some(first) = forms.next() else {
            let problem = Problem::new(
                &codes::SHAPE_016,
                resource.origin.clone(),
                "`package` does not say where the package comes from",
            );
            let help = "add `branch` and `revision` to build it, `file` to upload it, or `packageId` for one that exists";
            self.problems.push(problem.help(help).resource(Some(at)));
            return None;
        };
        if let Some(second) = forms.next() {
            let problem = Problem::new(
                &codes::SHAPE_016,
                second.origin.clone(),
                "`package` says in two ways where the package comes from",
            );
            let problem = problem.related(first.origin.clone(), "one way here").help(
                "keep one: `branch` and `revision` build it, `file` uploads it, `packageId` names one that exists",
            );
            self.problems.push(problem.resource(Some(at)));
            return None;
        }
        if let Some(file) = fields.get("file") {
            self.only_builds(fields, "an upload", at)?;
            return self.uploaded(name, file, at);
        }
        if let Some(id) = fields.get("packageId") {
            self.only_builds(fields, "a package that exists already", at)?;
            let mark = Mark::id(id.as_text()?);
            return Some(Made { mark, upload: None });
        }
        self.built(name, fields, at)
    }

    fn built(&mut self, name: &str, fields: &Fields, at: usize) -> Option<Made> {
        let (branch, revision) = (fields.get("branch"), fields.get("revision"));
        let (Some(branch), Some(revision)) = (branch, revision) else {
            let (there, missing) = match branch {
                Some(branch) => (branch, "revision: 93de884c"),
                None => (revision?, "branch: main"),
            };
            let field = missing.split(':').next().unwrap_or_default();
            let message = format!("a build has no `{field}`");
            let problem = Problem::new(&codes::SHAPE_016, there.origin.clone(), message);
            let problem = problem.help(format!("add `{missing}`")).path_text(field.to_owned());
            self.problems.push(problem.resource(Some(at)));
            return None;
        };
        let version = fields.get("version").and_then(Declared::as_text);
        let mark = Mark::build(name, branch.as_text()?, revision.as_text()?, version);
        Some(Made { mark, upload: None })
    }

    /// Reports fields that only a build can have.
    fn only_builds(&mut self, fields: &Fields, what: &str, at: usize) -> Option<()> {
        let found = BUILD.iter().find_map(|name| Some((name, fields.get(*name)?)));
        let Some((name, declared)) = found else { return Some(()) };
        let message = format!("`{name}` is not for {what}: only a build takes it");
        let problem = Problem::new(&codes::SHAPE_016, declared.origin.clone(), message);
        let problem = problem.help(format!("remove `{name}`")).path_text((*name).to_owned());
        self.problems.push(problem.resource(Some(at)));
        None
    }

    /// Looks at the file of an upload. Its content is its identity, so it is read once, as a stream.
    fn uploaded(&mut self, name: &str, file: &Declared, at: usize) -> Option<Made> {
        let path = file.as_text()?;
        let mut report = |code, message: String, help: &str| {
            let problem = Problem::new(code, file.origin.clone(), message).help(help);
            self.problems.push(problem.path_text("file".to_owned()).resource(Some(at)));
        };
        let inside = match self.root.find(path) {
            Ok(Some(inside)) => inside,
            Ok(None) => return Some(Made { mark: unknown(name), upload: None }),
            Err((message, _)) => {
                report(&codes::REF_003, message, FILE);
                return None;
            }
        };
        let size = inside.size();
        if size > LARGEST || size == 0 {
            let what = if size == 0 { "is empty" } else { "is larger than 1 GiB" };
            report(
                &codes::BLD_04,
                format!("the file `{path}` {what}"),
                "the platform takes packages of up to 1024 MB",
            );
            return None;
        }
        match inside.sha256() {
            Ok(sha256) => {
                let mark = Mark::upload(name, &sha256);
                let upload = match inside {
                    Inside::File { path, size } => Some(Upload { path, size, sha256 }),
                    // Nothing is uploaded out of a commit.
                    Inside::Committed { .. } | Inside::Pointer { .. } => None,
                };
                Some(Made { mark, upload })
            }
            Err(error) => {
                let (message, _) = unreadable(path, &error);
                report(&codes::REF_003, message, FILE);
                None
            }
        }
    }

    /// `deployment.package` becomes `deployment.packageId`: an id that stands in the files, or one that the platform
    /// tells when the package is there.
    pub(super) fn deployed_package(&mut self, resources: &mut [Resource], at: usize) {
        let Some(environment) = resources.get_mut(at) else { return };
        let Some(deployment) = environment.object_mut("deployment") else { return };
        let Some(reference) = deployment.remove("package") else { return };
        if let Some(id) = deployment.get("packageId") {
            let problem = Problem::new(
                &codes::SHAPE_015,
                reference.origin.clone(),
                "`package` stands for `packageId`, and both are given",
            );
            let problem = problem.related(id.origin.clone(), "given here").help("keep one of the two");
            self.problems.push(problem.path_text("deployment.package".to_owned()).resource(Some(at)));
            return;
        }
        let Some(found) = self.one(Kind::Package, &reference, "deployment.package", at) else { return };
        if !self.is_of_one_app(resources, &reference, found, at) {
            return;
        }
        let Some(package) = resources.get(found) else { return };
        let value = match (package.identity(resources), package.name()) {
            (Some(Identity::Package { mark: Mark::Id(id), .. }), _) => scalar(&id, &reference.origin),
            (Some(identity), Some(name)) => {
                let later = Later { address: crate::model::Address::package(name), identity };
                Declared { value: DeclaredValue::Later(later), origin: reference.origin.clone() }
            }
            // The package could not be read, which was reported there.
            _ => return,
        };
        if let Some(environment) = resources.get_mut(at) {
            environment.links.package = Some(found);
            if let Some(deployment) = environment.object_mut("deployment") {
                deployment.insert("packageId", value);
            }
        }
    }

    /// An environment runs packages of its own app only.
    fn is_of_one_app(
        &mut self,
        resources: &[Resource],
        reference: &Declared,
        package: usize,
        at: usize,
    ) -> bool {
        let app = |index: usize| resources.get(index).and_then(|resource| resource.links.app);
        let (Some(own), Some(other)) = (app(at), app(package)) else { return true };
        let name = |index: usize| resources.get(index).and_then(Resource::name).unwrap_or_default();
        if name(own) == name(other) {
            return true;
        }
        let message = format!(
            "the package `{}` belongs to the app `{}`, and the environment to `{}`",
            name(package),
            name(other),
            name(own)
        );
        let place = resources.get(package).map(|package| {
            package.fields.get("app").map_or_else(|| package.origin.clone(), |app| app.origin.clone())
        });
        let mut problem = Problem::new(&codes::REF_008, reference.origin.clone(), message);
        if let Some(place) = place {
            problem = problem.related(place, "declared here");
        }
        let problem = problem.help(format!("name a package of `{}`", name(own)));
        self.problems.push(problem.path_text("deployment.package".to_owned()).resource(Some(at)));
        false
    }
}

/// A file that is to be uploaded, looked at and read once.
///
/// # Errors
///
/// When it cannot be read, is empty, or is larger than the platform takes.
pub fn upload(path: &Path) -> Result<Upload, String> {
    let shown = path.display();
    let real = fs_err::canonicalize(path).map_err(|_| format!("there is no file `{shown}`"))?;
    let metadata = fs_err::metadata(&real).map_err(|error| error.to_string())?;
    match metadata.len() {
        _ if !metadata.is_file() => Err(format!("`{shown}` is not a file")),
        0 => Err(format!("the file `{shown}` is empty")),
        size if size > LARGEST => {
            Err(format!("the file `{shown}` is larger than 1 GiB, which is the most that the platform takes"))
        }
        size => {
            let sha256 = root::sha256(&real).map_err(|error| error.to_string())?;
            Ok(Upload { path: real, size, sha256 })
        }
    }
}

/// Why a value cannot be that of a field of a package; nothing when it can.
pub fn misfit(field: &str, value: &str) -> Option<String> {
    let field = find(Kind::Package.fields(), field)?;
    let Shape::Text(format) = field.shape else { return None };
    let misfit = formats::check(format, value).err()?;
    let help = misfit.help.map(|help| format!("; {help}")).unwrap_or_default();
    Some(format!("{}{help}", misfit.is))
}

/// What a package is made from.
struct Made {
    mark: Mark,
    upload: Option<Upload>,
}

/// The mark of a package whose file is not in the commit that its declaration is in. No content has this hash.
fn unknown(name: &str) -> Mark {
    Mark::upload(name, &"0".repeat(64))
}

/// Whether nothing but its name is known of a package.
pub(super) fn is_unknown(mark: &Mark) -> bool {
    mark.name().is_some_and(|name| *mark == unknown(name))
}
