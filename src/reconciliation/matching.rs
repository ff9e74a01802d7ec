//! Which flow, or which payment, a provisional entry is of.
//!
//! | the entry says | it is of | certainty |
//! |---|---|---|
//! | a flow's id | that flow, whatever the amounts | as the text was read |
//! | the number of a transfer that a flow names as its regulation | that flow, where the amounts agree | inferred |
//! | a broken id with several readings | the one reading that is a flow | inferred |
//! | the beginning of an id, cut by the bank | the one flow that begins so, of that amount, of those days | inferred |
//! | an IUV | that payment, whatever the amounts | as the text was read |
//! | the beginning of an IUV | the one payment that begins so, of that amount | inferred |
//!
//! Every revision of a flow counts for its amount: the money went before the revision came.

use chrono::NaiveDate;
use serde::Serialize;
use sportello_treasury::remittance::{self, Reference, Remittance};

use crate::money::Cents;

/// How many days may lie between the transfer a flow names and the treasurer's booking of it.
const DAYS_APART_MAX: i64 = 7;

/// How sure a match is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Certainty {
    /// The text says so.
    Exact,
    /// Text, amount and date leave no other.
    Inferred,
}

impl Certainty {
    /// As the database writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Inferred => "inferred",
        }
    }
}

/// What of a provisional entry finds its payments.
#[derive(Clone, Debug)]
pub struct Trace {
    /// What came in.
    pub amount: Cents,
    /// When.
    pub booked_on: NaiveDate,
    /// What its text says.
    pub remittance: Remittance,
    /// The transfer's number at the bank; empty: not said.
    pub operation_reference: String,
}

/// A flow that may be the one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowCandidate {
    /// Who sent it.
    pub psp_id: String,
    /// Its id.
    pub flow: String,
    /// Declared total of a revision.
    pub total: Cents,
    /// The transfer it names.
    pub regulation: String,
    /// The day of the transfer.
    pub regulation_on: Option<NaiveDate>,
}

/// A payment that may be the one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentCandidate {
    /// Its IUV.
    pub iuv: String,
    /// What its receipt brings the entity.
    pub amount: Cents,
}

/// What a provisional entry is of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// A flow, whatever its revision.
    Flow {
        /// Who sent it.
        psp_id: String,
        /// Its id.
        flow: String,
    },
    /// One payment.
    Payment {
        /// Its IUV.
        iuv: String,
    },
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// This.
    Match(Target, Certainty),
    /// More than one could be it.
    Ambiguous,
    /// The text names something that is not known (yet).
    Missing,
    /// The text names nothing of pagoPA.
    NoReference,
}

/// Finds what an entry is of among candidates; those that have nothing to do with it do no harm. Several revisions of a
/// flow are several candidates.
#[must_use]
pub fn find(trace: &Trace, flows: &[FlowCandidate], payments: &[PaymentCandidate]) -> Finding {
    let by_text = match &trace.remittance.reference {
        Reference::Flow(id) => by_id(trace, id, flows),
        Reference::FlowPrefix(prefix) => by_prefix(trace, prefix, flows),
        Reference::Iuv(iuv) => by_iuv(trace, iuv, payments),
        Reference::IuvPrefix(prefix) => by_iuv_prefix(trace, prefix, payments),
        Reference::None if trace.remittance.truncated => Finding::Missing,
        Reference::None => Finding::NoReference,
    };
    match by_text {
        Finding::Match(..) => by_text,
        _ => by_operation(trace, flows).unwrap_or(by_text),
    }
}

fn by_id(trace: &Trace, id: &str, flows: &[FlowCandidate]) -> Finding {
    let named: Vec<&FlowCandidate> = flows.iter().filter(|flow| flow.flow.eq_ignore_ascii_case(id)).collect();
    let is_exact = trace.remittance.certainty == remittance::Certainty::Exact;
    let certainty = if is_exact { Certainty::Exact } else { Certainty::Inferred };
    let found = one_of(trace, &named, certainty);
    if found != Finding::Missing || is_exact {
        return found;
    }
    let is_reading = |flow: &&FlowCandidate| {
        trace.remittance.alternatives.iter().any(|reading| flow.flow.eq_ignore_ascii_case(reading))
    };
    let readings: Vec<&FlowCandidate> = flows.iter().filter(is_reading).collect();
    match one_of(trace, &readings, Certainty::Inferred) {
        // What looks whole may have been cut inside its suffix.
        Finding::Missing => by_prefix(trace, id, flows),
        found => found,
    }
}

