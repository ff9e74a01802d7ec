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
//!
//! What is inferred yields to what is said: a flow that other credits cover already has no room for one more, a flow that
//! two credits could be of is neither's, and an id that ends the text may be the beginning of a longer one, if the amount
//! says so.

use std::collections::{BTreeSet, HashMap};

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

/// Finds what entries are of among candidates; those that have nothing to do with them do no harm. Several revisions of a
/// flow are several candidates. All entries that could be of the same flow or payment must be given together; their order
/// does not matter.
#[must_use]
pub fn find(traces: &[Trace], flows: &[FlowCandidate], payments: &[PaymentCandidate]) -> Vec<Finding> {
    let readings: Vec<Reading> = traces.iter().map(|trace| read(trace, flows, payments)).collect();
    let mut rooms = Rooms::new(flows, payments);
    let said = |reading: &Reading| match reading {
        Reading::Said(target, certainty) => Some((target.clone(), *certainty)),
        _ => None,
    };
    let mut matches: Vec<Option<(Target, Certainty)>> = readings.iter().map(said).collect();
    rooms.fill(traces, &matches);
    // What says an id that may be cut is believed where no longer id is left for it.
    let believed = |(reading, trace): (&Reading, &Trace)| match reading {
        Reading::Perhaps(target, certainty, longer) => {
            let is_contested = longer.iter().any(|other| rooms.has(other, trace.amount));
            (!is_contested).then(|| (target.clone(), *certainty))
        }
        _ => None,
    };
    let perhaps: Vec<_> = readings.iter().zip(traces).map(believed).collect();
    rooms.fill(traces, &perhaps);
    for (found, perhaps) in matches.iter_mut().zip(perhaps) {
        *found = found.take().or(perhaps);
    }

    // The transfer's number leaves less doubt than the beginning of an id: what it names is taken first.
    let by_number: Vec<_> = traces.iter().map(|trace| by_operation(trace, flows)).collect();
    let by_text = readings.iter().map(Reading::open).collect();
    let mut possible = vec![BTreeSet::new(); traces.len()];
    for stage in [by_number, by_text] {
        for (at, (could_be, trace)) in stage.into_iter().zip(traces).enumerate() {
            possible[at].retain(|target| rooms.has(target, trace.amount));
            if matches[at].is_none() && possible[at].is_empty() {
                possible[at] = could_be;
                possible[at].retain(|target| rooms.has(target, trace.amount));
            }
        }
        let found = uncontested(&possible);
        rooms.close(&found);
        for (at, found) in found.into_iter().enumerate().filter(|(_, found)| found.is_some()) {
            matches[at] = found;
            possible[at].clear();
        }
    }
    let finding = |((reading, trace), (found, possible)): ((&Reading, &Trace), (Option<_>, &BTreeSet<_>))| {
        match found {
            Some((target, certainty)) => Finding::Match(target, certainty),
            None if possible.is_empty() => reading.nothing(trace),
            None => Finding::Ambiguous,
        }
    };
    readings.iter().zip(traces).zip(matches.into_iter().zip(&possible)).map(finding).collect()
}

/// What entries are of that could be of one thing alone, and no other entry of that.
fn uncontested(possible: &[BTreeSet<Target>]) -> Vec<Option<(Target, Certainty)>> {
    let mut wanted: HashMap<&Target, usize> = HashMap::new();
    for target in possible.iter().flatten() {
        *wanted.entry(target).or_default() += 1;
    }
    let only = |targets: &BTreeSet<Target>| {
        let target = targets.first().filter(|target| targets.len() == 1 && wanted[target] == 1)?;
        Some((target.clone(), Certainty::Inferred))
    };
    possible.iter().map(only).collect()
}

