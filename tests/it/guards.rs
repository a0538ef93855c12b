//! Guards through the binary: what they stop, what they leave alone, and what it takes to let one action through.

use serde_json::{Value, json};

use crate::support::generate::id;
use crate::support::pair::{Pair, app, cluster, namespace};
use crate::support::repository::Repository;
use crate::support::{CommandOutput, Mxkeep, World, edit, example};

const ONE: &str = "environment/app-one/live";
const TWO: &str = "environment/app-two/live";

/// The estate as declared, with an environment in production mode in each half.
fn running() -> (World, Pair) {
    let (world, pair) = (World::quick(), Pair::new());
    world.prepare(pair.path());
    let _ = Mxkeep::new(["apply", pair.arg(), "--yes", "-q"]).against(&world).run().exits(0);
    world.get().clear_requests();
    (world, pair)
}

fn guarded(pair: &Pair, guards: &str) {
    let text = format!("estate: pair\nguards: {guards}\n");
    fs_err::write(pair.path().join("mxkeep.yaml"), text).unwrap();
}

/// Environment `one` is to go, and everything else to stay.
fn remove_one(pair: &Pair) {
    let file = pair.path().join("one.yaml");
    let text = fs_err::read_to_string(&file).unwrap();
    let (rest, _) = text.split_once("---\nenvironment:").unwrap();
    fs_err::write(&file, format!("{rest}---\nremove: [{{address: {ONE}, id: envone}}]\n")).unwrap();
}

fn call(world: &World, pair: &Pair, args: &[&str]) -> CommandOutput {
    Mxkeep::new(args.iter().copied()).dir(pair.path()).against(world).run()
}

fn plan(world: &World, pair: &Pair, args: &[&str]) -> CommandOutput {
    call(world, pair, &[&["plan", "--format", "json"], args].concat())
}

fn apply(world: &World, pair: &Pair, args: &[&str]) -> CommandOutput {
    call(world, pair, &[&["apply", "--yes", "--format", "json"], args].concat())
}

fn action(document: &Value, id: &str) -> Value {
    let actions = document["actions"].as_array().unwrap();
    actions
        .iter()
        .find(|action| action["id"] == id)
        .unwrap_or_else(|| panic!("no {id}: {document:#}"))
        .clone()
}

fn digest(document: &Value, id: &str) -> String {
    action(document, id)["digest"].as_str().unwrap().to_owned()
}

fn writes(world: &World) -> Vec<String> {
    world.take_requests().into_iter().filter(|request| !request.starts_with("GET")).collect()
}

/// A guard that stops `id`, and the code that it stops it with: `plan` and `apply` exit with 6 and tell of it, `apply`
/// runs the rest, the digest lets the action through, and the outcome says that it did.
fn stops_and_is_waived(world: &World, pair: &Pair, id: &str, code: &str) {
    let document = plan(world, pair, &[]).exits(6).json();
    let stopped = action(&document, id);
    assert_eq!((&stopped["status"], &stopped["code"]), (&json!("blocked"), &json!(code)), "{document:#}");
    let digest = digest(&document, id);
    let text = call(world, pair, &["plan"]).exits(6).stdout;
    assert!(text.contains(&format!("[{code}]")) && text.contains(&format!("--waive {digest}")), "{text}");

    // Another digest lets nothing through, and is told with what guards hold; the rest is done.
    let other: String = digest.chars().rev().collect();
    let _ = plan(world, pair, &["--waive", &other]).exits(5).says(&[&other, &digest]);
    let without = apply(world, pair, &["--waive", &other]).exits(5).says(&[&other, &digest]);
    assert_eq!(without.outcomes()[id], "blocked", "{without}");
    let mut rest = without.outcomes();
    rest.remove(id);
    assert!(!rest.is_empty() && rest.values().all(|outcome| outcome == "done"), "{without}");
    let alone = apply(world, pair, &[]).exits(6);
    assert_eq!(alone.outcomes(), [(id.to_owned(), "blocked".to_owned())].into(), "{alone}");

    let waived = plan(world, pair, &["--waive", &digest[..8]]).exits(0).json();
    let ready = action(&waived, id);
    assert_eq!((&ready["status"], &ready["digest"]), (&json!("ready"), &json!(digest)), "{waived:#}");
    assert_eq!(ready["waived"][0]["code"], code, "{waived:#}");

    let done = apply(world, pair, &["--waive", &digest]).exits(0);
    let report = action(&done.json(), id);
    assert_eq!((&report["outcome"], &report["waived"][0]["code"]), (&json!("done"), &json!(code)), "{done}");
    // The same command again finds nothing to do and nothing to waive.
    let again = apply(world, pair, &["--waive", &digest]).exits(0);
    assert!(again.outcomes().is_empty() && again.stderr.contains("PLAN-084"), "{again}");
}