/// The only flow among those named; if there are more, the only one of the entry's amount.
fn one_of(trace: &Trace, named: &[&FlowCandidate], certainty: Certainty) -> Finding {
    let of_amount: Vec<&FlowCandidate> =
        named.iter().filter(|flow| flow.total == trace.amount).copied().collect();
    match (only(named), only(&of_amount)) {
        (Some(target), _) | (None, Some(target)) => Finding::Match(target, certainty),
        _ if named.is_empty() => Finding::Missing,
        _ => Finding::Ambiguous,
    }
}

fn by_prefix(trace: &Trace, prefix: &str, flows: &[FlowCandidate]) -> Finding {
    let could_be: Vec<&FlowCandidate> = flows
        .iter()
        .filter(|flow| {
            let begins = flow.flow.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix));
            begins && flow.total == trace.amount && is_of_those_days(trace, flow)
        })
        .collect();
    match only(&could_be) {
        Some(target) => Finding::Match(target, Certainty::Inferred),
        None if could_be.is_empty() => Finding::Missing,
        None => Finding::Ambiguous,
    }
}

fn is_of_those_days(trace: &Trace, flow: &FlowCandidate) -> bool {
    flow.regulation_on.is_none_or(|day| (trace.booked_on - day).num_days().abs() <= DAYS_APART_MAX)
}

fn by_operation(trace: &Trace, flows: &[FlowCandidate]) -> Option<Finding> {
    let reference = trace.operation_reference.as_str();
    let named: Vec<&FlowCandidate> = flows
        .iter()
        .filter(|flow| !reference.is_empty() && flow.regulation == reference && flow.total == trace.amount)
        .collect();
    only(&named).map(|target| Finding::Match(target, Certainty::Inferred))
}

/// The one flow of which all these are revisions.
fn only(candidates: &[&FlowCandidate]) -> Option<Target> {
    let first = candidates.first()?;
    let is_alone =
        candidates.iter().all(|other| (&other.psp_id, &other.flow) == (&first.psp_id, &first.flow));
    is_alone.then(|| Target::Flow { psp_id: first.psp_id.clone(), flow: first.flow.clone() })
}

fn by_iuv(trace: &Trace, iuv: &str, payments: &[PaymentCandidate]) -> Finding {
    let named = |iuv: &str| payments.iter().find(|payment| payment.iuv.eq_ignore_ascii_case(iuv));
    let target = |payment: &PaymentCandidate| Target::Payment { iuv: payment.iuv.clone() };
    if let Some(payment) = named(iuv) {
        let is_exact = trace.remittance.certainty == remittance::Certainty::Exact;
        let certainty = if is_exact { Certainty::Exact } else { Certainty::Inferred };
        return Finding::Match(target(payment), certainty);
    }
    let readings: Vec<&PaymentCandidate> =
        trace.remittance.alternatives.iter().filter_map(|reading| named(reading)).collect();
    match readings.as_slice() {
        [] => Finding::Missing,
        [payment] => Finding::Match(target(payment), Certainty::Inferred),
        _ => Finding::Ambiguous,
    }
}

