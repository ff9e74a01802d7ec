//! The taxonomy of what is collected: the code each transfer must carry, and the dated table the platform publishes.
//!
//! `9/0104100TS/` = prefix, creditor type (01), macro-area (04), service (100), legal reason (TS). The node does not verify
//! codes, but their precision is measured (indicator A.2), and a code is valid only between two dates.

mod client;
mod csv;
mod json;

use std::{collections::BTreeMap, fmt, str::FromStr};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use client::Client;

/// Characters of a code.
pub const CODE_LENGTH: usize = 12;

/// Why a code or a table cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TaxonomyError {
    /// Not of the form `9/0104100TS/`.
    #[error("a taxonomy code has the form 9/0104100TS/")]
    NotACode,
    /// The table's heading is not the published one.
    #[error("the taxonomy lacks the column {0}")]
    MissingColumn(&'static str),
    /// A row of the table cannot be read.
    #[error("row {row} of the taxonomy: {reason}")]
    Row {
        /// Counted from 1, the heading excluded.
        row: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The JSON form of the table is not a list of entries.
    #[error("the taxonomy is not the JSON list the platform publishes")]
    NotJson,
    /// A table without rows, which a truncated download gives.
    #[error("the taxonomy is empty")]
    EmptyTable,
}

/// Why the money is collected ("motivo giuridico della riscossione").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Reason {
    /// Imposta.
    #[serde(rename = "IM")]
    Levy,
    /// Tassa.
    #[serde(rename = "TS")]
    Fee,
    /// Corrispettivo di un servizio pubblico.
    #[serde(rename = "SP")]
    Service,
    /// Sanzione.
    #[serde(rename = "SA")]
    Penalty,
    /// Altro.
    #[serde(rename = "AP")]
    Other,
}

/// A taxonomy code: `^[6-9]/\d{7}(IM|TS|SP|SA|AP)/$`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TaxonomyCode(String);

impl TaxonomyCode {
    /// The code as the platform writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the platform may deliver the notice as a SEPA Request-to-Pay on its own: true with the prefix `9/`, false
    /// with `6/`, `7/` and `8/` (SANP 3.12.0, SEPA Request To Pay). One transfer that says no excludes the whole notice.
    #[must_use]
    pub fn allows_request_to_pay(&self) -> bool {
        self.0.starts_with('9')
    }

    /// The creditor type: `01` is "Comune / unione di Comuni / consorzi".
    #[must_use]
    pub fn creditor_type(&self) -> &str {
        &self.0[2..4]
    }

    /// The macro-area within the creditor type.
    #[must_use]
    pub fn macro_area(&self) -> &str {
        &self.0[4..6]
    }

    /// The service within the macro-area.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.0[6..9]
    }

    /// The legal reason.
    #[must_use]
    pub fn reason(&self) -> Reason {
        match &self.0[9..11] {
            "IM" => Reason::Levy,
            "TS" => Reason::Fee,
            "SP" => Reason::Service,
            "SA" => Reason::Penalty,
            _ => Reason::Other,
        }
    }
}

impl FromStr for TaxonomyCode {
    type Err = TaxonomyError;

    fn from_str(text: &str) -> Result<Self, TaxonomyError> {
        let bytes = text.as_bytes();
        let ok = bytes.len() == CODE_LENGTH
            && matches!(bytes[0], b'6'..=b'9')
            && bytes[1] == b'/'
            && bytes[2..9].iter().all(u8::is_ascii_digit)
            && matches!(&bytes[9..11], b"IM" | b"TS" | b"SP" | b"SA" | b"AP")
            && bytes[11] == b'/';
        if ok { Ok(Self(text.to_owned())) } else { Err(TaxonomyError::NotACode) }
    }
}

impl TryFrom<String> for TaxonomyCode {
    type Error = TaxonomyError;

    fn try_from(text: String) -> Result<Self, TaxonomyError> {
        text.parse()
    }
}

impl From<TaxonomyCode> for String {
    fn from(code: TaxonomyCode) -> Self {
        code.0
    }
}

impl fmt::Display for TaxonomyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One row of the published table. Texts are as published, in Italian.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The code.
    pub code: TaxonomyCode,
    /// The creditor type in words.
    pub creditor_type: String,
    /// The macro-area's name.
    pub macro_area: String,
    /// What the macro-area is.
    pub macro_area_description: String,
    /// The service's name.
    pub service: String,
    /// What the service is.
    pub service_description: String,
    /// The table's version that this row was published with.
    pub version: String,
    /// First day of validity.
    pub valid_from: NaiveDate,
    /// Last day of validity; the platform writes 2080 for "no end".
    pub valid_until: NaiveDate,
    /// Topic and subtopic for the citizen's eyes ("Casa e utenze + Immobili di proprietà"); absent from the JSON form.
    pub topic: Option<String>,
}

