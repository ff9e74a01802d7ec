//! Matches and books anew what something new touches. Run again, it changes nothing.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use sportello_treasury::remittance::{self, Reference};
use sqlx::PgConnection;

use super::covering::{self, Basis, Coverings};
use super::explain::Knowledge;
use super::label::{Label, Tally, tally};
use super::ledger;
use super::matching::{Certainty, Finding, FlowCandidate, PaymentCandidate, Target, Trace, could_be, find};
use super::plan::{Covering, PaymentState, Plan};
use super::state::State;
use super::store;
use super::store::flows::FlowHead;
use super::store::matches::{self, Candidate};
use crate::error::Result;
use crate::ids::{EntityId, ProvisionalEntryId};
use crate::money::Cents;

/// What is new.
#[derive(Clone, Copy, Debug)]
pub enum Scope<'a> {
    /// Everything is looked at again.
    Everything,
    /// A flow came, or a new revision of it.
    Flow {
        /// Who sent it.
        psp_id: &'a str,
        /// Its id.
        flow: &'a str,
    },
    /// Provisional entries came, or changed.
    Entries(&'a [ProvisionalEntryId]),
    /// A receipt came.
    Payment {
        /// Its IUV.
        iuv: &'a str,
    },
}

/// Matches provisional entries with flows and payments, explains rows by receipts and positions, and makes the books say
/// so; touches only what the scope concerns. Holds back other reconciliations of the entity until the transaction ends:
/// call it last.
pub async fn rematch(
    conn: &mut PgConnection,
    entity: EntityId,
    scope: Scope<'_>,
    now: DateTime<Utc>,
) -> Result<()> {
    matches::lock(conn, entity).await?;
    let (mut entries, mut touched) = concerned(conn, entity, scope).await?;
    let known = with_rivals(conn, entity, &mut entries).await?;
    let unmatched = match_entries(conn, entity, &entries, &known, &mut touched, now).await?;
    for (candidate, label) in &unmatched {
        ledger::cash(conn, entity, candidate.id, None, now).await?;
        let plan = Plan::unexplained(*label, candidate.amount);
        let labels = [Some(*label), plan_changed(candidate, &plan)?].into_iter().flatten();
        let with_amount = labels.map(|label| (label, candidate.amount));
        matches::put_labels(conn, entity, candidate.id, &tally(with_amount)).await?;
    }
    let targets = with_shared_payments(conn, entity, touched).await?;
    let coverings = covering::load(conn, entity, &targets).await?;
    settle(conn, entity, &coverings, now).await
}

/// The entries to match anew, and the flows and payments to settle whatever the entries say.
async fn concerned(
    conn: &mut PgConnection,
    entity: EntityId,
    scope: Scope<'_>,
) -> Result<(Vec<Candidate>, BTreeSet<Target>)> {
    Ok(match scope {
        Scope::Everything => {
            let all = store::views::latest_targets(conn, entity).await?;
            (matches::all(conn, entity).await?, all.into_iter().collect())
        }
        Scope::Entries(ids) => {
            let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
            (matches::of_entries(conn, entity, &ids).await?, BTreeSet::new())
        }
        Scope::Flow { psp_id, flow } => {
            let target = Target::Flow { psp_id: psp_id.to_owned(), flow: flow.to_owned() };
            let targets = BTreeSet::from([target]);
            (matches::of_targets(conn, entity, &targets).await?, targets)
        }
        Scope::Payment { iuv } => {
            let flows = store::flows::with_iuvs(conn, entity, &[iuv.to_owned()]).await?;
            let payment = BTreeSet::from([Target::Payment { iuv: iuv.to_owned() }]);
            (matches::of_targets(conn, entity, &payment).await?, flows.into_iter().collect())
        }
    })
}

/// The flows and payments that entries may be of.
struct Candidates {
    flows: Vec<FlowCandidate>,
    payments: Vec<PaymentCandidate>,
}

async fn candidates(conn: &mut PgConnection, entity: EntityId, entries: &[Candidate]) -> Result<Candidates> {
    let mut keys = Keys::default();
    entries.iter().for_each(|entry| keys.add(&trace(entry)));
    Ok(Candidates {
        flows: matches::flow_candidates(conn, entity, &keys.flows, &keys.flow_prefixes, &keys.operations)
            .await?,
        payments: matches::payment_candidates(conn, entity, &keys.iuvs, &keys.iuv_prefixes).await?,
    })
}

