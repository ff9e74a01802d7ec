//! Calendars → free times → appointments.
pub mod appointment;
pub mod commands;
pub mod store;
pub mod types;
pub use appointment::*;
pub use commands::*;
pub use types::*;
