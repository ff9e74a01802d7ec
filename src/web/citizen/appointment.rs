//! The page of an appointment: confirmation, what to bring, payment, what can still be changed.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::IntoResponse;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use sqlx::PgConnection;

use super::access::{self, Admitted, Key};
use super::payments::Card;
use super::words;
use crate::agenda::{self, Appointment, Audience, Service, Site, State, booking, may_citizen_change};
use crate::desk;
use crate::error::{Error, Result};
use crate::ids::ProposalId;
use crate::notices::{self, links};
use crate::payments;
use crate::web::frame::{Answer, Ctx, Visitor, render};
use crate::web::i18n::T;
use crate::web::page::Page;

#[derive(Template)]
#[template(path = "citizen/appointment.html", config = ".askama.toml")]
struct AppointmentPage {
    page: Page,
    badge: (&'static str, String),
    service_name: String,
    rows: Vec<(String, String)>,
    bring: Vec<String>,
    site: Site,
    /// Whether the citizen is still expected.
    is_live: bool,
    email: String,
    payment: Option<Card>,
    proposal_url: Option<String>,
    /// It is paid and has no time: another is chosen without paying again.
    owes_time: bool,
    calendar_url: String,
    move_url: String,
    cancel_url: String,
    /// Why it cannot be changed any more; empty where it can.
    unchangeable: String,
    cancel_reason: String,
    service_url: String,
}

/// `GET /{entity}/appuntamenti/{code}`.
pub(super) async fn show(
    visitor: Visitor,
    Path((_, code)): Path<(String, String)>,
    Query(key): Query<Key>,
) -> Answer {
    let mut tx = visitor.begin().await?;
    let admitted = access::appointment(&visitor, &mut tx, &code, &key).await?;
    let appointment = &admitted.appointment;
    let (service, site) = booking::context(&mut tx, &visitor.entity, appointment).await?;
    let t = visitor.t.in_zone(site.zone);
    let view = payments::of_appointment(&mut tx, visitor.entity.id, appointment.id).await?;
    let position = view.as_ref().map(|view| &view.position);
    let owes_time = booking::is_owed_a_time(appointment, position, Audience::Citizen);
    let payment = view.map(|view| Card::of(&visitor, t, &view, Some(&admitted)));
    let proposal = open_proposal(&mut tx, &visitor, appointment).await?;
    let (title, lead_key) = match owes_time {
        true => ("citizen-title-owed-time", "citizen-lead-owed-time"),
        false => (title_key(appointment.state), lead_key(appointment.state)),
    };
    let title = visitor.t.get(title);
    let page = visitor.page(&title).lead(lead(t, lead_key, appointment)).crumb(title, "");
    let is_live = matches!(appointment.state, State::AwaitingPayment | State::Confirmed);
    render(&AppointmentPage {
        page,
        badge: words::state(t, appointment.state),
        service_name: service.name.get(t.code()).to_owned(),
        rows: rows(t, appointment, &service, &site),
        bring: bring(&service, t),
        is_live,
        email: if is_live { appointment.holder.email.clone() } else { String::new() },
        payment,
        owes_time,
        proposal_url: proposal.map(|id| proposal_url(&visitor, id)),
        calendar_url: admitted.url(&visitor, "/calendario.ics"),
        move_url: admitted.url(&visitor, "/sposta"),
        cancel_url: admitted.url(&visitor, "/disdici"),
        unchangeable: unchangeable(&visitor, appointment, &service),
        cancel_reason: appointment.cancel_reason.clone(),
        service_url: visitor.url(format_args!("servizi/{}", service.slug)),
        site,
    })
}

async fn open_proposal(
    conn: &mut PgConnection,
    ctx: &Ctx,
    appointment: &Appointment,
) -> Result<Option<ProposalId>> {
    let proposal = desk::open_proposal(conn, ctx.entity.id, appointment.id).await?;
    Ok(proposal.filter(|proposal| proposal.is_open(ctx.now)).map(|proposal| proposal.id))
}

/// The page of a proposal, with its own key: whoever sees the appointment may answer.
fn proposal_url(ctx: &Ctx, id: ProposalId) -> String {
    let url = links::proposal_url(&ctx.app, &ctx.entity, id);
    url.strip_prefix(ctx.app.config.server.base_url.as_str()).unwrap_or(&url).to_owned()
}

fn title_key(state: State) -> &'static str {
    match state {
        State::Held | State::AwaitingPayment => "citizen-title-awaiting-payment",
        State::Confirmed => "citizen-title-confirmed",
        State::Arrived | State::Called => "citizen-title-arrived",
        State::Served => "citizen-title-served",
        State::NoShow => "citizen-title-no-show",
        State::Cancelled => "citizen-title-cancelled",
        State::Expired => "citizen-title-expired",
    }
}

