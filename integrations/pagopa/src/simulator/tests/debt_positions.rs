use super::*;
use crate::gpd::{OptionStatus, PositionStatus};
use crate::platform::Error;

fn refused_with(answer: Result<impl std::fmt::Debug, Error>) -> u16 {
    match answer {
        Err(Error::Refused { status, .. }) => status.as_u16(),
        Err(Error::Conflict(problem)) => {
            assert!(!problem.title.is_empty() && !problem.detail.is_empty());
            problem.status
        }
        other => panic!("not a refusal: {other:?}"),
    }
}

#[tokio::test]
async fn a_position_lives() {
    let world = World::new().await;
    let draft = world.gpd.create(COMUNE, &world.position(1), false).await.unwrap();
    assert_eq!(draft.status, Some(PositionStatus::Draft));
    let nav = draft.payment_option[0].nav.unwrap();
    assert_eq!(world.simulator.pay(COMUNE, nav, &PSPS[0]).await, Err(NotPayable::Unknown));

    let valid = world.gpd.publish(COMUNE, &draft.iupd).await.unwrap();
    assert_eq!(valid.status, Some(PositionStatus::Valid));
    assert_eq!(refused_with(world.gpd.publish(COMUNE, &draft.iupd).await), 409);

    let mut changed = world.position(1);
    changed.payment_option[0].description = "Altro".into();
    let changed = world.gpd.update(COMUNE, &changed, true).await.unwrap();
    assert_eq!(changed.status, Some(PositionStatus::Valid));

    let receipt = world.simulator.pay(COMUNE, nav, &PSPS[1]).await.unwrap();
    let paid = world.gpd.get(COMUNE, &draft.iupd).await.unwrap().unwrap();
    assert_eq!((paid.status, paid.payment_option[0].status), (PositionStatus::Paid, OptionStatus::Paid));
    assert_eq!(paid.payment_option[0].id_receipt, Some(receipt));
    assert_eq!(paid.payment_option[0].psp_company.as_deref(), Some(PSPS[1].name));
    assert_eq!(paid.payment_option[0].description, "Altro");

    assert_eq!(world.simulator.pay(COMUNE, nav, &PSPS[0]).await, Err(NotPayable::AlreadyPaid));
    assert_eq!(refused_with(world.gpd.update(COMUNE, &world.position(1), true).await), 409);
    assert_eq!(refused_with(world.gpd.invalidate(COMUNE, &draft.iupd).await), 409);
    assert_eq!(refused_with(world.gpd.delete(COMUNE, &draft.iupd).await), 409);
}

#[tokio::test]
async fn validity_and_expiry_come_with_time() {
    let world = World::new().await;
    let mut position = world.position(1);
    let start: DateTime<Utc> = "2026-11-24T09:00:00Z".parse().unwrap();
    position.validity_date = Some(start);
    position.switch_to_expired = true;
    let published = world.gpd.create(COMUNE, &position, true).await.unwrap();
    assert_eq!(published.status, Some(PositionStatus::Published));
    assert_eq!(published.validity_date, Some(start));
    world.advance(TimeDelta::days(1));
    assert_eq!(world.status(1).await, PositionStatus::Valid);
    world.advance(TimeDelta::days(60));
    assert_eq!(world.status(1).await, PositionStatus::Expired);
    let nav = position.payment_option[0].nav.unwrap();
    assert_eq!(world.simulator.pay(COMUNE, nav, &PSPS[0]).await, Err(NotPayable::Expired));

    let draft = World::new().await;
    draft.gpd.create(COMUNE, &draft.position(1), false).await.unwrap();
    draft.advance(TimeDelta::days(60));
    assert_eq!(refused_with(draft.gpd.publish(COMUNE, "SPORTELLO-1").await), 409);
}

#[tokio::test]
async fn a_withdrawn_position_cannot_be_paid_or_changed() {
    let world = World::new().await;
    let nav = world.owe(1).await;
    let withdrawn = world.gpd.invalidate(COMUNE, "SPORTELLO-1").await.unwrap();
    assert_eq!(withdrawn.status, Some(PositionStatus::Invalid));
    assert_eq!(world.simulator.pay(COMUNE, nav, &PSPS[0]).await, Err(NotPayable::Withdrawn));
    assert_eq!(refused_with(world.gpd.update(COMUNE, &world.position(1), true).await), 409);
    world.gpd.delete(COMUNE, "SPORTELLO-1").await.unwrap();
    assert_eq!(world.gpd.get(COMUNE, "SPORTELLO-1").await.unwrap(), None);
    world.gpd.delete(COMUNE, "SPORTELLO-1").await.unwrap();
}

