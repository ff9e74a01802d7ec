//! `sportello serve` and `sportello work`.

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::{Outcome, service_options};
use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::Db;
use crate::jobs::worker;
use crate::secrets::MasterKeys;
use crate::{entity, web};

/// Answers requests until told to stop (SIGTERM, Ctrl-C), then finishes those it has begun.
pub async fn serve(config: Config, with_worker: bool) -> Outcome {
    let app = start(config)?;
    check_role(&app).await?;
    let listener = TcpListener::bind(&app.config.server.listen).await?;
    if let Err(error) = app.config.require_station_secret() {
        tracing::warn!(%error, "the pagoPA station refuses every receipt");
    }
    let stop = stop_signal()?;
    tracing::info!(listen = %app.config.server.listen, base_url = %app.config.server.base_url, "serving");
    let background = async { if with_worker { run_worker(app.clone(), stop.clone()).await } else { Ok(()) } };
    let (served, worked) = tokio::join!(serve_on(listener, app.clone(), stop.clone()), background);
    app.db.close().await;
    served.and(worked)
}

/// Runs the background jobs until told to stop.
pub async fn work(config: Config) -> Outcome {
    let app = start(config)?;
    check_role(&app).await?;
    let stop = stop_signal()?;
    tracing::info!("working");
    run_worker(app.clone(), stop).await?;
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
    axum::serve(listener, web::router(app)).with_graceful_shutdown(told).await?;
    Ok(())
}

/// Puts the returning jobs of every entity in the queue, then works until told to stop.
pub async fn run_worker(app: App, stop: CancellationToken) -> Outcome {
    let entities = entity::store::list(&mut *app.db.directory().await?).await?;
    for entity in entities {
        worker::schedule(&app, entity.id).await?;
    }
    worker::run(app, stop).await;
    Ok(())
}

fn start(config: Config) -> Result<App, Box<dyn std::error::Error + Send + Sync>> {
    config.require_secrets()?;
    let keys = MasterKeys::parse(&config.secrets.master_keys)?;
    let db = Db::connect(service_options(&config)?, config.database.connections_max);
    Ok(App::new(db, Clock::default(), config, keys))
}

/// The service must not be able to see other entities' rows whatever a query forgets: it refuses to start in a role
/// that could.
async fn check_role(app: &App) -> Outcome {
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
    Ok(())
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
