//! Calendars: how far apart times are, how early and how late one may book. The hours themselves are in [`super::rules`].

use axum::Router;
use axum::extract::Path;
use axum::routing::get;

use super::blocks::{Block, Console, Form, Row, Table};
use super::rules;
use super::values::{Reader, Values};
use super::{Admin, saving};
use crate::agenda::{self, Calendar};
use crate::app::App;
use crate::error::{FieldError, Result};
use crate::ids::CalendarId;
use crate::web::form::ProtectedForm;
use crate::web::frame::Answer;

pub(super) const SECTION: (&str, &str) = ("calendari", "admin-console-calendars");

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/{entity}/amministrazione/calendari", get(list))
        .route("/{entity}/amministrazione/calendari/nuovo", get(new).post(create))
        .route("/{entity}/amministrazione/calendari/{id}", get(show))
        .route("/{entity}/amministrazione/calendari/{id}/modifica", get(edit).post(save))
}

async fn list(admin: Admin) -> Answer {
    let mut tx = admin.begin().await?;
    let counters = agenda::store::counters(&mut tx, admin.entity.id).await?;
    let calendars = agenda::store::calendars(&mut tx, admin.entity.id).await?;
    let rows = calendars.iter().map(|calendar| {
        let used =
            counters.iter().filter(|counter| counter.active && counter.calendar == calendar.id).count();
        Row::default()
            .link(&calendar.name, admin.console(format_args!("calendari/{}", calendar.id)))
            .text(admin.t.with("admin-minutes", &[("n", &calendar.step_minutes)]))
            .text(admin.t.with("admin-days", &[("n", &calendar.horizon_days)]))
            .number(used)
            .go(
                admin.text("admin-calendars-preview"),
                admin.console(format_args!("calendari/{}/anteprima", calendar.id)),
            )
    });
    let table = Table::new(admin.t, "calendars", &["name", "step", "horizon", "counters"]).rows(rows);
    Console::new(admin.section("calendars"))
        .link(admin.console("calendari/nuovo"), "admin-calendars-new")
        .table(table)
        .answer()
}

fn values(calendar: &Calendar) -> Values {
    Values::default()
        .with("name", &calendar.name)
        .with("step_minutes", calendar.step_minutes)
        .with("lead_minutes", calendar.lead_minutes)
        .with("horizon_days", calendar.horizon_days)
        .with("buffer_minutes", calendar.buffer_minutes)
        .with("cooling_minutes", calendar.cooling_minutes)
        .ticked("closed_on_holidays", calendar.closed_on_holidays)
}

fn read(values: &Values, id: CalendarId) -> Result<Calendar> {
    let mut reader = Reader::new(values);
    let calendar = Calendar {
        id,
        name: values.get("name").to_owned(),
        step_minutes: reader.number("step_minutes"),
        lead_minutes: reader.number("lead_minutes"),
        horizon_days: reader.number("horizon_days"),
        buffer_minutes: reader.number("buffer_minutes"),
        cooling_minutes: reader.number("cooling_minutes"),
        closed_on_holidays: values.is_ticked("closed_on_holidays"),
    };
    reader.finish(calendar)
}

/// What a new calendar begins with: what most offices want.
fn usual() -> Values {
    Values::default()
        .with("step_minutes", 15)
        .with("lead_minutes", 120)
        .with("horizon_days", 60)
        .with("buffer_minutes", 0)
        .with("cooling_minutes", 5)
        .ticked("closed_on_holidays", true)
}

fn view(admin: &Admin, title: String, back: String, values: &Values, errors: Vec<FieldError>) -> Answer {
    let form = Form::new(admin.t, "calendar", values)
        .required("name")
        .input("step_minutes", "number")
        .input("lead_minutes", "number")
        .input("horizon_days", "number")
        .input("buffer_minutes", "number")
        .input("cooling_minutes", "number")
        .tick("closed_on_holidays")
        .back(back);
    Console::new(admin.below(SECTION, title, "calendar").errors(errors)).form(form).answer()
}

async fn show(admin: Admin, Path((_, id)): Path<(String, CalendarId)>) -> Answer {
    let mut tx = admin.begin().await?;
    let calendar = agenda::store::calendar(&mut tx, admin.entity.id, id).await?;
    let rules = agenda::store::calendar_rules(&mut tx, admin.entity.id, id).await?;
    rules::view(&admin, &calendar, &rules, &rules::usual(&admin), Vec::new())
}

/// The links and the summary on top of a calendar's page.
pub(super) fn summary(admin: &Admin, calendar: &Calendar) -> [Block; 2] {
    let at = |path: &str| admin.console(format_args!("calendari/{}/{path}", calendar.id));
    let text = admin.t.with(
        "admin-calendar-summary",
        &[
            ("step", &calendar.step_minutes),
            ("lead", &calendar.lead_minutes),
            ("horizon", &calendar.horizon_days),
            ("buffer", &calendar.buffer_minutes),
            ("cooling", &calendar.cooling_minutes),
        ],
    );
    let links = vec![
        (at("anteprima"), admin.text("admin-calendars-preview")),
        (at("modifica"), admin.text("admin-calendar-edit")),
        (admin.console("chiusure"), admin.text("admin-console-closures")),
    ];
    [Block::Text(text), Block::Links(links)]
}

async fn new(admin: Admin) -> Answer {
    view(&admin, admin.text("admin-calendars-new"), admin.console("calendari"), &usual(), Vec::new())
}

async fn create(admin: Admin, form: ProtectedForm) -> Answer {
    let back = admin.console("calendari");
    put(&admin, CalendarId::new(), admin.text("admin-calendars-new"), back, &Values::posted(&form.pairs))
        .await
}

async fn edit(admin: Admin, Path((_, id)): Path<(String, CalendarId)>) -> Answer {
    let mut tx = admin.begin().await?;
    let calendar = agenda::store::calendar(&mut tx, admin.entity.id, id).await?;
    let back = admin.console(format_args!("calendari/{id}"));
    view(&admin, calendar.name.clone(), back, &values(&calendar), Vec::new())
}

async fn save(admin: Admin, Path((_, id)): Path<(String, CalendarId)>, form: ProtectedForm) -> Answer {
    let calendar = agenda::store::calendar(&mut *admin.begin().await?, admin.entity.id, id).await?;
    let back = admin.console(format_args!("calendari/{id}"));
    put(&admin, id, calendar.name, back, &Values::posted(&form.pairs)).await
}

async fn put(admin: &Admin, id: CalendarId, title: String, back: String, values: &Values) -> Answer {
    let mut tx = admin.begin().await?;
    let done = match read(values, id) {
        Ok(calendar) => {
            let rules = agenda::store::calendar_rules(&mut tx, admin.entity.id, id).await?;
            saving::calendar(&mut tx, &admin.author(), &calendar, &rules).await
        }
        Err(error) => Err(error),
    };
    let to = admin.console(format_args!("calendari/{id}"));
    admin.finish(tx, done, to, |errors| view(admin, title, back, values, errors)).await
}
