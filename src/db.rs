//! The one PostgreSQL: the pool, the tenant's transaction, the migrations.

use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor as _, PgConnection, PgPool, Postgres, Transaction,
};

use crate::error::Result;
use crate::ids::EntityId;

/// The numbered files of `migrations/`.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// How long a request waits for a connection: a rush at the opening of the bookings is served late rather than
/// refused. Shorter than the time the web gives an answer.
const ACQUIRE_WITHIN: Duration = Duration::from_secs(20);

/// How long after its last use a connection is taken to be alive.
const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// A transaction of one entity: row-level security shows it that entity's rows and no others.
pub type Tx = Transaction<'static, Postgres>;

/// The application's way to the database, always in the plain role `sportello_app`.
#[derive(Clone, Debug)]
pub struct Db {
    pool: PgPool,
}

impl Db {
    /// Connects lazily. Every connection gives up the rights of its login first thing (`set role`), so that
    /// row-level security holds whatever the login could do. Statements are planned once a connection, not once a
    /// question: every one is keyed by its entity and means the same plan for all of them, and planning a join under
    /// row-level security takes longer than running it.
    #[must_use]
    pub fn connect(options: PgConnectOptions, connections_max: u32) -> Self {
        let pool = PgPoolOptions::new()
            .max_connections(connections_max)
            .acquire_timeout(ACQUIRE_WITHIN)
            // A connection that was at work a moment ago is not asked whether it lives: that would be one more round
            // trip for every transaction.
            .test_before_acquire(false)
            .before_acquire(|conn, idle| {
                Box::pin(async move {
                    if idle.idle_for > TRUSTED_FOR {
                        conn.ping().await?;
                    }
                    Ok(true)
                })
            })
            .after_connect(|conn, _| {
                Box::pin(async move {
                    sqlx::raw_sql(
                        "set role sportello_app; set statement_timeout = '15s'; set lock_timeout = '5s'; \
                         set plan_cache_mode = 'force_generic_plan'",
                    )
                    .execute(conn)
                    .await?;
                    Ok(())
                })
            })
            .connect_lazy_with(
                options.log_slow_statements(tracing::log::LevelFilter::Warn, Duration::from_secs(1)),
            );
        Self { pool }
    }

    /// Begins a transaction of one entity. Dropped without `commit`, it changes nothing.
    pub async fn begin(&self, entity: EntityId) -> Result<Tx> {
        // One message instead of two round trips; an identifier holds nothing but hexadecimal digits and dashes.
        let begin = format!("begin; set local sportello.entity_id = '{}'", entity.0);
        Ok(self.pool.begin_with(AssertSqlSafe(begin)).await?)
    }

    /// A connection without a tenant: it sees the directory of entities and the reference data, nothing else.
    pub async fn directory(&self) -> Result<sqlx::pool::PoolConnection<Postgres>> {
        Ok(self.pool.acquire().await?)
    }

    /// The pool itself, for a listener.
    #[must_use]
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Closes every connection, waiting for those at work.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// Names the entity of the running transaction.
pub async fn enter(conn: &mut PgConnection, entity: EntityId) -> Result<()> {
    sqlx::query!("select set_config('sportello.entity_id', $1, true)", entity.0.to_string())
        .fetch_one(conn)
        .await?;
    Ok(())
}

/// Why the program does not work on a database.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// Some migration of this program was not applied, or was another one.
    #[error("the database has not the schema of this program (migration {0}); run:\n  sportello migrate")]
    Stale(i64),
    /// It did not answer.
    #[error("the schema of the database cannot be told")]
    Database(#[from] sqlx::Error),
}

/// Whether every migration of this program was applied. Later ones may be there: while a new version rolls out, the old one
/// still works.
pub async fn check_schema(conn: &mut PgConnection) -> std::result::Result<(), SchemaError> {
    // Not checked when compiling: the table is the migrator's own, and there only after it ran.
    let applied: Vec<(i64, Vec<u8>)> =
        sqlx::query_as("select version, checksum from _sqlx_migrations where success")
            .fetch_all(conn)
            .await
            .or_else(|error| if is_missing_table(&error) { Ok(Vec::new()) } else { Err(error) })?;
    let is_applied =
        |version: i64, checksum: &[u8]| applied.iter().any(|(v, c)| *v == version && c == checksum);
    match MIGRATIONS.iter().find(|ours| !is_applied(ours.version, &ours.checksum)) {
        Some(missing) => Err(SchemaError::Stale(missing.version)),
        None => Ok(()),
    }
}

fn is_missing_table(error: &sqlx::Error) -> bool {
    // undefined_table; insufficient_privilege before the right to look was granted.
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| code == "42P01" || code == "42501")
}

/// Brings the schema up to date. Needs the owner's rights: the application's role has none over the schema.
pub async fn migrate(options: &PgConnectOptions) -> std::result::Result<(), sqlx::migrate::MigrateError> {
    let mut conn = options.connect().await?;
    MIGRATIONS.run(&mut conn).await?;
    // So that the service can tell whether it has been done.
    conn.execute("grant select on _sqlx_migrations to sportello_app").await?;
    conn.close().await?;
    Ok(())
}
