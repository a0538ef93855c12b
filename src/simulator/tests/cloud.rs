//! Mendix Cloud: what the contracts C3 and C4 say, and who may do what.

use super::*;

const CRM: &str = "77ce12ac-6831-5f90-8cfe-a785d44defac";
const IDEAS: &str = "cbb3585d-f777-5886-9c90-a4bbace1ace2";
const TEST: &str = "5dbd7fd5-0c31-5412-a3b1-a30d33eda4ba";
const PROD: &str = "206c2c78-60d1-5e18-9a66-2922ae4b87e3";

fn bench() -> Bench {
    let mut bench = Bench::empty();
    bench.world.register_cloud_app(
        CRM,
        &json!({"name": "crm-suite", "technicalContact": "lead@x.example", "members": ["new@x.example"], "environments": [
            {"id": TEST, "name": "Test", "permissions": [{"userId": "dev@x.example", "canDeployApp": true}, "lead@x.example"]},
            {"id": PROD, "name": "Production", "isProduction": true, "permissions": ["dev@x.example"]},
        ]}),
    );
    bench.world.register_cloud_app(IDEAS, &json!({"name": "Idea Box", "licenseType": "free"}));
    bench.world.set_owner("lead@x.example", false);
    bench
}

impl Bench {
    fn cloud(&mut self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let call = Call {
            method: method.into(),
            path: format!("/cloud/api{path}"),
            query: query.into(),
            authorization: Some("MxToken simulator".into()),
            body: bytes(body),
            faults: self.faults.clone(),
        };
        let answer = self.world.handle(&call, self.now);
        match answer.body {
            Content::Json(body) => (answer.status, body),
            _ => (answer.status, Value::Null),
        }
    }

    /// The status and the reason of a refusal.
    fn refused(&mut self, method: &str, path: &str, body: Value) -> (u16, String) {
        let (status, body) = self.cloud(method, path, body);
        let reason = body["error"]["invalid-params"][0]["reason"].as_str();
        (status, reason.or(body["error"]["message"].as_str()).unwrap_or_default().to_owned())
    }
}

fn permissions(version: &str, environment: &str) -> String {
    format!("/{version}/apps/{CRM}/environments/{environment}/permissions")
}

fn row(user: &str, right: &str, has: bool) -> Value {
    json!({"permissions": [{"member": {"userId": user}, right: has}]})
}

#[test]
fn version_4_gives_texts_and_version_3_booleans() {
    let mut bench = bench();
    let (status, body) = bench.cloud("GET", &permissions("v4", TEST), Value::Null);
    assert_eq!((status, &body["technicalContact"]), (200, &json!("lead@x.example")));
    let of = |body: &Value, user: &str| {
        let rows = body["permissions"].as_array().unwrap();
        rows.iter().find(|row| row["member"]["userId"] == user).unwrap().clone()
    };
    assert_eq!(of(&body, "dev@x.example")["canDeployApp"], "true");
    assert_eq!(of(&body, "dev@x.example")["canAccessAPI"], "false");
    assert_eq!(of(&body, "lead@x.example")["canManagePrivileges"], "true", "the contact may do everything");
    let (_, body) = bench.cloud("GET", &permissions("v3", TEST), Value::Null);
    assert_eq!(of(&body, "dev@x.example")["canDeployApp"], true);
    bench.world.settings.respell = true;
    let (_, body) = bench.cloud("GET", &permissions("v4", TEST), Value::Null);
    assert_eq!(of(&body, "dev@x.example")["canDeployApp"], true);
}

#[test]
fn permissions_come_in_pages_and_by_user() {
    let mut bench = bench();
    let (_, page) = bench.cloud("GET", &format!("{}?limit=1&offset=1", permissions("v4", TEST)), Value::Null);
    assert_eq!(page["permissions"].as_array().unwrap().len(), 1);
    assert_eq!(page["pagination"], json!({"offset": 1, "limit": 1, "size": 1}));
    let one = format!("{}?userId=DEV%40x.example", permissions("v4", TEST));
    let (_, page) = bench.cloud("GET", &one, Value::Null);
    assert_eq!(page["permissions"][0]["member"]["userId"], "dev@x.example");
    assert_eq!(bench.cloud("GET", &format!("{}?limit=0", permissions("v4", TEST)), Value::Null).0, 400);
}

