//! What there is, in lists: journals, flows, receipts, the books by account.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

use super::covering;
use super::explain::Transfer;
use super::store;
use super::store::entries::Entry;
use super::store::flows::FlowHead;
use super::store::lists::{AccountTotal, Fetched, JournalFile, ListedReceipt};
use crate::agenda::zone;
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::ids::ProvisionalEntryId;

/// What a page shows at most.
const SHOWN_MAX: i64 = 200;

/// The identifier of a provisional entry by its year and number, as people and accounting systems name it.
///
/// # Errors
/// `NotFound`.
pub async fn entry_id(
    conn: &mut PgConnection,
    entity: &Entity,
    year: i16,
    number: i64,
) -> Result<ProvisionalEntryId> {
    let id = store::lists::entry_id(conn, entity.id, year, number).await?;
    id.ok_or(Error::NotFound("provisional_entry"))
}

/// Some provisional entries, in the order in which they came.
pub async fn entries(
    conn: &mut PgConnection,
    entity: &Entity,
    ids: &[ProvisionalEntryId],
) -> Result<Vec<Entry>> {
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    store::entries::of_ids(conn, entity.id, &ids).await
}

/// The journal files, the last imported first.
pub async fn journals(conn: &mut PgConnection, entity: &Entity, limit: i64) -> Result<Vec<JournalFile>> {
    store::lists::journals(conn, entity.id, limit).await
}

/// The revisions that count of the flows whose name or transfer number holds a text, the newest first.
pub async fn flows(conn: &mut PgConnection, entity: &Entity, search: &str) -> Result<Vec<FlowHead>> {
    store::flows::found(conn, entity.id, search, SHOWN_MAX).await
}

/// When flows were last fetched, and how many came since an instant.
pub async fn fetched(conn: &mut PgConnection, entity: &Entity, since: DateTime<Utc>) -> Result<Fetched> {
    store::lists::fetched(conn, entity.id, since).await
}

/// The receipts of a day.
#[derive(Clone, Debug)]
pub struct DayOfReceipts {
    /// The day, in the entity's zone.
    pub date: NaiveDate,
    /// Its receipts, in the order of payment.
    pub receipts: Vec<ListedReceipt>,
    /// The day with receipts before it.
    pub before: Option<NaiveDate>,
    /// The day with receipts after it.
    pub after: Option<NaiveDate>,
}

/// The receipts paid on a day; without one, on the last day that has any.
pub async fn receipts(
    conn: &mut PgConnection,
    entity: &Entity,
    date: Option<NaiveDate>,
    now: DateTime<Utc>,
) -> Result<DayOfReceipts> {
    let day_of = |instant: DateTime<Utc>| instant.with_timezone(&entity.time_zone).date_naive();
    let date = match date {
        Some(date) => date,
        None => store::lists::last_paid(conn, entity.id, None).await?.map_or(day_of(now), day_of),
    };
    let (from, to) = zone::bounds(date, entity.time_zone);
    let mut receipts = store::lists::receipts(conn, entity.id, from, to).await?;
    let iuvs: Vec<String> = receipts.iter().map(|receipt| receipt.iuv.clone()).collect();
    let reports = covering::reports(conn, entity.id, &iuvs).await?;
    for receipt in &mut receipts {
        let is_of = |transfer: &Transfer| transfer.iuv == receipt.iuv && transfer.iur == receipt.iur;
        let mut transfers = reports.known.transfers.iter().enumerate();
        let reported = transfers.find_map(|(place, t)| reports.of(place).filter(|_| is_of(t)));
        receipt.flow = reported.map(|reported| reported.name.clone());
    }
    Ok(DayOfReceipts {
        date,
        receipts,
        before: store::lists::last_paid(conn, entity.id, Some(from)).await?.map(day_of),
        after: store::lists::first_paid(conn, entity.id, to).await?.map(day_of),
    })
}

/// What each account of the books stands at.
pub async fn accounts(conn: &mut PgConnection, entity: &Entity) -> Result<Vec<AccountTotal>> {
    store::lists::accounts(conn, entity.id).await
}
