//! The use cases of an appointment: the agenda together with what is owed, what people are told, and the record.
//!
//! Pages, the API and jobs all come here, so that an appointment is confirmed, moved or cancelled in one way. Each
//! function works in the caller's transaction: the change, the position, the messages and the record are one.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use sqlx::PgConnection;

use super::{
    Appointment, Audience, Details, NewAppointment, Outcome, Service, Site, State, Swept, store, taking,
};
use crate::audit::{self, Actor, Change};
use crate::desk::{self, NewProposal, Proposal};
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::forms;
use crate::ids::{AppointmentId, ProposalId, ProposalOptionId, SiteId};
use crate::money::Cents;
use crate::notices::{self, Event};
use crate::payments::{self, DebtPosition, Quote};

/// An appointment and what is owed for it.
#[derive(Clone, Debug)]
pub struct Booked {
    /// The appointment.
    pub appointment: Appointment,
    /// What is owed; `None` where nothing is.
    pub position: Option<DebtPosition>,
}

/// What an appointment of a service at an instant costs, with these answers.
pub async fn quote(
    conn: &mut PgConnection,
    entity: &Entity,
    appointment: &Appointment,
    now: DateTime<Utc>,
) -> Result<Quote> {
    let site = store::site(conn, entity.id, appointment.site).await?;
    let (service, starts_at) = (appointment.service, appointment.starts_at);
    payments::quote(conn, entity, service, starts_at, site.zone, &appointment.answers, now).await
}

/// Keeps what the citizen wrote in a held appointment, checking it: the form's answers, who it is for.
pub async fn fill(
    conn: &mut PgConnection,
    entity: &Entity,
    id: AppointmentId,
    details: &Details,
    now: DateTime<Utc>,
) -> Result<()> {
    let appointment = store::appointment(conn, entity.id, id).await?;
    check_answers(conn, entity, &appointment, details).await?;
    super::fill(conn, entity.id, id, details, now).await
}

async fn check_answers(
    conn: &mut PgConnection,
    entity: &Entity,
    appointment: &Appointment,
    details: &Details,
) -> Result<()> {
    let form = forms::published(conn, entity.id, appointment.service).await?;
    if details.form != form.as_ref().map(|form| form.id) {
        // The form changed while the citizen was writing: the new one is shown, with what still fits.
        return Err(Error::Refused("form_changed"));
    }
    forms::check_answers(form.as_ref(), &details.answers)
}

