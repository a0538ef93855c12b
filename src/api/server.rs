//! One API and the way to it: its base URL, TLS and proxy.

use std::time::Duration;

use reqwest::header::{self, HeaderMap, HeaderValue};
use url::{Host, Url};

use super::client::{ClientOptions, SetupError};
use super::error::safe_url;
use super::{tls, transport};

/// How long an unused connection is kept. Load balancers close idle ones after 60 s, and a write on a connection
/// that just closed is a write of unknown outcome.
const IDLE: Duration = Duration::from_secs(30);

/// One API and the way to it.
pub(super) struct Server {
    pub(super) http: reqwest::Client,
    pub(super) base_url: Url,
}

impl Server {
    pub(super) fn new(options: &ClientOptions, base_url: Url) -> Result<Server, SetupError> {
        let loopback = check_base_url(&base_url)?;
        let tls =
            if base_url.scheme() == "https" { tls::trusting(&options.ca_files)? } else { tls::unused()? };
        let mut http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .user_agent(options.user_agent.clone())
            .default_headers(HeaderMap::from_iter([(
                header::ACCEPT,
                HeaderValue::from_static("application/json"),
            )]))
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .connect_timeout(options.connect_timeout)
            .timeout(options.request_timeout)
            .pool_idle_timeout(IDLE);
        if let Some(proxy) = options.proxy.clone() {
            http = http.proxy(reqwest::Proxy::all(proxy).map_err(|error| refused(&error.without_url()))?);
        }
        if loopback {
            http = http.no_proxy();
        }
        let http = http.build().map_err(|error| refused(&error.without_url()))?;
        Ok(Server { http, base_url })
    }
}

fn refused(error: &reqwest::Error) -> SetupError {
    SetupError::Http { reason: transport::deepest(error) }
}

/// Checks the base URL; true when it is on this machine.
fn check_base_url(url: &Url) -> Result<bool, SetupError> {
    // A key in the query, which has no business there, is not repeated.
    let mut bare = url.clone();
    bare.set_query(None);
    bare.set_fragment(None);
    let refuse = |reason: &str| Err(SetupError::BaseUrl { url: safe_url(&bare), reason: reason.to_owned() });
    let loopback = is_loopback(url);
    match url.scheme() {
        "https" => {}
        "http" if loopback => {}
        "http" => return Err(SetupError::Insecure { url: safe_url(&bare) }),
        _ => return refuse("it does not begin with https://"),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("it holds a user name or password; the API takes a token only");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return refuse("it holds a `?` or `#`");
    }
    Ok(loopback)
}

/// Whether a URL names this machine: by a loopback address, or as `localhost`. Other names may resolve to anything.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}
