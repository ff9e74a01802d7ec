//! Dates and times as `xsd:dateTime` and `xsd:date` write them: the zone may be there or not.

use chrono::{DateTime, FixedOffset, LocalResult, NaiveDate, NaiveDateTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Europe::Rome;
use serde::{Serialize, Serializer};

use super::InvalidField;

/// A date and time as the sender wrote it.
///
/// `xsd:dateTime` makes the zone optional and pagoPA's own examples leave it out; Italian local time is then meant. It is kept apart
/// because the hour repeated every October cannot be turned into an instant without a choice: see [`Moment::instant`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// No zone was written: Italian wall-clock time.
    Local(NaiveDateTime),
    /// A zone was written: one instant.
    Zoned(DateTime<FixedOffset>),
}

impl Moment {
    /// What a wall clock in Italy showed.
    #[must_use]
    pub fn rome_local(&self) -> NaiveDateTime {
        match self {
            Self::Local(local) => *local,
            Self::Zoned(instant) => instant.with_timezone(&Rome).naive_local(),
        }
    }

    /// The instant. Italian local time is meant where no zone was written; of the hour that comes twice in October the first
    /// is taken, and the one that does not exist in March is read as if the clock had not been moved.
    #[must_use]
    pub fn instant(&self) -> DateTime<Utc> {
        match self {
            Self::Zoned(instant) => instant.with_timezone(&Utc),
            Self::Local(local) => in_rome(*local),
        }
    }

    pub(crate) fn parse(field: &'static str, text: &str) -> Result<Self, InvalidField> {
        if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
            return Ok(Self::Zoned(instant));
        }
        NaiveDateTime::parse_from_str(text, LOCAL_FORMAT)
            .map(Self::Local)
            .map_err(|_| InvalidField::value(field, text, "a date and time"))
    }
}

fn in_rome(local: NaiveDateTime) -> DateTime<Utc> {
    match Rome.from_local_datetime(&local) {
        LocalResult::Single(instant) | LocalResult::Ambiguous(instant, _) => instant.with_timezone(&Utc),
        LocalResult::None => in_rome(local - TimeDelta::hours(1)) + TimeDelta::hours(1),
    }
}

const LOCAL_FORMAT: &str = "%Y-%m-%dT%H:%M:%S%.f";

/// As `xsd:dateTime` text, with the zone only if there was one.
impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Local(local) => write!(f, "{}", local.format(LOCAL_FORMAT)),
            Self::Zoned(instant) => f.write_str(&instant.to_rfc3339()),
        }
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Reads an `xsd:date`. Its optional zone (`2025-10-01Z`, `2025-10-01+02:00`) does not move a business day and is dropped.
pub(crate) fn parse_date(field: &'static str, text: &str) -> Result<NaiveDate, InvalidField> {
    let invalid = || InvalidField::value(field, text, "a date");
    let (day, zone) = text.split_at_checked(10).ok_or_else(invalid)?;
    let zone_is_valid =
        zone.is_empty() || DateTime::parse_from_rfc3339(&format!("{day}T00:00:00{zone}")).is_ok();
    if !zone_is_valid {
        return Err(invalid());
    }
    NaiveDate::parse_from_str(day, "%Y-%m-%d").map_err(|_| invalid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_without_zone_is_italian() {
        for (local, utc) in [
            ("2026-11-23T10:00:00", "2026-11-23T09:00:00Z"),
            ("2026-07-01T10:00:00", "2026-07-01T08:00:00Z"),
            ("2026-10-25T02:30:00", "2026-10-25T00:30:00Z"),
            ("2026-03-29T02:30:00", "2026-03-29T01:30:00Z"),
        ] {
            let moment = Moment::Local(local.parse().unwrap());
            assert_eq!(moment.instant(), utc.parse::<DateTime<Utc>>().unwrap(), "{local}");
        }
        let zoned = Moment::Zoned("2026-11-23T10:00:00+05:00".parse().unwrap());
        assert_eq!(zoned.instant(), "2026-11-23T05:00:00Z".parse::<DateTime<Utc>>().unwrap());
    }

    #[test]
    fn a_zone_is_kept_when_written_and_never_invented() {
        for (text, rome, written) in [
            ("2021-10-01T17:48:22", "2021-10-01T17:48:22", "2021-10-01T17:48:22"),
            ("2018-11-11T12:05:32.688", "2018-11-11T12:05:32.688", "2018-11-11T12:05:32.688"),
            ("2021-10-01T17:48:22Z", "2021-10-01T19:48:22", "2021-10-01T17:48:22+00:00"),
            ("2021-12-31T23:30:00Z", "2022-01-01T00:30:00", "2021-12-31T23:30:00+00:00"),
            ("2021-10-01T17:48:22+02:00", "2021-10-01T17:48:22", "2021-10-01T17:48:22+02:00"),
        ] {
            let moment = Moment::parse("paymentDateTime", text).unwrap();
            assert_eq!(Moment::Local(moment.rome_local()).to_string(), rome, "{text}");
            assert_eq!(moment.to_string(), written, "{text}");
            assert_eq!(Moment::parse("paymentDateTime", written), Ok(moment));
        }
    }

    #[test]
    fn what_is_not_a_date_says_so() {
        for text in ["", "#timedate#", "2021-10-01", "01/10/2021 10:00", "2021-02-30T10:00:00"] {
            let error = Moment::parse("dataOraFlusso", text).unwrap_err();
            assert_eq!(error.to_string(), format!("dataOraFlusso: `{text}` is not a date and time"));
        }
        for text in
            ["", "#date#", "2021-2-3", "2021-02-30", "2021-10-01T10:00:00", "2021-10-01 ", "2021-10-0è"]
        {
            assert!(parse_date("dataRegolamento", text).is_err(), "{text:?}");
        }
        let day = NaiveDate::from_ymd_opt(2021, 10, 1).unwrap();
        for text in ["2021-10-01", "2021-10-01Z", "2021-10-01+02:00"] {
            assert_eq!(parse_date("applicationDate", text), Ok(day), "{text}");
        }
    }
}
