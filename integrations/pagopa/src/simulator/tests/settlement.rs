use proptest::prelude::*;

use super::*;
use crate::simulator::settlement::credit_transfers;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn a_day_closes_at_one_in_the_afternoon_in_italy() {
    for (instant, closed_in) in [
        ("2026-11-23T11:59:59Z", "2026-11-23"),
        ("2026-11-23T12:00:00Z", "2026-11-24"),
        ("2026-07-01T10:59:59Z", "2026-07-01"),
        ("2026-07-01T11:00:00Z", "2026-07-02"),
    ] {
        assert_eq!(accounting_day(instant.parse().unwrap()), day(closed_in), "{instant}");
    }
    assert_eq!(next_working_day(day("2026-11-27")), day("2026-11-30"));
    assert_eq!(next_working_day(day("2026-11-23")), day("2026-11-24"));
}

#[tokio::test]
async fn flows_are_by_provider_beneficiary_and_account() {
    let world = World::new().await;
    let mut shared = world.position(1);
    shared.payment_option[0].transfer[1].organization_fiscal_code = Some(PROVINCE.into());
    shared.payment_option[0].transfer[1].iban = Some(OTHER_IBAN.into());
    world.gpd.create(COMUNE, &shared, true).await.unwrap();
    let mut two_accounts = world.position(2);
    two_accounts.payment_option[0].transfer[1].iban = Some(OTHER_IBAN.into());
    world.gpd.create(COMUNE, &two_accounts, true).await.unwrap();
    let at_the_counter = world.owe(3).await;
    for position in [&shared, &two_accounts] {
        world.simulator.pay(COMUNE, position.payment_option[0].nav.unwrap(), &PSPS[0]).await.unwrap();
    }
    world.simulator.pay(COMUNE, at_the_counter, &PSPS[1]).await.unwrap();

    assert_eq!(world.simulator.settle(day("2026-11-22")), [], "the day is not closed yet");
    let transfers = world.simulator.settle(day("2026-11-23"));
    let mut seen: Vec<_> = transfers
        .iter()
        .map(|t| (t.psp_id.as_str(), t.beneficiary_fiscal_code.as_str(), t.iban.as_str(), t.amount_cents))
        .collect();
    seen.sort_unstable();
    assert_eq!(
        seen,
        [
            ("ABI99901", COMUNE, OTHER_IBAN, 546),
            ("ABI99901", COMUNE, IBAN, 2 * 1679),
            ("ABI99901", PROVINCE, OTHER_IBAN, 546),
            ("ABI99902", COMUNE, IBAN, 2225),
        ]
    );
    let names: std::collections::BTreeSet<_> = transfers.iter().map(|t| t.flow.clone()).collect();
    assert_eq!(names.len(), 4, "{names:?}");
    for transfer in &transfers {
        let flows = world.simulator.flows();
        let flow = flows.iter().find(|flow| flow.id == transfer.flow).unwrap();
        assert_eq!(flow.organization, transfer.beneficiary_fiscal_code);
        assert_eq!(flow.total_cents(), transfer.amount_cents);
    }
    assert_eq!(world.simulator.settle(day("2026-11-23")), [], "nothing is settled twice");

    let (_, province) = world.get_json(&format!("fdr-org/service/v1/organizations/{PROVINCE}/fdrs")).await;
    assert_eq!(province["count"], 1);
}

#[tokio::test]
async fn a_later_settlement_of_the_same_day_has_other_names() {
    let world = World::new().await;
    let (first, second) = (world.owe(1).await, world.owe(2).await);
    world.simulator.pay(COMUNE, first, &PSPS[0]).await.unwrap();
    let earlier = world.simulator.settle(day("2026-11-23"));
    world.simulator.pay(COMUNE, second, &PSPS[0]).await.unwrap();
    let later = world.simulator.settle(day("2026-11-23"));
    assert_eq!(
        (earlier[0].flow.as_str(), later[0].flow.as_str()),
        ("2026-11-24ABI99901-S001", "2026-11-24ABI99901-S002")
    );
}

