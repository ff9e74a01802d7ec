//! App IO, the public services app: asking whether a citizen can be written to, writing to them,
//! and learning what became of the message.
//!
//! Read in this order: [`message`] builds what is sent and refuses what App IO would refuse;
//! [`client`] makes the three calls; [`rate_limit`] keeps an entity under its quota; [`diagnosis`]
//! is the "test the connection" button; [`simulator`] is the other side, for the demonstration and
//! the tests.
//!
//! Two facts shape the crate. `POST /messages` has no idempotency key, so nothing here ever repeats
//! it: see [`client::Error::Unknown`]. And an accepted message is not a delivered one: its fate is
//! only visible through [`client::Client::status`].

pub mod client;
pub mod diagnosis;
mod fiscal_code;
pub mod message;
pub mod rate_limit;
pub mod simulator;

pub use fiscal_code::{FiscalCode, MalformedFiscalCode};