/// Confirms a held appointment. Confirming it again gives the same answer.
pub async fn confirm(
    conn: &mut PgConnection,
    entity: &Entity,
    id: AppointmentId,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Booked> {
    // Two clicks at once: the second waits here, and then sees what the first made of it.
    let (held, _) = taking::lock(conn, entity.id, id, &[], now).await?;
    if held.state != State::Held {
        let position = payments::of_appointment(conn, entity.id, id).await?.map(|view| view.position);
        let appointment = super::settle(conn, entity.id, id, Outcome::Confirmed, now).await?;
        return Ok(Booked { appointment, position });
    }
    let quote = quote(conn, entity, &held, now).await?;
    let appointment = super::settle(conn, entity.id, id, outcome(&quote, held.starts_at, now), now).await?;
    complete(conn, entity, appointment, &quote, actor, now).await
}

/// Books directly: another program of the entity, or an operator with the citizen on the phone.
pub async fn book(
    conn: &mut PgConnection,
    entity: &Entity,
    new: &NewAppointment,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Booked> {
    let form = forms::published(conn, entity.id, new.service).await?;
    forms::check_answers(form.as_ref(), &new.answers)?;
    let new = &NewAppointment { form: form.map(|form| form.id), ..new.clone() };
    let site = store::site(conn, entity.id, new.site).await?;
    let quote = payments::quote(conn, entity, new.service, new.start, site.zone, &new.answers, now).await?;
    let appointment = super::place(conn, entity.id, new, outcome(&quote, new.start, now), now).await?;
    complete(conn, entity, appointment, &quote, actor, now).await
}

/// Whether the quote lets the appointment stand at once, or until when its time waits for the receipt: for as long as
/// the tariff says, never beyond the appointment itself.
fn outcome(quote: &Quote, starts_at: DateTime<Utc>, now: DateTime<Utc>) -> Outcome {
    if quote.total() == Cents::ZERO || !quote.in_advance {
        return Outcome::Confirmed;
    }
    let until = now + TimeDelta::minutes(quote.hold_minutes.into());
    Outcome::AwaitingPayment { until: until.min(starts_at) }
}

async fn complete(
    conn: &mut PgConnection,
    entity: &Entity,
    appointment: Appointment,
    quote: &Quote,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Booked> {
    let position = issue(conn, entity, &appointment, quote, now).await?;
    let id = appointment.id.to_string();
    let change = Change::of("appointment.booked", "appointment", &id).after(summary(&appointment));
    audit::record(conn, entity.id, now, actor, change).await?;
    let occurrence = appointment.sequence.to_string();
    if appointment.state == State::Confirmed {
        notices::announce(conn, entity.id, appointment.id, Event::Confirmed, &occurrence, now).await?;
    }
    Ok(Booked { appointment, position })
}

async fn issue(
    conn: &mut PgConnection,
    entity: &Entity,
    appointment: &Appointment,
    quote: &Quote,
    now: DateTime<Utc>,
) -> Result<Option<DebtPosition>> {
    if quote.total() == Cents::ZERO {
        return Ok(None);
    }
    let service = store::service(conn, entity.id, appointment.service).await?;
    payments::issue(conn, entity, appointment, &service.name, quote, now).await.map(Some)
}

/// Moves an appointment. Where another day has another price, what is not paid yet is issued anew; what is paid
/// cannot move to another price. Operators are not bound by the calendar's lead time and horizon.
pub async fn move_to(
    conn: &mut PgConnection,
    entity: &Entity,
    id: AppointmentId,
    to: (SiteId, DateTime<Utc>),
    (actor, audience): (&Actor, Audience),
    now: DateTime<Utc>,
) -> Result<Appointment> {
    let (before, after) = super::reschedule_for(conn, entity.id, id, to, audience, now).await?;
    if before == after {
        return Ok(after);
    }
    moved(conn, entity, &before, &after, Event::Moved, actor, now).await?;
    Ok(after)
}

async fn moved(
    conn: &mut PgConnection,
    entity: &Entity,
    before: &Appointment,
    after: &Appointment,
    event: Event,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<()> {
    reissue(conn, entity, after, now).await?;
    let id = after.id.to_string();
    let change =
        Change::of("appointment.moved", "appointment", &id).before(summary(before)).after(summary(after));
    audit::record(conn, entity.id, now, actor, change).await?;
    notices::announce(conn, entity.id, after.id, event, &after.sequence.to_string(), now).await
}

async fn reissue(
    conn: &mut PgConnection,
    entity: &Entity,
    moved: &Appointment,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(view) = payments::of_appointment(conn, entity.id, moved.id).await? else { return Ok(()) };
    let quote = quote(conn, entity, moved, now).await?;
    if quote.total() == view.position.amount {
        return Ok(());
    }
    match view.position.state {
        payments::State::Paid => Err(Error::Refused("paid_at_another_price")),
        payments::State::Cancelled => Ok(()),
        payments::State::Issued | payments::State::Published => {
            payments::cancel_of(conn, entity.id, moved.id, now).await?;
            issue(conn, entity, moved, &quote, now).await.map(drop)
        }
    }
}

/// Cancels an appointment and what was still owed for it. Cancelling it again changes nothing.
pub async fn cancel(
    conn: &mut PgConnection,
    entity: &Entity,
    id: AppointmentId,
    reason: &str,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Appointment> {
    let (before, _) = taking::lock(conn, entity.id, id, &[], now).await?;
    if before.state == State::Cancelled {
        return Ok(before);
    }
    let after = super::cancel(conn, entity.id, id, reason, now).await?;
    payments::cancel_of(conn, entity.id, id, now).await?;
    let name = id.to_string();
    let change = Change::of("appointment.cancelled", "appointment", &name)
        .before(summary(&before))
        .after(summary(&after));
    audit::record(conn, entity.id, now, actor, change).await?;
    if before.state != State::Held {
        notices::announce(conn, entity.id, id, Event::Cancelled, &after.sequence.to_string(), now).await?;
    }
    Ok(after)
}

/// Offers other times for an appointment, which stands until the citizen answers.
pub async fn propose(
    conn: &mut PgConnection,
    entity: &Entity,
    new: &NewProposal,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Proposal> {
    let proposal = desk::propose(conn, entity.id, new, now).await?;
    let id = proposal.id.to_string();
    let starts: Vec<_> = proposal.options.iter().map(|option| option.starts_at).collect();
    let appointment = proposal.appointment.to_string();
    let change = Change::of("appointment.proposed", "appointment", &appointment)
        .after(json!({"proposal": id, "times": starts, "until": proposal.expires_at}));
    audit::record(conn, entity.id, now, actor, change).await?;
    notices::announce(conn, entity.id, proposal.appointment, Event::Proposed, &id, now).await?;
    Ok(proposal)
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
    if before != after {
        moved(conn, entity, &before, &after, Event::ProposalAccepted, actor, now).await?;
    }
    Ok(after)
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
    closed(conn, entity, &proposal, "appointment.proposal_declined", actor, now).await?;
    let event = Event::ProposalDeclined;
    notices::announce(conn, entity.id, proposal.appointment, event, &id.to_string(), now).await?;
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
    closed(conn, entity, &proposal, "appointment.proposal_withdrawn", actor, now).await?;
    Ok(proposal)
}

async fn closed(
    conn: &mut PgConnection,
    entity: &Entity,
    proposal: &Proposal,
    action: &'static str,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<()> {
    let id = proposal.appointment.to_string();
    let change = Change::of(action, "appointment", &id).after(json!({"proposal": proposal.id}));
    audit::record(conn, entity.id, now, actor, change).await
}

/// Frees what has passed its deadline: the job that comes back by itself.
pub async fn sweep(conn: &mut PgConnection, entity: &Entity, now: DateTime<Utc>) -> Result<()> {
    for swept in super::sweep(conn, entity.id, now).await? {
        let change = match swept {
            Swept::Appointment(id) => {
                payments::cancel_of(conn, entity.id, id, now).await?;
                tell_expired(conn, entity, id, now).await?;
                ("appointment.expired", "appointment", id.to_string())
            }
            Swept::Proposal(id) => ("proposal.expired", "proposal", id.to_string()),
        };
        let (action, kind, id) = change;
        audit::record(conn, entity.id, now, &Actor::System, Change::of(action, kind, &id)).await?;
    }
    Ok(())
}

/// Tells whoever did not pay in time; of a time that was only held there is nobody to tell.
async fn tell_expired(
    conn: &mut PgConnection,
    entity: &Entity,
    id: AppointmentId,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(unpaid) = payments::of_appointment(conn, entity.id, id).await? else { return Ok(()) };
    let occurrence = unpaid.position.id.to_string();
    notices::announce(conn, entity.id, id, Event::Expired, &occurrence, now).await
}

/// The service and the site of an appointment, for whoever shows it.
pub async fn context(
    conn: &mut PgConnection,
    entity: &Entity,
    appointment: &Appointment,
) -> Result<(Service, Site)> {
    let service = store::service(conn, entity.id, appointment.service).await?;
    let site = store::site(conn, entity.id, appointment.site).await?;
    Ok((service, site))
}

/// What the record keeps of an appointment: where and when, not who.
fn summary(appointment: &Appointment) -> serde_json::Value {
    json!({
        "service": appointment.service,
        "site": appointment.site,
        "counter": appointment.counter,
        "starts_at": appointment.starts_at,
        "state": appointment.state,
        "sequence": appointment.sequence,
    })
}
