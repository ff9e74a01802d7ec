//! What reconciliation finds, in the words of accountants. Templates call these too.

use serde_json::Value;

use crate::money::Cents;
use crate::reconciliation::ledger::{Account, read_transfer_subject};
use crate::reconciliation::plan::PaymentState;
use crate::reconciliation::state::Movement;
use crate::reconciliation::{Entry, EntrySummary, Label, PlanPayment, Severity, State};
use crate::web::i18n::T;

/// Where links lead.
#[derive(Clone, Debug)]
pub struct Links {
    /// The accountants' area.
    pub area: String,
    /// The operators', for who may go there.
    pub desk: Option<String>,
}

impl Links {
    /// A provisional entry.
    #[must_use]
    pub fn entry(&self, entry: &Entry) -> String {
        format!("{}/provvisori/{}/{}", self.area, entry.year, entry.number)
    }

    /// A payment.
    #[must_use]
    pub fn payment(&self, iuv: &str) -> String {
        format!("{}/pagamenti/{}", self.area, encoded(iuv))
    }

    /// A flow.
    #[must_use]
    pub fn flow(&self, id: impl std::fmt::Display) -> String {
        format!("{}/flussi/{id}", self.area)
    }

    /// The operators' page of an appointment; empty where there is none, or the reader may not go there.
    #[must_use]
    pub fn appointment(&self, site: &Option<String>, code: &Option<String>) -> String {
        match (&self.desk, site, code) {
            (Some(desk), Some(site), Some(code)) => format!("{desk}/{site}/appuntamenti/{code}"),
            _ => String::new(),
        }
    }
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// A label, as accountants would say it.
#[must_use]
pub fn label(t: &T, label: &Label) -> String {
    t.get(&format!("accounting-label-{}", kebab(*label)))
}

/// What to do about a label; empty: nothing.
#[must_use]
pub fn advice(t: &T, label: &Label) -> String {
    let key = format!("accounting-advice-{}", kebab(*label));
    if t.has(&key) { t.get(&key) } else { String::new() }
}

fn kebab(label: Label) -> String {
    label.as_str().to_lowercase().replace('_', "-")
}

/// The colour of a label's badge.
#[must_use]
pub fn label_kind(label: &Label) -> &'static str {
    match (label.severity(), label) {
        (Severity::Error, _) => "danger",
        (Severity::Warning, _) => "warning",
        (Severity::Info, Label::RtIufTes | Label::RtTes) => "success",
        (Severity::Info, _) => "secondary",
    }
}

/// Where a provisional entry is in its life: colour and words.
#[must_use]
pub fn state(t: &T, entry: &Entry) -> (&'static str, String) {
    let (kind, key) = match entry.state {
        State::Regularised => ("success", "accounting-entry-regularised"),
        State::Cancelled => ("secondary", "accounting-entry-cancelled"),
        State::Open if entry.regularised > Cents::ZERO => ("warning", "accounting-entry-partly"),
        State::Open if entry.plan_sent_at.is_some() => ("primary", "accounting-entry-sent"),
        State::Open => ("warning", "accounting-entry-open"),
    };
    (kind, t.get(key))
}

/// From how many days on the deadline is near.
const NEAR_DAYS: i64 = 15;

/// How much of the 60 days is left (TUEL art. 180 c. 4): colour and words; `None` for what waits no more.
#[must_use]
pub fn deadline(t: &T, summary: &EntrySummary) -> Option<(&'static str, String)> {
    if summary.entry.state != State::Open {
        return None;
    }
    let left = summary.days_left;
    Some(match left {
        i64::MIN..0 => ("danger", t.with("accounting-days-over", &[("n", &-left)])),
        0 => ("danger", t.get("accounting-days-today")),
        1..=NEAR_DAYS => ("warning", t.with("accounting-days-left", &[("n", &left)])),
        _ => ("success", t.with("accounting-days-left", &[("n", &left)])),
    })
}

/// How far the money of a payment has come: colour and words.
#[must_use]
pub fn payment_state(t: &T, state: &PaymentState) -> (&'static str, String) {
    let (kind, name) = match state {
        PaymentState::Paid => ("secondary", "paid"),
        PaymentState::Reported => ("warning", "reported"),
        PaymentState::Cashed => ("primary", "cashed"),
        PaymentState::Regularised => ("success", "regularised"),
    };
    (kind, t.get(&format!("accounting-payment-{name}")))
}

/// When it was paid: the instant where the receipt says it, else the day of the flow.
#[must_use]
pub fn paid_at(t: &T, payment: &PlanPayment) -> String {
    payment.paid_at.map_or_else(|| t.short_date(payment.paid_on), |at| t.short_date_time(at))
}

/// What a payment is for.
#[must_use]
pub fn service(t: &T, payment: &PlanPayment) -> String {
    match &payment.service {
        Some(service) => service.get(t.code()).to_owned(),
        None => payment.description.clone(),
    }
}

/// An account of the books, and what it means.
#[must_use]
pub fn account(t: &T, account: &Account) -> (String, String) {
    let name = account.as_str().replace('_', "-");
    (t.get(&format!("accounting-account-{name}")), t.get(&format!("accounting-meaning-{name}")))
}

/// The IUV of a sub-account, where it is of a payment.
#[must_use]
pub fn iuv_of(subject: &str) -> Option<&str> {
    read_transfer_subject(subject)
        .map(|(iuv, ..)| iuv)
        .or_else(|| subject.split_once('/').map(|(iuv, _)| iuv))
}

/// What does not add up inside a flow, as `sportello_pagopa::fdr::Finding` is kept.
#[must_use]
pub fn flow_findings(t: &T, findings: &Value) -> Vec<String> {
    let number = |finding: &Value, name: &str| finding[name].as_i64().unwrap_or_default();
    let in_words = |finding: &Value| {
        let kind = finding["finding"].as_str().unwrap_or_default().replace('_', "-");
        let cents = |name: &str| Cents(number(finding, name));
        match kind.as_str() {
            "count-differs" => t.with(
                "accounting-finding-count-differs",
                &[("declared", &number(finding, "declared")), ("found", &number(finding, "found"))],
            ),
            "total-differs" => t.with(
                "accounting-finding-total-differs",
                &[("declared", &cents("declared_cents")), ("found", &cents("found_cents"))],
            ),
            "duplicate-row" => {
                let (index, first) = (number(finding, "index"), number(finding, "first_index"));
                t.with("accounting-finding-duplicate-row", &[("index", &index), ("first", &first)])
            }
            _ => t.with("accounting-finding-unknown-outcome", &[("index", &number(finding, "index"))]),
        }
    };
    findings.as_array().map(|list| list.iter().map(in_words).collect()).unwrap_or_default()
}

/// What happened to a provisional entry.
#[must_use]
pub fn movement(t: &T, movement: &Movement) -> String {
    t.get(&format!("accounting-change-{}-{}", movement.source.as_str(), movement.change.as_str()))
}
