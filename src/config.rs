//! The configuration of the installation: defaults, a file, the environment, in that order.

use std::fmt::Display;
use std::path::Path;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use sqlx::postgres::PgConnectOptions;
use toml::{Table, Value};
use tracing_subscriber::EnvFilter;
use url::Url;

use crate::secrets::MasterKeys;

/// The defaults, which are also the documentation of every key.
pub const DEFAULTS: &str = include_str!("../config/default.toml");
const PREFIX: &str = "SPORTELLO_";

/// A variable that the tests read, which may be there while the program runs.
const OF_THE_TESTS: &str = "SPORTELLO_SHARED";

/// A key that a file must not hold, with the line that sets it.
struct SecretKey {
    section: &'static str,
    key: &'static str,
    line: &'static str,
}

impl SecretKey {
    fn wrong(&self, error: &impl Display) -> ConfigError {
        let Self { section, key, line } = *self;
        ConfigError::Wrong { section, key, why: format!("cannot be used: {error}"), line }
    }
}

const DATABASE_URL: SecretKey = SecretKey {
    section: "database",
    key: "url",
    line: "SPORTELLO_DATABASE_URL=postgres://sportello@localhost/sportello?host=/run/postgresql",
};
const OWNER_URL: SecretKey = SecretKey {
    section: "database",
    key: "owner_url",
    line: "SPORTELLO_DATABASE_OWNER_URL=postgres://sportello_owner@localhost/sportello?host=/run/postgresql",
};
const MASTER_KEYS: SecretKey = SecretKey {
    section: "secrets",
    key: "master_keys",
    line: "SPORTELLO_SECRETS_MASTER_KEYS=k1:$(head -c 32 /dev/urandom | base64)",
};
const STATION_SECRET: SecretKey = SecretKey {
    section: "pagopa",
    key: "station_secret",
    line: "SPORTELLO_PAGOPA_STATION_SECRET=$(head -c 32 /dev/urandom | base64)",
};
const SECRETS: [SecretKey; 4] = [DATABASE_URL, OWNER_URL, MASTER_KEYS, STATION_SECRET];

/// The whole configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where and under which address it serves.
    pub server: Server,
    /// The one PostgreSQL.
    pub database: Database,
    /// What seals the entities' secrets.
    pub secrets: Secrets,
    /// Background jobs.
    pub worker: Worker,
    /// The installation's station on the payment platform.
    pub pagopa: Pagopa,
    /// Limits of booking.
    pub booking: Booking,
    /// The log.
    pub log: Log,
}

/// Where and under which address it serves.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Address and port.
    pub listen: String,
    /// Public address, without a slash at its end.
    pub base_url: String,
}

/// The one PostgreSQL.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// How the service connects.
    pub url: SecretString,
    /// How migrations connect; empty: as the service.
    pub owner_url: SecretString,
    /// Connections of one process.
    pub connections_max: u32,
}

/// What seals the entities' secrets.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    /// `id:base64,…`
    pub master_keys: SecretString,
}

/// Background jobs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Worker {
    /// Side by side in one process.
    pub jobs_max: usize,
    /// Seconds between looks.
    pub poll_s: u64,
}

/// The installation's station on the payment platform.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pagopa {
    /// What proves that a request to the station went past the proxy's check; empty: no request is believed.
    pub station_secret: SecretString,
}

/// Limits of booking.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Booking {
    /// Minutes a time is kept while the pages are filled.
    pub hold_minutes: i64,
    /// Hours a proposal stands.
    pub proposal_hours: i64,
    /// Live future appointments of a citizen per service.
    pub per_citizen_max: i64,
}

/// The log.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// tracing filter.
    pub filter: String,
    /// `json` or `text`.
    pub format: LogFormat,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

