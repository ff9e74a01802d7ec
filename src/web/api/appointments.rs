//! Booking for citizens, by the entity's other programs: the institutional site, a contact centre.

use axum::Json;
use axum::body::Bytes;
use axum::extract::Path;
use axum::response::IntoResponse as _;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::client::{Reader, Writer};
use super::command::{CommandKey, Once, read, reply, unknown_field};
use super::problem::{RequestId, Taken, taken};
use super::types::{AppointmentView, HolderView};
use crate::agenda::{
    self, Appointment, Audience, Channel, NewAppointment, Service, Site, booking, cancel_reason_error,
    details_error, holder, store,
};
use crate::app::App;
use crate::db::Tx;
use crate::error::{Error, FieldError, Result};
use crate::web::error::Problem;
use crate::web::frame::{Answer, Tenant};
use crate::web::token::ApiClient;

pub(super) fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(book_appointment))
        .routes(routes!(show_appointment))
        .routes(routes!(move_appointment))
        .routes(routes!(cancel_appointment))
}

/// An appointment to book.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct NewBooking {
    /// Slug of the service.
    pub service: String,
    /// Slug of the site.
    pub site: String,
    /// When it begins, RFC 3339: one of the free times.
    #[schema(format = DateTime)]
    pub start: String,
    /// Who comes. The names and the fiscal code are needed.
    pub holder: HolderView,
    /// One of the service's reasons, in Italian.
    pub reason: String,
    /// What the citizen adds, at most 200 characters.
    pub details: String,
    /// The answers to the service's form.
    #[schema(value_type = Object)]
    pub answers: Option<Value>,
    /// Language of what is written to the holder: `it` or `en`.
    pub language: Option<String>,
}

impl NewBooking {
    /// The appointment it asks for, or everything that is wrong with it.
    pub async fn check(
        self,
        tx: &mut Tx,
        tenant: &Tenant,
        channel: Channel,
    ) -> Result<(NewAppointment, Service, Site)> {
        let mut errors = Vec::new();
        let start = instant(&self.start, "start", &mut errors);
        let holder = holder::check(&self.holder.into(), true).unwrap_or_else(|wrong| {
            errors
                .extend(wrong.into_iter().map(|e| FieldError { field: format!("holder.{}", e.field), ..e }));
            agenda::Holder::default()
        });
        errors.extend(details_error("details", &self.details));
        let language = self.language.unwrap_or_else(|| "it".to_owned());
        if !["it", "en"].contains(&language.as_str()) {
            errors.push(FieldError::new("language", "choice"));
        }
        let entity = tenant.entity.id;
        let service = named(store::service_by_slug(tx, entity, &self.service).await, "service", &mut errors)?;
        let site = named(store::site_by_slug(tx, entity, &self.site).await, "site", &mut errors)?;
        if service.as_ref().is_some_and(|service| !self.reason.is_empty() && !service.offers(&self.reason)) {
            errors.push(FieldError::new("reason", "choice"));
        }
        let (Some(service), Some(site), Some(start), true) = (service, site, start, errors.is_empty()) else {
            return Err(Error::Invalid(errors));
        };
        let new = NewAppointment {
            service: service.id,
            site: site.id,
            start,
            holder,
            reason: self.reason,
            details: self.details,
            form: None,
            answers: self.answers.unwrap_or_else(|| Value::Object(serde_json::Map::new())),
            language,
            channel,
            // The limit is against hoarding from the pages; a program of the entity answers for what it books.
            per_citizen_max: None,
        };
        Ok((new, service, site))
    }
}

/// Reads an instant of a request.
pub(super) fn instant(text: &str, field: &str, errors: &mut Vec<FieldError>) -> Option<DateTime<Utc>> {
    let read = text.parse().ok();
    if read.is_none() {
        errors.push(FieldError::new(field, if text.is_empty() { "required" } else { "instant" }));
    }
    read
}

