//! The configuration of the installation: defaults, a file, the environment, in that order.

use std::path::Path;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use toml::{Table, Value};

/// The defaults, which are also the documentation of every key.
pub const DEFAULTS: &str = include_str!("../config/default.toml");
const PREFIX: &str = "SPORTELLO_";

/// Keys that a file must not hold. Each with the line that sets it.
const SECRETS: [(&str, &str, &str); 4] = [
    ("database", "url", "SPORTELLO_DATABASE_URL=postgres://sportello@/sportello?host=/run/postgresql"),
    (
        "database",
        "owner_url",
        "SPORTELLO_DATABASE_OWNER_URL=postgres://owner@/sportello?host=/run/postgresql",
    ),
    ("secrets", "master_keys", "SPORTELLO_SECRETS_MASTER_KEYS=k1:$(head -c 32 /dev/urandom | base64)"),
    ("pagopa", "station_secret", "SPORTELLO_PAGOPA_STATION_SECRET=$(head -c 32 /dev/urandom | base64)"),
];

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
    /// Largest request body, bytes.
    pub body_bytes_max: usize,
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
            for (section, key, line) in SECRETS {
                if given.get(section).and_then(|s| s.get(key)).is_some() {
                    return Err(ConfigError::SecretInFile { section, key, line });
                }
            }
            overlay(&mut table, given);
        }
        for (name, value) in variables {
            set_from_environment(&mut table, &name, value)?;
        }
        Value::Table(table).try_into().map_err(|e: toml::de::Error| ConfigError::Malformed(e.to_string()))
    }

    /// Refuses to go on without what a real service needs.
    pub fn require_secrets(&self) -> Result<(), ConfigError> {
        let given = [(0, self.database.url.expose_secret()), (2, self.secrets.master_keys.expose_secret())];
        match given.into_iter().find(|(_, value)| value.is_empty()) {
            Some((at, _)) => Err(missing(at)),
            None => Ok(()),
        }
    }

    /// Says what is missing before the station believes anybody. An installation without pagoPA needs none.
    pub fn require_station_secret(&self) -> Result<(), ConfigError> {
        if self.pagopa.station_secret.expose_secret().is_empty() { Err(missing(3)) } else { Ok(()) }
    }

    /// Whether people reach the service over TLS: cookies are then `Secure` and `__Host-`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.server.base_url.starts_with("https://")
    }
}

fn missing(at: usize) -> ConfigError {
    let (section, key, line) = SECRETS[at];
    ConfigError::Missing { section, key, line }
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
        let error = load(&[]).unwrap().require_secrets().unwrap_err();
        assert!(error.to_string().contains("SPORTELLO_DATABASE_URL="), "{error}");
        let error = load(&[("DATABASE_URL", "postgres://a@/b")]).unwrap().require_secrets().unwrap_err();
        assert!(error.to_string().contains("SPORTELLO_SECRETS_MASTER_KEYS="), "{error}");
    }

    #[test]
    fn a_wrong_key_is_named() {
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
