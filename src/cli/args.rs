//! What was typed. No meaning yet: that comes with the context and the commands.
//!
//! Here is what commands share, and the commands with few arguments; each group of the others has a file.

mod mxpc;
mod operate;
mod output;
mod packages;
mod planning;
mod waive;

pub use mxpc::{Architecture, CliArgs, CliCommand, CliCommandArgs, CliDownloadArgs, CliListArgs, System};
pub use operate::{OperateArgs, RunningArgs, ScaleArgs, ScaleOrder};
pub use output::{OutFile, OutputArgs};
pub use packages::{
    PackagesArgs, PackagesBuildArgs, PackagesCommand, PackagesDeleteArgs, PackagesDownloadArgs,
    PackagesListArgs, PackagesMakingArgs, PackagesUploadArgs,
};
pub use planning::{DriftHandling, PlanningArgs};
pub use waive::WaiveArgs;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::complete::address;
use super::init::Pipeline;
use crate::render::{Format, GraphFormat, OutputFormat, TableFormat};
use crate::simulator::{Fault, Seed};
use crate::source::parse_duration;

/// Keep a Mendix estate as declared in Git
#[derive(Debug, Parser)]
#[command(
    name = "mxkeep",
    version,
    max_term_width = 100,
    disable_help_subcommand = true,
    after_help = "Try it without an account: mxkeep apply examples/quickstart --simulate --yes"
)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
pub struct Global {
    /// Work in this directory instead of the current one
    #[arg(short = 'C', global = true, value_name = "DIR", help_heading = "Global options")]
    pub directory: Option<PathBuf>,
    /// When to use colours: auto, always or never
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        hide_possible_values = true,
        help_heading = "Global options"
    )]
    pub color: When,
    /// How to show progress: live, plain (one line per event) or auto (live on a terminal)
    #[arg(
        long,
        global = true,
        value_name = "HOW",
        default_value = "auto",
        hide_possible_values = true,
        help_heading = "Global options"
    )]
    pub progress: ProgressKind,
    /// Say less: no progress; results, warnings and errors only
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = "Global options")]
    pub quiet: bool,
    /// Say more
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = "Global options")]
    pub verbose: u8,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// How to show progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProgressKind {
    /// Live lines on a terminal, one line per event elsewhere
    Auto,
    /// One line per event
    Plain,
    /// Live lines
    Live,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start an estate: files to begin with, what editors need, pipelines
    Init(InitArgs),
    /// Check an estate without talking to the API
    Validate(ValidateArgs),
    /// Show what apply would do
    Plan(PlanArgs),
    /// Make the live state as declared
    Apply(ApplyArgs),
    /// Show how the live state departs from the files
    Drift(DriftArgs),
    /// Write an estate from what is live
    Import(ImportArgs),
    /// Give documents the ids that they lack
    Id(IdArgs),
    /// Stop environments and start them again
    #[command(
        after_help = "Example: mxkeep restart environment/web-shop/test -C examples/quickstart --simulate --yes"
    )]
    Restart(OperateArgs),
    /// Stop environments
    #[command(
        after_help = "Example: mxkeep stop environment/web-shop/test -C examples/quickstart --simulate --yes"
    )]
    Stop(OperateArgs),
    /// Start environments with as many instances as they had
    #[command(
        after_help = "Example: mxkeep start environment/*/test -C examples/quickstart --simulate --yes"
    )]
    Start(OperateArgs),
    /// Give environments another number of instances
    Scale(ScaleArgs),
    /// Show what is live, and whether it is as declared
    Status(StatusArgs),
    /// Show where a field comes from, what is live, and whose it is
    Why(WhyArgs),
    /// Show a saved plan, drift report or outcome in another format
    Show(ShowArgs),
    /// Draw what stands on what, or what a plan does in which order
    Graph(GraphArgs),
    /// Find out what is missing, and for which command
    Doctor(DoctorArgs),
    /// List, build, upload, download and delete the packages of apps
    Packages(PackagesArgs),
    /// List and download mxpc-cli, and print the command that installs an operator with it
    Cli(CliArgs),
    /// Run a server that behaves like the API
    Simulator(SimulatorArgs),
    /// Print the JSON Schema of estate files, or of an output format
    Schema(SchemaArgs),
    /// Serve an editor on stdin and stdout: mistakes, completion, documentation, names
    #[command(
        after_help = "An editor starts it, Neovim with vim.lsp.start({name = 'mxkeep', cmd = {'mxkeep', 'lsp'}}).\nExample: mxkeep lsp"
    )]
    Lsp,
    /// Write manual pages
    Man(ManArgs),
    /// Print the completions of a shell
    Completions(CompletionsArgs),
}

