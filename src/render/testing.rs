//! Plans, drift reports and outcomes built by hand, for the tests of this module.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use serde_json::{Value, json};
use uuid::Uuid;

use super::view::PlanFacts;
use crate::apply::outcome as codes;
use crate::apply::plan_file::ApiPlaces;
use crate::apply::{ActionOutcome, ActionReport, Failure, FailureKind, Outcome};
use crate::diff::{After, Change, Changes};
use crate::model::field::Effect;
use crate::model::{Address, FieldPath, Identity, ItemKey, Origin, Outside, Reference, Step};
use crate::plan::drift::{Drift, DriftState, Drifted};
use crate::plan::{
    Action, ActionEffect, Block, Note, Plan, Problem, Severity, Status, Unmanaged, Work, note,
};

pub(super) fn facts() -> PlanFacts {
    PlanFacts {
        requests_made: 5,
        requests_budget: 6,
        api: "https://privatecloud.mendixcloud.com/api/v4".to_owned(),
        revisions: None,
        places: ApiPlaces {
            private_cloud: Some("https://privatecloud.mendixcloud.com/api/v4".to_owned()),
            mendix_cloud: None,
        },
        created: "2026-11-22T08:00:00Z".parse().unwrap(),
    }
}

pub(super) fn origin(file: &str, line: usize, column: usize) -> Origin {
    let file: Arc<str> = Arc::from(file);
    Origin { file, line, column, end_line: line, end_column: column + 4, start: 0, end: 4 }
}

/// A path from its spelling: `deployment.constants[Erp.BaseUrl].value`.
pub(super) fn path(spelling: &'static str) -> FieldPath {
    let mut steps = Vec::new();
    let mut rest = spelling;
    while !rest.is_empty() {
        if let Some(item) = rest.strip_prefix('[') {
            let (key, behind) = item.split_once(']').unwrap();
            steps.push(Step::Item(ItemKey::Natural(key.split(',').map(str::to_owned).collect())));
            rest = behind;
        } else {
            let field = rest.strip_prefix('.').unwrap_or(rest);
            let end = field.find(['.', '[']).unwrap_or(field.len());
            steps.push(Step::Field(&field[..end]));
            rest = &field[end..];
        }
    }
    FieldPath(steps)
}

/// A change from a live value to one of the files.
pub(super) fn change(spelling: &'static str, before: Value, after: Value) -> Change {
    Change {
        path: path(spelling),
        before: Some(before).filter(|value| !value.is_null()),
        after: After::Set(after),
        sensitive: false,
        effect: Effect::None,
        immutable: false,
        origin: None,
        class: None,
    }
}

impl Change {
    pub(super) fn at(self, line: usize) -> Change {
        Change { origin: Some(origin("envs/orders.yaml", line, 13)), ..self }
    }

    pub(super) fn to(self, after: After) -> Change {
        Change { after, ..self }
    }
}

/// A value from an environment variable.
pub(super) fn from_env(name: &str, sensitive: bool, value: Option<&str>) -> After {
    After::Outside(Outside {
        reference: Reference::Env(name.to_owned()),
        version: None,
        encoded: false,
        sensitive,
        value: value.map(|value| SecretString::from(value.to_owned())),
    })
}

pub(super) fn secret(spelling: &'static str, value: Option<&str>) -> Change {
    let change = change(spelling, Value::Null, Value::Null).to(from_env("ORDERS_ADMIN_PW", true, value));
    Change { sensitive: true, ..change }
}

pub(super) fn create(address: Address, changes: Vec<Change>) -> Action {
    action(address, Work::Create(Changes::new(changes).unwrap()))
}

pub(super) fn update(address: Address, changes: Vec<Change>) -> Action {
    action(address, Work::Update(Changes::new(changes).unwrap()))
}

pub(super) fn delete(address: Address) -> Action {
    Action {
        reason: "decommissioned with CHG-1234".to_owned(),
        ..action(address, Work::Delete { name: "acceptance".to_owned() })
    }
}

fn action(address: Address, work: Work) -> Action {
    let identity = match address.kind() {
        crate::model::Kind::Cluster => Identity::Cluster(Uuid::nil()),
        crate::model::Kind::Namespace => Identity::Namespace(Uuid::nil()),
        crate::model::Kind::App => Identity::App(Uuid::nil()),
        crate::model::Kind::CloudApp => Identity::CloudApp(Uuid::nil()),
        crate::model::Kind::Package => {
            Identity::Package { app: Uuid::nil(), mark: crate::model::Mark::Id(Uuid::nil().to_string()) }
        }
        crate::model::Kind::Environment => {
            Identity::Environment { app: Uuid::nil(), namespace: Uuid::nil(), id: "ordprd01".to_owned() }
        }
    };
    Action {
        id: format!("{}:{address}", work.verb()),
        address,
        identity,
        cluster: None,
        work,
        effect: ActionEffect::None,
        production: false,
        needs: Vec::new(),
        digest: "4d1f0c".to_owned(),
        status: Status::Ready,
        class: None,
        waived: Vec::new(),
        reason: "differs from the files".to_owned(),
        origin: origin("envs/orders.yaml", 2, 1),
    }
}

