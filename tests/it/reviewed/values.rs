//! A check without values, `plan --values-at-apply`: what it approves is applied by a run that has them.

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::repository::Repository;
use crate::support::{CommandOutput, Mxkeep, World, copy_tree, edit, project};

const OLD: &str = "canary-old-4711";
const NEW: &str = "canary-new-4712";

/// An estate in Git, whose namespace and environment take secrets from variables.
struct Checked {
    world: World,
    estate: TempDir,
    repository: Repository,
    files: TempDir,
}

impl Checked {
    fn new() -> Checked {
        let (world, estate) = (World::quick(), tempfile::tempdir().unwrap());
        copy_tree(&project().join("tests/plans/base"), estate.path());
        edit(
            &estate.path().join("orders.yaml"),
            "{fromFile: secret.txt}",
            "{fromEnv: NS_SECRET, version: 1}",
        );
        edit(
            &estate.path().join("shop.yaml"),
            "  container:",
            "  runtime:\n    mxAdminPassword: {fromEnv: ADMIN_PW, version: 1}\n  container:",
        );
        world.prepare(estate.path());
        let repository = Repository::init(estate.path());
        repository.commit();
        Checked { world, estate, repository, files: tempfile::tempdir().unwrap() }
    }

    fn applied() -> Checked {
        let checked = Checked::new();
        let _ = checked.with(OLD, &["apply", "--yes"]).exits(0);
        checked
    }

    /// A change of the files, in a commit of its own.
    fn change(&self, file: &str, old: &str, new: &str) {
        edit(&self.estate.path().join(file), old, new);
        self.repository.commit();
    }

    fn file(&self) -> String {
        self.files.path().join("plan.json").display().to_string()
    }

    /// Plans into the file, without a single value.
    fn check(&self, args: &[&str]) -> (CommandOutput, Value) {
        let out = format!("json={}", self.file());
        let args = ["plan", "--values-at-apply", "--out", &out].into_iter().chain(args.iter().copied());
        let output = Mxkeep::new(args).dir(self.estate.path()).against(&self.world).run();
        (
            output.exits(0),
            serde_json::from_str(&fs_err::read_to_string(Path::new(&self.file())).unwrap()).unwrap(),
        )
    }

    fn with(&self, secret: &str, args: &[&str]) -> CommandOutput {
        let output = Mxkeep::new(args.iter().copied())
            .dir(self.estate.path())
            .against(&self.world)
            .env("NS_SECRET", secret)
            .env("ADMIN_PW", secret)
            .run();
        assert!(!format!("{output}").contains("canary"), "{output}");
        output
    }

    fn held(&self) -> [String; 2] {
        let state = self.world.get().world();
        let namespaces = state["namespaces"].as_array().unwrap();
        let orders =
            namespaces.iter().map(|it| &it["manifest"]["namespace"]).find(|it| it["name"] == "orders");
        let admin = &state["environments"][0]["manifest"]["environment"]["runtime"]["mxAdminPassword"];
        [orders.and_then(|it| it["secret"].as_str()), admin.as_str()]
            .map(|text| text.unwrap_or_default().to_owned())
    }
}

fn base64(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}

#[test]
fn a_create_is_approved_without_its_secrets() {
    let checked = Checked::new();
    let (output, plan) = checked.check(&[]);
    assert!(output.stdout.contains("PLAN-009") && !output.stdout.contains("PLAN-202"), "{output}");
    assert!(plan["notes"].as_array().unwrap().iter().all(|note| note["severity"] != "error"), "{plan}");
    let file = checked.file();

    // Whoever applies has to have them.
    let without =
        Mxkeep::new(["apply", "--plan", &file]).dir(checked.estate.path()).against(&checked.world).run();
    let without = without.exits(9);
    assert!(without.stderr.contains("NS_SECRET") && without.stderr.contains("ADMIN_PW"), "{without}");
    assert_eq!(checked.world.counts(), [0; 3]);

    let _ = checked.with(NEW, &["apply", "--plan", &file]).exits(0);
    assert_eq!(checked.held(), [NEW, NEW].map(base64));
    let _ = checked.with(NEW, &["plan", "--exit-code"]).exits(0);
}