#[tokio::test]
async fn a_flow_can_be_split_and_revised() {
    let world = World::new().await;
    let nav = world.owe(1).await;
    world.simulator.pay(COMUNE, nav, &PSPS[0]).await.unwrap();
    world.simulator.set_knobs(Knobs { transfers_per_flow: 2, ..Knobs::default() });
    let transfers = world.simulator.settle(day("2026-11-26"));
    let seen: Vec<_> =
        transfers.iter().map(|t| (t.amount_cents, t.value_date, t.remittance.as_str())).collect();
    assert_eq!(
        seen,
        [
            (1113, day("2026-11-27"), "/PUR/LGPE-RIVERSAMENTO/TXT/1/URI/2026-11-27ABI99901-S001"),
            (1112, day("2026-11-30"), "/PUR/LGPE-RIVERSAMENTO/TXT/2/URI/2026-11-27ABI99901-S001"),
        ]
    );
    assert_ne!(transfers[0].trn, transfers[1].trn);

    world.advance(TimeDelta::hours(2));
    let flow = &transfers[0].flow;
    let revised = world.simulator.revise_flow(COMUNE, flow, |rows| rows.truncate(1));
    assert_eq!(revised, Ok(2));
    assert_eq!(world.simulator.revise_flow(PROVINCE, flow, |_| ()), Err(UnknownFlow));
    let list = format!("fdr-org/service/v1/organizations/{COMUNE}/fdrs");
    let (_, flows) = world.get_json(&list).await;
    assert_eq!((flows["count"].as_i64(), flows["data"][0]["revision"].as_i64()), (Some(1), Some(2)));
    let (status, body) = world.get_json(&format!("{list}/{flow}/revisions/1/psps/ABI99901")).await;
    assert_eq!((status, body["appErrorCode"].as_str()), (404, Some("FDR-3001")));
    let (_, head) = world.get_json(&format!("{list}/{flow}/revisions/2/psps/ABI99901")).await;
    assert_eq!(head["sumPayments"].to_string(), "16.79");
    let (_, after) = world.get_json(&format!("{list}?publishedGt=2026-11-23T10:00:00Z")).await;
    assert_eq!(after["count"], 1);
    let (_, none) = world.get_json(&format!("{list}?publishedGt=2026-11-23T11:00:00Z")).await;
    assert_eq!(none["count"], 0, "later than, not from");
}

#[tokio::test]
async fn flows_come_in_pages_and_bad_searches_are_refused() {
    let world = World::new().await;
    for number in 1..=3 {
        let nav = world.owe(number).await;
        world.simulator.pay(COMUNE, nav, &PSPS[0]).await.unwrap();
        let _ = world.simulator.settle(day("2026-11-23"));
        world.advance(TimeDelta::minutes(1));
    }
    let list = format!("fdr-org/service/v1/organizations/{COMUNE}/fdrs");
    let (_, page) = world.get_json(&format!("{list}?page=2&size=2")).await;
    assert_eq!(page["metadata"], serde_json::json!({"pageSize": 1, "pageNumber": 2, "totPage": 2}));
    assert_eq!(page["data"][0]["fdr"], "2026-11-24ABI99901-S003");
    let (_, other) = world.get_json(&format!("{list}?pspId=ABI99902")).await;
    assert_eq!(other["count"], 0);
    let flow = format!("{list}/2026-11-24ABI99901-S001/revisions/1/psps/ABI99901/payments");
    let (_, rows) = world.get_json(&format!("{flow}?page=2&size=1")).await;
    assert_eq!(
        (rows["data"][0]["index"].as_i64(), rows["data"][0]["pay"].to_string()),
        (Some(2), "5.46".into())
    );

    for (path, status, code) in [
        (format!("{list}?page=0"), 400, "FDR-1000"),
        (format!("{list}?size=1001"), 400, "FDR-1000"),
        (format!("{list}?publishedGt=yesterday"), 400, "FDR-1002"),
        (format!("{list}?publishedGt=2026-10-01T00:00:00Z"), 400, "FDR-1000"),
        (format!("{list}/X/revisions/one/psps/ABI99901"), 400, "FDR-1000"),
        (format!("{list}/X/revisions/1/psps/ABI99901"), 404, "FDR-3001"),
        (format!("{list}/2026-11-24ABI99901-S001/revisions/1/psps/ABI99902"), 404, "FDR-3001"),
        ("fdr-org/service/v1/organizations/99999999999/fdrs".into(), 400, "FDR-2008"),
    ] {
        let (found, body) = world.get_json(&path).await;
        assert_eq!((found, body["appErrorCode"].as_str()), (status, Some(code)), "{path}");
    }
    let stranger = world.browser.get(world.base.join(&list).unwrap()).send().await.unwrap();
    assert_eq!(stranger.status(), 401);
}

proptest! {
    #[test]
    fn the_parts_of_a_flow_sum_to_it(cents in 1i64..1_000_000, parts in 0u8..20) {
        let flow = Flow {
            id: "2026-11-24ABI99901-S001".into(), revision: 1, psp: &PSPS[0], organization: COMUNE.into(),
            iban: IBAN.into(), trn: "T".into(), settlement_date: day("2026-11-24"), published: DateTime::UNIX_EPOCH,
            rows: vec![FlowRow {
                iuv: "1".into(), iur: "2".into(), id_transfer: 1, amount_cents: cents, paid_at: DateTime::UNIX_EPOCH,
            }],
        };
        let transfers = credit_transfers(&flow, parts, &|| Uuid::nil());
        prop_assert_eq!(transfers.iter().map(|transfer| transfer.amount_cents).sum::<i64>(), cents);
        prop_assert!(transfers.iter().all(|transfer| transfer.amount_cents > 0));
        prop_assert!((1..=9).contains(&transfers.len()));
        prop_assert_eq!(&transfers[0].trn, "T");
    }
}
