//! The books.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::error::Result;
use crate::ids::{EntityId, LedgerTransactionId, ProvisionalEntryId};
use crate::money::Cents;
use crate::reconciliation::ledger::{Account, Balance, Posting};

/// A transaction without its postings.
#[derive(Debug)]
pub(in crate::reconciliation) struct Head {
    /// Why.
    pub reason: &'static str,
    /// What it books, once per reason.
    pub reference: String,
    /// The transaction it undoes.
    pub reverses: Option<LedgerTransactionId>,
}

/// Adds a transaction; one with the same reason and reference stands as it is.
pub(in crate::reconciliation) async fn append(
    conn: &mut PgConnection,
    entity: EntityId,
    head: &Head,
    postings: &[Posting],
    now: DateTime<Utc>,
) -> Result<()> {
    let id = LedgerTransactionId::new();
    let added = sqlx::query!(
        "insert into ledger_transaction (entity_id, ledger_transaction_id, at, reason, reference, reverses)
         values ($1, $2, $3, $4, $5, $6) on conflict (entity_id, reason, reference) do nothing",
        entity.0,
        id.0,
        now,
        head.reason,
        head.reference,
        head.reverses.map(|id| id.0),
    )
    .execute(&mut *conn)
    .await?;
    if added.rows_affected() == 0 {
        return Ok(());
    }
    let accounts: Vec<String> = postings.iter().map(|posting| posting.account.as_str().to_owned()).collect();
    let subjects: Vec<String> = postings.iter().map(|posting| posting.subject.clone()).collect();
    let amounts: Vec<i64> = postings.iter().map(|posting| posting.amount.0).collect();
    sqlx::query!(
        "insert into ledger_posting (entity_id, ledger_transaction_id, posting_index, account, subject, amount_cents)
         select $1, $2, place, account, subject, amount
         from unnest($3::text[], $4::text[], $5::bigint[]) with ordinality as p (account, subject, amount, place)",
        entity.0,
        id.0,
        &accounts,
        &subjects,
        &amounts,
    )
    .execute(&mut *conn)
    .await?;
    // Postings are in a fixed order, so that two transactions take the rows they share in the same order.
    sqlx::query!(
        "insert into ledger_balance as b (entity_id, account, subject, amount_cents)
         select $1, account, subject, amount
         from unnest($2::text[], $3::text[], $4::bigint[]) as p (account, subject, amount)
         on conflict (entity_id, account, subject) do update set amount_cents = b.amount_cents + excluded.amount_cents",
        entity.0,
        &accounts,
        &subjects,
        &amounts,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// How often an entry was explained, and the explanation that stands.
pub(in crate::reconciliation) async fn cashings_of(
    conn: &mut PgConnection,
    entity: EntityId,
    entry: ProvisionalEntryId,
) -> Result<(i64, Option<(LedgerTransactionId, Vec<Posting>)>)> {
    // Every explanation moves the treasury's sub-account of the entry.
    let rows = sqlx::query!(
        r#"select t.ledger_transaction_id as "id: LedgerTransactionId",
            exists (select from ledger_transaction r
                where r.entity_id = t.entity_id and r.reverses = t.ledger_transaction_id) as "is_reversed!"
         from ledger_posting p join ledger_transaction t using (entity_id, ledger_transaction_id)
         where p.entity_id = $1 and p.account = 'treasury' and p.subject = $2 and t.reason = 'cashed'"#,
        entity.0,
        entry.to_string(),
    )
    .fetch_all(&mut *conn)
    .await?;
    let round = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let Some(standing) = rows.into_iter().find(|row| !row.is_reversed) else {
        return Ok((round, None));
    };
    let postings = sqlx::query_as!(
        Posting,
        r#"select account as "account: Account", subject, amount_cents as "amount: Cents" from ledger_posting
         where entity_id = $1 and ledger_transaction_id = $2 order by posting_index"#,
        entity.0,
        standing.id.0,
    )
    .fetch_all(conn)
    .await?;
    Ok((round, Some((standing.id, postings))))
}

/// The sub-accounts of an account that are not at zero.
pub(in crate::reconciliation) async fn balances(
    conn: &mut PgConnection,
    entity: EntityId,
    account: Account,
) -> Result<Vec<Balance>> {
    Ok(sqlx::query_as!(
        Balance,
        r#"select account as "account: Account", subject, amount_cents as "amount: Cents" from ledger_balance
         where entity_id = $1 and account = $2 and amount_cents <> 0 order by subject"#,
        entity.0,
        account.as_str(),
    )
    .fetch_all(conn)
    .await?)
}

/// What one sub-account stands at.
pub(in crate::reconciliation) async fn balance(
    conn: &mut PgConnection,
    entity: EntityId,
    account: Account,
    subject: &str,
) -> Result<Cents> {
    let found = sqlx::query_scalar!(
        "select amount_cents from ledger_balance where entity_id = $1 and account = $2 and subject = $3",
        entity.0,
        account.as_str(),
        subject,
    )
    .fetch_optional(conn)
    .await?;
    Ok(found.map_or(Cents::ZERO, Cents))
}
