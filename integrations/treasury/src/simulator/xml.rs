//! The elements of a page, in the order of the schema.

use chrono::{Datelike, NaiveDate};
use quick_xml::escape::escape;

use super::{Line, Totals, Treasurer};

/// The shape of a signature, without one.
const SIGNATURE: &str = concat!(
    r#"<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo>"#,
    r#"<ds:CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"/>"#,
    r#"<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><ds:Reference URI="">"#,
    r#"<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue>AA==</ds:DigestValue>"#,
    r#"</ds:Reference></ds:SignedInfo><ds:SignatureValue>AA==</ds:SignatureValue></ds:Signature>"#,
);

/// The provisional management code of what is not classified yet, as in the official samples.
const UNCLASSIFIED: &str = "0000099999";

/// One page: the day and when it was made, the page and how many, its movements.
pub(super) fn page(
    treasurer: &Treasurer,
    (date, made_on): (NaiveDate, NaiveDate),
    (page, pages): (usize, usize),
    lines: &[Line<'_>],
) -> String {
    let mut xml = Xml::default();
    let day = date.format("%Y%m%d").to_string();
    xml.inside("flusso_giornale_di_cassa", |xml| {
        head(xml, treasurer, made_on);
        let flow = format!("GDC-{}{}{day}000001#{page:03}#{pages:03}", made_on.format("%Y%m%d"), date.year());
        xml.leaf("identificativo_flusso_BT", &flow);
        xml.leaf("pagina", &page.to_string());
        xml.leaf("pagine_totali", &pages.to_string());
        xml.leaf("esercizio", &date.year().to_string());
        xml.leaf("data_riferimento_GdC", &date.to_string());
        let totals = &treasurer.totals;
        xml.inside("informazioni_conto_evidenza", |xml| {
            xml.leaf("conto_evidenza", &treasurer.entity.account);
            for line in lines {
                xml.inside("movimento_conto_evidenza", |xml| movement(xml, line, &day));
            }
            balance(
                xml,
                totals,
                ["saldo_precedente", "totale_entrate", "totale_uscite", "saldo_finale"],
                "conto_evidenza",
            );
        });
        xml.cents("saldo_complessivo_precedente", totals.previous);
        xml.cents("totale_complessivo_entrate", totals.income);
        xml.cents("totale_complessivo_uscite", 0);
        xml.cents("saldo_complessivo_finale", totals.previous + totals.income);
        xml.inside("totali_esercizio", |xml| year_totals(xml, totals));
        xml.inside("totali_disponibilita_liquide", |xml| {
            xml.cents("saldo_conti_correnti", totals.previous + totals.income);
            xml.cents("anticipazione_accordata", 0);
            xml.cents("anticipazione_utilizzata", 0);
            xml.cents("disponibilita", totals.previous + totals.income);
        });
        xml.0.push_str(SIGNATURE);
    });
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}\n", xml.0)
}

fn head(xml: &mut Xml, treasurer: &Treasurer, made_on: NaiveDate) {
    let entity = &treasurer.entity;
    xml.inside("testata_messaggio", |xml| {
        xml.leaf("codice_ABI_BT", &entity.abi);
        xml.leaf("data_ora_creazione_flusso", &format!("{made_on}T02:31:45"));
        xml.leaf("codice_ente", &entity.ipa);
        xml.leaf("descrizione_ente", &entity.name);
        xml.leaf("codice_istat_ente", &entity.istat);
        xml.leaf("codice_fiscale_ente", &entity.fiscal_code);
        xml.leaf("codice_tramite_ente", "A2A-00000001");
        xml.leaf("codice_tramite_BT", "A2A-00000002");
        xml.leaf("codice_ente_BT", &entity.bank_entity_code);
    });
}

fn movement(xml: &mut Xml, line: &Line<'_>, day: &str) {
    let credit = line.credit;
    xml.leaf("identificativo_flusso", &format!("{day}{:07}", line.number));
    xml.leaf("numero_movimento", &format!("{:07}", line.number));
    xml.leaf("tipo_movimento", "ENTRATA");
    xml.leaf("tipo_documento", if line.order_number.is_some() { "REVERSALE" } else { "SOSPESO ENTRATA" });
    xml.leaf("tipo_operazione", line.operation);
    xml.leaf("numero_documento", &format!("{:07}", line.order_number.unwrap_or(credit.number)));
    if line.order_number.is_none() {
        xml.inside("sospeso_da_regolarizzare", |xml| {
            xml.leaf("data_effettiva_sospeso", &credit.date.to_string());
            xml.leaf("codice_gestionale_provvisorio", UNCLASSIFIED);
        });
    }
    xml.leaf("progressivo_documento", if line.order_number.is_some() { "1" } else { "0" });
    xml.cents("importo", credit.amount_cents);
    xml.leaf("numero_bolletta_quietanza", &format!("{:07}", line.receipt));
    xml.leaf("data_movimento", &credit.date.to_string());
    xml.leaf("data_movimento_siope", &credit.date.to_string());
    xml.leaf("data_valuta_ente", &credit.value_date.to_string());
    xml.leaf("tipo_esecuzione", line.execution);
    if let Some(id) = &credit.end_to_end_id {
        xml.leaf("end_to_end_id", id);
    }
    xml.leaf("assoggettamento_bollo", "ESENTE BOLLO");
    xml.inside("cliente", |xml| xml.leaf("anagrafica_cliente", &credit.payer));
    xml.leaf("causale", &credit.remittance);
    if line.order_number.is_some() {
        xml.inside("sospeso", |xml| {
            xml.leaf("numero_provvisorio", &credit.number.to_string());
            xml.cents("importo_provvisorio", credit.amount_cents);
        });
    }
}

fn balance(xml: &mut Xml, totals: &Totals, names: [&str; 4], of: &str) {
    let amounts = [totals.previous, totals.income, 0, totals.previous + totals.income];
    for (name, cents) in names.into_iter().zip(amounts) {
        xml.cents(&format!("{name}_{of}"), cents);
    }
}

fn year_totals(xml: &mut Xml, totals: &Totals) {
    let income = totals.fund + totals.orders + totals.provisional;
    xml.cents("fondo_di_cassa", totals.fund);
    xml.cents("totale_reversali_riscosse", totals.orders);
    xml.cents("totale_sospesi_entrata", totals.provisional);
    xml.cents("totale_entrate", income);
    xml.cents("deficit_di_cassa", 0);
    xml.cents("totale_mandati_pagati", 0);
    xml.cents("totale_sospesi_uscita", 0);
    xml.cents("totale_uscite", 0);
    xml.cents("saldo_esercizio", income);
}

/// Elements and escaped text.
#[derive(Default)]
struct Xml(String);

impl Xml {
    fn inside(&mut self, name: &str, content: impl FnOnce(&mut Self)) {
        self.0.push_str(&format!("<{name}>"));
        content(self);
        self.0.push_str(&format!("</{name}>\n"));
    }

    /// A leaf; characters that XML does not allow are left out.
    fn leaf(&mut self, name: &str, value: &str) {
        let allowed: String = value.chars().filter(|c| !c.is_control() || *c == '\n').collect();
        self.0.push_str(&format!("<{name}>{}</{name}>\n", escape(allowed)));
    }

    fn cents(&mut self, name: &str, cents: i64) {
        let sign = if cents < 0 { "-" } else { "" };
        let value = cents.unsigned_abs();
        self.leaf(name, &format!("{sign}{}.{:02}", value / 100, value % 100));
    }
}