#[test]
fn protect() {
    let (world, pair) = running();
    remove_one(&pair);
    guarded(&pair, "{protect: ['environment/*/live']}");
    edit(&pair.path().join("two.yaml"), "holds 10", "holds 11");
    stops_and_is_waived(&world, &pair, &format!("delete:{ONE}"), "PLAN-108");
}

#[test]
fn max_deletes() {
    let (world, pair) = running();
    remove_one(&pair);
    guarded(&pair, "{maxDeletes: 0}");
    edit(&pair.path().join("two.yaml"), "holds 10", "holds 11");
    stops_and_is_waived(&world, &pair, &format!("delete:{ONE}"), "PLAN-109");
}

#[test]
fn freeze() {
    let (world, pair) = running();
    edit(&pair.path().join("one.yaml"), "Main.Value: \"10\"", "Main.Value: \"11\"");
    edit(&pair.path().join("two.yaml"), "Main.Value: \"10\"", "Main.Value: \"11\"");
    let window = "{freeze: [{until: 2199-12-31, address: 'environment/app-one/*', reason: year end}]}";
    guarded(&pair, window);
    stops_and_is_waived(&world, &pair, &format!("update:{ONE}"), "PLAN-082");
}

#[test]
fn max_restarts() {
    let (world, pair) = running();
    guarded(&pair, "{maxRestarts: 1}");
    let restart = |args: &[&str]| {
        let all = [&["restart", ONE, TWO, "--yes", "--format", "json"], args].concat();
        call(&world, &pair, &all)
    };
    let stopped = restart(&[]).exits(6);
    let document = stopped.json();
    assert_eq!(stopped.outcomes().into_values().collect::<Vec<_>>(), ["blocked", "blocked"], "{stopped}");
    assert_eq!(action(&document, &format!("restart:{ONE}"))["error"]["code"], "PLAN-081", "{stopped}");
    assert!(writes(&world).is_empty());
    // One that is waived does not count: the other one is within what the guard allows.
    let digest = digest(&document, &format!("restart:{ONE}"));
    let done = restart(&["--waive", &digest]).exits(0);
    assert_eq!(done.outcomes().into_values().collect::<Vec<_>>(), ["done", "done"], "{done}");
    assert_eq!(action(&done.json(), &format!("restart:{ONE}"))["waived"][0]["code"], "PLAN-081", "{done}");
    assert!(action(&done.json(), &format!("restart:{TWO}")).get("waived").is_none(), "{done}");
    // One alone is always within it.
    let _ = call(&world, &pair, &["stop", TWO, "--yes"]).exits(0);
}

#[test]
fn the_management_of_a_cluster_and_the_membership_of_a_namespace() {
    let (world, pair) = running();
    let one = pair.path().join("one.yaml");
    let managers = |list: &str| format!("  description: holds 10\n  clusterManagers: {list}\n");
    edit(&one, "  description: holds 10\n", &managers("{me@x.example: {}, you@x.example: {}}"));
    let _ = apply(&world, &pair, &[]).exits(0);
    edit(
        &one,
        &managers("{me@x.example: {}, you@x.example: {}}"),
        &managers("{me@x.example: {absent: true}, you@x.example: {absent: true}}"),
    );
    edit(&one, "dev@one.example: Developer", "dev@one.example: {absent: true}");

    // Where nobody says whose the token is, it is told.
    let unknown = call(&world, &pair, &["plan"]).exits(0).stdout;
    assert!(
        unknown.contains("[PLAN-086]") && unknown.contains("`dev@one.example`, `me@x.example`"),
        "{unknown}"
    );

    let as_user = |user: &str| {
        let args = ["plan", "--format", "json"];
        Mxkeep::new(args).dir(pair.path()).against(&world).env("MXKEEP_USER", user).run()
    };
    let stranger = as_user("stranger@x.example").exits(0).json();
    assert_eq!(stranger["summary"]["blocked"], 0, "{stranger:#}");
    let manager = as_user("Me@x.example").exits(6).json();
    assert_eq!(action(&manager, "update:cluster/one")["code"], "PLAN-080", "{manager:#}");
    assert_eq!(action(&manager, "update:namespace/one/ns-one")["status"], "ready", "{manager:#}");
    let member = as_user("dev@one.example").exits(6).json();
    assert_eq!(action(&member, "update:namespace/one/ns-one")["code"], "PLAN-080", "{member:#}");
    assert_eq!(action(&member, "update:cluster/one")["status"], "ready", "{member:#}");

    guarded(&pair, "{}\napi: {user: me@x.example}");
    stops_and_is_waived(&world, &pair, "update:cluster/one", "PLAN-080");
}