impl Command {
    /// The estate that its reports are about.
    pub fn estate(&self) -> &Path {
        match self {
            Command::Validate(args) => &args.estate.estate,
            Command::Plan(args) => &args.live.estate.estate,
            Command::Apply(args) => &args.live.estate.estate,
            Command::Drift(args) => &args.live.estate.estate,
            Command::Show(args) => &args.estate,
            _ => Path::new("."),
        }
    }

    /// Where the command writes its result, if it has one in several formats.
    pub fn output(&self) -> Option<OutputArgs> {
        match self {
            Command::Validate(args) => Some(args.output.of_report()),
            Command::Plan(args) => Some(args.live.output.of_report()),
            Command::Apply(args) => Some(args.live.output.of_report()),
            Command::Drift(args) => Some(args.live.output.of_report()),
            Command::Restart(args) | Command::Stop(args) | Command::Start(args) => {
                Some(args.running.output.of_report())
            }
            Command::Scale(args) => Some(args.running.output.of_report()),
            Command::Status(args) => Some(args.live.output.of_report()),
            Command::Show(args) => Some(args.output.of_report()),
            Command::Doctor(args) => Some(args.output.of_report()),
            Command::Why(args) => Some(args.output.of_report()),
            Command::Packages(args) => args.command.output(),
            Command::Cli(args) => match &args.command {
                CliCommand::List(args) => Some(args.output.of_report()),
                CliCommand::Download(_) | CliCommand::Command(_) => None,
            },
            Command::Init(_)
            | Command::Import(_)
            | Command::Id(_)
            | Command::Simulator(_)
            | Command::Graph(_)
            | Command::Schema(_)
            | Command::Lsp
            | Command::Man(_)
            | Command::Completions(_) => None,
        }
    }
}

/// The estate to work on.
#[derive(Debug, Args)]
pub struct EstateArgs {
    /// The estate: a directory with a `mxkeep.yaml`
    #[arg(value_name = "DIR", default_value = ".")]
    pub estate: PathBuf,
}

/// How to reach the API.
#[derive(Debug, Args)]
pub struct ApiArgs {
    /// The base URL of the Private Cloud API [env: MXKEEP_API_URL]
    #[arg(long, value_name = "URL", help_heading = "API")]
    pub api_url: Option<String>,
    /// The base URL of the API of Mendix Cloud, v3 or v4 [env: MXKEEP_CLOUD_API_URL]
    #[arg(long, value_name = "URL", help_heading = "API")]
    pub cloud_api_url: Option<String>,
    /// Read the token from this file instead of MXKEEP_TOKEN
    #[arg(long, value_name = "FILE", help_heading = "API")]
    pub token_file: Option<PathBuf>,
    /// Talk to a built-in simulator whose world is kept in FILE [default: .mxkeep/simulator.json in the estate]
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, conflicts_with_all = ["api_url", "cloud_api_url", "token_file"], help_heading = "API")]
    pub simulate: Option<Option<PathBuf>>,
    /// How many requests may be in flight [default: as mxkeep.yaml says, or 8]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64), help_heading = "API")]
    pub concurrency: Option<u16>,
}

/// What to work on.
#[derive(Debug, Args)]
pub struct ScopeArgs {
    /// Only resources whose address matches, such as `environment/orders/*`, or `environment/**` for all; repeatable
    #[arg(long, value_name = "GLOB", add = address())]
    pub target: Vec<String>,
}

