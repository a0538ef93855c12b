//! The main job through the library: load, read, plan, apply, and again.

use mxkeep::apply::ActionOutcome;
use mxkeep::plan::{ActionEffect, Verb};
use serde_json::json;

use crate::support::driver::load_valid;
use crate::support::{World, edit, example};

#[test]
fn an_estate_comes_into_being_and_stays_as_declared() {
    let (world, estate) = (World::quick(), example("quickstart"));
    let desired = load_valid(estate.path());
    register(&world, &desired);

    let plan = world.plan(&desired);
    assert!(plan.problems.is_empty(), "{:#?}", plan.problems);
    assert_eq!(plan.actions.len(), 7);
    let (outcome, _) = world.apply(&desired, &plan);
    for report in &outcome.actions {
        assert_eq!(report.outcome, ActionOutcome::Done, "{}: {:?}", report.action.id, report.error);
        assert!(report.verified, "{}: {:?}", report.action.id, report.warnings);
    }

    let again = world.plan(&desired);
    assert!(again.actions.is_empty(), "{:#?}", again.actions);

    edit(&estate.path().join("web-shop.yaml"), "TimeoutSeconds: \"10\"", "TimeoutSeconds: \"11\"");
    let desired = load_valid(estate.path());
    let plan = world.plan(&desired);
    assert_eq!(plan.actions.len(), 1);
    let action = &plan.actions[0];
    assert_eq!((action.verb(), action.effect), (Verb::Update, ActionEffect::Rolling));
    let paths: Vec<_> = action.changes().iter().map(|change| change.path.to_string()).collect();
    assert_eq!(paths, ["deployment.constants[Payment.TimeoutSeconds].value"]);
    assert_eq!(action.changes()[0].before, Some(json!("10")));
}

/// Registers apps, packages and operators as `--simulate` does.
fn register(world: &World, desired: &mxkeep::model::DesiredState) {
    use mxkeep::model::{Identity, Kind};
    for app in desired.of_kind(Kind::App) {
        world.get().register_app(&app.identity.id(), &app.name);
    }
    for environment in desired.of_kind(Kind::Environment) {
        let Identity::Environment { app, .. } = &environment.identity else { unreachable!() };
        let model = json!({
            "constants": [{"name": "Payment.BaseUrl", "default": ""}, {"name": "Payment.TimeoutSeconds", "default": "1"}],
            "scheduledEvents": ["Shop.SE_Cleanup"],
        });
        let package = environment.text(&["deployment", "packageId"]).unwrap();
        world.get().register_package(&app.to_string(), package, &model);
    }
    for namespace in desired.of_kind(Kind::Namespace) {
        let plans = json!([
            {"planName": "rds", "planType": "OnDemand", "planConfig": "{type: \"database\"}"},
            {"planName": "s3", "planType": "OnDemand", "planConfig": "{type: \"storage\"}"},
        ]);
        world.get().install_operator(&namespace.identity.id(), &json!({"version": "2.25.0", "plans": plans}));
    }
}
