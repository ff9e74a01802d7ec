//! Login at the entity's providers: SPID and CIE for citizens, the staff's own for staff.
//!
//! A login has two halves. The first keeps what the second must check, sealed and bound to the browser's session; the
//! second takes it away before it looks, so that an answer counts once whatever it says. Remote calls happen between
//! transactions, never inside one.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sportello_spid_cie::provider::{
    Begin, Callback, Identity, LoginError, Pending, Provider, ProviderError, Settings,
};
use sportello_spid_cie::{Http, Level, Limits};
use url::Url;

use super::session::{Person, Session};
use super::store::{self, Attempt, LoggedIn, NewSession};
use crate::app::App;
use crate::audit::{self, Change};
use crate::entity::{self, Entity, Kind};
use crate::error::{Error, Result};
use crate::ids::{EntityId, SessionId};
use crate::secrets::{Sealed, sha256};

/// How long a person may stay at the provider.
const ATTEMPT: TimeDelta = TimeDelta::minutes(10);
/// How long a provider's discovery document and keys are believed; unknown keys are fetched anew by the login itself.
const DISCOVERY: TimeDelta = TimeDelta::hours(1);

/// Settings of [`Kind::CitizenLogin`]: the providers, in the order of their buttons.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoginSettings {
    /// One for SPID and one for CIE, usually; one for both where a proxy shows its own choice.
    pub providers: Vec<NamedProvider>,
}

/// One provider of the citizens. Its secret is sealed apart, under [`NamedProvider::secret_name`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedProvider {
    /// In addresses and in the secret's name: `spid`, `cie`, or another short name.
    pub key: String,
    /// What the button says after "Entra con": `SPID`.
    pub label: String,
    /// [`Settings`] as JSON, without `client_secret`.
    pub settings: Value,
}

impl NamedProvider {
    /// The name under which its secret is sealed: `citizen_login.spid`.
    #[must_use]
    pub fn secret_name(&self) -> String {
        format!("{}.{}", Kind::CitizenLogin.as_str(), self.key)
    }
}

/// The name under which the staff provider's secret is sealed. Settings of [`Kind::StaffLogin`] are [`Settings`] as JSON,
/// without `client_secret`.
pub const STAFF_SECRET: &str = "staff_login.client_secret";

/// Puts settings and secret together.
///
/// # Errors
/// [`Error::Inconsistent`] where the settings are not those of a provider.
pub fn with_secret(settings: &Value, secret: &SecretString) -> Result<Settings> {
    let mut settings = settings.clone();
    if let Some(members) = settings.as_object_mut() {
        members.insert("client_secret".to_owned(), json!(secret.expose_secret()));
    }
    // serde's message may repeat a value, and one of the values is the secret.
    serde_json::from_value(settings)
        .map_err(|_| Error::Inconsistent("the settings of a login provider".to_owned()))
}

/// At which provider somebody logs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// A citizen, at the provider with this key.
    Citizen(String),
    /// Staff, at the staff's.
    Staff,
}

impl Which {
    /// As an attempt remembers it.
    fn name(&self) -> String {
        match self {
            Self::Citizen(key) => format!("{}.{key}", Kind::CitizenLogin.as_str()),
            Self::Staff => Kind::StaffLogin.as_str().to_owned(),
        }
    }

    fn from_name(name: &str) -> Self {
        match name.split_once('.') {
            Some((_, key)) => Self::Citizen(key.to_owned()),
            None => Self::Staff,
        }
    }
}

/// The providers of an entity's citizens; empty where the login is not in use.
pub async fn providers(app: &App, entity: EntityId) -> Result<Vec<NamedProvider>> {
    let mut tx = app.db.begin(entity).await?;
    let settings = entity::store::settings::<LoginSettings>(&mut tx, entity, Kind::CitizenLogin).await?;
    Ok(settings.unwrap_or_default().providers)
}

