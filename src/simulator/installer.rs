//! The stand-in for mxpc-cli: a script that can be downloaded and run, and what it does when it runs.
//!
//! The real one installs the operator in a Kubernetes cluster, where it reports to the platform. There is no cluster
//! here, so that the script tells this server directly.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{
    message::{Answer, Refusal, Reply},
    pointer,
    world::World,
};

/// The plans that a person configures in the installer of the simulator: a database and a file storage.
const PLANS: [(&str, &str); 2] = [("postgres", "database"), ("minio", "storage")];

/// The script. It needs bash and nothing else.
const SCRIPT: &str = r#"#!/usr/bin/env bash
# A stand-in for mxpc-cli: it tells the simulator what the real one would do in a Kubernetes cluster.
set -euo pipefail
usage() { echo "usage: mxpc-cli installer [--global] -n NAMESPACE -i NAMESPACE_ID -s SECRET" >&2; exit 2; }
[ "${1:-}" = installer ] || usage
shift
name='' id='' secret=''
while [ $# -gt 0 ]; do
  case $1 in
    --global) shift ;;
    -n) name=${2:-}; shift 2 ;;
    -i) id=${2:-}; shift 2 ;;
    -s) secret=${2:-}; shift 2 ;;
    *) usage ;;
  esac
done
[ -n "$name" ] && [ -n "$id" ] && [ -n "$secret" ] || usage
body="{\"name\": \"$name\", \"secret\": \"$(printf %s "$secret" | base64 | tr -d '\n')\"}"
exec 3<>/dev/tcp/HOST/PORT
printf 'PUT /_admin/namespaces/%s/installer HTTP/1.1\r\nHost: HOST:PORT\r\nContent-Length: %s\r\nConnection: close\r\n\r\n%s' "$id" "${#body}" "$body" >&3
answer=$(cat <&3)
case $answer in
  'HTTP/1.1 200'*) echo "the operator is installed in $name; its plans: PLANS" ;;
  *) printf '%s\n' "$answer" | tail -n 1 >&2; exit 1 ;;
esac
"#;

/// The script that tells the server at this origin.
pub(super) fn script(origin: &str) -> String {
    let place = origin.split_once("://").map_or(origin, |(_, place)| place);
    let (host, port) = place.rsplit_once(':').unwrap_or((place, "80"));
    let plans = PLANS.map(|(name, _)| name).join(", ");
    SCRIPT.replace("HOST", host.trim_matches(['[', ']'])).replace("PORT", port).replace("PLANS", &plans)
}

impl World {
    /// What the script does: it installs the operator, given the name and the secret of the namespace.
    pub(super) fn run_installer(&mut self, namespace: &str, body: &Value) -> Reply {
        let live = self.state.namespace(namespace);
        let live = live.ok_or_else(|| Refusal::not_found("Namespace", namespace))?;
        if live.name() != pointer::text(body, "/name") {
            return Err(Refusal::bad("name", "is not the name of the namespace"));
        }
        // The documentation does not say whether the installer wants the secret as it stands in the manifest, in
        // base64, or decoded. Both are proof enough here.
        let given = pointer::text(body, "/secret");
        let known = pointer::text(&live.manifest, "/namespace/secret");
        let decoded = STANDARD.decode(given).unwrap_or_default();
        if given != known && decoded != known.as_bytes() {
            return Err(Refusal::bad("secret", "is not the secret of the namespace"));
        }
        let plan = |(name, kind): (&str, &str)| json!({"planName": name, "planType": "OnDemand", "planConfig": format!("{{type: \"{kind}\"}}")});
        self.install_operator(namespace, &json!({ "plans": PLANS.map(plan) }));
        Ok(Answer::ok(json!({})))
    }
}
