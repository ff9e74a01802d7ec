//! What operators have to look at.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::desk::TaskKind;
use crate::error::{Result, expect_one};
use crate::ids::{AppointmentId, EntityId, SiteId, StaffId, TaskId};

/// An open task, without its appointment.
pub(crate) struct TaskRow {
    pub id: TaskId,
    pub kind: TaskKind,
    pub site: Option<SiteId>,
    pub appointment: Option<AppointmentId>,
    pub created_at: DateTime<Utc>,
}

/// Adds a task; the same one twice, while it is open, is one.
pub(crate) async fn add_task(
    conn: &mut PgConnection,
    entity: EntityId,
    kind: TaskKind,
    (appointment, site): (AppointmentId, SiteId),
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "insert into task (entity_id, task_id, site_id, appointment_id, kind, created_at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (entity_id, appointment_id, kind) where state = 'open' do nothing",
        entity.0,
        TaskId::new().0,
        site.0,
        appointment.0,
        kind as TaskKind,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Marks the open task of a kind about an appointment as done, if there is one: what it asked for has happened.
pub(crate) async fn close_task(
    conn: &mut PgConnection,
    entity: EntityId,
    kind: TaskKind,
    appointment: AppointmentId,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "update task set state = 'done', done_at = $4
         where entity_id = $1 and appointment_id = $2 and kind = $3 and state = 'open'",
        entity.0,
        appointment.0,
        kind as TaskKind,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The open tasks, oldest first; of one site (with those of none), or all.
pub(crate) async fn task_rows(
    conn: &mut PgConnection,
    entity: EntityId,
    site: Option<SiteId>,
) -> Result<Vec<TaskRow>> {
    Ok(sqlx::query_as!(
        TaskRow,
        r#"select task_id as "id: TaskId", kind as "kind: TaskKind", site_id as "site: SiteId",
            appointment_id as "appointment: AppointmentId", created_at
         from task
         where entity_id = $1 and state = 'open' and ($2::uuid is null or coalesce(site_id = $2, true))
         order by created_at, task_id limit 500"#,
        entity.0,
        site.map(|s| s.0),
    )
    .fetch_all(conn)
    .await?)
}

/// Marks a task as done; doing so again changes nothing.
pub(crate) async fn put_task_done(
    conn: &mut PgConnection,
    entity: EntityId,
    id: TaskId,
    by: StaffId,
    now: DateTime<Utc>,
) -> Result<()> {
    let result = sqlx::query!(
        "update task set state = 'done', done_at = coalesce(done_at, $3), done_by = coalesce(done_by, $4)
         where entity_id = $1 and task_id = $2",
        entity.0,
        id.0,
        now,
        by.0,
    )
    .execute(conn)
    .await?;
    expect_one(&result, "task")
}
