//! Issue, numbering, sums, cancellation, what is printed.

use std::collections::BTreeSet;

use futures_util::{StreamExt, TryStreamExt, stream};
use sportello::Error;
use sportello::agenda::Holder;
use sportello::ids::DebtPositionId;
use sportello::payments::{self, Quote, State, copies};
use sportello::text::Text;
use sportello_pagopa::notice::Nav;

use super::world::{CITIZEN, IBAN, PRICE, World};

#[tokio::test]
async fn items_and_shares_are_frozen_with_their_chapters_and_assessments() {
    let world = World::new().await;
    let appointment = world.appointment(0).await;
    let position = world.issue(&appointment).await.unwrap();
    assert_eq!(
        (position.amount, position.state, position.due_on.to_string()),
        (PRICE, State::Issued, "2027-01-11".into())
    );
    let nav: Nav = position.nav.parse().unwrap();
    assert!(nav.check_digits_ok());
    assert_eq!((nav.segregation().unwrap().code(), nav.iuv().to_string()), (1, position.iuv.clone()));

    let mut tx = world.app.db.begin(world.entity.id).await.unwrap();
    let view = payments::of_appointment(&mut tx, world.entity.id, appointment.id).await.unwrap().unwrap();
    assert_eq!(view.position, position);
    assert_eq!((view.items.len(), view.items[0].amount, view.items[0].iban.as_str()), (1, PRICE, IBAN));
    let shares: Vec<_> = view
        .shares
        .iter()
        .map(|share| {
            (
                share.chapter_code.as_str(),
                share.kind.as_str(),
                share.assessment_number.clone().unwrap(),
                share.amount.0,
            )
        })
        .collect();
    assert_eq!(
        shares,
        [
            ("9005", "third_party", "9005/0".to_owned(), 1679),
            ("3010", "own", "3010/0".to_owned(), 516),
            ("3011", "own", "3011/0".to_owned(), 26),
        ]
    );
    assert!(view.receipt.is_none());
    assert_eq!(payments::of_citizen(&mut tx, world.entity.id, CITIZEN).await.unwrap(), [view]);
    assert!(payments::of_citizen(&mut tx, world.entity.id, "BNCMRA80A01H501U").await.unwrap().is_empty());
    assert_eq!(world.count("select count(*) from job where kind = 'publish_position'").await, 1);
    let posted = "select sum(amount_cents)::bigint from ledger_posting where account = 'receivable'";
    assert_eq!(world.count(posted).await, PRICE.0);
}

#[tokio::test]
async fn a_hundred_at_once_have_a_hundred_numbers() {
    let world = World::new().await;
    let appointments: Vec<_> = stream::iter(0..100).then(|n| world.appointment(n)).collect().await;
    let positions: Vec<_> = stream::iter(&appointments)
        .map(|appointment| world.issue(appointment))
        .buffer_unordered(18)
        .try_collect()
        .await
        .unwrap();
    let numbers: BTreeSet<_> = positions.iter().map(|position| &position.nav).collect();
    assert_eq!(numbers.len(), 100);
    assert_eq!(world.count("select next_base from notice_sequence").await, 101);
}

#[tokio::test]
async fn what_cannot_be_issued_leaves_the_transaction_usable() {
    let world = World::new().await;
    let appointment = world.appointment(0).await;
    let (quote, now) = (world.quote().await, world.now());
    let name = Text::italian("CIE");
    let mut tx = world.app.db.begin(world.entity.id).await.unwrap();

    let refused = payments::issue(&mut tx, &world.entity, &appointment, &name, &Quote::free(), now).await;
    assert!(matches!(refused, Err(Error::Refused("nothing_to_pay"))));
    let mut nobody = appointment.clone();
    nobody.holder = Holder::default();
    let refused = payments::issue(&mut tx, &world.entity, &nobody, &name, &quote, now).await;
    assert!(matches!(refused, Err(Error::Refused("fiscal_code_needed"))));
    sqlx::query("delete from chapter where code = '3011'").execute(&mut *tx).await.unwrap();
    let refused = payments::issue(&mut tx, &world.entity, &appointment, &name, &quote, now).await;
    assert!(matches!(refused, Err(Error::Refused("chapter_missing"))));

    sqlx::query("update appointment set notes = 'ok'").execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.count("select count(*) from appointment where notes = 'ok'").await, 1);
    assert_eq!(world.count("select count(*) from debt_position").await, 0);
    assert_eq!(world.count("select count(*) from notice_sequence").await, 0);
}

#[tokio::test]
async fn numbers_go_on_after_those_of_another_program() {
    let world = World::new().await;
    let mut tx = world.app.db.begin(world.entity.id).await.unwrap();
    let actor = sportello::audit::Actor::System;
    for (asked, next) in [(5000, 5000), (10, 5000)] {
        let raised =
            payments::issue::start_numbers_from(&mut tx, world.entity.id, asked, &actor, world.now()).await;
        assert_eq!(raised.unwrap(), next);
    }
    let refused =
        payments::issue::start_numbers_from(&mut tx, world.entity.id, -1, &actor, world.now()).await;
    assert!(matches!(refused, Err(Error::Invalid(_))));
    tx.commit().await.unwrap();
    let position = world.issue(&world.appointment(0).await).await.unwrap();
    assert!(position.nav.starts_with("3010000000005000"), "{}", position.nav);
}

