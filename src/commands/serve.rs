//! `sportello serve` and `sportello work`.

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::Outcome;
use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{self, Db};
use crate::jobs::worker;
use crate::web;

/// Answers requests until told to stop (SIGTERM, Ctrl-C), then finishes those it has begun.
pub async fn serve(config: Config, with_worker: bool) -> Outcome {
    let app = start(config)?;
    check_database(&app).await?;
    let listen = &app.config.server.listen;
    let listener = TcpListener::bind(listen)
        .await
        .map_err(|error| format!("cannot listen on server.listen = {listen}: {error}"))?;
    if let Err(error) = app.config.require_station_secret() {
        tracing::warn!(%error, "the pagoPA station refuses every receipt");
    }
    let stop = stop_signal()?;
    tracing::info!(%listen, base_url = %app.config.server.base_url, "serving");
    let serving = async {
        let served = serve_on(listener, app.clone(), stop.clone()).await;
        // A worker alone would look like a service that lives.
        stop.cancel();
        served
    };
    let background = async {
        if with_worker {
            worker::run(app.clone(), stop.clone()).await;
        }
    };
    let (served, ()) = tokio::join!(serving, background);
    app.db.close().await;
    served
}

/// Runs the background jobs until told to stop.
pub async fn work(config: Config) -> Outcome {
    let app = start(config)?;
    check_database(&app).await?;
    let stop = stop_signal()?;
    tracing::info!("working");
    worker::run(app.clone(), stop).await;
    app.db.close().await;
    Ok(())
}

/// Serves on a socket that is open already; what the demonstration and the tests use too.
pub async fn serve_on(listener: TcpListener, app: App, stop: CancellationToken) -> Outcome {
    let stopping = app.stopping.clone();
    let told = async move {
        stop.cancelled_owned().await;
        stopping.cancel();
    };
    let served = axum::serve(listener, web::router(app)).with_graceful_shutdown(told);
    tokio::select! {
        served = served => Ok(served?),
        () = web::metrics::keep_up() => Ok(()),
    }
}

fn start(config: Config) -> Result<App, Box<dyn std::error::Error + Send + Sync>> {
    let keys = config.master_keys()?;
    let db = Db::connect(config.service_database()?, config.database.connections_max);
    Ok(App::new(db, Clock::default(), config, keys))
}

/// The service must not be able to see other entities' rows whatever a query forgets: it refuses to start in a role
/// that could. Nor does it start on the schema of an older program.
async fn check_database(app: &App) -> Outcome {
    let mut conn = app.db.directory().await?;
    let unsafe_role = sqlx::query_scalar!(
        r#"select rolsuper or rolbypassrls or exists (
               select from pg_class where relowner = r.oid and relnamespace = 'public'::regnamespace) as "unsafe!"
           from pg_roles r where rolname = current_user"#
    )
    .fetch_one(&mut *conn)
    .await?;
    if unsafe_role {
        return Err("the role sportello_app owns tables or bypasses row-level security; it must not".into());
    }
    Ok(db::check_schema(&mut conn).await?)
}

fn stop_signal() -> std::io::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let told = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping: finishing what has begun");
        told.cancel();
    });
    Ok(stop)
}
