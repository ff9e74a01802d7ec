//! Services, and which counters serve them.

use sqlx::PgConnection;
use sqlx::types::Json;

use super::super::types::Service;
use crate::error::{Error, Result, expect_one};
use crate::ids::{CounterId, EntityId, ServiceId};
use crate::text::Text;

struct ServiceRow {
    service_id: ServiceId,
    slug: String,
    name: Json<Text>,
    summary: Json<Text>,
    bring: Json<Text>,
    reasons: Json<Vec<Text>>,
    category: String,
    duration_minutes: i32,
    minimum_level: i16,
    change_minutes: i32,
    active: bool,
    position: i32,
}

impl From<ServiceRow> for Service {
    fn from(row: ServiceRow) -> Self {
        Self {
            id: row.service_id,
            slug: row.slug,
            name: row.name.0,
            summary: row.summary.0,
            bring: row.bring.0,
            reasons: row.reasons.0,
            category: row.category,
            duration_minutes: row.duration_minutes,
            minimum_level: row.minimum_level,
            change_minutes: row.change_minutes,
            active: row.active,
            position: row.position,
        }
    }
}

macro_rules! service_query {
    ($condition:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            ServiceRow,
            r#"select service_id as "service_id: ServiceId", slug, name as "name: Json<Text>",
                summary as "summary: Json<Text>", bring as "bring: Json<Text>", reasons as "reasons: Json<Vec<Text>>",
                category, duration_minutes, minimum_level, change_minutes, active, position
             from service where entity_id = $1 and "# + $condition,
            $($argument),*
        )
    };
}

/// All services, also those that cannot be booked any more, in order.
pub async fn services(conn: &mut PgConnection, entity: EntityId) -> Result<Vec<Service>> {
    let rows = service_query!("true order by position, slug", entity.0).fetch_all(conn).await?;
    Ok(rows.into_iter().map(Service::from).collect())
}

/// One service.
pub async fn service(conn: &mut PgConnection, entity: EntityId, id: ServiceId) -> Result<Service> {
    let row = service_query!("service_id = $2", entity.0, id.0).fetch_optional(conn).await?;
    Ok(row.ok_or(Error::NotFound("service"))?.into())
}

/// A service that can be booked, by its name in addresses.
pub async fn service_by_slug(conn: &mut PgConnection, entity: EntityId, slug: &str) -> Result<Service> {
    let row = service_query!("slug = $2 and active", entity.0, slug).fetch_optional(conn).await?;
    Ok(row.ok_or(Error::NotFound("service"))?.into())
}

/// Inserts a service or changes it.
pub(crate) async fn put_service(conn: &mut PgConnection, entity: EntityId, service: &Service) -> Result<()> {
    let result = sqlx::query!(
        "insert into service (entity_id, service_id, slug, name, summary, bring, reasons, category, duration_minutes,
            minimum_level, change_minutes, active, position)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         on conflict (entity_id, service_id) do update set slug = excluded.slug, name = excluded.name,
            summary = excluded.summary, bring = excluded.bring, reasons = excluded.reasons,
            category = excluded.category, duration_minutes = excluded.duration_minutes,
            minimum_level = excluded.minimum_level, change_minutes = excluded.change_minutes,
            active = excluded.active, position = excluded.position",
        entity.0,
        service.id.0,
        service.slug,
        Json(&service.name) as _,
        Json(&service.summary) as _,
        Json(&service.bring) as _,
        Json(&service.reasons) as _,
        service.category,
        service.duration_minutes,
        service.minimum_level,
        service.change_minutes,
        service.active,
        service.position,
    )
    .execute(conn)
    .await?;
    expect_one(&result, "service")
}

/// Gives a service these counters instead of those it had.
pub(crate) async fn replace_counters(
    conn: &mut PgConnection,
    entity: EntityId,
    service: ServiceId,
    counters: &[CounterId],
) -> Result<()> {
    let ids: Vec<uuid::Uuid> = counters.iter().map(|c| c.0).collect();
    sqlx::query!("delete from service_counter where entity_id = $1 and service_id = $2", entity.0, service.0)
        .execute(&mut *conn)
        .await?;
    sqlx::query!(
        "insert into service_counter (entity_id, service_id, counter_id)
         select $1, $2, counter_id from unnest($3::uuid[]) as given(counter_id)",
        entity.0,
        service.0,
        &ids,
    )
    .execute(conn)
    .await?;
    Ok(())
}
