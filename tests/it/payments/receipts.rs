//! Receipts at our station: once, twice, late, unknown, after a cancellation, with the database gone.

use std::sync::Arc;

use axum::body::Body;
use http::{Request, StatusCode};
use sportello::payments::{self, State, copies};
use sportello::web::station;
use sportello_pagopa::simulator::{Knobs, PSPS};
use sportello_pagopa::station::{Outcome, send_rt_v2_xml};
use sqlx::ConnectOptions as _;

use super::world::{PRICE, World};
use crate::browser::Browser;

const IN_TRANSIT: &str =
    "select coalesce(sum(amount_cents), 0)::bigint from ledger_posting where account = 'in_transit'";
const RECEIVABLE: &str =
    "select coalesce(sum(amount_cents), 0)::bigint from ledger_posting where account = 'receivable'";

async fn messages(world: &World) -> Vec<(String, Option<String>)> {
    let mut tx = world.app.db.begin(world.entity.id).await.unwrap();
    sqlx::query_as("select outcome, detail from peer_message order by peer_message_id")
        .fetch_all(&mut *tx)
        .await
        .unwrap()
}

fn accepted(detail: Option<&str>) -> (String, Option<String>) {
    ("accepted".to_owned(), detail.map(str::to_owned))
}

#[tokio::test]
async fn a_payment_is_proved_once_however_often_it_is_told() {
    let world = World::new().await;
    let (appointment, position) = world.published(0).await;
    world.platform.set_knobs(Knobs { repeat_receipts: 2, ..Knobs::default() });
    let iur = world.pay(&position).await.unwrap();
    let evidence = world.platform.evidence();
    assert_eq!(evidence.len(), 3);
    assert!(evidence.iter().all(|exchange| exchange.accepted), "{evidence:?}");

    let paid = world.position(position.id).await;
    assert_eq!(paid.state, State::Paid);
    assert_eq!(world.count("select count(*) from receipt").await, 1);
    assert_eq!(world.count("select count(*) from receipt_transfer").await, 1);
    let repeated = ("repeated".to_owned(), None);
    assert_eq!(messages(&world).await, [accepted(None), repeated.clone(), repeated]);
    assert_eq!((world.count(IN_TRANSIT).await, world.count(RECEIVABLE).await), (PRICE.0, 0));

    let mut tx = world.app.db.begin(world.entity.id).await.unwrap();
    let view = payments::of_appointment(&mut tx, world.entity.id, appointment.id).await.unwrap().unwrap();
    let receipt = view.receipt.unwrap();
    assert_eq!(
        (receipt.iur.as_str(), receipt.amount, receipt.psp_name.as_str()),
        (iur.as_str(), PRICE, PSPS[0].name)
    );
    let copy = copies::receipt(&mut tx, &world.entity, position.id).await.unwrap().unwrap();
    assert_eq!((copy.psp_code.as_str(), copy.iuv.as_str()), (PSPS[0].fiscal_code, position.iuv.as_str()));
    assert_eq!(copy.payer_name, "Maria Rossi");
    let state: String =
        sqlx::query_scalar("select state from appointment").fetch_one(&mut *tx).await.unwrap();
    assert_eq!(state, "confirmed");
}

