//! Debt positions held by the platform (GPD, version 1): the asynchronous integration model.
//!
//! A position goes `DRAFT → PUBLISHED → VALID → INVALID | EXPIRED | PARTIALLY_PAID | PAID → REPORTED`; published with no
//! `validity_date` it is `VALID` at once. It can be changed until it is paid (SANP 3.12.0, appendix "Debt positions").

mod client;
mod position;
mod validate;
mod view;
mod wire;

pub use client::Client;
pub use position::{DebtPosition, DebtorKind, Metadata, PaymentOption, Stamp, Transfer};
pub use validate::*;
pub use view::{OptionStatus, OptionView, PositionStatus, PositionView, TransferStatus, TransferView};

#[cfg(test)]
pub(crate) use validate::tests as samples;
