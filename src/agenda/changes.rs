//! What happens to an appointment later: its payment arrives, it moves, it is given back, its deadline passes.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

use super::appointment::{Appointment, PaymentEffect, State, Swept};
use super::free_times::{Audience, Taker};
use super::store::{self, DayOf};
use super::taking::{self, Wanted};
use crate::desk::{ProposalState, TaskKind};
use crate::error::{Error, Result};
use crate::ids::{AppointmentId, EntityId, SiteId};

/// What one sweep looks at, of each kind.
const SWEEP_MAX: i64 = 500;

/// The receipt of an appointment's payment is here. Never fails for what happened meanwhile: where the time is lost
/// an operator gets a task. May be repeated.
///
/// # Errors
/// `NotFound("appointment")`; `Refused("busy")`.
pub async fn payment_arrived(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
    now: DateTime<Utc>,
) -> Result<PaymentEffect> {
    let (a, _) = taking::lock(conn, entity, id, &[], now).await?;
    match a.state {
        State::Confirmed | State::Arrived | State::Called | State::Served | State::NoShow => {
            return Ok(PaymentEffect::AlreadyConfirmed);
        }
        State::Cancelled => {
            let kind = TaskKind::PaidAfterCancellation;
            store::add_task(conn, entity, kind, (id, a.site), now).await?;
            return Ok(PaymentEffect::AfterCancellation);
        }
        State::Held | State::AwaitingPayment | State::Expired => {}
    }
    if a.stands(now) && store::keep_until(conn, entity, id, None).await? {
        store::put_outcome(conn, entity, id, State::Confirmed, None).await?;
        return Ok(PaymentEffect::Confirmed);
    }
    match taking::retake(conn, entity, &a, None, now).await {
        Ok(()) => {
            store::put_outcome(conn, entity, id, State::Confirmed, None).await?;
            Ok(PaymentEffect::Revived)
        }
        Err(Error::Taken) => {
            store::add_task(conn, entity, TaskKind::PaidWithoutTime, (id, a.site), now).await?;
            Ok(PaymentEffect::TimeLost)
        }
        Err(error) => Err(error),
    }
}

/// The receipt is here of a payment that is not owed any more, because the appointment has moved to another price. It
/// stays as it is, and an operator gets a task. May be repeated.
///
/// # Errors
/// `NotFound("appointment")`.
pub async fn payment_not_due(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
    now: DateTime<Utc>,
) -> Result<PaymentEffect> {
    let site = store::appointment(conn, entity, id).await?.site;
    store::add_task(conn, entity, TaskKind::PaidNotDue, (id, site), now).await?;
    Ok(PaymentEffect::NotDue)
}

/// Moves an appointment: the new time is taken, the old one freed, in one stroke. The time it has already is no
/// change. A proposal that waits for an answer is withdrawn. Operators are not bound by lead time and horizon.
///
/// # Errors
/// `Taken` where the time is not offered; `Refused("not_in_this_state")`; `NotFound`; `Refused("busy")`.
pub async fn reschedule(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
    (site, start): (SiteId, DateTime<Utc>),
    audience: Audience,
    now: DateTime<Utc>,
) -> Result<(Appointment, Appointment)> {
    let (before, dates) = taking::lock(conn, entity, id, &[DayOf { site, at: start }], now).await?;
    if !matches!(before.state, State::Confirmed | State::AwaitingPayment) || !before.stands(now) {
        return Err(Error::Refused("not_in_this_state"));
    }
    if (before.site, before.starts_at) == (site, start) {
        return Ok((before.clone(), before));
    }
    withdraw_proposal(conn, entity, id, now).await?;
    let taker = take(conn, entity, &before, (site, start, dates[0]), audience, now).await?;
    taking::cool_down(conn, entity, &before, Some(&taker), now).await?;
    let after = store::appointment(conn, entity, id).await?;
    Ok((before, after))
}

