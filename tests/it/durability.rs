//! What is acknowledged is durable, once: a crowd at once, a server and a worker that are killed, a database that is
//! lost for a while.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, Days, TimeDelta, Utc};
use futures_util::future::join_all;
use sportello::agenda::zone;
use sportello::db::{self, Db};
use sportello::demo::postgres::PrivatePostgres;
use sportello::ids::JobId;
use sportello::notices::{Channel, NoticeState};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, UnixListener, UnixStream};
use tokio_util::sync::CancellationToken;

use crate::notices::world::{PRESENT, World, read};
use crate::office::Office;
use crate::peer::{Answer, Peer, Server};
use crate::support::{MASTER_KEYS, TestDb};

const CLIENTS: usize = 200;
const COUNTERS: usize = 4;
const STARTS: i64 = 10;
/// Four counters, ten starts each.
const TIMES: usize = 40;
/// Longer than a busy machine needs for any of these.
const PATIENCE: Duration = Duration::from_secs(120);

/// The starts of a morning about a week from now.
fn morning(office: &Office) -> Vec<DateTime<Utc>> {
    let day = zone::day_of(office.now(), office.site.zone) + Days::new(7);
    let nine = zone::instant(day, chrono::NaiveTime::from_hms_opt(9, 0, 0).unwrap(), office.site.zone);
    (0..STARTS).map(|n| nine + TimeDelta::minutes(20 * n)).collect()
}

/// The same key at every try, as a client that does not know what became of the last one.
fn key_of(client: usize) -> String {
    format!("prenotazione-{client}")
}

/// Forty got a time, the others were told that theirs is taken and which are free nearby, nobody anything else.
fn assert_forty_won(answers: &[Answer]) {
    let won = answers.iter().filter(|answer| answer.status == 201).count();
    let codes: BTreeSet<_> = answers.iter().filter(|a| a.status == 201).map(Answer::code).collect();
    assert_eq!((won, codes.len()), (TIMES, TIMES));
    for lost in answers.iter().filter(|answer| answer.status != 201) {
        assert_eq!((lost.status, &lost.body["code"]), (409, &"taken".into()), "{lost:?}");
        assert!(!lost.body["nearby"].as_array().unwrap().is_empty(), "{lost:?}");
    }
}

/// The database agrees: every acknowledged booking is there once, nothing else is, and nothing overlaps.
async fn assert_database_agrees(office: &Office, answers: &[Answer]) {
    let mut conn = office.db.owner.connect().await.unwrap();
    let live = "state in ('awaiting_payment', 'confirmed', 'arrived', 'called')";
    let booked: Vec<(String, String)> =
        sqlx::query_as(AssertSqlSafe(format!("select code, holder_email from appointment where {live}")))
            .fetch_all(&mut conn)
            .await
            .unwrap();
    let told: BTreeMap<String, String> = answers
        .iter()
        .filter(|answer| answer.status == 201)
        .map(|a| (a.code().to_owned(), a.body["holder"]["email"].as_str().unwrap().to_owned()))
        .collect();
    assert_eq!(booked.len(), TIMES);
    assert_eq!(booked.into_iter().collect::<BTreeMap<_, _>>(), told);
    let held: i64 = count(&mut conn, "select count(*) from occupation where kind = 'appointment'").await;
    assert_eq!(held, 40);
    let overlaps = "select count(*) from occupation a join occupation b on b.entity_id = a.entity_id
        and b.counter_id = a.counter_id and b.occupation_id > a.occupation_id and b.during && a.during";
    assert_eq!(count(&mut conn, overlaps).await, 0);
    let overlaps = format!(
        "with live as (select * from appointment where {live}) select count(*) from live a join live b
            on b.entity_id = a.entity_id and b.counter_id = a.counter_id and b.appointment_id > a.appointment_id
            and tstzrange(b.starts_at, b.busy_until) && tstzrange(a.starts_at, a.busy_until)"
    );
    assert_eq!(count(&mut conn, &overlaps).await, 0);
}

async fn count(conn: &mut sqlx::PgConnection, sql: &str) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(conn).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_clients_want_forty_times() {
    let office = Office::new(COUNTERS, STARTS).await;
    let server = Server::start(&office.db.app).await;
    let peer = Peer::register(&office, &server.base).await;
    let starts = morning(&office);
    let bookings = (0..CLIENTS).map(|client| {
        let (peer, start) = (peer.clone(), starts[client % starts.len()]);
        async move { peer.book(&key_of(client), client, start).await.unwrap() }
    });
    let answers = join_all(bookings).await;
    assert_forty_won(&answers);
    assert_database_agrees(&office, &answers).await;
}

