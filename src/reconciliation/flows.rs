//! Remittance flows come in: from the platform or as a file, in any order, each revision once.

use chrono::{DateTime, Utc};
use sportello_pagopa::fdr::{self, Flow, FlowRow, RowOutcome};
use sqlx::PgConnection;
use sqlx::types::Json;

use super::explain::{Outcome, Row, no_receipt};
use super::label::Label;
use super::refusal;
use super::rematch::{Scope, rematch};
use super::store;
use super::store::flows::FlowHead;
use crate::agenda;
use crate::desk::TaskKind;
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::ids::{EntityId, RemittanceFlowId};
use crate::money::Cents;

/// A flow of this many bytes has some hundred thousand payments.
const FILE_BYTES_MAX: usize = 50 * 1024 * 1024;

/// What became of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Imported {
    /// It is new; whether it is the revision that counts.
    New {
        /// Its identifier.
        id: RemittanceFlowId,
        /// Whether no later revision is there.
        latest: bool,
    },
    /// It was there already.
    Already(RemittanceFlowId),
}

/// Keeps a flow given as a `FlussoRiversamento` file.
///
/// # Errors
/// `Invalid` on the field `file` where it cannot be read, with the reason; `Refused("flow_of_another_entity")`.
pub async fn import_flow_file(
    conn: &mut PgConnection,
    entity: &Entity,
    bytes: &[u8],
    now: DateTime<Utc>,
) -> Result<Imported> {
    let flow = fdr::parse_xml(bytes, FILE_BYTES_MAX).map_err(|error| refusal::of_flow(&error))?;
    let imported = import_flow(conn, entity, &flow, None, now).await?;
    if let Imported::New { .. } = imported {
        store::messages::insert(conn, entity.id, ("pagopa", "fdr_file"), bytes, now).await?;
    }
    Ok(imported)
}

/// Keeps a flow and reconciles what it touches. Rows are kept as said; what does not add up is kept with them.
///
/// Only the highest revision counts; a lower one that comes late is kept and changes no row. A file does not say its
/// revision: it is placed among the others by the date the sender wrote on it. Nor does it say when it was published.
///
/// # Errors
/// `Refused("flow_of_another_entity")`.
pub async fn import_flow(
    conn: &mut PgConnection,
    entity: &Entity,
    flow: &Flow,
    published_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Imported> {
    if flow.receiver_fiscal_code != entity.fiscal_code {
        return Err(Error::Refused("flow_of_another_entity"));
    }
    let entity = entity.id;
    // From here on nobody else adds a revision of this entity's flows.
    store::matches::lock(conn, entity).await?;
    let known = store::flows::known_sender(conn, entity, &flow.flow, &flow.regulation).await?;
    let psp_id = known.unwrap_or_else(|| flow.psp_id.clone());
    let flow_at = flow.flow_date.instant();
    let revisions = store::flows::revisions(conn, entity, &psp_id, &flow.flow).await?;
    let revision = match place(flow.revision, flow_at, &revisions) {
        Place::Same(id) => return Ok(Imported::Already(id)),
        Place::Revision(revision) => revision,
    };
    let head = FlowHead {
        id: RemittanceFlowId::new(),
        psp_id,
        psp_name: flow.psp_name.clone().unwrap_or_default(),
        flow: flow.flow.clone(),
        revision,
        latest: revisions.iter().all(|other| other.revision < revision),
        flow_at,
        published_at,
        regulation: flow.regulation.clone(),
        regulation_on: Some(flow.regulation_date),
        total: Cents(flow.total_cents),
        payments: i32::try_from(flow.count).unwrap_or(i32::MAX),
        findings: serde_json::to_value(flow.findings())?,
        labels: Json(Vec::new()),
        imported_at: now,
    };
    let rows: Vec<Row> = (1..).zip(&flow.rows).map(|(index, said)| row(index, said)).collect();
    store::flows::insert(conn, entity, &head, &rows).await?;
    // Even one that does not count may say which credit the flow was paid with: its amount.
    rematch(conn, entity, Scope::Flow { psp_id: &head.psp_id, flow: &head.flow }, now).await?;
    if head.latest {
        tell_operators(conn, entity, &rows, now).await?;
    }
    Ok(Imported::New { id: head.id, latest: head.latest })
}

/// Of a payment for which no receipt will come nobody else is told: its position stays owed and its appointment unpaid until
/// an operator sees to it.
async fn tell_operators(
    conn: &mut PgConnection,
    entity: EntityId,
    rows: &[Row],
    now: DateTime<Utc>,
) -> Result<()> {
    let without_receipt = rows.iter().filter(|row| no_receipt(row) == Label::IuvNoRpt);
    let iuvs: Vec<String> = without_receipt.map(|row| row.iuv.clone()).collect();
    if iuvs.is_empty() {
        return Ok(());
    }
    for about in store::views::paid_without_receipt(conn, entity, &iuvs).await? {
        agenda::store::add_task(conn, entity, TaskKind::PaidWithoutReceipt, about, now).await?;
    }
    Ok(())
}

/// Where a flow belongs among the revisions that are there.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    Same(RemittanceFlowId),
    Revision(i32),
}

