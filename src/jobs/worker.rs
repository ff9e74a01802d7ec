//! The worker: claims due jobs, runs them, keeps the account of failures.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::FutureExt as _;
use sqlx::postgres::PgListener;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
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
/// An entity's turn: after so many jobs, others that wait come first.
const TURN_MAX: usize = 20;

/// Works until told to stop; then finishes what it has begun.
pub async fn run(app: App, stop: CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => return,
        () = schedule_all(&app) => {}
    }
    let turns = Turns::new(app.config.worker.jobs_max);
    let tasks = TaskTracker::new();
    let mut listener = listen(&app).await;
    while !stop.is_cancelled() {
        if let Err(error) = round(&app, &turns, &tasks, &stop).await {
            tracing::error!(%error, "the worker cannot look for jobs; trying again");
        }
        let poll = Duration::from_secs(app.config.worker.poll_s);
        tokio::select! {
            () = stop.cancelled() => {}
            () = turns.ended.notified() => {}
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

/// Who works for whom: so many entities side by side, each by one task alone, so that an entity whose peer hangs holds
/// up nobody but itself.
struct Turns {
    slots: Arc<Semaphore>,
    busy: Arc<Mutex<HashSet<EntityId>>>,
    /// Told when a turn ended: there may be more to do for its entity.
    ended: Arc<Notify>,
}

/// The right to work for an entity, given back when dropped.
struct Turn {
    entity: EntityId,
    busy: Arc<Mutex<HashSet<EntityId>>>,
    _slot: OwnedSemaphorePermit,
}

impl Turns {
    fn new(slots: usize) -> Self {
        Self { slots: Arc::new(Semaphore::new(slots)), busy: Arc::default(), ended: Arc::default() }
    }

    /// Waits for a slot; `None` where the entity is being worked for.
    async fn take(&self, entity: EntityId) -> Option<Turn> {
        if locked(&self.busy).contains(&entity) {
            return None;
        }
        let slot = Arc::clone(&self.slots).acquire_owned().await.expect("the semaphore is never closed");
        locked(&self.busy).insert(entity);
        Some(Turn { entity, busy: Arc::clone(&self.busy), _slot: slot })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        locked(&self.busy).remove(&self.entity);
    }
}

fn locked(busy: &Mutex<HashSet<EntityId>>) -> std::sync::MutexGuard<'_, HashSet<EntityId>> {
    busy.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Gives a turn to each entity that has due work.
async fn round(app: &App, turns: &Turns, tasks: &TaskTracker, stop: &CancellationToken) -> Result<()> {
    for entity in due_entities(app).await? {
        let turn = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            turn = turns.take(entity) => turn,
        };
        let Some(turn) = turn else { continue };
        let (app, stop, ended) = (app.clone(), stop.clone(), Arc::clone(&turns.ended));
        tasks.spawn(async move {
            let outcome = work(&app, entity, &stop).await;
            drop(turn);
            match outcome {
                // Also where nothing was left: a job that came a moment ago found its entity busy.
                Ok(()) => ended.notify_one(),
                Err(error) => tracing::error!(%error, %entity, "the queue of an entity cannot be worked"),
            }
        });
    }
    Ok(())
}

/// One turn of an entity.
async fn work(app: &App, entity: EntityId, stop: &CancellationToken) -> Result<()> {
    for _ in 0..TURN_MAX {
        if stop.is_cancelled() || !run_one(app, entity).await? {
            break;
        }
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
        // It may be what the worker died of: it is not tried for ever.
        Ok(job) if claimed.was_abandoned && is_last(job, claimed.attempts) => Err("abandoned".to_owned()),
        Ok(job) => attempt(app, entity, job).await,
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
        (Err(error), Ok(job)) if !is_last(&job, claimed.attempts) => {
            tracing::warn!(kind = job.kind(), attempt = claimed.attempts, %error, "a job failed");
            store::postpone(&mut tx, entity, claimed.id, now + back_off(claimed.attempts), &error).await?;
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

/// Runs a job's handler; one that hangs or panics has failed like any other.
async fn attempt(app: &App, entity: EntityId, job: &Job) -> Result<(), String> {
    let handled = AssertUnwindSafe(super::handlers::handle(app, entity, job)).catch_unwind();
    match tokio::time::timeout(RUN_MAX, handled).await {
        Ok(Ok(outcome)) => outcome.map_err(|error| describe(&error)),
        Ok(Err(_)) => Err("panicked".to_owned()),
        Err(_) => Err("took_too_long".to_owned()),
    }
}

/// Whether no attempt follows this one. Jobs that come back by themselves are never given up.
fn is_last(job: &Job, attempt: i32) -> bool {
    job.period().is_none() && attempt >= ATTEMPTS_MAX
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
