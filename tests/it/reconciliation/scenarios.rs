use sportello::Error;
use sportello::reconciliation::ledger::Account;
use sportello::reconciliation::plan::PaymentState;
use sportello::reconciliation::state::State;
use sportello::reconciliation::{self, EntryView, Import, Imported, Label, Scope, import_flow_file};
use sportello_pagopa::fdr::RowOutcome;
use sportello_treasury::simulator::Entry;

use super::world::{FISCAL_CODE, World, amounts, text};

const FLOW: &str = "2027-01-11PSPITXX1-S001";
const OTHER: &str = "2027-01-11PSPITXX1-S002";

pub fn labels(view: &EntryView) -> Vec<Label> {
    view.summary.entry.labels.0.iter().map(|tally| tally.label).collect()
}

pub fn differences(view: &EntryView) -> Vec<(Label, i64)> {
    view.differences.iter().map(|difference| (difference.label, difference.amount.0)).collect()
}

async fn state_of(world: &World, iuv: &str) -> Option<PaymentState> {
    let mut tx = world.db.app.db.begin(world.entity.id).await.unwrap();
    reconciliation::payment(&mut tx, &world.entity, iuv, world.now()).await.unwrap().state
}

#[tokio::test]
async fn a_cumulative_credit_goes_from_receipts_to_the_budget() {
    let mut world = World::new().await;
    let a = world.paid_card("r-a").await;
    let b = world.paid_card("r-b").await;
    assert_eq!(state_of(&world, &a.iuv).await, Some(PaymentState::Paid));
    let flow = world.flow(FLOW, 1, &[(&a.iuv, "r-a", 2221), (&b.iuv, "r-b", 2221)]);
    let imported = world.import_flow(&flow).await;
    assert!(matches!(imported, Imported::New { latest: true, .. }));
    assert!(matches!(world.import_flow(&flow).await, Imported::Already(_)));
    assert_eq!(state_of(&world, &a.iuv).await, Some(PaymentState::Reported));
    assert_eq!(world.balances(Account::InTransit).await, [2221, 2221]);
    assert_eq!(world.worklist().await.totals.not_credited.0, 4442);

    let credit = world.credit(7, 4442, &text(0, FLOW));
    let page = world.treasurer.journal(world.today, &[Entry::Credited(credit.clone())]).remove(0);
    let found = world.import_journal(&page).await;
    assert!(matches!(found, Import::New { entries: 1, page: 1, pages: 1, .. }));
    assert_eq!(world.import_journal(&page).await, Import::Already);

    let view = world.entry(7).await;
    assert_eq!(amounts(&view.rows), [("3010", 1084), ("9001", 3358)]);
    assert_eq!((differences(&view), labels(&view)), (vec![], vec![Label::RtIufTes]));
    assert_eq!((view.summary.days_left, view.rows[0].payments.len()), (60, 2));
    assert_eq!(view.rows[0].payments[0].payer_name, "Mario Bianchi");
    assert_eq!(view.flow.as_ref().map(|flow| flow.flow.as_str()), Some(FLOW));
    for account in [Account::InTransit, Account::Receivable, Account::Unidentified] {
        assert_eq!(world.balances(account).await, Vec::<i64>::new(), "{account:?}");
    }
    assert_eq!(world.balances(Account::Treasury).await, [4442]);
    assert_eq!(state_of(&world, &a.iuv).await, Some(PaymentState::Cashed));
    world.nothing_changes_when_all_is_looked_at_again().await;

    assert!(world.send_plan(7, None).await.unwrap());
    assert!(!world.send_plan(7, None).await.unwrap());
    assert_eq!(state_of(&world, &a.iuv).await, Some(PaymentState::Regularised));
    let next = [Entry::Regularised { credit, order_number: 3 }];
    world.journal(&next).await;
    assert_eq!(world.entry(7).await.summary.entry.state, State::Regularised);
    assert_eq!(world.worklist().await.totals.open_entries, 0);
}

