//! What holds of every plan with a base, over generated estates and worlds.

use mxkeep::diff::{Class, update_manifest};
use mxkeep::model::Live;
use mxkeep::plan::{PlanOptions, Verb, wanted_digest};
use proptest::prelude::*;
use serde_json::json;

use super::{classes, plan_with};
use crate::properties::{config, disturbed, live_as_declared, load, smaller};
use crate::support::driver::plan_of;
use crate::support::generate::estates;

proptest! {
    #![proptest_config(config())]

    /// Base tells whose a difference is. It never decides what differs.
    #[test]
    fn a_base_changes_nothing_but_classes(
        generated in estates(),
        keep in any::<u32>(),
        instances in 0_i64..=10,
        live in any::<u64>(),
    ) {
        let head = load(&generated.files());
        let base = load(&smaller(&generated, keep, instances).files());
        let live = disturbed(&head, live);
        let (with, without) = (plan_with(&base, &head, &live, &PlanOptions::new()), plan_of(&head, &live));
        let essence = |plan: &mxkeep::plan::Plan| -> Vec<_> {
            let of = |action: &mxkeep::plan::Action| {
                let paths: Vec<_> = action.changes().iter().map(|change| change.path.to_string()).collect();
                (action.id.clone(), action.needs.clone(), action.effect, paths)
            };
            plan.actions.iter().map(of).collect()
        };
        prop_assert_eq!(essence(&with), essence(&without));
        prop_assert!(with.actions.iter().all(|action| action.class.is_some()));
        prop_assert!(without.actions.iter().all(|action| action.class.is_none()));
    }

    #[test]
    fn a_base_that_is_the_head_leaves_only_drift(generated in estates(), live in any::<u64>()) {
        let head = load(&generated.files());
        let plan = plan_with(&head, &head, &disturbed(&head, live), &PlanOptions::new());
        prop_assert!(classes(&plan).values().all(|class| *class == Class::Drift), "{:#?}", plan.actions);
        prop_assert!(plan.notes.iter().all(|note| !note.code.starts_with("PLAN-07")), "{:#?}", plan.notes);
    }

    /// Two estates that have little in common but ids: everything is theirs, whatever kind of field it is.
    #[test]
    fn where_live_is_as_the_base_there_is_neither_drift_nor_conflict(one in estates(), other in estates()) {
        let (base, head) = (load(&one.files()), load(&other.files()));
        let plan = plan_with(&base, &head, &live_as_declared(&base), &PlanOptions::new());
        let is_own = |class: &Class| matches!(class, Class::Change | Class::Adopt);
        prop_assert!(classes(&plan).values().all(is_own), "{:#?}", plan.actions);
    }

    /// The same two, and a live side that is neither. What base tells of secrets, decides what is shown and approved of a
    /// value, too.
    #[test]
    fn any_base_changes_nothing_but_classes(one in estates(), other in estates(), live in any::<u64>()) {
        let (base, head) = (load(&one.files()), load(&other.files()));
        let live = disturbed(&base, live);
        let (with, without) = (plan_with(&base, &head, &live, &PlanOptions::new()), plan_of(&head, &live));
        let ids = |plan: &mxkeep::plan::Plan| -> Vec<_> {
            plan.actions.iter().map(|action| action.id.clone()).collect()
        };
        prop_assert_eq!(ids(&with), ids(&without));
        for (with, without) in with.actions.iter().zip(&without.actions) {
            let asked = |action: &mxkeep::plan::Action| -> Vec<_> {
                action.changes().iter().map(|it| (it.path.to_string(), wanted_digest(it))).collect()
            };
            prop_assert_eq!(asked(with), asked(without));
            let secrets = |action: &mxkeep::plan::Action| -> Vec<_> {
                action.changes().iter().map(|it| it.sensitive).collect()
            };
            prop_assert!(with.digest == without.digest || secrets(with) != secrets(without));
        }
    }

    /// What may run, done, leaves what may not.
    #[test]
    fn what_is_done_is_not_to_be_done_again(
        generated in estates(),
        keep in any::<u32>(),
        instances in 0_i64..=10,
        live in any::<u64>(),
    ) {
        let head = load(&generated.files());
        let base = load(&smaller(&generated, keep, instances).files());
        let mut live = disturbed(&base, live);
        let plan = plan_with(&base, &head, &live, &PlanOptions::new());
        let is_update = |action: &&mxkeep::plan::Action| action.verb() == Verb::Update;
        for action in plan.actions.iter().filter(is_update).filter(|action| action.is_ready()) {
            let Some(before) = live.get(&action.identity).cloned() else { continue };
            let table = action.identity.kind().fields();
            let body = update_manifest(table, before.manifest(), action.changes()).unwrap();
            live.insert(Live { document: json!({action.identity.kind().name(): body}), ..before });
        }
        let again = plan_with(&base, &head, &live, &PlanOptions::new());
        for action in again.actions.iter().filter(is_update).filter(|action| live.get(&action.identity).is_some()) {
            prop_assert!(!action.is_ready(), "{:#?}", action);
        }
    }
}
