//! What every handler and every job is given.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::Config;
use crate::db::Db;
use crate::notices::Senders;
use crate::secrets::MasterKeys;

/// The running program's means. Cheap to clone; holds no state of its own: PostgreSQL is what instances share.
#[derive(Clone, Debug)]
pub struct App {
    /// The database, as the plain role.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// What was configured.
    pub config: Arc<Config>,
    /// What seals the entities' secrets.
    pub keys: Arc<MasterKeys>,
    /// The client for all outside systems: with timeouts, without redirects.
    pub http: reqwest::Client,
    /// Quotas and open connections of the notices.
    pub senders: Arc<Senders>,
    /// Cancelled when the process is told to stop: what would never end by itself, an open stream, ends then.
    pub stopping: CancellationToken,
}

impl App {
    /// Puts the means together. Nothing is contacted yet.
    #[must_use]
    pub fn new(db: Db, clock: Clock, config: Config, keys: MasterKeys) -> Self {
        Self {
            db,
            clock,
            config: Arc::new(config),
            keys: Arc::new(keys),
            http: http_client(),
            senders: Arc::default(),
            stopping: CancellationToken::new(),
        }
    }
}

/// A client for outside systems.
#[must_use]
pub fn http_client() -> reqwest::Client {
    reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(15))
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("sportello/", env!("CARGO_PKG_VERSION")))
        .build()
        .expect("the TLS provider is installed first thing in main")
}