#[tokio::test]
async fn the_credit_comes_before_the_flow_and_the_receipt_last() {
    let mut world = World::new().await;
    let a = world.card().await;
    let credit = world.credit(1, 2221, &text(0, FLOW));
    world.journal(&[Entry::Credited(credit)]).await;
    assert_eq!(labels(&world.entry(1).await), [Label::TesNoMatch]);
    assert_eq!(world.balances(Account::Treasury).await, Vec::<i64>::new());

    world.import_flow(&world.flow(FLOW, 1, &[(&a.iuv, "r-a", 2221)])).await;
    let view = world.entry(1).await;
    assert_eq!(labels(&view), [Label::IuvNoRt]);
    assert_eq!(amounts(&view.rows), [("3010", 542), ("9001", 1679)]);
    assert_eq!(world.balances(Account::Unidentified).await, [-2221]);
    assert_eq!(world.balances(Account::Receivable).await, [2221]);

    world.receipt(&a, "r-a", true).await;
    assert_eq!(labels(&world.entry(1).await), [Label::RtIufTes]);
    for account in [Account::InTransit, Account::Receivable, Account::Unidentified] {
        assert_eq!(world.balances(account).await, Vec::<i64>::new(), "{account:?}");
    }
    world.nothing_changes_when_all_is_looked_at_again().await;
}

#[tokio::test]
async fn several_credits_cover_one_flow_on_different_days() {
    let mut world = World::new().await;
    let a = world.position_of(&[("3010", 5000)], 2027).await;
    let b = world.position_of(&[("3020", 5000)], 2027).await;
    world.receipt(&a, "r-a", true).await;
    world.receipt(&b, "r-b", true).await;
    world.import_flow(&world.flow(FLOW, 1, &[(&a.iuv, "r-a", 5000), (&b.iuv, "r-b", 5000)])).await;
    world.journal(&[Entry::Credited(world.credit(1, 6000, &text(1, FLOW)))]).await;
    let first = world.entry(1).await;
    assert_eq!(amounts(&first.rows), [("3010", 5000), ("3020", 1000)]);
    assert!(labels(&first).contains(&Label::IufTesDivImp));
    assert_eq!(world.balances(Account::InTransit).await, [4000]);

    world.journal(&[Entry::Credited(world.credit(2, 4000, &text(2, FLOW)))]).await;
    assert_eq!(amounts(&world.entry(1).await.rows), [("3010", 5000), ("3020", 1000)]);
    let second = world.entry(2).await;
    assert_eq!(amounts(&second.rows), [("3020", 4000)]);
    assert_eq!((second.siblings.len(), labels(&second)), (1, vec![Label::RtIufTes]));
    assert_eq!(world.balances(Account::InTransit).await, Vec::<i64>::new());
    assert_eq!(world.balances(Account::Treasury).await, [4000, 6000]);
    world.nothing_changes_when_all_is_looked_at_again().await;
}

#[tokio::test]
async fn a_cut_text_is_matched_only_where_there_is_no_doubt() {
    let mut world = World::new().await;
    let a = world.paid_card("r-a").await;
    let b = world.paid_card("r-b").await;
    let cut = "/PUR/LGPE-RIVERSAMENTO/URI/2027-01-1";
    world.journal(&[Entry::Credited(world.credit(1, 2221, cut))]).await;
    world.import_flow(&world.flow(FLOW, 1, &[(&a.iuv, "r-a", 2221)])).await;
    let view = world.entry(1).await;
    assert!(labels(&view).contains(&Label::TesInferred));
    assert_eq!(world.balances(Account::Treasury).await, [2221]);
    // A second flow of the same beginning, amount and days: neither may be taken for the other.
    world.import_flow(&world.flow(OTHER, 1, &[(&b.iuv, "r-b", 2221)])).await;
    assert_eq!(labels(&world.entry(1).await), [Label::TesAmbiguous]);
    assert_eq!(world.balances(Account::Treasury).await, Vec::<i64>::new());
    assert_eq!(world.balances(Account::InTransit).await, [2221, 2221]);
    world.nothing_changes_when_all_is_looked_at_again().await;
}

