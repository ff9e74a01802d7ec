//! Free times to choose from: a site and a month, then the days of it, each with its times. The same for moving an
//! appointment, for proposing others and for inserting a new one.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, SecondsFormat, Utc};
use serde::Deserialize;
use sqlx::PgConnection;

use super::room::Room;
use crate::agenda::{Audience, DayTimes, Range, Site, availability_for, nearby, store};
use crate::error::{Error, Result};
use crate::ids::{ServiceId, SiteId};

/// Months that can be chosen, this one included.
const MONTHS: u32 = 13;
/// Where the month was not chosen, the first of these that has times.
const LOOK_AHEAD: u32 = 3;

/// `?sede=&mese=`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// Slug of a site; empty: all of them.
    sede: String,
    /// `2027-01`; empty: the first with times.
    mese: String,
    /// A time that was just taken: those near it are shown.
    #[serde(skip)]
    taken: Option<DateTime<Utc>>,
}

impl Asked {
    /// The first times of a site.
    #[must_use]
    pub fn of(site: &str) -> Self {
        Self { sede: site.to_owned(), ..Self::default() }
    }

    /// Where a time that could not be had was looked for.
    #[must_use]
    pub fn again(room: &Room, wanted: Option<&String>, error: &Error) -> Self {
        let Some((site, start)) = wanted.and_then(|value| split(value)) else {
            return Self::of(&room.site.slug);
        };
        Self {
            sede: site.to_owned(),
            mese: value_of(room.t.day_of(start)),
            taken: matches!(error, Error::Taken).then_some(start),
        }
    }

    /// Chooses a site where the address says nothing; `sede=tutte` asks for all of them.
    pub fn prefer(&mut self, site: &str) {
        if self.sede.is_empty() {
            site.clone_into(&mut self.sede);
        }
    }
}

/// What there is to choose.
#[derive(Debug)]
pub struct Choice {
    /// The sites that serve it: slug, name.
    pub sites: Vec<(String, String)>,
    /// The chosen site's slug, or empty.
    pub site: String,
    /// Months: value, name.
    pub months: Vec<(String, String)>,
    /// The shown month.
    pub month: String,
    /// The days with times.
    pub days: Vec<ChoiceDay>,
    /// The one in sight.
    pub open: NaiveDate,
    /// Times near one that was just taken: value and text.
    pub near: Vec<(String, String)>,
}

/// A day with its times.
#[derive(Debug)]
pub struct ChoiceDay {
    /// The local day.
    pub date: NaiveDate,
    /// "giovedì 11 marzo 2027".
    pub label: String,
    /// Value, text ("10:00", with the site where there are several), how many are free.
    pub times: Vec<(String, String, u32)>,
}

impl Choice {
    /// The free times of a service in a month, at a site or at all that serve it and where one is an operator: inside
    /// the lead time and beyond the horizon too.
    pub async fn read(
        conn: &mut PgConnection,
        room: &Room,
        service: ServiceId,
        asked: &Asked,
    ) -> Result<Self> {
        let mut sites = store::sites_of_service(conn, room.entity.id, service).await?;
        sites.retain(|site| room.is_open_to(site));
        let wanted = sites.iter().find(|site| site.slug == asked.sede);
        let today = room.today();
        let this_month = first_of_month(today);
        let chosen = month_of(&asked.mese);
        let first = chosen.unwrap_or(this_month);
        let ahead = if chosen.is_some() { 1 } else { LOOK_AHEAD };
        let (mut month, mut days) = (first, Vec::new());
        for later in 0..ahead {
            month = first.checked_add_months(Months::new(later)).unwrap_or(first);
            let range = month_range(service, wanted.map(|site| site.id), month);
            let free = availability_for(conn, room.entity.id, &range, Audience::Operator, room.now).await?;
            days = ChoiceDay::all(room, &free, &sites, wanted.is_none());
            if !days.is_empty() {
                break;
            }
        }
        let near = match asked.taken {
            Some(start) => near(conn, room, service, &sites, (wanted, start)).await?,
            None => Vec::new(),
        };
        let around = asked.taken.map(|start| room.t.day_of(start));
        let is_there = |date: &NaiveDate| days.iter().any(|day| day.date == *date);
        let first_day = days.first().map(|day| day.date);
        let months = (0..MONTHS).filter_map(|n| this_month.checked_add_months(Months::new(n)));
        Ok(Self {
            open: around.filter(is_there).or(first_day).unwrap_or(today),
            near,
            days,
            months: months.map(|month| (value_of(month), room.t.month(month))).collect(),
            month: value_of(month),
            site: wanted.map(|site| site.slug.clone()).unwrap_or_default(),
            sites: sites.into_iter().map(|site| (site.slug, site.name)).collect(),
        })
    }
}

