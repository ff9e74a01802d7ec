//! Logins that succeed, and those a person ends.

use chrono::NaiveDate;
use serde_json::json;
use sportello_spid_cie::{
    Level, LoginError, Provider, ProviderError,
    provider::{Pending, Refusal},
};

use crate::{CLIENT, World, http, mario, redirect};

#[tokio::test]
async fn a_citizen_logs_in() {
    let world = World::new().await;
    for auth_method in ["basic", "post"] {
        let provider = world.provider(json!({"auth_method": auth_method})).await;
        let identity = world.log_in(&provider, "mario").await.unwrap();
        assert_eq!(identity.fiscal_code, mario().fiscal_code, "{auth_method}");
        assert_eq!(identity.given_name.as_deref(), Some("Mario"));
        assert_eq!(identity.family_name.as_deref(), Some("D'Angelò"));
        assert_eq!(identity.email.as_deref(), Some("mario@example.it"));
        assert_eq!(identity.phone.as_deref(), Some("+393331234567"));
        assert_eq!(identity.birthdate, NaiveDate::from_ymd_opt(1980, 1, 1));
        assert_eq!(identity.level, Some(Level::L2));
        assert_eq!(identity.issuer, world.issuer);
    }
}

#[tokio::test]
async fn an_officer_without_fiscal_code_logs_in_where_none_is_required() {
    let world = World::new().await;
    let staff = world.provider(json!({"fiscal_code_required": false})).await;
    let identity = world.log_in(&staff, "anna").await.unwrap();
    assert_eq!((identity.fiscal_code, identity.level), (None, Some(Level::L3)));

    let citizens = world.provider(json!({})).await;
    assert!(matches!(world.log_in(&citizens, "anna").await, Err(LoginError::NoFiscalCode)));
}

#[tokio::test]
async fn a_signed_userinfo_is_read() {
    let world = World::with(true).await;
    for userinfo in ["json", "signed_jwt"] {
        let provider = world.provider(json!({"userinfo": userinfo})).await;
        assert_eq!(world.log_in(&provider, "mario").await.unwrap().fiscal_code, mario().fiscal_code);
    }
}

#[tokio::test]
async fn a_new_key_of_the_provider_is_found() {
    let world = World::with(true).await;
    let provider = world.provider(json!({})).await;
    world.simulator.rotate_key();
    assert!(world.log_in(&provider, "mario").await.is_ok());
}

