//! Money: integer cents of euro.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Neg, Sub};

use serde::{Deserialize, Serialize};

/// An amount in cents of euro. Sums that do not fit 64 bits are a defect, not an amount: they panic.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, sqlx::Type,
)]
#[serde(transparent)]
#[sqlx(transparent)]
pub struct Cents(pub i64);

impl Cents {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// With two decimals and a point, as the platform's XML wants it: `22.21`.
    #[must_use]
    pub fn to_decimal(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let cents = self.0.unsigned_abs();
        format!("{sign}{}.{:02}", cents / 100, cents % 100)
    }

    /// Reads what a person writes: `22,21`, `22.21`, `1.234,50`, `22`. `None` for anything else.
    #[must_use]
    pub fn parse_italian(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches('€').trim();
        let (whole, decimals) = match text.rfind([',', '.']) {
            // A point followed by three digits separates thousands; anything else after a mark is cents.
            Some(at) if text.as_bytes()[at] == b',' || text.len() - at - 1 <= 2 => {
                (&text[..at], &text[at + 1..])
            }
            _ => (text, ""),
        };
        let groups: Vec<&str> = whole.split('.').collect();
        let grouped = groups.len() == 1
            || (1..=3).contains(&groups[0].len()) && groups[1..].iter().all(|group| group.len() == 3);
        let digits = groups.concat();
        let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if digits.is_empty()
            || !grouped
            || !all_digits(&digits)
            || !all_digits(decimals)
            || decimals.len() > 2
        {
            return None;
        }
        let whole: i64 = digits.parse().ok()?;
        let cents: i64 = format!("{decimals:0<2}").parse().ok()?;
        whole.checked_mul(100)?.checked_add(cents).map(Self)
    }
}

impl fmt::Display for Cents {
    /// As Italian readers expect: `1.234,50 €`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cents = self.0.unsigned_abs();
        let digits = (cents / 100).to_string();
        let mut whole = String::with_capacity(digits.len() + digits.len() / 3);
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                whole.push('.');
            }
            whole.push(digit);
        }
        let sign = if self.0 < 0 { "−" } else { "" };
        write!(f, "{sign}{whole},{:02}\u{a0}€", cents % 100)
    }
}

impl Add for Cents {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.checked_add(other.0).expect("amounts fit 64 bits of cents"))
    }
}

impl Sub for Cents {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.checked_sub(other.0).expect("amounts fit 64 bits of cents"))
    }
}

impl Neg for Cents {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Sum for Cents {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn is_written_as_italians_read_it() {
        assert_eq!(Cents(2221).to_string(), "22,21\u{a0}€");
        assert_eq!(Cents(123_456_789).to_string(), "1.234.567,89\u{a0}€");
        assert_eq!(Cents(-5).to_string(), "−0,05\u{a0}€");
        assert_eq!(Cents(-2221).to_decimal(), "-22.21");
    }

    #[test]
    fn refuses_what_is_not_an_amount() {
        for text in ["", "-1", "1,234", "1.23.456", "12,3,4", "abc", "1e3", ".", "1.2345"] {
            assert_eq!(Cents::parse_italian(text), None, "{text}");
        }
        assert_eq!(Cents::parse_italian("1.234"), Some(Cents(123_400)));
        assert_eq!(Cents::parse_italian("22"), Some(Cents(2200)));
        assert_eq!(Cents::parse_italian("22,5 €"), Some(Cents(2250)));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(cents in 0..=99_999_999_999_i64) {
            prop_assert_eq!(Cents::parse_italian(&Cents(cents).to_string()), Some(Cents(cents)));
            prop_assert_eq!(Cents::parse_italian(&Cents(cents).to_decimal()), Some(Cents(cents)));
        }
    }
}
