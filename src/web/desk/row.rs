//! An appointment as a row of the day: everything already in words.

use chrono::{DateTime, Utc};

use super::room::Room;
use crate::agenda::{Appointment, Channel, State};
use crate::desk::DayEntry;
use crate::desk::flow::{Step, after};
use crate::ids::CounterId;
use crate::payments;
use crate::web::i18n::T;

/// A coloured word: the kind of `ui::badge`, and the word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Badge {
    /// `primary`, `success`, `warning`, `danger`, `secondary`.
    pub kind: &'static str,
    /// What it says.
    pub text: String,
}

/// The steps that can be taken now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Steps {
    /// The citizen is here.
    pub arrive: bool,
    /// Call to a counter.
    pub call: bool,
    /// Done.
    pub serve: bool,
    /// The citizen did not come.
    pub no_show: bool,
    /// Take the last step back: from this state.
    pub undo: Option<&'static str>,
}

impl Steps {
    /// The steps the rules of the day allow, leaving out those that would change nothing.
    #[must_use]
    pub fn of(appointment: &Appointment, counter: CounterId, t: T, now: DateTime<Utc>) -> Self {
        let can = |step| after(appointment, step, t.zone, now).is_ok_and(|next| next != *appointment);
        Self {
            arrive: can(Step::Arrive),
            call: can(Step::Call(counter)),
            serve: can(Step::Serve),
            no_show: can(Step::NoShow),
            undo: can(Step::Undo(appointment.state)).then(|| appointment.state.as_str()),
        }
    }
}

/// A row of the day.
#[derive(Clone, Debug)]
pub struct Row {
    /// The appointment's code, which is also the row's identifier.
    pub code: String,
    /// Its page.
    pub url: String,
    /// "09:00".
    pub time: String,
    /// "09:15".
    pub end: String,
    /// Who comes.
    pub name: String,
    /// What for.
    pub service: String,
    /// Where: the counter of the call, else the booked one.
    pub counter: String,
    /// Telephone, or empty.
    pub phone: String,
    /// E-mail, or empty.
    pub email: String,
    /// How it was booked.
    pub channel: String,
    /// What is owed, where anything is.
    pub payment: Option<Badge>,
    /// Where it stands.
    pub state: Badge,
    /// Whether a proposal waits for the citizen.
    pub proposal: bool,
    /// Whether operators wrote notes.
    pub notes: bool,
    /// Minutes in the waiting room; `None` for who is not there.
    pub waiting_minutes: Option<i64>,
    /// "08:52": when the citizen came.
    pub arrived: String,
    /// Its buttons.
    pub steps: Steps,
    /// The counter the citizen would be called to.
    pub call_to: CounterId,
}

impl Row {
    /// A row; `mine` is where the operator sits, else the citizen is called to the booked counter.
    #[must_use]
    pub fn of(
        room: &Room,
        entry: DayEntry,
        payment: Option<(payments::State, crate::money::Cents)>,
        mine: Option<CounterId>,
    ) -> Self {
        let (a, t) = (&entry.appointment, room.t);
        let call_to = mine.unwrap_or(a.counter);
        let waits = a.arrived_at.filter(|_| a.state == State::Arrived);
        Self {
            url: room.appointment_url(&a.code),
            time: t.clock(a.starts_at),
            end: t.clock(a.ends_at),
            name: full_name(a),
            service: entry.service_name.get(t.code()).to_owned(),
            counter: entry.serving_counter_name.unwrap_or(entry.counter_name),
            phone: a.holder.phone.clone(),
            email: a.holder.email.clone(),
            channel: t.get(channel_key(a.channel)),
            payment: payment.map(|(state, amount)| payment_badge(t, state, &amount.to_string())),
            state: state_badge(t, a.state),
            proposal: entry.proposal.is_some(),
            notes: !a.notes.is_empty(),
            waiting_minutes: waits.map(|since| (room.now - since).num_minutes()),
            arrived: a.arrived_at.map(|at| t.clock(at)).unwrap_or_default(),
            steps: Steps::of(a, call_to, t, room.now),
            code: a.code.clone(),
            call_to,
        }
    }
}

/// "Giulia Bianchi"; of a time that is only held, nothing.
#[must_use]
pub fn full_name(appointment: &Appointment) -> String {
    format!("{} {}", appointment.holder.family_name, appointment.holder.given_name).trim().to_owned()
}

/// Where an appointment stands.
#[must_use]
pub fn state_badge(t: T, state: State) -> Badge {
    let kind = match state {
        State::Confirmed => "primary",
        State::Arrived | State::AwaitingPayment => "warning",
        State::Called => "success",
        State::NoShow | State::Cancelled | State::Expired => "danger",
        State::Served | State::Held => "secondary",
    };
    Badge { kind, text: t.get(&format!("desk-state-{}", state.as_str())) }
}

/// Where its payment stands.
#[must_use]
pub fn payment_badge(t: T, state: payments::State, amount: &str) -> Badge {
    let (kind, key) = match state {
        payments::State::Paid => ("success", "desk-paid"),
        payments::State::Issued | payments::State::Published => ("warning", "desk-unpaid"),
        payments::State::Cancelled => ("secondary", "desk-payment-cancelled"),
    };
    Badge { kind, text: t.with(key, &[("amount", &amount)]) }
}

/// How it was booked.
#[must_use]
pub fn channel_key(channel: Channel) -> &'static str {
    match channel {
        Channel::Web => "desk-channel-web",
        Channel::Api => "desk-channel-api",
        Channel::Desk => "desk-channel-desk",
    }
}
