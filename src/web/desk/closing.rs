//! A counter that closes for some hours or a day: first what it would mean, then, once confirmed, what it meant.

use askama::Template;
use axum::extract::Query;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::Deserialize;
use sqlx::PgConnection;

use super::moving::errors_of;
use super::room::Room;
use super::row::full_name;
use crate::agenda::zone::instant;
use crate::agenda::{Appointment, store};
use crate::desk::{Closing, record};
use crate::error::{Error, FieldError, Result};
use crate::ids::CounterId;
use crate::web::form::ProtectedForm;
use crate::web::frame::{Answer, redirect, render, render_refused};
use crate::web::page::Page;

/// From an instant to another.
type During = (DateTime<Utc>, DateTime<Utc>);

/// What is asked.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    sportello: String,
    giorno: String,
    /// Empty: from the beginning of the day.
    dalle: String,
    /// Empty: to its end.
    alle: String,
    motivo: String,
    /// Set once what it means was shown.
    conferma: bool,
}

/// An appointment that a closure touches: code, address, time, name, counter, telephone, e-mail.
struct Touched {
    code: String,
    url: String,
    time: String,
    name: String,
    counter: String,
    phone: String,
    email: String,
}

#[derive(Template)]
#[template(path = "desk/close.html", config = ".askama.toml")]
struct ClosePage {
    page: Page,
    counters: Vec<(String, String)>,
    asked: Asked,
    preview: Option<(Vec<Touched>, Vec<Touched>)>,
    words: String,
}

/// `GET …/chiudi`.
pub async fn ask(room: Room) -> Answer {
    let asked = Asked { giorno: room.today().to_string(), ..Asked::default() };
    draw(&room, asked, None, None).await
}

