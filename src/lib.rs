//! Sportello: from the citizen's form to the accountant's ledger, for the offices of an Italian Comune.
//!
//! The map of the house, in reading order:
//!
//! * [`entity`]: the tenants, how each of them talks to the outside systems, their sealed secrets;
//! * [`identity`]: who comes in, with which level of assurance and which roles;
//! * [`agenda`]: calendars → free times → appointments;
//! * [`desk`]: the counter: arrivals, calling, proposals of another time;
//! * [`forms`]: online forms, versioned;
//! * [`payments`]: tariffs → positions → receipts;
//! * [`reconciliation`]: receipts × remittance flows × treasury journal → plans over budget chapters;
//! * [`notices`]: what people are told, over which channel;
//! * [`jobs`]: the queue and what runs from it;
//! * [`audit`]: the record of every change;
//! * [`web`]: HTTP, translated to calls on the modules above; it holds no rules;
//! * [`demo`]: a private PostgreSQL, the simulators and a sample Comune.
//!
//! A domain module has its pure rules (no I/O, the instant is a parameter) apart from `store.rs`, which has all its
//! SQL. What every room uses stands beside them: [`db`], [`clock`], [`ids`], [`money`], [`text`], [`error`], [`config`].

#![recursion_limit = "256"]

pub mod agenda;
pub mod app;
pub mod audit;
pub mod clock;
pub mod commands;
pub mod config;
pub mod db;
pub mod demo;
pub mod desk;
pub mod entity;
pub mod error;
pub mod forms;
pub mod idempotency;
pub mod identity;
pub mod ids;
pub mod jobs;
pub mod money;
pub mod notices;
pub mod payments;
pub mod reconciliation;
pub mod secrets;
pub mod text;
pub mod web;

pub use app::App;
pub use error::{Error, Result};
