//! Who logged in: reading claims, however the provider names them.

use std::fmt;

use chrono::NaiveDate;
use serde_json::Value;

use super::{LoginError, Settings};
use crate::{FiscalCode, Level};

/// A person as a provider vouches for them.
///
/// The key of a person is the fiscal code: `subject` changes with the client at some providers and with every
/// login at others (PagoPA OneIdentity), so it serves the log and never the database.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// None only where the settings do not require it.
    pub fiscal_code: Option<FiscalCode>,
    /// Given name, as the provider writes it.
    pub given_name: Option<String>,
    /// Family name, as the provider writes it.
    pub family_name: Option<String>,
    /// E-mail address, unverified by us.
    pub email: Option<String>,
    /// Whether the provider vouches that the address is the person's.
    pub email_verified: bool,
    /// Telephone number, unverified by us.
    pub phone: Option<String>,
    /// Date of birth.
    pub birthdate: Option<NaiveDate>,
    /// Level of this login; None where the provider states none (and the settings ask for none).
    pub level: Option<Level>,
    /// The provider.
    pub issuer: String,
    /// The provider's name for the person, or only for this login.
    pub subject: String,
}

/// Says which login it was, not whose.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("fiscal_code", &self.fiscal_code)
            .field("level", &self.level)
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

/// Reads a person from verified claims: those of the ID token first, because they are signed, then the
/// userinfo's.
pub(super) fn read(settings: &Settings, subject: &str, documents: &[Value]) -> Result<Identity, LoginError> {
    let text = |paths: &[String]| find(documents, paths).map(ToOwned::to_owned);
    let level = find(documents, &settings.claims.level).and_then(Level::from_acr);
    let level = level.or(settings.assumed_level);
    if level < settings.minimum_level {
        return Err(LoginError::LevelTooLow);
    }
    let fiscal_code = find(documents, &settings.claims.fiscal_code).and_then(|text| text.parse().ok());
    if fiscal_code.is_none() && settings.fiscal_code_required {
        return Err(LoginError::NoFiscalCode);
    }
    let email = text(&settings.claims.email);
    Ok(Identity {
        fiscal_code,
        given_name: text(&settings.claims.given_name),
        family_name: text(&settings.claims.family_name),
        email_verified: email.as_deref().is_some_and(|email| is_verified(settings, documents, email)),
        email,
        phone: text(&settings.claims.phone),
        birthdate: find(documents, &settings.claims.birthdate).and_then(|text| text.parse().ok()),
        level,
        issuer: settings.issuer.clone(),
        subject: subject.to_owned(),
    })
}

/// Whether the document that holds the address also says that it is verified (OpenID Connect Core §5.1).
fn is_verified(settings: &Settings, documents: &[Value], email: &str) -> bool {
    let holds =
        |document: &Value| find(std::slice::from_ref(document), &settings.claims.email) == Some(email);
    // Some providers write the claim as a text.
    let says_so =
        |document: &Value| document["email_verified"] == true || document["email_verified"] == "true";
    settings.email_trusted || documents.iter().any(|document| holds(document) && says_so(document))
}

/// The first text that is not blank, by path and then by document.
fn find<'a>(documents: &'a [Value], paths: &[String]) -> Option<&'a str> {
    paths
        .iter()
        .flat_map(|path| documents.iter().filter_map(|document| lookup(document, path)))
        .filter_map(Value::as_str)
        .map(str::trim)
        .find(|text| !text.is_empty())
}

