//! The weekly hours of a calendar: each rule is added and removed by itself.

use axum::Router;
use axum::extract::Path;
use axum::routing::post;

use super::blocks::{Console, Form, Row, Table};
use super::calendars;
use super::values::{Reader, Values};
use super::{Admin, renamed, saving};
use crate::agenda::{self, Calendar, CalendarRule};
use crate::app::App;
use crate::error::{FieldError, Result};
use crate::ids::{CalendarId, CalendarRuleId};
use crate::web::form::ProtectedForm;
use crate::web::frame::{Answer, redirect_done};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/{entity}/amministrazione/calendari/{id}/orari", post(add))
        .route("/{entity}/amministrazione/calendari/{id}/orari/{rule}/togli", post(remove))
}

/// A new rule begins today.
pub(super) fn usual(admin: &Admin) -> Values {
    Values::default().with("valid_from", admin.t.day_of(admin.now))
}

/// The days of the week, from Monday.
pub(super) fn weekdays(admin: &Admin) -> Vec<(String, String)> {
    (1..=7).map(|day| (day.to_string(), admin.text(&format!("weekday-{day}")))).collect()
}

fn row(admin: &Admin, rule: &CalendarRule) -> Row {
    let hours = format!("{}–{}", rule.opens.format("%H:%M"), rule.closes.format("%H:%M"));
    let validity = match rule.valid_to {
        Some(last) => admin.t.with(
            "admin-from-to",
            &[("from", &admin.t.short_date(rule.valid_from)), ("to", &admin.t.short_date(last))],
        ),
        None => admin.t.with("admin-from-on", &[("from", &admin.t.short_date(rule.valid_from))]),
    };
    let remove = admin.console(format_args!("calendari/{}/orari/{}/togli", rule.calendar, rule.id));
    let weekday = admin.text(&format!("weekday-{}", rule.weekday));
    Row::default().text(weekday).text(hours).text(validity).act(admin.text("admin-remove"), remove)
}

/// A calendar with its hours, and the form of one more.
pub(super) fn view(
    admin: &Admin,
    calendar: &Calendar,
    rules: &[CalendarRule],
    values: &Values,
    errors: Vec<FieldError>,
) -> Answer {
    let rows = rules.iter().map(|rule| row(admin, rule));
    let table = Table::new(admin.t, "rules", &["weekday", "hours", "validity"]).rows(rows);
    let form = Form::new(admin.t, "rule", values)
        .ticks("weekdays", weekdays(admin))
        .input("opens", "time")
        .input("closes", "time")
        .input("valid_from", "date")
        .line("valid_to", "date")
        .to(admin.console(format_args!("calendari/{}/orari", calendar.id)));
    let [summary, links] = calendars::summary(admin, calendar);
    Console::new(admin.below(calendars::SECTION, &calendar.name, "rules").errors(errors))
        .with(summary)
        .with(links)
        .table(table)
        .heading("admin-rules-add")
        .form(form)
        .answer()
}

/// One rule for each of the chosen days.
pub(super) fn read(values: &Values, calendar: CalendarId) -> Result<Vec<CalendarRule>> {
    let mut reader = Reader::new(values);
    let weekdays: Vec<i16> = values
        .all("weekdays")
        .filter_map(|day| day.parse().ok())
        .filter(|day| (1..=7).contains(day))
        .collect();
    if weekdays.is_empty() {
        reader.refuse("weekdays", "required");
    }
    let (opens, closes) = (reader.time("opens"), reader.time("closes"));
    let (valid_from, valid_to) = (reader.date("valid_from"), reader.optional("valid_to", "date"));
    let rule = |weekday| CalendarRule {
        id: CalendarRuleId::new(),
        calendar,
        weekday,
        opens,
        closes,
        valid_from,
        valid_to,
    };
    reader.finish(weekdays.into_iter().map(rule).collect())
}

async fn add(admin: Admin, Path((_, id)): Path<(String, CalendarId)>, form: ProtectedForm) -> Answer {
    let values = Values::posted(&form.pairs);
    let entity = admin.entity.id;
    let mut tx = admin.begin().await?;
    let calendar = agenda::store::calendar(&mut tx, entity, id).await?;
    let rules = agenda::store::calendar_rules(&mut tx, entity, id).await?;
    let done = match read(&values, id) {
        Ok(added) => {
            let all: Vec<_> = rules.iter().cloned().chain(added).collect();
            let saved = saving::calendar(&mut tx, &admin.author(), &calendar, &all).await;
            saved
                .map_err(|error| renamed(error, |field| field.rsplit('.').next().unwrap_or(field).to_owned()))
        }
        Err(error) => Err(error),
    };
    let to = admin.console(format_args!("calendari/{id}"));
    admin.finish(tx, done, to, |errors| view(&admin, &calendar, &rules, &values, errors)).await
}

async fn remove(
    admin: Admin,
    Path((_, id, rule)): Path<(String, CalendarId, CalendarRuleId)>,
    _: ProtectedForm,
) -> Answer {
    let entity = admin.entity.id;
    let mut tx = admin.begin().await?;
    let mut rules = agenda::store::calendar_rules(&mut tx, entity, id).await?;
    rules.retain(|kept| kept.id != rule);
    let calendar = agenda::store::calendar(&mut tx, entity, id).await?;
    saving::calendar(&mut tx, &admin.author(), &calendar, &rules).await?;
    tx.commit().await?;
    redirect_done(admin.console(format_args!("calendari/{id}")), "removed")
}
