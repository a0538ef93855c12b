//! `mxkeep doctor`: what is missing, and for which command. Sends only GET.

use crate::cli::args::DoctorArgs;
use crate::cli::doctor::{Examination, Found, connection, estate, present, rights, way};
use crate::cli::error::CliError;
use crate::cli::exit::ExitStatus;
use crate::cli::output;
use crate::cli::ui::Ui;
use crate::render::{DoctorView, Name, render_doctor};

/// What depends on an answer of the API.
const OVER_THERE: [&str; 4] = ["read", "resources", "jobs", "write"];

pub(in crate::cli) async fn run(args: &DoctorArgs, ui: &Ui) -> Result<ExitStatus, CliError> {
    let mut exam = Examination::default();
    let estate = estate(&mut exam, &args.estate.estate, ui);
    let found = match &estate {
        Some(_) => Found::Valid,
        None if exam.met.is_empty() => Found::Nothing,
        None => Found::Invalid,
    };
    let token = present(&mut exam, &args.api);
    let has_token = token.is_some() || args.api.simulate.is_some();
    let mut told = None;
    if let Some(way) = way(&mut exam, &args.api, estate.as_ref(), token).await {
        let answers = connection(&mut exam, &way).await;
        if answers && has_token {
            told = rights(&mut exam, &way.client, estate.as_ref()).await;
        } else {
            let lacks = if answers { "a token" } else { "a connection" };
            OVER_THERE.iter().for_each(|check| exam.skip(check, format!("needs {lacks}")));
        }
        if let Some(simulation) = way.simulation {
            simulation.stop().await;
        }
    }
    let commands = exam.commands(found, told.as_ref());
    let view = DoctorView {
        estate: estate.map(|estate| Name::new(&estate.desired.settings.estate)),
        checks: exam.checks,
        commands,
    };
    output::write(ui, &args.output, |format, style| render_doctor(&view, format, style))?;
    Ok(ExitStatus::first_of(&exam.met))
}
