//! Step 5: everything in one sight, then the confirmation.

use askama::Template;
use axum::extract::Path;
use axum::response::Redirect;

use super::super::words;
use super::{Applicant, Flow, Step, details, form_of, mended, place_rows};
use crate::agenda::{Appointment, Service, booking};
use crate::forms::{self, Form};
use crate::money::Cents;
use crate::notices::links;
use crate::web::error::PageError;
use crate::web::form::ProtectedForm;
use crate::web::frame::{Answer, Visitor, redirect, render};
use crate::web::i18n::T;
use crate::web::page::Page;

type Rows = Vec<(String, String)>;

#[derive(Template)]
#[template(path = "citizen/booking/summary.html", config = ".askama.toml")]
struct Summary {
    page: Page,
    place: Rows,
    time: Rows,
    details: Rows,
    applicant: Rows,
    price: Rows,
    total: Cents,
    /// When it is paid; empty where nothing is.
    when_paid: String,
    kept_until: String,
    privacy_url: String,
    urls: [String; 4],
}

/// `GET …/riepilogo`.
pub(super) async fn show(visitor: Visitor, Path((_, slug)): Path<(String, String)>) -> Answer {
    let mut tx = visitor.begin().await?;
    let flow = Flow::load(&mut tx, &visitor, &slug).await?;
    let held = flow.standing(&visitor)?;
    let form = form_of(&mut tx, &visitor, &flow.service).await?;
    check_complete(&visitor, &flow, held, form.as_ref())?;
    let (service, site) = booking::context(&mut tx, &visitor.entity, held).await?;
    let quote = booking::quote(&mut tx, &visitor.entity, held, visitor.now).await?;
    let t = visitor.t.in_zone(site.zone);
    let page = flow.page(&visitor, Step::Summary);
    let mut place = vec![(t.get("citizen-site"), site.name.clone())];
    place.extend(place_rows(&page, &site));
    let edit = |step: Step| format!("{}?torna=riepilogo", flow.url(&visitor, step));
    render(&Summary {
        place,
        time: time_rows(t, held),
        details: details_rows(t, &service, held, form.as_ref()),
        applicant: applicant_rows(t, held),
        price: words::quote_lines(t, &quote),
        total: quote.total(),
        when_paid: words::when_paid(t, &quote),
        kept_until: held.expires_at.map(|until| t.clock(until)).unwrap_or_default(),
        privacy_url: visitor.entity.privacy_url.clone().unwrap_or_else(|| visitor.url("privacy")),
        urls: [Step::Place, Step::Time, Step::Details, Step::Applicant].map(edit),
        page,
    })
}

/// Sends back to the first step that is not done.
fn check_complete(
    visitor: &Visitor,
    flow: &Flow,
    held: &Appointment,
    form: Option<&Form>,
) -> Result<(), PageError> {
    let holder = &held.holder;
    let is_known = match flow.applicant(visitor) {
        Applicant::Citizen(person) => holder.verified && holder.fiscal_code == person.fiscal_code,
        Applicant::Guest => !holder.verified,
        Applicant::LoginNeeded => false,
    };
    let missing = if !details::are_given(held, &flow.service, form) {
        Step::Details
    } else if !is_known || holder.family_name.is_empty() || holder.email.is_empty() {
        Step::Applicant
    } else {
        return Ok(());
    };
    Err(PageError::instead(Redirect::to(&flow.url(visitor, missing))))
}

fn time_rows(t: T, held: &Appointment) -> Rows {
    vec![
        (t.get("citizen-day"), t.date(t.day_of(held.starts_at))),
        (t.get("citizen-hour"), format!("{} - {}", t.clock(held.starts_at), t.clock(held.ends_at))),
    ]
}

fn details_rows(t: T, service: &Service, held: &Appointment, form: Option<&Form>) -> Rows {
    let code = t.code();
    let mut rows = vec![(t.get("citizen-service"), service.name.get(code).to_owned())];
    if !held.reason.is_empty() {
        rows.push((t.get("citizen-reason"), words::reason(service, &held.reason, code)));
    }
    if let Some(form) = form {
        rows.extend(forms::answers_as_text(&form.definition, &held.answers, code));
    }
    if !held.details.is_empty() {
        rows.push((t.get("citizen-details"), held.details.clone()));
    }
    rows
}

fn applicant_rows(t: T, held: &Appointment) -> Rows {
    let holder = &held.holder;
    let rows = [
        ("citizen-given-name", holder.given_name.as_str()),
        ("citizen-family-name", &holder.family_name),
        ("citizen-fiscal-code", holder.fiscal_code.as_deref().unwrap_or_default()),
        ("citizen-email", &holder.email),
        ("citizen-phone", &holder.phone),
    ];
    let given = rows.into_iter().filter(|(_, value)| !value.is_empty());
    given.map(|(key, value)| (t.get(key), value.to_owned())).collect()
}

/// `POST …/riepilogo`. Sent twice, it confirms once and leads to the same appointment.
pub(super) async fn confirm(
    visitor: Visitor,
    Path((_, slug)): Path<(String, String)>,
    form: ProtectedForm,
) -> Answer {
    let mut tx = visitor.begin().await?;
    if let Some(url) = form.first::<String>(&mut tx, &visitor, "confirm").await? {
        return redirect(url);
    }
    let flow = Flow::load(&mut tx, &visitor, &slug).await?;
    let held = flow.held(&visitor)?;
    let definition = form_of(&mut tx, &visitor, &flow.service).await?;
    check_complete(&visitor, &flow, held, definition.as_ref())?;
    let booked = booking::confirm(&mut tx, &visitor.entity, held.id, &visitor.actor(), visitor.now)
        .await
        .map_err(|error| mended(error, &flow, &visitor))?;
    let url = page_after(&visitor, &booked.appointment);
    form.keep(tx, &visitor, "confirm", &url).await?;
    redirect(url)
}

/// The appointment's page. A guest's address carries the key, so that it can be kept and opened later.
fn page_after(visitor: &Visitor, appointment: &Appointment) -> String {
    if appointment.holder.verified {
        return visitor.url(format_args!("appuntamenti/{}", appointment.code));
    }
    let url = links::appointment_url(&visitor.app, &visitor.entity, appointment);
    let base = &visitor.app.config.server.base_url;
    url.strip_prefix(base.as_str()).unwrap_or(&url).to_owned()
}
