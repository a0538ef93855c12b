//! `mxkeep why`, through the binary.

use serde_json::{Value, json};

use crate::support::{CommandOutput, Mxkeep, edit, estate, example};

fn run(directory: &std::path::Path, args: &[&str]) -> CommandOutput {
    Mxkeep::new(args.iter().copied()).dir(directory).run()
}

fn fields(document: &Value) -> Vec<Value> {
    document["fields"].as_array().unwrap().clone()
}

fn short() -> tempfile::TempDir {
    estate(&[
        (
            "mxkeep.yaml",
            "estate: acme\nignore: [{address: 'environment/**', field: container, reason: sized elsewhere}]\n",
        ),
        (
            "land.yaml",
            "cluster: {clusterId: 085a0e34-69ec-4c61-9c7d-5cd42554f9f2, name: eu, clusterType: eks}\n---\n\
             namespace: {namespaceId: 80a5f23d-8b2a-5233-b614-07348d4d7a23, cluster: eu, name: orders, secret: {fromEnv: NS}}\n---\n\
             app: {appId: ef41475b-98bf-5149-b98f-cd77fa66d08a, name: desk}\n",
        ),
        (
            "defaults.yaml",
            "defaults:\n  environment:\n    app: desk\n    provider: {namespace: orders}\n    container: {instances: 1, size: S}\n    deployment: {constants: {A.B: far}}\n",
        ),
        (
            "sites/all.yaml",
            "defaults: {environment: {container: {instances: 2}, runtime: {mxAdminPassword: {fromEnv: \"FAR\"}}}}\n---\n\
             matrix: {plant: [ams, bra]}\nenvironment:\n  id: {ams: eams, bra: ebra}\n  properties: {name: \"${plant}\"}\n\
             \x20 deployment: {constants: {A.B: \"near ${plant}\"}}\n\x20 runtime: {mxAdminPassword: {fromEnv: \"PW_${plant}\"}}\n",
        ),
        ("sites/ams.yaml", "environment:\n  id: eams\n  container: {instances: 3}\n"),
    ])
}

#[test]
fn what_was_replaced_is_told_with_its_place() {
    let short = short();
    let why = |address: &str, field: &str| {
        run(short.path(), &["why", address, field, "--offline", "--format", "json"]).exits(0).json()
    };
    let ams = why("environment/desk/ams", "container.instances");
    let roles: Vec<(&Value, &Value)> =
        ams["layers"].as_array().unwrap().iter().map(|layer| (&layer["role"], &layer["values"])).collect();
    let plant = json!({"plant": "ams"});
    let none = json!({});
    assert_eq!(
        roles,
        [
            (&json!("fragment"), &plant),
            (&json!("fragment"), &none),
            (&json!("defaults"), &none),
            (&json!("defaults"), &none)
        ]
    );
    let [field] = fields(&ams).try_into().unwrap();
    let field: Value = field;
    assert_eq!(
        (&field["desired"], &field["layer"], &field["source"]["file"]),
        (&json!(3), &json!(1), &json!("sites/ams.yaml"))
    );
    let over: Vec<(&Value, &Value, &Value)> = field["over"]
        .as_array()
        .unwrap()
        .iter()
        .map(|over| (&over["desired"], &over["layer"], &over["source"]["line"]))
        .collect();
    assert_eq!(over, [(&json!(2), &json!(2), &json!(1)), (&json!(1), &json!(3), &json!(5))]);
    assert_eq!(field["ignored"]["reason"], "sized elsewhere");
    assert_eq!((&ams["live"], &field["verdict"]), (&json!("not-read"), &json!("unknown")));

    let bra = why("environment/desk/bra", "deployment.constants[A.B]");
    let [field] = fields(&bra).try_into().unwrap();
    let field: Value = field;
    assert_eq!((&field["desired"], &field["over"][0]["desired"]), (&json!("near bra"), &json!("far")));
    assert_eq!(field["mode"], "merge");

    let secret = why("environment/desk/bra", "runtime.mxAdminPassword");
    let [field] = fields(&secret).try_into().unwrap();
    let field: Value = field;
    assert_eq!(
        (&field["reference"], &field["over"][0]["reference"]),
        (&json!("fromEnv: PW_bra"), &json!("fromEnv: FAR"))
    );
    assert_eq!((&field["owner"], field.get("desired")), (&json!("write-only"), None));
}

