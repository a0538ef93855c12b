//! One package goes from test over acceptance to production, by one word each.

use mxkeep::apply::ApplyEvent;
use serde_json::json;

use super::{Desk, makes_something, packages, running, world};
use crate::support::driver::load_valid;

#[test]
fn one_package_is_built_once_and_promoted_by_one_word() {
    let desk = Desk::new();
    let world = world(&desk);
    let first = desk.apply(&world).exits(0);
    assert!(first.outcomes().values().all(|outcome| outcome == "done"), "{first}");
    let made = packages(&world);
    assert_eq!(made.len(), 1, "{made:#?}");
    let description = made[0]["description"].as_str().unwrap();
    assert!(description.starts_with("Fixed 7733 [mxkeep desk-1.0.0 "), "{description}");
    let old = made[0]["id"].as_str().unwrap().to_owned();
    for stage in ["test", "acceptance", "production"] {
        assert_eq!(running(&world, stage), old);
    }
    desk.is_settled(&world);
    let again = desk.apply(&world).exits(0);
    assert!(again.outcomes().is_empty(), "{again}");
    assert!(world.take_requests().iter().all(|request| request.starts_with("GET ")));

    // A new revision is another package, and only the stage that names it changes.
    desk.packages(&[
        ("desk-1.0.0", "branch: main, revision: a1, version: 1.0.0"),
        ("desk-1.1.0", "branch: main, revision: b2, version: 1.1.0"),
    ]);
    desk.runs(&["desk-1.1.0", "desk-1.0.0", "desk-1.0.0"]);
    let plan = desk.run(&world, &["plan", "--format", "json"]).exits(0);
    let ids: Vec<_> = plan.json()["actions"].as_array().unwrap().iter().map(|it| it["id"].clone()).collect();
    assert_eq!(ids, ["create:package/desk-1.1.0", "update:environment/desk/test"]);
    let update = &plan.json()["actions"][1];
    assert_eq!(update["needs"], json!(["create:package/desk-1.1.0"]));
    let change = &update["changes"][0];
    assert_eq!(
        (&change["path"], &change["before"], &change["after"]),
        (&json!("deployment.packageId"), &json!(old), &json!(null))
    );
    assert_eq!(change["knownAfter"], json!("package/desk-1.1.0"));
    let text = desk.run(&world, &["plan"]).exits(0);
    assert!(text.stdout.contains("(known after package/desk-1.1.0)"), "{text}");
    let _ = desk.apply(&world).exits(0);
    assert_eq!(packages(&world).len(), 2);
    let new = running(&world, "test");
    assert_ne!(new, old);
    assert_eq!(running(&world, "acceptance"), old);
    desk.is_settled(&world);

    // From here on nothing is built.
    desk.runs(&["desk-1.1.0", "desk-1.1.0", "desk-1.0.0"]);
    let _ = world.take_requests();
    let accepted = desk.apply(&world).exits(0);
    assert_eq!(accepted.outcomes().keys().collect::<Vec<_>>(), ["update:environment/desk/acceptance"]);
    desk.runs(&["desk-1.1.0"; 3]);
    let produced = desk.apply(&world).exits(0);
    assert_eq!(produced.outcomes().keys().collect::<Vec<_>>(), ["update:environment/desk/production"]);
    assert!(!world.take_requests().iter().any(|request| makes_something(request)));
    assert_eq!([running(&world, "acceptance"), running(&world, "production")], [new.clone(), new]);
    assert_eq!(packages(&world).len(), 2);
    desk.is_settled(&world);
}

#[test]
fn production_waits_until_acceptance_runs_the_new_package() {
    let desk = Desk::new();
    let world = world(&desk);
    let _ = desk.apply(&world).exits(0);
    desk.packages(&[("desk-2.0.0", "branch: main, revision: c3")]);
    desk.runs(&["desk-2.0.0"; 3]);
    let desired = load_valid(desk.path());
    let plan = world.plan(&desired);
    let (outcome, events) = world.apply(&desired, &plan);
    assert!(outcome.actions.iter().all(|report| report.verified), "{outcome:#?}");
    let at = |wanted: &dyn Fn(&ApplyEvent) -> bool| events.iter().position(wanted).unwrap();
    let started = |id: &'static str| {
        at(&move |event| matches!(event, ApplyEvent::ActionStarted { action } if action == id))
    };
    let finished = |id: &'static str| {
        at(&move |event| matches!(event, ApplyEvent::ActionFinished { action, .. } if action == id))
    };
    assert!(
        finished("create:package/desk-2.0.0") < started("update:environment/desk/acceptance"),
        "{events:#?}"
    );
    assert!(
        finished("update:environment/desk/acceptance") < started("update:environment/desk/production"),
        "{events:#?}"
    );
    // Test does not wait for anything but the package.
    assert!(
        started("update:environment/desk/test") < finished("update:environment/desk/acceptance"),
        "{events:#?}"
    );
}

