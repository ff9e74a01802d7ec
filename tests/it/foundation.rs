//! What every room stands on: tenancy, keys, the record, the queue.

use std::time::Duration;

use http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use sportello::Error;
use sportello::audit::{self, Actor, Change};
use sportello::entity::{self, Kind};
use sportello::idempotency::{self, Answer, Key};
use sportello::jobs::{self, Job, worker};
use sqlx::{AssertSqlSafe, ConnectOptions, Row};
use tokio_util::sync::CancellationToken;

use crate::browser::Browser;
use crate::support::TestDb;

/// DESIGN §4: "Every primary, unique and foreign key starts with entity_id". The directory of tenants, the
/// platform's taxonomy and what was sent to nobody here have no tenant.
#[tokio::test]
async fn every_key_starts_with_the_entity() {
    let db = TestDb::new().await;
    let mut conn = db.owner.connect().await.unwrap();
    let strays: Vec<String> = sqlx::query_scalar(
        "select i.indexrelid::regclass::text from pg_index i
         join pg_class t on t.oid = i.indrelid and t.relnamespace = 'public'::regnamespace
         join pg_attribute a on a.attrelid = t.oid and a.attnum = i.indkey[0]
         where (i.indisunique or i.indisexclusion) and a.attname <> 'entity_id'
           and t.relname not in ('entity', 'stray_message', 'taxonomy_code', '_sqlx_migrations')
         union all
         select conname::text from pg_constraint c
         join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
         where c.contype = 'f' and c.connamespace = 'public'::regnamespace and a.attname <> 'entity_id'",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap();
    assert_eq!(strays, Vec::<String>::new());
}

#[tokio::test]
async fn every_table_is_under_tenancy_and_the_role_is_plain() {
    let db = TestDb::new().await;
    let mut conn = db.owner.connect().await.unwrap();
    let open: Vec<String> = sqlx::query_scalar(
        "select relname::text from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace
         and not relrowsecurity and relname not in ('taxonomy_code', '_sqlx_migrations')",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap();
    assert_eq!(open, Vec::<String>::new());

    let mut conn = db.app.db.directory().await.unwrap();
    let row = sqlx::query(
        "select current_user::text, rolsuper, rolbypassrls,
            exists (select from pg_class where relowner = r.oid and relnamespace = 'public'::regnamespace)
         from pg_roles r where rolname = current_user",
    )
    .fetch_one(&mut *conn)
    .await
    .unwrap();
    assert_eq!(row.get::<String, _>(0), "sportello_app");
    assert!(!row.get::<bool, _>(1) && !row.get::<bool, _>(2) && !row.get::<bool, _>(3));
}

/// Every table, seeded with a row of one entity where it can be, shows nothing to another and nothing to nobody.
#[tokio::test]
async fn an_entity_sees_only_itself() {
    let db = TestDb::new().await;
    let ours = db.entity("nostro", "00000000001").await;
    let theirs = db.entity("loro", "00000000002").await;
    let now = db.app.clock.now();

    let mut tx = db.app.db.begin(ours.id).await.unwrap();
    entity::store::put_secret(&mut tx, &db.app.keys, ours.id, "mail.password", &SecretString::from("x"), now)
        .await
        .unwrap();
    audit::record(&mut tx, ours.id, now, &Actor::System, Change::of("test", "entity", "1")).await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = db.app.db.begin(theirs.id).await.unwrap();
    assert!(entity::store::secret(&mut tx, &db.app.keys, ours.id, "mail.password").await.unwrap().is_none());
    assert!(audit::of_object(&mut tx, ours.id, "entity", "1").await.unwrap().is_empty());
    let error = audit::record(&mut tx, ours.id, now, &Actor::System, Change::of("test", "entity", "2")).await;
    assert!(matches!(error, Err(Error::Database(_))), "writing for another entity is refused");
    drop(tx);

    let mut conn = db.app.db.directory().await.unwrap();
    for table in ["secret", "audit", "appointment", "job", "session"] {
        let count: i64 = sqlx::query_scalar(AssertSqlSafe(format!("select count(*) from {table}")))
            .fetch_one(&mut *conn)
            .await
            .unwrap();
        assert_eq!(count, 0, "{table} without a tenant");
    }
}

#[tokio::test]
async fn the_record_cannot_be_changed() {
    let db = TestDb::new().await;
    let ours = db.entity("nostro", "00000000001").await;
    for statement in
        ["update audit set action = 'x'", "delete from audit", "truncate audit", "delete from receipt"]
    {
        let mut tx = db.app.db.begin(ours.id).await.unwrap();
        let error = sqlx::query(statement).execute(&mut *tx).await.unwrap_err();
        assert_eq!(error.as_database_error().unwrap().code().unwrap(), "42501", "{statement}");
    }
}

#[tokio::test]
async fn secrets_are_sealed_and_sealed_anew() {
    let db = TestDb::new().await;
    let ours = db.entity("nostro", "00000000001").await;
    let now = db.app.clock.now();
    let mut tx = db.app.db.begin(ours.id).await.unwrap();
    let plain = SecretString::from("la chiave");
    entity::store::put_secret(&mut tx, &db.app.keys, ours.id, Kind::AppIo.secrets()[0], &plain, now)
        .await
        .unwrap();
    let stored: Vec<u8> = sqlx::query_scalar("select sealed from secret").fetch_one(&mut *tx).await.unwrap();
    assert!(!stored.windows(9).any(|w| w == b"la chiave"));
    assert_eq!(entity::store::reseal(&mut tx, &db.app.keys, ours.id).await.unwrap(), ["app_io.key"]);
    let opened = entity::store::secret(&mut tx, &db.app.keys, ours.id, "app_io.key").await.unwrap().unwrap();
    assert_eq!(opened.expose_secret(), "la chiave");
}

#[tokio::test]
async fn a_repeated_command_gives_its_first_answer() {
    let db = TestDb::new().await;
    let ours = db.entity("nostro", "00000000001").await;
    let key = Key { scope: "test", key: "k", request: b"the request" };
    let mut tx = db.app.db.begin(ours.id).await.unwrap();
    assert!(idempotency::first_answer(&mut tx, ours.id, &key).await.unwrap().is_none());
    let answer = Answer { status: 201, body: json!({"n": 1}) };
    idempotency::keep_answer(&mut tx, ours.id, &key, &answer, db.app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = db.app.db.begin(ours.id).await.unwrap();
    let again = idempotency::first_answer(&mut tx, ours.id, &key).await.unwrap().unwrap();
    assert_eq!((again.status, again.body), (201, json!({"n": 1})));
    let other = Key { request: b"another request", ..key };
    assert!(matches!(idempotency::first_answer(&mut tx, ours.id, &other).await, Err(Error::KeyReused)));
}

#[tokio::test]
async fn first_answers_are_forgotten_after_a_week() {
    let db = TestDb::new().await;
    let ours = db.entity("nostro", "00000000001").await;
    let keys = ["old", "new"].map(|key| Key { scope: "prova", key, request: b"" });
    for key in &keys {
        let mut tx = db.app.db.begin(ours.id).await.unwrap();
        let answer = Answer { status: 201, body: json!({"fiscal_code": "RSSMRA80A01H501U"}) };
        idempotency::keep_answer(&mut tx, ours.id, key, &answer, db.app.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        db.advance(chrono::TimeDelta::days(4));
    }
    let now = db.app.clock.now();
    let mut tx = db.app.db.begin(ours.id).await.unwrap();
    jobs::enqueue(&mut tx, ours.id, &Job::Sweep, now, now).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(worker::run_due(&db.app).await.unwrap(), 1);
    let mut tx = db.app.db.begin(ours.id).await.unwrap();
    let mut kept = Vec::new();
    for key in &keys {
        kept.push(idempotency::first_answer(&mut tx, ours.id, key).await.unwrap().is_some());
    }
    assert_eq!(kept, [false, true]);
}

#[tokio::test]
async fn a_program_on_an_older_schema_is_not_ready() {
    let db = TestDb::new().await;
    let ready = async || Browser::new(&db.app).get("/health/ready").await.status;
    assert_eq!(ready().await, StatusCode::OK);
    let mut conn = db.owner.connect().await.unwrap();
    let undo = "update _sqlx_migrations set success = false where version = (select max(version) from _sqlx_migrations)";
    sqlx::raw_sql(undo).execute(&mut conn).await.unwrap();
    assert_eq!(ready().await, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn a_worker_that_cannot_begin_tries_again() {
    let db = TestDb::with(&[("SPORTELLO_WORKER_POLL_S", "1")]).await;
    let ours = db.entity("nostro", "00000000001").await;
    let mut conn = db.owner.connect().await.unwrap();
    sqlx::raw_sql("alter table entity rename to entity_away").execute(&mut conn).await.unwrap();
    let stop = CancellationToken::new();
    let working = tokio::spawn(worker::run(db.app.clone(), stop.clone()));
    tokio::time::sleep(Duration::from_millis(200)).await;
    sqlx::raw_sql("alter table entity_away rename to entity").execute(&mut conn).await.unwrap();
    let jobs = "select count(*) from job where entity_id = $1 and kind in ('sweep', 'fetch_flows')";
    for _ in 0..200 {
        let waiting: i64 = sqlx::query_scalar(jobs).bind(ours.id.0).fetch_one(&mut conn).await.unwrap();
        if waiting == 2 {
            stop.cancel();
            working.await.unwrap();
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nothing is scheduled");
}

#[tokio::test]
async fn a_job_of_a_dead_worker_is_done_by_another() {
    let db = TestDb::new().await;
    let ours = db.entity("nostro", "00000000001").await;
    let now = db.app.clock.now();
    let mut tx = db.app.db.begin(ours.id).await.unwrap();
    jobs::enqueue(&mut tx, ours.id, &Job::Sweep, now, now).await.unwrap();
    tx.commit().await.unwrap();
    // A worker claims it and is never heard of again.
    let mut tx = db.app.db.begin(ours.id).await.unwrap();
    let lease = chrono::TimeDelta::minutes(5);
    assert!(jobs::store::claim(&mut tx, ours.id, now, lease).await.unwrap().is_some());
    tx.commit().await.unwrap();
    assert_eq!(worker::run_due(&db.app).await.unwrap(), 0, "the lease holds");
    db.advance(chrono::TimeDelta::minutes(6));
    assert_eq!(worker::run_due(&db.app).await.unwrap(), 1);
}
