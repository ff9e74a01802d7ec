//! The operators' commands, put on record: what their pages and the API call.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;

use super::flow::Step;
use super::{arrive, call, no_show, serve, undo};
use crate::agenda::{Appointment, store};
use crate::audit::{self, Actor, Change};
use crate::error::Result;
use crate::ids::{AppointmentId, CounterId, EntityId, StaffId, TaskId};

/// Takes a step of the day. One that was taken already changes nothing and leaves nothing on record.
///
/// # Errors
/// Those of [`flow::after`](super::flow::after); `NotFound("counter")` for a counter of another site.
pub async fn step(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
    step: Step,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Appointment> {
    let before = store::appointment(conn, entity, id).await?;
    let (action, after) = match step {
        Step::Arrive => ("appointment.arrived", arrive(conn, entity, id, now).await?),
        Step::Call(counter) => ("appointment.called", call(conn, entity, id, counter, now).await?),
        Step::Serve => ("appointment.served", serve(conn, entity, id, now).await?),
        Step::NoShow => ("appointment.missed", no_show(conn, entity, id, now).await?),
        Step::Undo => ("appointment.undone", undo(conn, entity, id, now).await?),
    };
    if before.state != after.state || before.serving_counter != after.serving_counter {
        let key = id.to_string();
        let change =
            Change::of(action, "appointment", &key).before(standing(&before)).after(standing(&after));
        audit::record(conn, entity, now, actor, change).await?;
    }
    Ok(after)
}

fn standing(appointment: &Appointment) -> serde_json::Value {
    json!({"state": appointment.state, "counter": appointment.serving_counter})
}

/// Puts the operators' notes. The record says that they changed, not what they say.
///
/// # Errors
/// As [`set_notes`](super::set_notes).
pub async fn set_notes(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
    notes: &str,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<()> {
    super::set_notes(conn, entity, id, notes).await?;
    let key = id.to_string();
    audit::record(conn, entity, now, actor, Change::of("appointment.noted", "appointment", &key)).await
}

/// What closing a counter meant for its appointments.
#[derive(Clone, Debug)]
pub struct Closing {
    /// Went to another counter at their own time, as they stand now.
    pub moved: Vec<Appointment>,
    /// Nobody else is free for them: each is a task.
    pub left: Vec<Appointment>,
}

/// Closes a counter from an instant to another; see [`close_counter`](super::close_counter). Dropped without a
/// commit, it tells what would happen.
///
/// # Errors
/// As [`close_counter`](super::close_counter).
pub async fn close_counter(
    conn: &mut PgConnection,
    entity: EntityId,
    counter: CounterId,
    during: (DateTime<Utc>, DateTime<Utc>),
    reason: &str,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Closing> {
    let before = store::live_of_counter(conn, entity, counter, during.0, during.1).await?;
    let left = super::close_counter(conn, entity, counter, during.0, during.1, reason, now).await?;
    let ids: Vec<AppointmentId> = before.iter().map(|a| a.id).collect();
    let mut moved = store::appointments(conn, entity, &ids).await?;
    moved.retain(|a| a.counter != counter && a.state.is_live());
    let key = counter.to_string();
    let change = Change::of("counter.closed", "counter", &key).after(json!({
        "from": during.0, "to": during.1, "reason": reason, "moved": moved.len(), "left": left.len(),
    }));
    audit::record(conn, entity, now, actor, change).await?;
    for a in &moved {
        let key = a.id.to_string();
        let change = Change::of("appointment.reseated", "appointment", &key)
            .before(json!({"counter": counter}))
            .after(json!({"counter": a.counter}));
        audit::record(conn, entity, now, actor, change).await?;
    }
    Ok(Closing { moved, left })
}

/// Marks a task as done.
///
/// # Errors
/// `NotFound("task")`.
pub async fn task_done(
    conn: &mut PgConnection,
    entity: EntityId,
    task: TaskId,
    by: StaffId,
    now: DateTime<Utc>,
) -> Result<()> {
    super::task_done(conn, entity, task, by, now).await?;
    let key = task.to_string();
    audit::record(conn, entity, now, &Actor::Staff(by), Change::of("task.done", "task", &key)).await
}