/// Every flow and payment that an entry could be of, whatever else covers it.
#[must_use]
pub fn could_be(trace: &Trace, flows: &[FlowCandidate], payments: &[PaymentCandidate]) -> BTreeSet<Target> {
    let mut targets = by_operation(trace, flows);
    match read(trace, flows, payments) {
        Reading::Said(target, _) => drop(targets.insert(target)),
        Reading::Perhaps(target, _, longer) => {
            targets.insert(target);
            targets.extend(longer);
        }
        Reading::Open(could_be) => targets.extend(could_be),
        Reading::Unclear => {}
    }
    targets
}

/// What an entry's text says, by itself.
enum Reading {
    /// This.
    Said(Target, Certainty),
    /// This by its id, but its amount is that of these, whose ids go on where the text ends.
    Perhaps(Target, Certainty, BTreeSet<Target>),
    /// One of these, by beginning, amount and days.
    Open(BTreeSet<Target>),
    /// One of several that the text does not tell apart.
    Unclear,
}

impl Reading {
    /// What the text may mean, where it leaves that open.
    fn open(&self) -> BTreeSet<Target> {
        match self {
            Self::Open(could_be) => could_be.clone(),
            Self::Said(..) | Self::Perhaps(..) | Self::Unclear => BTreeSet::new(),
        }
    }

    /// Why nothing is possible.
    fn nothing(&self, trace: &Trace) -> Finding {
        let is_silent = trace.remittance.reference == Reference::None && !trace.remittance.truncated;
        match self {
            Self::Unclear | Self::Perhaps(..) => Finding::Ambiguous,
            _ if is_silent => Finding::NoReference,
            _ => Finding::Missing,
        }
    }
}

/// How much room flows and payments have for credits.
struct Rooms(HashMap<Target, Cents>);

impl Rooms {
    fn new(flows: &[FlowCandidate], payments: &[PaymentCandidate]) -> Self {
        let mut rooms = HashMap::new();
        let flows = flows.iter().map(|flow| (flow.target(), flow.total));
        for (target, amount) in flows.chain(payments.iter().map(|payment| (payment.target(), payment.amount)))
        {
            let room = rooms.entry(target).or_insert(amount);
            *room = amount.max(*room);
        }
        Self(rooms)
    }

    fn fill(&mut self, traces: &[Trace], matches: &[Option<(Target, Certainty)>]) {
        for (trace, found) in traces.iter().zip(matches) {
            if let Some(room) = found.as_ref().and_then(|(target, _)| self.0.get_mut(target)) {
                *room = *room - trace.amount;
            }
        }
    }

    /// What an amount found is covered by it: a smaller or larger revision leaves no room for another.
    fn close(&mut self, found: &[Option<(Target, Certainty)>]) {
        for (target, _) in found.iter().flatten() {
            self.0.remove(target);
        }
    }

    fn has(&self, target: &Target, amount: Cents) -> bool {
        self.0.get(target).is_some_and(|room| *room >= amount)
    }
}

impl FlowCandidate {
    fn target(&self) -> Target {
        Target::Flow { psp_id: self.psp_id.clone(), flow: self.flow.clone() }
    }
}

impl PaymentCandidate {
    fn target(&self) -> Target {
        Target::Payment { iuv: self.iuv.clone() }
    }
}

fn read(trace: &Trace, flows: &[FlowCandidate], payments: &[PaymentCandidate]) -> Reading {
    match &trace.remittance.reference {
        Reference::Flow(id) => by_id(trace, id, flows),
        Reference::FlowPrefix(prefix) => Reading::Open(by_prefix(trace, prefix, flows)),
        Reference::Iuv(iuv) => by_iuv(trace, iuv, payments),
        Reference::IuvPrefix(prefix) => Reading::Open(by_iuv_prefix(trace, prefix, payments)),
        Reference::None => Reading::Open(BTreeSet::new()),
    }
}

fn certainty(trace: &Trace) -> Certainty {
    match trace.remittance.certainty {
        remittance::Certainty::Exact => Certainty::Exact,
        remittance::Certainty::Inferred | remittance::Certainty::None => Certainty::Inferred,
    }
}

