//! Calendars → free times → appointments.
pub mod appointment;
pub mod booking;
pub mod commands;
pub mod sessions;
pub mod store;
pub mod types;
pub use appointment::*;
pub use commands::*;
pub use types::*;
