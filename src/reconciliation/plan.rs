//! From the rows of a flow and the credits that cover it to the plan of each credit: amounts by budget line with the
//! payments behind each, and named differences. Plan and differences make the credit, always.

use std::collections::BTreeMap;

use serde::Serialize;

use super::allocation::{Allocation, allocate};
use super::explain::{BudgetLine, Content, Explained, Row, Share};
use super::label::Label;
use super::ledger::Covered;
use crate::ids::ProvisionalEntryId;
use crate::money::Cents;

/// A provisional entry, as far as it covers something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credit {
    /// Which.
    pub entry: ProvisionalEntryId,
    /// Its fiscal year.
    pub year: i16,
    /// How much.
    pub amount: Cents,
    /// Whether it needs nothing more: orders cover it, or the accountant sent its plan.
    pub is_regularised: bool,
}

/// Rows with the credits that cover them.
#[derive(Clone, Debug)]
pub struct Covering {
    /// The rows, in order.
    pub rows: Vec<Row>,
    /// What each is.
    pub explained: Vec<Explained>,
    /// The credits, in the order in which they came.
    pub credits: Vec<Credit>,
    allocation: Allocation,
    /// Row and part of each allocated amount.
    parts: Vec<(usize, usize)>,
}

/// A line of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanLine {
    /// Where it belongs.
    pub line: BudgetLine,
    /// The chapter's name, as the newest position has it: it may be corrected within the year.
    pub description: String,
    /// How much.
    pub amount: Cents,
    /// The payments behind it: row and how much of it.
    pub payments: Vec<(usize, Cents)>,
}

/// What of a credit belongs to no line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlanDifference {
    /// Its name.
    pub label: Label,
    /// How much; negative where the credit has less than the payments.
    pub amount: Cents,
    /// The row it comes from.
    pub row: Option<usize>,
}

/// The plan of a credit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Lines, by budget line.
    pub lines: Vec<PlanLine>,
    /// What is in none.
    pub differences: Vec<PlanDifference>,
}

/// How far the money of a row has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    /// A receipt.
    Paid,
    /// A row of a flow.
    Reported,
    /// Credits cover it.
    Cashed,
    /// And need nothing more.
    Regularised,
}

impl Covering {
    /// Lets credits cover rows, both in the order given.
    #[must_use]
    pub fn new(rows: Vec<Row>, explained: Vec<Explained>, credits: Vec<Credit>) -> Self {
        let amounts_of = |explained: &Explained| explained.parts.iter().map(|part| part.amount).collect();
        let groups: Vec<Vec<Cents>> = explained.iter().map(amounts_of).collect();
        let amounts: Vec<Cents> = credits.iter().map(|credit| credit.amount).collect();
        let allocation = allocate(&groups, &amounts);
        let places = |(row, group): (usize, &Vec<Cents>)| {
            (0..group.len()).map(move |part| (row, part)).collect::<Vec<_>>()
        };
        let parts = groups.iter().enumerate().flat_map(places).collect();
        Self { rows, explained, credits, allocation, parts }
    }

    /// The sum of the rows.
    #[must_use]
    pub fn total(&self) -> Cents {
        self.rows.iter().map(|row| row.amount).sum()
    }

    /// What credits have more (or less) than the rows.
    #[must_use]
    pub fn imbalance(&self) -> Cents {
        self.credits.iter().map(|credit| credit.amount).sum::<Cents>() - self.total()
    }

    /// The place of an entry among the credits.
    #[must_use]
    pub fn place_of(&self, entry: ProvisionalEntryId) -> Option<usize> {
        self.credits.iter().position(|credit| credit.entry == entry)
    }

    /// The plan of a credit.
    #[must_use]
    pub fn plan(&self, credit: usize, shares: &[Share]) -> Plan {
        let mut lines: BTreeMap<&BudgetLine, (&Share, BTreeMap<usize, Cents>)> = BTreeMap::new();
        let mut differences: BTreeMap<(usize, Label), Cents> = BTreeMap::new();
        for (row, content, amount) in self.covered_parts(credit) {
            match content {
                Content::Share(at) => {
                    let share = &shares[at];
                    let (newest, payments) = lines.entry(&share.line).or_insert((share, BTreeMap::new()));
                    if share.position.0 > newest.position.0 {
                        *newest = share;
                    }
                    let paid = payments.entry(row).or_default();
                    *paid = *paid + amount;
                }
                Content::Difference(label) => {
                    let sum = differences.entry((row, label)).or_default();
                    *sum = *sum + amount;
                }
            }
        }
        let line = |(line, (newest, payments)): (&BudgetLine, (&Share, BTreeMap<usize, Cents>))| PlanLine {
            line: line.clone(),
            description: newest.description.clone(),
            amount: payments.values().copied().sum(),
            payments: payments.into_iter().collect(),
        };
        let of_row = |((row, label), amount)| PlanDifference { label, amount, row: Some(row) };
        let unexplained = self.allocation.unexplained[credit];
        let rest = (unexplained != Cents::ZERO).then_some(PlanDifference {
            label: Label::IufTesDivImp,
            amount: unexplained,
            row: None,
        });
        Plan {
            lines: lines.into_iter().map(line).collect(),
            differences: differences.into_iter().map(of_row).chain(rest).collect(),
        }
    }

