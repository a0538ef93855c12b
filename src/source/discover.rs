//! Finds and reads the files of an estate.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::{DirEntry, WalkBuilder};

use super::codes;
use super::diagnostic::Problem;
use super::file::{SourceFile, Span};
use super::settings;
use crate::model::Origin;

/// How large a file may be. An estate of 1,000 environments in one file has about 2 MiB.
pub(super) const MAX_SIZE: u64 = 16 * 1024 * 1024;

/// How many bytes the files may have together.
const MOST_TEXT: usize = 64 * 1024 * 1024;

/// A file of the estate.
pub(super) struct Found {
    pub(super) file: SourceFile,
    /// Whether the whole file is there and is text.
    pub(super) complete: bool,
}

/// Whether somebody meant the directory to be an estate.
pub(super) fn is_estate(root: &Path) -> bool {
    [settings::FILE, "mxkeep.yml"].iter().any(|name| root.join(name).symlink_metadata().is_ok())
}

/// The estate that a directory lies in, or the first one that lies in it, as `dir` and the way from there.
pub(super) fn estate_near(root: &Path, dir: &Path) -> Option<PathBuf> {
    let is_home = |path: &Path| path.join(settings::FILE).is_file();
    if let Some(above) = root.ancestors().skip(1).find(|path| is_home(path)) {
        return Some(above.to_owned());
    }
    let mut below: Vec<_> = fs_err::read_dir(root).ok()?.flatten().map(|entry| entry.path()).collect();
    below.sort();
    let found = below.into_iter().find(|path| is_home(path))?;
    Some(dir.join(found.file_name()?))
}

/// Reads every `*.yaml` and `*.yml` below a directory, ordered by name. Hidden files and folders are skipped, and so
/// is what lies behind symbolic links.
pub(super) fn discover(dir: &Path, problems: &mut Vec<Problem>) -> Vec<Found> {
    let mut walk = WalkBuilder::new(dir);
    // What Git ignores is part of the estate all the same: a plan must not depend on the machine's Git settings.
    walk.standard_filters(false).hidden(true).follow_links(false).sort_by_file_name(Ord::cmp);
    let mut found: Vec<Found> = Vec::new();
    let mut size = 0;
    for entry in walk.build() {
        match entry {
            Ok(entry) => {
                let file = visit(dir, &entry, problems);
                size += file.as_ref().map_or(0, |found| found.file.text().len());
                if size > MOST_TEXT {
                    let Some(file) = file else { continue };
                    found.push(too_much(file.file.name().into(), problems));
                    break;
                }
                found.extend(file);
            }
            Err(error) => {
                let problem = Problem::nowhere(
                    &codes::EST_002,
                    format!("a part of the estate cannot be read: {error}"),
                );
                problems.push(problem.help("check its permissions"));
            }
        }
    }
    found.sort_by(|a, b| a.file.name().cmp(b.file.name()));
    found
}

/// Puts other texts in the place of files, or beside them.
pub(super) fn overlay(found: &mut Vec<Found>, texts: &BTreeMap<String, String>) {
    for (name, text) in texts {
        let file = SourceFile::new(Arc::from(name.as_str()), text.clone());
        let overlaid = Found { file, complete: true };
        match found.iter_mut().find(|found| found.file.name() == name) {
            Some(found) => *found = overlaid,
            None => found.push(overlaid),
        }
    }
    found.sort_by(|a, b| a.file.name().cmp(b.file.name()));
}

fn visit(dir: &Path, entry: &DirEntry, problems: &mut Vec<Problem>) -> Option<Found> {
    let path = entry.path();
    let is_yaml = is_yaml(path);
    let name = relative_name(dir, path);
    let kind = entry.file_type()?;
    if kind.is_symlink() && entry.depth() > 0 && (is_yaml || path.is_dir()) {
        not_followed(&name, problems);
        return None;
    }
    if !is_yaml || !kind.is_file() {
        return None;
    }
    Some(read(path, name, problems))
}

/// The name of a file in the estate, with `/` between folders on every system.
fn relative_name(dir: &Path, path: &Path) -> Arc<str> {
    let relative = path.strip_prefix(dir).unwrap_or(path);
    let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
    Arc::from(parts.join("/"))
}

fn read(path: &Path, name: Arc<str>, problems: &mut Vec<Problem>) -> Found {
    let bytes = fs_err::metadata(path)
        .and_then(|metadata| if metadata.len() > MAX_SIZE { Ok(None) } else { fs_err::read(path).map(Some) });
    match bytes {
        Ok(Some(bytes)) => from_bytes(name, bytes, problems),
        Ok(None) => too_large(name, problems),
        Err(error) => {
            let message = format!("`{name}` cannot be read: {}", error.kind());
            problems.push(Problem::new(&codes::EST_002, start(&name), message).help("check its permissions"));
            unread(name)
        }
    }
}

/// A file whose text is not known.
fn unread(name: Arc<str>) -> Found {
    Found { file: SourceFile::new(name, String::new()), complete: false }
}

fn start(name: &Arc<str>) -> Origin {
    Origin { file: name.clone(), line: 1, column: 1, end_line: 1, end_column: 1, start: 0, end: 0 }
}

/// A file that is larger than [`MAX_SIZE`].
pub(super) fn too_large(name: Arc<str>, problems: &mut Vec<Problem>) -> Found {
    let message = format!("`{name}` is larger than {} MiB", MAX_SIZE / 1024 / 1024);
    let problem = Problem::new(&codes::YAML_003, start(&name), message);
    problems.push(problem.help("split it; documents may stand in any number of files"));
    unread(name)
}

/// The file with which the estate has more than [`MOST_TEXT`].
fn too_much(name: Arc<str>, problems: &mut Vec<Problem>) -> Found {
    let message =
        format!("the files of the estate are larger than {} MiB up to here", MOST_TEXT / 1024 / 1024);
    let problem = Problem::new(&codes::YAML_003, start(&name), message);
    problems.push(problem.help("remove what is no part of the estate, or divide it into several estates"));
    unread(name)
}

/// A symbolic link that stands where files of the estate could.
pub(super) fn not_followed(name: &str, problems: &mut Vec<Problem>) {
    let message = format!("`{name}` is a symbolic link and was not followed");
    let problem = Problem::nowhere(&codes::EST_006, message);
    problems.push(problem.help("put the files themselves into the estate directory"));
}

/// Whether a file may hold documents, by its name.
pub(super) fn is_yaml(name: &Path) -> bool {
    name.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// A file with this content.
pub(super) fn from_bytes(name: Arc<str>, bytes: Vec<u8>, problems: &mut Vec<Problem>) -> Found {
    let error = match String::from_utf8(bytes) {
        Ok(text) => return Found { file: SourceFile::new(name, text), complete: true },
        Err(error) => error,
    };
    let valid = error.utf8_error().valid_up_to();
    let mut bytes = error.into_bytes();
    let is_utf16 = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]);
    bytes.truncate(valid);
    // The text up to the wrong byte is enough for an excerpt.
    let file = SourceFile::new(name, String::from_utf8(bytes).unwrap_or_default());
    let message = format!("`{}` is not UTF-8: byte {valid} starts no character", file.name());
    let help = if is_utf16 { "it looks like UTF-16; save it as UTF-8" } else { "save it as UTF-8" };
    let at = file.origin(Span::new(valid, valid));
    problems.push(Problem::new(&codes::YAML_002, at, message).help(help));
    Found { file, complete: false }
}
