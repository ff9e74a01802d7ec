//! All SQL of the payments.

pub mod positions;
pub mod receipts;
pub mod reference;
pub mod tariffs;
