//! Free times: the one computation behind the calendar a citizen sees, the check when a time is taken, and the
//! preview an administrator sees. Pure: what it depends on is in [`Snapshot`].
//!
//! A start is offered where at least one competent counter is open from it to its end, takes nothing else from it to
//! the end of the buffer after it, and it is neither too near nor too far. Starts lie on a grid that is counted from
//! the opening, so that a closure or an appointment never shifts the others.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::holidays::{Holiday, holiday};
use super::intervals::{Obstacles, Span, union};
use super::types::{DayTimes, FreeTime, LocalHoliday};
use super::zone;
use crate::ids::{CounterId, SiteId};

/// For whom times are looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Lead time and horizon count.
    Citizen,
    /// They do not: an operator may book this minute, or next year.
    Operator,
}

/// Everything the free times of a service depend on.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// How long an appointment lasts.
    pub duration: TimeDelta,
    /// The competent counters, those of a site with the same calendar together.
    pub groups: Vec<Group>,
    /// Holidays of the place.
    pub holidays: Vec<LocalHoliday>,
}

/// The counters of a site that follow the same calendar: they open together, on the same grid.
#[derive(Clone, Debug)]
pub struct Group {
    /// The site.
    pub site: SiteId,
    /// Its zone.
    pub zone: Tz,
    /// Their calendar.
    pub hours: Hours,
    /// The counters.
    pub counters: Vec<Seat>,
}

/// A calendar as the computation needs it.
#[derive(Clone, Debug)]
pub struct Hours {
    /// Between two starts; positive.
    pub step: TimeDelta,
    /// From now to the first start.
    pub lead: TimeDelta,
    /// Days from today to the last start.
    pub horizon_days: u64,
    /// Kept free after each appointment.
    pub buffer: TimeDelta,
    /// Whether holidays close it.
    pub closed_on_holidays: bool,
    /// The weekly rules.
    pub rules: Vec<Rule>,
}

/// Open on a weekday from … to …, between two days.
#[derive(Clone, Debug)]
pub struct Rule {
    /// ISO: 1 is Monday.
    pub weekday: u32,
    /// Local time.
    pub opens: NaiveTime,
    /// Local time, excluded.
    pub closes: NaiveTime,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day, included.
    pub valid_to: NaiveDate,
}

/// A counter and what takes its time.
#[derive(Clone, Debug)]
pub struct Seat {
    /// Which.
    pub counter: CounterId,
    closed: Vec<Span>,
    busy: Vec<Span>,
}

impl Seat {
    /// A counter with its closures and its live occupations (each with its buffer), in any order.
    #[must_use]
    pub fn new(counter: CounterId, closed: Vec<Span>, busy: Vec<Span>) -> Self {
        Self { counter, closed: union(closed), busy: union(busy) }
    }

    /// When it is closed, sorted.
    #[must_use]
    pub fn closed(&self) -> &[Span] {
        &self.closed
    }
}

/// The hours of a day, before closures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DayHours {
    /// Open, sorted; never empty.
    Open(Vec<Span>),
    /// Closed for a holiday.
    Holiday(Holiday),
    /// No rule opens it.
    NoRule,
}

/// What the calendar says of a day.
#[must_use]
pub fn hours_of(hours: &Hours, date: NaiveDate, zone: Tz, holidays: &[LocalHoliday]) -> DayHours {
    if hours.closed_on_holidays
        && let Some(holiday) = holiday(date, holidays)
    {
        return DayHours::Holiday(holiday);
    }
    let weekday = date.weekday().number_from_monday();
    let open = hours
        .rules
        .iter()
        .filter(|rule| rule.weekday == weekday && (rule.valid_from..=rule.valid_to).contains(&date))
        .map(|rule| {
            Span::between(zone::instant(date, rule.opens, zone), zone::instant(date, rule.closes, zone))
        })
        .collect();
    match union(open) {
        open if open.is_empty() => DayHours::NoRule,
        open => DayHours::Open(open),
    }
}

/// Lengths in microseconds: what the inner loop works with.
#[derive(Clone, Copy)]
struct Grid {
    step: i64,
    duration: i64,
    buffer: i64,
    earliest: i64,
}

impl Grid {
    fn new(hours: &Hours, duration: TimeDelta, earliest: DateTime<Utc>) -> Self {
        let micros = |d: TimeDelta| d.num_microseconds().unwrap_or(i64::MAX);
        Self {
            // A step that is not positive would never end.
            step: micros(hours.step).max(1),
            duration: micros(duration),
            buffer: micros(hours.buffer),
            earliest: earliest.timestamp_micros(),
        }
    }

    /// How many starts an opening has room for.
    fn len(self, open: Span) -> usize {
        let room = open.to - open.from - self.duration;
        if room < 0 { 0 } else { usize::try_from(room / self.step + 1).unwrap_or(0) }
    }

    /// Calls `found` with the place on the grid of each start at which the seat is free.
    fn each_free(self, open: Span, seat: &Seat, mut found: impl FnMut(usize)) {
        let first = ((self.earliest - open.from).max(0) + self.step - 1) / self.step;
        let mut start = open.from + first * self.step;
        let mut closed = Obstacles::new(&seat.closed).from(start);
        let mut busy = Obstacles::new(&seat.busy).from(start);
        for at in usize::try_from(first).unwrap_or(usize::MAX)..self.len(open) {
            let end = start + self.duration;
            if !closed.hit(Span { from: start, to: end })
                && !busy.hit(Span { from: start, to: end + self.buffer })
            {
                found(at);
            }
            start += self.step;
        }
    }
}

