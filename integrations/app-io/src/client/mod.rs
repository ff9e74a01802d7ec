//! The three calls a sender makes: may I write, write, what became of it.

mod error;
mod refusal;

use std::fmt;

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::Url;

pub use error::{ConfigurationReason, Error, Fault, PermanentReason, SetupError};

use crate::FiscalCode;
use crate::message::Message;
use error::Repeatable;
use refusal::Refusal;

/// Where App IO lives.
pub const PRODUCTION_BASE_URL: &str = "https://api.io.pagopa.it/api/v1";

/// Carries the service's key on every call.
const KEY_HEADER: &str = "Ocp-Apim-Subscription-Key";

/// A sender: one IO service of one institution, known by its use key.
///
/// It holds no state and repeats nothing. Calls of all services of one institution share a quota:
/// see [`crate::rate_limit`].
#[derive(Clone)]
pub struct Client {
    base_url: Url,
    key: SecretString,
    http: reqwest::Client,
}

/// Whether, and how, a citizen can be written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProfileOutcome {
    /// The citizen is on App IO and receives this service's messages.
    Allowed {
        /// Languages in the citizen's order of preference, as App IO writes them (`it_IT`,
        /// `en_GB`, …); often empty.
        languages: Vec<String>,
    },
    /// The citizen is on App IO and does not want this service's messages.
    OptedOut,
    /// The citizen is not on App IO: an ordinary answer, not an error.
    NotOnIo,
}

/// The identifier App IO gave to a message.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(String);

impl MessageId {
    /// An identifier received earlier and kept.
    #[must_use]
    pub fn new(id: String) -> Self {
        Self(id)
    }

    /// The identifier as App IO wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What became of an accepted message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// In the queue.
    Accepted,
    /// The platform is overloaded; the message may still arrive, within seven days.
    Throttled,
    /// The platform could not store it, for good.
    Failed,
    /// The citizen finds it in the app.
    Processed,
    /// The citizen is not on App IO or has blocked the service.
    Rejected,
    /// A word this program does not know; ask again later.
    #[default]
    #[serde(other)]
    Unrecognised,
}

impl Status {
    /// As App IO writes it: `PROCESSED`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "ACCEPTED",
            Self::Throttled => "THROTTLED",
            Self::Failed => "FAILED",
            Self::Processed => "PROCESSED",
            Self::Rejected => "REJECTED",
            Self::Unrecognised => "UNRECOGNISED",
        }
    }

    /// Whether asking again cannot bring anything new.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Failed | Self::Processed | Self::Rejected)
    }
}

#[derive(Deserialize)]
struct Profile {
    sender_allowed: bool,
    #[serde(default)]
    preferred_languages: Vec<String>,
}

#[derive(Deserialize)]
struct Created {
    id: MessageId,
}

