//! Who has a counter when: locks, and what takes and frees time.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::super::free_times::Taker;
use crate::error::{Error, Result, expect_one};
use crate::ids::{AppointmentId, CounterId, EntityId, OccupationId, ProposalId, ProposalOptionId, SiteId};

/// A site's day, named by an instant in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DayOf {
    /// Where.
    pub site: SiteId,
    /// An instant of that local day.
    pub at: DateTime<Utc>,
}

/// Locks the local days of these sites until the transaction ends, always in the same order, and frees what has
/// expired on them. Answers the local day of each, in the order given.
///
/// Everybody who takes time locks first: so the counter is chosen among those that are really free, and two bookers of
/// a site wait for one another for milliseconds instead of failing.
///
/// # Errors
/// `NotFound("site")`; `Refused("busy")` where a lock was not had within ten seconds.
pub(crate) async fn lock_days(
    conn: &mut PgConnection,
    entity: EntityId,
    days: &[DayOf],
    now: DateTime<Utc>,
) -> Result<Vec<NaiveDate>> {
    let sites: Vec<Uuid> = days.iter().map(|day| day.site.0).collect();
    let instants: Vec<DateTime<Utc>> = days.iter().map(|day| day.at).collect();
    // The inner query is sorted before the outer one calls the lock, row by row.
    let mut locked = sqlx::query!(
        r#"select t.ordinal as "ordinal!", t.date as "date!", set_config('lock_timeout', '10s', true),
            pg_advisory_xact_lock(t.key)
         from (select w.ordinal, (w.at at time zone s.time_zone)::date as date,
                hashtextextended(concat_ws('/', s.entity_id, s.site_id, (w.at at time zone s.time_zone)::date), 0) as key
            from unnest($2::uuid[], $3::timestamptz[]) with ordinality as w(site_id, at, ordinal)
            join site s on s.entity_id = $1 and s.site_id = w.site_id
            order by key) t"#,
        entity.0,
        &sites,
        &instants,
    )
    .fetch_all(&mut *conn)
    .await?;
    if locked.len() != days.len() {
        return Err(Error::NotFound("site"));
    }
    locked.sort_by_key(|row| row.ordinal);
    let dates: Vec<NaiveDate> = locked.into_iter().map(|row| row.date).collect();
    sqlx::query!(
        "delete from occupation o using counter c, site s
         where o.entity_id = $1 and o.expires_at <= $2
           and c.entity_id = o.entity_id and c.counter_id = o.counter_id
           and s.entity_id = c.entity_id and s.site_id = c.site_id
           and (s.site_id, (o.starts_at at time zone s.time_zone)::date)
             in (select * from unnest($3::uuid[], $4::date[]))",
        entity.0,
        now,
        &sites,
        &dates,
    )
    .execute(conn)
    .await?;
    Ok(dates)
}

