//! Files that approve nothing, each with its reason.

use mxkeep::apply::plan_file::checksum;
use serde_json::{Value, json};

use super::Review;
use crate::support::CommandOutput;

/// Changes the plan in the file, and the checksum with it.
fn rewrite(review: &Review, change: impl FnOnce(&mut Value)) {
    let text = fs_err::read_to_string(review.file()).unwrap();
    let mut plan: Value = serde_json::from_str(&text).unwrap();
    change(&mut plan);
    plan["checksum"] = checksum(&plan).into();
    fs_err::write(review.file(), format!("{plan:#}")).unwrap();
}

/// The file is refused with this code, exit and words, before anything is sent.
fn refuses(review: &Review, exit: i32, code: &str, says: &str) -> CommandOutput {
    let _ = review.world.take_requests();
    let output = review.apply().exits(exit).says(&[&format!("error[{code}]:"), says, "help:"]);
    let findings = output.json();
    assert_eq!(findings["findings"].as_array().unwrap().len(), 1, "{output}");
    assert_eq!(findings["findings"][0]["code"], code, "{output}");
    assert!(findings["findings"][0]["help"].is_string(), "{output}");
    let requests = review.world.take_requests();
    assert!(requests.iter().all(|request| request.starts_with("GET ")), "{requests:#?}");
    output
}

fn hours_ago(hours: i64) -> String {
    (jiff::Timestamp::now() - jiff::SignedDuration::from_hours(hours)).to_string()
}

#[test]
fn a_plan_for_something_else_is_refused() {
    let review = Review::new();
    let _ = review.plan(0);
    rewrite(&review, |plan| plan["estate"] = json!("other\u{1b}[31m"));
    let output = refuses(&review, 5, "APPLY-034", "a plan of the estate `other");
    assert!(!output.stderr.contains('\u{1b}'), "{output}");
    let _ = review.plan(0);
    rewrite(&review, |plan| plan["api"]["privateCloud"] = json!("https://other.example/api/v4"));
    let _ = refuses(&review, 5, "APPLY-034", "made at `https://other.example/api/v4`");
    let _ = review.plan(0);
    rewrite(&review, |plan| plan["api"]["mendixCloud"] = json!("https://other.example/api/v4"));
    let _ = refuses(&review, 5, "APPLY-034", "and `https://other.example/api/v4`");
}

#[test]
fn a_plan_is_good_for_a_while() {
    let review = Review::new();
    let _ = review.plan(0);
    rewrite(&review, |plan| plan["created"] = json!(hours_ago(25)));
    let _ = refuses(&review, 5, "APPLY-035", "is good for 24 hours only");
    rewrite(&review, |plan| plan["created"] = json!(hours_ago(-1)));
    let _ = refuses(&review, 5, "APPLY-035", "help: set the clocks");
    let settings = review.pair.path().join("mxkeep.yaml");
    rewrite(&review, |plan| plan["created"] = json!(hours_ago(25)));
    fs_err::write(&settings, "estate: pair\napply: {planMaxAge: 72h}\n").unwrap();
    super::all_done(&review.apply().exits(0), 6);
    fs_err::write(&settings, "estate: pair\napply: {planMaxAge: 721h}\n").unwrap();
    let _ =
        review.run(&["validate"]).exits(9).says(&["`planMaxAge` is not a duration from a second to 30 days"]);
}

#[test]
fn an_edited_plan_is_refused() {
    let review = Review::new();
    let _ = review.plan(0);
    let whole = fs_err::read_to_string(review.file()).unwrap();
    for (from, to) in [
        ("\"status\": \"ready\"", "\"status\": \"waiting\""),
        ("holds 10", "holds 11"),
        ("\"digest\": \"", "\"digest\": \"0"),
        ("\"waiting\": 2", "\"waiting\": 1"),
        ("\"checksum\": \"sha256:", "\"checksum\": \"sha256:0"),
    ] {
        assert!(whole.contains(from), "{from}");
        fs_err::write(review.file(), whole.replacen(from, to, 1)).unwrap();
        let _ = refuses(&review, 5, "APPLY-033", "it was edited");
    }
    fs_err::write(review.file(), whole.replace("  ", "\t")).unwrap();
    super::all_done(&review.apply().exits(0), 6);
}

#[test]
fn what_is_no_plan_is_invalid_input() {
    let review = Review::new();
    let _ = review.plan(0);
    let whole = fs_err::read_to_string(review.file()).unwrap();
    let is = |content: &str, says: &str| {
        fs_err::write(review.file(), content).unwrap();
        let _ = refuses(&review, 9, "APPLY-031", says);
    };
    is("estate: pair\n", "it is not JSON (line 1, column 1)");
    is(&whole[..whole.len() / 2], "it ends in the middle");
    is("{}", "it is no plan, but something else");
    let out = format!("json={}", review.file().display());
    let _ = review.run(&["drift", "--out", &out]).exits(2);
    let _ = refuses(&review, 9, "APPLY-031", "in the format `mxkeep.drift/1`");
    let _ = review.run(&["apply", "--yes", "--out", &out]).exits(0);
    let _ = refuses(&review, 9, "APPLY-031", "in the format `mxkeep.outcome/1`");
    fs_err::OpenOptions::new().write(true).open(review.file()).unwrap().set_len(1 << 31).unwrap();
    let _ = refuses(&review, 9, "APPLY-031", "it is larger than 64 MiB");
    fs_err::remove_file(review.file()).unwrap();
    let _ = refuses(&review, 9, "APPLY-031", "cannot read the plan");
    fs_err::create_dir(review.file()).unwrap();
    let _ = refuses(&review, 9, "APPLY-031", "cannot read the plan");
}

#[test]
fn a_plan_of_a_newer_mxkeep_or_with_problems_is_never_applied() {
    let review = Review::new();
    let _ = review.plan(0);
    rewrite(&review, |plan| plan["format"] = json!("mxkeep.plan/2"));
    let _ = refuses(&review, 5, "APPLY-032", "it is in the format `mxkeep.plan/2`");
    let file = review.pair.path().join("one.yaml");
    crate::support::edit(&file, "    appUrl: https://one.acme.example\n", "");
    let plan = review.plan(9);
    assert!(!plan["actions"].as_array().unwrap().is_empty());
    let _ = refuses(&review, 5, "APPLY-036", "a plan with problems (1)");
}
