//! `mxkeep lsp`: a language server on stdin and stdout, for editors.

use crate::cli::context::today;
use crate::cli::env;
use crate::cli::error::CliError;
use crate::cli::exit::ExitStatus;
use crate::lsp::{Surroundings, serve};

pub(in crate::cli) async fn run() -> Result<ExitStatus, CliError> {
    let world = Surroundings { environment: env::read_for_estate, today };
    serve(tokio::io::stdin(), tokio::io::stdout(), world).await;
    Ok(ExitStatus::Done)
}
