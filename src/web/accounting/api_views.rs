//! What the API says of provisional entries, plans, flows and payments. Amounts are whole cents of euro.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::reconciliation::plan::PaymentState;
use crate::reconciliation::{
    Difference, EntrySummary, EntryView, FlowHead, FlowView, PaymentTrail, PendingPayment, PlanPayment,
    PlanRow, ReceiptView, Tally, Totals, Worklist,
};

/// What waits for the accountant.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorklistBody {
    /// Provisional entries.
    entries: Vec<EntryBody>,
    /// Flows without a credit, or about which something does not agree.
    flows: Vec<FlowBody>,
    /// Payments whose money is not in the treasury as it should be.
    payments: Vec<PendingBody>,
    /// Sums over everything.
    totals: TotalsBody,
}

impl From<Worklist> for WorklistBody {
    fn from(list: Worklist) -> Self {
        Self {
            entries: list.entries.iter().map(EntryBody::from).collect(),
            flows: list.flows.iter().map(FlowBody::from).collect(),
            payments: list.payments.iter().map(PendingBody::from).collect(),
            totals: TotalsBody::from(list.totals),
        }
    }
}

/// Sums over all that waits.
#[derive(Debug, Serialize, ToSchema)]
pub struct TotalsBody {
    /// Provisional entries of pagoPA that wait.
    open_entries: i64,
    /// What they amount to, less what orders cover.
    open_cents: i64,
    /// Of these, past the 60 days.
    overdue_entries: i64,
    /// Flows without a credit.
    flows_without_entry: i64,
    /// What they amount to.
    not_credited_cents: i64,
    /// Paid, and not in the treasury.
    in_transit_cents: i64,
    /// In how many payments: too much in one and too little in another leave the sum at zero.
    in_transit_open: i64,
    /// Money that nothing explains.
    unidentified_cents: i64,
    /// In how many sums.
    unidentified_open: i64,
    /// Days of the journal of which not all pages are there.
    incomplete_journals: i64,
}

impl From<Totals> for TotalsBody {
    fn from(totals: Totals) -> Self {
        Self {
            open_entries: totals.open_entries,
            open_cents: totals.open.0,
            overdue_entries: totals.overdue_entries,
            flows_without_entry: totals.flows_without_entry,
            not_credited_cents: totals.not_credited.0,
            in_transit_cents: totals.in_transit.0,
            in_transit_open: totals.in_transit_open,
            unidentified_cents: totals.unidentified.0,
            unidentified_open: totals.unidentified_open,
            incomplete_journals: totals.incomplete_journals,
        }
    }
}

/// A label of reconciliation: `RT_IUF_TES`, `IUF_NO_TES`, …
#[derive(Debug, Serialize, ToSchema)]
pub struct LabelBody {
    /// Its name.
    label: &'static str,
    /// How often it was given.
    count: u32,
    /// To how much money.
    amount_cents: i64,
}

fn labels(tallies: &[Tally]) -> Vec<LabelBody> {
    let body = |tally: &Tally| LabelBody {
        label: tally.label.as_str(),
        count: tally.count,
        amount_cents: tally.amount.0,
    };
    tallies.iter().map(body).collect()
}

/// A provisional entry.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryBody {
    /// Fiscal year.
    year: i16,
    /// Its number in the year.
    number: i64,
    /// How much.
    amount_cents: i64,
    /// How much of it orders cover.
    regularised_cents: i64,
    /// When the money came in.
    booked_on: NaiveDate,
    /// The last day to regularise it (TUEL art. 180 c. 4).
    due_on: NaiveDate,
    /// How many days are left; negative: overdue.
    days_left: i64,
    /// Who paid.
    payer: String,
    /// Its text, as it came.
    remittance: String,
    /// `open`, `cancelled` or `regularised`.
    state: &'static str,
    /// The flow it is of.
    flow: Option<String>,
    /// Or the payment.
    iuv: Option<String>,
    /// What reconciliation says of it, the gravest first.
    labels: Vec<LabelBody>,
    /// When its plan was sent to the accounting system.
    plan_sent_at: Option<DateTime<Utc>>,
}

impl From<&EntrySummary> for EntryBody {
    fn from(summary: &EntrySummary) -> Self {
        let entry = &summary.entry;
        Self {
            year: entry.year,
            number: entry.number,
            amount_cents: entry.amount.0,
            regularised_cents: entry.regularised.0,
            booked_on: entry.booked_on,
            due_on: summary.due_on,
            days_left: summary.days_left,
            payer: entry.payer.clone(),
            remittance: entry.remittance.clone(),
            state: entry.state.as_str(),
            flow: entry.flow.clone(),
            iuv: entry.iuv.clone(),
            labels: labels(&entry.labels.0),
            plan_sent_at: entry.plan_sent_at,
        }
    }
}

