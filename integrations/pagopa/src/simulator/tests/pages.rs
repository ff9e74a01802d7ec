use super::{whole_flow::cart, *};
use crate::gpd::PositionStatus;
use crate::platform::Error;
use crate::taxonomy;

async fn choose(world: &World, page: &Url, action: &str) -> reqwest::Response {
    let choice = [("action", action), ("psp", PSPS[1].id)];
    world.browser.post(page.clone()).form(&choice).send().await.unwrap()
}

fn location(answer: &reqwest::Response) -> &str {
    answer.headers()["location"].to_str().unwrap()
}

#[tokio::test]
async fn refused_and_cancelled_carts_leave_the_debt_as_it_was() {
    let world = World::new().await;
    let nav = world.owe(1).await;
    for (action, target) in [("refuse", "http://127.0.0.1/error"), ("cancel", "http://127.0.0.1/cancel")] {
        let page = world.checkout.open(&cart(&[nav])).await.unwrap();
        let answer = choose(&world, &page, action).await;
        assert_eq!((answer.status().as_u16(), location(&answer)), (303, target));
        let again = choose(&world, &page, "pay").await;
        assert_eq!(again.status(), 200, "a concluded cart is only shown");
        assert!(again.text().await.unwrap().contains("già stato concluso"));
    }
    assert_eq!(world.status(1).await, PositionStatus::Valid);
    assert!(world.station.received().is_empty());
}

#[tokio::test]
async fn a_slow_outcome_comes_in_an_hour() {
    let world = World::new().await;
    let nav = world.owe(1).await;
    let page = world.checkout.open(&cart(&[nav])).await.unwrap();
    assert_eq!(location(&choose(&world, &page, "slow").await), "http://127.0.0.1/wait");
    assert_eq!(world.status(1).await, PositionStatus::Valid);
    assert_eq!(world.simulator.pay(COMUNE, nav, &PSPS[0]).await, Err(NotPayable::InProgress));
    world.advance(TimeDelta::minutes(59));
    assert_eq!(world.simulator.tick().await, 0);
    world.advance(TimeDelta::minutes(1));
    assert_eq!(world.simulator.tick().await, 1);
    assert_eq!(world.status(1).await, PositionStatus::Paid);
}

#[tokio::test]
async fn the_money_of_a_position_withdrawn_meanwhile_still_arrives() {
    let world = World::new().await;
    let nav = world.owe(1).await;
    let page = world.checkout.open(&cart(&[nav])).await.unwrap();
    choose(&world, &page, "slow").await;
    world.gpd.delete(COMUNE, "SPORTELLO-1").await.unwrap();
    world.advance(TimeDelta::hours(1));
    assert_eq!(world.simulator.tick().await, 1);
    assert_eq!(world.simulator.settle("2026-11-23".parse().unwrap())[0].amount_cents, 2225);
}

#[tokio::test]
async fn a_cart_is_paid_whole_or_not_at_all() {
    let world = World::new().await;
    let (first, second) = (world.owe(1).await, world.owe(2).await);
    let page = world.checkout.open(&cart(&[first, second])).await.unwrap();
    world.simulator.pay(COMUNE, second, &PSPS[0]).await.unwrap();
    let answer = choose(&world, &page, "pay").await;
    assert_eq!(answer.status(), 200);
    assert!(answer.text().await.unwrap().contains("già stato pagato"));
    assert_eq!(world.status(1).await, PositionStatus::Valid);
}

#[tokio::test]
async fn two_alternatives_of_one_debt_are_not_paid_together() {
    let world = World::new().await;
    let mut position = world.position(1);
    position.payment_option.push(world.position(2).payment_option.remove(0));
    world.gpd.create(COMUNE, &position, true).await.unwrap();
    let navs: Vec<Nav> = position.payment_option.iter().map(|option| option.nav.unwrap()).collect();
    let page = world.checkout.open(&cart(&navs)).await.unwrap();
    assert_eq!(choose(&world, &page, "pay").await.status(), 200);
    assert_eq!(world.status(1).await, PositionStatus::Valid);
    assert!(world.station.received().is_empty());
}

