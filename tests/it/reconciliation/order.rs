//! In any order, at the same instant, a thousand at once.

use sportello::reconciliation::Label;
use sportello::reconciliation::ledger::Account;
use sportello_treasury::simulator::Entry;

use super::scenarios::{differences, labels};
use super::world::{World, amounts, text};

const FLOW: &str = "2027-01-11PSPITXX1-S001";

/// One receipt, two revisions of a flow and the journal, in each of their 24 orders: what is derived is the same.
#[tokio::test]
async fn the_order_of_arrival_does_not_matter() {
    let orders = (0..256_u32).map(|n| [n % 4, n / 4 % 4, n / 16 % 4, n / 64]);
    let orders = orders.filter(|order| (0..4).all(|event| order.contains(&event)));
    let mut ends = Vec::new();
    for order in orders {
        let mut world = World::new().await;
        let a = world.card().await;
        let b = world.paid_card("r-b").await;
        let first = world.flow(FLOW, 1, &[(&b.iuv, "r-b", 2221)]);
        let second = world.flow(FLOW, 2, &[(&a.iuv, "r-a", 2221), (&b.iuv, "r-b", 2221)]);
        let words = text(0, FLOW);
        let credit = world.credit(1, 4400, &words);
        for event in order {
            match event {
                0 => world.receipt(&a, "r-a", true).await,
                1 => drop(world.import_flow(&first).await),
                2 => drop(world.import_flow(&second).await),
                _ => drop(world.journal(&[Entry::Credited(credit.clone())]).await),
            }
        }
        let view = world.entry(1).await;
        let plan: Vec<(String, i64)> =
            amounts(&view.rows).into_iter().map(|(chapter, cents)| (chapter.to_owned(), cents)).collect();
        let accounts = [
            Account::Income,
            Account::Receivable,
            Account::InTransit,
            Account::Treasury,
            Account::Unidentified,
        ];
        let mut books = Vec::new();
        for account in accounts {
            books.push(world.balances(account).await);
        }
        ends.push((plan, differences(&view), labels(&view), books));
        world.nothing_changes_when_all_is_looked_at_again().await;
    }
    assert_eq!(ends.len(), 24);
    assert!(ends.iter().all(|end| *end == ends[0]), "{ends:#?}");
    assert_eq!(ends[0].0, [("3010".to_owned(), 1042), ("9001".to_owned(), 3358)]);
}

/// A receipt, the flow that reports it and the credit that pays it come at the same instant: each sees the others or is
/// seen by them.
#[tokio::test]
async fn what_comes_at_the_same_instant_is_not_missed() {
    let mut world = World::new().await;
    for round in 1..=6_u8 {
        let a = world.card().await;
        let b = world.card().await;
        let name = format!("2027-01-11PSPITXX1-C{round:03}");
        let flow = world.flow(
            &name,
            1,
            &[(&a.iuv, &format!("a{round}"), 2221), (&b.iuv, &format!("b{round}"), 2221)],
        );
        let credit = world.credit(round.into(), 4442, &text(0, &name));
        let page = world.treasurer.journal(world.today, &[Entry::Credited(credit)]).remove(0);
        let (first, second) = (format!("a{round}"), format!("b{round}"));
        tokio::join!(
            world.receipt(&a, &first, true),
            world.import_flow(&flow),
            world.import_journal(&page),
            world.receipt(&b, &second, true),
        );
        assert_eq!(labels(&world.entry(round.into()).await), [Label::RtIufTes], "round {round}");
    }
    for account in [Account::InTransit, Account::Receivable, Account::Unidentified] {
        assert_eq!(world.balances(account).await, Vec::<i64>::new(), "{account:?}");
    }
    world.nothing_changes_when_all_is_looked_at_again().await;
}

/// The day of a busy provider: a thousand payments in one credit.
#[tokio::test]
async fn a_thousand_payments_are_one_credit() {
    let mut world = World::new().await;
    let mut payments = Vec::new();
    for n in 0..1000 {
        payments.push((format!("0199999{n:010}"), format!("r{n}"), 100 + n));
    }
    let borrowed: Vec<(&str, &str, i64)> =
        payments.iter().map(|(iuv, iur, cents)| (iuv.as_str(), iur.as_str(), *cents)).collect();
    let flow = world.flow(FLOW, 1, &borrowed);
    world.import_flow(&flow).await;
    world.journal(&[Entry::Credited(world.credit(1, flow.total_cents, &text(0, FLOW)))]).await;
    let view = world.entry(1).await;
    assert_eq!((view.differences.len(), labels(&view)), (1000, vec![Label::IuvNoRt]));
    assert_eq!(world.balances(Account::Unidentified).await.len(), 1000);
    world.nothing_changes_when_all_is_looked_at_again().await;
}