/// Where somebody is going who logs in.
#[derive(Clone, Copy, Debug)]
pub struct Destination<'a> {
    /// A local path, checked by [`local_path`](super::return_to::local_path).
    pub return_to: &'a str,
    /// The level that is needed there; 0: any.
    pub level: u8,
}

/// Begins a login of this session: where to send the browser.
///
/// # Errors
/// [`Error::NotFound`] where there is no such provider; [`Error::Peer`] where it does not answer.
pub async fn begin(
    app: &App,
    entity: &Entity,
    session: SessionId,
    which: &Which,
    to: Destination<'_>,
    language: &str,
) -> Result<Url> {
    let provider = provider(app, entity.id, which).await?;
    let back = format!("{}/{}/accesso/ritorno", app.config.server.base_url, entity.slug);
    let back: Url = back.parse().map_err(|_| Error::Inconsistent("server.base_url".to_owned()))?;
    let Begin { url, pending } = provider.begin(&back, Some(language), Level::from_number(to.level));
    let state = pending.state.expose_secret();
    let attempt = Attempt {
        provider: which.name(),
        pending: seal(app, entity.id, &pending, to.level),
        return_to: to.return_to.to_owned(),
        expires_at: app.clock.now() + ATTEMPT,
    };
    let mut tx = app.db.begin(entity.id).await?;
    store::put_attempt(&mut tx, entity.id, session, &sha256(state.as_bytes()), &attempt).await?;
    tx.commit().await?;
    Ok(url)
}

/// How a login ended well.
#[derive(Debug)]
pub struct Done {
    /// The session anew: same identifier, so that what it holds stays with it; another token, so that whoever knew the
    /// old one knows nothing.
    pub session: NewSession,
    /// Where the person was going.
    pub return_to: String,
}

/// How a login ended otherwise: what the person should be told, as a code of the locales, and where they were going.
#[derive(Debug)]
pub struct NotLoggedIn {
    /// `login_cancelled`, `login_expired`, …: `error-<code>`.
    pub code: &'static str,
    /// Where the person was going; empty where not even that is known.
    pub return_to: String,
    /// The level needed there, for another try.
    pub level: u8,
    /// Whether it was the staff's login.
    pub is_staff: bool,
}

impl NotLoggedIn {
    /// Nothing is known of the login: it was begun too long ago, or elsewhere.
    pub const EXPIRED: Self =
        Self { code: "login_expired", return_to: String::new(), level: 0, is_staff: false };
}

/// Finishes the login that this session began.
///
/// # Errors
/// [`Error`] for what is wrong on our side; a login that fails is an answer, [`NotLoggedIn`].
pub async fn finish(
    app: &App,
    entity: &Entity,
    session: &Session,
    callback: &Callback,
) -> Result<std::result::Result<Done, NotLoggedIn>> {
    let now = app.clock.now();
    let state = callback.state.as_deref().unwrap_or_default();
    let mut tx = app.db.begin(entity.id).await?;
    let attempt = store::take_attempt(&mut tx, entity.id, session.id, &sha256(state.as_bytes())).await?;
    tx.commit().await?;
    let Some(attempt) = attempt.filter(|attempt| attempt.expires_at > now) else {
        return Ok(Err(NotLoggedIn::EXPIRED));
    };
    let which = Which::from_name(&attempt.provider);
    let provider = provider(app, entity.id, &which).await?;
    let (pending, level) = open(app, entity.id, &attempt.pending)?;
    let identity = provider.finish(callback, &pending, now).await;
    let failed = |code| {
        let return_to = attempt.return_to.clone();
        Ok(Err(NotLoggedIn { code, return_to, level, is_staff: which == Which::Staff }))
    };
    let identity = match identity {
        Ok(identity) => identity,
        Err(error) => {
            if let LoginError::Refused(reason) = &error {
                tracing::warn!(%reason, provider = attempt.provider, "a login was refused");
            }
            return failed(code_of(&error));
        }
    };
    match admit(app, entity, session, &which, identity, now).await? {
        Some(session) => Ok(Ok(Done { session, return_to: attempt.return_to })),
        None => failed("login_not_staff"),
    }
}