/// What Git shows to be another secret is sent, whether the API returns it or not.
#[test]
fn a_rotation_is_approved_without_the_new_value() {
    for (file, old, new, held) in [
        ("orders.yaml", "NS_SECRET, version: 1", "NS_SECRET, version: 2", [NEW, OLD]),
        ("shop.yaml", "ADMIN_PW, version: 1", "ADMIN_PW, version: 2", [OLD, NEW]),
    ] {
        let checked = Checked::applied();
        let base = ["--base", "HEAD~1"];
        checked.change(file, old, new);
        let (output, plan) = checked.check(&base);
        assert_eq!(plan["summary"]["update"], 1, "{output}");
        assert!(output.stdout.contains("not set"), "{output}");
        let plan = checked.file();
        // The value of the other one stays what it was.
        let secrets = if file == "shop.yaml" { [OLD, NEW] } else { [NEW, OLD] };
        let output = Mxkeep::new(["apply", "--base", "HEAD~1", "--plan", &plan])
            .dir(checked.estate.path())
            .against(&checked.world)
            .env("NS_SECRET", secrets[0])
            .env("ADMIN_PW", secrets[1])
            .run()
            .exits(0);
        assert_eq!(checked.held(), held.map(base64), "{output}");
    }
}

const CONSTANT: &str = "{M.One: {fromEnv: ADMIN_PW, version: 1}}";

/// An environment whose constant comes from a variable.
fn with_constant() -> Checked {
    let checked = Checked::new();
    checked.change("shop.yaml", "{M.One: a}", CONSTANT);
    let _ = checked.with(OLD, &["apply", "--yes"]).exits(0);
    checked
}

#[test]
fn a_rotation_beside_other_changes_is_approved() {
    let checked = with_constant();
    edit(&checked.estate.path().join("shop.yaml"), "instances: 1", "instances: 2");
    edit(&checked.estate.path().join("shop.yaml"), "shop1.orders", "shop2.orders");
    checked.change("shop.yaml", CONSTANT, "{M.One: {fromEnv: ADMIN_PW, version: 2}}");
    let (output, plan) = checked.check(&["--base", "HEAD~1"]);
    let changes = plan["actions"][0]["changes"].as_array().unwrap();
    let paths: Vec<_> = changes.iter().map(|change| change["path"].as_str().unwrap()).collect();
    assert_eq!(
        paths,
        ["deployment.appUrl", "deployment.constants[M.One].value", "container.instances"],
        "{output}"
    );
    let args = ["apply", "--base", "HEAD~1", "--plan", &checked.file()];
    let output = Mxkeep::new(args)
        .dir(checked.estate.path())
        .against(&checked.world)
        .env("NS_SECRET", OLD)
        .env("ADMIN_PW", NEW)
        .run();
    let _ = output.exits(0);
}

/// Whoever changes the files says what they say now, not where that which is live came from.
#[test]
fn what_came_from_outside_stays_hidden() {
    for after in ["{M.One: plain}", "{M.One: {absent: true}}"] {
        let checked = with_constant();
        checked.change("shop.yaml", CONSTANT, after);
        let (output, plan) = checked.check(&["--base", "HEAD~1"]);
        assert_eq!(plan["summary"]["update"], 1, "{output}");
        assert!(!format!("{output}{plan}").contains("canary"), "{output}");
        for secret in [OLD, NEW] {
            // Each run looks for what must not be shown.
            let plan = checked.with(secret, &["plan", "--base", "HEAD~1"]);
            assert!(plan.stdout.contains("M.One"), "{plan}");
            let drift = checked.with(secret, &["drift", "--base", "HEAD~1", "--out", "json=/dev/stdout"]);
            assert!([0, 2].contains(&drift.code), "{drift}");
        }
        let args = ["why", "environment/shop/shop1", "--base", "HEAD~1"];
        let output = Mxkeep::new(args).dir(checked.estate.path()).against(&checked.world).run().exits(0);
        assert!(output.stdout.contains("M.One") && !output.stdout.contains("canary"), "{output}");
    }
}

