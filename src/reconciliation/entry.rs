//! A provisional entry with its plan.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use sqlx::PgConnection;

use super::covering::{self, Basis, Coverings};
use super::explain::{BudgetLine, Knowledge};
use super::label::{Label, Severity};
use super::matching::Target;
use super::plan::{Covering, PaymentState, Plan, PlanDifference, PlanLine};
use super::rematch::row_labels;
use super::state::Movement;
use super::store;
use super::store::flows::FlowHead;
use super::store::views::Paid;
use super::worklist::{EntrySummary, summary};
use crate::entity::Entity;
use crate::error::Result;
use crate::ids::{AppointmentId, EntityId, ProvisionalEntryId};
use crate::money::Cents;
use crate::secrets::hex;
use crate::text::Text;

/// A provisional entry, what it is of, and how it splits over the budget.
#[derive(Clone, Debug, Serialize)]
pub struct EntryView {
    /// The entry, with its labels and its deadline.
    #[serde(flatten)]
    pub summary: EntrySummary,
    /// What happened to it, in order.
    pub movements: Vec<Movement>,
    /// The flow it is of, if it is of one.
    pub flow: Option<FlowHead>,
    /// The other entries that cover the same flow or payment.
    pub siblings: Vec<EntrySummary>,
    /// Amounts by budget line. With the differences they make the entry's amount, always.
    pub rows: Vec<PlanRow>,
    /// What is in no line.
    pub differences: Vec<Difference>,
    /// The plan was sent, and would be another one now.
    pub plan_changed: bool,
    /// What makes it this plan.
    pub plan_sha256: String,
}

/// The part of an entry that belongs to one budget line.
#[derive(Clone, Debug, Serialize)]
pub struct PlanRow {
    /// Which.
    #[serde(flatten)]
    pub line: BudgetLine,
    /// The chapter's name.
    pub description: String,
    /// How much, above zero.
    pub amount: Cents,
    /// The line's year is not the entry's: competence or arrears, the accountant decides.
    pub other_year: bool,
    /// The payments behind it; their amounts make the row's.
    pub payments: Vec<PlanPayment>,
}

/// What one payment brings to a line, or to a difference.
#[derive(Clone, Debug, Serialize)]
pub struct PlanPayment {
    /// IUV.
    pub iuv: String,
    /// IUR.
    pub iur: String,
    /// The transfer of the receipt; older files leave it out.
    pub transfer_index: Option<i16>,
    /// How much of it is here.
    pub amount: Cents,
    /// Who paid, as the receipt says it, else the debtor; empty: not known.
    pub payer_name: String,
    /// The day, as the flow says it.
    pub paid_on: NaiveDate,
    /// The instant, as the receipt says it.
    pub paid_at: Option<DateTime<Utc>>,
    /// What it is for; empty: not known.
    pub description: String,
    /// For which service.
    pub service: Option<Text>,
    /// For which appointment.
    pub appointment: Option<AppointmentId>,
    /// Its code.
    pub appointment_code: Option<String>,
    /// Where it is: the site's slug.
    pub site: Option<String>,
    /// How far its money has come.
    pub state: PaymentState,
    /// What reconciliation says of it.
    pub labels: Vec<Label>,
}

/// What of an entry belongs to no line.
#[derive(Clone, Debug, Serialize)]
pub struct Difference {
    /// Its name.
    pub label: Label,
    /// How much it asks for.
    pub severity: Severity,
    /// How much; negative where the entry has less than the payments.
    pub amount: Cents,
    /// The payment it comes from.
    pub payment: Option<PlanPayment>,
}

/// Reads a provisional entry with its plan.
///
/// # Errors
/// `NotFound`.
pub async fn entry(
    conn: &mut PgConnection,
    entity: &Entity,
    id: ProvisionalEntryId,
    now: DateTime<Utc>,
) -> Result<EntryView> {
    let today = now.with_timezone(&entity.time_zone).date_naive();
    let found = store::entries::by_id(conn, entity.id, id).await?;
    let movements = store::entries::movements(conn, entity.id, (found.year, found.number)).await?;
    let target = match (&found.psp_id, &found.flow, &found.iuv) {
        (Some(psp_id), Some(flow), _) => Some(Target::Flow { psp_id: psp_id.clone(), flow: flow.clone() }),
        (_, _, Some(iuv)) => Some(Target::Payment { iuv: iuv.clone() }),
        _ => None,
    };
    let coverings = covering::load(conn, entity.id, &Vec::from_iter(target)).await?;
    let of_entry = coverings
        .list
        .first()
        .and_then(|(_, basis, covering)| Some((basis, covering, covering.place_of(id)?)));
    let Some((basis, covering, place)) = of_entry else {
        let reason =
            found.labels.0.iter().map(|tally| tally.label).find(|label| *label != Label::PlanChanged);
        let unexplained = reason.unwrap_or(Label::TesNoMatch);
        let plan = Plan::unexplained(unexplained, found.amount);
        return view(summary(found, today), movements, &plan);
    };
    let display = Display::load(conn, entity.id, &coverings, covering, basis).await?;
    let plan = covering.plan(place, &coverings.known.shares);
    let ids: Vec<_> =
        covering.credits.iter().map(|credit| credit.entry.0).filter(|other| *other != id.0).collect();
    let siblings = store::entries::of_ids(conn, entity.id, &ids).await?;
    let year = found.year;
    Ok(EntryView {
        flow: match basis {
            Basis::Flow(head) => Some((**head).clone()),
            Basis::Receipts => None,
        },
        siblings: siblings.into_iter().map(|sibling| summary(sibling, today)).collect(),
        rows: plan.lines.iter().map(|line| display.row(line, year)).collect(),
        differences: plan.differences.iter().map(|difference| display.difference(difference)).collect(),
        ..view(summary(found, today), movements, &plan)?
    })
}

