//! What waits for the accountant.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::Serialize;
use sqlx::PgConnection;

use super::covering;
use super::explain::Transfer;
use super::label::Label;
use super::ledger::{self, Account, read_transfer_subject};
use super::store;
use super::store::entries::{Entry, Filter};
use super::store::flows::FlowHead;
use super::store::views::Totals;
use crate::entity::Entity;
use crate::error::Result;
use crate::money::Cents;

/// An entity regularises within so many days (TUEL, D.Lgs. 267/2000, art. 180 c. 4).
pub const DAYS_TO_REGULARISE: u64 = 60;
/// A payment is reported by the second day after its own, revised until the fourth (SANP, reporting): later than that, and
/// a day in hand, the flow is missing.
const DAYS_TO_REPORT: i64 = 5;
/// What a page shows at most; the totals count everything.
pub const SHOWN_MAX: usize = 500;

/// What waits for the accountant, the oldest first.
#[derive(Clone, Debug, Serialize)]
pub struct Worklist {
    /// Provisional entries.
    pub entries: Vec<EntrySummary>,
    /// Flows without a credit, or about which something does not agree.
    pub flows: Vec<FlowHead>,
    /// Payments whose money is not in the treasury as it should be.
    pub payments: Vec<PendingPayment>,
    /// Sums over everything.
    pub totals: Totals,
}

/// A provisional entry with its deadline.
#[derive(Clone, Debug, Serialize)]
pub struct EntrySummary {
    /// The entry, with its labels.
    #[serde(flatten)]
    pub entry: Entry,
    /// The last day to regularise it.
    pub due_on: NaiveDate,
    /// How many days are left; negative: overdue.
    pub days_left: i64,
}

/// A transfer of a receipt whose in-transit account is not at zero.
#[derive(Clone, Debug, Serialize)]
pub struct PendingPayment {
    /// IUV.
    pub iuv: String,
    /// IUR.
    pub iur: String,
    /// The transfer.
    pub transfer_index: i16,
    /// What is in transit; negative: more came than was paid.
    pub amount: Cents,
    /// When it was paid.
    pub paid_at: DateTime<Utc>,
    /// Through whom.
    pub psp_name: String,
    /// Why it is here: no flow reports it, its flow has no (full) credit, or the amounts differ.
    pub label: Label,
    /// How many days ago it was paid.
    pub days: i64,
}

/// Puts the work list together. Payments are on it when they have waited longer than reporting takes, or when something
/// about them does not agree.
pub async fn worklist(
    conn: &mut PgConnection,
    entity: &Entity,
    filter: &Filter,
    now: DateTime<Utc>,
) -> Result<Worklist> {
    let today = now.with_timezone(&entity.time_zone).date_naive();
    let limit = i64::try_from(SHOWN_MAX).unwrap_or(i64::MAX);
    let entries = store::entries::filtered(conn, entity.id, filter, limit).await?;
    Ok(Worklist {
        entries: entries.into_iter().map(|entry| summary(entry, today)).collect(),
        flows: store::flows::open(conn, entity.id, limit).await?,
        payments: pending(conn, entity, today).await?,
        totals: store::views::totals(conn, entity.id, today - Days::new(DAYS_TO_REGULARISE)).await?,
    })
}

/// An entry with its deadline.
pub(super) fn summary(entry: Entry, today: NaiveDate) -> EntrySummary {
    let due_on = entry.booked_on + Days::new(DAYS_TO_REGULARISE);
    EntrySummary { due_on, days_left: (due_on - today).num_days(), entry }
}

async fn pending(conn: &mut PgConnection, entity: &Entity, today: NaiveDate) -> Result<Vec<PendingPayment>> {
    let balances = ledger::balances(conn, entity.id, Account::InTransit).await?;
    let open: Vec<(&str, &str, i16, Cents)> = balances
        .iter()
        .filter_map(|balance| {
            let (iuv, iur, index) = read_transfer_subject(&balance.subject)?;
            Some((iuv, iur, index, balance.amount))
        })
        .collect();
    let iuvs: Vec<String> =
        open.iter().map(|(iuv, ..)| (*iuv).to_owned()).collect::<BTreeSet<_>>().into_iter().collect();
    let receipts = store::views::receipts(conn, entity.id, &iuvs).await?;
    let reports = covering::reports(conn, entity.id, &iuvs).await?;
    let mut pending = Vec::new();
    for (iuv, iur, transfer_index, amount) in open {
        let is_this = |(_, transfer): &(usize, &Transfer)| {
            transfer.iuv == iuv && transfer.iur == iur && transfer.index == transfer_index
        };
        let receipt = receipts.iter().find(|receipt| receipt.iur == iur);
        let transfer = reports.known.transfers.iter().enumerate().find(is_this);
        let Some(((place, transfer), receipt)) = transfer.zip(receipt) else { continue };
        let days = (today - transfer.paid_at.with_timezone(&entity.time_zone).date_naive()).num_days();
        let label = match reports.of(place) {
            None => Label::RtNoIuf,
            Some(reported) if reported.row.amount != transfer.amount => Label::RtIufDivImp,
            Some(_) => Label::RtIuf,
        };
        if label == Label::RtIufDivImp || days > DAYS_TO_REPORT {
            pending.push(PendingPayment {
                iuv: iuv.to_owned(),
                iur: iur.to_owned(),
                transfer_index,
                amount,
                paid_at: transfer.paid_at,
                psp_name: receipt.psp_name.clone(),
                label,
                days,
            });
        }
    }
    pending.sort_by_key(|payment| payment.paid_at);
    Ok(pending)
}
