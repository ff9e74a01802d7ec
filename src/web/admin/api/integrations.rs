//! Integrations. Secrets are given by name and never answered: only since when each is kept.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::Path;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::PgConnection;
use utoipa::ToSchema;

use super::AdminClient;
use crate::entity::{self, Kind};
use crate::error::{Error, Result};
use crate::ids::EntityId;
use crate::web::admin::{checks, integrations as console};
use crate::web::error::{PageError, Problem};

/// How an integration stands.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct IntegrationAnswer {
    /// `citizen_login`, `staff_login`, `pagopa`, `app_io` or `mail`.
    kind: &'static str,
    /// Whether it is used.
    enabled: bool,
    /// Its settings, of the kind's own shape.
    settings: Value,
    /// Which secrets are kept, and since when.
    secrets: BTreeMap<String, DateTime<Utc>>,
    /// When the connection was last tested.
    checked_at: Option<DateTime<Utc>>,
    /// And what the test said.
    checks: Option<Value>,
}

async fn answer(conn: &mut PgConnection, entity: EntityId, kind: Kind) -> Result<IntegrationAnswer> {
    let known = entity::store::integration(conn, entity, kind).await?;
    let mine = format!("{}.", kind.as_str());
    let dates = entity::store::secret_dates(conn, entity).await?;
    Ok(IntegrationAnswer {
        kind: kind.as_str(),
        enabled: known.as_ref().is_some_and(|known| known.enabled),
        settings: known.as_ref().map(|known| known.settings.clone()).unwrap_or_default(),
        secrets: dates.into_iter().filter(|(name, _)| name.starts_with(&mine)).collect(),
        checked_at: known.as_ref().and_then(|known| known.checked_at),
        checks: known.and_then(|known| known.checks),
    })
}

/// All integrations.
#[utoipa::path(
    get, path = "/api/v1/entities/{entity}/admin/integrations", tag = "admin",
    security(("client" = ["admin"])),
    params(("entity" = String, Path, description = "The entity's name in addresses")),
    responses((status = 200, body = Vec<IntegrationAnswer>), (status = 403, body = Problem)),
)]
pub(super) async fn integrations(client: AdminClient) -> Result<Json<Vec<IntegrationAnswer>>, PageError> {
    let mut tx = client.begin().await?;
    let mut answers = Vec::new();
    for kind in Kind::ALL {
        answers.push(answer(&mut tx, client.entity.id, kind).await?);
    }
    Ok(Json(answers))
}

/// An integration.
#[utoipa::path(
    get, path = "/api/v1/entities/{entity}/admin/integrations/{kind}", tag = "admin",
    security(("client" = ["admin"])),
    params(("entity" = String, Path, description = "The entity's name in addresses"), ("kind" = String, Path)),
    responses((status = 200, body = IntegrationAnswer), (status = 404, body = Problem)),
)]
pub(super) async fn integration(
    client: AdminClient,
    Path((_entity, kind)): Path<(String, String)>,
) -> Result<Json<IntegrationAnswer>, PageError> {
    let mut tx = client.begin().await?;
    Ok(Json(answer(&mut tx, client.entity.id, console::kind_of(&kind)?).await?))
}

/// How an integration is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct IntegrationData {
    /// Whether it is used.
    enabled: bool,
    /// Its settings, of the kind's own shape.
    settings: Value,
    /// Secrets to set, by name: `{"pagopa.gpd_key": "…"}`; those not named stay.
    #[serde(default)]
    secrets: BTreeMap<String, String>,
}

/// Sets an integration.
#[utoipa::path(
    put, path = "/api/v1/entities/{entity}/admin/integrations/{kind}", tag = "admin",
    security(("client" = ["admin"])),
    params(("entity" = String, Path, description = "The entity's name in addresses"), ("kind" = String, Path)),
    request_body = IntegrationData,
    responses((status = 200, body = IntegrationAnswer), (status = 422, body = Problem)),
)]
pub(super) async fn put_integration(
    client: AdminClient,
    Path((_entity, kind)): Path<(String, String)>,
    Json(data): Json<IntegrationData>,
) -> Result<Json<IntegrationAnswer>, PageError> {
    let kind = console::kind_of(&kind)?;
    let mut tx = client.begin().await?;
    let to_keep = (data.enabled, &data.settings);
    console::set(&mut tx, &client.author(), &client.app.keys, kind, to_keep, data.secrets).await?;
    let answer = answer(&mut tx, client.entity.id, kind).await?;
    tx.commit().await?;
    Ok(Json(answer))
}

/// Tests the connection and keeps what was found: `{"name", "outcome", "code", "data"}`.
#[utoipa::path(
    post, path = "/api/v1/entities/{entity}/admin/integrations/{kind}/test", tag = "admin",
    security(("client" = ["admin"])),
    params(("entity" = String, Path, description = "The entity's name in addresses"), ("kind" = String, Path)),
    responses((status = 200, body = Vec<Value>), (status = 404, body = Problem)),
)]
pub(super) async fn test_integration(
    client: AdminClient,
    Path((_entity, kind)): Path<(String, String)>,
) -> Result<Json<Value>, PageError> {
    let kind = console::kind_of(&kind)?;
    let findings = checks::diagnose(&client.app, &client.entity, kind).await?;
    let checks = serde_json::to_value(findings).map_err(Error::from)?;
    let mut tx = client.begin().await?;
    console::keep_checks(&mut tx, &client.author(), kind, &checks).await?;
    tx.commit().await?;
    Ok(Json(checks))
}
