//! The platform's taxonomy: the codes that tariffs are written with, imported for the whole installation.

use axum::Router;
use axum::extract::Query;
use axum::routing::{get, post};
use serde::Deserialize;
use url::Url;

use super::Admin;
use super::blocks::{Block, Console, Form, Row, Table};
use super::values::Values;
use crate::app::App;
use crate::audit::Change;
use crate::error::{Error, FieldError, Result};
use crate::payments::taxonomy::{self, TaxonomyRow};
use crate::web::form::{ProtectedForm, ProtectedUpload};
use crate::web::frame::{Answer, redirect_done};

/// Where the platform publishes the table (SANP 3.12.0, "Tassonomia dei servizi di incasso").
const PUBLISHED_AT: &str = "https://api.platform.pagopa.it/taxonomy/service/v1";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/{entity}/amministrazione/tassonomia", get(show))
        .route("/{entity}/amministrazione/tassonomia/file", post(upload))
        .route("/{entity}/amministrazione/tassonomia/scarica", post(download))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    cerca: String,
}

async fn show(admin: Admin, Query(asked): Query<Asked>) -> Answer {
    view(&admin, &asked.cerca, Values::default().with("url", PUBLISHED_AT), Vec::new()).await
}

fn row(admin: &Admin, row: &TaxonomyRow) -> Row {
    let until =
        row.valid_to.map_or_else(|| admin.text("admin-taxonomy-no-end"), |day| admin.t.short_date(day));
    Row::default().text(&row.code).text(&row.service).text(&row.description).text(&row.macro_area).text(until)
}

async fn view(admin: &Admin, search: &str, values: Values, errors: Vec<FieldError>) -> Answer {
    let t = admin.t;
    let mut tx = admin.begin().await?;
    let size = taxonomy::size(&mut tx).await?;
    let found = taxonomy::search(&mut tx, search, t.day_of(admin.now)).await?;
    let mut console = Console::new(admin.section("taxonomy").errors(errors));
    if size == 0 {
        console = console.with(Block::Alert("warning", t.get("admin-taxonomy-none")));
    } else {
        let said = t.with("admin-taxonomy-count", &[("n", &size), ("usable", &found.len())]);
        let asked = Values::default().with("cerca", search);
        let form = Form::new(t, "taxonomy-search", &asked).search().line("cerca", "search");
        let table = Table::new(t, "taxonomy", &["code", "service", "description", "area", "until"]);
        console =
            console.with(Block::Text(said)).form(form).table(table.rows(found.iter().map(|r| row(admin, r))));
    }
    let from_address = Form::new(t, "taxonomy-download", &values)
        .input("url", "url")
        .to(admin.console("tassonomia/scarica"));
    let from_file =
        Form::new(t, "taxonomy-upload", &values).file("file").to(admin.console("tassonomia/file"));
    console
        .heading("admin-taxonomy-import")
        .text("admin-taxonomy-import-lead")
        .form(from_address)
        .form(from_file)
        .answer()
}

async fn import(admin: &Admin, rows: Result<Vec<TaxonomyRow>>, source: String) -> Answer {
    let mut tx = admin.begin().await?;
    let done = match rows {
        Ok(rows) => taxonomy::import(&mut tx, &rows).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(count) => {
            let change = Change::of("taxonomy.imported", "taxonomy", "taxonomy");
            let after = serde_json::json!({"rows": count, "source": source});
            admin.author().record(&mut tx, change.after(after)).await?;
            tx.commit().await?;
            redirect_done(admin.console("tassonomia"), "imported")
        }
        Err(Error::Invalid(errors)) => {
            drop(tx);
            view(admin, "", Values::default().with("url", PUBLISHED_AT), errors).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn upload(admin: Admin, form: ProtectedUpload) -> Answer {
    let rows = match form.files.first() {
        Some(file) => taxonomy::read_file(&String::from_utf8_lossy(&file.bytes)),
        None => Err(Error::field("file", "required")),
    };
    let name = form.files.first().map(|file| file.name.clone()).unwrap_or_default();
    import(&admin, rows, name).await
}

async fn download(admin: Admin, form: ProtectedForm) -> Answer {
    let values = Values::posted(&form.pairs);
    let rows = match values.get("url").parse::<Url>() {
        Ok(url) => match taxonomy::download(&admin.app, url).await {
            Err(Error::Peer { .. }) => Err(Error::field("url", "not_reached")),
            rows => rows,
        },
        Err(_) => Err(Error::field("url", "url")),
    };
    match rows {
        Err(Error::Invalid(errors)) => view(&admin, "", values, errors).await,
        rows => import(&admin, rows, values.get("url").to_owned()).await,
    }
}