#[test]
fn the_own_rights_on_mendix_cloud() {
    let (world, estate) = (World::quick(), example("cloud-permissions"));
    world.prepare(estate.path());
    let _ = Mxkeep::new(["apply", "--yes", "-q", "--target", "cloud-app/crm-suite"])
        .dir(estate.path())
        .against(&world)
        .run()
        .exits(0);
    let file = estate.path().join("crm-suite.yaml");
    let text = fs_err::read_to_string(&file).unwrap();
    fs_err::write(
        &file,
        text.replace("ci-robot@corp.example: robot", "ci-robot@corp.example: {absent: true}"),
    )
    .unwrap();
    let plan = |user: &str| {
        Mxkeep::new(["plan", "--format", "json", "--target", "cloud-app/crm-suite"])
            .dir(estate.path())
            .against(&world)
            .env("MXKEEP_USER", user)
            .run()
    };
    let own = plan("ci-robot@corp.example").exits(6).json();
    assert_eq!(action(&own, "update:cloud-app/crm-suite")["code"], "MC-04", "{own:#}");
    let other = plan("stranger@corp.example").exits(0).json();
    assert_eq!(action(&other, "update:cloud-app/crm-suite")["status"], "ready", "{other:#}");
}

#[test]
fn the_default_studio_target() {
    let (world, pair) = running();
    let target = format!("environments/{}/{}/envone", app("one"), namespace("one"));
    world.edit(&target, "/properties/defaultStudioTarget", json!(true));
    // Another environment of the app, so that this one is not the last.
    let one = fs_err::read_to_string(pair.path().join("one.yaml")).unwrap();
    let (_, environment) = one.split_once("---\nenvironment:").unwrap();
    let second = environment.replace("envone", "second").replace("name: live", "name: second");
    fs_err::write(
        pair.path().join("second.yaml"),
        format!("environment:{second}").replace("one.acme", "second.acme"),
    )
    .unwrap();
    let _ = apply(&world, &pair, &[]).exits(0);
    world.edit(&target, "/properties/defaultStudioTarget", json!(true));
    remove_one(&pair);
    let id = format!("delete:{ONE}");
    let document = plan(&world, &pair, &[]).exits(6).json();
    assert_eq!(action(&document, &id)["code"], "PROP-06", "{document:#}");
    world.get().clear_requests();
    // The platform of before 7.32 refuses it all the same, and mxkeep does not force it.
    let waived = apply(&world, &pair, &["--waive", &digest(&document, &id)]).exits(4);
    assert_eq!(action(&waived.json(), &id)["waived"][0]["code"], "PROP-06", "{waived}");
    let sent = writes(&world);
    assert!(
        !sent.is_empty() && sent.iter().all(|it| it.starts_with("DELETE") && !it.contains("force")),
        "{sent:?}"
    );
}

/// The last environment of an app has no successor as the target, whatever other apps have.
#[test]
fn the_last_environment_of_an_app_may_go_although_it_is_the_target() {
    let (world, pair) = running();
    let target = format!("environments/{}/{}/envone", app("one"), namespace("one"));
    world.edit(&target, "/properties/defaultStudioTarget", json!(true));
    remove_one(&pair);
    let document = plan(&world, &pair, &[]).exits(0).json();
    assert_eq!(action(&document, &format!("delete:{ONE}"))["status"], "ready", "{document:#}");
}

/// What lives elsewhere is in nobody's way.
#[test]
fn one_half_goes_whole_while_the_other_stays() {
    let (world, pair) = running();
    let (cluster, namespace, app) = (cluster("one"), namespace("one"), app("one"));
    let text = format!(
        "app: {{appId: {app}, name: app-one}}\n---\nremove:\n  - {{address: {ONE}, id: envone}}\n  \
         - {{address: namespace/one/ns-one, id: {namespace}}}\n  - {{address: cluster/one, id: {cluster}}}\n"
    );
    fs_err::write(pair.path().join("one.yaml"), text).unwrap();
    guarded(&pair, "{maxDeletes: 3}");
    let document = plan(&world, &pair, &[]).exits(0).json();
    assert_eq!(document["summary"]["delete"], 3, "{document:#}");
    assert_eq!(document["summary"]["blocked"], 0, "{document:#}");
    let _ = apply(&world, &pair, &[]).exits(0);
    assert_eq!(world.counts(), [1; 3]);
}