#[tokio::test]
async fn a_late_revision_changes_the_plan_and_says_so() {
    let mut world = World::new().await;
    let a = world.paid_card("r-a").await;
    let b = world.position_of(&[("3020", 2221)], 2027).await;
    world.receipt(&b, "r-b", true).await;
    world.import_flow(&world.flow(FLOW, 1, &[(&a.iuv, "r-a", 2221)])).await;
    world.journal(&[Entry::Credited(world.credit(1, 2221, &text(0, FLOW)))]).await;
    let seen = world.entry(1).await.plan_sha256;
    assert!(world.send_plan(1, Some(&seen)).await.unwrap());
    assert_eq!(state_of(&world, &a.iuv).await, Some(PaymentState::Regularised));

    world.import_flow(&world.flow(FLOW, 3, &[(&b.iuv, "r-b", 2221)])).await;
    let view = world.entry(1).await;
    assert_eq!(amounts(&view.rows), [("3020", 2221)]);
    assert!(view.plan_changed);
    assert_eq!(state_of(&world, &b.iuv).await, Some(PaymentState::Cashed), "of this nobody was told");
    assert_eq!(world.balances(Account::InTransit).await, [2221]);
    assert_eq!(world.balances(Account::Treasury).await, [2221]);

    // An older revision that comes late is kept and changes nothing.
    let late = world.import_flow(&world.flow(FLOW, 2, &[(&a.iuv, "r-a", 2221)])).await;
    assert!(matches!(late, Imported::New { latest: false, .. }));
    assert_eq!(amounts(&world.entry(1).await.rows), [("3020", 2221)]);
    // The first click again is the first click; nobody can have seen a plan that never was.
    assert!(!world.send_plan(1, Some(&seen)).await.unwrap());
    let unseen = world.send_plan(1, Some("")).await;
    assert!(matches!(unseen, Err(Error::Refused("plan_not_seen"))), "{unseen:?}");
    assert!(world.entry(1).await.plan_changed);
    assert!(world.send_plan(1, None).await.unwrap());
    assert_eq!(state_of(&world, &b.iuv).await, Some(PaymentState::Regularised));
    assert!(!world.entry(1).await.plan_changed);
    world.nothing_changes_when_all_is_looked_at_again().await;
}

#[tokio::test]
async fn a_notice_paid_twice_keeps_both_payments() {
    let mut world = World::new().await;
    let a = world.paid_card("r-1").await;
    world.receipt(&a, "r-2", false).await;
    world.import_flow(&world.flow(FLOW, 1, &[(&a.iuv, "r-2", 2221), (&a.iuv, "r-1", 2221)])).await;
    world.journal(&[Entry::Credited(world.credit(1, 4442, &text(0, FLOW)))]).await;
    let view = world.entry(1).await;
    assert_eq!(amounts(&view.rows), [("3010", 542), ("9001", 1679)]);
    assert_eq!(differences(&view), [(Label::Doppi, 2221)]);
    assert_eq!(view.differences[0].payment.as_ref().map(|payment| payment.iur.as_str()), Some("r-2"));
    assert_eq!(world.balances(Account::InTransit).await, Vec::<i64>::new());
    assert_eq!(world.balances(Account::Unidentified).await, [-2221]);
}

