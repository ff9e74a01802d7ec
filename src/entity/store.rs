//! All SQL of the entities.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::PgConnection;

use super::{Entity, Kind};
use crate::error::{Error, Result, expect_one};
use crate::ids::EntityId;
use crate::secrets::{MasterKeys, Sealed};

struct Row {
    entity_id: EntityId,
    slug: String,
    name: String,
    fiscal_code: String,
    tagline: String,
    address: String,
    phone: String,
    email: String,
    pec: String,
    privacy_url: Option<String>,
    accessibility_url: Option<String>,
    site_url: Option<String>,
    time_zone: String,
}

impl TryFrom<Row> for Entity {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        let time_zone = row
            .time_zone
            .parse()
            .map_err(|_| Error::Inconsistent(format!("time zone of entity {}", row.slug)))?;
        Ok(Self {
            id: row.entity_id,
            slug: row.slug,
            name: row.name,
            fiscal_code: row.fiscal_code,
            tagline: row.tagline,
            address: row.address,
            phone: row.phone,
            email: row.email,
            pec: row.pec,
            privacy_url: row.privacy_url,
            accessibility_url: row.accessibility_url,
            site_url: row.site_url,
            time_zone,
        })
    }
}

macro_rules! entity_query {
    ($condition:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            Row,
            "select entity_id, slug, name, fiscal_code, tagline, address, phone, email, pec, privacy_url,
                accessibility_url, site_url, time_zone
             from entity where " + $condition,
            $($argument),*
        )
    };
}

/// The active entities, by name.
pub async fn list(conn: &mut PgConnection) -> Result<Vec<Entity>> {
    entity_query!("active order by name").fetch_all(conn).await?.into_iter().map(Entity::try_from).collect()
}

/// By its name in addresses.
pub async fn by_slug(conn: &mut PgConnection, slug: &str) -> Result<Entity> {
    entity_query!("active and slug = $1", slug)
        .fetch_optional(conn)
        .await?
        .ok_or(Error::NotFound("entity"))?
        .try_into()
}

/// By fiscal code: how pagoPA names it. Also one that is not active any more: money that arrives is still its own.
pub async fn by_fiscal_code(conn: &mut PgConnection, fiscal_code: &str) -> Result<Entity> {
    entity_query!("fiscal_code = $1", fiscal_code)
        .fetch_optional(conn)
        .await?
        .ok_or(Error::NotFound("entity"))?
        .try_into()
}

/// By identifier: how jobs name it.
pub async fn by_id(conn: &mut PgConnection, id: EntityId) -> Result<Entity> {
    entity_query!("active and entity_id = $1", id.0)
        .fetch_optional(conn)
        .await?
        .ok_or(Error::NotFound("entity"))?
        .try_into()
}