/// Why the configuration cannot be used; says which key, and the line to write.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {0}")]
    File(String, #[source] std::io::Error),
    /// Not TOML, an unknown key, or a value of the wrong kind.
    #[error("{0}")]
    Malformed(String),
    /// A secret stands in the file.
    #[error(
        "{section}.{key} is a secret and must not stand in the file; set it in the environment:\n  {line}"
    )]
    SecretInFile {
        /// Section.
        section: &'static str,
        /// Key.
        key: &'static str,
        /// The line to write.
        line: &'static str,
    },
    /// A needed key is empty.
    #[error("{section}.{key} is missing; set it in the environment:\n  {line}")]
    Missing {
        /// Section.
        section: &'static str,
        /// Key.
        key: &'static str,
        /// The line to write.
        line: &'static str,
    },
    /// A value with which the program cannot work.
    #[error("{section}.{key} {why}; write for example:\n  {line}")]
    Wrong {
        /// Section.
        section: &'static str,
        /// Key.
        key: &'static str,
        /// What is wrong with the value. Never the value of a secret.
        why: String,
        /// A line that works.
        line: &'static str,
    },
    /// An environment variable with our prefix names no key.
    #[error("{0} names no key of the configuration; the keys are listed in config/default.toml")]
    UnknownVariable(String),
}

impl Config {
    /// Reads the defaults, the file if there is one, and the environment (`variables`: name, value).
    pub fn load(
        file: Option<&Path>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut table: Table = DEFAULTS.parse().expect("the defaults are TOML: a test reads them");
        if let Some(path) = file {
            let name = path.display().to_string();
            let text = std::fs::read_to_string(path).map_err(|e| ConfigError::File(name.clone(), e))?;
            let given: Table = text.parse().map_err(|e| ConfigError::Malformed(format!("{name}: {e}")))?;
            for SecretKey { section, key, line } in SECRETS {
                if given.get(section).and_then(|s| s.get(key)).is_some() {
                    return Err(ConfigError::SecretInFile { section, key, line });
                }
            }
            overlay(&mut table, given);
        }
        // Ours comes after the one that many programs share, whatever their order in the environment.
        let (shared, ours): (Vec<_>, Vec<_>) =
            variables.into_iter().partition(|(name, _)| name == "DATABASE_URL");
        for (name, value) in shared.into_iter().chain(ours) {
            set_from_environment(&mut table, &name, value)?;
        }
        Value::Table(table).try_into().map_err(|e: toml::de::Error| ConfigError::Malformed(e.to_string()))
    }

    /// Says which value cannot work, and the line to write instead: at start, and not when somebody needs it.
    pub fn check(&self) -> Result<(), ConfigError> {
        let wrong = |section, key, why: &str, line| {
            Err(ConfigError::Wrong { section, key, why: why.to_owned(), line })
        };
        let port = self.server.listen.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
        if port.is_none() {
            return wrong(
                "server",
                "listen",
                "is not an address and a port",
                "SPORTELLO_SERVER_LISTEN=127.0.0.1:8080",
            );
        }
        if !is_base_url(&self.server.base_url) {
            let line = "SPORTELLO_SERVER_BASE_URL=https://servizi.comune.example.it";
            return wrong(
                "server",
                "base_url",
                "is not an http or https address without path and final slash",
                line,
            );
        }
        if self.database.connections_max < 2 {
            let line = "SPORTELLO_DATABASE_CONNECTIONS_MAX=20";
            return wrong("database", "connections_max", "must be 2 or more: one waits for jobs", line);
        }
        if self.worker.jobs_max == 0 {
            return wrong("worker", "jobs_max", "must be 1 or more", "SPORTELLO_WORKER_JOBS_MAX=4");
        }
        if self.worker.poll_s == 0 {
            return wrong("worker", "poll_s", "must be 1 or more", "SPORTELLO_WORKER_POLL_S=5");
        }
        for (key, number, line) in [
            ("hold_minutes", self.booking.hold_minutes, "SPORTELLO_BOOKING_HOLD_MINUTES=15"),
            ("proposal_hours", self.booking.proposal_hours, "SPORTELLO_BOOKING_PROPOSAL_HOURS=48"),
            ("per_citizen_max", self.booking.per_citizen_max, "SPORTELLO_BOOKING_PER_CITIZEN_MAX=2"),
        ] {
            if number < 1 {
                return wrong("booking", key, "must be 1 or more", line);
            }
        }
        if let Err(error) = EnvFilter::try_new(&self.log.filter) {
            return wrong("log", "filter", &format!("is not a filter: {error}"), "SPORTELLO_LOG_FILTER=info");
        }
        Ok(())
    }