    /// What a credit covers, as the books see it.
    #[must_use]
    pub fn covered(&self, credit: usize) -> Vec<Covered> {
        self.covered_parts(credit)
            .map(|(row, _, amount)| Covered {
                subject: self.explained[row].subject.clone(),
                account: self.explained[row].account,
                amount,
            })
            .collect()
    }

    /// The rows a credit covers, each with how much of it.
    #[must_use]
    pub fn rows_of(&self, credit: usize) -> BTreeMap<usize, Cents> {
        let mut rows = BTreeMap::new();
        for (row, _, amount) in self.covered_parts(credit) {
            let sum = rows.entry(row).or_insert(Cents::ZERO);
            *sum = *sum + amount;
        }
        rows
    }

    /// How far the money of each row has come.
    #[must_use]
    pub fn states(&self) -> Vec<PaymentState> {
        let mut states = vec![PaymentState::Regularised; self.rows.len()];
        let mut lower = |row: usize, state: PaymentState| states[row] = states[row].min(state);
        for (credit, parts) in self.credits.iter().zip(&self.allocation.covered) {
            if !credit.is_regularised {
                parts.iter().for_each(|(place, _)| lower(self.parts[*place].0, PaymentState::Cashed));
            }
        }
        for (place, _) in &self.allocation.uncovered {
            lower(self.parts[*place].0, PaymentState::Reported);
        }
        states
    }

    fn covered_parts(&self, credit: usize) -> impl Iterator<Item = (usize, Content, Cents)> {
        self.allocation.covered[credit].iter().map(|(place, amount)| {
            let (row, part) = self.parts[*place];
            (row, self.explained[row].parts[part].content, *amount)
        })
    }
}

impl Plan {
    /// A plan of nothing but a difference: the entry is of nothing that is known.
    #[must_use]
    pub fn unexplained(label: Label, amount: Cents) -> Self {
        Self { lines: Vec::new(), differences: vec![PlanDifference { label, amount, row: None }] }
    }

    /// Lines and differences together: the credit.
    #[must_use]
    pub fn total(&self) -> Cents {
        let lines = self.lines.iter().map(|line| line.amount);
        lines.chain(self.differences.iter().map(|difference| difference.amount)).sum()
    }

    /// What makes it this plan: its amounts, by line and by name. Whoever was sent this plan has nothing to change as long
    /// as it stays the same.
    pub fn sha256(&self) -> crate::Result<Vec<u8>> {
        let lines: Vec<(&BudgetLine, Cents)> =
            self.lines.iter().map(|line| (&line.line, line.amount)).collect();
        let mut differences: BTreeMap<Label, Cents> = BTreeMap::new();
        for difference in &self.differences {
            let sum = differences.entry(difference.label).or_default();
            *sum = *sum + difference.amount;
        }
        let named: Vec<(Label, Cents)> = differences.into_iter().collect();
        Ok(crate::secrets::sha256(&serde_json::to_vec(&(lines, named))?))
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use proptest::prelude::*;

    use super::*;
    use crate::ids::DebtPositionId;
    use crate::reconciliation::explain::{Outcome, Part};
    use crate::reconciliation::ledger::Account;

    fn share(chapter: u8, cents: i64) -> Share {
        Share {
            position: DebtPositionId::new(),
            iuv: String::new(),
            transfer_index: 1,
            share_index: 1,
            line: BudgetLine {
                year: 2027,
                chapter: chapter.to_string(),
                article: String::new(),
                assessment_year: None,
                assessment_number: None,
                pdc: String::new(),
                siope: String::new(),
                is_third_party: false,
            },
            description: String::new(),
            amount: Cents(cents),
        }
    }

    fn covering(rows: &[Vec<(Option<u8>, i64)>], credits: &[i64]) -> (Covering, Vec<Share>) {
        let mut shares = Vec::new();
        let mut explained = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            let parts = row.iter().map(|(chapter, cents)| match chapter {
                Some(chapter) => {
                    shares.push(share(*chapter, cents.abs().max(1)));
                    Part { content: Content::Share(shares.len() - 1), amount: Cents(cents.abs().max(1)) }
                }
                None => Part { content: Content::Difference(Label::RtIufDivImp), amount: Cents(*cents) },
            });
            let parts: Vec<Part> = parts.collect();
            explained.push(Explained {
                parts,
                labels: vec![],
                transfer: at.is_multiple_of(2).then_some(at),
                account: if at.is_multiple_of(2) { Account::InTransit } else { Account::Unidentified },
                subject: format!("iuv/{at}/1"),
            });
        }
        let row = |(index, explained): (i32, &Explained)| Row {
            index,
            iuv: "iuv".into(),
            iur: index.to_string(),
            transfer_index: Some(1),
            amount: explained.parts.iter().map(|part| part.amount).sum(),
            outcome: Outcome::Executed,
            paid_on: NaiveDate::from_ymd_opt(2027, 1, 11).unwrap(),
        };
        let rows = (0..).zip(&explained).map(row).collect();
        let credit = |cents: &i64| Credit {
            entry: ProvisionalEntryId::new(),
            year: 2027,
            amount: Cents(*cents),
            is_regularised: false,
        };
        (Covering::new(rows, explained, credits.iter().map(credit).collect()), shares)
    }

