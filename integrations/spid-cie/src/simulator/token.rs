//! The token and userinfo endpoints.

use std::sync::Arc;

use aws_lc_rs::{constant_time::verify_slices_are_equal, digest};
use axum::{
    Form, Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use chrono::TimeDelta;
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{Client, Grant, Misbehaviour, Simulator, keys};
use crate::{Level, provider::random_token};

/// Life of an ID token issued for a code (SPID/CIE rules).
const ID_TOKEN_LIFE: TimeDelta = TimeDelta::minutes(5);
/// Life of an access token, in the rules at most this.
const ACCESS_TOKEN_LIFE: TimeDelta = TimeDelta::minutes(15);
/// A client identifier no client has.
const SOMEBODY_ELSE: &str = "another-client";

/// The token request.
#[derive(Deserialize)]
pub(super) struct Request {
    grant_type: Option<String>,
    code: Option<String>,
    code_verifier: Option<String>,
    redirect_uri: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
}

/// Exchanges a code for its tokens.
pub(super) async fn exchange(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    Form(request): Form<Request>,
) -> Response {
    let misbehaviour = simulator.state().misbehaviour;
    match misbehaviour {
        Some(Misbehaviour::Slow(time)) => tokio::time::sleep(time).await,
        Some(Misbehaviour::Huge) => return Json(json!({"padding": "x".repeat(8 << 20)})).into_response(),
        Some(Misbehaviour::OutOfOrder) => {
            return (StatusCode::BAD_GATEWAY, "<h1>Bad Gateway</h1>").into_response();
        }
        _ => {}
    }
    let Some(client) = authenticate(&simulator, &headers, &request) else {
        return refuse(StatusCode::UNAUTHORIZED, "invalid_client");
    };
    if request.grant_type.as_deref() != Some("authorization_code") {
        return refuse(StatusCode::BAD_REQUEST, "unsupported_grant_type");
    }
    let Some(grant) = redeem(&simulator, client, &request) else {
        return refuse(StatusCode::BAD_REQUEST, "invalid_grant");
    };
    let access_token = random_token();
    let id_token = id_token(&simulator, client, &grant, &access_token, misbehaviour);
    let now = simulator.now();
    {
        let mut state = simulator.state();
        state.access_tokens.retain(|_, grant| grant.expires > now);
        state.access_tokens.insert(access_token.clone(), Grant { expires: now + ACCESS_TOKEN_LIFE, ..grant });
    }
    let body = json!({
        "access_token": access_token, "token_type": "Bearer",
        "expires_in": ACCESS_TOKEN_LIFE.num_seconds(), "id_token": id_token,
    });
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// Answers with what the person granted.
pub(super) async fn userinfo(State(simulator): State<Simulator>, headers: HeaderMap) -> Response {
    let token = authorization(&headers, "Bearer ").unwrap_or_default();
    let now = simulator.now();
    let (grant, key, misbehaviour) = {
        let state = simulator.state();
        (state.access_tokens.get(token).cloned(), Arc::clone(&state.key), state.misbehaviour)
    };
    let grant = grant.filter(|grant| grant.expires > now);
    let client = grant.as_ref().and_then(|grant| simulator.client(&grant.client_id));
    let (Some(grant), Some(client)) = (grant, client) else {
        return refuse(StatusCode::UNAUTHORIZED, "invalid_token");
    };
    let mut claims = user_claims(&grant, misbehaviour);
    if !client.signed_userinfo || misbehaviour == Some(Misbehaviour::UnsignedUserinfo) {
        return Json(claims).into_response();
    }
    claims["iss"] = json!(simulator.settings().issuer);
    claims["aud"] = json!(if misbehaviour == Some(Misbehaviour::UserinfoForAnotherClient) {
        SOMEBODY_ELSE
    } else {
        &client.id
    });
    claims["iat"] = json!(now.timestamp());
    claims["exp"] = json!((now + ID_TOKEN_LIFE).timestamp());
    let signed =
        if misbehaviour == Some(Misbehaviour::BadSignature) { key.forge(&claims) } else { key.sign(&claims) };
    ([(header::CONTENT_TYPE, "application/jwt")], signed).into_response()
}

/// The client of a token request, by the secret in its header or in its form.
fn authenticate<'a>(simulator: &'a Simulator, headers: &HeaderMap, request: &Request) -> Option<&'a Client> {
    let (id, secret) = match authorization(headers, "Basic ") {
        Some(encoded) => {
            let pair = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
            let (id, secret) = pair.split_once(':')?;
            (form_decode(id), form_decode(secret))
        }
        None => (request.client_id.clone()?, request.client_secret.clone()?),
    };
    let client = simulator.client(&id)?;
    verify_slices_are_equal(client.secret.expose_secret().as_bytes(), secret.as_bytes()).ok()?;
    Some(client)
}

