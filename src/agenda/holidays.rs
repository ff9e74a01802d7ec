//! Public holidays of Italy, and those of the place.

use chrono::{Datelike, NaiveDate, TimeDelta};
use serde::Serialize;

use super::types::LocalHoliday;

/// Why a day is a holiday.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "name", rename_all = "snake_case")]
pub enum Holiday {
    /// A national one, as a code of the locales (`holiday-<code>`).
    National(&'static str),
    /// One of the place, as the entity calls it.
    Local(String),
}

/// The national ones on fixed days: law 260 of 1949, laws 54 of 1977 and 336 of 2000, DPR 792 of 1985. The day of
/// Saint Francis is one from 2026 on (law 151 of 2025). 17 March and 4 November are celebrated, but days of work.
const NATIONAL: [(u32, u32, i32, &str); 11] = [
    (1, 1, 0, "new_year"),
    (1, 6, 0, "epiphany"),
    (4, 25, 0, "liberation"),
    (5, 1, 0, "labour"),
    (6, 2, 0, "republic"),
    (8, 15, 0, "assumption"),
    (10, 4, 2026, "saint_francis"),
    (11, 1, 0, "all_saints"),
    (12, 8, 0, "immaculate"),
    (12, 25, 0, "christmas"),
    (12, 26, 0, "saint_stephen"),
];

/// The holiday on a day, if it is one.
#[must_use]
pub fn holiday(date: NaiveDate, local: &[LocalHoliday]) -> Option<Holiday> {
    national(date).map(Holiday::National).or_else(|| {
        local
            .iter()
            .find(|h| (i64::from(h.month), i64::from(h.day)) == (date.month().into(), date.day().into()))
            .map(|h| Holiday::Local(h.name.clone()))
    })
}

fn national(date: NaiveDate) -> Option<&'static str> {
    let fixed = NATIONAL
        .iter()
        .find(|(month, day, since, _)| (*month, *day) == (date.month(), date.day()) && *since <= date.year());
    if let Some((.., code)) = fixed {
        return Some(code);
    }
    match easter(date.year()) {
        Some(sunday) if date == sunday => Some("easter"),
        Some(sunday) if date - sunday == TimeDelta::days(1) => Some("easter_monday"),
        _ => None,
    }
}

/// Easter Sunday of the Gregorian calendar, by the anonymous algorithm published in Nature in 1876 (Meeus,
/// Astronomical Algorithms, chapter 8). `None` only for years the calendar type does not know.
#[must_use]
pub fn easter(year: i32) -> Option<NaiveDate> {
    let golden = year.rem_euclid(19);
    let (century, of_century) = (year.div_euclid(100), year.rem_euclid(100));
    let correction = (8 * century + 13) / 25;
    let epact = (19 * golden + century - century / 4 - correction + 15).rem_euclid(30);
    let moon = (golden + 11 * epact) / 319;
    let weekday =
        (2 * (century % 4) + 2 * (of_century / 4) - of_century % 4 - epact + moon + 32).rem_euclid(7);
    let month = (epact - moon + weekday + 90) / 25;
    let day = (epact - moon + weekday + month + 19).rem_euclid(32);
    NaiveDate::from_ymd_opt(year, month.try_into().ok()?, day.try_into().ok()?)
}

#[cfg(test)]
mod tests {
    use chrono::Weekday;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn easter_as_the_almanac_has_it() {
        for known in [
            "1818-03-22",
            "1961-04-02",
            "2000-04-23",
            "2008-03-23",
            "2011-04-24",
            "2024-03-31",
            "2025-04-20",
            "2026-04-05",
            "2027-03-28",
            "2028-04-16",
            "2038-04-25",
            "2049-04-18",
            "2285-03-22",
        ] {
            assert_eq!(easter(day(known).year()), Some(day(known)));
        }
    }

    #[test]
    fn easter_is_a_sunday_in_its_range() {
        for year in 1583..=4000 {
            let sunday = easter(year).unwrap();
            assert_eq!(sunday.weekday(), Weekday::Sun, "{sunday}");
            assert!((322..=425).contains(&(sunday.month() * 100 + sunday.day())), "{sunday}");
        }
    }

    #[test]
    fn the_year_2026() {
        let found: Vec<String> = day("2026-01-01")
            .iter_days()
            .take(365)
            .filter(|d| holiday(*d, &[]).is_some())
            .map(|d| d.format("%m-%d").to_string())
            .collect();
        let expected = [
            "01-01", "01-06", "04-05", "04-06", "04-25", "05-01", "06-02", "08-15", "10-04", "11-01",
            "12-08", "12-25", "12-26",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn saint_francis_only_from_2026() {
        assert_eq!(holiday(day("2025-10-04"), &[]), None);
        assert_eq!(holiday(day("2027-10-04"), &[]), Some(Holiday::National("saint_francis")));
    }

    #[test]
    fn the_patron_saint_is_local() {
        let patron = [LocalHoliday { month: 1, day: 29, name: "San Costanzo".into() }];
        assert_eq!(holiday(day("2026-01-29"), &patron), Some(Holiday::Local("San Costanzo".into())));
        assert_eq!(holiday(day("2026-01-29"), &[]), None);
        assert_eq!(holiday(day("2026-03-17"), &patron), None);
    }
}
