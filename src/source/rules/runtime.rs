//! `runtime` of environments: secrets, variables, custom settings (DOMAIN 2.6).

use super::super::codes;
use super::super::diagnostic::Problem;
use super::super::formats;
use super::deployment::switches_events;
use super::subject::{Estate, Item, Subject};
use crate::model::Kind;

/// The text that clears a runtime secret.
const CLEARS: &[u8] = b"---";

pub(super) fn check(estate: Estate<'_>, problems: &mut Vec<Problem>) {
    for environment in estate.of(Kind::Environment) {
        secrets(environment, problems);
        variables(environment, problems);
        settings(environment, problems);
    }
}

/// SECR-02 and SECR-03. What a secret lacks is not said: it would tell what it is like.
fn secrets(environment: Subject<'_>, problems: &mut Vec<Problem>) {
    for name in ["subscriptionSecret", "debuggerPassword", "mxAdminPassword"] {
        let Some(secret) = environment.find(&["runtime", name]) else { continue };
        let Some(bytes) = secret.known().and_then(formats::decode) else { continue };
        if bytes == CLEARS {
            let problem = secret.breaks(&codes::SECR_02, format!("`{name}` is the text that clears it"));
            problems.push(problem.help(format!("write `{name}: null` to clear it")));
        } else if name == "mxAdminPassword" && is_weak(&String::from_utf8_lossy(&bytes)) {
            let problem = secret.breaks(&codes::SECR_03, "the password of the MxAdmin user is too weak");
            let help =
                "it needs 8 characters, among them an upper-case letter, a digit and a special character";
            problems.push(problem.help(help));
        }
    }
}

fn is_weak(password: &str) -> bool {
    password.chars().count() < 8
        || !password.chars().any(char::is_uppercase)
        || !password.chars().any(|character| character.is_ascii_digit())
        || password.chars().all(char::is_alphanumeric)
}

/// VAR-01: names that programs can read.
fn variables(environment: Subject<'_>, problems: &mut Vec<Problem>) {
    for variable in environment.items(&["runtime", "environmentVariables"]) {
        let Some(name) = variable.name() else { continue };
        let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if !name.bytes().all(inner) || name.starts_with(|first: char| first.is_ascii_digit()) {
            let message = "names of variables have letters, digits and underscores, and no digit first";
            let problem = variable.breaks(&codes::VAR_01, message);
            problems.push(problem.help("write it like `ERP_TIMEOUT`"));
        }
    }
}

/// CRS-02 to CRS-04. Settings for scheduled events are told by SCH-03, where events are listed.
fn settings(environment: Subject<'_>, problems: &mut Vec<Problem>) {
    let lists_events = !environment.items(&["deployment", "scheduledEvents"]).is_empty();
    for setting in environment.items(&["runtime", "customRuntimeSettings"]) {
        let Some(name) = setting.name() else { continue };
        if let Some(field) = own_field(name) {
            if !(lists_events && switches_events(&setting)) {
                let message = format!("`{name}` has a field of its own");
                let problem = setting.breaks(&codes::CRS_02, message);
                problems.push(problem.help(format!("remove it, and use `{field}`")));
            }
        } else if name.starts_with("Database") || name.starts_with("com.mendix.storage.") {
            let problem = setting.breaks(&codes::CRS_03, format!("`{name}` is managed by the operator"));
            problems
                .push(problem.help("remove it; the plans in `services` decide about database and storage"));
        } else if name == "jettyOptions" {
            jetty_options(&setting, problems);
        }
    }
}

/// The field that decides what a setting would.
fn own_field(setting: &str) -> Option<&'static str> {
    Some(match setting {
        "MicroflowConstants" => "deployment.constants",
        "ScheduledEventExecution" | "MyScheduledEvents" => "deployment.scheduledEvents",
        "DTAPMode" => "properties.production",
        _ => return None,
    })
}

/// CRS-04: the runtime reads an object.
fn jetty_options(setting: &Item<'_>, problems: &mut Vec<Problem>) {
    let Some(value) = setting.field("value") else { return };
    let read = value.known().map(serde_json::from_str::<serde_json::Map<String, serde_json::Value>>);
    if let Some(Err(_)) = read {
        let problem = value.breaks(&codes::CRS_04, "`jettyOptions` is not a JSON object");
        problems.push(problem.help(r#"write JSON in single quotes: `'{"set-stop-timeout": 30000}'`"#));
    }
}

#[cfg(test)]
mod tests {
    use super::is_weak;

    #[test]
    fn passwords_are_weighed_as_the_platform_does() {
        for strong in ["Swordf1sh!", "aB3_efgh", "ÄÖÜ1 x.y"] {
            assert!(!is_weak(strong), "{strong}");
        }
        for weak in ["", "aB3_", "swordf1sh!", "Swordfish!", "Swordf1shx"] {
            assert!(is_weak(weak), "{weak}");
        }
    }
}