/// A provisional entry with its plan: rows and differences make its amount, always.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanBody {
    /// The entry.
    #[serde(flatten)]
    entry: EntryBody,
    /// Amounts by budget line.
    rows: Vec<RowBody>,
    /// What is in no line.
    differences: Vec<DifferenceBody>,
    /// The plan was sent, and would be another one now.
    plan_changed: bool,
    /// What makes it this plan: to be said when it is marked as sent.
    plan_sha256: String,
}

impl From<&EntryView> for PlanBody {
    fn from(view: &EntryView) -> Self {
        Self {
            entry: EntryBody::from(&view.summary),
            rows: view.rows.iter().map(RowBody::from).collect(),
            differences: view.differences.iter().map(DifferenceBody::from).collect(),
            plan_changed: view.plan_changed,
            plan_sha256: view.plan_sha256.clone(),
        }
    }
}

/// The part of an entry that belongs to one budget line.
#[derive(Debug, Serialize, ToSchema)]
pub struct RowBody {
    /// Accounting year.
    year: i16,
    /// Capitolo.
    chapter: String,
    /// Articolo; empty where chapters have none.
    article: String,
    /// The chapter's name.
    description: String,
    /// Accertamento, year.
    assessment_year: Option<i16>,
    /// Accertamento, number.
    assessment_number: Option<String>,
    /// Piano dei conti finanziario; empty: not said.
    pdc: String,
    /// SIOPE code; empty: not said.
    siope: String,
    /// Held for others (partite di giro, conto terzi).
    third_party: bool,
    /// The line's year is not the entry's.
    other_year: bool,
    /// How much.
    amount_cents: i64,
    /// The payments behind it; their amounts make the row's.
    payments: Vec<PaymentBody>,
}

impl From<&PlanRow> for RowBody {
    fn from(row: &PlanRow) -> Self {
        let line = row.line.clone();
        Self {
            year: line.year,
            chapter: line.chapter,
            article: line.article,
            description: row.description.clone(),
            assessment_year: line.assessment_year,
            assessment_number: line.assessment_number,
            pdc: line.pdc,
            siope: line.siope,
            third_party: line.is_third_party,
            other_year: row.other_year,
            amount_cents: row.amount.0,
            payments: row.payments.iter().map(PaymentBody::from).collect(),
        }
    }
}

/// What of an entry belongs to no line.
#[derive(Debug, Serialize, ToSchema)]
pub struct DifferenceBody {
    /// The label's name.
    label: &'static str,
    /// How much; negative where the entry has less than the payments.
    amount_cents: i64,
    /// The payment it comes from.
    payment: Option<PaymentBody>,
}

impl From<&Difference> for DifferenceBody {
    fn from(difference: &Difference) -> Self {
        Self {
            label: difference.label.as_str(),
            amount_cents: difference.amount.0,
            payment: difference.payment.as_ref().map(PaymentBody::from),
        }
    }
}

/// What one payment brings.
#[derive(Debug, Serialize, ToSchema)]
pub struct PaymentBody {
    /// IUV.
    iuv: String,
    /// The platform's id of the receipt.
    iur: String,
    /// The transfer of the receipt.
    transfer_index: Option<i16>,
    /// How much of it is here.
    amount_cents: i64,
    /// Who paid; empty: not known.
    payer_name: String,
    /// The day, as the flow says it.
    paid_on: NaiveDate,
    /// The instant, as the receipt says it.
    paid_at: Option<DateTime<Utc>>,
    /// What it is for.
    description: String,
    /// The appointment's code.
    appointment: Option<String>,
    /// `paid`, `reported`, `cashed` or `regularised`.
    state: &'static str,
    /// The names of its labels.
    labels: Vec<&'static str>,
}

impl From<&PlanPayment> for PaymentBody {
    fn from(payment: &PlanPayment) -> Self {
        let said = payment.clone();
        Self {
            iuv: said.iuv,
            iur: said.iur,
            transfer_index: said.transfer_index,
            amount_cents: said.amount.0,
            payer_name: said.payer_name,
            paid_on: said.paid_on,
            paid_at: said.paid_at,
            description: said.description,
            appointment: said.appointment_code,
            state: state(said.state),
            labels: said.labels.iter().map(|label| label.as_str()).collect(),
        }
    }
}

fn state(state: PaymentState) -> &'static str {
    match state {
        PaymentState::Paid => "paid",
        PaymentState::Reported => "reported",
        PaymentState::Cashed => "cashed",
        PaymentState::Regularised => "regularised",
    }
}

/// A payment that has waited longer than reporting takes, or about which something does not agree.
#[derive(Debug, Serialize, ToSchema)]
pub struct PendingBody {
    /// IUV.
    iuv: String,
    /// The platform's id of the receipt.
    iur: String,
    /// What is in transit.
    amount_cents: i64,
    /// When it was paid.
    paid_at: DateTime<Utc>,
    /// The name of its label.
    label: &'static str,
}

