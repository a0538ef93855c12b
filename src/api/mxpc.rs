//! mxpc-cli: which versions there are, and where one of them lies.

use serde_json::Value;
use url::Url;

use super::client::{Call, Client};
use super::endpoints::incomplete;
use super::error::{ApiError, Method};

/// A version of mxpc-cli that can be downloaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CliVersion {
    /// The version, such as `2.10.0`.
    pub version: String,
    /// The version of the operator that it installs.
    pub operator_version: Option<String>,
    /// The operating systems that it exists for: `linux`, `macos`, `windows`.
    pub systems: Vec<String>,
    /// The architectures that it exists for: `x86`, `arm`.
    pub architectures: Vec<String>,
}

impl CliVersion {
    /// What orders versions: their numbers, so that 2.10.0 is newer than 2.9.1. What is no number is older than any.
    pub fn order(&self) -> Vec<Option<u64>> {
        self.version.trim().split('.').map(|part| part.parse().ok()).collect()
    }
}

impl Client {
    /// `GET /cli`: the versions of mxpc-cli, the newest first.
    ///
    /// # Errors
    ///
    /// Any [`ApiError`].
    pub async fn cli_versions(&self) -> Result<Vec<CliVersion>, ApiError> {
        let answer = self.send(&Call::new(Method::Get, &["cli"])).await?;
        let list = answer.document.get("cliVersionList").and_then(Value::as_array);
        let list = list.ok_or_else(|| incomplete(&answer, "it has no `cliVersionList`".to_owned()))?;
        let mut versions: Vec<CliVersion> = list.iter().filter_map(version).collect();
        versions.sort_by(|one, other| (other.order(), &other.version).cmp(&(one.order(), &one.version)));
        Ok(versions)
    }

    /// `POST /cli/{cliVersionValue}`: where the file lies. That is another host, to which the token does not go.
    ///
    /// # Errors
    ///
    /// Any [`ApiError`].
    pub async fn cli_location(
        &self,
        version: &str,
        system: &str,
        architecture: &str,
    ) -> Result<Url, ApiError> {
        let call = Call::new(Method::Post, &["cli", version])
            .query("os", &system)
            .query("architecture", &architecture)
            .takes_redirect();
        let answer = self.send(&call).await?;
        let location = answer.document.get("location").and_then(Value::as_str);
        let url = location.and_then(|location| Url::parse(&answer.request.url).ok()?.join(location).ok());
        url.ok_or_else(|| incomplete(&answer, "it does not say where the file lies".to_owned()))
    }
}

fn version(entry: &Value) -> Option<CliVersion> {
    let text = |name: &str| entry.get(name).and_then(Value::as_str).map(|text| text.trim().to_owned());
    // Lists come as texts with commas (NOTES 2).
    let words = |name: &str| -> Vec<String> {
        let text = text(name).unwrap_or_default();
        text.split(',').map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
    };
    Some(CliVersion {
        version: text("cliVersion").filter(|version| !version.is_empty())?,
        operator_version: text("operatorVersion"),
        systems: words("availableOperatingSystems"),
        architectures: words("availableArchitectures"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_by_their_numbers() {
        let mut versions =
            ["2.9.1", "2.10.0", "1.11.0", "2.10", "next", "2.10.0-rc1"].map(|version| CliVersion {
                version: version.to_owned(),
                operator_version: None,
                systems: Vec::new(),
                architectures: Vec::new(),
            });
        versions.sort_by_key(CliVersion::order);
        let names: Vec<_> = versions.iter().map(|it| it.version.as_str()).collect();
        assert_eq!(names, ["next", "1.11.0", "2.9.1", "2.10", "2.10.0-rc1", "2.10.0"]);
    }
}
