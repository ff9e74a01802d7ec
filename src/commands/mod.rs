//! What the command line does.

pub mod entity;
pub mod inspect;
pub mod serve;

use std::error::Error;
use std::io::Write as _;
use std::str::FromStr as _;

use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::PgConnectOptions;

use crate::config::Config;
use crate::db;

/// A command either does its work or says why not.
pub type Outcome = Result<(), Box<dyn Error + Send + Sync>>;

/// `sportello migrate`.
pub async fn migrate(config: &Config) -> Outcome {
    db::migrate(&owner_options(config)?).await?;
    Ok(())
}

/// Writes a text to standard output, the whole of it or an error (a closed pipe).
pub fn print(text: &str) -> Outcome {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    if !text.ends_with('\n') {
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// How the service connects.
pub fn service_options(config: &Config) -> Result<PgConnectOptions, sqlx::Error> {
    PgConnectOptions::from_str(config.database.url.expose_secret())
}

/// How the owner connects.
pub fn owner_options(config: &Config) -> Result<PgConnectOptions, sqlx::Error> {
    let is_given = |url: &&SecretString| !url.expose_secret().is_empty();
    let url = Some(&config.database.owner_url).filter(is_given).unwrap_or(&config.database.url);
    PgConnectOptions::from_str(url.expose_secret())
}
