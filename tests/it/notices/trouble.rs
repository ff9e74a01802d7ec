//! When a channel does not do its part.

use chrono::TimeDelta;
use sportello::desk::{self, TaskKind};
use sportello::error::Error;
use sportello::jobs;
use sportello::notices::{self, Channel, Event, NoticeState};
use sportello_app_io::client::Status;
use sportello_app_io::diagnosis::Outcome;
use sportello_app_io::simulator::Knobs;

use super::world::{EMAIL, PRESENT, THURSDAY, World, read};

#[tokio::test]
async fn after_a_timeout_app_io_is_not_told_again_and_the_mail_goes_all_the_same() {
    let world = World::new().await;
    let a = world.book(PRESENT, THURSDAY).await;
    world.io.set_knobs(Knobs { slow_next: 1, slow_millis: 1500, ..Knobs::default() });
    world.work().await;
    let told = world.notice(&a, Event::Confirmed, Channel::AppIo).await;
    assert_eq!((told.state, told.last_error.as_deref()), (NoticeState::Unknown, Some("interrupted")));
    assert_eq!(world.state(&a, Event::Confirmed, Channel::Email).await, NoticeState::Sent);
    notices::send(&world.office.db.app, world.office.entity.id, told.id).await.unwrap();
    world.pass(TimeDelta::hours(1)).await;
    assert_eq!(world.io_subjects().len(), 1, "App IO had stored it");
    assert_eq!(world.mail_subjects().len(), 1);
}

#[tokio::test]
async fn a_worker_that_died_while_sending_leaves_no_doubt_behind() {
    let world = World::new().await;
    let (app, entity) = (&world.office.db.app, world.office.entity.id);
    let a = world.book(PRESENT, THURSDAY).await;
    let now = world.office.now().to_rfc3339();
    world.sql(&format!("update notice set state = 'claimed', claimed_at = '{now}'")).await;
    for notice in world.notices(&a).await {
        let refused = notices::send(app, entity, notice.id).await.unwrap_err();
        assert!(matches!(refused, Error::Peer { code: "in_progress", .. }), "somebody may still be at it");
    }
    world.pass(TimeDelta::minutes(4)).await;
    assert_eq!(world.state(&a, Event::Confirmed, Channel::AppIo).await, NoticeState::Unknown);
    assert_eq!(world.state(&a, Event::Confirmed, Channel::Email).await, NoticeState::Sent);
    assert!(world.io_subjects().is_empty());
    assert_eq!(world.mail_subjects().len(), 1);
}

#[tokio::test]
async fn a_used_up_quota_is_waited_for() {
    let world = World::new().await;
    let a = world.book(PRESENT, THURSDAY).await;
    world.io.set_knobs(Knobs { rate_limited_next: 1, ..Knobs::default() });
    world.work().await;
    let told = world.notice(&a, Event::Confirmed, Channel::AppIo).await;
    assert_eq!((told.state, told.last_error.as_deref()), (NoticeState::Pending, Some("rate_limited")));
    world.pass(TimeDelta::seconds(6)).await;
    assert_eq!(world.state(&a, Event::Confirmed, Channel::AppIo).await, NoticeState::Sent);
    assert_eq!(world.io_subjects().len(), 1);
}

#[tokio::test]
async fn a_platform_that_did_nothing_is_asked_again() {
    let world = World::new().await;
    let a = world.book(PRESENT, THURSDAY).await;
    world.io.set_knobs(Knobs { server_error_next: 1, ..Knobs::default() });
    world.work().await;
    assert_eq!(world.state(&a, Event::Confirmed, Channel::AppIo).await, NoticeState::Pending);
    world.pass(TimeDelta::seconds(6)).await;
    assert_eq!(world.state(&a, Event::Confirmed, Channel::AppIo).await, NoticeState::Sent);
    assert_eq!(world.io_subjects().len(), 1);
}

