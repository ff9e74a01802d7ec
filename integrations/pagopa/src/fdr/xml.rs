//! The flow as a file: `FlussoRiversamento` 1.0.4 and 1.0.5.

use quick_xml::Reader;
use quick_xml::events::Event;
use serde::Deserialize;

use super::flow::{Flow, FlowRow, RowOutcome, is_flow_id};
use crate::wire::{InvalidField, Moment, XmlError, amount, moment, shorten, xml};

const ROOT: &str = "FlussoRiversamento";

/// Why a file is not a remittance flow.
#[derive(Debug, thiserror::Error)]
pub enum FlowFileError {
    /// It is not an XML document that may be read.
    #[error("the file is not readable XML")]
    Xml(#[from] XmlError),
    /// It is XML of another kind.
    #[error("the file is a `{0}`, not a {ROOT}")]
    OtherDocument(String),
    /// Elements are missing or repeated.
    #[error("the flow does not follow its schema")]
    Structure(#[from] quick_xml::DeError),
    /// A value is not what the schema asks for.
    #[error("the flow holds an invalid value")]
    Value(#[from] InvalidField),
}

/// Reads a `FlussoRiversamento` file of at most `limit_bytes`, in UTF-8 or in the encoding it declares (ISO-8859-1 is common).
///
/// Prefixes and namespaces are free. Sums and counts are not checked here: see [`Flow::findings`].
///
/// # Errors
/// See [`FlowFileError`]; the reason is in the source chain.
pub fn parse_xml(file: &[u8], limit_bytes: usize) -> Result<Flow, FlowFileError> {
    let xml = xml::read(file, limit_bytes)?;
    let root = root_name(&xml);
    if root != ROOT {
        return Err(FlowFileError::OtherDocument(shorten(&root)));
    }
    let wire: FlowWire = quick_xml::de::from_str(&xml)?;
    Ok(wire.try_into()?)
}

/// The local name of the root element of a document that was already checked.
fn root_name(xml: &str) -> String {
    let mut reader = Reader::from_str(xml);
    loop {
        match reader.read_event() {
            Ok(Event::Start(root) | Event::Empty(root)) => return root.local_name().into_inner().to_owned(),
            Ok(Event::Eof) | Err(_) => return String::new(),
            Ok(_) => {}
        }
    }
}

/// `ctFlussoRiversamento`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FlowWire {
    identificativo_flusso: String,
    data_ora_flusso: String,
    identificativo_univoco_regolamento: String,
    data_regolamento: String,
    istituto_mittente: SenderWire,
    codice_bic_banca_di_riversamento: Option<String>,
    istituto_ricevente: ReceiverWire,
    numero_totale_pagamenti: String,
    importo_totale_pagamenti: String,
    dati_singoli_pagamenti: Vec<RowWire>,
}

#[derive(Deserialize)]
struct SenderWire {
    #[serde(rename = "identificativoUnivocoMittente")]
    identifier: IdentifierWire,
    #[serde(rename = "denominazioneMittente")]
    name: Option<String>,
}

#[derive(Deserialize)]
struct ReceiverWire {
    #[serde(rename = "identificativoUnivocoRicevente")]
    identifier: IdentifierWire,
}

#[derive(Deserialize)]
struct IdentifierWire {
    #[serde(rename = "codiceIdentificativoUnivoco")]
    code: String,
}

/// `ctDatiSingoliPagamenti`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RowWire {
    identificativo_univoco_versamento: String,
    identificativo_univoco_riscossione: String,
    indice_dati_singolo_pagamento: Option<String>,
    singolo_importo_pagato: String,
    codice_esito_singolo_pagamento: String,
    data_esito_singolo_pagamento: String,
}

impl TryFrom<FlowWire> for Flow {
    type Error = InvalidField;

    fn try_from(wire: FlowWire) -> Result<Self, InvalidField> {
        let flow = wire.identificativo_flusso;
        if !is_flow_id(&flow) {
            return Err(InvalidField::value("identificativoFlusso", &flow, "a flow identifier"));
        }
        Ok(Self {
            flow,
            revision: None,
            flow_date: Moment::parse("dataOraFlusso", &wire.data_ora_flusso)?,
            regulation: code("identificativoUnivocoRegolamento", wire.identificativo_univoco_regolamento)?,
            regulation_date: moment::parse_date("dataRegolamento", &wire.data_regolamento)?,
            psp_id: code("identificativoUnivocoMittente", wire.istituto_mittente.identifier.code)?,
            psp_name: wire.istituto_mittente.name.filter(|name| !name.is_empty()),
            bic: wire.codice_bic_banca_di_riversamento.filter(|bic| !bic.is_empty()),
            receiver_fiscal_code: code(
                "identificativoUnivocoRicevente",
                wire.istituto_ricevente.identifier.code,
            )?,
            count: parse_count(&wire.numero_totale_pagamenti)?,
            total_cents: amount::parse("importoTotalePagamenti", &wire.importo_totale_pagamenti)?,
            rows: (1..)
                .zip(wire.dati_singoli_pagamenti)
                .map(|(index, row)| parse_row(index, row))
                .collect::<Result<_, _>>()?,
        })
    }
}

fn parse_row(index: i64, row: RowWire) -> Result<FlowRow, InvalidField> {
    Ok(FlowRow {
        index,
        iuv: code("identificativoUnivocoVersamento", row.identificativo_univoco_versamento)?,
        iur: code("identificativoUnivocoRiscossione", row.identificativo_univoco_riscossione)?,
        transfer_index: row.indice_dati_singolo_pagamento.as_deref().map(parse_transfer_index).transpose()?,
        amount_cents: amount::parse("singoloImportoPagato", &row.singolo_importo_pagato)?,
        outcome: RowOutcome::parse(&row.codice_esito_singolo_pagamento),
        paid_on: moment::parse_date("dataEsitoSingoloPagamento", &row.data_esito_singolo_pagamento)?,
    })
}

/// `stText35`: the codes that tie a flow to transfers and receipts.
fn code(field: &'static str, text: String) -> Result<String, InvalidField> {
    if text.is_empty() || text.chars().count() > 35 {
        return Err(InvalidField::value(field, &text, "a code of 1 to 35 characters"));
    }
    Ok(text)
}

fn parse_count(text: &str) -> Result<i64, InvalidField> {
    match text.parse() {
        Ok(count) if count > 0 => Ok(count),
        _ => Err(InvalidField::value("numeroTotalePagamenti", text, "a positive whole number")),
    }
}

fn parse_transfer_index(text: &str) -> Result<u8, InvalidField> {
    match text.parse() {
        Ok(index @ 1..=5) => Ok(index),
        _ => Err(InvalidField::value("indiceDatiSingoloPagamento", text, "a number from 1 to 5")),
    }
}
