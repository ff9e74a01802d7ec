//! The waiting room and the counters.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::flow::{Step, after};
use crate::agenda::{Appointment, store};
use crate::error::{Error, FieldError, Result};
use crate::ids::{AppointmentId, EntityId};

/// Longest note, characters.
const NOTES_MAX: usize = 4000;

/// Takes a step of the day; answers the appointment before and after it, which are the same where it was taken already.
///
/// # Errors
/// See [`after`]; `NotFound("counter")` for a call to one of another site or not in use.
pub async fn take(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
    step: Step,
    now: DateTime<Utc>,
) -> Result<(Appointment, Appointment)> {
    let before = store::lock_appointment(conn, entity, id).await?;
    if let Step::Call(counter) = step {
        let counter = store::counter(conn, entity, counter).await?;
        if counter.site != before.site || !counter.active {
            return Err(Error::NotFound("counter"));
        }
    }
    let zone = store::site(conn, entity, before.site).await?.zone;
    let next = after(&before, step, zone, now)?;
    if next != before {
        store::put_desk_state(conn, entity, &next).await?;
    }
    Ok((before, next))
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
