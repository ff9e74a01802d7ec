//! What stands before the services: the gateway that checks the subscription key, and the knobs.

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Request, State},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
    routing::get,
};
use secrecy::ExposeSecret;
use serde_json::json;
use std::time::Duration;

use super::{Knobs, Simulator, positions::problem};
use crate::platform::SUBSCRIPTION_KEY_HEADER;

pub(super) fn knob_routes() -> Router<Simulator> {
    Router::new().route("/simulator/knobs", get(read_knobs).post(write_knobs))
}

async fn read_knobs(State(simulator): State<Simulator>) -> Json<Knobs> {
    Json(simulator.knobs())
}

async fn write_knobs(State(simulator): State<Simulator>, body: Bytes) -> Response {
    match serde_json::from_slice(&body) {
        Ok(knobs) => {
            simulator.set_knobs(knobs);
            Json(knobs).into_response()
        }
        Err(error) => problem(StatusCode::BAD_REQUEST, "BAD REQUEST", error.to_string()).into_response(),
    }
}

/// Waits as long as it is told to, then refuses who has not the right key.
pub(super) async fn check_key(State(simulator): State<Simulator>, request: Request, next: Next) -> Response {
    let latency_ms = simulator.knobs().latency_ms;
    if latency_ms > 0 {
        tokio::time::sleep(Duration::from_millis(latency_ms.into())).await;
    }
    let key = request.headers().get(SUBSCRIPTION_KEY_HEADER);
    let expected = simulator.settings().subscription_key.expose_secret();
    if key.is_some_and(|key| key.as_bytes() == expected.as_bytes()) {
        next.run(request).await
    } else {
        let body = json!({
            "statusCode": 401,
            "message": "Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription.",
        });
        (StatusCode::UNAUTHORIZED, Json(body)).into_response()
    }
}

/// Fails as many times as it is told to.
pub(super) async fn fail_when_told(
    State(simulator): State<Simulator>,
    request: Request,
    next: Next,
) -> Response {
    let fails = {
        let knobs = &mut simulator.state().knobs;
        let fails = knobs.fail_next_gpd_calls > 0;
        knobs.fail_next_gpd_calls = knobs.fail_next_gpd_calls.saturating_sub(1);
        fails
    };
    if fails {
        problem(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable", String::new()).into_response()
    } else {
        next.run(request).await
    }
}
