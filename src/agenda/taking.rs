//! How a time is taken: the site's day is locked, then a counter is chosen among those that are free, then it is
//! occupied; the database's exclusion constraint is the second wall.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

use super::appointment::{Appointment, Holder, State};
use super::free_times::{Audience, Taker, choose, takers};
use super::intervals::{Span, subtract};
use super::store::{self, Asked, DayOf};
use super::zone;
use crate::desk::ProposalOption;
use crate::error::{Error, Result};
use crate::ids::{AppointmentId, CounterId, EntityId, ServiceId, SiteId};
use crate::secrets;

/// A time somebody wants, on a day that is locked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    pub service: ServiceId,
    pub site: SiteId,
    pub start: DateTime<Utc>,
    /// The site's local day of `start`, as [`store::lock_days`] answered.
    pub date: NaiveDate,
    pub audience: Audience,
    /// This counter rather than another.
    pub preferred: Option<CounterId>,
    /// An appointment that is being moved: its own time counts as free.
    pub moving: Option<AppointmentId>,
}

/// Chooses the counter for a time: the least loaded of those that are free.
///
/// # Errors
/// `Taken` where none is, which is exactly where the time is not offered.
pub(crate) async fn choose_counter(
    conn: &mut PgConnection,
    entity: EntityId,
    wanted: &Wanted,
    now: DateTime<Utc>,
) -> Result<Taker> {
    let asked = Asked {
        service: wanted.service,
        site: Some(wanted.site),
        from: wanted.date,
        to: wanted.date,
        ignoring: wanted.moving,
    };
    let snapshot = store::snapshot(conn, entity, &asked, now).await?;
    let free = takers(&snapshot, wanted.site, wanted.start, wanted.audience, now);
    choose(&free, wanted.preferred).ok_or(Error::Taken)
}

/// Locks the days of an appointment, of the times that are offered for it and of others, then the appointment itself.
/// Answers it, with the local day of each of the other times.
pub(crate) async fn lock(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
    others: &[DayOf],
    now: DateTime<Utc>,
) -> Result<(Appointment, Vec<NaiveDate>)> {
    // Its day is known only from its row, which may change until the day is locked.
    const TRIES: usize = 3;
    for _ in 0..TRIES {
        let mut days = others.to_vec();
        days.extend(store::days_of(conn, entity, id).await?);
        let mut dates = store::lock_days(conn, entity, &days, now).await?;
        dates.truncate(others.len());
        let locked = store::lock_appointment(conn, entity, id).await?;
        if days.contains(&DayOf { site: locked.site, at: locked.starts_at }) {
            return Ok((locked, dates));
        }
    }
    Err(Error::Refused("busy"))
}