    /// How the service connects.
    pub fn service_database(&self) -> Result<PgConnectOptions, ConfigError> {
        connect_options(&DATABASE_URL, &self.database.url)
    }

    /// How the owner of the tables connects: as the service does, where nothing else is said.
    pub fn owner_database(&self) -> Result<PgConnectOptions, ConfigError> {
        if self.database.owner_url.expose_secret().is_empty() && !self.database.url.expose_secret().is_empty()
        {
            return self.service_database();
        }
        connect_options(&OWNER_URL, &self.database.owner_url)
    }

    /// What seals the entities' secrets.
    pub fn master_keys(&self) -> Result<MasterKeys, ConfigError> {
        given(&MASTER_KEYS, &self.secrets.master_keys)?;
        MasterKeys::parse(&self.secrets.master_keys).map_err(|error| MASTER_KEYS.wrong(&error))
    }

    /// Says what is missing before the station believes anybody. An installation without pagoPA needs none.
    pub fn require_station_secret(&self) -> Result<(), ConfigError> {
        given(&STATION_SECRET, &self.pagopa.station_secret)
    }

    /// Whether people reach the service over TLS: cookies are then `Secure` and `__Host-`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.server.base_url.starts_with("https://")
    }
}

/// A secret that is there.
fn given(key: &SecretKey, value: &SecretString) -> Result<(), ConfigError> {
    let SecretKey { section, key, line } = *key;
    if value.expose_secret().is_empty() { Err(ConfigError::Missing { section, key, line }) } else { Ok(()) }
}

fn connect_options(key: &SecretKey, url: &SecretString) -> Result<PgConnectOptions, ConfigError> {
    given(key, url)?;
    url.expose_secret().parse().map_err(|error: sqlx::Error| key.wrong(&error))
}

/// Whether it is an address that paths can be put after.
fn is_base_url(text: &str) -> bool {
    let plain = |url: &Url| url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    !text.ends_with('/')
        && text.parse::<Url>().is_ok_and(|url| ["http", "https"].contains(&url.scheme()) && plain(&url))
}

fn overlay(table: &mut Table, given: Table) {
    for (key, value) in given {
        match (table.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => overlay(below, above),
            (_, value) => {
                table.insert(key, value);
            }
        }
    }
}

