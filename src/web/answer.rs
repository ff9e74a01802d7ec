//! The layer that turns failures into pages or problem details, and sets the cookies a request asked for.

use std::sync::{Arc, PoisonError};

use askama::Template;
use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, SET_COOKIE, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode, Uri};

use super::error::{Failure, PageError, Problem};
use super::frame::{Ctx, LANGUAGE_COOKIE, Slot, asked_language, language, render};
use super::i18n::T;
use super::page::Page;
use crate::app::App;
use crate::error::Error;

/// The header that names a request, made by the outermost layer.
pub(super) const REQUEST_ID: &str = "x-request-id";

#[derive(Template)]
#[template(path = "templates/failure.html", config = ".askama.toml")]
struct FailurePage {
    page: Page,
    text: String,
    request_id: String,
    is_ours: bool,
    login: Option<String>,
}

/// Answers for what no route takes.
pub(super) async fn not_found() -> PageError {
    Error::NotFound("page").into()
}

/// The same under an entity's address, so that the page is the entity's.
pub(super) async fn not_found_there(_: Ctx) -> PageError {
    Error::NotFound("page").into()
}

/// What a panic becomes.
pub(super) fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    tracing::error!("a handler panicked");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

/// The layer.
pub(super) async fn layer(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let slot = Arc::new(Slot::default());
    request.extensions_mut().insert(Arc::clone(&slot));
    let (uri, headers) = (request.uri().clone(), request.headers().clone());
    let mut response = next.run(request).await;
    if let Some(failure) = failure_of(&response) {
        let request_id = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
        let drawn = draw(&failure, &slot, &uri, &headers, request_id);
        response = keep_headers(drawn, &response, failure.status);
    }
    for cookie in slot.cookies.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        append_cookie(&mut response, cookie);
    }
    if let Some(language) = asked_language(&uri) {
        let secure = if app.config.is_https() { "; Secure" } else { "" };
        let year = "; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax";
        append_cookie(&mut response, &format!("{LANGUAGE_COOKIE}={}{year}{secure}", language.code()));
    }
    response
}

fn append_cookie(response: &mut Response, cookie: &str) {
    let value = HeaderValue::from_str(cookie).expect("our cookies are visible ASCII");
    response.headers_mut().append(SET_COOKIE, value);
}

/// The failure an answer stands for: the handler's, or one of the libraries' own (plain text or nothing at all).
fn failure_of(response: &Response) -> Option<Failure> {
    if let Some(failure) = response.extensions().get::<Failure>() {
        return Some(failure.clone());
    }
    let status = response.status();
    let is_drawn =
        response.headers().get(CONTENT_TYPE).is_some_and(|kind| !kind.as_bytes().starts_with(b"text/plain"));
    ((status.is_client_error() || status.is_server_error()) && !is_drawn).then(|| Failure::of_status(status))
}

fn draw(failure: &Failure, slot: &Slot, uri: &Uri, headers: &HeaderMap, request_id: &str) -> Response {
    let known = slot.known();
    let t =
        known.as_ref().map_or_else(|| T::new(language(uri, headers), chrono_tz::Europe::Rome), |ctx| ctx.t);
    if uri.path().starts_with("/api/") {
        let problem = Problem::new(failure, t, request_id);
        return (StatusCode::OK, [(CONTENT_TYPE, "application/problem+json")], Json(problem)).into_response();
    }
    let title = t.get(failure.title_key());
    let page = match known {
        Some(ctx) => ctx.page(title.clone()).crumb(title, ""),
        None => Page::bare(t, title, uri),
    };
    let page = FailurePage {
        page: page.errors(failure.errors.to_vec()),
        text: failure.text(t),
        request_id: request_id.to_owned(),
        is_ours: failure.status.is_server_error(),
        login: failure.login.clone(),
    };
    // A template that fails here can only be answered with its status.
    render(&page).unwrap_or_else(|_| Body::empty().into_response())
}

fn keep_headers(mut drawn: Response, first: &Response, status: StatusCode) -> Response {
    *drawn.status_mut() = status;
    drawn.headers_mut().remove(CONTENT_LENGTH);
    for name in [ALLOW, WWW_AUTHENTICATE] {
        if let Some(value) = first.headers().get(&name) {
            drawn.headers_mut().insert(name, value.clone());
        }
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        drawn.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("10"));
    }
    drawn
}
