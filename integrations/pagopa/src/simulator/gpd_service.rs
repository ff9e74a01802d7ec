//! Debt positions over HTTP, version 1 (`gpd.json`).

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};

use super::{Simulator, positions::problem};
use crate::{gpd::DebtPosition, platform::Problem};

pub(super) fn routes() -> Router<Simulator> {
    Router::new()
        .route("/organizations/{organization}/debtpositions", post(create))
        .route("/organizations/{organization}/debtpositions/{iupd}", get(view).put(update).delete(delete))
        .route("/organizations/{organization}/debtpositions/{iupd}/publish", post(publish))
        .route("/organizations/{organization}/debtpositions/{iupd}/invalidate", post(invalidate))
}

#[derive(Deserialize)]
struct Options {
    #[serde(rename = "toPublish", default)]
    to_publish: bool,
}

type Answer<T> = Result<T, Problem>;

async fn create(
    State(simulator): State<Simulator>,
    Path(organization): Path<String>,
    Query(options): Query<Options>,
    body: Bytes,
) -> Answer<Response> {
    known(&simulator, &organization)?;
    let model = read(&body)?;
    let now = simulator.now();
    let created = simulator.state().positions.create(&organization, model, options.to_publish, now)?;
    Ok((StatusCode::CREATED, Json(in_its_words(&created))).into_response())
}

async fn update(
    State(simulator): State<Simulator>,
    Path((organization, iupd)): Path<(String, String)>,
    Query(options): Query<Options>,
    body: Bytes,
) -> Answer<Response> {
    known(&simulator, &organization)?;
    let model: DebtPosition = read(&body)?;
    if model.iupd != iupd {
        let detail = "iupd: the body names another position".to_owned();
        return Err(problem(StatusCode::BAD_REQUEST, "BAD REQUEST", detail));
    }
    let now = simulator.now();
    let updated = simulator.state().positions.update(&organization, model, options.to_publish, now)?;
    Ok(Json(in_its_words(&updated)).into_response())
}

async fn view(
    State(simulator): State<Simulator>,
    Path((organization, iupd)): Path<(String, String)>,
) -> Answer<Response> {
    known(&simulator, &organization)?;
    let now = simulator.now();
    let view = simulator.state().positions.view(&organization, &iupd, now)?;
    Ok(Json(in_its_words(&view)).into_response())
}

async fn publish(
    State(simulator): State<Simulator>,
    Path((organization, iupd)): Path<(String, String)>,
) -> Answer<Response> {
    known(&simulator, &organization)?;
    let now = simulator.now();
    let published = simulator.state().positions.publish(&organization, &iupd, now)?;
    Ok(Json(in_its_words(&published)).into_response())
}

async fn invalidate(
    State(simulator): State<Simulator>,
    Path((organization, iupd)): Path<(String, String)>,
) -> Answer<Response> {
    known(&simulator, &organization)?;
    let now = simulator.now();
    let invalidated = simulator.state().positions.invalidate(&organization, &iupd, now)?;
    Ok(Json(in_its_words(&invalidated)).into_response())
}

async fn delete(
    State(simulator): State<Simulator>,
    Path((organization, iupd)): Path<(String, String)>,
) -> Answer<Response> {
    known(&simulator, &organization)?;
    let now = simulator.now();
    simulator.state().positions.delete(&organization, &iupd, now)?;
    Ok(Json("Debt position deleted").into_response())
}

/// A key stands only for the organizations that have delegated it.
fn known(simulator: &Simulator, organization: &str) -> Answer<()> {
    match simulator.organization(organization) {
        Some(_) => Ok(()),
        None => Err(problem(
            StatusCode::FORBIDDEN,
            "Forbidden",
            "You are not allowed to operate on this organization".to_owned(),
        )),
    }
}

fn read(body: &[u8]) -> Answer<DebtPosition> {
    serde_json::from_slice(body)
        .map_err(|error| problem(StatusCode::BAD_REQUEST, "BAD REQUEST", error.to_string()))
}

/// The platform holds local date-times, meant in UTC, and answers them without a zone. What there is nothing of it leaves
/// out: its contract knows no null.
fn in_its_words(answer: &impl Serialize) -> serde_json::Value {
    let mut value = serde_json::to_value(answer).expect("positions are always JSON");
    put_in_its_words(&mut value);
    value
}

fn put_in_its_words(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(fields) => {
            fields.retain(|_, field| !field.is_null());
            for (name, field) in fields {
                match field {
                    serde_json::Value::String(text) if name.ends_with("Date") => {
                        text.truncate(text.trim_end_matches('Z').len());
                    }
                    other => put_in_its_words(other),
                }
            }
        }
        serde_json::Value::Array(elements) => elements.iter_mut().for_each(put_in_its_words),
        _ => {}
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, Json(self)).into_response()
    }
}
