//! Access to apps on Mendix Cloud: estate 8 of the domain, and what can go wrong on its way.

use mxkeep::apply::ActionOutcome;
use serde_json::{Value, json};

use crate::support::driver::load_valid;
use crate::support::{CommandOutput, Mxkeep, World, edit, estate, example};

const CRM: &str = "77ce12ac-6831-5f90-8cfe-a785d44defac";
const TEST: &str = "5dbd7fd5-0c31-5412-a3b1-a30d33eda4ba";
const ACCEPTANCE: &str = "574813bc-fba4-5809-8f81-4bd0bb4f8cba";
const PRODUCTION: &str = "206c2c78-60d1-5e18-9a66-2922ae4b87e3";
const RIGHTS: [&str; 6] = [
    "canDeployApp",
    "canManageBackups",
    "canViewAlerts",
    "canAccessAPI",
    "canViewLogs",
    "canManagePrivileges",
];

fn row(user: &str, rights: &[&str]) -> Value {
    let mut row = json!({ "userId": user });
    for right in rights {
        row[right] = true.into();
    }
    row
}

/// The world of estate 8: an app whose technical contact owns the token, somebody who left, a team with hardly a right.
fn started() -> World {
    let world = World::quick();
    world.get().set_owner("old.lead@corp.example", false);
    let team = ["ci-robot@corp.example", "dev1@corp.example", "dev2@corp.example", "ops@corp.example"];
    let environment = |id: &str, more: &[Value]| {
        let mut rows: Vec<Value> = team.iter().map(|user| row(user, &[])).collect();
        rows.extend_from_slice(more);
        json!({"id": id, "permissions": rows})
    };
    let leaver = row("leaver@corp.example", &["canDeployApp", "canViewLogs"]);
    let body = json!({
        "name": "crm-suite",
        "technicalContact": "old.lead@corp.example",
        "members": ["new.lead@corp.example"],
        "environments": [
            environment(TEST, &[]),
            environment(ACCEPTANCE, &[]),
            environment(PRODUCTION, &[leaver, row("old.lead@corp.example", &RIGHTS)]),
        ],
    });
    world.get().register_cloud_app(CRM, &body);
    let free = json!({"name": "idea-box", "licenseType": "free", "members": ["old.lead@corp.example", "new.lead@corp.example"]});
    world.get().register_cloud_app("cbb3585d-f777-5886-9c90-a4bbace1ace2", &free);
    world
}

fn run(world: &World, estate: &tempfile::TempDir, args: &[&str]) -> CommandOutput {
    Mxkeep::new(args.iter().copied()).dir(estate.path()).against(world).run()
}

fn permissions(world: &World, environment: &str) -> Vec<Value> {
    let apps = world.get().world()["cloudApps"].clone();
    let app = apps.as_array().unwrap().iter().find(|app| app["appId"] == CRM).unwrap();
    let all = app["environments"].as_array().unwrap();
    all.iter().find(|it| it["id"] == environment).unwrap()["permissions"].as_array().unwrap().clone()
}

fn rights_of(world: &World, environment: &str, user: &str) -> Vec<&'static str> {
    let rows = permissions(world, environment);
    let row = rows.iter().find(|row| row["userId"] == user).unwrap();
    RIGHTS.into_iter().filter(|right| row[right] == true).collect()
}

fn writes(world: &World) -> Vec<String> {
    world.take_requests().into_iter().filter(|line| !line.starts_with("GET ")).collect()
}

fn path_of(environment: &str) -> String {
    format!("PATCH /cloud/api/v4/apps/{CRM}/environments/{environment}/permissions")
}

fn hand_over() -> String {
    format!("PATCH /cloud/api/v4/apps/{CRM}")
}

