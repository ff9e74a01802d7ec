//! SQL.
use super::appointment::*;
use super::types::*;
use crate::error::{Error, Result};
use crate::ids::{AppointmentId, CounterId, EntityId, ServiceId, SiteId};
use chrono::NaiveDate;
use chrono_tz::Tz;
use sqlx::PgConnection;

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn appointment(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
) -> Result<Appointment> {
    let _ = (conn, entity, id);
    Err(Error::Refused("unavailable"))
}

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn appointment_by_code(
    conn: &mut PgConnection,
    entity: EntityId,
    code: &str,
) -> Result<Appointment> {
    let _ = (conn, entity, code);
    Err(Error::Refused("unavailable"))
}

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn of_citizen(
    conn: &mut PgConnection,
    entity: EntityId,
    fiscal_code: &str,
) -> Result<Vec<Appointment>> {
    let _ = (conn, entity, fiscal_code);
    Err(Error::Refused("unavailable"))
}

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn of_day(
    conn: &mut PgConnection,
    entity: EntityId,
    site: SiteId,
    date: NaiveDate,
    zone: Tz,
) -> Result<Vec<Appointment>> {
    let _ = (conn, entity, site, date, zone);
    Err(Error::Refused("unavailable"))
}

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn sites(conn: &mut PgConnection, entity: EntityId) -> Result<Vec<Site>> {
    let _ = (conn, entity);
    Err(Error::Refused("unavailable"))
}

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn site(conn: &mut PgConnection, entity: EntityId, id: SiteId) -> Result<Site> {
    let _ = (conn, entity, id);
    Err(Error::Refused("unavailable"))
}

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn counters(conn: &mut PgConnection, entity: EntityId) -> Result<Vec<Counter>> {
    let _ = (conn, entity);
    Err(Error::Refused("unavailable"))
}

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn counter(conn: &mut PgConnection, entity: EntityId, id: CounterId) -> Result<Counter> {
    let _ = (conn, entity, id);
    Err(Error::Refused("unavailable"))
}

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn calendars(conn: &mut PgConnection, entity: EntityId) -> Result<Vec<Calendar>> {
    let _ = (conn, entity);
    Err(Error::Refused("unavailable"))
}

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn services(conn: &mut PgConnection, entity: EntityId) -> Result<Vec<Service>> {
    let _ = (conn, entity);
    Err(Error::Refused("unavailable"))
}

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn service(conn: &mut PgConnection, entity: EntityId, id: ServiceId) -> Result<Service> {
    let _ = (conn, entity, id);
    Err(Error::Refused("unavailable"))
}

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn service_by_slug(conn: &mut PgConnection, entity: EntityId, slug: &str) -> Result<Service> {
    let _ = (conn, entity, slug);
    Err(Error::Refused("unavailable"))
}

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn sites_of_service(
    conn: &mut PgConnection,
    entity: EntityId,
    service: ServiceId,
) -> Result<Vec<Site>> {
    let _ = (conn, entity, service);
    Err(Error::Refused("unavailable"))
}

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn counters_of_service(
    conn: &mut PgConnection,
    entity: EntityId,
    service: ServiceId,
) -> Result<Vec<Counter>> {
    let _ = (conn, entity, service);
    Err(Error::Refused("unavailable"))
}
