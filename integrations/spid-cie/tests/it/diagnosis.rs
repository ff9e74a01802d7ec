//! "Test the connection".

use serde_json::{Value, json};
use sportello_spid_cie::{
    Settings,
    diagnosis::{Check, CheckName, Outcome, diagnose},
};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

use crate::{World, http};

/// The outcome and code of one check.
fn found(checks: &[Check], name: CheckName) -> Option<(Outcome, &'static str)> {
    checks.iter().find(|check| check.name == name).map(|check| (check.outcome, check.detail.code))
}

#[tokio::test]
async fn a_good_configuration_is_all_right() {
    let world = World::new().await;
    for auth_method in ["basic", "post"] {
        let checks = diagnose(&http(), &world.settings(json!({"auth_method": auth_method}))).await;
        assert_eq!(checks.len(), 9);
        assert!(checks.iter().all(|check| check.outcome == Outcome::Ok), "{checks:?}");
    }
}

#[tokio::test]
async fn each_mistake_of_an_administrator_is_named() {
    let world = World::new().await;
    for (change, name, code) in [
        (json!({"client_secret": "wrong"}), CheckName::ClientCredentials, "invalid_client"),
        (json!({"client_id": "wrong"}), CheckName::ClientCredentials, "invalid_client"),
        (json!({"scopes": ["profile", "fiscal"]}), CheckName::Scopes, "not_offered"),
        (json!({"acr_values": ["2"]}), CheckName::Acr, "not_offered"),
        (json!({"issuer": format!("{}/", world.issuer)}), CheckName::DiscoveryDocument, "issuer_differs"),
        (json!({"issuer": format!("{}/nothing", world.issuer)}), CheckName::IssuerReachable, "status"),
        (json!({"issuer": "http://127.0.0.1:9"}), CheckName::IssuerReachable, "unreachable"),
        (json!({"issuer": "http://login.example.it"}), CheckName::Settings, "unusable"),
    ] {
        let checks = diagnose(&http(), &world.settings(change.clone())).await;
        assert_eq!(found(&checks, name), Some((Outcome::Failed, code)), "{change}: {checks:?}");
        let failed = checks.iter().filter(|check| check.outcome == Outcome::Failed).count();
        assert_eq!(failed, 1, "only the mistake is blamed: {checks:?}");
        assert!(!serde_json::to_string(&checks).unwrap().contains("wrong"), "settings are not repeated");
    }
}