/// Lets a person in whom the provider vouches for. `None`: the person is no member of the staff.
async fn admit(
    app: &App,
    entity: &Entity,
    session: &Session,
    which: &Which,
    identity: Identity,
    now: DateTime<Utc>,
) -> Result<Option<NewSession>> {
    let level = identity.level.map_or(0, Level::number);
    let issuer = identity.issuer.clone();
    let person = Person {
        fiscal_code: identity.fiscal_code.map(|code| code.as_str().to_owned()),
        given_name: identity.given_name.unwrap_or_default(),
        family_name: identity.family_name.unwrap_or_default(),
        email: identity.email.unwrap_or_default(),
        phone: identity.phone.unwrap_or_default(),
    };
    let mut tx = app.db.begin(entity.id).await?;
    let (action, staff) = match which {
        Which::Citizen(_) => ("login.citizen", None),
        Which::Staff => {
            // Whoever can write any address into their account would be anybody.
            let email = Some(person.email.as_str()).filter(|_| identity.email_verified);
            let member =
                store::staff_by_login(&mut tx, entity.id, person.fiscal_code.as_deref(), email).await?;
            let Some(member) = member else { return Ok(None) };
            ("login.staff", Some(member))
        }
    };
    let who = LoggedIn { person: Some(person), staff, level };
    let new = store::log_in(&mut tx, entity.id, session.id, who, now).await?;
    let id = new.session.id.to_string();
    let change = Change::of(action, "session", &id).after(json!({"level": level, "issuer": issuer}));
    audit::record(&mut tx, entity.id, now, &new.session.actor(&app.keys), change).await?;
    tx.commit().await?;
    Ok(Some(new))
}

/// What a person should be told, as a code of the locales.
fn code_of(error: &LoginError) -> &'static str {
    match error {
        LoginError::Cancelled => "login_cancelled",
        LoginError::ConsentRefused => "login_consent",
        LoginError::TooManyAttempts => "login_attempts",
        LoginError::LevelTooLow => "login_level",
        LoginError::TimedOut | LoginError::Expired => "login_expired",
        LoginError::IdentitySuspended => "login_suspended",
        LoginError::WrongIdentityKind => "login_kind",
        LoginError::NoFiscalCode => "login_fiscal_code",
        LoginError::Unavailable(_) => "login_unavailable",
        LoginError::Refused(_) => "login_refused",
    }
}

fn seal(app: &App, entity: EntityId, pending: &Pending, level: u8) -> Value {
    let plain = json!({
        "state": pending.state.expose_secret(),
        "nonce": pending.nonce.expose_secret(),
        "pkce_verifier": pending.pkce_verifier.expose_secret(),
        "redirect_uri": pending.redirect_uri,
        "level": level,
    });
    let sealed = app.keys.seal(&context(entity), &SecretString::from(plain.to_string()));
    json!({"key_id": sealed.key_id, "sealed": STANDARD.encode(sealed.bytes)})
}

fn open(app: &App, entity: EntityId, pending: &Value) -> Result<(Pending, u8)> {
    #[derive(Deserialize)]
    struct Stored {
        key_id: String,
        sealed: String,
    }
    #[derive(Deserialize)]
    struct Plain {
        state: String,
        nonce: String,
        pkce_verifier: String,
        redirect_uri: Url,
        level: u8,
    }
    let wrong = || Error::Inconsistent("login_attempt.pending".to_owned());
    let stored = Stored::deserialize(pending)?;
    let bytes = STANDARD.decode(stored.sealed).map_err(|_| wrong())?;
    let sealed = Sealed { key_id: stored.key_id, bytes };
    let plain = app.keys.open(&context(entity), &sealed).map_err(|_| wrong())?;
    let plain: Plain = serde_json::from_str(plain.expose_secret()).map_err(|_| wrong())?;
    let pending = Pending {
        state: plain.state.into(),
        nonce: plain.nonce.into(),
        pkce_verifier: plain.pkce_verifier.into(),
        redirect_uri: plain.redirect_uri,
    };
    Ok((pending, plain.level))
}

