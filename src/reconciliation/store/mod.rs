//! All SQL of the reconciliation.

pub(super) mod entries;
pub(super) mod facts;
pub(super) mod flows;
pub(super) mod ledger;
pub(super) mod lists;
pub(super) mod matches;
pub(super) mod messages;
pub(super) mod views;
