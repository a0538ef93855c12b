//! `mxkeep cli download`: one mxpc-cli, whole or not at all.

use std::io::Write;
use std::path::{Path, PathBuf};

use fs_err::File;
use url::Url;

use crate::api::{CliVersion, Client, Download, DownloadError};
use crate::cli::args::{Architecture, CliDownloadArgs, System};
use crate::cli::context::Connection;
use crate::cli::error::CliError;
use crate::cli::exit::ExitStatus;
use crate::cli::ui::Ui;
use crate::render::sanitise;

pub(super) async fn run(args: &CliDownloadArgs, ui: &Ui) -> Result<ExitStatus, CliError> {
    if let Some(output) = &args.output {
        check_free(output, args.force)?;
    }
    let connection = Connection::alone(&args.api).await?;
    let ended = fetch(args, &connection.client, ui).await;
    connection.close().await;
    let written = ended?;
    let text = format!("{}\n", sanitise(&written.display().to_string()));
    ui.result(&text).map_err(|error| CliError::output(&error))?;
    Ok(ExitStatus::Done)
}

async fn fetch(args: &CliDownloadArgs, client: &Client, ui: &Ui) -> Result<PathBuf, CliError> {
    let choice = choose(args, &client.cli_versions().await?)?;
    let url = client.cli_location(&choice.version, choice.system.name(), choice.architecture.name()).await?;
    let host = url.host_str().unwrap_or_default();
    ui.status(&sanitise(&format!(
        "fetching mxpc-cli {} for {} on {} from {host}",
        choice.version,
        choice.system.name(),
        choice.architecture.name()
    )));
    let mut download = client.fetch_file(&url).await?;
    let first = download.chunk().await?;
    let first = first.as_ref().map_or(&[][..], AsRef::as_ref);
    let is_archive = is_archive(first);
    let output = match &args.output {
        Some(output) => output.clone(),
        None => PathBuf::from(default_name(&url, choice.system, is_archive)),
    };
    check_free(&output, args.force)?;
    write(&mut download, first, &output, is_archive).await?;
    if is_archive {
        ui.status("it is an archive: unpack it with `tar -xzf`, or what your system has for it");
    }
    Ok(output)
}

/// Which file is asked for.
struct Choice {
    version: String,
    system: System,
    architecture: Architecture,
}

/// The version that was asked for, or the newest; for this machine unless another is asked for.
fn choose(args: &CliDownloadArgs, versions: &[CliVersion]) -> Result<Choice, CliError> {
    let wanted = |it: &&CliVersion| args.version.as_ref().is_none_or(|version| it.version == *version);
    let Some(version) = versions.iter().find(wanted) else {
        let known: Vec<_> = versions.iter().map(|it| it.version.as_str()).collect();
        let message = match &args.version {
            Some(version) => format!("there is no mxpc-cli {version}"),
            None => "the platform offers no mxpc-cli".to_owned(),
        };
        return Err(CliError::usage(
            sanitise(&message),
            &sanitise(&format!("there is {}", known.join(", "))),
        ));
    };
    let machine = |flag: &str| {
        let message = format!(
            "mxpc-cli is not made for this machine: {} on {}",
            std::env::consts::OS,
            std::env::consts::ARCH
        );
        CliError::usage(message, &format!("pass {flag} to fetch it for another one"))
    };
    let system = args.os.or_else(System::here).ok_or_else(|| machine("--os"))?;
    let architecture = args.arch.or_else(Architecture::here).ok_or_else(|| machine("--arch"))?;
    let offers = |list: &[String], name: &str, flag: &str| {
        if list.is_empty() || list.iter().any(|it| it == name) {
            return Ok(());
        }
        let message = format!("mxpc-cli {} does not exist for {name}", version.version);
        Err(CliError::usage(sanitise(&message), &sanitise(&format!("pass {flag}: {}", list.join(", ")))))
    };
    offers(&version.systems, system.name(), "--os")?;
    offers(&version.architectures, architecture.name(), "--arch")?;
    Ok(Choice { version: version.version.clone(), system, architecture })
}

