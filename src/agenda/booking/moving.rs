//! Another time for an appointment: chosen, offered and accepted; and what it does to what is owed.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;

use super::{Appointment, Audience, Outcome, State, issue, outcome, quote_at, summary};
use crate::agenda::store::{self, DayOf};
use crate::agenda::{changes, may_citizen_change, taking};
use crate::audit::{self, Actor, Change};
use crate::desk::{self, NewProposal, Proposal, TaskKind};
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::ids::{AppointmentId, EntityId, ProposalId, ProposalOptionId, SiteId};
use crate::money::Cents;
use crate::notices::{self, Event};
use crate::payments::{self, DebtPosition};

/// Whether it is paid and has no time any more, so that another is given without paying again. Citizens choose one
/// themselves where theirs went to another while the payment was late; after a cancellation that is for the office to
/// decide.
#[must_use]
pub fn is_owed_a_time(
    appointment: &Appointment,
    position: Option<&DebtPosition>,
    audience: Audience,
) -> bool {
    let has_lost_it = match audience {
        Audience::Citizen => appointment.state == State::Expired,
        Audience::Operator => matches!(appointment.state, State::Expired | State::Cancelled),
    };
    has_lost_it && position.is_some_and(|position| position.state == payments::State::Paid)
}

/// Whether the citizen may choose another time: as long as it may be changed, or because it is paid and has none.
///
/// # Errors
/// Those of [`may_citizen_change`].
pub async fn may_citizen_move(
    conn: &mut PgConnection,
    entity: &Entity,
    appointment: &Appointment,
    now: DateTime<Utc>,
) -> Result<()> {
    let position = payments::of_appointment(conn, entity.id, appointment.id).await?.map(|view| view.position);
    if is_owed_a_time(appointment, position.as_ref(), Audience::Citizen) {
        return Ok(());
    }
    let service = store::service(conn, entity.id, appointment.service).await?;
    may_citizen_change(appointment, &service, now)
}

/// Moves an appointment, or gives another time to one that is paid and has none. Where another day has another price,
/// what is not paid yet is issued anew; what is paid citizens cannot move to another price, and where an operator does,
/// the difference becomes a task. Operators are not bound by the calendar's lead time and horizon.
///
/// # Errors
/// Those of [`reschedule`](crate::agenda::reschedule); `Refused("paid_at_another_price")`.
pub async fn move_to(
    conn: &mut PgConnection,
    entity: &Entity,
    id: AppointmentId,
    to: (SiteId, DateTime<Utc>),
    (actor, audience): (&Actor, Audience),
    now: DateTime<Utc>,
) -> Result<Appointment> {
    // A receipt takes the same lock: what is paid does not change until the end.
    let (seen, _) = taking::lock(conn, entity.id, id, &[DayOf { site: to.0, at: to.1 }], now).await?;
    let position = payments::of_appointment(conn, entity.id, id).await?.map(|view| view.position);
    let ((before, after), event) = if is_owed_a_time(&seen, position.as_ref(), audience) {
        let given = changes::give_time(conn, entity.id, id, to, audience, now).await?;
        for kind in [TaskKind::PaidWithoutTime, TaskKind::PaidAfterCancellation] {
            store::close_task(conn, entity.id, kind, id, now).await?;
        }
        (given, Event::Confirmed)
    } else {
        (changes::reschedule(conn, entity.id, id, to, audience, now).await?, Event::Moved)
    };
    if before == after {
        return Ok(after);
    }
    moved(conn, entity, (&before, after), event, (actor, audience), now).await
}

async fn moved(
    conn: &mut PgConnection,
    entity: &Entity,
    (before, after): (&Appointment, Appointment),
    event: Event,
    (actor, audience): (&Actor, Audience),
    now: DateTime<Utc>,
) -> Result<Appointment> {
    let after = reprice(conn, entity, (before, after), (actor, audience), now).await?;
    let id = after.id.to_string();
    let change =
        Change::of("appointment.moved", "appointment", &id).before(summary(before)).after(summary(&after));
    audit::record(conn, entity.id, now, actor, change).await?;
    notices::announce(conn, entity.id, after.id, event, &after.sequence.to_string(), now).await?;
    Ok(after)
}

