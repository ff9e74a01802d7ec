//! Regularisation plans in the formats accounting systems read.
//!
//! A [`Plan`] says how one provisional entry of the treasurer's journal splits over budget chapters, and which payments
//! stand behind each amount. The accounting system turns it into collection orders (TUEL art. 180 c. 4); we never do.
//! What a row must carry: TUEL art. 180 c. 3, D.Lgs. 118/2011, OPI `bilancio` and `classificazione`; the shape follows the
//! hand-over of Piemonte's PPAY to Contabilia (synthesis rows by chapter and assessment, detail rows by payment).
//!
//! Two files, both for people and for import: [`plan_csv`] with a row per chapter, [`detail_csv`] with a row per payment share.

mod csv;

use chrono::NaiveDate;
use serde::Serialize;

pub use csv::{detail_csv, plan_csv};

/// How one provisional entry splits over chapters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// The entity's name.
    pub entity: String,
    /// The entity's fiscal code.
    pub fiscal_code: String,
    /// The fiscal year of the provisional entry.
    pub provisional_year: i32,
    /// Its number in the year.
    pub provisional_number: u64,
    /// Its amount, in cents.
    pub amount_cents: i64,
    /// An amount per chapter and assessment.
    pub rows: Vec<PlanRow>,
    /// What the rows do not explain: named, never spread over them.
    pub differences: Vec<Difference>,
}

/// The part of a provisional entry that belongs to one chapter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlanRow {
    /// The fiscal year of the chapter (accrual year).
    pub year: i32,
    /// The chapter (*capitolo*).
    pub chapter: String,
    /// The article (*articolo*).
    pub article: Option<String>,
    /// The code in the financial plan of accounts, level 5: `E.3.01.02.01.033`.
    pub pdc: Option<String>,
    /// The SIOPE code, 10 digits.
    pub siope: Option<String>,
    /// The assessment's (*accertamento*) year.
    pub assessment_year: Option<i32>,
    /// The assessment's number, with its sub-number if any.
    pub assessment_number: Option<String>,
    /// Own revenue or others' money.
    pub kind: Kind,
    /// The amount, in cents, above zero.
    pub amount_cents: i64,
    /// How many payments stand behind it.
    pub payments: u32,
    /// What it is for.
    pub description: String,
}

/// Whose money it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The entity's own revenue.
    Own,
    /// Held for others: services for third parties and *partite di giro* (TUEL art. 168), as deposits are.
    ThirdParty,
}

/// A part of the provisional entry that no payment explains, or a payment it does not cover.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Its name, as reconciliation gives it.
    pub label: String,
    /// In cents; negative where the entry has less than the payments.
    pub amount_cents: i64,
}

/// What one payment brings to one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PaymentShare {
    /// The row, by its place in [`Plan::rows`].
    pub row: usize,
    /// The IUV.
    pub iuv: String,
    /// The IUR: the receipt's id.
    pub iur: String,
    /// A reference to the payer that the entity's own registers resolve; not the person's name.
    pub payer_reference: String,
    /// The day of the payment.
    pub date: NaiveDate,
    /// The share, in cents.
    pub amount_cents: i64,
    /// What was paid.
    pub description: String,
}

/// Why a plan cannot be handed over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Rows and differences are not the provisional entry.
    #[error("rows and differences make {found_cents} cents, the provisional entry has {expected_cents}")]
    Unbalanced {
        /// The entry's amount.
        expected_cents: i64,
        /// Rows plus differences.
        found_cents: i64,
    },
    /// A row of nothing, or of less.
    #[error("row {row} has an amount that is not above zero")]
    EmptyRow {
        /// Its place, from 0.
        row: usize,
    },
    /// A sum beyond 64 bits.
    #[error("the amounts are too large to add up")]
    Overflow,
    /// A share of no row.
    #[error("a payment share names row {row}, which the plan does not have")]
    UnknownRow {
        /// The place it names, from 0.
        row: usize,
    },
    /// The payments behind a row are not its amount.
    #[error("the payments of row {row} make {found_cents} cents, the row has {expected_cents}")]
    DetailDiffers {
        /// The row's place, from 0.
        row: usize,
        /// The row's amount.
        expected_cents: i64,
        /// Its payments' sum.
        found_cents: i64,
    },
}

impl Plan {
    /// Whether every cent of the provisional entry is in a row or in a named difference.
    ///
    /// # Errors
    /// [`PlanError::Unbalanced`], [`PlanError::EmptyRow`] or [`PlanError::Overflow`].
    pub fn check(&self) -> Result<(), PlanError> {
        if let Some(row) = self.rows.iter().position(|row| row.amount_cents <= 0) {
            return Err(PlanError::EmptyRow { row });
        }
        let rows = self.rows.iter().map(|row| row.amount_cents);
        let differences = self.differences.iter().map(|difference| difference.amount_cents);
        let found_cents = sum(rows.chain(differences))?;
        if found_cents == self.amount_cents {
            return Ok(());
        }
        Err(PlanError::Unbalanced { expected_cents: self.amount_cents, found_cents })
    }

    /// Whether the payment shares of every row make its amount.
    ///
    /// # Errors
    /// What [`Plan::check`] says, then [`PlanError::UnknownRow`], [`PlanError::DetailDiffers`] or [`PlanError::Overflow`].
    pub fn check_detail(&self, shares: &[PaymentShare]) -> Result<(), PlanError> {
        self.check()?;
        if let Some(stray) = shares.iter().find(|share| share.row >= self.rows.len()) {
            return Err(PlanError::UnknownRow { row: stray.row });
        }
        for (row, expected) in self.rows.iter().enumerate() {
            let of_row = shares.iter().filter(|share| share.row == row);
            let found_cents = sum(of_row.map(|share| share.amount_cents))?;
            if found_cents != expected.amount_cents {
                return Err(PlanError::DetailDiffers {
                    row,
                    expected_cents: expected.amount_cents,
                    found_cents,
                });
            }
        }
        Ok(())
    }
}

fn sum(mut amounts: impl Iterator<Item = i64>) -> Result<i64, PlanError> {
    amounts.try_fold(0_i64, i64::checked_add).ok_or(PlanError::Overflow)
}

#[cfg(test)]
mod tests;
