//! Online forms: what a citizen answers to book a service. A form is a versioned JSON Schema with labels; the page, the
//! check and the reading of the answers all come from it.

pub mod definition;
pub mod read;
mod store;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;

pub use definition::{Definition, Field, FieldKind, fields};
pub use read::{answers_as_text, read, validate};
pub use store::{by_id, draft, published, versions};

use crate::error::{Error, FieldError, Result};
use crate::ids::{EntityId, FormId, ServiceId};

/// A version of a service's form.
#[derive(Clone, Debug)]
pub struct Form {
    /// Its identifier.
    pub id: FormId,
    /// Whose form.
    pub service: ServiceId,
    /// From 1.
    pub version: i32,
    /// Whether it is in use.
    pub state: State,
    /// What it asks.
    pub definition: Definition,
}

/// The life of a version: only a draft can be edited, only one is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Being edited.
    Draft,
    /// What citizens fill.
    Published,
    /// Replaced; kept because answers were given to it.
    Retired,
}

/// Keeps a draft of a service's form (making it where there is none). Refuses a definition that is not a form.
pub async fn save_draft(
    conn: &mut PgConnection,
    entity: EntityId,
    service: ServiceId,
    definition: Value,
    now: DateTime<Utc>,
) -> Result<Form> {
    let definition = Definition::parse(definition).map_err(Error::Invalid)?;
    store::put_draft(conn, entity, service, &definition, now).await
}

/// Puts the draft in use; the version in use until now is retired. Publishing what is published changes nothing.
pub async fn publish(
    conn: &mut PgConnection,
    entity: EntityId,
    form: FormId,
    now: DateTime<Utc>,
) -> Result<()> {
    let form = by_id(conn, entity, form).await?;
    match form.state {
        State::Published => Ok(()),
        State::Retired => Err(Error::Refused("form_retired")),
        State::Draft => store::publish(conn, entity, &form, now).await,
    }
}

/// Checks the answers a program gives to a service's form. A service without a form takes no answers.
pub fn check_answers(form: Option<&Form>, answers: &Value) -> Result<()> {
    let errors = match form {
        Some(form) => validate(&form.definition, answers),
        None if answers.as_object().is_none_or(serde_json::Map::is_empty) => Vec::new(),
        None => vec![FieldError::new("answers", "unknown")],
    };
    if errors.is_empty() { Ok(()) } else { Err(Error::Invalid(errors)) }
}