/// The read and payment status need a premium contract and the notification status is no longer
/// sent, so only this is read.
#[derive(Deserialize)]
struct MessageState {
    #[serde(default)]
    status: Status,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Client {
    /// A client of the service `key` belongs to. `http` decides the time-outs: 5 seconds to
    /// connect and 10 to 15 in all suit App IO.
    ///
    /// # Errors
    /// [`SetupError`] when the address is not an HTTP one or the key cannot be put in a header.
    pub fn new(base_url: Url, key: SecretString, http: reqwest::Client) -> Result<Self, SetupError> {
        if !matches!(base_url.scheme(), "http" | "https") {
            return Err(SetupError::BaseUrl);
        }
        if key.expose_secret().is_empty() || HeaderValue::from_str(key.expose_secret()).is_err() {
            return Err(SetupError::Key);
        }
        Ok(Self { base_url, key, http })
    }

    /// Asks whether a citizen can be written to (`POST /profiles`). Preferences change at any
    /// time and a sender must ask before each message.
    ///
    /// # Errors
    /// [`Error`]; never [`Error::Unknown`], because the call can be repeated.
    pub async fn profile(&self, citizen: &FiscalCode) -> Result<ProfileOutcome, Error> {
        let request = self.http.post(self.address(&["profiles"])).json(&json!({ "fiscal_code": citizen }));
        let answer = self.call(request, Repeatable::Yes).await?;
        if answer.status == StatusCode::OK {
            let profile: Profile = answer.read(Repeatable::Yes)?;
            return Ok(if profile.sender_allowed {
                ProfileOutcome::Allowed { languages: profile.preferred_languages }
            } else {
                ProfileOutcome::OptedOut
            });
        }
        let refusal = Refusal::read(&answer.body);
        if answer.status == StatusCode::NOT_FOUND && matches!(refusal, Refusal::Problem { .. }) {
            return Ok(ProfileOutcome::NotOnIo);
        }
        Err(refusal.into_error(answer.status, &answer.headers, Repeatable::Yes))
    }

    /// Sends a message (`POST /messages`), once. An identifier means that App IO has put the
    /// message in its queue, not that the citizen has it.
    ///
    /// # Errors
    /// [`Error`]. After [`Error::Unknown`] the message may have been accepted: App IO has no way to
    /// ask, and sending again may reach the citizen twice.
    pub async fn send(&self, message: &Message) -> Result<MessageId, Error> {
        let request = self.http.post(self.address(&["messages"])).json(message);
        let answer = self.call(request, Repeatable::No).await?;
        if answer.status.is_success() {
            return Ok(answer.read::<Created>(Repeatable::No)?.id);
        }
        Err(Refusal::read(&answer.body).into_error(answer.status, &answer.headers, Repeatable::No))
    }

    /// Asks what became of a message (`GET /messages/{fiscal_code}/{id}`). Only the service that
    /// sent it may ask.
    ///
    /// # Errors
    /// [`Error`]; never [`Error::Unknown`].
    pub async fn status(&self, citizen: &FiscalCode, id: &MessageId) -> Result<Status, Error> {
        let address = self.address(&["messages", citizen.as_str(), id.as_str()]);
        let answer = self.call(self.http.get(address), Repeatable::Yes).await?;
        if answer.status == StatusCode::OK {
            return Ok(answer.read::<MessageState>(Repeatable::Yes)?.status);
        }
        Err(Refusal::read(&answer.body).into_error(answer.status, &answer.headers, Repeatable::Yes))
    }

    fn address(&self, path: &[&str]) -> Url {
        let mut url = self.base_url.clone();
        url.path_segments_mut()
            .expect("an http address, checked at construction, has a path")
            .pop_if_empty()
            .extend(path);
        url
    }

    async fn call(&self, request: reqwest::RequestBuilder, repeatable: Repeatable) -> Result<Answer, Error> {
        let mut key =
            HeaderValue::from_str(self.key.expose_secret()).expect("the key was checked at construction");
        key.set_sensitive(true);
        let response = request
            .header(KEY_HEADER, key)
            .send()
            .await
            .map_err(|source| Error::from_transport(source, repeatable))?;
        let status = response.status();
        let headers = response.headers().clone();
        let body = response.bytes().await.map_err(|source| Error::from_transport(source, repeatable))?;
        Ok(Answer { status, headers, body: body.to_vec() })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base_url", &self.base_url.as_str()).finish_non_exhaustive()
    }
}

impl Answer {
    /// Reads the body of a success. One that cannot be read leaves the outcome open.
    fn read<T: for<'a> Deserialize<'a>>(&self, repeatable: Repeatable) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|_| Error::from_fault(Fault::UnreadableAnswer, repeatable))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_an_open_list() {
        for (body, status) in [
            (r#"{"message":{},"status":"PROCESSED"}"#, Status::Processed),
            (
                r#"{"message":{},"notification":{"email":"SENT","webhook":"SENT"},"status":"REJECTED"}"#,
                Status::Rejected,
            ),
            (
                r#"{"message":{},"read_status":"READ","payment_status":"NOT_PAID","status":"ACCEPTED"}"#,
                Status::Accepted,
            ),
            (r#"{"message":{},"status":"SHELVED"}"#, Status::Unrecognised),
            (r#"{"message":{}}"#, Status::Unrecognised),
        ] {
            let read: MessageState = serde_json::from_str(body).unwrap();
            assert_eq!(read.status, status, "{body}");
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
        assert!(Status::Rejected.is_final() && !Status::Throttled.is_final());
    }

    #[test]
    fn profiles_may_lack_languages() {
        let read: Profile = serde_json::from_str(r#"{"sender_allowed": true}"#).unwrap();
        assert!(read.sender_allowed && read.preferred_languages.is_empty());
        let read: Profile =
            serde_json::from_str(r#"{"sender_allowed":true,"preferred_languages":["it_IT"]}"#).unwrap();
        assert_eq!(read.preferred_languages, ["it_IT"]);
    }
}