fn named<T>(found: Result<T>, field: &str, errors: &mut Vec<FieldError>) -> Result<Option<T>> {
    match unknown_field(found, field) {
        Ok(found) => Ok(Some(found)),
        Err(Error::Invalid(wrong)) => {
            errors.extend(wrong);
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Books an appointment. Sent again with the same `Idempotency-Key`, it gives the first answer, with the header
/// `Idempotency-Hit: true`.
#[utoipa::path(
    post, path = "/api/v1/entities/{entity}/appointments", tag = "appointments",
    params(
        ("entity" = String, Path, description = "The entity's name in addresses."),
        ("Idempotency-Key" = String, Header, description = "The sender's key for this booking, at most 200 characters."),
    ),
    request_body = NewBooking,
    responses(
        (status = 201, body = AppointmentView, headers(
            ("Location" = String, description = "The appointment."),
            ("Idempotency-Hit" = String, description = "`true` on an answer given before."),
        )),
        (status = 400, description = "No key, or not JSON.", body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The time is taken: `nearby` has others.", body = Taken, content_type = "application/problem+json"),
        (status = 422, description = "Wrong fields, or the key was another request's.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("client" = ["appointments:write"])),
)]
async fn book_appointment(client: Writer, key: CommandKey, id: RequestId, body: Bytes) -> Answer {
    let asked: NewBooking = read(&body)?;
    let once = Once::new("api.book", &client, &key, &body);
    book(&client, &id, &once, asked, Channel::Api).await
}

/// Books once; the desk's endpoint comes here too.
pub(super) async fn book(
    client: &ApiClient,
    id: &RequestId,
    once: &Once<'_>,
    asked: NewBooking,
    channel: Channel,
) -> Answer {
    let mut tx = client.begin().await?;
    let base = format!("/api/v1/entities/{}/appointments", client.entity.slug);
    if let Some(first) = once.first(&mut tx, client).await? {
        let location = format!("{base}/{}", first.body["code"].as_str().unwrap_or_default());
        return Ok(reply(first, true, &location));
    }
    let (new, service, site) = asked.check(&mut tx, client, channel).await?;
    match booking::book(&mut tx, &client.entity, &new, &client.actor(), client.now).await {
        Ok(booked) => {
            let location = format!("{base}/{}", booked.appointment.code);
            let names = (service.slug, site.slug);
            let made =
                AppointmentView::with(&mut tx, client, booked.appointment, names, booked.position).await?;
            Ok(reply(once.keep(tx, client, made).await?, false, &location))
        }
        Err(Error::Taken) => {
            drop(tx);
            Ok(taken(client, id, service.id, site.id, (new.start, channel.audience())).await?)
        }
        Err(Error::Invalid(errors)) => Err(Error::Invalid(under_answers(errors)).into()),
        Err(error) => Err(error.into()),
    }
}

/// The errors of the form name its questions: here they lie under `answers`.
fn under_answers(errors: Vec<FieldError>) -> Vec<FieldError> {
    let place = |field: String| if field == "answers" { field } else { format!("answers.{field}") };
    errors.into_iter().map(|e| FieldError { field: place(e.field), ..e }).collect()
}

/// Begins, with the appointment of a code.
pub(super) async fn open(client: &ApiClient, code: &str) -> Result<(Tx, Appointment)> {
    let mut tx = client.begin().await?;
    let appointment = store::appointment_by_code(&mut tx, client.entity.id, code).await?;
    Ok((tx, appointment))
}

/// An appointment and what is owed for it.
#[utoipa::path(
    get, path = "/api/v1/entities/{entity}/appointments/{code}", tag = "appointments",
    params(
        ("entity" = String, Path, description = "The entity's name in addresses."),
        ("code" = String, Path, description = "The appointment's code."),
    ),
    responses(
        (status = 200, body = AppointmentView),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ),
    security(("client" = ["appointments:read"])),
)]
async fn show_appointment(client: Reader, Path((_entity, code)): Path<(String, String)>) -> Answer {
    let (mut tx, appointment) = open(&client, &code).await?;
    Ok(Json(AppointmentView::of(&mut tx, &client, appointment).await?).into_response())
}

/// Another time for an appointment.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub struct NewTime {
    /// Slug of the site.
    pub site: String,
    /// When it begins, RFC 3339: one of the free times.
    #[schema(format = DateTime)]
    pub start: String,
}

impl NewTime {
    /// The site and the instant, or everything that is wrong with them.
    pub async fn check(&self, tx: &mut Tx, tenant: &Tenant) -> Result<(Site, DateTime<Utc>)> {
        let mut errors = Vec::new();
        let start = instant(&self.start, "start", &mut errors);
        let site = named(store::site_by_slug(tx, tenant.entity.id, &self.site).await, "site", &mut errors)?;
        site.zip(start).ok_or(Error::Invalid(errors))
    }
}

/// Moves an appointment: the new time is taken before the old one is freed. Sent again, it changes nothing more.
#[utoipa::path(
    post, path = "/api/v1/entities/{entity}/appointments/{code}/move", tag = "appointments",
    params(
        ("entity" = String, Path, description = "The entity's name in addresses."),
        ("code" = String, Path, description = "The appointment's code."),
    ),
    request_body = NewTime,
    responses(
        (status = 200, body = AppointmentView),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The time is taken (`nearby` has others), or it is too late.", body = Taken, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ),
    security(("client" = ["appointments:write"])),
)]
async fn move_appointment(
    client: Writer,
    Path((_entity, code)): Path<(String, String)>,
    id: RequestId,
    body: Bytes,
) -> Answer {
    let asked: NewTime = read(&body)?;
    let (mut tx, before) = open(&client, &code).await?;
    let (site, start) = asked.check(&mut tx, &client).await?;
    if (before.site, before.starts_at) != (site.id, start) {
        booking::may_citizen_move(&mut tx, &client.entity, &before, client.now).await?;
    }
    move_to(&client, &id, tx, &before, (site, start), Audience::Citizen).await
}

