//! Three-way with Git: whose a difference is, and what follows from that.

mod command;
mod laws;
mod report;
mod secrets;
mod shown;
mod table;

use std::collections::BTreeMap;

use mxkeep::apply::ActionOutcome;
use mxkeep::diff::Class;
use mxkeep::model::{DesiredState, LiveState};
use mxkeep::plan::{Plan, PlanInput, PlanOptions, Scope, plan};
use tempfile::TempDir;

use crate::support::driver::{TODAY, load_valid, operators};
use crate::support::{World, copy_tree, edit, project};

/// A plan with a base.
fn plan_with(base: &DesiredState, head: &DesiredState, live: &LiveState, options: &PlanOptions) -> Plan {
    let (scope, operators) = (Scope::default(), operators(head));
    let input = PlanInput::new(head, live, &scope, TODAY);
    plan(&PlanInput { base: Some(base), operators: &operators, options, ..input }).unwrap()
}

/// The class of every change, by the address of its resource and its path.
fn classes(plan: &Plan) -> BTreeMap<(String, String), Class> {
    let changes = plan.actions.iter().flat_map(|action| {
        let address = action.address.to_string();
        action
            .changes()
            .iter()
            .map(move |change| ((address.clone(), change.path.to_string()), change.class.unwrap()))
    });
    changes.collect()
}

/// The codes of the notes about a resource.
fn notes(plan: &Plan, code: &str) -> Vec<String> {
    plan.notes.iter().filter(|note| note.code == code).map(|note| note.message.clone()).collect()
}

/// The estate of the golden plans, live as declared, in a directory that a pull request may change.
struct Estate {
    world: World,
    base: DesiredState,
    head: TempDir,
}

impl Estate {
    /// With this change of it from the start.
    fn new(prepare: impl Fn(&TempDir)) -> Estate {
        let (world, head) = (World::quick(), tempfile::tempdir().unwrap());
        copy_tree(&project().join("tests/plans/base"), head.path());
        prepare(&head);
        let base = load_valid(head.path());
        world.register(&base);
        let (outcome, _) = world.apply(&base, &world.plan(&base));
        assert!(outcome.actions.iter().all(|report| report.verified), "{outcome:#?}");
        Estate { world, base, head }
    }

    /// A change of the pull request.
    fn edit(&self, file: &str, from: &str, to: &str) {
        edit(&self.head.path().join(file), from, to);
    }

    fn remove(&self, file: &str) {
        fs_err::remove_file(self.head.path().join(file)).unwrap();
    }

    fn write(&self, file: &str, text: &str) {
        fs_err::write(self.head.path().join(file), text).unwrap();
    }

    fn plan(&self, options: &PlanOptions) -> (DesiredState, Plan) {
        let head = load_valid(self.head.path());
        let plan = plan_with(&self.base, &head, &self.world.read(&self.base), options);
        (head, plan)
    }

    /// Applies what may run; all of it has to succeed and to be verified without a warning.
    fn apply(&self, head: &DesiredState, plan: &Plan) {
        let (outcome, _) = self.world.apply(head, plan);
        for report in &outcome.actions {
            let is_blocked = report.action.is_blocked();
            let expected = if is_blocked { ActionOutcome::Blocked } else { ActionOutcome::Done };
            assert_eq!(report.outcome, expected, "{report:#?}");
            assert!(is_blocked || report.verified && report.warnings.is_empty(), "{report:#?}");
        }
    }
}

/// The environment of the estate, as the simulator calls it.
const ENVIRONMENT: &str =
    "environments/0b1b2c3d-0000-4000-8000-000000000004/0b1b2c3d-0000-4000-8000-000000000002/shop1";
