//! Files of an estate: shown as a difference, and written whole or not at all.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use similar::TextDiff;

use super::error::CliError;
use super::exit::ExitStatus;
use crate::source::shown;

/// The differences between files and their new texts, as `diff -u` shows them. Secrets in them are masked.
pub(super) fn difference(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> String {
    let mut out = String::new();
    for (name, text) in new {
        let before = old.get(name);
        let (from, to) = (before.map_or_else(String::new, |text| shown(name, text)), shown(name, text));
        let old_name = before.map_or_else(|| "/dev/null".to_owned(), |_| format!("a/{name}"));
        let difference = TextDiff::from_lines(&from, &to);
        out.push_str(&difference.unified_diff().header(&old_name, &format!("b/{name}")).to_string());
    }
    out
}

/// Says no to a file at whose place, or on the way to it, stands a symbolic link: a pull request can plant one where a
/// pipeline will write, and have the file land somewhere else. Links above the current directory are somebody's own.
pub(super) fn refuse_planted(path: &Path) -> Result<(), CliError> {
    let Some(link) = planted(path) else { return Ok(()) };
    let message = format!("cannot write `{}`: `{}` is a symbolic link", path.display(), link.display());
    let help = "links are not followed to write a file; remove it, or name the place that it leads to";
    Err(CliError::new(ExitStatus::Unexpected, message, help))
}

fn planted(path: &Path) -> Option<PathBuf> {
    let absolute = std::path::absolute(path).ok()?;
    // `/dev/stdout` is a link, and what it leads to is what is meant.
    if ["/dev", "/proc"].iter().any(|system| absolute.starts_with(system)) {
        return None;
    }
    let here = std::env::current_dir().ok();
    let inside = here.as_deref().and_then(|here| Some((here, absolute.strip_prefix(here).ok()?)));
    let on_the_way = inside.and_then(|(here, inside)| {
        let ways = inside.components().scan(here.to_owned(), |way, part| {
            way.push(part);
            Some(way.clone())
        });
        ways.into_iter().find(|way| way.is_symlink())
    });
    on_the_way.or_else(|| Some(absolute).filter(|path| path.is_symlink()))
}

/// Reads files of an estate, by their names in it.
pub(super) fn read<'n>(
    directory: &Path,
    names: impl Iterator<Item = &'n str>,
) -> Result<BTreeMap<String, String>, CliError> {
    names
        .map(|name| {
            let path = directory.join(name);
            let text =
                fs_err::read_to_string(&path).map_err(|error| CliError::file("read", &path, &error))?;
            Ok((name.to_owned(), text))
        })
        .collect()
}

/// Writes files of an estate, each of them whole or not at all: a text goes into a new file, which then takes the
/// place of the old one and its permissions. A file that has the text already is not touched.
pub(super) fn write(directory: &Path, files: &BTreeMap<String, String>) -> Result<(), CliError> {
    for (name, text) in files {
        let path = directory.join(name);
        replace(&path, text).map_err(|error| CliError::file("write", &path, &error))?;
    }
    Ok(())
}

fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    if fs_err::read(path).is_ok_and(|old| old == text.as_bytes()) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs_err::create_dir_all(folder)?;
    }
    let (temporary, mut file) = beside(path)?;
    let written =
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).and_then(|()| match fs_err::metadata(
            path,
        ) {
            Ok(old) => fs_err::set_permissions(&temporary, old.permissions()),
            Err(_) => Ok(()),
        });
    drop(file);
    let replaced = written.and_then(|()| fs_err::rename(&temporary, path));
    if replaced.is_err() {
        // What is left of it is of no use; that it cannot be removed either is not the error to tell.
        let _ = fs_err::remove_file(&temporary);
    }
    replaced
}

/// A new file in the same folder, hidden from whoever reads the estate meanwhile.
fn beside(path: &Path) -> std::io::Result<(PathBuf, fs_err::File)> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut count = 0_u32;
    loop {
        let temporary = path.with_file_name(format!(".{name}.{}-{count}", std::process::id()));
        match fs_err::OpenOptions::new().write(true).create_new(true).open(&temporary) {
            Ok(file) => return Ok((temporary, file)),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists && count < 100 => count += 1,
            Err(error) => return Err(error),
        }
    }
}
