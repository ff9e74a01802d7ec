//! An appointment for a citizen on the phone: service → time → who and what for → summary → done. What was written
//! goes with the pages; nothing is held until it is confirmed.

use askama::Template;
use axum::extract::{Path, Query};
use serde::Deserialize;
use serde_json::json;
use sqlx::PgConnection;

use super::fields::{Question, Written, questions, value};
use super::moving::errors_of;
use super::room::Room;
use super::times::{Asked, Choice, chosen};
use crate::agenda::{Channel, NewAppointment, Service, booking, store};
use crate::error::{Error, Result};
use crate::forms::{self, Form};
use crate::payments::{self, Quote};
use crate::web::error::PageError;
use crate::web::form::ProtectedForm;
use crate::web::frame::{Answer, redirect_done, render, render_refused};
use crate::web::page::Page;

const STEPS: [&str; 4] = ["desk-step-service", "desk-step-time", "desk-step-data", "desk-step-summary"];

/// The fields of who comes and what for, with the keys of their labels.
const LABELS: [(&str, &str); 7] = [
    ("given_name", "desk-given-name"),
    ("family_name", "desk-family-name"),
    ("fiscal_code", "desk-fiscal-code"),
    ("email", "desk-email"),
    ("phone", "desk-phone"),
    ("reason", "desk-reason"),
    ("details", "desk-details"),
];

fn page(room: &Room, step: usize) -> Page {
    room.page(room.t.get("desk-insert-title"))
        .crumb(room.t.get("desk-section-insert"), "")
        .steps(STEPS.map(|key| room.t.get(key)), step)
}

/// The services of a category.
struct Group {
    category: String,
    services: Vec<Service>,
}

#[derive(Template)]
#[template(path = "desk/insert_service.html", config = ".askama.toml")]
struct ServicePage {
    page: Page,
    base: String,
    groups: Vec<Group>,
}

/// `GET …/nuovo`.
pub async fn services(room: Room) -> Answer {
    let services = store::services(&mut *room.begin().await?, room.entity.id).await?;
    let mut groups: Vec<Group> = Vec::new();
    for service in services.into_iter().filter(|service| service.active) {
        match groups.iter_mut().find(|group| group.category == service.category) {
            Some(group) => group.services.push(service),
            None => groups.push(Group { category: service.category.clone(), services: vec![service] }),
        }
    }
    render(&ServicePage { page: page(&room, 1), base: room.url("nuovo"), groups })
}

#[derive(Template)]
#[template(path = "desk/insert_time.html", config = ".askama.toml")]
struct TimePage {
    page: Page,
    service: String,
    choice: Choice,
    picked: Vec<String>,
    action: String,
    back: String,
}

/// `GET …/nuovo/{service}`.
pub async fn choose(
    room: Room,
    Path((_, _, slug)): Path<(String, String, String)>,
    Query(mut asked): Query<Asked>,
) -> Answer {
    asked.prefer(&room.site.slug);
    draw_times(&room, &slug, &asked, None).await
}

async fn draw_times(room: &Room, slug: &str, asked: &Asked, error: Option<&Error>) -> Answer {
    let mut tx = room.begin().await?;
    let service = store::service_by_slug(&mut tx, room.entity.id, slug).await?;
    let choice = Choice::read(&mut tx, room, service.id, asked).await?;
    let action = room.url(format_args!("nuovo/{slug}/dati"));
    let name = service.name.get(room.t.code()).to_owned();
    let page = page(room, 2).errors(errors_of(error));
    let picked = Vec::new();
    let back = room.url("nuovo");
    render_refused(&TimePage { page, service: name, choice, picked, action, back }, error)
}

/// What the next pages need of what was chosen so far.
struct Draft {
    service: Service,
    form: Option<Form>,
    when: String,
    site_name: String,
    words: String,
    quote: Quote,
}

impl Draft {
    async fn read(
        conn: &mut PgConnection,
        room: &Room,
        slug: &str,
        when: &str,
        answers: &serde_json::Value,
    ) -> Result<Self> {
        let service = store::service_by_slug(conn, room.entity.id, slug).await?;
        let (site, start) = chosen(conn, room, when).await?;
        let site = store::site(conn, room.entity.id, site).await?;
        let form = forms::published(conn, room.entity.id, service.id).await?;
        let (id, zone) = (service.id, site.zone);
        let quote = payments::quote(conn, &room.entity, id, start, zone, answers, room.now).await?;
        let words = room.t.in_zone(zone).date_time(start);
        Ok(Self { service, form, when: when.to_owned(), site_name: site.name, words, quote })
    }

