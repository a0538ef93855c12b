//! Names, values and messages that talk to a terminal or to a build server instead of being shown.

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{mxkeep, run};
use crate::support::generate::id;
use crate::support::stub::{Stub, answer};
use crate::support::{CommandOutput, World, estate};

/// Everything that somebody might act on, in one text.
const NASTY: &str = "a\u{1b}[31mb\u{1b}]0;title\u{7}c\u{9b}2Jd\u{202e}e\u{2066}f\u{200b}g\u{200d}h\u{feff}i\u{0}j\u{8}k\u{7f}l\rm\u{3164}n\u{e0041}o\u{fe0f}p##vso[task.setvariable variable=q]r##[group]s##teamcity[t]\n::error::u\n  ::stop-commands::v\n<script>w</script>[x](javascript:y)|`z`\u{1b}";

/// Whether a terminal or a build server would do anything but show a text.
fn is_safe(text: &str) -> bool {
    let hidden = |c: char| mxkeep::model::is_hidden(c) && c != '\n' && c != '\t';
    !text.contains(hidden)
        && !text.contains("##vso[")
        && !text.contains("##[")
        && !text.contains("##teamcity[")
        && !text.lines().any(|line| line.trim_start().starts_with("::"))
}

fn assert_safe(output: &CommandOutput) {
    for text in [&output.stdout, &output.stderr] {
        let line = text.split('\n').find(|line| !is_safe(line));
        assert!(is_safe(text), "{line:?} of {output:?}");
    }
}

/// A text in double quotes, all in letters that YAML takes.
fn spelt(text: &str) -> String {
    let letters = text.chars().map(|letter| match letter {
        '"' | '\\' | '\0'..='\u{1f}' | '\u{7f}'.. => format!("\\U{:08x}", u32::from(letter)),
        plain => plain.to_string(),
    });
    format!("\"{}\"", letters.collect::<String>())
}

/// An estate with texts wherever a name of an item and a value can stand.
fn nasty_estate(name: &str, value: &str) -> TempDir {
    let documents = [
        json!({"cluster": {"clusterId": id("nasty"), "name": "eu", "clusterType": "eks", "description": "VALUE"}}),
        json!({"namespace": {"namespaceId": id("ns"), "name": "ns", "cluster": "eu", "secret": {"fromFile": "secret.txt"}}}),
        json!({"app": {"appId": id("nasty app"), "name": "shop"}}),
        json!({"environment": {
            "id": "nasty", "app": "shop",
            "properties": {"name": "live", "production": true},
            "provider": {"cluster": "eu", "namespace": "ns"},
            "deployment": {
                "appUrl": "https://shop.example", "packageId": id("package"),
                "constants": [{"name": "Main.One", "value": "VALUE"}, {"name": "Main.NAME", "value": "1"}],
            },
            "container": {"instances": 1, "size": "S"},
            "runtime": {"environmentVariables": [{"name": "ANAME", "value": "VALUE"}]},
            "annotations": [{"annotationType": "Pod", "key": "acme/x", "value": "VALUE"}],
            "services": {
                "db": {"plan": "OnDemand", "config": "{type: \"database\"}"},
                "fs": {"plan": "OnDemand", "config": "{type: \"storage\"}"},
            },
        }}),
    ];
    let text: String = documents.iter().map(|document| format!("---\n{document}\n")).collect();
    let text =
        text.replace("NAME", spelt(name).trim_matches('"')).replace("VALUE", spelt(value).trim_matches('"'));
    estate(&[("mxkeep.yaml", "estate: nasty\n"), ("secret.txt", "x"), ("all.yaml", &text)])
}

#[test]
fn what_files_say_is_shown_and_nothing_more() {
    // Names that the platform refuses are told in errors; values that it takes arrive as they are.
    let refused = nasty_estate(NASTY, NASTY);
    for args in [&["validate"][..], &["validate", "--format", "json"], &["id"], &["plan", "--simulate"]] {
        assert_safe(&run(&refused, args));
    }
    let taken = nasty_estate("One2", &NASTY.replace('\0', ""));
    for args in [
        &["plan", "--simulate"][..],
        &["plan", "--simulate", "--format", "json"],
        &["apply", "--simulate", "--yes"],
        &["why", "environment/shop/live", "--simulate"],
        &["status", "--simulate"],
    ] {
        let output = run(&taken, args);
        assert_eq!(output.code, 0, "{output}");
        assert_safe(&output);
    }
    let nasty = spelt(NASTY);
    let keys = format!("cluster: {{{nasty}: 1, name: {nasty}, clusterType: {nasty}}}\n");
    let remove = format!("remove: [{{address: {nasty}, id: {nasty}, reason: {nasty}, {nasty}: {nasty}}}]\n");
    let ignore = format!(
        "estate: {nasty}\nignore: [{{address: {nasty}, field: {nasty}, until: {nasty}}}]\nwaivers: [{{rule: {nasty}, reason: {nasty}}}]\nguards: {{protect: [{nasty}]}}\n"
    );
    let files = format!(
        "package: {{name: {nasty}, app: {nasty}, file: {nasty}}}\n---\n{nasty}: 1\n---\n!x {nasty}\n"
    );
    for text in [&keys, &remove, &ignore, &files] {
        let estate = crate::support::estate(&[("mxkeep.yaml", "estate: nasty\n"), ("all.yaml", text)]);
        assert_safe(&run(&estate, &["validate"]).exits(9));
        let estate = crate::support::estate(&[("mxkeep.yaml", text)]);
        assert_safe(&run(&estate, &["validate"]).exits(9));
    }
}

