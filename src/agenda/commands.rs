//! Commands.
use super::appointment::*;
use super::types::*;
use crate::error::{Error, Result};
use crate::ids::{AppointmentId, EntityId, ServiceId, SiteId};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn availability(
    conn: &mut PgConnection,
    entity: EntityId,
    service: ServiceId,
    site: Option<SiteId>,
    from: NaiveDate,
    to: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Vec<DayTimes>> {
    let _ = (conn, entity, service, site, from, to, now);
    Err(Error::Refused("unavailable"))
}

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn nearby(
    conn: &mut PgConnection,
    entity: EntityId,
    service: ServiceId,
    site: Option<SiteId>,
    around: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Vec<FreeTime>> {
    let _ = (conn, entity, service, site, around, now);
    Err(Error::Refused("unavailable"))
}

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn hold(
    conn: &mut PgConnection,
    entity: EntityId,
    new: &NewHold,
    hold_minutes: i64,
    now: DateTime<Utc>,
) -> Result<Appointment> {
    let _ = (conn, entity, new, hold_minutes, now);
    Err(Error::Refused("unavailable"))
}

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn fill(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
    details: &Details,
    now: DateTime<Utc>,
) -> Result<()> {
    let _ = (conn, entity, id, details, now);
    Err(Error::Refused("unavailable"))
}

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn place(
    conn: &mut PgConnection,
    entity: EntityId,
    new: &NewAppointment,
    outcome: Outcome,
    now: DateTime<Utc>,
) -> Result<Appointment> {
    let _ = (conn, entity, new, outcome, now);
    Err(Error::Refused("unavailable"))
}

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn settle(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
    outcome: Outcome,
    now: DateTime<Utc>,
) -> Result<Appointment> {
    let _ = (conn, entity, id, outcome, now);
    Err(Error::Refused("unavailable"))
}

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn payment_arrived(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
    now: DateTime<Utc>,
) -> Result<PaymentEffect> {
    let _ = (conn, entity, id, now);
    Err(Error::Refused("unavailable"))
}

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn reschedule(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
    site: SiteId,
    start: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(Appointment, Appointment)> {
    let _ = (conn, entity, id, site, start, now);
    Err(Error::Refused("unavailable"))
}

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn cancel(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<Appointment> {
    let _ = (conn, entity, id, reason, now);
    Err(Error::Refused("unavailable"))
}

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn sweep(conn: &mut PgConnection, entity: EntityId, now: DateTime<Utc>) -> Result<Vec<Swept>> {
    let _ = (conn, entity, now);
    Err(Error::Refused("unavailable"))
}
