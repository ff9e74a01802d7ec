//! App IO simulated: the gateway, the platform behind it, and a page with what citizens received.
//!
//! It speaks the sender's interface under `/api/v1` and is as strict as the real one: keys, quota,
//! permissions, the limits of every field, both dialects of errors. A message is accepted first and
//! processed, or rejected, some time later. The deprecated calls with the fiscal code in the path
//! of `POST /messages` and `GET /profiles` are not there.
//!
//! `GET /` shows the messages; `POST /simulator/knobs` takes a [`Knobs`] as JSON and makes the
//! platform misbehave.

mod api;
mod front_matter;
mod gateway;
mod page;
mod render;
mod validation;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::State as Shared;
use axum::routing::{get, post};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::FiscalCode;
use crate::client::{MessageId, Status};
use validation::NewMessage;

/// Tells the simulator what time it is.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// The world the simulator starts with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The senders.
    pub services: Vec<Service>,
    /// The recipients it knows by name.
    pub citizens: Vec<Citizen>,
    /// What is true of every other citizen.
    pub others: Presence,
    /// How long a message stays accepted before its fate is decided.
    pub processing: TimeDelta,
    /// Calls an institution may make in five seconds: 150 on the basic contract.
    pub calls_per_window: usize,
}

/// An IO service of an institution.
#[derive(Debug, Clone)]
pub struct Service {
    /// The identifier written in the messages.
    pub id: String,
    /// The name citizens see.
    pub name: String,
    /// The institution, which the quota is counted for.
    pub institution: String,
    /// One of the two equivalent keys.
    pub primary_key: SecretString,
    /// The other.
    pub secondary_key: SecretString,
    /// A draft may only write to the sandbox citizen and ask for no money.
    pub stage: Stage,
    /// The largest payment it may ask for, in cents: €10,000 for an approved service by default.
    pub max_payment_cents: i64,
}

/// Where a service is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Not yet approved.
    Draft,
    /// Approved and published.
    Approved,
}

/// A recipient.
#[derive(Debug, Clone)]
pub struct Citizen {
    /// The fiscal code messages are addressed to.
    pub fiscal_code: FiscalCode,
    /// The name shown on the simulator's page.
    pub name: String,
    /// Whether messages reach the citizen.
    pub presence: Presence,
    /// Preferred languages (`it_IT`, `en_GB`, …), best first.
    pub languages: Vec<String>,
}

/// Whether messages reach a citizen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// On App IO, every service is welcome.
    OnIo,
    /// On App IO, with the services switched off.
    OptedOut,
    /// Not on App IO.
    Absent,
}

/// Ways to misbehave. The counters go down by one at each call they spoil.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Knobs {
    /// So many calls are answered with 429.
    pub rate_limited_next: u32,
    /// So many calls are answered with 500, and nothing is done.
    pub server_error_next: u32,
    /// So many messages are stored at once and answered late.
    pub slow_next: u32,
    /// How late, in milliseconds.
    pub slow_millis: u64,
    /// Every call is answered with 403, as from an address that is not authorised.
    pub forbidden: bool,
    /// What becomes of accepted messages, whoever they are for.
    pub fate: Option<Status>,
}

/// A message as the platform keeps it.
#[derive(Debug, Clone)]
pub struct Received {
    /// Its identifier.
    pub id: MessageId,
    /// The service that sent it.
    pub service_id: String,
    /// When it was accepted.
    pub created_at: DateTime<Utc>,
    /// What became of it.
    pub status: Status,
    pub(crate) message: NewMessage,
}

impl Received {
    /// The recipient.
    #[must_use]
    pub fn recipient(&self) -> &FiscalCode {
        &self.message.recipient
    }

    /// The title.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.message.subject
    }

    /// The text with its front matter.
    #[must_use]
    pub fn markdown(&self) -> &str {
        &self.message.markdown
    }
}

