//! The proof of a payment, and what is odd about it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::position::DebtPosition;
use super::state::State;
use crate::ids::{DebtPositionId, PeerMessageId, ReceiptId};
use crate::money::Cents;

/// A receipt as the platform delivered it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// Its identifier.
    pub id: ReceiptId,
    /// The platform's: receiptId, paymentToken.
    pub iur: String,
    /// What it pays; `None`: nothing of ours, kept all the same.
    pub position: Option<DebtPositionId>,
    /// Notice number as it came.
    pub nav: String,
    /// Payment identifier as it came.
    pub iuv: String,
    /// What was paid.
    pub amount: Cents,
    /// What it was for, as the payer read it.
    pub description: String,
    /// The payment service provider.
    pub psp_id: String,
    /// Its name.
    pub psp_name: String,
    /// Its fiscal code; empty where it was not said.
    pub psp_fiscal_code: String,
    /// E.g. `creditCard`; empty where it was not said.
    pub payment_method: String,
    /// What the provider took for itself.
    pub fee: Option<Cents>,
    /// Who paid; empty: the debtor.
    pub payer_name: String,
    /// When.
    pub paid_at: DateTime<Utc>,
    /// The day the payment was applied at the provider.
    pub applied_on: Option<NaiveDate>,
    /// The day the money is transferred.
    pub transfer_on: Option<NaiveDate>,
    /// Paid while the creditor could not answer.
    pub stand_in: bool,
    /// The message it came with.
    #[serde(skip)]
    pub message: PeerMessageId,
    /// When it came.
    pub received_at: DateTime<Utc>,
}

/// A share of the payment as the receipt says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReceiptTransfer {
    /// `idTransfer`.
    pub transfer_index: i16,
    /// For whom.
    pub beneficiary_fiscal_code: String,
    /// Where it went; never shown to citizens.
    #[serde(skip)]
    pub iban: Option<String>,
    /// How much.
    pub amount: Cents,
    /// Taxonomy code.
    pub taxonomy: String,
    /// The remittance text.
    pub remittance: String,
}

/// What is odd about a receipt. None of these refuses it: money that arrived is never denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// No position of ours has this notice number.
    UnknownPosition,
    /// The notice is of another creditor: we are one of the beneficiaries.
    OtherCreditor,
    /// Not the amount of the position.
    AmountDiffers,
    /// The position had been cancelled.
    AfterCancellation,
    /// The position was paid already, with another receipt.
    PaidTwice,
    /// The transfers do not sum to the payment.
    TransfersDiffer,
}

impl Finding {
    /// Its name on record.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnknownPosition => "unknown_position",
            Self::OtherCreditor => "other_creditor",
            Self::AmountDiffers => "amount_differs",
            Self::AfterCancellation => "after_cancellation",
            Self::PaidTwice => "paid_twice",
            Self::TransfersDiffer => "transfers_differ",
        }
    }
}

/// Compares a receipt with the position it pays (`None`: not ours).
#[must_use]
pub fn findings(
    receipt: &sportello_pagopa::station::Receipt,
    creditor: &str,
    position: Option<&DebtPosition>,
) -> Vec<Finding> {
    let transfers: i64 = receipt.transfers.iter().map(|transfer| transfer.amount_cents).sum();
    let mut findings = Vec::new();
    if transfers != receipt.payment_amount_cents {
        findings.push(Finding::TransfersDiffer);
    }
    match position {
        None if receipt.fiscal_code != creditor => findings.push(Finding::OtherCreditor),
        None => findings.push(Finding::UnknownPosition),
        Some(position) => {
            if position.amount.0 != receipt.payment_amount_cents {
                findings.push(Finding::AmountDiffers);
            }
            match position.state {
                State::Paid => findings.push(Finding::PaidTwice),
                State::Cancelled => findings.push(Finding::AfterCancellation),
                State::Issued | State::Published => {}
            }
        }
    }
    findings
}
