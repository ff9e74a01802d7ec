//! All SQL of the notices.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::types::{Channel, Event, Notice, NoticeState};
use crate::error::{Result, expect_one};
use crate::ids::{AppointmentId, EntityId, NoticeId};

macro_rules! notice_query {
    ($condition:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            Notice,
            r#"select notice_id as "id: NoticeId", appointment_id as "appointment: AppointmentId",
                event as "event: Event", occurrence, channel as "channel: Channel", recipient,
                state as "state: NoticeState", claimed_at, sent_at, remote_id, last_error, created_at
             from notice where entity_id = $1 and "# + $condition,
            $($argument),*
        )
    };
}

/// A notice to keep.
#[derive(Clone, Copy)]
pub struct NewNotice<'a> {
    /// About which appointment.
    pub appointment: AppointmentId,
    /// What happened.
    pub event: Event,
    /// Tells two events of a kind apart.
    pub occurrence: &'a str,
    /// The way it goes.
    pub channel: Channel,
    /// Fiscal code or address.
    pub recipient: &'a str,
}

/// Keeps a notice; `None` where the same was announced already, whatever became of it.
pub async fn insert(
    conn: &mut PgConnection,
    entity: EntityId,
    new: NewNotice<'_>,
    now: DateTime<Utc>,
) -> Result<Option<NoticeId>> {
    Ok(sqlx::query_scalar!(
        r#"insert into notice (entity_id, notice_id, appointment_id, event, occurrence, channel, recipient, created_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8)
           on conflict (entity_id, appointment_id, event, occurrence, channel) do nothing
           returning notice_id as "id: NoticeId""#,
        entity.0,
        NoticeId::new().0,
        new.appointment.0,
        new.event.as_str(),
        new.occurrence,
        new.channel.as_str(),
        new.recipient,
        now,
    )
    .fetch_optional(conn)
    .await?)
}

/// Silences what has not been told yet of these events, but for the one occurrence of `event` itself.
pub async fn supersede(
    conn: &mut PgConnection,
    entity: EntityId,
    appointment: AppointmentId,
    event: Event,
    occurrence: &str,
) -> Result<()> {
    let superseded: Vec<String> = event.supersedes().iter().map(|e| e.as_str().to_owned()).collect();
    sqlx::query!(
        "update notice set state = 'obsolete'
         where entity_id = $1 and appointment_id = $2 and state = 'pending' and event = any($3)
           and not (event = $4 and occurrence = $5)",
        entity.0,
        appointment.0,
        &superseded,
        event.as_str(),
        occurrence,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A notice.
pub async fn notice(conn: &mut PgConnection, entity: EntityId, id: NoticeId) -> Result<Option<Notice>> {
    Ok(notice_query!("notice_id = $2", entity.0, id.0).fetch_optional(conn).await?)
}

/// What was told about an appointment, oldest first.
pub async fn of_appointment(
    conn: &mut PgConnection,
    entity: EntityId,
    appointment: AppointmentId,
) -> Result<Vec<Notice>> {
    Ok(notice_query!("appointment_id = $2 order by created_at, notice_id", entity.0, appointment.0)
        .fetch_all(conn)
        .await?)
}

/// What a citizen was told and is still being told, newest first: for the personal area.
pub async fn of_citizen(conn: &mut PgConnection, entity: EntityId, fiscal_code: &str) -> Result<Vec<Notice>> {
    Ok(notice_query!(
        "state in ('pending', 'claimed', 'sent') and appointment_id in
            (select appointment_id from appointment where entity_id = $1 and holder_fiscal_code = $2)
         order by created_at desc, notice_id desc limit 50",
        entity.0,
        fiscal_code
    )
    .fetch_all(conn)
    .await?)
}

/// What could not be told, newest first: for the page where an administrator sees that a channel is not in order.
pub async fn troubled(conn: &mut PgConnection, entity: EntityId, limit: i64) -> Result<Vec<Notice>> {
    Ok(notice_query!(
        "(state in ('failed', 'unknown') or state = 'pending' and last_error is not null)
         order by created_at desc limit $2",
        entity.0,
        limit
    )
    .fetch_all(conn)
    .await?)
}

/// When the holder was last told the time of the appointment, over whichever channel.
pub async fn time_told_at(
    conn: &mut PgConnection,
    entity: EntityId,
    appointment: AppointmentId,
) -> Result<Option<DateTime<Utc>>> {
    Ok(sqlx::query_scalar!(
        "select max(created_at) from notice
         where entity_id = $1 and appointment_id = $2 and event in ('confirmed', 'moved', 'proposal_accepted')",
        entity.0,
        appointment.0,
    )
    .fetch_one(conn)
    .await?)
}

/// Takes a notice to send it; `false` where somebody else did, or it needs no sending any more. One that was taken
/// before `stale` is taken again: who took it is gone.
pub async fn claim(
    conn: &mut PgConnection,
    entity: EntityId,
    id: NoticeId,
    stale: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let result = sqlx::query!(
        "update notice set state = 'claimed', claimed_at = $4
         where entity_id = $1 and notice_id = $2
           and (state = 'pending' or state = 'claimed' and claimed_at < $3)",
        entity.0,
        id.0,
        stale,
        now,
    )
    .execute(conn)
    .await?;
    Ok(result.rows_affected() == 1)
}

/// Keeps what became of a notice.
pub async fn settle(
    conn: &mut PgConnection,
    entity: EntityId,
    id: NoticeId,
    state: NoticeState,
    remote_id: Option<&str>,
    error: Option<&str>,
    now: DateTime<Utc>,
) -> Result<()> {
    let sent_at = (state == NoticeState::Sent).then_some(now);
    let result = sqlx::query!(
        "update notice set state = $3, sent_at = $4, remote_id = $5, last_error = $6
         where entity_id = $1 and notice_id = $2 and state in ('pending', 'claimed')",
        entity.0,
        id.0,
        state.as_str(),
        sent_at,
        remote_id,
        error,
    )
    .execute(conn)
    .await?;
    expect_one(&result, "notice")
}

/// Makes a refused notice one to be sent; `NotFound` where it is none that no channel has taken.
pub async fn revive(conn: &mut PgConnection, entity: EntityId, id: NoticeId) -> Result<()> {
    let result = sqlx::query!(
        "update notice set state = 'pending', last_error = null, claimed_at = null
         where entity_id = $1 and notice_id = $2 and state = 'failed' and remote_id is null",
        entity.0,
        id.0,
    )
    .execute(conn)
    .await?;
    expect_one(&result, "notice")
}

/// Keeps what App IO says became of a message it had accepted; `failure` is why it did not arrive.
pub async fn put_fate(
    conn: &mut PgConnection,
    entity: EntityId,
    id: NoticeId,
    status: &str,
    failure: Option<&str>,
) -> Result<()> {
    let result = sqlx::query!(
        "update notice set remote_status = $3, last_error = $4,
            state = case when $4::text is null then state else 'failed' end
         where entity_id = $1 and notice_id = $2 and state = 'sent'",
        entity.0,
        id.0,
        status,
        failure,
    )
    .execute(conn)
    .await?;
    expect_one(&result, "notice")
}