pub(super) fn order_desk(name: &str) -> Address {
    Address::environment("order-desk", name)
}

pub(super) fn blocked(action: Action) -> Action {
    Action {
        status: Status::Blocked(Block {
            code: note::IMMUTABLE,
            reason: "`provider.clusterId` cannot change once the resource exists".to_owned(),
            help: Some("put the live value back into the file, or replace the resource".to_owned()),
            origin: Some(origin("envs/crm.yaml", 9, 5)),
            is_guard: false,
        }),
        ..action
    }
}

pub(super) fn plan(actions: Vec<Action>) -> Plan {
    Plan {
        packages: std::collections::BTreeMap::new(),
        estate: "acme".to_owned(),
        digest: "9f86d081884c7d659a2feaa0c55ad015".to_owned(),
        actions,
        drift: Vec::new(),
        unchanged: (0..12).map(|index| Address::app(&format!("app-{index}"))).collect(),
        unreadable: Vec::new(),
        unmanaged: Vec::new(),
        notes: Vec::new(),
        problems: Vec::new(),
    }
}

pub(super) fn unmanaged(name: &str) -> Unmanaged {
    Unmanaged { address: order_desk(name), id: format!("{name}01") }
}

pub(super) fn write_only_note(environment: &str) -> Note {
    Note {
        severity: Severity::Info,
        code: note::WRITE_ONLY,
        address: Some(order_desk(environment)),
        message: "`runtime.mxAdminPassword` is not compared: the API never returns it".to_owned(),
        origin: Some(origin("envs/orders.yaml", 31, 22)),
    }
}

pub(super) fn problem() -> Problem {
    Problem {
        code: note::UNSET_REQUIRED,
        address: order_desk("test"),
        path: Some("runtime.mxAdminPassword".to_owned()),
        message:
            "`runtime.mxAdminPassword` has to be sent, and its value is not set (fromEnv: ORDERS_ADMIN_PW)"
                .to_owned(),
        help: "set the environment variable `ORDERS_ADMIN_PW` for this run".to_owned(),
        origin: origin("envs/orders.yaml", 31, 22),
    }
}

/// The plan with one of everything.
pub(super) fn rich_plan() -> Plan {
    let test = create(
        order_desk("test"),
        vec![
            change("id", Value::Null, json!("ordtst01")),
            change("properties.name", Value::Null, json!("test")),
            change("properties.production", Value::Null, json!(false)),
            change("provider.clusterId", Value::Null, json!("085a0e34-69ec-4c61-9c7d-5cd42554f9f2")),
            change("provider.namespaceId", Value::Null, json!("80a5f23d-8b2a-5233-b614-07348d4d7a23")),
            change("deployment.appUrl", Value::Null, json!("https://orders-test.acme.example")),
            change(
                "deployment.constants[Erp.BaseUrl].value",
                Value::Null,
                json!("https://erp-test.acme.example"),
            ),
            change("container.instances", Value::Null, json!(1)),
            change("container.coreResources.limits.cpu", Value::Null, json!("0.5")),
            change("services[rds].plan", Value::Null, json!("OnDemand")),
            change("services[rds].config", Value::Null, json!("{type: \"database\"}")),
            secret("runtime.mxAdminPassword", Some("s3cret")),
        ],
    );
    let production = Action {
        effect: ActionEffect::Restart,
        production: true,
        ..update(
            order_desk("production"),
            vec![
                change(
                    "deployment.constants[Erp.BaseUrl].value",
                    json!("https://erp.acme.example"),
                    json!("https://erp2.acme.example"),
                )
                .at(14),
                change("deployment.scheduledEvents[Orders.SE_Cleanup]", json!(true), Value::Null)
                    .to(After::Remove)
                    .at(15),
                change("container.instances", json!(2), json!(3)).at(18),
                secret("runtime.mxAdminPassword", Some("s3cret")).at(31),
            ],
        )
    };
    let stale = update(
        Address::environment("crm", "test"),
        vec![change(
            "provider.clusterId",
            json!("085a0e34-69ec-4c61-9c7d-5cd42554f9f2"),
            json!("1f0c2d3e-69ec-4c61-9c7d-5cd42554f9f2"),
        )],
    );
    let gone = Action { effect: ActionEffect::DataLoss, ..delete(order_desk("acceptance")) };
    let cluster = create(Address::cluster("prod-eu"), vec![change("name", Value::Null, json!("prod-eu"))]);
    Plan {
        packages: std::collections::BTreeMap::new(),
        unmanaged: vec![unmanaged("sandbox"), unmanaged("training")],
        notes: vec![write_only_note("production")],
        ..plan(vec![cluster, test, production, blocked(stale), gone])
    }
}

