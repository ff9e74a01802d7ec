//! What a calendar means, day by day, before anybody books.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query};
use axum::routing::get;
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, TimeDelta, Utc};
use serde::Deserialize;

use super::Admin;
use super::blocks::{Control, Form};
use super::calendars::SECTION;
use super::values::Values;
use crate::agenda::holidays::Holiday;
use crate::agenda::preview::{Draft, Why, preview};
use crate::agenda::{self, Closure, Counter, PreviewDay, Scope, Service, Site, zone};
use crate::app::App;
use crate::ids::CalendarId;
use crate::web::frame::{Answer, render};
use crate::web::i18n::T;
use crate::web::page::Page;

pub(super) fn router() -> Router<App> {
    Router::new().route("/{entity}/amministrazione/calendari/{id}/anteprima", get(show))
}

/// What is asked: a period from a day on, for one of the counters, with the duration of a service.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    dal: String,
    periodo: String,
    sportello: String,
    servizio: String,
}

/// A day as the page shows it.
struct Day {
    date: String,
    open: String,
    starts: Vec<String>,
    why: String,
    clock: String,
}

#[derive(Template)]
#[template(path = "admin/preview.html", config = ".askama.toml")]
struct PreviewPage {
    page: Page,
    form: Form,
    days: Vec<Day>,
    previous: String,
    next: String,
}

impl Asked {
    fn is_month(&self) -> bool {
        self.periodo == "mese"
    }

    /// The first and the last day: the whole week, or the whole month, of the day that is asked.
    fn range(&self, today: NaiveDate) -> (NaiveDate, NaiveDate) {
        let day = self.dal.parse().unwrap_or(today);
        if self.is_month() {
            let first = day.with_day(1).unwrap_or(day);
            (first, first + Months::new(1) - Days::new(1))
        } else {
            let monday = day - Days::new(day.weekday().num_days_from_monday().into());
            (monday, monday + Days::new(6))
        }
    }

    fn address(&self, day: NaiveDate) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("dal", &day.to_string())
            .append_pair("periodo", &self.periodo)
            .append_pair("sportello", &self.sportello)
            .append_pair("servizio", &self.servizio);
        format!("?{}", query.finish())
    }
}

/// Whether a closure touches the calendar itself or the counter that is looked at.
fn touches(closure: &Closure, calendar: CalendarId, counter: Option<&Counter>) -> bool {
    match closure.scope {
        Scope::Entity => true,
        Scope::Calendar(id) => id == calendar,
        Scope::Site(id) => counter.is_some_and(|counter| counter.site == id),
        Scope::Counter(id) => counter.is_some_and(|counter| counter.id == id),
    }
}

async fn show(admin: Admin, Path((_, id)): Path<(String, CalendarId)>, Query(asked): Query<Asked>) -> Answer {
    let entity = admin.entity.id;
    let mut tx = admin.begin().await?;
    let calendar = agenda::store::calendar(&mut tx, entity, id).await?;
    let rules = agenda::store::calendar_rules(&mut tx, entity, id).await?;
    let holidays = agenda::store::local_holidays(&mut tx, entity).await?;
    let services = agenda::store::services(&mut tx, entity).await?;
    let sites = agenda::store::sites(&mut tx, entity).await?;
    let mut counters = agenda::store::counters(&mut tx, entity).await?;
    counters.retain(|counter| counter.calendar == id);
    let counter = counters.iter().find(|counter| counter.id.to_string() == asked.sportello);
    let site = counter.and_then(|counter| sites.iter().find(|site| site.id == counter.site));
    let zone = site.map_or(admin.entity.time_zone, |site| site.zone);
    let (from, to) = asked.range(admin.t.day_of(admin.now));
    let mut closures = agenda::store::closures(&mut tx, entity, zone::bounds(from, zone).0).await?;
    closures.retain(|closure| touches(closure, id, counter));
    let service = services.iter().find(|service| service.id.to_string() == asked.servizio);
    let duration = service.map_or(TimeDelta::minutes(calendar.step_minutes.into()), Service::duration);
    let draft = Draft {
        calendar: &calendar,
        rules: &rules,
        closures: &closures,
        holidays: &holidays,
        zone,
        duration,
    };
    let days = preview(&draft, from, to)?;
    let t = admin.t.in_zone(zone);
    let title = admin.t.with("admin-preview-title", &[("name", &calendar.name)]);
    render(&PreviewPage {
        page: admin.below(SECTION, title, "preview"),
        form: form(&admin, &asked, from, &sites, &counters, &services),
        days: days.iter().map(|day| shown(t, day)).collect(),
        previous: asked.address(if asked.is_month() { from - Months::new(1) } else { from - Days::new(7) }),
        next: asked.address(to + Days::new(1)),
    })
}

fn form(
    admin: &Admin,
    asked: &Asked,
    from: NaiveDate,
    sites: &[Site],
    counters: &[Counter],
    services: &[Service],
) -> Form {
    let values = Values::default()
        .with("dal", from)
        .with("periodo", if asked.is_month() { "mese" } else { "settimana" })
        .with("sportello", &asked.sportello)
        .with("servizio", &asked.servizio);
    let periods = ["settimana", "mese"]
        .map(|period| (period.to_owned(), admin.text(&format!("admin-preview-{period}"))));
    let place = |counter: &Counter| {
        let site = sites.iter().find(|site| site.id == counter.site).map_or("", |site| &site.name);
        (counter.id.to_string(), format!("{} ({site})", counter.name))
    };
    let duration = |service: &Service| {
        let minutes = admin.t.with("admin-minutes", &[("n", &service.duration_minutes)]);
        (service.id.to_string(), format!("{} ({minutes})", service.name.get(admin.t.code())))
    };
    Form::new(admin.t, "preview", &values)
        .search()
        .line("dal", "date")
        .select("periodo", false, periods.to_vec(), "")
        .select(
            "sportello",
            false,
            counters.iter().map(place).collect(),
            &admin.text("admin-preview-any-counter"),
        )
        .select(
            "servizio",
            false,
            services.iter().map(duration).collect(),
            &admin.text("admin-preview-any-service"),
        )
}

fn shown(t: T, day: &PreviewDay) -> Day {
    let interval = |(from, to): &(DateTime<Utc>, DateTime<Utc>)| format!("{}–{}", t.clock(from), t.clock(to));
    let (begins, ends) = zone::bounds(day.date, t.zone);
    let hours = (ends - begins).num_hours();
    Day {
        date: t.date(day.date),
        open: day.open.iter().map(interval).collect::<Vec<_>>().join(", "),
        starts: day.starts.iter().map(|start| t.clock(start)).collect(),
        why: day.why.as_ref().map_or_else(String::new, |why| reason(t, why)),
        clock: if hours == 24 { String::new() } else { t.with("admin-preview-clock", &[("hours", &hours)]) },
    }
}

fn reason(t: T, why: &Why) -> String {
    match why {
        Why::NoRule => t.get("admin-preview-no-rule"),
        Why::Closure(reason) => t.with("admin-preview-closure", &[("reason", reason)]),
        Why::Holiday(Holiday::Local(name)) => t.with("admin-preview-holiday", &[("name", name)]),
        Why::Holiday(Holiday::National(code)) => {
            t.with("admin-preview-holiday", &[("name", &t.get(&format!("holiday-{code}")))])
        }
    }
}