#[tokio::test]
async fn a_row_repeated_in_its_flow_and_a_wrong_sum_are_named() {
    let mut world = World::new().await;
    let a = world.paid_card("r-a").await;
    let mut flow = world.flow(FLOW, 1, &[(&a.iuv, "r-a", 2221), (&a.iuv, "r-a", 2221)]);
    flow.total_cents = 2221;
    flow.count = 1;
    let Imported::New { id, .. } = world.import_flow(&flow).await else { panic!("it is new") };
    world.journal(&[Entry::Credited(world.credit(1, 2221, &text(0, FLOW)))]).await;
    let view = world.entry(1).await;
    assert_eq!(amounts(&view.rows), [("3010", 542), ("9001", 1679)]);
    let mut tx = world.db.app.db.begin(world.entity.id).await.unwrap();
    let flow = reconciliation::flow(&mut tx, &world.entity, id, world.now()).await.unwrap();
    assert_eq!(flow.head.findings.as_array().map(Vec::len), Some(3));
    let named: Vec<Label> = flow.head.labels.0.iter().map(|tally| tally.label).collect();
    for label in [Label::Doppi, Label::FlowDoesNotAddUp, Label::IufTesDivImp] {
        assert!(named.contains(&label), "{label:?} in {named:?}");
    }
    assert_eq!(
        (flow.imbalance.0, flow.rows[0].state, flow.rows[1].state),
        (-2221, PaymentState::Cashed, PaymentState::Reported)
    );
}

#[tokio::test]
async fn what_the_treasurer_takes_back_leaves_the_treasury() {
    let mut world = World::new().await;
    let a = world.paid_card("r-a").await;
    world.import_flow(&world.flow(FLOW, 1, &[(&a.iuv, "r-a", 2221)])).await;
    let credit = world.credit(1, 2221, &text(0, FLOW));
    world.journal(&[Entry::Credited(credit.clone())]).await;
    assert_eq!(world.balances(Account::InTransit).await, Vec::<i64>::new());
    world.journal(&[Entry::Reversed(credit.clone())]).await;
    let view = world.entry(1).await;
    assert_eq!((view.summary.entry.state, labels(&view)), (State::Cancelled, vec![Label::TesStornato]));
    assert_eq!(world.balances(Account::InTransit).await, [2221]);
    assert_eq!(world.balances(Account::Treasury).await, Vec::<i64>::new());
    assert_eq!(state_of(&world, &a.iuv).await, Some(PaymentState::Reported));
    // The same money comes back under another number.
    let again = world.credit(2, 2221, &text(1, FLOW));
    world.journal(&[Entry::Credited(again)]).await;
    assert_eq!(world.balances(Account::InTransit).await, Vec::<i64>::new());
    assert_eq!(state_of(&world, &a.iuv).await, Some(PaymentState::Cashed));
    world.nothing_changes_when_all_is_looked_at_again().await;
}

#[tokio::test]
async fn journals_come_in_any_order_and_regularisations_are_undone() {
    let mut world = World::new().await;
    let credit = world.credit(1, 2221, &text(0, FLOW));
    let opened = world.treasurer.journal(world.today, &[Entry::Credited(credit.clone())]).remove(0);
    world.today = world.today.succ_opt().unwrap();
    let covered = Entry::Regularised { credit: credit.clone(), order_number: 9 };
    let covered = world.treasurer.journal(world.today, &[covered]).remove(0);
    world.import_journal(&covered).await;
    world.import_journal(&opened).await;
    assert_eq!(world.entry(1).await.summary.entry.state, State::Regularised);
    world.today = world.today.succ_opt().unwrap();
    world.journal(&[Entry::Reinstated { credit, order_number: 9 }]).await;
    let view = world.entry(1).await;
    assert_eq!((view.summary.entry.state, view.summary.entry.regularised.0), (State::Open, 0));
    assert_eq!(view.summary.entry.booked_on, world.today - chrono::Days::new(3));
}

