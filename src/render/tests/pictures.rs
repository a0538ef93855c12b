//! What people see.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::*;
use crate::diff::After;
use crate::plan::Action;

#[test]
fn a_plan_with_one_of_everything() {
    assert_snapshot!(plan_text(&rich_plan()), @r#"
    Estate acme at https://privatecloud.mendixcloud.com/api/v4

    - delete environment/order-desk/acceptance [data-loss]  envs/orders.yaml:2:1
        reason: decommissioned with CHG-1234

    + create cluster/prod-eu  envs/orders.yaml:2:1
        name: prod-eu

    + create environment/order-desk/test  envs/orders.yaml:2:1
        id: ordtst01
        properties: {name: test, production: false}
        provider:
          clusterId: 085a0e34-69ec-4c61-9c7d-5cd42554f9f2
          namespaceId: 80a5f23d-8b2a-5233-b614-07348d4d7a23
        deployment:
          appUrl: https://orders-test.acme.example
          constants: {Erp.BaseUrl: https://erp-test.acme.example}
        container: {instances: 1, coreResources: {limits: {cpu: "0.5"}}}
        services: {rds: {plan: OnDemand, config: '{type: "database"}'}}
        runtime: {mxAdminPassword: (secret, fromEnv: ORDERS_ADMIN_PW)}

    ~ update environment/order-desk/production [production] [restart]  envs/orders.yaml:2:1
        deployment.constants[Erp.BaseUrl].value: https://erp.acme.example → https://erp2.acme.example
          at envs/orders.yaml:14:13
        deployment.scheduledEvents[Orders.SE_Cleanup]: true → (removed)  envs/orders.yaml:15:13
        container.instances:                     2 → 3                   envs/orders.yaml:18:13
        runtime.mxAdminPassword:                 (not set) → (secret, fromEnv: ORDERS_ADMIN_PW)
          at envs/orders.yaml:31:13

    ! update environment/crm/test  envs/orders.yaml:2:1
        provider.clusterId: 085a0e34-69ec-4c61-9c7d-5cd42554f9f2 → 1f0c2d3e-69ec-4c61-9c7d-5cd42554f9f2
        blocked: `provider.clusterId` cannot change once the resource exists [PLAN-101]
          at envs/crm.yaml:9:5
          help: put the live value back into the file, or replace the resource

    note: environment/order-desk/production: `runtime.mxAdminPassword` is not compared: the API never
      returns it [PLAN-001] at envs/orders.yaml:31:22

    2 live resources are declared nowhere, and left alone:
        environment/order-desk/sandbox   (sandbox01)
        environment/order-desk/training  (training01)

    Plan: 2 to create, 1 to update, 1 to delete, 1 blocked · 12 unchanged · 2 unmanaged · restarts 1 production environment
    "#);
}

#[test]
fn nothing_to_do() {
    assert_snapshot!(plan_text(&plan(Vec::new())), @r#"
    Estate acme at https://privatecloud.mendixcloud.com/api/v4

    Nothing to do: 12 resources are as declared
    "#);
}

#[test]
fn a_plan_that_cannot_be_applied_and_many_unmanaged() {
    let mut plan = plan(vec![create(
        order_desk("test"),
        vec![change("id", Value::Null, json!("ordtst01")), secret("runtime.mxAdminPassword", None)],
    )]);
    plan.problems = vec![problem()];
    plan.notes = ["a", "b", "c", "d", "e"].map(write_only_note).to_vec();
    plan.unmanaged = ["a", "b", "c", "d", "e", "f", "g"].map(unmanaged).to_vec();
    assert_snapshot!(plan_text(&plan), @r#"
    Estate acme at https://privatecloud.mendixcloud.com/api/v4

    + create environment/order-desk/test  envs/orders.yaml:2:1
        id: ordtst01
        runtime: {mxAdminPassword: (secret, fromEnv: ORDERS_ADMIN_PW, not set)}

    error: environment/order-desk/test: `runtime.mxAdminPassword` has to be sent, and its value is not
      set (fromEnv: ORDERS_ADMIN_PW) [PLAN-202]
      at envs/orders.yaml:31:22
      help: set the environment variable `ORDERS_ADMIN_PW` for this run
    note: environment/order-desk/a: `runtime.mxAdminPassword` is not compared: the API never returns it
      [PLAN-001] at envs/orders.yaml:31:22
    note: environment/order-desk/b: `runtime.mxAdminPassword` is not compared: the API never returns it
      [PLAN-001] at envs/orders.yaml:31:22
    note: environment/order-desk/c: `runtime.mxAdminPassword` is not compared: the API never returns it
      [PLAN-001] at envs/orders.yaml:31:22
    … and 2 more notes like this [PLAN-001]

    7 live resources are declared nowhere, and left alone:
        environment/order-desk/a  (a01)
        environment/order-desk/b  (b01)
        environment/order-desk/c  (c01)
        environment/order-desk/d  (d01)
        environment/order-desk/e  (e01)
        … and 2 more

    Plan: 1 to create, 0 to update, 0 to delete · 12 unchanged · 7 unmanaged · 1 error, so it cannot be applied
    "#);
}

fn long_changes() -> Vec<crate::diff::Change> {
    let certificate = |middle: &str| json!(format!("{}{middle}{}", "MIIC".repeat(30), "QUJD".repeat(30)));
    vec![
        change("runtime.customRuntimeSettings[com.mendix.core.SessionTimeout].value", json!("600000"), json!("900000")).at(12),
        change(
            "runtimeMetricsConfiguration.mxAgentConfig",
            json!("{\n  \"requestHandlers\": [\"*\"],\n  \"microflows\": [],\n  \"entities\": []\n}"),
            json!("{\n  \"requestHandlers\": [\"*\"],\n  \"microflows\": [\"Orders.ACT_Save\"],\n  \"entities\": []\n}"),
        )
        .at(20),
        change("network.certificate", certificate("AAAA"), certificate("BBBB")).at(25),
        change("description", json!("The environment of the order desk, for those who take orders by phone"), json!("The environment of the order desk, for those who take orders by mail")).at(26),
        change("deployment.constants[Erp.Timeout].value", Value::Null, json!("30")).at(27),
        change("description2", json!("on"), Value::Null).to(After::Omit).at(28),
    ]
}

#[test]
fn long_values_show_what_differs() {
    assert_snapshot!(plan_text(&plan(vec![update(order_desk("test"), long_changes())])), @r#"
    Estate acme at https://privatecloud.mendixcloud.com/api/v4

    ~ update environment/order-desk/test  envs/orders.yaml:2:1
        runtime.customRuntimeSettings[com.mendix.core.SessionTimeout].value: "600000" → "900000"
          at envs/orders.yaml:12:13
        runtimeMetricsConfiguration.mxAgentConfig:                 envs/orders.yaml:20:13
              "requestHandlers": ["*"],
          -   "microflows": [],
          +   "microflows": ["Orders.ACT_Save"],
              "entities": []
        network.certificate:                                       envs/orders.yaml:25:13
          - …MIICMIICMIICMIICAAAAQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQU…
          + …MIICMIICMIICMIICBBBBQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQU…
        description:                                               envs/orders.yaml:26:13
          - The environment of the order desk, for those who take orders by phone
          + The environment of the order desk, for those who take orders by mail
        deployment.constants[Erp.Timeout].value: (not set) → "30"  envs/orders.yaml:27:13
        description2:                            "on" → (cleared)  envs/orders.yaml:28:13

    Plan: 0 to create, 1 to update, 0 to delete · 12 unchanged
    "#);
}

#[test]
fn a_narrow_terminal() {
    let plan = Plan { unmanaged: Vec::new(), ..rich_plan() };
    let style = Style { unicode: false, ..plain(60) };
    assert_snapshot!(Report::Plan(plan_view(&plan, &facts())).render(Format::Text, &style), @r#"
    Estate acme at https://privatecloud.mendixcloud.com/api/v4

    - delete environment/order-desk/acceptance [data-loss]
      at envs/orders.yaml:2:1
        reason: decommissioned with CHG-1234

    + create cluster/prod-eu  envs/orders.yaml:2:1
        name: prod-eu

    + create environment/order-desk/test  envs/orders.yaml:2:1
        id: ordtst01
        properties: {name: test, production: false}
        provider:
          clusterId: 085a0e34-69ec-4c61-9c7d-5cd42554f9f2
          namespaceId: 80a5f23d-8b2a-5233-b614-07348d4d7a23
        deployment:
          appUrl: https://orders-test.acme.example
          constants:
            Erp.BaseUrl: https://erp-test.acme.example
        container:
          instances: 1
          coreResources: {limits: {cpu: "0.5"}}
        services:
          rds: {plan: OnDemand, config: '{type: "database"}'}
        runtime:
          mxAdminPassword: (secret, fromEnv: ORDERS_ADMIN_PW)

    ~ update environment/order-desk/production [production] [restart]
      at envs/orders.yaml:2:1
        deployment.constants[Erp.BaseUrl].value:
          at envs/orders.yaml:14:13
          - https://erp.acme.example
          + https://erp2.acme.example
        deployment.scheduledEvents[Orders.SE_Cleanup]:
          at envs/orders.yaml:15:13
          - true
          + (removed)
        container.instances: 2 -> 3  envs/orders.yaml:18:13
        runtime.mxAdminPassword:     envs/orders.yaml:31:13
          - (not set)
          + (secret, fromEnv: ORDERS_ADMIN_PW)

    ! update environment/crm/test  envs/orders.yaml:2:1
        provider.clusterId:
          - 085a0e34-69ec-4c61-9c7d-5cd42554f9f2
          + 1f0c2d3e-69ec-4c61-9c7d-5cd42554f9f2
        blocked: `provider.clusterId` cannot change once the
          resource exists [PLAN-101]
          at envs/crm.yaml:9:5
          help: put the live value back into the file, or
            replace the resource

    note: environment/order-desk/production:
      `runtime.mxAdminPassword` is not compared: the API never
      returns it [PLAN-001] at envs/orders.yaml:31:22

    Plan: 2 to create, 1 to update, 1 to delete, 1 blocked; 12 unchanged; restarts 1 production environment
    "#);
}

#[test]
fn colours_come_from_labels() {
    let action = Action {
        production: true,
        effect: crate::plan::ActionEffect::Stop,
        ..update(order_desk("test"), vec![change("container.instances", json!(2), json!(0)).at(3)])
    };
    let files = Some("file:///home/me/acme/".to_owned());
    let style = Style { color: true, hyperlinks: true, files, ..plain(100) };
    let text = Report::Plan(plan_view(&plan(vec![action]), &facts())).render(Format::Text, &style);
    assert_snapshot!(text.replace('\u{1b}', "^"), @r#"
    ^[1mEstate acme^[0m^[2m at ^[0m^]8;;https://privatecloud.mendixcloud.com/api/v4^\^[2mhttps://privatecloud.mendixcloud.com/api/v4^[0m^]8;;^\

    ^[33m~ update^[0m ^[1menvironment/order-desk/test^[0m ^[1m^[31m[production]^[0m ^[1m^[31m[stop]^[0m  ^]8;;file:///home/me/acme/envs/orders.yaml^\^[2menvs/orders.yaml:2:1^[0m^]8;;^\
        container.instances: ^[31m2^[0m^[2m → ^[0m^[32m0^[0m  ^]8;;file:///home/me/acme/envs/orders.yaml^\^[2menvs/orders.yaml:3:13^[0m^]8;;^\

    ^[1mPlan: 0 to create, 1 to update, 0 to delete · 12 unchanged · stops 1 production environment^[0m
    "#);
}

#[test]
fn the_end_of_a_run_that_failed() {
    let text = Report::Outcome(outcome_view(&rich_outcome())).render(Format::Text, &plain(100));
    assert_snapshot!(text, @r#"
    failed create environment/order-desk/test  1m01s · job c0ffee-12
        the job `c0ffee-12` failed: the URL is in use by another environment [APPLY-001]
        at envs/orders.yaml:2:1
        help: correct what the platform names, then apply again: what succeeded is not repeated

    blocked update environment/crm/test
        `provider.clusterId` cannot change once the resource exists [PLAN-101]
        at envs/orders.yaml:2:1
        help: put the live value back into the file, or replace the resource

    skipped create environment/order-desk/demo    because environment/order-desk/test did not succeed
    skipped create environment/order-desk/demo-2  because environment/order-desk/test did not succeed

    done create cluster/prod-eu                    1s · verified
    done update environment/order-desk/production  2m10s · verified
        warning: was as declared already: nothing was sent
    done delete environment/order-desk/acceptance  12s · verified

    Apply: 3 done, 1 failed, 2 skipped (because environment/order-desk/test did not succeed), 1 blocked · 7 actions in 2m14s
    next: correct what failed, and run `mxkeep apply` again: what is done is not repeated
    "#);
}

#[test]
fn the_end_of_a_run_that_succeeded() {
    let reports = ["test", "acceptance", "production"].map(|name| {
        report(
            create(order_desk(name), vec![change("id", Value::Null, json!("x"))]),
            crate::apply::ActionOutcome::Done,
            40,
        )
    });
    let text = Report::Outcome(outcome_view(&outcome(reports.to_vec()))).render(Format::Text, &plain(100));
    assert_snapshot!(text, @r#"
    done create environment/order-desk/test        40s · verified
    done create environment/order-desk/acceptance  40s · verified
    done create environment/order-desk/production  40s · verified

    Apply: 3 done · 3 actions in 2m14s
    "#);
}

#[test]
fn drift_is_told_from_the_live_side() {
    let text = Report::Drift(drift_view(&rich_drift())).render(Format::Text, &plain(100));
    assert_snapshot!(text, @r#"
    Estate acme

    - missing environment/order-desk/acceptance  envs/orders.yaml:2:1
        declared, and not live

    ~ drifted environment/order-desk/production  envs/orders.yaml:2:1
        deployment.constants[Erp.BaseUrl].value:   envs/orders.yaml:14:13
          live     https://old.acme.example
          declared https://erp.acme.example
        container.instances: live 3, declared 2    envs/orders.yaml:18:13

    ! failed environment/order-desk/test  envs/orders.yaml:2:1
        as declared, and the platform reports the state `Failed`

    3 live resources are declared nowhere, and left alone:
        environment/order-desk/sandbox   (sandbox01)
        environment/order-desk/training  (training01)
        environment/order-desk/workshop  (workshop01)

    Drift: 1 drifted, 1 missing, 1 failed · managed 12 of 15 live resources (80 %)
    "#);
}

#[test]
fn no_drift() {
    let text = Report::Drift(drift_view(&drift(Vec::new()))).render(Format::Text, &plain(100));
    assert_snapshot!(text, @r#"
    Estate acme

    No drift: live state is as declared · managed 12 of 12 live resources (100 %)
    "#);
}

#[test]
fn a_plan_for_scripts() {
    let plan = plan(vec![
        update(
            order_desk("test"),
            vec![
                change("container.instances", json!(2), json!(3)).at(18),
                secret("runtime.mxAdminPassword", Some("s3cret")),
            ],
        ),
        blocked(delete(order_desk("old"))),
    ]);
    assert_snapshot!(Report::Plan(plan_view(&plan, &facts())).render(Format::Json, &plain(100)), @r#"
    {
      "format": "mxkeep.plan/1",
      "estate": "acme",
      "api": {
        "privateCloud": "https://privatecloud.mendixcloud.com/api/v4",
        "mendixCloud": null,
        "name": "https://privatecloud.mendixcloud.com/api/v4"
      },
      "created": "2026-11-22T08:00:00Z",
      "digest": "9f86d081884c7d659a2feaa0c55ad015",
      "base": null,
      "head": null,
      "requests": {
        "made": 5,
        "budget": 6
      },
      "summary": {
        "create": 0,
        "update": 1,
        "delete": 0,
        "restart": 0,
        "scale": 0,
        "unchanged": 12,
        "blocked": 1,
        "waiting": 0,
        "unreadable": 0,
        "unmanaged": 0
      },
      "actions": [
        {
          "id": "update:environment/order-desk/test",
          "address": "environment/order-desk/test",
          "kind": "environment",
          "verb": "update",
          "class": "change",
          "effect": "none",
          "production": false,
          "destructive": false,
          "needs": [],
          "digest": "4d1f0c",
          "status": "ready",
          "reason": "differs from the files",
          "changes": [
            {
              "path": "container.instances",
              "class": "change",
              "before": 2,
              "after": 3,
              "live": true,
              "intent": "value",
              "sensitive": false,
              "source": {
                "file": "envs/orders.yaml",
                "line": 18,
                "column": 13,
                "endLine": 18,
                "endColumn": 17
              }
            },
            {
              "path": "runtime.mxAdminPassword",
              "class": "change",
              "live": false,
              "intent": "secret",
              "reference": "fromEnv: ORDERS_ADMIN_PW",
              "sensitive": true,
              "source": null
            }
          ],
          "source": {
            "file": "envs/orders.yaml",
            "line": 2,
            "column": 1,
            "endLine": 2,
            "endColumn": 5
          }
        },
        {
          "id": "delete:environment/order-desk/old",
          "address": "environment/order-desk/old",
          "kind": "environment",
          "verb": "delete",
          "class": "change",
          "effect": "none",
          "production": false,
          "destructive": true,
          "needs": [],
          "digest": "4d1f0c",
          "status": "blocked",
          "reason": "`provider.clusterId` cannot change once the resource exists",
          "help": "put the live value back into the file, or replace the resource",
          "code": "PLAN-101",
          "guard": false,
          "blockedBy": {
            "file": "envs/crm.yaml",
            "line": 9,
            "column": 5,
            "endLine": 9,
            "endColumn": 9
          },
          "because": "decommissioned with CHG-1234",
          "changes": [],
          "source": {
            "file": "envs/orders.yaml",
            "line": 2,
            "column": 1,
            "endLine": 2,
            "endColumn": 5
          }
        }
      ],
      "unreadable": [],
      "unmanaged": [],
      "notes": [],
      "checksum": "sha256:a718ccee736b9c9be8a14903ead0a88cdd923e0f9ade6bbe1d14e393852648e9"
    }
    "#);
}
