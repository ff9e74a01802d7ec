//! The state machine of the day, as a pure function of the appointment, the step and the instant.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::agenda::zone::day_of;
use crate::agenda::{Appointment, State};
use crate::error::{Error, Result};
use crate::ids::CounterId;

/// What an operator does with an appointment on its day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The citizen is here.
    Arrive,
    /// The citizen is called to a counter; again, or to another, where nobody came.
    Call(CounterId),
    /// Done.
    Serve,
    /// The citizen did not come.
    NoShow,
    /// The last step, which led to this state, was a mistake.
    Undo(State),
}

/// The appointment after a step. A step that was taken already, and one that was taken back already, changes nothing,
/// so that a double click is harmless.
///
/// # Errors
/// `Refused("not_today")` on another day than the appointment's; `Refused("too_early")` for a citizen who is said
/// not to come before the time has begun; `Refused("nothing_to_undo")`; `Refused("not_in_this_state")`.
pub fn after(a: &Appointment, step: Step, zone: Tz, now: DateTime<Utc>) -> Result<Appointment> {
    use State::{Arrived, Called, Confirmed, NoShow, Served};
    if day_of(a.starts_at, zone) != day_of(now, zone) {
        return Err(Error::Refused("not_today"));
    }
    let mut next = a.clone();
    match (step, a.state) {
        (Step::Arrive, Arrived) | (Step::Serve, Served) | (Step::NoShow, NoShow) => {}
        (Step::Arrive, Confirmed) => {
            next.state = Arrived;
            next.arrived_at = Some(now);
        }
        (Step::Call(counter), Confirmed | Arrived | Called) => {
            next.state = Called;
            next.called_at = Some(now);
            next.serving_counter = Some(counter);
        }
        (Step::Serve, Called) => {
            next.state = Served;
            next.closed_at = Some(now);
        }
        (Step::NoShow, Confirmed) if now < a.starts_at => return Err(Error::Refused("too_early")),
        (Step::NoShow, Confirmed | Arrived | Called) => {
            next.state = NoShow;
            next.closed_at = Some(now);
        }
        (Step::Undo(from), state) if from == state => undo(&mut next)?,
        (Step::Undo(Served), Called)
        | (Step::Undo(NoShow), Called | Arrived | Confirmed)
        | (Step::Undo(Called), Arrived | Confirmed)
        | (Step::Undo(Arrived), Confirmed) => {}
        _ => return Err(Error::Refused("not_in_this_state")),
    }
    Ok(next)
}

/// One step back: what the appointment was before is told by the instants it carries.
fn undo(a: &mut Appointment) -> Result<()> {
    match a.state {
        State::Served | State::NoShow => {
            a.closed_at = None;
            a.state = match (a.called_at, a.arrived_at) {
                (Some(_), _) => State::Called,
                (None, Some(_)) => State::Arrived,
                (None, None) => State::Confirmed,
            };
        }
        State::Called => {
            a.called_at = None;
            a.serving_counter = None;
            a.state = if a.arrived_at.is_some() { State::Arrived } else { State::Confirmed };
        }
        State::Arrived => {
            a.arrived_at = None;
            a.state = State::Confirmed;
        }
        _ => return Err(Error::Refused("nothing_to_undo")),
    }
    Ok(())
}

#[cfg(test)]
#[path = "flow_tests.rs"]
mod tests;
