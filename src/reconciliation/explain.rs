//! What each row of a flow is: which receipt stands behind it, which shares of which position it pays, and what about it
//! does not agree.
//!
//! Rows are looked at together with all rows of the same IUV, in whatever flow: a notice can be paid twice, and reported
//! twice.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::label::Label;
use super::ledger::{Account, transfer_subject};
use crate::ids::DebtPositionId;
use crate::money::Cents;

/// How a row says it was paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Outcome {
    /// Paid.
    Executed,
    /// Taken back.
    Revoked,
    /// Paid while the platform answered in our stead.
    StandIn,
    /// The same, and no receipt will come.
    StandInNoRpt,
    /// Paid, and no receipt will come.
    NoRpt,
    /// Anything else.
    Unknown,
}

/// A row of a flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its place in the flow.
    pub index: i32,
    /// IUV.
    pub iuv: String,
    /// IUR, as the row says it.
    pub iur: String,
    /// The transfer of the receipt; older files leave it out.
    pub transfer_index: Option<i16>,
    /// How much: negative for what was taken back.
    pub amount: Cents,
    /// How it was paid.
    pub outcome: Outcome,
    /// When.
    pub paid_on: NaiveDate,
}

/// A transfer of a receipt that goes to the entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// IUV.
    pub iuv: String,
    /// The receipt.
    pub iur: String,
    /// Its place in the receipt.
    pub index: i16,
    /// How much.
    pub amount: Cents,
    /// The position it pays.
    pub position: Option<DebtPositionId>,
    /// Whether this is the first receipt of the position.
    pub is_first: bool,
    /// Who paid; empty: not said.
    pub payer_name: String,
    /// When.
    pub paid_at: DateTime<Utc>,
}

/// A share of a position, frozen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// Of which position.
    pub position: DebtPositionId,
    /// Its IUV.
    pub iuv: String,
    /// Of which transfer.
    pub transfer_index: i16,
    /// Its place in the transfer.
    pub share_index: i16,
    /// Where it belongs.
    pub line: BudgetLine,
    /// The chapter's name, as it was when the position was made.
    pub description: String,
    /// How much.
    pub amount: Cents,
}

/// A line of the budget, with the assessment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct BudgetLine {
    /// Accounting year.
    pub year: i16,
    /// Capitolo.
    pub chapter: String,
    /// Articolo; empty where chapters have none.
    pub article: String,
    /// Accertamento, year.
    pub assessment_year: Option<i16>,
    /// Accertamento, number.
    pub assessment_number: Option<String>,
    /// Piano dei conti finanziario; empty: not said.
    pub pdc: String,
    /// SIOPE code; empty: not said.
    pub siope: String,
    /// Held for others (*partite di giro*, *conto terzi*).
    pub is_third_party: bool,
}

/// What an entity knows of the payments that rows may be of.
#[derive(Clone, Debug, Default)]
pub struct Knowledge {
    /// Transfers of receipts, by IUV.
    pub transfers: Vec<Transfer>,
    /// Shares of positions, by IUV.
    pub shares: Vec<Share>,
    /// The entity's segregation codes; none known: every notice may be ours.
    pub segregations: Vec<i16>,
}

/// What a row is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// What it is made of; the sum is the row's amount.
    pub parts: Vec<Part>,
    /// What is said of it, besides whether the treasury has it.
    pub labels: Vec<Label>,
    /// The transfer behind it, by its place in [`Knowledge::transfers`].
    pub transfer: Option<usize>,
    /// The account that its money comes from.
    pub account: Account,
    /// The sub-account.
    pub subject: String,
}

/// A part of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub content: Content,
    /// How much.
    pub amount: Cents,
}

/// What a part of a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// A share of a position, by its place in [`Knowledge::shares`].
    Share(usize),
    /// Something without a place in the budget.
    Difference(Label),
}

impl Explained {
    /// Whether a receipt of ours put its money in transit.
    #[must_use]
    pub fn in_transit(&self) -> bool {
        self.account == Account::InTransit
    }
}

/// Rows with what was taken back as negative amounts: the schemas want every amount positive, the rules before 1.0.5 wanted
/// it negative. Where the rows as said do not make the declared total and the others do, the others are meant.
#[must_use]
pub fn signed(mut rows: Vec<Row>, total: Cents) -> Vec<Row> {
    let sum = |rows: &[Row]| rows.iter().map(|row| row.amount).sum::<Cents>();
    if sum(&rows) == total {
        return rows;
    }
    let taken_back = |row: &Row| row.outcome == Outcome::Revoked && row.amount > Cents::ZERO;
    let negated: Cents = rows.iter().filter(|row| taken_back(row)).map(|row| row.amount + row.amount).sum();
    if sum(&rows) - negated == total {
        for row in &mut rows {
            if taken_back(row) {
                row.amount = -row.amount;
            }
        }
    }
    rows
}