/// `POST …/chiudi`: what it would mean; confirmed, it is done, once.
pub async fn close(room: Room, form: ProtectedForm<Asked>) -> Answer {
    let mut tx = room.begin().await?;
    if form.value.conferma
        && let Some(url) = form.first::<String>(&mut tx, &room, "desk.close").await?
    {
        return redirect(url);
    }
    let outcome = run(&mut tx, &room, &form.value).await;
    match outcome {
        Ok((counter, closing)) if form.value.conferma => {
            let url = done_url(&room, counter, &closing);
            form.keep(tx, &room, "desk.close", &url).await?;
            redirect(url)
        }
        Ok((_, closing)) => {
            let preview = (
                touched(&mut tx, &room, &closing.moved).await?,
                touched(&mut tx, &room, &closing.left).await?,
            );
            // Nothing of it is kept: it was a rehearsal.
            drop(tx);
            draw(&room, form.value, Some(preview), None).await
        }
        Err(error @ Error::Invalid(_)) => {
            drop(tx);
            draw(&room, form.value, None, Some(&error)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// The page that says what it meant.
fn done_url(room: &Room, counter: CounterId, closing: &Closing) -> String {
    let codes = |list: &[Appointment]| list.iter().map(|a| a.code.as_str()).collect::<Vec<_>>().join(",");
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("sportello", &counter.to_string())
        .append_pair("spostati", &codes(&closing.moved))
        .append_pair("restano", &codes(&closing.left))
        .finish();
    format!("{}?{query}", room.url("chiudi/fatto"))
}

async fn run(conn: &mut PgConnection, room: &Room, asked: &Asked) -> Result<(CounterId, Closing)> {
    let counters = room.counters(conn).await?;
    let (counter, during) = read(room, asked)?;
    if !counters.iter().any(|known| known.id == counter) {
        return Err(Error::field("sportello", "choice"));
    }
    let (entity, reason) = (room.entity.id, asked.motivo.trim());
    let closed = record::close_counter(conn, entity, counter, during, reason, &room.actor(), room.now).await;
    let here =
        |e: FieldError| FieldError { field: if e.field == "to" { "alle".into() } else { e.field }, ..e };
    let closing = closed.map_err(|error| match error {
        Error::Invalid(errors) => Error::Invalid(errors.into_iter().map(here).collect()),
        other => other,
    })?;
    Ok((counter, closing))
}

/// The counter and the instants, or what is wrong with them.
fn read(room: &Room, asked: &Asked) -> Result<(CounterId, During)> {
    let mut errors = Vec::new();
    let counter = asked.sportello.parse::<CounterId>();
    if counter.is_err() {
        errors.push(FieldError::new("sportello", "required"));
    }
    let day = asked.giorno.parse::<NaiveDate>();
    if day.is_err() {
        errors.push(FieldError::new("giorno", if asked.giorno.is_empty() { "required" } else { "date" }));
    }
    let mut time = |name: &str, text: &str| match text {
        "" => None,
        text => {
            let read = NaiveTime::parse_from_str(text, "%H:%M").ok();
            if read.is_none() {
                errors.push(FieldError::new(name, "time"));
            }
            read
        }
    };
    let (from, to) = (time("dalle", &asked.dalle), time("alle", &asked.alle));
    let (Ok(counter), Ok(day), true) = (counter, day, errors.is_empty()) else {
        return Err(Error::Invalid(errors));
    };
    let begin = instant(day, from.unwrap_or(NaiveTime::MIN), room.site.zone);
    let end = match to {
        Some(to) => instant(day, to, room.site.zone),
        None => instant(day.succ_opt().unwrap_or(day), NaiveTime::MIN, room.site.zone),
    };
    Ok((counter, (begin, end)))
}

async fn touched(conn: &mut PgConnection, room: &Room, list: &[Appointment]) -> Result<Vec<Touched>> {
    let counters = store::counters(conn, room.entity.id).await?;
    let name_of = |id: CounterId| {
        counters.iter().find(|counter| counter.id == id).map(|c| c.name.clone()).unwrap_or_default()
    };
    Ok(list
        .iter()
        .map(|a| Touched {
            code: a.code.clone(),
            url: room.appointment_url(&a.code),
            time: room.t.short_date_time(a.starts_at),
            name: full_name(a),
            counter: name_of(a.counter),
            phone: a.holder.phone.clone(),
            email: a.holder.email.clone(),
        })
        .collect())
}

async fn draw(
    room: &Room,
    asked: Asked,
    preview: Option<(Vec<Touched>, Vec<Touched>)>,
    error: Option<&Error>,
) -> Answer {
    let counters = room.counters(&mut *room.begin().await?).await?;
    let name = counters.iter().find(|c| c.id.to_string() == asked.sportello).map(|c| c.name.as_str());
    let day = asked.giorno.parse::<NaiveDate>().map(|day| room.t.date(day)).unwrap_or_default();
    let hours = match (asked.dalle.as_str(), asked.alle.as_str()) {
        ("", "") => room.t.get("desk-whole-day"),
        (from, to) => {
            let or = |time: &str, none: &str| if time.is_empty() { none.to_owned() } else { time.to_owned() };
            room.t.with("desk-from-to", &[("from", &or(from, "00:00")), ("to", &or(to, "24:00"))])
        }
    };
    let page = room.page(room.t.get("desk-close-title")).crumb(room.t.get("desk-section-close"), "");
    let page = page.errors(errors_of(error));
    let words = format!("{}: {day}, {hours}", name.unwrap_or_default());
    let counters = counters.iter().map(|c| (c.id.to_string(), c.name.clone())).collect();
    render_refused(&ClosePage { page, counters, asked, preview, words }, error)
}

/// What a closure meant.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Outcome {
    sportello: String,
    spostati: String,
    restano: String,
}

#[derive(Template)]
#[template(path = "desk/closed.html", config = ".askama.toml")]
struct ClosedPage {
    page: Page,
    counter: String,
    moved: Vec<Touched>,
    left: Vec<Touched>,
    tasks_url: String,
}

/// `GET …/chiudi/fatto`.
pub async fn done(room: Room, Query(result): Query<Outcome>) -> Answer {
    let mut tx = room.begin().await?;
    let counters = store::counters(&mut tx, room.entity.id).await?;
    let counter = counters.iter().find(|c| c.id.to_string() == result.sportello);
    let codes = |list: &str| list.split(',').map(str::to_owned).collect::<Vec<_>>();
    let moved = room.appointments(&mut tx, &codes(&result.spostati)).await?;
    let left = room.appointments(&mut tx, &codes(&result.restano)).await?;
    let page = room
        .page(room.t.get("desk-closed-title"))
        .crumb(room.t.get("desk-section-close"), room.url("chiudi"))
        .crumb(room.t.get("desk-closed"), "");
    render(&ClosedPage {
        page,
        counter: counter.map(|c| c.name.clone()).unwrap_or_default(),
        moved: touched(&mut tx, &room, &moved).await?,
        left: touched(&mut tx, &room, &left).await?,
        tasks_url: room.url("da-sistemare"),
    })
}
