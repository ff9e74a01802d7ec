//! The waiting room and the counters.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::flow::{Step, after};
use crate::agenda::{Appointment, store};
use crate::error::{Error, FieldError, Result};
use crate::ids::{AppointmentId, CounterId, EntityId};

/// Longest note, characters.
const NOTES_MAX: usize = 4000;

async fn take(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
    step: Step,
    now: DateTime<Utc>,
) -> Result<Appointment> {
    let a = store::lock_appointment(conn, entity, id).await?;
    let zone = store::site(conn, entity, a.site).await?.zone;
    let next = after(&a, step, zone, now)?;
    if next != a {
        store::put_desk_state(conn, entity, &next).await?;
    }
    Ok(next)
}

/// The citizen is here. Errors: see [`after`].
pub async fn arrive(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
    now: DateTime<Utc>,
) -> Result<Appointment> {
    take(conn, entity, id, Step::Arrive, now).await
}

/// Calls the citizen to a counter of the site, or calls again.
///
/// # Errors
/// See [`after`]; `NotFound("counter")` for one of another site or not in use.
pub async fn call(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
    counter: CounterId,
    now: DateTime<Utc>,
) -> Result<Appointment> {
    let a = store::appointment(conn, entity, id).await?;
    let counter = store::counter(conn, entity, counter).await?;
    if counter.site != a.site || !counter.active {
        return Err(Error::NotFound("counter"));
    }
    take(conn, entity, id, Step::Call(counter.id), now).await
}

/// The citizen was served. Errors: see [`after`].
pub async fn serve(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
    now: DateTime<Utc>,
) -> Result<Appointment> {
    take(conn, entity, id, Step::Serve, now).await
}

/// The citizen did not come. Errors: see [`after`].
pub async fn no_show(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
    now: DateTime<Utc>,
) -> Result<Appointment> {
    take(conn, entity, id, Step::NoShow, now).await
}

/// Takes the last step back. Errors: see [`after`].
pub async fn undo(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
    now: DateTime<Utc>,
) -> Result<Appointment> {
    take(conn, entity, id, Step::Undo, now).await
}

/// Puts the operators' own notes.
///
/// # Errors
/// A wrong field `notes`: longer than 4000 characters; `NotFound("appointment")`.
pub async fn set_notes(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
    notes: &str,
) -> Result<()> {
    if notes.chars().count() > NOTES_MAX {
        return Err(Error::Invalid(vec![FieldError::new("notes", "too_long").with_detail(NOTES_MAX)]));
    }
    store::put_notes(conn, entity, id, notes).await
}
