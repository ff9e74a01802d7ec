//! Positions, their items and shares, notice numbers, visits to the checkout.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::{Error, Result, expect_one};
use crate::ids::{AppointmentId, CheckoutVisitId, DebtPositionId, EntityId};
use crate::money::Cents;
use crate::payments::position::{DebtPosition, PositionItem, PositionShare};
use crate::payments::state::State;

macro_rules! position_query {
    ($condition:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            DebtPosition,
            r#"select debt_position_id as "id: DebtPositionId", appointment_id as "appointment: AppointmentId", iupd,
                nav, iuv, amount_cents as "amount: Cents", description, debtor_fiscal_code, debtor_name, debtor_email,
                due_on, in_advance, state as "state: State", published_at, paid_at, cancelled_at, last_error, created_at
             from debt_position where entity_id = $1 and "# + $condition,
            $($argument),*
        )
    };
}

/// The latest of an appointment.
pub async fn latest_of_appointment(
    conn: &mut PgConnection,
    entity: EntityId,
    appointment: AppointmentId,
) -> Result<Option<DebtPosition>> {
    Ok(position_query!(
        "appointment_id = $2 order by created_at desc, debt_position_id desc limit 1",
        entity.0,
        appointment.0
    )
    .fetch_optional(conn)
    .await?)
}

/// Where the latest position of each of these appointments stands, and how much it is. Those without one are absent.
pub async fn standing_of_appointments(
    conn: &mut PgConnection,
    entity: EntityId,
    appointments: &[Uuid],
) -> Result<HashMap<AppointmentId, (State, Cents)>> {
    let rows = sqlx::query!(
        r#"select distinct on (appointment_id) appointment_id as "appointment!: AppointmentId", state as "state: State",
               amount_cents as "amount: Cents"
           from debt_position where entity_id = $1 and appointment_id = any($2)
           order by appointment_id, created_at desc, debt_position_id desc"#,
        entity.0,
        appointments,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.appointment, (row.state, row.amount))).collect())
}

/// Of a debtor, newest first.
pub async fn of_debtor(
    conn: &mut PgConnection,
    entity: EntityId,
    fiscal_code: &str,
) -> Result<Vec<DebtPosition>> {
    Ok(position_query!(
        "debtor_fiscal_code = $2 order by created_at desc, debt_position_id desc limit 200",
        entity.0,
        fiscal_code
    )
    .fetch_all(conn)
    .await?)
}

/// By identifier.
pub async fn by_id(conn: &mut PgConnection, entity: EntityId, id: DebtPositionId) -> Result<DebtPosition> {
    position_query!("debt_position_id = $2", entity.0, id.0)
        .fetch_optional(conn)
        .await?
        .ok_or(Error::NotFound("debt_position"))
}

/// By identifier, held until the transaction ends: its state is about to change.
pub async fn lock(conn: &mut PgConnection, entity: EntityId, id: DebtPositionId) -> Result<DebtPosition> {
    position_query!("debt_position_id = $2 for update", entity.0, id.0)
        .fetch_optional(conn)
        .await?
        .ok_or(Error::NotFound("debt_position"))
}

/// The appointment of a notice number.
pub async fn appointment_of_nav(
    conn: &mut PgConnection,
    entity: EntityId,
    nav: &str,
) -> Result<Option<AppointmentId>> {
    let found = position_query!("nav = $2", entity.0, nav).fetch_optional(conn).await?;
    Ok(found.and_then(|position| position.appointment))
}

/// By notice number, held until the transaction ends.
pub async fn lock_by_nav(
    conn: &mut PgConnection,
    entity: EntityId,
    nav: &str,
) -> Result<Option<DebtPosition>> {
    Ok(position_query!("nav = $2 for update", entity.0, nav).fetch_optional(conn).await?)
}

/// The open ones of an appointment, held until the transaction ends.
pub async fn lock_open_of_appointment(
    conn: &mut PgConnection,
    entity: EntityId,
    appointment: AppointmentId,
) -> Result<Vec<DebtPosition>> {
    Ok(position_query!(
        "appointment_id = $2 and state in ('issued', 'published') order by debt_position_id for update",
        entity.0,
        appointment.0
    )
    .fetch_all(conn)
    .await?)
}

/// Those that were not put on the platform, or not taken off it, for a reason that is known. Oldest first.
pub async fn troubled(conn: &mut PgConnection, entity: EntityId) -> Result<Vec<DebtPosition>> {
    Ok(position_query!(
        "last_error is not null and state in ('issued', 'cancelled')
         order by created_at, debt_position_id limit 500",
        entity.0
    )
    .fetch_all(conn)
    .await?)
}

