//! pagoPA: notice numbers, taxonomy, debt positions, Checkout, the creditor's station, remittance flows, receipts.

pub mod fdr;
pub mod station;
pub mod wire;
