//! Payments that flows report and whose receipts are another program's, or never come.

use sportello::ids::RemittanceFlowId;
use sportello::reconciliation::{self, Imported, Label};
use sportello_pagopa::fdr::{Flow, FlowRow, RowOutcome};
use sportello_pagopa::station::{Destination, ReceiptTransfer};
use sportello_pagopa::wire::Moment;

use super::world::{CREDITOR, World};

const OPEN_ITEMS: &str = "select count(*) from ledger_balance where amount_cents <> 0";

async fn report(
    world: &World,
    revision: i64,
    iuv: &str,
    cents: i64,
    outcome: RowOutcome,
) -> RemittanceFlowId {
    let now = world.now();
    let flow = Flow {
        flow: "2027-01-11PSPITXX1-S001".to_owned(),
        revision: Some(revision),
        psp_id: "PSPITXX1".to_owned(),
        psp_name: None,
        flow_date: Moment::Zoned(now.fixed_offset()),
        regulation: "TRN".to_owned(),
        regulation_date: now.date_naive(),
        bic: None,
        receiver_fiscal_code: CREDITOR.to_owned(),
        total_cents: cents,
        count: 1,
        rows: vec![FlowRow {
            index: 1,
            iuv: iuv.to_owned(),
            iur: "iur".to_owned(),
            transfer_index: Some(1),
            amount_cents: cents,
            outcome,
            paid_on: now.date_naive(),
        }],
    };
    let mut tx = world.app.db.begin(world.entity.id).await.unwrap();
    let imported = reconciliation::import_flow(&mut tx, &world.entity, &flow, None, now).await.unwrap();
    tx.commit().await.unwrap();
    let Imported::New { id, .. } = imported else { panic!("it is new") };
    id
}

async fn labels(world: &World, flow: RemittanceFlowId) -> Vec<Label> {
    let mut tx = world.app.db.begin(world.entity.id).await.unwrap();
    reconciliation::flow(&mut tx, &world.entity, flow, world.now()).await.unwrap().rows.remove(0).labels
}

#[tokio::test]
async fn receipts_of_other_programs_are_not_in_our_books() {
    let world = World::new().await;
    let nav = "347000000000099999";
    world.deliver(&world.delivery(nav, "iur", 500)).await;
    assert_eq!(world.count("select count(*) from receipt").await, 1);
    assert_eq!(world.count(OPEN_ITEMS).await, 0);
    let flow = report(&world, 1, &nav[1..], 500, RowOutcome::Executed).await;
    assert_eq!(labels(&world, flow).await, [Label::OtherIntermediary]);
}

#[tokio::test]
async fn stamp_duty_is_waited_for_in_no_flow() {
    let world = World::new().await;
    let mut delivery = world.delivery("301000000000099999", "iur", 52);
    delivery.receipt.payment_amount_cents += 1600;
    let mut stamp: ReceiptTransfer = delivery.receipt.transfers[0].clone();
    (stamp.index, stamp.amount_cents) = (2, 1600);
    stamp.destination = Destination::StampDuty(b"<marca/>".to_vec());
    delivery.receipt.transfers.push(stamp);
    assert!(world.deliver(&delivery).await.contains("<outcome>OK</outcome>"));
    let in_transit =
        "select coalesce(sum(amount_cents), 0)::bigint from ledger_balance where account = 'in_transit'";
    assert_eq!(world.count(in_transit).await, 52);
}

#[tokio::test]
async fn an_operator_is_told_once_that_no_receipt_will_come() {
    let world = World::new().await;
    let (_, late) = world.published(1).await;
    let may_come = report(&world, 1, &late.iuv, late.amount.0, RowOutcome::StandIn).await;
    assert_eq!(labels(&world, may_come).await, [Label::IuvNoRt]);
    let tasks =
        "select count(*) from task where kind = 'paid_without_receipt' and appointment_id is not null";
    assert_eq!(world.count(tasks).await, 0);

    let (_, position) = world.published(0).await;
    let flow = report(&world, 2, &position.iuv, position.amount.0, RowOutcome::NoRpt).await;
    assert_eq!(labels(&world, flow).await, [Label::IuvNoRpt]);
    assert_eq!(world.count(tasks).await, 1);
    let mut tx = world.app.db.begin(world.entity.id).await.unwrap();
    sqlx::query("update task set state = 'done'").execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    report(&world, 3, &position.iuv, position.amount.0, RowOutcome::StandInNoRpt).await;
    assert_eq!(world.count(tasks).await, 1);
}
