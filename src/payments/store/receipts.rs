//! Receipts and the messages they came with.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::Result;
use crate::ids::{DebtPositionId, EntityId, PeerMessageId, ReceiptId};
use crate::money::Cents;
use crate::payments::receipt::{Receipt, ReceiptTransfer};

macro_rules! receipt_query {
    ($condition:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            Receipt,
            r#"select receipt_id as "id: ReceiptId", iur, debt_position_id as "position: DebtPositionId", nav, iuv,
                amount_cents as "amount: Cents", description, psp_id, psp_name, psp_fiscal_code, payment_method,
                fee_cents as "fee: Cents", payer_name, paid_at, applied_on, transfer_on, stand_in,
                peer_message_id as "message: PeerMessageId", received_at
             from receipt where entity_id = $1 and "# + $condition,
            $($argument),*
        )
    };
}

/// The first receipt of each position.
pub async fn first_of_positions(
    conn: &mut PgConnection,
    entity: EntityId,
    positions: &[Uuid],
) -> Result<HashMap<DebtPositionId, Receipt>> {
    let receipts = receipt_query!(
        "debt_position_id = any($2) order by received_at desc, receipt_id desc",
        entity.0,
        positions
    )
    .fetch_all(conn)
    .await?;
    // The last one that is put under a key is the oldest.
    Ok(receipts.into_iter().filter_map(|receipt| Some((receipt.position?, receipt))).collect())
}

/// By the platform's identifier. A simultaneous delivery of the same receipt waits until the transaction ends.
pub async fn lock_by_iur(conn: &mut PgConnection, entity: EntityId, iur: &str) -> Result<Option<Receipt>> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 0))", format!("{entity}/receipt/{iur}"))
        .fetch_one(&mut *conn)
        .await?;
    Ok(receipt_query!("iur = $2", entity.0, iur).fetch_optional(conn).await?)
}

/// Adds a receipt with its transfers.
pub async fn insert(
    conn: &mut PgConnection,
    entity: EntityId,
    receipt: &Receipt,
    transfers: &[ReceiptTransfer],
) -> Result<()> {
    sqlx::query!(
        "insert into receipt (entity_id, receipt_id, iur, debt_position_id, nav, iuv, amount_cents, description, psp_id,
            psp_name, psp_fiscal_code, payment_method, fee_cents, payer_name, paid_at, applied_on, transfer_on, stand_in,
            peer_message_id, received_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)",
        entity.0,
        receipt.id.0,
        receipt.iur,
        receipt.position.map(|id| id.0),
        receipt.nav,
        receipt.iuv,
        receipt.amount.0,
        receipt.description,
        receipt.psp_id,
        receipt.psp_name,
        receipt.psp_fiscal_code,
        receipt.payment_method,
        receipt.fee.map(|fee| fee.0),
        receipt.payer_name,
        receipt.paid_at,
        receipt.applied_on,
        receipt.transfer_on,
        receipt.stand_in,
        receipt.message.0,
        receipt.received_at,
    )
    .execute(&mut *conn)
    .await?;
    for transfer in transfers {
        sqlx::query!(
            "insert into receipt_transfer (entity_id, receipt_id, transfer_index, beneficiary_fiscal_code, iban,
                amount_cents, taxonomy, remittance)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
            entity.0,
            receipt.id.0,
            transfer.transfer_index,
            transfer.beneficiary_fiscal_code,
            transfer.iban,
            transfer.amount.0,
            transfer.taxonomy,
            transfer.remittance,
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// Something the platform sent, as it was.
#[derive(Debug)]
pub struct Message<'a> {
    /// Its identifier.
    pub id: PeerMessageId,
    /// `paSendRTV2`.
    pub operation: &'static str,
    /// `accepted`, `repeated` or `refused`.
    pub outcome: &'static str,
    /// What is odd about it, or why it was refused.
    pub detail: Option<String>,
    /// The bytes.
    pub body: &'a [u8],
}

/// Keeps what was sent to the station and concerns no entity of the installation.
pub async fn keep_stray(
    conn: &mut PgConnection,
    id: PeerMessageId,
    reason: &str,
    body: &[u8],
    at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!("select keep_stray_message($1, $2, 'pagopa', $3, $4)", id.0, at, reason, body)
        .execute(conn)
        .await?;
    Ok(())
}

/// Keeps what the platform sent.
pub async fn insert_message(
    conn: &mut PgConnection,
    entity: EntityId,
    message: &Message<'_>,
    at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "insert into peer_message (entity_id, peer_message_id, at, peer, operation, outcome, detail, body)
         values ($1, $2, $3, 'pagopa', $4, $5, $6, $7)",
        entity.0,
        message.id.0,
        at,
        message.operation,
        message.outcome,
        message.detail,
        message.body,
    )
    .execute(conn)
    .await?;
    Ok(())
}
