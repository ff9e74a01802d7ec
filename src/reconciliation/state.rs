//! The life of a provisional entry, as the treasurer's movements tell it.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use serde::Serialize;

use crate::ids::TreasuryJournalId;
use crate::money::Cents;

/// Where a provisional entry is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum State {
    /// Waits for an order.
    Open,
    /// The treasurer took it back.
    Cancelled,
    /// Orders cover it.
    Regularised,
}

impl State {
    /// As the database writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Cancelled => "cancelled",
            Self::Regularised => "regularised",
        }
    }
}

/// What happened to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Change {
    /// Money came in.
    Opened,
    /// The treasurer took it back.
    Cancelled,
    /// An order covers it, or a part of it.
    Regularised,
    /// A regularisation was undone.
    Reopened,
}

impl Change {
    /// As the database writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Cancelled => "cancelled",
            Self::Regularised => "regularised",
            Self::Reopened => "reopened",
        }
    }
}

/// Of what the movement was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Source {
    /// Of the entry itself.
    Entry,
    /// Of an order that names it.
    Order,
}

impl Source {
    /// As the database writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Entry => "entry",
            Self::Order => "order",
        }
    }
}

/// A movement that touched a provisional entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Movement {
    /// Of what it was said.
    pub source: Source,
    /// The treasurer's number of the movement; else the document's.
    pub movement: String,
    /// Its place in the file.
    pub position: i32,
    /// What happened.
    pub change: Change,
    /// How much of the entry; `None`: all of it.
    pub amount: Option<Cents>,
    /// When.
    pub moved_on: NaiveDate,
}

impl Movement {
    /// The treasurer's number, where the movement has one.
    fn number(&self) -> Option<u64> {
        self.movement.parse().ok()
    }
}

/// A movement with the file that told it.
#[derive(Clone, Debug)]
pub struct Told {
    /// What it says.
    pub movement: Movement,
    /// The page of a journal.
    pub file: TreasuryJournalId,
    /// The day of that journal.
    pub day: NaiveDate,
}

/// The movements that count, in order, of all that files told; the files in the order in which they were imported.
///
/// Treasurers send a day again, corrected: of a movement they number, the file that came last replaces what those before it
/// said. They number the movements of each day by itself. What is told twice in the same words is told once.
#[must_use]
pub fn counting(told: Vec<Told>) -> Vec<Movement> {
    let key = |told: &Told| {
        let Movement { source, change, .. } = told.movement;
        told.movement.number().map(|number| (told.day, number, source, change))
    };
    let mut last = HashMap::new();
    for told in &told {
        last.insert(key(told), told.file);
    }
    let mut seen = HashSet::new();
    let mut counting: Vec<Movement> = Vec::new();
    for told in told {
        let is_replaced = key(&told).is_some() && last.get(&key(&told)) != Some(&told.file);
        let Movement { source, change, amount, moved_on, .. } = told.movement;
        if !is_replaced && seen.insert((source, told.movement.movement.clone(), change, moved_on, amount)) {
            counting.push(told.movement);
        }
    }
    counting.sort_by_key(|m| (m.moved_on, m.number(), m.position));
    counting
}

/// What the movements add up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Where the entry is in its life.
    pub state: State,
    /// What came in and was not taken back; where all was taken back, what it had been.
    pub amount: Cents,
    /// How much of it orders cover.
    pub regularised: Cents,
}

