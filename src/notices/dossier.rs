//! Everything a notice may have to say, gathered at the moment it is said.

use std::str::FromStr;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

use super::links;
use super::types::{Event, Notice};
use crate::agenda::{self, Appointment, Service, Site, State};
use crate::app::App;
use crate::desk;
use crate::entity::{self, Entity};
use crate::error::{Error, Result};
use crate::ids::{DebtPositionId, EntityId, ProposalId};
use crate::money::Cents;
use crate::payments;

/// What there is to pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// How much.
    pub amount: Cents,
    /// Notice number, 18 digits.
    pub nav: String,
    /// The last day, where it is paid after the appointment was confirmed.
    pub due_on: NaiveDate,
    /// Whether the payment confirms the appointment.
    pub in_advance: bool,
    /// Whether it can still be paid.
    pub is_open: bool,
}

/// Other times to choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What the operator writes.
    pub message: String,
    /// Until when one can be chosen.
    pub expires_at: DateTime<Utc>,
    /// Whether one can be chosen now.
    pub is_open: bool,
    /// The times, each with its place.
    pub times: Vec<(DateTime<Utc>, Site)>,
}

/// The addresses a notice may point to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// The page of the appointment.
    pub appointment: String,
    /// The page of the proposal, where there is one.
    pub proposal: Option<String>,
    /// Where one books.
    pub entity: String,
}

/// Everything a notice may have to say.
#[derive(Clone, Debug)]
pub struct Dossier {
    /// Who says it.
    pub entity: Entity,
    /// About which appointment.
    pub appointment: Appointment,
    /// What for.
    pub service: Service,
    /// Where.
    pub site: Site,
    /// What there is to pay.
    pub due: Option<Due>,
    /// What there is to choose.
    pub offer: Option<Offer>,
    /// What it may point to.
    pub addresses: Addresses,
}

impl Dossier {
    /// Whether there is still a point in saying it.
    #[must_use]
    pub fn is_worth_telling(&self, event: Event, occurrence: &str, now: DateTime<Utc>) -> bool {
        let appointment = &self.appointment;
        let is_ahead = appointment.state.is_live() && now < appointment.ends_at;
        match event {
            Event::Confirmed | Event::Moved | Event::ProposalAccepted => is_ahead,
            Event::ProposalDeclined | Event::ProposalWithdrawn | Event::ProposalExpired => is_ahead,
            Event::Proposed => is_ahead && self.offer.as_ref().is_some_and(|offer| offer.is_open),
            Event::PaymentDue => appointment.stands(now) && self.due.as_ref().is_some_and(|due| due.is_open),
            Event::Reminder => {
                appointment.state == State::Confirmed
                    && occurrence == appointment.sequence.to_string()
                    && now < appointment.starts_at
            }
            // A late receipt may have brought it back.
            Event::Expired => appointment.state == State::Expired,
            Event::Cancelled | Event::Paid | Event::PaidWithoutTime | Event::PaidNotDue => true,
        }
    }
}

/// Gathers what a notice may have to say.
pub(super) async fn gather(
    app: &App,
    conn: &mut PgConnection,
    entity: EntityId,
    notice: &Notice,
    now: DateTime<Utc>,
) -> Result<Dossier> {
    let entity = entity::store::by_id(conn, entity).await?;
    let appointment = agenda::store::appointment(conn, entity.id, notice.appointment).await?;
    let service = agenda::store::service(conn, entity.id, appointment.service).await?;
    let site = agenda::store::site(conn, entity.id, appointment.site).await?;
    let due = match notice.event {
        Event::PaymentDue | Event::Paid | Event::PaidWithoutTime | Event::PaidNotDue => {
            Some(due(conn, entity.id, occurrence(notice)?).await?)
        }
        _ => None,
    };
    let proposal: Option<ProposalId> = match notice.event {
        Event::Proposed => Some(occurrence(notice)?),
        _ => None,
    };
    let offer = match proposal {
        Some(proposal) => Some(offer(conn, entity.id, proposal, now).await?),
        None => None,
    };
    let addresses = Addresses {
        appointment: links::appointment_url(app, &entity, &appointment),
        proposal: proposal.map(|proposal| links::proposal_url(app, &entity, proposal)),
        entity: links::entity_url(app, &entity),
    };
    Ok(Dossier { entity, appointment, service, site, due, offer, addresses })
}

/// What the occurrence of an event names: a proposal, or a position. Not the appointment's latest: another may have
/// taken its place since.
fn occurrence<T: FromStr>(notice: &Notice) -> Result<T> {
    let malformed = |_| Error::Inconsistent(format!("notice {}: its occurrence", notice.id));
    notice.occurrence.parse().map_err(malformed)
}

async fn due(conn: &mut PgConnection, entity: EntityId, position: DebtPositionId) -> Result<Due> {
    let position = payments::position::by_id(conn, entity, position).await?.position;
    Ok(Due {
        amount: position.amount,
        nav: position.nav,
        due_on: position.due_on,
        in_advance: position.in_advance,
        is_open: position.state.is_open(),
    })
}

async fn offer(
    conn: &mut PgConnection,
    entity: EntityId,
    proposal: ProposalId,
    now: DateTime<Utc>,
) -> Result<Offer> {
    let proposal = desk::proposal(conn, entity, proposal).await?;
    let mut times = Vec::with_capacity(proposal.options.len());
    for option in &proposal.options {
        times.push((option.starts_at, agenda::store::site(conn, entity, option.site).await?));
    }
    let is_open = proposal.is_open(now);
    Ok(Offer { message: proposal.message, expires_at: proposal.expires_at, is_open, times })
}
