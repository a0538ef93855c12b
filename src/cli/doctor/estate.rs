//! The estate: whether there is one, whether it is valid, and whether its variables are set.

use std::collections::BTreeSet;
use std::path::Path;

use super::Examination;
use crate::cli::context::{Estate, read_estate};
use crate::cli::report;
use crate::cli::ui::Ui;
use crate::model::{DeclaredValue, DesiredState, Fields, Reference};
use crate::render::plural;

/// Looks at the estate. Outside of one there is still something to look at.
pub(in crate::cli) fn estate(exam: &mut Examination, directory: &Path, ui: &Ui) -> Option<Estate> {
    if !directory.join("mxkeep.yaml").exists() {
        exam.warn(
            "estate",
            format!("there is no `mxkeep.yaml` in `{}`", directory.display()),
            "name the directory of an estate; what needs one is left out",
        );
        return None;
    }
    match read_estate(directory) {
        Ok(estate) => {
            let resources = plural::RESOURCE.count(estate.desired.resources.len());
            let problems = report::counts(&estate.warnings);
            exam.ok(
                "estate",
                format!("`{}` is valid: {resources}, {problems}", estate.desired.settings.estate),
            );
            variables(exam, &estate.desired);
            Some(estate)
        }
        Err(error) => {
            report::diagnostics(ui, &error.diagnostics);
            exam.fail(
                "estate",
                error.status,
                &error.message,
                "mxkeep validate shows what is wrong, and where",
            );
            None
        }
    }
}

fn variables(exam: &mut Examination, desired: &DesiredState) {
    let (mut all, mut unset) = (BTreeSet::new(), BTreeSet::new());
    for resource in desired.resources.values() {
        collect(&resource.fields, &mut all, &mut unset);
    }
    if unset.is_empty() {
        let said = match all.len() {
            0 => "the estate takes no values from variables".to_owned(),
            1 => "the variable that the estate names is set".to_owned(),
            many => format!("all {many} variables that the estate names are set"),
        };
        return exam.ok("variables", said);
    }
    let names: Vec<_> = unset.iter().map(|name| format!("`{name}`")).collect();
    exam.warn(
        "variables",
        format!("not set: {}", names.join(", ")),
        "a plan does not compare what it does not know; apply needs them where it has to send their values",
    );
}

/// The variables that fields take their values from, and those that are not set.
fn collect(fields: &Fields, all: &mut BTreeSet<String>, unset: &mut BTreeSet<String>) {
    for declared in fields.values() {
        match &declared.value {
            DeclaredValue::Outside(outside) => {
                if let Reference::Env(name) = &outside.reference {
                    all.insert(name.clone());
                    if outside.expose().is_none() {
                        unset.insert(name.clone());
                    }
                }
            }
            DeclaredValue::Object(fields) => collect(fields, all, unset),
            DeclaredValue::List(list) => {
                list.items.values().for_each(|item| collect(&item.fields, all, unset));
            }
            _ => {}
        }
    }
}