#[tokio::test]
async fn rows_of_other_intermediaries_are_labelled_and_not_errors() {
    let mut world = World::new().await;
    let a = world.paid_card("r-a").await;
    world.import_flow(&world.flow(FLOW, 1, &[(&a.iuv, "r-a", 2221), ("47000000000000100", "x", 500)])).await;
    world.journal(&[Entry::Credited(world.credit(1, 2721, &text(0, FLOW)))]).await;
    let view = world.entry(1).await;
    assert_eq!(differences(&view), [(Label::OtherIntermediary, 500)]);
    assert_eq!(world.balances(Account::Unidentified).await, Vec::<i64>::new());
    assert_eq!(world.balances(Account::Elsewhere).await, [-500]);
    assert!(view.summary.entry.labels.0.iter().all(|t| t.severity == reconciliation::Severity::Info));
}

#[tokio::test]
async fn amounts_that_differ_are_named_on_both_sides() {
    let mut world = World::new().await;
    let a = world.paid_card("r-a").await;
    world.import_flow(&world.flow(FLOW, 1, &[(&a.iuv, "r-a", 2200)])).await;
    world.journal(&[Entry::Credited(world.credit(1, 2205, &text(0, FLOW)))]).await;
    let view = world.entry(1).await;
    assert_eq!(amounts(&view.rows), [("3010", 542), ("9001", 1679)]);
    assert_eq!(differences(&view), [(Label::RtIufDivImp, -21), (Label::IufTesDivImp, 5)]);
    assert_eq!(world.balances(Account::InTransit).await, [21]);
    let worklist = world.worklist().await;
    assert_eq!((worklist.payments.len(), worklist.payments[0].label), (1, Label::RtIufDivImp));
}

#[tokio::test]
async fn what_was_revoked_and_what_has_another_iur() {
    let mut world = World::new().await;
    let a = world.paid_card("r-a").await;
    let b = world.paid_card("r-b").await;
    let mut flow = world.flow(
        FLOW,
        1,
        &[(&a.iuv, "not-the-receipt", 2221), (&b.iuv, "r-b", 2221), ("01999999999999900", "z", 300)],
    );
    flow.rows[2].outcome = RowOutcome::Revoked;
    flow.total_cents = 4142;
    world.import_flow(&flow).await;
    world.journal(&[Entry::Credited(world.credit(1, 4142, &text(0, FLOW)))]).await;
    let view = world.entry(1).await;
    assert_eq!(amounts(&view.rows), [("3010", 1084), ("9001", 3358)]);
    assert_eq!(differences(&view), [(Label::Revoked, -300)]);
    assert!(labels(&view).contains(&Label::IurDiffers));
    assert_eq!(world.balances(Account::InTransit).await, Vec::<i64>::new());
    assert_eq!(world.balances(Account::Unidentified).await, [300]);
    assert_eq!(world.worklist().await.totals.unidentified_open, 1);
}

#[tokio::test]
async fn a_payment_with_another_iur_is_reported_everywhere() {
    let mut world = World::new().await;
    let a = world.paid_card("r-a").await;
    world.import_flow(&world.flow(FLOW, 1, &[(&a.iuv, "not-the-receipt", 2221)])).await;
    world.db.advance(chrono::TimeDelta::days(6));
    let worklist = world.worklist().await;
    assert_eq!(worklist.payments.iter().map(|payment| payment.label).collect::<Vec<_>>(), [Label::RtIuf]);
    let mut tx = world.db.app.db.begin(world.entity.id).await.unwrap();
    let day = reconciliation::lists::receipts(&mut tx, &world.entity, None, world.now()).await.unwrap();
    assert_eq!(day.receipts[0].flow.as_deref(), Some(FLOW));
}

#[tokio::test]
async fn opposite_sums_are_both_open() {
    let mut world = World::new().await;
    let a = world.paid_card("r-1").await;
    world.receipt(&a, "r-2", false).await;
    let mut flow = world.flow(FLOW, 1, &[(&a.iuv, "r-1", 2221), ("01999999999999900", "z", 2221)]);
    flow.rows[1].outcome = RowOutcome::Revoked;
    flow.rows[1].amount_cents = -1000;
    flow.total_cents = 1221;
    world.import_flow(&flow).await;
    world.journal(&[Entry::Credited(world.credit(1, 1221, &text(0, FLOW)))]).await;
    let totals = world.worklist().await.totals;
    assert_eq!((totals.unidentified.0, totals.unidentified_open), (1221, 2));
    assert_eq!((totals.in_transit.0, totals.in_transit_open), (2221, 1));
}