/// The transfers of some positions, in order.
pub async fn items(
    conn: &mut PgConnection,
    entity: EntityId,
    positions: &[Uuid],
) -> Result<HashMap<DebtPositionId, Vec<PositionItem>>> {
    let rows = sqlx::query!(
        r#"select debt_position_id as "position: DebtPositionId", transfer_index, description, taxonomy, iban,
            amount_cents as "amount: Cents"
         from position_item where entity_id = $1 and debt_position_id = any($2) order by transfer_index"#,
        entity.0,
        positions,
    )
    .fetch_all(conn)
    .await?;
    let mut items: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows {
        items.entry(row.position).or_default().push(PositionItem {
            transfer_index: row.transfer_index,
            description: row.description,
            taxonomy: row.taxonomy,
            iban: row.iban,
            amount: row.amount,
        });
    }
    Ok(items)
}

/// The shares of some positions, in order.
pub async fn shares(
    conn: &mut PgConnection,
    entity: EntityId,
    positions: &[Uuid],
) -> Result<HashMap<DebtPositionId, Vec<PositionShare>>> {
    let rows = sqlx::query!(
        r#"select debt_position_id as "position: DebtPositionId", transfer_index, share_index, year, chapter_code,
            chapter_article, chapter_description, assessment_year, assessment_number, pdc, siope, kind,
            amount_cents as "amount: Cents"
         from position_share where entity_id = $1 and debt_position_id = any($2) order by transfer_index, share_index"#,
        entity.0,
        positions,
    )
    .fetch_all(conn)
    .await?;
    let mut shares: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows {
        shares.entry(row.position).or_default().push(PositionShare {
            transfer_index: row.transfer_index,
            share_index: row.share_index,
            year: row.year,
            chapter_code: row.chapter_code,
            chapter_article: row.chapter_article,
            chapter_description: row.chapter_description,
            assessment_year: row.assessment_year,
            assessment_number: row.assessment_number,
            pdc: row.pdc,
            siope: row.siope,
            kind: row.kind,
            amount: row.amount,
        });
    }
    Ok(shares)
}

/// Takes the next base of the notice numbers. The row stays locked until the transaction ends; a transaction that is
/// given up leaves no hole.
pub async fn next_base(conn: &mut PgConnection, entity: EntityId, segregation: u8) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        r#"insert into notice_sequence as s (entity_id, segregation, next_base) values ($1, $2, 2)
           on conflict (entity_id, segregation) do update set next_base = s.next_base + 1
           returning next_base - 1 as "base!""#,
        entity.0,
        i16::from(segregation),
    )
    .fetch_one(conn)
    .await?)
}

/// Raises the next base, for a segregation code under which another program has made numbers; never lowers it. Answers
/// what the next base now is.
pub async fn raise_base(
    conn: &mut PgConnection,
    entity: EntityId,
    segregation: u8,
    base: i64,
) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        "insert into notice_sequence as s (entity_id, segregation, next_base) values ($1, $2, $3)
         on conflict (entity_id, segregation) do update set next_base = greatest(s.next_base, excluded.next_base)
         returning next_base",
        entity.0,
        i16::from(segregation),
        base,
    )
    .fetch_one(conn)
    .await?)
}

/// Adds a position with its items and shares. That they sum is checked when the transaction ends.
pub async fn insert(
    conn: &mut PgConnection,
    entity: EntityId,
    position: &DebtPosition,
    items: &[PositionItem],
    shares: &[PositionShare],
) -> Result<()> {
    sqlx::query!(
        "insert into debt_position (entity_id, debt_position_id, appointment_id, iupd, nav, iuv, amount_cents, description,
            debtor_fiscal_code, debtor_name, debtor_email, due_on, in_advance, state, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        entity.0,
        position.id.0,
        position.appointment.map(|id| id.0),
        position.iupd,
        position.nav,
        position.iuv,
        position.amount.0,
        position.description,
        position.debtor_fiscal_code,
        position.debtor_name,
        position.debtor_email,
        position.due_on,
        position.in_advance,
        position.state.as_str(),
        position.created_at,
    )
    .execute(&mut *conn)
    .await?;
    for item in items {
        sqlx::query!(
            "insert into position_item (entity_id, debt_position_id, transfer_index, description, taxonomy, iban, amount_cents)
             values ($1, $2, $3, $4, $5, $6, $7)",
            entity.0,
            position.id.0,
            item.transfer_index,
            item.description,
            item.taxonomy,
            item.iban,
            item.amount.0,
        )
        .execute(&mut *conn)
        .await?;
    }
    for share in shares {
        insert_share(conn, entity, position.id, share).await?;
    }
    Ok(())
}