impl Entry {
    /// Whether the code may be used on a position created on `day`.
    #[must_use]
    pub fn is_valid_on(&self, day: NaiveDate) -> bool {
        (self.valid_from..=self.valid_until).contains(&day)
    }
}

/// The published table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taxonomy {
    entries: BTreeMap<TaxonomyCode, Entry>,
}

impl Taxonomy {
    /// Reads the platform's CSV: UTF-8, `;`, quoted texts, dates `dd/MM/yyyy`.
    ///
    /// # Errors
    /// What is wrong and in which row; a table is read whole or not at all.
    pub fn from_csv(text: &str) -> Result<Self, TaxonomyError> {
        Self::from_entries(csv::entries(text)?)
    }

    /// Reads the platform's JSON: a list of objects keyed with the Italian headings.
    ///
    /// # Errors
    /// What is wrong and in which row; a table is read whole or not at all.
    pub fn from_json(text: &str) -> Result<Self, TaxonomyError> {
        Self::from_entries(json::entries(text)?)
    }

    /// Writes the JSON form the platform serves.
    #[must_use]
    pub fn to_json(&self) -> String {
        json::write(self.entries())
    }

    /// The row of a code, valid or not.
    #[must_use]
    pub fn get(&self, code: &TaxonomyCode) -> Option<&Entry> {
        self.entries.get(code)
    }

    /// The row of a code, if the code may be used on `day`.
    #[must_use]
    pub fn valid(&self, code: &TaxonomyCode, day: NaiveDate) -> Option<&Entry> {
        self.get(code).filter(|entry| entry.is_valid_on(day))
    }