/// The days on which something has expired, at most so many.
pub(crate) async fn overdue_days(
    conn: &mut PgConnection,
    entity: EntityId,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<DayOf>> {
    Ok(sqlx::query_as!(
        DayOf,
        r#"select c.site_id as "site: SiteId", o.starts_at as "at!" from occupation o
         join counter c on c.entity_id = o.entity_id and c.counter_id = o.counter_id
         where o.entity_id = $1 and o.expires_at <= $2 order by o.expires_at limit $3"#,
        entity.0,
        now,
        limit,
    )
    .fetch_all(conn)
    .await?)
}

/// Takes a time for an appointment, instead of the one it has, if it has one: never both, never neither.
///
/// # Errors
/// `Taken` where the constraint `one_citizen_at_a_time` refuses.
pub(crate) async fn seat(
    conn: &mut PgConnection,
    entity: EntityId,
    appointment: AppointmentId,
    taker: &Taker,
    expires_at: Option<DateTime<Utc>>,
) -> Result<()> {
    let result = sqlx::query!(
        "insert into occupation (entity_id, occupation_id, counter_id, during, kind, appointment_id, expires_at)
         values ($1, $2, $3, tstzrange($4, $5), 'appointment', $6, $7)
         on conflict (entity_id, appointment_id) where appointment_id is not null
         do update set counter_id = excluded.counter_id, during = excluded.during, expires_at = excluded.expires_at",
        entity.0,
        OccupationId::new().0,
        taker.counter.0,
        taker.start,
        taker.busy_until,
        appointment.0,
        expires_at,
    )
    .execute(conn)
    .await
    .map_err(refused)?;
    expect_one(&result, "occupation")
}

/// Changes until when an appointment keeps the time it has. `false` where it has none any more: somebody with a later
/// clock found its deadline passed.
pub(crate) async fn keep_until(
    conn: &mut PgConnection,
    entity: EntityId,
    appointment: AppointmentId,
    expires_at: Option<DateTime<Utc>>,
) -> Result<bool> {
    let result = sqlx::query!(
        "update occupation set expires_at = $3 where entity_id = $1 and appointment_id = $2",
        entity.0,
        appointment.0,
        expires_at,
    )
    .execute(conn)
    .await?;
    Ok(result.rows_affected() == 1)
}

/// Frees the time of an appointment, if it has one.
pub(crate) async fn free(
    conn: &mut PgConnection,
    entity: EntityId,
    appointment: AppointmentId,
) -> Result<()> {
    sqlx::query!(
        "delete from occupation where entity_id = $1 and appointment_id = $2",
        entity.0,
        appointment.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Keeps a freed interval closed for as long as the counter's calendar says, if it says so.
pub(crate) async fn cool(
    conn: &mut PgConnection,
    entity: EntityId,
    counter: CounterId,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "insert into occupation (entity_id, occupation_id, counter_id, during, kind, expires_at)
         select c.entity_id, $2, c.counter_id, tstzrange($4, $5), 'cooling',
            $6::timestamptz + make_interval(mins => k.cooling_minutes)
         from counter c join calendar k on k.entity_id = c.entity_id and k.calendar_id = c.calendar_id
         where c.entity_id = $1 and c.counter_id = $3 and k.cooling_minutes > 0",
        entity.0,
        OccupationId::new().0,
        counter.0,
        from,
        to,
        now,
    )
    .execute(conn)
    .await
    .map_err(refused)?;
    Ok(())
}

/// Keeps an offered time until the proposal's deadline.
///
/// # Errors
/// `Taken` where the constraint `one_citizen_at_a_time` refuses.
pub(crate) async fn offer(
    conn: &mut PgConnection,
    entity: EntityId,
    option: ProposalOptionId,
    taker: &Taker,
    expires_at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "insert into occupation (entity_id, occupation_id, counter_id, during, kind, proposal_option_id, expires_at)
         values ($1, $2, $3, tstzrange($4, $5), 'proposal', $6, $7)",
        entity.0,
        OccupationId::new().0,
        taker.counter.0,
        taker.start,
        taker.busy_until,
        option.0,
        expires_at,
    )
    .execute(conn)
    .await
    .map_err(refused)?;
    Ok(())
}

/// Turns an offered time into the appointment's own, whose former one must be free already. `false` where it is kept no
/// longer: somebody with a later clock found the proposal's deadline passed.
pub(crate) async fn take_option(
    conn: &mut PgConnection,
    entity: EntityId,
    option: ProposalOptionId,
    appointment: AppointmentId,
    expires_at: Option<DateTime<Utc>>,
) -> Result<bool> {
    let result = sqlx::query!(
        "update occupation set kind = 'appointment', appointment_id = $3, proposal_option_id = null, expires_at = $4
         where entity_id = $1 and proposal_option_id = $2",
        entity.0,
        option.0,
        appointment.0,
        expires_at,
    )
    .execute(conn)
    .await
    .map_err(refused)?;
    Ok(result.rows_affected() == 1)
}

/// Keeps another counter for an offered time.
///
/// # Errors
/// `Taken` where the constraint `one_citizen_at_a_time` refuses.
pub(crate) async fn reseat_option(
    conn: &mut PgConnection,
    entity: EntityId,
    option: ProposalOptionId,
    taker: &Taker,
) -> Result<()> {
    let result = sqlx::query!(
        "with seated as (update occupation set counter_id = $3, during = tstzrange($4, $5)
            where entity_id = $1 and proposal_option_id = $2)
         update proposal_option set counter_id = $3, busy_until = $5
         where entity_id = $1 and proposal_option_id = $2",
        entity.0,
        option.0,
        taker.counter.0,
        taker.start,
        taker.busy_until,
    )
    .execute(conn)
    .await
    .map_err(refused)?;
    expect_one(&result, "proposal_option")
}

/// Offers a time no more, and frees it.
pub(crate) async fn drop_option(
    conn: &mut PgConnection,
    entity: EntityId,
    option: ProposalOptionId,
) -> Result<()> {
    let result = sqlx::query!(
        "with freed as (delete from occupation where entity_id = $1 and proposal_option_id = $2)
         delete from proposal_option where entity_id = $1 and proposal_option_id = $2",
        entity.0,
        option.0,
    )
    .execute(conn)
    .await?;
    expect_one(&result, "proposal_option")
}

/// Frees the offered times of a proposal.
pub(crate) async fn free_options(
    conn: &mut PgConnection,
    entity: EntityId,
    proposal: ProposalId,
) -> Result<()> {
    sqlx::query!(
        "delete from occupation o using proposal_option p
         where o.entity_id = $1 and p.entity_id = o.entity_id and p.proposal_option_id = o.proposal_option_id
           and p.proposal_id = $2",
        entity.0,
        proposal.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What the database's refusal means: the time is another's.
fn refused(error: sqlx::Error) -> Error {
    match Error::from(error) {
        error if error.is_constraint("one_citizen_at_a_time") => Error::Taken,
        error => error,
    }
}
