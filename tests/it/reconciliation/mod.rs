//! Receipts, flows and the treasurer's journal, in every order in which they come (`domain/pagopa.md` §2).

#![expect(clippy::unwrap_used, reason = "what a helper of a test cannot do fails the test")]

mod corrections;
mod fetch;
mod order;
mod scenarios;
pub mod world;
