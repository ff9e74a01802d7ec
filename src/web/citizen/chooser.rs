//! The choice of a day and a time: a month, its days with times, a radio button per time.

use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta, Utc};
use sqlx::PgConnection;

use crate::agenda::{self, Audience, DayTimes, FreeTime, Months, Service, Site};
use crate::error::Result;
use crate::web::frame::Tenant;
use crate::web::i18n::T;

/// A month with at most so many days with times shows all of them open.
const OPEN_DAYS_MAX: usize = 3;

/// The free times of one month at one site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Chooser {
    /// Months with times: value and name.
    pub(super) months: Vec<(String, String)>,
    /// The shown one.
    pub(super) month: String,
    /// Its days with times.
    pub(super) days: Vec<Day>,
    /// Times near one that was just taken.
    pub(super) nearby: Vec<Time>,
}

/// A day with times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Day {
    pub(super) label: String,
    pub(super) open: bool,
    pub(super) times: Vec<Time>,
}

/// A time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Time {
    pub(super) id: String,
    pub(super) value: String,
    pub(super) label: String,
    pub(super) checked: bool,
}

impl Chooser {
    /// Whether there is nothing to choose from, in any month.
    pub(super) fn is_empty(&self) -> bool {
        self.days.is_empty()
    }

    /// From the months of a site that have times: the asked one of them, else that of the chosen time, else the first.
    /// `days_of` are the days of a month that have times.
    fn of(
        months: &[NaiveDate],
        days_of: impl Fn(NaiveDate) -> Vec<DayTimes>,
        asked: &str,
        chosen: Option<DateTime<Utc>>,
        t: T,
    ) -> Self {
        let known = |value: &str| months.iter().find(|month| month_of(**month) == value);
        let of_chosen = || known(&month_of(t.day_of(chosen?)));
        let Some(month) = known(asked).or_else(of_chosen).or_else(|| months.first()) else {
            return Self::default();
        };
        let shown = days_of(*month);
        let is_chosen = |day: &DayTimes| day.times.iter().any(|time| Some(time.start) == chosen);
        let chosen_here = shown.iter().any(is_chosen);
        let mut ids = 0_usize;
        let days = shown.iter().enumerate().map(|(at, day)| Day {
            label: t.date(day.date),
            open: shown.len() <= OPEN_DAYS_MAX || is_chosen(day) || (!chosen_here && at == 0),
            times: day.times.iter().map(|time| one(time, &mut ids, t.clock(time.start), chosen)).collect(),
        });
        Self {
            days: days.collect(),
            months: months.iter().map(|month| (month_of(*month), t.month(*month))).collect(),
            month: month_of(*month),
            nearby: Vec::new(),
        }
    }
}

fn month_of(date: NaiveDate) -> String {
    date.format("%Y-%m").to_string()
}

/// The first has the field's own name as id: the summary of errors links to it.
fn one(time: &FreeTime, ids: &mut usize, label: String, chosen: Option<DateTime<Utc>>) -> Time {
    *ids += 1;
    Time {
        id: if *ids == 1 { "quando".to_owned() } else { format!("quando-{ids}") },
        value: value_of(time.start),
        label,
        checked: Some(time.start) == chosen,
    }
}

