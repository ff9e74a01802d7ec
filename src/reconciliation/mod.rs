//! Receipts × remittance flows × treasury journal → plans over budget chapters.

pub mod ledger;
mod store;
