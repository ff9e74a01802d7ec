//! Another time for an appointment, at once: the citizen was asked on the phone.

use askama::Template;
use axum::extract::{Path, Query};
use serde::Deserialize;

use super::room::Room;
use super::row::full_name;
use super::times::{Asked, Choice, chosen};
use crate::agenda::{Appointment, Audience, booking, store};
use crate::error::{Error, FieldError, Result};
use crate::web::form::ProtectedForm;
use crate::web::frame::{Answer, redirect_done, render_refused};
use crate::web::page::Page;

#[derive(Template)]
#[template(path = "desk/move.html", config = ".askama.toml")]
struct MovePage {
    page: Page,
    choice: Choice,
    back: String,
    now_is: String,
    picked: Vec<String>,
}

/// `GET …/appuntamenti/{code}/sposta`.
pub async fn choose(
    room: Room,
    Path((_, _, code)): Path<(String, String, String)>,
    Query(mut asked): Query<Asked>,
) -> Answer {
    asked.prefer(&room.site.slug);
    let mut tx = room.begin().await?;
    let appointment = room.appointment(&mut tx, &code).await?;
    let choice = Choice::read(&mut tx, &room, appointment.service, &asked).await?;
    draw(&room, &appointment, choice, Vec::new(), None)
}

/// The chosen time.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Chosen {
    quando: String,
}

/// `POST …/appuntamenti/{code}/sposta`.
pub async fn take(
    room: Room,
    Path((_, _, code)): Path<(String, String, String)>,
    form: ProtectedForm<Chosen>,
) -> Answer {
    match move_to(&room, &code, &form.value.quando).await {
        Ok(moved) => {
            let site = store::site(&mut *room.begin().await?, room.entity.id, moved.site).await?;
            redirect_done(room.appointment_at(&site, &moved.code), "desk-moved")
        }
        Err(error @ (Error::Taken | Error::Invalid(_))) => {
            let mut tx = room.begin().await?;
            let appointment = room.appointment(&mut tx, &code).await?;
            let again = Asked::again(&room, Some(&form.value.quando), &error);
            let choice = Choice::read(&mut tx, &room, appointment.service, &again).await?;
            draw(&room, &appointment, choice, vec![form.value.quando], Some(&error))
        }
        Err(error) => Err(error.into()),
    }
}

async fn move_to(room: &Room, code: &str, when: &str) -> Result<Appointment> {
    let mut tx = room.begin().await?;
    let before = room.appointment(&mut tx, code).await?;
    let (site, start) = chosen(&mut tx, room, when).await?;
    let actor = room.actor();
    let by = (&actor, Audience::Operator);
    let moved = booking::move_to(&mut tx, &room.entity, before.id, (site, start), by, room.now).await?;
    tx.commit().await?;
    Ok(moved)
}

fn draw(
    room: &Room,
    appointment: &Appointment,
    choice: Choice,
    picked: Vec<String>,
    error: Option<&Error>,
) -> Answer {
    let back = room.appointment_url(&appointment.code);
    let title = room.t.with("desk-move-title", &[("name", &full_name(appointment))]);
    let page = room
        .page(title)
        .crumb(appointment.code.clone(), back.clone())
        .crumb(room.t.get("desk-move"), "")
        .errors(errors_of(error));
    let now_is = room.t.date_time(appointment.starts_at);
    render_refused(&MovePage { page, choice, back, now_is, picked }, error)
}

/// The wrong fields of a choice of times, under the names of the page: none was made, or one was just taken.
#[must_use]
pub fn errors_of(error: Option<&Error>) -> Vec<FieldError> {
    let here = |field: &str| match field {
        "options" => "quando".to_owned(),
        "message" => "messaggio".to_owned(),
        "expires_at" => "ore".to_owned(),
        other => other.to_owned(),
    };
    match error {
        Some(Error::Invalid(errors)) => {
            errors.iter().map(|e| FieldError { field: here(&e.field), ..e.clone() }).collect()
        }
        Some(Error::Taken) => vec![FieldError::new("quando", "taken")],
        _ => Vec::new(),
    }
}
