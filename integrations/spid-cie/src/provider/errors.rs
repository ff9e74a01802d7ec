//! Why a provider cannot be used, and why a person was not logged in.

use openidconnect::{
    ClaimsVerificationError, DiscoveryError, RequestTokenError, SignatureVerificationError,
    core::{CoreErrorResponseType, CoreRequestTokenError},
};

use crate::HttpError;

/// Why a provider cannot be used: something for an administrator to correct, or for the provider to repair.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// The issuer is no `https` address.
    #[error("the issuer is not an https address")]
    InsecureAddress,
    /// An extra parameter is one that the login decides.
    #[error("an extra parameter has the name of one the login sends itself")]
    ReservedParameter,
    /// The provider did not answer, or not within the limits.
    #[error("the provider does not answer")]
    Unavailable(#[source] HttpError),
    /// The discovery document or the key set is not what OpenID Connect Discovery says.
    #[error("the provider's discovery document or key set cannot be used")]
    Discovery(#[source] DiscoveryError<HttpError>),
    /// The discovery document names no token endpoint.
    #[error("the provider has no token endpoint")]
    NoTokenEndpoint,
    /// An endpoint is not reached over TLS.
    #[error("one of the provider's endpoints is not an https address")]
    InsecureEndpoint,
}

impl From<DiscoveryError<HttpError>> for ProviderError {
    fn from(error: DiscoveryError<HttpError>) -> Self {
        match error {
            DiscoveryError::Request(source) => Self::Unavailable(source),
            other => Self::Discovery(other),
        }
    }
}

/// Why a person was not logged in, by what they should be told. What the provider wrote is for developers
/// (AgID guidelines) and is not kept.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// They changed their mind.
    #[error("the person cancelled the login")]
    Cancelled,
    /// They did not agree to share their data.
    #[error("the person refused to share their data")]
    ConsentRefused,
    /// Too many wrong passwords or codes.
    #[error("too many wrong attempts at the provider")]
    TooManyAttempts,
    /// Their credentials, or those they used, are weaker than this service needs.
    #[error("the level of the login is too low")]
    LevelTooLow,
    /// They took too long at the provider.
    #[error("the login took too long at the provider")]
    TimedOut,
    /// Their digital identity is suspended or revoked.
    #[error("the digital identity is suspended or revoked")]
    IdentitySuspended,
    /// A digital identity of the wrong kind, for example a company's.
    #[error("the digital identity is of another kind")]
    WrongIdentityKind,
    /// The provider gave no valid fiscal code, and this service needs one.
    #[error("the provider gave no valid fiscal code")]
    NoFiscalCode,
    /// The login was finished too late or twice: begin again.
    #[error("the login has expired")]
    Expired,
    /// The provider is out of order: try later.
    #[error("the provider is not available")]
    Unavailable(#[source] Option<HttpError>),
    /// Nothing the person can do about: the reason is for the log.
    #[error("the login was refused")]
    Refused(#[source] Refusal),
}

/// Which check a login failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The answer does not belong to this browser's login.
    #[error("the state is not the one of this login")]
    State,
    /// The answer, or the ID token, comes from another provider (mix-up, RFC 9207).
    #[error("the issuer is not the one asked")]
    Issuer,
    /// The answer has neither code nor error.
    #[error("the provider's answer has no code")]
    NoCode,
    /// The provider ended the login for another reason; its OAuth error code, if it is one.
    #[error("the provider ended the login: {0}")]
    Provider(String),
    /// The provider does not accept our client credentials or request.
    #[error("the provider refused the token request: {0}")]
    TokenRequest(String),
    /// The token answer cannot be read.
    #[error("the token answer cannot be read")]
    TokenAnswer,
    /// The answer has no ID token.
    #[error("the token answer has no ID token")]
    NoIdToken,
    /// The signature is wrong, missing, or made with an algorithm or key that is not allowed.
    #[error("the signature is not valid")]
    Signature,
    /// The token was issued to another client.
    #[error("the audience is not this client")]
    Audience,
    /// The token belongs to another login.
    #[error("the nonce is not the one of this login")]
    Nonce,
    /// The token is from the future.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// The access token is not the one the ID token speaks of.
    #[error("the access token does not match the ID token")]
    AccessToken,
    /// The userinfo answer cannot be read, or lacks the signature the settings ask for.
    #[error("the userinfo answer cannot be used")]
    Userinfo,
    /// The userinfo speaks of somebody else.
    #[error("the subject of the userinfo is not the one of the ID token")]
    Subject,
    /// Another thing in the ID token is not as it must be.
    #[error("the ID token cannot be used")]
    IdToken,
}

impl From<Refusal> for LoginError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<HttpError> for LoginError {
    fn from(error: HttpError) -> Self {
        Self::Unavailable(Some(error))
    }
}

impl From<CoreRequestTokenError<HttpError>> for LoginError {
    fn from(error: CoreRequestTokenError<HttpError>) -> Self {
        match error {
            RequestTokenError::Request(source) => source.into(),
            RequestTokenError::ServerResponse(answer) => match answer.error() {
                CoreErrorResponseType::InvalidGrant => Self::Expired,
                CoreErrorResponseType::Extension(code) if is_temporary(code) => Self::Unavailable(None),
                other => Refusal::TokenRequest(oauth_code(other.as_ref())).into(),
            },
            _ => Refusal::TokenAnswer.into(),
        }
    }
}

impl From<ClaimsVerificationError> for LoginError {
    fn from(error: ClaimsVerificationError) -> Self {
        match error {
            ClaimsVerificationError::Expired(_) => Self::Expired,
            ClaimsVerificationError::InvalidAudience(_) => Refusal::Audience.into(),
            ClaimsVerificationError::InvalidIssuer(_) => Refusal::Issuer.into(),
            ClaimsVerificationError::InvalidNonce(_) => Refusal::Nonce.into(),
            ClaimsVerificationError::SignatureVerification(_) => Refusal::Signature.into(),
            _ => Refusal::IdToken.into(),
        }
    }
}

/// Whether the provider's key set may have changed since it was read.
pub(super) fn is_unknown_key(error: &ClaimsVerificationError) -> bool {
    matches!(error, ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey))
}

