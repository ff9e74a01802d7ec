//! How the API itself is: AgID's interoperability guidelines want a `/status` that answers with problem details.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse as _;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::entity;
use crate::web::error::Problem;
use crate::web::frame::Answer;

pub(super) fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show_status))
}

/// The API's state, in the shape of problem details (RFC 9457), as the Italian interoperability model asks.
#[derive(Debug, Serialize, ToSchema)]
pub struct Status {
    /// Always `about:blank`: the status says it all.
    #[serde(rename = "type")]
    kind: &'static str,
    /// What the status means.
    title: &'static str,
    /// The HTTP status, again.
    status: u16,
    /// What it says of the service.
    detail: &'static str,
}

/// Whether the API works.
#[utoipa::path(
    get, path = "/api/v1/status", tag = "service",
    responses(
        (status = 200, body = Status, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn show_status(State(app): State<App>) -> Answer {
    entity::store::list(&mut *app.db.directory().await?).await?;
    let status = StatusCode::OK.as_u16();
    let body = Status {
        kind: "about:blank",
        title: "OK",
        status,
        detail: "The service works and its data can be reached.",
    };
    Ok(([(CONTENT_TYPE, "application/problem+json")], Json(body)).into_response())
}
