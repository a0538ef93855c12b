//! Waivers that do not name an action: what was approved is not what is to be done.

use crate::cli::error::CliError;
use crate::cli::exit::ExitStatus;
use crate::plan::{Action, Plan, Status, UnmetWaiver, held_by_guards, unmet_waivers};

/// Refuses digits that name more than one action, before anything is done.
pub(super) fn one_each(plan: &Plan, waivers: &[String]) -> Result<(), CliError> {
    let several = unmet_waivers(plan, waivers).into_iter().find_map(|unmet| match unmet {
        UnmetWaiver::Several(digits) => Some(digits),
        UnmetWaiver::None(_) => None,
    });
    several.map_or(Ok(()), |digits| {
        let message = format!("`--waive {digits}` names more than one action");
        Err(CliError::usage(message, "write more digits of the digest"))
    })
}

/// The end of a command whose result is written: refused, where something was waived that is not in the plan while guards
/// hold other actions, because whoever waived it has seen another plan. Where guards hold nothing, a run is repeated that
/// is done already; the plan has a note then.
pub(super) fn end(plan: &Plan, waivers: &[String], status: ExitStatus) -> Result<ExitStatus, CliError> {
    let held: Vec<_> = held_by_guards(plan).map(told).collect();
    let unmet = unmet_waivers(plan, waivers).into_iter().find_map(|unmet| match unmet {
        UnmetWaiver::None(digits) => Some(digits),
        UnmetWaiver::Several(_) => None,
    });
    let Some(digits) = unmet.filter(|_| !held.is_empty()) else { return Ok(status) };
    let message = format!(
        "`--waive {digits}` names no action of this plan: what it named does something else now, or found something else"
    );
    let help = "look at what guards hold now, and waive that";
    let mut error = CliError::new(ExitStatus::first_of(&[status, ExitStatus::Refused]), message, help);
    error.help.extend(held);
    Err(CliError { after_result: true, ..error })
}

fn told(action: &Action) -> String {
    let code = match &action.status {
        Status::Blocked(block) => block.code,
        Status::Waiting(wait) => wait.code,
        Status::Ready => "",
    };
    format!("{} {} [{code}]", action.digest, action.id)
}
