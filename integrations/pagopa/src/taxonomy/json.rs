//! The published JSON: a list of objects whose keys are the Italian headings.

use serde::{Deserialize, Serialize};

use super::{Entry, TaxonomyError, csv::date};

#[derive(Serialize, Deserialize)]
struct Row {
    #[serde(rename = "CODICE TIPO ENTE CREDITORE", default)]
    creditor_type_code: String,
    #[serde(rename = "TIPO ENTE CREDITORE", default)]
    creditor_type: String,
    #[serde(rename = "PROGRESSIVO MACRO AREA PER ENTE CREDITORE", default)]
    macro_area_code: String,
    #[serde(rename = "NOME MACRO AREA", default)]
    macro_area: String,
    #[serde(rename = "DESCRIZIONE MACRO AREA", default)]
    macro_area_description: String,
    #[serde(rename = "CODICE TIPOLOGIA SERVIZIO", default)]
    service_code: String,
    #[serde(rename = "TIPO SERVIZIO", default)]
    service: String,
    #[serde(rename = "MOTIVO GIURIDICO DELLA RISCOSSIONE", default)]
    reason: String,
    #[serde(rename = "DESCRIZIONE TIPO SERVIZIO", default)]
    service_description: String,
    #[serde(rename = "VERSIONE TASSONOMIA", default)]
    version: String,
    #[serde(rename = "DATI SPECIFICI INCASSO")]
    code: String,
    #[serde(rename = "DATA INIZIO VALIDITA")]
    valid_from: String,
    #[serde(rename = "DATA FINE VALIDITA")]
    valid_until: String,
    #[serde(rename = "COMBINAZIONE TOPIC E SUBTOPIC", default, skip_serializing)]
    topic: Option<String>,
}

pub(super) fn entries(text: &str) -> Result<Vec<Entry>, TaxonomyError> {
    let rows: Vec<Row> = serde_json::from_str(text).map_err(|_| TaxonomyError::NotJson)?;
    rows.into_iter()
        .enumerate()
        .map(|(at, row)| entry(row).map_err(|reason| TaxonomyError::Row { row: at + 1, reason }))
        .collect()
}

fn entry(row: Row) -> Result<Entry, &'static str> {
    Ok(Entry {
        code: row.code.trim().parse().map_err(|_| "not a taxonomy code")?,
        creditor_type: row.creditor_type,
        macro_area: row.macro_area,
        macro_area_description: row.macro_area_description,
        service: row.service,
        service_description: row.service_description,
        version: row.version,
        valid_from: date(row.valid_from.trim())?,
        valid_until: date(row.valid_until.trim())?,
        topic: row.topic,
    })
}

pub(super) fn write<'a>(entries: impl Iterator<Item = &'a Entry>) -> String {
    let rows: Vec<Row> = entries
        .map(|entry| Row {
            creditor_type_code: entry.code.creditor_type().to_owned(),
            creditor_type: entry.creditor_type.clone(),
            macro_area_code: entry.code.macro_area().to_owned(),
            macro_area: entry.macro_area.clone(),
            macro_area_description: entry.macro_area_description.clone(),
            service_code: entry.code.service().to_owned(),
            service: entry.service.clone(),
            reason: entry.code.as_str()[9..11].to_owned(),
            service_description: entry.service_description.clone(),
            version: entry.version.clone(),
            code: entry.code.to_string(),
            valid_from: entry.valid_from.format("%d/%m/%Y").to_string(),
            valid_until: entry.valid_until.format("%d/%m/%Y").to_string(),
            topic: entry.topic.clone(),
        })
        .collect();
    serde_json::to_string(&rows).expect("rows of texts are always JSON")
}
