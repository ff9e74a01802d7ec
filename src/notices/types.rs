//! What is told, to whom it goes, and where it stands.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::ids::{AppointmentId, NoticeId};

/// Something that happened to an appointment and that its holder is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Event {
    /// It stands. Occurrence: the appointment's sequence.
    Confirmed,
    /// It has another time or place. Occurrence: the appointment's sequence.
    Moved,
    /// It was given back or taken away. Occurrence: the appointment's sequence.
    Cancelled,
    /// Other times are offered. Occurrence: the proposal.
    Proposed,
    /// One of the offered times was taken: said in place of [`Event::Moved`]. Occurrence: the appointment's sequence.
    ProposalAccepted,
    /// None of the offered times was taken; the appointment stands. Occurrence: the proposal.
    ProposalDeclined,
    /// The office took the offered times back; the appointment stands. Occurrence: the proposal.
    ProposalWithdrawn,
    /// Nobody chose in time; the appointment stands. Occurrence: the proposal.
    ProposalExpired,
    /// There is something to pay, and it can be paid. Occurrence: the debt position.
    PaymentDue,
    /// It was not paid in time, and its time was given back. Occurrence: the debt position.
    Expired,
    /// The receipt is here. Occurrence: the debt position.
    Paid,
    /// The receipt is here and the time is not free any more. Occurrence: the debt position.
    PaidWithoutTime,
    /// The receipt is here of what was not owed any more. Occurrence: the debt position.
    PaidNotDue,
    /// It is near. Occurrence: the appointment's sequence. Announced by [`mod@super::remind`] alone.
    Reminder,
}

impl Event {
    /// Every event there is.
    pub const ALL: [Self; 14] = [
        Self::Confirmed,
        Self::Moved,
        Self::Cancelled,
        Self::Proposed,
        Self::ProposalAccepted,
        Self::ProposalDeclined,
        Self::ProposalWithdrawn,
        Self::ProposalExpired,
        Self::PaymentDue,
        Self::Expired,
        Self::Paid,
        Self::PaidWithoutTime,
        Self::PaidNotDue,
        Self::Reminder,
    ];

    /// As it is stored: `payment_due`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Moved => "moved",
            Self::Cancelled => "cancelled",
            Self::Proposed => "proposed",
            Self::ProposalAccepted => "proposal_accepted",
            Self::ProposalDeclined => "proposal_declined",
            Self::ProposalWithdrawn => "proposal_withdrawn",
            Self::ProposalExpired => "proposal_expired",
            Self::PaymentDue => "payment_due",
            Self::Expired => "expired",
            Self::Paid => "paid",
            Self::PaidWithoutTime => "paid_without_time",
            Self::PaidNotDue => "paid_not_due",
            Self::Reminder => "reminder",
        }
    }

    /// Whether the appointment has a time to be reminded of from now on.
    #[must_use]
    pub fn sets_the_time(self) -> bool {
        matches!(self, Self::Confirmed | Self::Moved | Self::ProposalAccepted)
    }

    /// Whether App IO is told. A payment's receipt reaches the app from pagoPA itself: saying it again would say it
    /// twice.
    #[must_use]
    pub fn is_for_app_io(self) -> bool {
        self != Self::Paid
    }

    /// What is no longer worth telling, where it has not been told yet, once this has happened: of its own kind, the
    /// former occurrences.
    #[must_use]
    pub fn supersedes(self) -> &'static [Self] {
        match self {
            Self::Cancelled => &[
                Self::Confirmed,
                Self::Moved,
                Self::Proposed,
                Self::ProposalAccepted,
                Self::ProposalDeclined,
                Self::ProposalWithdrawn,
                Self::ProposalExpired,
                Self::PaymentDue,
                Self::Reminder,
            ],
            Self::Moved | Self::ProposalAccepted => &[
                Self::Confirmed,
                Self::Moved,
                Self::Proposed,
                Self::ProposalAccepted,
                Self::ProposalDeclined,
                Self::ProposalWithdrawn,
                Self::ProposalExpired,
                Self::Reminder,
            ],
            Self::Proposed => &[Self::Proposed, Self::ProposalWithdrawn, Self::ProposalExpired],
            Self::ProposalDeclined | Self::ProposalWithdrawn | Self::ProposalExpired => &[Self::Proposed],
            Self::PaymentDue => &[Self::PaymentDue],
            Self::Expired => &[Self::PaymentDue, Self::Moved, Self::Proposed, Self::Reminder],
            Self::Paid | Self::PaidWithoutTime => &[Self::PaymentDue, Self::Expired],
            Self::Confirmed | Self::PaidNotDue | Self::Reminder => &[],
        }
    }
}

/// The way a notice goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Channel {
    /// App IO.
    AppIo,
    /// E-mail.
    Email,
}

impl Channel {
    /// As it is stored: `app_io`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AppIo => "app_io",
            Self::Email => "email",
        }
    }
}

/// Where a notice stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum NoticeState {
    /// To be sent.
    Pending,
    /// Being sent: whoever finds it so, long after, does not know whether it was.
    Claimed,
    /// Accepted by the channel.
    Sent,
    /// The citizen is not on App IO: an ordinary answer.
    NotOnIo,
    /// The citizen does not want this service's messages.
    OptedOut,
    /// It may have been accepted; it is not sent again.
    Unknown,
    /// Refused for good, or the integration is not in order: the reason is in `last_error`.
    Failed,
    /// Not worth telling any more.
    Obsolete,
}

impl NoticeState {
    /// As it is stored: `not_on_io`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Claimed => "claimed",
            Self::Sent => "sent",
            Self::NotOnIo => "not_on_io",
            Self::OptedOut => "opted_out",
            Self::Unknown => "unknown",
            Self::Failed => "failed",
            Self::Obsolete => "obsolete",
        }
    }
}

/// One event told over one channel.
#[derive(Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its identifier.
    pub id: NoticeId,
    /// About which appointment.
    pub appointment: AppointmentId,
    /// What happened.
    pub event: Event,
    /// Tells two events of a kind apart.
    pub occurrence: String,
    /// The way it goes.
    pub channel: Channel,
    /// Fiscal code or address.
    pub recipient: String,
    /// Where it stands.
    pub state: NoticeState,
    /// When it was last taken to be sent.
    pub claimed_at: Option<DateTime<Utc>>,
    /// When the channel accepted it.
    pub sent_at: Option<DateTime<Utc>>,
    /// App IO's identifier, or the Message-ID.
    pub remote_id: Option<String>,
    /// Why it was not sent, as a code.
    pub last_error: Option<String>,
    /// When it was announced.
    pub created_at: DateTime<Utc>,
}

impl Notice {
    /// Whether it can be told again: it was refused, and no channel has taken it.
    #[must_use]
    pub fn can_be_retried(&self) -> bool {
        self.state == NoticeState::Failed && self.remote_id.is_none()
    }
}

impl std::fmt::Debug for Notice {
    /// Without the recipient, which is personal.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Notice")
            .field("id", &self.id)
            .field("event", &self.event)
            .field("channel", &self.channel)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_database() {
        for event in Event::ALL {
            assert_eq!(serde_json::to_value(event).unwrap(), event.as_str());
        }
        for channel in [Channel::AppIo, Channel::Email] {
            assert_eq!(serde_json::to_value(channel).unwrap(), channel.as_str());
        }
    }

    #[test]
    fn nothing_silences_what_is_about_money() {
        for event in Event::ALL {
            for paid in [Event::Paid, Event::PaidWithoutTime, Event::PaidNotDue, Event::Cancelled] {
                assert!(!event.supersedes().contains(&paid));
            }
        }
    }
}
