//! A field is described once, in the table of its kind, and needs no other edit: every field of every table is taken
//! from a file to the plan, the request, the comparison, the schema and the reference page, by nothing but its
//! description.

mod sample;

use mxkeep::apply::plan_file::ApiPlaces;
use mxkeep::diff::{create_manifest, update_manifest};
use mxkeep::model::field::{Effect, Field, Format, Owner, Shape};
use mxkeep::model::{Desired, DesiredState, Kind, Live, LiveState};
use mxkeep::plan::{Action, ActionEffect, Plan, Status, Verb};
use mxkeep::render::{Format as Output, PlanFacts, Report, Style, plan_view};
use mxkeep::source::{LoadOptions, Loaded, load, schema};
use serde_json::{Value, json};

use crate::support::driver::{TODAY, plan_of, plan_of_strangers};
use crate::support::{estate, project};
use sample::{
    CANARY, OTHER_CANARY, Way, get, heading, is_immutable, is_key, leaves, minimal_of, on_the_wire, other,
    path, put, sample,
};

/// Calls `check` for every field that files can declare and the API knows.
fn every_field(mut check: impl FnMut(Kind, &[Way], &'static Field)) {
    let mut checked = 0;
    for kind in Kind::ALL.into_iter().filter(|kind| kind.is_managed()) {
        leaves(kind.fields(), &[], &mut |way, field| {
            checked += 1;
            check(kind, way, field);
        });
    }
    assert!(checked >= 75, "only {checked} fields were found");
}

/// An estate with one resource of each kind, where one of them has this value at the end of this way.
fn read(kind: Kind, way: &[Way], value: &Value) -> Loaded {
    let mut text = String::new();
    for other in Kind::ALL {
        let mut body = minimal_of(other);
        // Where there is an external secrets store, environments have no services (SVC-01).
        if other == Kind::Environment && is_at(way, "enableExternalSecretsStore") {
            body.as_object_mut().unwrap().remove("services");
        }
        if other == kind {
            if path(way).to_string() == "file" {
                // A package comes from one place only.
                body.as_object_mut().unwrap().retain(|field, _| field != "branch" && field != "revision");
            }
            put(&mut body, way, value.clone());
            // Instrumentation needs an agent (MET-04).
            if is_at(way, "mxAgentInstrumentationConfig") {
                body["runtimeMetricsConfiguration"]["mxAgentConfig"] = json!("{}");
            }
        }
        text += &format!("---\n{}\n", json!({other.name(): body}));
    }
    let package = ("dist/order-desk.mda", "PK");
    let files = estate(&[("mxkeep.yaml", "estate: tables\n"), ("all.yaml", &text), package]);
    load(files.path(), &LoadOptions { environment: &|_| Some(CANARY.to_owned()), today: TODAY })
}

/// Whether a way ends at the field of this name.
fn is_at(way: &[Way], name: &str) -> bool {
    matches!(way.last(), Some(Way::Field(field)) if field.name == name)
}

fn declare(kind: Kind, way: &[Way], field: &Field) -> DesiredState {
    let Loaded { desired, diagnostics, .. } = read(kind, way, &sample(field));
    assert!(diagnostics.is_empty(), "{kind} {}: {diagnostics:#?}", path(way));
    desired.unwrap()
}

fn resource(desired: &DesiredState, kind: Kind) -> &Desired {
    desired.of_kind(kind).next().unwrap()
}

fn action(plan: &Plan, kind: Kind) -> &Action {
    assert!(plan.problems.is_empty(), "{:#?}", plan.problems);
    plan.actions.iter().find(|action| action.identity.kind() == kind).unwrap()
}

/// The bodies of the create and of the update that follows it.
fn bodies(action: &Action) -> (Value, Value) {
    let table = action.identity.kind().fields();
    let created = create_manifest(table, action.changes()).unwrap();
    let updated = update_manifest(table, &created, action.changes()).unwrap();
    (created, updated)
}

/// The world in which everything is as declared.
fn live_as_declared(desired: &DesiredState) -> LiveState {
    let mut live = LiveState::default();
    for action in &plan_of(desired, &live).actions {
        let (_, body) = bodies(action);
        let kind = action.identity.kind();
        live.insert(Live {
            identity: action.identity.clone(),
            cluster: action.cluster.filter(|_| kind == Kind::Namespace),
            document: json!({"manifestVersion": "2.0.0", kind.name(): body}),
        });
    }
    // What only the platform adds is there as well, as its update would leave it.
    for action in plan_of_strangers(desired, &live).actions.iter().filter(|action| action.wait().is_some()) {
        let Some(found) = live.resources.get_mut(&action.identity) else { continue };
        let kind = action.identity.kind();
        let body = update_manifest(kind.fields(), found.manifest(), action.changes()).unwrap();
        found.document[kind.name()] = body;
    }
    live
}

/// The same world, with another value in one field.
fn live_with_other(desired: &DesiredState, kind: Kind, way: &[Way], field: &Field) -> LiveState {
    let mut live = live_as_declared(desired);
    let manifest =
        &mut live.resources.get_mut(&resource(desired, kind).identity).unwrap().document[kind.name()];
    put(manifest, way, other(field));
    live
}

/// A plan in every format.
fn shown(plan: &Plan) -> String {
    let facts = PlanFacts {
        requests_made: 1,
        requests_budget: 1,
        api: "https://api.example".to_owned(),
        revisions: None,
        places: ApiPlaces::default(),
        created: jiff::Timestamp::UNIX_EPOCH,
    };
    let view = plan_view(plan, &facts);
    let style = Style { files: Some("file:///estate/".to_owned()), ..Style::default() };
    let report = Report::Plan(view);
    Output::ALL.map(|format| report.render(format, &style)).join("\n")
}

fn assert_hidden(plan: &Plan, what: &str) {
    use base64::Engine as _;
    let shown = shown(plan);
    for secret in [CANARY, OTHER_CANARY] {
        let encoded = base64::engine::general_purpose::STANDARD.encode(secret);
        for spelling in [secret, &encoded] {
            assert!(!shown.contains(spelling), "{what} shows `{spelling}`:\n{shown}");
        }
    }
}

fn is_in_standing_list(way: &[Way]) -> bool {
    let is_standing = |field: &Field| matches!(field.shape, Shape::List(list) if list.standing);
    way.iter().any(|step| matches!(step, Way::Field(field) if is_standing(field)))
}

fn is_in_closed_list(way: &[Way]) -> bool {
    let is_closed = |field: &Field| matches!(field.shape, Shape::List(list) if list.closed);
    way.iter().any(|step| matches!(step, Way::Field(field) if is_closed(field)))
}

#[test]
fn a_create_sends_every_declared_field_to_its_place() {
    every_field(|kind, way, field| {
        let desired = declare(kind, way, field);
        let plan = plan_of(&desired, &LiveState::default());
        let action = action(&plan, kind);
        assert_eq!(action.verb(), if kind.is_created() { Verb::Create } else { Verb::Update }, "{kind}");
        let at = path(way);
        if is_in_closed_list(way) {
            // Only the platform adds such items, so a create cannot send them.
            assert!(action.changes().iter().all(|change| change.path != at), "{kind} {at}");
            let strange = plan_of_strangers(&desired, &LiveState::default());
            let waits = |action: &&Action| action.wait().is_some_and(|wait| wait.code == "PLAN-301");
            let change = |action: &Action| action.changes().iter().any(|change| change.path == at);
            let is_waiting = strange.actions.iter().filter(waits).any(change);
            let item = format!("`{}`", path(&way[..way.len() - 1]));
            let is_noted =
                strange.notes.iter().any(|note| note.code == "PLAN-007" && note.message.contains(&item));
            assert!(is_waiting != is_noted, "{kind} {at}: {strange:#?}");
            return;
        }
        if is_key(way) && is_in_standing_list(way) {
            // Whoever is named and given nothing has nothing already.
            return;
        }
        let found = action.changes().iter().filter(|change| change.path == at).count();
        if is_key(way) && !field.sensitive {
            let item = path(&way[..way.len() - 1]).to_string();
            assert!(action.changes().iter().any(|it| it.path.to_string().starts_with(&item)), "{kind} {at}");
        } else {
            assert_eq!(found, 1, "{kind} {at}: {:#?}", action.changes());
        }
        let (created, updated) = bodies(action);
        let Way::Field(first) = way[0] else { unreachable!() };
        let expected = on_the_wire(field);
        assert_eq!(get(&created, way), first.in_create.then_some(&expected), "{kind} {at}: {created:#}");
        assert_eq!(get(&updated, way), Some(&expected), "{kind} {at}: {updated:#}");
    });
}

#[test]
fn a_declared_field_that_is_live_is_no_difference() {
    every_field(|kind, way, field| {
        let desired = declare(kind, way, field);
        let plan = plan_of(&desired, &live_as_declared(&desired));
        assert!(plan.actions.is_empty(), "{kind} {}: {:#?}", path(way), plan.actions);
    });
}

#[test]
fn another_live_value_is_one_change_with_the_effect_of_the_table() {
    every_field(|kind, way, field| {
        // Another key is another item.
        if is_key(way) {
            return;
        }
        let desired = declare(kind, way, field);
        let live = live_with_other(&desired, kind, way, field);
        let plan = plan_of(&desired, &live);
        let at = path(way);
        if !matches!(field.owner, Owner::Managed | Owner::Immutable) {
            assert!(plan.actions.is_empty(), "{kind} {at} is not compared: {:#?}", plan.actions);
            return;
        }
        assert_eq!(plan.actions.len(), 1, "{kind} {at}: {:#?}", plan.actions);
        let action = action(&plan, kind);
        let [change] = action.changes() else { panic!("{kind} {at}: {:#?}", action.changes()) };
        assert_eq!((action.verb(), &change.path), (Verb::Update, &at));
        assert_eq!(change.before, Some(other(field)), "{kind} {at}");
        assert_eq!((change.effect, change.sensitive), (field.effect, field.sensitive), "{kind} {at}");
        assert_eq!(change.immutable, is_immutable(way), "{kind} {at}");
        assert_eq!(matches!(action.status, Status::Blocked(_)), is_immutable(way), "{kind} {at}");
        assert_eq!(action.effect, effect_on_an_unknown_operator(field.effect), "{kind} {at}");
        let body =
            update_manifest(kind.fields(), live.get(&action.identity).unwrap().manifest(), action.changes());
        assert_eq!(get(&body.unwrap(), way), Some(&on_the_wire(field)), "{kind} {at}");
    });
}

fn effect_on_an_unknown_operator(effect: Effect) -> ActionEffect {
    match effect {
        // Instances are declared, and they are not zero.
        Effect::None | Effect::Scale => ActionEffect::None,
        Effect::Restart => ActionEffect::Restart,
        Effect::Stop => ActionEffect::Stop,
    }
}

#[test]
fn no_plan_shows_a_secret() {
    every_field(|kind, way, field| {
        if field.sensitive {
            let desired = declare(kind, way, field);
            let what = format!("{kind} {}", path(way));
            assert_hidden(&plan_of(&desired, &LiveState::default()), &what);
            assert_hidden(&plan_of(&desired, &live_with_other(&desired, kind, way, field)), &what);
        }
    });
}

#[test]
fn no_plan_shows_a_text_from_outside() {
    let mut taken = 0;
    every_field(|kind, way, field| {
        if !matches!(field.shape, Shape::Text(Format::Plain)) || field.sensitive {
            return;
        }
        let Some(desired) = read(kind, way, &json!({"fromEnv": "CANARY"})).desired else { return };
        taken += 1;
        let what = format!("{kind} {}", path(way));
        assert_hidden(&plan_of(&desired, &LiveState::default()), &what);
        let mut live = live_as_declared(&desired);
        assert!(plan_of(&desired, &live).actions.is_empty(), "{what}");
        let identity = &resource(&desired, kind).identity;
        put(&mut live.resources.get_mut(identity).unwrap().document[kind.name()], way, json!(OTHER_CANARY));
        assert_hidden(&plan_of(&desired, &live), &what);
    });
    assert!(taken >= 7, "only {taken} fields took a value from outside");
}

#[test]
fn the_schemas_know_every_field() {
    let whole = schema::schema();
    every_field(|kind, way, _| {
        for schema in [&whole, &schema::schema_for(kind)] {
            let body = &schema["properties"][kind.name()];
            assert!(knows(body, way), "the schema of {kind} does not know {}", path(way));
        }
    });
}

/// Whether a schema leads along a way, through any of its alternatives.
fn knows(schema: &Value, way: &[Way]) -> bool {
    let alternatives = schema["anyOf"].as_array().into_iter().flatten();
    let leads = |schema: &Value| match way {
        [] => true,
        [Way::Field(field), rest @ ..] => {
            schema["properties"].get(field.name).is_some_and(|it| knows(it, rest))
        }
        [Way::Item(_), rest @ ..] => schema.get("items").is_some_and(|it| knows(it, rest)),
    };
    leads(schema) || alternatives.into_iter().any(|schema| knows(schema, way))
}

#[test]
fn the_reference_pages_know_every_field() {
    every_field(|kind, way, _| {
        let page = project().join(format!("docs/reference/fields-{kind}.md"));
        let heading = format!("\n## `{}`\n", heading(way));
        assert!(fs_err::read_to_string(page).unwrap().contains(&heading), "{kind} lacks{heading}");
    });
}