#[test]
fn the_live_side_is_compared() {
    let shop = example("quickstart");
    let _ = run(shop.path(), &["apply", "--simulate", "--yes"]).exits(0);
    edit(&shop.path().join("web-shop.yaml"), "TimeoutSeconds: \"10\"", "TimeoutSeconds: \"11\"");
    let why = |field: &str| {
        let args = ["why", "environment/web-shop/production", field, "--simulate", "--format", "json"];
        let [field] = fields(&run(shop.path(), &args).exits(0).json()).try_into().unwrap();
        let field: Value = field;
        field
    };
    let field = why("deployment.constants[Payment.TimeoutSeconds].value");
    assert_eq!(
        (&field["desired"], &field["live"], &field["verdict"]),
        (&json!("11"), &json!("10"), &json!("differs"))
    );
    let field = why("container.instances");
    assert_eq!(
        (&field["live"], &field["verdict"], &field["effect"]),
        (&json!(2), &json!("same"), &json!("scale"))
    );
    let field = why("container.state");
    assert_eq!(
        (&field["owner"], &field["live"], &field["verdict"]),
        (&json!("server-owned"), &json!("Ready"), &json!("unmanaged"))
    );
    let field = why("runtime.debuggerPassword");
    assert_eq!((&field["owner"], field.get("live")), (&json!("write-only"), None));
}

#[test]
fn secrets_are_never_shown_and_nothing_is_sent_offline() {
    let shop = example("quickstart");
    for format in ["text", "json"] {
        for more in [["--simulate"].as_slice(), &["--offline"]] {
            let args = [&["why", "namespace/demo/shop-test", "--format", format], more].concat();
            let output = run(shop.path(), &args).exits(0);
            let text = format!("{}{}", output.stdout, output.stderr);
            assert!(text.contains("secrets/shop-test.txt"), "{text}");
            assert!(
                !text.contains("not-a-real-secret") && !text.contains("bm90LWEtcmVhbC1zZWNyZXQ"),
                "{text}"
            );
        }
    }
}

#[test]
fn what_is_not_there_is_told_with_the_nearest() {
    let shop = example("quickstart");
    for (args, says) in [
        (["environment/web-shop/prod", "container"], "did you mean `environment/web-shop/production`?"),
        (["web-shop", "container"], "is not an address"),
        (["environment/web-shop/test", "container.instance"], "did you mean `container.instances`?"),
        (["environment/web-shop/test", "container.size"], "ask for `container.coreResources`"),
        (["environment/web-shop/test", "deployment.constants.value"], "no field has the path"),
        (["environment/web-shop/test", "deployment[x"], "no field has the path"),
        (["environment/web-shop/test", ""], "no field has the path"),
    ] {
        let output = run(shop.path(), &["why", args[0], args[1], "--offline"]).exits(64);
        assert!(output.stderr.contains(says) && output.stdout.is_empty(), "{output}");
    }
}

#[test]
fn what_an_exact_list_leaves_out_is_removed() {
    let short = short();
    let why = || {
        let field = "deployment.constants[A.X]";
        run(short.path(), &["why", "environment/desk/bra", field, "--offline"]).exits(0).stdout
    };
    let merged = why();
    assert!(merged.contains("left as it is") && merged.contains("merge list"), "{merged}");
    let file = short.path().join("sites/all.yaml");
    edit(&file, "{A.B: \"near ${plant}\"}", "{exact: {A.B: \"near ${plant}\"}}");
    let exact = why();
    assert!(exact.contains("(removed)") && exact.contains("exact list"), "{exact}");
}

/// Items that are known by their content: their other fields are told, and the content is a secret that is not.
#[test]
fn the_fields_of_a_certificate_are_told() {
    let short = short();
    let text = "environment:\n  id: eams\n  network:\n    outgoingConnectionCertificate:\n      \
                - {key: {fromEnv: P12}, password: {fromEnv: P12_PW}, certificateType: Client}\n";
    fs_err::write(short.path().join("sites/net.yaml"), text).unwrap();
    let args = ["why", "environment/desk/ams", "network", "--offline", "--format", "json"];
    let told = run(short.path(), &args).exits(0).json();
    let paths: Vec<_> =
        fields(&told).iter().map(|field| field["path"].as_str().unwrap().to_owned()).collect();
    let names: Vec<_> = paths.iter().map(|path| path.rsplit('.').next().unwrap()).collect();
    assert_eq!(names, ["password", "certificateType"], "{told:#}");
}