#[test]
fn a_related_change_makes_the_digest_another_one_and_an_unrelated_one_does_not() {
    let (world, pair) = running();
    remove_one(&pair);
    guarded(&pair, "{protect: ['environment/**']}");
    let id = format!("delete:{ONE}");
    let environment = format!("environments/{}/{}/envone", app("one"), namespace("one"));
    let now = || digest(&plan(&world, &pair, &[]).exits(6).json(), &id);
    let shown = now();
    // Somebody edits what the delete does not ask about, here and elsewhere.
    world.edit(&environment, "/container/instances", json!(7));
    world.edit(&format!("clusters/{}", cluster("two")), "/description", json!("by hand"));
    assert_eq!(now(), shown);
    // What was to be deleted runs in another mode than it was shown.
    world.edit(&environment, "/properties/production", json!(false));
    assert_ne!(now(), shown);
    let refused = apply(&world, &pair, &["--waive", &shown]).exits(5).says(&[&now(), "PLAN-108"]);
    assert!(!writes(&world).iter().any(|request| request.starts_with("DELETE")), "{refused}");
}

#[test]
fn what_needs_a_guarded_action_is_stopped_with_it_and_let_through_with_it() {
    let (world, pair) = running();
    pair.remove();
    guarded(&pair, &format!("{{protect: [{ONE}]}}"));
    let document = plan(&world, &pair, &[]).exits(6).json();
    let status = |document: &Value, id: &str| action(document, id)["status"].as_str().unwrap().to_owned();
    for id in [&format!("delete:{ONE}"), "delete:namespace/one/ns-one", "delete:cluster/one"] {
        assert_eq!(status(&document, id), "blocked", "{id}");
    }
    for id in [&format!("delete:{TWO}"), "delete:namespace/two/ns-two", "delete:cluster/two"] {
        assert_eq!(status(&document, id), "ready", "{id}");
    }
    let waived = digest(&document, &format!("delete:{ONE}"));
    let document = plan(&world, &pair, &["--waive", &waived]).exits(0).json();
    assert_eq!(document["summary"]["delete"], 6, "{document:#}");
    // The digest of what needs it is of no use: no guard stops it.
    let needy = digest(&document, "delete:namespace/one/ns-one");
    let document = plan(&world, &pair, &["--waive", &needy]).exits(6).json();
    assert_eq!(status(&document, "delete:namespace/one/ns-one"), "blocked");
    assert!(
        document["notes"].as_array().unwrap().iter().any(|note| note["code"] == "PLAN-085"),
        "{document:#}"
    );
}

