//! What guards promise, over generated estates: they stop what they say and what needs it, and change nothing else.

use std::collections::{BTreeMap, BTreeSet};

use mxkeep::model::{DesiredState, Kind, LiveState};
use mxkeep::plan::{Action, Plan, PlanInput, PlanOptions, Scope, Status, held_by_guards, plan};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::properties::{config, live_as_declared, load};
use crate::support::driver::{TODAY, operators};
use crate::support::generate::{Generated, estates};

/// The guards of an estate, as JSON, which is YAML.
fn guards() -> impl Strategy<Value = Value> {
    let globs =
        prop::sample::subsequence(vec!["environment/*/env0", "environment/**", "cluster/cluster1"], 0..=2);
    let number = || prop::option::of(0_usize..=2);
    let windows = prop::sample::subsequence(
        vec![
            json!({"until": "2199-12-31", "address": "environment/*/env1", "reason": "r"}),
            json!({"until": "2020-01-01", "reason": "r"}),
            json!({"days": "sun", "address": "namespace/**", "reason": "r"}),
        ],
        0..=2,
    );
    (globs, number(), number(), windows).prop_map(|(protect, deletes, restarts, freeze)| {
        let mut guards = json!({"protect": protect, "freeze": freeze});
        for (name, number) in [("maxDeletes", deletes), ("maxRestarts", restarts)] {
            if let Some(number) = number {
                guards[name] = number.into();
            }
        }
        guards
    })
}

/// A world that is not as declared, and the same estate with and without guards, in which some environments are to go.
struct Case {
    with: DesiredState,
    without: DesiredState,
    live: LiveState,
}

fn case(generated: &Generated, guards: &Value, gone: u8, worn: u64) -> Case {
    let mut live = live_as_declared(&load(&generated.files()));
    for (index, resource) in live.resources.values_mut().enumerate() {
        let kind = resource.identity.kind();
        let body = resource.document.get_mut(kind.name()).unwrap();
        match kind {
            _ if worn >> index & 1 == 0 => {}
            Kind::Cluster => body["description"] = "worn".into(),
            Kind::Namespace => body["operationalLinks"] = json!({"logsUrl": "https://worn.example"}),
            // The platform stops an environment to give it another package.
            Kind::Environment => body["deployment"]["packageId"] = "worn".into(),
            Kind::CloudApp | Kind::App | Kind::Package => {}
        }
    }
    let mut head = generated.clone();
    let mut number = 0;
    for document in &mut head.documents {
        let Some(id) = document.get("environment").map(|environment| environment["id"].clone()) else {
            continue;
        };
        if gone >> number & 1 == 1 {
            let address = format!("environment/app0/{}", id.as_str().unwrap());
            *document = json!({"remove": [{"address": address, "id": id}]});
        }
        number += 1;
    }
    let files = head.files();
    let mut guarded = files.clone();
    guarded[0].1 = format!("estate: generated\nguards: {guards}\n");
    Case { with: load(&guarded), without: load(&files), live }
}

fn planned(desired: &DesiredState, live: &LiveState, base: Option<&DesiredState>, waive: &[&str]) -> Plan {
    let options =
        PlanOptions { waive: waive.iter().map(|it| (*it).to_owned()).collect(), ..PlanOptions::new() };
    let (scope, operators) = (Scope::default(), operators(desired));
    let input = PlanInput::new(desired, live, &scope, TODAY);
    plan(&PlanInput { operators: &operators, options: &options, base, ..input }).unwrap()
}

/// What becomes of every action: its digest, and why it may not run.
fn statuses(plan: &Plan) -> BTreeMap<&str, (&str, Option<&str>)> {
    let code = |action: &'_ Action| match &action.status {
        Status::Ready => None,
        Status::Blocked(block) => Some(block.code),
        Status::Waiting(wait) => Some(wait.code),
    };
    plan.actions.iter().map(|action| (action.id.as_str(), (action.digest.as_str(), code(action)))).collect()
}

/// These actions and what needs them.
fn with_dependants<'p>(plan: &'p Plan, of: impl Iterator<Item = &'p Action>) -> BTreeSet<&'p str> {
    let mut found: BTreeSet<&str> = of.map(|action| action.id.as_str()).collect();
    // The order of a plan respects every need.
    for action in &plan.actions {
        if action.needs.iter().any(|need| found.contains(need.as_str())) {
            found.insert(&action.id);
        }
    }
    found
}

fn is_counted(action: &Action) -> bool {
    matches!(&action.status, Status::Blocked(block) if block.reason.contains("guard `max"))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_guard_stops_what_it_says_and_what_needs_it_and_nothing_else(
        generated in estates(), guards in guards(), gone in any::<u8>(), worn in any::<u64>(),
    ) {
        let Case { with, without, live } = case(&generated, &guards, gone, worn);
        let (guarded, free) = (planned(&with, &live, None, &[]), planned(&without, &live, None, &[]));
        let stopped = with_dependants(&guarded, held_by_guards(&guarded));
        let (now, before) = (statuses(&guarded), statuses(&free));
        prop_assert_eq!(now.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
        for (id, (digest, code)) in now {
            prop_assert_eq!(digest, before[id].0);
            if stopped.contains(id) {
                prop_assert!(code.is_some(), "{id} is stopped and may run");
            } else {
                prop_assert_eq!(code, before[id].1, "{}", id);
            }
        }
    }

    #[test]
    fn a_digest_lets_its_action_through_and_nothing_else(
        generated in estates(), guards in guards(), gone in any::<u8>(), worn in any::<u64>(), pick in any::<prop::sample::Index>(),
    ) {
        let Case { with, without, live } = case(&generated, &guards, gone, worn);
        let guarded = planned(&with, &live, None, &[]);
        let held: Vec<_> = held_by_guards(&guarded).collect();
        prop_assume!(!held.is_empty());
        let chosen = held[pick.index(held.len())];
        let waived = planned(&with, &live, None, &[&chosen.digest]);
        let through = waived.actions.iter().find(|action| action.id == chosen.id).unwrap();
        prop_assert_eq!(&through.digest, &chosen.digest);
        prop_assert!(!through.waived.is_empty() && !held_by_guards(&waived).any(|action| action.id == chosen.id));
        // Of a number that is exceeded, one less may be none too many.
        let counted = guarded.actions.iter().filter(|action| is_counted(chosen) && is_counted(action));
        let free = with_dependants(&guarded, [chosen].into_iter().chain(counted));
        let before = statuses(&guarded);
        for (id, status) in statuses(&waived) {
            prop_assert!(free.contains(id) || status == before[id], "{} was not waived", id);
        }
        // Whoever waives everything that is held has the plan without the guards.
        let digests: Vec<_> = held.iter().map(|action| action.digest.as_str()).collect();
        let all = planned(&with, &live, None, &digests);
        let unguarded = planned(&without, &live, None, &[]);
        prop_assert_eq!(statuses(&all), statuses(&unguarded));
    }

    #[test]
    fn a_change_that_takes_its_own_guards_away_changes_nothing(
        generated in estates(), guards in guards(), gone in any::<u8>(), worn in any::<u64>(),
    ) {
        let Case { with, without, live } = case(&generated, &guards, gone, worn);
        let (kept, taken) = (planned(&with, &live, Some(&with), &[]), planned(&without, &live, Some(&with), &[]));
        prop_assert_eq!(statuses(&kept), statuses(&taken));
        // One that adds guards has them at once.
        let added = planned(&with, &live, Some(&without), &[]);
        prop_assert_eq!(statuses(&kept), statuses(&added));
    }
}
