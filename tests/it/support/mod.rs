//! What every test of the binary needs: a clean environment, a simulator on a thread of its own, estates on disk.

pub mod driver;
pub mod gate;
pub mod generate;
mod output;
pub mod pair;
pub mod register;
pub mod repository;
#[cfg(unix)]
mod running;
pub mod stub;
mod world;
pub mod worlds;

pub use output::{CommandOutput, Mxkeep};
#[cfg(unix)]
pub use running::{Running, send};
pub use world::World;

use std::path::{Path, PathBuf};

/// The directory of the project.
pub fn project() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Copies a directory tree.
pub fn copy_tree(from: &Path, to: &Path) {
    fs_err::create_dir_all(to).unwrap();
    for entry in fs_err::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            if entry.file_name() != ".mxkeep" {
                copy_tree(&entry.path(), &target);
            }
        } else {
            fs_err::copy(entry.path(), target).unwrap();
        }
    }
}

/// A copy of one of the examples, in a directory of its own.
pub fn example(name: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    copy_tree(&project().join("examples").join(name), directory.path());
    directory
}

/// An estate of these files, in a directory of its own.
pub fn estate(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = directory.path().join(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }
    directory
}

/// Replaces a text that has to be there in a file.
pub fn edit(path: &Path, from: &str, to: &str) {
    let text = fs_err::read_to_string(path).unwrap();
    assert!(text.contains(from), "`{from}` is not in {}", path.display());
    fs_err::write(path, text.replacen(from, to, 1)).unwrap();
}
