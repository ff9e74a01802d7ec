//! The creditor's station: where the payment platform posts receipts (SOAP 1.1, `paForNode`). One address for all the
//! entities of the installation, named by their fiscal code in the request.
//!
//! The node proves itself with a client certificate. The reverse proxy, which ends TLS, checks it and says so with a
//! secret that only it and this service know; whoever comes without it could write receipts by hand, and is refused.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use secrecy::ExposeSecret as _;

use crate::app::App;
use crate::{payments, secrets};

/// Where the platform finds it, after the installation's base address.
pub const PATH: &str = "/pagopa/paForNode";

/// Where the proxy puts the secret.
pub const PROOF: &str = "x-sportello-station";

pub(super) fn router() -> Router<App> {
    Router::new().route(PATH, post(receive))
}

async fn receive(State(app): State<App>, headers: HeaderMap, body: Bytes) -> Response {
    if !is_the_node(&app, &headers) {
        tracing::warn!("the station was called by somebody who is not proven to be the pagoPA node");
        return (StatusCode::FORBIDDEN, "not proven to be the pagoPA node\n").into_response();
    }
    let answer = payments::receive(&app, &body).await;
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(CONTENT_TYPE, "text/xml; charset=utf-8")], answer.xml).into_response()
}

fn is_the_node(app: &App, headers: &HeaderMap) -> bool {
    let given = headers.get(PROOF).and_then(|proof| proof.to_str().ok()).unwrap_or_default();
    secrets::is_same(app.config.pagopa.station_secret.expose_secret(), given)
}
