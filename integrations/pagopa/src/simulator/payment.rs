//! A payment that a provider has taken: enough of the position to write its receipt and its row in a flow, whatever the
//! creditor does to the position meanwhile.

use chrono::{DateTime, Utc};

use super::psp::Psp;
use crate::{
    gpd::{DebtPosition, PaymentOption},
    notice::Nav,
};

#[derive(Clone)]
pub(super) struct Payment {
    /// The receipt's identifier: 32 characters, the payment token of the platform.
    pub(super) receipt_id: String,
    pub(super) organization: String,
    pub(super) nav: Nav,
    pub(super) position: DebtPosition,
    pub(super) option: PaymentOption,
    pub(super) psp: &'static Psp,
    pub(super) paid_at: DateTime<Utc>,
    /// The cart it was paid with.
    pub(super) note: Option<String>,
    /// Whether it is in a flow.
    pub(super) settled: bool,
}
