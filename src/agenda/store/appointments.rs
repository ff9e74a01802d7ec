//! Appointments: what is asked of them.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde_json::Value;
use sqlx::PgConnection;

use super::super::appointment::{Appointment, Channel, Holder, State};
use super::super::zone;
use super::occupations::DayOf;
use crate::error::{Error, Result};
use crate::ids::{AppointmentId, CounterId, EntityId, FormId, ServiceId, SessionId, SiteId};

struct Row {
    id: AppointmentId,
    code: String,
    service: ServiceId,
    site: SiteId,
    counter: CounterId,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    busy_until: DateTime<Utc>,
    state: State,
    expires_at: Option<DateTime<Utc>>,
    session: Option<SessionId>,
    holder_given_name: String,
    holder_family_name: String,
    holder_fiscal_code: Option<String>,
    holder_email: String,
    holder_phone: String,
    holder_verified: bool,
    language: String,
    reason: String,
    details: String,
    form: Option<FormId>,
    answers: Value,
    channel: Channel,
    sequence: i32,
    notes: String,
    serving_counter: Option<CounterId>,
    arrived_at: Option<DateTime<Utc>>,
    called_at: Option<DateTime<Utc>>,
    closed_at: Option<DateTime<Utc>>,
    cancel_reason: String,
    created_at: DateTime<Utc>,
}

impl From<Row> for Appointment {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            code: row.code,
            service: row.service,
            site: row.site,
            counter: row.counter,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            busy_until: row.busy_until,
            state: row.state,
            expires_at: row.expires_at,
            session: row.session,
            holder: Holder {
                given_name: row.holder_given_name,
                family_name: row.holder_family_name,
                fiscal_code: row.holder_fiscal_code,
                email: row.holder_email,
                phone: row.holder_phone,
                verified: row.holder_verified,
            },
            language: row.language,
            reason: row.reason,
            details: row.details,
            form: row.form,
            answers: row.answers,
            channel: row.channel,
            sequence: row.sequence,
            notes: row.notes,
            serving_counter: row.serving_counter,
            arrived_at: row.arrived_at,
            called_at: row.called_at,
            closed_at: row.closed_at,
            cancel_reason: row.cancel_reason,
            created_at: row.created_at,
        }
    }
}

macro_rules! appointment_query {
    ($condition:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            Row,
            r#"select appointment_id as "id: AppointmentId", code, service_id as "service: ServiceId",
                site_id as "site: SiteId", counter_id as "counter: CounterId", starts_at, ends_at, busy_until,
                state as "state: State", expires_at, session_id as "session: SessionId", holder_given_name,
                holder_family_name, holder_fiscal_code, holder_email, holder_phone, holder_verified, language, reason,
                details, form_id as "form: FormId", answers, channel as "channel: Channel", sequence, notes,
                serving_counter_id as "serving_counter: CounterId", arrived_at, called_at, closed_at, cancel_reason,
                created_at
             from appointment where entity_id = $1 and "# + $condition,
            $($argument),*
        )
    };
}

fn all(rows: Vec<Row>) -> Vec<Appointment> {
    rows.into_iter().map(Appointment::from).collect()
}

/// One appointment.
pub async fn appointment(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
) -> Result<Appointment> {
    let row = appointment_query!("appointment_id = $2", entity.0, id.0).fetch_optional(conn).await?;
    Ok(row.ok_or(Error::NotFound("appointment"))?.into())
}

/// One appointment, kept from changing until the transaction ends.
pub(crate) async fn lock_appointment(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
) -> Result<Appointment> {
    // Not FOR UPDATE: rows that refer to it may be added meanwhile.
    let row = appointment_query!("appointment_id = $2 for no key update", entity.0, id.0)
        .fetch_optional(conn)
        .await?;
    Ok(row.ok_or(Error::NotFound("appointment"))?.into())
}

/// An appointment by its code, as a person types it: lower case and spaces do not matter.
pub async fn appointment_by_code(
    conn: &mut PgConnection,
    entity: EntityId,
    code: &str,
) -> Result<Appointment> {
    let code: String = code.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    let row = appointment_query!("code = upper($2)", entity.0, code).fetch_optional(conn).await?;
    Ok(row.ok_or(Error::NotFound("appointment"))?.into())
}

/// Several appointments by their codes, as the service writes them, by start.
pub async fn appointments_by_code(
    conn: &mut PgConnection,
    entity: EntityId,
    codes: &[String],
) -> Result<Vec<Appointment>> {
    Ok(all(appointment_query!("code = any($2) order by starts_at, code", entity.0, codes)
        .fetch_all(conn)
        .await?))
}

/// Several appointments, in no order.
pub async fn appointments(
    conn: &mut PgConnection,
    entity: EntityId,
    ids: &[AppointmentId],
) -> Result<Vec<Appointment>> {
    let ids: Vec<uuid::Uuid> = ids.iter().map(|id| id.0).collect();
    Ok(all(appointment_query!("appointment_id = any($2)", entity.0, &ids).fetch_all(conn).await?))
}

