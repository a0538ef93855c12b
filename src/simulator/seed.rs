//! Fills a world with resources for benchmarks and experiments: the same numbers give the same world.

use std::str::FromStr;

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{jobs::Verb, world::World};

/// How much to fill a world with; totals, spread evenly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed {
    /// Clusters.
    pub clusters: usize,
    /// Namespaces in all clusters.
    pub namespaces: usize,
    /// Apps, each with one package.
    pub apps: usize,
    /// Environments of all apps.
    pub environments: usize,
}

impl FromStr for Seed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let error =
            || format!("`{text}` is not CLUSTERS,NAMESPACES,APPS,ENVIRONMENTS; for example 2,10,50,1000");
        let numbers: Result<Vec<usize>, _> = text.split(',').map(|part| part.trim().parse()).collect();
        let numbers = numbers.map_err(|_| error())?;
        let [clusters, namespaces, apps, environments] = numbers.try_into().map_err(|_| error())?;
        if namespaces > 0 && clusters == 0 {
            return Err(format!("`{text}`: namespaces need a cluster"));
        }
        if environments > 0 && (namespaces == 0 || apps == 0) {
            return Err(format!("`{text}`: environments need a namespace and an app"));
        }
        Ok(Self { clusters, namespaces, apps, environments })
    }
}

/// Fills the world. What is there under the same id is left as it is, so a second start adds nothing.
pub(super) fn seed(world: &mut World, seed: Seed, now: Timestamp) {
    for n in 1..=seed.clusters {
        let manifest = json!({"manifestVersion": "2.0.0", "cluster": {
            "clusterId": id("cluster", n), "name": format!("cluster-{n}"), "clusterType": "eks",
            "description": format!("Cluster {n} of the seed."),
        }});
        done(world.perform_cluster(Verb::Create, &id("cluster", n), manifest));
    }
    for n in 1..=seed.namespaces {
        let manifest = json!({"manifestVersion": "2.0.0", "namespace": {
            "namespaceId": id("namespace", n), "name": format!("ns-{n}"), "installationType": "Connected",
            "secret": "c2VlZC1zZWNyZXQ=",
        }});
        let cluster = id("cluster", spread(n, seed.clusters));
        done(world.perform_namespace(Verb::Create, &cluster, &id("namespace", n), manifest));
        world.install_operator(
            &id("namespace", n),
            &json!({"plans": [
                {"planName": "rds", "planType": "OnDemand", "planConfig": r#"{type: "database"}"#},
                {"planName": "s3", "planType": "OnDemand", "planConfig": r#"{type: "storage"}"#},
            ]}),
        );
    }
    for n in 1..=seed.apps {
        world.register_app(&id("app", n), &format!("app-{n}"));
        world.register_package(&id("app", n), &id("package", n), &package(n), now);
    }
    for n in 1..=seed.environments {
        seed_environment(world, seed, n, now);
    }
    world.changed = true;
}

fn package(n: usize) -> Value {
    json!({
        "modelVersion": format!("1.0.{n}.1"),
        "fileName": format!("app-{n}-1.0.{n}.1.mda"),
        "constants": [
            {"name": "Erp.BaseUrl", "default": "https://erp.example.com"},
            {"name": "Erp.TimeoutSeconds", "default": "30"},
            {"name": "Mail.Enabled", "default": "False"},
            {"name": "Mail.Sender", "default": ""},
            {"name": "Main.Stage", "default": "local"},
        ],
        "scheduledEvents": ["Main.SE_Cleanup", "Erp.SE_Sync"],
    })
}

fn seed_environment(world: &mut World, seed: Seed, n: usize, now: Timestamp) {
    let app = spread(n, seed.apps);
    // Shifted by one with every round, so that an app is not always in the same namespace.
    let round = (n - 1).checked_div(seed.apps).unwrap_or(0);
    let namespace = spread(app + round, seed.namespaces);
    let cluster = id("cluster", spread(namespace, seed.clusters));
    let key = [id("app", app), id("namespace", namespace), format!("env{n}")];
    let manifest = environment(
        n,
        app,
        &json!({
            "clusterId": cluster, "namespace": format!("ns-{namespace}"), "namespaceId": key[1],
        }),
    );
    let [app, namespace, environment] = key.each_ref().map(String::as_str);
    done(world.perform_environment(Verb::Create, [app, namespace, environment], manifest, false, now));
    if let Some(last) =
        world.state.environments.last_mut().filter(|last| last.is(app, namespace, environment))
    {
        // Ready at the next look.
        last.settles_at = last.settles_at.map(|at| at.min(now));
    }
}

/// The manifest of the n-th environment, with something in most of its parts.
fn environment(n: usize, app: usize, provider: &Value) -> Value {
    let resources = json!({"cpu": "1", "memory": "4", "ephemeralStorage": "1"});
    json!({"manifestVersion": "2.0.0", "environment": {
        "id": format!("env{n}"),
        "properties": {
            "name": format!("env-{n}"), "production": true, "defaultStudioTarget": false, "secretsStoreEnabled": false,
        },
        "deployment": {
            "appUrl": format!("https://env-{n}.apps.example.com"),
            "packageId": id("package", app),
            "constants": [
                {"name": "Main.Stage", "value": format!("stage-{n}")},
                {"name": "Mail.Sender", "value": format!("env-{n}@apps.example.com")},
            ],
            "scheduledEvents": [{"name": "Main.SE_Cleanup", "enabled": true}],
            "appLogLevels": [{"name": "Erp", "level": "INFO"}],
        },
        "container": {"instances": 1 + n % 3, "coreResources": {"limits": resources, "requests": resources}},
        "runtime": {
            "environmentVariables": [{"name": "JAVA_TOOL_OPTIONS", "value": "-Xmx3g"}],
            "customRuntimeSettings": [{"name": "HashAlgorithm", "value": "BCRYPT"}],
        },
        "provider": provider,
        "annotations": [{"key": "prometheus.io/port", "value": "8900", "annotationType": "Pod"}],
        "services": [
            {"name": "rds", "plan": "OnDemand", "config": r#"{type: "database"}"#},
            {"name": "s3", "plan": "OnDemand", "config": r#"{type: "storage"}"#},
        ],
    }})
}

/// Which of `count` the n-th belongs to, both from 1.
fn spread(n: usize, count: usize) -> usize {
    1 + n.saturating_sub(1).checked_rem(count).unwrap_or(0)
}

/// The id of the n-th of a kind: the same on every machine.
fn id(kind: &str, n: usize) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("mxkeep seed {kind} {n}").as_bytes()).to_string()
}

/// The only error that a seed meets is "exists already", which is what a second start is about.
fn done(_: Result<(), String>) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_mistakes() {
        let seed: Seed = "2, 10,50,1000".parse().unwrap();
        assert_eq!(seed, Seed { clusters: 2, namespaces: 10, apps: 50, environments: 1000 });
        for wrong in ["", "1,2,3", "1,2,3,4,5", "1,2,x,4", "-1,0,0,0", "0,1,0,0", "1,1,0,1", "1,0,1,1"] {
            assert!(wrong.parse::<Seed>().is_err(), "{wrong}");
        }
    }
}