#[test]
fn estate_8_is_planned_applied_and_planned_to_nothing() {
    let (world, estate) = (started(), example("cloud-permissions"));
    let _ = Mxkeep::new(["validate", "--strict"]).dir(estate.path()).run().exits(0);

    let plan = run(&world, &estate, &["plan", "--exit-code", "--format", "json"]).exits(2).json();
    let ids: Vec<_> =
        plan["actions"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect();
    let (update, last) = ("update:cloud-app/crm-suite", "update:cloud-app/crm-suite#technicalContact");
    assert_eq!(ids, [update, last]);
    assert_eq!(plan["actions"][1]["needs"], json!([update]));
    let change = &plan["actions"][1]["changes"][0];
    assert_eq!(
        (&change["before"], &change["after"]),
        (&json!("old.lead@corp.example"), &json!("new.lead@corp.example"))
    );
    let first = plan["actions"][0]["changes"][0].clone();
    assert_eq!(
        first["path"],
        format!("environments[{PRODUCTION}].permissions[ci-robot@corp.example].canDeployApp")
    );
    assert_eq!((&first["before"], &first["after"]), (&json!(false), &json!(true)));
    assert_eq!(first["source"]["line"], 13, "the use of the role, not the role");
    let leaver = format!("environments[{PRODUCTION}].permissions[leaver@corp.example]");
    assert_eq!(plan["unmanaged"], json!([{"address": "cloud-app/crm-suite", "id": leaver}]));
    assert!(world.take_requests().iter().all(|line| line.starts_with("GET /cloud/api/v4/apps/")));

    let _ = run(&world, &estate, &["apply", "--yes"]).exits(0);
    let sent = writes(&world);
    let (permissions, last) = sent.split_at(sent.len() - 1);
    assert_eq!(last, [hand_over()], "{sent:#?}");
    let mut expected = [TEST, ACCEPTANCE, PRODUCTION].map(path_of);
    expected.sort();
    assert_eq!(
        {
            let mut sorted = permissions.to_vec();
            sorted.sort();
            sorted
        },
        expected
    );
    assert_eq!(rights_of(&world, PRODUCTION, "dev1@corp.example"), ["canViewAlerts", "canViewLogs"]);
    assert_eq!(
        rights_of(&world, TEST, "ci-robot@corp.example"),
        ["canDeployApp", "canAccessAPI", "canViewLogs"]
    );
    assert_eq!(rights_of(&world, PRODUCTION, "leaver@corp.example"), ["canDeployApp", "canViewLogs"]);

    let again = run(&world, &estate, &["apply", "--yes"]).exits(0);
    assert_eq!(again.stdout.lines().last(), Some("Nothing to do: 2 resources are as declared"));
    assert_eq!(writes(&world), Vec::<String>::new());
}

#[test]
fn a_leaver_is_left_alone_until_declared_absent() {
    let (world, estate) = (started(), example("cloud-permissions"));
    let _ = run(&world, &estate, &["apply", "--yes"]).exits(0);
    // From now on it takes a token of the new technical contact.
    world.get().set_owner("new.lead@corp.example", false);
    let drift = run(&world, &estate, &["drift", "--format", "json"]).exits(0).json();
    let unmanaged: Vec<_> =
        drift["unmanaged"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect();
    // Who was the contact is a member like any other now.
    assert_eq!(unmanaged.len(), 2, "{drift:#}");
    assert!(unmanaged.iter().all(|id| id.contains("leaver@") || id.contains("old.lead@")), "{unmanaged:?}");

    edit(
        &estate.path().join("crm-suite.yaml"),
        "ops@corp.example: operator",
        "ops@corp.example: operator\n        leaver@corp.example: {absent: true}",
    );
    writes(&world);
    let _ = run(&world, &estate, &["apply", "--yes"]).exits(0);
    assert_eq!(writes(&world), [path_of(PRODUCTION)]);
    assert_eq!(rights_of(&world, PRODUCTION, "leaver@corp.example"), Vec::<&str>::new());
    assert!(permissions(&world, PRODUCTION).iter().any(|row| row["userId"] == "leaver@corp.example"));
    let _ = run(&world, &estate, &["plan", "--exit-code"]).exits(0);
}

#[test]
fn version_3_does_the_same() {
    let (world, estate) = (started(), example("cloud-permissions"));
    let url = world.get().mendix_cloud_url(3);
    let v3 = |args: &[&str]| {
        Mxkeep::new(args.iter().copied())
            .dir(estate.path())
            .against(&world)
            .env("MXKEEP_CLOUD_API_URL", &url)
            .run()
    };
    let _ = v3(&["apply", "--yes"]).exits(0);
    assert_eq!(writes(&world).last(), Some(&hand_over().replace("v4", "v3")));
    let _ = v3(&["plan", "--exit-code"]).exits(0);
}

#[test]
fn a_hand_over_waits_for_everything_else_and_is_skipped_when_that_fails() {
    let (world, estate) = (started(), example("cloud-permissions"));
    world.faults(&["drop-field=/canViewLogs,path=*/permissions"]);
    let outcome = run(&world, &estate, &["apply", "--yes", "--format", "json"]).exits(4);
    let outcomes = outcome.outcomes();
    assert_eq!(outcomes["update:cloud-app/crm-suite"], "failed");
    assert_eq!(outcomes["update:cloud-app/crm-suite#technicalContact"], "skipped");
    assert!(outcome.stdout.contains("APPLY-002"), "{outcome}");
    assert!(!writes(&world).contains(&hand_over()));
    world.faults(&[]);
    let _ = run(&world, &estate, &["apply", "--yes"]).exits(0);
    let _ = run(&world, &estate, &["plan", "--exit-code"]).exits(0);
}

#[test]
fn a_member_whom_the_platform_does_not_know_is_told_at_its_line() {
    let (world, estate) = (started(), example("cloud-permissions"));
    edit(&estate.path().join("crm-suite.yaml"), "dev2@corp.example: viewer", "stranger@corp.example: viewer");
    let outcome = run(&world, &estate, &["apply", "--yes", "--format", "json"]).exits(4).json();
    let error = &outcome["actions"][0]["error"];
    assert!(
        error["message"].as_str().unwrap().contains("Permission not found for user stranger@corp.example"),
        "{error:#}"
    );
    assert_eq!(error["source"]["line"], 25, "{error:#}");
}

#[test]
fn lost_answers_are_looked_for_and_not_repeated() {
    for fault in [
        "drop-after,method=PATCH,nth=2",
        "drop-before,method=PATCH,nth=2",
        "503,method=PATCH,times=2",
        "html,method=PATCH,nth=4",
    ] {
        let (world, estate) = (started(), example("cloud-permissions"));
        world.faults(&[fault]);
        let _ = run(&world, &estate, &["apply", "--yes"]).exits(0);
        assert_eq!(writes(&world).last(), Some(&hand_over()), "{fault}");
        world.faults(&[]);
        let _ = run(&world, &estate, &["plan", "--exit-code"]).exits(0);
    }
}

#[test]
fn a_plan_that_is_stale_is_refused() {
    let (world, estate) = (started(), example("cloud-permissions"));
    let desired = load_valid(estate.path());
    let plan = world.plan(&desired);
    let app = format!("cloud/apps/{CRM}");
    world.edit(&app, "/technicalContact", json!("ops@corp.example"));
    let (outcome, _) = world.apply(&desired, &plan);
    let ends: Vec<_> = outcome.actions.iter().map(|report| report.outcome).collect();
    // Somebody who is not the contact any more may not change anything.
    assert_eq!(ends, [ActionOutcome::Failed, ActionOutcome::Skipped], "{outcome:#?}");
    world.edit(&app, "/technicalContact", json!("old.lead@corp.example"));
    let plan = world.plan(&desired);
    // By hand, and not as the plan saw it: what was to change changed to something else.
    let robot = format!("/environments/id={TEST}/permissions/userId=ci-robot@corp.example/canDeployApp");
    world.edit(&app, &robot, json!(true));
    let (outcome, _) = world.apply(&desired, &plan);
    assert!(outcome.actions.iter().all(|report| report.outcome == ActionOutcome::Done), "{outcome:#?}");
    assert!(world.plan(&desired).actions.is_empty());
}

#[test]
fn a_hand_over_that_cannot_be_looked_at_afterwards_is_done_and_not_verified() {
    let (world, estate) = (started(), example("cloud-permissions"));
    let _ = run(&world, &estate, &["apply", "--yes", "--target", "cloud-app/*"]).exits(0);
    world.edit(&format!("cloud/apps/{CRM}"), "/technicalContact", json!("old.lead@corp.example"));
    // The plan and the step read the app once each; the third reading is the look afterwards.
    let path = format!("/apps/{CRM}");
    world.faults(&[
        &format!("403,method=GET,path={path},nth=3"),
        &format!("403,method=GET,path={path}/environments*,nth=4"),
    ]);
    let outcome = run(&world, &estate, &["apply", "--yes", "--format", "json"]).exits(0).json();
    let action = &outcome["actions"][0];
    assert_eq!((&action["outcome"], &action["verified"]), (&json!("done"), &json!(false)), "{outcome:#}");
}

#[test]
fn whoever_hands_over_is_told_what_the_token_may_do_afterwards() {
    let (world, estate) = (started(), example("cloud-permissions"));
    let plan = || Mxkeep::new(["plan"]).dir(estate.path()).against(&world);
    let told = plan().env("MXKEEP_USER", "Old.Lead@corp.example").run().exits(0);
    assert!(told.stdout.contains("[MC-04]"), "{told}");
    assert!(
        !plan().run().exits(0).stdout.contains("MC-04"),
        "nothing is said where nobody knows whose token it is"
    );
}

#[test]
fn an_exact_list_takes_the_rights_of_everybody_else() {
    let (world, estate) = (started(), example("cloud-permissions"));
    let file = estate.path().join("crm-suite.yaml");
    edit(&file, "  technicalContact: new.lead@corp.example\n", "");
    edit(
        &file,
        "      permissions:\n        dev1@corp.example: viewer\n        dev2@corp.example: viewer\n        ops@corp.example: operator\n",
        "      permissions: {exact: {dev1@corp.example: viewer}}\n",
    );
    let _ = run(&world, &estate, &["apply", "--yes"]).exits(0);
    assert_eq!(rights_of(&world, PRODUCTION, "leaver@corp.example"), Vec::<&str>::new());
    // The technical contact's own row is nobody's business.
    assert_eq!(rights_of(&world, PRODUCTION, "old.lead@corp.example").len(), 6);
    let _ = run(&world, &estate, &["plan", "--exit-code"]).exits(0);
}

#[test]
fn an_estate_does_not_send_the_token_to_another_cloud() {
    let estate = estate(&[
        ("mxkeep.yaml", "estate: acme\napi: {mendixCloud: \"https://evil.example/api/v4\"}\n"),
        ("crm.yaml", &format!("cloudApp: {{appId: {CRM}, name: crm}}\n")),
    ]);
    let plan = || Mxkeep::new(["plan"]).dir(estate.path()).env("MXKEEP_TOKEN", "canary-4711");
    let refused = plan().run().exits(9);
    assert!(refused.stderr.contains("EST-101") && refused.stderr.contains("--cloud-api-url"), "{refused}");
    let world = World::quick();
    let named = plan().env("MXKEEP_CLOUD_API_URL", &world.cloud_url()).run().exits(7);
    assert!(named.stderr.contains("403"), "{named}");
    assert_eq!(world.take_requests(), [format!("GET /cloud/api/v4/apps/{CRM}")]);
}

#[test]
fn accepting_the_rights_of_a_member_changes_its_line_alone() {
    let (world, estate) = (started(), example("cloud-permissions"));
    let _ = run(&world, &estate, &["apply", "--yes"]).exits(0);
    world.get().set_owner("new.lead@corp.example", false);
    let before = fs_err::read_to_string(estate.path().join("crm-suite.yaml")).unwrap();
    for environment in [TEST, PRODUCTION] {
        let right =
            format!("/environments/id={environment}/permissions/userId=dev2@corp.example/canAccessAPI");
        world.edit(&format!("cloud/apps/{CRM}"), &right, json!(true));
    }
    let _ = run(&world, &estate, &["drift", "--accept", "cloud-app/crm-suite"]).exits(0);
    let after = fs_err::read_to_string(estate.path().join("crm-suite.yaml")).unwrap();
    let gone: Vec<_> = before.lines().filter(|line| !after.contains(line)).collect();
    assert_eq!(gone, ["        dev2@corp.example: viewer"], "{after}");
    assert!(after.contains("roles:\n    operator:") && after.contains("name: Production"), "{after}");
    let _ = run(&world, &estate, &["plan", "--exit-code"]).exits(0);
}

/// Access as it is live, in a new estate.
fn imported(world: &World, apps: &[&str]) -> (tempfile::TempDir, CommandOutput) {
    let directory = tempfile::tempdir().unwrap();
    let mut args = vec!["import", "."];
    args.extend(apps.iter().flat_map(|app| ["--cloud-app", *app]));
    let output = run(world, &directory, &args);
    (directory, output)
}

#[test]
fn access_is_imported_and_planned_to_nothing() {
    let (world, first) = (started(), example("cloud-permissions"));
    let _ = run(&world, &first, &["apply", "--yes"]).exits(0);
    world.get().set_owner("new.lead@corp.example", false);
    world.take_requests();
    let (estate, output) = imported(&world, &["crm-suite", "cbb3585d-f777-5886-9c90-a4bbace1ace2"]);
    let output = output.exits(0);
    assert!(output.stdout.contains("2 cloud apps in 3 files"), "{output}");
    let asked = world.take_requests();
    assert!(asked.iter().all(|line| line.starts_with("GET /cloud/api/v4/apps")), "{asked:#?}");
    let text = fs_err::read_to_string(estate.path().join("cloud-apps/crm-suite.yaml")).unwrap();
    let member = "        dev1@corp.example: {canViewAlerts: true, canViewLogs: true}\n";
    assert!(text.contains(member) && text.contains("technicalContact: new.lead@corp.example\n"), "{text}");
    assert!(text.contains(&format!("    - environmentId: {TEST}\n      name: ")), "{text}");
    let free = fs_err::read_to_string(estate.path().join("cloud-apps/idea-box.yaml")).unwrap();
    assert!(free.ends_with("  name: idea-box\n  licenseType: free\n"), "{free}");
    let _ = Mxkeep::new(["validate", "--strict"]).dir(estate.path()).run().exits(0);
    let plan = run(&world, &estate, &["plan", "--exit-code", "--format", "json"]).exits(0).json();
    assert_eq!((&plan["actions"], &plan["unmanaged"]), (&json!([]), &json!([])));
    let again = run(&world, &estate, &["import", ".", "--merge", "--cloud-app", "crm-suite"]).exits(0);
    assert!(again.stderr.contains("nothing to write"), "{again}");
}

#[test]
fn an_app_that_cannot_be_imported_is_told() {
    let world = started();
    let (_, unknown) = imported(&world, &["crm-sweet"]);
    let unknown = unknown.exits(64);
    assert!(unknown.stderr.contains("`crm-sweet`"), "{unknown}");
    world.faults(&[&format!("403,path=/apps/{CRM}*")]);
    let (estate, refused) = imported(&world, &[CRM, "cbb3585d-f777-5886-9c90-a4bbace1ace2"]);
    let refused = refused.exits(7);
    assert!(refused.stderr.contains(&format!("not imported: cloudApp {CRM}")), "{refused}");
    assert!(estate.path().join("cloud-apps/idea-box.yaml").exists());
    world.faults(&[]);
    let url = world.get().mendix_cloud_url(3);
    let empty = tempfile::tempdir().unwrap();
    let old = Mxkeep::new(["import", ".", "--cloud-app", CRM]).dir(empty.path());
    let old = old.against(&world).env("MXKEEP_CLOUD_API_URL", &url).run().exits(64);
    assert!(old.stderr.contains("version 4"), "{old}");
}
