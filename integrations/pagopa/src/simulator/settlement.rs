//! What providers do after taking the money: remittance flows and credit transfers. Pure: dates are parameters.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc, Weekday};
use chrono_tz::Europe::Rome;
use uuid::Uuid;

use super::{payment::Payment, psp::Psp};

/// Most credit transfers of one flow: `TXT/1` to `TXT/9` (SACI 3.2.1).
const TRANSFERS_MAX: u8 = 9;

/// A credit transfer as the beneficiary's treasurer sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditTransfer {
    /// Whose account.
    pub beneficiary_fiscal_code: String,
    /// The account.
    pub iban: String,
    /// The flow it pays, wholly or in part.
    pub flow: String,
    /// The amount in cents.
    pub amount_cents: i64,
    /// The transfer's own reference.
    pub trn: String,
    /// The day of the credit.
    pub value_date: NaiveDate,
    /// `/PUR/LGPE-RIVERSAMENTO/TXT/<n>/URI/<flow>`: n is 0 for a single transfer, 1 to 9 for one of several (SACI 3.2.1).
    pub remittance: String,
    /// Who pays.
    pub psp_name: String,
    /// Who pays, on the platform.
    pub psp_id: String,
}

/// One published revision of a remittance flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// Its identifier, `<settlement date><provider>-S<number>`.
    pub id: String,
    /// From 1.
    pub revision: u32,
    /// Who pays.
    pub psp: &'static Psp,
    /// Who receives.
    pub organization: String,
    /// On which account.
    pub iban: String,
    /// The reference of the (first) credit transfer.
    pub trn: String,
    /// The day of the credit transfer.
    pub settlement_date: NaiveDate,
    /// When the provider wrote this revision; also when it was published.
    pub published: DateTime<Utc>,
    /// The payments.
    pub rows: Vec<FlowRow>,
}

/// A payment of a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowRow {
    /// The payment identifier.
    pub iuv: String,
    /// The receipt's identifier.
    pub iur: String,
    /// The number of the transfer in the payment.
    pub id_transfer: u8,
    /// The amount in cents.
    pub amount_cents: i64,
    /// When it was paid.
    pub paid_at: DateTime<Utc>,
}

impl Flow {
    /// The sum of the rows, in cents.
    #[must_use]
    pub fn total_cents(&self) -> i64 {
        self.rows.iter().map(|row| row.amount_cents).sum()
    }
}

/// The accounting day a payment belongs to: a day closes at 13:00, Italian time (SACI 3.2.1).
#[must_use]
pub fn accounting_day(paid_at: DateTime<Utc>) -> NaiveDate {
    let local = paid_at.with_timezone(&Rome).naive_local();
    let closing = NaiveTime::from_hms_opt(13, 0, 0).expect("13:00 is a time");
    if local.time() < closing { local.date() } else { local.date() + Days::new(1) }
}

/// The day after `day` on which banks work: Saturdays and Sundays are skipped.
#[must_use]
pub fn next_working_day(day: NaiveDate) -> NaiveDate {
    let mut next = day + Days::new(1);
    while matches!(next.weekday(), Weekday::Sat | Weekday::Sun) {
        next = next + Days::new(1);
    }
    next
}

/// The flows that settle `payments` on `settlement_date`: one per provider, beneficiary and account; revenue stamps are
/// never in a flow. `published` are the flows that exist already, so that no identifier is used twice by a provider.
pub(super) fn flows<'a>(
    payments: impl IntoIterator<Item = &'a Payment>,
    published: &[Flow],
    settlement_date: NaiveDate,
    now: DateTime<Utc>,
    ids: &dyn Fn() -> Uuid,
) -> Vec<Flow> {
    let mut groups: BTreeMap<(&'static str, String, String), Flow> = BTreeMap::new();
    for payment in payments {
        for transfer in &payment.option.transfer {
            let Some(iban) = &transfer.iban else { continue };
            let owner = transfer.organization_fiscal_code.as_ref().unwrap_or(&payment.organization);
            let flow = groups.entry((payment.psp.id, owner.clone(), iban.clone())).or_insert_with(|| Flow {
                id: String::new(),
                revision: 1,
                psp: payment.psp,
                organization: owner.clone(),
                iban: iban.clone(),
                trn: trn(ids),
                settlement_date,
                published: now,
                rows: Vec::new(),
            });
            flow.rows.push(FlowRow {
                iuv: payment.option.iuv.to_string(),
                iur: payment.receipt_id.clone(),
                id_transfer: transfer.id_transfer,
                amount_cents: transfer.amount_cents,
                paid_at: payment.paid_at,
            });
        }
    }
    let mut flows: Vec<Flow> = groups.into_values().collect();
    for at in 0..flows.len() {
        let psp = flows[at].psp.id;
        let same_day = |flow: &&Flow| {
            flow.psp.id == psp && flow.settlement_date == settlement_date && flow.revision == 1
        };
        let earlier = published.iter().chain(&flows[..at]).filter(same_day).count();
        flows[at].id = format!("{settlement_date}{psp}-S{:03}", earlier + 1);
    }
    flows
}

/// The credit transfers that pay a flow: `parts` of them (as many as there are cents, at most nine), on consecutive
/// working days, the first with the reference that the flow names.
pub(super) fn credit_transfers(flow: &Flow, parts: u8, ids: &dyn Fn() -> Uuid) -> Vec<CreditTransfer> {
    let total_cents = flow.total_cents();
    let parts = i64::from(parts.clamp(1, TRANSFERS_MAX)).min(total_cents);
    let mut value_date = flow.settlement_date;
    (0..parts)
        .map(|part| {
            if part > 0 {
                value_date = next_working_day(value_date);
            }
            let progressive = if parts == 1 { 0 } else { part + 1 };
            CreditTransfer {
                beneficiary_fiscal_code: flow.organization.clone(),
                iban: flow.iban.clone(),
                flow: flow.id.clone(),
                amount_cents: total_cents / parts + i64::from(part < total_cents % parts),
                trn: if part == 0 { flow.trn.clone() } else { trn(ids) },
                value_date,
                remittance: format!("/PUR/LGPE-RIVERSAMENTO/TXT/{progressive}/URI/{}", flow.id),
                psp_name: flow.psp.name.to_owned(),
                psp_id: flow.psp.id.to_owned(),
            }
        })
        .collect()
}

/// A reference of 32 characters, of the 35 allowed.
fn trn(ids: &dyn Fn() -> Uuid) -> String {
    ids().simple().to_string().to_uppercase()
}
