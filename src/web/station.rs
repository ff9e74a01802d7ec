//! The creditor's station: where the payment platform posts receipts (SOAP 1.1, `paForNode`). One address for all the
//! entities of the installation, named by their fiscal code in the request.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::StatusCode;
use http::header::CONTENT_TYPE;

use crate::app::App;
use crate::payments;

/// Where the platform finds it, after the installation's base address.
pub const PATH: &str = "/pagopa/paForNode";

pub(super) fn router() -> Router<App> {
    Router::new().route(PATH, post(receive))
}

async fn receive(State(app): State<App>, body: Bytes) -> Response {
    let answer = payments::receive(&app, &body).await;
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(CONTENT_TYPE, "text/xml; charset=utf-8")], answer.xml).into_response()
}
