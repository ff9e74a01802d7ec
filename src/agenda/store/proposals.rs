//! Proposals of another time.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::occupations::DayOf;
use crate::desk::{Proposal, ProposalOption, ProposalState};
use crate::error::{Error, Result, expect_one};
use crate::ids::{AppointmentId, CounterId, EntityId, ProposalId, ProposalOptionId, SiteId, StaffId};

struct Row {
    id: ProposalId,
    appointment: AppointmentId,
    state: ProposalState,
    message: String,
    expires_at: DateTime<Utc>,
    staff: Option<StaffId>,
    created_at: DateTime<Utc>,
    decided_at: Option<DateTime<Utc>>,
}

macro_rules! proposal_query {
    ($condition:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            Row,
            r#"select proposal_id as "id: ProposalId", appointment_id as "appointment: AppointmentId",
                state as "state: ProposalState", message, expires_at, staff_id as "staff: StaffId", created_at,
                decided_at
             from proposal where entity_id = $1 and "# + $condition,
            $($argument),*
        )
    };
}

async fn with_options(conn: &mut PgConnection, entity: EntityId, row: Row) -> Result<Proposal> {
    let options = sqlx::query_as!(
        ProposalOption,
        r#"select proposal_option_id as "id: ProposalOptionId", site_id as "site: SiteId",
            counter_id as "counter: CounterId", starts_at, ends_at, busy_until
         from proposal_option where entity_id = $1 and proposal_id = $2 order by starts_at, proposal_option_id"#,
        entity.0,
        row.id.0,
    )
    .fetch_all(conn)
    .await?;
    Ok(Proposal {
        id: row.id,
        appointment: row.appointment,
        state: row.state,
        message: row.message,
        expires_at: row.expires_at,
        staff: row.staff,
        created_at: row.created_at,
        decided_at: row.decided_at,
        options,
    })
}

/// One proposal.
pub async fn proposal(conn: &mut PgConnection, entity: EntityId, id: ProposalId) -> Result<Proposal> {
    let row = proposal_query!("proposal_id = $2", entity.0, id.0).fetch_optional(&mut *conn).await?;
    with_options(conn, entity, row.ok_or(Error::NotFound("proposal"))?).await
}

/// One proposal, kept from changing until the transaction ends.
pub(crate) async fn lock_proposal(
    conn: &mut PgConnection,
    entity: EntityId,
    id: ProposalId,
) -> Result<Proposal> {
    let row = proposal_query!("proposal_id = $2 for no key update", entity.0, id.0)
        .fetch_optional(&mut *conn)
        .await?;
    with_options(conn, entity, row.ok_or(Error::NotFound("proposal"))?).await
}

/// The undecided proposal of an appointment, also one whose deadline has passed: see [`Proposal::is_open`].
pub async fn open_proposal(
    conn: &mut PgConnection,
    entity: EntityId,
    appointment: AppointmentId,
) -> Result<Option<Proposal>> {
    let row = proposal_query!("appointment_id = $2 and state = 'open'", entity.0, appointment.0)
        .fetch_optional(&mut *conn)
        .await?;
    match row {
        Some(row) => Ok(Some(with_options(conn, entity, row).await?)),
        None => Ok(None),
    }
}

/// The day of an appointment, and those of the times that are offered for it.
pub(crate) async fn days_of(
    conn: &mut PgConnection,
    entity: EntityId,
    appointment: AppointmentId,
) -> Result<Vec<DayOf>> {
    let days = sqlx::query_as!(
        DayOf,
        r#"select site_id as "site!: SiteId", starts_at as "at!" from appointment
         where entity_id = $1 and appointment_id = $2
         union all
         select o.site_id, o.starts_at from proposal p
         join proposal_option o on o.entity_id = p.entity_id and o.proposal_id = p.proposal_id
         where p.entity_id = $1 and p.appointment_id = $2 and p.state = 'open'"#,
        entity.0,
        appointment.0,
    )
    .fetch_all(conn)
    .await?;
    if days.is_empty() { Err(Error::NotFound("appointment")) } else { Ok(days) }
}

/// Which of these appointments have a proposal that waits for an answer.
pub async fn open_proposals_of_day(
    conn: &mut PgConnection,
    entity: EntityId,
    appointments: &[AppointmentId],
) -> Result<HashMap<AppointmentId, ProposalId>> {
    let ids: Vec<uuid::Uuid> = appointments.iter().map(|id| id.0).collect();
    let rows = proposal_query!("appointment_id = any($2) and state = 'open'", entity.0, &ids)
        .fetch_all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| (row.appointment, row.id)).collect())
}

