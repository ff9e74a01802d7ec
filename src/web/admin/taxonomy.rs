//! The platform's taxonomy: the codes that tariffs are written with. It is one for the whole installation, so whoever
//! runs that imports it; the console shows it.

use axum::Router;
use axum::extract::Query;
use axum::routing::get;
use serde::Deserialize;

use super::Admin;
use super::blocks::{Block, Console, Form, Row, Table};
use super::values::Values;
use crate::app::App;
use crate::payments::taxonomy::{self, TaxonomyRow};
use crate::web::frame::Answer;

/// Where the platform publishes the table (SANP 3.12.0, "Tassonomia dei servizi di incasso").
const PUBLISHED_AT: &str = "https://api.platform.pagopa.it/taxonomy/service/v1";

pub(super) fn router() -> Router<App> {
    Router::new().route("/{entity}/amministrazione/tassonomia", get(show))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    cerca: String,
}

fn row(admin: &Admin, row: &TaxonomyRow) -> Row {
    let until =
        row.valid_to.map_or_else(|| admin.text("admin-taxonomy-no-end"), |day| admin.t.short_date(day));
    Row::default().text(&row.code).text(&row.service).text(&row.description).text(&row.macro_area).text(until)
}

async fn show(admin: Admin, Query(asked): Query<Asked>) -> Answer {
    let t = admin.t;
    let mut tx = admin.begin().await?;
    let size = taxonomy::size(&mut tx).await?;
    let found = taxonomy::search(&mut tx, &asked.cerca, t.day_of(admin.now)).await?;
    let mut console = Console::new(admin.section("taxonomy"));
    if size == 0 {
        console = console.with(Block::Alert("warning", t.get("admin-taxonomy-none")));
    } else {
        let said = t.with("admin-taxonomy-count", &[("n", &size), ("usable", &found.len())]);
        let asked = Values::default().with("cerca", asked.cerca);
        let form = Form::new(t, "taxonomy-search", &asked).search().line("cerca", "search");
        let table = Table::new(t, "taxonomy", &["code", "service", "description", "area", "until"]);
        console = console
            .with(Block::Text(said))
            .form(form)
            .table(table.rows(found.iter().map(|r| row(&admin, r))));
    }
    console
        .heading("admin-taxonomy-import")
        .text("admin-taxonomy-import-lead")
        .with(Block::Code(format!("sportello taxonomy import {PUBLISHED_AT}")))
        .answer()
}
