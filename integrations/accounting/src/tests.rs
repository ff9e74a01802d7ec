use proptest::prelude::*;

use super::*;

fn row(amount_cents: i64) -> PlanRow {
    PlanRow {
        year: 2026,
        chapter: "30100".into(),
        article: Some("2".into()),
        pdc: Some("E.3.01.02.01.033".into()),
        siope: Some("3010201033".into()),
        assessment_year: Some(2026),
        assessment_number: Some("123/1".into()),
        kind: Kind::Own,
        amount_cents,
        payments: 2,
        description: "Carte d'identità; diritti".into(),
    }
}

fn plan() -> Plan {
    let deposit = PlanRow {
        chapter: "90200".into(),
        article: None,
        pdc: None,
        siope: None,
        assessment_year: None,
        assessment_number: None,
        kind: Kind::ThirdParty,
        payments: 1,
        description: "=cmd|' /C calc'!A0".into(),
        ..row(10_000)
    };
    Plan {
        entity: "Comune di Prova".into(),
        fiscal_code: "00000000017".into(),
        provisional_year: 2026,
        provisional_number: 64_422,
        amount_cents: 11_079,
        rows: vec![row(1_084), deposit],
        differences: vec![Difference { label: "IUF_TES_DIV_IMP".into(), amount_cents: -5 }],
    }
}

fn share(row: usize, amount_cents: i64) -> PaymentShare {
    PaymentShare {
        row,
        iuv: "01234567890123456".into(),
        iur: "a1b2".into(),
        payer_reference: "P-7".into(),
        date: NaiveDate::from_ymd_opt(2026, 11, 20).unwrap(),
        amount_cents,
        description: "CIE \"urgente\"".into(),
    }
}

#[test]
fn a_plan_as_the_spreadsheet_sees_it() {
    let csv = plan_csv(&plan()).unwrap();
    let lines: Vec<&str> = csv.split("\r\n").collect();
    assert!(lines[0].starts_with("\u{feff}ente;codice_fiscale;"));
    assert_eq!(
        lines[1..],
        [
            "Comune di Prova;00000000017;2026;64422;110,79;QUOTA;2026;30100;2;E.3.01.02.01.033;3010201033;2026;123/1;\
             ENTRATA PROPRIA;10,84;2;\"Carte d'identità; diritti\"",
            "Comune di Prova;00000000017;2026;64422;110,79;QUOTA;2026;90200;;;;;;CONTO TERZI;100,00;1;'=cmd|' /C calc'!A0",
            "Comune di Prova;00000000017;2026;64422;110,79;DIFFERENZA;;;;;;;;;-0,05;;IUF_TES_DIV_IMP",
            "",
        ]
    );
}

#[test]
fn the_payments_behind_a_plan() {
    let shares = [share(0, 542), share(0, 542), share(1, 10_000)];
    let csv = detail_csv(&plan(), &shares).unwrap();
    let lines: Vec<&str> = csv.split("\r\n").collect();
    assert_eq!(lines.len(), 5);
    assert_eq!(
        lines[1],
        "2026;64422;01234567890123456;a1b2;P-7;20/11/2026;2026;30100;2;E.3.01.02.01.033;3010201033;2026;123/1;\
         ENTRATA PROPRIA;5,42;\"CIE \"\"urgente\"\"\""
    );
}

#[test]
fn what_does_not_add_up_is_not_written() {
    let unbalanced = Plan { amount_cents: 11_080, ..plan() };
    let error = PlanError::Unbalanced { expected_cents: 11_080, found_cents: 11_079 };
    assert_eq!(plan_csv(&unbalanced), Err(error.clone()));
    assert_eq!(detail_csv(&unbalanced, &[]), Err(error));

    let empty = Plan { rows: vec![row(0)], differences: Vec::new(), amount_cents: 0, ..plan() };
    assert_eq!(plan_csv(&empty), Err(PlanError::EmptyRow { row: 0 }));

    let huge = Plan { rows: vec![row(i64::MAX), row(1)], ..plan() };
    assert_eq!(huge.check(), Err(PlanError::Overflow));

    let short = [share(0, 1_083), share(1, 10_000)];
    let differs = PlanError::DetailDiffers { row: 0, expected_cents: 1_084, found_cents: 1_083 };
    assert_eq!(detail_csv(&plan(), &short), Err(differs));
    assert_eq!(detail_csv(&plan(), &[share(2, 1)]), Err(PlanError::UnknownRow { row: 2 }));
}

/// The cells of a line, as a spreadsheet splits it.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        let last = cells.last_mut().unwrap();
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => last.push(chars.next().unwrap()),
            '"' => quoted = !quoted,
            ';' if !quoted => cells.push(String::new()),
            _ => last.push(c),
        }
    }
    cells
}

proptest! {
    #[test]
    fn any_text_stays_in_its_cell_and_runs_nothing(description in "[=+@;\"\\-\\r\\n\\t a-zA-Z0-9è]{0,30}") {
        let mut plan = plan();
        plan.rows[0].description = description;
        let csv = plan_csv(&plan).unwrap();
        let lines: Vec<&str> = csv.lines().collect();
        prop_assert_eq!(lines.len(), 4);
        let cells = cells(lines[1]);
        prop_assert_eq!(cells.len(), 17);
        prop_assert!(!cells[16].trim_start().starts_with(['=', '+', '-', '@']));
    }

    #[test]
    fn a_plan_is_written_exactly_when_it_adds_up(
        amounts in prop::collection::vec(1..1_000_000_i64, 0..6),
        difference in -1_000_i64..1_000,
        error in -2..=2_i64,
    ) {
        let total: i64 = amounts.iter().sum::<i64>() + difference;
        let plan = Plan {
            amount_cents: total + error,
            rows: amounts.into_iter().map(row).collect(),
            differences: vec![Difference { label: "TES_NO_MATCH".into(), amount_cents: difference }],
            ..plan()
        };
        prop_assert_eq!(plan_csv(&plan).is_ok(), error == 0);
    }
}
