//! What may be asked of a plan, besides what the files ask for.

use clap::{Args, ValueEnum};

use crate::cli::complete::address;

/// What may be asked of a plan.
#[derive(Debug, Default, Args)]
pub struct PlanningArgs {
    /// Send the secrets of this resource again, or one of them, such as
    /// `environment/orders/test.runtime.mxAdminPassword`; repeatable
    #[arg(long, value_name = "ADDRESS[.FIELD]", add = address())]
    pub rotate: Vec<String>,
    /// What becomes of what changed on the live side only: `correct` puts it back, `report` leaves it
    #[arg(long, value_name = "HOW", requires = "base", hide_possible_values = true)]
    pub drift: Option<DriftHandling>,
}

/// What becomes of what changed on the live side only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DriftHandling {
    /// It becomes as declared again
    Correct,
    /// It is reported and left as it is
    Report,
}
