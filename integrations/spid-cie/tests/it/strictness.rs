//! The simulator is as strict as the rules ask providers to be.

use std::collections::HashMap;

use serde_json::{Value, json};
use url::Url;

use crate::{CLIENT, REDIRECT, SECRET, World, redirect};

/// The authorization request of a good client, with one parameter changed or (None) left out.
async fn changed(world: &World, name: &str, value: Option<&str>) -> Url {
    let begin = world.provider(json!({})).await.begin(&redirect(), None, None);
    let mut url = begin.url.clone();
    let kept: Vec<_> = begin.url.query_pairs().filter(|(key, _)| key != name).collect();
    url.query_pairs_mut().clear().extend_pairs(kept).extend_pairs(value.map(|value| (name, value)));
    url
}

#[tokio::test]
async fn a_careless_request_is_sent_back_with_its_error() {
    let world = World::new().await;
    for (name, value, error) in [
        ("code_challenge", None, "invalid_request"),
        ("code_challenge", Some("short"), "invalid_request"),
        ("code_challenge_method", None, "invalid_request"),
        ("code_challenge_method", Some("plain"), "invalid_request"),
        ("state", Some("0123456789012345678901234567890"), "invalid_request"),
        ("nonce", Some("0123456789012345678901234567890"), "invalid_request"),
        ("nonce", None, "invalid_request"),
        ("scope", Some("profile"), "invalid_scope"),
        ("response_type", Some("token"), "unsupported_response_type"),
    ] {
        let answer = world.browser.get(changed(&world, name, value).await).send().await.unwrap();
        assert_eq!(answer.status(), 303, "{name} {value:?}");
        let location = Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
        let query: HashMap<_, _> = location.query_pairs().into_owned().collect();
        assert_eq!(
            (query["error"].as_str(), query["iss"].as_str()),
            (error, world.issuer.as_str()),
            "{name} {value:?}"
        );
        assert!(!query.contains_key("code"));
    }
}

#[tokio::test]
async fn nobody_is_sent_to_an_unknown_place() {
    let world = World::new().await;
    for (name, value) in [
        ("redirect_uri", Some("https://evil.example/ritorno")),
        ("redirect_uri", None),
        ("client_id", Some("nobody")),
        ("client_id", None),
    ] {
        let answer = world.browser.get(changed(&world, name, value).await).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{name} {value:?}");
        assert!(!answer.headers().contains_key("location"));
    }
}

#[tokio::test]
async fn the_token_endpoint_wants_the_client_first() {
    let world = World::new().await;
    let request = async |id: &str, secret: &str, grant_type: &str| {
        let form = [
            ("client_id", id),
            ("client_secret", secret),
            ("grant_type", grant_type),
            ("code", "invented"),
            ("code_verifier", "invented"),
            ("redirect_uri", REDIRECT),
        ];
        let answer = world.browser.post(format!("{}/token", world.issuer)).form(&form).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json::<Value>().await.unwrap()["error"].as_str().unwrap().to_owned())
    };
    assert_eq!(request("nobody", SECRET, "authorization_code").await, (401, "invalid_client".to_owned()));
    assert_eq!(request(CLIENT, "wrong", "authorization_code").await, (401, "invalid_client".to_owned()));
    assert_eq!(request(CLIENT, SECRET, "password").await, (400, "unsupported_grant_type".to_owned()));
    assert_eq!(request(CLIENT, SECRET, "authorization_code").await, (400, "invalid_grant".to_owned()));
    let userinfo =
        world.browser.get(format!("{}/userinfo", world.issuer)).bearer_auth("invented").send().await.unwrap();
    assert_eq!(userinfo.status(), 401);
}
