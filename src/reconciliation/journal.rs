//! The treasurer's journal comes in: provisional entries open, are taken back, are covered by orders.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use sportello_treasury::journal::{
    self, Journal, Movement as Told, ProvisionalChange, ProvisionalChangeKind,
};
use sportello_treasury::remittance::{self, Certainty, Reference};
use sqlx::PgConnection;

use super::refusal;
use super::rematch::{Scope, rematch};
use super::state::{Change, Movement, Source, standing};
use super::store::entries::Receipts;
use super::store::{entries, matches, messages};
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::ids::{ProvisionalEntryId, TreasuryJournalId};
use crate::money::Cents;
use crate::secrets::sha256;

/// What became of a journal file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Import {
    /// It is new.
    New {
        /// How many provisional entries it touches.
        entries: usize,
        /// This page, from 1.
        page: u32,
        /// How many pages the day has: it is complete when all are there.
        pages: u32,
        /// What is odd in it: `sportello_treasury::journal::Finding`.
        findings: Vec<journal::Finding>,
    },
    /// This very file was imported before.
    Already,
}

/// Keeps a page of a treasurer's journal and reconciles the provisional entries it touches. Pages, days and years may come
/// in any order and more than once.
///
/// # Errors
/// `Invalid` on the field `file` where it cannot be read, with the place and the reason; `Refused("journal_of_another_entity")`.
pub async fn import_journal(
    conn: &mut PgConnection,
    entity: &Entity,
    bytes: &[u8],
    now: DateTime<Utc>,
) -> Result<Import> {
    let journal = journal::parse(bytes).map_err(|error| refusal::of_journal(&error))?;
    if journal.entity_fiscal_code != entity.fiscal_code {
        return Err(Error::Refused("journal_of_another_entity"));
    }
    // Before any row is held: whoever reconciles takes the lock and then the rows.
    matches::lock(conn, entity.id).await?;
    let id = TreasuryJournalId::new();
    if !entries::insert_journal(conn, entity.id, id, &sha256(bytes), &journal, now).await? {
        return Ok(Import::Already);
    }
    messages::insert(conn, entity.id, ("treasurer", "journal"), bytes, now).await?;
    let touched = keep_movements(conn, entity, id, &journal).await?;
    let mut changed = Vec::new();
    for (year, number) in &touched {
        changed.extend(retell(conn, entity, *year, *number).await?);
    }
    rematch(conn, entity.id, Scope::Entries(&changed), now).await?;
    Ok(Import::New {
        entries: touched.len(),
        page: journal.page,
        pages: journal.pages,
        findings: journal.findings,
    })
}

/// Keeps what each movement says of provisional entries; answers year and number of those touched.
async fn keep_movements(
    conn: &mut PgConnection,
    entity: &Entity,
    id: TreasuryJournalId,
    journal: &Journal,
) -> Result<BTreeSet<(i16, i64)>> {
    let mut touched = BTreeSet::new();
    let mut receipts: BTreeMap<i16, Vec<i64>> = BTreeMap::new();
    for (position, told) in (0..).zip(&journal.movements) {
        // An entry of nothing is a correction of the treasurer's books that moves no money.
        let of_entry = told.provisional_change().filter(|_| told.amount_cents != 0);
        if let Some(change) = of_entry {
            let (year, number) = key(&change)?;
            let movement = movement(told, position, Source::Entry, &change);
            let named = receipts_of(told, movement.change);
            entries::insert_movement(conn, entity.id, id, (year, number), &movement, named).await?;
            // A reversal tells of the entry it takes back, which need not be the one of its number.
            if named.reversed.is_none() {
                let is_opening = movement.change == Change::Opened;
                entries::put_told(conn, entity.id, (year, number), &as_told(told), is_opening).await?;
            }
            receipts.entry(year).or_default().extend(named.opened.into_iter().chain(named.reversed));
            touched.insert((year, number));
        }
        for change in told.order_changes() {
            let (year, number) = key(&change)?;
            let movement = movement(told, position, Source::Order, &change);
            let none = Receipts::default();
            entries::insert_movement(conn, entity.id, id, (year, number), &movement, none).await?;
            touched.insert((year, number));
        }
    }
    for (year, receipts) in receipts {
        let numbers = entries::with_receipts(conn, entity.id, year, &receipts).await?;
        touched.extend(numbers.into_iter().map(|number| (year, number)));
    }
    Ok(touched)
}

