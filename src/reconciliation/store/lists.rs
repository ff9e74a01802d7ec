//! What there is, in lists.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use sqlx::PgConnection;

use crate::error::Result;
use crate::ids::{EntityId, ProvisionalEntryId};
use crate::money::Cents;
use crate::reconciliation::ledger::Account;

/// The identifier of an entry.
pub(in crate::reconciliation) async fn entry_id(
    conn: &mut PgConnection,
    entity: EntityId,
    year: i16,
    number: i64,
) -> Result<Option<ProvisionalEntryId>> {
    Ok(sqlx::query_scalar!(
        r#"select provisional_entry_id as "id: ProvisionalEntryId" from provisional_entry
         where entity_id = $1 and year = $2 and number = $3"#,
        entity.0,
        year,
        number,
    )
    .fetch_optional(conn)
    .await?)
}

/// A page of a journal that was imported.
#[derive(Clone, Debug, Serialize)]
pub struct JournalFile {
    /// The treasurer's name of it.
    pub bank_flow_id: String,
    /// Its page, from 1.
    pub page: i32,
    /// Of how many.
    pub pages: i32,
    /// Fiscal year.
    pub year: i16,
    /// Its day.
    pub reference_on: NaiveDate,
    /// How many movements it has.
    pub movements: i32,
    /// When it came.
    pub imported_at: DateTime<Utc>,
    /// How many pages of it are there.
    pub pages_there: i64,
}

/// Journal files, the last imported first.
pub(in crate::reconciliation) async fn journals(
    conn: &mut PgConnection,
    entity: EntityId,
    limit: i64,
) -> Result<Vec<JournalFile>> {
    Ok(sqlx::query_as!(
        JournalFile,
        r#"select j.bank_flow_id, j.page, j.pages, j.year, j.reference_on, j.movements, j.imported_at,
            (select count(distinct o.page) from treasury_journal o where o.entity_id = j.entity_id
                and split_part(o.bank_flow_id, '#', 1) = split_part(j.bank_flow_id, '#', 1)) as "pages_there!"
         from treasury_journal j where j.entity_id = $1 order by j.imported_at desc, j.page limit $2"#,
        entity.0,
        limit,
    )
    .fetch_all(conn)
    .await?)
}

/// How the fetch of flows stands.
#[derive(Clone, Copy, Debug)]
pub struct Fetched {
    /// The last time; `None`: never.
    pub at: Option<DateTime<Utc>>,
    /// How many revisions came since the instant asked about.
    pub since: i64,
}

/// How the fetch of flows stands.
pub(in crate::reconciliation) async fn fetched(
    conn: &mut PgConnection,
    entity: EntityId,
    since: DateTime<Utc>,
) -> Result<Fetched> {
    Ok(sqlx::query_as!(
        Fetched,
        r#"select (select fetched_at from flow_cursor where entity_id = $1) as at,
            (select count(*) from remittance_flow where entity_id = $1 and imported_at >= $2) as "since!""#,
        entity.0,
        since,
    )
    .fetch_one(conn)
    .await?)
}

/// A receipt in a list, with what it is for and where its money is reported.
#[derive(Clone, Debug, Serialize)]
pub struct ListedReceipt {
    /// IUV.
    pub iuv: String,
    /// The platform's id of it.
    pub iur: String,
    /// How much.
    pub amount: Cents,
    /// When it was paid.
    pub paid_at: DateTime<Utc>,
    /// Through whom.
    pub psp_name: String,
    /// Who paid, else the debtor; empty: not known.
    pub payer_name: String,
    /// What it is for; empty: no position of ours.
    pub description: String,
    /// The flow that reports it.
    pub flow: Option<String>,
}

/// The receipts paid in an interval, in the order of payment; which flow reports them is not said.
pub(in crate::reconciliation) async fn receipts(
    conn: &mut PgConnection,
    entity: EntityId,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<ListedReceipt>> {
    Ok(sqlx::query_as!(
        ListedReceipt,
        r#"select r.iuv, r.iur, r.amount_cents as "amount: Cents", r.paid_at, r.psp_name,
            coalesce(nullif(r.payer_name, ''), p.debtor_name, '') as "payer_name!",
            coalesce(p.description, '') as "description!",
            null::text as flow
         from receipt r left join debt_position p using (entity_id, debt_position_id)
         where r.entity_id = $1 and r.paid_at >= $2 and r.paid_at < $3 order by r.paid_at, r.receipt_id"#,
        entity.0,
        from,
        to,
    )
    .fetch_all(conn)
    .await?)
}

/// The last payment, before an instant where one is given.
pub(in crate::reconciliation) async fn last_paid(
    conn: &mut PgConnection,
    entity: EntityId,
    before: Option<DateTime<Utc>>,
) -> Result<Option<DateTime<Utc>>> {
    Ok(sqlx::query_scalar!(
        "select max(paid_at) from receipt where entity_id = $1 and ($2::timestamptz is null or paid_at < $2)",
        entity.0,
        before,
    )
    .fetch_one(conn)
    .await?)
}

/// The first payment from an instant on.
pub(in crate::reconciliation) async fn first_paid(
    conn: &mut PgConnection,
    entity: EntityId,
    from: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>> {
    Ok(sqlx::query_scalar!(
        "select min(paid_at) from receipt where entity_id = $1 and paid_at >= $2",
        entity.0,
        from,
    )
    .fetch_one(conn)
    .await?)
}

/// What an account stands at.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct AccountTotal {
    /// Which.
    pub account: Account,
    /// Debit positive, credit negative.
    pub amount: Cents,
    /// How many of its sub-accounts are not at zero.
    pub open: i64,
}

/// What each account that was ever used stands at.
pub(in crate::reconciliation) async fn accounts(
    conn: &mut PgConnection,
    entity: EntityId,
) -> Result<Vec<AccountTotal>> {
    Ok(sqlx::query_as!(
        AccountTotal,
        r#"select account as "account: Account", sum(amount_cents)::bigint as "amount!: Cents",
            count(*) filter (where amount_cents <> 0) as "open!"
         from ledger_balance where entity_id = $1 group by account
         order by array_position(array['income', 'receivable', 'in_transit', 'treasury', 'unidentified', 'elsewhere'], account)"#,
        entity.0,
    )
    .fetch_all(conn)
    .await?)
}
