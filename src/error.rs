//! The errors of the domain: what went wrong, free of HTTP and of language.
//!
//! Which to use: a function of a domain module answers [`Error`]. `web` turns it into a page that says what to do or
//! into problem details (RFC 9457); the texts are in the locales under `error-<code>`. Only [`Error::Database`],
//! [`Error::Peer`] and [`Error::Inconsistent`] are written to the log, once, where they are answered.

use std::error::Error as StdError;

use serde::Serialize;

/// What a domain function answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or it belongs to another entity, which must look the same.
    #[error("{0} not found")]
    NotFound(&'static str),
    /// The person or client may not do this.
    #[error("not allowed: {0}")]
    Forbidden(&'static str),
    /// A rule refuses it now; the code names the rule (`error-<code>` in the locales).
    #[error("refused: {0}")]
    Refused(&'static str),
    /// The asked time was just taken, or is not offered.
    #[error("the time is taken")]
    Taken,
    /// Some of the given fields are wrong.
    #[error("{} fields are wrong", .0.len())]
    Invalid(Vec<FieldError>),
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// An outside system did not do its part.
    #[error("{peer} did not answer as expected: {code}")]
    Peer {
        /// Which system: `pagopa`, `login`, `app_io`, `mail`.
        peer: &'static str,
        /// What went wrong, as a code of the locales.
        code: &'static str,
        /// The cause, for the log.
        source: Option<Box<dyn StdError + Send + Sync>>,
    },
    /// The database could not be reached or refused.
    #[error("database")]
    Database(#[source] sqlx::Error),
    /// A row says what no rule allows: the place and what is wrong with it.
    #[error("inconsistent data in {0}")]
    Inconsistent(String),
}

/// A wrong field of a form or a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// The name of the field as it was sent, dotted where nested.
    pub field: String,
    /// What is wrong with it, as a code of the locales (`field-<code>`).
    pub code: &'static str,
    /// A limit or value the text mentions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// For the command line: pages and programs have texts.
impl std::fmt::Display for FieldError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.field, self.code)?;
        self.detail.as_ref().map_or(Ok(()), |detail| write!(f, " ({detail})"))
    }
}

impl FieldError {
    /// A wrong field.
    pub fn new(field: impl Into<String>, code: &'static str) -> Self {
        Self { field: field.into(), code, detail: None }
    }

    /// The same with the limit its text mentions.
    #[must_use]
    pub fn with_detail(mut self, detail: impl ToString) -> Self {
        self.detail = Some(detail.to_string());
        self
    }
}

impl Error {
    /// An outside system failed.
    pub fn peer(
        peer: &'static str,
        code: &'static str,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self::Peer { peer, code, source: Some(source.into()) }
    }

    /// A single wrong field.
    pub fn field(field: impl Into<String>, code: &'static str) -> Self {
        Self::Invalid(vec![FieldError::new(field, code)])
    }

    /// Whether the database's exclusion or unique constraint of this name refused.
    #[must_use]
    pub fn is_constraint(&self, name: &str) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(e)) if e.constraint() == Some(name))
    }
}

impl From<sqlx::Error> for Error {
    /// A lock that was not given in time, or not at all because two waited for one another, says that too many want the
    /// same thing at once: whoever asks again gets it.
    fn from(error: sqlx::Error) -> Self {
        const LOCK_NOT_AVAILABLE: &str = "55P03";
        const DEADLOCK_DETECTED: &str = "40P01";
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        match code.as_deref() {
            Some(LOCK_NOT_AVAILABLE | DEADLOCK_DETECTED) => Self::Refused("busy"),
            _ => Self::Database(error),
        }
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Inconsistent(format!("a JSON column: {error}"))
    }
}

/// Every UPDATE says how many rows it must have changed.
pub fn expect_one(result: &sqlx::postgres::PgQueryResult, what: &'static str) -> Result<()> {
    match result.rows_affected() {
        1 => Ok(()),
        0 => Err(Error::NotFound(what)),
        n => Err(Error::Inconsistent(format!("{what}: {n} rows changed instead of one"))),
    }
}