#[test]
fn an_upload_is_known_by_its_content() {
    let desk = Desk::new();
    let world = world(&desk);
    desk.write("dist/desk.mda", "PK first");
    desk.packages(&[("desk-1.0.0", "file: dist/desk.mda")]);
    let _ = desk.apply(&world).exits(0);
    let [first] = packages(&world).try_into().unwrap();
    let name = first["fileName"].as_str().unwrap();
    assert!(name.starts_with("desk-1.0.0-") && name.ends_with(".mda"), "{name}");
    assert_eq!(first["fileSize"], 8);
    // printf 'PK first' | sha256sum
    assert_eq!(first["sha256"], "4a8a6da1d5e0fab673a7f2e53780ee11687def20f0998e326f8a6a2bcd5bd744");
    desk.is_settled(&world);
    // The same content elsewhere is the same package; another content is another one.
    fs_err::rename(desk.path().join("dist"), desk.path().join("out")).unwrap();
    desk.packages(&[("desk-1.0.0", "file: out/desk.mda")]);
    desk.is_settled(&world);
    desk.write("out/desk.mda", "PK second");
    let changed = desk.apply(&world).exits(0);
    assert_eq!(changed.outcomes().len(), 4, "{changed}");
    assert_eq!(packages(&world).len(), 2);
    desk.is_settled(&world);
}

#[test]
fn a_package_that_exists_is_named_by_its_id() {
    let desk = Desk::new();
    let world = world(&desk);
    let _ = desk.apply(&world).exits(0);
    let id = packages(&world)[0]["id"].as_str().unwrap().to_owned();
    desk.packages(&[("desk-1.0.0", &format!("packageId: {id}"))]);
    desk.is_settled(&world);
}

#[test]
fn a_package_goes_by_a_tombstone_once_nobody_runs_it() {
    let desk = Desk::new();
    let world = world(&desk);
    let _ = desk.apply(&world).exits(0);
    let old = packages(&world)[0]["id"].as_str().unwrap().to_owned();
    let remove = format!("remove:\n  - {{address: package/desk-1.0.0, id: {old}, app: desk}}\n");
    desk.write("remove.yaml", &remove);
    // It is declared, whatever its id.
    let declared = desk.run(&world, &["plan"]).exits(6);
    assert!(declared.stdout.contains("`package/desk-1.0.0` is declared and is this package"), "{declared}");
    desk.packages(&[("desk-1.1.0", "branch: main, revision: b2")]);
    desk.runs(&["desk-1.1.0", "desk-1.1.0", "desk-1.1.0"]);
    // Everybody lets go of it in the same run.
    let plan = desk.run(&world, &["plan", "--format", "json"]).exits(0);
    let delete = plan.json()["actions"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(delete["id"], "delete:package/desk-1.0.0");
    assert_eq!(delete["needs"].as_array().unwrap().len(), 3);
    let _ = desk.apply(&world).exits(0);
    let left: Vec<_> = packages(&world).iter().map(|it| it["id"].clone()).collect();
    assert_eq!(left, [json!(running(&world, "test"))]);
    // And of the next one, somebody does not.
    let remove =
        format!("remove:\n  - {{address: package/desk-1.1.0, id: {}, app: desk}}\n", running(&world, "test"));
    desk.write("remove.yaml", &remove);
    desk.packages(&[("desk-1.2.0", "branch: main, revision: c4")]);
    desk.runs(&["desk-1.2.0", "desk-1.2.0", "desk-1.2.0"]);
    fs_err::remove_file(desk.path().join("test.yaml")).unwrap();
    let blocked = desk.run(&world, &["plan"]).exits(6);
    assert!(blocked.stdout.contains("still runs in `environment/desk/test`"), "{blocked}");
}
