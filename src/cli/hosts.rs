//! Where the APIs are, and which hosts may receive the token.

use url::Url;

use super::args::ApiArgs;
use super::codes;
use super::context::{Estate, invalid};
use super::env::{self, Variable};
use super::error::CliError;
use crate::api::is_loopback;
use crate::model::Origin;
use crate::source::Severity;

/// The Private Cloud API of the platform.
const PRIVATE_CLOUD: &str = "https://privatecloud.mendixcloud.com/api/v4";
/// The API of Mendix Cloud.
const MENDIX_CLOUD: &str = "https://cloud.home.mendix.com/api/v4";

/// One of the platform's APIs, and the ways to say where it is.
struct Place<'a> {
    /// The flag that was given, and how it is spelt.
    flag: (Option<&'a String>, &'static str),
    variable: Variable,
    /// The setting of the estate, and its path.
    setting: (Option<&'a (String, Origin)>, &'static str),
    /// Where the platform has it.
    platform: &'static str,
}

/// The Private Cloud API, and who says where it is.
pub(super) fn private_cloud(args: &ApiArgs, estate: Option<&Estate>) -> Result<(Url, String), CliError> {
    let place = Place {
        flag: (args.api_url.as_ref(), "--api-url"),
        variable: env::API_URL,
        setting: (estate.and_then(|it| it.desired.settings.private_cloud_api.as_ref()), "api.privateCloud"),
        platform: PRIVATE_CLOUD,
    };
    place.url(estate)
}

/// The API of Mendix Cloud, and who says where it is.
pub(super) fn mendix_cloud(args: &ApiArgs, estate: Option<&Estate>) -> Result<(Url, String), CliError> {
    let place = Place {
        flag: (args.cloud_api_url.as_ref(), "--cloud-api-url"),
        variable: env::CLOUD_API_URL,
        setting: (estate.and_then(|it| it.desired.settings.mendix_cloud_api.as_ref()), "api.mendixCloud"),
        platform: MENDIX_CLOUD,
    };
    place.url(estate)
}

impl Place<'_> {
    /// The flag, the variable, the estate, the platform; the first that says it.
    fn url(&self, estate: Option<&Estate>) -> Result<(Url, String), CliError> {
        let (variable, flag) = (self.variable.name, self.flag.1);
        let named = match self.flag.0 {
            Some(text) => Some((text.clone(), format!("named by {flag}"))),
            None => env::read(variable).map(|text| (text, format!("named by {variable}"))),
        };
        let is_named = named.is_some();
        let (text, from) = named.unwrap_or_else(|| match self.setting.0 {
            Some((text, _)) => (text.clone(), "named by mxkeep.yaml".to_owned()),
            None => (self.platform.to_owned(), "the platform's own".to_owned()),
        });
        let url = Url::parse(&text).map_err(|error| {
            CliError::usage(format!("`{text}` is not a URL: {error}"), "write it as https://HOST/api/v4")
        })?;
        match estate {
            Some(estate) if !is_named && !self.may_receive_token(&url) => {
                Err(self.foreign_host(&url, estate))
            }
            _ => Ok((url, from)),
        }
    }

    /// The token goes to the platform, to this machine, and to hosts that were named outside the estate: a pull
    /// request that edits `api:` cannot send it elsewhere (DESIGN 8).
    fn may_receive_token(&self, url: &Url) -> bool {
        let Some(host) = url.host_str() else { return false };
        // The whole origin: another port of the same host may be somebody else's.
        let platform = Url::parse(self.platform).ok();
        let is_platform = platform.is_some_and(|it| it.origin() == url.origin());
        let allowed = env::read(env::ALLOW_HOSTS.name).unwrap_or_default();
        is_platform
            || is_loopback(url)
            || allowed.split(',').any(|allowed| allowed.trim().eq_ignore_ascii_case(host))
    }

    fn foreign_host(&self, url: &Url, estate: &Estate) -> CliError {
        let host = url.host_str().unwrap_or_default();
        let message = format!(
            "the estate names `{host}` as its API, and the token is not sent to hosts that only the estate names"
        );
        let help = format!("if it is right, set {}={host}, or pass {}", env::ALLOW_HOSTS.name, self.flag.1);
        let diagnostic = estate.files.diagnostic(
            codes::FOREIGN_HOST,
            Severity::Error,
            message,
            Some(help),
            None,
            Some(self.setting.1.to_owned()),
            self.setting.0.map(|(_, origin)| origin.clone()),
        );
        invalid(vec![diagnostic])
    }
}