/// Brings what is owed, and until when it is waited for, in line with the new time. Answers the appointment as it then
/// stands.
async fn reprice(
    conn: &mut PgConnection,
    entity: &Entity,
    (before, after): (&Appointment, Appointment),
    (actor, audience): (&Actor, Audience),
    now: DateTime<Utc>,
) -> Result<Appointment> {
    let position = payments::of_appointment(conn, entity.id, after.id).await?.map(|view| view.position);
    if let Some(paid) = position.as_ref().filter(|position| position.state == payments::State::Paid) {
        let price = price_then(conn, entity, paid, &after, (after.site, after.starts_at)).await?;
        if price == paid.amount {
            store::close_task(conn, entity.id, TaskKind::PaidAtAnotherPrice, after.id, now).await?;
        } else if price != price_then(conn, entity, paid, &after, (before.site, before.starts_at)).await? {
            differs(conn, entity, (&after, paid, price), (actor, audience), now).await?;
        }
        return Ok(after);
    }
    let quote = super::quote(conn, entity, &after, now).await?;
    let owed = position.filter(|position| position.state.is_open());
    if owed.is_some_and(|owed| owed.amount == quote.total()) {
        // As it was told, but never beyond the appointment itself.
        let kept =
            after.expires_at.map(|until| Outcome::AwaitingPayment { until: until.min(after.starts_at) });
        return put(conn, entity, after, kept.unwrap_or(Outcome::Confirmed)).await;
    }
    payments::cancel_of(conn, entity.id, after.id, now).await?;
    let outcome = outcome(&quote, after.starts_at, now);
    let after = put(conn, entity, after, outcome).await?;
    issue(conn, entity, &after, &quote, now).await?;
    Ok(after)
}

/// What a time costs by the tariff by which the appointment was paid.
async fn price_then(
    conn: &mut PgConnection,
    entity: &Entity,
    paid: &DebtPosition,
    appointment: &Appointment,
    at: (SiteId, DateTime<Utc>),
) -> Result<Cents> {
    Ok(quote_at(conn, entity, appointment, at, paid.created_at).await?.total())
}

/// A time of another price than what was paid: not for the citizen to take; taken by an operator, it is a task and stays
/// on record.
async fn differs(
    conn: &mut PgConnection,
    entity: &Entity,
    (appointment, paid, price): (&Appointment, &DebtPosition, Cents),
    (actor, audience): (&Actor, Audience),
    now: DateTime<Utc>,
) -> Result<()> {
    if audience == Audience::Citizen {
        return Err(Error::Refused("paid_at_another_price"));
    }
    let about = (appointment.id, appointment.site);
    store::add_task(conn, entity.id, TaskKind::PaidAtAnotherPrice, about, now).await?;
    let id = appointment.id.to_string();
    let change = Change::of("appointment.price_differs", "appointment", &id)
        .before(json!({"paid_cents": paid.amount}))
        .after(json!({"price_cents": price}));
    audit::record(conn, entity.id, now, actor, change).await
}

/// Puts whether a moved appointment stands or until when it waits.
async fn put(
    conn: &mut PgConnection,
    entity: &Entity,
    moved: Appointment,
    outcome: Outcome,
) -> Result<Appointment> {
    let (state, deadline) = (outcome.state(), outcome.deadline());
    if (moved.state, moved.expires_at) == (state, deadline) {
        return Ok(moved);
    }
    if !store::keep_until(conn, entity.id, moved.id, deadline).await? {
        return Err(Error::Inconsistent(format!("appointment {}: it has no time", moved.id)));
    }
    store::put_outcome(conn, entity.id, moved.id, state, deadline).await?;
    store::appointment(conn, entity.id, moved.id).await
}