#[tokio::test]
async fn a_single_payment_is_found_by_its_iuv() {
    let mut world = World::new().await;
    let a = world.card().await;
    let words = format!("/RFB/{}/22.21", a.iuv);
    world.journal(&[Entry::Credited(world.credit(1, 2221, &words))]).await;
    assert_eq!(labels(&world.entry(1).await), [Label::TesNoMatch]);
    world.receipt(&a, "r-a", true).await;
    let view = world.entry(1).await;
    assert_eq!(
        (amounts(&view.rows), labels(&view)),
        (vec![("3010", 542), ("9001", 1679)], vec![Label::RtTes])
    );
    assert_eq!(world.balances(Account::InTransit).await, Vec::<i64>::new());
    assert_eq!(state_of(&world, &a.iuv).await, Some(PaymentState::Cashed));
    world.nothing_changes_when_all_is_looked_at_again().await;
}

#[tokio::test]
async fn another_year_than_the_entrys_is_shown() {
    let mut world = World::new().await;
    let a = world.position_of(&[("3010", 500)], 2026).await;
    world.receipt(&a, "r-a", true).await;
    world.import_flow(&world.flow(FLOW, 1, &[(&a.iuv, "r-a", 500)])).await;
    world.journal(&[Entry::Credited(world.credit(1, 500, &text(0, FLOW)))]).await;
    let view = world.entry(1).await;
    assert!(view.rows[0].other_year);
    assert_eq!(labels(&view), [Label::OtherYear, Label::RtIufTes]);
}

#[tokio::test]
async fn what_waits_too_long_is_on_the_work_list() {
    let mut world = World::new().await;
    let a = world.paid_card("r-a").await;
    world.journal(&[Entry::Credited(world.credit(1, 700, "AFFITTO LOCALI"))]).await;
    let fresh = world.worklist().await;
    assert_eq!((fresh.payments.len(), fresh.entries.len(), fresh.totals.in_transit.0), (0, 0, 2221));
    world.journal(&[Entry::Credited(world.credit(2, 900, &text(0, OTHER)))]).await;
    world.db.advance(chrono::TimeDelta::days(70));
    let worklist = world.worklist().await;
    assert_eq!(
        (worklist.payments[0].label, worklist.payments[0].iuv.as_str()),
        (Label::RtNoIuf, a.iuv.as_str())
    );
    assert_eq!((worklist.entries.len(), worklist.totals.overdue_entries), (1, 1));
    assert_eq!(worklist.entries[0].days_left, 60 - 69);
}

