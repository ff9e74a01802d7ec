//! What an administrator configures about a provider.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::{Deserialize, Deserializer};
use url::{Host, Url};

use super::ProviderError;
use crate::Level;

/// Parameters of the authorization request that the login itself decides.
const OWN_PARAMETERS: [&str; 12] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "acr_values",
    "ui_locales",
    "request",
    "request_uri",
];

/// A plain OpenID Connect provider, as its operator describes it to a service. Read from JSON; everything but
/// the first three members has a default.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The issuer, exactly as the provider spells it: `https`, or `http` on this very machine.
    pub issuer: String,
    /// The identifier the provider gave to this service.
    pub client_id: String,
    /// The secret that goes with it.
    #[serde(deserialize_with = "secret")]
    pub client_secret: SecretString,
    /// How the secret is presented at the token endpoint.
    #[serde(default)]
    pub auth_method: AuthMethod,
    /// Scopes beside `openid`.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// Levels to ask for, in order of preference; empty leaves the choice to the provider.
    #[serde(default)]
    pub acr_values: Vec<String>,
    /// The level below which a login is refused, whatever was asked. None accepts a provider that states no
    /// level.
    #[serde(default)]
    pub minimum_level: Option<Level>,
    /// What a login is worth where the provider states no level, or none in SPID's spelling: for a provider known to
    /// work at one level.
    #[serde(default)]
    pub assumed_level: Option<Level>,
    /// Whether e-mail addresses are believed without `email_verified`: only of a directory in which people cannot
    /// write their own.
    #[serde(default)]
    pub email_trusted: bool,
    /// Whether a person without a fiscal code is refused: true for citizens, often false for staff.
    #[serde(default = "yes")]
    pub fiscal_code_required: bool,
    /// Where the provider puts what we read about a person.
    #[serde(default)]
    pub claims: ClaimMap,
    /// Further parameters of the authorization request, for example a proxy's own choice of identity
    /// provider.
    #[serde(default)]
    pub extra_parameters: BTreeMap<String, String>,
    /// What the userinfo endpoint must answer.
    #[serde(default)]
    pub userinfo: Userinfo,
}

/// How a client proves itself at the token endpoint (OpenID Connect Core §9).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AuthMethod {
    /// `client_secret_basic`: in the `Authorization` header.
    #[default]
    Basic,
    /// `client_secret_post`: in the form.
    Post,
}

/// What the userinfo endpoint must answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Userinfo {
    /// A JSON object; a signed JWT is welcome too.
    #[default]
    Json,
    /// A JWT signed with one of the provider's keys; anything else is refused.
    SignedJwt,
}

/// For each thing we read, the claims that may hold it, the first found wins. A path descends into objects
/// with dots (`enti-codicefiscale.fiscalCode`); a claim whose own name has dots is found under its name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClaimMap {
    /// Fiscal number, with or without `TINIT-`.
    pub fiscal_code: Vec<String>,
    /// Given name.
    pub given_name: Vec<String>,
    /// Family name.
    pub family_name: Vec<String>,
    /// E-mail address.
    pub email: Vec<String>,
    /// Telephone number.
    pub phone: Vec<String>,
    /// Date of birth, `YYYY-MM-DD`.
    pub birthdate: Vec<String>,
    /// Level of the login.
    pub level: Vec<String>,
}

impl Default for ClaimMap {
    /// The names of the SPID/CIE rules, then those SAML proxies keep.
    fn default() -> Self {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        Self {
            fiscal_code: names(&[
                "https://attributes.eid.gov.it/fiscal_number",
                "https://attributes.spid.gov.it/fiscal_number",
                "https://attributes.spid.gov.it/fiscalNumber",
                "fiscal_number",
                "fiscalNumber",
            ]),
            given_name: names(&["given_name", "name"]),
            family_name: names(&["family_name", "familyName"]),
            email: names(&["email"]),
            phone: names(&["phone_number", "mobilePhone"]),
            birthdate: names(&["birthdate", "dateOfBirth"]),
            level: names(&["acr"]),
        }
    }
}

impl Settings {
    /// Checks what can be told without asking the provider.
    pub(crate) fn check(&self) -> Result<(), ProviderError> {
        let issuer = Url::parse(&self.issuer).map_err(|_| ProviderError::InsecureAddress)?;
        if !self.trusts(&issuer) {
            return Err(ProviderError::InsecureAddress);
        }
        if self.extra_parameters.keys().any(|name| OWN_PARAMETERS.contains(&name.as_str())) {
            return Err(ProviderError::ReservedParameter);
        }
        Ok(())
    }