/// An instant as a form carries it.
pub(super) fn value_of(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Reads it back.
pub(super) fn instant_of(value: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(value).ok().map(|at| at.with_timezone(&Utc))
}

/// The free times of a service at a site.
pub(super) async fn load(
    conn: &mut PgConnection,
    ctx: &Tenant,
    service: &Service,
    site: &Site,
    asked_month: &str,
    chosen: Option<DateTime<Utc>>,
) -> Result<Chooser> {
    let t = ctx.t.in_zone(site.zone);
    let days = (t.day_of(ctx.now), last_day(conn, ctx, service, t).await?);
    let months = Months::read(conn, ctx.entity.id, (service.id, site.id), days, ctx.now).await?;
    Ok(Chooser::of(&months.with_times(), |month| months.days(month), asked_month, chosen, t))
}

/// The farthest day that the calendars of the service's counters offer.
async fn last_day(conn: &mut PgConnection, ctx: &Tenant, service: &Service, t: T) -> Result<NaiveDate> {
    let counters = agenda::store::counters_of_service(conn, ctx.entity.id, service.id).await?;
    let calendars = agenda::store::calendars(conn, ctx.entity.id).await?;
    let followed = calendars.iter().filter(|calendar| counters.iter().any(|c| c.calendar == calendar.id));
    let horizon = followed.map(|calendar| calendar.horizon_days).max().unwrap_or_default();
    Ok(t.day_of(ctx.now) + TimeDelta::days(horizon.into()))
}

/// The same after somebody else took the wanted time: with the free ones around it.
pub(super) async fn load_around(
    conn: &mut PgConnection,
    ctx: &Tenant,
    service: &Service,
    site: &Site,
    wanted: DateTime<Utc>,
) -> Result<Chooser> {
    let t = ctx.t.in_zone(site.zone);
    let month = month_of(t.day_of(wanted));
    let mut chooser = load(conn, ctx, service, site, &month, None).await?;
    let around = (wanted, Audience::Citizen);
    let near = agenda::nearby(conn, ctx.entity.id, service.id, Some(site.id), around, ctx.now).await?;
    let near = near.iter().enumerate().map(|(n, time)| Time {
        id: format!("vicino-{n}"),
        value: value_of(time.start),
        label: t.date_time(time.start),
        checked: false,
    });
    chooser.nearby = near.collect();
    Ok(chooser)
}

#[cfg(test)]
mod tests {
    use chrono::Datelike as _;
    use chrono_tz::Europe::Rome;

    use super::*;
    use crate::ids::SiteId;
    use crate::web::i18n::Language;

    fn day(date: &str, hours: &[i64]) -> DayTimes {
        let date: NaiveDate = date.parse().unwrap();
        let midnight = date.and_hms_opt(0, 0, 0).unwrap().and_utc();
        let time = |hour: &i64| FreeTime {
            start: midnight + TimeDelta::hours(*hour),
            end: midnight + TimeDelta::hours(hour + 1),
            site: SiteId::new(),
            free: 2,
        };
        DayTimes { date, times: hours.iter().map(time).collect() }
    }

    fn t() -> T {
        T::new(Language::It, Rome)
    }

    fn chooser(days: &[DayTimes], asked: &str, chosen: Option<DateTime<Utc>>) -> Chooser {
        let mut months: Vec<NaiveDate> = days.iter().map(|day| day.date.with_day(1).unwrap()).collect();
        months.dedup();
        let of = |month| {
            let is_in = |day: &&DayTimes| month_of(day.date) == month_of(month);
            days.iter().filter(is_in).cloned().collect()
        };
        Chooser::of(&months, of, asked, chosen, t())
    }

    #[test]
    fn only_months_with_times_are_offered_and_the_first_is_shown() {
        let days = [day("2027-01-28", &[8, 9]), day("2027-01-29", &[8]), day("2027-03-01", &[8])];
        let shown = chooser(&days, "", None);
        let names: Vec<&str> = shown.months.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(names, ["gennaio 2027", "marzo 2027"]);
        assert_eq!((shown.month.as_str(), shown.days.len()), ("2027-01", 2));
        assert_eq!(shown.days[0].label, "giovedì 28 gennaio 2027");
        assert_eq!(shown.days[0].times[0].label, "09:00");
        assert_eq!(shown.days[0].times[0].id, "quando");
        assert_eq!(shown.days[1].times[0].id, "quando-3");
        assert_eq!(chooser(&days, "2027-03", None).month, "2027-03");
        assert_eq!(chooser(&days, "2027-02", None).month, "2027-01", "february has no times");
        assert!(chooser(&[], "2027-02", None).is_empty());
    }

    #[test]
    fn the_chosen_time_is_in_sight() {
        let days: Vec<DayTimes> = (1..=9).map(|n| day(&format!("2027-03-0{n}"), &[8])).collect();
        let chosen = days[6].times[0].start;
        let shown = chooser(&days, "", Some(chosen));
        let open: Vec<usize> = (0..9).filter(|n| shown.days[*n].open).collect();
        assert_eq!(open, [6]);
        assert!(shown.days[6].times[0].checked);
        let first = chooser(&days, "", None);
        assert!(first.days[0].open && !first.days[1].open);
    }

    #[test]
    fn instants_survive_a_form() {
        let at = day("2027-03-28", &[1]).times[0].start;
        assert_eq!(instant_of(&value_of(at)), Some(at));
        assert_eq!(instant_of("domani"), None);
    }
}
