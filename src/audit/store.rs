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

/// An entry, with what it is about.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Kind of thing.
    pub object_kind: String,
    /// Which one.
    pub object_id: String,
    /// What happened to it.
    pub entry: Entry,
}

/// What happened of late, newest first; to one kind of thing, or to all.
pub async fn recent(
    conn: &mut PgConnection,
    entity: EntityId,
    object_kind: Option<&str>,
    limit: i64,
    offset: i64,
) -> Result<Vec<Listed>> {
    let rows = sqlx::query!(
        "select at, actor_kind, actor, action, object_kind, object_id, before, after from audit
         where entity_id = $1 and ($2::text is null or object_kind = $2)
         order by at desc, audit_id desc limit $3 offset $4",
        entity.0,
        object_kind,
        limit,
        offset,
    )
    .fetch_all(conn)
    .await?;
    let listed = rows.into_iter().map(|row| Listed {
        object_kind: row.object_kind,
        object_id: row.object_id,
        entry: Entry {
            at: row.at,
            actor_kind: row.actor_kind,
            actor: row.actor,
            action: row.action,
            before: row.before,
            after: row.after,
        },
    });
    Ok(listed.collect())
}

/// How many entries there are; about one kind of thing, or about all.
pub async fn count(conn: &mut PgConnection, entity: EntityId, object_kind: Option<&str>) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "n!" from audit where entity_id = $1 and ($2::text is null or object_kind = $2)"#,
        entity.0,
        object_kind,
    )
    .fetch_one(conn)
    .await?)
}

/// The kinds of thing that have entries.
pub async fn object_kinds(conn: &mut PgConnection, entity: EntityId) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        "select distinct object_kind from audit where entity_id = $1 order by object_kind",
        entity.0,
    )
    .fetch_all(conn)
    .await?)
}
