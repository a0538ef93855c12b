//! `mxkeep init`: a small estate to start from, what editors need, and pipelines. Overwrites nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::cli::args::InitArgs;
use crate::cli::error::CliError;
use crate::cli::exit::ExitStatus;
use crate::cli::files;
use crate::cli::init;
use crate::cli::links;
use crate::cli::ui::Ui;
use crate::render::sanitise;

pub(in crate::cli) fn run(args: &InitArgs, ui: &Ui) -> Result<ExitStatus, CliError> {
    let directory = &args.estate.estate;
    fs_err::create_dir_all(directory).map_err(|error| CliError::file("make", directory, &error))?;
    let mut wanted = Wanted::default();
    let has_estate = directory.join("mxkeep.yaml").exists();
    if !has_estate {
        let name = args.name.clone().map_or_else(|| name_of(directory), Ok)?;
        wanted.add(directory, init::estate(&name, &mut rand::random));
    }
    wanted.add(directory, init::editor());
    let place = links::root(directory);
    let place = place.trim_end_matches('/');
    let (root, place) = match place {
        "" => (directory.clone(), "."),
        place => (above(directory, place), place),
    };
    if !place.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._/".contains(&byte))
        && !args.pipeline.is_empty()
    {
        let message = format!("`{}` cannot be named in a pipeline", sanitise(place));
        return Err(CliError::usage(
            message,
            "give the directory a name of letters, digits, `-`, `.` and `_`",
        ));
    }
    for pipeline in &args.pipeline {
        wanted.add(&root, init::pipeline(*pipeline, place));
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

/// The name of the directory, as far as it makes a name.
fn name_of(directory: &Path) -> Result<String, CliError> {
    let whole = fs_err::canonicalize(directory).map_err(|error| CliError::file("read", directory, &error))?;
    let name = whole.file_name().and_then(|name| name.to_str()).map(sanitise);
    name.ok_or_else(|| {
        CliError::usage("the directory has no name to take over", "name the estate with `--name`")
    })
}

/// The directory that holds the estate at this place in it.
fn above(estate: &Path, place: &str) -> PathBuf {
    let whole = fs_err::canonicalize(estate).unwrap_or_else(|_| estate.to_owned());
    let depth = Path::new(place).components().count();
    whole.ancestors().nth(depth).map_or(whole.clone(), Path::to_owned)
}