/// The receipts that tie a reversal to the entry it takes back.
fn receipts_of(told: &Told, change: Change) -> Receipts {
    let number = |receipt: Option<u64>| receipt.and_then(|number| i64::try_from(number).ok());
    match change {
        Change::Opened => Receipts { opened: number(told.receipt_number), reversed: None },
        Change::Cancelled => Receipts { opened: None, reversed: number(told.reversed_receipt_number) },
        Change::Regularised | Change::Reopened => Receipts::default(),
    }
}

fn key(change: &ProvisionalChange) -> Result<(i16, i64)> {
    let year = i16::try_from(change.year).ok();
    let number = i64::try_from(change.number).ok();
    year.zip(number).ok_or_else(refusal::impossible_number)
}

fn movement(told: &Told, position: i32, source: Source, change: &ProvisionalChange) -> Movement {
    let of_document = || format!("{}/{}", told.document_number, told.document_item.unwrap_or(0));
    Movement {
        source,
        movement: told.number.map_or_else(of_document, |number| number.to_string()),
        position,
        change: match change.kind {
            ProvisionalChangeKind::Opened => Change::Opened,
            ProvisionalChangeKind::Cancelled => Change::Cancelled,
            ProvisionalChangeKind::Regularised => Change::Regularised,
            ProvisionalChangeKind::Reopened => Change::Reopened,
        },
        amount: change.amount_cents.map(Cents),
        moved_on: told.date,
    }
}

/// What a movement says of a provisional entry besides what happened to it.
#[derive(Debug)]
pub(super) struct EntryTold {
    pub amount: Cents,
    pub booked_on: NaiveDate,
    pub value_on: Option<NaiveDate>,
    pub payer: String,
    pub remittance: String,
    pub end_to_end_id: String,
    pub operation_reference: String,
    pub reference: Option<(&'static str, String)>,
    pub certainty: &'static str,
}

fn as_told(told: &Told) -> EntryTold {
    let read = remittance::parse(&told.remittance);
    let reference = match read.reference {
        Reference::Flow(id) => Some(("flow", id)),
        Reference::FlowPrefix(prefix) => Some(("flow_prefix", prefix)),
        Reference::Iuv(iuv) => Some(("iuv", iuv)),
        Reference::IuvPrefix(prefix) => Some(("iuv_prefix", prefix)),
        // It speaks of pagoPA and was cut before it says of what: to be looked at by a person.
        Reference::None if read.truncated => Some(("flow_prefix", String::new())),
        Reference::None => None,
    };
    EntryTold {
        amount: Cents(told.amount_cents.abs()),
        booked_on: told.provisional_date.unwrap_or(told.date),
        value_on: told.value_date,
        payer: told.payer.clone().unwrap_or_default(),
        remittance: told.remittance.clone(),
        end_to_end_id: told.end_to_end_id.clone().unwrap_or_default(),
        operation_reference: told.operation_reference.clone().unwrap_or_default(),
        reference,
        certainty: match read.certainty {
            Certainty::Exact => "exact",
            Certainty::Inferred => "inferred",
            Certainty::None => "none",
        },
    }
}

/// Tells the life of an entry anew from all its movements. `None` for an entry that was only named so far, by orders or by
/// what takes it back.
async fn retell(
    conn: &mut PgConnection,
    entity: &Entity,
    year: i16,
    number: i64,
) -> Result<Option<ProvisionalEntryId>> {
    let movements = entries::movements(conn, entity.id, (year, number)).await?;
    match standing(&movements) {
        Some(standing) => entries::put_standing(conn, entity.id, (year, number), &standing).await,
        None => Ok(None),
    }
}
