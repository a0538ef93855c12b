//! A look at an API without the token: whether it can be reached, is the one that it should be, and what time it has.

use std::time::{Duration, SystemTime};

use reqwest::header;
use tokio::time::Instant;

use super::client::{Api, Call, Client};
use super::error::{ApiError, Method};

/// What an API tells everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probe {
    /// Its time, if it tells one.
    pub date: Option<SystemTime>,
    /// How long the answer took.
    pub took: Duration,
}

impl Client {
    /// Asks for a list without a token, once. That it is refused is as good an answer as any, and so is that version 3
    /// of the API of Mendix Cloud has no lists.
    ///
    /// # Errors
    ///
    /// Any [`ApiError`] but those with which an API refuses a stranger.
    pub async fn probe(&self, api: Api) -> Result<Probe, ApiError> {
        let call = match api {
            Api::PrivateCloud => Call::new(Method::Get, &["clusters"]),
            Api::MendixCloud => Call::cloud(Method::Get, &["apps"]),
        };
        self.check_api(&call)
            .map_err(|problem| ApiError::Unaddressable { request: self.request_line(&call), problem })?;
        let call = call.query("limit", &1);
        let started = Instant::now();
        let (result, headers) = self.ask_as_stranger(&call).await;
        let date = headers.get(header::DATE).and_then(|date| date.to_str().ok());
        let date = date.and_then(|date| httpdate::parse_http_date(date.trim()).ok());
        match result {
            Ok(_) | Err(ApiError::TokenRejected { .. } | ApiError::Forbidden { .. }) => {
                Ok(Probe { date, took: started.elapsed() })
            }
            Err(ApiError::NotFound { .. }) if api == Api::MendixCloud => {
                Ok(Probe { date, took: started.elapsed() })
            }
            Err(error) => Err(error),
        }
    }
}
