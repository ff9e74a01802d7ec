//! From a free time to an appointment that stands.
//!
//! Each is one step of the caller's transaction; after an error the transaction must be dropped.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

use super::appointment::{Appointment, Channel, Details, NewAppointment, NewHold, Outcome, State};
use super::free_times::Audience;
use super::store::{self, DayOf};
use super::taking::{self, Wanted};
use crate::error::{Error, Result};
use crate::ids::{AppointmentId, EntityId};

/// A hold whose deadline passed while its pages were filled is kept so much longer, if its time is still free: enough
/// to read the summary and confirm it.
const GRACE: TimeDelta = TimeDelta::minutes(5);

/// Keeps a time while the pages are filled. A browser holds one time per service: choosing another moves the hold,
/// with what was filled already; choosing the same one again answers the same hold.
///
/// # Errors
/// `Taken` where the time is not offered; `NotFound("site")`; `Refused("busy")`.
pub async fn hold(
    conn: &mut PgConnection,
    entity: EntityId,
    new: &NewHold,
    hold_minutes: i64,
    now: DateTime<Utc>,
) -> Result<Appointment> {
    store::lock_session(conn, entity, new.service, new.session).await?;
    let asked = DayOf { site: new.site, at: new.start };
    let (former, date) = match store::live_of_session(conn, entity, new.session, new.service).await? {
        Some(former) => {
            let (former, dates) = taking::lock(conn, entity, former.id, &[asked], now).await?;
            (Some(former).filter(|f| f.state == State::Held), dates[0])
        }
        None => (None, store::lock_days(conn, entity, &[asked], now).await?[0]),
    };
    if let Some(former) = &former
        && former.stands(now)
        && (former.site, former.starts_at) == (new.site, new.start)
    {
        return Ok(former.clone());
    }
    let wanted = Wanted {
        service: new.service,
        site: new.site,
        start: new.start,
        date,
        audience: Audience::Citizen,
        preferred: None,
        moving: former.as_ref().map(|f| f.id),
    };
    let taker = taking::choose_counter(conn, entity, &wanted, now).await?;
    let expires_at = Some(now + TimeDelta::minutes(hold_minutes));
    let Some(former) = former else {
        let mut a = taking::blank(&wanted, &taker, State::Held, now);
        a.expires_at = expires_at;
        a.session = Some(new.session);
        a.language.clone_from(&new.language);
        return taking::insert(conn, entity, a).await;
    };
    let to = store::Move { site: new.site, taker: &taker, told: false };
    store::put_time(conn, entity, former.id, &to, expires_at).await?;
    store::put_outcome(conn, entity, former.id, State::Held, expires_at).await?;
    store::appointment(conn, entity, former.id).await
}

/// Puts what the citizen filled on a held time. May be repeated until it is settled.
///
/// # Errors
/// `Refused("hold_expired")` where the deadline passed and the time is another's by now;
/// `Refused("not_in_this_state")`; `Refused("too_many_appointments")`.
pub async fn fill(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
    details: &Details,
    now: DateTime<Utc>,
) -> Result<()> {
    let (a, _) = taking::lock(conn, entity, id, &[], now).await?;
    if !matches!(a.state, State::Held | State::Expired) {
        return Err(Error::Refused("not_in_this_state"));
    }
    let limit = (details.per_citizen_max, now);
    taking::within_limit(conn, entity, a.service, &details.holder, Some(id), limit).await?;
    if !a.stands(now) {
        let until = Some(now + GRACE);
        taking::retake(conn, entity, &a, until, now).await.map_err(hold_expired)?;
        store::put_outcome(conn, entity, id, State::Held, until).await?;
    }
    store::put_details(conn, entity, id, details).await
}

/// Books a time directly: another program of the entity, or an operator.
///
/// # Errors
/// `Taken` where the time is not offered; `Refused("too_many_appointments")`; `NotFound("site")`; `Refused("busy")`.
pub async fn place(
    conn: &mut PgConnection,
    entity: EntityId,
    new: &NewAppointment,
    outcome: Outcome,
    now: DateTime<Utc>,
) -> Result<Appointment> {
    let asked = DayOf { site: new.site, at: new.start };
    let date = store::lock_days(conn, entity, &[asked], now).await?[0];
    let wanted = Wanted {
        service: new.service,
        site: new.site,
        start: new.start,
        date,
        audience: if new.channel == Channel::Desk { Audience::Operator } else { Audience::Citizen },
        preferred: None,
        moving: None,
    };
    let taker = taking::choose_counter(conn, entity, &wanted, now).await?;
    let limit = (new.per_citizen_max, now);
    taking::within_limit(conn, entity, new.service, &new.holder, None, limit).await?;
    let a = Appointment {
        expires_at: outcome.deadline(),
        holder: new.holder.clone(),
        language: new.language.clone(),
        reason: new.reason.clone(),
        details: new.details.clone(),
        form: new.form,
        answers: new.answers.clone(),
        channel: new.channel,
        ..taking::blank(&wanted, &taker, outcome.state(), now)
    };
    taking::insert(conn, entity, a).await
}

/// Settles a held time. One that is settled already is answered as it stands.
///
/// # Errors
/// `Refused("hold_expired")` where the deadline passed and the time is another's by now;
/// `Refused("details_missing")` before [`fill`]; `Refused("not_in_this_state")`.
pub async fn settle(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
    outcome: Outcome,
    now: DateTime<Utc>,
) -> Result<Appointment> {
    let (a, _) = taking::lock(conn, entity, id, &[], now).await?;
    match a.state {
        State::Held | State::Expired => {}
        State::Cancelled | State::NoShow => return Err(Error::Refused("not_in_this_state")),
        _ => return Ok(a),
    }
    if a.holder.family_name.is_empty() {
        return Err(Error::Refused("details_missing"));
    }
    if !a.stands(now) || !store::keep_until(conn, entity, id, outcome.deadline()).await? {
        taking::retake(conn, entity, &a, outcome.deadline(), now).await.map_err(hold_expired)?;
    }
    store::put_outcome(conn, entity, id, outcome.state(), outcome.deadline()).await?;
    store::appointment(conn, entity, id).await
}

fn hold_expired(error: Error) -> Error {
    match error {
        Error::Taken => Error::Refused("hold_expired"),
        error => error,
    }
}
