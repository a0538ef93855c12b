//! Packages: what a build takes (DOMAIN 2.15). Lengths and forms are in the field table.

use super::super::codes;
use super::super::diagnostic::Problem;
use super::subject::{Estate, Subject};
use crate::model::Kind;

pub(super) fn check(estate: Estate<'_>, problems: &mut Vec<Problem>) {
    for package in estate.of(Kind::Package) {
        main_line(package, problems);
    }
}

/// BLD-03: the name that Studio Pro shows is not always the one that builds take.
fn main_line(package: Subject<'_>, problems: &mut Vec<Problem>) {
    let Some(branch) = package.find(&["branch"]) else { return };
    if branch.text().is_some_and(|text| text.eq_ignore_ascii_case("main line")) {
        let message = "`Main line` may not be the name of the branch";
        problems.push(branch.breaks(&codes::BLD_03, message).help("write `branch: trunk`"));
    }
}
