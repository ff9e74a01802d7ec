//! Appointments: how their rows change.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::super::appointment::{Appointment, Channel, Details, State};
use super::super::free_times::Taker;
use super::occupations::seat;
use crate::error::{Result, expect_one};
use crate::ids::{AppointmentId, EntityId, SiteId};

/// Inserts an appointment; `false` where its code is another's already.
pub(crate) async fn new_appointment(
    conn: &mut PgConnection,
    entity: EntityId,
    a: &Appointment,
) -> Result<bool> {
    let result = sqlx::query!(
        "insert into appointment (entity_id, appointment_id, code, service_id, site_id, counter_id, starts_at, ends_at,
            busy_until, state, expires_at, session_id, holder_given_name, holder_family_name, holder_fiscal_code,
            holder_email, holder_phone, holder_verified, language, reason, details, form_id, answers, channel,
            created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
            $23, $24, $25)
         on conflict (entity_id, code) do nothing",
        entity.0,
        a.id.0,
        a.code,
        a.service.0,
        a.site.0,
        a.counter.0,
        a.starts_at,
        a.ends_at,
        a.busy_until,
        a.state as State,
        a.expires_at,
        a.session.map(|s| s.0),
        a.holder.given_name,
        a.holder.family_name,
        a.holder.fiscal_code,
        a.holder.email,
        a.holder.phone,
        a.holder.verified,
        a.language,
        a.reason,
        a.details,
        a.form.map(|f| f.0),
        a.answers,
        a.channel as Channel,
        a.created_at,
    )
    .execute(conn)
    .await?;
    Ok(result.rows_affected() == 1)
}

/// Puts what the citizen filled.
pub(crate) async fn put_details(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
    given: &Details,
) -> Result<()> {
    let result = sqlx::query!(
        "update appointment set holder_given_name = $3, holder_family_name = $4, holder_fiscal_code = $5,
            holder_email = $6, holder_phone = $7, holder_verified = $8, reason = $9, details = $10, form_id = $11,
            answers = $12, language = $13
         where entity_id = $1 and appointment_id = $2",
        entity.0,
        id.0,
        given.holder.given_name,
        given.holder.family_name,
        given.holder.fiscal_code,
        given.holder.email,
        given.holder.phone,
        given.holder.verified,
        given.reason,
        given.details,
        given.form.map(|f| f.0),
        given.answers,
        given.language,
    )
    .execute(conn)
    .await?;
    expect_one(&result, "appointment")
}

/// Another time for an appointment.
pub(crate) struct Move<'a> {
    /// Where.
    pub site: SiteId,
    /// Counter and interval.
    pub taker: &'a Taker,
    /// Whether what was told changes: raises the sequence.
    pub told: bool,
}

/// Takes a time for an appointment, instead of the one it has, if it has one, and keeps it until the deadline.
///
/// # Errors
/// `Taken` where the constraint `one_citizen_at_a_time` refuses.
pub(crate) async fn put_time(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
    to: &Move<'_>,
    expires_at: Option<DateTime<Utc>>,
) -> Result<()> {
    seat(conn, entity, id, to.taker, expires_at).await?;
    move_appointment(conn, entity, id, to).await
}

/// Moves an appointment's row. Its occupation is moved apart, in the same transaction.
pub(crate) async fn move_appointment(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
    to: &Move<'_>,
) -> Result<()> {
    let result = sqlx::query!(
        "update appointment set site_id = $3, counter_id = $4, starts_at = $5, ends_at = $6, busy_until = $7,
            sequence = sequence + $8
         where entity_id = $1 and appointment_id = $2",
        entity.0,
        id.0,
        to.site.0,
        to.taker.counter.0,
        to.taker.start,
        to.taker.end,
        to.taker.busy_until,
        i32::from(to.told),
    )
    .execute(conn)
    .await?;
    expect_one(&result, "appointment")
}

/// Puts a state before the day itself, with its deadline: what ended it before counts no more.
pub(crate) async fn put_outcome(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
    state: State,
    expires_at: Option<DateTime<Utc>>,
) -> Result<()> {
    let result = sqlx::query!(
        "update appointment set state = $3, expires_at = $4, arrived_at = null, closed_at = null, cancel_reason = ''
         where entity_id = $1 and appointment_id = $2",
        entity.0,
        id.0,
        state as State,
        expires_at,
    )
    .execute(conn)
    .await?;
    expect_one(&result, "appointment")
}

/// Closes an appointment as cancelled: what was told changes.
pub(crate) async fn put_cancelled(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let result = sqlx::query!(
        "update appointment set state = 'cancelled', expires_at = null, closed_at = $3, cancel_reason = $4,
            sequence = sequence + 1
         where entity_id = $1 and appointment_id = $2",
        entity.0,
        id.0,
        now,
        reason,
    )
    .execute(conn)
    .await?;
    expect_one(&result, "appointment")
}

/// Closes those whose deadline has passed; answers which. Their times must be free already.
pub(crate) async fn expire(
    conn: &mut PgConnection,
    entity: EntityId,
    ids: &[AppointmentId],
    now: DateTime<Utc>,
) -> Result<Vec<AppointmentId>> {
    let ids: Vec<uuid::Uuid> = ids.iter().map(|id| id.0).collect();
    Ok(sqlx::query_scalar!(
        r#"update appointment set state = 'expired', expires_at = null, closed_at = $3
         where entity_id = $1 and appointment_id = any($2) and expires_at <= $3
         returning appointment_id as "id: AppointmentId""#,
        entity.0,
        &ids,
        now,
    )
    .fetch_all(conn)
    .await?)
}

/// Ends a hold before its deadline. Its time must be free already.
pub(crate) async fn give_up(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
    now: DateTime<Utc>,
) -> Result<()> {
    let result = sqlx::query!(
        "update appointment set state = 'expired', expires_at = null, closed_at = $3
         where entity_id = $1 and appointment_id = $2 and state = 'held'",
        entity.0,
        id.0,
        now,
    )
    .execute(conn)
    .await?;
    expect_one(&result, "appointment")
}

/// Puts what changed at the desk.
pub(crate) async fn put_desk_state(conn: &mut PgConnection, entity: EntityId, a: &Appointment) -> Result<()> {
    let result = sqlx::query!(
        "update appointment set state = $3, serving_counter_id = $4, arrived_at = $5, called_at = $6, closed_at = $7
         where entity_id = $1 and appointment_id = $2",
        entity.0,
        a.id.0,
        a.state as State,
        a.serving_counter.map(|c| c.0),
        a.arrived_at,
        a.called_at,
        a.closed_at,
    )
    .execute(conn)
    .await?;
    expect_one(&result, "appointment")
}

/// Puts the operators' notes.
pub(crate) async fn put_notes(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
    notes: &str,
) -> Result<()> {
    let result = sqlx::query!(
        "update appointment set notes = $3 where entity_id = $1 and appointment_id = $2",
        entity.0,
        id.0,
        notes,
    )
    .execute(conn)
    .await?;
    expect_one(&result, "appointment")
}