#[tokio::test]
async fn only_who_is_proven_to_be_the_node_is_believed() {
    let world = World::new().await;
    let (_, position) = world.published(0).await;
    let receipt = send_rt_v2_xml(&world.delivery(&position.nav, "by-hand", PRICE.0));
    let post = async |configured: &str, given: Option<&str>| {
        let mut app = world.app.clone();
        let mut config = (*app.config).clone();
        config.pagopa.station_secret = configured.into();
        app.config = Arc::new(config);
        let mut request = Request::post(station::PATH).body(Body::from(receipt.clone())).unwrap();
        if let Some(given) = given {
            request.headers_mut().insert(station::PROOF, given.parse().unwrap());
        }
        Browser::new(&app).send(request).await
    };
    for (configured, given) in
        [("proof", None), ("proof", Some("")), ("proof", Some("prooF")), ("", None), ("", Some(""))]
    {
        assert_eq!(post(configured, given).await.status, StatusCode::FORBIDDEN, "{configured:?} {given:?}");
    }
    assert_eq!(world.position(position.id).await.state, State::Published);
    assert_eq!(world.count("select count(*) from peer_message").await, 0);

    let taken = post("proof", Some("proof")).await;
    assert!(taken.status == StatusCode::OK && taken.body.contains("<outcome>OK</outcome>"), "{}", taken.body);
    assert_eq!(world.position(position.id).await.state, State::Paid);
}

#[tokio::test]
async fn simultaneous_deliveries_of_one_receipt_are_one() {
    let world = World::new().await;
    let (_, position) = world.published(0).await;
    let delivery = world.delivery(&position.nav, "token-1", PRICE.0);
    let answers = futures_util::future::join_all((0..8).map(|_| world.deliver(&delivery))).await;
    assert!(answers.iter().all(|answer| answer.contains("<outcome>OK</outcome>")), "{answers:?}");
    assert_eq!(world.count("select count(*) from receipt").await, 1);
    assert_eq!(world.count("select count(*) from peer_message where outcome = 'repeated'").await, 7);
}

#[tokio::test]
async fn nothing_that_proves_a_payment_is_refused() {
    let world = World::new().await;
    let (_, first) = world.published(0).await;
    let (appointment, second) = world.published(1).await;
    world.cancel(appointment.id).await;

    let unknown = world.delivery("301000000000099999", "unknown", 500);
    let mut of_others = world.delivery(&first.nav, "of-others", 900);
    of_others.receipt.fiscal_code = "00000000002".into();
    let mut strange = world.delivery(&first.nav, "strange", PRICE.0 - 1);
    strange.id_station = "an_old_station".into();
    strange.receipt.transfers[0].amount_cents = PRICE.0;
    let twice = world.delivery(&first.nav, "twice", PRICE.0);
    let late = world.delivery(&second.nav, "late", PRICE.0);
    for delivery in [&unknown, &of_others, &strange, &twice, &late] {
        assert!(
            world.deliver(delivery).await.contains("<outcome>OK</outcome>"),
            "{}",
            delivery.receipt.receipt_id
        );
    }
    assert_eq!(
        messages(&world).await,
        [
            accepted(Some("unknown_position")),
            accepted(Some("other_creditor")),
            accepted(Some("transfers_differ amount_differs")),
            accepted(Some("paid_twice")),
            accepted(Some("after_cancellation")),
        ]
    );
    assert_eq!(world.count("select count(*) from receipt").await, 5);
    assert_eq!(world.count("select count(*) from receipt where debt_position_id is null").await, 2);
    assert_eq!(world.position(first.id).await.paid_at.unwrap().to_rfc3339(), "2027-01-11T08:30:00+00:00");
    let second = world.position(second.id).await;
    assert_eq!(second.state, State::Paid);
    assert!(second.cancelled_at.is_some());

    let mut other = twice.clone();
    other.receipt.payment_amount_cents = 1;
    assert!(world.deliver(&other).await.contains("<outcome>OK</outcome>"));
    assert_eq!(messages(&world).await[5], ("repeated".to_owned(), Some("differs_from_the_first".to_owned())));
}

#[tokio::test]
async fn a_payment_that_failed_proves_nothing() {
    let world = World::new().await;
    let (_, position) = world.published(0).await;
    let mut delivery = world.delivery(&position.nav, "failed", PRICE.0);
    delivery.receipt.outcome = Outcome::Ko;
    assert!(world.deliver(&delivery).await.contains("<outcome>OK</outcome>"));
    assert_eq!(world.position(position.id).await.state, State::Published);
    assert_eq!(messages(&world).await, [("refused".to_owned(), Some("payment_failed".to_owned()))]);
    assert_eq!(world.count("select count(*) from receipt").await, 0);
}

