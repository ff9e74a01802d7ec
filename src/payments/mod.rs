//! Payments: tariffs → positions → receipts.
//!
//! A [`Tariff`] says what a service costs from a day on; [`mod@quote`] evaluates it for one appointment. [`mod@issue`] makes a
//! [`DebtPosition`] of the quote: a notice number, its items, and their shares over the budget chapters, frozen. A job
//! publishes it at the platform ([`publish`]), where it is paid through Checkout ([`start_checkout`]) or anywhere with
//! the notice. Only a [`Receipt`] that the platform delivers to our station ([`mod@receive`]) proves a payment: it is
//! accepted once, and kept even where the position is cancelled, paid already or not ours.
//!
//! In reading order: [`tariff`] and [`quote`](mod@quote) (what it costs), [`definition`], [`chapters`] and [`taxonomy`]
//! (what administrators and accountants define), [`state`] and [`position`] (what is owed), [`issue`](mod@issue),
//! [`platform`] (publish and withdraw), [`checkout`], [`receipt`] and [`receive`](mod@receive), [`copies`] (what is
//! printed), [`diagnosis`]. All SQL is in [`store`].

pub mod chapters;
pub mod checkout;
pub mod copies;
pub mod definition;
pub mod diagnosis;
pub mod issue;
pub mod platform;
pub mod position;
pub mod quote;
pub mod receipt;
pub mod receive;
pub mod state;
pub mod store;
pub mod tariff;
pub mod taxonomy;

pub use checkout::{VisitOutcome, start_checkout, visit_returned};
pub use diagnosis::diagnose;
pub use issue::{cancel_of, issue};
pub use platform::{publish, withdraw};
pub use position::{DebtPosition, PositionItem, PositionShare, PositionView, of_appointment, of_citizen};
pub use quote::{Quote, QuotedItem, QuotedShare, quote};
pub use receipt::{Receipt, ReceiptTransfer};
pub use receive::receive;
pub use state::State;
pub use tariff::{Conditions, Tariff, TariffItem, TariffShare};
