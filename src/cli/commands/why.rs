//! `mxkeep why`: where a field comes from, and what is live. Sends only GET.

use std::path::Path;

use crate::cli::args::WhyArgs;
use crate::cli::base::Base;
use crate::cli::context::{Access, Session, read_estate, today};
use crate::cli::error::CliError;
use crate::cli::exit::ExitStatus;
use crate::cli::output;
use crate::cli::ui::Ui;
use crate::model::{Address, AddressGlob, Desired, DesiredState, LiveState};
use crate::plan::why::why;
use crate::plan::{Scope, addresses};
use crate::render::{render_why, why_view};

pub(in crate::cli) async fn run(args: &WhyArgs, ui: &Ui) -> Result<ExitStatus, CliError> {
    let estate = read_estate(Path::new("."))?;
    // An address that is none is better told before anything is read.
    let address = find(&estate.desired, &args.address)?.address.to_string();
    let base = Base::read(&args.base, &estate, ui)?.map(|base| base.desired);
    if args.offline {
        return show(args, &estate.desired, None, base.as_ref(), ui);
    }
    let target = AddressGlob::new(&globset::escape(&address));
    let target = target.map_err(|error| CliError::usage(error.to_string(), "try it with --offline"))?;
    let session = Session::of(estate, Scope::new(vec![target]), &args.api, Access::Read, ui).await?;
    let status = show(args, &session.estate.desired, Some(&session.live), base.as_ref(), ui);
    session.close().await;
    status
}

fn show(
    args: &WhyArgs,
    estate: &DesiredState,
    live: Option<&LiveState>,
    base: Option<&DesiredState>,
    ui: &Ui,
) -> Result<ExitStatus, CliError> {
    let desired = find(estate, &args.address)?;
    let why = why(estate, desired, live, base, today(), args.field.as_deref())
        .map_err(|error| CliError::usage(error.message, &error.help))?;
    let view = why_view(&why);
    output::write(ui, &args.output, |format, style| render_why(&view, format, style))?;
    Ok(ExitStatus::Done)
}

/// The declared resource with an address.
fn find<'d>(desired: &'d DesiredState, text: &str) -> Result<&'d Desired, CliError> {
    let address: Address = text.parse().map_err(|error| {
        CliError::usage(format!("`{text}` is not an address: {error}"), "write it as `environment/APP/NAME`")
    })?;
    desired.by_address(&address).ok_or_else(|| {
        let known: Vec<String> = addresses(desired).map(ToString::to_string).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let near = similar::get_close_matches(text, &known, 1, 0.6);
        let help = near.first().map_or_else(
            || "mxkeep plan shows the addresses".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        CliError::usage(format!("no resource `{text}` is declared"), &help)
    })
}
