//! Providers that misbehave: each is noticed, and called by its name.

use std::time::Duration;

use serde_json::json;
use sportello_spid_cie::{HttpError, LoginError, provider::Refusal, simulator::Misbehaviour};

use crate::World;

#[tokio::test]
async fn every_lie_is_noticed() {
    let world = World::new().await;
    let provider = world.provider(json!({})).await;
    for (misbehaviour, expected) in [
        (Misbehaviour::WrongNonce, Refusal::Nonce),
        (Misbehaviour::WrongAudience, Refusal::Audience),
        (Misbehaviour::SecondAudience, Refusal::Audience),
        (Misbehaviour::WrongIssuer, Refusal::Issuer),
        (Misbehaviour::WrongIssuerParameter, Refusal::Issuer),
        (Misbehaviour::NoIssuerParameter, Refusal::Issuer),
        (Misbehaviour::BadSignature, Refusal::Signature),
        (Misbehaviour::FutureToken, Refusal::NotYetValid),
        (Misbehaviour::WrongAccessTokenHash, Refusal::AccessToken),
        (Misbehaviour::AlgorithmNone, Refusal::Signature),
        (Misbehaviour::AlgorithmHs256, Refusal::Signature),
        (Misbehaviour::ForeignSubject, Refusal::Subject),
    ] {
        world.simulator.misbehave(Some(misbehaviour));
        match world.log_in(&provider, "mario").await {
            Err(LoginError::Refused(refusal)) => assert_eq!(refusal, expected, "{misbehaviour:?}"),
            other => panic!("{misbehaviour:?}: {other:?}"),
        }
    }
    // And it was the lie each time: the same provider, honest again, is believed.
    world.simulator.misbehave(None);
    assert!(world.log_in(&provider, "mario").await.is_ok());
}

#[tokio::test]
async fn what_a_person_can_do_something_about_is_told_apart() {
    let world = World::new().await;
    let provider = world.provider(json!({})).await;
    for (misbehaviour, expected) in [
        (Misbehaviour::ExpiredToken, LoginError::Expired),
        (Misbehaviour::NoFiscalNumber, LoginError::NoFiscalCode),
        (Misbehaviour::WrongFiscalNumber, LoginError::NoFiscalCode),
        (Misbehaviour::LowLevel, LoginError::LevelTooLow),
        (Misbehaviour::NoLevel, LoginError::LevelTooLow),
    ] {
        world.simulator.misbehave(Some(misbehaviour));
        let error = world.log_in(&provider, "mario").await.unwrap_err();
        assert_eq!(error.to_string(), expected.to_string(), "{misbehaviour:?}");
    }
}

#[tokio::test]
async fn a_provider_in_trouble_is_unavailable() {
    let world = World::new().await;
    let provider = world.provider(json!({})).await;
    let unavailable = async |misbehaviour| {
        world.simulator.misbehave(Some(misbehaviour));
        match world.log_in(&provider, "mario").await {
            Err(LoginError::Unavailable(Some(reason))) => reason,
            other => panic!("{misbehaviour:?}: {other:?}"),
        }
    };
    assert!(matches!(unavailable(Misbehaviour::Huge).await, HttpError::TooLong));
    assert!(matches!(unavailable(Misbehaviour::OutOfOrder).await, HttpError::OutOfOrder(502)));
    let slow = Misbehaviour::Slow(Duration::from_secs(60));
    assert!(matches!(unavailable(slow).await, HttpError::Unreachable(reason) if reason.is_timeout()));
}

#[tokio::test]
async fn a_signed_userinfo_is_verified() {
    let world = World::with(true).await;
    let provider = world.provider(json!({"userinfo": "signed_jwt"})).await;
    for (misbehaviour, expected) in [
        (Misbehaviour::UnsignedUserinfo, Refusal::Userinfo),
        (Misbehaviour::UserinfoForAnotherClient, Refusal::Audience),
        (Misbehaviour::BadSignature, Refusal::Signature),
        (Misbehaviour::ForeignSubject, Refusal::Subject),
    ] {
        world.simulator.misbehave(Some(misbehaviour));
        match world.log_in(&provider, "mario").await {
            Err(LoginError::Refused(refusal)) => assert_eq!(refusal, expected, "{misbehaviour:?}"),
            other => panic!("{misbehaviour:?}: {other:?}"),
        }
    }
}
