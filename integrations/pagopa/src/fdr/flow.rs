//! A remittance flow, whichever way it came, and what can be said of it by itself.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::Serialize;

use crate::wire::Moment;

/// What a PSP says it paid to one creditor with one credit transfer (flusso di rendicontazione, FdR).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Flow {
    /// `identificativoFlusso`. Unique per PSP and year, not across creditors.
    pub flow: String,
    /// The revision; an XML file does not say.
    pub revision: Option<i64>,
    /// The PSP. In an XML file it is the sender's identifier, which may be a BIC or an ABI code instead of `idPSP`.
    pub psp_id: String,
    /// The PSP's name.
    pub psp_name: Option<String>,
    /// When the PSP made the flow.
    pub flow_date: Moment,
    /// `identificativoUnivocoRegolamento`: the TRN of the credit transfer.
    pub regulation: String,
    /// `dataRegolamento`: the credit transfer's day.
    pub regulation_date: NaiveDate,
    /// `codiceBicBancaDiRiversamento`: the bank that pays.
    pub bic: Option<String>,
    /// The creditor it is for.
    pub receiver_fiscal_code: String,
    /// `importoTotalePagamenti`, as declared, in cents.
    pub total_cents: i64,
    /// `numeroTotalePagamenti`, as declared.
    pub count: i64,
    /// The payments.
    pub rows: Vec<FlowRow>,
}

/// One payment of a flow. Its key is creditor, IUV, IUR and transfer index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FlowRow {
    /// Position in the flow, from 1.
    pub index: i64,
    /// IUV.
    pub iuv: String,
    /// IUR: the receipt's id, as a rule.
    pub iur: String,
    /// `indiceDatiSingoloPagamento`: the transfer of the receipt, 1 to 5. Older files leave it out.
    pub transfer_index: Option<u8>,
    /// In cents.
    pub amount_cents: i64,
    /// How it was paid.
    pub outcome: RowOutcome,
    /// The day of the payment, in Italy.
    pub paid_on: NaiveDate,
}

/// `codiceEsitoSingoloPagamento` of the XML, `payStatus` of the API. An open list: version 1.0.4 and 1.0.5 of the schema disagree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RowOutcome {
    /// 0: paid.
    Executed,
    /// 3: revoked, before 1.0.5. The schema still wants its amount positive.
    Revoked,
    /// 4: paid while the platform answered in our stead.
    StandIn,
    /// 8: the same, and no receipt will come.
    StandInNoRpt,
    /// 9: paid, and no receipt will come.
    NoRpt,
    /// Anything newer.
    Unknown(String),
}

impl RowOutcome {
    /// Reads the digit of the XML or the word of the API.
    pub(crate) fn parse(text: &str) -> Self {
        match text {
            "0" | "EXECUTED" => Self::Executed,
            "3" | "REVOKED" => Self::Revoked,
            "4" | "STAND_IN" => Self::StandIn,
            "8" | "STAND_IN_NO_RPT" => Self::StandInNoRpt,
            "9" | "NO_RPT" => Self::NoRpt,
            other => Self::Unknown(other.to_owned()),
        }
    }
}

/// What does not add up inside a flow. The flow is money all the same: these are reported, not refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum Finding {
    /// The rows are not as many as declared.
    CountDiffers {
        /// As declared.
        declared: i64,
        /// As counted.
        found: i64,
    },
    /// The rows do not sum to the declared total.
    TotalDiffers {
        /// As declared.
        declared_cents: i64,
        /// As summed; wide enough for any file.
        found_cents: i128,
    },
    /// A row repeats the IUV, IUR and transfer of an earlier one.
    DuplicateRow {
        /// Index of the later row.
        index: i64,
        /// Index of the first.
        first_index: i64,
    },
    /// A row whose outcome is not in any schema we know.
    UnknownOutcome {
        /// Index of the row.
        index: i64,
        /// As written.
        outcome: String,
    },
}

