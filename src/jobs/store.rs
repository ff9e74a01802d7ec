//! All SQL of the queue.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use sqlx::PgConnection;

use crate::error::{Result, expect_one};
use crate::ids::{EntityId, JobId};

/// A claimed job.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// Its identifier.
    pub id: JobId,
    /// What to do.
    pub payload: Value,
    /// How often it was taken, this time included.
    pub attempts: i32,
    /// Whether whoever took it before was never heard of again.
    pub was_abandoned: bool,
}

/// A job that failed too often, for the page where an operator decides.
#[derive(Clone, Debug)]
pub struct Dead {
    /// Its identifier.
    pub id: JobId,
    /// Its kind.
    pub kind: String,
    /// What it was to do.
    pub payload: Value,
    /// How often it was tried.
    pub attempts: i32,
    /// The last reason.
    pub last_error: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// Adds a job; where one of the same kind and key waits already, the earlier due time stands.
pub async fn insert(
    conn: &mut PgConnection,
    entity: EntityId,
    kind: &str,
    dedup_key: &str,
    payload: &Value,
    run_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "insert into job (entity_id, job_id, kind, dedup_key, payload, run_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (entity_id, kind, dedup_key) where dedup_key is not null and state = 'waiting'
         do update set run_at = least(job.run_at, excluded.run_at), payload = excluded.payload",
        entity.0,
        JobId::new().0,
        kind,
        dedup_key,
        payload,
        run_at,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The entities that have due work. The only look across tenants, and it answers identifiers alone.
pub async fn entities_with_due_jobs(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<Vec<EntityId>> {
    Ok(sqlx::query_scalar!(r#"select entities_with_due_jobs($1) as "id!: EntityId""#, now)
        .fetch_all(conn)
        .await?)
}

/// Claims one due job: nobody else gets it until `lease` has passed, even if this worker dies. The attempt is counted
/// now, because a worker that dies of the job cannot count it later. The job stops standing for its key, so that the same
/// job, added while this one runs, waits for a run of its own.
pub async fn claim(
    conn: &mut PgConnection,
    entity: EntityId,
    now: DateTime<Utc>,
    lease: TimeDelta,
) -> Result<Option<Claimed>> {
    Ok(sqlx::query_as!(
        Claimed,
        r#"update job set locked_until = $3, dedup_key = null, attempts = attempts + 1
           from (select job_id, locked_until is not null as was_abandoned from job
               where entity_id = $1 and state = 'waiting' and run_at <= $2
                 and (locked_until is null or locked_until <= $2)
               order by run_at, job_id for update skip locked limit 1) due
           where job.entity_id = $1 and job.job_id = due.job_id
           returning job.job_id as "id: JobId", payload, attempts, was_abandoned as "was_abandoned!""#,
        entity.0,
        now,
        now + lease,
    )
    .fetch_optional(conn)
    .await?)
}

/// Whether a worker has a job of this entity in hand.
pub async fn is_any_in_hand(conn: &mut PgConnection, entity: EntityId, now: DateTime<Utc>) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists(select from job
            where entity_id = $1 and state = 'waiting' and locked_until > $2) as "any!""#,
        entity.0,
        now,
    )
    .fetch_one(conn)
    .await?)
}

/// Removes a job that is done. `false` where its lease ran out and another worker removed it first.
pub async fn done(conn: &mut PgConnection, entity: EntityId, job: JobId) -> Result<bool> {
    let result = sqlx::query!("delete from job where entity_id = $1 and job_id = $2", entity.0, job.0)
        .execute(conn)
        .await?;
    Ok(result.rows_affected() == 1)
}

/// Puts a job back for a later try. `false` where its lease ran out and another worker had it and is done.
pub async fn postpone(
    conn: &mut PgConnection,
    entity: EntityId,
    job: JobId,
    run_at: DateTime<Utc>,
    error: &str,
) -> Result<bool> {
    let result = sqlx::query!(
        "update job set run_at = $3, last_error = $4, locked_until = null
         where entity_id = $1 and job_id = $2",
        entity.0,
        job.0,
        run_at,
        error,
    )
    .execute(conn)
    .await?;
    Ok(result.rows_affected() == 1)
}

/// Gives up on a job until an operator decides. `false` as for [`postpone`].
pub async fn bury(conn: &mut PgConnection, entity: EntityId, job: JobId, error: &str) -> Result<bool> {
    let result = sqlx::query!(
        "update job set state = 'dead', last_error = $3, locked_until = null
         where entity_id = $1 and job_id = $2",
        entity.0,
        job.0,
        error,
    )
    .execute(conn)
    .await?;
    Ok(result.rows_affected() == 1)
}

/// The dead jobs, newest first.
pub async fn dead(conn: &mut PgConnection, entity: EntityId) -> Result<Vec<Dead>> {
    Ok(sqlx::query_as!(
        Dead,
        r#"select job_id as "id: JobId", kind, payload, attempts, last_error, created_at
           from job where entity_id = $1 and state = 'dead' order by created_at desc limit 200"#,
        entity.0,
    )
    .fetch_all(conn)
    .await?)
}

/// Gives a dead job another life.
pub async fn revive(conn: &mut PgConnection, entity: EntityId, job: JobId, now: DateTime<Utc>) -> Result<()> {
    let result = sqlx::query!(
        "update job set state = 'waiting', attempts = 0, run_at = $3
         where entity_id = $1 and job_id = $2 and state = 'dead'",
        entity.0,
        job.0,
        now,
    )
    .execute(conn)
    .await?;
    expect_one(&result, "job")
}