fn by_iuv_prefix(trace: &Trace, prefix: &str, payments: &[PaymentCandidate]) -> Finding {
    let mut could_be: Vec<&str> = payments
        .iter()
        .filter(|payment| payment.iuv.starts_with(prefix) && payment.amount == trace.amount)
        .map(|payment| payment.iuv.as_str())
        .collect();
    could_be.dedup();
    match could_be.as_slice() {
        [] => Finding::Missing,
        [iuv] => Finding::Match(Target::Payment { iuv: (*iuv).to_owned() }, Certainty::Inferred),
        _ => Finding::Ambiguous,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2027, 1, d).unwrap()
    }

    fn trace(text: &str, cents: i64) -> Trace {
        Trace {
            amount: Cents(cents),
            booked_on: day(12),
            remittance: remittance::parse(text),
            operation_reference: String::new(),
        }
    }

    fn flow(psp: &str, id: &str, cents: i64) -> FlowCandidate {
        FlowCandidate {
            psp_id: psp.into(),
            flow: id.into(),
            total: Cents(cents),
            regulation: format!("TRN-{id}"),
            regulation_on: Some(day(12)),
        }
    }

    fn is_flow(psp: &str, id: &str, certainty: Certainty) -> Finding {
        Finding::Match(Target::Flow { psp_id: psp.into(), flow: id.into() }, certainty)
    }

    const ID: &str = "2027-01-12PSPIT-S001";

    #[test]
    fn a_whole_id_is_the_flow_whatever_the_amount() {
        let text = format!("/PUR/LGPE-RIVERSAMENTO/TXT/1/URI/{ID}");
        let flows = [flow("PSPIT", ID, 100), flow("PSPIT", "2027-01-12PSPIT-S002", 60)];
        assert_eq!(find(&trace(&text, 60), &flows, &[]), is_flow("PSPIT", ID, Certainty::Exact));
        assert_eq!(find(&trace(&text, 60), &flows[1..], &[]), Finding::Missing);
    }

    #[test]
    fn the_same_id_of_two_providers_is_told_apart_by_the_amount() {
        let text = format!("/PUR/LGPE-RIVERSAMENTO/URI/{ID}");
        let flows = [flow("A", ID, 100), flow("B", ID, 60)];
        assert_eq!(find(&trace(&text, 60), &flows, &[]), is_flow("B", ID, Certainty::Exact));
        assert_eq!(find(&trace(&text, 61), &flows, &[]), Finding::Ambiguous);
    }

    #[test]
    fn a_cut_id_needs_amount_and_days_and_no_rival() {
        let cut = "/PUR/LGPE-RIVERSAMENTO/URI/2027-01-12PS";
        let flows = [flow("PSPIT", ID, 100), flow("PSPIT", "2027-01-12PSPIT-S002", 60)];
        assert_eq!(find(&trace(cut, 100), &flows, &[]), is_flow("PSPIT", ID, Certainty::Inferred));
        assert_eq!(find(&trace(cut, 99), &flows, &[]), Finding::Missing);
        let rivals = [flow("PSPIT", ID, 100), flow("PSPIT", "2027-01-12PSPIT-S002", 100)];
        assert_eq!(find(&trace(cut, 100), &rivals, &[]), Finding::Ambiguous);
        let mut old = flow("PSPIT", ID, 100);
        old.regulation_on = Some(day(4));
        assert_eq!(find(&trace(cut, 100), &[old], &[]), Finding::Missing);
    }

    #[test]
    fn a_former_revision_has_the_amount_too() {
        let cut = "/PUR/LGPE-RIVERSAMENTO/URI/2027-01-12PS";
        let revisions = [flow("PSPIT", ID, 100), flow("PSPIT", ID, 80)];
        assert_eq!(find(&trace(cut, 100), &revisions, &[]), is_flow("PSPIT", ID, Certainty::Inferred));
    }

    #[test]
    fn the_number_of_the_transfer_helps_where_the_text_does_not() {
        let flows = [flow("PSPIT", ID, 100)];
        let mut silent = trace("BONIFICO A VOSTRO FAVORE", 100);
        assert_eq!(find(&silent, &flows, &[]), Finding::NoReference);
        silent.operation_reference = format!("TRN-{ID}");
        assert_eq!(find(&silent, &flows, &[]), is_flow("PSPIT", ID, Certainty::Inferred));
        silent.amount = Cents(99);
        assert_eq!(find(&silent, &flows, &[]), Finding::NoReference);
    }

    #[test]
    fn one_payment_is_found_by_its_iuv() {
        let payments = [
            PaymentCandidate { iuv: "01000000000000012".into(), amount: Cents(30) },
            PaymentCandidate { iuv: "01000000000000113".into(), amount: Cents(30) },
        ];
        let target = Target::Payment { iuv: "01000000000000012".into() };
        let whole = trace("/RFB/01000000000000012/30.00", 30);
        assert_eq!(find(&whole, &[], &payments), Finding::Match(target, Certainty::Exact));
        let other = trace("/RFB/01000000000000999/30.00", 30);
        assert_eq!(find(&other, &[], &payments), Finding::Missing);
    }
}
