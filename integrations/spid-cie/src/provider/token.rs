//! What the token and userinfo endpoints answer, verified.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use http::{Request, StatusCode, header};
use openidconnect::{
    AccessToken, AccessTokenHash, AsyncHttpClient, ClaimsVerificationError, JsonWebKey, JsonWebKeyId,
    JsonWebKeySet, Nonce, OAuth2TokenResponse, TokenResponse, UserInfoUrl,
    core::{CoreIdToken, CoreIdTokenVerifier, CoreJsonWebKeySet, CoreJwsSigningAlgorithm, CoreTokenResponse},
};
use serde::Deserialize;
use serde_json::Value;

use super::{LoginError, Provider, ProviderError, Refusal, Userinfo, errors};

/// Signature algorithms the SPID/CIE rules oblige providers to; shared-secret algorithms and `none` are
/// forbidden there.
pub(crate) const ALGORITHMS: [CoreJwsSigningAlgorithm; 2] =
    [CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256, CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512];
/// How far a token may outlive its expiry by our clock.
const EXPIRY_SKEW: TimeDelta = TimeDelta::seconds(30);
/// How far in the future a token may have been issued by our clock (SPID/CIE rules, ID token `iat`).
const ISSUE_SKEW: TimeDelta = TimeDelta::minutes(3);

impl Provider {
    /// Verifies a token answer and fetches the userinfo that goes with it: the subject, and the claims of
    /// both.
    pub(super) async fn verify(
        &self,
        answer: &CoreTokenResponse,
        nonce: &Nonce,
        now: DateTime<Utc>,
    ) -> Result<(String, Vec<Value>), LoginError> {
        let id_token = answer.id_token().ok_or(Refusal::NoIdToken)?;
        let mut keys = self.jwks.clone();
        let mut checked = self.verify_id_token(id_token, &keys, answer.access_token(), nonce, now);
        if checked.as_ref().is_err_and(errors::is_unknown_key) {
            // Providers change their keys without notice; the token says so before our copy is read again.
            keys = self.read_keys().await?;
            checked = self.verify_id_token(id_token, &keys, answer.access_token(), nonce, now);
        }
        let subject = checked??;
        let mut documents = vec![payload(&id_token.to_string()).ok_or(Refusal::IdToken)?];
        check_not_before(&documents[0], now)?;
        if let Some(address) = &self.userinfo {
            let userinfo = self.userinfo(address, answer.access_token(), &keys, now).await?;
            if userinfo["sub"] != subject.as_str() {
                return Err(Refusal::Subject.into());
            }
            documents.push(userinfo);
        }
        Ok((subject, documents))
    }

    /// The subject of an ID token that is this provider's, for this client, of this login, and valid now. The
    /// outer error is the library's, so that an unknown key can be told from a wrong signature.
    fn verify_id_token(
        &self,
        token: &CoreIdToken,
        keys: &CoreJsonWebKeySet,
        access_token: &AccessToken,
        nonce: &Nonce,
        now: DateTime<Utc>,
    ) -> Result<Result<String, LoginError>, ClaimsVerificationError> {
        let verifier =
            CoreIdTokenVerifier::new_public_client(self.client_id(), self.issuer.clone(), keys.clone())
                .set_allowed_algs(ALGORITHMS)
                .set_time_fn(move || now - EXPIRY_SKEW);
        let claims = token.claims(&verifier, nonce)?;
        if claims.issue_time() > now + ISSUE_SKEW {
            return Ok(Err(Refusal::NotYetValid.into()));
        }
        if let Some(expected) = claims.access_token_hash() {
            let key = token.signing_key(&verifier).map_err(ClaimsVerificationError::SignatureVerification)?;
            let algorithm = token.signing_alg().map_err(ClaimsVerificationError::SignatureVerification)?;
            let hash = AccessTokenHash::from_token(access_token, algorithm, key);
            if !hash.is_ok_and(|hash| hash == *expected) {
                return Ok(Err(Refusal::AccessToken.into()));
            }
        }
        Ok(Ok(claims.subject().to_string()))
    }

    async fn read_keys(&self) -> Result<CoreJsonWebKeySet, LoginError> {
        JsonWebKeySet::fetch_async(&self.jwks_uri, &self.http).await.map_err(|error| match error.into() {
            ProviderError::Unavailable(source) => source.into(),
            _ => LoginError::Unavailable(None),
        })
    }

