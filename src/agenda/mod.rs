//! Calendars → free times → appointments.
//!
//! Reading order: [`types`] (what an entity sets up), [`zone`], [`holidays`] and [`intervals`] (pure), [`free_times`]
//! (the one computation of what can be booked, pure), [`mod@availability`] (the same on the database),
//! [`appointment`] (what is booked), then the commands: taking a time ([`hold`], [`fill`], [`place`], [`settle`]) and
//! what happens later ([`payment_arrived`], [`reschedule`], [`cancel`], [`sweep`]). [`setup`] is the administrator's
//! side; [`booking`] joins the agenda with payments and notices. All SQL is in [`store`].
//!
//! The commands change the agenda alone: payments and notices follow in the use cases that call them.

pub mod appointment;
pub mod availability;
pub mod booking;
mod changes;
mod commands;
pub mod free_times;
pub mod holder;
pub mod holidays;
pub mod intervals;
pub mod preview;
pub mod setup;
pub mod store;
pub(crate) mod taking;
pub mod types;
pub mod zone;

pub use appointment::{
    Appointment, Channel, Details, Holder, NewAppointment, NewHold, Outcome, PaymentEffect, State, Swept,
    cancel_reason_error, details_error, may_citizen_change,
};
pub use availability::{Months, Range, availability, availability_for, nearby};
pub(crate) use changes::withdraw_proposal;
pub use changes::{cancel, payment_arrived, payment_not_due, reschedule, sweep};
pub use commands::{fill, hold, place, settle};
pub use free_times::Audience;
pub use preview::{PreviewDay, preview};
pub use types::{
    Calendar, CalendarRule, Closure, Counter, DayTimes, FreeTime, LocalHoliday, Scope, Service, Site,
};