#[tokio::test]
async fn what_is_not_a_receipt_of_ours_is_answered_by_the_protocol() {
    let world = World::new().await;
    let mut stranger = world.delivery("301000000000099999", "x", 500);
    stranger.id_pa = "00000000009".into();
    let answer = world.deliver(&stranger).await;
    assert!(answer.contains("PAA_ID_DOMINIO_ERRATO") && answer.contains("<id>00000000009</id>"), "{answer}");

    let xml = send_rt_v2_xml(&world.delivery("301000000000099999", "x", 500));
    let wrong = xml.replace("<noticeNumber>301000000000099999</noticeNumber>", "");
    let answer = payments::receive(&world.app, wrong.as_bytes()).await;
    assert!(answer.status == 200 && answer.xml.contains("PAA_SINTASSI_XSD"), "{answer:?}");
    for hostile in [format!("<!DOCTYPE x>{xml}"), "x".repeat(300_000), String::new()] {
        assert_eq!(payments::receive(&world.app, hostile.as_bytes()).await.status, 500);
    }
    // All of it is kept: what names us under us, the rest for the operator of the installation.
    let kept = messages(&world).await;
    assert!(kept.len() == 2 && kept.iter().all(|(outcome, _)| outcome == "refused"), "{kept:?}");
    let mut owner = world.db.owner.connect().await.unwrap();
    let strays: Vec<i32> = sqlx::query_scalar("select length(body) from stray_message order by 1")
        .fetch_all(&mut owner)
        .await
        .unwrap();
    assert!(strays.len() == 3 && strays[0] == 0 && strays[2] == 256 * 1024, "{strays:?}");
}

#[tokio::test]
async fn what_was_sent_to_nobody_makes_room_for_what_comes_later() {
    let world = World::new().await;
    for _ in 0..205 {
        payments::receive(&world.app, b"nothing").await;
    }
    let mut owner = world.db.owner.connect().await.unwrap();
    let strays: i64 =
        sqlx::query_scalar("select count(*) from stray_message").fetch_one(&mut owner).await.unwrap();
    assert_eq!(strays, 200);
}

#[tokio::test]
async fn an_entity_that_left_still_gets_its_receipts() {
    let world = World::new().await;
    let (_, position) = world.published(0).await;
    let mut owner = world.db.owner.connect().await.unwrap();
    sqlx::query("update entity set active = false").execute(&mut owner).await.unwrap();
    let answer = world.deliver(&world.delivery(&position.nav, "late", PRICE.0)).await;
    assert!(answer.contains("<outcome>OK</outcome>"), "{answer}");
    assert_eq!(world.position(position.id).await.state, State::Paid);
}

#[tokio::test]
async fn without_the_database_the_platform_is_told_to_come_back() {
    let world = World::new().await;
    let (_, position) = world.published(0).await;
    let delivery = world.delivery(&position.nav, "token", PRICE.0);
    let mut broken = world.app.clone();
    broken.db.close().await;
    let answer = payments::receive(&broken, send_rt_v2_xml(&delivery).as_bytes()).await;
    assert!(answer.status == 200 && answer.xml.contains("PAA_SYSTEM_ERROR"), "{answer:?}");

    broken.db = sportello::db::Db::connect(world.db.owner.clone(), 2);
    let answer = payments::receive(&broken, send_rt_v2_xml(&delivery).as_bytes()).await;
    assert!(answer.xml.contains("<outcome>OK</outcome>"), "{answer:?}");
    let mut tx = broken.db.begin(world.entity.id).await.unwrap();
    let position = payments::position::by_id(&mut tx, world.entity.id, position.id).await.unwrap().position;
    assert_eq!(position.state, State::Paid);
}
