//! The FdR3 API for organisations.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use http::StatusCode;
use http::header::RETRY_AFTER;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::flow::{Flow, FlowRow};
use super::json::{FlowPage, FlowRef, FlowWire, PageWire, PaymentWire};
use crate::wire::shorten;

/// Flows or payments per page, the API's maximum.
const PAGE_SIZE: &str = "1000";
/// A flow of more pages than this is not a flow: half a million payments in one credit transfer.
const PAGES_MAX: u32 = 500;
/// A page of 1000 payments takes some 250 KiB.
const BODY_MAX_BYTES: usize = 8 * 1024 * 1024;

/// Fetches the flows of one or more creditors with one subscription key.
///
/// The service documents one call per second on the list and keeps flows for 30 days: an older `published_gt` is refused (FDR-1000).
/// Timeouts are the HTTP client's; the platform's own is 15 s on the list and 60 s on a flow.
#[derive(Debug, Clone)]
pub struct Client {
    base_url: Url,
    key: SecretString,
    http: reqwest::Client,
}

/// Why a call gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum FdrError {
    /// The flow is not there (any more).
    #[error("the flow was not found ({code})")]
    NotFound {
        /// The service's code, `FDR-3001`.
        code: String,
    },
    /// The request will not be accepted as it is: unknown creditor (FDR-2008, 2009), malformed flow (FDR-3008, 3009), key refused…
    #[error("the service refused the request with status {status} ({code})")]
    Refused {
        /// HTTP status.
        status: u16,
        /// The service's code, or a dash where it gave none.
        code: String,
    },
    /// The service is down, slow or busy: the same request may do later.
    #[error("the service answered with status {status}")]
    Unavailable {
        /// HTTP status.
        status: u16,
        /// How long to wait, if it said so.
        retry_after: Option<Duration>,
    },
    /// The service could not be reached, or the connection broke.
    #[error("the service could not be reached")]
    Unreachable(#[source] reqwest::Error),
    /// The answer is not what the contract says.
    #[error("the answer does not follow the contract")]
    Unreadable(#[source] serde_json::Error),
    /// The answer is longer, or has more pages, than any real one.
    #[error("the answer is larger than any flow can be")]
    TooLarge,
}

impl FdrError {
    /// Whether the same request may succeed later.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Unreachable(_))
    }
}

/// `ErrorResponse`.
#[derive(Deserialize)]
struct ErrorWire {
    #[serde(rename = "appErrorCode")]
    code: Option<String>,
}

impl Client {
    /// A client of the service at `base_url` (`https://api.platform.pagopa.it/fdr-org/service/v1`), with the intermediary's subscription key.
    #[must_use]
    pub fn new(base_url: Url, key: SecretString, http: reqwest::Client) -> Self {
        Self { base_url, key, http }
    }

    /// A page (from 1) of the flows published for the creditor `fiscal_code` after `published_gt`.
    ///
    /// The instant is sent in milliseconds, rounded down: a flow may be listed twice, none is skipped.
    ///
    /// # Errors
    /// See [`FdrError`].
    pub async fn list(
        &self,
        fiscal_code: &str,
        published_gt: Option<DateTime<Utc>>,
        page: u32,
    ) -> Result<FlowPage, FdrError> {
        let mut url = self.url(&["organizations", fiscal_code, "fdrs"]);
        add_page(&mut url, page);
        if let Some(instant) = published_gt {
            let text = instant.to_rfc3339_opts(SecondsFormat::Millis, true);
            url.query_pairs_mut().append_pair("publishedGt", &text);
        }
        let page: PageWire<FlowRef> = self.get(url).await?;
        Ok(FlowPage { flows: page.data, total_pages: page.metadata.total_pages })
    }

    /// A flow with all its payments.
    ///
    /// # Errors
    /// See [`FdrError`].
    pub async fn flow(
        &self,
        fiscal_code: &str,
        flow: &str,
        revision: i64,
        psp_id: &str,
    ) -> Result<Flow, FdrError> {
        let head: FlowWire = self.get(self.flow_url(fiscal_code, flow, revision, psp_id, None)).await?;
        let rows = self.payments(fiscal_code, flow, revision, psp_id).await?;
        Ok(head.with_rows(rows))
    }

    /// The payments of a flow, from all its pages.
    ///
    /// # Errors
    /// See [`FdrError`].
    pub async fn payments(
        &self,
        fiscal_code: &str,
        flow: &str,
        revision: i64,
        psp_id: &str,
    ) -> Result<Vec<FlowRow>, FdrError> {
        let mut rows = Vec::new();
        for number in 1..=PAGES_MAX {
            let mut url = self.flow_url(fiscal_code, flow, revision, psp_id, Some("payments"));
            add_page(&mut url, number);
            let page: PageWire<PaymentWire> = self.get(url).await?;
            rows.extend(page.data.into_iter().map(FlowRow::from));
            if number >= page.metadata.total_pages {
                return Ok(rows);
            }
        }
        Err(FdrError::TooLarge)
    }

    fn flow_url(
        &self,
        fiscal_code: &str,
        flow: &str,
        revision: i64,
        psp_id: &str,
        part: Option<&str>,
    ) -> Url {
        let revision = revision.to_string();
        let mut url =
            self.url(&["organizations", fiscal_code, "fdrs", flow, "revisions", &revision, "psps", psp_id]);
        if let Ok(mut path) = url.path_segments_mut() {
            path.extend(part);
        }
        url
    }

    /// `base_url` and a path whose segments are escaped: identifiers come from PSPs.
    fn url(&self, segments: &[&str]) -> Url {
        let mut url = self.base_url.clone();
        // A base that cannot carry a path is refused by the HTTP client as it stands.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }

    async fn get<T: DeserializeOwned>(&self, url: Url) -> Result<T, FdrError> {
        let response = self
            .http
            .get(url)
            .header("Ocp-Apim-Subscription-Key", self.key.expose_secret())
            .send()
            .await
            .map_err(unreachable)?;
        let status = response.status();
        let retry_after = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.parse().ok())
            .map(Duration::from_secs);
        if is_temporary(status) {
            return Err(FdrError::Unavailable { status: status.as_u16(), retry_after });
        }
        let body = read(response).await?;
        if status.is_success() {
            return serde_json::from_slice(&body).map_err(FdrError::Unreadable);
        }
        let code = serde_json::from_slice::<ErrorWire>(&body)
            .ok()
            .and_then(|error| error.code)
            .map(|code| shorten(&code));
        match (status, code) {
            // Without the service's code it is the gateway speaking: the address is wrong, not the flow.
            (StatusCode::NOT_FOUND, Some(code)) => Err(FdrError::NotFound { code }),
            (_, code) => Err(FdrError::Refused {
                status: status.as_u16(),
                code: code.unwrap_or_else(|| "-".to_owned()),
            }),
        }
    }
}

fn add_page(url: &mut Url, page: u32) {
    url.query_pairs_mut().append_pair("page", &page.to_string()).append_pair("size", PAGE_SIZE);
}

fn is_temporary(status: StatusCode) -> bool {
    status.is_server_error() || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT)
}

/// The address holds a fiscal code and stays out of the error.
fn unreachable(error: reqwest::Error) -> FdrError {
    FdrError::Unreachable(error.without_url())
}

async fn read(mut response: reqwest::Response) -> Result<Vec<u8>, FdrError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if body.len() + chunk.len() > BODY_MAX_BYTES {
            return Err(FdrError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