/// The free times nearest to one that was just taken.
async fn near(
    conn: &mut PgConnection,
    room: &Room,
    service: ServiceId,
    sites: &[Site],
    (wanted, start): (Option<&Site>, DateTime<Utc>),
) -> Result<Vec<(String, String)>> {
    let (site, around) = (wanted.map(|site| site.id), (start, Audience::Operator));
    let free = nearby(conn, room.entity.id, service, site, around, room.now).await?;
    let named = free.iter().filter_map(|time| {
        let site = sites.iter().find(|site| site.id == time.site)?;
        let text = format!("{} · {}", room.t.in_zone(site.zone).date_time(time.start), site.name);
        Some((choice_value(&site.slug, time.start), text))
    });
    Ok(named.collect())
}

impl ChoiceDay {
    /// The days that have times at one of these sites.
    fn all(room: &Room, days: &[DayTimes], sites: &[Site], name_site: bool) -> Vec<Self> {
        let days = days.iter().map(|day| Self::of(room, day, sites, name_site));
        days.filter(|day| !day.times.is_empty()).collect()
    }

    fn of(room: &Room, day: &DayTimes, sites: &[Site], name_site: bool) -> Self {
        let times = day.times.iter().filter_map(|time| {
            let site = sites.iter().find(|site| site.id == time.site)?;
            let clock = room.t.in_zone(site.zone).clock(time.start);
            let named = name_site && sites.len() > 1;
            let text = if named { format!("{clock} · {}", site.name) } else { clock };
            Some((choice_value(&site.slug, time.start), text, time.free))
        });
        Self { date: day.date, label: room.t.date(day.date), times: times.collect() }
    }
}

/// How a time is named in a form: `palazzo-comunale@2027-01-12T09:00:00Z`.
#[must_use]
pub fn choice_value(site: &str, start: DateTime<Utc>) -> String {
    format!("{site}@{}", start.to_rfc3339_opts(SecondsFormat::Secs, true))
}

/// A time a form named.
///
/// # Errors
/// A wrong field `quando`, where it names none; `NotFound("site")`, also for one where one is no operator.
pub async fn chosen(conn: &mut PgConnection, room: &Room, value: &str) -> Result<(SiteId, DateTime<Utc>)> {
    let (slug, start) = split(value).ok_or_else(|| Error::field("quando", "required"))?;
    let site = store::site_by_slug(conn, room.entity.id, slug).await?;
    if room.is_open_to(&site) { Ok((site.id, start)) } else { Err(Error::NotFound("site")) }
}

fn split(value: &str) -> Option<(&str, DateTime<Utc>)> {
    let (slug, start) = value.split_once('@')?;
    Some((slug, start.parse().ok()?))
}

fn month_range(service: ServiceId, site: Option<SiteId>, month: NaiveDate) -> Range {
    let next = month.checked_add_months(Months::new(1));
    let to = next.and_then(|next| next.checked_sub_days(Days::new(1))).unwrap_or(month);
    Range { service, site, from: month, to }
}

fn first_of_month(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

fn month_of(value: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(&format!("{value}-01"), "%Y-%m-%d").ok()
}

fn value_of(month: NaiveDate) -> String {
    month.format("%Y-%m").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_it_is_written() {
        let start: DateTime<Utc> = "2027-03-28T01:00:00Z".parse().unwrap();
        let value = choice_value("palazzo-comunale", start);
        assert_eq!(split(&value), Some(("palazzo-comunale", start)));
        for wrong in ["", "palazzo", "palazzo@", "palazzo@domani", "@"] {
            assert_eq!(split(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_month_is_its_first_day_and_its_last() {
        let month = month_of("2028-02").unwrap();
        let range = month_range(ServiceId::new(), None, month);
        assert_eq!((value_of(month).as_str(), range.to.day()), ("2028-02", 29));
        assert_eq!(month_of("2027-13"), None);
        assert_eq!(month_of(""), None);
        assert_eq!(first_of_month(range.to), month);
    }
}
