//! Commands that are done once: the `Idempotency-Key` header, and the first answer given again.

use axum::Json;
use axum::body::Bytes;
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::header::LOCATION;
use http::request::Parts;
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::app::App;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::idempotency::{self, Answer, Key};
use crate::web::error::PageError;
use crate::web::token::ApiClient;

/// The header with the sender's key.
pub const KEY_HEADER: &str = "idempotency-key";
/// Set on an answer that was given before.
const HIT_HEADER: &str = "idempotency-hit";
/// Longest key, characters.
const KEY_MAX: usize = 200;

/// The sender's key. Without one the answer is 400.
#[derive(Clone, Debug)]
pub struct CommandKey(String);

impl FromRequestParts<App> for CommandKey {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, PageError> {
        let key = parts.headers.get(KEY_HEADER).and_then(|key| key.to_str().ok()).unwrap_or_default().trim();
        if key.is_empty() || key.len() > KEY_MAX {
            return Err(PageError::malformed("idempotency_key"));
        }
        Ok(Self(key.to_owned()))
    }
}

/// A command whose answer is kept.
#[derive(Debug)]
pub struct Once<'a> {
    scope: String,
    key: &'a CommandKey,
    request: &'a Bytes,
}

impl<'a> Once<'a> {
    /// A command of a client: keys of different clients and commands do not meet.
    pub fn new(name: &str, client: &ApiClient, key: &'a CommandKey, request: &'a Bytes) -> Self {
        Self { scope: format!("{name}/{}", client.id), key, request }
    }

    fn key(&self) -> Key<'_> {
        Key { scope: &self.scope, key: &self.key.0, request: self.request }
    }

    /// The answer to the same command before, if there was one; a simultaneous one is waited for.
    ///
    /// # Errors
    /// [`Error::KeyReused`] where the key was another request's.
    pub async fn first(&self, tx: &mut Tx, client: &ApiClient) -> Result<Option<Answer>> {
        idempotency::first_answer(tx, client.entity.id, &self.key()).await
    }

    /// Keeps the answer of what was just made, and ends the transaction.
    pub async fn keep(&self, mut tx: Tx, client: &ApiClient, made: impl Serialize) -> Result<Answer> {
        let answer = Answer { status: StatusCode::CREATED.as_u16(), body: serde_json::to_value(made)? };
        idempotency::keep_answer(&mut tx, client.entity.id, &self.key(), &answer, client.now).await?;
        tx.commit().await?;
        Ok(answer)
    }
}

/// Gives an answer, the first time or again. `location` is where what was made can be found.
pub fn reply(answer: Answer, is_repeated: bool, location: &str) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::CREATED);
    let mut response = (status, Json(answer.body)).into_response();
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    if is_repeated {
        response.headers_mut().insert(HeaderName::from_static(HIT_HEADER), HeaderValue::from_static("true"));
    }
    response
}

/// Reads a JSON body. What is not JSON of the right shape is answered with 400.
pub fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, PageError> {
    serde_json::from_slice(body).map_err(|_| PageError::malformed("malformed"))
}

/// What a request names and there is none of: a wrong field rather than a wrong address.
pub fn unknown_field<T>(found: Result<T>, field: &str) -> Result<T> {
    match found {
        Err(Error::NotFound(_)) => Err(Error::field(field, "unknown")),
        other => other,
    }
}
