//! The queue: nothing is tried for ever, and nobody takes it all.

use std::time::Duration;

use chrono::TimeDelta;
use sportello::ids::NoticeId;
use sportello::jobs::{self, Job, worker};
use tokio_util::sync::CancellationToken;

use crate::notices::world::{PRESENT, World};
use crate::office::Office;
use crate::support::TestDb;

#[tokio::test]
async fn a_job_that_its_workers_die_of_is_left_to_an_operator() {
    let db = TestDb::new().await;
    let ours = db.entity("nostro", "00000000001").await;
    let mut tx = db.app.db.begin(ours.id).await.unwrap();
    let now = db.app.clock.now();
    let job = Job::SendNotice { notice: NoticeId::new() };
    jobs::enqueue(&mut tx, ours.id, &job, now, now).await.unwrap();
    let lease = TimeDelta::minutes(5);
    for _ in 1..jobs::ATTEMPTS_MAX {
        let claimed = jobs::store::claim(&mut tx, ours.id, db.app.clock.now(), lease).await.unwrap();
        assert!(claimed.is_some());
        db.advance(lease + TimeDelta::seconds(1));
    }
    assert!(jobs::store::dead(&mut tx, ours.id).await.unwrap().is_empty());
    tx.commit().await.unwrap();
    assert_eq!(worker::run_due(&db.app).await.unwrap(), 1);
    let mut tx = db.app.db.begin(ours.id).await.unwrap();
    let dead = jobs::store::dead(&mut tx, ours.id).await.unwrap();
    assert_eq!(dead.len(), 1);
    assert_eq!(dead[0].last_error.as_deref(), Some("abandoned"));
}

/// Waits until the entity's queue is empty, for so long at most.
async fn is_done_within(db: &TestDb, entity: sportello::ids::EntityId, time: Duration) -> bool {
    let empty = async {
        loop {
            let mut tx = db.app.db.begin(entity).await.unwrap();
            let due: i64 = sqlx::query_scalar("select count(*) from job where run_at <= $1")
                .bind(db.app.clock.now())
                .fetch_one(&mut *tx)
                .await
                .unwrap();
            if due == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(time, empty).await.is_ok()
}

#[tokio::test]
async fn an_entity_whose_peer_hangs_holds_up_nobody_else_and_not_the_end() {
    let variables = [("SPORTELLO_WORKER_JOBS_MAX", "2"), ("SPORTELLO_WORKER_POLL_S", "1")];
    let world = World::around(Office::on(TestDb::with(&variables).await, 1, 12, |_| {}).await).await;
    let other = world.office.db.entity("altro", "00000000002").await;
    // Takes calls and never answers: each of ours ends after 700 ms.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    world.use_app_io(&format!("http://{}/api/v1", silent.local_addr().unwrap()), "carta-primary").await;
    for day in ["2027-01-14", "2027-01-15"] {
        for (hour, minute) in (8..12).flat_map(|hour| [(hour, 0), (hour, 20), (hour, 40)]) {
            world.book(PRESENT, &format!("{day}T{hour:02}:{minute:02}:00Z")).await;
        }
    }
    let (app, stop) = (world.office.db.app.clone(), CancellationToken::new());
    let worker = tokio::spawn(worker::run(app.clone(), stop.clone()));
    tokio::time::sleep(Duration::from_millis(2500)).await;

    let (mut tx, now) = (app.db.begin(other.id).await.unwrap(), app.clock.now());
    jobs::enqueue(&mut tx, other.id, &Job::Sweep, now, now).await.unwrap();
    tx.commit().await.unwrap();
    assert!(is_done_within(&world.office.db, other.id, Duration::from_secs(3)).await, "the other one waits");
    assert!(
        !is_done_within(&world.office.db, world.office.entity.id, Duration::ZERO).await,
        "too early to say"
    );
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(3), worker).await.expect("the worker ends").unwrap();
}