/// Moves, or answers that the time is taken; the desk's endpoint comes here too.
pub(super) async fn move_to(
    client: &ApiClient,
    id: &RequestId,
    mut tx: Tx,
    before: &Appointment,
    (site, start): (Site, DateTime<Utc>),
    audience: Audience,
) -> Answer {
    let actor = client.actor();
    let by = (&actor, audience);
    match booking::move_to(&mut tx, &client.entity, before.id, (site.id, start), by, client.now).await {
        Ok(moved) => {
            let moved = AppointmentView::of(&mut tx, client, moved).await?;
            tx.commit().await?;
            Ok(Json(moved).into_response())
        }
        Err(Error::Taken) => {
            drop(tx);
            Ok(taken(client, id, before.service, site.id, (start, audience)).await?)
        }
        Err(error) => Err(error.into()),
    }
}

/// Why an appointment is given back.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct Cancellation {
    /// Told to the citizen, at most 500 characters; may be empty.
    pub reason: String,
}

/// Cancels an appointment and what was still owed for it. Sent again, it changes nothing more.
#[utoipa::path(
    post, path = "/api/v1/entities/{entity}/appointments/{code}/cancel", tag = "appointments",
    params(
        ("entity" = String, Path, description = "The entity's name in addresses."),
        ("code" = String, Path, description = "The appointment's code."),
    ),
    request_body = Cancellation,
    responses(
        (status = 200, body = AppointmentView),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is too late, or it was served.", body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ),
    security(("client" = ["appointments:write"])),
)]
async fn cancel_appointment(
    client: Writer,
    Path((_entity, code)): Path<(String, String)>,
    body: Bytes,
) -> Answer {
    let asked: Cancellation = if body.is_empty() { Cancellation::default() } else { read(&body)? };
    let reason = asked.reason.trim();
    if let Some(wrong) = cancel_reason_error("reason", reason) {
        return Err(Error::Invalid(vec![wrong]).into());
    }
    let (mut tx, before) = open(&client, &code).await?;
    if before.state != agenda::State::Cancelled {
        let (service, _) = booking::context(&mut tx, &client.entity, &before).await?;
        agenda::may_citizen_change(&before, &service, client.now)?;
    }
    let (entity, actor) = (&client.entity, client.actor());
    let after = booking::cancel(&mut tx, entity, before.id, reason, &actor, client.now).await?;
    let after = AppointmentView::of(&mut tx, &client, after).await?;
    tx.commit().await?;
    Ok(Json(after).into_response())
}
