//! From free times to appointments, on a real database.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::TimeDelta;
use sportello::Error;
use sportello::agenda::{self, Audience, Channel, Outcome, PaymentEffect, State, Swept};
use sportello::audit::Actor;
use sportello::desk::{self, TaskKind};
use sportello::ids::{ClosureId, SessionId};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use tokio::sync::Semaphore;

use crate::office::{Office, at, details, refusal};

const NINE: &str = "2027-01-12T08:00:00Z";
const NINE_TWENTY: &str = "2027-01-12T08:20:00Z";
const NINE_FORTY: &str = "2027-01-12T08:40:00Z";

/// Forty times, two hundred bookers at the same moment: forty have one, the others are told, nothing else happens.
#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_bookers_for_forty_times() {
    let office = Arc::new(Office::new(5, 8).await);
    // As many at once as there are connections: who waits for one is not yet a booker.
    let connections = Arc::new(Semaphore::new(20));
    let bookers: Vec<_> = (0..200_u32)
        .map(|n| {
            let (office, connections) = (office.clone(), connections.clone());
            tokio::spawn(async move {
                let _connection = connections.acquire_owned().await.unwrap();
                let start = at(NINE) + TimeDelta::minutes(20 * i64::from(n % 8));
                office.try_place(&start.to_rfc3339(), n, Outcome::Confirmed).await
            })
        })
        .collect();
    let (mut placed, mut taken) = (Vec::new(), 0);
    for booker in bookers {
        match booker.await.unwrap() {
            Ok(appointment) => placed.push(appointment),
            Err(Error::Taken) => taken += 1,
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!((placed.len(), taken), (40, 160));
    assert_eq!(office.offered("2027-01-12", "2027-01-12").await, []);
    // The load is shared: every counter has its eight.
    let mut load: HashMap<_, u32> = HashMap::new();
    placed.iter().for_each(|a| *load.entry(a.counter).or_default() += 1);
    assert!(load.len() == 5 && load.values().all(|n| *n == 8), "{load:?}");
}

#[tokio::test]
async fn the_database_itself_refuses_two_citizens_at_one_counter() {
    let office = Office::new(1, 3).await;
    let a = office.place(NINE, 1).await;
    let mut conn = office.db.owner.connect().await.unwrap();
    let error = sqlx::query(AssertSqlSafe(format!(
        "insert into occupation (entity_id, occupation_id, counter_id, during, kind)
         values ('{}', gen_random_uuid(), '{}', tstzrange('2027-01-12T08:19:59Z', '2027-01-12T08:25:00Z'), 'cooling')",
        office.entity.id, a.counter
    )))
    .execute(&mut conn)
    .await
    .unwrap_err();
    assert_eq!(error.as_database_error().unwrap().constraint(), Some("one_citizen_at_a_time"));
    // Nor can an appointment move without its time.
    let mut tx = conn.begin().await.unwrap();
    sqlx::query("update appointment set starts_at = starts_at + interval '1 hour', ends_at = ends_at + interval '1 hour',
        busy_until = busy_until + interval '1 hour'").execute(&mut *tx).await.unwrap();
    let error = tx.commit().await.unwrap_err();
    assert!(error.to_string().contains("does not hold its own time"), "{error}");
}

/// Every time that is offered, on ordinary days and on both changes of the clock, can be booked; then it is gone.
#[tokio::test]
async fn what_is_offered_can_be_booked() {
    // 28 March 2027 is Easter as well.
    let office = Office::with(2, 4, |calendar| calendar.closed_on_holidays = false).await;
    for day in ["2027-03-27", "2027-03-28", "2027-10-31"] {
        let offered = office.offered(day, day).await;
        assert_eq!(offered.len(), 4, "{day}");
        for (start, free) in offered {
            for _ in 0..free {
                office.place(&start.to_rfc3339(), 1).await;
            }
            let more = office.try_place(&start.to_rfc3339(), 1, Outcome::Confirmed).await;
            assert!(matches!(more, Err(Error::Taken)), "{more:?}");
        }
        assert_eq!(office.offered(day, day).await, []);
        let zone = office.site.zone;
        let mut tx = office.begin().await;
        let booked =
            agenda::store::of_day(&mut tx, office.entity.id, office.site.id, day.parse().unwrap(), zone)
                .await;
        assert_eq!(booked.unwrap().len(), 8);
    }
    // What is not offered is not booked: off the grid, in the afternoon, beyond the horizon, past.
    for start in
        ["2027-01-12T08:10:00Z", "2027-01-12T14:00:00Z", "2028-03-01T08:00:00Z", "2027-01-10T08:00:00Z"]
    {
        let placed = office.try_place(start, 1, Outcome::Confirmed).await;
        assert!(matches!(placed, Err(Error::Taken)), "{placed:?}");
    }
}

#[tokio::test]
async fn the_range_is_limited_and_nearby_times_are_near() {
    let office = Office::new(1, 3).await;
    let mut tx = office.begin().await;
    let ask = |from: &str, to: &str| (from.parse().unwrap(), to.parse().unwrap());
    for (from, to) in [ask("2027-01-12", "2027-03-15"), ask("2027-01-12", "2027-01-11")] {
        let answer =
            agenda::availability(&mut tx, office.entity.id, office.service.id, None, from, to, office.now())
                .await;
        assert!(matches!(answer, Err(Error::Invalid(_))));
    }
    drop(tx);
    office.place(NINE_TWENTY, 1).await;
    let mut tx = office.begin().await;
    let near = agenda::nearby(
        &mut tx,
        office.entity.id,
        office.service.id,
        None,
        (at(NINE_TWENTY), agenda::Audience::Citizen),
        office.now(),
    )
    .await;
    let near: Vec<String> = near.unwrap().iter().map(|t| t.start.format("%dT%H:%M").to_string()).collect();
    assert_eq!(near, ["11T08:20", "11T08:40", "12T08:00", "12T08:40", "13T08:00", "13T08:20"]);
}

#[tokio::test]
async fn the_months_are_those_of_the_days() {
    let office = Office::with(1, 1, |calendar| calendar.horizon_days = 90).await;
    let (id, now) = (office.entity.id, office.now());
    let day = |text: &str| text.parse::<chrono::NaiveDate>().unwrap();
    // All of February is closed.
    let (from, to) = (at("2027-01-31T23:00:00Z"), at("2027-02-28T23:00:00Z"));
    let scope = agenda::Scope::Site(office.site.id);
    let closure = agenda::Closure { id: ClosureId::new(), scope, from, to, reason: String::new() };
    let mut tx = office.begin().await;
    desk::closing::close(&mut tx, id, &closure, &Actor::System, now).await.unwrap();
    let range = (day("2027-01-11"), day("2027-04-11"));
    let months = agenda::Months::read(&mut tx, id, (office.service.id, office.site.id), range, now).await;
    let months = months.unwrap();
    assert_eq!(months.with_times(), ["2027-01-01", "2027-03-01", "2027-04-01"].map(day));
    let by_month: Vec<_> = months.with_times().into_iter().flat_map(|month| months.days(month)).collect();
    let mut by_day = Vec::new();
    for (from, to) in [("2027-01-11", "2027-02-28"), ("2027-03-01", "2027-04-11")] {
        let (service, site) = (office.service.id, Some(office.site.id));
        by_day
            .extend(agenda::availability(&mut tx, id, service, site, day(from), day(to), now).await.unwrap());
    }
    assert_eq!(by_month, by_day);
}

#[tokio::test]
async fn a_browser_holds_one_time_per_service() {
    let office = Office::new(1, 3).await;
    let session = SessionId::new();
    let first = office.try_hold(NINE, session).await.unwrap();
    assert_eq!(office.try_hold(NINE, session).await.unwrap(), first, "a double click");
    assert_eq!(office.free_at(NINE).await, 0);
    assert!(matches!(office.try_hold(NINE, SessionId::new()).await, Err(Error::Taken)));

    let second = office.try_hold(NINE_TWENTY, session).await.unwrap();
    assert_eq!((second.id, second.starts_at), (first.id, at(NINE_TWENTY)));
    assert_eq!((office.free_at(NINE).await, office.free_at(NINE_TWENTY).await), (1, 0));

    // A time that is taken leaves the one that is held.
    office.place(NINE_FORTY, 1).await;
    assert!(matches!(office.try_hold(NINE_FORTY, session).await, Err(Error::Taken)));
    assert_eq!(office.free_at(NINE_TWENTY).await, 0);
}

/// Clicks on different times in one instant: one hold is left, on one of them, and nobody sees an error but "taken".
#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_clicks_everywhere_holds_one_time() {
    let office = Arc::new(Office::new(1, 8).await);
    let session = SessionId::new();
    let clicks: Vec<_> = (0..16)
        .map(|n| {
            let office = office.clone();
            let start = at(NINE) + TimeDelta::days(n % 2) + TimeDelta::minutes(20 * (n / 2));
            tokio::spawn(async move { office.try_hold(&start.to_rfc3339(), session).await })
        })
        .collect();
    let mut held = Vec::new();
    for click in clicks {
        held.push(click.await.unwrap().unwrap().id);
    }
    held.dedup();
    assert_eq!(held.len(), 1);
    assert_eq!(office.offered("2027-01-12", "2027-01-13").await.len(), 15);
}

#[tokio::test]
async fn settling_twice_gives_the_first_answer() {
    let office = Office::new(1, 3).await;
    let held = office.try_hold(NINE, SessionId::new()).await.unwrap();
    let id = office.entity.id;
    let mut tx = office.begin().await;
    let now = office.now();
    assert_eq!(
        refusal(agenda::settle(&mut tx, id, held.id, Outcome::Confirmed, now).await),
        "details_missing"
    );
    agenda::fill(&mut tx, id, held.id, &details(1), now).await.unwrap();
    let settled = agenda::settle(&mut tx, id, held.id, Outcome::Confirmed, now).await.unwrap();
    assert_eq!((settled.state, settled.expires_at), (State::Confirmed, None));
    let waiting = Outcome::AwaitingPayment { until: now + TimeDelta::hours(1) };
    assert_eq!(agenda::settle(&mut tx, id, held.id, Outcome::Confirmed, now).await.unwrap(), settled);
    assert_eq!(agenda::settle(&mut tx, id, held.id, waiting, now).await.unwrap(), settled);
    assert_eq!(refusal(agenda::fill(&mut tx, id, held.id, &details(2), now).await), "not_in_this_state");
    tx.commit().await.unwrap();
    office.db.advance(TimeDelta::hours(2));
    assert_eq!(office.sweep().await, []);
    assert_eq!(office.free_at(NINE).await, 0);
}

#[tokio::test]
async fn an_expired_hold_goes_on_while_its_time_is_free() {
    let office = Office::new(1, 3).await;
    let id = office.entity.id;
    let slow = office.try_hold(NINE, SessionId::new()).await.unwrap();
    let slower = office.try_hold(NINE_TWENTY, SessionId::new()).await.unwrap();
    office.db.advance(TimeDelta::minutes(16));
    // Free at once, without waiting for the sweep; and taken by another.
    assert_eq!(office.free_at(NINE_TWENTY).await, 1);
    office.place(NINE_TWENTY, 9).await;
    let mut tx = office.begin().await;
    let now = office.now();
    agenda::fill(&mut tx, id, slow.id, &details(1), now).await.unwrap();
    agenda::settle(&mut tx, id, slow.id, Outcome::Confirmed, now).await.unwrap();
    assert_eq!(refusal(agenda::fill(&mut tx, id, slower.id, &details(2), now).await), "hold_expired");
    tx.commit().await.unwrap();
    assert_eq!(office.appointment(&slow).await.state, State::Confirmed);
    assert_eq!(office.sweep().await, [Swept::Appointment(slower.id)]);
    assert_eq!(office.sweep().await, []);
    let swept = office.appointment(&slower).await;
    assert_eq!((swept.state, swept.expires_at), (State::Expired, None));
}

#[tokio::test]
async fn a_citizen_has_a_limit_and_an_operator_has_none() {
    let office = Office::new(3, 3).await;
    let mut limited = office.new_appointment(at(NINE), 1);
    limited.per_citizen_max = Some(2);
    let id = office.entity.id;
    let mut tx = office.begin().await;
    for start in [NINE, NINE_TWENTY] {
        limited.start = at(start);
        agenda::place(&mut tx, id, &limited, Outcome::Confirmed, office.now()).await.unwrap();
    }
    limited.start = at(NINE_FORTY);
    let third = agenda::place(&mut tx, id, &limited, Outcome::Confirmed, office.now()).await;
    assert_eq!(refusal(third), "too_many_appointments");
    // A guest is known by e-mail, however it is written.
    let guest = |email: &str| {
        let mut new = office.new_appointment(at(NINE), 0);
        new.holder.fiscal_code = None;
        new.holder.email = email.into();
        new.per_citizen_max = Some(1);
        new
    };
    agenda::place(&mut tx, id, &guest("a@b.it"), Outcome::Confirmed, office.now()).await.unwrap();
    let again = agenda::place(&mut tx, id, &guest("A@B.it"), Outcome::Confirmed, office.now()).await;
    assert_eq!(refusal(again), "too_many_appointments");
    limited.per_citizen_max = None;
    limited.channel = Channel::Desk;
    agenda::place(&mut tx, id, &limited, Outcome::Confirmed, office.now()).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn moving_to_an_overlapping_time_of_the_same_counter() {
    // A start every ten minutes, twenty minutes each, one counter.
    let office = Office::with(1, 3, |calendar| {
        calendar.step_minutes = 10;
        calendar.cooling_minutes = 30;
    })
    .await;
    let a = office.place(NINE, 1).await;
    let id = office.entity.id;
    let mut tx = office.begin().await;
    let (before, after) = agenda::reschedule(
        &mut tx,
        id,
        a.id,
        (office.site.id, at("2027-01-12T08:10:00Z")),
        Audience::Citizen,
        office.now(),
    )
    .await
    .unwrap();
    assert_eq!((before.sequence, after.sequence, after.counter), (0, 1, a.counter));
    let again = agenda::reschedule(
        &mut tx,
        id,
        a.id,
        (office.site.id, after.starts_at),
        Audience::Citizen,
        office.now(),
    )
    .await
    .unwrap();
    assert_eq!(again, (after.clone(), after.clone()), "a double click");
    tx.commit().await.unwrap();
    let starts = |offered: Vec<(chrono::DateTime<chrono::Utc>, u32)>| {
        offered.into_iter().map(|(s, _)| s.format("%H:%M").to_string()).collect::<Vec<_>>()
    };
    // What was given back, 9:00–9:10, stays closed for half an hour: too short for anybody anyway.
    assert_eq!(starts(office.offered("2027-01-12", "2027-01-12").await), ["08:30", "08:40"]);

    let mut tx = office.begin().await;
    agenda::cancel(&mut tx, id, a.id, "non posso", office.now()).await.unwrap();
    let cancelled = agenda::cancel(&mut tx, id, a.id, "di nuovo", office.now()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        (cancelled.state, cancelled.sequence, cancelled.cancel_reason.as_str()),
        (State::Cancelled, 2, "non posso")
    );
    assert_eq!(starts(office.offered("2027-01-12", "2027-01-12").await), ["08:30", "08:40"]);
    office.db.advance(TimeDelta::minutes(31));
    assert_eq!(office.offered("2027-01-12", "2027-01-12").await.len(), 5);
    assert_eq!(office.sweep().await, []);
    let mut tx = office.begin().await;
    let moved =
        agenda::reschedule(&mut tx, id, a.id, (office.site.id, at(NINE)), Audience::Citizen, office.now())
            .await;
    assert_eq!(refusal(moved), "not_in_this_state");
}

#[tokio::test]
async fn a_time_that_is_taken_leaves_the_old_one() {
    let office = Office::new(1, 3).await;
    let a = office.place(NINE, 1).await;
    office.place(NINE_TWENTY, 2).await;
    let mut tx = office.begin().await;
    let moved = agenda::reschedule(
        &mut tx,
        office.entity.id,
        a.id,
        (office.site.id, at(NINE_TWENTY)),
        Audience::Citizen,
        office.now(),
    )
    .await;
    assert!(matches!(moved, Err(Error::Taken)));
    drop(tx);
    assert_eq!(office.appointment(&a).await, a);
    assert_eq!(office.free_at(NINE).await, 0);
}

#[tokio::test]
async fn a_payment_is_never_lost() {
    let office = Office::new(1, 4).await;
    let id = office.entity.id;
    let until = office.now() + TimeDelta::minutes(30);
    let waiting = Outcome::AwaitingPayment { until };
    let in_time = office.try_place(NINE, 1, waiting).await.unwrap();
    let late = office.try_place(NINE_TWENTY, 2, waiting).await.unwrap();
    let too_late = office.try_place(NINE_FORTY, 3, waiting).await.unwrap();
    let cancelled = office.try_place("2027-01-12T09:00:00Z", 4, waiting).await.unwrap();

    let mut tx = office.begin().await;
    let paid = agenda::payment_arrived(&mut tx, id, in_time.id, office.now()).await.unwrap();
    assert_eq!(paid, PaymentEffect::Confirmed);
    agenda::cancel(&mut tx, id, cancelled.id, "", office.now()).await.unwrap();
    tx.commit().await.unwrap();

    office.db.advance(TimeDelta::minutes(31));
    let mut swept = office.sweep().await;
    swept.sort_by_key(|s| format!("{s:?}"));
    assert_eq!(swept.len(), 2);
    office.place(NINE_FORTY, 9).await;
    let mut tx = office.begin().await;
    for (a, effect) in [
        (&in_time, PaymentEffect::AlreadyConfirmed),
        (&late, PaymentEffect::Revived),
        (&late, PaymentEffect::AlreadyConfirmed),
        (&too_late, PaymentEffect::TimeLost),
        (&too_late, PaymentEffect::TimeLost),
        (&cancelled, PaymentEffect::AfterCancellation),
    ] {
        assert_eq!(agenda::payment_arrived(&mut tx, id, a.id, office.now()).await.unwrap(), effect);
    }
    tx.commit().await.unwrap();
    let revived = office.appointment(&late).await;
    assert_eq!(
        (revived.state, revived.closed_at, revived.starts_at),
        (State::Confirmed, None, at(NINE_TWENTY))
    );
    let mut tx = office.begin().await;
    let kinds: Vec<TaskKind> =
        desk::tasks(&mut tx, id, Some(office.site.id)).await.unwrap().iter().map(|t| t.kind).collect();
    assert_eq!(kinds, [TaskKind::PaidWithoutTime, TaskKind::PaidAfterCancellation]);
}

/// Somebody with a later clock has freed the times whose deadline, for these requests, has not passed yet.
#[tokio::test]
async fn a_deadline_that_passes_while_a_request_waits_is_no_failure() {
    let office = Office::new(1, 3).await;
    let id = office.entity.id;
    let now = office.now();
    let until = now + TimeDelta::minutes(15);
    let paid = office.try_place(NINE, 1, Outcome::AwaitingPayment { until }).await.unwrap();
    let held = office.try_hold(NINE_TWENTY, SessionId::new()).await.unwrap();
    let mut tx = office.begin().await;
    agenda::fill(&mut tx, id, held.id, &details(2), now).await.unwrap();
    tx.commit().await.unwrap();
    office.db.advance(TimeDelta::minutes(16));
    office.place(NINE_FORTY, 3).await;

    let mut tx = office.begin().await;
    let effect = agenda::payment_arrived(&mut tx, id, paid.id, now).await.unwrap();
    assert_eq!(effect, PaymentEffect::Revived);
    let settled = agenda::settle(&mut tx, id, held.id, Outcome::Confirmed, now).await.unwrap();
    assert_eq!(settled.state, State::Confirmed);
    tx.commit().await.unwrap();
    assert_eq!(office.offered("2027-01-12", "2027-01-12").await, [], "both have their time");
}

#[tokio::test]
async fn another_entity_sees_nothing() {
    let office = Office::new(1, 3).await;
    let a = office.place(NINE, 1).await;
    let other = office.db.entity("altrove", "00000000002").await;
    let mut tx = office.db.app.db.begin(other.id).await.unwrap();
    // Neither with its own name nor with the other's.
    for entity in [other.id, office.entity.id] {
        assert!(matches!(agenda::store::appointment(&mut tx, entity, a.id).await, Err(Error::NotFound(_))));
        assert!(matches!(
            agenda::cancel(&mut tx, entity, a.id, "", office.now()).await,
            Err(Error::NotFound(_))
        ));
        assert_eq!(agenda::store::sites(&mut tx, entity).await.unwrap(), []);
        let (from, to) = ("2027-01-12".parse().unwrap(), "2027-01-13".parse().unwrap());
        let days =
            agenda::availability(&mut tx, entity, office.service.id, None, from, to, office.now()).await;
        assert_eq!(days.unwrap(), []);
        let new = office.new_appointment(at(NINE_TWENTY), 2);
        let placed = agenda::place(&mut tx, entity, &new, Outcome::Confirmed, office.now()).await;
        assert!(matches!(placed, Err(Error::NotFound("site"))));
    }
}

#[tokio::test]
async fn wrong_settings_are_named_and_what_expects_somebody_stays() {
    let office = Office::new(1, 3).await;
    office.place(NINE, 1).await;
    let mut tx = office.begin().await;
    let id = office.entity.id;
    let site = agenda::Site { active: false, ..office.site.clone() };
    assert_eq!(refusal(agenda::setup::save_site(&mut tx, id, &site, office.now()).await), "has_appointments");
    let counter = agenda::Counter { active: false, ..office.counters[0].clone() };
    assert_eq!(
        refusal(agenda::setup::save_counter(&mut tx, id, &counter, office.now()).await),
        "has_appointments"
    );
    let twin = agenda::Service { id: sportello::ids::ServiceId::new(), ..office.service.clone() };
    let Err(Error::Invalid(fields)) = agenda::setup::save_service(&mut tx, id, &twin, &[]).await else {
        panic!("two services of one name");
    };
    assert_eq!((fields[0].field.as_str(), fields[0].code), ("slug", "taken"));
}
