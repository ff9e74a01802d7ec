//! The record: who did what, when, before and after. Append-only: the application's role may only add and read.

mod store;

use serde::Serialize;
use serde_json::Value;

pub use store::{Entry, Listed, count, object_kinds, of_object, recent, record};

use crate::ids::StaffId;

/// Who does something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A citizen who logged in; the keyed hash of the fiscal code, never the code.
    Citizen(String),
    /// Somebody who did not log in, or follows the link of a message.
    Guest,
    /// A member of the staff.
    Staff(StaffId),
    /// Another program of the entity.
    Client(String),
    /// An outside system.
    Peer(&'static str),
    /// The service itself: a deadline that passed, a command on the machine.
    System,
}

impl Actor {
    fn kind(&self) -> &'static str {
        match self {
            Self::Citizen(_) => "citizen",
            Self::Guest => "guest",
            Self::Staff(_) => "staff",
            Self::Client(_) => "client",
            Self::Peer(_) => "peer",
            Self::System => "system",
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Citizen(hash) => hash.clone(),
            Self::Staff(id) => id.to_string(),
            Self::Client(id) => id.clone(),
            Self::Peer(name) => (*name).to_owned(),
            Self::Guest | Self::System => String::new(),
        }
    }
}

/// A change to put on record. Secrets and personal data beyond what the object's row holds do not belong in it.
#[derive(Debug)]
pub struct Change<'a> {
    /// What was done: `appointment.moved`.
    pub action: &'static str,
    /// To what kind of thing: `appointment`.
    pub object_kind: &'static str,
    /// Which one.
    pub object_id: &'a str,
    /// How it was.
    pub before: Option<Value>,
    /// How it is.
    pub after: Option<Value>,
}

impl<'a> Change<'a> {
    /// A change of something, without details.
    #[must_use]
    pub fn of(action: &'static str, object_kind: &'static str, object_id: &'a str) -> Self {
        Self { action, object_kind, object_id, before: None, after: None }
    }

    /// How it was.
    #[must_use]
    pub fn before(mut self, value: impl Serialize) -> Self {
        self.before = serde_json::to_value(value).ok();
        self
    }

    /// How it is.
    #[must_use]
    pub fn after(mut self, value: impl Serialize) -> Self {
        self.after = serde_json::to_value(value).ok();
        self
    }
}
