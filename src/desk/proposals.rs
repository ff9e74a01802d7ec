//! An operator offers other times. They are held; the appointment stands until the citizen answers.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::types::{NewProposal, Proposal, ProposalOption, ProposalState, TaskKind};
use crate::agenda::store::{self, DayOf};
use crate::agenda::taking::{self, Wanted};
use crate::agenda::{Appointment, Audience, State};
use crate::error::{Error, FieldError, Result};
use crate::ids::{EntityId, ProposalId, ProposalOptionId};

/// Most times in one proposal.
pub const OPTIONS_MAX: usize = 3;
/// Longest message to the citizen, characters.
const MESSAGE_MAX: usize = 1000;

/// Offers other times and holds them until the deadline. An undecided proposal of the same appointment is withdrawn
/// first.
///
/// # Errors
/// Wrong fields `options` (`required`, `too_many`, `repeated`), `message` (`too_long`), `expires_at` (`past`);
/// `Taken` where one of the times is not free; `Refused("not_in_this_state")`; `NotFound`; `Refused("busy")`.
pub async fn propose(
    conn: &mut PgConnection,
    entity: EntityId,
    new: &NewProposal,
    now: DateTime<Utc>,
) -> Result<Proposal> {
    check(new, now)?;
    let days: Vec<DayOf> = new.options.iter().map(|(site, at)| DayOf { site: *site, at: *at }).collect();
    let (a, dates) = taking::lock(conn, entity, new.appointment, &days, now).await?;
    if !may_be_moved(&a, now) {
        return Err(Error::Refused("not_in_this_state"));
    }
    crate::agenda::withdraw_proposal(conn, entity, a.id, now).await?;
    let mut proposal = Proposal {
        id: ProposalId::new(),
        appointment: a.id,
        state: ProposalState::Open,
        message: new.message.clone(),
        expires_at: new.expires_at,
        staff: new.staff,
        created_at: now,
        decided_at: None,
        options: Vec::with_capacity(new.options.len()),
    };
    store::insert_proposal(conn, entity, &proposal).await?;
    for ((site, start), date) in new.options.iter().zip(dates) {
        let wanted = Wanted {
            service: a.service,
            site: *site,
            start: *start,
            date,
            audience: Audience::Operator,
            preferred: None,
            moving: None,
        };
        let taker = taking::choose_counter(conn, entity, &wanted, now).await?;
        let option = ProposalOption {
            id: ProposalOptionId::new(),
            site: *site,
            counter: taker.counter,
            starts_at: taker.start,
            ends_at: taker.end,
            busy_until: taker.busy_until,
        };
        store::insert_option(conn, entity, proposal.id, &option).await?;
        store::offer(conn, entity, option.id, &taker, new.expires_at).await?;
        proposal.options.push(option);
    }
    proposal.options.sort_by_key(|option| (option.starts_at, option.id));
    Ok(proposal)
}

fn check(new: &NewProposal, now: DateTime<Utc>) -> Result<()> {
    let mut wrong = Vec::new();
    let repeated = new.options.iter().enumerate().any(|(i, option)| new.options[..i].contains(option));
    match new.options.len() {
        0 => wrong.push(FieldError::new("options", "required")),
        n if n > OPTIONS_MAX => wrong.push(FieldError::new("options", "too_many").with_detail(OPTIONS_MAX)),
        _ if repeated => wrong.push(FieldError::new("options", "repeated")),
        _ => {}
    }
    if new.message.chars().count() > MESSAGE_MAX {
        wrong.push(FieldError::new("message", "too_long").with_detail(MESSAGE_MAX));
    }
    if new.expires_at <= now {
        wrong.push(FieldError::new("expires_at", "past"));
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::Invalid(wrong)) }
}

fn may_be_moved(a: &Appointment, now: DateTime<Utc>) -> bool {
    matches!(a.state, State::Confirmed | State::AwaitingPayment) && a.stands(now)
}

