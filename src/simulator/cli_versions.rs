//! The list of mxpc-cli versions and the way to the download.

use serde_json::json;

use super::{
    message::{Answer, Call, Content, Refusal, Reply},
    world::World,
};

/// Version and architectures. With two-digit parts, which the contract's pattern does not foresee (NOTES 8, 15).
const VERSIONS: &[(&str, &str)] =
    &[("2.25.0", "x86, arm"), ("2.24.1", "x86, arm"), ("2.10.0", "x86, arm"), ("1.9.0", "x86")];
const SYSTEMS: &str = "windows, linux, macos";

impl World {
    /// `GET /cli`.
    pub(super) fn list_cli_versions(&self) -> Reply {
        let list: Vec<_> = VERSIONS
            .iter()
            .map(|(version, architectures)| {
                json!({
                    "operatorVersion": version,
                    "cliVersion": version,
                    "availableOperatingSystems": SYSTEMS,
                    "availableArchitectures": architectures,
                })
            })
            .collect();
        Ok(Answer::ok(json!({ "cliVersionList": list })))
    }

    /// `POST /cli/{cliVersionValue}`: redirects to the CDN, which here is this server under another host name.
    pub(super) fn get_cli(&self, call: &Call, [version]: [&str; 1]) -> Reply {
        let Some((_, architectures)) = VERSIONS.iter().find(|(known, _)| *known == version) else {
            return Err(Refusal::not_found("Cli version", version));
        };
        let os = one_of(call, "os", SYSTEMS)?;
        let architecture = one_of(call, "architecture", architectures)?;
        // A client that sends its token along is refused there: see `routes::outside`.
        let host = self.settings.origin.replace("127.0.0.1", "localhost");
        let url = format!("{host}/cdn/mxpc-cli-{version}-{os}-{architecture}");
        let answer = Answer { status: 303, headers: Vec::new(), body: Content::Empty };
        Ok(answer.with_header("location", url.clone()).with_header("content-location", url))
    }
}

fn one_of(call: &Call, name: &str, words: &str) -> Result<String, Refusal> {
    let value = call.parameter(name).filter(|value| words.split(", ").any(|word| word == value));
    value.ok_or_else(|| Refusal::bad(name, format!("must be one of: {words}")))
}
