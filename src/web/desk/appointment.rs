//! One appointment, as operators see it: everything that is known of it, and what can be done.

use askama::Template;
use axum::extract::{Path, Query};
use serde::Deserialize;
use sqlx::PgConnection;

use super::moving::errors_of;
use super::room::Room;
use super::row::{Badge, Steps, channel_key, full_name, payment_badge, state_badge};
use crate::agenda::{Appointment, Audience, Service, State, booking, cancel_reason_error, store};
use crate::audit;
use crate::desk::{self, Proposal, record};
use crate::error::{Error, FieldError, Result};
use crate::forms;
use crate::identity;
use crate::payments;
use crate::web::form::ProtectedForm;
use crate::web::frame::{Answer, redirect, redirect_done, render_refused};
use crate::web::page::Page;

/// Label and value.
type Rows = Vec<(String, String)>;

#[derive(Template)]
#[template(path = "desk/appointment.html", config = ".askama.toml")]
struct AppointmentPage {
    page: Page,
    url: String,
    day_url: String,
    state: Badge,
    /// The appointment, the holder, the answers, the payment.
    cards: Vec<(String, Rows)>,
    payment: Option<Badge>,
    phone: String,
    email: String,
    notes: String,
    steps: Steps,
    call_to: String,
    call_name: String,
    can_change: bool,
    /// It is paid and has no time: another is given without paying again.
    owes_time: bool,
    can_cancel: bool,
    proposal: Option<(String, Vec<String>, String)>,
    history: Vec<(String, String, String)>,
}

/// `GET …/appuntamenti/{code}`.
pub async fn show(room: Room, Path((_, _, code)): Path<(String, String, String)>) -> Answer {
    draw(&room, &code, None, None).await
}

async fn draw(room: &Room, code: &str, notes: Option<String>, wrong: Option<&Error>) -> Answer {
    let mut tx = room.begin().await?;
    let a = room.appointment(&mut tx, code).await?;
    let (service, _) = booking::context(&mut tx, &room.entity, &a).await?;
    let counters = room.counters(&mut tx).await?;
    let call_to = room.my_counter(None, &counters).or_else(|| counters.iter().find(|c| c.id == a.counter));
    let call_id = call_to.map_or(a.counter, |counter| counter.id);
    let view = payments::of_appointment(&mut tx, room.entity.id, a.id).await?;
    let position = view.as_ref().map(|view| &view.position);
    let owes_time = booking::is_owed_a_time(&a, position, Audience::Operator);
    let (payment, paid_rows) = view.map(|view| payment(room, view)).unzip();
    let mut cards = vec![
        (room.t.get("desk-card-appointment"), appointment_rows(&mut tx, room, &a, &service).await?),
        (room.t.get("desk-card-holder"), holder_rows(room, &a)),
        (room.t.get("desk-card-answers"), answer_rows(&mut tx, room, &a).await?),
        (room.t.get("desk-card-payment"), paid_rows.unwrap_or_default()),
    ];
    cards.retain(|(_, rows)| !rows.is_empty());
    let open = desk::open_proposal(&mut tx, room.entity.id, a.id).await?;
    let url = room.appointment_url(&a.code);
    let stands = matches!(a.state, State::Confirmed | State::AwaitingPayment) && a.stands(room.now);
    let title = if full_name(&a).is_empty() { a.code.clone() } else { full_name(&a) };
    let page = room.page(title).crumb(a.code.clone(), "");
    let drawn = AppointmentPage {
        page: page.errors(errors_of(wrong)),
        day_url: room.day_url(room.t.day_of(a.starts_at)),
        state: state_badge(room.t, a.state),
        payment,
        phone: a.holder.phone.clone(),
        email: a.holder.email.clone(),
        notes: notes.unwrap_or_else(|| a.notes.clone()),
        steps: Steps::of(&a, call_id, room.t, room.now),
        call_to: call_id.to_string(),
        call_name: call_to.map(|counter| counter.name.clone()).unwrap_or_default(),
        can_change: stands,
        owes_time,
        can_cancel: stands || a.state == State::Arrived,
        proposal: open.map(|proposal| proposal_words(room, &proposal)),
        history: history(&mut tx, room, &a).await?,
        cards,
        url,
    };
    render_refused(&drawn, wrong)
}

