//! CSV as Italian spreadsheets open it without questions: UTF-8 with a byte order mark, `;`, decimal comma, CRLF.

use super::{Kind, PaymentShare, Plan, PlanError, PlanRow};

const BOM: &str = "\u{feff}";

const PLAN_COLUMNS: [&str; 17] = [
    "ente",
    "codice_fiscale",
    "anno_provvisorio",
    "numero_provvisorio",
    "importo_provvisorio",
    "tipo_riga",
    "esercizio",
    "capitolo",
    "articolo",
    "piano_dei_conti",
    "siope",
    "anno_accertamento",
    "numero_accertamento",
    "natura",
    "importo",
    "pagamenti",
    "descrizione",
];

const DETAIL_COLUMNS: [&str; 16] = [
    "anno_provvisorio",
    "numero_provvisorio",
    "iuv",
    "iur",
    "pagatore",
    "data_pagamento",
    "esercizio",
    "capitolo",
    "articolo",
    "piano_dei_conti",
    "siope",
    "anno_accertamento",
    "numero_accertamento",
    "natura",
    "importo",
    "descrizione",
];

/// The plan: a `QUOTA` row per chapter and assessment, then a `DIFFERENZA` row per difference.
///
/// # Errors
/// What [`Plan::check`] says: an unbalanced plan is not written.
pub fn plan_csv(plan: &Plan) -> Result<String, PlanError> {
    plan.check()?;
    let mut csv = Csv::with_header(&PLAN_COLUMNS);
    let head = |kind: &str| {
        vec![
            text(&plan.entity),
            text(&plan.fiscal_code),
            plan.provisional_year.to_string(),
            plan.provisional_number.to_string(),
            euros(plan.amount_cents),
            kind.to_owned(),
        ]
    };
    for row in &plan.rows {
        let mut cells = head("QUOTA");
        cells.extend(chapter(row));
        cells.extend([euros(row.amount_cents), row.payments.to_string(), text(&row.description)]);
        csv.line(&cells);
    }
    for difference in &plan.differences {
        let mut cells = head("DIFFERENZA");
        cells.extend(std::iter::repeat_n(String::new(), CHAPTER_COLUMNS));
        cells.extend([euros(difference.amount_cents), String::new(), text(&difference.label)]);
        csv.line(&cells);
    }
    Ok(csv.0)
}

/// The payments behind the plan: a row per share, in the order given.
///
/// # Errors
/// What [`Plan::check_detail`] says: details that do not make the plan are not written.
pub fn detail_csv(plan: &Plan, shares: &[PaymentShare]) -> Result<String, PlanError> {
    plan.check_detail(shares)?;
    let mut csv = Csv::with_header(&DETAIL_COLUMNS);
    for share in shares {
        let row = plan.rows.get(share.row).ok_or(PlanError::UnknownRow { row: share.row })?;
        let mut cells = vec![
            plan.provisional_year.to_string(),
            plan.provisional_number.to_string(),
            text(&share.iuv),
            text(&share.iur),
            text(&share.payer_reference),
            share.date.format("%d/%m/%Y").to_string(),
        ];
        cells.extend(chapter(row));
        cells.extend([euros(share.amount_cents), text(&share.description)]);
        csv.line(&cells);
    }
    Ok(csv.0)
}

/// How many cells [`chapter`] gives.
const CHAPTER_COLUMNS: usize = 8;

/// From `esercizio` to `natura`.
fn chapter(row: &PlanRow) -> [String; CHAPTER_COLUMNS] {
    let optional = |value: &Option<String>| value.as_deref().map(text).unwrap_or_default();
    [
        row.year.to_string(),
        text(&row.chapter),
        optional(&row.article),
        optional(&row.pdc),
        optional(&row.siope),
        row.assessment_year.map(|year| year.to_string()).unwrap_or_default(),
        optional(&row.assessment_number),
        match row.kind {
            Kind::Own => "ENTRATA PROPRIA".to_owned(),
            Kind::ThirdParty => "CONTO TERZI".to_owned(),
        },
    ]
}

/// Cents as `-1234,05`.
fn euros(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{},{:02}", cents / 100, cents % 100)
}

/// A text cell: what a spreadsheet would run as a formula gets an apostrophe in front (OWASP, *CSV injection*), full-width
/// forms included; control characters, line ends among them, become blanks, as importers rarely read quoted lines.
fn text(value: &str) -> String {
    let flat: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let is_formula = flat.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    let safe = if is_formula { format!("'{flat}") } else { flat };
    if safe.contains([';', '"']) {
        return format!("\"{}\"", safe.replace('"', "\"\""));
    }
    safe
}

struct Csv(String);

impl Csv {
    fn with_header(columns: &[&str]) -> Self {
        Self(format!("{BOM}{}\r\n", columns.join(";")))
    }

    fn line(&mut self, cells: &[String]) {
        self.0.push_str(&cells.join(";"));
        self.0.push_str("\r\n");
    }
}