/// Takes the grant behind a code. The code is gone whatever comes of it: a second try could be a thief's.
fn redeem(simulator: &Simulator, client: &Client, request: &Request) -> Option<Grant> {
    let grant = simulator.state().codes.remove(request.code.as_deref()?)?;
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(sha256(request.code_verifier.as_deref()?));
    let is_right = grant.client_id == client.id
        && grant.expires > simulator.now()
        && grant.code_challenge == challenge
        && request.redirect_uri.as_deref() == Some(&grant.redirect_uri);
    is_right.then_some(grant)
}

fn id_token(
    simulator: &Simulator,
    client: &Client,
    grant: &Grant,
    access_token: &str,
    misbehaviour: Option<Misbehaviour>,
) -> String {
    let now = simulator.now();
    let mut claims = json!({
        "iss": simulator.settings().issuer,
        "sub": subject(grant),
        "aud": client.id,
        "iat": now.timestamp(),
        "nbf": now.timestamp(),
        "exp": (now + ID_TOKEN_LIFE).timestamp(),
        "jti": random_token(),
        "nonce": grant.nonce,
        "acr": grant.level.acr(),
        // OpenID Connect Core §3.1.3.6: the left half of the hash.
        "at_hash": BASE64_URL_SAFE_NO_PAD.encode(&sha256(access_token).as_ref()[..16]),
    });
    match misbehaviour {
        Some(Misbehaviour::WrongNonce) => claims["nonce"] = json!(random_token()),
        Some(Misbehaviour::WrongAudience) => claims["aud"] = json!(SOMEBODY_ELSE),
        Some(Misbehaviour::SecondAudience) => claims["aud"] = json!([client.id, SOMEBODY_ELSE]),
        Some(Misbehaviour::WrongIssuer) => claims["iss"] = json!("https://another.example"),
        Some(Misbehaviour::ExpiredToken) => claims["exp"] = json!((now - TimeDelta::minutes(1)).timestamp()),
        Some(Misbehaviour::FutureToken) => claims["iat"] = json!((now + TimeDelta::minutes(4)).timestamp()),
        Some(Misbehaviour::WrongAccessTokenHash) => claims["at_hash"] = json!("AAAAAAAAAAAAAAAAAAAAAA"),
        Some(Misbehaviour::LowLevel) => claims["acr"] = json!(Level::L1.acr()),
        Some(Misbehaviour::NoLevel) => claims["acr"] = Value::Null,
        _ => {}
    }
    let key = Arc::clone(&simulator.state().key);
    match misbehaviour {
        // A client that expects a signed userinfo gets its bad signature there.
        Some(Misbehaviour::BadSignature) if !client.signed_userinfo => key.forge(&claims),
        Some(Misbehaviour::AlgorithmNone) => keys::unsigned(&claims),
        Some(Misbehaviour::AlgorithmHs256) => keys::signed_with_secret(client, &claims),
        _ => key.sign(&claims),
    }
}

/// The attributes under the names of the SPID/CIE rules.
fn user_claims(grant: &Grant, misbehaviour: Option<Misbehaviour>) -> Value {
    let user = &grant.user;
    let mut claims =
        json!({"sub": subject(grant), "given_name": user.given_name, "family_name": user.family_name});
    let fiscal_number = match misbehaviour {
        Some(Misbehaviour::NoFiscalNumber) => None,
        Some(Misbehaviour::WrongFiscalNumber) => Some("RSSMRA80A01H501X".to_owned()),
        _ => user.fiscal_code.as_ref().map(ToString::to_string),
    };
    let more = [
        (
            "https://attributes.eid.gov.it/fiscal_number",
            fiscal_number.map(|number| format!("TINIT-{number}")),
        ),
        ("email", user.email.clone()),
        ("phone_number", user.phone.clone()),
        ("birthdate", user.birthdate.map(|date| date.to_string())),
    ];
    for (name, value) in more.into_iter().filter_map(|(name, value)| Some((name, value?))) {
        claims[name] = json!(value);
    }
    if user.email.is_some() {
        claims["email_verified"] = json!(misbehaviour != Some(Misbehaviour::UnverifiedEmail));
    }
    if misbehaviour == Some(Misbehaviour::ForeignSubject) {
        claims["sub"] = json!(random_token());
    }
    claims
}

/// The person's name for this client alone (`pairwise`).
fn subject(grant: &Grant) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(sha256(&format!("{}\n{}", grant.client_id, grant.user.login)))
}

fn sha256(text: &str) -> digest::Digest {
    digest::digest(&digest::SHA256, text.as_bytes())
}

fn authorization<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix(scheme)
}

fn form_decode(text: &str) -> String {
    form_urlencoded::parse(text.as_bytes()).map(|(name, _)| name.into_owned()).next().unwrap_or_default()
}

fn refuse(status: StatusCode, error: &str) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], Json(json!({"error": error}))).into_response()
}