    /// The `acr_values` of a login for something that needs a level: what is configured, without the levels that
    /// would not do, and the needed one first where none is left.
    pub(crate) fn levels_to_ask(&self, needed: Option<Level>) -> Vec<String> {
        let mut asked = self.acr_values.clone();
        // Any login is of level 1. A provider whose logins are of one level takes no orders about it.
        let Some(needed) = needed.filter(|level| *level > Level::L1 && self.assumed_level.is_none()) else {
            return asked;
        };
        let level = |acr: &String| Level::from_acr(acr);
        asked.retain(|acr| level(acr).is_none_or(|level| level >= needed));
        if !asked.iter().any(|acr| level(acr).is_some()) {
            asked.insert(0, needed.acr());
        }
        asked
    }

    /// Whether secrets and personal data may be sent to an address: over TLS, or, when the issuer is on this
    /// machine (the demonstration), without leaving it.
    pub(crate) fn trusts(&self, address: &Url) -> bool {
        let issuer_is_local = Url::parse(&self.issuer).is_ok_and(|issuer| is_loopback(&issuer));
        address.scheme() == "https" || (address.scheme() == "http" && issuer_is_local && is_loopback(address))
    }
}

fn is_loopback(address: &Url) -> bool {
    match address.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    String::deserialize(deserializer).map(SecretString::from)
}

fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn settings(issuer: &str) -> Settings {
        serde_json::from_value(
            json!({"issuer": issuer, "client_id": "sportello", "client_secret": "a secret"}),
        )
        .unwrap()
    }

    #[test]
    fn three_members_are_enough_and_the_secret_is_not_printed() {
        let settings = settings("https://login.example.it");
        assert!(settings.fiscal_code_required);
        assert_eq!(settings.claims, ClaimMap::default());
        assert!(!format!("{settings:?}").contains("a secret"));
    }

    #[test]
    fn a_misspelt_member_is_refused() {
        let text =
            json!({"issuer": "https://a", "client_id": "b", "client_secret": "c", "minimun_level": "l2"});
        assert!(serde_json::from_value::<Settings>(text).is_err());
    }

    #[test]
    fn a_needed_level_is_asked_for_and_never_undercut() {
        let l = |n: u8| format!("https://www.spid.gov.it/SpidL{n}");
        let mut settings = settings("https://login.example.it");
        for (configured, needed, asked) in [
            (vec![l(2)], None, vec![l(2)]),
            (vec![l(2)], Some(Level::L1), vec![l(2)]),
            (vec![l(2)], Some(Level::L2), vec![l(2)]),
            (vec![l(2)], Some(Level::L3), vec![l(3)]),
            (vec![l(1), l(2), l(3)], Some(Level::L2), vec![l(2), l(3)]),
            (vec!["own".to_owned()], Some(Level::L2), vec![l(2), "own".to_owned()]),
            (vec![], Some(Level::L1), vec![]),
            (vec![], Some(Level::L3), vec![l(3)]),
        ] {
            settings.acr_values.clone_from(&configured);
            assert_eq!(settings.levels_to_ask(needed), asked, "{configured:?} {needed:?}");
        }
        settings.assumed_level = Some(Level::L2);
        assert_eq!(settings.levels_to_ask(Some(Level::L3)), Vec::<String>::new());
    }

    #[test]
    fn only_tls_or_this_machine_is_trusted() {
        for (issuer, address, trusted) in [
            ("https://login.example.it", "https://api.example.it/token", true),
            ("https://login.example.it", "http://api.example.it/token", false),
            ("https://login.example.it", "http://127.0.0.1/token", false),
            ("http://127.0.0.1:8080/spid", "http://127.0.0.1:8080/token", true),
            ("http://localhost:8080", "http://[::1]/token", true),
            ("http://127.0.0.1:8080/spid", "http://10.0.0.1/token", false),
        ] {
            assert_eq!(settings(issuer).trusts(&address.parse().unwrap()), trusted, "{issuer} {address}");
        }
        for issuer in [
            "http://login.example.it",
            "ftp://login.example.it",
            "login.example.it",
            "http://localhost.example.it",
        ] {
            assert!(matches!(settings(issuer).check(), Err(ProviderError::InsecureAddress)), "{issuer}");
        }
    }

    #[test]
    fn an_extra_parameter_cannot_undo_a_check() {
        let mut settings = settings("https://login.example.it");
        settings.extra_parameters.insert("idphint".to_owned(), "cie".to_owned());
        assert!(settings.check().is_ok());
        settings.extra_parameters.insert("nonce".to_owned(), "fixed".to_owned());
        assert!(matches!(settings.check(), Err(ProviderError::ReservedParameter)));
    }
}
