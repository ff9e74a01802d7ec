//! Booking, in the five steps of the model the State prescribes: place, day and time, details, applicant, summary.
//!
//! Choosing a time holds it for some minutes. What is written on the later steps is kept on the held appointment, which
//! belongs to the browser's session: nothing travels in hidden fields, and going back loses nothing.

mod applicant;
mod details;
mod place;
mod summary;
mod time;

use axum::Router;
use axum::extract::Path;
use axum::response::Redirect;
use axum::routing::get;
use serde::Deserialize;
use sqlx::PgConnection;

use crate::agenda::{self, Appointment, Audience, Details, Service, Site, State, booking};
use crate::app::App;
use crate::error::{Error, Result};
use crate::forms::{self, Form};
use crate::identity::Person;
use crate::payments;
use crate::web::error::PageError;
use crate::web::frame::{Answer, Ctx, Visitor, redirect};
use crate::web::page::Page;

/// Its routes.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/{entity}/prenota/{service}", get(begin))
        .route("/{entity}/prenota/{service}/luogo", get(place::show).post(place::choose))
        .route("/{entity}/prenota/{service}/data-e-orario", get(time::show).post(time::choose))
        .route("/{entity}/prenota/{service}/dettagli", get(details::show).post(details::keep))
        .route("/{entity}/prenota/{service}/richiedente", get(applicant::show).post(applicant::keep))
        .route("/{entity}/prenota/{service}/riepilogo", get(summary::show).post(summary::confirm))
}

async fn begin(ctx: Ctx, Path((_, service)): Path<(String, String)>) -> Answer {
    redirect(ctx.url(format_args!("prenota/{service}/luogo")))
}

/// A step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Place,
    Time,
    Details,
    Applicant,
    Summary,
}

impl Step {
    const ALL: [Self; 5] = [Self::Place, Self::Time, Self::Details, Self::Applicant, Self::Summary];

    /// The last part of its address.
    fn path(self) -> &'static str {
        match self {
            Self::Place => "luogo",
            Self::Time => "data-e-orario",
            Self::Details => "dettagli",
            Self::Applicant => "richiedente",
            Self::Summary => "riepilogo",
        }
    }
}

/// Where the visitor comes from: the summary's "Modifica" leads back to it.
#[derive(Debug, Default, Deserialize)]
struct Origin {
    #[serde(default)]
    torna: Option<String>,
}

impl Origin {
    fn is_summary(&self) -> bool {
        self.torna.as_deref() == Some(Step::Summary.path())
    }

    /// The summary where the visitor came from it, else this step.
    fn or(&self, step: Step) -> Step {
        if self.is_summary() { Step::Summary } else { step }
    }

    /// The query that keeps it.
    fn query(&self) -> &'static str {
        if self.is_summary() { "?torna=riepilogo" } else { "" }
    }
}

/// What is being booked, and what this browser holds of it.
struct Flow {
    service: Service,
    /// The time held last; its deadline may have passed.
    held: Option<Appointment>,
}

/// Who books, as far as this service asks.
enum Applicant {
    /// Logged in, with the assurance level the service needs.
    Citizen(Box<Person>),
    /// Nobody in particular; the service lets guests book.
    Guest,
    /// Must log in first, or with a higher level.
    LoginNeeded,
}

impl Flow {
    /// Where the last one was paid too late to keep its time, the way is to its page: another time is chosen there, and
    /// nothing is paid again.
    async fn load(conn: &mut PgConnection, visitor: &Visitor, slug: &str) -> Result<Self, PageError> {
        let entity = visitor.entity.id;
        let service = agenda::store::service_by_slug(conn, entity, slug).await?;
        let held = agenda::store::last_of_session(conn, entity, visitor.session.id, service.id).await?;
        if let Some(last) = held.as_ref().filter(|last| last.state == State::Expired) {
            let position = payments::of_appointment(conn, entity, last.id).await?.map(|view| view.position);
            if booking::is_owed_a_time(last, position.as_ref(), Audience::Citizen) {
                let page = visitor.url(format_args!("appuntamenti/{}", last.code));
                return Err(PageError::instead(Redirect::to(&page)));
            }
        }
        Ok(Self { service, held })
    }