/// Follows a dotted path. A member whose name is the whole rest of the path comes first, because the rules
/// name claims by address (`https://attributes.eid.gov.it/fiscal_number`).
fn lookup<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    value.get(path).or_else(|| {
        path.match_indices('.').find_map(|(dot, _)| lookup(value.get(&path[..dot])?, &path[dot + 1..]))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn settings(more: &Value) -> Settings {
        let mut members = json!({
            "issuer": "https://login.example.it", "client_id": "sportello", "client_secret": "secret",
        });
        for (name, value) in more.as_object().unwrap() {
            members[name] = value.clone();
        }
        serde_json::from_value(members).unwrap()
    }

    #[test]
    fn names_of_the_rules_of_saml_and_of_nested_profiles_are_understood() {
        let rules = json!({
            "https://attributes.eid.gov.it/fiscal_number": "TINIT-RSSMRA80A01H501U", "given_name": "Niccolò",
            "family_name": "D'Angelo", "birthdate": "1980-01-01", "email": " ",
            "acr": "https://www.spid.gov.it/SpidL2",
        });
        let identity = read(&settings(&json!({})), "s", &[rules]).unwrap();
        assert_eq!(identity.fiscal_code.unwrap().as_str(), "RSSMRA80A01H501U");
        assert_eq!(identity.given_name.as_deref(), Some("Niccolò"));
        assert_eq!(identity.family_name.as_deref(), Some("D'Angelo"));
        assert_eq!(identity.birthdate, NaiveDate::from_ymd_opt(1980, 1, 1));
        assert_eq!((identity.email, identity.level), (None, Some(Level::L2)));

        let saml = json!({
            "fiscalNumber": "RSSMRA80A01H501U", "name": "Mario", "familyName": "Rossi",
            "mobilePhone": "+39 333",
        });
        let identity = read(&settings(&json!({})), "s", &[json!({}), saml]).unwrap();
        assert_eq!(
            (identity.family_name.as_deref(), identity.phone.as_deref()),
            (Some("Rossi"), Some("+39 333"))
        );

        let nested = json!({"enti-codicefiscale": {"fiscalCode": "TINIT-RSSMRA80A01H501U"}});
        let settings = settings(&json!({"claims": {"fiscal_code": ["enti-codicefiscale.fiscalCode"]}}));
        assert!(read(&settings, "s", &[nested]).unwrap().fiscal_code.is_some());
    }

    #[test]
    fn the_signed_claim_wins() {
        let id_token = json!({"fiscal_number": "RSSMRA80A01H501U"});
        let userinfo = json!({"fiscal_number": "VRDLGU75D15L219K"});
        let identity = read(&settings(&json!({})), "s", &[id_token, userinfo]).unwrap();
        assert_eq!(identity.fiscal_code.unwrap().as_str(), "RSSMRA80A01H501U");
    }

    #[test]
    fn a_fiscal_code_is_required_unless_the_settings_say_otherwise() {
        let (citizens, staff) = (settings(&json!({})), settings(&json!({"fiscal_code_required": false})));
        for claims in [json!({}), json!({"fiscal_number": "RSSMRA80A01H501X"}), json!({"fiscal_number": 5})] {
            let documents = [claims];
            assert!(
                matches!(read(&citizens, "s", &documents), Err(LoginError::NoFiscalCode)),
                "{documents:?}"
            );
            assert_eq!(read(&staff, "s", &documents).unwrap().fiscal_code, None);
        }
    }

    #[test]
    fn a_level_below_the_minimum_or_unstated_is_refused() {
        let settings = settings(&json!({"minimum_level": "l2", "fiscal_code_required": false}));
        for (acr, enough) in
            [(Some("1"), false), (Some("2"), true), (Some("3"), true), (Some("9"), false), (None, false)]
        {
            let claims = json!({"acr": acr.map(|n| format!("https://www.spid.gov.it/SpidL{n}"))});
            assert_eq!(read(&settings, "s", &[claims]).is_ok(), enough, "{acr:?}");
        }
    }

    #[test]
    fn an_unstated_level_is_worth_what_the_settings_say() {
        let settings = settings(&json!({"assumed_level": "l2", "fiscal_code_required": false}));
        for (acr, level) in [
            (json!(null), Level::L2),
            (json!("1"), Level::L2),
            (json!("https://www.spid.gov.it/SpidL1"), Level::L1),
            (json!("https://www.spid.gov.it/SpidL3"), Level::L3),
        ] {
            assert_eq!(read(&settings, "s", &[json!({"acr": acr})]).unwrap().level, Some(level), "{acr}");
        }
    }

    #[test]
    fn an_address_is_verified_only_where_the_provider_says_so_of_that_address() {
        let staff = settings(&json!({"fiscal_code_required": false}));
        for (documents, verified) in [
            (vec![json!({"email": "a@x.it", "email_verified": true})], true),
            (vec![json!({"email": "a@x.it", "email_verified": "true"})], true),
            (vec![json!({"email": "a@x.it", "email_verified": false})], false),
            (vec![json!({"email": "a@x.it"})], false),
            (vec![json!({"email_verified": true})], false),
            (vec![json!({"email": "a@x.it"}), json!({"email": "b@x.it", "email_verified": true})], false),
            (vec![json!({"email": "a@x.it"}), json!({"email": "a@x.it", "email_verified": true})], true),
        ] {
            assert_eq!(read(&staff, "s", &documents).unwrap().email_verified, verified, "{documents:?}");
        }
        let trusted = settings(&json!({"fiscal_code_required": false, "email_trusted": true}));
        assert!(read(&trusted, "s", &[json!({"email": "a@x.it"})]).unwrap().email_verified);
        assert!(!read(&trusted, "s", &[json!({})]).unwrap().email_verified);
    }

    #[test]
    fn debug_shows_no_person() {
        let claims =
            json!({"fiscal_number": "RSSMRA80A01H501U", "given_name": "Mario", "email": "mario@example.it"});
        let text = format!("{:?}", read(&settings(&json!({})), "a subject", &[claims]).unwrap());
        for private in ["RSSMRA80A01H501U", "Mario", "mario@", "a subject"] {
            assert!(!text.contains(private), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_nesting_is_found_under_its_dotted_path(
            names in prop::collection::vec("[a-z./:]{1,12}", 1..5),
        ) {
            let nested = names.iter().rev().fold(json!("found"), |inner, name| json!({name: inner}));
            prop_assert_eq!(lookup(&nested, &names.join(".")), Some(&json!("found")));
        }
    }
}
