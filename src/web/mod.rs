//! HTTP: extract → one call of a domain module → render. It holds no rules.
//!
//! [`frame`] says how a page is made and who may come; [`router`] puts the audiences together.

pub mod accounting;
pub mod admin;
mod answer;
pub mod api;
pub mod assets;
pub mod citizen;
pub mod desk;
pub mod error;
pub mod form;
pub mod frame;
mod health;
pub mod i18n;
mod login;
pub mod metrics;
pub mod page;
mod security;
mod start;
pub mod station;
pub mod token;

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::any;
use http::{HeaderName, StatusCode};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::timeout::TimeoutLayer;

use crate::app::App;

/// Longer than any remote call a page waits for.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// Largest request, in bytes. A long form is a tenth of it; where files are sent, [`form::files`] says otherwise.
const BODY_BYTES_MAX: usize = 256 * 1024;

/// Everything the service answers.
pub fn router(app: App) -> Router {
    let request_id = HeaderName::from_static(answer::REQUEST_ID);
    let inner = ServiceBuilder::new()
        .layer(from_fn_with_state(app.clone(), answer::layer))
        .layer(CatchPanicLayer::custom(answer::panicked))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, ANSWER_WITHIN))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX));
    let outer = ServiceBuilder::new()
        .layer(SetRequestIdLayer::new(request_id.clone(), MakeRequestUuid))
        .layer(PropagateRequestIdLayer::new(request_id))
        .layer(from_fn(metrics::layer))
        .layer(from_fn_with_state(app.clone(), security::headers))
        .layer(CompressionLayer::new());
    Router::new()
        .merge(start::router())
        .merge(health::router())
        .merge(metrics::router())
        .merge(assets::router())
        .merge(login::router())
        .merge(token::router())
        .merge(citizen::router())
        .merge(desk::router())
        .merge(admin::router())
        .merge(accounting::router())
        .merge(api::router())
        .merge(station::router())
        .route("/{entity}/{*rest}", any(answer::not_found_there))
        .fallback(answer::not_found)
        .layer(inner)
        .layer(outer)
        .with_state(app)
}