#[tokio::test]
async fn a_file_and_the_platform_tell_of_one_flow() {
    let mut world = World::new().await;
    let a = world.paid_card("r-a").await;
    let day = world.today;
    let made_at = (world.now() + chrono::TimeDelta::hours(1)).to_rfc3339();
    let xml = format!(
        r#"<FlussoRiversamento xmlns="http://www.digitpa.gov.it/schemas/2011/Pagamenti/"><versioneOggetto>1.0</versioneOggetto>
        <identificativoFlusso>{FLOW}</identificativoFlusso><dataOraFlusso>{made_at}</dataOraFlusso>
        <identificativoUnivocoRegolamento>TRN{FLOW}</identificativoUnivocoRegolamento><dataRegolamento>{day}</dataRegolamento>
        <istitutoMittente><identificativoUnivocoMittente><tipoIdentificativoUnivoco>B</tipoIdentificativoUnivoco>
        <codiceIdentificativoUnivoco>BANCITXX</codiceIdentificativoUnivoco></identificativoUnivocoMittente></istitutoMittente>
        <istitutoRicevente><identificativoUnivocoRicevente><tipoIdentificativoUnivoco>G</tipoIdentificativoUnivoco>
        <codiceIdentificativoUnivoco>{FISCAL_CODE}</codiceIdentificativoUnivoco></identificativoUnivocoRicevente></istitutoRicevente>
        <numeroTotalePagamenti>1</numeroTotalePagamenti><importoTotalePagamenti>22.21</importoTotalePagamenti>
        <datiSingoliPagamenti><identificativoUnivocoVersamento>{iuv}</identificativoUnivocoVersamento>
        <identificativoUnivocoRiscossione>r-a</identificativoUnivocoRiscossione>
        <singoloImportoPagato>22.21</singoloImportoPagato><codiceEsitoSingoloPagamento>0</codiceEsitoSingoloPagamento>
        <dataEsitoSingoloPagamento>{day}</dataEsitoSingoloPagamento></datiSingoliPagamenti></FlussoRiversamento>"#,
        iuv = a.iuv,
    );
    let mut tx = world.db.app.db.begin(world.entity.id).await.unwrap();
    let from_file = import_flow_file(&mut tx, &world.entity, xml.as_bytes(), world.now()).await.unwrap();
    tx.commit().await.unwrap();
    let Imported::New { id, latest: true } = from_file else { panic!("it is new") };
    // The platform says the same with the sender's own name and with its revision.
    let flow = world.flow(FLOW, 1, &[(&a.iuv, "r-a", 2221)]);
    assert_eq!(world.import_flow(&flow).await, Imported::Already(id));
    world.journal(&[Entry::Credited(world.credit(1, 2221, &text(0, FLOW)))]).await;
    assert_eq!(labels(&world.entry(1).await), [Label::RtIufTes]);
}

#[tokio::test]
async fn what_is_of_another_entity_is_refused_and_not_seen() {
    let mut world = World::new().await;
    let a = world.paid_card("r-a").await;
    world.import_flow(&world.flow(FLOW, 1, &[(&a.iuv, "r-a", 2221)])).await;
    world.journal(&[Entry::Credited(world.credit(1, 2221, &text(0, FLOW)))]).await;
    let id = world.entry_id(1).await;
    let page = world.treasurer.journal(world.today, &[]).remove(0);

    let other = world.db.entity("spello", "01234567891").await;
    let mut tx = world.db.app.db.begin(other.id).await.unwrap();
    let now = world.now();
    let journal = reconciliation::import_journal(&mut tx, &other, page.as_bytes(), now).await;
    assert!(matches!(journal, Err(Error::Refused("journal_of_another_entity"))));
    let flow = reconciliation::import_flow(&mut tx, &other, &world.flow(FLOW, 2, &[]), None, now).await;
    assert!(matches!(flow, Err(Error::Refused("flow_of_another_entity"))));
    let broken = reconciliation::import_journal(&mut tx, &other, b"<x/>", now).await;
    assert!(matches!(&broken, Err(Error::Invalid(fields)) if !fields.is_empty()));
    assert!(matches!(reconciliation::entry(&mut tx, &other, id, now).await, Err(Error::NotFound(_))));
    assert!(matches!(reconciliation::payment(&mut tx, &other, &a.iuv, now).await, Err(Error::NotFound(_))));
    // Even a query that forgets whose rows it wants sees nothing of them.
    reconciliation::rematch(&mut tx, other.id, Scope::Everything, now).await.unwrap();
    let seen: i64 = sqlx::query_scalar(
        "select (select count(*) from flow_row) + (select count(*) from provisional_movement)
            + (select count(*) from ledger_posting) + (select count(*) from ledger_balance)",
    )
    .fetch_one(&mut *tx)
    .await
    .unwrap();
    assert_eq!(seen, 0);
    let appended = sqlx::query("update ledger_posting set amount_cents = 1").execute(&mut *tx).await;
    assert!(appended.is_err(), "the books are append-only");
}
