//! A flow with its rows, and the way of one payment: position → receipt → row → flow → provisional entry.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::PgConnection;

use super::covering::{self, Basis};
use super::entry::{Display, PlanPayment};
use super::matching::Target;
use super::plan::PaymentState;
use super::store;
use super::store::flows::FlowHead;
use super::store::views::{Paid, ReceiptView};
use super::worklist::{EntrySummary, summary};
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::ids::RemittanceFlowId;
use crate::money::Cents;

/// A flow with its rows and the credits that cover it.
#[derive(Clone, Debug, Serialize)]
pub struct FlowView {
    /// The revision asked for, with the labels of the flow.
    #[serde(flatten)]
    pub head: FlowHead,
    /// Every revision, the latest first.
    pub revisions: Vec<FlowHead>,
    /// The rows of the revision that counts.
    pub rows: Vec<PlanPayment>,
    /// The credits that cover it, in the order in which they came.
    pub entries: Vec<EntrySummary>,
    /// What the credits have more (or less) than the rows.
    pub imbalance: Cents,
}

/// The way of one payment.
#[derive(Clone, Debug, Serialize)]
pub struct PaymentTrail {
    /// What was owed; `None`: no position of ours.
    pub position: Option<Paid>,
    /// The proofs; more than one: paid more than once.
    pub receipts: Vec<ReceiptView>,
    /// What flows (or credits that name the payment) say of it.
    pub reports: Vec<Report>,
    /// How far its money has come; `None`: not paid.
    pub state: Option<PaymentState>,
}

/// What a flow says of a payment.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The flow; `None`: a credit names the payment itself.
    pub flow: Option<FlowHead>,
    /// Its rows of the payment.
    pub rows: Vec<PlanPayment>,
    /// The credits that cover these rows.
    pub entries: Vec<EntrySummary>,
}

/// Reads a flow with its rows.
///
/// # Errors
/// `NotFound`.
pub async fn flow(
    conn: &mut PgConnection,
    entity: &Entity,
    id: RemittanceFlowId,
    now: DateTime<Utc>,
) -> Result<FlowView> {
    let today = now.with_timezone(&entity.time_zone).date_naive();
    let head = store::flows::by_id(conn, entity.id, id).await?.ok_or(Error::NotFound("remittance_flow"))?;
    let revisions = store::flows::revisions(conn, entity.id, &head.psp_id, &head.flow).await?;
    let coverings = covering::load(conn, entity.id, &[head.target()]).await?;
    let (_, basis, covering) =
        coverings.list.first().ok_or_else(|| Error::Inconsistent("remittance_flow.latest".into()))?;
    let display = Display::load(conn, entity.id, &coverings, covering, basis).await?;
    let ids: Vec<_> = covering.credits.iter().map(|credit| credit.entry.0).collect();
    let entries = store::entries::of_ids(conn, entity.id, &ids).await?;
    Ok(FlowView {
        head,
        revisions,
        rows: covering.rows.iter().enumerate().map(|(at, row)| display.payment(at, row.amount)).collect(),
        entries: entries.into_iter().map(|entry| summary(entry, today)).collect(),
        imbalance: covering.imbalance(),
    })
}

/// Reads the way of one payment.
///
/// # Errors
/// `NotFound` where neither a position nor a receipt nor a row has this IUV.
pub async fn payment(
    conn: &mut PgConnection,
    entity: &Entity,
    iuv: &str,
    now: DateTime<Utc>,
) -> Result<PaymentTrail> {
    let today = now.with_timezone(&entity.time_zone).date_naive();
    let iuvs = [iuv.to_owned()];
    let position = store::views::paid(conn, entity.id, &iuvs).await?.pop();
    let receipts = store::views::receipts(conn, entity.id, &iuvs).await?;
    let mut targets = store::flows::with_iuvs(conn, entity.id, &iuvs).await?;
    targets.push(Target::Payment { iuv: iuv.to_owned() });
    let coverings = covering::load(conn, entity.id, &targets).await?;
    let mut reports = Vec::new();
    for (_, basis, covering) in &coverings.list {
        if matches!(basis, Basis::Receipts) && covering.credits.is_empty() {
            continue;
        }
        let display = Display::load(conn, entity.id, &coverings, covering, basis).await?;
        let places: Vec<usize> =
            (0..covering.rows.len()).filter(|at| covering.rows[*at].iuv == iuv).collect();
        let covers = |credit: &usize| covering.rows_of(*credit).keys().any(|row| places.contains(row));
        let ids: Vec<_> =
            (0..covering.credits.len()).filter(covers).map(|at| covering.credits[at].entry.0).collect();
        let entries = store::entries::of_ids(conn, entity.id, &ids).await?;
        reports.push(Report {
            flow: match basis {
                Basis::Flow(head) => Some((**head).clone()),
                Basis::Receipts => None,
            },
            rows: places.into_iter().map(|at| display.payment(at, covering.rows[at].amount)).collect(),
            entries: entries.into_iter().map(|entry| summary(entry, today)).collect(),
        });
    }
    if position.is_none() && receipts.is_empty() && reports.is_empty() {
        return Err(Error::NotFound("payment"));
    }
    // A payment has come as far as the one of its parts that lags behind.
    let reported = reports.iter().flat_map(|report| &report.rows).map(|row| row.state).min();
    let state = reported.or((!receipts.is_empty()).then_some(PaymentState::Paid));
    Ok(PaymentTrail { position, receipts, reports, state })
}