/// The earliest instant and the last day a group offers.
fn window(group: &Group, audience: Audience, now: DateTime<Utc>) -> (DateTime<Utc>, NaiveDate) {
    match audience {
        Audience::Operator => (now, NaiveDate::MAX),
        Audience::Citizen => {
            let today = zone::day_of(now, group.zone);
            let last = today.checked_add_days(Days::new(group.hours.horizon_days)).unwrap_or(NaiveDate::MAX);
            (now + group.hours.lead, last)
        }
    }
}

/// The free times of each local day from `from` to `to`, both included. Days without any are absent.
#[must_use]
pub fn free_times(
    snapshot: &Snapshot,
    from: NaiveDate,
    to: NaiveDate,
    audience: Audience,
    now: DateTime<Utc>,
) -> Vec<DayTimes> {
    let mut days = Vec::new();
    let mut counts = Vec::new();
    for date in from.iter_days().take_while(|date| *date <= to) {
        let mut times = Vec::new();
        for group in &snapshot.groups {
            add_day(snapshot, group, date, audience, now, &mut counts, &mut times);
        }
        // One group is sorted already, and then this costs nothing.
        times.sort_by_key(|time: &FreeTime| (time.start, time.site));
        times.dedup_by(|next, kept| {
            let same = (next.start, next.site) == (kept.start, kept.site);
            if same {
                kept.free += next.free;
            }
            same
        });
        if !times.is_empty() {
            days.push(DayTimes { date, times });
        }
    }
    days
}

fn add_day(
    snapshot: &Snapshot,
    group: &Group,
    date: NaiveDate,
    audience: Audience,
    now: DateTime<Utc>,
    counts: &mut Vec<u32>,
    times: &mut Vec<FreeTime>,
) {
    let (earliest, last) = window(group, audience, now);
    if date > last || date < zone::day_of(earliest, group.zone) {
        return;
    }
    let DayHours::Open(openings) = hours_of(&group.hours, date, group.zone, &snapshot.holidays) else {
        return;
    };
    let grid = Grid::new(&group.hours, snapshot.duration, earliest);
    for open in openings {
        counts.clear();
        counts.resize(grid.len(open), 0);
        for seat in &group.counters {
            grid.each_free(open, seat, |at| counts[at] += 1);
        }
        let mut start = open.from;
        for &free in &*counts {
            if free > 0
                && let Some((start, end)) = (Span { from: start, to: start + grid.duration }).instants()
            {
                times.push(FreeTime { start, end, site: group.site, free });
            }
            start += grid.step;
        }
    }
}

/// A counter that can take a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taker {
    /// Which.
    pub counter: CounterId,
    /// From.
    pub start: DateTime<Utc>,
    /// To.
    pub end: DateTime<Utc>,
    /// The end and the buffer.
    pub busy_until: DateTime<Utc>,
    /// How much of that day is taken already, microseconds.
    pub load: i64,
}

/// The counters of a site that are free at a start: empty exactly where [`free_times`] does not offer it.
#[must_use]
pub fn takers(
    snapshot: &Snapshot,
    site: SiteId,
    start: DateTime<Utc>,
    audience: Audience,
    now: DateTime<Utc>,
) -> Vec<Taker> {
    let mut takers = Vec::new();
    for group in snapshot.groups.iter().filter(|group| group.site == site) {
        let date = zone::day_of(start, group.zone);
        let (earliest, last) = window(group, audience, now);
        let DayHours::Open(openings) = hours_of(&group.hours, date, group.zone, &snapshot.holidays) else {
            continue;
        };
        if date > last {
            continue;
        }
        let grid = Grid::new(&group.hours, snapshot.duration, earliest);
        let (midnight, next_midnight) = zone::bounds(date, group.zone);
        let day = Span::between(midnight, next_midnight);
        let asked = start.timestamp_micros();
        let Some(open) = openings.into_iter().find(|open| open.from <= asked && asked < open.to) else {
            continue;
        };
        for seat in &group.counters {
            let mut is_free = false;
            grid.each_free(open, seat, |at| {
                is_free |= i64::try_from(at).is_ok_and(|at| open.from + at * grid.step == asked);
            });
            let Some((start, end)) = (Span { from: asked, to: asked + grid.duration }).instants() else {
                continue;
            };
            if is_free {
                let load = seat.busy.iter().map(|busy| busy.overlap(day)).sum();
                takers.push(Taker {
                    counter: seat.counter,
                    start,
                    end,
                    busy_until: end + group.hours.buffer,
                    load,
                });
            }
        }
    }
    takers
}

/// The least loaded; `preferred` where it is among them, else the first in order of those with the same load.
#[must_use]
pub fn choose(takers: &[Taker], preferred: Option<CounterId>) -> Option<Taker> {
    takers
        .iter()
        .find(|taker| Some(taker.counter) == preferred)
        .or_else(|| takers.iter().min_by_key(|taker| taker.load))
        .copied()
}

#[cfg(test)]
#[path = "free_times_tests.rs"]
mod tests;
