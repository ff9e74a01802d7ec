//! The rules the product never breaks, each with a test that fails when it is broken. Where a module's own tests hold
//! it already, they are named here; what is below closes the gaps.
//!
//! 1. One counter, one citizen at a time: `agenda::the_database_itself_refuses_two_citizens_at_one_counter`,
//!    `agenda::two_hundred_bookers_for_forty_times`, `durability::two_hundred_clients_want_forty_times`.
//! 2. What is acknowledged is durable, once: `durability::*`, `foundation::a_repeated_command_gives_its_first_answer`,
//!    `citizen::two_clicks_confirm_once`, `notices::an_appointment_is_told_once_over_each_channel`; that a change and
//!    its messages are one: [`a_change_and_what_follows_from_it_are_one`].
//! 3. The calendar does not lie: `agenda::what_is_offered_can_be_booked`, the properties beside `agenda::free_times`
//!    (against a slow and simple computation, over both changes of the clock).
//! 4. Money is integer cents and never lost: `payments::positions::the_database_refuses_what_does_not_sum`,
//!    `payments::positions::items_and_shares_are_frozen_with_their_chapters_and_assessments`,
//!    `reconciliation::scenarios::*` (every difference has a label); the books: [`the_books_are_only_added_to`].
//! 5. A payment is proved by a receipt: `payments::platform::a_visit_publishes_first_and_its_return_proves_nothing`,
//!    `payments::receipts::a_payment_is_proved_once_however_often_it_is_told`.
//! 6. An entity sees only itself: `foundation::every_table_is_under_tenancy_and_the_role_is_plain`,
//!    `foundation::every_key_starts_with_the_entity`; row by row: [`whatever_a_query_forgets_an_entity_sees_itself`].
//! 7. Every change is on record: `foundation::the_record_cannot_be_changed`, [`what_a_program_changes_is_on_record`].
//! 8. Secrets are sealed: `foundation::secrets_are_sealed_and_sealed_anew`; what the log says:
//!    [`the_log_holds_no_secret_and_nobodys_name`].

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use secrecy::SecretString;
use sportello::agenda::booking;
use sportello::audit::{self, Actor};
use sportello::demo::mail::MailCatcher;
use sportello::entity::{self, Kind, MailSettings, MailTls};
use sportello::{Error, Result};
use sqlx::{AssertSqlSafe, ConnectOptions as _, PgConnection};
use tokio::net::TcpListener;

use crate::office::{Office, at};
use crate::peer::{Peer, Server};
use crate::support::{MASTER_KEYS, TestDb};

const NINE: &str = "2027-01-12T08:00:00Z";
const TEN: &str = "2027-01-12T09:00:00Z";

async fn rows(conn: &mut PgConnection, table: &str) -> i64 {
    let sql = format!("select count(*) from {table}");
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(conn).await.unwrap()
}

/// The tables whose rows belong to an entity.
async fn tables_of_entities(conn: &mut PgConnection) -> Vec<String> {
    sqlx::query_scalar(
        "select table_name::text from information_schema.columns
         where table_schema = 'public' and column_name = 'entity_id' order by table_name",
    )
    .fetch_all(conn)
    .await
    .unwrap()
}

/// Mail that goes to the catcher.
async fn use_mail(office: &Office) -> MailCatcher {
    let (smtp, mail) = MailCatcher::start("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let settings = MailSettings {
        host: "127.0.0.1".to_owned(),
        port: smtp.port(),
        tls: MailTls::None,
        username: String::new(),
        from: "prenotazioni@comune.example.it".to_owned(),
        reply_to: String::new(),
    };
    let mut tx = office.begin().await;
    let (id, now) = (office.entity.id, office.now());
    entity::store::put_integration(&mut tx, id, Kind::Mail, true, &settings, now).await.unwrap();
    tx.commit().await.unwrap();
    mail
}