/// Adds an entity to the directory. Only the owner's role may: on the command line.
pub async fn insert(conn: &mut PgConnection, entity: &Entity, at: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "insert into entity (entity_id, slug, name, fiscal_code, tagline, address, phone, email, pec, privacy_url,
            accessibility_url, site_url, time_zone, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        entity.id.0,
        entity.slug,
        entity.name,
        entity.fiscal_code,
        entity.tagline,
        entity.address,
        entity.phone,
        entity.email,
        entity.pec,
        entity.privacy_url,
        entity.accessibility_url,
        entity.site_url,
        entity.time_zone.name(),
        at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Changes what an administrator may change of the entity's own data.
pub async fn update(conn: &mut PgConnection, entity: &Entity) -> Result<()> {
    let result = sqlx::query!(
        "update entity set name = $2, tagline = $3, address = $4, phone = $5, email = $6, pec = $7, privacy_url = $8,
            accessibility_url = $9, site_url = $10 where entity_id = $1",
        entity.id.0,
        entity.name,
        entity.tagline,
        entity.address,
        entity.phone,
        entity.email,
        entity.pec,
        entity.privacy_url,
        entity.accessibility_url,
        entity.site_url,
    )
    .execute(conn)
    .await?;
    expect_one(&result, "entity")
}

/// An integration as it stands.
#[derive(Clone, Debug)]
pub struct Integration {
    /// Whether it is used.
    pub enabled: bool,
    /// Its settings, of the kind's own type.
    pub settings: Value,
    /// When the connection was last tested.
    pub checked_at: Option<DateTime<Utc>>,
    /// And what the test said.
    pub checks: Option<Value>,
}

/// The integration of a kind, used or not; `None` where nothing was ever set.
pub async fn integration(
    conn: &mut PgConnection,
    entity: EntityId,
    kind: Kind,
) -> Result<Option<Integration>> {
    Ok(sqlx::query_as!(
        Integration,
        "select enabled, settings, checked_at, checks from integration where entity_id = $1 and kind = $2",
        entity.0,
        kind.as_str(),
    )
    .fetch_optional(conn)
    .await?)
}

/// The settings of an integration that is in use; `None` where it is not.
pub async fn settings<T: DeserializeOwned>(
    conn: &mut PgConnection,
    entity: EntityId,
    kind: Kind,
) -> Result<Option<T>> {
    match integration(conn, entity, kind).await? {
        Some(Integration { enabled: true, settings, .. }) => Ok(Some(serde_json::from_value(settings)?)),
        _ => Ok(None),
    }
}

/// Sets an integration.
pub async fn put_integration<T: Serialize>(
    conn: &mut PgConnection,
    entity: EntityId,
    kind: Kind,
    enabled: bool,
    settings: &T,
    at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "insert into integration (entity_id, kind, enabled, settings, updated_at) values ($1, $2, $3, $4, $5)
         on conflict (entity_id, kind) do update set enabled = excluded.enabled, settings = excluded.settings,
            updated_at = excluded.updated_at, checked_at = null, checks = null",
        entity.0,
        kind.as_str(),
        enabled,
        serde_json::to_value(settings)?,
        at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Keeps what a connection test said.
pub async fn put_checks(
    conn: &mut PgConnection,
    entity: EntityId,
    kind: Kind,
    checks: &Value,
    at: DateTime<Utc>,
) -> Result<()> {
    let result = sqlx::query!(
        "update integration set checks = $3, checked_at = $4 where entity_id = $1 and kind = $2",
        entity.0,
        kind.as_str(),
        checks,
        at,
    )
    .execute(conn)
    .await?;
    expect_one(&result, "integration")
}

/// Seals and keeps a secret.
pub async fn put_secret(
    conn: &mut PgConnection,
    keys: &MasterKeys,
    entity: EntityId,
    name: &str,
    plain: &SecretString,
    at: DateTime<Utc>,
) -> Result<()> {
    let sealed = keys.seal(&context(entity, name), plain);
    sqlx::query!(
        "insert into secret (entity_id, name, key_id, sealed, updated_at) values ($1, $2, $3, $4, $5)
         on conflict (entity_id, name) do update set key_id = excluded.key_id, sealed = excluded.sealed,
            updated_at = excluded.updated_at",
        entity.0,
        name,
        sealed.key_id,
        sealed.bytes,
        at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Opens a secret; `None` where it was never set.
pub async fn secret(
    conn: &mut PgConnection,
    keys: &MasterKeys,
    entity: EntityId,
    name: &str,
) -> Result<Option<SecretString>> {
    let row =
        sqlx::query!("select key_id, sealed from secret where entity_id = $1 and name = $2", entity.0, name)
            .fetch_optional(conn)
            .await?;
    row.map(|row| {
        keys.open(&context(entity, name), &Sealed { key_id: row.key_id, bytes: row.sealed })
            .map_err(|e| Error::Inconsistent(format!("secret {name}: {e}")))
    })
    .transpose()
}

/// Which secrets are kept, and since when: all that a page may say of them.
pub async fn secret_dates(
    conn: &mut PgConnection,
    entity: EntityId,
) -> Result<HashMap<String, DateTime<Utc>>> {
    let rows = sqlx::query!("select name, updated_at from secret where entity_id = $1", entity.0)
        .fetch_all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| (row.name, row.updated_at)).collect())
}

/// Every entity that was ever made, in use or not, by name in addresses.
pub async fn all(conn: &mut PgConnection) -> Result<Vec<(EntityId, String)>> {
    let rows = sqlx::query!(r#"select entity_id as "id: EntityId", slug from entity order by slug"#)
        .fetch_all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.slug)).collect())
}

/// Seals every secret of an entity anew under the current master key; answers which. They are the same secrets: since
/// when each is kept stays what it was. Re-runnable.
pub async fn reseal(conn: &mut PgConnection, keys: &MasterKeys, entity: EntityId) -> Result<Vec<String>> {
    let names = sqlx::query_scalar!(
        "select name from secret where entity_id = $1 order by name for update",
        entity.0
    )
    .fetch_all(&mut *conn)
    .await?;
    for name in &names {
        let Some(plain) = secret(conn, keys, entity, name).await? else { continue };
        let sealed = keys.seal(&context(entity, name), &plain);
        let result = sqlx::query!(
            "update secret set key_id = $3, sealed = $4 where entity_id = $1 and name = $2",
            entity.0,
            name,
            sealed.key_id,
            sealed.bytes,
        )
        .execute(&mut *conn)
        .await?;
        expect_one(&result, "secret")?;
    }
    Ok(names)
}

fn context(entity: EntityId, name: &str) -> String {
    format!("{entity}/{name}")
}
