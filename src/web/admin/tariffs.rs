//! What a service costs: its versions, and the page on which the next one is written.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use chrono::{Datelike, NaiveDate};
use sqlx::PgConnection;

use super::blocks::{Block, Console, Row, Table};
use super::tariff_form::{Draft, Edit, answers_of};
use super::values::Values;
use super::{Admin, services};
use crate::agenda::{self, Service};
use crate::app::App;
use crate::error::{Error, FieldError, Result};
use crate::forms;
use crate::ids::{EntityId, ServiceId};
use crate::money::Cents;
use crate::payments::definition::chapter_name;
use crate::payments::tariff::{Tariff, TariffItem, TariffShare};
use crate::payments::{chapters, definition, taxonomy};
use crate::web::form::ProtectedForm;
use crate::web::frame::{Answer, redirect_done, render};
use crate::web::i18n::T;
use crate::web::page::Page;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/{entity}/amministrazione/servizi/{id}/tariffa", get(show))
        .route("/{entity}/amministrazione/servizi/{id}/tariffa/nuova", get(new).post(save))
}

/// The values a tariff is written with: value and text of each.
struct Choices {
    taxonomy: Vec<(String, String)>,
    chapters: Vec<(String, String)>,
    answers: Vec<(String, String)>,
    weekdays: Vec<(String, String)>,
}

impl Choices {
    async fn load(
        conn: &mut PgConnection,
        admin: &Admin,
        service: ServiceId,
        day: NaiveDate,
    ) -> Result<Self> {
        let entity: EntityId = admin.entity.id;
        let mut codes = taxonomy::search(conn, "", day).await?;
        codes.sort_by(|a, b| a.service.cmp(&b.service));
        let year = day.year();
        let lines = match i16::try_from(year) {
            Ok(year) => chapters::chapters(conn, entity, year).await?,
            Err(_) => Vec::new(),
        };
        let form = forms::published(conn, entity, service).await?;
        let form = form.as_ref().map(|form| &form.definition);
        Ok(Self {
            taxonomy: codes
                .into_iter()
                .map(|row| (row.code.clone(), format!("{} · {}", row.service, row.code)))
                .collect(),
            chapters: lines
                .into_iter()
                .map(|line| {
                    let name = chapter_name(year, &line.code, &line.article);
                    (format!("{}|{}", line.code, line.article), format!("{name} · {}", line.description))
                })
                .collect(),
            answers: answers_of(form, admin.t.code(), &admin.text("admin-yes")),
            weekdays: super::rules::weekdays(admin),
        })
    }
}

#[derive(Template)]
#[template(path = "admin/tariff.html", config = ".askama.toml")]
struct TariffPage {
    page: Page,
    draft: Draft,
    choices: Choices,
    back: String,
}

impl TariffPage {
    /// The weekdays or answers of a line that are ticked.
    fn is_among(&self, value: &str, held: &[String]) -> bool {
        held.iter().any(|known| known == value)
    }
}

fn page(admin: &Admin, service: &Service, title: &str, key: &str) -> Page {
    let name = service.name.get(admin.t.code());
    admin.below(services::SECTION, admin.t.with(title, &[("name", &name)]), key)
}

fn validity(t: T, tariff: &Tariff) -> String {
    let from = t.short_date(tariff.valid_from);
    match tariff.valid_to {
        Some(to) => t.with("admin-from-to", &[("from", &from), ("to", &t.short_date(to))]),
        None => t.with("admin-from-on", &[("from", &from)]),
    }
}

fn item_row(t: T, tariff: &Tariff, item: &TariffItem) -> Row {
    let year = tariff.valid_from.year();
    let share = |share: &TariffShare| {
        format!("{} {}", chapter_name(year, &share.chapter_code, &share.chapter_article), share.amount)
    };
    let mut when: Vec<String> =
        item.conditions.weekdays.iter().map(|day| t.get(&format!("weekday-{day}"))).collect();
    when.extend(
        item.conditions
            .from
            .map(|time| t.with("admin-time-from", &[("time", &time.format("%H:%M").to_string())])),
    );
    when.extend(
        item.conditions
            .to
            .map(|time| t.with("admin-time-to", &[("time", &time.format("%H:%M").to_string())])),
    );
    when.extend(item.conditions.answers.iter().map(|(question, wanted)| format!("{question} = {wanted}")));
    Row::default()
        .text(item.description.get(t.code()))
        .text(&item.taxonomy)
        .text(if when.is_empty() { t.get("admin-tariff-always") } else { when.join(", ") })
        .text(item.shares.iter().map(share).collect::<Vec<_>>().join("; "))
        .number(item.amount())
}