impl LoginError {
    /// Reads an authorization error (RFC 6749 §4.1.2.1) as SPID and CIE providers and their proxies send it.
    pub(super) fn from_answer(error: &str, description: Option<&str>) -> Self {
        match error {
            "access_denied" => description.and_then(from_anomaly).unwrap_or(Self::Cancelled),
            "rejected_by_user" | "consent_required" => Self::ConsentRefused,
            "unmet_authentication_requirements" => Self::LevelTooLow,
            code if is_temporary(code) => Self::Unavailable(None),
            other => Refusal::Provider(oauth_code(other)).into(),
        }
    }
}

/// The SPID anomaly (regole tecniche SPID, "Tabella messaggi di anomalia", 19-30) that a proxy passes on as
/// the description of `access_denied`: the bare number, or the SAML status message `ErrorCode nr25`.
fn from_anomaly(description: &str) -> Option<LoginError> {
    let number = description.trim().strip_prefix("ErrorCode nr").unwrap_or(description).trim();
    Some(match number.parse::<u8>().ok()? {
        19 => LoginError::TooManyAttempts,
        20 => LoginError::LevelTooLow,
        21 => LoginError::TimedOut,
        22 => LoginError::ConsentRefused,
        23 => LoginError::IdentitySuspended,
        25 => LoginError::Cancelled,
        30 => LoginError::WrongIdentityKind,
        other => Refusal::Provider(format!("anomaly_{other}")).into(),
    })
}

/// AgID's test tool spells the code without "ly"; some proxies do as the tool does.
fn is_temporary(code: &str) -> bool {
    matches!(code, "temporarily_unavailable" | "temporary_unavailable" | "server_error")
}

/// An OAuth error code fit for a log: anybody can write the query it comes from.
fn oauth_code(code: &str) -> String {
    let is_code = !code.is_empty()
        && code.len() <= 64
        && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if is_code { code.to_owned() } else { "unknown".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anomalies_become_what_a_person_should_be_told() {
        let told = |description| LoginError::from_answer("access_denied", description).to_string();
        for (number, expected) in [
            ("19", LoginError::TooManyAttempts),
            ("20", LoginError::LevelTooLow),
            (" 21 ", LoginError::TimedOut),
            ("ErrorCode nr22", LoginError::ConsentRefused),
            ("ErrorCode nr23", LoginError::IdentitySuspended),
            ("25", LoginError::Cancelled),
            ("30", LoginError::WrongIdentityKind),
            ("the user said no", LoginError::Cancelled),
        ] {
            assert_eq!(told(Some(number)), expected.to_string(), "{number}");
        }
        assert_eq!(told(None), LoginError::Cancelled.to_string());
        assert!(matches!(
            LoginError::from_answer("access_denied", Some("26")),
            LoginError::Refused(Refusal::Provider(code)) if code == "anomaly_26"
        ));
    }

    #[test]
    fn other_codes_are_sorted_by_what_can_be_done() {
        for code in ["temporarily_unavailable", "temporary_unavailable", "server_error"] {
            assert!(
                matches!(LoginError::from_answer(code, Some("25")), LoginError::Unavailable(None)),
                "{code}"
            );
        }
        assert!(matches!(LoginError::from_answer("rejected_by_user", None), LoginError::ConsentRefused));
        assert!(matches!(
            LoginError::from_answer("invalid_request", None),
            LoginError::Refused(Refusal::Provider(code)) if code == "invalid_request"
        ));
        assert!(matches!(
            LoginError::from_answer("<script>\n", None),
            LoginError::Refused(Refusal::Provider(code)) if code == "unknown"
        ));
    }
}
