//! Closures, for everybody or for some, and the holidays of the place.

use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use chrono::{NaiveDate, NaiveTime};
use chrono_tz::Tz;
use sqlx::PgConnection;

use super::blocks::{Console, Form, Row, Table};
use super::values::{Reader, Values};
use super::{Admin, renamed, saving};
use crate::agenda::{self, Calendar, Closure, Counter, LocalHoliday, Scope, Site, zone};
use crate::app::App;
use crate::error::{Error, FieldError, Result};
use crate::ids::ClosureId;
use crate::web::form::ProtectedForm;
use crate::web::frame::{Answer, redirect_done};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/{entity}/amministrazione/chiusure", get(show).post(add))
        .route("/{entity}/amministrazione/chiusure/{id}/togli", post(remove))
        .route("/{entity}/amministrazione/chiusure/festivita", post(add_holiday))
        .route("/{entity}/amministrazione/chiusure/festivita/{month}/{day}/togli", post(remove_holiday))
}

/// What can be closed, and what is.
struct Around {
    sites: Vec<Site>,
    calendars: Vec<Calendar>,
    counters: Vec<Counter>,
    closures: Vec<Closure>,
    holidays: Vec<LocalHoliday>,
}

impl Around {
    async fn load(conn: &mut PgConnection, admin: &Admin) -> Result<Self> {
        let entity = admin.entity.id;
        Ok(Self {
            sites: agenda::store::sites(conn, entity).await?,
            calendars: agenda::store::calendars(conn, entity).await?,
            counters: agenda::store::counters(conn, entity).await?,
            closures: agenda::store::closures(conn, entity, admin.now).await?,
            holidays: agenda::store::local_holidays(conn, entity).await?,
        })
    }

    /// Everything that can be closed: value and name.
    fn scopes(&self, admin: &Admin) -> Vec<(String, String)> {
        let t = admin.t;
        let named = |key: &str, name: &str| t.with(key, &[("name", &name)]);
        let all = [("entity".to_owned(), admin.text("admin-scope-entity"))];
        let sites = self.sites.iter().map(|s| (format!("site:{}", s.id), named("admin-scope-site", &s.name)));
        let calendars = self
            .calendars
            .iter()
            .map(|c| (format!("calendar:{}", c.id), named("admin-scope-calendar", &c.name)));
        let counters = self.counters.iter().map(|c| {
            let site = self.sites.iter().find(|site| site.id == c.site).map_or("", |site| &site.name);
            (format!("counter:{}", c.id), named("admin-scope-counter", &format!("{} ({site})", c.name)))
        });
        all.into_iter().chain(sites).chain(calendars).chain(counters).collect()
    }

    /// The zone in which the days of a scope are meant.
    fn zone(&self, scope: Scope, entity: Tz) -> Tz {
        let site = match scope {
            Scope::Site(id) => Some(id),
            Scope::Counter(id) => self.counters.iter().find(|c| c.id == id).map(|c| c.site),
            Scope::Entity | Scope::Calendar(_) => None,
        };
        self.sites.iter().find(|s| Some(s.id) == site).map_or(entity, |site| site.zone)
    }
}

fn scope_value(scope: Scope) -> String {
    match scope {
        Scope::Entity => "entity".to_owned(),
        Scope::Site(id) => format!("site:{id}"),
        Scope::Calendar(id) => format!("calendar:{id}"),
        Scope::Counter(id) => format!("counter:{id}"),
    }
}

pub(super) fn read_scope(text: &str) -> Option<Scope> {
    let (kind, id) = text.split_once(':').unwrap_or((text, ""));
    match kind {
        "entity" if id.is_empty() => Some(Scope::Entity),
        "site" => id.parse().ok().map(Scope::Site),
        "calendar" => id.parse().ok().map(Scope::Calendar),
        "counter" => id.parse().ok().map(Scope::Counter),
        _ => None,
    }
}

/// Days from … to …, both included, or, with hours, from the one on the first to the other on the last.
fn read(values: &Values, around: &Around, entity: Tz) -> Result<Closure> {
    let mut reader = Reader::new(values);
    let scope = read_scope(values.get("scope")).unwrap_or_else(|| {
        reader.refuse("scope", "choice");
        Scope::Entity
    });
    let first = reader.date("from");
    let last: NaiveDate = reader.optional("to", "date").unwrap_or(first);
    let (opens, closes) = (reader.optional_time("from_time"), reader.optional_time("to_time"));
    let zone = around.zone(scope, entity);
    let from = zone::instant(first, opens.unwrap_or(NaiveTime::MIN), zone);
    let to = match closes {
        Some(time) => zone::instant(last, time, zone),
        None => zone::bounds(last, zone).1,
    };
    if to <= from {
        reader.refuse(if closes.is_some() { "to_time" } else { "to" }, "before_start");
    }
    let reason = reader.required("reason", 200);
    reader.finish(Closure { id: ClosureId::new(), scope, from, to, reason })
}