    #[test]
    fn a_cumulative_credit_splits_over_chapters() {
        let rows = [vec![(Some(1), 1679), (Some(2), 542)], vec![(Some(1), 1679), (Some(2), 542)]];
        let (found, shares) = covering(&rows, &[4442]);
        let plan = found.plan(0, &shares);
        assert_eq!(plan.lines.iter().map(|line| line.amount.0).collect::<Vec<_>>(), [3358, 1084]);
        assert_eq!(plan.lines[0].payments, [(0, Cents(1679)), (1, Cents(1679))]);
        assert_eq!(plan.differences, []);
        assert_eq!(found.states(), [PaymentState::Cashed, PaymentState::Cashed]);
    }

    #[test]
    fn a_missing_credit_leaves_payments_reported() {
        let rows = [vec![(Some(1), 60)], vec![(Some(1), 40)]];
        let (found, _) = covering(&rows, &[60]);
        assert_eq!(found.states(), [PaymentState::Cashed, PaymentState::Reported]);
        assert_eq!(found.imbalance(), Cents(-40));
    }

    #[test]
    fn a_chapter_whose_name_was_corrected_is_one_line() {
        let rows = [vec![(Some(1), 60)], vec![(Some(1), 40)]];
        let (found, mut shares) = covering(&rows, &[100]);
        let before = found.plan(0, &shares).sha256().unwrap();
        shares[0].description = "Diriti".into();
        shares[1].description = "Diritti".into();
        shares.iter_mut().zip([1, 2]).for_each(|(share, n)| share.position.0 = uuid::Uuid::from_u128(n));
        let plan = found.plan(0, &shares);
        assert_eq!((plan.lines.len(), plan.lines[0].amount), (1, Cents(100)));
        assert_eq!(plan.lines[0].description, "Diritti");
        assert_eq!(plan.sha256().unwrap(), before, "whoever was sent the plan has nothing to change");
    }

    #[test]
    fn a_plan_is_another_one_when_its_amounts_are() {
        let digest = |cents| {
            let (found, shares) = covering(&[vec![(Some(1), cents)]], &[100]);
            found.plan(0, &shares).sha256().unwrap()
        };
        assert_eq!(digest(60), digest(60));
        assert_ne!(digest(60), digest(61));
    }

    proptest! {
        #[test]
        fn plan_and_differences_make_the_credit_and_credits_make_the_rows(
            rows in prop::collection::vec(
                prop::collection::vec((prop::option::of(0..3_u8), -5_000..20_000_i64), 0..4), 0..10),
            credits in prop::collection::vec(1..60_000_i64, 0..5),
        ) {
            let (found, shares) = covering(&rows, &credits);
            let mut covered = Cents::ZERO;
            for (place, credit) in found.credits.iter().enumerate() {
                let plan = found.plan(place, &shares);
                prop_assert_eq!(plan.total(), credit.amount);
                for line in &plan.lines {
                    prop_assert!(line.amount > Cents::ZERO);
                    prop_assert_eq!(line.payments.iter().map(|(_, paid)| *paid).sum::<Cents>(), line.amount);
                }
                let booked: Cents = found.covered(place).iter().map(|part| part.amount).sum();
                prop_assert_eq!(booked, found.rows_of(place).values().copied().sum::<Cents>());
                covered = covered + booked;
            }
            if !credits.is_empty() && found.imbalance() >= Cents::ZERO {
                prop_assert_eq!(covered, found.total());
            }
        }
    }
}
