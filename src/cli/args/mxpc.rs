//! Arguments of `cli`, which is about mxpc-cli.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{ApiArgs, OutputArgs};
use crate::render::TableFormat;

/// Arguments of `cli`.
#[derive(Debug, Args)]
#[command(after_help = "Example: mxkeep cli list --simulate")]
pub struct CliArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: CliCommand,
}

/// What to do about mxpc-cli.
#[derive(Debug, Subcommand)]
pub enum CliCommand {
    /// List the versions that can be downloaded
    List(CliListArgs),
    /// Download a version, the newest unless told otherwise
    Download(CliDownloadArgs),
    /// Print the command that installs the operator of a namespace
    Command(CliCommandArgs),
}

/// Arguments of `cli list`.
#[derive(Debug, Args)]
#[command(after_help = "Example: mxkeep cli list --format json")]
pub struct CliListArgs {
    /// Where results go.
    #[command(flatten)]
    pub output: OutputArgs<TableFormat>,
    /// How to reach the API.
    #[command(flatten)]
    pub api: ApiArgs,
}

/// Arguments of `cli download`.
#[derive(Debug, Args)]
#[command(after_help = "Example: mxkeep cli download --os linux --arch x86 --output bin/mxpc-cli")]
pub struct CliDownloadArgs {
    /// The version [default: the newest]
    #[arg(long, value_name = "VERSION")]
    pub version: Option<String>,
    /// The operating system: windows, linux or macos [default: that of this machine]
    #[arg(long, value_name = "OS", hide_possible_values = true)]
    pub os: Option<System>,
    /// The architecture: x86 or arm [default: that of this machine]
    #[arg(long, value_name = "ARCH", hide_possible_values = true)]
    pub arch: Option<Architecture>,
    /// Write to this file [default: mxpc-cli, or the name of an archive]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Overwrite the file
    #[arg(long)]
    pub force: bool,
    /// How to reach the API.
    #[command(flatten)]
    pub api: ApiArgs,
}

/// An operating system that mxpc-cli exists for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum System {
    /// Windows
    Windows,
    /// Linux
    Linux,
    /// macOS
    Macos,
}

impl System {
    /// The word of the API.
    pub const fn name(self) -> &'static str {
        match self {
            System::Windows => "windows",
            System::Linux => "linux",
            System::Macos => "macos",
        }
    }

    /// That of this machine.
    pub fn here() -> Option<System> {
        [System::Windows, System::Linux, System::Macos]
            .into_iter()
            .find(|it| it.name() == std::env::consts::OS)
    }
}

/// An architecture that mxpc-cli exists for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Architecture {
    /// Intel and AMD
    X86,
    /// ARM
    Arm,
}

impl Architecture {
    /// The word of the API.
    pub const fn name(self) -> &'static str {
        match self {
            Architecture::X86 => "x86",
            Architecture::Arm => "arm",
        }
    }

    /// That of this machine.
    pub fn here() -> Option<Architecture> {
        match std::env::consts::ARCH {
            "x86" | "x86_64" => Some(Architecture::X86),
            "arm" | "aarch64" => Some(Architecture::Arm),
            _ => None,
        }
    }
}

/// Arguments of `cli command`.
#[derive(Debug, Args)]
#[command(after_help = "Example: mxkeep cli command namespace/demo/shop-test -C examples/quickstart")]
pub struct CliCommandArgs {
    /// The namespace: its address in the estate, such as `namespace/prod-eu/orders`
    #[arg(value_name = "ADDRESS")]
    pub namespace: String,
}
