//! The table of the classes, for every combination of what base, head and live may say of a field.

use std::collections::BTreeMap;

use mxkeep::diff::Class;
use mxkeep::plan::{PlanOptions, note};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::{classes, notes, plan_with};
use crate::properties::{config, live_as_declared, load};
use crate::support::generate::{Generated, id};

/// What a document says of a field.
#[derive(Debug, Clone, PartialEq)]
enum Says {
    /// Nothing.
    Nothing,
    /// That there is none: `null`, or an exact list without the item.
    Gone,
    /// This value.
    Is(&'static str),
}

/// A field that can be said in every way.
#[derive(Debug, Clone, Copy)]
struct Subject {
    path: &'static str,
    /// The values, the last one spelt in another way by each side of equals.
    values: &'static [&'static str],
    can_go: bool,
}

const SUBJECTS: [Subject; 5] = [
    Subject { path: "container.instances", values: &["1", "2", "3"], can_go: false },
    Subject {
        path: "deployment.appUrl",
        values: &["https://a.example", "https://b.example", "https://c.example"],
        can_go: false,
    },
    // An item with an empty text is another thing than no item.
    Subject { path: "deployment.constants[M.One].value", values: &["x", "y", ""], can_go: true },
    Subject { path: "runtime.environmentVariables[A].value", values: &["x", "y", "z"], can_go: true },
    Subject { path: "runtimeMetricsConfiguration.interval", values: &["PT1M", "PT2M", "PT3M"], can_go: true },
];

/// What a document says of each subject.
type Saying = Vec<Says>;

fn saying() -> impl Strategy<Value = Saying> {
    SUBJECTS
        .map(|subject| {
            let mut ways = vec![Says::Nothing];
            ways.extend(subject.values.iter().map(|value| Says::Is(value)));
            if subject.can_go {
                ways.push(Says::Gone);
            }
            select(ways)
        })
        .to_vec()
}

/// The estate with one environment of which a document says this.
fn estate(saying: &Saying) -> Generated {
    let [instances, url, constant, variable, interval] = saying.as_slice() else { unreachable!() };
    let mut body = json!({
        "id": "env0",
        "app": "app0",
        "properties": {"name": "env0", "production": true},
        "provider": {"namespace": "namespace0"},
    });
    let mut set = |parent: &str, name: &str, value: Value| {
        body.as_object_mut().unwrap().entry(parent).or_insert_with(|| json!({}))[name] = value;
    };
    if let Says::Is(value) = instances {
        set("container", "instances", value.parse::<i64>().unwrap().into());
    }
    if let Says::Is(value) = url {
        set("deployment", "appUrl", (*value).into());
    }
    match constant {
        Says::Nothing => {}
        Says::Gone => set("deployment", "constants", json!({"M.One": {"absent": true}})),
        Says::Is(value) => set("deployment", "constants", json!({"M.One": value})),
    }
    match variable {
        Says::Nothing => {}
        Says::Gone => set("runtime", "environmentVariables", json!({"OTHER": "o"})),
        Says::Is(value) => set("runtime", "environmentVariables", json!({"OTHER": "o", "A": value})),
    }
    match interval {
        Says::Nothing => {}
        Says::Gone => set("runtimeMetricsConfiguration", "interval", Value::Null),
        Says::Is(value) => set("runtimeMetricsConfiguration", "interval", (*value).into()),
    }
    Generated {
        documents: vec![
            json!({"cluster": {"clusterId": id("cluster0"), "name": "cluster0", "clusterType": "eks"}}),
            json!({"namespace": {
                "namespaceId": id("namespace0"), "cluster": "cluster0", "name": "namespace0",
                "secret": {"fromFile": "secret.txt"},
            }}),
            json!({"app": {"appId": id("app0"), "name": "app0"}}),
            json!({"environment": body}),
        ],
    }
}

/// A row of the table, but for what becomes of it.
#[derive(Debug, PartialEq)]
enum Row {
    Nothing,
    Class(Class),
    AlreadyDone,
    Released,
}

/// The table of the issue, as it stands there.
fn row(base: &Says, head: &Says, live: &Says) -> Row {
    // A live side says a value, or that there is none.
    let live = if *live == Says::Nothing { &Says::Gone } else { live };
    match (base, head) {
        (Says::Nothing, Says::Nothing) => Row::Nothing,
        // newly managed
        (Says::Nothing, head) if head == live => Row::Nothing,
        (Says::Nothing, _) => Row::Class(Class::Adopt),
        // no longer managed
        (_, Says::Nothing) => Row::Released,
        // equal
        (base, head) if base == head && head == live => Row::Nothing,
        (base, head) if base == head => Row::Class(Class::Drift),
        // differ
        (base, _) if base == live => Row::Class(Class::Change),
        (_, head) if head == live => Row::AlreadyDone,
        _ => Row::Class(Class::Conflict),
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_field_has_the_class_of_the_table(base in saying(), head in saying(), live in saying()) {
        let declared = [&base, &head, &live].map(|saying| load(&estate(saying).files()));
        let world = live_as_declared(&declared[2]);
        let plan = plan_with(&declared[0], &declared[1], &world, &PlanOptions::new());
        let found: BTreeMap<String, Class> = classes(&plan)
            .into_iter()
            .filter(|((address, _), _)| address == "environment/app0/env0")
            .map(|((_, path), class)| (path, class))
            .collect();
        let (done, released) = (notes(&plan, note::ALREADY_DONE), notes(&plan, note::RELEASED));
        for (index, subject) in SUBJECTS.iter().enumerate() {
            let expected = row(&base[index], &head[index], &live[index]);
            let path = subject.path;
            // An item that goes has no field any more.
            let item = path.trim_end_matches(".value");
            let class = found.get(path).or_else(|| found.get(item)).copied();
            let told = |notes: &[String]| {
                notes.iter().any(|note| {
                    let named = note.split('`').nth(1).unwrap();
                    path == named || item == named || path.starts_with(&format!("{named}."))
                        || path.starts_with(&format!("{named}["))
                })
            };
            // What is released with all that lies below it may have parts that nobody managed.
            let is_released = base[index] != Says::Nothing && told(&released);
            let row = match (class, told(&done), is_released) {
                (None, false, false) => Row::Nothing,
                (Some(class), false, false) => Row::Class(class),
                (None, true, false) => Row::AlreadyDone,
                (None, false, true) => Row::Released,
                several => panic!("{path}: {several:?}"),
            };
            let says = (&base[index], &head[index], &live[index]);
            prop_assert_eq!(row, expected, "{}: base, head, live: {:?}", path, says);
        }
        for action in &plan.actions {
            prop_assert_eq!(action.class, action.changes().iter().filter_map(|change| change.class).max());
            let is_conflict = action.class == Some(Class::Conflict);
            prop_assert_eq!(action.is_blocked(), is_conflict, "{:#?}", action.status);
        }
    }
}