/// The text of a file itself: an excerpt of it is shown where something is wrong.
#[test]
fn what_an_excerpt_shows_is_harmless() {
    for character in
        ["\u{1b}]0;x\u{7}", "\u{9b}31m", "\u{202e}", "\u{200b}", "\r", "\u{0}", "\u{e0041}", "\u{3164}"]
    {
        for line in
            ["# {}", "estate: \"{}\"", "unknown: {}", "{}: 1", "x: [{}", "##vso[{}]: 1", "::error::{}: 1"]
        {
            let line = line.replace("{}", &format!("a{character}b"));
            let estate = estate(&[("mxkeep.yaml", &format!("estate: x\nwrong: 1\n{line}\n"))]);
            assert_safe(&run(&estate, &["validate"]).exits(9));
        }
    }
}

#[cfg(unix)]
#[test]
fn names_of_files_are_harmless() {
    let name = "a\u{1b}[31mb\u{202e}c\n::error::d##vso[e]";
    let estate = estate(&[("mxkeep.yaml", "estate: x\n"), (&format!("{name}.yaml"), "unknown: 1\n")]);
    fs_err::create_dir(estate.path().join(name)).unwrap();
    fs_err::write(estate.path().join(name).join("b.yaml"), "cluster: [").unwrap();
    std::os::unix::fs::symlink("x", estate.path().join(format!("{name}link.yaml"))).unwrap();
    for args in
        [&["validate"][..], &["plan", "--simulate"], &["validate", "--format", "json"], &["validate", name]]
    {
        assert_safe(&run(&estate, args));
    }
}

#[test]
fn what_is_live_is_shown_and_nothing_more() {
    let estate = nasty_estate("Two", "calm");
    let world = World::quick();
    world.prepare(estate.path());
    let apply = mxkeep(&estate, &["apply", "--yes"]).against(&world).run();
    assert_eq!(apply.code, 0, "{apply}");
    let environment = format!("environments/{}/{}/nasty", id("nasty app"), id("ns"));
    let constants = json!([{"name": "Main.One", "value": NASTY}, {"name": NASTY, "value": NASTY}]);
    world.edit(&environment, "/deployment/constants", constants);
    world.edit(&environment, "/runtime/environmentVariables", json!([{"name": NASTY, "value": NASTY}]));
    world.edit(&environment, "/deployment/appUrl", Value::from(format!("https://{NASTY}")));
    world.edit(&environment, "/properties/name", Value::from(NASTY));
    world.edit(&format!("namespaces/{}", id("ns")), "/name", Value::from(NASTY));
    world.edit(&format!("clusters/{}", id("nasty")), "/description", Value::from(NASTY));
    world.edit(&format!("clusters/{}", id("nasty")), "/name", Value::from(NASTY));
    for args in [
        &["plan"][..],
        &["plan", "--format", "json"],
        &["drift"],
        &["drift", "--format", "json"],
        &["status", "-v"],
        &["why", "environment/shop/live"],
        &["why", "cluster/eu", "--format", "json"],
        &["doctor"],
        &["drift", "--accept", "environment/shop/live", "--dry-run"],
        &["import", "new", "--dry-run"],
        &["import", "new"],
        &["validate", "new"],
    ] {
        assert_safe(&mxkeep(&estate, args).against(&world).run());
    }
}

#[test]
fn what_jobs_and_servers_say_is_harmless() {
    let estate = nasty_estate("Two", "calm");
    let world = World::quick();
    world.prepare(estate.path());
    // The grammar of faults ends a message at a comma.
    world.faults(&[&format!("job-fails={}", NASTY.replace([',', '\0'], ""))]);
    for format in ["text", "json"] {
        let apply = mxkeep(&estate, &["apply", "--yes", "-v", "--format", format]).against(&world).run();
        assert_safe(&apply.exits(4));
    }
    let body =
        json!({"error": NASTY, "message": NASTY, "errors": [{"message": NASTY, "code": NASTY}]}).to_string();
    for (kind, body) in [("application/json", body.as_str()), ("text/plain", NASTY), ("text/html", NASTY)] {
        for status in ["400 Bad\u{9b}", "401 x", "403 x", "404 x", "409 x", "500 x", "200 x"] {
            let (body, kind) = (body.to_owned(), kind.to_owned());
            let server = Stub::new(move |_| answer(status, &format!("Content-Type: {kind}\r\n"), &body));
            for args in [&["plan", "-v"][..], &["plan", "--format", "json"], &["doctor"]] {
                let call = mxkeep(&estate, args).env("MXKEEP_API_URL", &server.url());
                assert_safe(&call.env("MXKEEP_TOKEN", "t").run());
            }
        }
    }
}
