//! The books: double entry per entity, append-only, corrected by reversal.
//!
//! | fact | debit | credit |
//! |---|---|---|
//! | issued | receivable | income |
//! | cancelled | income | receivable |
//! | paid | in transit | receivable; unidentified where no open position is paid |
//! | cashed | treasury | in transit; unidentified where no receipt is behind it; elsewhere where another program's notice is |
//!
//! Debits are positive, credits negative. Every account has sub-accounts, by subject: an IUV, a transfer of a receipt
//! ([`transfer_subject`]), a provisional entry. *Every in-transit sub-account must come back to zero*; those that do not
//! are the accountant's work list.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::PgConnection;

use super::store;
use crate::error::Result;
use crate::ids::{DebtPositionId, EntityId, LedgerTransactionId, ProvisionalEntryId};
use crate::money::Cents;

/// Where money is, or why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Account {
    /// What was earned, by IUV: always a credit.
    Income,
    /// What citizens owe, by IUV.
    Receivable,
    /// Paid, and not in the treasury yet: by transfer of the receipt.
    InTransit,
    /// In the treasury, by provisional entry.
    Treasury,
    /// Money nobody can name yet, by what brought it.
    Unidentified,
    /// What the entity's other programs asked for, by row of a flow: theirs to explain.
    Elsewhere,
}

impl Account {
    /// As the database writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Income => "income",
            Self::Receivable => "receivable",
            Self::InTransit => "in_transit",
            Self::Treasury => "treasury",
            Self::Unidentified => "unidentified",
            Self::Elsewhere => "elsewhere",
        }
    }
}

/// Something that happened, as the books see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// A position was made.
    Issued {
        /// Which.
        position: DebtPositionId,
        /// Its IUV.
        iuv: String,
        /// Its amount.
        amount: Cents,
    },
    /// An unpaid position is not owed any more.
    Cancelled {
        /// Which.
        position: DebtPositionId,
        /// Its IUV.
        iuv: String,
        /// Its amount.
        amount: Cents,
    },
    /// A receipt was accepted.
    Paid {
        /// The receipt's id at the platform.
        iur: String,
        /// The IUV it pays.
        iuv: String,
        /// What it brings this entity. What the transfers do not explain of it is booked as unidentified.
        amount: Cents,
        /// The transfers that go to this entity: index and amount.
        transfers: Vec<(i16, Cents)>,
        /// The open position it pays; `None` where there is none, or it was paid or cancelled before.
        position: Option<DebtPositionId>,
    },
    /// A provisional entry covers payments.
    Cashed(Cashing),
}

/// How a provisional entry is explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cashing {
    /// The entry.
    pub entry: ProvisionalEntryId,
    /// How many times it was explained before: 0 for the first.
    pub round: i64,
    /// What came in.
    pub amount: Cents,
    /// The payments it covers, in any order; what they do not explain of the amount is booked as unidentified.
    pub covers: Vec<Covered>,
}

/// A payment, or a part of one, covered by a provisional entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covered {
    /// The sub-account: see [`transfer_subject`].
    pub subject: String,
    /// Where its money comes from: in transit where a receipt put it there, elsewhere or unidentified.
    pub account: Account,
    /// How much; negative for what was revoked.
    pub amount: Cents,
}

/// One line of a transaction.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Posting {
    /// The account.
    pub account: Account,
    /// The sub-account.
    pub subject: String,
    /// Debit positive, credit negative; never zero.
    pub amount: Cents,
}

/// What a sub-account stands at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Balance {
    /// The account.
    pub account: Account,
    /// The sub-account.
    pub subject: String,
    /// Debit positive, credit negative.
    pub amount: Cents,
}

/// The sub-account of a transfer of a receipt, or of the row of a flow that has none.
#[must_use]
pub fn transfer_subject(iuv: &str, iur: &str, index: i16) -> String {
    format!("{iuv}/{iur}/{index}")
}

/// IUV, IUR and index of a transfer's sub-account. An IUR may hold any character, an IUV no slash.
#[must_use]
pub fn read_transfer_subject(subject: &str) -> Option<(&str, &str, i16)> {
    let (iuv, rest) = subject.split_once('/')?;
    let (iur, index) = rest.rsplit_once('/')?;
    Some((iuv, iur, index.parse().ok()?))
}

