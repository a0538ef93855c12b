//! `mxkeep init`: a small estate to start from, what editors need, and pipelines. Overwrites nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::cli::args::InitArgs;
use crate::cli::error::CliError;
use crate::cli::exit::ExitStatus;
use crate::cli::files;
use crate::cli::init::{self, Pipeline};
use crate::cli::ui::Ui;
use crate::render::sanitise;

pub(in crate::cli) fn run(args: &InitArgs, ui: &Ui) -> Result<ExitStatus, CliError> {
    let directory = &args.estate.estate;
    let whole = whole(directory)?;
    let (root, place) = place(directory, &whole);
    if !place.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._/".contains(&byte))
        && !args.pipeline.is_empty()
    {
        let message = format!("`{}` cannot be named in a pipeline", sanitise(&place));
        return Err(CliError::usage(
            message,
            "give the directory a name of letters, digits, `-`, `.` and `_`",
        ));
    }
    let mut wanted = Wanted::default();
    let has_estate = directory.join("mxkeep.yaml").exists();
    if !has_estate {
        let name = args.name.clone().map_or_else(|| name_of(&whole), Ok)?;
        wanted.add(directory, init::estate(&name, &mut rand::random));
    }
    wanted.add(directory, init::editor());
    for pipeline in &args.pipeline {
        wanted.add(&root, pipeline_of(*pipeline, &root, &place)?);
    }
    let told = wanted.write()?;
    ui.result(&told).map_err(|error| CliError::output(&error))?;
    let here = directory.display();
    if !has_estate {
        ui.status(&format!(
            "\nNext, without an account:  APPS_TEST_SECRET=try-it mxkeep apply {here} --simulate --yes"
        ));
        ui.status(&format!(
            "Then edit hello.yaml, and look at what would be done:  mxkeep plan {here} --simulate"
        ));
        ui.status("With one: `mxkeep import DIR` writes an estate from what is live, instead of this one");
    }
    for pipeline in &args.pipeline {
        let server = pipeline.name();
        ui.status(&format!("The first lines of what is for {server} say which secrets it needs"));
    }
    Ok(ExitStatus::Done)
}

/// Files to be written, by where.
#[derive(Default)]
struct Wanted(Vec<(PathBuf, BTreeMap<String, String>)>);

impl Wanted {
    fn add(&mut self, directory: &Path, files: BTreeMap<String, String>) {
        self.0.push((directory.to_owned(), files));
    }

    /// Writes what is not there yet, and tells of each file what became of it.
    fn write(self) -> Result<String, CliError> {
        let mut told = String::new();
        // Whatever may not be written is found before the first file is.
        for (directory, files) in &self.0 {
            files.keys().try_for_each(|name| files::refuse_planted(&directory.join(name)))?;
        }
        for (directory, files) in self.0 {
            let mut new = BTreeMap::new();
            for (name, text) in files {
                let path = directory.join(&name);
                let verdict = match fs_err::read(&path) {
                    Ok(old) if old == text.as_bytes() => "as it is",
                    Ok(_) => "kept, which has other content:",
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                        new.insert(name.clone(), text);
                        "wrote"
                    }
                    Err(error) => return Err(CliError::file("read", &path, &error)),
                };
                told.push_str(&format!("{verdict:<8} {}\n", path.display()));
            }
            files::write(&directory, &new)?;
        }
        Ok(told)
    }
}

/// The pipeline under its plain names; under names of its own where another estate of the repository has the plain ones.
fn pipeline_of(pipeline: Pipeline, root: &Path, place: &str) -> Result<BTreeMap<String, String>, CliError> {
    let whose = |name: &String| {
        let text = fs_err::read_to_string(root.join(name)).ok()?;
        init::place_in(&text).map(str::to_owned)
    };
    let other = |files: &BTreeMap<String, String>| {
        files.keys().find_map(|name| Some((name.clone(), whose(name).filter(|it| it != place)?)))
    };
    let (plain, named) = (init::pipeline(pipeline, place, false), init::pipeline(pipeline, place, true));
    // Once it has names of its own, it keeps them.
    let has_names = named.keys().filter_map(whose).any(|it| it == place);
    if !has_names && other(&plain).is_none() {
        return Ok(plain);
    }
    let Some((name, other)) = other(&named) else { return Ok(named) };
    let message = format!("`{name}` is the pipeline of another estate: `{}`", sanitise(&other));
    Err(CliError::usage(message, "give one of the two directories another name"))
}

/// The directory as it is, or as it will be; nothing is made before everything is known to be right.
fn whole(directory: &Path) -> Result<PathBuf, CliError> {
    let fault = |error: std::io::Error| CliError::file("read", directory, &error);
    let absolute = std::path::absolute(directory).map_err(fault)?;
    let there = absolute.ancestors().find(|path| path.exists()).unwrap_or(&absolute);
    let mut whole = fs_err::canonicalize(there).map_err(fault)?;
    // What is not there yet leads through no link.
    whole.extend(absolute.strip_prefix(there).ok());
    Ok(whole)
}

/// The name of the directory, as far as it makes a name.
fn name_of(whole: &Path) -> Result<String, CliError> {
    let name = whole.file_name().and_then(|name| name.to_str()).map(sanitise);
    name.ok_or_else(|| {
        CliError::usage("the directory has no name to take over", "name the estate with `--name`")
    })
}

/// The root of the repository that holds the estate, or the estate itself outside of one, and its place in there.
fn place(directory: &Path, whole: &Path) -> (PathBuf, String) {
    let root = whole.ancestors().find(|folder| folder.join(".git").exists());
    let inside = root.and_then(|root| Some((root, whole.strip_prefix(root).ok()?)));
    match inside {
        None => (directory.to_owned(), ".".to_owned()),
        Some((_, inside)) if inside.as_os_str().is_empty() => (directory.to_owned(), ".".to_owned()),
        Some((root, inside)) => (root.to_owned(), inside.to_string_lossy().replace('\\', "/")),
    }
}
