use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;

use super::{Actor, Change};
use crate::error::Result;
use crate::ids::{AuditId, EntityId};

/// An entry of the record.
#[derive(Clone, Debug)]
pub struct Entry {
    /// When.
    pub at: DateTime<Utc>,
    /// Kind of who.
    pub actor_kind: String,
    /// Who.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// How it was.
    pub before: Option<Value>,
    /// How it is.
    pub after: Option<Value>,
}

/// Puts a change on record, in the transaction that makes it.
pub async fn record(
    conn: &mut PgConnection,
    entity: EntityId,
    at: DateTime<Utc>,
    actor: &Actor,
    change: Change<'_>,
) -> Result<()> {
    sqlx::query!(
        "insert into audit (entity_id, audit_id, at, actor_kind, actor, action, object_kind, object_id, before, after)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        entity.0,
        AuditId::new().0,
        at,
        actor.kind(),
        actor.name(),
        change.action,
        change.object_kind,
        change.object_id,
        change.before,
        change.after,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The history of one thing, oldest first.
pub async fn of_object(
    conn: &mut PgConnection,
    entity: EntityId,
    object_kind: &str,
    object_id: &str,
) -> Result<Vec<Entry>> {
    Ok(sqlx::query_as!(
        Entry,
        "select at, actor_kind, actor, action, before, after from audit
         where entity_id = $1 and object_kind = $2 and object_id = $3 order by at, audit_id",
        entity.0,
        object_kind,
        object_id,
    )
    .fetch_all(conn)
    .await?)
}
