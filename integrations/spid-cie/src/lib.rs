//! SPID and CIE login over OpenID Connect.
//!
//! A Comune seldom speaks to SPID and CIE directly: a regional or a vendor's proxy does, and gives the Comune
//! an issuer, a client identifier and a secret. This crate logs a person in at such a provider (and the staff
//! at theirs) with the authorization code flow and PKCE, and hands back an [`Identity`]. It keeps no state
//! and knows no table: the caller stores the [`Pending`] login between the two halves, passes the instant,
//! and decides what a login is worth.
//!
//! Reading order: [`FiscalCode`] and [`Level`] (the two words every login speaks), [`provider`] (the login),
//! [`diagnosis`] (why a configuration does not work), [`simulator`] (a provider to log in at without being
//! enrolled).

mod client;
pub mod diagnosis;
pub mod fiscal_code;
mod level;
pub mod provider;
pub mod simulator;

pub use client::{Http, HttpError, Limits};
pub use fiscal_code::FiscalCode;
pub use level::Level;
pub use provider::{Callback, Identity, LoginError, Pending, Provider, ProviderError, Settings};