#[test]
fn a_patch_changes_the_named_members_only_and_all_or_none() {
    let mut bench = bench();
    let path = permissions("v4", PROD);
    let (status, body) = bench.cloud("PATCH", &path, row("Dev@x.example", "canViewLogs", true));
    assert_eq!((status, &body["permissions"][0]["canViewLogs"]), (200, &json!(true)));
    let both = json!({"permissions": [
        {"member": {"userId": "dev@x.example"}, "canViewLogs": false},
        {"member": {"userId": "nobody@x.example"}, "canViewLogs": true},
    ]});
    let refused = bench.refused("PATCH", &path, both);
    assert_eq!(refused, (404, "Permission not found for user nobody@x.example".into()));
    let rows = bench.world.snapshot()["cloudApps"][0]["environments"][1]["permissions"].clone();
    assert_eq!(rows[0]["canViewLogs"], true, "{rows}");
    for wrong in
        [json!({}), json!({"permissions": [{}]}), row("dev@x.example", "canViewLogs", true)["x"].clone()]
    {
        assert_eq!(bench.refused("PATCH", &path, wrong).0, 400);
    }
    // The prose of the API shows a body with texts.
    let text = json!({"permissions": [{"member": {"userId": "dev@x.example"}, "canViewLogs": "false"}]});
    assert_eq!(bench.cloud("PATCH", &path, text).0, 200);
}

#[test]
fn rights_decide() {
    let mut bench = bench();
    let path = permissions("v4", TEST);
    bench.world.set_owner("dev@x.example", false);
    let (status, reason) = bench.refused("PATCH", &path, row("dev@x.example", "canViewLogs", true));
    assert_eq!(status, 403);
    assert!(reason.contains("not privileged to perform this request for environment"), "{reason}");
    bench.world.set_owner("boss@x.example", true);
    assert_eq!(bench.cloud("PATCH", &path, row("dev@x.example", "canViewLogs", true)).0, 200);
    let (status, reason) = bench.refused("PATCH", &path, row("dev@x.example", "canManagePrivileges", true));
    assert_eq!((status, &*reason), (403, "Only technical contact can change manage permission"));
    bench.world.set_owner("lead@x.example", false);
    assert_eq!(bench.cloud("PATCH", &path, row("dev@x.example", "canManagePrivileges", true)).0, 200);
    bench.world.set_owner("dev@x.example", false);
    assert_eq!(bench.cloud("PATCH", &path, row("dev@x.example", "canViewAlerts", true)).0, 200);
    bench.world.set_owner("stranger@x.example", false);
    assert_eq!(bench.refused("GET", &path, Value::Null).0, 403);
    assert_eq!(bench.refused("GET", &format!("/v4/apps/{CRM}"), Value::Null).0, 403);
}

#[test]
fn the_technical_contact_is_handed_over_by_its_holder_to_a_member() {
    let mut bench = bench();
    let app = format!("/v4/apps/{CRM}");
    let to = |user: &str| json!({"technicalContact": {"userId": user}});
    assert_eq!(bench.refused("PATCH", &app, json!({})).0, 400);
    assert_eq!(
        bench.refused("PATCH", &app, to("who@x.example")),
        (400, "User who@x.example not found".into())
    );
    bench.world.register_cloud_app(IDEAS, &json!({"members": ["other@x.example"]}));
    let (_, reason) = bench.refused("PATCH", &app, to("other@x.example"));
    assert_eq!(reason, "The user other@x.example is not member of an application");
    assert_eq!(bench.cloud("PATCH", &app, to("new@x.example")), (200, Value::Null));
    assert_eq!(bench.cloud("GET", &app, Value::Null).1["technicalContact"]["userId"], "new@x.example");
    let (status, reason) = bench.refused("PATCH", &app, to("dev@x.example"));
    assert_eq!((status, &*reason), (403, "The user is not the Technical Contact of the app"));
    bench.world.set_owner("owner@simulator.example", false);
    assert_eq!(bench.refused("PATCH", &format!("/v3/apps/{IDEAS}"), to("other@x.example")).0, 400, "free");
}

