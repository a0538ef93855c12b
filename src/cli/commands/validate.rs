//! `mxkeep validate`: everything that can be checked without the API.

use crate::cli::args::ValidateArgs;
use crate::cli::env;
use crate::cli::error::CliError;
use crate::cli::error::finding;
use crate::cli::exit::ExitStatus;
use crate::cli::ui::Ui;
use crate::cli::{output, report};
use crate::render::{Format, plural, render_findings};
use crate::source::{Diagnostic, LoadOptions, Loaded, Severity, load};

pub(in crate::cli) fn run(args: &ValidateArgs, ui: &Ui) -> Result<ExitStatus, CliError> {
    let Loaded { desired, diagnostics, .. } =
        load(&args.estate.estate, &LoadOptions { environment: &env::read_for_estate });
    report::diagnostics(ui, &diagnostics);
    let resources = desired.as_ref().map_or(0, |desired| desired.resources.len());
    let found: Vec<_> = diagnostics.iter().map(finding).collect();
    output::write(ui, &args.output, |format, _| match format {
        Format::Text => summary(&diagnostics, resources),
        Format::Json => render_findings(&found, format),
    })?;
    let worst = diagnostics.iter().map(Diagnostic::severity).min();
    let invalid = match worst {
        Some(Severity::Error) => true,
        Some(Severity::Warning) => args.strict,
        Some(Severity::Info) | None => false,
    };
    Ok(if invalid { ExitStatus::InvalidInput } else { ExitStatus::Done })
}

fn summary(diagnostics: &[Diagnostic], resources: usize) -> String {
    let is_valid = diagnostics.iter().all(|found| found.severity() != Severity::Error);
    if is_valid && diagnostics.is_empty() {
        return format!("Valid: {}\n", plural::RESOURCE.count(resources));
    }
    let verdict = if is_valid { "Valid" } else { "Invalid" };
    format!("{verdict}: {}\n", report::counts(diagnostics))
}