async fn appointment_rows(
    conn: &mut PgConnection,
    room: &Room,
    a: &Appointment,
    service: &Service,
) -> Result<Rows> {
    let t = room.t;
    let booked = store::counter(conn, room.entity.id, a.counter).await?.name;
    let calls = match a.serving_counter {
        Some(id) => store::counter(conn, room.entity.id, id).await?.name,
        None => String::new(),
    };
    let time = format!("{} – {}", t.date_time(a.starts_at), t.clock(a.ends_at));
    let instant = |at: Option<chrono::DateTime<chrono::Utc>>| at.map(|at| t.clock(at)).unwrap_or_default();
    let deadline = a.expires_at.map(|at| t.short_date_time(at)).unwrap_or_default();
    let made = format!("{} · {}", t.short_date_time(a.created_at), t.get(channel_key(a.channel)));
    let rows = [
        ("desk-code", a.code.clone()),
        ("desk-service", service.name.get(t.code()).to_owned()),
        ("desk-when", time),
        ("desk-counter", booked),
        ("desk-reason", a.reason.clone()),
        ("desk-details", a.details.clone()),
        ("desk-deadline", deadline),
        ("desk-arrived-at", instant(a.arrived_at)),
        ("desk-called-at", instant(a.called_at)),
        ("desk-called-to", calls),
        ("desk-cancel-reason", a.cancel_reason.clone()),
        ("desk-made", made),
    ];
    Ok(in_words(room, rows))
}

fn holder_rows(room: &Room, a: &Appointment) -> Rows {
    let holder = &a.holder;
    let known = if holder.verified { "desk-verified" } else { "desk-not-verified" };
    let rows = [
        ("desk-given-name", holder.given_name.clone()),
        ("desk-family-name", holder.family_name.clone()),
        ("desk-fiscal-code", holder.fiscal_code.clone().unwrap_or_default()),
        ("desk-identity", room.t.get(known)),
        ("desk-language", room.t.get(&format!("desk-language-{}", a.language))),
    ];
    in_words(room, rows)
}

async fn answer_rows(conn: &mut PgConnection, room: &Room, a: &Appointment) -> Result<Rows> {
    let Some(form) = a.form else { return Ok(Vec::new()) };
    let form = forms::by_id(conn, room.entity.id, form).await?;
    Ok(forms::answers_as_text(&form.definition, &a.answers, room.t.code()))
}

fn payment(room: &Room, view: payments::PositionView) -> (Badge, Rows) {
    let position = view.position;
    let badge = payment_badge(room.t, position.state, &position.amount.to_string());
    let rows = [
        ("desk-payment-state", badge.text.clone()),
        ("desk-payment-for", position.description),
        ("desk-notice", position.nav),
        ("desk-iuv", position.iuv),
        ("desk-due", room.t.short_date(position.due_on)),
        ("desk-paid-at", position.paid_at.map(|at| room.t.short_date_time(at)).unwrap_or_default()),
        ("desk-receipt", view.receipt.map(|receipt| receipt.iur).unwrap_or_default()),
    ];
    (badge, in_words(room, rows))
}

/// Rows with a value, under their texts.
fn in_words<const N: usize>(room: &Room, rows: [(&str, String); N]) -> Rows {
    rows.into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| (room.t.get(key), value))
        .collect()
}

fn proposal_words(room: &Room, proposal: &Proposal) -> (String, Vec<String>, String) {
    let times = proposal.options.iter().map(|option| room.t.date_time(option.starts_at)).collect();
    (room.t.short_date_time(proposal.expires_at), times, proposal.message.clone())
}

/// Who did what, newest first: when, what, who.
async fn history(
    conn: &mut PgConnection,
    room: &Room,
    a: &Appointment,
) -> Result<Vec<(String, String, String)>> {
    let entries = audit::of_object(conn, room.entity.id, "appointment", &a.id.to_string()).await?;
    let staff = identity::store::staff(conn, room.entity.id).await?;
    let words = |entry: audit::Entry| {
        let member = staff.iter().find(|member| member.id.to_string() == entry.actor);
        let who = member.map_or_else(
            || room.t.get(&format!("desk-actor-{}", entry.actor_kind)),
            identity::StaffMember::full_name,
        );
        let key = format!("desk-record-{}", entry.action.replace(['.', '_'], "-"));
        let mut what = if room.t.has(&key) { room.t.get(&key) } else { entry.action.clone() };
        let start = |side: &Option<serde_json::Value>| {
            side.as_ref()?
                .get("starts_at")?
                .as_str()?
                .parse()
                .ok()
                .map(|at: chrono::DateTime<chrono::Utc>| at)
        };
        if let (Some(before), Some(after)) = (start(&entry.before), start(&entry.after))
            && before != after
        {
            let (from, to) = (room.t.short_date_time(before), room.t.short_date_time(after));
            what = format!("{what}: {from} → {to}");
        }
        (room.t.short_date_time(entry.at), what, who)
    };
    Ok(entries.into_iter().rev().map(words).collect())
}

