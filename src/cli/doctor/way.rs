//! The way to the API: its URL, the proxy and certificates on the way, whether it answers, and its clock.

use std::time::SystemTime;

use secrecy::SecretString;
use std::path::PathBuf;
use url::Url;

use super::Examination;
use crate::api::{Api, Client, ClientOptions, Token, is_loopback};
use crate::cli::args::ApiArgs;
use crate::cli::context::{Access, Estate, has_cloud_apps, shown};
use crate::cli::env;
use crate::cli::error::CliError;
use crate::cli::hosts;
use crate::cli::simulate::Simulation;
use crate::plan::is_cloud_only;

/// More than this between two clocks is worth a word: times in logs do not fit together, and certificates may look
/// expired.
const CLOCK: u64 = 60;

/// How often a request is tried: a doctor tells of a failure rather than to wait until it is over.
const TRIES: u32 = 2;

/// Why the API of private clouds is not looked at.
pub(super) const NO_PRIVATE: &str = "the estate has nothing in a private cloud";

/// The way to the APIs.
pub(in crate::cli) struct Way {
    pub(in crate::cli) client: Client,
    pub(in crate::cli) simulation: Option<Simulation>,
    /// Whether the estate has something in private clouds; so it may where there is none.
    has_private: bool,
    /// Whether it has apps on Mendix Cloud.
    has_cloud: bool,
}

/// Finds out where the APIs are and how they are reached; sends nothing. `token` is none where there is none that could be
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
    let desired = estate.map(|it| &it.desired);
    let has_private = !desired.is_some_and(is_cloud_only);
    let has_cloud = desired.is_some_and(has_cloud_apps);
    let own = || "the built-in simulator".to_owned();
    let (private, cloud) = match &simulation {
        Some(simulation) => match simulation.bases() {
            Ok(bases) => (Ok((bases.private_cloud, own())), Ok((bases.mendix_cloud, own()))),
            Err(error) => return fail(exam, "api", &error),
        },
        None => (hosts::private_cloud(args, estate), hosts::mendix_cloud(args, estate)),
    };
    let (private, cloud) = match (private, cloud) {
        (Err(error), _) => return fail(exam, "api", &error),
        (_, Err(error)) if has_cloud => return fail(exam, "cloud-api", &error),
        (Ok(private), cloud) => (private, cloud.ok().filter(|_| has_cloud)),
    };
    let token = match &simulation {
        Some(simulation) => simulation.token(Access::Write).ok(),
        None => token,
    };
    let mut options = ClientOptions::new(private.0.clone(), token);
    options.cloud_url = cloud.as_ref().map(|(url, _)| url.clone());
    options.retry.attempts = TRIES;
    options.retry.connect_attempts = 1;
    options.secrets = estate.iter().flat_map(|it| it.desired.secrets()).map(SecretString::from).collect();
    options.ca_files.extend(env::read(env::CA_FILE.name).map(PathBuf::from));
    let client = match Client::new(options) {
        Ok(client) => client,
        Err(error) => return fail(exam, "api", &CliError::from(error)),
    };
    let place = |(url, from): &(Url, String)| format!("{}, {from}", shown(url));
    match has_private {
        true => exam.ok("api", place(&private)),
        false => exam.skip("api", NO_PRIVATE),
    }
    if let Some(cloud) = &cloud {
        exam.ok("cloud-api", place(cloud));
    }
    network(exam, cloud.as_ref().filter(|_| !has_private).map_or(&private.0, |(url, _)| url));
    Some(Way { client, simulation, has_private, has_cloud })
}

fn fail<T>(exam: &mut Examination, check: &'static str, error: &CliError) -> Option<T> {
    exam.fail_with(check, error);
    None
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

/// Asks the APIs that the estate needs for a word, without the token; true when they answer as they should.
pub(in crate::cli) async fn connection(exam: &mut Examination, way: &Way) -> bool {
    let mut answers = true;
    for (check, api, is_needed) in [
        ("connection", Api::PrivateCloud, way.has_private),
        ("cloud-connection", Api::MendixCloud, way.has_cloud),
    ] {
        if !is_needed {
            continue;
        }
        match way.client.probe(api).await {
            Ok(probe) => {
                exam.ok(check, format!("the API answers within {} ms", probe.took.as_millis()));
                if api == Api::PrivateCloud || !way.has_private {
                    clock(exam, probe.date);
                }
            }
            Err(error) => {
                exam.fail_with(check, &CliError::from(error));
                answers = false;
            }
        }
    }
    answers
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
