//! What goes over the wire, against the platform's own contracts: clients and simulator share their types, so that only
//! a third party can say that both are wrong.

use serde_json::Value;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

use super::*;
use crate::gpd::{Metadata, Stamp};
use crate::wire::testing::contract;

fn complaints(contract: &jsonschema::Validator, value: &Value) -> Vec<String> {
    contract.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// A service that only listens, and what it heard.
async fn heard(call: impl AsyncFnOnce(Url, reqwest::Client)) -> Value {
    let service = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(500)).mount(&service).await;
    let http = reqwest::Client::builder().build().unwrap();
    call(service.uri().parse().unwrap(), http).await;
    let requests = service.received_requests().await.unwrap();
    serde_json::from_slice(&requests[0].body).unwrap()
}

/// With every field that we may fill.
fn full_position() -> gpd::DebtPosition {
    let mut position = gpd::samples::position();
    for field in [
        &mut position.street_name,
        &mut position.civic_number,
        &mut position.postal_code,
        &mut position.city,
        &mut position.province,
        &mut position.region,
        &mut position.phone,
        &mut position.office_name,
    ] {
        *field = Some("12345".into());
    }
    let metadata = vec![Metadata { key: "RC_CAP_1".into(), value: "3010".into() }];
    let option = &mut position.payment_option[0];
    position.validity_date = Some(option.due_date - TimeDelta::days(30));
    option.payment_option_metadata.clone_from(&metadata);
    option.transfer[0].transfer_metadata = metadata;
    option.transfer[0].postal_iban = Some("IT02K0760112345000012345678".into());
    option.transfer[1].iban = None;
    option.transfer[1].stamp = Some(Stamp {
        hash_document: "wHpFSLCGZjIvNSXxqtGbxg7275t446DRTk5ZrsdUQ6E=".into(),
        stamp_type: "01".into(),
        provincial_residence: "PG".into(),
    });
    position
}

#[tokio::test]
async fn a_position_is_sent_as_the_contract_says() {
    let Some(contract) = contract("gpd.json", "PaymentPositionModel") else { return };
    for position in [gpd::samples::position(), full_position()] {
        let sent = heard(async |url, http| {
            let client = gpd::Client::new(url, KEY.into(), http);
            client.create(COMUNE, &position, true).await.unwrap_err();
        })
        .await;
        assert_eq!(complaints(&contract, &sent), Vec::<String>::new());
        let mut wrong = sent;
        wrong["paymentOption"][0]["dueDate"] = "2026-12-31T22:59:59".into();
        wrong["officename"] = "x".into();
        assert_eq!(complaints(&contract, &wrong).len(), 2, "the contract is read strictly");
    }
}

#[tokio::test]
async fn a_cart_is_sent_as_the_contract_says() {
    let Some(contract) = contract("checkout_v2.json", "CartRequestV2") else { return };
    let bare = checkout::CartRequest { email_notice: None, ..checkout::sample() };
    let full = checkout::CartRequest { id_cart: Some("cart-1".into()), ..checkout::sample() };
    for cart in [bare, full] {
        let sent = heard(async |url, http| {
            let client = checkout::Client::new(url, KEY.into(), http);
            client.open(&cart).await.unwrap_err();
        })
        .await;
        assert_eq!(complaints(&contract, &sent), Vec::<String>::new());
    }
}

#[tokio::test]
async fn the_simulated_platform_answers_in_the_contract_s_words() {
    let Some(contract) = contract("gpd.json", "PaymentPositionModelBaseResponse") else { return };
    let world = World::new().await;
    let nav = world.owe(1).await;
    let path = format!("gpd/debt-positions-service/v1/organizations/{COMUNE}/debtpositions/SPORTELLO-1");
    for is_paid in [false, true] {
        if is_paid {
            world.simulator.pay(COMUNE, nav, &PSPS[0]).await.unwrap();
        }
        let (status, answer) = world.get_json(&path).await;
        assert_eq!(status, 200);
        // The platform itself writes its instants without a zone, against its own contract.
        let complaints = complaints(&contract, &answer);
        let strange: Vec<_> = complaints.iter().filter(|said| !said.contains("date-time")).collect();
        assert!(strange.is_empty(), "{strange:?}");
    }
}
