//! The operator that somebody installs in a namespace with mxpc-cli, and the plans that come with it.

use serde_json::{Value, json};

use super::{
    pointer,
    state::{Namespace, Operator, same},
    world::World,
};

/// The operator that is installed when nothing else is said.
const DEFAULT_VERSION: &str = "2.25.0";

impl World {
    /// Installs the operator, or adds plans to it; the namespace may come later.
    pub(super) fn install_operator(&mut self, namespace: &str, body: &Value) {
        let version = pointer::text(body, "/version");
        let position =
            self.state.operators.iter().position(|operator| same(&operator.namespace_id, namespace));
        let index = position.unwrap_or_else(|| {
            let version = DEFAULT_VERSION.to_owned();
            self.state.operators.push(Operator {
                namespace_id: namespace.into(),
                version,
                plans: Vec::new(),
            });
            self.state.operators.len() - 1
        });
        let Some(operator) = self.state.operators.get_mut(index) else { return };
        if !version.is_empty() {
            version.clone_into(&mut operator.version);
        }
        for plan in pointer::items(body, "/plans") {
            operator.add(plan);
        }
        if let Some(namespace) = self.state.namespaces.iter_mut().find(|it| same(it.id(), namespace)) {
            operator.appear_in(namespace);
        }
        self.changed = true;
    }
}

impl Operator {
    fn add(&mut self, plan: &Value) {
        let name = pointer::text(plan, "/planName");
        if name.is_empty() {
            return;
        }
        let kind = pointer::text(plan, "/planType");
        let config = pointer::text(plan, "/planConfig");
        let new = json!({
            "planName": name,
            "planType": if kind.is_empty() { "OnDemand" } else { kind },
            "planConfig": if config.is_empty() { r#"{type: "database"}"# } else { config },
        });
        match self.plans.iter_mut().find(|plan| pointer::text(plan, "/planName") == name) {
            Some(plan) => *plan = new,
            None => self.plans.push(new),
        }
    }

    /// Reports the operator and its plans to the portal. A plan that the portal knows keeps its switch.
    pub(super) fn appear_in(&self, namespace: &mut Namespace) {
        let manifest = &mut namespace.manifest;
        for plan in &self.plans {
            let name = pointer::text(plan, "/planName");
            let known = pointer::items(manifest, "/namespace/plans");
            let known = known.iter().find(|known| pointer::text(known, "/planName") == name);
            let active = known.is_none_or(|known| pointer::is_true(known, "/activate"));
            let shown = json!({
                "planName": name,
                "planType": plan.get("planType"),
                "activate": active,
                "planConfig": plan.get("planConfig"),
            });
            let path = format!("/namespace/plans/planName={}", name.replace('~', "~0").replace('/', "~1"));
            pointer::put(manifest, &path, shown);
        }
        pointer::put(manifest, "/namespace/additionalInformation", self.additional_information());
    }

    /// `componentsVersion` as in most examples; only the schema spells it `componentVersion` (NOTES 8, 4).
    fn additional_information(&self) -> Value {
        json!({
            "componentsVersion": {
                "operatorVersion": self.version,
                "repositoryURL": "private-cloud.registry.mendix.com",
                "builderVersion": self.version,
                "storageProvisionerVersion": self.version,
                "metricsSidecarVersion": self.version,
                "m2EESidecarVersion": self.version,
            },
            "internalDetails": {
                "operatorSDK": "Kubebuilder v3.2.0",
                "goRuntimeVersion": "go1.22.5_linux/amd64",
                "buildBranch": "HEAD",
                "buildDate": "2025-11-03_14:45:47",
                "buildHash": "fee1feb8df3898b37b356281006b2f0acbfa8982",
            },
        })
    }
}
