//! What operators have to look at.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::types::Task;
use crate::agenda::{Appointment, store};
use crate::error::Result;
use crate::ids::{AppointmentId, EntityId, ServiceId, SiteId, StaffId, TaskId};
use crate::text::Text;

/// The open tasks, oldest first: of a site, with those of the whole entity, or all.
pub async fn tasks(conn: &mut PgConnection, entity: EntityId, site: Option<SiteId>) -> Result<Vec<Task>> {
    let rows = store::task_rows(conn, entity, site).await?;
    let ids: Vec<AppointmentId> = rows.iter().filter_map(|row| row.appointment).collect();
    let appointments: HashMap<AppointmentId, Appointment> =
        store::appointments(conn, entity, &ids).await?.into_iter().map(|a| (a.id, a)).collect();
    let names: HashMap<ServiceId, Text> =
        store::services(conn, entity).await?.into_iter().map(|s| (s.id, s.name)).collect();
    Ok(rows
        .into_iter()
        .map(|row| Task {
            id: row.id,
            kind: row.kind,
            site: row.site,
            appointment: row.appointment.and_then(|id| appointments.get(&id).cloned()).map(|a| {
                let name = names.get(&a.service).cloned().unwrap_or_default();
                (a, name)
            }),
            created_at: row.created_at,
        })
        .collect())
}

/// Marks a task as done. Doing so again changes nothing.
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
    store::put_task_done(conn, entity, task, by, now).await
}