/// Explains rows, in the order in which they were reported. All rows of an IUV must be given together.
#[must_use]
pub fn explain(rows: &[&Row], known: &Knowledge) -> Vec<Explained> {
    let mut by_iuv: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, row) in rows.iter().enumerate() {
        by_iuv.entry(&row.iuv).or_default().push(place);
    }
    let mut transfers: HashMap<&str, Vec<usize>> = HashMap::new();
    for (place, transfer) in known.transfers.iter().enumerate() {
        transfers.entry(&transfer.iuv).or_default().push(place);
    }
    let mut shares: HashMap<&str, Vec<usize>> = HashMap::new();
    for (place, share) in known.shares.iter().enumerate() {
        shares.entry(&share.iuv).or_default().push(place);
    }
    let mut explained: Vec<Option<Explained>> = vec![None; rows.len()];
    for (iuv, places) in by_iuv {
        let of_iuv = OfIuv {
            known,
            transfers: transfers.get(iuv).map_or(&[], Vec::as_slice),
            shares: shares.get(iuv).map_or(&[], Vec::as_slice),
        };
        let group: Vec<&Row> = places.iter().map(|place| rows[*place]).collect();
        for (place, found) in places.into_iter().zip(of_iuv.explain(&group)) {
            explained[place] = Some(found);
        }
    }
    explained.into_iter().flatten().collect()
}

/// What stands behind a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Behind {
    /// The receipt it names.
    Named(usize),
    /// The only receipt it can mean.
    Meant(usize),
    /// A receipt that another row has reported.
    Repeated,
    /// Nothing.
    Nothing,
}

/// What is known of one IUV.
struct OfIuv<'a> {
    known: &'a Knowledge,
    transfers: &'a [usize],
    shares: &'a [usize],
}