fn check_free(output: &Path, force: bool) -> Result<(), CliError> {
    if force || !output.exists() {
        return Ok(());
    }
    let message = format!("`{}` exists already", output.display());
    Err(CliError::new(ExitStatus::Refused, message, "pass --force to overwrite it, or --output FILE"))
}

/// Whether a file is no program but has one inside: gzip or zip.
fn is_archive(start: &[u8]) -> bool {
    start.starts_with(&[0x1f, 0x8b]) || start.starts_with(b"PK\x03\x04")
}

/// `mxpc-cli`; an archive keeps the name that it has where it comes from, as far as that is a name.
fn default_name(url: &Url, system: System, is_archive: bool) -> String {
    let plain = if system == System::Windows { "mxpc-cli.exe" } else { "mxpc-cli" };
    let name = url.path_segments().and_then(|mut segments| segments.next_back()).unwrap_or_default();
    let is_name = |name: &str| {
        let is_plain = |it: char| it.is_ascii_alphanumeric() || "-_.".contains(it);
        !name.is_empty() && !name.starts_with('.') && name.chars().all(is_plain)
    };
    match is_archive {
        true if is_name(name) => name.to_owned(),
        true => "mxpc-cli.tar.gz".to_owned(),
        false => plain.to_owned(),
    }
}

/// Writes the file under another name, and gives it its own once it is whole.
async fn write(
    download: &mut Download,
    first: &[u8],
    output: &Path,
    is_archive: bool,
) -> Result<(), CliError> {
    let part = Part::new(output)?;
    let failed = |error: &std::io::Error| CliError::file("write", output, error);
    let mut file = part.open().map_err(|error| failed(&error))?;
    file.write_all(first).map_err(|error| failed(&error))?;
    while let Some(chunk) = download.chunk().await? {
        file.write_all(chunk.as_ref()).map_err(|error| failed(&error))?;
    }
    file.sync_all().map_err(|error| failed(&error))?;
    drop(file);
    if !is_archive {
        set_run_bit(&part.0).map_err(|error| failed(&error))?;
    }
    part.finish(output).map_err(|error| failed(&error))
}

/// A file that is being written. It goes when this goes, unless it got another name: a signal leaves nothing behind.
pub(super) struct Part(PathBuf);

impl Part {
    pub(super) fn new(output: &Path) -> Result<Part, CliError> {
        let Some(name) = output.file_name() else {
            let message = format!("`{}` is no name of a file", output.display());
            return Err(CliError::usage(message, "name a file that can be written"));
        };
        let name = format!(".{}.{}.part", name.to_string_lossy(), std::process::id());
        Ok(Part(output.with_file_name(name)))
    }

    pub(super) fn open(&self) -> std::io::Result<File> {
        File::options().write(true).create_new(true).open(&self.0)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Gives the file its own name.
    pub(super) fn finish(self, output: &Path) -> std::io::Result<()> {
        fs_err::rename(&self.0, output)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // It is gone already when all went well.
        let _ = std::fs::remove_file(&self.0);
    }
}

#[cfg(unix)]
fn set_run_bit(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs_err::set_permissions(path, std::fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn set_run_bit(_: &Path) -> std::io::Result<()> {
    Ok(())
}

impl From<DownloadError> for CliError {
    fn from(error: DownloadError) -> CliError {
        let help = match &error {
            DownloadError::Insecure { .. } => "nothing was fetched; ask who runs the API why it points there",
            DownloadError::Refused { .. } | DownloadError::Unreachable { .. } => {
                "is the host of the file blocked by a firewall or proxy? set HTTPS_PROXY, or allow it"
            }
            DownloadError::Truncated { .. } => "try again: no file was left behind",
        };
        CliError::new(ExitStatus::Unreachable, error.to_string(), help)
    }
}
