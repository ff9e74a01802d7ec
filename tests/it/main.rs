//! Whole flows on a real PostgreSQL. One binary, so that there is one server and one link.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops there")]

mod accounting_pages;
mod admin;
mod agenda;
mod api;
mod browser;
mod citizen;
mod desk;
mod desk_pages;
mod durability;
mod foundation;
mod identity;
mod inspect;
mod invariants;
mod jobs;
mod mail;
mod notices;
mod office;
mod payments;
mod peer;
mod production;
mod reconciliation;
mod story;
mod support;
mod texts;
mod walker;
