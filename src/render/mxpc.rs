//! The versions of mxpc-cli that can be downloaded.

use serde_json::json;

use super::json::finish;
use super::layout::{Line, Page};
use super::sanitise::Message;
use super::style::{Label, Style};
use super::{TableFormat, schemas};

/// A version of mxpc-cli.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MxpcVersion {
    /// The version.
    pub version: Message,
    /// The version of the operator that it installs.
    pub operator: Option<Message>,
    /// The operating systems that it exists for.
    pub systems: Vec<Message>,
    /// The architectures that it exists for.
    pub architectures: Vec<Message>,
}

/// Writes the versions, the newest first, as they are given.
pub fn render_mxpc_versions(versions: &[MxpcVersion], format: TableFormat, style: &Style) -> String {
    match format {
        TableFormat::Json => data(versions),
        TableFormat::Text => text(versions, style),
    }
}

fn text(versions: &[MxpcVersion], style: &Style) -> String {
    let mut page = Page::new(style);
    let heads = ["VERSION", "OPERATOR", "SYSTEMS", "ARCHITECTURES"].map(str::to_owned);
    let rows: Vec<[String; 4]> = versions
        .iter()
        .map(|it| {
            let operator = it.operator.as_ref().map_or("-", Message::as_str).to_owned();
            [it.version.as_str().to_owned(), operator, listed(&it.systems), listed(&it.architectures)]
        })
        .collect();
    let width = |column: usize| {
        let cells = std::iter::once(&heads).chain(&rows).filter_map(|row| row.get(column));
        cells.map(|cell| unicode_width::UnicodeWidthStr::width(cell.as_str())).max().unwrap_or(0)
    };
    let widths = [width(0), width(1), width(2), width(3)];
    for (label, row) in
        std::iter::once((Label::Heading, &heads)).chain(rows.iter().map(|row| (Label::Plain, row)))
    {
        let mut line = Line::new(0);
        let mut end = 0;
        for (cell, width) in row.iter().zip(widths) {
            line = line.pad(end).add(label, cell.clone());
            end += width + 2;
        }
        page.line(&line);
    }
    page.finish()
}

fn listed(words: &[Message]) -> String {
    words.iter().map(Message::as_str).collect::<Vec<_>>().join(", ")
}

fn data(versions: &[MxpcVersion]) -> String {
    let words = |list: &[Message]| list.iter().map(|word| word.as_str().to_owned()).collect::<Vec<_>>();
    let version = |it: &MxpcVersion| {
        json!({
            "version": it.version.as_str(),
            "operatorVersion": it.operator.as_ref().map(Message::as_str),
            "operatingSystems": words(&it.systems),
            "architectures": words(&it.architectures),
        })
    };
    finish(&json!({"format": schemas::MXPC, "versions": versions.iter().map(version).collect::<Vec<_>>()}))
}