#[tokio::test]
async fn what_exists_conflicts_and_what_does_not_is_not_found() {
    let world = World::new().await;
    world.owe(1).await;
    let again = world.gpd.create(COMUNE, &world.position(1), true).await;
    assert!(again.unwrap_err().is_conflict());
    let mut same_notice = world.position(1);
    same_notice.iupd = "ANOTHER".into();
    assert!(world.gpd.create(COMUNE, &same_notice, true).await.unwrap_err().is_conflict());
    world.owe(2).await;
    let mut stolen = world.position(2);
    stolen.payment_option = world.position(1).payment_option;
    assert!(world.gpd.update(COMUNE, &stolen, true).await.unwrap_err().is_conflict());
    assert_eq!(world.status(2).await, PositionStatus::Valid);
    // The same names under another creditor are another position.
    let mut province = world.position(1);
    province.payment_option[0].transfer.iter_mut().for_each(|t| t.organization_fiscal_code = None);
    let answer = world.gpd.create(PROVINCE, &province, true).await.unwrap();
    assert_eq!(answer.payment_option[0].transfer[0].organization_fiscal_code.as_deref(), Some(PROVINCE));

    assert_eq!(world.gpd.get(COMUNE, "NONE").await.unwrap(), None);
    assert_eq!(refused_with(world.gpd.publish(COMUNE, "NONE").await), 404);
    assert_eq!(refused_with(world.gpd.invalidate(COMUNE, "NONE").await), 404);
    assert_eq!(refused_with(world.gpd.update(COMUNE, &world.position(9), true).await), 404);
}

#[tokio::test]
async fn the_gateway_and_the_dates_refuse() {
    let world = World::new().await;
    let url = world.base.join("gpd/debt-positions-service/v1").unwrap();
    let stranger = gpd::Client::new(url, "another-key".into(), world.browser.clone());
    assert_eq!(refused_with(stranger.get(COMUNE, "X").await), 401);
    assert_eq!(refused_with(world.gpd.create("99999999999", &world.position(1), true).await), 403);

    let mut past = world.position(1);
    past.validity_date = Some("2026-11-22T00:00:00Z".parse().unwrap());
    assert_eq!(refused_with(world.gpd.create(COMUNE, &past, true).await), 400);
    past.validity_date = None;
    past.payment_option[0].due_date = "2026-11-22T00:00:00Z".parse().unwrap();
    assert_eq!(refused_with(world.gpd.create(COMUNE, &past, true).await), 400);

    let mut too_much = world.position(1);
    too_much.payment_option[0].amount_cents = 1;
    assert!(matches!(world.gpd.create(COMUNE, &too_much, true).await, Err(Error::Invalid(_))));
    let path = format!("gpd/debt-positions-service/v1/organizations/{COMUNE}/debtpositions");
    for body in [serde_json::to_string(&too_much).unwrap(), "{".to_owned()] {
        let answer = world.call("POST", &path).body(body).send().await.unwrap();
        assert_eq!(answer.status(), 400);
        let problem: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(problem["status"], 400);
    }
    let answer = world.call("PUT", &format!("{path}/OTHER")).json(&world.position(1)).send().await.unwrap();
    assert_eq!(answer.status(), 400);
}

#[tokio::test]
async fn dates_are_answered_without_a_zone() {
    let world = World::new().await;
    world.owe(1).await;
    let path = format!("gpd/debt-positions-service/v1/organizations/{COMUNE}/debtpositions/SPORTELLO-1");
    let (_, json) = world.get_json(&path).await;
    assert_eq!(json["paymentOption"][0]["dueDate"], "2026-12-31T22:59:59");
    assert_eq!(json["insertedDate"], "2026-11-23T09:00:00");
}

#[tokio::test]
async fn failures_are_temporary_and_counted() {
    let world = World::new().await;
    world.simulator.set_knobs(Knobs { fail_next_gpd_calls: 2, latency_ms: 1, ..Knobs::default() });
    for _ in 0..2 {
        let error = world.gpd.create(COMUNE, &world.position(1), true).await.unwrap_err();
        assert!(error.is_temporary(), "{error}");
    }
    world.gpd.create(COMUNE, &world.position(1), true).await.unwrap();
    assert_eq!(world.simulator.knobs().fail_next_gpd_calls, 0);
}

#[tokio::test]
async fn instalments_are_paid_one_by_one() {
    let world = World::new().await;
    let mut position = world.position(1);
    let second = world.position(2).payment_option.remove(0);
    position.payment_option.push(second);
    position.payment_option.iter_mut().for_each(|option| option.is_partial_payment = true);
    let mut single = world.position(3).payment_option.remove(0);
    single.description = "In unica soluzione".into();
    position.payment_option.push(single);
    world.gpd.create(COMUNE, &position, true).await.unwrap();
    let nav = |at: usize| position.payment_option[at].nav.unwrap();
    world.simulator.pay(COMUNE, nav(0), &PSPS[0]).await.unwrap();
    assert_eq!(world.status(1).await, PositionStatus::PartiallyPaid);
    assert_eq!(world.simulator.pay(COMUNE, nav(2), &PSPS[0]).await, Err(NotPayable::AlreadyPaid));
    world.simulator.pay(COMUNE, nav(1), &PSPS[0]).await.unwrap();
    assert_eq!(world.status(1).await, PositionStatus::Paid);
}