/// What the files are compared with, besides what is live.
#[derive(Debug, Default, Args)]
pub struct BaseArgs {
    /// Tell whose a difference is, by the files at a revision such as `origin/main`, `v1.2` or `HEAD~1`
    #[arg(long, value_name = "REF")]
    pub base: Option<String>,
}

/// What every command takes that compares an estate with what is live.
#[derive(Debug, Args)]
pub struct LiveArgs<F: OutputFormat = Format> {
    /// The estate.
    #[command(flatten)]
    pub estate: EstateArgs,
    /// Where results go.
    #[command(flatten)]
    pub output: OutputArgs<F>,
    /// What to work on.
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// How to reach the API.
    #[command(flatten)]
    pub api: ApiArgs,
}

/// Arguments of `init`.
#[derive(Debug, Args)]
#[command(after_help = "Example: mxkeep init estate --pipeline github")]
pub struct InitArgs {
    /// The estate.
    #[command(flatten)]
    pub estate: EstateArgs,
    /// The name of a new estate; the name of its directory where it is not given
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Also write the pipeline of a build server, at the root of the repository: github, gitlab or azure; repeatable
    #[arg(long, value_name = "SERVER", hide_possible_values = true)]
    pub pipeline: Vec<Pipeline>,
}

/// Arguments of `validate`.
#[derive(Debug, Args)]
#[command(after_help = "Example: mxkeep validate examples/dtap-classic-eks")]
pub struct ValidateArgs {
    /// The estate.
    #[command(flatten)]
    pub estate: EstateArgs,
    /// Where results go.
    #[command(flatten)]
    pub output: OutputArgs,
    /// Fail on warnings, too
    #[arg(long)]
    pub strict: bool,
    /// Say what a code means and what to write instead, and check nothing
    #[arg(long, value_name = "CODE", conflicts_with_all = ["strict", "format", "out"])]
    pub explain: Option<String>,
}

/// Arguments of `plan`.
#[derive(Debug, Args)]
#[command(after_help = "Example: mxkeep plan examples/quickstart --simulate --exit-code")]
pub struct PlanArgs {
    /// What it shares with the others that compare an estate with what is live.
    #[command(flatten)]
    pub live: LiveArgs,
    /// What may be asked of a plan.
    #[command(flatten)]
    pub planning: PlanningArgs,
    /// What the files are compared with.
    #[command(flatten)]
    pub base: BaseArgs,
    /// What guards are to let through.
    #[command(flatten)]
    pub waive: WaiveArgs,
    /// Plan without the values of variables that are not set here: they are approved by their names and versions, and the
    /// run that applies the plan has to have them
    #[arg(long)]
    pub values_at_apply: bool,
    /// Exit with 2 when there is something to do
    #[arg(long)]
    pub exit_code: bool,
}

/// Arguments of `apply`.
#[derive(Debug, Args)]
#[command(after_help = "Example: mxkeep apply examples/quickstart --simulate --yes")]
pub struct ApplyArgs {
    /// What it shares with the others that compare an estate with what is live.
    #[command(flatten)]
    pub live: LiveArgs,
    /// What may be asked of a plan.
    #[command(flatten)]
    pub planning: PlanningArgs,
    /// What the files are compared with.
    #[command(flatten)]
    pub base: BaseArgs,
    /// What guards are to let through.
    #[command(flatten)]
    pub waive: WaiveArgs,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
    /// Keep the journal of the run in this file [default: a new file in .mxkeep/journal in the estate, removed unless something stays open]
    #[arg(long, value_name = "FILE")]
    pub journal: Option<PathBuf>,
    /// Go on with the interrupted run of this journal: wait for its open jobs, then run what is left of what was approved
    #[arg(long, value_name = "FILE", conflicts_with_all = ["journal", "plan"])]
    pub resume: Option<PathBuf>,
    /// Run only what this plan shows, as `mxkeep plan --out json=FILE` wrote it, and ask nobody: the review was the approval
    #[arg(long, value_name = "FILE", conflicts_with = "resume")]
    pub plan: Option<PathBuf>,
    /// Save the log of every build that fails to this directory, as NAME.log
    #[arg(long, value_name = "DIR")]
    pub save_build_logs: Option<PathBuf>,
    /// Where something waits for a person, keep looking for so long, such as `30m`, and go on when it is done
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub wait_for_human: Option<Duration>,
}