impl Fact {
    /// Why it is booked, and the reference that makes it once per reason.
    fn reason(&self) -> (&'static str, String) {
        match self {
            Self::Issued { position, .. } => ("issued", position.to_string()),
            Self::Cancelled { position, .. } => ("cancelled", position.to_string()),
            Self::Paid { iur, .. } => ("paid", iur.clone()),
            Self::Cashed(cashing) => ("cashed", format!("{}/{}", cashing.entry, cashing.round)),
        }
    }
}

/// The postings of a fact: balanced, one per sub-account, none of zero, in a fixed order.
#[must_use]
pub fn postings(fact: &Fact) -> Vec<Posting> {
    let mut sums = BTreeMap::new();
    let mut post = |account: Account, subject: String, amount: Cents| {
        let sum = sums.entry((account, subject)).or_insert(Cents::ZERO);
        *sum = *sum + amount;
    };
    match fact {
        Fact::Issued { iuv, amount, .. } => {
            post(Account::Receivable, iuv.clone(), *amount);
            post(Account::Income, iuv.clone(), -*amount);
        }
        Fact::Cancelled { iuv, amount, .. } => {
            post(Account::Income, iuv.clone(), *amount);
            post(Account::Receivable, iuv.clone(), -*amount);
        }
        Fact::Paid { iur, iuv, amount, transfers, position } => {
            let of_receipt = format!("{iuv}/{iur}");
            for (index, transfer) in transfers {
                post(Account::InTransit, transfer_subject(iuv, iur, *index), *transfer);
            }
            let unexplained = *amount - transfers.iter().map(|(_, transfer)| *transfer).sum();
            post(Account::Unidentified, of_receipt.clone(), unexplained);
            match position {
                Some(_) => post(Account::Receivable, iuv.clone(), -*amount),
                None => post(Account::Unidentified, of_receipt, -*amount),
            }
        }
        Fact::Cashed(Cashing { entry, amount, covers, .. }) => {
            post(Account::Treasury, entry.to_string(), *amount);
            for covered in covers {
                post(covered.account, covered.subject.clone(), -covered.amount);
            }
            let unexplained = *amount - covers.iter().map(|covered| covered.amount).sum();
            post(Account::Unidentified, entry.to_string(), -unexplained);
        }
    }
    sums.into_iter()
        .filter(|(_, amount)| *amount != Cents::ZERO)
        .map(|((account, subject), amount)| Posting { account, subject, amount })
        .collect()
}

/// The postings that undo others.
fn reversed(postings: &[Posting]) -> Vec<Posting> {
    postings.iter().map(|posting| Posting { amount: -posting.amount, ..posting.clone() }).collect()
}

/// Books a fact. Booked before, it changes nothing.
pub async fn book(conn: &mut PgConnection, entity: EntityId, fact: Fact, now: DateTime<Utc>) -> Result<()> {
    let (reason, reference) = fact.reason();
    store::ledger::append(
        conn,
        entity,
        &store::ledger::Head { reason, reference, reverses: None },
        &postings(&fact),
        now,
    )
    .await?;
    Ok(())
}

/// Makes the books say that an entry is explained so, or (`None`) that it is not explained. What they said before and is
/// not true any more is reversed; said already, nothing changes. Answers whether anything did.
pub(super) async fn cash(
    conn: &mut PgConnection,
    entity: EntityId,
    entry: ProvisionalEntryId,
    explained: Option<(Cents, Vec<Covered>)>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let (round, standing) = store::ledger::cashings_of(conn, entity, entry).await?;
    let wanted = explained.map(|(amount, covers)| Fact::Cashed(Cashing { entry, round, amount, covers }));
    if let Some((id, booked)) = standing {
        if wanted.as_ref().is_some_and(|fact| postings(fact) == booked) {
            return Ok(false);
        }
        reverse(conn, entity, id, &booked, now).await?;
    } else if wanted.is_none() {
        return Ok(false);
    }
    if let Some(fact) = wanted {
        book(conn, entity, fact, now).await?;
    }
    Ok(true)
}

async fn reverse(
    conn: &mut PgConnection,
    entity: EntityId,
    transaction: LedgerTransactionId,
    booked: &[Posting],
    now: DateTime<Utc>,
) -> Result<()> {
    let head = store::ledger::Head {
        reason: "reversal",
        reference: transaction.to_string(),
        reverses: Some(transaction),
    };
    store::ledger::append(conn, entity, &head, &reversed(booked), now).await?;
    Ok(())
}