    /// Every row, by code.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = &Entry> {
        self.entries.values()
    }

    /// What the creditors of a type (`01`: Comuni) may collect on `day`, each service once, with its ordinary prefix `9/`.
    pub fn services<'a>(&'a self, creditor_type: &'a str, day: NaiveDate) -> impl Iterator<Item = &'a Entry> {
        self.entries().filter(move |entry| {
            entry.code.allows_request_to_pay()
                && entry.code.creditor_type() == creditor_type
                && entry.is_valid_on(day)
        })
    }

    fn from_entries(entries: Vec<Entry>) -> Result<Self, TaxonomyError> {
        if entries.is_empty() {
            return Err(TaxonomyError::EmptyTable);
        }
        Ok(Self { entries: entries.into_iter().map(|entry| (entry.code.clone(), entry)).collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(super) const HEADING: &str = "codice_tipo_ente_creditore;tipo_ente_creditore;progressivo_macro_area_per_ente_creditore;nome_macro_area;descrizione_macro_area;codice_tipologia_servizio;tipo_servizio;motivo_giuridico_della_riscossione;descrizione_tipo_servizio;versione_tassonomia;dati_specifici_di_incasso;data_inizio_validita;data_fine_validita;combinazione_topic_subtopic";

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn reads_the_whole_published_table() {
        let Some(file) = crate::wire::testing::spec("taxonomy/tassonomia-v47.csv") else { return };
        let text = std::fs::read_to_string(file).unwrap();
        let taxonomy = Taxonomy::from_csv(&text).unwrap();
        assert_eq!(taxonomy.entries().len(), 3004);
        let expired: TaxonomyCode = "9/0105118TS/".parse().unwrap();
        assert!(taxonomy.valid(&expired, day("2024-02-01")).is_some());
        assert!(taxonomy.valid(&expired, day("2024-02-02")).is_none());
        let id_card = taxonomy.valid(&"9/0104100TS/".parse().unwrap(), day("2026-11-23")).unwrap();
        assert_eq!((id_card.code.reason(), id_card.code.macro_area()), (Reason::Fee, "04"));
        let in_force = taxonomy.services("01", day("2026-11-23")).count();
        assert!((100..=135).contains(&in_force), "{in_force}");
        let mut again = Taxonomy::from_json(&taxonomy.to_json()).unwrap();
        for (entry, original) in again.entries.values_mut().zip(taxonomy.entries()) {
            entry.topic.clone_from(&original.topic);
        }
        assert_eq!(again, taxonomy);
    }

    #[test]
    fn reads_quoted_texts() {
        let row = "01;COMUNE;04;DEMOGRAFICI;Diritti.;102;Matrimoni;TS;\"Marca; detta \"\"bollo\"\"\";47;9/0104102TS/;01/01/1900;01/01/2080;Casa";
        let taxonomy = Taxonomy::from_csv(&format!("{HEADING}\r\n{row}\r\n")).unwrap();
        let entry = taxonomy.get(&"9/0104102TS/".parse().unwrap()).unwrap();
        assert_eq!(entry.service_description, "Marca; detta \"bollo\"");
        assert_eq!(entry.topic.as_deref(), Some("Casa"));
        assert_eq!((entry.valid_from, entry.valid_until), (day("1900-01-01"), day("2080-01-01")));
    }

    #[test]
    fn refuses_a_table_it_cannot_read_whole() {
        let bad_code = "01;C;04;D;D;102;M;TS;D;47;9/0104102XX/;01/01/1900;01/01/2080;";
        let bad_date = "01;C;04;D;D;102;M;TS;D;47;9/0104102TS/;31/02/1900;01/01/2080;";
        for (text, error) in [
            ("", TaxonomyError::MissingColumn("dati_specifici_di_incasso")),
            (HEADING, TaxonomyError::EmptyTable),
            (&format!("{HEADING}\n{bad_code}"), TaxonomyError::Row { row: 1, reason: "not a taxonomy code" }),
            (&format!("{HEADING}\n{bad_date}"), TaxonomyError::Row { row: 1, reason: "not a date" }),
            (&format!("{HEADING}\n01;C"), TaxonomyError::Row { row: 1, reason: "too few columns" }),
            (&format!("{HEADING}\n\"01;C"), TaxonomyError::Row { row: 1, reason: "a quote is not closed" }),
        ] {
            assert_eq!(Taxonomy::from_csv(text), Err(error));
        }
        assert_eq!(Taxonomy::from_json("[]"), Err(TaxonomyError::EmptyTable));
        assert_eq!(Taxonomy::from_json("{}"), Err(TaxonomyError::NotJson));
    }

    #[test]
    fn reads_the_json_the_platform_answers() {
        let text = r#"[{"CODICE TIPO ENTE CREDITORE":"1","TIPO ENTE CREDITORE":"COMUNE","PROGRESSIVO MACRO AREA PER ENTE CREDITORE":"2","NOME MACRO AREA":"CORPO DI POLIZIA LOCALE","DESCRIZIONE MACRO AREA":"Entrate","CODICE TIPOLOGIA SERVIZIO":"100","TIPO SERVIZIO":"Multe","MOTIVO GIURIDICO DELLA RISCOSSIONE":"SA","DESCRIZIONE TIPO SERVIZIO":"Violazione","VERSIONE TASSONOMIA":"31","DATI SPECIFICI INCASSO":"9/0102100SA/","DATA INIZIO VALIDITA":"01/01/1900","DATA FINE VALIDITA":"01/01/2080"}]"#;
        let taxonomy = Taxonomy::from_json(text).unwrap();
        let entry = taxonomy.entries().next().unwrap();
        assert_eq!((entry.service.as_str(), entry.version.as_str(), &entry.topic), ("Multe", "31", &None));
    }

    #[test]
    fn code_parts() {
        let code: TaxonomyCode = "7/0103101AP/".parse().unwrap();
        assert_eq!(
            (
                code.creditor_type(),
                code.macro_area(),
                code.service(),
                code.reason(),
                code.allows_request_to_pay()
            ),
            ("01", "03", "101", Reason::Other, false)
        );
        for text in
            ["", "0101100IM", "9/0101100IM", "5/0101100IM/", "9/01011O0IM/", "9/0101100XX/", "9/0101100IM//"]
        {
            assert_eq!(text.parse::<TaxonomyCode>(), Err(TaxonomyError::NotACode), "{text}");
        }
    }

    proptest! {
        #[test]
        fn codes_survive_json(text in "[6-9]/[0-9]{7}(IM|TS|SP|SA|AP)/") {
            let code: TaxonomyCode = text.parse().unwrap();
            let json = serde_json::to_string(&code).unwrap();
            prop_assert_eq!(&json, &format!("\"{text}\""));
            prop_assert_eq!(serde_json::from_str::<TaxonomyCode>(&json).unwrap(), code);
        }

        #[test]
        fn no_text_breaks_the_reader(text in "\\PC{0,200}") {
            let _ = Taxonomy::from_csv(&format!("{HEADING}\n{text}"));
            let _ = text.parse::<TaxonomyCode>();
        }
    }
}