impl Flow {
    /// Checks the flow against itself: total first, then row by row.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let found = i64::try_from(self.rows.len()).unwrap_or(i64::MAX);
        if found != self.count {
            findings.push(Finding::CountDiffers { declared: self.count, found });
        }
        let found_cents = self.rows.iter().map(|row| i128::from(row.amount_cents)).sum();
        if found_cents != i128::from(self.total_cents) {
            findings.push(Finding::TotalDiffers { declared_cents: self.total_cents, found_cents });
        }
        let mut first_seen = HashMap::new();
        for row in &self.rows {
            let key = (&row.iuv, &row.iur, row.transfer_index);
            let first_index = *first_seen.entry(key).or_insert(row.index);
            if first_index != row.index {
                findings.push(Finding::DuplicateRow { index: row.index, first_index });
            }
            if let RowOutcome::Unknown(outcome) = &row.outcome {
                findings.push(Finding::UnknownOutcome { index: row.index, outcome: outcome.clone() });
            }
        }
        findings
    }
}

/// `stIdentificativoFlusso`: letters, digits, hyphens and underscores, 35 at most.
pub(super) fn is_flow_id(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    (1..=35).contains(&text.len()) && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2025, 1, d).unwrap()
    }

    fn flow_of(amounts: &[i64]) -> Flow {
        let row = |(n, amount_cents): (usize, &i64)| FlowRow {
            index: i64::try_from(n).unwrap() + 1,
            iuv: format!("{n:017}"),
            iur: format!("iur{n}"),
            transfer_index: Some(1),
            amount_cents: *amount_cents,
            outcome: RowOutcome::Executed,
            paid_on: day(1),
        };
        Flow {
            flow: "2025-01-02PSP-1".into(),
            revision: None,
            psp_id: "PSP".into(),
            psp_name: None,
            flow_date: Moment::Local(day(3).and_hms_opt(1, 2, 3).unwrap()),
            regulation: "TRN".into(),
            regulation_date: day(2),
            bic: None,
            receiver_fiscal_code: "77777777777".into(),
            total_cents: amounts.iter().sum(),
            count: i64::try_from(amounts.len()).unwrap(),
            rows: amounts.iter().enumerate().map(row).collect(),
        }
    }

    #[test]
    fn each_inconsistency_has_its_name() {
        let mut flow = flow_of(&[10, 20]);
        flow.count = 3;
        flow.total_cents = 31;
        flow.rows[1].iuv = flow.rows[0].iuv.clone();
        flow.rows[1].iur = flow.rows[0].iur.clone();
        flow.rows[1].outcome = RowOutcome::parse("NEW_ONE");
        assert_eq!(
            flow.findings(),
            [
                Finding::CountDiffers { declared: 3, found: 2 },
                Finding::TotalDiffers { declared_cents: 31, found_cents: 30 },
                Finding::DuplicateRow { index: 2, first_index: 1 },
                Finding::UnknownOutcome { index: 2, outcome: "NEW_ONE".into() },
            ]
        );
        flow.rows[1].transfer_index = Some(2);
        assert!(!flow.findings().iter().any(|f| matches!(f, Finding::DuplicateRow { .. })));
    }

    #[test]
    fn flow_identifiers_have_few_characters() {
        assert!(is_flow_id("2017-09-11IDPSPFNZrend01_x"));
        for other in ["", "#id#", "a b", "à", &"a".repeat(36)] {
            assert!(!is_flow_id(other), "{other}");
        }
    }

    proptest! {
        #[test]
        fn a_flow_that_adds_up_has_no_findings_and_a_cent_off_has_one(
            amounts in proptest::collection::vec(1_i64..=99_999_999_999, 1..30),
            off in prop_oneof![Just(-1_i64), Just(1)],
        ) {
            let mut flow = flow_of(&amounts);
            prop_assert_eq!(flow.findings(), vec![]);
            flow.total_cents += off;
            let found_cents = i128::from(flow.total_cents - off);
            prop_assert_eq!(
                flow.findings(),
                vec![Finding::TotalDiffers { declared_cents: flow.total_cents, found_cents }]
            );
        }
    }
}
