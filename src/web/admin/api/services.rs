//! Services with their forms and tariffs.

use axum::Json;
use axum::extract::Path;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::AdminClient;
use super::places::yes;
use crate::agenda::{self, Service};
use crate::error::{Error, Result};
use crate::forms::{self, State};
use crate::ids::{CounterId, ServiceId};
use crate::payments::definition::{self, NewItem, NewTariff};
use crate::text::Text;
use crate::web::admin::saving;
use crate::web::error::{PageError, Problem};

/// A service, without its identifier. Texts are `{"it": …, "en": …}`.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ServiceData {
    /// Its name in addresses.
    slug: String,
    /// As citizens know it.
    #[schema(value_type = BTreeMap<String, String>)]
    name: Text,
    /// One sentence, on the list.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>)]
    summary: Text,
    /// What the citizen brings.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>)]
    bring: Text,
    /// Reasons to choose from.
    #[serde(default)]
    #[schema(value_type = Vec<BTreeMap<String, String>>)]
    reasons: Vec<Text>,
    /// Anagrafe, Stato civile, …
    #[serde(default)]
    category: String,
    /// How long an appointment lasts, minutes.
    duration_minutes: i32,
    /// Assurance level of the login; 0: guests may book.
    #[serde(default)]
    minimum_level: i16,
    /// Citizens may move or cancel until so many minutes before.
    #[serde(default)]
    change_minutes: i32,
    /// The counters that can serve it.
    counters: Vec<Uuid>,
    /// Whether it can be booked.
    #[serde(default = "yes")]
    active: bool,
    /// Order on the pages.
    #[serde(default)]
    position: i32,
}

/// A service.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ServiceAnswer {
    /// Its identifier.
    id: Uuid,
    #[serde(flatten)]
    data: ServiceData,
}

fn service_answer(service: Service, counters: &[CounterId]) -> ServiceAnswer {
    let data = ServiceData {
        slug: service.slug,
        name: service.name,
        summary: service.summary,
        bring: service.bring,
        reasons: service.reasons,
        category: service.category,
        duration_minutes: service.duration_minutes,
        minimum_level: service.minimum_level,
        change_minutes: service.change_minutes,
        counters: counters.iter().map(|counter| counter.0).collect(),
        active: service.active,
        position: service.position,
    };
    ServiceAnswer { id: service.id.0, data }
}

/// The services.
#[utoipa::path(
    get, path = "/api/v1/entities/{entity}/admin/services", tag = "admin",
    security(("client" = ["admin"])),
    params(("entity" = String, Path, description = "The entity's name in addresses")),
    responses((status = 200, body = Vec<ServiceAnswer>), (status = 403, body = Problem)),
)]
pub(super) async fn services(client: AdminClient) -> Result<Json<Vec<ServiceAnswer>>, PageError> {
    let mut tx = client.begin().await?;
    let mut answers = Vec::new();
    for service in agenda::store::services(&mut tx, client.entity.id).await? {
        let counters = saving::counters_of(&mut tx, client.entity.id, service.id).await?;
        answers.push(service_answer(service, &counters));
    }
    Ok(Json(answers))
}

/// A service.
#[utoipa::path(
    get, path = "/api/v1/entities/{entity}/admin/services/{id}", tag = "admin",
    security(("client" = ["admin"])),
    params(("entity" = String, Path, description = "The entity's name in addresses"), ("id" = Uuid, Path)),
    responses((status = 200, body = ServiceAnswer), (status = 404, body = Problem)),
)]
pub(super) async fn service(
    client: AdminClient,
    Path((_entity, id)): Path<(String, Uuid)>,
) -> Result<Json<ServiceAnswer>, PageError> {
    let mut tx = client.begin().await?;
    let service = agenda::store::service(&mut tx, client.entity.id, id.into()).await?;
    let counters = saving::counters_of(&mut tx, client.entity.id, id.into()).await?;
    Ok(Json(service_answer(service, &counters)))
}

/// Adds a service under a new identifier, or changes the one there is.
#[utoipa::path(
    put, path = "/api/v1/entities/{entity}/admin/services/{id}", tag = "admin",
    security(("client" = ["admin"])),
    params(("entity" = String, Path, description = "The entity's name in addresses"), ("id" = Uuid, Path)),
    request_body = ServiceData,
    responses((status = 200, body = ServiceAnswer), (status = 422, body = Problem)),
)]
pub(super) async fn put_service(
    client: AdminClient,
    Path((_entity, id)): Path<(String, Uuid)>,
    Json(data): Json<ServiceData>,
) -> Result<Json<ServiceAnswer>, PageError> {
    let counters: Vec<CounterId> = data.counters.into_iter().map(CounterId).collect();
    let service = Service {
        id: id.into(),
        slug: data.slug,
        name: data.name,
        summary: data.summary,
        bring: data.bring,
        reasons: data.reasons,
        category: data.category,
        duration_minutes: data.duration_minutes,
        minimum_level: data.minimum_level,
        change_minutes: data.change_minutes,
        active: data.active,
        position: data.position,
    };
    let mut tx = client.begin().await?;
    saving::service(&mut tx, &client.author(), &service, &counters).await?;
    tx.commit().await?;
    Ok(Json(service_answer(service, &counters)))
}

/// A version of a form.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FormAnswer {
    /// From 1.
    version: i32,
    /// `draft`, `published` or `retired`.
    state: &'static str,
    /// JSON Schema 2020-12 with our keywords for texts.
    schema: Value,
}

