//! The published taxonomy, as JSON or, if asked, as CSV.

use axum::{
    Router,
    extract::{Query, State},
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Deserialize;

use super::{Simulator, positions::problem};
use crate::taxonomy::Taxonomy;

pub(super) fn routes() -> Router<Simulator> {
    Router::new().route("/taxonomy", get(taxonomy))
}

#[derive(Deserialize)]
struct Options {
    extension: Option<String>,
}

async fn taxonomy(State(simulator): State<Simulator>, Query(options): Query<Options>) -> Response {
    let csv = &simulator.settings().taxonomy_csv;
    match options.extension.as_deref().unwrap_or("json") {
        "csv" => ([(CONTENT_TYPE, "text/csv; charset=utf-8")], csv.clone()).into_response(),
        "json" => match Taxonomy::from_csv(csv) {
            Ok(taxonomy) => ([(CONTENT_TYPE, "application/json")], taxonomy.to_json()).into_response(),
            Err(error) => problem(StatusCode::NOT_FOUND, "Not Found", error.to_string()).into_response(),
        },
        _ => problem(
            StatusCode::BAD_REQUEST,
            "Bad Request",
            "The extension is not supported or the version does not exist.".to_owned(),
        )
        .into_response(),
    }
}
