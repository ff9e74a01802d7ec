//! The official samples, and files that are not what they should be.

use std::path::PathBuf;

use chrono::NaiveDate;
use proptest::prelude::*;
use sportello_treasury::journal::{
    Direction, DocumentType, JournalError, Operation, Position, ProvisionalChange, ProvisionalChangeKind,
    parse, parse_limited,
};

fn sample(name: &str) -> Option<Vec<u8>> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("SPORTELLO_SHARED").map_or_else(beside, Into::into);
    let found = std::fs::read(shared.join("specs/treasury/samples").join(name)).ok();
    if found.is_none() {
        eprintln!("skipped: the official samples are not here");
    }
    found
}

#[test]
fn the_official_valid_samples_are_read() {
    for name in ["OPI_GIORNALE_DI_CASSA_V_1_8.VALID.xml", "OPI_GIORNALE_DI_CASSA_V_1_6_1.VALID.xml"] {
        let Some(bytes) = sample(name) else { return };
        let journal = parse(&bytes).unwrap();
        assert_eq!((journal.page, journal.pages, journal.year), (1, 2, 2022));
        assert_eq!(journal.reference_date, NaiveDate::from_ymd_opt(2022, 9, 29).unwrap());
        assert_eq!(
            (journal.entity_fiscal_code.as_str(), journal.entity_ipa.as_str()),
            ("06144260707", "ABC1DE")
        );
        assert_eq!(journal.accounts.len(), 2);
        assert_eq!(journal.movements.len(), 4);
        assert_eq!(journal.balance.final_cents, Some(18_251_898_442));
        assert_eq!(journal.findings, []);

        let order = &journal.movements[0];
        assert_eq!((order.direction, order.document_type), (Direction::Outcome, DocumentType::PaymentOrder));
        assert_eq!(order.amount_cents, 785_335);
        assert_eq!(order.reversed_receipt_number, None);
        assert_eq!(order.provisional_change(), None);

        let entry = &journal.movements[2];
        assert_eq!((entry.account.as_str(), entry.operation), ("0000005", Operation::Executed));
        assert_eq!(entry.receipt_number, Some(74_056));
        assert!(entry.remittance.starts_with("MUTUO 620184257"));
        let expected = ProvisionalChange {
            year: 2022,
            number: 64_422,
            kind: ProvisionalChangeKind::Opened,
            amount_cents: Some(501_587),
        };
        assert_eq!(entry.provisional_change(), Some(expected));
    }
}

#[test]
fn the_official_invalid_samples_are_refused_with_the_reason() {
    let Some(bytes) = sample("OPI_GIORNALE_DI_CASSA_V_1_8.INVALID.xml") else { return };
    let error = parse(&bytes).unwrap_err();
    assert_eq!(error.to_string(), "line 15, column 5: <pagina> is not a page number from 1");

    let Some(bytes) = sample("OPI_GIORNALE_DI_CASSA_V_1_6_1.INVALID.xml") else { return };
    let error = parse(&bytes).unwrap_err();
    assert_eq!(error.to_string(), "line 10, column 5: <codice_fiscale_ente> is not an entity's fiscal code");
}

#[test]
fn other_files_are_named() {
    for (bytes, message) in [
        (&b""[..], "the file is empty"),
        (b"\xef\xbb\xbf \n", "the file is empty"),
        (b"PK\x03\x04....", "not XML: the file is a ZIP archive (read the files in it one by one)"),
        (b"%PDF-1.7", "not XML: the file is a PDF document"),
        (b"ESERCIZIO;N.PROVV.", "not XML: the file is plain text"),
        (b"<html></html>", "line 1, column 1: the root element is not <flusso_giornale_di_cassa>"),
        (
            b"<?xml version=\"1.0\" encoding=\"X-UNKNOWN\"?><a/>",
            "the XML declaration names an unknown character encoding",
        ),
        (
            b"<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
            "line 1, column 1: a document type declaration is refused",
        ),
    ] {
        assert_eq!(parse(bytes).unwrap_err().to_string(), message);
    }
    let not_utf8 = parse(b"<flusso_giornale_di_cassa>\xe0</flusso_giornale_di_cassa>").unwrap_err();
    assert!(matches!(not_utf8, JournalError::NotInEncoding(_)));
    assert!(matches!(parse_limited(b"<a/>", 3), Err(JournalError::TooLarge { bytes: 4, max_bytes: 3 })));
}

/// A journal in the form of 1.4, with one movement.
fn old_journal(movement: &str) -> String {
    format!(
        "<flusso_giornale_di_cassa>
<testata_messaggio><codice_ABI_BT>03069</codice_ABI_BT>
<data_ora_creazione_flusso>2018-03-02T01:00:00+01:00</data_ora_creazione_flusso><codice_ente>UFPROV</codice_ente>
<codice_fiscale_ente>00000000017</codice_fiscale_ente></testata_messaggio>
<identificativo_flusso_BT>1</identificativo_flusso_BT><esercizio>2018</esercizio>
<data_inizio_periodo_riferimento>2018-03-01</data_inizio_periodo_riferimento>
<data_fine_periodo_riferimento>2018-03-01+01:00</data_fine_periodo_riferimento>
<informazioni_conto_evidenza><conto_evidenza>1</conto_evidenza>
<movimento_conto_evidenza>{movement}</movimento_conto_evidenza>
</informazioni_conto_evidenza></flusso_giornale_di_cassa>"
    )
}

