//! An OpenID provider with invented people, for the demonstration and the tests.
//!
//! It speaks the real protocol over HTTP and is as strict as the SPID/CIE rules ask providers to be: PKCE
//! with S256 or nothing, state and nonce of 32 characters, known redirect addresses, codes for one use and
//! one minute. It can be told to [misbehave](Misbehaviour), which a real provider must never do and a client
//! must always notice.

mod authorize;
mod keys;
mod token;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use chrono::{DateTime, NaiveDate, Utc};
use keys::SigningKey;
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::{FiscalCode, Level};

/// Where the simulator takes the time from.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// What a simulated provider is.
#[derive(Clone)]
pub struct Settings {
    /// The public address under which the router is served, without a slash at the end.
    pub issuer: String,
    /// What people call it: `SPID`, `CIE`, `Personale`.
    pub kind: String,
    /// The services that may send people here.
    pub clients: Vec<Client>,
    /// The people who can log in.
    pub users: Vec<User>,
    /// The time.
    pub clock: Clock,
}

/// A service that is enrolled at the provider.
#[derive(Debug, Clone)]
pub struct Client {
    /// Its identifier.
    pub id: String,
    /// Its secret.
    pub secret: SecretString,
    /// What its redirect addresses begin with: the demonstration's port is not known beforehand.
    pub redirect_uri_prefixes: Vec<String>,
    /// Whether its userinfo is a signed JWT.
    pub signed_userinfo: bool,
}

/// An invented person.
#[derive(Debug, Clone)]
pub struct User {
    /// Tells them apart.
    pub login: String,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// Fiscal code; staff may have none.
    pub fiscal_code: Option<FiscalCode>,
    /// E-mail address.
    pub email: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
    /// Date of birth.
    pub birthdate: Option<NaiveDate>,
    /// The strongest credentials they have.
    pub level: Level,
}

/// What a provider must never do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each name says what is wrong, and in what")]
pub enum Misbehaviour {
    WrongNonce,
    WrongAudience,
    /// Another client's identifier beside the right one in `aud`.
    SecondAudience,
    WrongIssuer,
    WrongIssuerParameter,
    NoIssuerParameter,
    /// A signature by a key that is not in the key set, under the name of one that is.
    BadSignature,
    ExpiredToken,
    FutureToken,
    WrongAccessTokenHash,
    AlgorithmNone,
    /// Signed with the client's secret, which the client knows too.
    AlgorithmHs256,
    ForeignSubject,
    /// The userinfo is plain JSON although the client is enrolled for a signed one.
    UnsignedUserinfo,
    UserinfoForAnotherClient,
    NoFiscalNumber,
    WrongFiscalNumber,
    UnverifiedEmail,
    LowLevel,
    NoLevel,
    /// The token endpoint answers after this time.
    Slow(Duration),
    /// The token endpoint answers with megabytes.
    Huge,
    /// The token endpoint is out of order.
    OutOfOrder,
}

/// A simulated provider. Clones share everything.
#[derive(Clone)]
pub struct Simulator(Arc<Inner>);

struct Inner {
    settings: Settings,
    state: Mutex<Mutable>,
}

struct Mutable {
    key: Arc<SigningKey>,
    misbehaviour: Option<Misbehaviour>,
    codes: HashMap<String, Grant>,
    access_tokens: HashMap<String, Grant>,
}

/// What a person granted to a client: behind a code until it is exchanged, then behind an access token.
#[derive(Clone)]
struct Grant {
    client_id: String,
    redirect_uri: String,
    nonce: String,
    code_challenge: String,
    user: User,
    level: Level,
    expires: DateTime<Utc>,
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator").field("issuer", &self.0.settings.issuer).finish_non_exhaustive()
    }
}

impl Simulator {
    /// A provider with a new key.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let state = Mutable {
            key: Arc::new(SigningKey::generate()),
            misbehaviour: None,
            codes: HashMap::new(),
            access_tokens: HashMap::new(),
        };
        Self(Arc::new(Inner { settings, state: Mutex::new(state) }))
    }

    /// The provider's pages and endpoints, to be served under its issuer's path.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(jwks))
            .route("/authorize", get(authorize::show).post(authorize::decide))
            .route("/token", post(token::exchange))
            .route("/userinfo", get(token::userinfo))
            .with_state(self.clone())
    }

    /// From now on misbehaves so, or (None) behaves.
    pub fn misbehave(&self, misbehaviour: Option<Misbehaviour>) {
        self.state().misbehaviour = misbehaviour;
    }

    /// Replaces the signing key, as providers do without notice.
    pub fn rotate_key(&self) {
        self.state().key = Arc::new(SigningKey::generate());
    }

    fn settings(&self) -> &Settings {
        &self.0.settings
    }

    fn now(&self) -> DateTime<Utc> {
        (self.0.settings.clock)()
    }

    fn client(&self, id: &str) -> Option<&Client> {
        self.0.settings.clients.iter().find(|client| client.id == id)
    }

    fn misbehaves(&self, as_this: Misbehaviour) -> bool {
        self.state().misbehaviour == Some(as_this)
    }

    fn state(&self) -> MutexGuard<'_, Mutable> {
        // Nothing between lock and unlock leaves the state half changed.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn discovery(State(simulator): State<Simulator>) -> Json<Value> {
    let issuer = &simulator.settings().issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "jwks_uri": format!("{issuer}/jwks"),
        "scopes_supported": ["openid", "profile", "email"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["pairwise"],
        "acr_values_supported": [Level::L1.acr(), Level::L2.acr(), Level::L3.acr()],
        "id_token_signing_alg_values_supported": ["RS256"],
        "userinfo_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
        "claims_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "ui_locales_supported": ["it"],
    }))
}

async fn jwks(State(simulator): State<Simulator>) -> Response {
    let key = Arc::clone(&simulator.state().key);
    Json(json!({"keys": [key.public()]})).into_response()
}
