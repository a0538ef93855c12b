//! Annotations for GitHub Actions: orders in the log of a step, which become marks in the files of a pull request.
//!
//! `::error file=FILE,line=N,endLine=N,title=TITLE::MESSAGE`, with `%`, line ends and, in properties, `:` and `,`
//! escaped (GitHub Docs, "Workflow commands for GitHub Actions").

use super::results::{Found, file, of};
use crate::render::findings::FindingSeverity;
use crate::render::orders::without_orders;
use crate::render::plural::number;
use crate::render::report::Report;
use crate::render::style::Style;

/// How many marks of one severity GitHub takes from a step; of more it shows the first.
const MOST: usize = 10;

/// Writes annotations: the most that are shown of each severity, what matters most first.
pub(in crate::render) fn annotations(report: &Report, style: &Style) -> String {
    let found = of(report);
    let mut out = String::new();
    for (severity, word) in [
        (FindingSeverity::Error, "error"),
        (FindingSeverity::Warning, "warning"),
        (FindingSeverity::Info, "notice"),
    ] {
        let all: Vec<&Found> = found.iter().filter(|found| found.severity == severity).collect();
        // The last place tells of all for which there is none.
        let shown = if all.len() > MOST { MOST - 1 } else { all.len() };
        for found in all.iter().take(shown) {
            out.push_str(&line(word, found, style));
        }
        if all.len() > shown {
            let more = number(all.len() - shown);
            let message = format!("{more} more like this are not marked; the report has them all");
            out.push_str(&format!("::{word} title=mxkeep::{}\n", data(&message)));
        }
    }
    if out.is_empty() { "mxkeep: nothing to mark\n".to_owned() } else { out }
}

fn line(word: &str, found: &Found, style: &Style) -> String {
    let title = match &found.subject {
        Some(subject) => format!("{} {subject}", found.code),
        None => found.code.clone(),
    };
    let place = found.place.as_ref().map(|place| {
        let (file, line, end) = (file(style, place), place.line, place.end_line);
        format!("file={},line={line},endLine={end},", property(&file))
    });
    let help = found.help.as_ref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
    let message = data(&format!("{}{help}", found.message));
    format!("::{word} {}title={}::{message}\n", place.unwrap_or_default(), property(&title))
}

/// A message: nothing in it begins another order, or ends this one.
fn data(text: &str) -> String {
    without_orders(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