fn row(admin: &Admin, around: &Around, scopes: &[(String, String)], closure: &Closure) -> Row {
    let t = admin.t.in_zone(around.zone(closure.scope, admin.entity.time_zone));
    let value = scope_value(closure.scope);
    let what = scopes.iter().find(|(known, _)| *known == value).map_or("", |(_, name)| name);
    let remove = admin.console(format_args!("chiusure/{}/togli", closure.id));
    Row::default()
        .text(what)
        .text(t.short_date_time(closure.from))
        .text(t.short_date_time(closure.to))
        .text(&closure.reason)
        .act(admin.text("admin-remove"), remove)
}

fn view(admin: &Admin, around: &Around, values: &Values, errors: Vec<FieldError>) -> Answer {
    let t = admin.t;
    let scopes = around.scopes(admin);
    let rows = around.closures.iter().map(|closure| row(admin, around, &scopes, closure));
    let closures = Table::new(t, "closures", &["what", "from", "to", "reason"]).rows(rows);
    let form = Form::new(t, "closure", values)
        .select("scope", true, scopes.clone(), "")
        .input("from", "date")
        .line("from_time", "time")
        .line("to", "date")
        .line("to_time", "time")
        .required("reason")
        .to(admin.console("chiusure"));
    let rows = around.holidays.iter().map(|holiday| {
        let remove =
            admin.console(format_args!("chiusure/festivita/{}/{}/togli", holiday.month, holiday.day));
        let day = format!("{} {}", holiday.day, t.get(&format!("month-{}", holiday.month)));
        Row::default().text(day).text(&holiday.name).act(t.get("admin-remove"), remove)
    });
    let holidays = Table::new(t, "holidays", &["day", "name"]).rows(rows);
    let months = (1..=12).map(|month| (month.to_string(), t.get(&format!("month-{month}")))).collect();
    let holiday = Form::new(t, "holiday", values)
        .input("holiday_day", "number")
        .select("holiday_month", true, months, "")
        .required("holiday_name")
        .to(admin.console("chiusure/festivita"));
    Console::new(admin.section("closures").errors(errors))
        .table(closures)
        .heading("admin-closures-add")
        .form(form)
        .heading("admin-holidays-title")
        .text("admin-holidays-lead")
        .table(holidays)
        .heading("admin-holidays-add")
        .form(holiday)
        .answer()
}

async fn show(admin: Admin) -> Answer {
    let mut tx = admin.begin().await?;
    let around = Around::load(&mut tx, &admin).await?;
    view(&admin, &around, &Values::default(), Vec::new())
}

async fn add(admin: Admin, form: ProtectedForm) -> Answer {
    let values = Values::posted(&form.pairs);
    let mut tx = admin.begin().await?;
    let around = Around::load(&mut tx, &admin).await?;
    let done = match read(&values, &around, admin.entity.time_zone) {
        Ok(closure) => saving::closure(&mut tx, &admin.author(), &closure).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(affected) => {
            tx.commit().await?;
            let done = if affected.is_empty() { "closed" } else { "closed_with_tasks" };
            redirect_done(admin.console("chiusure"), done)
        }
        Err(Error::Invalid(errors)) => view(&admin, &around, &values, errors),
        Err(error) => Err(error.into()),
    }
}

async fn remove(admin: Admin, Path((_, id)): Path<(String, ClosureId)>, _: ProtectedForm) -> Answer {
    let mut tx = admin.begin().await?;
    saving::without_closure(&mut tx, &admin.author(), id).await?;
    tx.commit().await?;
    redirect_done(admin.console("chiusure"), "removed")
}

fn read_holiday(values: &Values) -> Result<LocalHoliday> {
    let mut reader = Reader::new(values);
    let (day, month) = (reader.number("holiday_day"), reader.number("holiday_month"));
    reader.finish(LocalHoliday { month, day, name: values.get("holiday_name").to_owned() })
}

async fn add_holiday(admin: Admin, form: ProtectedForm) -> Answer {
    let values = Values::posted(&form.pairs);
    let mut tx = admin.begin().await?;
    let around = Around::load(&mut tx, &admin).await?;
    let done = match read_holiday(&values) {
        Ok(new) => {
            let all: Vec<_> = around.holidays.iter().cloned().chain([new]).collect();
            let saved = saving::local_holidays(&mut tx, &admin.author(), &all).await;
            let name = |field: &str| format!("holiday_{}", field.rsplit('.').next().unwrap_or(field));
            saved.map_err(|error| renamed(error, name))
        }
        Err(error) => Err(error),
    };
    let to = admin.console("chiusure");
    admin.finish(tx, done, to, |errors| view(&admin, &around, &values, errors)).await
}

async fn remove_holiday(
    admin: Admin,
    Path((_, month, day)): Path<(String, i16, i16)>,
    _: ProtectedForm,
) -> Answer {
    let mut tx = admin.begin().await?;
    let mut holidays = agenda::store::local_holidays(&mut tx, admin.entity.id).await?;
    holidays.retain(|holiday| (holiday.month, holiday.day) != (month, day));
    saving::local_holidays(&mut tx, &admin.author(), &holidays).await?;
    tx.commit().await?;
    redirect_done(admin.console("chiusure"), "removed")
}
