//! Login at a plain OpenID Connect provider: authorization code flow with PKCE.
//!
//! 1. [`Provider::discover`] once, and again from time to time (an hour is a good age).
//! 2. [`Provider::begin`] gives the address to send the browser to, and a [`Pending`] login to keep for that
//!    browser.
//! 3. The browser comes back with a [`Callback`]; [`Provider::finish`] checks everything and answers with an
//!    [`Identity`].
//!
//! A pending login is for one use: the caller deletes it before calling `finish`, whatever `finish` answers.

mod callback;
mod errors;
mod identity;
mod settings;
mod token;

use chrono::{DateTime, Utc};
use openidconnect::{
    AdditionalProviderMetadata, AuthType, AuthUrl, AuthenticationContextClass, AuthorizationCode, ClientId,
    ClientSecret, CsrfToken, EndpointNotSet, EndpointSet, IssuerUrl, JsonWebKeySetUrl, LanguageTag, Nonce,
    PkceCodeChallenge, PkceCodeVerifier, ProviderMetadata, RedirectUrl, Scope, TokenUrl, UserInfoUrl,
    core::{
        CoreAuthDisplay, CoreAuthenticationFlow, CoreClaimName, CoreClaimType, CoreClient,
        CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey, CoreJsonWebKeySet,
        CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode, CoreResponseType,
        CoreSubjectIdentifierType,
    },
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use url::Url;

pub use callback::{Callback, Pending};
pub use errors::{LoginError, ProviderError, Refusal};
pub use identity::Identity;
pub(crate) use token::ALGORITHMS;

pub use settings::{AuthMethod, ClaimMap, Settings, Userinfo};

use crate::{Http, Level};

/// Bytes of randomness in a state and in a nonce: 48 hexadecimal digits, above the 32 alphanumeric characters
/// that the SPID/CIE rules ask for.
const TOKEN_BYTES: usize = 24;

/// What the discovery document says beyond OpenID Connect Discovery 1.0.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Extras {
    /// Whether every answer carries `iss` (RFC 9207 §3).
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for Extras {}

type Metadata = ProviderMetadata<
    Extras,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet, EndpointNotSet>;

/// A provider that answered, with its keys as they were then.
#[derive(Debug, Clone)]
pub struct Provider {
    http: Http,
    settings: Settings,
    issuer: IssuerUrl,
    authorization: AuthUrl,
    token: TokenUrl,
    userinfo: Option<UserInfoUrl>,
    jwks_uri: JsonWebKeySetUrl,
    jwks: CoreJsonWebKeySet,
    /// Whether the provider promises `iss` in its answers, so that an answer without it is not its own.
    answers_with_issuer: bool,
}

/// The first half of a login.
#[derive(Debug)]
pub struct Begin {
    /// Where to send the browser.
    pub url: Url,
    /// What to keep for the second half, bound to this browser.
    pub pending: Pending,
}

impl Provider {
    /// Reads the provider's discovery document and keys.
    ///
    /// # Errors
    /// [`ProviderError`]: settings that cannot work, a provider that is silent or says something unusable.
    pub async fn discover(http: Http, settings: Settings) -> Result<Self, ProviderError> {
        settings.check()?;
        let issuer = IssuerUrl::new(settings.issuer.clone()).map_err(|_| ProviderError::InsecureAddress)?;
        let metadata = Metadata::discover_async(issuer.clone(), &http).await?;
        let token = metadata.token_endpoint().cloned().ok_or(ProviderError::NoTokenEndpoint)?;
        let userinfo = metadata.userinfo_endpoint().cloned();
        let authorization = metadata.authorization_endpoint().clone();
        let jwks_uri = metadata.jwks_uri().clone();
        let endpoints = [
            Some(authorization.url()),
            Some(token.url()),
            userinfo.as_ref().map(|url| url.url()),
            Some(jwks_uri.url()),
        ];
        if !endpoints.into_iter().flatten().all(|endpoint| settings.trusts(endpoint)) {
            return Err(ProviderError::InsecureEndpoint);
        }
        Ok(Self {
            issuer,
            authorization,
            token,
            userinfo,
            jwks_uri,
            jwks: metadata.jwks().clone(),
            answers_with_issuer: metadata
                .additional_metadata()
                .authorization_response_iss_parameter_supported,
            http,
            settings,
        })
    }

    /// Begins a login that will come back to `redirect_uri`, one the provider knows. `ui_locale` is the
    /// language of the page the person leaves (BCP 47), `needed` the level that what they do there asks for.
    #[must_use]
    pub fn begin(&self, redirect_uri: &Url, ui_locale: Option<&str>, needed: Option<Level>) -> Begin {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let client = self.client(redirect_uri);
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                || CsrfToken::new(random_token()),
                || Nonce::new(random_token()),
            )
            .set_pkce_challenge(challenge);
        // `openid` is there already.
        for scope in self.settings.scopes.iter().filter(|scope| *scope != "openid") {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        for acr in self.settings.levels_to_ask(needed) {
            request = request.add_auth_context_value(AuthenticationContextClass::new(acr));
        }
        if let Some(locale) = ui_locale {
            request = request.add_ui_locale(LanguageTag::new(locale.to_owned()));
        }
        for (name, value) in &self.settings.extra_parameters {
            request = request.add_extra_param(name.as_str(), value.as_str());
        }
        let (url, state, nonce) = request.url();
        let pending = Pending {
            state: state.into_secret().into(),
            nonce: nonce.secret().as_str().into(),
            pkce_verifier: verifier.into_secret().into(),
            redirect_uri: redirect_uri.clone(),
        };
        Begin { url, pending }
    }

    /// Finishes the login that `pending` began: checks the browser's answer, exchanges the code, verifies the
    /// ID token and the userinfo, and reads the person.
    ///
    /// # Errors
    /// [`LoginError`], by what the person should be told.
    pub async fn finish(
        &self,
        callback: &Callback,
        pending: &Pending,
        now: DateTime<Utc>,
    ) -> Result<Identity, LoginError> {
        let code = callback.check(pending, self.issuer.as_str(), self.answers_with_issuer)?;
        let client = self.client(&pending.redirect_uri);
        let answer = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(pending.pkce_verifier.expose_secret().to_owned()))
            .request_async(&self.http)
            .await?;
        let (subject, documents) =
            self.verify(&answer, &Nonce::new(pending.nonce.expose_secret().to_owned()), now).await?;
        identity::read(&self.settings, &subject, &documents)
    }

    fn client(&self, redirect_uri: &Url) -> Client {
        let auth_type = match self.settings.auth_method {
            AuthMethod::Basic => AuthType::BasicAuth,
            AuthMethod::Post => AuthType::RequestBody,
        };
        // The keys stay out of this client: tokens are verified in `token`, where they can be read anew.
        CoreClient::new(self.client_id(), self.issuer.clone(), CoreJsonWebKeySet::new(Vec::new()))
            .set_client_secret(ClientSecret::new(self.settings.client_secret.expose_secret().to_owned()))
            .set_auth_uri(self.authorization.clone())
            .set_token_uri(self.token.clone())
            .set_auth_type(auth_type)
            .set_redirect_uri(RedirectUrl::from_url(redirect_uri.clone()))
    }

    fn client_id(&self) -> ClientId {
        ClientId::new(self.settings.client_id.clone())
    }
}

/// An unguessable text of letters and digits.
pub(crate) fn random_token() -> String {
    let mut bytes = [0u8; TOKEN_BYTES];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system's random source cannot fail once it is seeded");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
