//! Reads what is needed to say how credits cover flows and single payments, for many of them at once.

use std::collections::{BTreeSet, HashMap};

use sqlx::PgConnection;
use uuid::Uuid;

use super::explain::{Explained, Knowledge, Outcome, Row, explain, signed};
use super::matching::Target;
use super::plan::{Covering, Credit};
use super::store::facts::{self, Reported};
use super::store::flows::{self, FlowHead};
use crate::error::Result;
use crate::ids::{EntityId, RemittanceFlowId};

/// What credits cover, with what is known of the payments.
#[derive(Debug, Default)]
pub(super) struct Coverings {
    /// What is known; shares and transfers are named by their place in it.
    pub known: Knowledge,
    /// One for each target that is there, in the order asked for.
    pub list: Vec<(Target, Basis, Covering)>,
}

/// Where rows come from.
#[derive(Clone, Debug)]
pub(super) enum Basis {
    /// The latest revision of a flow.
    Flow(Box<FlowHead>),
    /// The receipts of one IUV that no flow reports.
    Receipts,
}

/// Reads and explains. A flow of which no revision is there is left out.
pub(super) async fn load(conn: &mut PgConnection, entity: EntityId, targets: &[Target]) -> Result<Coverings> {
    if targets.is_empty() {
        return Ok(Coverings::default());
    }
    let mut heads: HashMap<Target, FlowHead> = HashMap::new();
    for head in flows::latest_of(conn, entity, targets).await? {
        heads.insert(head.target(), head);
    }
    let ids: Vec<Uuid> = heads.values().map(|head| head.id.0).collect();
    let rows = facts::rows_of_flows(conn, entity, &ids).await?;
    let iuvs = iuvs_of(&rows, targets);
    // All rows of these IUVs: those of the flows themselves, and what other flows say of the same payments.
    let reported = facts::rows_of_iuvs(conn, entity, &iuvs).await?;
    let known = facts::knowledge(conn, entity, &iuvs).await?;
    let mut credits: HashMap<Target, Vec<Credit>> = HashMap::new();
    for (target, credit) in facts::credits(conn, entity, targets).await? {
        credits.entry(target).or_default().push(credit);
    }
    let direct = unreported(targets, &known, &reported);
    let mut explained = explain_all(&reported, &direct, &heads, &known);

    let mut list = Vec::new();
    for target in targets {
        let credits = credits.remove(target).unwrap_or_default();
        let (key, basis) = match (target, heads.get(target)) {
            (Target::Flow { .. }, None) => continue,
            (_, Some(head)) => (Key::Flow(head.id), Basis::Flow(Box::new(head.clone()))),
            (Target::Payment { iuv }, None) => (Key::Receipts(iuv.clone()), Basis::Receipts),
        };
        let (rows, explained) = explained.remove(&key).unwrap_or_default().into_iter().unzip();
        list.push((target.clone(), basis, Covering::new(rows, explained, credits)));
    }
    Ok(Coverings { known, list })
}

/// The rows that report transfers of some payments, as rows are paired with receipts.
#[derive(Debug)]
pub(super) struct Reports {
    /// What is known of the payments.
    pub known: Knowledge,
    rows: Vec<Reported>,
    /// The row of each transfer, by their places.
    of: HashMap<usize, usize>,
}

impl Reports {
    /// The row that reports a transfer, by its place in what is known.
    pub(super) fn of(&self, transfer: usize) -> Option<&Reported> {
        self.of.get(&transfer).map(|row| &self.rows[*row])
    }
}

/// Pairs all rows of some payments with their receipts.
pub(super) async fn reports(conn: &mut PgConnection, entity: EntityId, iuvs: &[String]) -> Result<Reports> {
    let rows = facts::rows_of_iuvs(conn, entity, iuvs).await?;
    let known = facts::knowledge(conn, entity, iuvs).await?;
    let borrowed: Vec<&Row> = rows.iter().map(|reported| &reported.row).collect();
    let explained = explain(&borrowed, &known);
    let of = (0..).zip(&explained).filter_map(|(row, explained)| Some((explained.transfer?, row))).collect();
    Ok(Reports { known, rows, of })
}

/// Which rows belong together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Flow(RemittanceFlowId),
    Receipts(String),
}

fn explain_all(
    reported: &[Reported],
    direct: &[Row],
    heads: &HashMap<Target, FlowHead>,
    known: &Knowledge,
) -> HashMap<Key, Vec<(Row, Explained)>> {
    let totals: HashMap<RemittanceFlowId, _> = heads.values().map(|head| (head.id, head.total)).collect();
    let mut by_flow: Vec<(Key, Vec<Row>)> = Vec::new();
    for Reported { flow, row, .. } in reported {
        let key = Key::Flow(*flow);
        match by_flow.last_mut() {
            Some((last, rows)) if *last == key => rows.push(row.clone()),
            _ => by_flow.push((key, vec![row.clone()])),
        }
    }
    let mut rows: Vec<(Key, Row)> = Vec::new();
    for (key, of_flow) in by_flow {
        // Of the other flows only some rows are here: their sum says nothing, and only their order matters.
        let of_flow = match &key {
            Key::Flow(id) if totals.contains_key(id) => signed(of_flow, totals[id]),
            _ => of_flow,
        };
        rows.extend(of_flow.into_iter().map(|row| (key.clone(), row)));
    }
    rows.extend(direct.iter().map(|row| (Key::Receipts(row.iuv.clone()), row.clone())));
    let borrowed: Vec<&Row> = rows.iter().map(|(_, row)| row).collect();
    let explained = explain(&borrowed, known);
    let mut found: HashMap<Key, Vec<(Row, Explained)>> = HashMap::new();
    for ((key, row), explained) in rows.into_iter().zip(explained) {
        found.entry(key).or_default().push((row, explained));
    }
    found
}

fn iuvs_of(rows: &[Reported], targets: &[Target]) -> Vec<String> {
    let of_targets = targets.iter().filter_map(|target| match target {
        Target::Payment { iuv } => Some(iuv.clone()),
        Target::Flow { .. } => None,
    });
    let iuvs: BTreeSet<String> =
        rows.iter().map(|reported| reported.row.iuv.clone()).chain(of_targets).collect();
    iuvs.into_iter().collect()
}

/// The receipts of the payments that credits name directly, as rows: those that no flow reports.
fn unreported(targets: &[Target], known: &Knowledge, reported: &[Reported]) -> Vec<Row> {
    let mut rows = Vec::new();
    for target in targets {
        let Target::Payment { iuv } = target else { continue };
        let is_reported =
            |iur: &str| reported.iter().any(|reported| reported.row.iuv == *iuv && reported.row.iur == iur);
        let of_iuv = known.transfers.iter().filter(|t| t.iuv == *iuv && !is_reported(&t.iur));
        rows.extend((1..).zip(of_iuv).map(|(index, transfer)| Row {
            index,
            iuv: iuv.clone(),
            iur: transfer.iur.clone(),
            transfer_index: Some(transfer.index),
            amount: transfer.amount,
            outcome: Outcome::Executed,
            paid_on: transfer.paid_at.with_timezone(&chrono_tz::Europe::Rome).date_naive(),
        }));
    }
    rows
}
