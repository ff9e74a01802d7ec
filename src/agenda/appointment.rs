//! An appointment: one counter, one interval, one citizen, one service.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::free_times::Audience;
use super::types::Service;
use crate::error::{Error, FieldError, Result};
use crate::ids::{AppointmentId, CounterId, FormId, ProposalId, ServiceId, SessionId, SiteId};

/// Where an appointment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum State {
    /// A time kept while the pages are filled.
    Held,
    /// Filled, kept until the receipt of a payment due in advance.
    AwaitingPayment,
    /// Stands.
    Confirmed,
    /// The citizen is at the site.
    Arrived,
    /// Called to a counter.
    Called,
    /// Done.
    Served,
    /// The citizen did not come.
    NoShow,
    /// Given back.
    Cancelled,
    /// Its deadline passed before it was confirmed.
    Expired,
}

impl State {
    /// Every state there is.
    pub const ALL: [Self; 9] = [
        Self::Held,
        Self::AwaitingPayment,
        Self::Confirmed,
        Self::Arrived,
        Self::Called,
        Self::Served,
        Self::NoShow,
        Self::Cancelled,
        Self::Expired,
    ];

    /// As it is stored and spoken of in the API: `awaiting_payment`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::AwaitingPayment => "awaiting_payment",
            Self::Confirmed => "confirmed",
            Self::Arrived => "arrived",
            Self::Called => "called",
            Self::Served => "served",
            Self::NoShow => "no_show",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// Whether it takes a counter's time. One with a deadline does so only until then:
    /// see [`Appointment::stands`].
    #[must_use]
    pub fn is_live(self) -> bool {
        matches!(self, Self::Held | Self::AwaitingPayment | Self::Confirmed | Self::Arrived | Self::Called)
    }

    /// Whether it has a deadline.
    #[must_use]
    pub fn is_provisional(self) -> bool {
        matches!(self, Self::Held | Self::AwaitingPayment)
    }
}

/// Who comes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Holder {
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// Fiscal code, 16 upper-case characters.
    pub fiscal_code: Option<String>,
    /// E-mail; empty where none was given.
    pub email: String,
    /// Telephone; empty where none was given.
    pub phone: String,
    /// Whether the login provider said who it is.
    pub verified: bool,
}

/// How it was booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Channel {
    /// By the citizen, on the pages.
    Web,
    /// By another program of the entity.
    Api,
    /// By an operator.
    Desk,
}

impl Channel {
    /// Whose limits hold: operators book inside the lead time and beyond the horizon too.
    #[must_use]
    pub fn audience(self) -> Audience {
        if self == Self::Desk { Audience::Operator } else { Audience::Citizen }
    }
}

/// Longest details, characters (flow of the State's model).
const DETAILS_MAX: usize = 200;
/// Longest reason for giving an appointment back, characters.
const CANCEL_REASON_MAX: usize = 500;

/// What is wrong with what a citizen adds, under the name of its field.
#[must_use]
pub fn details_error(field: &str, details: &str) -> Option<FieldError> {
    too_long(field, details, DETAILS_MAX)
}

/// What is wrong with why an appointment is given back, under the name of its field.
#[must_use]
pub fn cancel_reason_error(field: &str, reason: &str) -> Option<FieldError> {
    too_long(field, reason, CANCEL_REASON_MAX)
}

fn too_long(field: &str, text: &str, max: usize) -> Option<FieldError> {
    (text.chars().count() > max).then(|| FieldError::new(field, "too_long").with_detail(max))
}

/// One counter, one interval, one citizen, one service.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Appointment {
    /// Its identifier.
    pub id: AppointmentId,
    /// Eight characters of Crockford's alphabet: said on the phone, called at the counter.
    pub code: String,
    /// What for.
    pub service: ServiceId,
    /// Where.
    pub site: SiteId,
    /// The booked counter.
    pub counter: CounterId,
    /// From.
    pub starts_at: DateTime<Utc>,
    /// To.
    pub ends_at: DateTime<Utc>,
    /// The end and the calendar's buffer.
    pub busy_until: DateTime<Utc>,
    /// Where it stands.
    pub state: State,
    /// Deadline of a provisional one.
    pub expires_at: Option<DateTime<Utc>>,
    /// The browser that holds it.
    pub session: Option<SessionId>,
    /// Who comes.
    pub holder: Holder,
    /// Language of what is written to the holder.
    pub language: String,
    /// The chosen reason.
    pub reason: String,
    /// What the citizen adds.
    pub details: String,
    /// The version of the form that was answered.
    pub form: Option<FormId>,
    /// The answers, an object.
    pub answers: Value,
    /// How it was booked.
    pub channel: Channel,
    /// iCalendar SEQUENCE, raised at every change of what was told (RFC 5546 §2.1.4).
    pub sequence: i32,
    /// The operators' own.
    pub notes: String,
    /// Where the citizen was called.
    pub serving_counter: Option<CounterId>,
    /// When the citizen came.
    pub arrived_at: Option<DateTime<Utc>>,
    /// When the citizen was called.
    pub called_at: Option<DateTime<Utc>>,
    /// When it was served, missed, cancelled or expired.
    pub closed_at: Option<DateTime<Utc>>,
    /// Why it was cancelled.
    pub cancel_reason: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl Appointment {
    /// Whether its deadline, if it has one, has passed: from then on it takes no time.
    #[must_use]
    pub fn is_overdue(&self, now: DateTime<Utc>) -> bool {
        self.expires_at.is_some_and(|deadline| deadline <= now)
    }

    /// Whether it takes its counter's time at this instant.
    #[must_use]
    pub fn stands(&self, now: DateTime<Utc>) -> bool {
        self.state.is_live() && !self.is_overdue(now)
    }
}