fn duration(text: &str) -> Result<Duration, String> {
    parse_duration(text).ok_or_else(|| "write it like `90s`, `30m` or `1h30m`, up to a day".to_owned())
}

/// Arguments of `drift`.
#[derive(Debug, Args)]
#[command(after_help = "Example: mxkeep drift examples/quickstart --simulate")]
pub struct DriftArgs {
    /// What it shares with the others that compare an estate with what is live.
    #[command(flatten)]
    pub live: LiveArgs,
    /// What the files are compared with.
    #[command(flatten)]
    pub base: BaseArgs,
    /// Write what is live of this resource into the files, such as `environment/orders/production`; repeatable
    #[arg(long, value_name = "ADDRESS", help_heading = "Accepting")]
    pub accept: Vec<String>,
    /// Accept only this field and what is below it, such as `deployment.constants[Erp.BaseUrl]`; repeatable
    #[arg(long, value_name = "PATH", requires = "accept", help_heading = "Accepting")]
    pub field: Vec<String>,
    /// Show what accepting would write, and write nothing
    #[arg(long, requires = "accept", help_heading = "Accepting")]
    pub dry_run: bool,
}

/// Arguments of `import`.
#[derive(Debug, Args)]
#[command(after_help = "Example: mxkeep import --app order-desk orders-estate")]
pub struct ImportArgs {
    /// The directory to write, new or empty; with --merge an estate
    #[arg(value_name = "DIR")]
    pub estate: PathBuf,
    /// Only this cluster, by name or id, and what is in it; repeatable
    #[arg(long, value_name = "CLUSTER")]
    pub cluster: Vec<String>,
    /// Only this app, by name or id, and what its environments are in; repeatable
    #[arg(long, value_name = "APP")]
    pub app: Vec<String>,
    /// This app on Mendix Cloud, by name or id, with who may do what in its environments; repeatable
    #[arg(long, value_name = "APP")]
    pub cloud_app: Vec<String>,
    /// Add to an existing estate, and write live values into its files where these differ
    #[arg(long)]
    pub merge: bool,
    /// Leave out `defaults` for what the environments of an app have in common: each file says all of its resource
    #[arg(long, conflicts_with = "merge")]
    pub no_defaults: bool,
    /// Write nothing; show what would be written
    #[arg(long)]
    pub dry_run: bool,
    /// How to reach the API.
    #[command(flatten)]
    pub api: ApiArgs,
}

/// Arguments of `id`.
#[derive(Debug, Args)]
#[command(after_help = "Example: mxkeep id examples/quickstart --write")]
pub struct IdArgs {
    /// The estate.
    #[command(flatten)]
    pub estate: EstateArgs,
    /// Write the proposed ids into the files
    #[arg(long)]
    pub write: bool,
}

/// Arguments of `status`.
#[derive(Debug, Args)]
#[command(after_help = "Example: mxkeep status examples/quickstart --simulate")]
pub struct StatusArgs {
    /// What it shares with the others that compare an estate with what is live.
    #[command(flatten)]
    pub live: LiveArgs<TableFormat>,
    /// Show it again and again, with a pause of this many seconds, until Ctrl-C
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "10", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub watch: Option<u64>,
    /// Tell since when resources have drifted, by an earlier status in JSON; a file that does not exist yet is none
    #[arg(long, value_name = "FILE")]
    pub since: Option<PathBuf>,
}

