//! Whole flows on a real PostgreSQL. One binary, so that there is one server and one link.

mod agenda;
mod browser;
mod desk;
mod foundation;
mod identity;
mod mail;
mod notices;
mod office;
mod payments;
mod reconciliation;
mod support;
mod texts;
