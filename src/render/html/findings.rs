//! What is wrong with the files, or why a command ended without a result.

use maud::html;

use super::page::{Item, Page, Section};
use super::{Links, place, prose};
use crate::render::findings::{Finding, FindingSeverity, FindingsView};
use crate::render::parts::SEVERITIES;
use crate::render::words::findings_sum;

pub(super) fn page(view: &FindingsView, links: Links<'_>) -> Page {
    let section = |(severity, title): &(FindingSeverity, &str)| Section {
        title: (*title).to_owned(),
        items: view
            .findings
            .iter()
            .filter(|finding| finding.severity == *severity)
            .map(|it| item(it, links))
            .collect(),
    };
    Page {
        title: "mxkeep: findings".to_owned(),
        sum: findings_sum(view),
        sections: SEVERITIES.iter().map(section).collect(),
        ..Page::default()
    }
}

fn item(finding: &Finding, links: Links<'_>) -> Item {
    let Finding { code, severity, message, help, address, path, source } = finding;
    let look = match severity {
        FindingSeverity::Error => "failed",
        FindingSeverity::Warning => "update",
        FindingSeverity::Info => "plain",
    };
    let head = html! {
        @if let Some(source) = source { (place(links, source)) }
        span { (prose(message)) " (" code { (code) } ")" }
    };
    let body = html! {
        @if let Some(help) = help { p { strong { "Help: " } (prose(help)) } }
        @if let Some(address) = address {
            p.facts { "In " code { (address) } @if let Some(path) = path { ", " code { (path) } } }
        }
    };
    let has_body = help.is_some() || address.is_some();
    Item { state: severity.name(), look, head, body: has_body.then_some(body), is_open: true }
}