/// Takes one of the offered times: it becomes the appointment's, the others and the old one are freed. Answers the
/// appointment before and after; the same time accepted again changes nothing.
///
/// # Errors
/// `Refused("proposal_closed")` once it is decided or its deadline passed; `Taken` where the time was closed
/// meanwhile; `Refused("not_in_this_state")`; `NotFound`; `Refused("busy")`.
pub async fn accept(
    conn: &mut PgConnection,
    entity: EntityId,
    id: ProposalId,
    option: ProposalOptionId,
    now: DateTime<Utc>,
) -> Result<(Appointment, Appointment)> {
    let seen = store::proposal(conn, entity, id).await?;
    let chosen = seen.options.iter().find(|o| o.id == option).ok_or(Error::NotFound("proposal"))?.clone();
    let (before, _) = taking::lock(conn, entity, seen.appointment, &[], now).await?;
    let proposal = store::lock_proposal(conn, entity, id).await?;
    if proposal.state == ProposalState::Accepted
        && (before.site, before.starts_at) == (chosen.site, chosen.starts_at)
    {
        return Ok((before.clone(), before));
    }
    if !proposal.is_open(now) {
        return Err(Error::Refused("proposal_closed"));
    }
    if !may_be_moved(&before, now) {
        return Err(Error::Refused("not_in_this_state"));
    }
    if chosen.starts_at <= now
        || store::is_closed(conn, entity, chosen.counter, chosen.starts_at, chosen.ends_at).await?
    {
        return Err(Error::Taken);
    }
    store::free(conn, entity, before.id).await?;
    if !store::take_option(conn, entity, option, before.id, before.expires_at).await? {
        return Err(Error::Refused("proposal_closed"));
    }
    store::free_options(conn, entity, id).await?;
    let taker = taking::taker_of(&chosen);
    store::move_appointment(
        conn,
        entity,
        before.id,
        &store::Move { site: chosen.site, taker: &taker, told: true },
    )
    .await?;
    store::close_proposal(conn, entity, id, ProposalState::Accepted, now).await?;
    let after = store::appointment(conn, entity, before.id).await?;
    Ok((before, after))
}

/// The citizen keeps the old time: the offered ones are freed and an operator has a task. Declining again changes
/// nothing.
///
/// # Errors
/// `Refused("proposal_closed")` once it is decided otherwise or its deadline passed; `NotFound("proposal")`.
pub async fn decline(
    conn: &mut PgConnection,
    entity: EntityId,
    id: ProposalId,
    now: DateTime<Utc>,
) -> Result<Proposal> {
    let proposal = lock(conn, entity, id, now).await?;
    if proposal.state == ProposalState::Declined {
        return Ok(proposal);
    }
    if !proposal.is_open(now) {
        return Err(Error::Refused("proposal_closed"));
    }
    let site = store::appointment(conn, entity, proposal.appointment).await?.site;
    store::add_task(conn, entity, TaskKind::ProposalDeclined, (proposal.appointment, site), now).await?;
    close(conn, entity, proposal, ProposalState::Declined, now).await
}

/// The operator takes the offer back: the offered times are freed. Withdrawing again changes nothing.
///
/// # Errors
/// `Refused("proposal_closed")` once it is decided otherwise; `NotFound("proposal")`.
pub async fn withdraw(
    conn: &mut PgConnection,
    entity: EntityId,
    id: ProposalId,
    now: DateTime<Utc>,
) -> Result<Proposal> {
    let proposal = lock(conn, entity, id, now).await?;
    match proposal.state {
        ProposalState::Withdrawn => Ok(proposal),
        ProposalState::Open => close(conn, entity, proposal, ProposalState::Withdrawn, now).await,
        _ => Err(Error::Refused("proposal_closed")),
    }
}

async fn lock(
    conn: &mut PgConnection,
    entity: EntityId,
    id: ProposalId,
    now: DateTime<Utc>,
) -> Result<Proposal> {
    let seen = store::proposal(conn, entity, id).await?;
    taking::lock(conn, entity, seen.appointment, &[], now).await?;
    store::lock_proposal(conn, entity, id).await
}

async fn close(
    conn: &mut PgConnection,
    entity: EntityId,
    proposal: Proposal,
    state: ProposalState,
    now: DateTime<Utc>,
) -> Result<Proposal> {
    store::free_options(conn, entity, proposal.id).await?;
    store::close_proposal(conn, entity, proposal.id, state, now).await?;
    Ok(Proposal { state, decided_at: Some(now), ..proposal })
}
