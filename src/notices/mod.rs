//! What people are told, over which channel.
//!
//! [`mod@announce`] puts an event on record in the transaction of the fact itself: one row per channel, keyed by event and
//! occurrence, so that nothing is said twice, and a job per row. [`mod@send`] is that job. It gathers what there is to say
//! ([`letter`]: plain words in the reader's language), and hands it to the channel: [`app_io`] or [`mail`], which know
//! how to write it and what its refusals mean. The two never wait for each other. [`mod@remind`] is the job of the day
//! before, [`mod@check`] that of the hour after. Rules without I/O: [`letter`], [`schedule`], [`calendar`].

mod announce;
pub mod app_io;
pub mod calendar;
mod check;
pub mod diagnosis;
mod dossier;
pub mod letter;
pub mod links;
pub mod mail;
mod remind;
#[cfg(test)]
mod samples;
pub mod schedule;
mod send;
mod senders;
pub mod store;
mod types;

pub use announce::announce;
pub use calendar::{Method, calendar_file};
pub use check::check;
pub use diagnosis::{Check, diagnose_app_io, diagnose_mail};
pub use remind::remind;
pub use send::{retry, send};
pub use senders::Senders;
pub use types::{Channel, Event, Notice, NoticeState};
