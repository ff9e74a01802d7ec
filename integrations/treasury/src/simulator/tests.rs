use std::process::Command;

use proptest::prelude::*;

use super::*;
use crate::journal::{Direction, DocumentType, Operation, ProvisionalChangeKind, parse};
use crate::remittance::{self, Certainty};

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
}

fn treasurer() -> Treasurer {
    let entity = EntityData {
        fiscal_code: "00000000017".into(),
        ipa: "UFPROV".into(),
        name: "Comune di Prova & frazioni".into(),
        istat: "000000001".into(),
        abi: "03069".into(),
        bank_entity_code: "1316225".into(),
        account: "0000001".into(),
    };
    Treasurer::new(entity, 1_000_000)
}

fn credit(number: u64, amount_cents: i64) -> Credit {
    Credit {
        number,
        amount_cents,
        date: day(20),
        value_date: day(19),
        payer: "PSP <Uno> S.p.A.".into(),
        remittance: format!("/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/2026-11-19PSPTEST-{number}"),
        end_to_end_id: Some(format!("E2E-{number}")),
        instant: number.is_multiple_of(2),
    }
}

fn every_entry() -> Vec<Entry> {
    vec![
        Entry::Credited(credit(1, 12_345)),
        Entry::Credited(credit(2, 5)),
        Entry::Credited(credit(3, 100_000)),
        Entry::Reversed(credit(2, 5)),
        Entry::Regularised { credit: credit(1, 12_345), order_number: 900 },
        Entry::Reinstated { credit: credit(1, 12_345), order_number: 900 },
    ]
}

/// What the official schema says of a page; `None` where the schema or `xmllint` is not at hand.
fn schema_verdict(version: Version, page: &str) -> Option<String> {
    let schema = shared_specs()?.join("treasury").join(match version {
        Version::V1_6_1 => "OPI_GIORNALE_DI_CASSA_V_1_6_1.xsd",
        Version::V1_8 => "OPI_GIORNALE_DI_CASSA_V_1_8.xsd",
    });
    let mut child = Command::new("xmllint")
        .args(["--noout", "--nonet", "--schema"])
        .arg(schema)
        .arg("-")
        .stdin(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .ok()?;
    std::io::Write::write_all(&mut child.stdin.take()?, page.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    Some(if output.status.success() {
        String::new()
    } else {
        String::from_utf8_lossy(&output.stderr).into_owned()
    })
}

#[test]
fn pages_are_valid_in_the_official_schema() {
    for version in [Version::V1_6_1, Version::V1_8] {
        let mut treasurer = treasurer().with_version(version).with_lines_per_page(3);
        let mut pages = treasurer.journal(day(20), &every_entry());
        assert_eq!(pages.len(), 3);
        pages.extend(treasurer.journal(day(21), &[]));
        for page in pages {
            match schema_verdict(version, &page) {
                Some(verdict) => assert_eq!(verdict, "", "{version:?}"),
                None => eprintln!("skipped: the official schemas or xmllint are not here"),
            }
        }
    }
}

#[test]
fn pages_are_read_back_in_full() {
    let pages = treasurer().with_lines_per_page(3).journal(day(20), &every_entry());
    let journals: Vec<_> = pages.iter().map(|page| parse(page.as_bytes()).unwrap()).collect();
    let movements: Vec<_> = journals.iter().flat_map(|journal| &journal.movements).collect();
    assert_eq!(journals.iter().map(|j| (j.page, j.pages)).collect::<Vec<_>>(), [(1, 3), (2, 3), (3, 3)]);
    assert!(journals.iter().all(|journal| journal.findings.is_empty()));
    assert_eq!(movements.len(), 8);

    let first = movements[0];
    assert_eq!(
        (first.direction, first.document_type, first.operation),
        (Direction::Income, DocumentType::ProvisionalIncome, Operation::Executed)
    );
    assert_eq!((first.document_number, first.amount_cents, first.date), (1, 12_345, day(20)));
    assert_eq!(first.value_date, Some(day(19)));
    assert_eq!(first.payer.as_deref(), Some("PSP <Uno> S.p.A."));
    assert_eq!(first.end_to_end_id.as_deref(), Some("E2E-1"));
    assert_eq!(remittance::parse(&first.remittance).certainty, Certainty::Exact);

    let changes: Vec<_> =
        movements.iter().filter_map(|m| m.provisional_change()).map(|c| (c.number, c.kind)).collect();
    assert_eq!(
        changes,
        [
            (1, ProvisionalChangeKind::Opened),
            (2, ProvisionalChangeKind::Opened),
            (3, ProvisionalChangeKind::Opened),
            (2, ProvisionalChangeKind::Cancelled),
            (1, ProvisionalChangeKind::Regularised),
            (1, ProvisionalChangeKind::Reopened),
        ]
    );
    let orders: Vec<_> = movements
        .iter()
        .flat_map(|m| m.order_changes())
        .map(|c| (c.number, c.kind, c.amount_cents))
        .collect();
    assert_eq!(
        orders,
        [
            (1, ProvisionalChangeKind::Regularised, Some(12_345)),
            (1, ProvisionalChangeKind::Reopened, Some(12_345)),
        ]
    );
}

#[test]
fn balances_follow_from_day_to_day() {
    let mut treasurer = treasurer();
    let first = parse(treasurer.journal(day(20), &every_entry())[0].as_bytes()).unwrap();
    let second = parse(treasurer.journal(day(21), &[Entry::Credited(credit(4, 1))])[0].as_bytes()).unwrap();
    assert_eq!(first.balance.previous_cents, Some(1_000_000));
    assert_eq!(first.balance.income_cents, Some(112_345));
    assert_eq!(second.balance.previous_cents, first.balance.final_cents);
    assert_eq!(second.balance.final_cents, Some(1_112_346));
    assert_eq!(second.movements[0].number, Some(9));
}

proptest! {
    #[test]
    fn any_text_and_amount_survive(remittance in "\\PC{1,80}", payer in "\\PC{1,40}", amount in 1..=999_999_999_999_i64) {
        let mut credit = credit(1, amount);
        credit.remittance.push_str(&remittance);
        credit.payer.push_str(&payer);
        let pages = treasurer().journal(day(20), &[Entry::Credited(credit.clone())]);
        let read = parse(pages[0].as_bytes()).unwrap();
        prop_assert_eq!(read.movements[0].amount_cents, amount);
        prop_assert_eq!(&read.movements[0].remittance, credit.remittance.trim());
        prop_assert_eq!(read.movements[0].payer.as_deref(), Some(credit.payer.trim()));
    }
}
