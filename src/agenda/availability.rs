//! The free times of a service: one round trip, then the computation of [`super::free_times`].

use std::iter::successors;

use chrono::{DateTime, Datelike as _, Days, NaiveDate, TimeDelta, Utc};
use sqlx::PgConnection;

use super::free_times::{Audience, Snapshot, free_times};
use super::store;
use super::store::Asked;
use super::types::{DayTimes, FreeTime};
use crate::error::{Error, Result};
use crate::ids::{EntityId, ServiceId, SiteId};

/// Longest range of days in one answer.
pub const DAYS_MAX: i64 = 62;

/// Times offered instead of one that is taken.
const NEARBY_MAX: usize = 6;
/// Days looked at before and after it.
const NEARBY_DAYS: u64 = 14;

/// The free times of a service from a local day to another, both included, of one site or of all. Days without any
/// are absent; of a service that cannot be booked all are.
///
/// # Errors
/// A wrong field `to`: before `from`, or more than [`DAYS_MAX`] days away.
pub async fn availability(
    conn: &mut PgConnection,
    entity: EntityId,
    service: ServiceId,
    site: Option<SiteId>,
    from: NaiveDate,
    to: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Vec<DayTimes>> {
    let range = Range { service, site, from, to };
    availability_for(conn, entity, &range, Audience::Citizen, now).await
}

/// What to look for.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    /// The service.
    pub service: ServiceId,
    /// One site, or all.
    pub site: Option<SiteId>,
    /// First local day.
    pub from: NaiveDate,
    /// Last local day, included.
    pub to: NaiveDate,
}

/// As [`availability`], also for operators.
pub async fn availability_for(
    conn: &mut PgConnection,
    entity: EntityId,
    range: &Range,
    audience: Audience,
    now: DateTime<Utc>,
) -> Result<Vec<DayTimes>> {
    if range.to < range.from {
        return Err(Error::field("to", "before_from"));
    }
    if range.to - range.from >= TimeDelta::days(DAYS_MAX) {
        return Err(Error::field("to", "range_too_long"));
    }
    // Yesterday is still today somewhere: a day more is looked at, and the computation leaves out what is past.
    let from = range.from.max(now.date_naive().pred_opt().unwrap_or(range.from));
    if range.to < from {
        return Ok(Vec::new());
    }
    let asked = Asked { service: range.service, site: range.site, from, to: range.to, ignoring: None };
    let snapshot = store::snapshot(conn, entity, &asked, now).await?;
    Ok(free_times(&snapshot, from, range.to, audience, now))
}

/// The free times of a service at a site, as citizens see them, month by month: read in one round trip, and computed only
/// as far as somebody looks.
#[derive(Debug)]
pub struct Months {
    snapshot: Snapshot,
    from: NaiveDate,
    last: NaiveDate,
    now: DateTime<Utc>,
}

impl Months {
    /// Reads from a local day to another, both included.
    pub async fn read(
        conn: &mut PgConnection,
        entity: EntityId,
        (service, site): (ServiceId, SiteId),
        (from, last): (NaiveDate, NaiveDate),
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let asked = Asked { service, site: Some(site), from, to: last, ignoring: None };
        let snapshot = store::snapshot(conn, entity, &asked, now).await?;
        Ok(Self { snapshot, from, last, now })
    }

    /// The months that have times, named by their first days.
    #[must_use]
    pub fn with_times(&self) -> Vec<NaiveDate> {
        let first = self.from.with_day(1).unwrap_or(self.from);
        let months = successors(Some(first), |month| month.checked_add_months(chrono::Months::new(1)));
        months.take_while(|month| *month <= self.last).filter(|month| self.has_times(*month)).collect()
    }

    /// The days of a month that have times.
    #[must_use]
    pub fn days(&self, month: NaiveDate) -> Vec<DayTimes> {
        let (from, to) = self.bounds(month);
        free_times(&self.snapshot, from, to, Audience::Citizen, self.now)
    }

    fn has_times(&self, month: NaiveDate) -> bool {
        let (from, to) = self.bounds(month);
        let has_times = |day| !free_times(&self.snapshot, day, day, Audience::Citizen, self.now).is_empty();
        from.iter_days().take_while(|day| *day <= to).any(has_times)
    }

    fn bounds(&self, month: NaiveDate) -> (NaiveDate, NaiveDate) {
        let next = month.checked_add_months(chrono::Months::new(1)).unwrap_or(NaiveDate::MAX);
        (month.max(self.from), next.pred_opt().unwrap_or(next).min(self.last))
    }
}

/// The free times nearest to an instant, at most six, in order of time: what to offer to somebody whose time was
/// just taken.
pub async fn nearby(
    conn: &mut PgConnection,
    entity: EntityId,
    service: ServiceId,
    site: Option<SiteId>,
    (around, audience): (DateTime<Utc>, Audience),
    now: DateTime<Utc>,
) -> Result<Vec<FreeTime>> {
    let day = around.date_naive();
    let from = day.checked_sub_days(Days::new(NEARBY_DAYS)).unwrap_or(day);
    let to = day.checked_add_days(Days::new(NEARBY_DAYS)).unwrap_or(day);
    let days = availability_for(conn, entity, &Range { service, site, from, to }, audience, now).await?;
    let mut times: Vec<FreeTime> = days.into_iter().flat_map(|day| day.times).collect();
    times.sort_by_key(|time| ((time.start - around).abs(), time.start));
    times.truncate(NEARBY_MAX);
    times.sort_by_key(|time| (time.start, time.site));
    Ok(times)
}