#[tokio::test]
async fn a_change_and_what_follows_from_it_are_one() {
    let office = Office::new(1, 3).await;
    let _mail = use_mail(&office).await;
    let mut owner = office.db.owner.connect().await.unwrap();
    let follows = ["appointment", "occupation", "notice", "job", "audit"];
    let mut before = Vec::new();
    for table in follows {
        before.push(rows(&mut owner, table).await);
    }
    let new = office.new_appointment(at(NINE), 1);
    let mut tx = office.begin().await;
    booking::book(&mut tx, &office.entity, &new, &Actor::System, office.now()).await.unwrap();
    drop(tx);
    for (table, before) in follows.iter().zip(&before) {
        assert_eq!(rows(&mut owner, table).await, *before, "{table} of a booking that never was");
    }
    let mut tx = office.begin().await;
    booking::book(&mut tx, &office.entity, &new, &Actor::System, office.now()).await.unwrap();
    tx.commit().await.unwrap();
    for (table, before) in follows.iter().zip(&before) {
        assert!(rows(&mut owner, table).await > *before, "{table} of a booking");
    }
}

async fn run(office: &Office, sql: &str) -> Result<()> {
    let sql = sql.replace("$entity", &format!("'{}'::uuid", office.entity.id));
    let mut tx = office.begin().await;
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(())
}

fn sqlstate(result: Result<()>) -> String {
    match result {
        Err(Error::Database(cause)) => cause.as_database_error().unwrap().code().unwrap().into_owned(),
        other => panic!("the database let it pass: {other:?}"),
    }
}

#[tokio::test]
async fn the_books_are_only_added_to() {
    let office = Office::new(1, 1).await;
    let booked = |amounts: [i64; 2], reference: &str| {
        format!(
            "with t as (insert into ledger_transaction (entity_id, ledger_transaction_id, at, reason, reference)
                 values ($entity, gen_random_uuid(), now(), 'issued', '{reference}') returning ledger_transaction_id)
             insert into ledger_posting (entity_id, ledger_transaction_id, posting_index, account, subject, amount_cents)
             select $entity, ledger_transaction_id, 1, 'receivable', 'x', {} from t
             union all select $entity, ledger_transaction_id, 2, 'income', 'x', {} from t",
            amounts[0], amounts[1]
        )
    };
    assert_eq!(sqlstate(run(&office, &booked([2221, -2220], "a")).await), "23000", "it must balance");
    run(&office, &booked([2221, -2221], "b")).await.unwrap();
    assert_eq!(sqlstate(run(&office, &booked([1, -1], "b")).await), "23505", "a fact is booked once");
    for table in [
        "ledger_transaction",
        "ledger_posting",
        "receipt",
        "receipt_transfer",
        "flow_row",
        "provisional_movement",
        "position_item",
        "position_share",
        "peer_message",
    ] {
        assert_eq!(sqlstate(run(&office, &format!("update {table} set entity_id = $entity")).await), "42501");
        assert_eq!(sqlstate(run(&office, &format!("delete from {table}")).await), "42501");
    }
}

#[tokio::test]
async fn whatever_a_query_forgets_an_entity_sees_itself() {
    let office = Office::new(1, 3).await;
    let _mail = use_mail(&office).await;
    let _peer = Peer::register(&office, "").await;
    let new = office.new_appointment(at(NINE), 1);
    let mut tx = office.begin().await;
    booking::book(&mut tx, &office.entity, &new, &Actor::System, office.now()).await.unwrap();
    tx.commit().await.unwrap();
    let other = office.db.entity("altrove", "00000000002").await;

    let mut owner = office.db.owner.connect().await.unwrap();
    let tables = tables_of_entities(&mut owner).await;
    assert!(tables.len() > 40, "{tables:?}");
    let mut seeded = 0;
    for table in tables.iter().filter(|table| *table != "entity") {
        let theirs = format!("{table} where entity_id = '{}'", office.entity.id);
        seeded += i64::from(rows(&mut owner, &theirs).await > 0);
        let mut tx = office.db.app.db.begin(other.id).await.unwrap();
        assert_eq!(rows(&mut tx, table).await, 0, "{table} seen by another entity");
        let changed = sqlx::query(AssertSqlSafe(format!("delete from {theirs}"))).execute(&mut *tx).await;
        assert_eq!(changed.map_or(0, |done| done.rows_affected()), 0, "{table} changed by another entity");
        drop(tx);
        let mut nobody = office.db.app.db.directory().await.unwrap();
        assert_eq!(rows(&mut nobody, table).await, 0, "{table} seen without an entity");
    }
    assert!(seeded >= 12, "only {seeded} tables had anything to hide");
}

