//! Errors over HTTP, mapped in one place.
//!
//! A handler answers [`PageError`] (anything that becomes a [`crate::Error`] becomes one with `?`). It does not know for
//! whom it is drawn: the layer in `web::answer` draws it as a page of the entity, in the visitor's language, or as
//! problem details ([`Problem`], RFC 9457) where the address begins with `/api/`.

use std::sync::Arc;

use axum::Extension;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::WWW_AUTHENTICATE;
use serde::Serialize;
use utoipa::ToSchema;

use super::i18n::T;
use crate::error::{Error, FieldError};

/// Why a handler gives no ordinary answer.
#[derive(Debug)]
pub enum PageError {
    /// Something failed; drawn by the layer.
    Failed(Error),
    /// Another answer than the ordinary one: a redirect to the login, most often.
    Instead(Box<Response>),
}

impl<E: Into<Error>> From<E> for PageError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl PageError {
    /// A client of the API that did not say who it is, or not so that we believe it.
    #[must_use]
    pub fn unauthorized(code: &'static str) -> Self {
        let status = StatusCode::UNAUTHORIZED;
        Self::instead((status, [(WWW_AUTHENTICATE, "Bearer")], Extension(Failure::plain(status, code))))
    }

    /// A request that cannot be read: a missing header, a body that is not what it should be.
    pub fn malformed(code: &'static str) -> Self {
        let status = StatusCode::BAD_REQUEST;
        Self::instead((status, Extension(Failure::plain(status, code))))
    }

    /// A form that was sent when the session was over. It is not redirected to the login: browsers count the redirects
    /// that follow a form as the form's own, and the login may be elsewhere. `login` comes back to the form's page.
    #[must_use]
    pub fn session_expired(login: String) -> Self {
        let status = StatusCode::UNAUTHORIZED;
        let failure = Failure { login: Some(login), ..Failure::plain(status, "session_expired") };
        Self::instead((status, Extension(failure)))
    }

    /// Another answer than the ordinary one.
    pub fn instead(answer: impl IntoResponse) -> Self {
        Self::Instead(Box::new(answer.into_response()))
    }
}

/// The failure a response stands for, until the layer draws it.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) status: StatusCode,
    pub(super) code: String,
    pub(super) errors: Arc<[FieldError]>,
    /// Where to log in first.
    pub(super) login: Option<String>,
}

impl Failure {
    fn plain(status: StatusCode, code: &str) -> Self {
        Self { status, code: code.to_owned(), errors: Arc::from([]), login: None }
    }

    /// Of an answer that is no domain error: a rejected body, an unknown method, a panic.
    pub(super) fn of_status(status: StatusCode) -> Self {
        let code = match status {
            StatusCode::NOT_FOUND => "not_found",
            StatusCode::METHOD_NOT_ALLOWED => "method",
            StatusCode::PAYLOAD_TOO_LARGE => "too_large",
            StatusCode::REQUEST_TIMEOUT | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
                "busy"
            }
            status if status.is_client_error() => "malformed",
            _ => "defect",
        };
        Self::plain(status, code)
    }

    /// What a domain error is over HTTP.
    pub(super) fn of(error: &Error) -> Self {
        let (status, code) = match error {
            Error::NotFound(_) => (StatusCode::NOT_FOUND, "not_found"),
            Error::Forbidden(code) => (StatusCode::FORBIDDEN, *code),
            Error::Refused("busy") => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            Error::Refused(code) => (StatusCode::CONFLICT, *code),
            Error::Taken => (StatusCode::CONFLICT, "taken"),
            Error::Invalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
            Error::KeyReused => (StatusCode::UNPROCESSABLE_ENTITY, "key_reused"),
            Error::Peer { code, .. } => (StatusCode::BAD_GATEWAY, *code),
            Error::Database(cause) if is_unreachable(cause) => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            Error::Database(_) | Error::Inconsistent(_) => (StatusCode::INTERNAL_SERVER_ERROR, "defect"),
        };
        let errors = if let Error::Invalid(errors) = error { errors.as_slice() } else { &[] };
        Self { errors: Arc::from(errors), ..Self::plain(status, code) }
    }

    /// Its heading, on a page or for a program.
    pub(super) fn title_key(&self) -> &'static str {
        match self.status.as_u16() {
            401 if self.login.is_some() => "failure-session-expired",
            401 => "failure-401",
            403 => "failure-403",
            404 => "failure-404",
            409 => "failure-409",
            502 => "failure-502",
            408 | 503 | 504 => "failure-503",
            400..=499 => "failure-422",
            _ => "failure-500",
        }
    }

    /// The text of the locales for this failure: its own, or the one of its kind.
    pub(super) fn text(&self, t: T) -> String {
        let own = format!("error-{}", self.code);
        if t.has(&own) { t.get(&own) } else { t.get("error-refused") }
    }
}

/// Whether the database is away or overloaded, rather than refusing one statement.
fn is_unreachable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => {
            true
        }
        // Class 08: connection; 53: resources; 57: operator intervention.
        sqlx::Error::Database(e) => {
            e.code().is_some_and(|code| ["08", "53", "57"].iter().any(|class| code.starts_with(class)))
        }
        _ => false,
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let error = match self {
            Self::Instead(answer) => return *answer,
            Self::Failed(error) => error,
        };
        let failure = Failure::of(&error);
        if matches!(error, Error::Database(_) | Error::Peer { .. } | Error::Inconsistent(_)) {
            tracing::error!(error = %chain(&error), status = failure.status.as_u16(), "request failed");
        }
        let mut response = failure.status.into_response();
        response.extensions_mut().insert(failure);
        response
    }
}

/// An error and its causes, outermost first. Errors hold nothing personal: what PostgreSQL says of a row's values is in
/// its detail, which Display leaves out.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// Problem details (RFC 9457), the API's errors.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// A URI reference that names the kind of problem: `urn:sportello:problem:taken`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind, for people, in the language asked for.
    pub title: String,
    /// The HTTP status, again.
    pub status: u16,
    /// What went wrong this time, and what to do.
    pub detail: String,
    /// The kind, for programs.
    pub code: String,
    /// The wrong fields, for 422.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ProblemField>,
    /// The request's identifier, to quote when asking for help.
    pub request_id: String,
}

/// A wrong field.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemField {
    /// Its name, dotted where nested.
    pub field: String,
    /// What is wrong with it, for programs.
    pub code: String,
    /// The same for people.
    pub detail: String,
}

impl Problem {
    pub(super) fn new(failure: &Failure, t: T, request_id: &str) -> Self {
        let errors = failure.errors.iter().map(|error| ProblemField {
            field: error.field.clone(),
            code: error.code.to_owned(),
            detail: field_text(t, error),
        });
        Self {
            kind: format!("urn:sportello:problem:{}", failure.code),
            title: t.get(failure.title_key()),
            status: failure.status.as_u16(),
            detail: failure.text(t),
            code: failure.code.clone(),
            errors: errors.collect(),
            request_id: request_id.to_owned(),
        }
    }
}

/// What is wrong with a field, for people: `field-<code>` of the locales, with the limit it mentions.
#[must_use]
pub fn field_text(t: T, error: &FieldError) -> String {
    let key = format!("field-{}", error.code);
    let detail = error.detail.as_deref().unwrap_or_default();
    if t.has(&key) { t.with(&key, &[("detail", &detail)]) } else { t.get("field-wrong") }
}