pub(super) fn report(action: Action, outcome: ActionOutcome, seconds: u64) -> ActionReport {
    ActionReport {
        action,
        outcome,
        job: None,
        verified: outcome == ActionOutcome::Done,
        duration: Duration::from_secs(seconds),
        error: None,
        warnings: Vec::new(),
        package: None,
        log: Vec::new(),
    }
}

pub(super) fn failure(code: &'static str, message: &str, help: Option<&str>) -> Option<Failure> {
    Some(Failure {
        code,
        message: message.to_owned(),
        help: help.map(str::to_owned),
        path: None,
        origin: Some(origin("envs/orders.yaml", 2, 1)),
        kind: FailureKind::Platform,
    })
}

pub(super) fn outcome(actions: Vec<ActionReport>) -> Outcome {
    Outcome {
        estate: "acme".to_owned(),
        plan: "9f86d081884c7d659a2feaa0c55ad015".to_owned(),
        actions,
        unchanged: 3,
        unreadable: Vec::new(),
        interrupted: false,
        duration: Duration::from_secs(134),
        journal: None,
        resume: None,
    }
}

/// The end of a run with a failure and what follows from it.
pub(super) fn rich_outcome() -> Outcome {
    let plan = rich_plan();
    let mut actions = plan.actions.into_iter();
    let mut next = || actions.next().unwrap();
    let (cluster, test, production, stale, gone) = (next(), next(), next(), next(), next());
    let mut child = create(order_desk("demo"), vec![change("id", Value::Null, json!("orddem01"))]);
    child.needs = vec![test.id.clone()];
    let mut grandchild = create(order_desk("demo-2"), vec![change("id", Value::Null, json!("orddem02"))]);
    grandchild.needs = vec![child.id.clone()];
    let Status::Blocked(block) = stale.status.clone() else { panic!("is blocked") };
    outcome(vec![
        report(cluster, ActionOutcome::Done, 1),
        ActionReport {
            job: Some("c0ffee-12".to_owned()),
            error: failure(
                codes::JOB_FAILED,
                "the job `c0ffee-12` failed: the URL is in use by another environment",
                Some("correct what the platform names, then apply again: what succeeded is not repeated"),
            ),
            ..report(test, ActionOutcome::Failed, 61)
        },
        ActionReport {
            warnings: vec!["was as declared already: nothing was sent".to_owned()],
            ..report(production, ActionOutcome::Done, 130)
        },
        ActionReport {
            error: failure(block.code, &block.reason, block.help.as_deref()),
            ..report(stale, ActionOutcome::Blocked, 0)
        },
        report(gone, ActionOutcome::Done, 12),
        ActionReport {
            error: failure(
                codes::NEED_FAILED,
                "needs `create:environment/order-desk/test`, which did not succeed",
                None,
            ),
            ..report(child, ActionOutcome::Skipped, 0)
        },
        ActionReport {
            error: failure(
                codes::NEED_FAILED,
                "needs `create:environment/order-desk/test`, which did not succeed",
                None,
            ),
            ..report(grandchild, ActionOutcome::Skipped, 0)
        },
    ])
}

pub(super) fn drift(resources: Vec<Drifted>) -> Drift {
    Drift {
        estate: "acme".to_owned(),
        resources,
        unreadable: Vec::new(),
        unmanaged: Vec::new(),
        managed: 12,
        open: None,
        notes: Vec::new(),
    }
}

pub(super) fn rich_drift() -> Drift {
    let drifted = |address: Address, state, changes| Drifted {
        address,
        state,
        changes,
        origin: origin("envs/orders.yaml", 2, 1),
    };
    let changes = vec![
        change(
            "deployment.constants[Erp.BaseUrl].value",
            json!("https://old.acme.example"),
            json!("https://erp.acme.example"),
        )
        .at(14),
        change("container.instances", json!(3), json!(2)).at(18),
    ];
    Drift {
        unmanaged: vec![unmanaged("sandbox"), unmanaged("training"), unmanaged("workshop")],
        ..drift(vec![
            drifted(order_desk("acceptance"), DriftState::Missing, Vec::new()),
            drifted(order_desk("production"), DriftState::Drifted, changes),
            drifted(order_desk("test"), DriftState::Failed, Vec::new()),
        ])
    }
}
