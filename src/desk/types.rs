//! What the counter works with: proposals, tasks, the day.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::agenda::{Appointment, Counter, Site};
use crate::ids::{AppointmentId, CounterId, ProposalId, ProposalOptionId, SiteId, StaffId, TaskId};
use crate::text::Text;

/// Where a proposal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum ProposalState {
    /// Waits for the citizen, until its deadline.
    Open,
    /// One of its times was taken.
    Accepted,
    /// The citizen keeps the old time.
    Declined,
    /// Nobody answered in time.
    Expired,
    /// The operator took it back, or the appointment changed meanwhile.
    Withdrawn,
}

/// Other times an operator offers; each is held until the proposal is decided, and the appointment stands meanwhile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// Its identifier.
    pub id: ProposalId,
    /// For which appointment.
    pub appointment: AppointmentId,
    /// Where it stands.
    pub state: ProposalState,
    /// What the operator writes to the citizen.
    pub message: String,
    /// Until when it can be accepted.
    pub expires_at: DateTime<Utc>,
    /// Who offered; `None`: the service itself.
    pub staff: Option<StaffId>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was decided.
    pub decided_at: Option<DateTime<Utc>>,
    /// The offered times, by start; one to three.
    pub options: Vec<ProposalOption>,
}

impl Proposal {
    /// Whether the citizen can still accept one of its times.
    #[must_use]
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        self.state == ProposalState::Open && now < self.expires_at
    }
}

/// One of the offered times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProposalOption {
    /// Its identifier.
    pub id: ProposalOptionId,
    /// Where.
    pub site: SiteId,
    /// The counter that is kept.
    pub counter: CounterId,
    /// From.
    pub starts_at: DateTime<Utc>,
    /// To.
    pub ends_at: DateTime<Utc>,
    /// The end and the calendar's buffer.
    pub busy_until: DateTime<Utc>,
}

/// A proposal to make.
#[derive(Clone, Debug)]
pub struct NewProposal {
    /// For which appointment.
    pub appointment: AppointmentId,
    /// One to three other times.
    pub options: Vec<(SiteId, DateTime<Utc>)>,
    /// What the operator writes to the citizen.
    pub message: String,
    /// Who offers; `None`: the service itself.
    pub staff: Option<StaffId>,
    /// Until when it can be accepted.
    pub expires_at: DateTime<Utc>,
}

/// Why somebody has to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum TaskKind {
    /// A receipt came when the time had been given to another.
    PaidWithoutTime,
    /// A receipt came after the appointment had been cancelled.
    PaidAfterCancellation,
    /// A receipt came of a notice that had been replaced: the appointment had moved to another price.
    PaidNotDue,
    /// An operator moved what was paid to a time of another price.
    PaidAtAnotherPrice,
    /// The citizen keeps the old time.
    ProposalDeclined,
    /// Nobody answered a proposal.
    ProposalExpired,
    /// A flow says that it was paid, and that no receipt will come.
    PaidWithoutReceipt,
    /// The counter of the appointment is closed then and no other is free.
    CounterClosed,
    /// The counters of all the times that were offered are closed then, and no other is free.
    ProposalWithdrawn,
    /// A message did not arrive, and the citizen has no other channel.
    NoticeUndelivered,
}

/// Something an operator has to look at.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Task {
    /// Its identifier.
    pub id: TaskId,
    /// Why.
    pub kind: TaskKind,
    /// Where; `None`: for the whole entity.
    pub site: Option<SiteId>,
    /// The appointment it is about, with the name of its service.
    pub appointment: Option<(Appointment, Text)>,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

/// An appointment on the page of the day.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DayEntry {
    /// The appointment.
    pub appointment: Appointment,
    /// Its service.
    pub service_name: Text,
    /// The booked counter.
    pub counter_name: String,
    /// Where the citizen was called.
    pub serving_counter_name: Option<String>,
    /// Whether a proposal waits for the citizen's answer.
    pub proposal: Option<ProposalId>,
}

/// How many appointments of a day stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Still to come, those waiting for a payment included.
    pub expected: u32,
    /// In the waiting room.
    pub waiting: u32,
    /// At a counter.
    pub called: u32,
    /// Done.
    pub served: u32,
    /// Did not come.
    pub missed: u32,
    /// Given back.
    pub cancelled: u32,
}

/// A site's day, as its operators see it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Day {
    /// Where.
    pub site: Site,
    /// The local day.
    pub date: NaiveDate,
    /// The site's counters in use, in order.
    pub counters: Vec<Counter>,
    /// Everything booked, by start; times that are only held or have expired are not shown.
    pub entries: Vec<DayEntry>,
    /// Those in the waiting room, first come first: indexes into `entries`.
    pub waiting: Vec<usize>,
    /// How many stand where.
    pub counts: Counts,
}