#[tokio::test]
async fn the_request_asks_for_what_the_settings_say() {
    let world = World::new().await;
    let provider = world
        .provider(json!({"extra_parameters": {"idphint": "cie & co"}, "scopes": ["openid", "email"]}))
        .await;
    let begin = provider.begin(&redirect(), Some("de"), None);
    let parameter = |name: &str| {
        let values: Vec<_> = begin
            .url
            .query_pairs()
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
            .collect();
        assert_eq!(values.len(), 1, "{name} exactly once");
        values.into_iter().next().unwrap()
    };
    assert_eq!(parameter("client_id"), CLIENT);
    assert_eq!(parameter("scope"), "openid email");
    assert_eq!(parameter("ui_locales"), "de");
    assert_eq!(parameter("idphint"), "cie & co");
    assert_eq!(parameter("acr_values"), Level::L2.acr());
    assert_eq!(parameter("code_challenge_method"), "S256");
    for name in ["state", "nonce"] {
        let value = parameter(name);
        assert!(value.len() >= 32 && value.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{value}");
    }
    assert!(begin.pending.has_state(&parameter("state")));
    // Nothing of one login is in the next, and nothing secret is printed.
    let other = provider.begin(&redirect(), None, None);
    assert!(!other.pending.has_state(&parameter("state")));
    assert!(!format!("{:?}", begin.pending).contains(&parameter("nonce")));
}

#[tokio::test]
async fn a_person_may_cancel_or_use_weaker_credentials() {
    let world = World::new().await;
    let provider = world.provider(json!({})).await;
    let begin = provider.begin(&redirect(), None, None);
    let callback = world.choose(&begin, &[("cancel", "yes")]).await;
    assert!(matches!(
        provider.finish(&callback, &begin.pending, world.now()).await,
        Err(LoginError::Cancelled)
    ));

    let begin = provider.begin(&redirect(), None, None);
    let callback = world.choose(&begin, &[("login", "mario"), ("level", &Level::L1.acr())]).await;
    assert!(matches!(
        provider.finish(&callback, &begin.pending, world.now()).await,
        Err(LoginError::LevelTooLow)
    ));

    // Nobody is stronger than their credentials.
    let strong = world.provider(json!({"minimum_level": "l3"})).await;
    let begin = strong.begin(&redirect(), None, None);
    let callback = world.choose(&begin, &[("login", "mario"), ("level", &Level::L3.acr())]).await;
    assert!(matches!(
        strong.finish(&callback, &begin.pending, world.now()).await,
        Err(LoginError::LevelTooLow)
    ));
}

#[tokio::test]
async fn a_code_is_for_one_use_one_minute_and_one_browser() {
    let world = World::new().await;
    let provider = world.provider(json!({})).await;
    let begin = provider.begin(&redirect(), None, None);
    let callback = world.choose(&begin, &[("login", "mario")]).await;
    assert!(provider.finish(&callback, &begin.pending, world.now()).await.is_ok());
    assert!(matches!(
        provider.finish(&callback, &begin.pending, world.now()).await,
        Err(LoginError::Expired)
    ));

    let begin = provider.begin(&redirect(), None, None);
    let callback = world.choose(&begin, &[("login", "mario")]).await;
    world.advance(61);
    assert!(matches!(
        provider.finish(&callback, &begin.pending, world.now()).await,
        Err(LoginError::Expired)
    ));

    // Somebody who stole state and code but not the verifier, or who has them sent elsewhere.
    let elsewhere = "http://127.0.0.1:9/ritorno/altrove".parse().unwrap();
    for change in [
        |pending: Pending, _| Pending { pkce_verifier: "a".repeat(43).into(), ..pending },
        |pending: Pending, elsewhere| Pending { redirect_uri: elsewhere, ..pending },
    ] as [fn(Pending, url::Url) -> Pending; 2]
    {
        let begin = provider.begin(&redirect(), None, None);
        let callback = world.choose(&begin, &[("login", "mario")]).await;
        let pending = change(begin.pending, url::Url::clone(&elsewhere));
        assert!(matches!(provider.finish(&callback, &pending, world.now()).await, Err(LoginError::Expired)));
    }
}

#[tokio::test]
async fn the_answer_to_another_browser_is_refused() {
    let world = World::new().await;
    let provider = world.provider(json!({})).await;
    let (mine, other) = (provider.begin(&redirect(), None, None), provider.begin(&redirect(), None, None));
    let callback = world.choose(&other, &[("login", "mario")]).await;
    let result = provider.finish(&callback, &mine.pending, world.now()).await;
    assert!(matches!(result, Err(LoginError::Refused(Refusal::State))));
}

#[tokio::test]
async fn a_wrong_secret_is_said_to_the_log() {
    let world = World::new().await;
    let provider = world.provider(json!({"client_secret": "another"})).await;
    let Err(LoginError::Refused(refusal)) = world.log_in(&provider, "mario").await else {
        panic!("must be refused")
    };
    assert_eq!(refusal, Refusal::TokenRequest("invalid_client".to_owned()));
}

#[tokio::test]
async fn discovery_compares_the_issuer_and_needs_an_answer() {
    let world = World::new().await;
    let discover =
        async |issuer: String| Provider::discover(http(), world.settings(json!({"issuer": issuer}))).await;
    assert!(matches!(discover(format!("{}/", world.issuer)).await, Err(ProviderError::Discovery(_))));
    assert!(matches!(discover(format!("{}/nothing", world.issuer)).await, Err(ProviderError::Discovery(_))));
    assert!(matches!(discover("http://127.0.0.1:9".to_owned()).await, Err(ProviderError::Unavailable(_))));
    assert!(matches!(
        discover("http://login.example.it".to_owned()).await,
        Err(ProviderError::InsecureAddress)
    ));
}
