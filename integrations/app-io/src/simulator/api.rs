//! The three operations of a sender.

use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::SecondsFormat;
use serde_json::{Value, json};

use super::gateway::{Problem, Refusal, admit};
use super::validation::{self, NewMessage};
use super::{Presence, Service, Simulator, Stage};
use crate::FiscalCode;

pub(super) async fn profile(
    Shared(simulator): Shared<Simulator>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let service = admit(&simulator, &headers)?;
    let payload: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let citizen = validation::decode_profile_request(&payload)?;
    check_recipient(service, &citizen)?;
    let presence = simulator.presence(&citizen);
    if presence == Presence::Absent {
        let problem = Problem::new(
            StatusCode::NOT_FOUND,
            "Profile not found",
            "The profile you requested was not found in the system.",
        );
        return Err(problem.into());
    }
    let mut profile = json!({ "sender_allowed": presence == Presence::OnIo });
    if let Some(known) = simulator.citizen(&citizen)
        && !known.languages.is_empty()
    {
        profile["preferred_languages"] = json!(known.languages);
    }
    Ok(Json(profile).into_response())
}

pub(super) async fn submit(
    Shared(simulator): Shared<Simulator>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let service = admit(&simulator, &headers)?;
    let payload: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let message = validation::decode_message(payload)?;
    check_recipient(service, &message.recipient)?;
    check_permissions(service, &message)?;
    let recipient = message.recipient.clone();
    let id = simulator.accept(service, message);
    // The message is stored by now: a sender that gives up waiting does not take it back.
    if let Some(delay) = take_delay(&simulator) {
        tokio::time::sleep(delay).await;
    }
    let location = format!("/api/v1/messages/{}/{}", recipient.as_str(), id.as_str());
    let created = (StatusCode::CREATED, [(header::LOCATION, location)], Json(json!({ "id": id })));
    Ok(created.into_response())
}

pub(super) async fn status(
    Shared(simulator): Shared<Simulator>,
    Path((citizen, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let service = admit(&simulator, &headers)?;
    let messages = simulator.messages();
    let found = messages
        .iter()
        .find(|received| received.id.as_str() == id && received.recipient().as_str() == citizen);
    let Some(received) = found else {
        let problem = Problem::new(
            StatusCode::NOT_FOUND,
            "Message not found",
            "The message that you requested was not found in the system.",
        );
        return Err(problem.into());
    };
    if received.service_id != service.id {
        return Err(Problem::not_allowed().into());
    }
    let created_at = received.created_at.to_rfc3339_opts(SecondsFormat::Millis, true);
    let body = json!({
        "message": {
            "id": received.id,
            "fiscal_code": received.recipient(),
            "created_at": created_at,
            "sender_service_id": received.service_id,
            "content": received.message.content,
        },
        "status": received.status,
    });
    Ok(Json(body).into_response())
}

/// A draft may only write to its authorised recipients, and the sandbox citizen always is one.
fn check_recipient(service: &Service, citizen: &FiscalCode) -> Result<(), Problem> {
    if service.stage == Stage::Approved || *citizen == FiscalCode::sandbox() {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "Recipient forbidden",
        "You are not allowed to issue requests for the recipient.",
    ))
}

/// What a service on the basic contract may not do.
fn check_permissions(service: &Service, message: &NewMessage) -> Result<(), Problem> {
    if message.needs_special_group {
        return Err(Problem::not_allowed());
    }
    let Some(payment) = &message.payment else {
        return Ok(());
    };
    let maximum = match service.stage {
        Stage::Draft => 0,
        Stage::Approved => service.max_payment_cents,
    };
    if payment.amount_cents <= maximum {
        return Ok(());
    }
    let detail = format!(
        "The requested amount ({} cents) exceeds the maximum allowed for this service ({maximum} cents)",
        payment.amount_cents
    );
    Err(Problem::new(StatusCode::BAD_REQUEST, "Error while sending payment metadata", &detail))
}

fn take_delay(simulator: &Simulator) -> Option<Duration> {
    let knobs = &mut simulator.state().knobs;
    knobs.slow_next = knobs.slow_next.checked_sub(1)?;
    Some(Duration::from_millis(knobs.slow_millis))
}
