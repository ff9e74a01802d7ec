//! The values of XML Schema types: exact amounts, dates.

use chrono::{DateTime, NaiveDate, NaiveDateTime};

/// Cents of an `xs:decimal` with at most two significant decimals: `5015.87`, `-3`, `1000.00000`.
pub(super) fn cents(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let significant = fraction.trim_end_matches('0');
    if significant.len() > 2 {
        return None;
    }
    let cents = format!("{whole}{significant:0<2}").parse::<i64>().ok()?;
    Some(if negative { -cents } else { cents })
}

/// A day of an `xs:date`; a time zone may follow and does not change the day.
pub(super) fn date(text: &str) -> Option<NaiveDate> {
    let (day, zone) = text.split_at_checked(10)?;
    let zone_ok = zone.is_empty() || zone == "Z" || (zone.len() == 6 && zone.starts_with(['+', '-']));
    let date = NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()?;
    zone_ok.then_some(date)
}

/// The local instant of an `xs:dateTime`, as written.
pub(super) fn date_time(text: &str) -> Option<NaiveDateTime> {
    let with_zone = DateTime::parse_from_rfc3339(text).map(|instant| instant.naive_local());
    with_zone.or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_are_exact_or_refused() {
        for (text, expected) in [
            ("5015.87", Some(501_587)),
            ("1000.00000000000", Some(100_000)),
            ("0.1", Some(10)),
            (".5", Some(50)),
            ("-3", Some(-300)),
            ("+3.", Some(300)),
            ("0.001", None),
            ("1,50", None),
            ("1e3", None),
            ("-", None),
            (".", None),
            ("", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(cents(text), expected, "{text}");
        }
    }

    #[test]
    fn dates_may_carry_a_zone() {
        let day = NaiveDate::from_ymd_opt(2017, 6, 7);
        assert_eq!(date("2017-06-07+02:00"), day);
        assert_eq!(date("2017-06-07Z"), day);
        assert_eq!(date("2017-06-07"), day);
        assert_eq!(date("2017-06-31"), None);
        assert_eq!(date("2017-06-07 e poi"), None);
        assert_eq!(date("è2017-06-07"), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(amount in -999_999_999_999_999_i64..=999_999_999_999_999) {
            let sign = if amount < 0 { "-" } else { "" };
            let text = format!("{sign}{}.{:02}", amount.unsigned_abs() / 100, amount.unsigned_abs() % 100);
            prop_assert_eq!(cents(&text), Some(amount));
        }

        #[test]
        fn any_text_is_safe(text in "\\PC{0,20}") {
            let _ = (cents(&text), date(&text), date_time(&text));
        }
    }
}
