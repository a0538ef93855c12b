//! Where the files of an estate can be read by whoever reads a report of a pipeline.

use std::path::Path;

use super::env;

/// The directory of an estate as the root of its repository sees it, with a slash at its end; nothing for the root.
pub(super) fn root(estate: &Path) -> String {
    let Ok(estate) = fs_err::canonicalize(estate) else { return String::new() };
    let root = estate.ancestors().find(|folder| folder.join(".git").exists());
    let inside = root.and_then(|root| estate.strip_prefix(root).ok()).and_then(Path::to_str);
    match inside {
        None | Some("") => String::new(),
        Some(inside) => format!("{}/", inside.replace('\\', "/")),
    }
}

/// The address of the directory of an estate on this machine, with a slash at its end.
pub(super) fn files(estate: &Path) -> Option<String> {
    let whole = fs_err::canonicalize(estate).ok()?;
    url::Url::from_directory_path(whole).ok().map(String::from)
}

/// The address of the directory of an estate at the commit that a pipeline has checked out, with a slash at its end;
/// nothing where no pipeline says where that is.
pub(super) fn base(estate: &Path) -> Option<String> {
    let read = |variable: env::Variable| env::read(variable.name);
    let github = || {
        let (server, repository) = (read(env::GITHUB_SERVER_URL)?, read(env::GITHUB_REPOSITORY)?);
        let (commit, root) = (read(env::GITHUB_SHA)?, read(env::GITHUB_WORKSPACE)?);
        Some((format!("{server}/{repository}/blob/{commit}/"), root))
    };
    let gitlab = || {
        let (project, commit) = (read(env::CI_PROJECT_URL)?, read(env::CI_COMMIT_SHA)?);
        Some((format!("{project}/-/blob/{commit}/"), read(env::CI_PROJECT_DIR)?))
    };
    let (address, root) = github().or_else(gitlab)?;
    let is_address = ["https://", "http://"].iter().any(|scheme| address.starts_with(scheme))
        && address.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>()[]\"`\\".contains(&byte));
    let (root, estate) = (fs_err::canonicalize(root).ok()?, fs_err::canonicalize(estate).ok()?);
    let inside = estate.strip_prefix(root).ok()?.to_str()?.replace('\\', "/");
    let is_simple = inside.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._/".contains(&byte));
    let slash = if inside.is_empty() { "" } else { "/" };
    (is_address && is_simple).then(|| format!("{address}{inside}{slash}"))
}
