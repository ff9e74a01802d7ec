//! Which credit covers which payments of a flow, when there are several credits (`TXT/1…9`) or not enough money.

use crate::money::Cents;

/// How credits cover amounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// For each credit, the parts it covers: place of the amount and how much of it.
    pub covered: Vec<Vec<(usize, Cents)>>,
    /// For each credit, what no amount explains; never negative.
    pub unexplained: Vec<Cents>,
    /// What no credit covers: place of the amount and how much of it.
    pub uncovered: Vec<(usize, Cents)>,
}

/// Covers amounts with credits, both in the order given: each credit in full before the next, so that a credit that comes
/// later does not change what the earlier ones cover.
///
/// Amounts come in groups (the parts of one payment). What lowers a payment comes before what it lowers, and payments
/// that are taken back come before all others, so that a credit that is the exact sum covers everything.
///
/// For every credit, what it covers and what is unexplained make the credit; for every amount, its covered and uncovered
/// parts make the amount.
#[must_use]
pub fn allocate(groups: &[Vec<Cents>], credits: &[Cents]) -> Allocation {
    let mut lines: Vec<(bool, usize, bool, usize, Cents)> = Vec::new();
    let mut place = 0;
    for (at, group) in groups.iter().enumerate() {
        let is_paid = group.iter().copied().sum::<Cents>() > Cents::ZERO;
        for amount in group {
            lines.push((is_paid, at, *amount > Cents::ZERO, place, *amount));
            place += 1;
        }
    }
    lines.sort_unstable();

    let mut covered = vec![Vec::new(); credits.len()];
    let mut left = credits.to_vec();
    let mut uncovered = Vec::new();
    let mut credit = 0;
    for (.., place, amount) in lines {
        let mut rest = amount;
        while rest != Cents::ZERO {
            while credit < left.len() && left[credit] <= Cents::ZERO {
                credit += 1;
            }
            let Some(available) = left.get_mut(credit) else {
                uncovered.push((place, rest));
                break;
            };
            let part = rest.min(*available);
            *available = *available - part;
            rest = rest - part;
            covered[credit].push((place, part));
        }
    }
    Allocation { covered, unexplained: left, uncovered }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cents(amounts: &[i64]) -> Vec<Cents> {
        amounts.iter().copied().map(Cents).collect()
    }

    #[test]
    fn two_credits_share_a_flow() {
        let found = allocate(&[cents(&[50]), cents(&[20, 30])], &cents(&[60, 40]));
        assert_eq!(
            found.covered,
            [vec![(0, Cents(50)), (1, Cents(10))], vec![(1, Cents(10)), (2, Cents(30))]]
        );
        assert_eq!(found.unexplained, cents(&[0, 0]));
        assert_eq!(found.uncovered, []);
    }

    #[test]
    fn what_was_taken_back_does_not_leave_the_rest_uncovered() {
        let found = allocate(&[cents(&[100]), cents(&[-30])], &cents(&[70]));
        assert_eq!(found.covered, [vec![(1, Cents(-30)), (0, Cents(100))]]);
        assert_eq!(found.uncovered, []);
        let lowered = allocate(&[cents(&[22, -2]), cents(&[5])], &cents(&[20, 5]));
        assert_eq!(lowered.covered, [vec![(1, Cents(-2)), (0, Cents(22))], vec![(2, Cents(5))]]);
    }

    #[test]
    fn too_much_and_too_little_have_their_place() {
        assert_eq!(allocate(&[cents(&[97])], &cents(&[100])).unexplained, cents(&[3]));
        assert_eq!(allocate(&[cents(&[100])], &cents(&[97])).uncovered, [(0, Cents(3))]);
        assert_eq!(allocate(&[], &cents(&[7])).unexplained, cents(&[7]));
        assert_eq!(allocate(&[cents(&[7])], &[]).uncovered, [(0, Cents(7))]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_is_made(
            groups in prop::collection::vec(prop::collection::vec(-5_000..20_000_i64, 0..4), 0..12),
            credits in prop::collection::vec(1..60_000_i64, 0..5),
        ) {
            let groups: Vec<Vec<Cents>> = groups.iter().map(|group| cents(group)).collect();
            let amounts: Vec<Cents> = groups.iter().flatten().copied().collect();
            let credits = cents(&credits);
            let found = allocate(&groups, &credits);
            for (at, credit) in credits.iter().enumerate() {
                let parts: Cents = found.covered[at].iter().map(|(_, part)| *part).sum();
                prop_assert_eq!(parts + found.unexplained[at], *credit);
                prop_assert!(found.unexplained[at] >= Cents::ZERO);
            }
            for (place, amount) in amounts.iter().enumerate() {
                let parts = found.covered.iter().flatten().chain(&found.uncovered);
                let sum: Cents = parts.filter(|(at, _)| *at == place).map(|(_, part)| *part).sum();
                prop_assert_eq!(sum, *amount);
            }
            // Money is left over on one side only, unless what was taken back is more than all credits.
            let is_uncovered = found.uncovered.iter().any(|(_, part)| *part > Cents::ZERO);
            let is_unexplained = found.unexplained.iter().any(|left| *left > Cents::ZERO);
            prop_assert!(!(is_uncovered && is_unexplained));
        }

        #[test]
        fn a_later_credit_does_not_change_what_earlier_ones_cover(
            amounts in prop::collection::vec(1..20_000_i64, 1..12),
            credits in prop::collection::vec(1..40_000_i64, 1..5),
            later in 1..40_000_i64,
        ) {
            let groups: Vec<Vec<Cents>> = amounts.iter().map(|amount| cents(&[*amount])).collect();
            let mut credits = cents(&credits);
            let before = allocate(&groups, &credits);
            credits.push(Cents(later));
            let after = allocate(&groups, &credits);
            prop_assert_eq!(&before.covered[..], &after.covered[..credits.len() - 1]);
        }
    }
}