/// The database itself refuses money that does not sum, whatever the code says.
#[tokio::test]
async fn the_database_refuses_what_does_not_sum() {
    let world = World::new().await;
    let position = world.issue(&world.appointment(0).await).await.unwrap();
    let entity = world.entity.id.0;

    // One cent more in a share.
    let mut tx = world.app.db.begin(world.entity.id).await.unwrap();
    sqlx::query(
        "insert into position_share (entity_id, debt_position_id, transfer_index, share_index, year, chapter_code,
            chapter_description, kind, amount_cents) values ($1, $2, 1, 9, 2027, '1', 'x', 'own', 1)",
    )
    .bind(entity)
    .bind(position.id.0)
    .execute(&mut *tx)
    .await
    .unwrap();
    assert!(tx.commit().await.unwrap_err().to_string().contains("does not sum"));

    // A position without items.
    let mut tx = world.app.db.begin(world.entity.id).await.unwrap();
    sqlx::query(
        "insert into debt_position (entity_id, debt_position_id, iupd, nav, iuv, amount_cents, description,
            debtor_fiscal_code, debtor_name, due_on, in_advance, created_at)
         values ($1, $2, 'x', '301000000000000199', '01000000000000199', 5, 'x', 'x', 'x', '2027-01-01', false, now())",
    )
    .bind(entity)
    .bind(DebtPositionId::new().0)
    .execute(&mut *tx)
    .await
    .unwrap();
    assert!(tx.commit().await.unwrap_err().to_string().contains("does not sum"));

    // What is frozen stays frozen.
    for statement in
        ["update position_share set amount_cents = 1", "update position_item set amount_cents = 1"]
    {
        let mut tx = world.app.db.begin(world.entity.id).await.unwrap();
        let error = sqlx::query(statement).execute(&mut *tx).await.unwrap_err();
        assert_eq!(error.as_database_error().unwrap().code().unwrap(), "42501", "{statement}");
    }
    assert_eq!(world.count("select sum(amount_cents)::bigint from position_share").await, PRICE.0);
}

#[tokio::test]
async fn what_is_cancelled_is_off_the_books_once() {
    let world = World::new().await;
    let appointment = world.appointment(0).await;
    let position = world.issue(&appointment).await.unwrap();
    world.cancel(appointment.id).await;
    world.cancel(appointment.id).await;
    let cancelled = world.position(position.id).await;
    assert_eq!(cancelled.state, State::Cancelled);
    assert!(cancelled.cancelled_at.is_some());
    assert_eq!(
        world
            .count("select sum(amount_cents)::bigint from ledger_posting where account = 'receivable'")
            .await,
        0
    );
    assert_eq!(world.count("select count(*) from job where kind = 'withdraw_position'").await, 1);
    assert_eq!(world.count("select count(*) from audit where action = 'position.cancelled'").await, 1);

    // Owed anew, the appointment's position is the latest.
    let again = world.issue(&appointment).await.unwrap();
    let mut tx = world.app.db.begin(world.entity.id).await.unwrap();
    let view = payments::of_appointment(&mut tx, world.entity.id, appointment.id).await.unwrap().unwrap();
    assert_eq!(view.position.id, again.id);
}

#[tokio::test]
async fn the_printed_notice_shows_everything_but_the_account() {
    let world = World::new().await;
    let position = world.issue(&world.appointment(0).await).await.unwrap();
    let mut tx = world.app.db.begin(world.entity.id).await.unwrap();
    let notice = copies::notice(&mut tx, &world.entity, position.id).await.unwrap();
    assert_eq!(notice.qr_text, format!("PAGOPA|002|{}|{}|2221", position.nav, world.entity.fiscal_code));
    assert_eq!(notice.nav_grouped.replace(' ', ""), position.nav);
    assert_eq!((notice.cbill.as_str(), notice.debtor_name.as_str()), ("ABCDE", "Maria Rossi"));
    assert!(notice.qr_svg.starts_with("<svg"));
    let view = payments::position::by_id(&mut tx, world.entity.id, position.id).await.unwrap();
    for shown in [serde_json::to_string(&notice).unwrap(), serde_json::to_string(&view).unwrap()] {
        assert!(!shown.contains(IBAN), "{shown}");
    }
    drop(tx);

    world.cancel(position.appointment.unwrap()).await;
    let mut tx = world.app.db.begin(world.entity.id).await.unwrap();
    let refused = copies::notice(&mut tx, &world.entity, position.id).await;
    assert!(matches!(refused, Err(Error::Refused("position_cancelled"))));
    assert_eq!(copies::receipt(&mut tx, &world.entity, position.id).await.unwrap(), None);
}