fn form_answer(form: &forms::Form) -> FormAnswer {
    let state = match form.state {
        State::Draft => "draft",
        State::Published => "published",
        State::Retired => "retired",
    };
    FormAnswer { version: form.version, state, schema: form.definition.schema().clone() }
}

/// All versions of a service's form, newest first.
#[utoipa::path(
    get, path = "/api/v1/entities/{entity}/admin/services/{id}/form", tag = "admin",
    security(("client" = ["admin"])),
    params(("entity" = String, Path, description = "The entity's name in addresses"), ("id" = Uuid, Path)),
    responses((status = 200, body = Vec<FormAnswer>), (status = 404, body = Problem)),
)]
pub(super) async fn form(
    client: AdminClient,
    Path((_entity, id)): Path<(String, Uuid)>,
) -> Result<Json<Vec<FormAnswer>>, PageError> {
    let mut tx = client.begin().await?;
    agenda::store::service(&mut tx, client.entity.id, id.into()).await?;
    let versions = forms::versions(&mut tx, client.entity.id, id.into()).await?;
    Ok(Json(versions.iter().map(form_answer).collect()))
}

/// Keeps a draft of a service's form; the body is its schema.
#[utoipa::path(
    put, path = "/api/v1/entities/{entity}/admin/services/{id}/form", tag = "admin",
    security(("client" = ["admin"])),
    params(("entity" = String, Path, description = "The entity's name in addresses"), ("id" = Uuid, Path)),
    request_body = Value,
    responses((status = 200, body = FormAnswer), (status = 422, body = Problem)),
)]
pub(super) async fn put_form(
    client: AdminClient,
    Path((_entity, id)): Path<(String, Uuid)>,
    Json(schema): Json<Value>,
) -> Result<Json<FormAnswer>, PageError> {
    let mut tx = client.begin().await?;
    agenda::store::service(&mut tx, client.entity.id, id.into()).await?;
    let form = saving::form_draft(&mut tx, &client.author(), id.into(), schema).await?;
    tx.commit().await?;
    Ok(Json(form_answer(&form)))
}

/// Puts the draft in use.
#[utoipa::path(
    post, path = "/api/v1/entities/{entity}/admin/services/{id}/form/publish", tag = "admin",
    security(("client" = ["admin"])),
    params(("entity" = String, Path, description = "The entity's name in addresses"), ("id" = Uuid, Path)),
    responses((status = 204), (status = 409, body = Problem)),
)]
pub(super) async fn publish_form(
    client: AdminClient,
    Path((_entity, id)): Path<(String, Uuid)>,
) -> Result<http::StatusCode, PageError> {
    let mut tx = client.begin().await?;
    let draft = forms::draft(&mut tx, client.entity.id, id.into()).await?;
    let draft = draft.ok_or(Error::Refused("nothing_to_publish"))?;
    saving::form_published(&mut tx, &client.author(), &draft).await?;
    tx.commit().await?;
    Ok(http::StatusCode::NO_CONTENT)
}

/// What a service costs from a day on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TariffData {
    /// From which day on: today or later.
    valid_from: NaiveDate,
    /// The appointment is confirmed by the receipt.
    in_advance: bool,
    /// How long an unpaid time is kept, minutes.
    hold_minutes: i32,
    /// Days until the due date, where it is paid later.
    due_days: i32,
    /// Its lines: `{"description": {"it"}, "taxonomy", "conditions": {}, "shares": [{"chapter_code",
    /// "chapter_article", "amount"}]}`, amounts in cents.
    #[schema(value_type = Vec<Value>)]
    items: Vec<NewItem>,
}

/// All versions of a service's tariff, newest first.
#[utoipa::path(
    get, path = "/api/v1/entities/{entity}/admin/services/{id}/tariffs", tag = "admin",
    security(("client" = ["admin"])),
    params(("entity" = String, Path, description = "The entity's name in addresses"), ("id" = Uuid, Path)),
    responses((status = 200, body = Vec<Value>), (status = 404, body = Problem)),
)]
pub(super) async fn tariffs(
    client: AdminClient,
    Path((_entity, id)): Path<(String, Uuid)>,
) -> Result<Json<Value>, PageError> {
    let mut tx = client.begin().await?;
    agenda::store::service(&mut tx, client.entity.id, id.into()).await?;
    let versions = definition::versions(&mut tx, client.entity.id, id.into()).await?;
    Ok(Json(serde_json::to_value(versions).map_err(Error::from)?))
}

/// Defines what a service costs from a day on.
#[utoipa::path(
    post, path = "/api/v1/entities/{entity}/admin/services/{id}/tariffs", tag = "admin",
    security(("client" = ["admin"])),
    params(("entity" = String, Path, description = "The entity's name in addresses"), ("id" = Uuid, Path)),
    request_body = TariffData,
    responses((status = 201, body = Value), (status = 422, body = Problem)),
)]
pub(super) async fn define_tariff(
    client: AdminClient,
    Path((_entity, id)): Path<(String, Uuid)>,
    Json(data): Json<TariffData>,
) -> Result<(http::StatusCode, Json<Value>), PageError> {
    let new = NewTariff {
        service: ServiceId(id),
        valid_from: data.valid_from,
        in_advance: data.in_advance,
        hold_minutes: data.hold_minutes,
        due_days: data.due_days,
        items: data.items,
    };
    let mut tx = client.begin().await?;
    let id = definition::define(&mut tx, &client.entity, &new, &client.actor(), client.now).await?;
    tx.commit().await?;
    Ok((http::StatusCode::CREATED, Json(serde_json::json!({"id": id}))))
}
