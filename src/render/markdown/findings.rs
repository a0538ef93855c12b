//! What is wrong with the files, or why a command ended without a result.

use super::document::{Document, Item};
use super::escape::{code, prose};
use super::{Links, place};
use crate::render::findings::{Finding, FindingsView};
use crate::render::parts::SEVERITIES;
use crate::render::words::findings_sum;

pub(super) fn document(view: &FindingsView, links: Links<'_>) -> Document {
    let mut document = Document { marker: "<!-- mxkeep:validate: -->".to_owned(), ..Document::default() };
    document.head.push("## mxkeep: findings".to_owned());
    document.head.push(format!("**{}**", findings_sum(view)));
    for (severity, title) in SEVERITIES {
        let of = view.findings.iter().filter(|finding| finding.severity == severity);
        document.section(title, of.map(|finding| item(finding, links)).collect());
    }
    document
}

fn item(finding: &Finding, links: Links<'_>) -> Item {
    let Finding { code: stable, severity, message, help, address, path: _, source } = finding;
    let place = source.as_ref().map(|at| format!("{}: ", place(links, at))).unwrap_or_default();
    let address = address.as_ref().map(|it| format!(" in {}", code(it.exact()))).unwrap_or_default();
    let help = help.as_ref().map(|help| format!(" **Help:** {}", prose(help.as_str()))).unwrap_or_default();
    let line = format!("{place}{} ({}){address}.{help}", prose(message.as_str()), code(stable));
    Item::line(*severity as u8, code(stable), line)
}
