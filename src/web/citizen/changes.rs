//! Moving an appointment and giving it back.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::IntoResponse;
use chrono::{DateTime, Utc};
use http::StatusCode;
use serde::Deserialize;

use super::access::{self, Key};
use super::appointment::rows;
use super::chooser::{self, Chooser};
use crate::agenda::{
    self, Appointment, Service, Site, State, booking, cancel_reason_error, may_citizen_change,
};
use crate::error::{Error, FieldError, Result};
use crate::payments;
use crate::web::form::ProtectedForm;
use crate::web::frame::{Answer, Visitor, redirect_done, render};
use crate::web::page::Page;

#[derive(Template)]
#[template(path = "citizen/move.html", config = ".askama.toml")]
struct Move {
    page: Page,
    /// When and where it is now; empty where it has no time any more.
    now_at: String,
    chooser: Chooser,
    sites: Vec<(String, String)>,
    site: Site,
    key: String,
    action: String,
    /// What went wrong, in words; empty where nothing did.
    problem: String,
    back_url: String,
}

/// What the address says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wish {
    sede: String,
    mese: String,
}

/// What is posted.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Choice {
    sede: String,
    quando: String,
}

/// `GET …/sposta`.
pub(super) async fn choose(
    visitor: Visitor,
    Path((_, code)): Path<(String, String)>,
    Query(key): Query<Key>,
    Query(wish): Query<Wish>,
) -> Answer {
    draw(&visitor, &code, &key, &wish, &Trouble::None).await
}

/// Why the page is drawn again.
enum Trouble {
    None,
    NothingChosen,
    Taken(DateTime<Utc>),
}

async fn draw(visitor: &Visitor, code: &str, key: &Key, wish: &Wish, trouble: &Trouble) -> Answer {
    let mut tx = visitor.begin().await?;
    let admitted = access::appointment(visitor, &mut tx, code, key).await?;
    let appointment = &admitted.appointment;
    let (service, now_at) = booking::context(&mut tx, &visitor.entity, appointment).await?;
    booking::may_citizen_move(&mut tx, &visitor.entity, appointment, visitor.now).await?;
    let sites = agenda::store::sites_of_service(&mut tx, visitor.entity.id, service.id).await?;
    let site = sites.iter().find(|site| site.slug == wish.sede).unwrap_or(&now_at).clone();
    let chooser = match trouble {
        Trouble::Taken(wanted) => chooser::load_around(&mut tx, visitor, &service, &site, *wanted).await?,
        _ => chooser::load(&mut tx, visitor, &service, &site, &wish.mese, None).await?,
    };
    let t = visitor.t.in_zone(now_at.zone);
    let title = t.get("citizen-move-title");
    let page = visitor.page(&title).lead(service.name.get(t.code()));
    let page = page.crumb(t.get("citizen-appointment"), admitted.url(visitor, "")).crumb(title, "");
    let errors = match trouble {
        Trouble::NothingChosen => vec![FieldError::new("quando", "choose_time")],
        _ => Vec::new(),
    };
    render(&Move {
        page: page.errors(errors),
        now_at: match appointment.state {
            State::Expired => String::new(),
            _ => format!("{} · {}", t.date_time(appointment.starts_at), now_at.name),
        },
        chooser,
        sites: sites.into_iter().map(|site| (site.slug, site.name)).collect(),
        site,
        key: admitted.key().to_owned(),
        action: admitted.url(visitor, "/sposta"),
        problem: if matches!(trouble, Trouble::Taken(_)) { t.get("error-taken") } else { String::new() },
        back_url: admitted.url(visitor, ""),
    })
}