/// Adds the entries that could be of what these are, were or could be of, and those that could be of what the added ones
/// could be of, and so on: what one of them is of decides what is left for the others.
async fn with_rivals(
    conn: &mut PgConnection,
    entity: EntityId,
    entries: &mut Vec<Candidate>,
) -> Result<Candidates> {
    let mut contested: BTreeSet<Target> = BTreeSet::new();
    let mut there: BTreeSet<ProvisionalEntryId> = entries.iter().map(|entry| entry.id).collect();
    loop {
        let known = candidates(conn, entity, entries).await?;
        let targets = |entry: &Candidate| {
            let mut targets = could_be(&trace(entry), &known.flows, &known.payments);
            targets.extend(entry.target.clone());
            targets
        };
        let more: BTreeSet<Target> = entries.iter().flat_map(targets).collect();
        let more: BTreeSet<Target> = more.difference(&contested).cloned().collect();
        if more.is_empty() {
            return Ok(known);
        }
        let mut rivals = matches::of_targets(conn, entity, &more).await?;
        rivals.retain(|rival| !there.contains(&rival.id) && !targets(rival).is_disjoint(&more));
        if rivals.is_empty() {
            return Ok(known);
        }
        contested.extend(more);
        there.extend(rivals.iter().map(|rival| rival.id));
        entries.extend(rivals);
    }
}

/// Finds what each entry is of, keeps it, and answers the entries that are of nothing, with the reason. What an entry is
/// of, and was of, is touched.
async fn match_entries<'a>(
    conn: &mut PgConnection,
    entity: EntityId,
    entries: &'a [Candidate],
    known: &Candidates,
    touched: &mut BTreeSet<Target>,
    now: DateTime<Utc>,
) -> Result<Vec<(&'a Candidate, Label)>> {
    let is_there = |entry: &&Candidate| entry.state != State::Cancelled;
    let traces: Vec<Trace> = entries.iter().filter(is_there).map(trace).collect();
    let mut findings = find(&traces, &known.flows, &known.payments).into_iter();
    let mut unmatched = Vec::new();
    for candidate in entries {
        touched.extend(candidate.target.clone());
        let finding = match candidate.state {
            State::Cancelled => None,
            State::Open | State::Regularised => findings.next(),
        };
        let label = match finding {
            Some(Finding::Match(target, certainty)) => {
                if (candidate.target.as_ref(), candidate.certainty) != (Some(&target), Some(certainty)) {
                    matches::put(conn, entity, candidate.id, (&target, certainty), now).await?;
                }
                touched.insert(target);
                continue;
            }
            Some(Finding::Ambiguous) => Label::TesAmbiguous,
            Some(Finding::Missing) => Label::TesNoMatch,
            Some(Finding::NoReference) => Label::TesNoIufOrIuv,
            None => Label::TesStornato,
        };
        if candidate.target.is_some() {
            matches::remove(conn, entity, candidate.id).await?;
        }
        unmatched.push((candidate, label));
    }
    Ok(unmatched)
}

fn trace(candidate: &Candidate) -> Trace {
    Trace {
        amount: candidate.amount,
        booked_on: candidate.booked_on,
        remittance: remittance::parse(&candidate.remittance),
        operation_reference: candidate.operation_reference.clone(),
    }
}

/// What to look candidates up by.
#[derive(Default)]
struct Keys {
    flows: Vec<String>,
    flow_prefixes: Vec<String>,
    iuvs: Vec<String>,
    iuv_prefixes: Vec<String>,
    operations: Vec<String>,
}

impl Keys {
    fn add(&mut self, trace: &Trace) {
        let readings = trace.remittance.alternatives.iter();
        match &trace.remittance.reference {
            Reference::Flow(id) => {
                self.flows.extend(readings.map(|reading| reading.to_uppercase()));
                self.flows.push(id.to_uppercase());
                self.flow_prefixes.push(id.to_uppercase());
            }
            Reference::FlowPrefix(prefix) => self.flow_prefixes.push(prefix.to_uppercase()),
            Reference::Iuv(iuv) => {
                self.iuvs.extend(readings.cloned());
                self.iuvs.push(iuv.clone());
            }
            Reference::IuvPrefix(prefix) => self.iuv_prefixes.push(prefix.clone()),
            Reference::None => {}
        }
        if !trace.operation_reference.is_empty() {
            self.operations.push(trace.operation_reference.clone());
        }
    }
}

/// With the flows that report the same payments: what one of them says changes what the others are.
async fn with_shared_payments(
    conn: &mut PgConnection,
    entity: EntityId,
    mut touched: BTreeSet<Target>,
) -> Result<Vec<Target>> {
    let targets: Vec<Target> = touched.iter().cloned().collect();
    let heads = store::flows::latest_of(conn, entity, &targets).await?;
    let ids: Vec<_> = heads.iter().map(|head| head.id.0).collect();
    let mut iuvs = store::flows::iuvs(conn, entity, &ids).await?;
    iuvs.extend(targets.into_iter().filter_map(|target| match target {
        Target::Payment { iuv } => Some(iuv),
        Target::Flow { .. } => None,
    }));
    touched.extend(store::flows::with_iuvs(conn, entity, &iuvs).await?);
    touched.extend(store::views::payment_targets(conn, entity, &iuvs).await?);
    Ok(touched.into_iter().collect())
}