/// The view of an entry by itself.
fn view(summary: EntrySummary, movements: Vec<Movement>, plan: &Plan) -> Result<EntryView> {
    let difference = |difference: &PlanDifference| Difference {
        label: difference.label,
        severity: difference.label.severity(),
        amount: difference.amount,
        payment: None,
    };
    Ok(EntryView {
        plan_changed: summary.entry.labels.0.iter().any(|tally| tally.label == Label::PlanChanged),
        plan_sha256: hex(&plan.sha256()?),
        summary,
        movements,
        flow: None,
        siblings: Vec::new(),
        rows: Vec::new(),
        differences: plan.differences.iter().map(difference).collect(),
    })
}

/// Says rows of a covering as people know them.
pub(super) struct Display<'a> {
    known: &'a Knowledge,
    covering: &'a Covering,
    basis: &'a Basis,
    states: Vec<PaymentState>,
    paid: HashMap<String, Paid>,
}

impl<'a> Display<'a> {
    pub(super) async fn load(
        conn: &mut PgConnection,
        entity: EntityId,
        coverings: &'a Coverings,
        covering: &'a Covering,
        basis: &'a Basis,
    ) -> Result<Self> {
        let iuvs: BTreeMap<&str, ()> = covering.rows.iter().map(|row| (row.iuv.as_str(), ())).collect();
        let iuvs: Vec<String> = iuvs.into_keys().map(str::to_owned).collect();
        let paid = store::views::paid(conn, entity, &iuvs).await?;
        Ok(Self {
            known: &coverings.known,
            covering,
            basis,
            states: covering.states(),
            paid: paid.into_iter().map(|paid| (paid.iuv.clone(), paid)).collect(),
        })
    }

    fn row(&self, line: &PlanLine, year: i16) -> PlanRow {
        PlanRow {
            other_year: line.line.year != year,
            line: line.line.clone(),
            description: line.description.clone(),
            amount: line.amount,
            payments: line.payments.iter().map(|(row, amount)| self.payment(*row, *amount)).collect(),
        }
    }

    fn difference(&self, difference: &PlanDifference) -> Difference {
        Difference {
            label: difference.label,
            severity: difference.label.severity(),
            amount: difference.amount,
            payment: difference.row.map(|row| self.payment(row, difference.amount)),
        }
    }

    /// A row, or a part of it.
    pub(super) fn payment(&self, row: usize, amount: Cents) -> PlanPayment {
        let said = &self.covering.rows[row];
        let paid = self.paid.get(&said.iuv);
        let transfer = self.covering.explained[row].transfer.map(|at| &self.known.transfers[at]);
        let payer = transfer.map(|t| t.payer_name.as_str()).filter(|name| !name.is_empty());
        PlanPayment {
            iuv: said.iuv.clone(),
            iur: said.iur.clone(),
            transfer_index: said.transfer_index,
            amount,
            payer_name: payer.or(paid.map(|paid| paid.debtor_name.as_str())).unwrap_or_default().to_owned(),
            paid_on: said.paid_on,
            paid_at: transfer.map(|transfer| transfer.paid_at),
            description: paid.map(|paid| paid.description.clone()).unwrap_or_default(),
            service: paid.and_then(|paid| paid.service.as_ref()).map(|service| service.0.clone()),
            appointment: paid.and_then(|paid| paid.appointment),
            appointment_code: paid.and_then(|paid| paid.appointment_code.clone()),
            site: paid.and_then(|paid| paid.site.clone()),
            state: self.states[row],
            labels: row_labels(self.covering, row, self.states[row], self.basis),
        }
    }
}