const OLD_ORDER: &str = "<tipo_movimento>ENTRATA</tipo_movimento><tipo_documento>REVERSALE</tipo_documento>\
    <tipo_operazione>REGOLARIZZATO</tipo_operazione><numero_documento>12</numero_documento><importo>16.52</importo>\
    <data_movimento>2018-03-01</data_movimento><causale>Certificato &amp; bollo &#8364;</causale>\
    <numero_sospeso>0000345</numero_sospeso>";

#[test]
fn the_form_of_1_4_is_read() {
    let journal = parse(old_journal(OLD_ORDER).as_bytes()).unwrap();
    assert_eq!((journal.page, journal.pages), (1, 1));
    assert_eq!(journal.period_start, Some(journal.reference_date));
    let movement = &journal.movements[0];
    assert_eq!(movement.remittance, "Certificato & bollo €");
    let expected = ProvisionalChange {
        year: 2018,
        number: 345,
        kind: ProvisionalChangeKind::Regularised,
        amount_cents: None,
    };
    assert_eq!(movement.order_changes(), [expected]);
    assert_eq!(movement.provisional_change(), None);
}

#[test]
fn latin_1_and_other_declared_encodings_are_read() {
    let with = |encoding: &str| {
        let body = old_journal(OLD_ORDER).replace("&#8364;", "perch\u{e9}");
        format!("<?xml version=\"1.0\" encoding=\"{encoding}\" standalone=\"yes\"?>\n{body}")
    };
    let latin: Vec<u8> = with("ISO-8859-1").chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let utf16: Vec<u8> =
        std::iter::once(0xfeff).chain(with("UTF-16").encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for bytes in [latin, utf16, with("UTF-8").into_bytes(), format!("\u{feff}{}", with("utf-8")).into_bytes()]
    {
        assert_eq!(parse(&bytes).unwrap().movements[0].remittance, "Certificato & bollo perché");
    }
}

#[test]
fn what_money_depends_on_is_strict() {
    for (from, to, message) in [
        ("16.52", "16,52", "<importo> is not an amount with at most two decimals"),
        ("16.52", "16.525", "<importo> is not an amount with at most two decimals"),
        ("<importo>16.52</importo>", "", "<importo> is missing"),
        (
            "<importo>",
            "<importo>1</importo><importo>",
            "<movimento_conto_evidenza> gives one of its elements twice",
        ),
        ("ENTRATA", "INGRESSO", "<tipo_movimento> has a value the OPI standard does not know"),
        ("2018-03-01</data_movimento>", "2018-02-30</data_movimento>", "<data_movimento> is not a date"),
        ("&amp;", "&bollo;", "the reference to an entity or character is refused"),
        ("&amp;", "&#7;", "the reference to an entity or character is refused"),
    ] {
        let error = parse(old_journal(&OLD_ORDER.replacen(from, to, 1)).as_bytes()).unwrap_err();
        assert!(error.to_string().ends_with(message), "{error}");
    }
}

#[test]
fn a_broken_document_says_where() {
    let whole = old_journal(OLD_ORDER);
    let cut = &whole[..whole.len() - "</flusso_giornale_di_cassa>".len()];
    let at = Position { line: 10, column: 31 };
    assert!(matches!(parse(cut.as_bytes()), Err(JournalError::Unfinished { at: found }) if found == at));
    let crossed = whole.replace("</importo>", "</importi>");
    assert!(matches!(parse(crossed.as_bytes()), Err(JournalError::Malformed { at, .. }) if at.line == 9));
}

#[test]
fn findings_are_named() {
    let journal = old_journal(OLD_ORDER)
        .replace("_inizio_periodo_riferimento>2018-03-01", "_inizio_periodo_riferimento>2018-03-05")
        .replace(
            "</informazioni_conto_evidenza>",
            "<saldo_precedente_conto_evidenza>1.00</saldo_precedente_conto_evidenza>
         <totale_entrate_conto_evidenza>16.52</totale_entrate_conto_evidenza>
         <totale_uscite_conto_evidenza>0</totale_uscite_conto_evidenza>
         <saldo_finale_conto_evidenza>17.50</saldo_finale_conto_evidenza></informazioni_conto_evidenza>",
        );
    let findings = serde_json::to_value(parse(journal.as_bytes()).unwrap().findings).unwrap();
    let expected = serde_json::json!([
        {"finding": "period_reversed"},
        {"finding": "balance_does_not_add_up", "account": "1", "difference_cents": -2},
    ]);
    assert_eq!(findings, expected);
}

proptest! {
    /// Whatever a hostile or broken file holds, it is read or refused.
    #[test]
    fn any_damage_is_survived(at in 0..1_200_usize, junk in prop::collection::vec(any::<u8>(), 0..12), drop in 0..12_usize) {
        let mut bytes = old_journal(OLD_ORDER).into_bytes();
        let at = at.min(bytes.len());
        bytes.splice(at..(at + drop).min(bytes.len()), junk);
        let before = parse(&bytes).map_err(|error| error.to_string());
        prop_assert_eq!(before, parse(&bytes).map_err(|error| error.to_string()));
    }
}
