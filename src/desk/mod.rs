//! The counter: arrivals, calling, proposals of another time, the day.
//!
//! [`flow`] is the state machine of the day (pure), [`queue`] its commands, [`proposals`] the operator's offers,
//! [`closing`] a counter that cannot open, [`mod@day`] and [`mod@tasks`] what the operators look at. The SQL is the agenda's
//! ([`crate::agenda::store`]). Pages of the day learn of every change by the notification `sportello_day`, whose
//! payload is `<entity> <site>`.

pub mod closing;
pub mod day;
pub mod flow;
pub mod proposals;
pub mod queue;
pub mod record;
pub mod tasks;
pub mod types;

pub use crate::agenda::store::{open_proposal, proposal};
pub use closing::Closing;
pub use day::day;
pub use proposals::{accept, decline, propose, withdraw};
pub use queue::{set_notes, take};
pub use tasks::{task_done, tasks};
pub use types::{
    Counts, Day, DayEntry, NewProposal, Proposal, ProposalOption, ProposalState, Task, TaskKind,
};
