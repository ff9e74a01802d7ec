//! Other times offered to the citizen, who keeps the old one until they answer.

use askama::Template;
use axum::extract::{Path, Query};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

use super::moving::errors_of;
use super::room::Room;
use super::row::full_name;
use super::times::{Asked, Choice, chosen};
use crate::agenda::{Appointment, booking};
use crate::desk::{self, NewProposal};
use crate::error::{Error, FieldError, Result};
use crate::web::form::ProtectedForm;
use crate::web::frame::{Answer, redirect_done, render_refused};
use crate::web::page::Page;

/// Deadlines that can be chosen, besides the configured one; hours.
const DEADLINES_H: [i64; 4] = [24, 48, 72, 168];

#[derive(Template)]
#[template(path = "desk/propose.html", config = ".askama.toml")]
struct ProposePage {
    page: Page,
    choice: Choice,
    back: String,
    now_is: String,
    contact: bool,
    offer: Offer,
    deadlines: Vec<(i64, String)>,
}

/// What is offered.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Offer {
    /// The ticked times.
    quando: Vec<String>,
    /// What is written to the citizen.
    messaggio: String,
    /// Hours until when it can be accepted.
    ore: i64,
}

/// `GET …/appuntamenti/{code}/proponi`.
pub async fn choose(
    room: Room,
    Path((_, _, code)): Path<(String, String, String)>,
    Query(mut asked): Query<Asked>,
) -> Answer {
    asked.prefer(&room.site.slug);
    let offer = Offer { ore: room.app.config.booking.proposal_hours, ..Offer::default() };
    draw(&room, &code, &asked, offer, None).await
}

/// `POST …/appuntamenti/{code}/proponi`.
pub async fn offer(
    room: Room,
    Path((_, _, code)): Path<(String, String, String)>,
    form: ProtectedForm<Offer>,
) -> Answer {
    match propose(&room, &code, &form).await {
        Ok(()) => redirect_done(room.appointment_url(&code), "desk-proposed"),
        Err(error @ (Error::Taken | Error::Invalid(_))) => {
            let again = Asked::again(&room, form.value.quando.first(), &error);
            draw(&room, &code, &again, form.value, Some(&error)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Offers, once however often the page is sent.
async fn propose(room: &Room, code: &str, form: &ProtectedForm<Offer>) -> Result<()> {
    let offer = &form.value;
    let command = format!("desk.propose/{code}");
    let mut tx = room.begin().await?;
    if let Some(first) = form.first(&mut tx, room, &command).await? {
        return Ok(first);
    }
    let appointment = room.appointment(&mut tx, code).await?;
    let mut options = Vec::new();
    for time in &offer.quando {
        options.push(chosen(&mut tx, room, time).await?);
    }
    if options.is_empty() {
        return Err(Error::field("quando", "required"));
    }
    let new = NewProposal {
        appointment: appointment.id,
        expires_at: deadline(&options, offer.ore, room.now)?,
        options,
        message: offer.messaggio.trim().to_owned(),
        staff: Some(room.member.id),
    };
    booking::propose(&mut tx, &room.entity, &new, &room.actor(), room.now).await?;
    form.keep(tx, room, &command, ()).await
}

/// So many hours from now, and never later than the first offered time.
fn deadline<S>(options: &[(S, DateTime<Utc>)], hours: i64, now: DateTime<Utc>) -> Result<DateTime<Utc>> {
    let longest = DEADLINES_H.into_iter().max().unwrap_or_default();
    if !(1..=longest).contains(&hours) {
        return Err(Error::Invalid(vec![FieldError::new("ore", "choice")]));
    }
    let asked = now + TimeDelta::hours(hours);
    Ok(options.iter().map(|(_, start)| *start).min().map_or(asked, |first| asked.min(first)))
}

/// `POST …/appuntamenti/{code}/proponi/ritira`.
pub async fn withdraw(
    room: Room,
    Path((_, _, code)): Path<(String, String, String)>,
    _: ProtectedForm,
) -> Answer {
    let mut tx = room.begin().await?;
    let appointment = room.appointment(&mut tx, &code).await?;
    if let Some(open) = desk::open_proposal(&mut tx, room.entity.id, appointment.id).await? {
        booking::withdraw_proposal(&mut tx, &room.entity, open.id, &room.actor(), room.now).await?;
        tx.commit().await?;
    }
    redirect_done(room.appointment_url(&code), "desk-withdrawn")
}

async fn draw(room: &Room, code: &str, asked: &Asked, offer: Offer, error: Option<&Error>) -> Answer {
    let mut tx = room.begin().await?;
    let appointment: Appointment = room.appointment(&mut tx, code).await?;
    let choice = Choice::read(&mut tx, room, appointment.service, asked).await?;
    let back = room.appointment_url(&appointment.code);
    let title = room.t.with("desk-propose-title", &[("name", &full_name(&appointment))]);
    let page = room
        .page(title)
        .crumb(appointment.code.clone(), back.clone())
        .crumb(room.t.get("desk-propose"), "")
        .errors(errors_of(error));
    let mut hours: Vec<i64> =
        DEADLINES_H.into_iter().chain([room.app.config.booking.proposal_hours]).collect();
    hours.sort_unstable();
    hours.dedup();
    let deadlines = hours.into_iter().map(|h| (h, room.t.with("desk-hours", &[("n", &h)]))).collect();
    let contact = !appointment.holder.email.is_empty() || appointment.holder.fiscal_code.is_some();
    let now_is = room.t.date_time(appointment.starts_at);
    render_refused(&ProposePage { page, choice, back, now_is, contact, offer, deadlines }, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proposal_ends_before_its_first_time_at_the_latest() {
        let now: DateTime<Utc> = "2027-01-11T08:00:00Z".parse().unwrap();
        let at = |hours: i64| ((), now + TimeDelta::hours(hours));
        assert_eq!(deadline(&[at(100), at(72)], 48, now).unwrap(), now + TimeDelta::hours(48));
        assert_eq!(deadline(&[at(100), at(5)], 48, now).unwrap(), now + TimeDelta::hours(5));
        for hours in [-1, 0, 169, i64::MAX] {
            assert!(deadline(&[at(1)], hours, now).is_err());
        }
    }
}
