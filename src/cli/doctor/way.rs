//! The way to the API: its URL, the proxy and certificates on the way, whether it answers, and its clock.

use std::time::SystemTime;

use secrecy::SecretString;
use std::path::PathBuf;
use url::Url;

use super::Examination;
use crate::api::{Client, ClientOptions, Token, is_loopback};
use crate::cli::args::ApiArgs;
use crate::cli::context::{Access, Estate, shown};
use crate::cli::env;
use crate::cli::error::CliError;
use crate::cli::hosts;
use crate::cli::simulate::Simulation;

/// More than this between two clocks is worth a word: times in logs do not fit together, and certificates may look
/// expired.
const CLOCK: u64 = 60;

/// How often a request is tried: a doctor tells of a failure rather than to wait until it is over.
const TRIES: u32 = 2;

/// The way to an API.
pub(in crate::cli) struct Way {
    pub(in crate::cli) client: Client,
    pub(in crate::cli) simulation: Option<Simulation>,
}

/// Finds out where the API is and how it is reached; sends nothing. `token` is none where there is none that could be
/// sent.
pub(in crate::cli) async fn way(
    exam: &mut Examination,
    args: &ApiArgs,
    estate: Option<&Estate>,
    token: Option<Token>,
) -> Option<Way> {
    let simulation = match (&args.simulate, estate) {
        (None, _) => None,
        (Some(file), Some(estate)) => match Simulation::start(estate, file.as_deref()).await {
            Ok(simulation) => Some(simulation),
            Err(error) => return fail(exam, "api", &error),
        },
        (Some(_), None) => {
            exam.skip("api", "the simulator needs a valid estate");
            return None;
        }
    };
    let found = match &simulation {
        Some(simulation) => simulation.bases().map(|bases| (bases.private_cloud, "the built-in simulator")),
        None => place(args, estate),
    };
    let (url, from) = match found {
        Ok(found) => found,
        Err(error) => return fail(exam, "api", &error),
    };
    let token = match &simulation {
        Some(simulation) => simulation.token(Access::Write).ok(),
        None => token,
    };
    let mut options = ClientOptions::new(url.clone(), token);
    options.retry.attempts = TRIES;
    options.retry.connect_attempts = 1;
    options.secrets = estate.iter().flat_map(|it| it.desired.secrets()).map(SecretString::from).collect();
    options.ca_files.extend(env::read(env::CA_FILE.name).map(PathBuf::from));
    match Client::new(options) {
        Ok(client) => {
            exam.ok("api", format!("{}, {from}", shown(&url)));
            network(exam, &url);
            Some(Way { client, simulation })
        }
        Err(error) => fail(exam, "api", &CliError::from(error)),
    }
}

fn fail<T>(exam: &mut Examination, check: &'static str, error: &CliError) -> Option<T> {
    exam.fail_with(check, error);
    None
}

/// Where the API is, and who says so.
fn place(args: &ApiArgs, estate: Option<&Estate>) -> Result<(Url, &'static str), CliError> {
    let named = args.api_url.clone().or_else(|| env::read(env::API_URL.name));
    let from = match estate {
        _ if args.api_url.is_some() => "named by --api-url",
        _ if named.is_some() => "named by MXKEEP_API_URL",
        Some(estate) if estate.desired.settings.private_cloud_api.is_some() => "named by mxkeep.yaml",
        _ => "the platform's own",
    };
    let url = match estate {
        Some(estate) => hosts::private_cloud(args, estate)?,
        None => {
            let text = named.as_deref().unwrap_or(hosts::PRIVATE_CLOUD);
            Url::parse(text).map_err(|error| {
                CliError::usage(format!("`{text}` is not a URL: {error}"), "write it as https://HOST/api/v4")
            })?
        }
    };
    Ok((url, from))
}