#[test]
fn version_3_has_permissions_and_hand_over_only() {
    let mut bench = bench();
    for path in ["/apps", &format!("/apps/{CRM}/environments"), &format!("/apps/{CRM}/environments/{TEST}")] {
        assert_eq!(bench.cloud("GET", &format!("/v4{path}"), Value::Null).0, 200, "{path}");
        assert_eq!(bench.cloud("GET", &format!("/v3{path}"), Value::Null).0, 404, "{path}");
    }
    assert_eq!(bench.cloud("GET", &format!("/v3/apps/{CRM}"), Value::Null).0, 405);
    assert_eq!(bench.cloud("GET", "/v5/apps", Value::Null).0, 404);
}

#[test]
fn lists_hold_what_the_owner_may_see() {
    let mut bench = bench();
    let names = |body: &Value, key: &str| -> Vec<String> {
        body[key].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&bench.cloud("GET", "/v4/apps", Value::Null).1, "apps"), ["crm-suite"]);
    bench.world.set_owner("boss@x.example", true);
    assert_eq!(bench.cloud("GET", "/v4/apps", Value::Null).1["pagination"]["size"], 2);
    assert_eq!(names(&bench.cloud("GET", "/v4/apps?licenseType=free", Value::Null).1, "apps"), ["Idea Box"]);
    assert_eq!(bench.cloud("GET", "/v4/apps?licenseType=cheap", Value::Null).0, 400);
    let environments = format!("/v4/apps/{CRM}/environments");
    let (_, body) = bench.cloud("GET", &environments, Value::Null);
    assert_eq!(names(&body, "environments"), ["Production", "Test"]);
    let (_, body) = bench.cloud("GET", &format!("{environments}?sort=%2dname"), Value::Null);
    assert_eq!(names(&body, "environments"), ["Test", "Production"]);
    assert_eq!(bench.cloud("GET", &format!("{environments}?sort=age"), Value::Null).0, 400);
    assert_eq!(
        bench.refused("GET", &permissions("v4", CRM), Value::Null),
        (404, format!("Environment {CRM} not found"))
    );
    assert_eq!(
        bench.refused("GET", &format!("/v4/apps/{TEST}"), Value::Null),
        (404, format!("Application {TEST} not found"))
    );
}

#[test]
fn registering_again_adds_and_takes_nothing_away() {
    let mut bench = bench();
    bench.world.edit_cloud_app(CRM, vec![("/technicalContact".into(), json!("new@x.example"))]).unwrap();
    let edit = "/environments/name=Test/permissions/userId=dev@x.example/canDeployApp";
    bench.world.edit_cloud_app(CRM, vec![(edit.into(), json!(false))]).unwrap();
    let again = json!({"technicalContact": "lead@x.example", "environments": [{"id": TEST, "permissions": ["ops@x.example", "dev@x.example"]}]});
    bench.world.register_cloud_app(CRM, &again);
    let app = bench.world.snapshot()["cloudApps"][0].clone();
    assert_eq!(app["technicalContact"], "new@x.example");
    let rows = app["environments"][0]["permissions"].as_array().unwrap();
    assert_eq!(rows.len(), 3, "{rows:#?}");
    assert_eq!(rows[0]["canDeployApp"], false);
    assert_eq!(
        rows[2],
        json!({"userId": "ops@x.example", "canDeployApp": false, "canManageBackups": false, "canViewAlerts": false,
        "canAccessAPI": false, "canViewLogs": false, "canManagePrivileges": false})
    );
}