/// Books what credits cover, and keeps the labels.
async fn settle(
    conn: &mut PgConnection,
    entity: EntityId,
    coverings: &Coverings,
    now: DateTime<Utc>,
) -> Result<()> {
    let ids: Vec<_> =
        coverings.list.iter().flat_map(|(.., c)| c.credits.iter().map(|credit| credit.entry.0)).collect();
    let entries: HashMap<ProvisionalEntryId, Candidate> =
        matches::of_entries(conn, entity, &ids).await?.into_iter().map(|entry| (entry.id, entry)).collect();
    for (_, basis, covering) in &coverings.list {
        for (place, credit) in covering.credits.iter().enumerate() {
            let explained = Some((credit.amount, covering.covered(place)));
            ledger::cash(conn, entity, credit.entry, explained, now).await?;
            let Some(entry) = entries.get(&credit.entry) else { continue };
            let labels = entry_labels(covering, place, basis, &coverings.known, entry)?;
            matches::put_labels(conn, entity, credit.entry, &labels).await?;
        }
        if let Basis::Flow(head) = basis {
            let labels = flow_labels(covering, head);
            if labels != head.labels.0 {
                store::flows::put_labels(conn, entity, head.id, &labels).await?;
            }
        }
    }
    Ok(())
}

/// What is said of a row by itself and by how far its money has come.
pub(super) fn row_labels(covering: &Covering, row: usize, state: PaymentState, basis: &Basis) -> Vec<Label> {
    let explained = &covering.explained[row];
    let mut labels = explained.labels.clone();
    let is_as_it_should_be = labels.iter().all(|label| *label == Label::IurDiffers);
    if is_as_it_should_be && explained.in_transit() {
        labels.push(match (state, basis) {
            (PaymentState::Paid | PaymentState::Reported, _) => Label::RtIuf,
            (_, Basis::Receipts) => Label::RtTes,
            (_, Basis::Flow(_)) => Label::RtIufTes,
        });
    }
    labels
}

fn flow_labels(covering: &Covering, head: &FlowHead) -> Vec<Tally> {
    let mut labels = Vec::new();
    let basis = Basis::Flow(Box::new(head.clone()));
    for (row, state) in covering.states().into_iter().enumerate() {
        let of_row = row_labels(covering, row, state, &basis);
        labels.extend(of_row.into_iter().map(|label| (label, covering.rows[row].amount)));
    }
    if head.findings.as_array().is_some_and(|findings| !findings.is_empty()) {
        labels.push((Label::FlowDoesNotAddUp, head.total - covering.total()));
    }
    if covering.credits.is_empty() {
        labels.push((Label::IufNoTes, covering.total()));
    } else if covering.imbalance() != Cents::ZERO {
        labels.push((Label::IufTesDivImp, covering.imbalance()));
    }
    tally(labels)
}

fn entry_labels(
    covering: &Covering,
    place: usize,
    basis: &Basis,
    known: &Knowledge,
    entry: &Candidate,
) -> Result<Vec<Tally>> {
    let mut labels = Vec::new();
    let states = covering.states();
    for (row, amount) in covering.rows_of(place) {
        let of_row = row_labels(covering, row, states[row], basis);
        labels.extend(of_row.into_iter().map(|label| (label, amount)));
    }
    let plan = covering.plan(place, &known.shares);
    let other_years = plan.lines.iter().filter(|line| line.line.year != covering.credits[place].year);
    labels.extend(other_years.map(|line| (Label::OtherYear, line.amount)));
    if covering.imbalance() != Cents::ZERO {
        labels.push((Label::IufTesDivImp, covering.imbalance()));
    }
    if entry.certainty == Some(Certainty::Inferred) {
        labels.push((Label::TesInferred, entry.amount));
    }
    labels.extend(plan_changed(entry, &plan)?.map(|label| (label, entry.amount)));
    Ok(tally(labels))
}

/// Whether an entry whose plan was sent has another one now.
fn plan_changed(entry: &Candidate, plan: &Plan) -> Result<Option<Label>> {
    let Some(sent) = &entry.plan_sha256 else { return Ok(None) };
    Ok((*sent != plan.sha256()?).then_some(Label::PlanChanged))
}