impl From<&PendingPayment> for PendingBody {
    fn from(payment: &PendingPayment) -> Self {
        Self {
            iuv: payment.iuv.clone(),
            iur: payment.iur.clone(),
            amount_cents: payment.amount.0,
            paid_at: payment.paid_at,
            label: payment.label.as_str(),
        }
    }
}

/// A remittance flow.
#[derive(Debug, Serialize, ToSchema)]
pub struct FlowBody {
    /// Its identifier here.
    id: Uuid,
    /// `identificativoFlusso`.
    flow: String,
    /// Who sent it.
    psp_id: String,
    /// Its name.
    psp_name: String,
    /// The revision.
    revision: i32,
    /// Whether it is the one that counts.
    latest: bool,
    /// When it was made.
    flow_at: DateTime<Utc>,
    /// The number of the credit transfer.
    regulation: String,
    /// Its day.
    regulation_on: Option<NaiveDate>,
    /// The declared sum.
    total_cents: i64,
    /// The declared number of payments.
    payments: i32,
    /// What reconciliation says of it, the gravest first.
    labels: Vec<LabelBody>,
}

impl From<&FlowHead> for FlowBody {
    fn from(head: &FlowHead) -> Self {
        Self {
            id: head.id.0,
            flow: head.flow.clone(),
            psp_id: head.psp_id.clone(),
            psp_name: head.psp_name.clone(),
            revision: head.revision,
            latest: head.latest,
            flow_at: head.flow_at,
            regulation: head.regulation.clone(),
            regulation_on: head.regulation_on,
            total_cents: head.total.0,
            payments: head.payments,
            labels: labels(&head.labels.0),
        }
    }
}

/// A flow with its rows and the provisional entries that cover it.
#[derive(Debug, Serialize, ToSchema)]
pub struct FlowDetail {
    /// The flow.
    #[serde(flatten)]
    flow: FlowBody,
    /// The rows of the revision that counts.
    rows: Vec<PaymentBody>,
    /// The entries that cover it.
    entries: Vec<EntryBody>,
    /// What the entries have more (or less) than the rows.
    imbalance_cents: i64,
}

impl From<&FlowView> for FlowDetail {
    fn from(view: &FlowView) -> Self {
        Self {
            flow: FlowBody::from(&view.head),
            rows: view.rows.iter().map(PaymentBody::from).collect(),
            entries: view.entries.iter().map(EntryBody::from).collect(),
            imbalance_cents: view.imbalance.0,
        }
    }
}

/// The way of one payment.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrailBody {
    /// What was owed; `null`: no position of ours.
    position: Option<PositionBody>,
    /// The proofs; more than one: paid more than once.
    receipts: Vec<ReceiptBody>,
    /// What flows say of it, and the entries that cover it.
    reports: Vec<ReportBody>,
    /// `paid`, `reported`, `cashed`, `regularised`; `null`: not paid.
    state: Option<&'static str>,
}

impl From<PaymentTrail> for TrailBody {
    fn from(trail: PaymentTrail) -> Self {
        let report = |report: &crate::reconciliation::Report| ReportBody {
            flow: report.flow.as_ref().map(FlowBody::from),
            rows: report.rows.iter().map(PaymentBody::from).collect(),
            entries: report.entries.iter().map(EntryBody::from).collect(),
        };
        Self {
            position: trail.position.map(|position| PositionBody {
                nav: position.nav,
                description: position.description,
                amount_cents: position.amount.0,
                issued_at: position.issued_at,
                appointment: position.appointment_code,
            }),
            receipts: trail.receipts.iter().map(ReceiptBody::from).collect(),
            reports: trail.reports.iter().map(report).collect(),
            state: trail.state.map(state),
        }
    }
}

/// What was owed.
#[derive(Debug, Serialize, ToSchema)]
pub struct PositionBody {
    /// Its notice number.
    nav: String,
    /// What it is for.
    description: String,
    /// How much.
    amount_cents: i64,
    /// When it was made.
    issued_at: DateTime<Utc>,
    /// The appointment's code.
    appointment: Option<String>,
}

/// A proof of payment.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReceiptBody {
    /// The platform's id of it.
    iur: String,
    /// How much.
    amount_cents: i64,
    /// Through whom.
    psp_name: String,
    /// When.
    paid_at: DateTime<Utc>,
    /// When the proof came.
    received_at: DateTime<Utc>,
}

impl From<&ReceiptView> for ReceiptBody {
    fn from(receipt: &ReceiptView) -> Self {
        Self {
            iur: receipt.iur.clone(),
            amount_cents: receipt.amount.0,
            psp_name: receipt.psp_name.clone(),
            paid_at: receipt.paid_at,
            received_at: receipt.received_at,
        }
    }
}

/// What a flow says of a payment.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportBody {
    /// The flow; `null`: an entry names the payment itself.
    flow: Option<FlowBody>,
    /// Its rows of the payment.
    rows: Vec<PaymentBody>,
    /// The entries that cover these rows.
    entries: Vec<EntryBody>,
}
