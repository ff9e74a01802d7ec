//! Publication, withdrawal, checkout, the connection test.

use sportello::Error;
use sportello::audit::Actor;
use sportello::ids::{CheckoutVisitId, DebtPositionId};
use sportello::jobs::worker;
use sportello::payments::diagnosis::CheckOutcome;
use sportello::payments::{self, State, VisitOutcome, platform};
use sportello_pagopa::simulator::{Knobs, NotPayable};

use super::world::World;

/// What a program that dies between the platform's answer and its own record leaves behind.
async fn forget_publication(world: &World, id: DebtPositionId) {
    let mut tx = world.app.db.begin(world.entity.id).await.unwrap();
    let statement =
        "update debt_position set state = 'issued', published_at = null where debt_position_id = $1";
    sqlx::query(statement).bind(id.0).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn publication_survives_a_death_between_call_and_record() {
    let world = World::new().await;
    let (_, position) = world.published(0).await;
    assert_eq!(position.state, State::Published);
    let first = position.published_at.unwrap();
    payments::publish(&world.app, world.entity.id, position.id).await.unwrap();
    assert_eq!(world.position(position.id).await.published_at, Some(first));

    forget_publication(&world, position.id).await;
    payments::publish(&world.app, world.entity.id, position.id).await.unwrap();
    assert_eq!(world.position(position.id).await.state, State::Published);
    world.pay(&position).await.unwrap();
}

#[tokio::test]
async fn a_number_of_somebody_else_is_kept_for_an_operator() {
    let world = World::new().await;
    let (_, taken) = world.published(0).await;
    // The sequence is set back by hand, and our record of the first one is lost: the platform still has its number.
    let mut tx = world.app.db.begin(world.entity.id).await.unwrap();
    sqlx::query("update notice_sequence set next_base = 1").execute(&mut *tx).await.unwrap();
    sqlx::query("update debt_position set nav = '301999999999999999', iuv = '01999999999999999'")
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let position = world.issue(&world.appointment(1).await).await.unwrap();
    assert_eq!(position.nav, taken.nav);

    payments::publish(&world.app, world.entity.id, position.id).await.unwrap();
    let refused = world.position(position.id).await;
    assert_eq!(refused.state, State::Issued);
    assert!(refused.last_error.as_deref() == Some("number_in_use"));
    let mut tx = world.app.db.begin(world.entity.id).await.unwrap();
    let waiting = payments::position::troubled(&mut tx, world.entity.id).await.unwrap();
    assert_eq!(waiting.iter().map(|position| position.id).collect::<Vec<_>>(), [position.id]);
    platform::retry(&mut tx, world.entity.id, position.id, world.now()).await.unwrap();
    let refused = platform::retry(&mut tx, world.entity.id, taken.id, world.now()).await;
    assert!(matches!(refused, Err(Error::Refused("not_in_this_state"))));
    drop(tx);

    // The former program's numbers are left behind, and the position is issued anew.
    let mut tx = world.app.db.begin(world.entity.id).await.unwrap();
    payments::issue::start_numbers_from(&mut tx, world.entity.id, 5000, &Actor::System, world.now())
        .await
        .unwrap();
    let renumber = async |tx: &mut sportello::db::Tx| {
        payments::issue::renumber(tx, world.entity.id, position.id, &Actor::System, world.now()).await
    };
    let anew = renumber(&mut tx).await.unwrap();
    let again = renumber(&mut tx).await;
    assert!(matches!(again, Err(Error::Refused("not_in_this_state"))), "{again:?}");
    tx.commit().await.unwrap();
    assert_eq!((&anew.nav[..15], anew.amount), ("301000000000500", position.amount));
    assert_eq!(world.position(position.id).await.state, State::Cancelled);
    worker::run_due(&world.app).await.unwrap();
    assert_eq!(world.position(anew.id).await.state, State::Published);
    world.pay(&anew).await.unwrap();
    let mut tx = world.app.db.begin(world.entity.id).await.unwrap();
    assert!(payments::position::troubled(&mut tx, world.entity.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_may_pass_by_itself_is_tried_again_and_says_why() {
    let world = World::new().await;
    let position = world.issue(&world.appointment(0).await).await.unwrap();
    world.platform.set_knobs(Knobs { fail_next_gpd_calls: 1, ..Knobs::default() });
    let error = payments::publish(&world.app, world.entity.id, position.id).await.unwrap_err();
    assert!(matches!(error, Error::Peer { peer: "pagopa", code: "unavailable", .. }), "{error:?}");
    assert!(world.position(position.id).await.last_error.unwrap().starts_with("unavailable: "));

    world.connect("wrong").await;
    let error = payments::publish(&world.app, world.entity.id, position.id).await.unwrap_err();
    assert!(matches!(error, Error::Peer { code: "key_refused", .. }), "{error:?}");

    world.connect("platform-key").await;
    payments::publish(&world.app, world.entity.id, position.id).await.unwrap();
    let published = world.position(position.id).await;
    assert_eq!((published.state, published.last_error), (State::Published, None));
}

#[tokio::test]
async fn what_is_cancelled_cannot_be_paid_whenever_it_was_cancelled() {
    let world = World::new().await;
    // After the publication.
    let (appointment, position) = world.published(0).await;
    world.cancel(appointment.id).await;
    payments::withdraw(&world.app, world.entity.id, position.id).await.unwrap();
    payments::withdraw(&world.app, world.entity.id, position.id).await.unwrap();
    assert_eq!(world.pay(&position).await, Err(NotPayable::Withdrawn));

    // Before it: nothing is there, and nothing is put there.
    let appointment = world.appointment(1).await;
    let position = world.issue(&appointment).await.unwrap();
    world.cancel(appointment.id).await;
    payments::withdraw(&world.app, world.entity.id, position.id).await.unwrap();
    payments::publish(&world.app, world.entity.id, position.id).await.unwrap();
    assert_eq!(world.pay(&position).await, Err(NotPayable::Unknown));

    // Between the platform's answer and our record: the repeated job takes it off.
    let (appointment, position) = world.published(2).await;
    forget_publication(&world, position.id).await;
    world.cancel(appointment.id).await;
    payments::publish(&world.app, world.entity.id, position.id).await.unwrap();
    assert_eq!(world.position(position.id).await.state, State::Cancelled);
    assert_eq!(world.pay(&position).await, Err(NotPayable::Withdrawn));
}

#[tokio::test]
async fn a_visit_publishes_first_and_its_return_proves_nothing() {
    let world = World::new().await;
    let position = world.issue(&world.appointment(0).await).await.unwrap();
    let url = payments::start_checkout(&world.app, &world.entity, position.id, "en").await.unwrap();
    assert!(url.path().starts_with("/checkout/pay/"), "{url}");
    assert_eq!(world.position(position.id).await.state, State::Published);

    // The citizen pays on the platform's page, and the browser is sent back to us.
    let form = [("action", "cancel"), ("psp", "ABI99901")];
    let back = world.app.http.post(url).form(&form).send().await.unwrap();
    let back = back.headers()["location"].to_str().unwrap().to_owned();
    let path = back.strip_prefix("http://127.0.0.1:8080/esempio/pagamenti/ritorno/").unwrap();
    let (visit, outcome) = path.split_once('/').unwrap();
    assert_eq!(outcome, "annullato?lingua=en");
    let visit: CheckoutVisitId = visit.parse().unwrap();
    for (outcome, kept) in [(VisitOutcome::Ok, "ok"), (VisitOutcome::Failed, "ok")] {
        let mut tx = world.app.db.begin(world.entity.id).await.unwrap();
        let of =
            payments::visit_returned(&mut tx, world.entity.id, visit, outcome, world.now()).await.unwrap();
        assert_eq!(of, position.id);
        let outcome: String =
            sqlx::query_scalar("select outcome from checkout_visit").fetch_one(&mut *tx).await.unwrap();
        assert_eq!(outcome, kept);
        tx.commit().await.unwrap();
    }
    assert_eq!(world.position(position.id).await.state, State::Published, "only a receipt proves a payment");

    let mut tx = world.app.db.begin(world.entity.id).await.unwrap();
    let unknown = CheckoutVisitId::new();
    let refused =
        payments::visit_returned(&mut tx, world.entity.id, unknown, VisitOutcome::Ok, world.now()).await;
    assert!(matches!(refused, Err(Error::NotFound(_))));
    drop(tx);

    world.cancel(position.appointment.unwrap()).await;
    let refused = payments::start_checkout(&world.app, &world.entity, position.id, "it").await;
    assert!(matches!(refused, Err(Error::Refused("position_cancelled"))));
}

#[tokio::test]
async fn the_connection_test_tells_what_is_wrong() {
    let mut world = World::without_tariff().await;
    let outcomes = |checks: Vec<payments::diagnosis::Check>| {
        checks.into_iter().map(|check| (check.name, check.outcome, check.detail)).collect::<Vec<_>>()
    };
    let checks = outcomes(payments::diagnose(&world.app, &world.entity).await.unwrap());
    let names: Vec<_> = checks.iter().map(|check| check.0).collect();
    assert_eq!(names, ["fiscal_code", "segregation", "iban", "gpd", "checkout", "fdr"]);
    assert!(checks.iter().all(|check| check.1 == CheckOutcome::Passed), "{checks:?}");

    world.connect("wrong").await;
    let checks = outcomes(payments::diagnose(&world.app, &world.entity).await.unwrap());
    assert!(
        checks[3..].iter().all(|check| check.1 == CheckOutcome::Failed && check.2 == "key_refused"),
        "{checks:?}"
    );

    world.settings.gpd_url = "http://127.0.0.1:1/".into();
    world.settings.iban = "IT00".into();
    world.settings.segregation = 47;
    world.connect("platform-key").await;
    let checks = outcomes(payments::diagnose(&world.app, &world.entity).await.unwrap());
    assert_eq!(checks[1].1, CheckOutcome::Warning);
    assert_eq!((checks[2].1, checks[2].2.as_str()), (CheckOutcome::Failed, "malformed"));
    assert_eq!((checks[3].1, checks[3].2.as_str()), (CheckOutcome::Failed, "unreachable"));
    assert_eq!(checks[4].1, CheckOutcome::Passed);
}
