//! What stands before the platform: keys, quota, and its own dialect of errors.

use axum::Json;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::ExposeSecret;
use serde::Serialize;
use serde_json::json;

use super::{Service, Simulator, State};

const WINDOW: TimeDelta = TimeDelta::seconds(5);
const REMAINING: HeaderName = HeaderName::from_static("x-rate-limit-remaining");
const RETRY_AFTER: HeaderName = HeaderName::from_static("x-rate-limit-retry-after");

/// The platform's dialect: `application/problem+json`.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Problem {
    pub title: String,
    pub status: u16,
    pub detail: String,
}

impl Problem {
    pub(super) fn new(status: StatusCode, title: &str, detail: &str) -> Self {
        Self { title: title.to_owned(), status: status.as_u16(), detail: detail.to_owned() }
    }

    pub(super) fn not_allowed() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "You are not allowed here",
            "You do not have enough permission to complete the operation you requested",
        )
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let kind = HeaderValue::from_static("application/problem+json");
        (status, [(header::CONTENT_TYPE, kind)], Json(self)).into_response()
    }
}

/// Why a call gets no success, in the dialect of whoever refuses it.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The gateway's, with its `{statusCode, message}`.
    Gateway(StatusCode, &'static str),
    /// The gateway's, for a quota used up.
    TooMany { retry_after_seconds: i64 },
    /// The platform's.
    Platform(Problem),
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Platform(problem)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Gateway(status, message) => gateway_error(status, message),
            Self::TooMany { retry_after_seconds: seconds } => {
                let message = format!("Rate limit is exceeded. Try again in {seconds} seconds.");
                let headers = [(RETRY_AFTER, HeaderValue::from(seconds)), (REMAINING, HeaderValue::from(0))];
                (headers, gateway_error(StatusCode::TOO_MANY_REQUESTS, &message)).into_response()
            }
            Self::Platform(problem) => problem.into_response(),
        }
    }
}

fn gateway_error(status: StatusCode, message: &str) -> Response {
    let body = json!({ "statusCode": status.as_u16(), "message": message });
    (status, Json(body)).into_response()
}

pub(super) async fn no_such_operation() -> Refusal {
    Refusal::Gateway(StatusCode::NOT_FOUND, "Resource not found")
}

/// Lets a call through to the platform, on behalf of the service its key belongs to.
pub(super) fn admit<'a>(simulator: &'a Simulator, headers: &HeaderMap) -> Result<&'a Service, Refusal> {
    let service = service_of(simulator, headers)?;
    let now = simulator.now();
    let mut state = simulator.state();
    count(simulator, &mut state, service, now)?;
    let knobs = &mut state.knobs;
    if knobs.rate_limited_next > 0 {
        knobs.rate_limited_next -= 1;
        return Err(Refusal::TooMany { retry_after_seconds: 1 });
    }
    if knobs.forbidden {
        return Err(Problem::not_allowed().into());
    }
    if knobs.server_error_next > 0 {
        knobs.server_error_next -= 1;
        let problem = Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Internal server error",
            "The message cannot be delivered.",
        );
        return Err(problem.into());
    }
    Ok(service)
}

fn service_of<'a>(simulator: &'a Simulator, headers: &HeaderMap) -> Result<&'a Service, Refusal> {
    let Some(key) = headers.get("ocp-apim-subscription-key") else {
        return Err(Refusal::Gateway(
            StatusCode::UNAUTHORIZED,
            "Access denied due to missing subscription key. Make sure to include subscription key \
             when making requests to an API.",
        ));
    };
    let mut services = simulator.settings.services.iter();
    services
        .find(|service| {
            [&service.primary_key, &service.secondary_key]
                .iter()
                .any(|known| known.expose_secret().as_bytes() == key.as_bytes())
        })
        .ok_or(Refusal::Gateway(
            StatusCode::UNAUTHORIZED,
            "Access denied due to invalid subscription key. Make sure to provide a valid key for an \
             active subscription.",
        ))
}

/// Counts a call of an institution in a sliding window.
fn count(
    simulator: &Simulator,
    state: &mut State,
    service: &Service,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let calls = state.calls.entry(service.institution.clone()).or_default();
    calls.retain(|call| now - *call < WINDOW && *call <= now);
    if calls.len() < simulator.settings.calls_per_window {
        calls.push_back(now);
        return Ok(());
    }
    let oldest = calls.front().copied().unwrap_or(now);
    let wait = (oldest + WINDOW - now).num_milliseconds();
    Err(Refusal::TooMany { retry_after_seconds: wait.div_euclid(1000) + 1 })
}
