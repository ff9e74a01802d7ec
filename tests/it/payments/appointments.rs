//! What a payment does to its appointment.

use chrono::TimeDelta;
use sportello::agenda::{self, booking};
use sportello::payments::{self, State};
use sportello_pagopa::simulator::Knobs;

use super::world::{PRICE, World};

async fn told(world: &World) -> Vec<String> {
    let mut tx = world.app.db.begin(world.entity.id).await.unwrap();
    sqlx::query_scalar("select event from notice order by event").fetch_all(&mut *tx).await.unwrap()
}

async fn state(world: &World, appointment: &agenda::Appointment) -> agenda::State {
    let mut tx = world.app.db.begin(world.entity.id).await.unwrap();
    agenda::store::appointment(&mut tx, world.entity.id, appointment.id).await.unwrap().state
}

#[tokio::test]
async fn a_payment_in_time_confirms_and_is_told_once() {
    let world = World::new().await;
    world.use_mail().await;
    let (appointment, position) = world.published(0).await;
    world.pay(&position).await.unwrap();
    assert_eq!(state(&world, &appointment).await, agenda::State::Confirmed);
    assert_eq!(told(&world).await, ["confirmed", "paid", "payment_due"]);
    assert!(world.deliver(&world.delivery(&position.nav, "twice", PRICE.0)).await.contains("<outcome>OK"));
    assert_eq!(told(&world).await, ["confirmed", "paid", "payment_due"]);
}

#[tokio::test]
async fn paying_is_asked_once_it_can_be_done_and_its_end_is_told() {
    let world = World::new().await;
    world.use_mail().await;
    let position = world.issue(&world.appointment(0).await).await.unwrap();
    world.platform.set_knobs(Knobs { fail_next_gpd_calls: 1, ..Knobs::default() });
    payments::publish(&world.app, world.entity.id, position.id).await.unwrap_err();
    assert!(told(&world).await.is_empty(), "no bank knows the notice yet");
    for _ in 0..2 {
        payments::publish(&world.app, world.entity.id, position.id).await.unwrap();
        assert_eq!(told(&world).await, ["payment_due"]);
    }

    world.db.advance(TimeDelta::hours(2));
    for _ in 0..2 {
        let mut tx = world.app.db.begin(world.entity.id).await.unwrap();
        booking::sweep(&mut tx, &world.entity, world.now()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(told(&world).await, ["expired", "payment_due"]);
    }
    let silenced = "select count(*) from notice where state = 'obsolete'";
    assert_eq!(world.count(silenced).await, 1, "nobody is asked to pay any more");
    // The payment had begun in time: what is not told yet of the end is not true any more.
    assert!(world.deliver(&world.delivery(&position.nav, "late", PRICE.0)).await.contains("<outcome>OK"));
    assert_eq!(told(&world).await, ["confirmed", "expired", "paid", "payment_due"]);
    assert_eq!(world.count(silenced).await, 2);
}

#[tokio::test]
async fn a_late_payment_takes_the_time_again_or_becomes_a_task() {
    let world = World::new().await;
    world.use_mail().await;
    let (free, of_free) = world.published(0).await;
    let (lost, of_lost) = world.published(1).await;
    world.db.advance(TimeDelta::hours(2));
    let mut tx = world.app.db.begin(world.entity.id).await.unwrap();
    assert_eq!(agenda::sweep(&mut tx, world.entity.id, world.now()).await.unwrap().len(), 2);
    tx.commit().await.unwrap();
    world.give_away(&lost).await;

    world.pay(&of_free).await.unwrap();
    world.pay(&of_lost).await.unwrap();
    assert_eq!(state(&world, &free).await, agenda::State::Confirmed);
    assert_eq!(state(&world, &lost).await, agenda::State::Expired);
    assert_eq!(world.count("select count(*) from task where kind = 'paid_without_time'").await, 1);
    assert_eq!(told(&world).await, ["confirmed", "paid", "paid_without_time", "payment_due", "payment_due"]);
    for position in [of_free, of_lost] {
        assert_eq!(world.position(position.id).await.state, State::Paid);
    }
}

/// Cancellation and receipt meet on the same rows: neither makes the other fail, and the money is never lost.
#[tokio::test]
async fn a_receipt_and_a_cancellation_at_the_same_moment() {
    let world = World::new().await;
    for n in 0..10 {
        let (appointment, position) = world.published(n).await;
        let cancel = async {
            let mut tx = world.app.db.begin(world.entity.id).await?;
            agenda::cancel(&mut tx, world.entity.id, appointment.id, "", world.now()).await?;
            payments::cancel_of(&mut tx, world.entity.id, appointment.id, world.now()).await?;
            tx.commit().await?;
            Ok::<_, sportello::Error>(())
        };
        let delivery = world.delivery(&position.nav, &format!("token-{n}"), PRICE.0);
        let (cancelled, answer) = tokio::join!(cancel, world.deliver(&delivery));
        cancelled.unwrap();
        assert!(answer.contains("<outcome>OK"), "{answer}");
        assert_eq!(world.position(position.id).await.state, State::Paid);
        assert_eq!(state(&world, &appointment).await, agenda::State::Cancelled);
    }
    assert_eq!(world.count("select count(*) from receipt").await, 10);
}
