//! Arguments of `restart`, `stop`, `start` and `scale`.

use std::str::FromStr;

use clap::Args;

use crate::cli::complete::address;

use super::{ApiArgs, OutputArgs, WaiveArgs};

/// Arguments of `restart`, `stop` and `start`.
#[derive(Debug, Args)]
pub struct OperateArgs {
    /// The environments: addresses or globs, such as `environment/orders/*`
    #[arg(value_name = "ADDRESS", required = true, add = address())]
    pub addresses: Vec<String>,
    /// What the operations share.
    #[command(flatten)]
    pub running: RunningArgs,
}

/// Arguments of `scale`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example: mxkeep scale environment/web-shop/test=2 -C examples/quickstart --simulate --yes"
)]
pub struct ScaleArgs {
    /// The environments, addresses or globs, each with a number of instances from 0 to 10
    #[arg(value_name = "ADDRESS=N", required = true, add = address())]
    pub orders: Vec<ScaleOrder>,
    /// What the operations share.
    #[command(flatten)]
    pub running: RunningArgs,
}

/// Environments and how many instances they are to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScaleOrder {
    /// An address or a glob.
    pub address: String,
    /// How many instances.
    pub instances: u32,
}

impl FromStr for ScaleOrder {
    type Err = String;

    fn from_str(text: &str) -> Result<ScaleOrder, String> {
        let wrong = "write ADDRESS=N, such as `environment/orders/test=2`";
        let (address, number) = text.rsplit_once('=').ok_or(wrong)?;
        let instances = number.parse().ok().filter(|number| *number <= MOST_INSTANCES);
        match instances {
            _ if address.is_empty() => Err(wrong.to_owned()),
            Some(instances) => Ok(ScaleOrder { address: address.to_owned(), instances }),
            None => {
                Err(format!("`{number}` is no number of instances: the platform takes 0 to {MOST_INSTANCES}"))
            }
        }
    }
}

/// The largest number of instances that the API takes (CNT-01).
const MOST_INSTANCES: u32 = 10;

/// What the operations on running environments share. They work on the estate in the current directory, or in that of
/// `-C`.
#[derive(Debug, Args)]
pub struct RunningArgs {
    /// Where results go.
    #[command(flatten)]
    pub output: OutputArgs,
    /// How to reach the API.
    #[command(flatten)]
    pub api: ApiArgs,
    /// What guards are to let through.
    #[command(flatten)]
    pub waive: WaiveArgs,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
}