/// The program in a process of its own, killed when this is dropped.
struct Process(Child);

impl Process {
    fn start(arguments: &[&str], database_url: &str, listen: &str) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_sportello"))
            .args(arguments)
            .env_clear()
            .env("SPORTELLO_DATABASE_URL", database_url)
            .env("SPORTELLO_SECRETS_MASTER_KEYS", MASTER_KEYS)
            .env("SPORTELLO_SERVER_LISTEN", listen)
            .env("SPORTELLO_LOG_FILTER", "off")
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        Self(child)
    }

    /// SIGKILL: it finishes nothing.
    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Tries until there is an answer, whatever happens to the connection or to the server.
async fn answered(peer: Peer, client: usize, start: DateTime<Utc>, acknowledged: Arc<AtomicUsize>) -> Answer {
    let begun = Instant::now();
    loop {
        match peer.book(&key_of(client), client, start).await {
            Ok(answer) if answer.status < 500 => {
                acknowledged.fetch_add(usize::from(answer.status == 201), Ordering::Relaxed);
                return answer;
            }
            other => assert!(begun.elapsed() < PATIENCE, "{other:?}"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn until(what: &str, mut done: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !done().await {
        assert!(begun.elapsed() < PATIENCE, "{what} does not happen");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_loses_no_booking_and_makes_none_twice() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let postgres = PrivatePostgres::start(true).unwrap();
    db::migrate(&postgres.options("postgres")).await.unwrap();
    let db = TestDb::on(&postgres, "postgres", &[]);
    let office = Office::on(db, COUNTERS, STARTS, |calendar| calendar.closed_on_holidays = false).await;
    let listen = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().to_string();
    let peer = Peer::register(&office, &format!("http://{listen}")).await;
    let starts = morning(&office);

    let mut server = Process::start(&["serve"], &office.db.url, &listen);
    let acknowledged = Arc::new(AtomicUsize::new(0));
    let crowd: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let start = starts[client % starts.len()];
            tokio::spawn(answered(peer.clone(), client, start, Arc::clone(&acknowledged)))
        })
        .collect();
    until("half of the bookings", async || acknowledged.load(Ordering::Relaxed) >= TIMES / 2).await;
    server.kill();
    let before = acknowledged.load(Ordering::Relaxed);
    assert!(before < TIMES, "the server was killed while there was something to do");
    let _server = Process::start(&["serve"], &office.db.url, &listen);

    let answers: Vec<Answer> = join_all(crowd).await.into_iter().map(Result::unwrap).collect();
    assert_forty_won(&answers);
    assert_database_agrees(&office, &answers).await;
    for (client, first) in answers.iter().enumerate().filter(|(_, answer)| answer.status == 201) {
        let again = peer.book(&key_of(client), client, starts[client % starts.len()]).await.unwrap();
        assert_eq!((again.status, again.code()), (201, first.code()));
        assert_eq!(again.headers["Idempotency-Hit"], "true");
    }
}

/// How many appointments the killed worker has to tell of, over two channels each.
const TOLD: usize = 20;
/// Jobs that run side by side in a worker: what can be cut off half-way.
const SIDE_BY_SIDE: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_worker_leaves_no_job_undone() {
    let office = Office::on(TestDb::present(&[]).await, 1, 12, |c| c.closed_on_holidays = false).await;
    let world = World::around(office).await;
    let office = &world.office;
    let mut appointments = Vec::new();
    for start in [0, 1]
        .into_iter()
        .flat_map(|day| morning(office).into_iter().map(move |start| start + TimeDelta::days(day)))
    {
        appointments.push(world.book(PRESENT, &start.to_rfc3339()).await);
    }
    assert_eq!(appointments.len(), TOLD);
    let arrived = || world.io.messages().len() + world.mail.messages().len();

    let mut worker = Process::start(&["work"], &office.db.url, "127.0.0.1:0");
    until("a part of the messages", async || arrived() >= TOLD / 2).await;
    worker.kill();
    assert!(arrived() < 2 * TOLD, "the worker was killed while there was something to do");
    // What it had claimed is another's when the lease is over: as if that time had passed.
    world.sql("update job set locked_until = now() where locked_until is not null").await;
    world
        .sql("update notice set claimed_at = claimed_at - interval '10 minutes' where claimed_at is not null")
        .await;
    let _worker = Process::start(&["work"], &office.db.url, "127.0.0.1:0");

    let mut conn = office.db.owner.connect().await.unwrap();
    let waiting = "select count(*) from job where kind = 'send_notice'";
    until("the rest of the messages", async || count(&mut conn, waiting).await == 0).await;
    let mut unknown = 0;
    for a in &appointments {
        for notice in world.notices(a).await {
            match notice.state {
                NoticeState::Sent => {}
                // The call was under way: the app cannot be asked, and must not be told twice.
                NoticeState::Unknown if notice.channel == Channel::AppIo => unknown += 1,
                state => panic!("{state:?} of {notice:?}"),
            }
        }
    }
    assert!(unknown <= SIDE_BY_SIDE, "{unknown} calls were under way");
    let titles = world.io_subjects();
    let different: BTreeSet<_> = titles.iter().collect();
    assert_eq!(titles.len(), different.len(), "nothing is told twice in the app");
    assert!((TOLD - unknown..=TOLD).contains(&titles.len()));
    // A mail that comes twice carries the same identifier, by which programs know it.
    let mails = world.mail.messages();
    let ids: BTreeSet<_> =
        mails.iter().map(|mail| read(&mail.raw).message_id().unwrap().to_owned()).collect();
    assert_eq!(ids.len(), TOLD);
    assert!(mails.len() <= TOLD + SIDE_BY_SIDE);
    let dead: i64 = count(&mut conn, "select count(*) from job where state = 'dead'").await;
    assert_eq!(dead, 0);
}

/// The way to a PostgreSQL, which can be cut and mended.
struct Cable {
    folder: std::path::PathBuf,
    to: std::path::PathBuf,
    cut: CancellationToken,
}

const SOCKET: &str = ".s.PGSQL.5432";

impl Cable {
    /// A way to the server of these options; answers how to connect through it.
    fn to(options: &PgConnectOptions) -> (Self, PgConnectOptions) {
        let folder = std::env::temp_dir().join(format!("sportello-{}", JobId::new().0.simple()));
        std::fs::create_dir(&folder).unwrap();
        let to = options.get_socket().unwrap().join(SOCKET);
        let through = options.clone().socket(&folder);
        let mut cable = Self { folder, to, cut: CancellationToken::new() };
        cable.mend();
        (cable, through)
    }

    fn mend(&mut self) {
        self.cut = CancellationToken::new();
        let listener = UnixListener::bind(self.folder.join(SOCKET)).unwrap();
        let (to, cut) = (self.to.clone(), self.cut.clone());
        tokio::spawn(self.cut.clone().run_until_cancelled_owned(async move {
            while let Ok((mut ours, _)) = listener.accept().await {
                let to = to.clone();
                tokio::spawn(cut.clone().run_until_cancelled_owned(async move {
                    let mut theirs = UnixStream::connect(&to).await?;
                    copy_bidirectional(&mut ours, &mut theirs).await
                }));
            }
        }));
    }

    /// Every connection ends, and there is nobody to connect to.
    fn cut(&self) {
        self.cut.cancel();
        std::fs::remove_file(self.folder.join(SOCKET)).unwrap();
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        self.cut.cancel();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[tokio::test]
async fn without_its_database_the_service_says_so_and_comes_back_with_it() {
    let mut office = Office::new(1, 3).await;
    let (mut cable, through) = Cable::to(&office.db.owner);
    let direct = std::mem::replace(&mut office.db.app.db, Db::connect(through, 5));
    let server = Server::start(&office.db.app).await;
    let peer = Peer::register(&office, &server.base).await;
    let (day, start) = ("2027-01-12", "2027-01-12T08:00:00Z".parse().unwrap());
    assert_eq!(peer.free_times(day).await.unwrap().status, 200);
    assert_eq!(peer.get("/health/ready").await.unwrap().status, 200);

    cable.cut();
    let (times, booking, ready, live, page) = tokio::join!(
        peer.free_times(day),
        peer.book("k", 1, start),
        peer.get("/health/ready"),
        peer.get("/health/live"),
        peer.get("/borgo/"),
    );
    let (times, booking) = (times.unwrap(), booking.unwrap());
    for refused in [&times, &booking] {
        assert_eq!((refused.status, &refused.body["code"]), (503, &"busy".into()), "{refused:?}");
        assert!(refused.headers.contains_key("Retry-After"));
    }
    assert_eq!((ready.unwrap().status, live.unwrap().status, page.unwrap().status), (503, 200, 503));

    cable.mend();
    until("the way back", async || peer.get("/health/ready").await.unwrap().status == 200).await;
    assert_eq!(peer.free_times(day).await.unwrap().status, 200);
    assert_eq!(peer.book("k", 1, start).await.unwrap().status, 201);
    office.db.app.db = direct;
    assert_eq!(office.free_at("2027-01-12T08:00:00Z").await, 0);
}