/// Arguments of `show`.
#[derive(Debug, Args)]
#[command(after_help = "Example: mxkeep show plan.json --format json")]
pub struct ShowArgs {
    /// What `mxkeep plan`, `apply`, `drift` or `validate` wrote with `--out json=FILE`; `-` reads it from stdin
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The directory that the command was given which wrote it, for links to files and the names of files in checks
    #[arg(value_name = "DIR", default_value = ".")]
    pub estate: PathBuf,
    /// Where results go.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Arguments of `graph`.
#[derive(Debug, Args)]
#[command(after_help = "Example: mxkeep graph examples/quickstart --format svg > estate.svg")]
pub struct GraphArgs {
    /// The estate.
    #[command(flatten)]
    pub estate: EstateArgs,
    /// Draw what `mxkeep plan` or `mxkeep apply` wrote with `--out json=FILE`, instead of an estate; `-` reads it from
    /// stdin
    #[arg(long, value_name = "FILE", conflicts_with_all = ["estate", "target"])]
    pub plan: Option<PathBuf>,
    /// Where results go.
    #[command(flatten)]
    pub output: OutputArgs<GraphFormat>,
    /// What to draw.
    #[command(flatten)]
    pub scope: ScopeArgs,
}

/// Arguments of `doctor`.
#[derive(Debug, Args)]
#[command(after_help = "Example: mxkeep doctor examples/quickstart --simulate")]
pub struct DoctorArgs {
    /// The estate.
    #[command(flatten)]
    pub estate: EstateArgs,
    /// Where results go.
    #[command(flatten)]
    pub output: OutputArgs<TableFormat>,
    /// How to reach the API.
    #[command(flatten)]
    pub api: ApiArgs,
}

/// Arguments of `why`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example: mxkeep why environment/web-shop/production container.instances -C examples/quickstart --simulate"
)]
pub struct WhyArgs {
    /// The resource, such as `environment/order-desk/production`
    #[arg(value_name = "ADDRESS", add = address())]
    pub address: String,
    /// The field, such as `container.instances` or `deployment.constants[Erp.BaseUrl]` [default: all that are declared]
    #[arg(value_name = "FIELD")]
    pub field: Option<String>,
    /// What the files are compared with.
    #[command(flatten)]
    pub base: BaseArgs,
    /// Leave the live side out and talk to nobody
    #[arg(long, conflicts_with_all = ["api_url", "token_file", "simulate", "concurrency"])]
    pub offline: bool,
    /// Where results go.
    #[command(flatten)]
    pub output: OutputArgs<TableFormat>,
    /// How to reach the API.
    #[command(flatten)]
    pub api: ApiArgs,
}

/// Arguments of `simulator`.
#[derive(Debug, Args)]
#[command(
    after_help = "Tokens: `simulator` may do everything, `simulator-read` may read.\nExample: mxkeep simulator --seed 2,10,50,1000 --fault 429=1s,every=20"
)]
pub struct SimulatorArgs {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub listen: std::net::SocketAddr,
    /// Keep the world in this file
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Fill the world with so many of each
    #[arg(long, value_name = "CLUSTERS,NAMESPACES,APPS,ENVIRONMENTS")]
    pub seed: Option<Seed>,
    /// What goes wrong, such as `500,times=2` or `drop-after,method=POST`; repeatable
    #[arg(long, value_name = "FAULT")]
    pub fault: Vec<Fault>,
    /// How long a job takes, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 300)]
    pub job_delay: u64,
    /// How long an environment takes to be ready after its job, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 300)]
    pub ready_delay: u64,
    /// The largest page that is given
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub max_page: usize,
    /// Spell values back in another way than they were sent
    #[arg(long)]
    pub respell: bool,
}

/// Arguments of `schema`.
#[derive(Debug, Args)]
#[command(after_help = "Example: mxkeep schema > mxkeep.schema.json")]
pub struct SchemaArgs {
    /// Which schema: a kind, or an output format [default: a whole estate document]
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
}

/// Arguments of `man`.
#[derive(Debug, Args)]
#[command(after_help = "Example: mxkeep man ~/.local/share/man/man1")]
pub struct ManArgs {
    /// The directory for the pages, one for each command; without it, that of mxkeep itself goes to stdout
    #[arg(value_name = "DIR")]
    pub pages: Option<PathBuf>,
}

/// Arguments of `completions`.
#[derive(Debug, Args)]
#[command(
    after_help = "Addresses complete from the estate. Ask for the script at every start of the shell, so that it fits to this version:\n`source <(mxkeep completions bash)` in ~/.bashrc.\nExample: mxkeep completions bash > ~/.mxkeep.bash"
)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}
