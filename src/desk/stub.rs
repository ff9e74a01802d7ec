//! Desk.
use super::types::*;
use crate::agenda::Appointment;
use crate::error::{Error, Result};
use crate::ids::*;
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn arrive(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
    now: DateTime<Utc>,
) -> Result<Appointment> {
    let _ = (conn, entity, id, now);
    Err(Error::Refused("unavailable"))
}

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn call(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
    counter: CounterId,
    now: DateTime<Utc>,
) -> Result<Appointment> {
    let _ = (conn, entity, id, counter, now);
    Err(Error::Refused("unavailable"))
}

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn serve(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
    now: DateTime<Utc>,
) -> Result<Appointment> {
    let _ = (conn, entity, id, now);
    Err(Error::Refused("unavailable"))
}

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn no_show(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
    now: DateTime<Utc>,
) -> Result<Appointment> {
    let _ = (conn, entity, id, now);
    Err(Error::Refused("unavailable"))
}

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn undo(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
    now: DateTime<Utc>,
) -> Result<Appointment> {
    let _ = (conn, entity, id, now);
    Err(Error::Refused("unavailable"))
}

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn set_notes(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
    notes: &str,
) -> Result<()> {
    let _ = (conn, entity, id, notes);
    Err(Error::Refused("unavailable"))
}

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn propose(
    conn: &mut PgConnection,
    entity: EntityId,
    new: &NewProposal,
    now: DateTime<Utc>,
) -> Result<Proposal> {
    let _ = (conn, entity, new, now);
    Err(Error::Refused("unavailable"))
}

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn accept(
    conn: &mut PgConnection,
    entity: EntityId,
    proposal: ProposalId,
    option: ProposalOptionId,
    now: DateTime<Utc>,
) -> Result<(Appointment, Appointment)> {
    let _ = (conn, entity, proposal, option, now);
    Err(Error::Refused("unavailable"))
}

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn decline(
    conn: &mut PgConnection,
    entity: EntityId,
    proposal: ProposalId,
    now: DateTime<Utc>,
) -> Result<Proposal> {
    let _ = (conn, entity, proposal, now);
    Err(Error::Refused("unavailable"))
}

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn withdraw(
    conn: &mut PgConnection,
    entity: EntityId,
    proposal: ProposalId,
    now: DateTime<Utc>,
) -> Result<Proposal> {
    let _ = (conn, entity, proposal, now);
    Err(Error::Refused("unavailable"))
}

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn proposal(conn: &mut PgConnection, entity: EntityId, id: ProposalId) -> Result<Proposal> {
    let _ = (conn, entity, id);
    Err(Error::Refused("unavailable"))
}

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn open_proposal(
    conn: &mut PgConnection,
    entity: EntityId,
    appointment: AppointmentId,
    now: DateTime<Utc>,
) -> Result<Option<Proposal>> {
    let _ = (conn, entity, appointment, now);
    Err(Error::Refused("unavailable"))
}

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn close_counter(
    conn: &mut PgConnection,
    entity: EntityId,
    counter: CounterId,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<Vec<Appointment>> {
    let _ = (conn, entity, counter, from, to, reason, now);
    Err(Error::Refused("unavailable"))
}

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn tasks(conn: &mut PgConnection, entity: EntityId, site: Option<SiteId>) -> Result<Vec<Task>> {
    let _ = (conn, entity, site);
    Err(Error::Refused("unavailable"))
}

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn task_done(
    conn: &mut PgConnection,
    entity: EntityId,
    task: TaskId,
    by: StaffId,
    now: DateTime<Utc>,
) -> Result<()> {
    let _ = (conn, entity, task, by, now);
    Err(Error::Refused("unavailable"))
}

/// Contract only for now.
#[expect(clippy::unused_async)]
pub async fn day(conn: &mut PgConnection, entity: EntityId, site: SiteId, date: NaiveDate) -> Result<Day> {
    let _ = (conn, entity, site, date);
    Err(Error::Refused("unavailable"))
}