/// The undecided proposals that offer a time a closure of a counter touches.
pub(crate) async fn proposals_on_counter(
    conn: &mut PgConnection,
    entity: EntityId,
    counter: CounterId,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<ProposalId>> {
    Ok(sqlx::query_scalar!(
        r#"select p.proposal_id as "id: ProposalId" from proposal p
         where p.entity_id = $1 and p.state = 'open' and exists (select from proposal_option o
            where o.entity_id = p.entity_id and o.proposal_id = p.proposal_id and o.counter_id = $2
              and o.starts_at < $4 and o.ends_at > $3)
         order by p.proposal_id for no key update of p"#,
        entity.0,
        counter.0,
        from,
        to,
    )
    .fetch_all(conn)
    .await?)
}

/// Adds a proposal, without its options.
///
/// # Errors
/// `Refused("proposal_exists")` where the appointment has an undecided one.
pub(crate) async fn insert_proposal(
    conn: &mut PgConnection,
    entity: EntityId,
    proposal: &Proposal,
) -> Result<()> {
    sqlx::query!(
        "insert into proposal (entity_id, proposal_id, appointment_id, message, expires_at, staff_id, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        entity.0,
        proposal.id.0,
        proposal.appointment.0,
        proposal.message,
        proposal.expires_at,
        proposal.staff.map(|s| s.0),
        proposal.created_at,
    )
    .execute(conn)
    .await
    .map_err(|error| match Error::from(error) {
        error if error.is_constraint("proposal_open") => Error::Refused("proposal_exists"),
        error => error,
    })?;
    Ok(())
}

/// Adds an offered time; what keeps it is added apart.
pub(crate) async fn insert_option(
    conn: &mut PgConnection,
    entity: EntityId,
    proposal: ProposalId,
    option: &ProposalOption,
) -> Result<()> {
    sqlx::query!(
        "insert into proposal_option (entity_id, proposal_option_id, proposal_id, site_id, counter_id, starts_at,
            ends_at, busy_until)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        entity.0,
        option.id.0,
        proposal.0,
        option.site.0,
        option.counter.0,
        option.starts_at,
        option.ends_at,
        option.busy_until,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Decides a proposal. What kept its times is freed apart.
pub(crate) async fn close_proposal(
    conn: &mut PgConnection,
    entity: EntityId,
    id: ProposalId,
    state: ProposalState,
    now: DateTime<Utc>,
) -> Result<()> {
    let result = sqlx::query!(
        "update proposal set state = $3, decided_at = $4
         where entity_id = $1 and proposal_id = $2 and state = 'open'",
        entity.0,
        id.0,
        state as ProposalState,
        now,
    )
    .execute(conn)
    .await?;
    expect_one(&result, "proposal")
}

/// The undecided proposals whose deadline has passed, at most so many, with the days of the times they offer.
pub(crate) async fn overdue_proposals(
    conn: &mut PgConnection,
    entity: EntityId,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<(Vec<ProposalId>, Vec<DayOf>)> {
    let rows = sqlx::query!(
        r#"select p.proposal_id as "id: ProposalId", o.site_id as "site: SiteId", o.starts_at
         from (select entity_id, proposal_id from proposal
            where entity_id = $1 and state = 'open' and expires_at <= $2 order by expires_at limit $3) p
         join proposal_option o on o.entity_id = p.entity_id and o.proposal_id = p.proposal_id"#,
        entity.0,
        now,
        limit,
    )
    .fetch_all(conn)
    .await?;
    let mut ids: Vec<ProposalId> = rows.iter().map(|row| row.id).collect();
    ids.sort();
    ids.dedup();
    Ok((ids, rows.into_iter().map(|row| DayOf { site: row.site, at: row.starts_at }).collect()))
}

/// Closes those whose deadline has passed; answers which, with their appointment and its site.
pub(crate) async fn expire_overdue_proposals(
    conn: &mut PgConnection,
    entity: EntityId,
    ids: &[ProposalId],
    now: DateTime<Utc>,
) -> Result<Vec<(ProposalId, AppointmentId, SiteId)>> {
    let ids: Vec<uuid::Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"update proposal p set state = 'expired', decided_at = $3 from appointment a
         where p.entity_id = $1 and p.proposal_id = any($2) and p.state = 'open' and p.expires_at <= $3
           and a.entity_id = p.entity_id and a.appointment_id = p.appointment_id
         returning p.proposal_id as "id: ProposalId", a.appointment_id as "appointment: AppointmentId",
            a.site_id as "site: SiteId""#,
        entity.0,
        &ids,
        now,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.appointment, row.site)).collect())
}
