//! The worker: claims due jobs, runs them, keeps the account of failures.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use sqlx::postgres::PgListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{ATTEMPTS_MAX, Job, back_off, enqueue, schedule, store};
use crate::app::App;
use crate::entity;
use crate::error::Result;
use crate::ids::EntityId;

/// How long a worker may be silent before its job is given to another. Longer than any job's own timeouts.
const LEASE: TimeDelta = TimeDelta::minutes(5);
/// A job that takes longer is given up and tried again.
const RUN_MAX: Duration = Duration::from_secs(120);

/// Works until told to stop; then finishes what it has begun.
pub async fn run(app: App, stop: CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => return,
        () = schedule_all(&app) => {}
    }
    let slots = Arc::new(Semaphore::new(app.config.worker.jobs_max));
    let tasks = TaskTracker::new();
    let mut listener = listen(&app).await;
    loop {
        if let Err(error) = round(&app, &slots, &tasks).await {
            tracing::error!(%error, "the worker cannot look for jobs; trying again");
        }
        let poll = Duration::from_secs(app.config.worker.poll_s);
        tokio::select! {
            () = stop.cancelled() => break,
            () = announced(&mut listener) => {}
            () = tokio::time::sleep(poll) => {
                if listener.is_none() {
                    listener = listen(&app).await;
                }
            }
        }
    }
    tasks.close();
    tasks.wait().await;
}

/// Runs everything that is due, in order, and returns: what tests and the demonstration's clock call.
pub async fn run_due(app: &App) -> Result<usize> {
    let mut ran = 0;
    loop {
        let mut idle = true;
        for entity in due_entities(app).await? {
            while run_one(app, entity).await? {
                ran += 1;
                idle = false;
            }
        }
        if idle {
            return Ok(ran);
        }
    }
}

/// Makes sure that the jobs which come back by themselves wait in the queue of every entity, trying until it is done.
async fn schedule_all(app: &App) {
    while let Err(error) = try_to_schedule_all(app).await {
        tracing::error!(%error, "the worker cannot begin; trying again");
        tokio::time::sleep(Duration::from_secs(app.config.worker.poll_s)).await;
    }
}

async fn try_to_schedule_all(app: &App) -> Result<()> {
    let entities = entity::store::list(&mut *app.db.directory().await?).await?;
    for entity in entities {
        let mut tx = app.db.begin(entity.id).await?;
        schedule(&mut tx, entity.id, app.clock.now()).await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn listen(app: &App) -> Option<PgListener> {
    let connected = async {
        let mut listener = PgListener::connect_with(app.db.pool()).await?;
        listener.listen("sportello_job").await?;
        Ok::<_, sqlx::Error>(listener)
    };
    connected.await.inspect_err(|error| tracing::warn!(%error, "cannot listen for jobs; polling")).ok()
}

/// Waits for an announcement; for ever where there is no listener (the poll goes on).
async fn announced(listener: &mut Option<PgListener>) {
    let Some(connected) = listener else { return std::future::pending().await };
    if connected.recv().await.is_err() {
        *listener = None;
    }
}

async fn due_entities(app: &App) -> Result<Vec<EntityId>> {
    let mut conn = app.db.directory().await?;
    store::entities_with_due_jobs(&mut conn, app.clock.now()).await
}

async fn round(app: &App, slots: &Arc<Semaphore>, tasks: &TaskTracker) -> Result<()> {
    for entity in due_entities(app).await? {
        let slot = Arc::clone(slots).acquire_owned().await.expect("the semaphore is never closed");
        let app = app.clone();
        tasks.spawn(async move {
            loop {
                match run_one(&app, entity).await {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(error) => {
                        tracing::error!(%error, %entity, "the queue of an entity cannot be worked");
                        break;
                    }
                }
            }
            drop(slot);
        });
    }
    Ok(())
}

/// Claims and runs one due job of an entity; `false` where there is none.
async fn run_one(app: &App, entity: EntityId) -> Result<bool> {
    let now = app.clock.now();
    let mut tx = app.db.begin(entity).await?;
    let claimed = store::claim(&mut tx, entity, now, LEASE).await?;
    tx.commit().await?;
    let Some(claimed) = claimed else { return Ok(false) };

    let parsed: Result<Job, _> = serde_json::from_value(claimed.payload);
    let outcome = match &parsed {
        Ok(job) => match tokio::time::timeout(RUN_MAX, super::handlers::handle(app, entity, job)).await {
            Ok(outcome) => outcome.map_err(|error| describe(&error)),
            Err(_) => Err("took too long".to_owned()),
        },
        Err(error) => Err(format!("not a job: {error}")),
    };

    let now = app.clock.now();
    let mut tx = app.db.begin(entity).await?;
    match (outcome, parsed) {
        (Ok(()), Ok(job)) => {
            store::done(&mut tx, entity, claimed.id).await?;
            if let Some(period) = job.period() {
                enqueue(&mut tx, entity, &job, now + period, now).await?;
            }
        }
        (Err(error), Ok(job)) if job.period().is_some() || claimed.attempts + 1 < ATTEMPTS_MAX => {
            tracing::warn!(kind = job.kind(), attempt = claimed.attempts + 1, %error, "a job failed");
            store::postpone(&mut tx, entity, claimed.id, now + back_off(claimed.attempts + 1), &error)
                .await?;
        }
        (outcome, _) => {
            let error = outcome.err().unwrap_or_default();
            tracing::error!(job = %claimed.id, %error, "a job failed for good; an operator decides");
            store::bury(&mut tx, entity, claimed.id, &error).await?;
        }
    }
    tx.commit().await?;
    Ok(true)
}

/// The whole chain of causes, for the account of failures.
fn describe(error: &crate::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(source) = cause {
        text = format!("{text}: {source}");
        cause = source.source();
    }
    text
}
