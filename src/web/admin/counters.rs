//! Counters: each serves one citizen at a time.

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use sqlx::PgConnection;

use super::blocks::{Block, Console, Form, Row, Table};
use super::values::{Reader, Values};
use super::{Admin, saving};
use crate::agenda::{self, Calendar, Counter, Service, Site};
use crate::app::App;
use crate::error::{FieldError, Result};
use crate::ids::{CounterId, EntityId, ServiceId};
use crate::web::form::ProtectedForm;
use crate::web::frame::Answer;

const SECTION: (&str, &str) = ("sportelli", "admin-console-counters");

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/{entity}/amministrazione/sportelli", get(list))
        .route("/{entity}/amministrazione/sportelli/nuovo", get(new).post(create))
        .route("/{entity}/amministrazione/sportelli/{id}", get(edit).post(save))
}

/// What a counter is chosen among, and chooses among.
struct Around {
    sites: Vec<Site>,
    calendars: Vec<Calendar>,
    services: Vec<Service>,
}

impl Around {
    async fn load(conn: &mut PgConnection, entity: EntityId) -> Result<Self> {
        Ok(Self {
            sites: agenda::store::sites(conn, entity).await?,
            calendars: agenda::store::calendars(conn, entity).await?,
            services: agenda::store::services(conn, entity).await?,
        })
    }
}

async fn list(admin: Admin) -> Answer {
    let mut tx = admin.begin().await?;
    let around = Around::load(&mut tx, admin.entity.id).await?;
    let page = Console::new(admin.section("counters"));
    if around.sites.is_empty() || around.calendars.is_empty() {
        return page.with(Block::Alert("info", admin.text("admin-counters-first"))).answer();
    }
    let mut rows = Vec::new();
    for counter in agenda::store::counters(&mut tx, admin.entity.id).await? {
        let of = agenda::store::services_of_counter(&mut tx, admin.entity.id, counter.id).await?;
        let names = around.services.iter().filter(|s| of.contains(&s.id)).map(|s| s.name.get(admin.t.code()));
        let site = around.sites.iter().find(|site| site.id == counter.site).map_or("", |site| &site.name);
        let calendar = around.calendars.iter().find(|c| c.id == counter.calendar).map_or("", |c| &c.name);
        let row = Row::default()
            .link(&counter.name, admin.console(format_args!("sportelli/{}", counter.id)))
            .text(site)
            .link(calendar, admin.console(format_args!("calendari/{}", counter.calendar)))
            .text(names.collect::<Vec<_>>().join(", "))
            .active(admin.t, counter.active);
        rows.push(row);
    }
    let table =
        Table::new(admin.t, "counters", &["name", "site", "calendar", "services", "state"]).rows(rows);
    page.link(admin.console("sportelli/nuovo"), "admin-counters-new").table(table).answer()
}

fn values(counter: &Counter, services: &[ServiceId]) -> Values {
    let values = Values::default()
        .with("name", &counter.name)
        .with("site", counter.site)
        .with("calendar", counter.calendar)
        .with("position", counter.position)
        .ticked("active", counter.active);
    services.iter().fold(values, |values, service| values.with("services", service))
}

fn read(values: &Values, former: Option<&Counter>) -> Result<(Counter, Vec<ServiceId>)> {
    let mut reader = Reader::new(values);
    let site = match former {
        Some(former) => former.site,
        None => reader.parsed("site", "choice").unwrap_or_else(|| uuid::Uuid::nil().into()),
    };
    let counter = Counter {
        id: former.map_or_else(CounterId::new, |former| former.id),
        site,
        calendar: reader.parsed("calendar", "choice").unwrap_or_else(|| uuid::Uuid::nil().into()),
        name: values.get("name").to_owned(),
        active: values.is_ticked("active"),
        position: reader.number("position"),
    };
    let services = values.all("services").filter_map(|id| id.parse().ok()).collect();
    reader.finish((counter, services))
}

fn view(admin: &Admin, title: String, around: &Around, values: &Values, errors: Vec<FieldError>) -> Answer {
    let calendars = around.calendars.iter().map(|c| (c.id.to_string(), c.name.clone())).collect();
    let name = |s: &Service| s.name.get(admin.t.code()).to_owned();
    let services = around.services.iter().map(|s| (s.id.to_string(), name(s))).collect();
    let sites = around.sites.iter().filter(|s| s.active || values.get("site") == s.id.to_string());
    let sites = sites.map(|site| (site.id.to_string(), site.name.clone())).collect();
    let form = Form::new(admin.t, "counter", values)
        .required("name")
        .select("site", true, sites, "")
        .select("calendar", true, calendars, "")
        .ticks("services", services)
        .input("position", "number")
        .tick("active")
        .back(admin.console("sportelli"));
    Console::new(admin.below(SECTION, title, "counter").errors(errors)).form(form).answer()
}

async fn new(admin: Admin) -> Answer {
    let mut tx = admin.begin().await?;
    let around = Around::load(&mut tx, admin.entity.id).await?;
    let values = Values::default().with("position", 0).ticked("active", true);
    view(&admin, admin.text("admin-counters-new"), &around, &values, Vec::new())
}

async fn create(admin: Admin, form: ProtectedForm) -> Answer {
    put(&admin, None, &Values::posted(&form.pairs)).await
}

async fn edit(admin: Admin, Path((_, id)): Path<(String, CounterId)>) -> Answer {
    let mut tx = admin.begin().await?;
    let around = Around::load(&mut tx, admin.entity.id).await?;
    let counter = agenda::store::counter(&mut tx, admin.entity.id, id).await?;
    let services = agenda::store::services_of_counter(&mut tx, admin.entity.id, id).await?;
    view(&admin, counter.name.clone(), &around, &values(&counter, &services), Vec::new())
}

async fn save(admin: Admin, Path((_, id)): Path<(String, CounterId)>, form: ProtectedForm) -> Answer {
    let former = agenda::store::counter(&mut *admin.begin().await?, admin.entity.id, id).await?;
    put(&admin, Some(former), &Values::posted(&form.pairs)).await
}

async fn put(admin: &Admin, former: Option<Counter>, values: &Values) -> Answer {
    let mut tx = admin.begin().await?;
    let around = Around::load(&mut tx, admin.entity.id).await?;
    let done = match read(values, former.as_ref()) {
        Ok((counter, services)) => saving::counter(&mut tx, &admin.author(), &counter, Some(&services)).await,
        Err(error) => Err(error),
    };
    let title = former.map_or_else(|| admin.text("admin-counters-new"), |former| former.name);
    let to = admin.console("sportelli");
    admin.finish(tx, done, to, |errors| view(admin, title, &around, values, errors)).await
}