/// The sub-accounts of an account that are not at zero.
pub async fn balances(conn: &mut PgConnection, entity: EntityId, account: Account) -> Result<Vec<Balance>> {
    store::ledger::balances(conn, entity, account).await
}

/// What one sub-account stands at.
pub async fn balance(
    conn: &mut PgConnection,
    entity: EntityId,
    account: Account,
    subject: &str,
) -> Result<Cents> {
    store::ledger::balance(conn, entity, account, subject).await
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sum_of(postings: &[Posting], account: Account) -> i64 {
        postings.iter().filter(|p| p.account == account).map(|p| p.amount.0).sum()
    }

    fn covered(parts: &[(i64, bool, u8)]) -> Vec<Covered> {
        parts
            .iter()
            .map(|(cents, in_transit, subject)| Covered {
                subject: transfer_subject("iuv", &format!("iur/{subject}"), 1),
                account: if *in_transit { Account::InTransit } else { Account::Unidentified },
                amount: Cents(*cents),
            })
            .collect()
    }

    #[test]
    fn the_money_goes_from_income_to_the_treasury() {
        let position = DebtPositionId::new();
        let entry = ProvisionalEntryId::new();
        let iuv = || "01000000000000012".to_owned();
        let facts = [
            Fact::Issued { position, iuv: iuv(), amount: Cents(2221) },
            Fact::Paid {
                iur: "r1".into(),
                iuv: iuv(),
                amount: Cents(2221),
                transfers: vec![(1, Cents(1679)), (2, Cents(542))],
                position: Some(position),
            },
            Fact::Cashed(Cashing {
                entry,
                round: 0,
                amount: Cents(2221),
                covers: [(1, 1679), (2, 542)]
                    .map(|(index, cents)| Covered {
                        subject: transfer_subject(&iuv(), "r1", index),
                        account: Account::InTransit,
                        amount: Cents(cents),
                    })
                    .to_vec(),
            }),
        ];
        let all: Vec<Posting> = facts.iter().flat_map(postings).collect();
        assert_eq!(sum_of(&all, Account::Income), -2221);
        assert_eq!(sum_of(&all, Account::Treasury), 2221);
        for account in [Account::Receivable, Account::InTransit, Account::Unidentified] {
            assert_eq!(sum_of(&all, account), 0, "{account:?}");
        }
    }

    #[test]
    fn a_payment_of_nothing_we_know_is_unidentified() {
        let fact = Fact::Paid {
            iur: "r".into(),
            iuv: "i".into(),
            amount: Cents(10),
            transfers: vec![(1, Cents(7))],
            position: None,
        };
        let found = postings(&fact);
        assert_eq!(sum_of(&found, Account::InTransit), 7);
        assert_eq!(sum_of(&found, Account::Unidentified), -7);
    }

    #[test]
    fn a_subject_is_read_back() {
        let subject = transfer_subject("0100", "a/b", 3);
        assert_eq!(read_transfer_subject(&subject), Some(("0100", "a/b", 3)));
        assert_eq!(read_transfer_subject("0100/a"), None);
    }

    proptest! {
        #[test]
        fn every_fact_balances(
            amount in -1_000_000..1_000_000_i64,
            transfers in prop::collection::vec((1..6_i16, 0..1_000_000_i64), 0..6),
            parts in prop::collection::vec((-1_000_000..1_000_000_i64, any::<bool>(), 0..4_u8), 0..12),
            known in any::<bool>(),
        ) {
            let position = DebtPositionId::new();
            let amount = Cents(amount);
            let facts = [
                Fact::Issued { position, iuv: "i".into(), amount },
                Fact::Cancelled { position, iuv: "i".into(), amount },
                Fact::Paid {
                    iur: "r".into(),
                    iuv: "i".into(),
                    amount,
                    transfers: transfers.into_iter().map(|(index, cents)| (index, Cents(cents))).collect(),
                    position: known.then_some(position),
                },
                Fact::Cashed(Cashing { entry: ProvisionalEntryId::new(), round: 0, amount, covers: covered(&parts) }),
            ];
            for fact in facts {
                let found = postings(&fact);
                prop_assert_eq!(found.iter().map(|p| p.amount.0).sum::<i64>(), 0);
                prop_assert!(found.iter().all(|p| p.amount != Cents::ZERO));
                let undone: i64 = found.iter().chain(&reversed(&found)).map(|p| p.amount.0.signum()).sum();
                prop_assert_eq!(undone, 0);
            }
        }
    }
}
