//! Arguments of `packages`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{ApiArgs, OutputArgs};
use crate::render::TableFormat;

/// Arguments of `packages`. They work on the estate in the current directory, or in that of `-C`.
#[derive(Debug, Args)]
#[command(after_help = "Example: mxkeep packages list -C examples/quickstart --simulate")]
pub struct PackagesArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: PackagesCommand,
}

/// What to do with packages.
#[derive(Debug, Subcommand)]
pub enum PackagesCommand {
    /// List the packages of apps, and where they run
    List(PackagesListArgs),
    /// Build a package from a branch and revision, as a declaration of that name would
    Build(PackagesBuildArgs),
    /// Upload an .mda file, as a declaration of that name would
    Upload(PackagesUploadArgs),
    /// Download the file of a package
    Download(PackagesDownloadArgs),
    /// Delete packages that nobody runs
    Delete(PackagesDeleteArgs),
}

impl PackagesCommand {
    /// Where the command writes its result, if it has one in several formats.
    pub fn output(&self) -> Option<OutputArgs> {
        match self {
            PackagesCommand::List(args) => Some(args.output.of_report()),
            PackagesCommand::Build(args) => Some(args.making.output.of_report()),
            PackagesCommand::Upload(args) => Some(args.making.output.of_report()),
            PackagesCommand::Download(_) => None,
            PackagesCommand::Delete(args) => Some(args.output.of_report()),
        }
    }
}

/// Arguments of `packages list`.
#[derive(Debug, Args)]
#[command(after_help = "Example: mxkeep packages list --app web-shop -C examples/quickstart --simulate")]
pub struct PackagesListArgs {
    /// Only this app, by name or id [default: every app of the estate]
    #[arg(long, value_name = "APP")]
    pub app: Option<String>,
    /// Where results go.
    #[command(flatten)]
    pub output: OutputArgs<TableFormat>,
    /// How to reach the API.
    #[command(flatten)]
    pub api: ApiArgs,
}

/// What a build and an upload share.
#[derive(Debug, Args)]
pub struct PackagesMakingArgs {
    /// The app, by name or id
    #[arg(long, value_name = "APP")]
    pub app: String,
    /// The name to know the package by; with a declaration of this name the estate knows it, too
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Where results go.
    #[command(flatten)]
    pub output: OutputArgs,
    /// How to reach the API.
    #[command(flatten)]
    pub api: ApiArgs,
}

/// Arguments of `packages build`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example: mxkeep packages build --app web-shop --branch main --revision 93de884c -C examples/quickstart --simulate"
)]
pub struct PackagesBuildArgs {
    /// The branch
    #[arg(long, value_name = "BRANCH")]
    pub branch: String,
    /// The revision: a number in SVN, a commit in Git
    #[arg(long, value_name = "REVISION")]
    pub revision: String,
    /// The version of the package, as x.y.z
    #[arg(long = "package-version", value_name = "VERSION")]
    pub version: Option<String>,
    /// A description for people
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,
    /// Save the log of a build that fails to this directory, as NAME.log
    #[arg(long, value_name = "DIR")]
    pub save_build_logs: Option<PathBuf>,
    /// What a build and an upload share.
    #[command(flatten)]
    pub making: PackagesMakingArgs,
}

/// Arguments of `packages upload`.
#[derive(Debug, Args)]
#[command(after_help = "Example: mxkeep packages upload order-desk.mda --app order-desk")]
pub struct PackagesUploadArgs {
    /// The .mda file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What a build and an upload share.
    #[command(flatten)]
    pub making: PackagesMakingArgs,
}

/// Arguments of `packages download`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example: mxkeep packages download order-desk-1.4.2 --app order-desk --to order-desk.mda"
)]
pub struct PackagesDownloadArgs {
    /// The package, by id or name
    #[arg(value_name = "PACKAGE")]
    pub package: String,
    /// The app, by name or id
    #[arg(long, value_name = "APP")]
    pub app: String,
    /// The file to write [default: the name that the platform gives it]
    #[arg(long, value_name = "FILE")]
    pub to: Option<PathBuf>,
    /// How to reach the API.
    #[command(flatten)]
    pub api: ApiArgs,
}

/// Arguments of `packages delete`.
#[derive(Debug, Args)]
#[command(after_help = "Example: mxkeep packages delete order-desk-1.4.1 --app order-desk --yes")]
pub struct PackagesDeleteArgs {
    /// The packages, by id or name
    #[arg(value_name = "PACKAGE", required = true)]
    pub packages: Vec<String>,
    /// The app, by name or id
    #[arg(long, value_name = "APP")]
    pub app: String,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
    /// Where results go.
    #[command(flatten)]
    pub output: OutputArgs,
    /// How to reach the API.
    #[command(flatten)]
    pub api: ApiArgs,
}
