//! Tariffs with their lines and shares.

use std::collections::HashMap;

use chrono::NaiveDate;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::error::{Result, expect_one};
use crate::ids::{EntityId, ServiceId, TariffId, TariffItemId, TariffShareId};
use crate::money::Cents;
use crate::payments::tariff::{Conditions, Tariff, TariffItem, TariffShare};
use crate::text::Text;

macro_rules! tariffs {
    ($conn:expr, $entity:expr, $condition:literal $(, $argument:expr)*) => {{
        let rows = sqlx::query!(
            r#"select tariff_id as "id: TariffId", service_id as "service: ServiceId", valid_from, valid_to, in_advance,
                hold_minutes, due_days
             from tariff where entity_id = $1 and "# + $condition,
            $entity.0 $(, $argument)*
        )
        .fetch_all(&mut *$conn)
        .await?;
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id.0).collect();
        let mut items = items($conn, $entity, &ids).await?;
        rows.into_iter()
            .map(|row| Tariff {
                items: items.remove(&row.id).unwrap_or_default(),
                id: row.id,
                service: row.service,
                valid_from: row.valid_from,
                valid_to: row.valid_to,
                in_advance: row.in_advance,
                hold_minutes: row.hold_minutes,
                due_days: row.due_days,
            })
            .collect::<Vec<_>>()
    }};
}

/// The tariff of a service in force on a day.
pub async fn on(
    conn: &mut PgConnection,
    entity: EntityId,
    service: ServiceId,
    day: NaiveDate,
) -> Result<Option<Tariff>> {
    let mut found = tariffs!(
        conn,
        entity,
        "service_id = $2 and valid_from <= $3 and (valid_to is null or $3 <= valid_to)",
        service.0,
        day
    );
    Ok(found.pop())
}

/// All versions of a service's tariff, newest first.
pub async fn of_service(
    conn: &mut PgConnection,
    entity: EntityId,
    service: ServiceId,
) -> Result<Vec<Tariff>> {
    Ok(tariffs!(conn, entity, "service_id = $2 order by valid_from desc", service.0))
}

/// Holds back other changes of a service's tariffs until the transaction ends. `false`: there is no such service.
pub async fn lock_service(conn: &mut PgConnection, entity: EntityId, service: ServiceId) -> Result<bool> {
    let row = sqlx::query!(
        "select service_id from service where entity_id = $1 and service_id = $2 for no key update",
        entity.0,
        service.0,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.is_some())
}

async fn items(
    conn: &mut PgConnection,
    entity: EntityId,
    tariffs: &[Uuid],
) -> Result<HashMap<TariffId, Vec<TariffItem>>> {
    let mut shares: HashMap<TariffItemId, Vec<TariffShare>> = HashMap::new();
    let rows = sqlx::query!(
        r#"select s.tariff_item_id as "item: TariffItemId", s.chapter_code, s.chapter_article,
            s.amount_cents as "amount: Cents"
         from tariff_share s join tariff_item i on i.entity_id = s.entity_id and i.tariff_item_id = s.tariff_item_id
         where s.entity_id = $1 and i.tariff_id = any($2) order by s.position, s.tariff_share_id"#,
        entity.0,
        tariffs,
    )
    .fetch_all(&mut *conn)
    .await?;
    for row in rows {
        shares.entry(row.item).or_default().push(TariffShare {
            chapter_code: row.chapter_code,
            chapter_article: row.chapter_article,
            amount: row.amount,
        });
    }
    let rows = sqlx::query!(
        r#"select tariff_id as "tariff: TariffId", tariff_item_id as "id: TariffItemId",
            description as "description: Json<Text>", taxonomy, conditions as "conditions: Json<Conditions>"
         from tariff_item where entity_id = $1 and tariff_id = any($2) order by position, tariff_item_id"#,
        entity.0,
        tariffs,
    )
    .fetch_all(conn)
    .await?;
    let mut items: HashMap<TariffId, Vec<TariffItem>> = HashMap::new();
    for row in rows {
        items.entry(row.tariff).or_default().push(TariffItem {
            description: row.description.0,
            taxonomy: row.taxonomy,
            conditions: row.conditions.0,
            shares: shares.remove(&row.id).unwrap_or_default(),
        });
    }
    Ok(items)
}

/// Adds a version with its lines.
pub async fn insert(conn: &mut PgConnection, entity: EntityId, tariff: &Tariff) -> Result<()> {
    sqlx::query!(
        "insert into tariff (entity_id, tariff_id, service_id, valid_from, valid_to, in_advance, hold_minutes, due_days)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        entity.0,
        tariff.id.0,
        tariff.service.0,
        tariff.valid_from,
        tariff.valid_to,
        tariff.in_advance,
        tariff.hold_minutes,
        tariff.due_days,
    )
    .execute(&mut *conn)
    .await?;
    for (position, item) in (0..).zip(&tariff.items) {
        let id = TariffItemId::new();
        sqlx::query!(
            "insert into tariff_item (entity_id, tariff_item_id, tariff_id, position, description, taxonomy, conditions)
             values ($1, $2, $3, $4, $5, $6, $7)",
            entity.0,
            id.0,
            tariff.id.0,
            position,
            serde_json::to_value(&item.description)?,
            item.taxonomy,
            serde_json::to_value(&item.conditions)?,
        )
        .execute(&mut *conn)
        .await?;
        insert_shares(conn, entity, id, &item.shares).await?;
    }
    Ok(())
}

async fn insert_shares(
    conn: &mut PgConnection,
    entity: EntityId,
    item: TariffItemId,
    shares: &[TariffShare],
) -> Result<()> {
    for (position, share) in (0..).zip(shares) {
        sqlx::query!(
            "insert into tariff_share (entity_id, tariff_share_id, tariff_item_id, position, chapter_code,
                chapter_article, amount_cents)
             values ($1, $2, $3, $4, $5, $6, $7)",
            entity.0,
            TariffShareId::new().0,
            item.0,
            position,
            share.chapter_code,
            share.chapter_article,
            share.amount.0,
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// Ends a version with this day.
pub async fn close(
    conn: &mut PgConnection,
    entity: EntityId,
    id: TariffId,
    last_day: NaiveDate,
) -> Result<()> {
    let result = sqlx::query!(
        "update tariff set valid_to = $3 where entity_id = $1 and tariff_id = $2",
        entity.0,
        id.0,
        last_day,
    )
    .execute(conn)
    .await?;
    expect_one(&result, "tariff")
}

/// Removes a version and its lines. Positions do not refer to it: what they need was frozen on them.
pub async fn delete(conn: &mut PgConnection, entity: EntityId, id: TariffId) -> Result<()> {
    let result = sqlx::query!("delete from tariff where entity_id = $1 and tariff_id = $2", entity.0, id.0)
        .execute(conn)
        .await?;
    expect_one(&result, "tariff")
}
