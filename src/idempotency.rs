//! The first answer to a command, given again to whoever repeats it: a retry, a double click, a repeated callback.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use sqlx::PgConnection;

use crate::error::{Error, Result};
use crate::ids::EntityId;
use crate::secrets::sha256;

/// How long an answer is kept: longer than anybody tries again, and no longer, because it says who booked what.
const KEPT: TimeDelta = TimeDelta::days(7);

/// A command as its sender named it.
#[derive(Clone, Debug)]
pub struct Key<'a> {
    /// Which command, for whom: keys of different clients and commands do not meet.
    pub scope: &'a str,
    /// The sender's key.
    pub key: &'a str,
    /// The request: the same key with another one is an error.
    pub request: &'a [u8],
}

/// An answer given before.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body, or what is needed to give it again.
    pub body: Value,
}

/// Looks for the first answer, holding back a simultaneous request with the same key until the transaction ends:
/// the second of two double clicks waits and then finds the answer of the first.
pub async fn first_answer(
    conn: &mut PgConnection,
    entity: EntityId,
    key: &Key<'_>,
) -> Result<Option<Answer>> {
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended($1, 0))",
        format!("{entity}/{}/{}", key.scope, key.key),
    )
    .fetch_one(&mut *conn)
    .await?;
    let row = sqlx::query!(
        "select request_hash, status, answer from idempotency where entity_id = $1 and scope = $2 and key = $3",
        entity.0,
        key.scope,
        key.key,
    )
    .fetch_optional(conn)
    .await?;
    match row {
        None => Ok(None),
        Some(row) if row.request_hash != sha256(key.request) => Err(Error::KeyReused),
        Some(row) => {
            let status =
                u16::try_from(row.status).map_err(|_| Error::Inconsistent("idempotency.status".into()))?;
            Ok(Some(Answer { status, body: row.answer }))
        }
    }
}

/// Keeps the answer, in the transaction of the command itself.
pub async fn keep_answer(
    conn: &mut PgConnection,
    entity: EntityId,
    key: &Key<'_>,
    answer: &Answer,
    at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "insert into idempotency (entity_id, scope, key, request_hash, status, answer, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        entity.0,
        key.scope,
        key.key,
        sha256(key.request),
        i32::from(answer.status),
        answer.body,
        at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets the answers nobody asks for any more.
pub async fn forget_old(conn: &mut PgConnection, entity: EntityId, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!("delete from idempotency where entity_id = $1 and created_at < $2", entity.0, now - KEPT)
        .execute(conn)
        .await?;
    Ok(())
}
