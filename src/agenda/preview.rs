//! What a calendar means, day by day, before anybody books: the same computation as the free times.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::Serialize;

use super::free_times::{Audience, DayHours, Group, Hours, Rule, Seat, Snapshot, free_times, hours_of};
use super::holidays::Holiday;
use super::intervals::{Span, subtract, union};
use super::types::{Calendar, CalendarRule, Closure, LocalHoliday};
use crate::error::{Error, Result};
use crate::ids::{CounterId, SiteId};

/// A day of a calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PreviewDay {
    /// The local day.
    pub date: NaiveDate,
    /// When it is open, closures taken out.
    pub open: Vec<(DateTime<Utc>, DateTime<Utc>)>,
    /// When an appointment may start, while nothing is booked and whatever the lead time and the horizon.
    pub starts: Vec<DateTime<Utc>>,
    /// Why it is closed, or partly closed.
    pub why: Option<Why>,
}

/// Why a day is not open, or not all of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "what", rename_all = "snake_case")]
pub enum Why {
    /// A holiday.
    Holiday(Holiday),
    /// No rule opens it.
    NoRule,
    /// A closure, with its reason.
    Closure(String),
}

/// What to preview: a calendar as it would be, saved or not.
#[derive(Clone, Debug)]
pub struct Draft<'a> {
    /// The calendar.
    pub calendar: &'a Calendar,
    /// Its rules.
    pub rules: &'a [CalendarRule],
    /// The closures that touch it.
    pub closures: &'a [Closure],
    /// Holidays of the place.
    pub holidays: &'a [LocalHoliday],
    /// The zone of the site.
    pub zone: Tz,
    /// How long an appointment lasts.
    pub duration: TimeDelta,
}

/// Each local day from … to …, both included.
///
/// # Errors
/// A wrong field `to`: before `from`, or more than [`super::availability::DAYS_MAX`] days away.
pub fn preview(draft: &Draft<'_>, from: NaiveDate, to: NaiveDate) -> Result<Vec<PreviewDay>> {
    if to < from {
        return Err(Error::field("to", "before_from"));
    }
    if to - from >= TimeDelta::days(super::availability::DAYS_MAX) {
        return Err(Error::field("to", "range_too_long"));
    }
    let closed: Vec<Span> = draft.closures.iter().map(|c| Span::between(c.from, c.to)).collect();
    // One counter that nothing takes; which one and where does not matter.
    let seat = Seat::new(CounterId::new(), closed.clone(), Vec::new());
    let hours = Hours::of(draft.calendar, draft.rules);
    let group = Group { site: SiteId::new(), zone: draft.zone, hours, counters: vec![seat] };
    let snapshot =
        Snapshot { duration: draft.duration, groups: vec![group], holidays: draft.holidays.to_vec() };
    let closed = union(closed);
    Ok(from
        .iter_days()
        .take_while(|date| *date <= to)
        .map(|date| day(draft, &snapshot, &closed, date))
        .collect())
}

fn day(draft: &Draft<'_>, snapshot: &Snapshot, closed: &[Span], date: NaiveDate) -> PreviewDay {
    let (open, why) = match hours_of(&snapshot.groups[0].hours, date, draft.zone, draft.holidays) {
        DayHours::Holiday(holiday) => (Vec::new(), Some(Why::Holiday(holiday))),
        DayHours::NoRule => (Vec::new(), Some(Why::NoRule)),
        DayHours::Open(hours) => {
            let touches = |c: &&Closure| hours.iter().any(|h| h.overlap(Span::between(c.from, c.to)) > 0);
            let why = draft.closures.iter().find(touches).map(|c| Why::Closure(c.reason.clone()));
            (subtract(&hours, closed), why)
        }
    };
    let starts = free_times(snapshot, date, date, Audience::Operator, DateTime::UNIX_EPOCH)
        .into_iter()
        .flat_map(|day| day.times)
        .map(|time| time.start)
        .collect();
    PreviewDay { date, open: open.into_iter().filter_map(Span::instants).collect(), starts, why }
}

impl Hours {
    /// A calendar and its rules, as the computation needs them.
    #[must_use]
    pub fn of(calendar: &Calendar, rules: &[CalendarRule]) -> Self {
        Self {
            step: TimeDelta::minutes(calendar.step_minutes.into()),
            lead: TimeDelta::minutes(calendar.lead_minutes.into()),
            horizon_days: calendar.horizon_days.unsigned_abs().into(),
            buffer: TimeDelta::minutes(calendar.buffer_minutes.into()),
            closed_on_holidays: calendar.closed_on_holidays,
            rules: rules
                .iter()
                .map(|rule| Rule {
                    weekday: rule.weekday.unsigned_abs().into(),
                    opens: rule.opens,
                    closes: rule.closes,
                    valid_from: rule.valid_from,
                    valid_to: rule.valid_to.unwrap_or(NaiveDate::MAX),
                })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Rome;

    use super::*;
    use crate::agenda::types::Scope;
    use crate::ids::{CalendarId, CalendarRuleId, ClosureId};

    #[test]
    fn a_week_with_a_holiday_a_closure_and_a_sunday() {
        let calendar = Calendar {
            id: CalendarId::new(),
            name: "Anagrafe".into(),
            step_minutes: 30,
            lead_minutes: 60,
            horizon_days: 30,
            buffer_minutes: 10,
            cooling_minutes: 0,
            closed_on_holidays: true,
        };
        let rules: Vec<CalendarRule> = (1..=5)
            .map(|weekday| CalendarRule {
                id: CalendarRuleId::new(),
                calendar: calendar.id,
                weekday,
                opens: "09:00:00".parse().unwrap(),
                closes: "11:15:00".parse().unwrap(),
                valid_from: "2026-01-01".parse().unwrap(),
                valid_to: None,
            })
            .collect();
        let closure = Closure {
            id: ClosureId::new(),
            scope: Scope::Entity,
            from: "2026-04-08T07:00:00Z".parse().unwrap(),
            to: "2026-04-08T08:10:00Z".parse().unwrap(),
            reason: "Assemblea".into(),
        };
        let draft = Draft {
            calendar: &calendar,
            rules: &rules,
            closures: &[closure],
            holidays: &[],
            zone: Rome,
            duration: TimeDelta::minutes(30),
        };
        let days = preview(&draft, "2026-04-05".parse().unwrap(), "2026-04-08".parse().unwrap()).unwrap();
        let starts = |i: usize| {
            let local = |t: &DateTime<Utc>| t.with_timezone(&Rome).format("%H:%M").to_string();
            days[i].starts.iter().map(local).collect::<Vec<_>>()
        };
        assert_eq!(days[0].why, Some(Why::Holiday(Holiday::National("easter"))));
        assert_eq!(days[1].why, Some(Why::Holiday(Holiday::National("easter_monday"))));
        assert_eq!(
            (days[2].why.clone(), starts(2)),
            (None, vec!["09:00".into(), "09:30".into(), "10:00".into(), "10:30".into()])
        );
        // Closed from 9 to 10.10: the grid stays where it was.
        assert_eq!(days[3].why, Some(Why::Closure("Assemblea".into())));
        assert_eq!(starts(3), ["10:30"]);
        assert_eq!(days[3].open.len(), 1);
        let sunday = "2026-04-12".parse().unwrap();
        assert_eq!(preview(&draft, sunday, sunday).unwrap()[0].why, Some(Why::NoRule));
        assert!(preview(&draft, sunday, "2026-04-11".parse().unwrap()).is_err());
    }
}
