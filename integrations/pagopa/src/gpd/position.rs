//! A debt position as it is sent (`PaymentPositionModel` and what it contains, `gpd.json` 1.1.35).

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{PositionStatus, wire};
use crate::{
    notice::{Iuv, Nav},
    taxonomy::TaxonomyCode,
};

/// Whether the debtor is a person or an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DebtorKind {
    /// Persona fisica.
    #[serde(rename = "F")]
    Person,
    /// Persona giuridica.
    #[serde(rename = "G")]
    Organization,
}

/// What somebody owes. Its debug form tells nothing about the person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DebtPosition {
    /// The creditor's own name for the position, unique for the creditor: made before sending, so that a repeated request
    /// is answered with a conflict instead of a second position.
    pub iupd: String,
    /// Person or organization.
    #[serde(rename = "type")]
    pub debtor_kind: DebtorKind,
    /// The platform may take the payment even when the creditor cannot answer.
    #[serde(default = "yes")]
    pub pay_stand_in: bool,
    /// The debtor's fiscal code.
    pub fiscal_code: String,
    /// The debtor's name.
    pub full_name: String,
    /// Street.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub street_name: Option<String>,
    /// House number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub civic_number: Option<String>,
    /// Postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// City.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// Province.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub province: Option<String>,
    /// Region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Country, two capital letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Where the platform may write to the debtor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The debtor's telephone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The position cannot be paid any more once the last due date has passed.
    pub switch_to_expired: bool,
    /// The creditor's name.
    pub company_name: String,
    /// The creditor's office.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office_name: Option<String>,
    /// From when it can be paid; absent means from its publication.
    #[serde(default, with = "wire::optional_instant", skip_serializing_if = "Option::is_none")]
    pub validity_date: Option<DateTime<Utc>>,
    /// Only in answers: when it was paid.
    #[serde(default, with = "wire::optional_instant", skip_serializing_if = "Option::is_none")]
    pub payment_date: Option<DateTime<Utc>>,
    /// Only in answers: the state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<PositionStatus>,
    /// The ways to pay it: one in a single sum, or several instalments, or both in alternative.
    #[serde(default)]
    pub payment_option: Vec<PaymentOption>,
}

impl fmt::Debug for DebtPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DebtPosition")
            .field("iupd", &self.iupd)
            .field("status", &self.status)
            .field("payment_option", &self.payment_option)
            .finish_non_exhaustive()
    }
}

/// One way, or one instalment, to pay a position: this is what a notice is printed for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentOption {
    /// The notice number; where absent the platform writes `3` before the IUV.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nav: Option<Nav>,
    /// The payment identifier.
    pub iuv: Iuv,
    /// The amount in cents: the sum of the transfers.
    #[serde(rename = "amount")]
    pub amount_cents: i64,
    /// What it is for; no personal data (SANP 3.12.0, best practice).
    pub description: String,
    /// An instalment of a plan.
    pub is_partial_payment: bool,
    /// To be paid by; the platform does not enforce it unless `switch_to_expired`.
    #[serde(with = "wire::instant")]
    pub due_date: DateTime<Utc>,
    /// Until when the platform keeps it.
    #[serde(default, with = "wire::optional_instant", skip_serializing_if = "Option::is_none")]
    pub retention_date: Option<DateTime<Utc>>,
    /// Where the money goes, one to five.
    #[serde(default)]
    pub transfer: Vec<Transfer>,
    /// At most ten pairs.
    #[serde(default)]
    pub payment_option_metadata: Vec<Metadata>,
}

/// A part of a payment that goes to one account for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Transfer {
    /// 1 to 5, unique within the option.
    #[serde(with = "wire::transfer_index")]
    pub id_transfer: u8,
    /// The amount in cents.
    #[serde(rename = "amount")]
    pub amount_cents: i64,
    /// Whose account it is; where absent, the creditor's of the position.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_fiscal_code: Option<String>,
    /// The reason written for the payer; no personal data.
    pub remittance_information: String,
    /// The taxonomy code.
    pub category: TaxonomyCode,
    /// The account, registered on the platform for that organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iban: Option<String>,
    /// The postal account, beside `iban`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_iban: Option<String>,
    /// A revenue stamp instead of an account; its amount never appears in a remittance flow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stamp: Option<Stamp>,
    /// The name of the organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company_name: Option<String>,
    /// At most ten pairs.
    #[serde(default)]
    pub transfer_metadata: Vec<Metadata>,
}

/// A digital revenue stamp ("marca da bollo").
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stamp {
    /// The digest of the stamped document, base64.
    pub hash_document: String,
    /// Two characters, `01`.
    pub stamp_type: String,
    /// Province of residence, two capital letters.
    pub provincial_residence: String,
}

/// A pair the platform carries as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// Unique in its list.
    pub key: String,
    /// Any text.
    pub value: String,
}

fn yes() -> bool {
    true
}
