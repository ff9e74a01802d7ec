//! What peers sent, as it was.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::error::Result;
use crate::ids::{EntityId, PeerMessageId};

/// Keeps what a peer sent.
pub(in crate::reconciliation) async fn insert(
    conn: &mut PgConnection,
    entity: EntityId,
    (peer, operation): (&'static str, &'static str),
    body: &[u8],
    at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "insert into peer_message (entity_id, peer_message_id, at, peer, operation, outcome, body)
         values ($1, $2, $3, $4, $5, 'accepted', $6)",
        entity.0,
        PeerMessageId::new().0,
        at,
        peer,
        operation,
        body,
    )
    .execute(conn)
    .await?;
    Ok(())
}
