//! From the tariff to the receipt, against the simulated platform.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test itself does")]

mod appointments;
mod bookings;
mod definition;
mod platform;
mod positions;
mod receipts;
mod reported;
mod world;