/// Gives another time to an appointment that has none any more, because its deadline passed or it was cancelled. There is
/// nothing to free.
///
/// # Errors
/// As [`reschedule`].
pub(super) async fn give_time(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
    (site, start): (SiteId, DateTime<Utc>),
    audience: Audience,
    now: DateTime<Utc>,
) -> Result<(Appointment, Appointment)> {
    let (before, dates) = taking::lock(conn, entity, id, &[DayOf { site, at: start }], now).await?;
    if !matches!(before.state, State::Expired | State::Cancelled) {
        return Err(Error::Refused("not_in_this_state"));
    }
    take(conn, entity, &before, (site, start, dates[0]), audience, now).await?;
    store::put_outcome(conn, entity, id, State::Confirmed, None).await?;
    let after = store::appointment(conn, entity, id).await?;
    Ok((before, after))
}

/// Takes a time for an appointment, instead of the one it has, if it has one.
async fn take(
    conn: &mut PgConnection,
    entity: EntityId,
    a: &Appointment,
    (site, start, date): (SiteId, DateTime<Utc>, NaiveDate),
    audience: Audience,
    now: DateTime<Utc>,
) -> Result<Taker> {
    let service = a.service;
    let wanted = Wanted { service, site, start, date, audience, preferred: None, moving: Some(a.id) };
    let taker = taking::choose_counter(conn, entity, &wanted, now).await?;
    let to = store::Move { site, taker: &taker, told: true };
    store::put_time(conn, entity, a.id, &to, a.expires_at).await?;
    Ok(taker)
}

/// Gives an appointment back. One that was given back already is answered as it stands. A proposal that waits for an
/// answer is withdrawn.
///
/// # Errors
/// `Refused("not_in_this_state")` once the citizen was called, or it was closed otherwise.
pub async fn cancel(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<Appointment> {
    let (a, _) = taking::lock(conn, entity, id, &[], now).await?;
    match a.state {
        State::Cancelled => return Ok(a),
        State::Held | State::AwaitingPayment | State::Confirmed | State::Arrived => {}
        _ => return Err(Error::Refused("not_in_this_state")),
    }
    withdraw_proposal(conn, entity, id, now).await?;
    store::free(conn, entity, id).await?;
    // The time of one whose deadline passed may be another's by now; and of a hold nobody was told.
    if a.stands(now) && a.state != State::Held {
        taking::cool_down(conn, entity, &a, None, now).await?;
    }
    store::put_cancelled(conn, entity, id, reason, now).await?;
    store::appointment(conn, entity, id).await
}

/// Withdraws the proposal of an appointment that changes otherwise, where one still waits for an answer.
pub(crate) async fn withdraw_proposal(
    conn: &mut PgConnection,
    entity: EntityId,
    id: AppointmentId,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(seen) = store::open_proposal(conn, entity, id).await? else { return Ok(()) };
    // Its row comes before its times, as for everybody; and it may have been closed while we waited for it.
    let proposal = store::lock_proposal(conn, entity, seen.id).await?;
    if proposal.state == ProposalState::Open {
        store::free_options(conn, entity, proposal.id).await?;
        store::close_proposal(conn, entity, proposal.id, ProposalState::Withdrawn, now).await?;
    }
    Ok(())
}

/// Closes what was not confirmed or answered in time, and frees every time that is kept no longer. Answers what was
/// closed, each once in its life, so that the caller tells whom it concerns.
///
/// # Errors
/// `Refused("busy")`.
pub async fn sweep(conn: &mut PgConnection, entity: EntityId, now: DateTime<Utc>) -> Result<Vec<Swept>> {
    let appointments = store::overdue_appointments(conn, entity, now, SWEEP_MAX).await?;
    let (proposals, offered) = store::overdue_proposals(conn, entity, now, SWEEP_MAX).await?;
    let mut days: Vec<DayOf> = appointments.iter().map(|(_, day)| *day).collect();
    days.extend(offered);
    days.extend(store::overdue_days(conn, entity, now, SWEEP_MAX).await?);
    if days.is_empty() {
        return Ok(Vec::new());
    }
    store::lock_days(conn, entity, &days, now).await?;
    let ids: Vec<AppointmentId> = appointments.into_iter().map(|(id, _)| id).collect();
    let mut swept: Vec<Swept> =
        store::expire(conn, entity, &ids, now).await?.into_iter().map(Swept::Appointment).collect();
    for (proposal, appointment, site) in
        store::expire_overdue_proposals(conn, entity, &proposals, now).await?
    {
        store::add_task(conn, entity, TaskKind::ProposalExpired, (appointment, site), now).await?;
        swept.push(Swept::Proposal(proposal, appointment));
    }
    Ok(swept)
}
