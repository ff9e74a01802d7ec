//! "Test the connection": what is right and wrong with a provider's configuration, as far as it can be told
//! without a login.
//!
//! Each check is a name, an outcome and machine-readable detail; the product puts them into words.

use std::collections::BTreeMap;
use std::error::Error as _;

use base64::{Engine, prelude::BASE64_STANDARD};
use http::{Request, StatusCode, header};
use openidconnect::{
    HttpRequest, JsonWebKey, JsonWebKeyAlgorithm, JsonWebKeyUse,
    core::{CoreJsonWebKey, CoreJsonWebKeySet, CoreJsonWebKeyType},
};
use secrecy::ExposeSecret;
use serde::Serialize;
use serde_json::Value;
use url::{Url, form_urlencoded};

use crate::{
    Http, HttpError,
    provider::{ALGORITHMS, AuthMethod, Provider, ProviderError, Settings, random_token},
};

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at.
    pub name: CheckName,
    /// How it went.
    pub outcome: Outcome,
    /// What was found.
    pub detail: Detail,
}

/// What is looked at, in this order. The first three failing, the rest cannot be told and is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckName {
    /// The settings themselves.
    Settings,
    /// The issuer's address answers.
    IssuerReachable,
    /// The discovery document is one, and speaks of this issuer.
    DiscoveryDocument,
    /// PKCE with S256 is announced.
    Pkce,
    /// Every scope of the settings is offered.
    Scopes,
    /// Every level of the settings is offered.
    Acr,
    /// The key set is readable and has a key for RS256 or RS512.
    SigningKey,
    /// The settings' way of presenting the secret is offered.
    TokenAuthMethod,
    /// The token endpoint knows this client and its secret.
    ClientCredentials,
}

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// As it must be.
    Ok,
    /// Logins may work nonetheless: the provider does not say, or it cannot be told from outside.
    Warning,
    /// Logins cannot work.
    Failed,
}

/// What was found: a code for a translation, and its data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Detail {
    /// For example `missing`, `timeout`, `invalid_client`.
    pub code: &'static str,
    /// For example `{"values": "email profile"}`. Never a secret, never a body.
    pub data: BTreeMap<&'static str, String>,
}

impl Check {
    fn new<const N: usize>(
        name: CheckName,
        outcome: Outcome,
        code: &'static str,
        data: [(&'static str, String); N],
    ) -> Self {
        Self { name, outcome, detail: Detail { code, data: data.into() } }
    }
}

/// Looks at a provider as `settings` describe it. Sends no personal data; the only thing it writes anywhere
/// is one refused token request in the provider's log.
pub async fn diagnose(http: &Http, settings: &Settings) -> Vec<Check> {
    let mut checks = Vec::new();
    if let Err(error) = settings.check() {
        checks.push(Check::new(
            CheckName::Settings,
            Outcome::Failed,
            "unusable",
            [("reason", error.to_string())],
        ));
        return checks;
    }
    checks.push(Check::new(CheckName::Settings, Outcome::Ok, "usable", []));
    let document = match discovery(http, settings, &mut checks).await {
        Some(document) => document,
        None => return checks,
    };
    // The login's own way of reading it has the last word. Keys that cannot be read are blamed on the keys.
    let usable = Provider::discover(http.clone(), settings.clone()).await;
    let signing_key = signing_key(http, &document).await;
    if let Err(error) = usable
        && signing_key.outcome != Outcome::Failed
    {
        checks.pop();
        checks.push(unusable(&error));
        return checks;
    }
    checks.push(pkce(&document));
    checks.push(offered(CheckName::Scopes, &document["scopes_supported"], &settings.scopes));
    checks.push(offered(CheckName::Acr, &document["acr_values_supported"], &settings.acr_values));
    checks.push(signing_key);
    checks.push(auth_method(settings, &document));
    checks.push(credentials(http, settings, &document).await);
    checks
}

/// Fetches the discovery document; None, with the reason among the checks, when there is none to go on with.
async fn discovery(http: &Http, settings: &Settings, checks: &mut Vec<Check>) -> Option<Value> {
    let address = format!("{}/.well-known/openid-configuration", settings.issuer.trim_end_matches('/'));
    let answer = match get(http, &address).await {
        Ok(answer) => answer,
        Err(error) => {
            checks.push(unreachable(CheckName::IssuerReachable, address, &error));
            return None;
        }
    };
    if answer.status() != StatusCode::OK {
        checks.push(Check::new(
            CheckName::IssuerReachable,
            Outcome::Failed,
            "status",
            [("address", address), ("status", answer.status().as_u16().to_string())],
        ));
        return None;
    }
    checks.push(Check::new(CheckName::IssuerReachable, Outcome::Ok, "reachable", [("address", address)]));
    let (check, document) = read_document(settings, answer.body());
    checks.push(check);
    document
}

fn read_document(settings: &Settings, body: &[u8]) -> (Check, Option<Value>) {
    let failed =
        |code, data: [_; 1]| (Check::new(CheckName::DiscoveryDocument, Outcome::Failed, code, data), None);
    let Ok(document @ Value::Object(_)) = serde_json::from_slice::<Value>(body) else {
        return failed("not_json", [("bytes", body.len().to_string())]);
    };
    // Compared as they are spelt, as the login does: a slash at the end is a difference.
    if document["issuer"] != settings.issuer.as_str() {
        return failed(
            "issuer_differs",
            [("issuer", document["issuer"].as_str().unwrap_or_default().to_owned())],
        );
    }
    for name in ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"] {
        match document[name].as_str().map(Url::parse) {
            Some(Ok(address)) if settings.trusts(&address) => {}
            None if name == "userinfo_endpoint" => {}
            Some(Ok(_)) => return failed("endpoint_insecure", [("member", name.to_owned())]),
            _ => return failed("endpoint_missing", [("member", name.to_owned())]),
        }
    }
    (Check::new(CheckName::DiscoveryDocument, Outcome::Ok, "valid", []), Some(document))
}

/// A discovery document that the login cannot work with.
fn unusable(error: &ProviderError) -> Check {
    let mut reason = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        reason = format!("{reason}: {source}");
        cause = source.source();
    }
    Check::new(CheckName::DiscoveryDocument, Outcome::Failed, "unusable", [("reason", reason)])
}