/// A time to keep while the pages are filled.
#[derive(Clone, Debug)]
pub struct NewHold {
    /// What for.
    pub service: ServiceId,
    /// Where.
    pub site: SiteId,
    /// When.
    pub start: DateTime<Utc>,
    /// Which browser.
    pub session: SessionId,
    /// In which language it is filled.
    pub language: String,
}

/// What the citizen fills.
#[derive(Clone, Debug)]
pub struct Details {
    /// Who comes.
    pub holder: Holder,
    /// The chosen reason.
    pub reason: String,
    /// What the citizen adds.
    pub details: String,
    /// The version of the form that was answered.
    pub form: Option<FormId>,
    /// The answers, an object.
    pub answers: Value,
    /// Language of what is written to the holder.
    pub language: String,
    /// Live future appointments one citizen may have per service (`booking.per_citizen_max`); `None`: no limit, for
    /// operators.
    pub per_citizen_max: Option<i64>,
}

/// An appointment to book directly: by another program or by an operator.
#[derive(Clone, Debug)]
pub struct NewAppointment {
    /// What for.
    pub service: ServiceId,
    /// Where.
    pub site: SiteId,
    /// When.
    pub start: DateTime<Utc>,
    /// Who comes.
    pub holder: Holder,
    /// The chosen reason.
    pub reason: String,
    /// What the citizen adds.
    pub details: String,
    /// The version of the form that was answered.
    pub form: Option<FormId>,
    /// The answers, an object.
    pub answers: Value,
    /// Language of what is written to the holder.
    pub language: String,
    /// How it is booked. Operators ([`Channel::Desk`]) may book inside the lead time and beyond the horizon.
    pub channel: Channel,
    /// As [`Details::per_citizen_max`].
    pub per_citizen_max: Option<i64>,
}

/// How a booking ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It stands.
    Confirmed,
    /// It stands once the receipt is here; the time is kept until then.
    AwaitingPayment {
        /// How long.
        until: DateTime<Utc>,
    },
}

impl Outcome {
    pub(super) fn state(self) -> State {
        match self {
            Self::Confirmed => State::Confirmed,
            Self::AwaitingPayment { .. } => State::AwaitingPayment,
        }
    }

    pub(super) fn deadline(self) -> Option<DateTime<Utc>> {
        match self {
            Self::Confirmed => None,
            Self::AwaitingPayment { until } => Some(until),
        }
    }
}

/// What a payment that arrived meant for its appointment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentEffect {
    /// It was waiting for it and stands now.
    Confirmed,
    /// It stood already.
    AlreadyConfirmed,
    /// Its deadline had passed, but the time was free and is taken again.
    Revived,
    /// Its deadline had passed and the time is gone: an operator has a task.
    TimeLost,
    /// It had been cancelled: an operator has a task.
    AfterCancellation,
    /// It had moved to another price and does not wait for this payment: an operator has a task.
    NotDue,
}

/// What the sweep found past its deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swept {
    /// An appointment that was not confirmed in time.
    Appointment(AppointmentId),
    /// A proposal that was not answered in time; its appointment stands.
    Proposal(ProposalId, AppointmentId),
}

/// Whether the citizen may still move or cancel it: it stands, and its start is not too near.
///
/// # Errors
/// `Refused("not_in_this_state")`, `Refused("too_late_to_change")`.
pub fn may_citizen_change(appointment: &Appointment, service: &Service, now: DateTime<Utc>) -> Result<()> {
    if !matches!(appointment.state, State::Confirmed | State::AwaitingPayment) || appointment.is_overdue(now)
    {
        return Err(Error::Refused("not_in_this_state"));
    }
    if appointment.starts_at - TimeDelta::minutes(service.change_minutes.into()) < now {
        return Err(Error::Refused("too_late_to_change"));
    }
    Ok(())
}
