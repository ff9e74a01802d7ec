//! The use cases of an appointment: the agenda together with what is owed, what people are told, and the record.
//!
//! Pages, the API and jobs all come here, so that an appointment is confirmed, moved or cancelled in one way. Each
//! function works in the caller's transaction: the change, the position, the messages and the record are one.

mod moving;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use sqlx::PgConnection;

use super::{
    Appointment, Audience, Details, NewAppointment, Outcome, Service, Site, State, Swept, store, taking,
};
use crate::audit::{self, Actor, Change};
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::forms;
use crate::ids::{AppointmentId, SiteId};
use crate::money::Cents;
use crate::notices::{self, Event};
use crate::payments::{self, DebtPosition, Quote};

pub(crate) use moving::proposal_closed;
pub use moving::{
    accept_proposal, decline_proposal, is_owed_a_time, may_citizen_move, move_to, propose, withdraw_proposal,
};

/// An appointment and what is owed for it.
#[derive(Clone, Debug)]
pub struct Booked {
    /// The appointment.
    pub appointment: Appointment,
    /// What is owed; `None` where nothing is.
    pub position: Option<DebtPosition>,
}

/// What an appointment costs, with its answers.
pub async fn quote(
    conn: &mut PgConnection,
    entity: &Entity,
    appointment: &Appointment,
    now: DateTime<Utc>,
) -> Result<Quote> {
    let at = (appointment.site, appointment.starts_at);
    quote_at(conn, entity, appointment, at, now).await
}

/// What it would cost at another time, by the tariff of a day.
async fn quote_at(
    conn: &mut PgConnection,
    entity: &Entity,
    appointment: &Appointment,
    (site, starts_at): (SiteId, DateTime<Utc>),
    asked_on: DateTime<Utc>,
) -> Result<Quote> {
    let zone = store::site(conn, entity.id, site).await?.zone;
    let (service, answers) = (appointment.service, &appointment.answers);
    payments::quote(conn, entity, service, starts_at, zone, answers, asked_on).await
}

/// Keeps what the citizen wrote in a held appointment, checking it: the form's answers, who it is for.
///
/// # Errors
/// Those of [`fill`](super::fill); `Refused("form_changed")`; `Refused("paid_already")`, as [`confirm`].
pub async fn fill(
    conn: &mut PgConnection,
    entity: &Entity,
    id: AppointmentId,
    details: &Details,
    now: DateTime<Utc>,
) -> Result<()> {
    let appointment = store::appointment(conn, entity.id, id).await?;
    check_answers(conn, entity, &appointment, details).await?;
    let position = payments::of_appointment(conn, entity.id, id).await?.map(|view| view.position);
    not_paid(position.as_ref())?;
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

/// Confirms a held appointment, also one whose deadline passed, where its time is still free. Confirming it again gives
/// the same answer.
///
/// # Errors
/// Those of [`settle`](super::settle); `Refused("paid_already")` where it was paid after its deadline: another time is
/// chosen, and nothing is paid again.
pub async fn confirm(
    conn: &mut PgConnection,
    entity: &Entity,
    id: AppointmentId,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Booked> {
    // Two clicks at once: the second waits here, and then sees what the first made of it.
    let (held, _) = taking::lock(conn, entity.id, id, &[], now).await?;
    let position = payments::of_appointment(conn, entity.id, id).await?.map(|view| view.position);
    match held.state {
        State::Held | State::Expired => not_paid(position.as_ref())?,
        State::Cancelled | State::NoShow => return Err(Error::Refused("not_in_this_state")),
        _ => return Ok(Booked { appointment: held, position }),
    }
    let quote = quote(conn, entity, &held, now).await?;
    let appointment = super::settle(conn, entity.id, id, outcome(&quote, held.starts_at, now), now).await?;
    complete(conn, entity, appointment, &quote, actor, now).await
}

/// What is paid is never asked for again.
fn not_paid(position: Option<&DebtPosition>) -> Result<()> {
    match position {
        Some(position) if position.state == payments::State::Paid => Err(Error::Refused("paid_already")),
        _ => Ok(()),
    }
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

/// Frees what has passed its deadline: the job that comes back by itself.
pub async fn sweep(conn: &mut PgConnection, entity: &Entity, now: DateTime<Utc>) -> Result<()> {
    for swept in super::sweep(conn, entity.id, now).await? {
        match swept {
            Swept::Appointment(id) => {
                payments::cancel_of(conn, entity.id, id, now).await?;
                let name = id.to_string();
                let change = Change::of("appointment.expired", "appointment", &name);
                audit::record(conn, entity.id, now, &Actor::System, change).await?;
                tell_expired(conn, entity, id, now).await?;
            }
            Swept::Proposal(id, appointment) => {
                let (about, event) = ((id, appointment), Event::ProposalExpired);
                proposal_closed(conn, entity.id, about, event, &Actor::System, now).await?;
            }
        }
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
