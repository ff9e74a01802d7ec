//! When people are reminded.

use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

/// The day before, at this local hour.
const DAY_BEFORE_AT: NaiveTime = NaiveTime::from_hms_opt(10, 0, 0).expect("ten o'clock exists");
/// Nobody's phone rings earlier on the day itself.
const MORNING: NaiveTime = NaiveTime::from_hms_opt(7, 0, 0).expect("seven o'clock exists");
/// Booked too late for the day before: so long before the start.
const SAME_DAY: TimeDelta = TimeDelta::hours(2);

/// When the holder of an appointment is reminded, of whose time they learned at `told_at`: at ten in the morning of
/// the day before; where that was past already, two hours before, but not earlier than seven; where that was past too,
/// never, because they have only just been told.
#[must_use]
pub fn reminder_at(starts_at: DateTime<Utc>, zone: Tz, told_at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let day = starts_at.with_timezone(&zone).date_naive();
    let local = |day: chrono::NaiveDate, time| day.and_time(time).and_local_timezone(zone).earliest();
    let day_before = day.checked_sub_days(Days::new(1)).and_then(|day| local(day, DAY_BEFORE_AT));
    let same_day = match local(day, MORNING) {
        Some(morning) => (starts_at - SAME_DAY).max(morning.to_utc()),
        None => starts_at - SAME_DAY,
    };
    [day_before.map(|at| at.to_utc()), Some(same_day)]
        .into_iter()
        .flatten()
        .find(|at| told_at < *at && *at < starts_at)
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Rome;
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn ten_o_clock_of_the_day_before_or_two_hours_before_or_never() {
        for (starts, told, reminded) in [
            ("2027-01-14T09:30:00Z", "2027-01-11T07:00:00Z", Some("2027-01-13T09:00:00Z")),
            ("2027-01-14T09:30:00Z", "2027-01-13T09:00:00Z", Some("2027-01-14T07:30:00Z")),
            ("2027-01-14T09:30:00Z", "2027-01-14T07:30:00Z", None),
            // At eight in the morning: nobody is woken at six.
            ("2027-01-14T07:00:00Z", "2027-01-13T15:00:00Z", Some("2027-01-14T06:00:00Z")),
            // The night the clocks go forward lies between: still ten o'clock there.
            ("2027-03-28T08:30:00Z", "2027-03-01T07:00:00Z", Some("2027-03-27T09:00:00Z")),
            ("2027-03-29T08:30:00Z", "2027-03-01T07:00:00Z", Some("2027-03-28T08:00:00Z")),
            ("2027-10-31T09:30:00Z", "2027-10-01T07:00:00Z", Some("2027-10-30T08:00:00Z")),
        ] {
            assert_eq!(reminder_at(at(starts), Rome, at(told)), reminded.map(at), "{starts} told {told}");
        }
    }

    proptest! {
        #[test]
        fn a_reminder_lies_between_the_telling_and_the_start(starts in 0_i64..40_000_000, told in 0_i64..40_000_000) {
            let beginning = at("2027-01-01T00:00:00Z");
            let starts = beginning + TimeDelta::minutes(starts / 60);
            let told = beginning + TimeDelta::minutes(told / 60);
            let reminded = reminder_at(starts, Rome, told);
            if let Some(reminded) = reminded {
                prop_assert!(told < reminded && reminded < starts);
                prop_assert!(starts - reminded < TimeDelta::hours(39));
            } else {
                prop_assert!(told + SAME_DAY >= starts || starts.with_timezone(&Rome).time() <= NaiveTime::from_hms_opt(9, 0, 0).unwrap());
            }
        }
    }
}
