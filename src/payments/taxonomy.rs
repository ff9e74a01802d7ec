//! The platform's taxonomy, kept as reference data of the whole installation: without it no tariff can be defined.

use chrono::NaiveDate;
use serde::Serialize;
use sportello_pagopa::taxonomy::{Entry, Taxonomy, TaxonomyError};
use sqlx::PgConnection;

use super::store::reference as store;
use crate::error::Result;

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

/// Replaces the whole taxonomy, and answers how many rows it now has. Tariffs keep their codes. Only the owner's role may:
/// on the command line.
pub async fn import(conn: &mut PgConnection, table: &Taxonomy) -> Result<usize> {
    let rows: Vec<_> = table.entries().map(TaxonomyRow::from).collect();
    store::replace_taxonomy(conn, &rows).await?;
    Ok(rows.len())
}

/// Reads the published table from a file, CSV or JSON.
///
/// # Errors
/// The exact reason. A table without rows is refused: it is a truncated download, and nothing could be defined with it.
pub fn read_file(text: &str) -> Result<Taxonomy, TaxonomyError> {
    if text.trim_start().starts_with('[') { Taxonomy::from_json(text) } else { Taxonomy::from_csv(text) }
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
