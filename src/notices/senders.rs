//! What a process keeps in memory between two notices: quotas and open connections. Nothing in it is needed for a
//! notice to be right; instances do not share it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use lettre::{AsyncSmtpTransport, Tokio1Executor};
use sportello_app_io::rate_limit::RateLimit;

use super::mail::smtp::{Access, SmtpSetupError};
use crate::ids::EntityId;

/// A pool of connections to a mail relay.
pub(super) type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// Per entity: App IO's quota, and the connections to its mail relay.
#[derive(Default)]
pub struct Senders {
    app_io: Mutex<HashMap<EntityId, RateLimit>>,
    mail: Mutex<HashMap<EntityId, (Access, Transport)>>,
}

impl Senders {
    /// Takes the next place in an entity's quota and says how long to wait for it.
    pub(super) fn reserve_app_io(&self, entity: EntityId) -> Duration {
        locked(&self.app_io).entry(entity).or_default().reserve(Instant::now())
    }

    /// Holds an entity's calls back, because App IO asked for it.
    pub(super) fn pause_app_io(&self, entity: EntityId, retry_after: Duration) {
        locked(&self.app_io).entry(entity).or_default().pause(Instant::now(), retry_after);
    }

    /// The connections to an entity's relay; new ones where its settings have changed.
    pub(super) fn mail(&self, entity: EntityId, access: &Access) -> Result<Transport, SmtpSetupError> {
        let mut mail = locked(&self.mail);
        match mail.get(&entity) {
            Some((known, transport)) if known == access => Ok(transport.clone()),
            _ => {
                let transport = access.transport()?;
                mail.insert(entity, (access.clone(), transport.clone()));
                Ok(transport)
            }
        }
    }
}

/// A panic between two assignments leaves nothing half done here.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl std::fmt::Debug for Senders {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Senders")
    }
}