/// Everything a citizen booked, newest first; times that were only held are not there.
pub async fn of_citizen(
    conn: &mut PgConnection,
    entity: EntityId,
    fiscal_code: &str,
) -> Result<Vec<Appointment>> {
    Ok(all(appointment_query!(
        "holder_fiscal_code = $2 and state <> 'held' order by starts_at desc limit 500",
        entity.0,
        fiscal_code
    )
    .fetch_all(conn)
    .await?))
}

/// Everything booked at a site on a local day, by start; times that were only held, or have expired, are not there.
pub async fn of_day(
    conn: &mut PgConnection,
    entity: EntityId,
    site: SiteId,
    date: NaiveDate,
    zone: Tz,
) -> Result<Vec<Appointment>> {
    let (from, to) = zone::bounds(date, zone);
    Ok(all(appointment_query!(
        "site_id = $2 and starts_at >= $3 and starts_at < $4 and state not in ('held', 'expired')
         order by starts_at, code",
        entity.0,
        site.0,
        from,
        to
    )
    .fetch_all(conn)
    .await?))
}

/// The time a browser holds for a service, also one whose deadline has passed.
pub(crate) async fn live_of_session(
    conn: &mut PgConnection,
    entity: EntityId,
    session: SessionId,
    service: ServiceId,
) -> Result<Option<Appointment>> {
    let row = appointment_query!(
        "session_id = $2 and service_id = $3 and state = 'held'",
        entity.0,
        session.0,
        service.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(Appointment::from))
}

/// The appointments that a closure of a counter touches.
pub(crate) async fn live_of_counter(
    conn: &mut PgConnection,
    entity: EntityId,
    counter: CounterId,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<Appointment>> {
    Ok(all(appointment_query!(
        "counter_id = $2 and starts_at < $4 and ends_at > $3
         and state in ('held', 'awaiting_payment', 'confirmed', 'arrived')
         order by starts_at for no key update",
        entity.0,
        counter.0,
        from,
        to
    )
    .fetch_all(conn)
    .await?))
}

/// Whether a site or a counter expects anybody in the future, or has been offered to somebody.
pub(crate) async fn expects_somebody(
    conn: &mut PgConnection,
    entity: EntityId,
    site: Option<SiteId>,
    counter: Option<CounterId>,
    now: DateTime<Utc>,
) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists(select from appointment
            where entity_id = $1 and (site_id = $2 or counter_id = $3) and ends_at > $4
              and state in ('held', 'awaiting_payment', 'confirmed', 'arrived', 'called')
              and coalesce(expires_at > $4, true))
         or exists(select from proposal p
            join proposal_option o on o.entity_id = p.entity_id and o.proposal_id = p.proposal_id
            where p.entity_id = $1 and p.state = 'open' and p.expires_at > $4
              and (o.site_id = $2 or o.counter_id = $3) and o.ends_at > $4) as "expects!""#,
        entity.0,
        site.map(|s| s.0),
        counter.map(|c| c.0),
        now,
    )
    .fetch_one(conn)
    .await?)
}

/// How many appointments of a citizen for a service stand in the future, besides this one. A guest is told by e-mail.
pub(crate) async fn live_of_citizen(
    conn: &mut PgConnection,
    entity: EntityId,
    service: ServiceId,
    holder: &Holder,
    besides: Option<AppointmentId>,
    now: DateTime<Utc>,
) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "count!" from appointment
         where entity_id = $1 and service_id = $2 and starts_at > $5
           and (holder_fiscal_code = $3 or $3 is null and lower(holder_email) = lower($4))
           and state in ('held', 'awaiting_payment', 'confirmed', 'arrived', 'called')
           and coalesce(expires_at > $5, true)
           and appointment_id is distinct from $6"#,
        entity.0,
        service.0,
        holder.fiscal_code,
        holder.email,
        now,
        besides.map(|id| id.0),
    )
    .fetch_one(conn)
    .await?)
}

/// Holds back other bookings of the same citizen for the same service until the transaction ends.
pub(crate) async fn lock_citizen(
    conn: &mut PgConnection,
    entity: EntityId,
    service: ServiceId,
    holder: &Holder,
) -> Result<()> {
    let who = holder.fiscal_code.clone().unwrap_or_else(|| holder.email.to_lowercase());
    lock_name(conn, &format!("{entity}/citizen/{service}/{who}")).await
}

/// Holds back other holds of the same browser for the same service until the transaction ends.
pub(crate) async fn lock_session(
    conn: &mut PgConnection,
    entity: EntityId,
    service: ServiceId,
    session: SessionId,
) -> Result<()> {
    lock_name(conn, &format!("{entity}/hold/{service}/{session}")).await
}

async fn lock_name(conn: &mut PgConnection, name: &str) -> Result<()> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 0))", name).fetch_one(conn).await?;
    Ok(())
}

/// The appointments whose deadline has passed, at most so many, with their days.
pub(crate) async fn overdue_appointments(
    conn: &mut PgConnection,
    entity: EntityId,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(AppointmentId, DayOf)>> {
    let rows = sqlx::query!(
        r#"select appointment_id as "id: AppointmentId", site_id as "site: SiteId", starts_at from appointment
         where entity_id = $1 and expires_at <= $2 order by expires_at limit $3"#,
        entity.0,
        now,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, DayOf { site: row.site, at: row.starts_at })).collect())
}
