//! What every REST service of the platform has in common: the subscription key, and the few ways a call can end.

use std::time::Duration;

use http::{HeaderMap, Method, StatusCode, header::RETRY_AFTER};
use reqwest::{RequestBuilder, Response};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use url::Url;

use crate::limits::InvalidRequest;

/// The header that carries the subscription key.
pub const SUBSCRIPTION_KEY_HEADER: &str = "Ocp-Apim-Subscription-Key";

/// How a call to the platform can fail, told apart by what the caller should do next.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request breaks a limit of the platform and was not sent. Asking again is useless.
    #[error("the request breaks a limit of the platform")]
    Invalid(#[from] InvalidRequest),
    /// The platform said no (4xx). Asking again is useless.
    #[error("the platform refused the request with status {}", status.as_u16())]
    Refused {
        /// The HTTP status.
        status: StatusCode,
        /// The body of the answer; it may quote the request, so keep it out of logs.
        problem: Problem,
    },
    /// The thing is already there, or is in a state that does not admit the operation (409). After a create, it is what
    /// a repeated request finds: read the position and go on.
    #[error("the platform says that the request conflicts with what it holds")]
    Conflict(Problem),
    /// The platform cannot answer now (408, 429, 5xx). Ask again later.
    #[error("the platform cannot answer now (status {})", status.as_u16())]
    Temporary {
        /// The HTTP status.
        status: StatusCode,
        /// How long the platform asks to wait, where it says it.
        retry_after: Option<Duration>,
    },
    /// No answer: the request may or may not have been received. Ask again later.
    #[error("the platform could not be reached")]
    Network(#[source] reqwest::Error),
    /// The platform said yes in words that cannot be read, so the outcome is not known. Ask again later.
    #[error("the platform's answer cannot be read")]
    Unreadable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// Whether the same request may succeed later.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Temporary { .. } | Self::Network(_) | Self::Unreadable(_))
    }

    /// Whether the platform holds something that excludes this request.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict(_))
    }

    pub(crate) fn network(source: reqwest::Error) -> Self {
        Self::Network(source.without_url())
    }
}

/// The body of a refusal: `ProblemJson` in every contract of the platform.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Problem {
    /// What kind of refusal, in English.
    pub title: String,
    /// The status again.
    pub status: u16,
    /// What is wrong with this request, in English; it may quote the request.
    pub detail: String,
}

/// Where a service answers, and with which key.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    http: reqwest::Client,
    base_url: Url,
    subscription_key: Option<SecretString>,
}

impl Endpoint {
    pub(crate) fn new(base_url: Url, subscription_key: Option<SecretString>, http: reqwest::Client) -> Self {
        Self { http, base_url, subscription_key }
    }

    /// A request for `base_url/segment/segment…`, each segment escaped.
    pub(crate) fn request(&self, method: Method, segments: &[&str]) -> RequestBuilder {
        let mut url = self.base_url.clone();
        // A base that has no path (`mailto:…`) is refused by the client when the request is sent.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        let request = self.http.request(method, url);
        match &self.subscription_key {
            Some(key) => request.header(SUBSCRIPTION_KEY_HEADER, key.expose_secret()),
            None => request,
        }
    }

    /// Sends, and gives back only an answer whose status `is_success` accepts.
    pub(crate) async fn send(
        &self,
        request: RequestBuilder,
        is_success: fn(StatusCode) -> bool,
    ) -> Result<Response, Error> {
        let response = request.send().await.map_err(Error::network)?;
        if is_success(response.status()) { Ok(response) } else { Err(refusal(response).await) }
    }

    /// Sends and reads a JSON answer.
    pub(crate) async fn json<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Error> {
        let response = self.send(request, |status| status.is_success()).await?;
        let body = response.bytes().await.map_err(Error::network)?;
        serde_json::from_slice(&body).map_err(|source| Error::Unreadable(source.into()))
    }
}

async fn refusal(response: Response) -> Error {
    let status = response.status();
    if is_temporary(status) {
        return Error::Temporary { status, retry_after: retry_after(response.headers()) };
    }
    // Gateways refuse with bodies of their own, or with none: the status is what counts.
    let problem =
        response.bytes().await.ok().and_then(|body| serde_json::from_slice(&body).ok()).unwrap_or_default();
    if status == StatusCode::CONFLICT { Error::Conflict(problem) } else { Error::Refused { status, problem } }
}

fn is_temporary(status: StatusCode) -> bool {
    status.is_server_error() || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT)
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

    async fn answer(response: ResponseTemplate) -> Result<Problem, Error> {
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(response).mount(&server).await;
        let http = reqwest::Client::builder().build().unwrap();
        let endpoint = Endpoint::new(Url::parse(&server.uri()).unwrap(), Some("k".into()), http);
        endpoint.json(endpoint.request(Method::GET, &["a b", "c/d"])).await
    }

    #[tokio::test]
    async fn answers_are_told_apart() {
        let too_many = ResponseTemplate::new(429).insert_header("Retry-After", "7");
        let error = answer(too_many).await.unwrap_err();
        assert!(error.is_temporary());
        assert!(
            matches!(error, Error::Temporary { retry_after: Some(wait), .. } if wait == Duration::from_secs(7))
        );
        for status in [408, 500, 503] {
            assert!(answer(ResponseTemplate::new(status)).await.unwrap_err().is_temporary(), "{status}");
        }
        let body = r#"{"title":"T","status":409,"detail":"D"}"#;
        let error = answer(ResponseTemplate::new(409).set_body_string(body)).await.unwrap_err();
        assert!(error.is_conflict() && !error.is_temporary());
        assert!(!error.to_string().contains('D'), "an error does not quote the platform");
        let error = answer(ResponseTemplate::new(422).set_body_string("<html>")).await.unwrap_err();
        assert!(
            matches!(&error, Error::Refused { status: StatusCode::UNPROCESSABLE_ENTITY, problem } if *problem == Problem::default())
        );
        assert!(!error.is_temporary());
        let error = answer(ResponseTemplate::new(200).set_body_string("?")).await.unwrap_err();
        assert!(matches!(error, Error::Unreadable(_)));
    }

    #[tokio::test]
    async fn no_answer_is_temporary_and_tells_no_address() {
        let http = reqwest::Client::builder().build().unwrap();
        let endpoint = Endpoint::new(Url::parse("http://127.0.0.1:9/secret").unwrap(), None, http);
        let error = endpoint.json::<Problem>(endpoint.request(Method::GET, &["x"])).await.unwrap_err();
        assert!(error.is_temporary());
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(!source.contains("secret"), "{source}");
    }

    #[test]
    fn segments_are_escaped() {
        let http = reqwest::Client::builder().build().unwrap();
        let endpoint = Endpoint::new(Url::parse("http://127.0.0.1/v1/").unwrap(), Some("k".into()), http);
        let request = endpoint.request(Method::GET, &["a b", "c/d"]).build().unwrap();
        assert_eq!(request.url().path(), "/v1/a%20b/c%2Fd");
        assert_eq!(request.headers()[SUBSCRIPTION_KEY_HEADER], "k");
    }
}