async fn insert_share(
    conn: &mut PgConnection,
    entity: EntityId,
    position: DebtPositionId,
    share: &PositionShare,
) -> Result<()> {
    sqlx::query!(
        "insert into position_share (entity_id, debt_position_id, transfer_index, share_index, year, chapter_code,
            chapter_article, chapter_description, assessment_year, assessment_number, pdc, siope, kind, amount_cents)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        entity.0,
        position.0,
        share.transfer_index,
        share.share_index,
        share.year,
        share.chapter_code,
        share.chapter_article,
        share.chapter_description,
        share.assessment_year,
        share.assessment_number,
        share.pdc,
        share.siope,
        share.kind,
        share.amount.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The platform has it.
pub async fn set_published(
    conn: &mut PgConnection,
    entity: EntityId,
    id: DebtPositionId,
    state: State,
    at: DateTime<Utc>,
) -> Result<()> {
    let result = sqlx::query!(
        "update debt_position set state = $3, published_at = coalesce(published_at, $4), last_error = null
         where entity_id = $1 and debt_position_id = $2",
        entity.0,
        id.0,
        state.as_str(),
        at,
    )
    .execute(conn)
    .await?;
    expect_one(&result, "debt_position")
}

/// A receipt proves it.
pub async fn set_paid(
    conn: &mut PgConnection,
    entity: EntityId,
    id: DebtPositionId,
    state: State,
    paid_at: DateTime<Utc>,
) -> Result<()> {
    let result = sqlx::query!(
        "update debt_position set state = $3, paid_at = $4, last_error = null
         where entity_id = $1 and debt_position_id = $2",
        entity.0,
        id.0,
        state.as_str(),
        paid_at,
    )
    .execute(conn)
    .await?;
    expect_one(&result, "debt_position")
}

/// Nobody owes it any more.
pub async fn set_cancelled(
    conn: &mut PgConnection,
    entity: EntityId,
    id: DebtPositionId,
    state: State,
    at: DateTime<Utc>,
) -> Result<()> {
    let result = sqlx::query!(
        "update debt_position set state = $3, cancelled_at = $4, last_error = null
         where entity_id = $1 and debt_position_id = $2",
        entity.0,
        id.0,
        state.as_str(),
        at,
    )
    .execute(conn)
    .await?;
    expect_one(&result, "debt_position")
}

/// Keeps why the platform has not got it, or not withdrawn it (`None`: that is over).
pub async fn set_last_error(
    conn: &mut PgConnection,
    entity: EntityId,
    id: DebtPositionId,
    error: Option<&str>,
) -> Result<()> {
    let result = sqlx::query!(
        "update debt_position set last_error = $3 where entity_id = $1 and debt_position_id = $2",
        entity.0,
        id.0,
        error,
    )
    .execute(conn)
    .await?;
    expect_one(&result, "debt_position")
}

/// Opens a visit to the checkout.
pub async fn insert_visit(
    conn: &mut PgConnection,
    entity: EntityId,
    visit: CheckoutVisitId,
    position: DebtPositionId,
    at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "insert into checkout_visit (entity_id, checkout_visit_id, debt_position_id, created_at) values ($1, $2, $3, $4)",
        entity.0,
        visit.0,
        position.0,
        at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Keeps how the browser came back, the first time it does; answers which position it was for.
pub async fn close_visit(
    conn: &mut PgConnection,
    entity: EntityId,
    visit: CheckoutVisitId,
    outcome: &str,
    at: DateTime<Utc>,
) -> Result<DebtPositionId> {
    sqlx::query!(
        "update checkout_visit set outcome = $3, returned_at = $4
         where entity_id = $1 and checkout_visit_id = $2 and outcome = 'open'",
        entity.0,
        visit.0,
        outcome,
        at,
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query_scalar!(
        r#"select debt_position_id as "id: DebtPositionId" from checkout_visit
         where entity_id = $1 and checkout_visit_id = $2"#,
        entity.0,
        visit.0,
    )
    .fetch_optional(conn)
    .await?
    .ok_or(Error::NotFound("checkout_visit"))
}