/// Tells the life of an entry from its movements, in any order. `None` where none of them says an amount.
///
/// What orders cover adds up, since each chapter's order may cover its part of an entry; the treasurer may report it on the
/// entry, on the orders or on both, so each way is summed by itself and the fuller one counts. What is taken back adds up
/// too, and leaves covered what it does not reach.
#[must_use]
pub fn standing(movements: &[Movement]) -> Option<Standing> {
    let mut ordered: Vec<&Movement> = movements.iter().collect();
    ordered.sort_by_key(|m| (m.moved_on, m.number(), m.position));
    let said_of_entry = |change| {
        ordered.iter().rev().find(|m| m.source == Source::Entry && change == m.change).and_then(|m| m.amount)
    };
    let any = || ordered.iter().filter(|m| m.source == Source::Entry).filter_map(|m| m.amount).max();
    let amount = said_of_entry(Change::Opened).or_else(any)?;
    let mut taken_back = Cents::ZERO;
    let mut covered = [Cents::ZERO; 2];
    for movement in ordered {
        let part = movement.amount.unwrap_or(amount).min(amount);
        let covered_so_far = &mut covered[usize::from(movement.source == Source::Order)];
        match movement.change {
            Change::Opened => taken_back = Cents::ZERO,
            Change::Cancelled => {
                taken_back = (taken_back + part).min(amount);
                covered = covered.map(|covered| covered.min(amount - taken_back));
            }
            // Nothing can cover what was taken back whole: it is the taking back that is undone.
            Change::Reopened if movement.source == Source::Entry && taken_back == amount => {
                taken_back = amount - part;
            }
            Change::Regularised => *covered_so_far = (*covered_so_far + part).min(amount),
            Change::Reopened => *covered_so_far = (*covered_so_far - part).max(Cents::ZERO),
        }
    }
    if taken_back == amount {
        return Some(Standing { state: State::Cancelled, amount, regularised: Cents::ZERO });
    }
    let amount = amount - taken_back;
    let regularised = covered[0].max(covered[1]).min(amount);
    let state = if regularised == amount { State::Regularised } else { State::Open };
    Some(Standing { state, amount, regularised })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn movement(source: Source, number: u64, change: Change, cents: Option<i64>) -> Movement {
        Movement {
            source,
            movement: number.to_string(),
            position: 0,
            change,
            amount: cents.map(Cents),
            moved_on: NaiveDate::from_ymd_opt(2027, 1, 11).unwrap(),
        }
    }

    fn tell(changes: &[(Source, Change, Option<i64>)]) -> Standing {
        let numbered = changes.iter().zip(1..);
        let movements: Vec<Movement> =
            numbered.map(|((source, change, cents), n)| movement(*source, n, *change, *cents)).collect();
        standing(&movements).unwrap()
    }

    use Change::{Cancelled, Opened, Regularised, Reopened};
    use Source::{Entry, Order};

    #[test]
    fn opened_covered_and_opened_again() {
        let opened = (Entry, Opened, Some(100));
        for (told, state, covered) in [
            (vec![opened], State::Open, 0),
            (vec![opened, opened], State::Open, 0),
            (vec![opened, (Entry, Cancelled, Some(100))], State::Cancelled, 0),
            (vec![opened, (Entry, Cancelled, Some(100)), opened], State::Open, 0),
            (vec![opened, (Entry, Regularised, Some(100))], State::Regularised, 100),
            (vec![opened, (Order, Regularised, None)], State::Regularised, 100),
            (
                vec![opened, (Entry, Regularised, Some(100)), (Order, Regularised, Some(100))],
                State::Regularised,
                100,
            ),
            (vec![opened, (Entry, Regularised, Some(100)), (Entry, Reopened, Some(100))], State::Open, 0),
            (vec![opened, (Order, Regularised, Some(60))], State::Open, 60),
            (
                vec![opened, (Order, Regularised, Some(60)), (Order, Regularised, Some(40))],
                State::Regularised,
                100,
            ),
        ] {
            let found = tell(&told);
            assert_eq!(
                (found.state, found.regularised, found.amount),
                (state, Cents(covered), Cents(100)),
                "{told:?}"
            );
        }
    }

    #[test]
    fn parts_that_are_taken_back_add_up_and_leave_what_is_covered() {
        let opened = (Entry, Opened, Some(100));
        let back = |cents| (Entry, Cancelled, Some(cents));
        for (told, state, covered, amount) in [
            (vec![opened, back(30), back(20)], State::Open, 0, 50),
            (vec![opened, back(30), back(30)], State::Open, 0, 40),
            (vec![opened, back(60), back(60)], State::Cancelled, 0, 100),
            (vec![opened, (Order, Regularised, Some(60)), back(40)], State::Regularised, 60, 60),
            (vec![opened, (Order, Regularised, Some(60)), back(30)], State::Open, 60, 70),
            (vec![opened, (Order, Regularised, Some(60)), back(70)], State::Regularised, 30, 30),
            (vec![opened, back(100), (Entry, Reopened, Some(100))], State::Open, 0, 100),
            (vec![opened, back(100), (Entry, Reopened, Some(40))], State::Open, 0, 40),
            (vec![opened, back(100), (Order, Reopened, Some(100))], State::Cancelled, 0, 100),
        ] {
            let found = tell(&told);
            let expected = (state, Cents(covered), Cents(amount));
            assert_eq!((found.state, found.regularised, found.amount), expected, "{told:?}");
        }
    }

    #[test]
    fn a_numbered_movement_is_what_the_last_file_says() {
        let day = |d| NaiveDate::from_ymd_opt(2027, 1, d).unwrap();
        let files = [TreasuryJournalId::new(), TreasuryJournalId::new(), TreasuryJournalId::new()];
        let told = |file: usize, d, movement| Told { movement, file: files[file], day: day(d) };
        let opened = |cents| movement(Entry, 205, Opened, Some(cents));
        let order = |cents| movement(Order, 206, Regularised, Some(cents));
        // A line that moved up in the corrected file still replaces the former one.
        let moved = Movement { position: -1, ..opened(90) };
        let found = counting(vec![told(0, 11, opened(100)), told(1, 11, moved)]);
        assert_eq!(standing(&found).unwrap().amount, Cents(90));
        let found = counting(vec![told(0, 11, opened(100)), told(0, 11, order(60)), told(1, 11, order(50))]);
        assert_eq!(standing(&found).unwrap().regularised, Cents(50));
        let back = [told(0, 11, opened(100)), told(1, 11, opened(90)), told(2, 11, opened(100))];
        assert_eq!(standing(&counting(back.to_vec())).unwrap().amount, Cents(100));
        // Numbers begin again every day, and one order may name an entry twice.
        let next = Movement { moved_on: day(12), ..order(40) };
        let found = counting(vec![told(0, 11, opened(100)), told(0, 11, order(60)), told(1, 12, next)]);
        assert_eq!(standing(&found).unwrap().regularised, Cents(100));
        let found = counting(vec![told(0, 11, opened(100)), told(0, 11, order(60)), told(0, 11, order(40))]);
        assert_eq!(standing(&found).unwrap().regularised, Cents(100));
    }

    #[test]
    fn what_has_no_number_is_told_once_however_often_it_is_sent() {
        let file = TreasuryJournalId::new;
        let day = NaiveDate::from_ymd_opt(2027, 1, 11).unwrap();
        let order = |document: &str, cents| Told {
            movement: Movement { movement: document.into(), ..movement(Order, 0, Regularised, Some(cents)) },
            file: file(),
            day,
        };
        let opened = Told { movement: movement(Entry, 1, Opened, Some(100)), file: file(), day };
        let found = counting(vec![opened, order("7/1", 30), order("7/1", 30), order("8/1", 30)]);
        assert_eq!(standing(&found).unwrap().regularised, Cents(60));
    }

    #[test]
    fn an_order_alone_tells_no_amount_of_the_entry() {
        assert_eq!(standing(&[movement(Order, 1, Regularised, Some(50))]), None);
    }

    proptest! {
        #[test]
        fn the_order_of_arrival_does_not_matter(
            told in prop::collection::vec((any::<bool>(), 0..4_usize, prop::option::of(1..200_i64)), 1..8),
            keys in prop::collection::vec(any::<u32>(), 8),
        ) {
            let changes = [Opened, Cancelled, Regularised, Reopened];
            let movements: Vec<Movement> = told.iter().zip(1..)
                .map(|((entry, change, cents), n)| {
                    movement(if *entry { Entry } else { Order }, n, changes[*change], *cents)
                })
                .collect();
            let mut shuffled: Vec<(u32, Movement)> = keys.into_iter().zip(movements.clone()).collect();
            shuffled.sort_by_key(|(key, _)| *key);
            let shuffled: Vec<Movement> = shuffled.into_iter().map(|(_, movement)| movement).collect();
            let found = standing(&movements);
            prop_assert_eq!(found, standing(&shuffled));
            if let Some(found) = found {
                prop_assert!(found.amount > Cents::ZERO);
                prop_assert!((Cents::ZERO..=found.amount).contains(&found.regularised));
            }
        }
    }
}