fn pkce(document: &Value) -> Check {
    let (outcome, code) = match &document["code_challenge_methods_supported"] {
        Value::Array(methods) if methods.iter().any(|method| method == "S256") => (Outcome::Ok, "offered"),
        // We send it anyway: a provider without PKCE must ignore it (RFC 6749 §3.1).
        Value::Null => (Outcome::Warning, "not_announced"),
        _ => (Outcome::Failed, "not_offered"),
    };
    Check::new(CheckName::Pkce, outcome, code, [])
}

/// Whether everything wanted is among the values a list announces; a provider need not announce any.
fn offered(name: CheckName, announced: &Value, wanted: &[String]) -> Check {
    if wanted.is_empty() {
        return Check::new(name, Outcome::Ok, "none_asked", []);
    }
    let Value::Array(announced) = announced else {
        return Check::new(name, Outcome::Warning, "not_announced", [("values", wanted.join(" "))]);
    };
    let missing: Vec<_> = wanted
        .iter()
        .filter(|value| !announced.iter().any(|known| known == value.as_str()))
        .map(String::as_str)
        .collect();
    if missing.is_empty() {
        Check::new(name, Outcome::Ok, "offered", [])
    } else {
        Check::new(name, Outcome::Failed, "not_offered", [("values", missing.join(" "))])
    }
}

async fn signing_key(http: &Http, document: &Value) -> Check {
    const NAME: CheckName = CheckName::SigningKey;
    let address = text(document, "jwks_uri");
    let keys = match get(http, &address).await {
        Ok(answer) if answer.status() == StatusCode::OK => {
            serde_json::from_slice::<CoreJsonWebKeySet>(answer.body())
        }
        Ok(answer) => {
            let status = answer.status().as_u16().to_string();
            return Check::new(NAME, Outcome::Failed, "status", [("address", address), ("status", status)]);
        }
        Err(error) => return unreachable(NAME, address, &error),
    };
    let Ok(keys) = keys else {
        return Check::new(NAME, Outcome::Failed, "not_a_key_set", [("address", address)]);
    };
    let usable = keys.keys().iter().filter(|key| can_sign(key)).count();
    if usable == 0 {
        let other = keys.keys().iter().filter(|key| *key.key_type() != CoreJsonWebKeyType::RSA).count();
        let data = [("keys", keys.keys().len().to_string()), ("not_rsa", other.to_string())];
        return Check::new(NAME, Outcome::Failed, "no_usable_key", data);
    }
    let announced = &document["id_token_signing_alg_values_supported"];
    let is_ours =
        |value: &Value| serde_json::from_value(value.clone()).is_ok_and(|a| ALGORITHMS.contains(&a));
    let is_announced = announced.as_array().is_some_and(|values| values.iter().any(is_ours));
    let (outcome, code) =
        if is_announced { (Outcome::Ok, "usable") } else { (Outcome::Warning, "rs256_not_announced") };
    Check::new(NAME, outcome, code, [("keys", usable.to_string())])
}

