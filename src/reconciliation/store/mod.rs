//! All SQL of the reconciliation.

pub(super) mod ledger;