fn context(entity: EntityId) -> String {
    format!("{entity}/login_attempt")
}

/// A provider that answered, until when it is believed, and the settings it was asked with.
struct Known {
    provider: Provider,
    until: DateTime<Utc>,
    fingerprint: Vec<u8>,
}

/// What discovery found. It is the same for every instance, so each finds it by itself.
static KNOWN: LazyLock<Mutex<HashMap<(EntityId, String), Known>>> = LazyLock::new(Mutex::default);

/// The client for login providers.
pub(crate) static HTTP: LazyLock<Http> = LazyLock::new(|| {
    let builder = reqwest::Client::builder().user_agent(concat!("sportello/", env!("CARGO_PKG_VERSION")));
    Http::new(builder, Limits::default()).expect("the TLS provider is installed first thing in main")
});

/// The provider, discovered anew when an hour has passed or its settings have changed.
async fn provider(app: &App, entity: EntityId, which: &Which) -> Result<Provider> {
    let (settings, secret) = configured(app, entity, which).await?;
    let fingerprint = sha256(format!("{settings}\0{}", secret.expose_secret()).as_bytes());
    let key = (entity, which.name());
    let now = app.clock.now();
    {
        let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(&key).filter(|k| k.until > now && k.fingerprint == fingerprint) {
            return Ok(known.provider.clone());
        }
    }
    let found = Provider::discover(HTTP.clone(), with_secret(&settings, &secret)?).await;
    let provider = found.map_err(|error| match error {
        ProviderError::Unavailable(_) => Error::peer("login", "login_unavailable", error),
        error => Error::peer("login", "login_misconfigured", error),
    })?;
    let known = Known { provider: provider.clone(), until: now + DISCOVERY, fingerprint };
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner).insert(key, known);
    Ok(provider)
}

async fn configured(app: &App, entity: EntityId, which: &Which) -> Result<(Value, SecretString)> {
    let mut tx = app.db.begin(entity).await?;
    let (settings, secret_name) = match which {
        Which::Citizen(key) => {
            let all = entity::store::settings::<LoginSettings>(&mut tx, entity, Kind::CitizenLogin).await?;
            let mut all = all.unwrap_or_default().providers.into_iter();
            let named = all.find(|provider| provider.key == *key).ok_or(Error::NotFound("login provider"))?;
            let secret_name = named.secret_name();
            (named.settings, secret_name)
        }
        Which::Staff => {
            let settings = entity::store::settings::<Value>(&mut tx, entity, Kind::StaffLogin).await?;
            (settings.ok_or(Error::NotFound("login provider"))?, STAFF_SECRET.to_owned())
        }
    };
    let secret = entity::store::secret(&mut tx, &app.keys, entity, &secret_name).await?;
    Ok((settings, secret.ok_or(Error::NotFound("login provider"))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_remember_their_provider() {
        for which in [Which::Citizen("spid".to_owned()), Which::Citizen("cie".to_owned()), Which::Staff] {
            assert_eq!(Which::from_name(&which.name()), which);
        }
    }

    #[test]
    fn settings_get_their_secret_and_say_nothing_of_it_when_they_are_wrong() {
        let secret = SecretString::from("very-secret");
        let settings =
            with_secret(&json!({"issuer": "https://login.example.it", "client_id": "s"}), &secret).unwrap();
        assert_eq!(settings.client_secret.expose_secret(), "very-secret");
        for wrong in
            [json!({"issuer": "https://login.example.it"}), json!([]), json!({"issuer": 1, "client_id": "s"})]
        {
            let error = with_secret(&wrong, &secret).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("very-secret"));
        }
    }
}
