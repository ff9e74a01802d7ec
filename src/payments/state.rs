//! The life of a debt position: `issued → published → paid`, or `cancelled`. A receipt beats everything.

use serde::Serialize;

use crate::error::{Error, Result};

/// Where a debt position is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum State {
    /// Ours alone: the platform has not got it yet.
    Issued,
    /// The platform has it: it can be paid.
    Published,
    /// A receipt proves it.
    Paid,
    /// Nobody should pay it any more.
    Cancelled,
}

/// What happens to a debt position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The platform took it.
    Published,
    /// A receipt came.
    Paid,
    /// It is not owed any more.
    Cancelled,
}

impl State {
    /// As the database writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Published => "published",
            Self::Paid => "paid",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether somebody still owes it.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Issued | Self::Published)
    }

    /// The state after an event. Repeated events change nothing, and events may overtake each other: the answer of a
    /// publication can come after the receipt, and a receipt after the cancellation (the payment had begun before the
    /// platform was told): money that arrived is never denied, so such a position is paid.
    ///
    /// # Errors
    /// `position_paid` where a paid position is to be cancelled: there is no refund on the platform.
    pub fn after(self, event: Event) -> Result<Self> {
        match (self, event) {
            (_, Event::Paid) | (Self::Paid, Event::Published) => Ok(Self::Paid),
            (Self::Paid, Event::Cancelled) => Err(Error::Refused("position_paid")),
            (Self::Cancelled, _) | (_, Event::Cancelled) => Ok(Self::Cancelled),
            (Self::Issued | Self::Published, Event::Published) => Ok(Self::Published),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STATES: [State; 4] = [State::Issued, State::Published, State::Paid, State::Cancelled];

    #[test]
    fn the_ordinary_life() {
        assert_eq!(State::Issued.after(Event::Published).unwrap(), State::Published);
        assert_eq!(State::Published.after(Event::Paid).unwrap(), State::Paid);
        assert_eq!(State::Issued.after(Event::Cancelled).unwrap(), State::Cancelled);
        assert_eq!(State::Published.after(Event::Cancelled).unwrap(), State::Cancelled);
    }

    #[test]
    fn a_cancelled_position_is_not_published_again() {
        assert_eq!(State::Cancelled.after(Event::Published).unwrap(), State::Cancelled);
    }

    #[test]
    fn a_receipt_always_counts_and_a_paid_position_stays_paid() {
        for state in STATES {
            assert_eq!(state.after(Event::Paid).unwrap(), State::Paid);
        }
        assert_eq!(State::Paid.after(Event::Published).unwrap(), State::Paid);
        assert!(matches!(State::Paid.after(Event::Cancelled), Err(Error::Refused("position_paid"))));
    }

    proptest! {
        #[test]
        fn repeating_an_event_changes_nothing(state in prop::sample::select(STATES.to_vec()), at in 0..3_usize) {
            let event = [Event::Published, Event::Paid, Event::Cancelled][at];
            if let Ok(once) = state.after(event) {
                prop_assert_eq!(once.after(event).unwrap(), once);
            }
        }
    }
}