async fn show(admin: Admin, Path((_, id)): Path<(String, ServiceId)>) -> Answer {
    let t = admin.t;
    let mut tx = admin.begin().await?;
    let service = agenda::store::service(&mut tx, admin.entity.id, id).await?;
    let versions = definition::versions(&mut tx, admin.entity.id, id).await?;
    let new = admin.console(format_args!("servizi/{id}/tariffa/nuova"));
    let mut console =
        Console::new(page(&admin, &service, "admin-tariff-title", "tariff")).link(new, "admin-tariff-new");
    let columns = ["item", "taxonomy", "when", "shares", "amount"];
    if versions.is_empty() {
        return console.table(Table::new(t, "tariff-items", &columns)).answer();
    }
    for tariff in &versions {
        let total: Cents = tariff.items.iter().map(TariffItem::amount).sum();
        let how = if tariff.in_advance {
            t.with("admin-tariff-in-advance", &[("n", &tariff.hold_minutes)])
        } else {
            t.with("admin-tariff-later", &[("n", &tariff.due_days)])
        };
        let mut table = Table::new(t, "tariff-items", &columns);
        table.caption = t.with("admin-tariff-total", &[("total", &total)]);
        table.empty = t.get("admin-tariff-free");
        console = console
            .with(Block::Heading(validity(t, tariff)))
            .with(Block::Text(how))
            .table(table.rows(tariff.items.iter().map(|item| item_row(t, tariff, item))));
    }
    console.answer()
}

async fn new(admin: Admin, Path((_, id)): Path<(String, ServiceId)>) -> Answer {
    let mut tx = admin.begin().await?;
    let today = admin.t.day_of(admin.now);
    let former = definition::in_force(&mut tx, admin.entity.id, id, today).await?;
    let mut draft = former.as_ref().map(Draft::of).unwrap_or_else(|| {
        let (hold_minutes, due_days) = ("30".to_owned(), "30".to_owned());
        let mut draft = Draft { hold_minutes, due_days, in_advance: true, ..Draft::default() };
        draft.edit(Edit::AddItem);
        draft
    });
    draft.valid_from = today.to_string();
    view(&admin, &mut tx, id, draft, Vec::new()).await
}

async fn view(
    admin: &Admin,
    conn: &mut PgConnection,
    id: ServiceId,
    draft: Draft,
    errors: Vec<FieldError>,
) -> Answer {
    let service = agenda::store::service(conn, admin.entity.id, id).await?;
    let day = draft.valid_from.parse().unwrap_or_else(|_| admin.t.day_of(admin.now));
    let choices = Choices::load(conn, admin, id, day).await?;
    let page = page(admin, &service, "admin-tariff-new-title", "tariff-new").errors(errors);
    let back = admin.console(format_args!("servizi/{id}/tariffa"));
    render(&TariffPage { page, draft, choices, back })
}

async fn save(admin: Admin, Path((_, id)): Path<(String, ServiceId)>, form: ProtectedForm) -> Answer {
    let values = Values::posted(&form.pairs);
    let mut draft = Draft::posted(&values);
    let mut tx = admin.begin().await?;
    if let Some(edit) = Edit::parse(values.get("azione")) {
        draft.edit(edit);
        return view(&admin, &mut tx, id, draft, Vec::new()).await;
    }
    let done = match draft.read(id) {
        Ok(new) => definition::define(&mut tx, &admin.entity, &new, &admin.actor(), admin.now).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(_) => {
            tx.commit().await?;
            redirect_done(admin.console(format_args!("servizi/{id}/tariffa")), "saved")
        }
        Err(Error::Invalid(errors)) => view(&admin, &mut tx, id, draft, errors).await,
        Err(error) => Err(error.into()),
    }
}
