//! Step 3: why, and what the service's form asks.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::IntoResponse;
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use super::super::questions::{self, Question};
use super::{Applicant, Flow, Origin, Step, details_of, form_of, mended};
use crate::agenda::{Appointment, Details, Holder, Service, Site, booking, details_error};
use crate::error::{Error, FieldError};
use crate::forms::{self, Form};
use crate::web::form::ProtectedForm;
use crate::web::frame::{Answer, Visitor, redirect, render};
use crate::web::page::Page;

#[derive(Template)]
#[template(path = "citizen/booking/details.html", config = ".askama.toml")]
struct DetailsPage {
    page: Page,
    topic: String,
    reasons: Vec<(String, String)>,
    reason: String,
    details: String,
    details_required: bool,
    questions: Vec<Question>,
    kept_until: String,
    back_url: String,
}

/// What is posted, besides the answers to the form.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Written {
    #[serde(default)]
    motivo: String,
    #[serde(default)]
    dettagli: String,
}

/// `GET …/dettagli`.
pub(super) async fn show(
    visitor: Visitor,
    Path((_, slug)): Path<(String, String)>,
    Query(from): Query<Origin>,
) -> Answer {
    let mut tx = visitor.begin().await?;
    let flow = Flow::load(&mut tx, &visitor, &slug).await?;
    let held = flow.standing(&visitor)?;
    let form = form_of(&mut tx, &visitor, &flow.service).await?;
    let (_, site) = booking::context(&mut tx, &visitor.entity, held).await?;
    let code = visitor.t.code();
    let questions = form.map(|form| questions::answered(&form.definition, &held.answers, code));
    let written = Written { motivo: held.reason.clone(), dettagli: held.details.clone() };
    let page = flow.page(&visitor, Step::Details);
    render(&page_of(&visitor, &flow, page, (held, &site), written, questions.unwrap_or_default(), &from))
}

fn page_of(
    visitor: &Visitor,
    flow: &Flow,
    page: Page,
    (held, site): (&Appointment, &Site),
    written: Written,
    questions: Vec<Question>,
    from: &Origin,
) -> DetailsPage {
    let t = visitor.t.in_zone(site.zone);
    let code = t.code();
    let reasons = flow.service.reasons.iter();
    DetailsPage {
        page,
        topic: flow.service.name.get(code).to_owned(),
        reasons: reasons.map(|reason| (reason.get("it").to_owned(), reason.get(code).to_owned())).collect(),
        reason: written.motivo,
        details: written.dettagli,
        details_required: must_explain(&flow.service),
        questions,
        kept_until: held.expires_at.map(|until| t.clock(until)).unwrap_or_default(),
        back_url: flow.url(visitor, from.or(Step::Time)),
    }
}

/// Without reasons to choose from, the citizen says it in words.
fn must_explain(service: &Service) -> bool {
    service.reasons.is_empty()
}

/// Whether this step was done, with the form that is in use now.
pub(super) fn are_given(held: &Appointment, service: &Service, form: Option<&Form>) -> bool {
    let explained = if must_explain(service) { !held.details.is_empty() } else { !held.reason.is_empty() };
    explained && held.form == form.map(|form| form.id)
}

/// `POST …/dettagli`.
pub(super) async fn keep(
    visitor: Visitor,
    Path((_, slug)): Path<(String, String)>,
    Query(from): Query<Origin>,
    posted: ProtectedForm<Written>,
) -> Answer {
    let mut tx = visitor.begin().await?;
    let flow = Flow::load(&mut tx, &visitor, &slug).await?;
    let held = flow.held(&visitor)?;
    let form = form_of(&mut tx, &visitor, &flow.service).await?;
    let (answers, wrong) = match &form {
        Some(form) => forms::read(&form.definition, &posted.pairs),
        None => (Value::Object(serde_json::Map::new()), Vec::new()),
    };
    let written = Written { motivo: posted.value.motivo, dettagli: one_text(&posted.value.dettagli) };
    let code = visitor.t.code();
    let questions = form.as_ref().map(|form| questions::posted(&form.definition, &posted.pairs, code));
    let questions = questions.unwrap_or_default();
    let mut errors = wrong_fields(&written, &flow.service);
    errors.extend(questions::errors_on_page(wrong, &questions));
    if !errors.is_empty() {
        let (_, site) = booking::context(&mut tx, &visitor.entity, held).await?;
        let page = flow.page(&visitor, Step::Details).errors(errors);
        let again = page_of(&visitor, &flow, page, (held, &site), written, questions, &from);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, render(&again)?).into_response());
    }
    let details = Details {
        holder: known_holder(&visitor, &flow, held),
        reason: written.motivo,
        details: written.dettagli,
        form: form.map(|form| form.id),
        answers,
        ..details_of(held, &visitor)
    };
    match booking::fill(&mut tx, &visitor.entity, held.id, &details, visitor.now).await {
        Ok(()) => tx.commit().await?,
        Err(Error::Invalid(_)) => {
            return Err(Error::Inconsistent("answers checked twice differ".into()).into());
        }
        Err(error) => return Err(mended(error, &flow, &visitor)),
    }
    redirect(flow.url(&visitor, from.or(Step::Applicant)))
}

/// Lines as everybody counts them, without blanks around.
fn one_text(posted: &str) -> String {
    posted.replace("\r\n", "\n").trim().to_owned()
}

fn wrong_fields(written: &Written, service: &Service) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if !service.reasons.is_empty() && !service.offers(&written.motivo) {
        errors.push(FieldError::new("motivo", "choose_reason"));
    }
    if must_explain(service) && written.dettagli.is_empty() {
        errors.push(FieldError::new("dettagli", "details_missing"));
    }
    errors.extend(details_error("dettagli", &written.dettagli));
    errors
}

/// Who the appointment is for, as far as it is known: nobody is asked what the login has said.
fn known_holder(visitor: &Visitor, flow: &Flow, held: &Appointment) -> Holder {
    match flow.applicant(visitor) {
        Applicant::Citizen(person) if held.holder.fiscal_code != person.fiscal_code => Holder {
            given_name: person.given_name,
            family_name: person.family_name,
            fiscal_code: person.fiscal_code,
            email: person.email,
            phone: person.phone,
            verified: true,
        },
        _ => held.holder.clone(),
    }
}
