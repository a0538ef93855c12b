//! `mxkeep simulator`: a server that behaves like the API.

use std::time::Duration;

use crate::cli::args::SimulatorArgs;
use crate::cli::error::CliError;
use crate::cli::exit::ExitStatus;
use crate::cli::signals::Signals;
use crate::cli::ui::Ui;
use crate::simulator::{Options, Simulator};

pub(in crate::cli) async fn run(args: &SimulatorArgs, ui: &Ui) -> Result<ExitStatus, CliError> {
    let options = Options {
        listen: args.listen,
        state: args.state.clone(),
        seed: args.seed,
        faults: args.fault.clone(),
        job_delay: Duration::from_millis(args.job_delay),
        ready_delay: Duration::from_millis(args.ready_delay),
        max_page: args.max_page,
        respell: args.respell,
        ..Options::default()
    };
    let mut signals = Signals::listen()?;
    let simulator = Simulator::start(options).await?;
    let text = format!(
        "private cloud  {}\nmendix cloud   {}\n  version 3    {}\nadmin          {}/_admin\n",
        simulator.private_cloud_url(),
        simulator.mendix_cloud_url(4),
        simulator.mendix_cloud_url(3),
        simulator.origin()
    );
    ui.result(&text).map_err(|error| CliError::output(&error))?;
    ui.status("tokens: `simulator` (everything), `simulator-read` (reads); Ctrl-C ends it");
    signals.next().await;
    simulator.stop().await;
    Ok(ExitStatus::Done)
}
