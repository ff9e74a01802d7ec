//! The console's first page: what is set up, and what is missing before citizens can book.

use askama::Template;
use axum::Router;
use axum::routing::get;
use chrono::Datelike as _;
use sqlx::PgConnection;

use super::Admin;
use super::integrations::Known;
use crate::agenda;
use crate::app::App;
use crate::entity::Kind;
use crate::error::Result;
use crate::jobs;
use crate::payments::{self, chapters, taxonomy};
use crate::web::frame::{Answer, render};
use crate::web::page::Page;

pub(super) fn router() -> Router<App> {
    Router::new().route("/{entity}/amministrazione", get(show)).route("/{entity}/amministrazione/", get(show))
}

/// A thing to set up.
struct Step {
    label: String,
    found: String,
    is_done: bool,
    is_needed: bool,
    url: String,
}

#[derive(Template)]
#[template(path = "admin/home.html", config = ".askama.toml")]
struct HomePage {
    page: Page,
    steps: Vec<Step>,
    missing: usize,
    dead: usize,
    failures: String,
    public: String,
}

impl Step {
    fn counted(admin: &Admin, key: &str, path: &str, count: usize) -> Self {
        let found = admin.t.with(&format!("admin-home-{key}-found"), &[("n", &count)]);
        let label = admin.text(&format!("admin-home-{key}"));
        Self { label, found, is_done: count > 0, is_needed: true, url: admin.console(path) }
    }

    fn optional(self) -> Self {
        Self { is_needed: false, ..self }
    }
}

async fn steps(conn: &mut PgConnection, admin: &Admin) -> Result<Vec<Step>> {
    let entity = admin.entity.id;
    let sites = agenda::store::sites(conn, entity).await?.iter().filter(|site| site.active).count();
    let calendars = agenda::store::calendars(conn, entity).await?;
    let mut with_hours = 0;
    for calendar in &calendars {
        let rules = agenda::store::calendar_rules(conn, entity, calendar.id).await?;
        with_hours += usize::from(!rules.is_empty());
    }
    let counters = agenda::store::counters(conn, entity).await?.iter().filter(|c| c.active).count();
    let mut bookable = 0;
    for service in agenda::store::services(conn, entity).await?.iter().filter(|service| service.active) {
        let served = agenda::store::counters_of_service(conn, entity, service.id).await?;
        bookable += usize::from(served.iter().any(|counter| counter.active));
    }
    let year = i16::try_from(admin.t.day_of(admin.now).year()).unwrap_or_default();
    let lines = chapters::chapters(conn, entity, year).await?.len();
    let codes = usize::try_from(taxonomy::size(conn).await?).unwrap_or_default();
    let contacts = usize::from(!admin.entity.email.is_empty() || !admin.entity.phone.is_empty());
    let mut steps = vec![
        Step::counted(admin, "contacts", "comune", contacts),
        Step::counted(admin, "sites", "sedi", sites),
        Step::counted(admin, "calendars", "calendari", with_hours),
        Step::counted(admin, "counters", "sportelli", counters),
        Step::counted(admin, "services", "servizi", bookable),
        Step::counted(admin, "chapters", "bilancio", lines).optional(),
        Step::counted(admin, "taxonomy", "tassonomia", codes).optional(),
    ];
    for kind in Kind::ALL {
        let known = Known::load(conn, admin, kind).await?;
        steps.push(integration(admin, &known));
    }
    Ok(steps)
}

/// An integration is done where it is in use and its last test found nothing wrong.
fn integration(admin: &Admin, known: &Known) -> Step {
    let name = known.kind.as_str();
    let tested = known.integration.as_ref().is_some_and(|known| known.checked_at.is_some());
    let (_, worst) = super::checks::worst(&known.findings());
    let found = match (known.enabled(), tested) {
        (false, _) => "admin-home-integration-off",
        (true, false) => "admin-home-integration-untested",
        (true, true) if worst == "admin-check-failed" => "admin-home-integration-failed",
        (true, true) => "admin-home-integration-works",
    };
    Step {
        label: admin.text(&format!("admin-integration-{name}")),
        found: admin.text(found),
        is_done: found == "admin-home-integration-works",
        is_needed: matches!(known.kind, Kind::CitizenLogin | Kind::StaffLogin | Kind::Mail),
        url: admin.console(format_args!("integrazioni/{name}")),
    }
}

async fn show(admin: Admin) -> Answer {
    let mut tx = admin.begin().await?;
    let steps = steps(&mut tx, &admin).await?;
    let troubled = payments::position::troubled(&mut tx, admin.entity.id).await?.len();
    let dead = jobs::store::dead(&mut tx, admin.entity.id).await?.len() + troubled;
    render(&HomePage {
        page: admin.section("home"),
        missing: steps.iter().filter(|step| step.is_needed && !step.is_done).count(),
        steps,
        dead,
        failures: admin.console("non-riusciti"),
        public: admin.url(""),
    })
}
