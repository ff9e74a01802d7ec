//! The platform's taxonomy, kept as reference data of the whole installation: without it no tariff can be defined.

use chrono::NaiveDate;
use serde::Serialize;
use sportello_pagopa::taxonomy::{Client, Entry, Taxonomy, TaxonomyError};
use sqlx::PgConnection;
use url::Url;

use super::store::reference as store;
use crate::app::App;
use crate::error::{Error, Result};

/// The creditor type of Comuni, unions of Comuni and consortia.
pub const ENTITY_TYPE: &str = "01";

/// A code and what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TaxonomyRow {
    /// `9/0104100TS/`.
    pub code: String,
    /// Creditor type, `01`: Comuni.
    pub entity_type: String,
    /// The creditor type in words.
    pub entity_type_name: String,
    /// Macro-area.
    pub macro_area: String,
    /// The service.
    pub service: String,
    /// What the service is.
    pub description: String,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day, included; `None`: no end.
    pub valid_to: Option<NaiveDate>,
}

impl TaxonomyRow {
    /// Whether it may be used on a day.
    #[must_use]
    pub fn is_valid_on(&self, day: NaiveDate) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|last| day <= last)
    }
}

impl From<&Entry> for TaxonomyRow {
    fn from(entry: &Entry) -> Self {
        Self {
            code: entry.code.to_string(),
            entity_type: entry.code.creditor_type().to_owned(),
            entity_type_name: entry.creditor_type.clone(),
            macro_area: entry.macro_area.clone(),
            service: entry.service.clone(),
            description: entry.service_description.clone(),
            valid_from: entry.valid_from,
            valid_to: Some(entry.valid_until),
        }
    }
}

/// Replaces the whole taxonomy, and answers how many rows it now has. Tariffs keep their codes.
///
/// # Errors
/// A table without rows is refused: it is a truncated download, and nothing could be defined with it.
pub async fn import(conn: &mut PgConnection, rows: &[TaxonomyRow]) -> Result<usize> {
    if rows.is_empty() {
        return Err(Error::field("file", "empty"));
    }
    store::replace_taxonomy(conn, rows).await?;
    Ok(rows.len())
}

/// Reads the published table from a file, CSV or JSON.
///
/// # Errors
/// [`Error::Invalid`] with the exact reason.
pub fn read_file(text: &str) -> Result<Vec<TaxonomyRow>> {
    let read =
        if text.trim_start().starts_with('[') { Taxonomy::from_json(text) } else { Taxonomy::from_csv(text) };
    read.map(|table| rows(&table)).map_err(|error: TaxonomyError| {
        Error::Invalid(vec![crate::error::FieldError::new("file", "not_a_taxonomy").with_detail(error)])
    })
}

/// Downloads the published table, e.g. from `https://api.platform.pagopa.it/taxonomy/service/v1`.
///
/// # Errors
/// [`Error::Peer`].
pub async fn download(app: &App, base_url: Url) -> Result<Vec<TaxonomyRow>> {
    match Client::new(base_url, app.http.clone()).download().await {
        Ok(table) => Ok(rows(&table)),
        Err(error) => Err(Error::peer("pagopa", "unavailable", error)),
    }
}

fn rows(table: &Taxonomy) -> Vec<TaxonomyRow> {
    table.entries().map(TaxonomyRow::from).collect()
}

/// The row of a code that is valid on a day.
pub async fn lookup(conn: &mut PgConnection, code: &str, day: NaiveDate) -> Result<Option<TaxonomyRow>> {
    let rows = store::taxonomy(conn, &[code.to_owned()]).await?;
    Ok(rows.into_iter().find(|row| row.is_valid_on(day)))
}

/// What an entity may collect on a day: those whose texts or code contain `text`, with the ordinary prefix `9/`.
pub async fn search(conn: &mut PgConnection, text: &str, day: NaiveDate) -> Result<Vec<TaxonomyRow>> {
    store::search_taxonomy(conn, ENTITY_TYPE, text.trim(), day).await
}

/// How many codes are known: zero until the taxonomy is imported.
pub async fn size(conn: &mut PgConnection) -> Result<i64> {
    store::taxonomy_size(conn).await
}