/// The proxy and the certificates on the way, without credentials.
fn network(exam: &mut Examination, url: &Url) {
    if is_loopback(url) {
        return exam.ok("network", "this machine: no proxy, no certificates");
    }
    let set = |name: &str| {
        env::read(name).or_else(|| env::read(&name.to_lowercase())).map(|value| (name.to_owned(), value))
    };
    let proxy = set("HTTPS_PROXY").or_else(|| set("ALL_PROXY"));
    if let Some((name, _)) = proxy.as_ref().filter(|(_, value)| value.starts_with("socks")) {
        let message =
            format!("{name} names a SOCKS proxy, and mxkeep goes without it: it speaks HTTP to proxies");
        return exam.warn("network", message, "set HTTPS_PROXY to a proxy that speaks HTTP");
    }
    let proxy = proxy.map_or_else(
        || "no proxy".to_owned(),
        |(name, value)| format!("the proxy {} of {name}", host(&value)),
    );
    let except = set("NO_PROXY").map(|(_, hosts)| format!(", except for {hosts}")).unwrap_or_default();
    let mut trusted = vec!["the system's certificates".to_owned()];
    trusted.extend(env::read(env::CA_FILE.name).map(|file| format!("those of {}={file}", env::CA_FILE.name)));
    let roots = ["SSL_CERT_FILE", "SSL_CERT_DIR"];
    trusted.extend(roots.iter().filter_map(|name| Some(format!("those of {name}={}", env::read(name)?))));
    exam.ok("network", format!("{proxy}{except}; trusts {}", trusted.join(", ")));
}

/// Host and port of a proxy. Its URL may lack the scheme, so that no parser is to be trusted with the password in it.
fn host(proxy: &str) -> &str {
    let rest = proxy.split_once("://").map_or(proxy, |(_, rest)| rest);
    let place = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // A password may hold a slash that nobody escaped.
    if rest.rsplit_once('@').is_some_and(|(secret, _)| secret.len() >= place.len()) {
        return "(with credentials that are not escaped)";
    }
    place.rsplit_once('@').map_or(place, |(_, host)| host)
}

/// Asks the API for a word, without the token; true when it answers as it should.
pub(in crate::cli) async fn connection(exam: &mut Examination, client: &Client) -> bool {
    match client.probe().await {
        Ok(probe) => {
            exam.ok("connection", format!("the API answers within {} ms", probe.took.as_millis()));
            clock(exam, probe.date);
            true
        }
        Err(error) => {
            exam.fail_with("connection", &CliError::from(error));
            false
        }
    }
}

fn clock(exam: &mut Examination, theirs: Option<SystemTime>) {
    let Some(theirs) = theirs else {
        return exam.skip("clock", "the API tells no time");
    };
    let ours = SystemTime::from(jiff::Timestamp::now());
    let (apart, which) = match ours.duration_since(theirs) {
        Ok(ahead) => (ahead, "ahead of"),
        Err(behind) => (behind.duration(), "behind"),
    };
    // The header is in whole seconds.
    match apart.as_secs() {
        0..=1 => exam.ok("clock", "as the API's"),
        seconds @ 2..=CLOCK => exam.ok("clock", format!("{seconds} s {which} the API's")),
        seconds => exam.warn(
            "clock",
            format!("this machine's clock is {seconds} s {which} the API's"),
            "set the clock, for instance by NTP: certificates and tokens are valid for a time",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn a_proxy_is_told_without_its_credentials() {
        for (proxy, told) in [
            ("http://user:secret@proxy.example:3128/", "proxy.example:3128"),
            ("user:secret@proxy.example:3128", "proxy.example:3128"),
            ("proxy.example", "proxy.example"),
            ("socks5://proxy.example:1080", "proxy.example:1080"),
            ("http://user:se@cret@proxy.example", "proxy.example"),
            ("http://user:se/cret@proxy.example", "(with credentials that are not escaped)"),
            ("user:secret?#@proxy.example", "(with credentials that are not escaped)"),
        ] {
            assert_eq!(host(proxy), told, "{proxy}");
        }
    }
}
