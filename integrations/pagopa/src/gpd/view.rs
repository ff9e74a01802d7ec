//! A debt position as the platform shows it (`PaymentPositionModelBaseResponse` and what it contains, `gpd.json` 1.1.35).
//! Everything but the identifiers may be absent, and codes we do not know are kept as unknown rather than refused.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Metadata, Stamp, wire};

/// Where a position is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PositionStatus {
    /// Created, not published.
    Draft,
    /// Published; its validity has not begun.
    Published,
    /// It can be paid.
    Valid,
    /// Withdrawn by the creditor.
    Invalid,
    /// Its due date has passed and it was to expire then.
    Expired,
    /// Some instalments are paid.
    PartiallyPaid,
    /// Paid.
    Paid,
    /// Paid, and every transfer is in a remittance flow.
    Reported,
    /// A state added to the platform after this was written.
    #[serde(other)]
    Unknown,
}

/// Where a payment option is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum OptionStatus {
    /// Not paid.
    #[serde(rename = "PO_UNPAID")]
    Unpaid,
    /// Paid.
    #[serde(rename = "PO_PAID")]
    Paid,
    /// Some transfers are in a remittance flow.
    #[serde(rename = "PO_PARTIALLY_REPORTED")]
    PartiallyReported,
    /// Every transfer is in a remittance flow.
    #[serde(rename = "PO_REPORTED")]
    Reported,
    /// A state added to the platform after this was written.
    #[serde(other)]
    Unknown,
}

/// Whether a transfer is in a remittance flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TransferStatus {
    /// Not yet.
    #[serde(rename = "T_UNREPORTED")]
    Unreported,
    /// Yes.
    #[serde(rename = "T_REPORTED")]
    Reported,
    /// A state added to the platform after this was written.
    #[serde(other)]
    Unknown,
}

/// A position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PositionView {
    /// The creditor's name for it.
    pub iupd: String,
    /// The creditor.
    pub organization_fiscal_code: String,
    /// The creditor's name.
    #[serde(default)]
    pub company_name: String,
    /// When it was created.
    #[serde(default, with = "wire::optional_instant")]
    pub inserted_date: Option<DateTime<Utc>>,
    /// When it was published.
    #[serde(default, with = "wire::optional_instant")]
    pub publish_date: Option<DateTime<Utc>>,
    /// From when it can be paid.
    #[serde(default, with = "wire::optional_instant")]
    pub validity_date: Option<DateTime<Utc>>,
    /// When it was paid.
    #[serde(default, with = "wire::optional_instant")]
    pub payment_date: Option<DateTime<Utc>>,
    /// Where it is in its life.
    pub status: PositionStatus,
    /// When it last changed.
    #[serde(default, with = "wire::optional_instant")]
    pub last_updated_date: Option<DateTime<Utc>>,
    /// Its payment options.
    #[serde(default)]
    pub payment_option: Vec<OptionView>,
}

/// A payment option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OptionView {
    /// The notice number.
    #[serde(default)]
    pub nav: Option<String>,
    /// The payment identifier.
    pub iuv: String,
    /// The amount in cents.
    #[serde(rename = "amount")]
    pub amount_cents: i64,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// An instalment of a plan.
    #[serde(default)]
    pub is_partial_payment: bool,
    /// To be paid by.
    #[serde(default, with = "wire::optional_instant")]
    pub due_date: Option<DateTime<Utc>>,
    /// When it was paid.
    #[serde(default, with = "wire::optional_instant")]
    pub payment_date: Option<DateTime<Utc>>,
    /// When it was reported.
    #[serde(default, with = "wire::optional_instant")]
    pub reporting_date: Option<DateTime<Utc>>,
    /// How it was paid.
    #[serde(default)]
    pub payment_method: Option<String>,
    /// What the payer paid on top, in cents.
    #[serde(default, rename = "fee")]
    pub fee_cents: i64,
    /// Notification costs the platform has added to the amount, in cents.
    #[serde(default, rename = "notificationFee")]
    pub notification_fee_cents: i64,
    /// Who took the money.
    #[serde(default)]
    pub psp_company: Option<String>,
    /// The receipt's identifier (IUR in the flows).
    #[serde(default)]
    pub id_receipt: Option<String>,
    /// The remittance flow.
    #[serde(default)]
    pub id_flow_reporting: Option<String>,
    /// Where it is in its life.
    pub status: OptionStatus,
    /// Its pairs.
    #[serde(default)]
    pub payment_option_metadata: Vec<Metadata>,
    /// Its transfers.
    #[serde(default)]
    pub transfer: Vec<TransferView>,
}

/// A transfer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TransferView {
    /// Whose account it is.
    #[serde(default)]
    pub organization_fiscal_code: Option<String>,
    /// That organization's name.
    #[serde(default)]
    pub company_name: Option<String>,
    /// 1 to 5.
    #[serde(with = "wire::transfer_index")]
    pub id_transfer: u8,
    /// The amount in cents.
    #[serde(rename = "amount")]
    pub amount_cents: i64,
    /// The reason written for the payer.
    #[serde(default)]
    pub remittance_information: String,
    /// The taxonomy code, as it was sent.
    #[serde(default)]
    pub category: String,
    /// The account.
    #[serde(default)]
    pub iban: Option<String>,
    /// The postal account.
    #[serde(default)]
    pub postal_iban: Option<String>,
    /// A revenue stamp instead of an account.
    #[serde(default)]
    pub stamp: Option<Stamp>,
    /// Whether it is in a remittance flow.
    pub status: TransferStatus,
    /// Its pairs.
    #[serde(default)]
    pub transfer_metadata: Vec<Metadata>,
}
