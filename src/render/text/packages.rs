//! The packages of apps, for people: a table for each app.

use crate::apply::size;
use crate::render::layout::{Line, Page};
use crate::render::plural::PACKAGE;
use crate::render::sanitise::Name;
use crate::render::style::{Label, Style};
use crate::render::table::{Cell, Group, Table};
use crate::render::view::{PackageRowView, PackagesView};

pub(in crate::render) fn packages(view: &PackagesView, style: &Style) -> String {
    let PackagesView { estate: _, packages } = view;
    let mut page = Page::new(style);
    let plain = |text: &Name| (Label::Plain, text.to_string());
    let fact = |name: &'static str| packages.iter().map(|row| row.fact(name).map(plain)).collect::<Vec<_>>();
    let dates = |name: &'static str| packages.iter().map(|row| row.fact(name).map(day)).collect::<Vec<_>>();
    let mut apps: Vec<&Name> = packages.iter().map(|row| &row.app).collect();
    apps.dedup();
    for app in apps {
        page.line(&Line::new(0).add(Label::Heading, format!("App {app}")));
    }
    let names = packages.iter().map(|row| (Label::Address, row.name.to_string())).collect();
    let left_out = Table::new(names)
        .column("ID", packages.iter().map(|row| Some(plain(&row.id))).collect())
        .column("VERSION", fact("modelVersion"))
        .column("RUNS IN", packages.iter().map(users).collect())
        .column("EXPIRES", dates("expiryDate"))
        .column("CREATED", dates("createdOn"))
        .column("SIZE", packages.iter().map(|row| Some((Label::Dim, size(row.size?)))).collect())
        .show(&mut page, &[Group { head: "PACKAGE", rows: packages.len() }]);
    page.blank();
    if !left_out.is_empty() {
        let text =
            format!("left out for want of room: {}; --format json has everything", left_out.join(", "));
        page.prose(0, (Label::Dim, ""), Label::Dim, &text);
    }
    page.line(&Line::new(0).add(Label::Plain, PACKAGE.count(packages.len())));
    page.finish()
}

fn users(row: &PackageRowView) -> Option<Cell> {
    let names: Vec<&str> =
        row.environments.iter().filter_map(|address| address.exact().rsplit('/').next()).collect();
    (!names.is_empty()).then(|| (Label::Plain, Name::new(names.join(", ")).to_string()))
}

/// The day of a time.
fn day(time: &Name) -> Cell {
    (Label::Plain, time.to_string().chars().take(10).collect())
}
