use proptest::prelude::*;
use serde_json::{Value, json};

use super::{ApiPlaces, ApprovedPlan, Here, LARGEST, MAX_AGE, NotApproved, checksum};
use crate::apply::Approval;

fn plan() -> Value {
    json!({
        "format": "mxkeep.plan/1",
        "estate": "acme",
        "api": {"privateCloud": "https://api.example/v4", "mendixCloud": null},
        "created": "2026-11-22T08:00:00Z",
        "digest": "1",
        "actions": [
            {"id": "create:cluster/a", "digest": "aa", "status": "ready", "changes": [{"path": "name", "after": "a"}]},
            {"id": "create:namespace/a/b", "digest": "bb", "status": "waiting", "changes": []},
            {"id": "delete:environment/c/d", "digest": "cc", "status": "blocked", "changes": []},
        ],
        "notes": [{"severity": "warning", "code": "PLAN-1", "message": "odd"}],
    })
}

/// The file of a plan, with the checksum that it ought to have.
fn file(mut plan: Value) -> String {
    plan["checksum"] = checksum(&plan).into();
    format!("{plan:#}")
}

fn parse(plan: Value) -> Result<ApprovedPlan, NotApproved> {
    ApprovedPlan::parse(file(plan).as_bytes())
}

fn edited(edit: impl FnOnce(&mut Value)) -> Result<ApprovedPlan, NotApproved> {
    let mut plan = plan();
    edit(&mut plan);
    parse(plan)
}

fn check(estate: &str, api: &str, now: &str) -> Result<(), NotApproved> {
    let api = ApiPlaces { private_cloud: Some(api.to_owned()), mendix_cloud: None };
    let here = Here { estate, api: &api, now: now.parse().unwrap(), max_age: MAX_AGE };
    parse(plan()).unwrap().check(&here)
}

#[test]
fn only_what_was_ready_or_waiting_is_approved() {
    let digests = ["aa", "bb"].map(str::to_owned).into();
    assert_eq!(parse(plan()).unwrap().approval(), Approval::Digests(digests));
}

/// Values of a file cannot get into a request, because the module that reads it cannot say what a change is.
#[test]
fn what_reads_a_plan_file_knows_nothing_of_changes() {
    let text = include_str!("../plan_file.rs");
    for word in
        ["crate::diff", "crate::api", "crate::model", "Change", "Action", "Declared", "Manifest", "Live"]
    {
        assert!(!text.contains(word), "plan_file.rs says `{word}`");
    }
    let crate_imports: Vec<_> = text.lines().filter(|line| line.starts_with("use crate::")).collect();
    assert_eq!(crate_imports, ["use crate::plan::Plan;"], "to be looked at, and never made");
}

#[test]
fn what_is_no_plan_says_what_it_is() {
    let other = |format: Value| edited(|plan| plan["format"] = format).unwrap_err();
    let found = Some("mxkeep.outcome/1".to_owned());
    assert_eq!(other(json!("mxkeep.outcome/1")), NotApproved::OtherFormat { found });
    assert_eq!(other(Value::Null), NotApproved::OtherFormat { found: None });
    assert_eq!(other(json!("mxkeep.plan/2")), NotApproved::Newer { found: "mxkeep.plan/2".to_owned() });
    assert_eq!(ApprovedPlan::parse(b"[]"), Err(NotApproved::OtherFormat { found: None }));
    assert_eq!(ApprovedPlan::parse(b"a: b"), Err(NotApproved::NotJson { line: 1, column: 1 }));
    assert_eq!(ApprovedPlan::parse(b""), Err(NotApproved::Truncated));
    let text = file(plan());
    for end in (1..text.trim_end().len()).step_by(7) {
        assert_eq!(ApprovedPlan::parse(&text.as_bytes()[..end]), Err(NotApproved::Truncated), "{end}");
    }
    assert!(matches!(ApprovedPlan::parse(&[b'['; 100_000]), Err(NotApproved::NotJson { .. })), "no overflow");
    assert_eq!(ApprovedPlan::parse(&vec![b' '; LARGEST as usize + 1]), Err(NotApproved::TooLarge));
}

#[test]
fn a_plan_that_lacks_something_is_none() {
    for member in ["estate", "api", "created", "actions", "notes"] {
        let result = edited(|plan| drop(plan.as_object_mut().unwrap().remove(member)));
        assert_eq!(result, Err(NotApproved::Incomplete), "{member}");
        assert_eq!(edited(|plan| plan[member] = json!(7)), Err(NotApproved::Incomplete), "{member}");
    }
    assert_eq!(edited(|plan| plan["actions"][0]["status"] = json!("fine")), Err(NotApproved::Incomplete));
    assert_eq!(
        ApprovedPlan::parse(plan().to_string().as_bytes()),
        Err(NotApproved::Incomplete),
        "no checksum"
    );
}

#[test]
fn a_plan_with_problems_approves_nothing() {
    let result = edited(|plan| plan["notes"][0]["severity"] = json!("error"));
    assert_eq!(result, Err(NotApproved::Problems { count: 1 }));
}

#[test]
fn an_approval_is_good_for_one_estate_one_api_and_a_day() {
    let (api, now) = ("https://api.example/v4", "2026-11-22T09:00:00Z");
    assert_eq!(check("acme", api, now), Ok(()));
    assert!(matches!(check("other", api, now), Err(NotApproved::OtherEstate { .. })));
    assert!(matches!(check("acme", "https://api.example/v5", now), Err(NotApproved::OtherApi { .. })));
    assert_eq!(check("acme", api, "2026-11-23T08:00:00Z"), Ok(()));
    assert!(matches!(check("acme", api, "2026-11-23T08:00:01Z"), Err(NotApproved::Expired { .. })));
    assert_eq!(check("acme", api, "2026-11-22T07:55:00Z"), Ok(()), "clocks need not agree to the second");
    assert!(matches!(check("acme", api, "2026-11-22T07:54:59Z"), Err(NotApproved::Future { .. })));
}

#[test]
fn errors_say_it_in_words() {
    let says = |error: NotApproved, words: &str| assert_eq!(error.to_string(), words);
    says(NotApproved::TooLarge, "it is larger than 64 MiB");
    says(NotApproved::OtherFormat { found: None }, "it is no plan, but something else");
    let created = "2026-11-22T08:00:00Z".parse().unwrap();
    let expired = NotApproved::Expired { created, max_age: MAX_AGE };
    says(expired, "it was made at 2026-11-22T08:00:00Z, and is good for 24 hours only");
}

proptest! {
    /// Any byte of the file may change: then it is no plan any more, or it says the same.
    #[test]
    fn a_changed_byte_is_noticed_or_means_nothing(at in any::<proptest::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = file(plan()).into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(approved) = ApprovedPlan::parse(&bytes) {
            prop_assert_eq!(approved, parse(plan()).unwrap());
        }
    }

    /// The order of keys and white space are nobody's edit.
    #[test]
    fn a_file_that_was_written_anew_is_the_same(indent in any::<bool>(), reverse in any::<bool>()) {
        let mut document: Value = serde_json::from_str(&file(plan())).unwrap();
        if reverse {
            let members: Vec<_> = document.as_object().unwrap().clone().into_iter().rev().collect();
            document = Value::Object(members.into_iter().collect());
        }
        let text = if indent { format!("{document:#}") } else { document.to_string() };
        prop_assert_eq!(ApprovedPlan::parse(text.as_bytes()), parse(plan()));
    }
}