/// Whether a key may sign as the login accepts it: of type RSA, for signatures, not bound to another algorithm.
fn can_sign(key: &CoreJsonWebKey) -> bool {
    let algorithm_fits = match key.signing_alg() {
        JsonWebKeyAlgorithm::Algorithm(algorithm) => ALGORITHMS.contains(algorithm),
        JsonWebKeyAlgorithm::Unspecified => true,
        JsonWebKeyAlgorithm::Unsupported => false,
    };
    *key.key_type() == CoreJsonWebKeyType::RSA
        && algorithm_fits
        && key.key_use().is_none_or(JsonWebKeyUse::allows_signature)
}

fn auth_method(settings: &Settings, document: &Value) -> Check {
    let wanted = match settings.auth_method {
        AuthMethod::Basic => "client_secret_basic",
        AuthMethod::Post => "client_secret_post",
    };
    // OpenID Connect Discovery §3: whoever is silent offers basic.
    let announced = match &document["token_endpoint_auth_methods_supported"] {
        Value::Array(methods) => methods.iter().filter_map(Value::as_str).collect(),
        _ => vec!["client_secret_basic"],
    };
    let (outcome, code) =
        if announced.contains(&wanted) { (Outcome::Ok, "offered") } else { (Outcome::Failed, "not_offered") };
    Check::new(
        CheckName::TokenAuthMethod,
        outcome,
        code,
        [("wanted", wanted.to_owned()), ("offered", announced.join(" "))],
    )
}

/// Asks for a token with a code nobody issued: a provider that knows the client complains of the code (RFC
/// 6749 §5.2), one that does not complains of the client.
async fn credentials(http: &Http, settings: &Settings, document: &Value) -> Check {
    const NAME: CheckName = CheckName::ClientCredentials;
    let address = text(document, "token_endpoint");
    let answer = match token_request(settings, &address) {
        Ok(request) => http.send(request).await,
        Err(error) => Err(error.into()),
    };
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => return unreachable(NAME, address, &error),
    };
    let status = answer.status();
    let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
    let data = [("status", status.as_u16().to_string())];
    match body["error"].as_str() {
        Some("invalid_grant") => Check::new(NAME, Outcome::Ok, "accepted", data),
        Some("invalid_client") => Check::new(NAME, Outcome::Failed, "invalid_client", data),
        Some("unauthorized_client") => Check::new(NAME, Outcome::Failed, "unauthorized_client", data),
        _ if status == StatusCode::UNAUTHORIZED => Check::new(NAME, Outcome::Failed, "invalid_client", data),
        // A provider may look at other things first (a redirect address it does not know, for one).
        _ => Check::new(NAME, Outcome::Warning, "cannot_tell", data),
    }
}

fn token_request(settings: &Settings, address: &str) -> Result<HttpRequest, http::Error> {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let secret = settings.client_secret.expose_secret();
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "authorization_code")
        .append_pair("code", &random_token())
        .append_pair("code_verifier", &random_token())
        .append_pair("redirect_uri", &settings.issuer);
    let mut request = Request::post(address)
        .header(header::ACCEPT, "application/json")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    match settings.auth_method {
        AuthMethod::Basic => {
            // RFC 6749 §2.3.1: both parts are form-encoded before they are joined.
            let pair = format!("{}:{}", encode(&settings.client_id), encode(secret));
            request =
                request.header(header::AUTHORIZATION, format!("Basic {}", BASE64_STANDARD.encode(pair)));
        }
        AuthMethod::Post => {
            form.append_pair("client_id", &settings.client_id).append_pair("client_secret", secret);
        }
    }
    request.body(form.finish().into_bytes())
}

async fn get(http: &Http, address: &str) -> Result<http::Response<Vec<u8>>, HttpError> {
    http.send(Request::get(address).header(header::ACCEPT, "application/json").body(Vec::new())?).await
}

fn unreachable(name: CheckName, address: String, error: &HttpError) -> Check {
    let code = match error {
        HttpError::Unreachable(source) if source.is_timeout() => "timeout",
        HttpError::TooLong => "answer_too_long",
        _ => "unreachable",
    };
    Check::new(name, Outcome::Failed, code, [("address", address)])
}

fn text(document: &Value, member: &str) -> String {
    document[member].as_str().unwrap_or_default().to_owned()
}