#[tokio::test]
async fn what_a_program_changes_is_on_record() {
    let office = Office::new(1, 6).await;
    let server = Server::start(&office.db.app).await;
    let peer = Peer::register(&office, &server.base).await;
    let booked = peer.book("k", 1, at(NINE)).await.unwrap();
    let path = format!("/api/v1/entities/borgo/appointments/{}", booked.code());
    let moved =
        peer.post(&format!("{path}/move"), &serde_json::json!({"site": "municipio", "start": TEN})).await;
    assert_eq!(moved.unwrap().status, 200);
    let cancelled = peer.post(&format!("{path}/cancel"), &serde_json::json!({"reason": "prova"})).await;
    assert_eq!(cancelled.unwrap().status, 200);

    let mut tx = office.begin().await;
    let entity = office.entity.id;
    let appointment =
        sportello::agenda::store::appointment_by_code(&mut tx, entity, booked.code()).await.unwrap();
    let record = audit::of_object(&mut tx, entity, "appointment", &appointment.id.to_string()).await.unwrap();
    let actions: Vec<_> = record.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["appointment.booked", "appointment.moved", "appointment.cancelled"]);
    for entry in &record {
        assert_eq!((entry.actor_kind.as_str(), entry.actor.as_str()), ("client", "sito-web"));
        assert!(entry.after.is_some());
    }
    let (before, after) = (record[1].before.as_ref().unwrap(), record[1].after.as_ref().unwrap());
    assert_eq!((&before["starts_at"], &after["starts_at"]), (&NINE.into(), &TEN.into()));
    assert_eq!(record[2].before, record[1].after);
}

/// The program in a process of its own, saying everything it can say; then what it said.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_holds_no_secret_and_nobodys_name() {
    let office = Office::on(TestDb::present(&[]).await, 1, 3, |c| c.closed_on_holidays = false).await;
    let _mail = use_mail(&office).await;
    let mut tx = office.begin().await;
    let (id, now) = (office.entity.id, office.now());
    let password = SecretString::from("parola-che-nessuno-deve-leggere");
    entity::store::put_secret(&mut tx, &office.db.app.keys, id, "mail.password", &password, now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let listen = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().to_string();
    let peer = Peer::register(&office, &format!("http://{listen}")).await;
    let mut process = Command::new(env!("CARGO_BIN_EXE_sportello"))
        .args(["serve", "--with-worker"])
        .env_clear()
        .env("SPORTELLO_DATABASE_URL", &office.db.url)
        .env("SPORTELLO_SECRETS_MASTER_KEYS", MASTER_KEYS)
        .env("SPORTELLO_SERVER_LISTEN", &listen)
        .env("SPORTELLO_LOG_FILTER", "trace")
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = process.stderr.take().unwrap();
    let reader = std::thread::spawn(move || {
        let mut log = Vec::new();
        std::io::Read::read_to_end(&mut said, &mut log).unwrap();
        String::from_utf8_lossy(&log).into_owned()
    });
    let day = sportello::agenda::zone::day_of(now, office.site.zone) + chrono::Days::new(3);
    let offered = office.offered(&day.to_string(), &day.to_string()).await;
    let begun = Instant::now();
    let booked = loop {
        match peer.book("k", 1, offered[0].0).await {
            Ok(answer) if answer.status < 500 => break answer,
            _ => assert!(begun.elapsed() < Duration::from_secs(60)),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    assert_eq!(booked.status, 201, "{booked:?}");
    let taken = peer.book("other", 2, offered[0].0).await.unwrap();
    assert_eq!(taken.status, 409);
    let mut owner = office.db.owner.connect().await.unwrap();
    while rows(&mut owner, "job where kind = 'send_notice'").await > 0 {
        assert!(begun.elapsed() < Duration::from_secs(60), "the mail is not sent");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    process.kill().unwrap();
    process.wait().unwrap();
    let log = reader.join().unwrap();
    assert!(log.contains("serving"), "there is a log: {log}");
    let (_, master) = MASTER_KEYS.split_once(':').unwrap();
    for secret in ["RSSMRA80A01H501U", "cittadina1@example.it", "parola-che-nessuno", master, peer.token()] {
        let at = log.find(secret).map(|at| &log[log[..at].rfind('\n').unwrap_or(0)..at + secret.len()]);
        assert_eq!(at, None, "a secret in the log");
    }
}