/// The digest of a removal is of the value that is removed, where that stood in the files for everybody to read.
#[test]
fn another_value_is_another_removal() {
    let checked = Checked::applied();
    checked.change("shop.yaml", "{M.One: a}", "{M.One: {absent: true}}");
    let (output, plan) = checked.check(&["--base", "HEAD~1"]);
    assert_eq!(plan["actions"][0]["changes"][0]["before"], "a", "{output}");
    let simulator = checked.world.get();
    let mut world = simulator.world();
    let constants = &mut world["environments"][0]["manifest"]["environment"]["deployment"]["constants"];
    assert_eq!(constants[0]["value"], "a");
    constants[0]["value"] = "b".into();
    checked.world.reset(&world);
    // Another value than the files said is a conflict, which is waived by its digest.
    let output = checked.with(OLD, &["plan", "--base", "HEAD~1", "--format", "json"]).exits(6);
    let found = output.json();
    assert_eq!(found["actions"][0]["changes"][0]["before"], "b", "{output}");
    assert_ne!(found["actions"][0]["digest"], plan["actions"][0]["digest"]);
}

#[test]
fn another_encoding_is_another_secret() {
    let checked = Checked::applied();
    let (_, plan) = checked.check(&["--base", "HEAD"]);
    assert_eq!(plan["summary"]["update"], 0);
    checked.change("shop.yaml", "ADMIN_PW, version: 1", "ADMIN_PW, encoding: base64, version: 1");
    let (output, plan) = checked.check(&["--base", "HEAD~1"]);
    assert_eq!(plan["summary"]["update"], 1, "{output}");
    let digest = plan["actions"][0]["digest"].clone();
    checked.change("shop.yaml", "ADMIN_PW, encoding: base64, version: 1", "ADMIN_PW, version: 1");
    let (output, plan) = checked.check(&["--base", "HEAD~1"]);
    assert_eq!(plan["summary"]["update"], 1, "{output}");
    assert_ne!(plan["actions"][0]["digest"], digest);
}

/// Without a base nothing tells that a value is another one, and without the option a value that is needed is missed.
#[test]
fn what_nobody_changed_is_not_sent() {
    let checked = Checked::applied();
    checked.change("shop.yaml", "instances: 1", "instances: 2");
    let (output, plan) = checked.check(&["--base", "HEAD~1"]);
    let changes = plan["actions"][0]["changes"].as_array().unwrap();
    assert!(plan["summary"]["update"] == 1 && changes.len() == 1, "{output}");
    let _ = checked.with(OLD, &["apply", "--base", "HEAD~1", "--plan", &checked.file()]).exits(0);
    assert_eq!(checked.held(), [OLD, OLD].map(base64));
}

/// Which certificate it is, its key tells: another value would be another item, which nobody approved.
#[test]
fn a_certificate_has_to_be_known() {
    let checked = Checked::new();
    checked.change(
        "shop.yaml",
        "  container:",
        "  network: {outgoingConnectionCertificate: [{key: {fromEnv: CERT}, password: {fromEnv: CERT_PW}, certificateType: Client, enabled: true}]}\n  container:",
    );
    let output =
        Mxkeep::new(["plan", "--values-at-apply"]).dir(checked.estate.path()).against(&checked.world).run();
    let output = output.exits(9);
    assert!(output.stdout.contains("`CERT`") && !output.stdout.contains("`CERT_PW`"), "{output}");
}