impl OfIuv<'_> {
    fn explain(&self, rows: &[&Row]) -> Vec<Explained> {
        let behind = self.pair(rows);
        // Shares are paid once: by the position's first receipt, or by a row without receipt where there is none.
        let mut paid: HashSet<i16> = HashSet::new();
        rows.iter().zip(behind).map(|(row, behind)| self.explain_row(row, behind, &mut paid)).collect()
    }

    /// Finds the transfer behind each row: first what the rows name, then what only one row and one transfer are left for.
    fn pair(&self, rows: &[&Row]) -> Vec<Behind> {
        let mut free: Vec<usize> = self.transfers.to_vec();
        let mut behind = vec![Behind::Nothing; rows.len()];
        let is_payment = |row: &Row| row.outcome != Outcome::Revoked && row.amount > Cents::ZERO;
        for (place, row) in rows.iter().enumerate().filter(|(_, row)| is_payment(row)) {
            let named = |at: &usize| self.is_named(row, &self.known.transfers[*at]);
            let same_amount = |at: &&usize| self.known.transfers[**at].amount == row.amount;
            let found: Vec<usize> = free.iter().copied().filter(named).collect();
            if let Some(at) = found.iter().find(same_amount).or(found.first()) {
                behind[place] = Behind::Named(*at);
                free.retain(|other| other != at);
            } else if self.transfers.iter().any(named) {
                behind[place] = Behind::Repeated;
            }
        }
        let left: Vec<usize> =
            (0..rows.len()).filter(|at| behind[*at] == Behind::Nothing && is_payment(rows[*at])).collect();
        for place in &left {
            let could_mean = |row: &Row, at: usize| {
                row.transfer_index.is_none_or(|index| index == self.known.transfers[at].index)
            };
            let meant: Vec<usize> = free.iter().copied().filter(|at| could_mean(rows[*place], *at)).collect();
            if let [at] = meant[..]
                && left.iter().filter(|other| could_mean(rows[**other], at)).count() == 1
            {
                behind[*place] = Behind::Meant(at);
            }
        }
        behind
    }

    fn is_named(&self, row: &Row, transfer: &Transfer) -> bool {
        row.iur == transfer.iur && row.transfer_index.is_none_or(|index| index == transfer.index)
    }

    fn explain_row(&self, row: &Row, behind: Behind, paid: &mut HashSet<i16>) -> Explained {
        let mut labels = Vec::new();
        if row.outcome == Outcome::Unknown {
            labels.push(Label::UnknownOutcome);
        }
        let (transfer, parts) = match behind {
            Behind::Named(at) => (Some(at), self.parts_of_receipt(row, at, paid, &mut labels)),
            Behind::Meant(at) => {
                labels.push(Label::IurDiffers);
                (Some(at), self.parts_of_receipt(row, at, paid, &mut labels))
            }
            Behind::Repeated => (None, whole(row, Label::Doppi, &mut labels)),
            Behind::Nothing if row.outcome == Outcome::Revoked || row.amount <= Cents::ZERO => {
                (None, whole(row, Label::Revoked, &mut labels))
            }
            Behind::Nothing => (None, self.parts_without_receipt(row, paid, &mut labels)),
        };
        let subject = match transfer.map(|at| &self.known.transfers[at]) {
            Some(transfer) => transfer_subject(&transfer.iuv, &transfer.iur, transfer.index),
            None => transfer_subject(&row.iuv, &row.iur, row.transfer_index.unwrap_or(0)),
        };
        let account = match transfer {
            _ if labels.contains(&Label::OtherIntermediary) => Account::Elsewhere,
            Some(_) => Account::InTransit,
            None => Account::Unidentified,
        };
        Explained { parts, labels, transfer, account, subject }
    }

    fn parts_of_receipt(
        &self,
        row: &Row,
        at: usize,
        paid: &mut HashSet<i16>,
        labels: &mut Vec<Label>,
    ) -> Vec<Part> {
        let transfer = &self.known.transfers[at];
        if row.amount != transfer.amount {
            labels.push(Label::RtIufDivImp);
        }
        let Some(position) = transfer.position else {
            let is_ours = may_be_ours(&row.iuv, &self.known.segregations);
            return whole(row, if is_ours { Label::RtNoPosition } else { Label::OtherIntermediary }, labels);
        };
        if !transfer.is_first || paid.contains(&transfer.index) {
            return whole(row, Label::Doppi, labels);
        }
        let shares = self.shares_of(Some(position), transfer.index);
        if shares.is_empty() {
            return whole(row, Label::RtNoPosition, labels);
        }
        paid.insert(transfer.index);
        let owed: Cents = shares.iter().map(|at| self.known.shares[*at].amount).sum();
        if owed != transfer.amount {
            labels.push(Label::RtPosDivImp);
        }
        let reason = if row.amount == transfer.amount { Label::RtPosDivImp } else { Label::RtIufDivImp };
        self.parts_of_shares(row, &shares, reason)
    }

    fn parts_without_receipt(
        &self,
        row: &Row,
        paid: &mut HashSet<i16>,
        labels: &mut Vec<Label>,
    ) -> Vec<Part> {
        let is_same_transfer =
            |at: &usize| row.transfer_index.is_none_or(|index| index == self.known.transfers[*at].index);
        if self.transfers.iter().any(is_same_transfer) {
            return whole(row, Label::Doppi, labels);
        }
        if self.shares.is_empty() && !may_be_ours(&row.iuv, &self.known.segregations) {
            return whole(row, Label::OtherIntermediary, labels);
        }
        let index = row.transfer_index.unwrap_or(1);
        let shares = self.shares_of(None, index);
        if shares.is_empty() {
            return whole(row, no_receipt(row), labels);
        }
        if !paid.insert(index) {
            return whole(row, Label::Doppi, labels);
        }
        labels.push(no_receipt(row));
        self.parts_of_shares(row, &shares, Label::RtPosDivImp)
    }

    fn shares_of(&self, position: Option<DebtPositionId>, index: i16) -> Vec<usize> {
        let of_transfer = |at: &usize| {
            let share = &self.known.shares[*at];
            share.transfer_index == index && position.is_none_or(|position| position == share.position)
        };
        self.shares.iter().copied().filter(of_transfer).collect()
    }

    fn parts_of_shares(&self, row: &Row, shares: &[usize], reason: Label) -> Vec<Part> {
        let part = |at: &usize| Part { content: Content::Share(*at), amount: self.known.shares[*at].amount };
        let mut parts: Vec<Part> = shares.iter().map(part).collect();
        let rest = row.amount - parts.iter().map(|part| part.amount).sum();
        if rest != Cents::ZERO {
            parts.push(Part { content: Content::Difference(reason), amount: rest });
        }
        parts
    }
}

/// Our notices have 17 digits, the first two of which say whose they are (SACI, notice numbers with auxiliary digit 3). With
/// no segregation code known, every notice may be ours.
#[must_use]
pub fn may_be_ours(iuv: &str, segregations: &[i16]) -> bool {
    let segregation = iuv.get(..2).filter(|_| iuv.len() == 17).and_then(|code| code.parse().ok());
    segregations.is_empty() || segregation.is_some_and(|code: i16| segregations.contains(&code))
}

/// What a row without receipt is: whether one may still come.
#[must_use]
pub fn no_receipt(row: &Row) -> Label {
    match row.outcome {
        Outcome::StandInNoRpt | Outcome::NoRpt => Label::IuvNoRpt,
        Outcome::Executed | Outcome::Revoked | Outcome::StandIn | Outcome::Unknown => Label::IuvNoRt,
    }
}

fn whole(row: &Row, label: Label, labels: &mut Vec<Label>) -> Vec<Part> {
    labels.push(label);
    vec![Part { content: Content::Difference(label), amount: row.amount }]
}

#[cfg(test)]
mod tests;