#[tokio::test]
async fn settings_that_are_not_in_order_are_seen() {
    let world = World::new().await;
    let a = world.book(PRESENT, THURSDAY).await;
    world.io.set_knobs(Knobs { forbidden: true, ..Knobs::default() });
    world.work().await;
    let mut tx = world.office.begin().await;
    let troubled = notices::store::troubled(&mut tx, world.office.entity.id, 10).await.unwrap();
    let told: Vec<_> = troubled.iter().map(|n| (n.id, n.state, n.last_error.as_deref())).collect();
    let failed = world.notice(&a, Event::Confirmed, Channel::AppIo).await;
    assert_eq!(told, [(failed.id, NoticeState::Pending, Some("not_allowed"))]);
    drop(tx);
    // Nothing was lost: once they are in order, the message goes.
    world.io.set_knobs(Knobs::default());
    world.pass(TimeDelta::seconds(6)).await;
    assert_eq!(world.state(&a, Event::Confirmed, Channel::AppIo).await, NoticeState::Sent);
}

#[tokio::test]
async fn a_relay_refuses_for_good_or_for_now() {
    let world = World::new().await;
    let a = world.book(PRESENT, THURSDAY).await;
    world.mail.refuse(EMAIL, &format!("451 4.7.1 <{EMAIL}>: greylisted"));
    world.work().await;
    let told = world.notice(&a, Event::Confirmed, Channel::Email).await;
    assert_eq!((told.state, told.last_error.as_deref()), (NoticeState::Pending, Some("relay_busy")));
    world.mail.refuse(EMAIL, "");
    world.pass(TimeDelta::seconds(6)).await;
    assert_eq!(world.state(&a, Event::Confirmed, Channel::Email).await, NoticeState::Sent);
    let messages = world.mail.messages();
    assert_eq!(read(&messages[0].raw).message_id().unwrap(), format!("{}@127.0.0.1", told.id));

    let b = world.book(PRESENT, "2027-01-14T08:20:00Z").await;
    world.mail.refuse(EMAIL, &format!("550 5.1.1 <{EMAIL}>: no such user"));
    world.work().await;
    let told = world.notice(&b, Event::Confirmed, Channel::Email).await;
    assert_eq!((told.state, told.last_error.as_deref()), (NoticeState::Failed, Some("relay_refused 550")));
    assert_eq!(world.mail_subjects().len(), 1);

    // An administrator mends the cause and has it sent; what was sent is not sent again.
    world.mail.refuse(EMAIL, "");
    for can_be in [true, false] {
        let mut tx = world.office.begin().await;
        let retried = notices::retry(&mut tx, world.office.entity.id, told.id, world.office.now()).await;
        assert_eq!(retried.is_ok(), can_be);
        tx.commit().await.unwrap();
        world.work().await;
    }
    assert_eq!(world.mail_subjects().len(), 2);
}

#[tokio::test]
async fn what_app_io_accepted_and_did_not_deliver_is_seen() {
    let world = World::new().await;
    let a = world.book(PRESENT, THURSDAY).await;
    let b = world.book(PRESENT, "2027-01-14T08:20:00Z").await;
    world.sql(&format!("update appointment set holder_email = '' where appointment_id = '{}'", b.id)).await;
    world.io.set_knobs(Knobs { fate: Some(Status::Rejected), ..Knobs::default() });
    world.work().await;
    assert_eq!(world.state(&a, Event::Confirmed, Channel::AppIo).await, NoticeState::Sent);
    world.pass(TimeDelta::minutes(61)).await;
    for appointment in [&a, &b] {
        let told = world.notice(appointment, Event::Confirmed, Channel::AppIo).await;
        assert_eq!((told.state, told.last_error.as_deref()), (NoticeState::Failed, Some("rejected")));
        assert!(!told.can_be_retried(), "never sent again");
    }
    assert_eq!(world.io_subjects().len(), 2);
    let mut tx = world.office.begin().await;
    let tasks = desk::tasks(&mut tx, world.office.entity.id, None).await.unwrap();
    let about: Vec<_> =
        tasks.iter().map(|task| (task.kind, task.appointment.as_ref().unwrap().0.id)).collect();
    assert_eq!(about, [(TaskKind::NoticeUndelivered, b.id)], "the other has the mail");
}