/// A provider that answers with this discovery document, key set and token error.
async fn provider(document: Value, keys: Value, token: ResponseTemplate) -> (MockServer, Settings) {
    let server = MockServer::start().await;
    let mut members = json!({
        "issuer": server.uri(),
        "authorization_endpoint": format!("{}/authorize", server.uri()),
        "token_endpoint": format!("{}/token", server.uri()),
        "jwks_uri": format!("{}/jwks", server.uri()),
        "response_types_supported": ["code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
    });
    members.as_object_mut().unwrap().extend(document.as_object().unwrap().clone());
    let answers = [
        ("GET", "/.well-known/openid-configuration", ResponseTemplate::new(200).set_body_json(members)),
        ("GET", "/jwks", ResponseTemplate::new(200).set_body_json(keys)),
        ("POST", "/token", token),
    ];
    for (verb, address, answer) in answers {
        Mock::given(method(verb)).and(path(address)).respond_with(answer).mount(&server).await;
    }
    let settings = json!({
        "issuer": server.uri(), "client_id": "sportello", "client_secret": "secret",
        "scopes": ["profile"], "auth_method": "post",
    });
    let settings = serde_json::from_value(settings).unwrap();
    (server, settings)
}

#[tokio::test]
async fn a_poor_provider_is_described() {
    let encryption_key = json!({"kty": "RSA", "use": "enc", "n": "AQAB", "e": "AQAB", "kid": "e"});
    let error = ResponseTemplate::new(400).set_body_json(json!({"error": "invalid_request"}));
    let (_server, settings) = provider(json!({}), json!({"keys": [encryption_key]}), error).await;
    let checks = diagnose(&http(), &settings).await;
    assert_eq!(found(&checks, CheckName::Pkce), Some((Outcome::Warning, "not_announced")));
    assert_eq!(found(&checks, CheckName::Scopes), Some((Outcome::Warning, "not_announced")));
    assert_eq!(found(&checks, CheckName::Acr), Some((Outcome::Ok, "none_asked")));
    assert_eq!(found(&checks, CheckName::SigningKey), Some((Outcome::Failed, "no_usable_key")));
    // Silence means basic, and the settings say post.
    assert_eq!(found(&checks, CheckName::TokenAuthMethod), Some((Outcome::Failed, "not_offered")));
    assert_eq!(found(&checks, CheckName::ClientCredentials), Some((Outcome::Warning, "cannot_tell")));
}

#[tokio::test]
async fn plain_pkce_and_other_keys_do_not_pass() {
    let key = json!({"kty": "EC", "crv": "P-256", "x": "AQAB", "y": "AQAB"});
    let document = json!({"code_challenge_methods_supported": ["plain"]});
    let (_server, settings) = provider(document, json!({"keys": [key]}), ResponseTemplate::new(401)).await;
    let checks = diagnose(&http(), &settings).await;
    assert_eq!(found(&checks, CheckName::Pkce), Some((Outcome::Failed, "not_offered")));
    assert_eq!(found(&checks, CheckName::SigningKey), Some((Outcome::Failed, "no_usable_key")));
    assert_eq!(found(&checks, CheckName::ClientCredentials), Some((Outcome::Failed, "invalid_client")));
}

#[tokio::test]
async fn endpoints_out_of_tls_or_absent_are_refused_and_no_secret_goes_there() {
    for (endpoint, code) in
        [(json!("http://login.example.it/token"), "endpoint_insecure"), (Value::Null, "endpoint_missing")]
    {
        let document = json!({"token_endpoint": endpoint});
        let (server, settings) = provider(document, json!({"keys": []}), ResponseTemplate::new(400)).await;
        let checks = diagnose(&http(), &settings).await;
        assert_eq!(found(&checks, CheckName::DiscoveryDocument), Some((Outcome::Failed, code)));
        assert_eq!(
            server.received_requests().await.unwrap().len(),
            1,
            "nothing beyond the document is asked"
        );
    }
}

/// A key for signatures, bound to an algorithm.
fn signing_key(algorithm: &str) -> Value {
    json!({"keys": [{"kty": "RSA", "use": "sig", "alg": algorithm, "n": "AQAB", "e": "AQAB", "kid": "s"}]})
}

#[tokio::test]
async fn what_the_login_cannot_work_with_is_not_all_right() {
    for member in
        ["response_types_supported", "subject_types_supported", "id_token_signing_alg_values_supported"]
    {
        let (_server, settings) =
            provider(json!({member: null}), signing_key("RS256"), ResponseTemplate::new(400)).await;
        let checks = diagnose(&http(), &settings).await;
        let failed = Some((Outcome::Failed, "unusable"));
        assert_eq!(found(&checks, CheckName::DiscoveryDocument), failed, "{member}: {checks:?}");
        assert_eq!(checks.len(), 3, "the rest cannot be told");
    }
    let document = json!({"userinfo_endpoint": "http://login.example.it/userinfo"});
    let (_server, settings) = provider(document, signing_key("RS256"), ResponseTemplate::new(400)).await;
    let checks = diagnose(&http(), &settings).await;
    assert_eq!(found(&checks, CheckName::DiscoveryDocument), Some((Outcome::Failed, "endpoint_insecure")));
}

#[tokio::test]
async fn both_algorithms_of_the_login_pass() {
    for (algorithm, expected) in [
        ("RS256", (Outcome::Ok, "usable")),
        ("RS512", (Outcome::Ok, "usable")),
        ("RS384", (Outcome::Failed, "no_usable_key")),
    ] {
        let document = json!({"id_token_signing_alg_values_supported": [algorithm]});
        let (_server, settings) =
            provider(document, signing_key(algorithm), ResponseTemplate::new(400)).await;
        let checks = diagnose(&http(), &settings).await;
        assert_eq!(found(&checks, CheckName::SigningKey), Some(expected), "{algorithm}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let world = World::new().await;
    let server = MockServer::start().await;
    let target = format!("{}/.well-known/openid-configuration", world.issuer);
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(302).insert_header("location", target))
        .mount(&server)
        .await;
    let checks = diagnose(&http(), &world.settings(json!({"issuer": server.uri()}))).await;
    assert_eq!(found(&checks, CheckName::IssuerReachable), Some((Outcome::Failed, "status")));
}
