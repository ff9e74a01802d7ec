//! Services: what can be booked, by whom, where.

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use sqlx::PgConnection;

use super::blocks::{Block, Console, Form, Row, Table};
use super::values::{Reader, Values};
use super::{Admin, saving};
use crate::agenda::{self, Counter, Service, Site};
use crate::app::App;
use crate::error::{FieldError, Result};
use crate::forms;
use crate::ids::{CounterId, EntityId, ServiceId};
use crate::payments::definition;
use crate::text::Text;
use crate::web::form::ProtectedForm;
use crate::web::frame::Answer;

pub(super) const SECTION: (&str, &str) = ("servizi", "admin-console-services");

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/{entity}/amministrazione/servizi", get(list))
        .route("/{entity}/amministrazione/servizi/nuovo", get(new).post(create))
        .route("/{entity}/amministrazione/servizi/{id}", get(show))
        .route("/{entity}/amministrazione/servizi/{id}/modifica", get(edit).post(save))
}

async fn list(admin: Admin) -> Answer {
    let entity = admin.entity.id;
    let today = admin.t.day_of(admin.now);
    let mut tx = admin.begin().await?;
    let mut rows = Vec::new();
    for service in agenda::store::services(&mut tx, entity).await? {
        let counters = agenda::store::counters_of_service(&mut tx, entity, service.id).await?.len();
        let form = forms::published(&mut tx, entity, service.id).await?;
        let tariff = definition::in_force(&mut tx, entity, service.id, today).await?;
        let priced = tariff.is_some_and(|tariff| !tariff.items.is_empty());
        let said = |yes: bool| admin.text(if yes { "admin-yes" } else { "admin-no" });
        let row = Row::default()
            .link(service.name.get(admin.t.code()), admin.console(format_args!("servizi/{}", service.id)))
            .text(&service.category)
            .text(admin.t.with("admin-minutes", &[("n", &service.duration_minutes)]))
            .number(counters)
            .text(said(form.is_some()))
            .text(said(priced))
            .active(admin.t, service.active);
        rows.push(row);
    }
    let columns = ["name", "category", "duration", "counters", "form", "tariff", "state"];
    let table = Table::new(admin.t, "services", &columns).rows(rows);
    Console::new(admin.section("services"))
        .link(admin.console("servizi/nuovo"), "admin-services-new")
        .table(table)
        .answer()
}

/// Where a service can be had.
struct Around {
    sites: Vec<Site>,
    counters: Vec<Counter>,
}

impl Around {
    async fn load(conn: &mut PgConnection, entity: EntityId) -> Result<Self> {
        let sites = agenda::store::sites(conn, entity).await?;
        Ok(Self { sites, counters: agenda::store::counters(conn, entity).await? })
    }

    /// The counters that are used, with their sites: value and name.
    fn options(&self) -> Vec<(String, String)> {
        let site =
            |c: &Counter| self.sites.iter().find(|site| site.id == c.site).map_or("", |site| &site.name);
        let used = self.counters.iter().filter(|counter| counter.active);
        used.map(|c| (c.id.to_string(), format!("{} ({})", c.name, site(c)))).collect()
    }
}

async fn show(admin: Admin, Path((_, id)): Path<(String, ServiceId)>) -> Answer {
    let (entity, t) = (admin.entity.id, admin.t);
    let mut tx = admin.begin().await?;
    let service = agenda::store::service(&mut tx, entity, id).await?;
    let around = Around::load(&mut tx, entity).await?;
    let served = saving::counters_of(&mut tx, entity, id).await?;
    let form = forms::published(&mut tx, entity, id).await?;
    let tariff = definition::in_force(&mut tx, entity, id, t.day_of(admin.now)).await?;
    let at = |path: &str| admin.console(format_args!("servizi/{id}/{path}"));
    let counters: Vec<_> = around
        .options()
        .into_iter()
        .filter(|(counter, _)| served.iter().any(|id| id.to_string() == *counter))
        .map(|(_, name)| name)
        .collect();
    let form = match &form {
        Some(form) => t.with("admin-service-form-version", &[("n", &form.version)]),
        None => t.get("admin-service-no-form"),
    };
    let tariff = match tariff {
        Some(tariff) if !tariff.items.is_empty() => {
            t.with("admin-service-tariff-since", &[("from", &t.short_date(tariff.valid_from))])
        }
        _ => t.get("admin-service-no-tariff"),
    };
    let fact = |key: &str, value: String| Row::default().text(t.get(key)).text(value);
    let table = Table::new(t, "service-facts", &["what", "value"]).rows([
        fact("admin-service-summary-it", service.summary.exactly("it").to_owned()),
        fact("admin-service-duration_minutes", t.with("admin-minutes", &[("n", &service.duration_minutes)])),
        fact("admin-service-minimum_level", t.get(&format!("admin-level-{}", service.minimum_level))),
        fact("admin-service-counters", counters.join(", ")).go(t.get("edit"), at("modifica")),
        fact("admin-service-form", form).go(t.get("admin-service-form-edit"), at("modulo")),
        fact("admin-service-tariff", tariff).go(t.get("admin-service-tariff-edit"), at("tariffa")),
    ]);
    let mut page = Console::new(admin.below(SECTION, service.name.get(t.code()), "service-page"));
    if counters.is_empty() {
        page = page.with(Block::Alert("warning", t.get("admin-service-without-counters")));
    }
    page.with(Block::Links(vec![(at("modifica"), t.get("admin-service-edit"))])).table(table).answer()
}