/// Takes the time of an appointment again, whose deadline had passed: at its counter, or at another of the site. Its day
/// is locked.
///
/// # Errors
/// `Taken` where nobody is free then, or the time is past.
pub(super) async fn retake(
    conn: &mut PgConnection,
    entity: EntityId,
    a: &Appointment,
    expires_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<()> {
    let zone = store::site(conn, entity, a.site).await?.zone;
    let wanted = Wanted {
        service: a.service,
        site: a.site,
        start: a.starts_at,
        date: zone::day_of(a.starts_at, zone),
        // It was in the horizon when it was taken, and the lead time was kept then.
        audience: Audience::Operator,
        preferred: Some(a.counter),
        moving: Some(a.id),
    };
    let taker = choose_counter(conn, entity, &wanted, now).await?;
    let to = store::Move { site: a.site, taker: &taker, told: false };
    store::put_time(conn, entity, a.id, &to, expires_at).await
}

/// Keeps closed, for as long as the calendar says, what an appointment gave back of its time: all of it, or what the
/// new time on the same counter leaves of it.
pub(super) async fn cool_down(
    conn: &mut PgConnection,
    entity: EntityId,
    former: &Appointment,
    taken: Option<&Taker>,
    now: DateTime<Utc>,
) -> Result<()> {
    if former.starts_at <= now {
        return Ok(());
    }
    let kept = taken.filter(|t| t.counter == former.counter).map(|t| Span::between(t.start, t.busy_until));
    let given_back = [Span::between(former.starts_at, former.busy_until)];
    for interval in subtract(&given_back, kept.as_slice()).into_iter().filter_map(Span::instants) {
        store::cool(conn, entity, former.counter, interval, now).await?;
    }
    Ok(())
}

/// Refuses a citizen who has too many appointments for a service already, and holds back simultaneous bookings of
/// the same citizen. A guest is known by e-mail; of somebody without either nothing is known.
///
/// # Errors
/// `Refused("too_many_appointments")`.
pub(super) async fn within_limit(
    conn: &mut PgConnection,
    entity: EntityId,
    service: ServiceId,
    holder: &Holder,
    besides: Option<AppointmentId>,
    (max, now): (Option<i64>, DateTime<Utc>),
) -> Result<()> {
    let Some(max) = max else { return Ok(()) };
    if holder.fiscal_code.is_none() && holder.email.is_empty() {
        return Ok(());
    }
    store::lock_citizen(conn, entity, service, holder).await?;
    let others = store::live_of_citizen(conn, entity, service, holder, besides, now).await?;
    if others >= max { Err(Error::Refused("too_many_appointments")) } else { Ok(()) }
}

/// Inserts an appointment under a code nobody has, and occupies its time.
pub(super) async fn insert(
    conn: &mut PgConnection,
    entity: EntityId,
    mut a: Appointment,
) -> Result<Appointment> {
    // A million appointments leave a chance of one in a million that a code is another's.
    const TRIES: usize = 5;
    let taker =
        Taker { counter: a.counter, start: a.starts_at, end: a.ends_at, busy_until: a.busy_until, load: 0 };
    for _ in 0..TRIES {
        a.code = code_of(secrets::random());
        if store::new_appointment(conn, entity, &a).await? {
            store::seat(conn, entity, a.id, &taker, a.expires_at).await?;
            return Ok(a);
        }
    }
    Err(Error::Inconsistent("appointment.code: no free code".into()))
}

/// A new appointment at a chosen counter, still without a code and without a holder.
pub(super) fn blank(wanted: &Wanted, taker: &Taker, state: State, now: DateTime<Utc>) -> Appointment {
    Appointment {
        id: AppointmentId::new(),
        code: String::new(),
        service: wanted.service,
        site: wanted.site,
        counter: taker.counter,
        starts_at: taker.start,
        ends_at: taker.end,
        busy_until: taker.busy_until,
        state,
        expires_at: None,
        session: None,
        holder: Holder::default(),
        language: "it".to_owned(),
        reason: String::new(),
        details: String::new(),
        form: None,
        answers: serde_json::Value::Object(serde_json::Map::new()),
        channel: super::appointment::Channel::Web,
        sequence: 0,
        notes: String::new(),
        serving_counter: None,
        arrived_at: None,
        called_at: None,
        closed_at: None,
        cancel_reason: String::new(),
        created_at: now,
    }
}

/// The counter and interval of an offered time.
pub(crate) fn taker_of(option: &ProposalOption) -> Taker {
    Taker {
        counter: option.counter,
        start: option.starts_at,
        end: option.ends_at,
        busy_until: option.busy_until,
        load: 0,
    }
}

/// Forty random bits in Crockford's alphabet: no letter that looks like another or like a digit.
fn code_of(random: [u8; 5]) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let bits = random.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    (0..8).rev().map(|place| char::from(ALPHABET[(bits >> (place * 5) & 31) as usize])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_written_in_crockfords_alphabet() {
        assert_eq!(code_of([0; 5]), "00000000");
        assert_eq!(code_of([255; 5]), "ZZZZZZZZ");
        assert_eq!(code_of([0, 0, 0, 0, 33]), "00000011");
        assert_eq!(code_of([0b0000_1000, 0, 0, 0, 18]), "1000000J");
    }
}
