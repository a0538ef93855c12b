//! `mxkeep restart`, `stop`, `start` and `scale`: one-verb plans over environments that the estate declares.

use std::collections::BTreeMap;
use std::path::Path;

use super::run::{Run, run_plan};
use crate::apply::Approval;
use crate::cli::args::{OperateArgs, RunningArgs, ScaleArgs};
use crate::cli::context::{Access, Session, read_estate};
use crate::cli::error::CliError;
use crate::cli::exit::ExitStatus;
use crate::cli::journal::Place;
use crate::cli::signals::Signals;
use crate::cli::ui::Ui;
use crate::model::{AddressGlob, DesiredState, Identity, Kind};
use crate::plan::{Ignores, Operation, Scope, operate};

/// The same operation on all of these environments.
pub(in crate::cli) async fn run(
    args: &OperateArgs,
    operation: Operation,
    ui: &Ui,
) -> Result<ExitStatus, CliError> {
    let orders = args.addresses.iter().map(|address| (address.as_str(), operation)).collect();
    carry_out(orders, &args.running, ui).await
}

/// A number of instances for each of these environments.
pub(in crate::cli) async fn scale(args: &ScaleArgs, ui: &Ui) -> Result<ExitStatus, CliError> {
    let orders = args.orders.iter().map(|it| (it.address.as_str(), Operation::Scale(it.instances))).collect();
    carry_out(orders, &args.running, ui).await
}

async fn carry_out(
    orders: Vec<(&str, Operation)>,
    args: &RunningArgs,
    ui: &Ui,
) -> Result<ExitStatus, CliError> {
    let mut signals = Signals::listen()?;
    let estate = read_estate(Path::new("."))?;
    let mut globs = Vec::new();
    let mut meant: BTreeMap<Identity, Operation> = BTreeMap::new();
    for (text, operation) in orders {
        let glob = AddressGlob::new(text)
            .map_err(|error| CliError::usage(error.to_string(), "write it like `environment/orders/*`"))?;
        for identity in environments(&estate.desired, &glob)? {
            let before = meant.insert(identity.clone(), operation);
            if before.is_some_and(|before| before != operation) {
                let address =
                    estate.desired.resources.get(&identity).map(|desired| desired.address.to_string());
                let message = format!("`{}` is given two numbers of instances", address.unwrap_or_default());
                return Err(CliError::usage(message, "name every environment once"));
            }
        }
        globs.push(glob);
    }
    let opening = Session::of(estate, Scope::new(globs), &args.api, Access::Write, ui);
    let mut session = signals.end(opening).await?;
    session.waive(args.waive.waive.clone());
    let plan = operate(&session.plan_input(), &meant);
    let run = Run {
        yes: args.yes,
        approval: Approval::Everything,
        journal: Place::Nowhere,
        waive: &args.waive.waive,
        output: &args.output,
        // Whoever asks for a number of instances means it, whatever owns the field at other times.
        ignores: Ignores::default(),
        build_logs: None,
        wait_for_human: None,
    };
    let ended = run_plan(run, ui, &mut session, &plan, signals).await;
    session.close().await;
    ended
}

/// The declared environments that a glob means; there has to be one.
fn environments(desired: &DesiredState, glob: &AddressGlob) -> Result<Vec<Identity>, CliError> {
    let all = || desired.of_kind(Kind::Environment);
    let found: Vec<_> = all().filter(|it| glob.matches(&it.address)).map(|it| it.identity.clone()).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let known: Vec<String> = all().map(|environment| environment.address.to_string()).collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let near = similar::get_close_matches(glob.as_str(), &known, 1, 0.6);
    let help = match near.first() {
        Some(near) => format!("did you mean `{near}`?"),
        None => "it has to be an address like `environment/orders/production`, or a glob".to_owned(),
    };
    Err(CliError::usage(format!("`{}` names no environment of the estate", glob.as_str()), &help))
}
