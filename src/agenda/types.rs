//! What an entity sets up: places, desks, opening rules, services.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::Serialize;

use crate::ids::{CalendarId, CalendarRuleId, ClosureId, CounterId, ServiceId, SiteId};
use crate::text::Text;

/// A place where people are received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Site {
    /// Its identifier.
    pub id: SiteId,
    /// Its name in addresses.
    pub slug: String,
    /// As citizens know it.
    pub name: String,
    /// Postal address.
    pub address: String,
    /// Floor, entrance, how to get there.
    pub directions: String,
    /// Opening hours, as a person says them.
    pub opening: String,
    /// Telephone.
    pub phone: String,
    /// E-mail.
    pub email: String,
    /// Where its days begin.
    #[serde(serialize_with = "zone_name")]
    pub zone: Tz,
    /// Whether it is used.
    pub active: bool,
    /// Order on the pages.
    pub position: i32,
}

fn zone_name<S: serde::Serializer>(zone: &Tz, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(zone.name())
}

/// One desk, which serves one citizen at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Counter {
    /// Its identifier.
    pub id: CounterId,
    /// Where it stands.
    pub site: SiteId,
    /// The opening rules it follows.
    pub calendar: CalendarId,
    /// What is written over it.
    pub name: String,
    /// Whether it is used.
    pub active: bool,
    /// Order on the pages.
    pub position: i32,
}

/// Opening rules shared by the counters that follow them. The rules themselves are [`CalendarRule`]s.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Calendar {
    /// Its identifier.
    pub id: CalendarId,
    /// As administrators call it.
    pub name: String,
    /// A start every so many minutes, counted from the opening.
    pub step_minutes: i32,
    /// No booking closer than this, minutes.
    pub lead_minutes: i32,
    /// No booking farther than so many days from today.
    pub horizon_days: i32,
    /// After each appointment the counter stays free so long, minutes.
    pub buffer_minutes: i32,
    /// A freed time stays closed so long, minutes: against the trading of times.
    pub cooling_minutes: i32,
    /// Whether public holidays close it.
    pub closed_on_holidays: bool,
}

/// One line of a calendar: open on this weekday from … to …, as long as it is valid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CalendarRule {
    /// Its identifier.
    pub id: CalendarRuleId,
    /// Of which calendar.
    pub calendar: CalendarId,
    /// ISO: 1 is Monday.
    pub weekday: i16,
    /// Local time of the site.
    pub opens: NaiveTime,
    /// Local time of the site, excluded.
    pub closes: NaiveTime,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day, included; `None`: until changed.
    pub valid_to: Option<NaiveDate>,
}

/// What a closure closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Scope {
    /// Every counter.
    Entity,
    /// The counters that follow a calendar.
    Calendar(CalendarId),
    /// The counters of a site.
    Site(SiteId),
    /// One counter.
    Counter(CounterId),
}

/// Closed from an instant to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Closure {
    /// Its identifier.
    pub id: ClosureId,
    /// What it closes.
    pub scope: Scope,
    /// From.
    pub from: DateTime<Utc>,
    /// To, excluded.
    pub to: DateTime<Utc>,
    /// Why, as people read it.
    pub reason: String,
}

/// A holiday of the place, every year: the patron saint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LocalHoliday {
    /// 1–12.
    pub month: i16,
    /// 1–31.
    pub day: i16,
    /// What is celebrated.
    pub name: String,
}

/// What can be booked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Service {
    /// Its identifier.
    pub id: ServiceId,
    /// Its name in addresses.
    pub slug: String,
    /// As citizens know it.
    pub name: Text,
    /// One sentence, on the list.
    pub summary: Text,
    /// What the citizen brings.
    pub bring: Text,
    /// Reasons to choose from.
    pub reasons: Vec<Text>,
    /// Anagrafe, Stato civile, …
    pub category: String,
    /// How long an appointment lasts, minutes.
    pub duration_minutes: i32,
    /// Assurance level a citizen must have logged in with; 0: guests may book.
    pub minimum_level: i16,
    /// Citizens may move or cancel until so many minutes before.
    pub change_minutes: i32,
    /// Whether it can be booked.
    pub active: bool,
    /// Order on the pages.
    pub position: i32,
}

impl Service {
    /// Whether this is one of its reasons, in Italian.
    #[must_use]
    pub fn offers(&self, reason: &str) -> bool {
        self.reasons.iter().any(|known| known.get("it") == reason)
    }

    /// How long an appointment lasts.
    #[must_use]
    pub fn duration(&self) -> TimeDelta {
        TimeDelta::minutes(self.duration_minutes.into())
    }
}

/// A start at which at least one competent counter is free.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FreeTime {
    /// From.
    pub start: DateTime<Utc>,
    /// To: the service's duration later.
    pub end: DateTime<Utc>,
    /// Where.
    pub site: SiteId,
    /// How many counters of the site are free then.
    pub free: u32,
}

/// The free times of one day. A day without any does not exist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DayTimes {
    /// The local day of the sites.
    pub date: NaiveDate,
    /// By start, then by site; never empty.
    pub times: Vec<FreeTime>,
}
