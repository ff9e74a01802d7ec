use super::*;
use crate::gpd::Stamp;
use crate::station::Destination;

#[tokio::test]
async fn a_receipt_is_posted_every_hour_until_ok() {
    let world = World::new().await;
    let nav = world.owe(1).await;
    world.station.will_answer(&[Reply::Ko, Reply::Broken]);
    let receipt = world.simulator.pay(COMUNE, nav, &PSPS[0]).await.unwrap();
    assert_eq!(world.simulator.tick().await, 0, "nothing is due before an hour");
    assert_eq!(world.station.received().len(), 1);
    world.advance(TimeDelta::hours(1));
    assert_eq!(world.simulator.tick().await, 0);
    world.advance(TimeDelta::hours(1));
    assert_eq!(world.simulator.tick().await, 1);
    world.advance(TimeDelta::hours(1));
    assert_eq!(world.simulator.tick().await, 0, "an accepted receipt is not posted again");

    let evidence = world.simulator.evidence();
    let outcomes: Vec<_> = evidence.iter().map(|exchange| (exchange.status, exchange.accepted)).collect();
    assert_eq!(outcomes, [(Some(200), false), (Some(500), false), (Some(200), true)]);
    assert!(evidence.iter().all(|exchange| exchange.receipt_id == receipt));
    assert!(evidence[0].request.contains("paSendRTV2Request") && evidence[0].response.contains("KO"));
}

#[tokio::test]
async fn the_platform_gives_up_after_48_deliveries() {
    let world = World::new().await;
    let nav = world.owe(1).await;
    world.station.will_answer(&[Reply::Ko; 60]);
    world.simulator.pay(COMUNE, nav, &PSPS[0]).await.unwrap();
    for _ in 0..60 {
        world.advance(TimeDelta::hours(1));
        world.simulator.tick().await;
    }
    assert_eq!(world.station.received().len(), 48);
}

#[tokio::test]
async fn a_station_that_is_down_leaves_evidence() {
    let world = World::new().await;
    let settings = Settings {
        station_url: Url::parse("http://127.0.0.1:9/").unwrap(),
        station_headers: http::HeaderMap::new(),
        ..world.simulator.settings().clone()
    };
    let simulator = Simulator::new(settings);
    let position = world.position(1);
    let now = simulator.now();
    simulator.state().positions.create(COMUNE, position.clone(), true, now).unwrap();
    simulator.pay(COMUNE, position.payment_option[0].nav.unwrap(), &PSPS[0]).await.unwrap();
    let evidence = simulator.evidence();
    assert_eq!((evidence.len(), evidence[0].status, evidence[0].accepted), (1, None, false));
}

#[tokio::test]
async fn receipts_repeat_come_late_and_out_of_order() {
    let world = World::new().await;
    let (first, second) = (world.owe(1).await, world.owe(2).await);
    world.simulator.set_knobs(Knobs {
        repeat_receipts: 1,
        receipt_delay_minutes: 30,
        receipts_out_of_order: true,
        ..Knobs::default()
    });
    world.simulator.pay(COMUNE, first, &PSPS[0]).await.unwrap();
    world.advance(TimeDelta::minutes(1));
    world.simulator.pay(COMUNE, second, &PSPS[1]).await.unwrap();
    assert!(world.station.received().is_empty());
    world.advance(TimeDelta::minutes(30));
    assert_eq!(world.simulator.tick().await, 4);
    let order: Vec<String> =
        world.station.received().into_iter().map(|delivery| delivery.receipt.notice_number).collect();
    let (first, second) = (first.to_string(), second.to_string());
    assert_eq!(order, [second.clone(), second, first.clone(), first]);
}

#[tokio::test]
async fn a_receipt_says_all_the_position_said() {
    let world = World::new().await;
    let mut position = world.position(1);
    position.street_name = Some("Via <Roma> & \"altre\"".into());
    let transfers = &mut position.payment_option[0].transfer;
    transfers[0].transfer_metadata = vec![gpd::Metadata { key: "RC_CAP_1".into(), value: "3010".into() }];
    transfers[1].iban = None;
    transfers[1].stamp = Some(Stamp {
        hash_document: "wHpFSLCGZjIvNSXxqtGbxg7275t446DRTk5ZrsdUQ6E=".into(),
        stamp_type: "01".into(),
        provincial_residence: "PG".into(),
    });
    world.gpd.create(COMUNE, &position, true).await.unwrap();
    world.simulator.pay(COMUNE, position.payment_option[0].nav.unwrap(), &PSPS[1]).await.unwrap();
    let delivery = world.station.received().remove(0);
    assert_eq!((delivery.id_pa.as_str(), delivery.id_station.as_str()), (COMUNE, "03761180540_01"));
    let receipt = delivery.receipt;
    assert_eq!(receipt.debtor.full_name, position.full_name);
    assert_eq!(receipt.debtor.street_name, position.street_name);
    assert_eq!((receipt.psp.id.as_str(), receipt.fee_cents), (PSPS[1].id, Some(200)));
    assert_eq!(receipt.payment_date_time.unwrap().rome_local().to_string(), "2026-11-23 10:00:00");
    assert_eq!(receipt.transfers[0].destination, Destination::Iban(IBAN.into()));
    assert_eq!(receipt.transfers[0].metadata[0].value, "3010");
    assert!(
        matches!(&receipt.transfers[1].destination, Destination::StampDuty(xml) if xml.starts_with(b"<marcaDaBollo"))
    );

    if let Some(schema) = crate::wire::testing::Schema::pa_for_node("simulator") {
        assert_eq!(schema.validate(&world.simulator.evidence()[0].request), Ok(()));
    }

    // A stamp is paid and receipted, and is in no flow: its option stays partially reported.
    let transfers = world.simulator.settle("2026-11-23".parse().unwrap());
    assert_eq!(transfers.iter().map(|transfer| transfer.amount_cents).sum::<i64>(), 1679);
    assert_eq!(world.status(1).await, gpd::PositionStatus::Paid);
}
