//! Secrets that the API never returns: Git shows whether their declaration changed.

use mxkeep::diff::Class;
use mxkeep::plan::{PlanOptions, note};
use tempfile::TempDir;

use super::{Estate, classes, notes};
use crate::support::edit;

const PATH: &str = "runtime.mxAdminPassword";
/// `Sw0rdfish!` and `Tr0ut!` in base64.
const OLD: &str = "U3cwcmRmaXNoIQ==";
const NEW: &str = "VHIwdXQh";

fn declare(directory: &TempDir, runtime: &str) {
    edit(&directory.path().join("shop.yaml"), "  container:", &format!("  runtime: {runtime}\n  container:"));
}

/// An estate that declares this of the runtime, and has it applied.
fn applied(runtime: &str) -> Estate {
    Estate::new(|directory| {
        fs_err::write(directory.path().join("old.txt"), "Sw0rdfish!").unwrap();
        fs_err::write(directory.path().join("new.txt"), "Tr0ut!").unwrap();
        declare(directory, runtime);
    })
}

fn held(estate: &Estate) -> Option<String> {
    let state = estate.world.get().world();
    let runtime = &state["environments"][0]["manifest"]["environment"]["runtime"];
    runtime["mxAdminPassword"].as_str().map(str::to_owned)
}

/// Applies the change of a declaration; whether it was sent, and what the platform holds then.
fn after(before: &str, now: &str) -> (bool, Option<String>) {
    let estate = applied(before);
    estate.edit("shop.yaml", before, now);
    let (head, plan) = estate.plan(&PlanOptions::new());
    let found = classes(&plan);
    assert!(found.values().all(|class| *class == Class::Change), "{found:?}");
    let is_sent = found.keys().any(|(_, path)| path == PATH);
    // What is sent needs no note; what is not sent has one.
    let told = notes(&plan, note::WRITE_ONLY).iter().any(|message| message.contains(PATH));
    assert!(!(told && is_sent), "{plan:#?}");
    estate.world.take_requests();
    estate.apply(&head, &plan);
    let puts = estate.world.take_requests().iter().filter(|request| request.starts_with("PUT")).count();
    assert_eq!(puts, usize::from(is_sent));
    (is_sent, held(&estate))
}

#[test]
fn a_declaration_that_changed_is_sent() {
    let old = "{mxAdminPassword: {fromFile: old.txt}}";
    let sent = |now: &str| after(old, now);
    assert_eq!(sent("{mxAdminPassword: {fromFile: old.txt, version: 2}}"), (true, Some(OLD.to_owned())));
    assert_eq!(sent("{mxAdminPassword: {fromFile: new.txt}}"), (true, Some(NEW.to_owned())));
    assert_eq!(sent("{mxAdminPassword: null}"), (true, None));
    // A place in the file, and whether it may be shown, are no other secret.
    assert_eq!(sent("{ mxAdminPassword:  {fromFile: old.txt} }"), (false, Some(OLD.to_owned())));
}

#[test]
fn a_secret_that_is_declared_for_the_first_time_is_sent() {
    let now = "{environmentVariables: {A: b}, mxAdminPassword: {fromFile: new.txt}}";
    assert_eq!(after("{environmentVariables: {A: b}}", now), (true, Some(NEW.to_owned())));
}

/// Somebody stops managing it: it stays as it is.
#[test]
fn a_secret_that_is_declared_no_more_is_left() {
    let before = "{environmentVariables: {A: b}, mxAdminPassword: {fromFile: new.txt}}";
    assert_eq!(after(before, "{environmentVariables: {A: b}}"), (false, Some(NEW.to_owned())));
}

/// A file that Git holds tells by its content, whatever its declaration says.
#[test]
fn a_file_with_another_content_is_another_secret() {
    let estate = applied("{mxAdminPassword: {fromFile: old.txt}}");
    estate.write("old.txt", "Tr0ut!");
    let (head, plan) = estate.plan(&PlanOptions::new());
    estate.apply(&head, &plan);
    assert_eq!(held(&estate).as_deref(), Some(NEW));
}

/// Nothing tells whether a resource that was declared nowhere has the secret that is declared now.
#[test]
fn nothing_is_sent_to_a_resource_that_was_declared_nowhere() {
    let mut estate = applied("{mxAdminPassword: {fromFile: old.txt}}");
    estate.base.resources.retain(|identity, _| identity.kind() != mxkeep::model::Kind::Environment);
    let (_, plan) = estate.plan(&PlanOptions::new());
    assert!(plan.actions.is_empty(), "{:#?}", plan.actions);
    let told = notes(&plan, note::WRITE_ONLY);
    assert!(told.iter().any(|message| message.contains("--rotate environment/shop/shop1")), "{told:?}");
}

/// A variable of another name may hold the same; a variable of the same name may hold something else. Neither is known.
#[test]
fn what_a_variable_held_before_is_never_a_conflict() {
    let before = "{environmentVariables: {A: {fromFile: old.txt}}}";
    let estate = applied(before);
    estate.world.edit(super::ENVIRONMENT, "/runtime/environmentVariables/0/value", "edited".into());
    estate.edit("shop.yaml", before, "{environmentVariables: {A: {fromFile: new.txt}}}");
    let path = ("environment/shop/shop1".to_owned(), "runtime.environmentVariables[A].value".to_owned());
    let (_, plan) = estate.plan(&PlanOptions::new());
    assert_eq!(classes(&plan)[&path], Class::Conflict, "what a file held, Git knows");

    let mut estate = estate;
    for resource in estate.base.resources.values_mut() {
        forget(&mut resource.fields);
    }
    let (_, plan) = estate.plan(&PlanOptions::new());
    assert_eq!(classes(&plan)[&path], Class::Change);
}

/// Makes variables of the values from files: what they held is not known.
fn forget(fields: &mut mxkeep::model::Fields) {
    use mxkeep::model::{DeclaredValue, Reference};
    for declared in fields.values_mut() {
        match &mut declared.value {
            DeclaredValue::Outside(outside) => {
                outside.reference = Reference::Env("SOME".to_owned());
                outside.value = None;
            }
            DeclaredValue::Object(fields) => forget(fields),
            DeclaredValue::List(list) => list.items.values_mut().for_each(|item| forget(&mut item.fields)),
            _ => {}
        }
    }
}
