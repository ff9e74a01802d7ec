//! What the desk's endpoints say and are told.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::types::HolderView;
use crate::agenda::{Appointment, Site, State};
use crate::desk::{self, Closing, Proposal, ProposalState, Task};
use crate::error::Result;

/// A site's day.
#[derive(Debug, Serialize, ToSchema)]
pub struct DayView {
    /// Slug of the site.
    site: String,
    /// The local day.
    date: NaiveDate,
    /// The counters in use.
    counters: Vec<CounterView>,
    /// Everything booked, by start.
    appointments: Vec<RowView>,
    /// Codes of those in the waiting room, first come first.
    waiting: Vec<String>,
    /// How many stand where.
    counts: CountsView,
}

/// A counter.
#[derive(Debug, Serialize, ToSchema)]
pub struct CounterView {
    /// Its identifier, which `call` and `closures` want.
    id: Uuid,
    /// What is written over it.
    name: String,
}

/// How many appointments of a day stand where.
#[derive(Debug, Serialize, ToSchema)]
pub struct CountsView {
    /// Still to come.
    expected: u32,
    /// In the waiting room.
    waiting: u32,
    /// At a counter.
    called: u32,
    /// Done.
    served: u32,
    /// Did not come.
    missed: u32,
    /// Given back.
    cancelled: u32,
}

/// An appointment on its day.
#[derive(Debug, Serialize, ToSchema)]
pub struct RowView {
    /// Its code.
    code: String,
    /// As in an appointment.
    state: &'static str,
    /// Name of the service, in Italian.
    service_name: String,
    /// Name of the booked counter.
    counter: String,
    /// Name of the counter the citizen was called to.
    serving_counter: Option<String>,
    /// From.
    start: DateTime<Utc>,
    /// To.
    end: DateTime<Utc>,
    /// Who comes.
    holder: HolderView,
    /// When the citizen came.
    arrived_at: Option<DateTime<Utc>>,
    /// When the citizen was called.
    called_at: Option<DateTime<Utc>>,
    /// The proposal that waits for the citizen's answer.
    proposal: Option<Uuid>,
}

impl From<desk::Day> for DayView {
    fn from(day: desk::Day) -> Self {
        let waiting = day.waiting.iter().filter_map(|at| day.entries.get(*at));
        let counts = day.counts;
        Self {
            waiting: waiting.map(|entry| entry.appointment.code.clone()).collect(),
            site: day.site.slug,
            date: day.date,
            counters: day.counters.into_iter().map(|c| CounterView { id: c.id.0, name: c.name }).collect(),
            appointments: day.entries.into_iter().map(RowView::from).collect(),
            counts: CountsView {
                expected: counts.expected,
                waiting: counts.waiting,
                called: counts.called,
                served: counts.served,
                missed: counts.missed,
                cancelled: counts.cancelled,
            },
        }
    }
}

impl From<desk::DayEntry> for RowView {
    fn from(entry: desk::DayEntry) -> Self {
        let a = entry.appointment;
        Self {
            state: a.state.as_str(),
            service_name: entry.service_name.get("it").to_owned(),
            counter: entry.counter_name,
            serving_counter: entry.serving_counter_name,
            start: a.starts_at,
            end: a.ends_at,
            holder: HolderView::from(&a.holder),
            arrived_at: a.arrived_at,
            called_at: a.called_at,
            proposal: entry.proposal.map(|id| id.0),
            code: a.code,
        }
    }
}

/// Where to call to.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Call {
    /// A counter of the appointment's site.
    pub counter: Uuid,
}

/// What to take back.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Undo {
    /// The state the mistaken step led to: `arrived`, `called`, `served`, `no_show`.
    #[schema(value_type = String)]
    pub from: State,
}

/// Other times to offer.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct NewOffer {
    /// One to three.
    pub times: Vec<super::appointments::NewTime>,
    /// What is written to the citizen.
    pub message: String,
    /// Until when one can be accepted; missing: as the installation says.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Other times that are offered.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProposalView {
    /// Its identifier.
    id: Uuid,
    /// `open`, `accepted`, `declined`, `expired`, `withdrawn`.
    #[schema(value_type = String)]
    state: ProposalState,
    /// What is written to the citizen.
    message: String,
    /// Until when one can be accepted.
    expires_at: DateTime<Utc>,
    /// The times, in order.
    times: Vec<OfferedTime>,
}

/// An offered time.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfferedTime {
    /// Slug of the site.
    site: String,
    /// From.
    start: DateTime<Utc>,
    /// To.
    end: DateTime<Utc>,
}

impl ProposalView {
    /// Of a proposal whose times are at some of these sites.
    pub fn of(proposal: Proposal, sites: &[Site]) -> Self {
        let slug =
            |id| sites.iter().find(|site| site.id == id).map(|site| site.slug.clone()).unwrap_or_default();
        let time = |option: desk::ProposalOption| OfferedTime {
            site: slug(option.site),
            start: option.starts_at,
            end: option.ends_at,
        };
        Self {
            id: proposal.id.0,
            state: proposal.state,
            message: proposal.message,
            expires_at: proposal.expires_at,
            times: proposal.options.into_iter().map(time).collect(),
        }
    }
}

/// A counter that closes.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct NewClosure {
    /// From, RFC 3339.
    #[schema(format = DateTime)]
    pub from: String,
    /// To, RFC 3339.
    #[schema(format = DateTime)]
    pub to: String,
    /// Why, for the staff.
    pub reason: String,
}

/// What closing a counter meant.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClosingView {
    /// Codes of the appointments that went to another counter at their own time.
    moved: Vec<String>,
    /// Codes of those for which nobody else is free: each is a task.
    left: Vec<String>,
}

impl From<Closing> for ClosingView {
    fn from(closing: Closing) -> Self {
        let codes = |list: Vec<Appointment>| list.into_iter().map(|a| a.code).collect();
        Self { moved: codes(closing.moved), left: codes(closing.left) }
    }
}

/// Of which site.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OfSite {
    /// Slug of one site, with what concerns the whole entity; all of them where it is missing.
    pub site: Option<String>,
}

/// What is left to put right.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tasks {
    /// Oldest first.
    tasks: Vec<TaskView>,
}

/// Something an operator has to look at.
#[derive(Debug, Serialize, ToSchema)]
pub struct TaskView {
    /// Its identifier.
    id: Uuid,
    /// `paid_without_time`, `paid_after_cancellation`, `paid_at_another_price`, `paid_not_due`, `paid_without_receipt`,
    /// `proposal_declined`, `proposal_expired`, `proposal_withdrawn`, `counter_closed`,
    /// `notice_undelivered`.
    kind: String,
    /// Code of the appointment.
    appointment: Option<String>,
    /// Since when.
    created_at: DateTime<Utc>,
}

impl Tasks {
    /// Of the open tasks.
    pub fn of(tasks: Vec<Task>) -> Result<Self> {
        let mut views = Vec::new();
        for task in tasks {
            let kind = serde_json::to_value(task.kind)?;
            views.push(TaskView {
                id: task.id.0,
                kind: kind.as_str().unwrap_or_default().to_owned(),
                appointment: task.appointment.map(|(a, _)| a.code),
                created_at: task.created_at,
            });
        }
        Ok(Self { tasks: views })
    }
}