#[test]
fn all_guards_of_an_action_are_told_and_waived_together() {
    let (world, pair) = running();
    remove_one(&pair);
    guarded(&pair, "{protect: ['environment/**'], maxDeletes: 0, freeze: [{reason: an incident}]}");
    let id = format!("delete:{ONE}");
    let document = plan(&world, &pair, &[]).exits(6).json();
    let reason = action(&document, &id)["reason"].as_str().unwrap().to_owned();
    for part in ["protect", "[PLAN-109]", "an incident [PLAN-082]"] {
        assert!(reason.contains(part), "{reason}");
    }
    // The code of the action is shown behind it all, so the guard of that code comes last.
    assert_eq!(action(&document, &id)["code"], "PLAN-108");
    assert!(reason.ends_with("never deleted or stopped"), "{reason}");
    let outcome = call(&world, &pair, &["apply", "--yes", "--quiet"]).exits(6);
    let told = outcome.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains(&format!("waive it with --waive {}", digest(&document, &id))), "{outcome}");
    let document = plan(&world, &pair, &["--waive", &digest(&document, &id)]).exits(0).json();
    let waived = action(&document, &id)["waived"].as_array().unwrap().clone();
    let codes: Vec<_> = waived.iter().map(|guard| guard["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["PLAN-108", "PLAN-082", "PLAN-109"]);
}

#[test]
fn what_was_waived_is_waived_when_the_run_is_resumed() {
    let (world, pair) = running();
    remove_one(&pair);
    guarded(&pair, "{protect: ['environment/**']}");
    let delete = format!("delete:{ONE}");
    let waived = digest(&plan(&world, &pair, &[]).exits(6).json(), &delete);
    let home = tempfile::tempdir().unwrap();
    let journal = home.path().join("run.jsonl");
    let journal = journal.to_str().unwrap();
    // The platform loses the delete: it fails, and the journal stays.
    world.faults(&["job-fails,method=DELETE"]);
    let failed = apply(&world, &pair, &["--waive", &waived, "--journal", journal]).exits(4);
    assert_eq!(failed.outcomes()[&delete], "failed", "{failed}");
    world.faults(&[]);
    let resumed = apply(&world, &pair, &["--resume", journal]).exits(0);
    assert_eq!(resumed.outcomes()[&delete], "done", "{resumed}");
    assert_eq!(action(&resumed.json(), &delete)["waived"][0]["code"], "PLAN-108", "{resumed}");
}

#[test]
fn a_change_cannot_take_away_its_own_guards() {
    let (world, pair) = running();
    guarded(
        &pair,
        "{protect: ['environment/app-one/*'], maxDeletes: 0, maxRestarts: 5, freeze: [{reason: an incident}]}",
    );
    let repository = Repository::init(pair.path());
    let _ = repository.commit();
    remove_one(&pair);
    guarded(&pair, "{maxDeletes: 7, maxRestarts: 0}");
    // The glob would not match the name that the app has from now on.
    let one = pair.path().join("one.yaml");
    edit(&one, "name: app-one}", "name: renamed}");
    edit(&one, &format!("address: {ONE}"), "address: environment/renamed/live");
    let package = format!("packageId: {}", id("pair package two"));
    edit(&pair.path().join("two.yaml"), &package, "packageId: another");
    let against_base = ["plan", "--base", "main", "--format", "json"];
    let document = call(&world, &pair, &against_base).exits(6).json();
    let reason = |id: &str| {
        let found = action(&document, id);
        assert_eq!(found["status"], "blocked", "{document:#}");
        found["reason"].as_str().unwrap().to_owned()
    };
    let delete = reason("delete:environment/renamed/live");
    for part in [
        "the guard `protect: environment/app-one/*` of the base (`main:mxkeep.yaml:2:",
        "the guard `freeze: at all times` of the base (`main:mxkeep.yaml:2:",
        "the guard `maxDeletes: 0` of the base (`main:mxkeep.yaml:2:",
    ] {
        assert!(delete.contains(part), "{part}: {delete}");
    }
    // A number that the change makes smaller counts at once, and stands in the files.
    let update = reason(&format!("update:{TWO}"));
    assert!(update.contains("the guard `maxRestarts: 0` says no"), "{update}");
    // Merged in a change of its own, the looser guards are those of the base.
    let _ = repository.commit();
    let document = call(&world, &pair, &against_base).exits(6).json();
    assert_eq!(action(&document, "delete:environment/renamed/live")["status"], "ready", "{document:#}");
}

#[test]
fn what_the_platform_would_refuse_is_not_waived() {
    let (world, pair) = running();
    edit(&pair.path().join("one.yaml"), "db: {plan: OnDemand", "db: {plan: Dedicated");
    let id = format!("update:{ONE}");
    let document = plan(&world, &pair, &[]).exits(6).json();
    let text = call(&world, &pair, &["plan"]).stdout;
    assert!(!text.contains("--waive"), "{text}");
    let waived = plan(&world, &pair, &["--waive", &digest(&document, &id)]).exits(6).json();
    assert_eq!(action(&waived, &id)["code"], "SVC-04", "{waived:#}");
    assert!(waived["notes"].as_array().unwrap().iter().any(|note| note["code"] == "PLAN-085"), "{waived:#}");
}

#[test]
fn a_waiver_has_to_look_like_one() {
    let (world, pair) = running();
    for wrong in ["3fa9c1d", "3fa9c1dg", "everything", "", "0123456789abcdef0123456789abcdef0"] {
        let _ = plan(&world, &pair, &["--waive", wrong]).exits(64).says(&["8 to 32 hexadecimal digits"]);
    }
    // Upper-case digits are digits.
    let told = plan(&world, &pair, &["--waive", "3FA9C1D2"]).exits(0).json();
    assert_eq!(told["notes"][0]["code"], "PLAN-084", "{told:#}");
}

#[test]
fn a_window_that_is_over_is_told_and_one_to_come_is_not() {
    let (world, pair) = running();
    guarded(&pair, "{freeze: [{until: 2020-01-01, reason: long ago}, {from: 2199-01-01, reason: far away}]}");
    edit(&pair.path().join("two.yaml"), "holds 10", "holds 11");
    let document = plan(&world, &pair, &[]).exits(0).json();
    assert_eq!(action(&document, "update:cluster/two")["status"], "ready");
    let notes = document["notes"].as_array().unwrap();
    assert_eq!(notes.len(), 1, "{document:#}");
    assert_eq!((&notes[0]["code"], &notes[0]["severity"]), (&json!("PLAN-083"), &json!("info")));
}