/// `POST …/sposta`.
pub(super) async fn move_to(
    visitor: Visitor,
    Path((_, code)): Path<(String, String)>,
    Query(key): Query<Key>,
    form: ProtectedForm<Choice>,
) -> Answer {
    let wish = Wish { sede: form.value.sede.clone(), mese: String::new() };
    let Some(start) = chooser::instant_of(&form.value.quando) else {
        let drawn = draw(&visitor, &code, &key, &wish, &Trouble::NothingChosen).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, drawn).into_response());
    };
    let mut tx = visitor.begin().await?;
    let admitted = access::appointment(&visitor, &mut tx, &code, &key).await?;
    let appointment = &admitted.appointment;
    let sites = agenda::store::sites_of_service(&mut tx, visitor.entity.id, appointment.service).await?;
    let site = sites.iter().find(|site| site.slug == wish.sede).ok_or(Error::NotFound("site"))?;
    // Sent again, it has the time already, for which it may be too late to change.
    if (appointment.site, appointment.starts_at) != (site.id, start) {
        booking::may_citizen_move(&mut tx, &visitor.entity, appointment, visitor.now).await?;
    }
    let id = appointment.id;
    let actor = visitor.actor();
    let by = (&actor, agenda::Audience::Citizen);
    match booking::move_to(&mut tx, &visitor.entity, id, (site.id, start), by, visitor.now).await {
        Ok(_) => tx.commit().await?,
        Err(Error::Taken) => {
            drop(tx);
            let drawn = draw(&visitor, &code, &key, &wish, &Trouble::Taken(start)).await?;
            return Ok((StatusCode::CONFLICT, drawn).into_response());
        }
        Err(error) => return Err(error.into()),
    }
    redirect_done(admitted.url(&visitor, ""), "appointment-moved")
}

async fn changeable(
    visitor: &Visitor,
    conn: &mut sqlx::PgConnection,
    appointment: &Appointment,
) -> Result<Service> {
    let service = agenda::store::service(conn, visitor.entity.id, appointment.service).await?;
    may_citizen_change(appointment, &service, visitor.now)?;
    Ok(service)
}

#[derive(Template)]
#[template(path = "citizen/cancel.html", config = ".askama.toml")]
struct Cancel {
    page: Page,
    service_name: String,
    rows: Vec<(String, String)>,
    reason: String,
    is_paid: bool,
    action: String,
    back_url: String,
}

/// What is posted.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Reason {
    motivo: String,
}

/// `GET …/disdici`.
pub(super) async fn ask(
    visitor: Visitor,
    Path((_, code)): Path<(String, String)>,
    Query(key): Query<Key>,
) -> Answer {
    draw_cancel(&visitor, &code, &key, "", Vec::new()).await
}

async fn draw_cancel(
    visitor: &Visitor,
    code: &str,
    key: &Key,
    reason: &str,
    errors: Vec<FieldError>,
) -> Answer {
    let mut tx = visitor.begin().await?;
    let admitted = access::appointment(visitor, &mut tx, code, key).await?;
    let service = changeable(visitor, &mut tx, &admitted.appointment).await?;
    let site = agenda::store::site(&mut tx, visitor.entity.id, admitted.appointment.site).await?;
    let paid = payments::of_appointment(&mut tx, visitor.entity.id, admitted.appointment.id).await?;
    let t = visitor.t.in_zone(site.zone);
    let title = t.get("citizen-cancel-title");
    let page = visitor.page(&title).lead(t.get("citizen-cancel-lead"));
    let page = page.crumb(t.get("citizen-appointment"), admitted.url(visitor, "")).crumb(title, "");
    render(&Cancel {
        page: page.errors(errors),
        service_name: service.name.get(t.code()).to_owned(),
        rows: rows(t, &admitted.appointment, &service, &site),
        reason: reason.to_owned(),
        is_paid: paid.is_some_and(|view| view.position.state == payments::State::Paid),
        action: admitted.url(visitor, "/disdici"),
        back_url: admitted.url(visitor, ""),
    })
}

/// `POST …/disdici`.
pub(super) async fn cancel(
    visitor: Visitor,
    Path((_, code)): Path<(String, String)>,
    Query(key): Query<Key>,
    form: ProtectedForm<Reason>,
) -> Answer {
    let reason = form.value.motivo.replace("\r\n", "\n").trim().to_owned();
    if let Some(wrong) = cancel_reason_error("motivo", &reason) {
        let drawn = draw_cancel(&visitor, &code, &key, &reason, vec![wrong]).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, drawn).into_response());
    }
    let mut tx = visitor.begin().await?;
    let admitted = access::appointment(&visitor, &mut tx, &code, &key).await?;
    let appointment = &admitted.appointment;
    if appointment.state != agenda::State::Cancelled {
        changeable(&visitor, &mut tx, appointment).await?;
    }
    booking::cancel(&mut tx, &visitor.entity, appointment.id, &reason, &visitor.actor(), visitor.now).await?;
    tx.commit().await?;
    redirect_done(admitted.url(&visitor, ""), "appointment-cancelled")
}