fn lead_key(state: State) -> &'static str {
    match state {
        State::Confirmed => "citizen-lead-confirmed",
        State::AwaitingPayment => "citizen-lead-awaiting-payment",
        State::Expired => "citizen-lead-expired",
        State::Cancelled => "citizen-lead-cancelled",
        _ => "citizen-lead-other",
    }
}

fn lead(t: T, key: &str, appointment: &Appointment) -> String {
    let date = t.date(t.day_of(appointment.starts_at));
    t.with(
        key,
        &[("date", &date), ("from", &t.clock(appointment.starts_at)), ("to", &t.clock(appointment.ends_at))],
    )
}

/// What the page says of an appointment, line by line.
pub(super) fn rows(t: T, appointment: &Appointment, service: &Service, site: &Site) -> Vec<(String, String)> {
    let code = t.code();
    let holder = &appointment.holder;
    let rows = [
        ("citizen-code", appointment.code.clone()),
        ("citizen-when", t.date_time(appointment.starts_at)),
        ("citizen-site", site.name.clone()),
        ("citizen-site-address", site.address.clone()),
        ("citizen-site-directions", site.directions.clone()),
        ("citizen-reason", words::reason(service, &appointment.reason, code)),
        ("citizen-applicant", format!("{} {}", holder.given_name, holder.family_name).trim().to_owned()),
    ];
    let given = rows.into_iter().filter(|(_, value)| !value.is_empty());
    given.map(|(key, value)| (t.get(key), value)).collect()
}

/// What to bring, one thing a line: entities write them with semicolons between.
fn bring(service: &Service, t: T) -> Vec<String> {
    let things = service.bring.get(t.code()).split(';');
    things.map(|thing| thing.trim().to_owned()).filter(|thing| !thing.is_empty()).collect()
}

fn unchangeable(ctx: &Ctx, appointment: &Appointment, service: &Service) -> String {
    match may_citizen_change(appointment, service, ctx.now) {
        Err(Error::Refused(code @ "too_late_to_change")) => ctx.t.get(&format!("error-{code}")),
        _ => String::new(),
    }
}

/// `GET /{entity}/appuntamenti/{code}/calendario.ics`.
pub(super) async fn calendar(
    ctx: Ctx,
    Path((_, code)): Path<(String, String)>,
    Query(key): Query<Key>,
) -> Answer {
    let mut tx = ctx.begin().await?;
    let Admitted { appointment, .. } = access::appointment(&ctx, &mut tx, &code, &key).await?;
    let service = agenda::store::service(&mut tx, ctx.entity.id, appointment.service).await?;
    let site = agenda::store::site(&mut tx, ctx.entity.id, appointment.site).await?;
    let file = notices::calendar_file(&ctx.app, &ctx.entity, &site, &service, &appointment, ctx.t.language);
    let name = format!("attachment; filename=\"appuntamento-{}.ics\"", appointment.code);
    let headers = [(CONTENT_TYPE, "text/calendar; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, name)];
    Ok((headers, file).into_response())
}
