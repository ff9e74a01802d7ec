//! The operators' commands, put on record: what their pages and the API call.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;

use super::closing::{Closing, close};
use super::flow::Step;
use super::take;
use crate::agenda::{Appointment, Closure, Scope, store};
use crate::audit::{self, Actor, Change};
use crate::error::Result;
use crate::ids::{AppointmentId, ClosureId, CounterId, EntityId, StaffId, TaskId};

/// Takes a step of the day. One that was taken already changes nothing and leaves nothing on record.
///
/// # Errors
/// As [`take`].
pub async fn step(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
    step: Step,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Appointment> {
    let (before, after) = take(conn, entity, id, step, now).await?;
    if before.state != after.state || before.serving_counter != after.serving_counter {
        let action = match step {
            Step::Arrive => "appointment.arrived",
            Step::Call(_) => "appointment.called",
            Step::Serve => "appointment.served",
            Step::NoShow => "appointment.missed",
            Step::Undo(_) => "appointment.undone",
        };
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

/// Closes a counter from an instant to another; see [`close`]. Dropped without a commit, it tells what would happen.
///
/// # Errors
/// As [`close`]; `NotFound("counter")`.
pub async fn close_counter(
    conn: &mut PgConnection,
    entity: EntityId,
    counter: CounterId,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    reason: &str,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Closing> {
    store::counter(conn, entity, counter).await?;
    let closure =
        Closure { id: ClosureId::new(), scope: Scope::Counter(counter), from, to, reason: reason.to_owned() };
    let closing = close(conn, entity, &closure, actor, now).await?;
    let key = counter.to_string();
    let change = Change::of("counter.closed", "counter", &key).after(json!({
        "from": from, "to": to, "reason": reason, "moved": closing.moved.len(), "left": closing.left.len(),
    }));
    audit::record(conn, entity, now, actor, change).await?;
    Ok(closing)
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
