//! Sites: the places where people are received.

use axum::Router;
use axum::extract::Path;
use axum::routing::get;

use super::blocks::{Console, Form, Row, Table};
use super::values::{Reader, Values};
use super::{Admin, saving};
use crate::agenda::{self, Site};
use crate::app::App;
use crate::error::{FieldError, Result};
use crate::ids::SiteId;
use crate::web::form::ProtectedForm;
use crate::web::frame::Answer;

const SECTION: (&str, &str) = ("sedi", "admin-console-sites");

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/{entity}/amministrazione/sedi", get(list))
        .route("/{entity}/amministrazione/sedi/nuova", get(new).post(create))
        .route("/{entity}/amministrazione/sedi/{id}", get(edit).post(save))
}

async fn list(admin: Admin) -> Answer {
    let mut tx = admin.begin().await?;
    let sites = agenda::store::sites(&mut tx, admin.entity.id).await?;
    let rows = sites.iter().map(|site| {
        Row::default()
            .link(&site.name, admin.console(format_args!("sedi/{}", site.id)))
            .text(&site.address)
            .text(&site.opening)
            .active(admin.t, site.active)
    });
    let table = Table::new(admin.t, "sites", &["name", "address", "opening", "state"]).rows(rows);
    Console::new(admin.section("sites"))
        .link(admin.console("sedi/nuova"), "admin-sites-new")
        .table(table)
        .answer()
}

fn values(site: &Site) -> Values {
    Values::default()
        .with("name", &site.name)
        .with("slug", &site.slug)
        .with("address", &site.address)
        .with("directions", &site.directions)
        .with("opening", &site.opening)
        .with("phone", &site.phone)
        .with("email", &site.email)
        .with("time_zone", site.zone.name())
        .with("position", site.position)
        .ticked("active", site.active)
}

pub(super) fn read(values: &Values, id: SiteId) -> Result<Site> {
    let mut reader = Reader::new(values);
    let site = Site {
        id,
        name: values.get("name").to_owned(),
        slug: values.get("slug").to_owned(),
        address: values.get("address").to_owned(),
        directions: values.lines("directions"),
        opening: values.get("opening").to_owned(),
        phone: values.get("phone").to_owned(),
        email: values.get("email").to_owned(),
        zone: reader.parsed("time_zone", "time_zone").unwrap_or(chrono_tz::Europe::Rome),
        active: values.is_ticked("active"),
        position: reader.number("position"),
    };
    reader.finish(site)
}

fn view(admin: &Admin, title: String, values: &Values, errors: Vec<FieldError>) -> Answer {
    let form = Form::new(admin.t, "site", values)
        .required("name")
        .required("slug")
        .required("address")
        .area("directions")
        .line("opening", "text")
        .line("phone", "tel")
        .line("email", "email")
        .input("time_zone", "text")
        .input("position", "number")
        .tick("active")
        .back(admin.console("sedi"));
    Console::new(admin.below(SECTION, title, "site").errors(errors)).form(form).answer()
}

async fn new(admin: Admin) -> Answer {
    let mut tx = admin.begin().await?;
    let position = agenda::store::sites(&mut tx, admin.entity.id).await?.len();
    let zone = admin.entity.time_zone.name();
    let values = Values::default().with("time_zone", zone).with("position", position).ticked("active", true);
    view(&admin, admin.text("admin-sites-new"), &values, Vec::new())
}

async fn create(admin: Admin, form: ProtectedForm) -> Answer {
    put(&admin, SiteId::new(), admin.text("admin-sites-new"), &Values::posted(&form.pairs)).await
}

async fn edit(admin: Admin, Path((_, id)): Path<(String, SiteId)>) -> Answer {
    let mut tx = admin.begin().await?;
    let site = agenda::store::site(&mut tx, admin.entity.id, id).await?;
    view(&admin, site.name.clone(), &values(&site), Vec::new())
}

async fn save(admin: Admin, Path((_, id)): Path<(String, SiteId)>, form: ProtectedForm) -> Answer {
    let site = agenda::store::site(&mut *admin.begin().await?, admin.entity.id, id).await?;
    put(&admin, id, site.name, &Values::posted(&form.pairs)).await
}

async fn put(admin: &Admin, id: SiteId, title: String, values: &Values) -> Answer {
    let mut tx = admin.begin().await?;
    let done = match read(values, id) {
        Ok(site) => saving::site(&mut tx, &admin.author(), &site).await,
        Err(error) => Err(error),
    };
    admin.finish(tx, done, admin.console("sedi"), |errors| view(admin, title, values, errors)).await
}