    fn name(&self, room: &Room) -> String {
        self.service.name.get(room.t.code()).to_owned()
    }
}

#[derive(Template)]
#[template(path = "desk/insert_data.html", config = ".askama.toml")]
struct DataPage {
    page: Page,
    service: String,
    where_when: String,
    when: String,
    back: String,
    reasons: Vec<(String, String)>,
    questions: Vec<Question>,
    pairs: Vec<(String, String)>,
    languages: Vec<(String, String)>,
}

impl DataPage {
    fn value(&self, name: &str) -> String {
        value(&self.pairs, name)
    }
}

/// `?quando=`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct When {
    quando: String,
}

/// `GET …/nuovo/{service}/dati?quando=`.
pub async fn details(
    room: Room,
    Path((_, _, slug)): Path<(String, String, String)>,
    Query(when): Query<When>,
) -> Answer {
    match draw_data(&room, &slug, &when.quando, Vec::new(), None).await {
        Err(PageError::Failed(error @ Error::Invalid(_))) => {
            draw_times(&room, &slug, &Asked::of(&room.site.slug), Some(&error)).await
        }
        answer => answer,
    }
}

async fn draw_data(
    room: &Room,
    slug: &str,
    when: &str,
    pairs: Vec<(String, String)>,
    error: Option<&Error>,
) -> Answer {
    let draft = Draft::read(&mut *room.begin().await?, room, slug, when, &json!({})).await?;
    let reasons = draft.service.reasons.iter();
    let questions = questions(draft.form.as_ref(), room.t, &pairs);
    let labels = LABELS.map(|(field, key)| (field.to_owned(), room.t.get(key)));
    let asked = questions.iter().map(|question| (question.name.clone(), question.field.label.clone()));
    let drawn = DataPage {
        page: page(room, 3).errors(errors_of(error)).labels(labels.into_iter().chain(asked)),
        service: draft.name(room),
        where_when: format!("{} · {}", draft.words, draft.site_name),
        back: room.url(format_args!("nuovo/{slug}")),
        reasons: reasons.map(|r| (r.get("it").to_owned(), r.get(room.t.code()).to_owned())).collect(),
        questions,
        languages: ["it", "en"].map(|l| (l.to_owned(), room.t.get(&format!("desk-language-{l}")))).into(),
        when: draft.when,
        pairs,
    };
    render_refused(&drawn, error)
}

#[derive(Template)]
#[template(path = "desk/insert_summary.html", config = ".askama.toml")]
struct SummaryPage {
    page: Page,
    cards: Vec<(String, Vec<(String, String)>)>,
    pairs: Vec<(String, String)>,
    action: String,
    back: String,
    in_advance: bool,
    told: bool,
}

/// `POST …/nuovo/{service}/dati`: the summary, or the same page with what is wrong.
pub async fn check(
    room: Room,
    Path((_, _, slug)): Path<(String, String, String)>,
    form: ProtectedForm<When>,
) -> Answer {
    let mut tx = room.begin().await?;
    let (draft, written) = read(&mut tx, &room, &slug, &form.value.quando, &form.pairs).await?;
    drop(tx);
    if !written.errors.is_empty() || value(&form.pairs, "modifica") == "true" {
        let pairs = form.pairs.into_iter().filter(|(name, _)| name != "modifica").collect();
        let wrong = Some(Error::Invalid(written.errors)).filter(|error| !errors_of(Some(error)).is_empty());
        return draw_data(&room, &slug, &draft.when, pairs, wrong.as_ref()).await;
    }
    let told = !written.holder.email.is_empty() || written.holder.fiscal_code.is_some();
    render(&SummaryPage {
        page: page(&room, 4),
        cards: summary(&room, &draft, &written),
        pairs: form.pairs,
        action: room.url(format_args!("nuovo/{slug}/conferma")),
        back: room.url(format_args!("nuovo/{slug}/dati")),
        in_advance: draft.quote.in_advance && draft.quote.total() != crate::money::Cents::ZERO,
        told,
    })
}