    /// The held time, or the way to choose one: again, where its deadline has passed.
    fn standing(&self, visitor: &Visitor) -> Result<&Appointment, PageError> {
        match &self.held {
            Some(held) if held.stands(visitor.now) => Ok(held),
            Some(_) => Err(PageError::instead(Redirect::to(&self.expired_url(visitor)))),
            None => Err(PageError::instead(Redirect::to(&self.url(visitor, Step::Place)))),
        }
    }

    /// The held time even past its deadline: what is sent then takes it again, if it is still free.
    fn held(&self, visitor: &Visitor) -> Result<&Appointment, PageError> {
        let first = || PageError::instead(Redirect::to(&self.url(visitor, Step::Place)));
        self.held.as_ref().ok_or_else(first)
    }

    /// Where a time is chosen again after the deadline.
    fn expired_url(&self, ctx: &Ctx) -> String {
        format!("{}?scaduto=1", self.url(ctx, Step::Time))
    }

    fn url(&self, ctx: &Ctx, step: Step) -> String {
        ctx.url(format_args!("prenota/{}/{}", self.service.slug, step.path()))
    }

    fn page(&self, ctx: &Ctx, step: Step) -> Page {
        let name = self.service.name.get(ctx.t.code());
        let steps = Step::ALL.map(|step| ctx.t.get(&format!("citizen-step-{}", step.path())));
        let title = ctx.t.get("citizen-booking-title");
        ctx.page(title.clone())
            .lead(name)
            .crumb(name, ctx.url(format_args!("servizi/{}", self.service.slug)))
            .crumb(title, "")
            .steps(steps, step as usize + 1)
    }

    /// Who books: the login counts only with the level the service asks for.
    fn applicant(&self, visitor: &Visitor) -> Applicant {
        let session = &visitor.session;
        let person = session.person.clone().filter(|p| p.fiscal_code.is_some() && session.staff.is_none());
        match person {
            Some(person) if i16::from(session.level) >= self.service.minimum_level => {
                Applicant::Citizen(Box::new(person))
            }
            _ if self.service.minimum_level == 0 => Applicant::Guest,
            _ => Applicant::LoginNeeded,
        }
    }
}

/// The service's form in use.
async fn form_of(conn: &mut PgConnection, ctx: &Ctx, service: &Service) -> Result<Option<Form>> {
    forms::published(conn, ctx.entity.id, service.id).await
}

/// What is on a held appointment already, to be kept with one part changed.
fn details_of(held: &Appointment, visitor: &Visitor) -> Details {
    Details {
        holder: held.holder.clone(),
        reason: held.reason.clone(),
        details: held.details.clone(),
        form: held.form,
        answers: held.answers.clone(),
        language: visitor.t.code().to_owned(),
        per_citizen_max: Some(visitor.app.config.booking.per_citizen_max),
    }
}

/// Sends the browser on after a refusal that another step mends; other errors stay what they are.
fn mended(error: Error, flow: &Flow, ctx: &Ctx) -> PageError {
    let to = match error {
        Error::Taken | Error::Refused("hold_expired") => flow.expired_url(ctx),
        Error::Refused("form_changed") => flow.url(ctx, Step::Details),
        Error::Refused("details_missing") => flow.url(ctx, Step::Applicant),
        other => return other.into(),
    };
    PageError::instead(Redirect::to(&to))
}

/// The card of the chosen place.
fn place_rows(page: &Page, site: &Site) -> Vec<(String, String)> {
    let rows = [("citizen-site-address", &site.address), ("citizen-site-opening", &site.opening)];
    let rows = rows.into_iter().filter(|(_, value)| !value.is_empty());
    rows.map(|(key, value)| (page.t.get(key), value.clone())).collect()
}
