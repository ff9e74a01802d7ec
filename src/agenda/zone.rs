//! Local days and times of a site, turned into instants. The only place where that is done.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;

/// The instant of a local day and time.
///
/// A time that comes twice (clocks go back) is the first of the two; a time that never comes (clocks go forward) is
/// the first instant after it. So the answer never decreases as the local time grows, and an opening rule means
/// something on every day of the year.
#[must_use]
pub fn instant(date: NaiveDate, time: NaiveTime, zone: Tz) -> DateTime<Utc> {
    const MINUTES_OF_LONGEST_GAP: i64 = 24 * 60; // a whole day was skipped once (Samoa, 30 December 2011)
    let local = date.and_time(time);
    if let Some(at) = zone.from_local_datetime(&local).earliest() {
        return at.to_utc();
    }
    // Clocks change on the minute.
    let minute =
        local - TimeDelta::seconds(time.second().into()) - TimeDelta::nanoseconds(time.nanosecond().into());
    (1..=MINUTES_OF_LONGEST_GAP)
        .find_map(|later| zone.from_local_datetime(&(minute + TimeDelta::minutes(later))).earliest())
        .map_or_else(|| local.and_utc(), |at| at.to_utc())
}

/// The local day of an instant.
#[must_use]
pub fn day_of(at: DateTime<Utc>, zone: Tz) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}

/// Where a local day begins and where the next one does.
#[must_use]
pub fn bounds(date: NaiveDate, zone: Tz) -> (DateTime<Utc>, DateTime<Utc>) {
    let next = date.succ_opt().unwrap_or(date);
    (instant(date, NaiveTime::MIN, zone), instant(next, NaiveTime::MIN, zone))
}

/// The last second of a local day: until when something is due.
#[must_use]
pub fn last_second(date: NaiveDate, zone: Tz) -> DateTime<Utc> {
    bounds(date, zone).1 - TimeDelta::seconds(1)
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Rome;
    use proptest::prelude::*;

    use super::*;

    fn at(date: &str, time: &str) -> String {
        instant(date.parse().unwrap(), time.parse().unwrap(), Rome).format("%F %T").to_string()
    }

    #[test]
    fn ordinary_days() {
        assert_eq!(at("2026-01-15", "09:00:00"), "2026-01-15 08:00:00");
        assert_eq!(at("2026-07-15", "09:00:00"), "2026-07-15 07:00:00");
    }

    #[test]
    fn the_day_of_twenty_three_hours() {
        // 29 March 2026: at 02:00 it is 03:00.
        assert_eq!(at("2026-03-29", "01:59:00"), "2026-03-29 00:59:00");
        for missing in ["02:00:00", "02:30:00", "02:59:59", "03:00:00"] {
            assert_eq!(at("2026-03-29", missing), "2026-03-29 01:00:00", "{missing}");
        }
        assert_eq!(at("2026-03-29", "09:00:00"), "2026-03-29 07:00:00");
        let (from, to) = bounds("2026-03-29".parse().unwrap(), Rome);
        assert_eq!(to - from, TimeDelta::hours(23));
    }

    #[test]
    fn the_day_of_twenty_five_hours() {
        // 25 October 2026: at 03:00 it is 02:00 again.
        assert_eq!(at("2026-10-25", "02:30:00"), "2026-10-25 00:30:00");
        assert_eq!(at("2026-10-25", "03:00:00"), "2026-10-25 02:00:00");
        assert_eq!(at("2026-10-25", "09:00:00"), "2026-10-25 08:00:00");
        let (from, to) = bounds("2026-10-25".parse().unwrap(), Rome);
        assert_eq!(to - from, TimeDelta::hours(25));
    }

    #[test]
    fn a_day_that_was_skipped() {
        let apia = chrono_tz::Pacific::Apia;
        let (from, to) = bounds("2011-12-30".parse().unwrap(), apia);
        assert_eq!(from, to);
    }

    #[test]
    fn a_day_ends_a_second_before_local_midnight() {
        let end = |date: &str| last_second(date.parse().unwrap(), Rome).to_rfc3339();
        assert_eq!(end("2026-11-23"), "2026-11-23T22:59:59+00:00");
        assert_eq!(end("2026-07-01"), "2026-07-01T21:59:59+00:00");
        assert_eq!(end("2026-10-25"), "2026-10-25T22:59:59+00:00");
    }

    proptest! {
        #[test]
        fn never_decreases_and_is_read_back(day in 0..36_500_i64, a in 0..86_400_u32, b in 0..86_400_u32) {
            let date = NaiveDate::from_ymd_opt(1990, 1, 1).unwrap() + TimeDelta::days(day);
            let time = |s| NaiveTime::from_num_seconds_from_midnight_opt(s, 0).unwrap();
            let (a, b) = (a.min(b), a.max(b));
            prop_assert!(instant(date, time(a), Rome) <= instant(date, time(b), Rome));
            prop_assert_eq!(day_of(instant(date, time(a), Rome), Rome), date);
        }
    }
}
