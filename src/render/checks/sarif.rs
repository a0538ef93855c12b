//! SARIF 2.1.0, for code scanning and for editors.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use serde_sarif::sarif::{
    ArtifactLocation, Location, Message, MultiformatMessageString, PhysicalLocation, Region,
    ReportingDescriptor, Result, ResultLevel, Run, SCHEMA_URL, Sarif, Tool, ToolComponent, Version,
};

use super::results::{Found, NO_PLACE, file, of};
use crate::render::findings::FindingSeverity;
use crate::render::json::finish;
use crate::render::report::Report;
use crate::render::style::Style;

/// The name of our fingerprints: another way to make them gets another number.
const FINGERPRINT: &str = "mxkeep/v1";

/// Writes SARIF.
pub(in crate::render) fn sarif(report: &Report, style: &Style) -> String {
    let found = of(report);
    let codes: BTreeSet<&str> = found.iter().map(|found| found.code.as_str()).collect();
    let rule = |code: &&str| {
        let text = format!("mxkeep: {code}");
        let short = MultiformatMessageString::builder().text(text).build();
        ReportingDescriptor::builder().id((*code).to_owned()).short_description(short).build()
    };
    let driver = ToolComponent::builder()
        .name("mxkeep")
        .version(env!("CARGO_PKG_VERSION"))
        .rules(codes.iter().map(rule).collect::<Vec<_>>())
        .build();
    let run = Run::builder()
        .tool(Tool::builder().driver(driver).build())
        // Columns are counted as in every report.
        .column_kind("unicodeCodePoints")
        .results(found.iter().map(|found| result(found, style)).collect::<Vec<_>>())
        .build();
    let version = serde_json::to_value(Version::V2_1_0).unwrap_or_default();
    let log = Sarif::builder().schema(SCHEMA_URL).version(version).runs(vec![run]).build();
    // What was built here becomes JSON: it has texts for keys.
    finish(&serde_json::to_value(&log).unwrap_or(Value::Null))
}

fn result(found: &Found, style: &Style) -> Result {
    let help = found.help.as_ref().map(|help| format!("\nHelp: {help}")).unwrap_or_default();
    let message = Message::builder().text(format!("{}{help}", found.message)).build();
    let level = match found.severity {
        FindingSeverity::Error => ResultLevel::Error,
        FindingSeverity::Warning => ResultLevel::Warning,
        FindingSeverity::Info => ResultLevel::Note,
    };
    let prints = BTreeMap::from([(FINGERPRINT.to_owned(), found.fingerprint.clone())]);
    Result::builder()
        .rule_id(found.code.clone())
        .level(level)
        .message(message)
        .locations(vec![location(found, style)])
        .partial_fingerprints(prints)
        .build()
}

fn location(found: &Found, style: &Style) -> Location {
    let (path, region) = match &found.place {
        Some(place) => {
            let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX).max(1);
            let region = Region::builder()
                .start_line(number(place.line))
                .start_column(number(place.column))
                .end_line(number(place.end_line))
                .end_column(number(place.end_column))
                .build();
            (file(style, place), region)
        }
        None => (format!("{}{NO_PLACE}", style.root), Region::builder().start_line(1).build()),
    };
    let artifact = ArtifactLocation::builder().uri(uri(&path)).uri_base_id("%SRCROOT%").build();
    let physical = PhysicalLocation::builder().artifact_location(artifact).region(region).build();
    Location::builder().physical_location(physical).build()
}

/// A relative reference: whatever is in a name stays part of the path.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        let is_safe = byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
        out.push_str(&if is_safe { char::from(byte).to_string() } else { format!("%{byte:02X}") });
    }
    out
}
