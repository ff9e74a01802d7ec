//! Everything free times depend on, in one round trip.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use sqlx::PgConnection;

use super::super::free_times::{Group, Hours, Rule, Seat, Snapshot};
use super::super::intervals::Span;
use super::super::types::LocalHoliday;
use crate::error::{Error, Result};
use crate::ids::{AppointmentId, CalendarId, CounterId, EntityId, ServiceId, SiteId};

/// What to look at.
pub(crate) struct Asked {
    /// The service.
    pub service: ServiceId,
    /// One site, or all.
    pub site: Option<SiteId>,
    /// First local day.
    pub from: NaiveDate,
    /// Last local day.
    pub to: NaiveDate,
    /// An appointment whose own time counts as free: the one that is being moved.
    pub ignoring: Option<AppointmentId>,
}

/// One row per counter, with arrays of what concerns it.
struct Row {
    counter_id: CounterId,
    site_id: SiteId,
    calendar_id: CalendarId,
    time_zone: String,
    duration_minutes: i32,
    step_minutes: i32,
    lead_minutes: i32,
    horizon_days: i32,
    buffer_minutes: i32,
    closed_on_holidays: bool,
    weekdays: Vec<i16>,
    opens: Vec<NaiveTime>,
    closes: Vec<NaiveTime>,
    valid_from: Vec<NaiveDate>,
    valid_to: Vec<NaiveDate>,
    closed_from: Vec<DateTime<Utc>>,
    closed_to: Vec<DateTime<Utc>>,
    busy_from: Vec<DateTime<Utc>>,
    busy_to: Vec<DateTime<Utc>>,
    holiday_months: Vec<i16>,
    holiday_days: Vec<i16>,
}

/// Rules, closures and live occupations of the counters in use that are competent for a service. One that cannot be
/// booked any more has none.
pub(crate) async fn snapshot(
    conn: &mut PgConnection,
    entity: EntityId,
    asked: &Asked,
    now: DateTime<Utc>,
) -> Result<Snapshot> {
    // Wherever the site is, its days lie between these instants, and so does the end of what takes time on them.
    let first = (asked.from - Days::new(1)).and_time(NaiveTime::MIN).and_utc();
    let last = (asked.to + Days::new(3)).and_time(NaiveTime::MIN).and_utc();
    let rows = sqlx::query_as!(
        Row,
        r#"select c.counter_id as "counter_id: CounterId", c.site_id as "site_id: SiteId",
            c.calendar_id as "calendar_id: CalendarId", s.time_zone, sv.duration_minutes,
            k.step_minutes, k.lead_minutes, k.horizon_days, k.buffer_minutes, k.closed_on_holidays,
            r.weekdays as "weekdays!", r.opens as "opens!", r.closes as "closes!",
            r.valid_from as "valid_from!", r.valid_to as "valid_to!",
            x.closed_from as "closed_from!", x.closed_to as "closed_to!",
            o.busy_from as "busy_from!", o.busy_to as "busy_to!",
            h.months as "holiday_months!", h.days as "holiday_days!"
         from service sv
         join service_counter sc on sc.entity_id = sv.entity_id and sc.service_id = sv.service_id
         join counter c on c.entity_id = sc.entity_id and c.counter_id = sc.counter_id and c.active
         join site s on s.entity_id = c.entity_id and s.site_id = c.site_id and s.active
         join calendar k on k.entity_id = c.entity_id and k.calendar_id = c.calendar_id
         cross join (select coalesce(array_agg(month), '{}') as months, coalesce(array_agg(day), '{}') as days
            from local_holiday where entity_id = $1) h
         cross join lateral (select coalesce(array_agg(weekday), '{}') as weekdays,
            coalesce(array_agg(opens), '{}') as opens, coalesce(array_agg(closes), '{}') as closes,
            coalesce(array_agg(valid_from), '{}') as valid_from,
            coalesce(array_agg(coalesce(valid_to, date '9999-12-31')), '{}') as valid_to
            from calendar_rule
            where entity_id = $1 and calendar_id = k.calendar_id and valid_from <= $5
              and coalesce(valid_to >= $4, true)) r
         cross join lateral (select coalesce(array_agg(lower(during)), '{}') as closed_from,
            coalesce(array_agg(upper(during)), '{}') as closed_to
            from closure
            where entity_id = $1 and during && tstzrange($8, $9)
              and coalesce(calendar_id, c.calendar_id) = c.calendar_id
              and coalesce(site_id, c.site_id) = c.site_id
              and coalesce(counter_id, c.counter_id) = c.counter_id) x
         cross join lateral (select coalesce(array_agg(starts_at), '{}') as busy_from,
            coalesce(array_agg(ends_at), '{}') as busy_to
            from occupation
            where entity_id = $1 and counter_id = c.counter_id and ends_at > $8 and ends_at < $9
              and coalesce(expires_at > $6, true)
              and ($7::uuid is null or appointment_id is distinct from $7)) o
         where sv.entity_id = $1 and sv.service_id = $2 and sv.active and ($3::uuid is null or s.site_id = $3)
         order by s.position, c.site_id, c.calendar_id, c.position, c.counter_id"#,
        entity.0,
        asked.service.0,
        asked.site.map(|s| s.0),
        asked.from,
        asked.to,
        now,
        asked.ignoring.map(|a| a.0),
        first,
        last,
    )
    .fetch_all(conn)
    .await?;
    assemble(rows)
}

fn assemble(rows: Vec<Row>) -> Result<Snapshot> {
    let mut snapshot = Snapshot { duration: TimeDelta::zero(), groups: Vec::new(), holidays: Vec::new() };
    let mut last = None;
    for row in rows {
        if last != Some((row.site_id, row.calendar_id)) {
            last = Some((row.site_id, row.calendar_id));
            snapshot.duration = TimeDelta::minutes(row.duration_minutes.into());
            snapshot.holidays = row
                .holiday_months
                .iter()
                .zip(&row.holiday_days)
                .map(|(month, day)| LocalHoliday { month: *month, day: *day, name: String::new() })
                .collect();
            snapshot.groups.push(group(&row)?);
        }
        let seat = Seat::new(
            row.counter_id,
            spans(&row.closed_from, &row.closed_to),
            spans(&row.busy_from, &row.busy_to),
        );
        if let Some(group) = snapshot.groups.last_mut() {
            group.counters.push(seat);
        }
    }
    Ok(snapshot)
}

fn group(row: &Row) -> Result<Group> {
    let zone: Tz = row
        .time_zone
        .parse()
        .map_err(|_| Error::Inconsistent(format!("time zone of site {}", row.site_id)))?;
    let rules = (0..row.weekdays.len())
        .map(|i| Rule {
            weekday: row.weekdays[i].unsigned_abs().into(),
            opens: row.opens[i],
            closes: row.closes[i],
            valid_from: row.valid_from[i],
            valid_to: row.valid_to[i],
        })
        .collect();
    let hours = Hours {
        step: TimeDelta::minutes(row.step_minutes.into()),
        lead: TimeDelta::minutes(row.lead_minutes.into()),
        horizon_days: row.horizon_days.unsigned_abs().into(),
        buffer: TimeDelta::minutes(row.buffer_minutes.into()),
        closed_on_holidays: row.closed_on_holidays,
        rules,
    };
    Ok(Group { site: row.site_id, zone, hours, counters: Vec::new() })
}

fn spans(from: &[DateTime<Utc>], to: &[DateTime<Utc>]) -> Vec<Span> {
    from.iter().zip(to).map(|(from, to)| Span::between(*from, *to)).collect()
}