    async fn userinfo(
        &self,
        address: &UserInfoUrl,
        access_token: &AccessToken,
        keys: &CoreJsonWebKeySet,
        now: DateTime<Utc>,
    ) -> Result<Value, LoginError> {
        let request = Request::get(address.as_str())
            .header(header::ACCEPT, "application/json, application/jwt, application/jose")
            .header(header::AUTHORIZATION, format!("Bearer {}", access_token.secret()))
            .body(Vec::new())
            .map_err(|_| Refusal::TokenAnswer)?;
        let answer = self.http.call(request).await?;
        if answer.status() != StatusCode::OK {
            return Err(Refusal::Userinfo.into());
        }
        let content_type = answer.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let media_type = content_type.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
        match media_type.to_ascii_lowercase().as_str() {
            // The rules say one, AgID's test the other; proxies follow either.
            "application/jwt" | "application/jose" => {
                let token = std::str::from_utf8(answer.body()).map_err(|_| Refusal::Userinfo)?;
                let claims = verified_payload(token.trim(), keys)?;
                self.check_userinfo_claims(&claims, now)?;
                Ok(claims)
            }
            "application/json" if self.settings.userinfo == Userinfo::Json => {
                Ok(serde_json::from_slice(answer.body()).map_err(|_| Refusal::Userinfo)?)
            }
            _ => Err(Refusal::Userinfo.into()),
        }
    }

    /// A signed userinfo should say from whom, for whom and until when it is (OpenID Connect Core §5.3.2):
    /// what it says must be right. What it leaves out, TLS and our own access token vouch for.
    fn check_userinfo_claims(&self, claims: &Value, now: DateTime<Utc>) -> Result<(), LoginError> {
        if claims.get("iss").is_some_and(|iss| *iss != self.issuer.as_str()) {
            return Err(Refusal::Issuer.into());
        }
        let client_id = self.settings.client_id.as_str();
        let is_for_us = |audience: &Value| match audience {
            Value::Array(audiences) => audiences.iter().any(|audience| audience == client_id),
            one => one == client_id,
        };
        if !claims.get("aud").is_none_or(is_for_us) {
            return Err(Refusal::Audience.into());
        }
        if claims.get("exp").is_some_and(|exp| instant(exp).is_none_or(|exp| exp <= now - EXPIRY_SKEW)) {
            return Err(LoginError::Expired);
        }
        check_not_before(claims, now)
    }
}

/// `nbf`, which the library leaves alone.
fn check_not_before(claims: &Value, now: DateTime<Utc>) -> Result<(), LoginError> {
    match claims.get("nbf") {
        Some(nbf) if instant(nbf).is_none_or(|nbf| nbf > now + ISSUE_SKEW) => {
            Err(Refusal::NotYetValid.into())
        }
        _ => Ok(()),
    }
}

/// A NumericDate (RFC 7519 §2), to the second.
fn instant(value: &Value) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(value.as_i64()?, 0)
}

/// The claims of a compact JWS, without any check.
fn payload(token: &str) -> Option<Value> {
    let encoded = token.split('.').nth(1)?;
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(encoded).ok()?).ok()
}

/// The members of a JOSE header that decide how a signature is checked.
#[derive(Deserialize)]
struct Header {
    alg: CoreJwsSigningAlgorithm,
    kid: Option<JsonWebKeyId>,
    crit: Option<Value>,
}

/// The claims of a compact JWS signed with one of these keys.
///
/// `openidconnect` verifies userinfo too, but refuses the header `cty` that the SPID/CIE rules prescribe and
/// knows RS256 only.
fn verified_payload(token: &str, keys: &CoreJsonWebKeySet) -> Result<Value, LoginError> {
    let (message, signature) = token.rsplit_once('.').ok_or(Refusal::Userinfo)?;
    let (header, _) = message.split_once('.').ok_or(Refusal::Userinfo)?;
    let header = BASE64_URL_SAFE_NO_PAD.decode(header).map_err(|_| Refusal::Userinfo)?;
    let header: Header = serde_json::from_slice(&header).map_err(|_| Refusal::Signature)?;
    if header.crit.is_some() || !ALGORITHMS.contains(&header.alg) {
        return Err(Refusal::Signature.into());
    }
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).map_err(|_| Refusal::Signature)?;
    let is_valid = keys
        .keys()
        .iter()
        // Without a `kid` any key of the provider may have signed; with one, only that.
        .filter(|key| header.kid.is_none() || key.key_id() == header.kid.as_ref())
        .any(|key| key.verify_signature(&header.alg, message.as_bytes(), &signature).is_ok());
    if !is_valid {
        return Err(Refusal::Signature.into());
    }
    Ok(payload(token).ok_or(Refusal::Userinfo)?)
}
