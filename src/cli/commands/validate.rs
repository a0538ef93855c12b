//! `mxkeep validate`: everything that can be checked without the API.

use crate::cli::args::ValidateArgs;
use crate::cli::context::today;
use crate::cli::env;
use crate::cli::error::CliError;
use crate::cli::error::finding;
use crate::cli::exit::ExitStatus;
use crate::cli::ui::Ui;
use crate::cli::{explain, output, report};
use crate::render::{FindingsView, Format, Report, plural};
use crate::source::{Diagnostic, LoadOptions, Loaded, Severity, load};

pub(in crate::cli) fn run(args: &ValidateArgs, ui: &Ui) -> Result<ExitStatus, CliError> {
    if let Some(code) = &args.explain {
        let page = explain::page(code, ui.stdout_style().width)?;
        ui.result(&page).map_err(|error| CliError::output(&error))?;
        return Ok(ExitStatus::Done);
    }
    let options = LoadOptions { environment: &env::read_for_estate, today: today() };
    let Loaded { desired, diagnostics, waived, files: _, missing_ids: _, taken: _ } =
        load(&args.estate.estate, &options);
    if ui.is_verbose() {
        report::diagnostics(ui, &waived);
    }
    report::diagnostics(ui, &diagnostics);
    let resources = desired.as_ref().map_or(0, |desired| desired.resources.len());
    let findings = diagnostics.iter().map(finding).collect();
    let report = Report::Findings(FindingsView { findings, waived: waived.len() });
    output::write(ui, &args.output, |format, style| match format {
        Format::Text => summary(&diagnostics, waived.len(), resources),
        format => report.render(format, style),
    })?;
    let worst = diagnostics.iter().map(Diagnostic::severity).min();
    let invalid = match worst {
        Some(Severity::Error) => true,
        Some(Severity::Warning) => args.strict,
        Some(Severity::Info) | None => false,
    };
    Ok(if invalid { ExitStatus::InvalidInput } else { ExitStatus::Done })
}

fn summary(diagnostics: &[Diagnostic], waived: usize, resources: usize) -> String {
    let is_valid = diagnostics.iter().all(|found| found.severity() != Severity::Error);
    let verdict = if is_valid { "Valid" } else { "Invalid" };
    let told = if is_valid && diagnostics.is_empty() {
        plural::RESOURCE.count(resources)
    } else {
        report::counts(diagnostics)
    };
    let waived = if waived > 0 { format!(" ({waived} waived)") } else { String::new() };
    format!("{verdict}: {told}{waived}\n")
}