fn values(service: &Service, counters: &[CounterId]) -> Values {
    let reasons = |language: &str| {
        service.reasons.iter().map(|reason| reason.exactly(language)).collect::<Vec<_>>().join("\n")
    };
    let values = Values::default()
        .with_text("name", &service.name)
        .with("slug", &service.slug)
        .with_text("summary", &service.summary)
        .with_text("bring", &service.bring)
        .with("reasons.it", reasons("it"))
        .with("reasons.en", reasons("en"))
        .with("category", &service.category)
        .with("duration_minutes", service.duration_minutes)
        .with("minimum_level", service.minimum_level)
        .with("change_minutes", service.change_minutes)
        .with("position", service.position)
        .ticked("active", service.active);
    counters.iter().fold(values, |values, counter| values.with("counters", counter))
}

/// One reason a line: the English ones stand on the same lines.
fn read_reasons(values: &Values) -> Vec<Text> {
    let (italian, english) = (values.lines("reasons.it"), values.lines("reasons.en"));
    let mut english = english.lines();
    let pairs = italian.lines().map(|line| (line.trim(), english.next().unwrap_or_default().trim()));
    pairs.filter(|(it, _)| !it.is_empty()).map(|(it, en)| Text::italian(it).with("en", en)).collect()
}

fn read(values: &Values, id: ServiceId) -> Result<(Service, Vec<CounterId>)> {
    let mut reader = Reader::new(values);
    let service = Service {
        id,
        slug: values.get("slug").to_owned(),
        name: values.text("name"),
        summary: values.text("summary"),
        bring: values.text("bring"),
        reasons: read_reasons(values),
        category: values.get("category").to_owned(),
        duration_minutes: reader.number("duration_minutes"),
        minimum_level: reader.number("minimum_level"),
        change_minutes: reader.number("change_minutes"),
        active: values.is_ticked("active"),
        position: reader.number("position"),
    };
    let counters = values.all("counters").filter_map(|id| id.parse().ok()).collect();
    reader.finish((service, counters))
}

fn view(
    admin: &Admin,
    (title, back): (String, String),
    around: &Around,
    values: &Values,
    errors: Vec<FieldError>,
) -> Answer {
    let levels =
        (0..=3).map(|level| (level.to_string(), admin.text(&format!("admin-level-{level}")))).collect();
    let form = Form::new(admin.t, "service", values)
        .part("part-texts")
        .required("name.it")
        .line("name.en", "text")
        .required("slug")
        .line("category", "text")
        .line("summary.it", "text")
        .line("summary.en", "text")
        .area("bring.it")
        .area("bring.en")
        .area("reasons.it")
        .area("reasons.en")
        .part("part-rules")
        .input("duration_minutes", "number")
        .select("minimum_level", true, levels, "")
        .input("change_minutes", "number")
        .ticks("counters", around.options())
        .part("part-state")
        .input("position", "number")
        .tick("active")
        .back(back);
    Console::new(admin.below(SECTION, title, "service").errors(errors)).form(form).answer()
}

async fn new(admin: Admin) -> Answer {
    let mut tx = admin.begin().await?;
    let around = Around::load(&mut tx, admin.entity.id).await?;
    let values = Values::default()
        .with("duration_minutes", 15)
        .with("minimum_level", 0)
        .with("change_minutes", 120)
        .with("position", 0)
        .ticked("active", true);
    let title = admin.text("admin-services-new");
    view(&admin, (title, admin.console("servizi")), &around, &values, Vec::new())
}

async fn create(admin: Admin, form: ProtectedForm) -> Answer {
    let names = (admin.text("admin-services-new"), admin.console("servizi"));
    put(&admin, ServiceId::new(), names, &Values::posted(&form.pairs)).await
}

async fn edit(admin: Admin, Path((_, id)): Path<(String, ServiceId)>) -> Answer {
    let mut tx = admin.begin().await?;
    let service = agenda::store::service(&mut tx, admin.entity.id, id).await?;
    let counters = saving::counters_of(&mut tx, admin.entity.id, id).await?;
    let around = Around::load(&mut tx, admin.entity.id).await?;
    let names = (service.name.get(admin.t.code()).to_owned(), admin.console(format_args!("servizi/{id}")));
    view(&admin, names, &around, &values(&service, &counters), Vec::new())
}

async fn save(admin: Admin, Path((_, id)): Path<(String, ServiceId)>, form: ProtectedForm) -> Answer {
    let service = agenda::store::service(&mut *admin.begin().await?, admin.entity.id, id).await?;
    let names = (service.name.get(admin.t.code()).to_owned(), admin.console(format_args!("servizi/{id}")));
    put(&admin, id, names, &Values::posted(&form.pairs)).await
}

async fn put(admin: &Admin, id: ServiceId, names: (String, String), values: &Values) -> Answer {
    let mut tx = admin.begin().await?;
    let around = Around::load(&mut tx, admin.entity.id).await?;
    let done = match read(values, id) {
        Ok((service, counters)) => saving::service(&mut tx, &admin.author(), &service, &counters).await,
        Err(error) => Err(error),
    };
    // A reason is a line of one field.
    let field = |field: &str| match field.strip_prefix("reasons.") {
        Some(rest) => format!("reasons.{}", rest.rsplit('.').next().unwrap_or_default()),
        None => field.to_owned(),
    };
    let done = done.map_err(|error| super::renamed(error, field));
    let to = admin.console(format_args!("servizi/{id}"));
    admin.finish(tx, done, to, |errors| view(admin, names, &around, values, errors)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_stand_line_by_line_in_both_languages() {
        let values = Values::default()
            .with("reasons.it", "Rilascio\r\n\r\n Rinnovo ")
            .with("reasons.en", "Issue\r\n\r\nRenewal");
        let reasons = read_reasons(&values);
        let found: Vec<_> = reasons.iter().map(|r| (r.exactly("it"), r.exactly("en"))).collect();
        assert_eq!(found, [("Rilascio", "Issue"), ("Rinnovo", "Renewal")]);
    }
}