fn by_id(trace: &Trace, id: &str, flows: &[FlowCandidate]) -> Reading {
    let is_named = |flow: &&FlowCandidate| flow.flow.eq_ignore_ascii_case(id);
    let named: Vec<&FlowCandidate> = flows.iter().filter(is_named).collect();
    let is_exact = certainty(trace) == Certainty::Exact;
    let ends_text = trace.remittance.ends_text;
    if !named.is_empty() {
        let Some(target) = one_of(trace, &named) else { return Reading::Unclear };
        if !ends_text || named.iter().any(|flow| flow.total == trace.amount) {
            return Reading::Said(target, certainty(trace));
        }
        let mut longer = by_prefix(trace, id, flows);
        longer.remove(&target);
        return Reading::Perhaps(target, certainty(trace), longer);
    }
    let is_reading = |flow: &&FlowCandidate| {
        trace.remittance.alternatives.iter().any(|reading| flow.flow.eq_ignore_ascii_case(reading))
    };
    let readings: Vec<&FlowCandidate> = flows.iter().filter(is_reading).collect();
    match one_of(trace, &readings) {
        Some(target) => Reading::Said(target, Certainty::Inferred),
        None if !readings.is_empty() => Reading::Unclear,
        // What looks whole may have been cut inside its suffix.
        None if ends_text || !is_exact => Reading::Open(by_prefix(trace, id, flows)),
        None => Reading::Open(BTreeSet::new()),
    }
}

/// The only flow among those named; if there are more, the only one of the entry's amount.
fn one_of(trace: &Trace, named: &[&FlowCandidate]) -> Option<Target> {
    let of_amount: Vec<&FlowCandidate> =
        named.iter().filter(|flow| flow.total == trace.amount).copied().collect();
    only(named).or_else(|| only(&of_amount))
}

/// The one flow of which all these are revisions.
fn only(candidates: &[&FlowCandidate]) -> Option<Target> {
    let target = candidates.first()?.target();
    candidates.iter().all(|other| other.target() == target).then_some(target)
}

fn by_prefix(trace: &Trace, prefix: &str, flows: &[FlowCandidate]) -> BTreeSet<Target> {
    let could_be = |flow: &&FlowCandidate| {
        let begins = flow.flow.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix));
        begins && flow.total == trace.amount && is_of_those_days(trace, flow)
    };
    flows.iter().filter(could_be).map(FlowCandidate::target).collect()
}

fn is_of_those_days(trace: &Trace, flow: &FlowCandidate) -> bool {
    flow.regulation_on.is_none_or(|day| (trace.booked_on - day).num_days().abs() <= DAYS_APART_MAX)
}

fn by_operation(trace: &Trace, flows: &[FlowCandidate]) -> BTreeSet<Target> {
    let reference = trace.operation_reference.as_str();
    let is_named = |flow: &&FlowCandidate| {
        !reference.is_empty() && flow.regulation == reference && flow.total == trace.amount
    };
    flows.iter().filter(is_named).map(FlowCandidate::target).collect()
}

fn by_iuv(trace: &Trace, iuv: &str, payments: &[PaymentCandidate]) -> Reading {
    let named = |iuv: &str| payments.iter().find(|payment| payment.iuv.eq_ignore_ascii_case(iuv));
    if let Some(payment) = named(iuv) {
        return Reading::Said(payment.target(), certainty(trace));
    }
    let readings: Vec<&PaymentCandidate> =
        trace.remittance.alternatives.iter().filter_map(|reading| named(reading)).collect();
    match readings.as_slice() {
        [] => Reading::Open(BTreeSet::new()),
        [payment] => Reading::Said(payment.target(), Certainty::Inferred),
        _ => Reading::Unclear,
    }
}

fn by_iuv_prefix(trace: &Trace, prefix: &str, payments: &[PaymentCandidate]) -> BTreeSet<Target> {
    let could_be =
        |payment: &&PaymentCandidate| payment.iuv.starts_with(prefix) && payment.amount == trace.amount;
    payments.iter().filter(could_be).map(PaymentCandidate::target).collect()
}

#[cfg(test)]
mod tests;
