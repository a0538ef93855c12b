//! A file from another host than the API's: piece by piece, without the token.

use std::time::Duration;

use reqwest::header;
use url::Url;

use super::error::{clean, safe_url};
use super::server::is_loopback;
use super::{tls, transport};

/// How many redirects are followed.
const MOST_REDIRECTS: usize = 5;

/// How long a server may be silent in the middle of a file. The whole may take as long as it likes.
const SILENCE: Duration = Duration::from_secs(30);

/// Why a file did not arrive.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DownloadError {
    /// Plain `http` to another machine: what arrives could be anybody's, and it is about to be run.
    #[error("`{url}` is not secure: a file is fetched by https only")]
    Insecure {
        /// The URL, without what may be secret in it.
        url: String,
    },
    /// The server does not give the file.
    #[error("`{url}` answers with {what}")]
    Refused {
        /// The URL, without what may be secret in it.
        url: String,
        /// What it answers with.
        what: String,
    },
    /// The file ended too early.
    #[error("the file from `{url}` ended after {received} bytes{}", expected.map(|length| format!(" of {length}")).unwrap_or_default())]
    Truncated {
        /// The URL, without what may be secret in it.
        url: String,
        /// How many bytes came.
        received: u64,
        /// How many were announced.
        expected: Option<u64>,
    },
    /// The server could not be reached, or the connection broke before the file began.
    #[error("cannot fetch `{url}`: {reason}")]
    Unreachable {
        /// The URL, without what may be secret in it.
        url: String,
        /// In the words of the HTTP library.
        reason: String,
    },
}

/// A file that is on its way.
#[derive(Debug)]
pub struct Download {
    response: reqwest::Response,
    url: String,
    expected: Option<u64>,
    received: u64,
}

/// What it takes to fetch a file.
#[derive(Debug, Clone, Default)]
pub(super) struct DownloadOptions {
    pub(super) user_agent: String,
    pub(super) connect_timeout: Duration,
    pub(super) ca_files: Vec<std::path::PathBuf>,
    pub(super) proxy: Option<Url>,
}

impl DownloadOptions {
    /// Asks for a file.
    pub(super) async fn start(&self, url: &Url) -> Result<Download, DownloadError> {
        let place = shown(url);
        if !is_secure(url) {
            return Err(DownloadError::Insecure { url: place });
        }
        let unreachable =
            |reason: String| DownloadError::Unreachable { url: place.clone(), reason: clean(&reason) };
        let http = self.http(url).map_err(&unreachable)?;
        let response = http.get(url.clone()).send().await.map_err(|error| {
            let error = error.without_url();
            unreachable(transport::deepest(&error))
        })?;
        let refused = |what: String| Err(DownloadError::Refused { url: shown(response.url()), what });
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        match (response.status().as_u16(), header(header::CONTENT_TYPE)) {
            (200, Some(kind)) if kind.starts_with("text/html") => return refused("a web page".to_owned()),
            (200, _) => {}
            (status, _) => return refused(format!("status {status}")),
        }
        let expected = header(header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
        // A body that ends with its connection may end anywhere.
        let has_end = expected.is_some()
            || header(header::TRANSFER_ENCODING).is_some()
            || response.version() >= reqwest::Version::HTTP_2;
        if !has_end {
            return refused("a file of which it does not say how long it is".to_owned());
        }
        Ok(Download { url: shown(response.url()), response, expected, received: 0 })
    }

    fn http(&self, url: &Url) -> Result<reqwest::Client, String> {
        // A redirect may lead from this machine to another one.
        let tls = tls::trusting(&self.ca_files).map_err(|error| error.to_string())?;
        let policy = reqwest::redirect::Policy::custom(|attempt| {
            if attempt.previous().len() > MOST_REDIRECTS {
                attempt.error("too many redirects")
            } else if is_secure(attempt.url()) {
                attempt.follow()
            } else {
                attempt.error("it leads to a place that is not secure")
            }
        });
        let mut http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .user_agent(self.user_agent.clone())
            // Bytes are counted as they come.
            .no_gzip()
            .no_brotli()
            .redirect(policy)
            .referer(false)
            .connect_timeout(self.connect_timeout)
            .read_timeout(SILENCE);
        if let Some(proxy) = self.proxy.clone() {
            http = http.proxy(reqwest::Proxy::all(proxy).map_err(|error| error.without_url().to_string())?);
        }
        if is_loopback(url) {
            http = http.no_proxy();
        }
        http.build().map_err(|error| error.without_url().to_string())
    }
}

impl Download {
    /// How many bytes it will be, if the server says so.
    pub const fn length(&self) -> Option<u64> {
        self.expected
    }

    /// The next piece; nothing once the file is whole.
    ///
    /// # Errors
    ///
    /// When the connection broke, or the file is shorter than it was announced to be.
    pub async fn chunk(&mut self) -> Result<Option<impl AsRef<[u8]> + use<>>, DownloadError> {
        match self.response.chunk().await {
            Ok(Some(chunk)) => {
                self.received = self.received.saturating_add(chunk.len() as u64);
                Ok(Some(chunk))
            }
            Ok(None) if self.expected.is_none_or(|expected| expected == self.received) => Ok(None),
            Ok(None) | Err(_) => Err(DownloadError::Truncated {
                url: self.url.clone(),
                received: self.received,
                expected: self.expected,
            }),
        }
    }
}

/// Whether what comes from there is what its owner put there.
fn is_secure(url: &Url) -> bool {
    url.scheme() == "https" || url.scheme() == "http" && is_loopback(url)
}

/// A URL without what gives access to its file: such URLs are signed in their query.
fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    safe_url(&url)
}
