//! Amounts as decimal text ("120.00") and as integer cents, with no float in between.

use serde::de::{self, Deserializer, Visitor};

use super::InvalidField;

/// The largest amount any pagoPA schema admits (`stAmount`, `stImporto`): 999,999,999.99 euro.
const MAX_CENTS: i64 = 99_999_999_999;

/// Reads an amount with at most two decimals.
///
/// The schemas want exactly two; fewer are accepted because they cannot be misread. Signs, exponents and a third decimal are refused.
pub(crate) fn parse(field: &'static str, text: &str) -> Result<i64, InvalidField> {
    cents(text)
        .ok_or_else(|| InvalidField::value(field, text, "an amount with two decimals up to 999999999.99"))
}

/// Writes an amount as the schemas want it: `120.00`.
pub(crate) fn format(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}

fn cents(text: &str) -> Option<i64> {
    let (euros, decimals) = text.split_once('.').unwrap_or((text, "00"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(euros) || !digits(decimals) || decimals.len() > 2 {
        return None;
    }
    let fraction = match decimals.len() {
        1 => decimals.parse::<i64>().ok()? * 10,
        _ => decimals.parse::<i64>().ok()?,
    };
    let total = euros.parse::<i64>().ok()?.checked_mul(100)?.checked_add(fraction)?;
    (total <= MAX_CENTS).then_some(total)
}

/// Reads a JSON *number* in euros (the FdR API's `double`s) into cents, for `#[serde(deserialize_with)]`.
///
/// A double names every two-decimal amount below 2^53 cents, and its shortest text is that amount again, so going through
/// that text is exact; a number whose shortest text has a third decimal was not an amount to begin with and is refused.
pub(crate) fn from_json_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    struct Euros;

    impl Visitor<'_> for Euros {
        type Value = i64;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an amount in euros with at most two decimals")
        }

        fn visit_u64<E: de::Error>(self, euros: u64) -> Result<i64, E> {
            cents(&euros.to_string()).ok_or_else(|| E::invalid_value(de::Unexpected::Unsigned(euros), &self))
        }

        fn visit_f64<E: de::Error>(self, euros: f64) -> Result<i64, E> {
            cents(&euros.to_string()).ok_or_else(|| E::invalid_value(de::Unexpected::Float(euros), &self))
        }
    }

    deserializer.deserialize_any(Euros)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(serde::Deserialize)]
    struct Number(#[serde(deserialize_with = "from_json_number")] i64);

    #[test]
    fn decimal_text_is_read_exactly_or_not_at_all() {
        for (text, expected) in [
            ("120.00", Some(12_000)),
            ("0.01", Some(1)),
            ("0.00", Some(0)),
            ("7", Some(700)),
            ("7.5", Some(750)),
            ("007.05", Some(705)),
            ("999999999.99", Some(MAX_CENTS)),
            ("1000000000.00", None),
            ("99999999999999999999.00", None),
            ("1.005", None),
            ("1.000", None),
            ("-1.00", None),
            ("+1.00", None),
            ("1,00", None),
            ("1e2", None),
            (".50", None),
            ("1.", None),
            ("", None),
            (" 1.00", None),
            ("1.0.0", None),
            ("NaN", None),
            ("١.٠٠", None),
        ] {
            assert_eq!(cents(text), expected, "{text:?}");
        }
    }

    #[test]
    fn json_numbers_that_are_not_amounts_are_refused() {
        for json in
            ["0.30000000000000004", "1.005", "-0.01", "-3", "1e12", "\"1.00\"", "null", "true", "1e-7"]
        {
            assert!(serde_json::from_str::<Number>(json).is_err(), "{json}");
        }
        for (json, expected) in [
            ("10", 1_000),
            ("10.0", 1_000),
            ("0.1", 10),
            ("0.07", 7),
            ("1.1e1", 1_100),
            ("999999999.99", MAX_CENTS),
        ] {
            assert_eq!(serde_json::from_str::<Number>(json).unwrap().0, expected, "{json}");
        }
    }

    proptest! {
        #[test]
        fn every_amount_survives_text_and_json(cents in 0..=MAX_CENTS) {
            let text = format(cents);
            prop_assert_eq!(parse("amount", &text), Ok(cents));
            prop_assert_eq!(serde_json::from_str::<Number>(&text).unwrap().0, cents);
        }
    }
}