/// Offers other times for an appointment, which stands until the citizen answers.
///
/// # Errors
/// Those of [`desk::propose`]; `Refused("offer_at_another_price")` where it is paid and one of the times costs something
/// else: the citizen could not accept it.
pub async fn propose(
    conn: &mut PgConnection,
    entity: &Entity,
    new: &NewProposal,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Proposal> {
    let proposal = desk::propose(conn, entity.id, new, now).await?;
    check_prices(conn, entity, &proposal).await?;
    let id = proposal.id.to_string();
    let starts: Vec<_> = proposal.options.iter().map(|option| option.starts_at).collect();
    let appointment = proposal.appointment.to_string();
    let change = Change::of("appointment.proposed", "appointment", &appointment)
        .after(json!({"proposal": id, "times": starts, "until": proposal.expires_at}));
    audit::record(conn, entity.id, now, actor, change).await?;
    notices::announce(conn, entity.id, proposal.appointment, Event::Proposed, &id, now).await?;
    Ok(proposal)
}

async fn check_prices(conn: &mut PgConnection, entity: &Entity, proposal: &Proposal) -> Result<()> {
    let position = payments::of_appointment(conn, entity.id, proposal.appointment).await?;
    let paid = position.map(|view| view.position).filter(|p| p.state == payments::State::Paid);
    let Some(paid) = paid else { return Ok(()) };
    let appointment = store::appointment(conn, entity.id, proposal.appointment).await?;
    let now_at = (appointment.site, appointment.starts_at);
    let fitting = [paid.amount, price_then(conn, entity, &paid, &appointment, now_at).await?];
    for option in &proposal.options {
        let at = (option.site, option.starts_at);
        if !fitting.contains(&price_then(conn, entity, &paid, &appointment, at).await?) {
            return Err(Error::Refused("offer_at_another_price"));
        }
    }
    Ok(())
}

/// The citizen takes one of the offered times.
pub async fn accept_proposal(
    conn: &mut PgConnection,
    entity: &Entity,
    proposal: ProposalId,
    option: ProposalOptionId,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Appointment> {
    let (before, after) = desk::accept(conn, entity.id, proposal, option, now).await?;
    if before == after {
        return Ok(after);
    }
    let by = (actor, Audience::Citizen);
    moved(conn, entity, (&before, after), Event::ProposalAccepted, by, now).await
}

/// The citizen keeps the old time.
pub async fn decline_proposal(
    conn: &mut PgConnection,
    entity: &Entity,
    id: ProposalId,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Proposal> {
    let proposal = desk::decline(conn, entity.id, id, now).await?;
    proposal_closed(conn, entity.id, (id, proposal.appointment), Event::ProposalDeclined, actor, now).await?;
    Ok(proposal)
}

/// The operator takes the offer back.
pub async fn withdraw_proposal(
    conn: &mut PgConnection,
    entity: &Entity,
    id: ProposalId,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Proposal> {
    let proposal = desk::withdraw(conn, entity.id, id, now).await?;
    proposal_closed(conn, entity.id, (id, proposal.appointment), Event::ProposalWithdrawn, actor, now)
        .await?;
    Ok(proposal)
}

/// Puts on the record of its appointment, and tells the citizen, that a proposal came to nothing: the appointment stands.
pub(crate) async fn proposal_closed(
    conn: &mut PgConnection,
    entity: EntityId,
    (proposal, appointment): (ProposalId, AppointmentId),
    event: Event,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<()> {
    let action = match event {
        Event::ProposalDeclined => "appointment.proposal_declined",
        Event::ProposalExpired => "appointment.proposal_expired",
        _ => "appointment.proposal_withdrawn",
    };
    let id = appointment.to_string();
    let change = Change::of(action, "appointment", &id).after(json!({"proposal": proposal}));
    audit::record(conn, entity, now, actor, change).await?;
    notices::announce(conn, entity, appointment, event, &proposal.to_string(), now).await
}
