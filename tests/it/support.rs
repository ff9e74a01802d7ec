//! A fresh database for each test, from a template, on one private server that all tests share.

use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use sportello::App;
use sportello::clock::Clock;
use sportello::config::Config;
use sportello::db::{self, Db};
use sportello::demo::postgres::PrivatePostgres;
use sportello::entity::{self, Entity};
use sportello::ids::EntityId;
use sportello::payments::taxonomy;
use sportello::secrets::MasterKeys;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use tokio::sync::OnceCell;

const TEMPLATE: &str = "template_sportello";
/// Tests begin on a Monday in the middle of a school year, far from both changes of the clock.
const BEGINNING: &str = "2027-01-11T07:00:00Z";

/// What seals the secrets of the tests.
pub const MASTER_KEYS: &str = "test:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

static SERVER: OnceCell<PrivatePostgres> = OnceCell::const_new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

async fn server() -> &'static PrivatePostgres {
    SERVER
        .get_or_init(|| async {
            let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
            let server = PrivatePostgres::start(false).expect("a private PostgreSQL");
            run(&server.options("postgres"), &format!("create database {TEMPLATE}")).await;
            db::migrate(&server.options(TEMPLATE)).await.expect("the migrations");
            server
        })
        .await
}

async fn run(options: &PgConnectOptions, sql: &str) {
    let mut conn = options.connect().await.expect("the private server answers");
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut conn).await.expect("the statement runs");
    conn.close().await.expect("closed");
}

/// A fresh database and the program's means on it.
pub struct TestDb {
    /// The program's means: the plain role, a clock that can be moved.
    pub app: App,
    /// As the owner, for what the application may not do.
    pub owner: PgConnectOptions,
    /// The same as an address, for another process.
    pub url: String,
}

impl TestDb {
    /// Makes one. Its clock stands at [`BEGINNING`] and runs from there.
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    /// Makes one with other configuration (environment variables).
    pub async fn with(variables: &[(&str, &str)]) -> Self {
        let db = Self::present(variables).await;
        let beginning: DateTime<Utc> = BEGINNING.parse().expect("an instant");
        db.advance(beginning - db.app.clock.now());
        db
    }

    /// Makes one whose clock is right: for tests with another process, which has only the real time.
    pub async fn present(variables: &[(&str, &str)]) -> Self {
        let server = server().await;
        let name = format!("test_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
        run(&server.options("postgres"), &format!("create database {name} template {TEMPLATE}")).await;
        Self::on(server, &name, variables)
    }

    /// The program's means on a migrated database of any server. The clock is right.
    pub fn on(server: &PrivatePostgres, name: &str, variables: &[(&str, &str)]) -> Self {
        let variables = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        let config = Config::load(None, variables).expect("the defaults and the test's own");
        let keys = MasterKeys::parse(&SecretString::from(MASTER_KEYS)).expect("a key of 32 bytes");
        let owner = server.options(name);
        let app = App::new(Db::connect(owner.clone(), 20), Clock::default(), config, keys);
        Self { app, owner, url: server.url(name) }
    }

    /// Moves the clock.
    pub fn advance(&self, by: TimeDelta) {
        self.app.clock.advance(by);
    }

    /// Imports the platform's taxonomy, as the owner.
    pub async fn import_taxonomy(&self, csv: &str) {
        let mut conn = self.owner.connect().await.expect("connected");
        let table = taxonomy::read_file(csv).expect("a table");
        taxonomy::import(&mut conn, &table).await.expect("imported");
    }

    /// A Comune, bare.
    pub async fn entity(&self, slug: &str, fiscal_code: &str) -> Entity {
        let entity = Entity {
            id: EntityId::new(),
            slug: slug.to_owned(),
            name: format!("Comune di {slug}"),
            fiscal_code: fiscal_code.to_owned(),
            tagline: String::new(),
            address: "Piazza del Municipio, 1".to_owned(),
            phone: String::new(),
            email: String::new(),
            pec: String::new(),
            privacy_url: None,
            accessibility_url: None,
            site_url: None,
            time_zone: chrono_tz::Europe::Rome,
        };
        let mut conn = self.owner.connect().await.expect("connected");
        entity::store::insert(&mut conn, &entity, self.app.clock.now()).await.expect("inserted");
        entity
    }
}