#[tokio::test]
async fn bad_carts_are_refused() {
    let world = World::new().await;
    let nav = world.owe(1).await;
    let mut plain = cart(&[nav]);
    plain.return_urls.return_ok_url = Url::parse("http://comune.example/").unwrap();
    assert!(matches!(world.checkout.open(&plain).await, Err(Error::Invalid(_))));
    for body in [serde_json::to_string(&plain).unwrap(), "[]".to_owned()] {
        let answer = world.call("POST", "checkout/ec/v2/carts").body(body).send().await.unwrap();
        assert_eq!(answer.status(), 400);
    }
    let url = world.base.join("checkout/ec/v2").unwrap();
    let stranger = checkout::Client::new(url, "another".into(), world.browser.clone());
    let error = stranger.open(&cart(&[nav])).await.unwrap_err();
    assert!(matches!(error, Error::Refused { status: StatusCode::UNAUTHORIZED, .. }));
    let missing = world.base.join("checkout/pay/00000000-0000-0000-0000-000000000999").unwrap();
    assert_eq!(world.browser.get(missing).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn anybody_pays_a_notice_at_the_counter() {
    let world = World::new().await;
    let nav = world.owe(1).await;
    let page = world.base.join("psp").unwrap();
    let query = [("creditor", COMUNE), ("notice", &nav.grouped())];
    let found = world.browser.get(page.clone()).query(&query).send().await.unwrap().text().await.unwrap();
    assert!(found.contains("22,25\u{a0}€") && found.contains("Tabaccai"), "{found}");
    let paid = world.browser.post(page.clone()).form(&query).send().await.unwrap().text().await.unwrap();
    assert!(paid.contains("Avviso pagato"), "{paid}");
    assert_eq!(world.station.received()[0].receipt.psp.id, PSPS[1].id);
    let again = world.browser.post(page.clone()).form(&query).send().await.unwrap().text().await.unwrap();
    assert!(again.contains("già stato pagato"));
    let query = [("creditor", COMUNE), ("notice", "<b>12")];
    let wrong = world.browser.get(page).query(&query).send().await.unwrap().text().await.unwrap();
    assert!(wrong.contains("L&#39;avviso non esiste") || wrong.contains("non esiste"));
    assert!(!wrong.contains("<b>12"));
}

#[tokio::test]
async fn an_account_that_is_not_registered_cannot_be_paid() {
    let world = World::new().await;
    let mut position = world.position(1);
    position.payment_option[0].transfer[0].iban = Some("IT00A0000000000000000000000".into());
    world.gpd.create(COMUNE, &position, true).await.unwrap();
    let nav = position.payment_option[0].nav.unwrap();
    assert_eq!(world.simulator.pay(COMUNE, nav, &PSPS[0]).await, Err(NotPayable::AccountNotRegistered));
    assert_eq!(world.simulator.pay(PROVINCE, nav, &PSPS[0]).await, Err(NotPayable::Unknown));
}

#[tokio::test]
async fn knobs_are_turned_over_http() {
    let world = World::new().await;
    let url = world.base.join("simulator/knobs").unwrap();
    let body = serde_json::json!({"repeat_receipts": 2});
    let answer = world.browser.post(url.clone()).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(world.simulator.knobs(), Knobs { repeat_receipts: 2, ..Knobs::default() });
    let wrong = world.browser.post(url).json(&serde_json::json!({"repeat": 2})).send().await.unwrap();
    assert_eq!(wrong.status(), 400);
}

#[tokio::test]
async fn the_taxonomy_is_downloaded() {
    let world = World::new().await;
    let url = world.base.join("taxonomy/service/v1").unwrap();
    let taxonomy = taxonomy::Client::new(url, world.browser.clone()).download().await.unwrap();
    assert_eq!(taxonomy.entries().len(), 1);
    let (status, json) = world.get_json("taxonomy/service/v1/taxonomy").await;
    assert_eq!((status, json[0]["DATI SPECIFICI INCASSO"].as_str()), (200, Some("9/0104100TS/")));
    assert_eq!(world.get_json("taxonomy/service/v1/taxonomy?extension=pdf").await.0, 400);
}