#[tokio::test]
async fn app_io_is_asked_for_a_week_what_became_of_a_message() {
    let world = World::new().await;
    let a = world.book(PRESENT, "2027-02-18T08:00:00Z").await;
    let b = world.book(PRESENT, "2027-02-18T08:20:00Z").await;
    world.work().await;
    world.sql(&format!("update notice set remote_id = 'lost' where appointment_id = '{}'", b.id)).await;
    world.io.set_knobs(Knobs { fate: Some(Status::Throttled), ..Knobs::default() });
    let waiting = async || {
        let mut tx = world.office.begin().await;
        let jobs: i64 = sqlx::query_scalar("select count(*) from job where kind = 'check_notice'")
            .fetch_one(&mut *tx)
            .await
            .unwrap();
        let known: Vec<Option<String>> = sqlx::query_scalar(
            "select remote_status from notice where channel = 'app_io' order by created_at",
        )
        .fetch_all(&mut *tx)
        .await
        .unwrap();
        (jobs, known)
    };
    let throttled = vec![Some("THROTTLED".to_owned()), None];
    world.pass(TimeDelta::minutes(61)).await;
    assert_eq!(waiting().await, (2, throttled.clone()));
    for _ in 1..7 {
        world.pass(TimeDelta::days(1)).await;
    }
    assert_eq!(waiting().await, (0, throttled), "App IO delivers within seven days, or never");
    assert_eq!(world.state(&a, Event::Confirmed, Channel::AppIo).await, NoticeState::Sent);
}

#[tokio::test]
async fn what_cannot_be_told_in_time_is_given_up() {
    let world = World::new().await;
    let a = world.book(PRESENT, THURSDAY).await;
    world.mail.refuse(EMAIL, &format!("451 4.7.1 <{EMAIL}>: greylisted"));
    world.io.set_knobs(Knobs { server_error_next: 100, ..Knobs::default() });
    for _ in 0..jobs::ATTEMPTS_MAX {
        world.pass(TimeDelta::hours(7)).await;
    }
    let mut tx = world.office.begin().await;
    let dead = jobs::store::dead(&mut tx, world.office.entity.id).await.unwrap();
    // The appointment was past before the attempts were used up, so that nothing was worth telling any more.
    assert!(dead.is_empty(), "{dead:?}");
    let notices = world.notices(&a).await;
    assert!(notices.iter().all(|notice| notice.state == NoticeState::Obsolete), "{notices:?}");
}

#[tokio::test]
async fn the_account_of_a_failed_job_holds_no_address() {
    let world = World::new().await;
    world.book(PRESENT, THURSDAY).await;
    world.mail.refuse(EMAIL, &format!("451 4.7.1 <{EMAIL}>: greylisted"));
    world.work().await;
    let mut tx = world.office.begin().await;
    let errors: Vec<String> = sqlx::query_scalar("select last_error from job where last_error is not null")
        .fetch_all(&mut *tx)
        .await
        .unwrap();
    assert_eq!(errors.len(), 1);
    assert!(errors[0].contains("code 451") && !errors[0].contains(EMAIL), "{}", errors[0]);
}

#[tokio::test]
async fn the_connections_can_be_tried() {
    let world = World::new().await;
    let (app, entity) = (&world.office.db.app, &world.office.entity);
    let outcomes = |checks: Vec<notices::Check>| {
        checks.into_iter().map(|check| (check.name, check.outcome, check.detail.code)).collect::<Vec<_>>()
    };
    let passed = outcomes(notices::diagnose_app_io(app, entity).await.unwrap());
    assert!(
        passed.len() == 4 && passed.iter().all(|(_, outcome, _)| *outcome == Outcome::Passed),
        "{passed:?}"
    );
    let passed = outcomes(notices::diagnose_mail(app, entity).await.unwrap());
    assert!(
        passed.len() == 5 && passed.iter().all(|(_, outcome, _)| *outcome == Outcome::Passed),
        "{passed:?}"
    );
    assert!(world.mail.messages().is_empty(), "nobody is written to");

    // A port nobody listens at, and an address that is not App IO's.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    world.use_mail(closed).await;
    world.use_app_io(&format!("http://127.0.0.1:{closed}"), "x").await;
    let failed = outcomes(notices::diagnose_mail(app, entity).await.unwrap());
    assert_eq!(failed[1], ("relay_reachable", Outcome::Failed, "not_connected"));
    assert_eq!(failed[2], ("connection_protected", Outcome::Undecided, "not_reached"));
    let failed = outcomes(notices::diagnose_app_io(app, entity).await.unwrap());
    assert_eq!(failed[1], ("base_url_reachable", Outcome::Failed, "not_connected"));
}