/// A running simulation. Clones share it.
#[derive(Clone)]
pub struct Simulator {
    settings: Arc<Settings>,
    clock: Clock,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    knobs: Knobs,
    messages: Vec<Received>,
    /// Recent calls by institution.
    calls: HashMap<String, VecDeque<DateTime<Utc>>>,
    /// Identifiers given so far.
    identifiers: u64,
}

impl Simulator {
    /// A world without messages.
    #[must_use]
    pub fn new(settings: Settings, clock: Clock) -> Self {
        Self { settings: Arc::new(settings), clock, state: Arc::default() }
    }

    /// The whole site, to be served at the root of an address.
    pub fn router(&self) -> Router {
        let api = Router::new()
            .route("/profiles", post(api::profile))
            .route("/messages", post(api::submit))
            .route("/messages/{fiscal_code}/{id}", get(api::status))
            .fallback(gateway::no_such_operation)
            .method_not_allowed_fallback(gateway::no_such_operation);
        Router::new()
            .nest("/api/v1", api)
            .route("/", get(page::messages))
            .route("/simulator/knobs", post(set_knobs))
            .with_state(self.clone())
    }

    /// Changes how the platform misbehaves.
    pub fn set_knobs(&self, knobs: Knobs) {
        self.state().knobs = knobs;
    }

    /// Every message accepted so far, oldest first, with its status at this instant.
    #[must_use]
    pub fn messages(&self) -> Vec<Received> {
        let now = self.now();
        let mut state = self.state();
        self.settle(&mut state, now);
        state.messages.clone()
    }

    fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    /// A handler that panicked left nothing half done: every change is one assignment.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn presence(&self, citizen: &FiscalCode) -> Presence {
        if *citizen == FiscalCode::sandbox() {
            return Presence::OnIo;
        }
        self.citizen(citizen).map_or(self.settings.others, |known| known.presence)
    }

    fn citizen(&self, citizen: &FiscalCode) -> Option<&Citizen> {
        let mut citizens = self.settings.citizens.iter();
        citizens.find(|known| known.fiscal_code == *citizen)
    }

    /// Decides the fate of messages that have waited long enough.
    fn settle(&self, state: &mut State, now: DateTime<Utc>) {
        let fate = state.knobs.fate;
        for received in &mut state.messages {
            let due = received.created_at + self.settings.processing <= now;
            if received.status == Status::Accepted && due {
                let ordinary = match self.presence(&received.message.recipient) {
                    Presence::OnIo => Status::Processed,
                    Presence::OptedOut | Presence::Absent => Status::Rejected,
                };
                received.status = fate.unwrap_or(ordinary);
            }
        }
    }

    fn accept(&self, service: &Service, message: NewMessage) -> MessageId {
        let created_at = self.now();
        let mut state = self.state();
        state.identifiers += 1;
        let id = MessageId::new(ulid(created_at, state.identifiers));
        state.messages.push(Received {
            id: id.clone(),
            service_id: service.id.clone(),
            created_at,
            status: Status::Accepted,
            message,
        });
        id
    }
}

async fn set_knobs(
    Shared(simulator): Shared<Simulator>,
    axum::Json(knobs): axum::Json<Knobs>,
) -> axum::Json<Knobs> {
    simulator.set_knobs(knobs.clone());
    axum::Json(knobs)
}

/// An identifier of the form the platform gives: milliseconds (48 bits) and, in place of its
/// randomness (80 bits), a counter, in Crockford's base 32.
fn ulid(instant: DateTime<Utc>, counter: u64) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let milliseconds = u128::try_from(instant.timestamp_millis()).unwrap_or(0);
    let bits = (milliseconds << 80) | u128::from(counter);
    (0..26).rev().map(|place| char::from(ALPHABET[((bits >> (5 * place)) & 31) as usize])).collect()
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    #[test]
    fn identifiers_are_ulids() {
        // 1469918176385 ms is the example of the ULID specification's own libraries: 01ARYZ6S41.
        let instant = Utc.timestamp_millis_opt(1_469_918_176_385).unwrap();
        assert_eq!(ulid(instant, 33), "01ARYZ6S410000000000000011");
    }
}