/// `SPORTELLO_SERVER_BASE_URL` → `server.base_url`; with `_FILE` at its end the value is read from that file.
fn set_from_environment(table: &mut Table, name: &str, value: String) -> Result<(), ConfigError> {
    let name_in_full = if name == "DATABASE_URL" { "SPORTELLO_DATABASE_URL" } else { name };
    if name == OF_THE_TESTS {
        return Ok(());
    }
    let Some(rest) = name_in_full.strip_prefix(PREFIX) else { return Ok(()) };
    let lower = rest.to_lowercase();
    let unknown = || ConfigError::UnknownVariable(name.to_owned());
    let (section, key) = lower.split_once('_').ok_or_else(unknown)?;
    let section = table.get_mut(section).and_then(Value::as_table_mut).ok_or_else(unknown)?;
    let (key, value) = match key.strip_suffix("_file") {
        Some(key) if section.contains_key(key) => {
            let text = std::fs::read_to_string(&value).map_err(|e| ConfigError::File(value, e))?;
            (key, text.trim_end().to_owned())
        }
        _ => (key, value),
    };
    let present = section.get_mut(key).ok_or_else(unknown)?;
    let wrong = |kind: &str| ConfigError::Malformed(format!("{name} must be {kind}"));
    *present = match present {
        Value::Integer(_) => Value::Integer(value.parse().map_err(|_| wrong("a whole number"))?),
        Value::Boolean(_) => Value::Boolean(value.parse().map_err(|_| wrong("true or false"))?),
        _ => Value::String(value),
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::load(None, variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())))
    }

    #[test]
    fn the_environment_overrides_the_defaults() {
        let config =
            load(&[("SPORTELLO_SERVER_BASE_URL", "https://x.it"), ("SPORTELLO_WORKER_POLL_S", "9")]).unwrap();
        assert!(config.is_https());
        assert_eq!(config.worker.poll_s, 9);
        assert_eq!(config.server.listen, "127.0.0.1:8080");
    }

    #[test]
    fn a_missing_secret_says_the_line_to_write() {
        let empty = load(&[]).unwrap();
        for (error, line) in [
            (empty.service_database().unwrap_err(), "SPORTELLO_DATABASE_URL="),
            (empty.owner_database().unwrap_err(), "SPORTELLO_DATABASE_OWNER_URL="),
            (empty.master_keys().unwrap_err(), "SPORTELLO_SECRETS_MASTER_KEYS="),
            (empty.require_station_secret().unwrap_err(), "SPORTELLO_PAGOPA_STATION_SECRET="),
        ] {
            assert!(error.to_string().contains(line), "{error}");
        }
    }

    #[test]
    fn the_lines_to_write_work() {
        for SecretKey { line, .. } in [DATABASE_URL, OWNER_URL] {
            let (name, value) = line.split_once('=').unwrap();
            let config = load(&[(name, value)]).unwrap();
            assert!(config.owner_database().unwrap().get_username().starts_with("sportello"), "{line}");
        }
    }

    #[test]
    fn a_wrong_secret_is_named_and_not_told() {
        let config =
            load(&[("SPORTELLO_DATABASE_URL", "pass-word"), ("SPORTELLO_SECRETS_MASTER_KEYS", "pass-word")])
                .unwrap();
        for (error, key) in [
            (config.service_database().unwrap_err(), "database.url"),
            (config.owner_database().unwrap_err(), "database.url"),
            (config.master_keys().unwrap_err(), "secrets.master_keys"),
        ] {
            assert!(error.to_string().contains(key), "{error}");
            assert!(!error.to_string().contains("pass-word"), "{error}");
        }
    }

    #[test]
    fn the_defaults_work_and_what_cannot_work_is_named() {
        assert!(load(&[]).unwrap().check().is_ok());
        for (variable, value) in [
            ("SPORTELLO_SERVER_LISTEN", "8080"),
            ("SPORTELLO_SERVER_BASE_URL", "https://x.it/"),
            ("SPORTELLO_SERVER_BASE_URL", "https://x.it/sotto"),
            ("SPORTELLO_SERVER_BASE_URL", "x.it"),
            ("SPORTELLO_DATABASE_CONNECTIONS_MAX", "0"),
            ("SPORTELLO_WORKER_JOBS_MAX", "0"),
            ("SPORTELLO_WORKER_POLL_S", "0"),
            ("SPORTELLO_BOOKING_HOLD_MINUTES", "0"),
            ("SPORTELLO_LOG_FILTER", "sportello=loud"),
        ] {
            let error = load(&[(variable, value)]).unwrap().check().unwrap_err().to_string();
            assert!(error.contains(&format!("\n  {variable}=")), "{variable}={value}: {error}");
        }
    }

    #[test]
    fn our_own_variable_wins_over_the_shared_one() {
        let (shared, ours) =
            (("DATABASE_URL", "postgres://a@/b"), ("SPORTELLO_DATABASE_URL", "postgres://c@/d"));
        for both in [[shared, ours], [ours, shared]] {
            assert_eq!(load(&both).unwrap().database.url.expose_secret(), ours.1);
        }
        assert_eq!(load(&[shared]).unwrap().database.url.expose_secret(), shared.1);
    }

    #[test]
    fn a_wrong_key_is_named() {
        assert!(load(&[(OF_THE_TESTS, "/somewhere")]).is_ok());
        for (name, value) in
            [("SPORTELLO_NOSUCH_KEY", "1"), ("SPORTELLO_SERVER_NOSUCH", "1"), ("SPORTELLO_X", "1")]
        {
            assert!(load(&[(name, value)]).unwrap_err().to_string().contains(name));
        }
        assert!(
            load(&[("SPORTELLO_WORKER_POLL_S", "often")]).unwrap_err().to_string().contains("whole number")
        );
    }
}