/// `?codice=`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    codice: String,
}

/// `GET …/cerca`: the appointment of a code said on the phone.
pub async fn find(room: Room, Query(wanted): Query<Wanted>) -> Answer {
    let code: String = wanted.codice.chars().filter(char::is_ascii_alphanumeric).collect();
    let mut tx = room.begin().await?;
    let found = store::appointment_by_code(&mut tx, room.entity.id, &code.to_ascii_uppercase()).await?;
    let site = store::site(&mut tx, room.entity.id, found.site).await?;
    redirect(room.appointment_at(&site, &found.code))
}

/// The operators' own words.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Notes {
    notes: String,
}

/// `POST …/appuntamenti/{code}/note`.
pub async fn put_notes(
    room: Room,
    Path((_, _, code)): Path<(String, String, String)>,
    form: ProtectedForm<Notes>,
) -> Answer {
    let mut tx = room.begin().await?;
    let a = room.appointment(&mut tx, &code).await?;
    let notes = form.value.notes.replace("\r\n", "\n");
    let put = record::set_notes(&mut tx, room.entity.id, a.id, notes.trim(), &room.actor(), room.now).await;
    match put {
        Ok(()) => {
            tx.commit().await?;
            redirect_done(room.appointment_url(&a.code), "saved")
        }
        Err(wrong @ Error::Invalid(_)) => {
            drop(tx);
            draw(&room, &code, Some(notes), Some(&wrong)).await
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "desk/cancel.html", config = ".askama.toml")]
struct CancelPage {
    page: Page,
    back: String,
    when: String,
    reason: String,
    paid: bool,
}

/// `GET …/appuntamenti/{code}/annulla`.
pub async fn cancel_form(room: Room, Path((_, _, code)): Path<(String, String, String)>) -> Answer {
    draw_cancel(&room, &code, String::new(), None).await
}

async fn draw_cancel(room: &Room, code: &str, reason: String, wrong: Option<&Error>) -> Answer {
    let mut tx = room.begin().await?;
    let a = room.appointment(&mut tx, code).await?;
    let position = payments::of_appointment(&mut tx, room.entity.id, a.id).await?;
    let paid = position.is_some_and(|view| view.position.state == payments::State::Paid);
    let back = room.appointment_url(&a.code);
    let title = room.t.with("desk-cancel-title", &[("name", &full_name(&a))]);
    let page = room
        .page(title)
        .crumb(a.code.clone(), back.clone())
        .crumb(room.t.get("desk-cancel"), "")
        .errors(errors_of(wrong));
    let when = room.t.date_time(a.starts_at);
    render_refused(&CancelPage { page, back, when, reason, paid }, wrong)
}

/// Why an appointment is given back.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Reason {
    motivo: String,
}

/// `POST …/appuntamenti/{code}/annulla`.
pub async fn cancel(
    room: Room,
    Path((_, _, code)): Path<(String, String, String)>,
    form: ProtectedForm<Reason>,
) -> Answer {
    let reason = form.value.motivo.trim();
    let missing = reason.is_empty().then(|| FieldError::new("motivo", "required"));
    if let Some(wrong) = missing.or_else(|| cancel_reason_error("motivo", reason)) {
        return draw_cancel(&room, &code, reason.to_owned(), Some(&Error::Invalid(vec![wrong]))).await;
    }
    let mut tx = room.begin().await?;
    let a = room.appointment(&mut tx, &code).await?;
    booking::cancel(&mut tx, &room.entity, a.id, reason, &room.actor(), room.now).await?;
    tx.commit().await?;
    redirect_done(room.appointment_url(&a.code), "desk-cancelled")
}
