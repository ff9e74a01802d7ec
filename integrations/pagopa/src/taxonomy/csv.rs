//! The published CSV: `;` between fields, `"` around texts that need it, doubled inside.

use chrono::NaiveDate;

use super::{Entry, TaxonomyError};

const COLUMNS: [&str; 10] = [
    "dati_specifici_di_incasso",
    "tipo_ente_creditore",
    "nome_macro_area",
    "descrizione_macro_area",
    "tipo_servizio",
    "descrizione_tipo_servizio",
    "versione_tassonomia",
    "data_inizio_validita",
    "data_fine_validita",
    "combinazione_topic_subtopic",
];

pub(super) fn entries(text: &str) -> Result<Vec<Entry>, TaxonomyError> {
    let mut records = Records { rest: text.trim_start_matches('\u{feff}') };
    let heading = records.next().and_then(Result::ok).unwrap_or_default();
    let mut columns = [0; COLUMNS.len()];
    for (column, name) in columns.iter_mut().zip(COLUMNS) {
        *column = heading
            .iter()
            .position(|field| field.trim() == name)
            .ok_or(TaxonomyError::MissingColumn(name))?;
    }
    records
        .enumerate()
        .map(|(at, record)| {
            record
                .and_then(|record| entry(&record, &columns))
                .map_err(|reason| TaxonomyError::Row { row: at + 1, reason })
        })
        .collect()
}

fn entry(record: &[String], columns: &[usize; COLUMNS.len()]) -> Result<Entry, &'static str> {
    let field = |at: usize| record.get(columns[at]).map(|text| text.trim()).ok_or("too few columns");
    Ok(Entry {
        code: field(0)?.parse().map_err(|_| "not a taxonomy code")?,
        creditor_type: field(1)?.to_owned(),
        macro_area: field(2)?.to_owned(),
        macro_area_description: field(3)?.to_owned(),
        service: field(4)?.to_owned(),
        service_description: field(5)?.to_owned(),
        version: field(6)?.to_owned(),
        valid_from: date(field(7)?)?,
        valid_until: date(field(8)?)?,
        topic: Some(field(9)?).filter(|text| !text.is_empty()).map(str::to_owned),
    })
}

/// `dd/MM/yyyy`, in both forms of the table.
pub(super) fn date(text: &str) -> Result<NaiveDate, &'static str> {
    NaiveDate::parse_from_str(text, "%d/%m/%Y").map_err(|_| "not a date")
}

/// The records of a CSV text, one at a time; blank lines are skipped.
struct Records<'a> {
    rest: &'a str,
}

impl Iterator for Records<'_> {
    type Item = Result<Vec<String>, &'static str>;

    fn next(&mut self) -> Option<Self::Item> {
        self.rest = self.rest.trim_start_matches(['\r', '\n']);
        if self.rest.is_empty() {
            return None;
        }
        let mut record = vec![String::new()];
        let mut quoted = false;
        let mut characters = self.rest.char_indices().peekable();
        while let Some((at, character)) = characters.next() {
            let field = record.last_mut().expect("a record starts with one field");
            match character {
                '"' if quoted && matches!(characters.peek(), Some((_, '"'))) => {
                    characters.next();
                    field.push('"');
                }
                '"' if quoted || field.is_empty() => quoted = !quoted,
                ';' if !quoted => record.push(String::new()),
                '\r' | '\n' if !quoted => {
                    self.rest = &self.rest[at..];
                    return Some(Ok(record));
                }
                other => field.push(other),
            }
        }
        self.rest = "";
        Some(if quoted { Err("a quote is not closed") } else { Ok(record) })
    }
}