fn place(said: Option<i64>, flow_at: DateTime<Utc>, revisions: &[FlowHead]) -> Place {
    let of_that_date = || revisions.iter().find(|other| other.flow_at == flow_at);
    let said = said.map(|said| i32::try_from(said).unwrap_or(i32::MAX));
    let same = match said {
        Some(said) => revisions.iter().find(|other| other.revision == said),
        None => of_that_date(),
    };
    if let Some(same) = same {
        return Place::Same(same.id);
    }
    if let Some(said) = said {
        return Place::Revision(said);
    }
    let highest = revisions.iter().max_by_key(|other| other.revision);
    let lowest = revisions.iter().map(|other| other.revision).min().unwrap_or(1);
    Place::Revision(match highest {
        Some(highest) if flow_at > highest.flow_at => highest.revision.saturating_add(1),
        Some(_) => lowest.saturating_sub(1),
        None => 1,
    })
}

/// Places in the flow are counted anew: senders leave them out or repeat them.
fn row(index: i32, said: &FlowRow) -> Row {
    Row {
        index,
        iuv: said.iuv.clone(),
        iur: said.iur.clone(),
        transfer_index: said.transfer_index.map(i16::from),
        amount: Cents(said.amount_cents),
        outcome: match said.outcome {
            RowOutcome::Executed => Outcome::Executed,
            RowOutcome::Revoked => Outcome::Revoked,
            RowOutcome::StandIn => Outcome::StandIn,
            RowOutcome::StandInNoRpt => Outcome::StandInNoRpt,
            RowOutcome::NoRpt => Outcome::NoRpt,
            RowOutcome::Unknown(_) => Outcome::Unknown,
        },
        paid_on: said.paid_on,
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone as _;
    use serde_json::Value;

    use super::*;

    fn revision(number: i32, hour: u32) -> FlowHead {
        FlowHead {
            id: RemittanceFlowId::new(),
            psp_id: "P".into(),
            psp_name: String::new(),
            flow: "F".into(),
            revision: number,
            latest: false,
            flow_at: at(hour),
            published_at: None,
            regulation: String::new(),
            regulation_on: None,
            total: Cents::ZERO,
            payments: 0,
            findings: Value::Null,
            labels: Json(Vec::new()),
            imported_at: at(hour),
        }
    }

    fn at(hour: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2027, 1, 12, hour, 0, 0).unwrap()
    }

    #[test]
    fn revisions_have_their_place() {
        let there = [revision(1, 8), revision(2, 12)];
        assert_eq!(place(Some(2), at(1), &there), Place::Same(there[1].id));
        assert_eq!(place(Some(3), at(8), &there), Place::Revision(3));
        assert_eq!(place(None, at(8), &there), Place::Same(there[0].id));
        assert_eq!(place(None, at(13), &there), Place::Revision(3));
        assert_eq!(place(None, at(7), &there), Place::Revision(0));
        assert_eq!(place(None, at(7), &[]), Place::Revision(1));
    }
}