async fn read(
    conn: &mut PgConnection,
    room: &Room,
    slug: &str,
    when: &str,
    pairs: &[(String, String)],
) -> Result<(Draft, Written)> {
    let asked = store::service_by_slug(conn, room.entity.id, slug).await?;
    let form = forms::published(conn, room.entity.id, asked.id).await?;
    let written = Written::read(pairs, &asked, form.as_ref(), false);
    let draft = Draft::read(conn, room, slug, when, &written.answers).await?;
    // Only what is paid needs a fiscal code: the debtor's.
    let code_needed = draft.quote.total() != crate::money::Cents::ZERO;
    let written = if code_needed { Written::read(pairs, &asked, form.as_ref(), true) } else { written };
    Ok((draft, written))
}

fn summary(room: &Room, draft: &Draft, written: &Written) -> Vec<(String, Vec<(String, String)>)> {
    let t = room.t;
    let holder = &written.holder;
    let row = |key: &str, value: &str| (t.get(key), value.to_owned());
    let reason = draft.service.reasons.iter().find(|r| r.get("it") == written.reason);
    let items = draft.quote.items.iter();
    let mut cost: Vec<_> =
        items.map(|item| (item.description.get(t.code()).to_owned(), item.amount.to_string())).collect();
    if cost.len() > 1 {
        cost.push((t.get("desk-total"), draft.quote.total().to_string()));
    }
    let answers = draft.form.as_ref();
    let mut cards = vec![
        (
            t.get("desk-card-appointment"),
            vec![
                row("desk-service", &draft.name(room)),
                row("desk-when", &draft.words),
                row("desk-site", &draft.site_name),
                row("desk-reason", reason.map_or("", |r| r.get(t.code()))),
                row("desk-details", &written.details),
            ],
        ),
        (
            t.get("desk-card-holder"),
            vec![
                row("desk-given-name", &holder.given_name),
                row("desk-family-name", &holder.family_name),
                row("desk-fiscal-code", holder.fiscal_code.as_deref().unwrap_or_default()),
                row("desk-email", &holder.email),
                row("desk-phone", &holder.phone),
            ],
        ),
        (
            t.get("desk-card-answers"),
            answers
                .map(|form| forms::answers_as_text(&form.definition, &written.answers, t.code()))
                .unwrap_or_default(),
        ),
        (t.get("desk-card-payment"), cost),
    ];
    for (_, rows) in &mut cards {
        rows.retain(|(_, value)| !value.is_empty());
    }
    cards.retain(|(_, rows)| !rows.is_empty());
    cards
}

/// `POST …/nuovo/{service}/conferma`: once, however often it is sent.
pub async fn confirm(
    room: Room,
    Path((_, _, slug)): Path<(String, String, String)>,
    form: ProtectedForm<When>,
) -> Answer {
    match book(&room, &slug, &form).await {
        Ok((site, code)) => {
            let site = store::site_by_slug(&mut *room.begin().await?, room.entity.id, &site).await?;
            redirect_done(room.appointment_at(&site, &code), "desk-inserted")
        }
        Err(error @ Error::Taken) => {
            let again = Asked::again(&room, Some(&form.value.quando), &error);
            draw_times(&room, &slug, &again, Some(&error)).await
        }
        Err(error @ Error::Invalid(_)) => {
            draw_data(&room, &slug, &form.value.quando, form.pairs, Some(&error)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Books, or finds what the same page booked before. Answers the slug of the site and the code.
async fn book(room: &Room, slug: &str, form: &ProtectedForm<When>) -> Result<(String, String)> {
    let mut tx = room.begin().await?;
    if let Some(first) = form.first(&mut tx, room, "desk.insert").await? {
        return Ok(first);
    }
    let (draft, written) = read(&mut tx, room, slug, &form.value.quando, &form.pairs).await?;
    if !written.errors.is_empty() {
        return Err(Error::Invalid(written.errors));
    }
    let (site, start) = chosen(&mut tx, room, &draft.when).await?;
    let new = NewAppointment {
        service: draft.service.id,
        site,
        start,
        holder: written.holder,
        reason: written.reason,
        details: written.details,
        form: draft.form.map(|form| form.id),
        answers: written.answers,
        language: written.language,
        channel: Channel::Desk,
        per_citizen_max: None,
    };
    let booked = booking::book(&mut tx, &room.entity, &new, &room.actor(), room.now).await?;
    let site = store::site(&mut tx, room.entity.id, booked.appointment.site).await?;
    let answer = (site.slug, booked.appointment.code);
    form.keep(tx, room, "desk.insert", &answer).await?;
    Ok(answer)
}
