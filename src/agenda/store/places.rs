//! Sites, counters, calendars, closures, holidays.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::super::types::{Calendar, CalendarRule, Closure, Counter, LocalHoliday, Scope, Site};
use crate::error::{Error, Result, expect_one};
use crate::ids::{CalendarId, CalendarRuleId, ClosureId, CounterId, EntityId, ServiceId, SiteId};

struct SiteRow {
    site_id: SiteId,
    slug: String,
    name: String,
    address: String,
    directions: String,
    opening: String,
    phone: String,
    email: String,
    time_zone: String,
    active: bool,
    position: i32,
}

impl TryFrom<SiteRow> for Site {
    type Error = Error;
    fn try_from(row: SiteRow) -> Result<Self> {
        let zone = row
            .time_zone
            .parse()
            .map_err(|_| Error::Inconsistent(format!("time zone of site {}", row.slug)))?;
        Ok(Self {
            id: row.site_id,
            slug: row.slug,
            name: row.name,
            address: row.address,
            directions: row.directions,
            opening: row.opening,
            phone: row.phone,
            email: row.email,
            zone,
            active: row.active,
            position: row.position,
        })
    }
}

macro_rules! site_query {
    ($condition:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            SiteRow,
            r#"select site_id as "site_id: SiteId", slug, name, address, directions, opening, phone, email, time_zone,
                active, position from site where entity_id = $1 and "# + $condition,
            $($argument),*
        )
    };
}

/// All sites, also those not used any more, in order.
pub async fn sites(conn: &mut PgConnection, entity: EntityId) -> Result<Vec<Site>> {
    let rows = site_query!("true order by position, name", entity.0).fetch_all(conn).await?;
    rows.into_iter().map(Site::try_from).collect()
}

/// One site.
pub async fn site(conn: &mut PgConnection, entity: EntityId, id: SiteId) -> Result<Site> {
    let row = site_query!("site_id = $2", entity.0, id.0).fetch_optional(conn).await?;
    row.ok_or(Error::NotFound("site"))?.try_into()
}

/// A site by its name in addresses.
pub async fn site_by_slug(conn: &mut PgConnection, entity: EntityId, slug: &str) -> Result<Site> {
    let row = site_query!("slug = $2", entity.0, slug).fetch_optional(conn).await?;
    row.ok_or(Error::NotFound("site"))?.try_into()
}

/// The sites in use where a service can be had, in order.
pub async fn sites_of_service(
    conn: &mut PgConnection,
    entity: EntityId,
    service: ServiceId,
) -> Result<Vec<Site>> {
    let rows = site_query!(
        "active and site_id in (select c.site_id from counter c
            join service_counter sc on sc.entity_id = c.entity_id and sc.counter_id = c.counter_id
            where c.entity_id = $1 and sc.service_id = $2 and c.active)
         order by position, name",
        entity.0,
        service.0
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Site::try_from).collect()
}

/// Which service can be had at which site, of all of them.
pub async fn served_sites(conn: &mut PgConnection, entity: EntityId) -> Result<Vec<(ServiceId, SiteId)>> {
    let rows = sqlx::query!(
        r#"select distinct sc.service_id as "service: ServiceId", c.site_id as "site: SiteId" from service_counter sc
         join counter c on c.entity_id = sc.entity_id and c.counter_id = sc.counter_id and c.active
         where sc.entity_id = $1"#,
        entity.0,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.service, row.site)).collect())
}

/// Inserts a site or changes it.
pub(crate) async fn put_site(conn: &mut PgConnection, entity: EntityId, site: &Site) -> Result<()> {
    let result = sqlx::query!(
        "insert into site (entity_id, site_id, slug, name, address, directions, opening, phone, email, time_zone,
            active, position)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         on conflict (entity_id, site_id) do update set slug = excluded.slug, name = excluded.name,
            address = excluded.address, directions = excluded.directions, opening = excluded.opening,
            phone = excluded.phone, email = excluded.email, time_zone = excluded.time_zone,
            active = excluded.active, position = excluded.position",
        entity.0,
        site.id.0,
        site.slug,
        site.name,
        site.address,
        site.directions,
        site.opening,
        site.phone,
        site.email,
        site.zone.name(),
        site.active,
        site.position,
    )
    .execute(conn)
    .await?;
    expect_one(&result, "site")
}

macro_rules! counter_query {
    ($condition:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            Counter,
            r#"select counter_id as "id: CounterId", site_id as "site: SiteId", calendar_id as "calendar: CalendarId",
                name, active, position from counter where entity_id = $1 and "# + $condition,
            $($argument),*
        )
    };
}

/// All counters, also those not used any more, in order.
pub async fn counters(conn: &mut PgConnection, entity: EntityId) -> Result<Vec<Counter>> {
    Ok(counter_query!("true order by site_id, position, name", entity.0).fetch_all(conn).await?)
}

/// One counter.
pub async fn counter(conn: &mut PgConnection, entity: EntityId, id: CounterId) -> Result<Counter> {
    let row = counter_query!("counter_id = $2", entity.0, id.0).fetch_optional(conn).await?;
    row.ok_or(Error::NotFound("counter"))
}

/// The counters that can serve a service, also those not used any more.
pub async fn counters_of_service(
    conn: &mut PgConnection,
    entity: EntityId,
    service: ServiceId,
) -> Result<Vec<Counter>> {
    Ok(counter_query!(
        "counter_id in (select counter_id from service_counter where entity_id = $1 and service_id = $2)
         order by site_id, position, name",
        entity.0,
        service.0
    )
    .fetch_all(conn)
    .await?)
}

/// The services a counter can serve, in order.
pub async fn services_of_counter(
    conn: &mut PgConnection,
    entity: EntityId,
    counter: CounterId,
) -> Result<Vec<ServiceId>> {
    Ok(sqlx::query_scalar!(
        r#"select s.service_id as "id: ServiceId" from service_counter c
         join service s on s.entity_id = c.entity_id and s.service_id = c.service_id
         where c.entity_id = $1 and c.counter_id = $2 order by s.position, s.slug"#,
        entity.0,
        counter.0,
    )
    .fetch_all(conn)
    .await?)
}

/// Inserts a counter or changes it.
pub(crate) async fn put_counter(conn: &mut PgConnection, entity: EntityId, counter: &Counter) -> Result<()> {
    let result = sqlx::query!(
        "insert into counter (entity_id, counter_id, site_id, calendar_id, name, active, position)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (entity_id, counter_id) do update set calendar_id = excluded.calendar_id, name = excluded.name,
            active = excluded.active, position = excluded.position",
        entity.0,
        counter.id.0,
        counter.site.0,
        counter.calendar.0,
        counter.name,
        counter.active,
        counter.position,
    )
    .execute(conn)
    .await?;
    expect_one(&result, "counter")
}

macro_rules! calendar_query {
    ($condition:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            Calendar,
            r#"select calendar_id as "id: CalendarId", name, step_minutes, lead_minutes, horizon_days, buffer_minutes,
                cooling_minutes, closed_on_holidays from calendar where entity_id = $1 and "# + $condition,
            $($argument),*
        )
    };
}

/// All calendars, by name.
pub async fn calendars(conn: &mut PgConnection, entity: EntityId) -> Result<Vec<Calendar>> {
    Ok(calendar_query!("true order by name", entity.0).fetch_all(conn).await?)
}

/// One calendar.
pub async fn calendar(conn: &mut PgConnection, entity: EntityId, id: CalendarId) -> Result<Calendar> {
    let row = calendar_query!("calendar_id = $2", entity.0, id.0).fetch_optional(conn).await?;
    row.ok_or(Error::NotFound("calendar"))
}

/// Inserts a calendar or changes it.
pub(crate) async fn put_calendar(
    conn: &mut PgConnection,
    entity: EntityId,
    calendar: &Calendar,
) -> Result<()> {
    let result = sqlx::query!(
        "insert into calendar (entity_id, calendar_id, name, step_minutes, lead_minutes, horizon_days, buffer_minutes,
            cooling_minutes, closed_on_holidays)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (entity_id, calendar_id) do update set name = excluded.name, step_minutes = excluded.step_minutes,
            lead_minutes = excluded.lead_minutes, horizon_days = excluded.horizon_days,
            buffer_minutes = excluded.buffer_minutes, cooling_minutes = excluded.cooling_minutes,
            closed_on_holidays = excluded.closed_on_holidays",
        entity.0,
        calendar.id.0,
        calendar.name,
        calendar.step_minutes,
        calendar.lead_minutes,
        calendar.horizon_days,
        calendar.buffer_minutes,
        calendar.cooling_minutes,
        calendar.closed_on_holidays,
    )
    .execute(conn)
    .await?;
    expect_one(&result, "calendar")
}

/// The rules of a calendar, by day, weekday and hour.
pub async fn calendar_rules(
    conn: &mut PgConnection,
    entity: EntityId,
    calendar: CalendarId,
) -> Result<Vec<CalendarRule>> {
    Ok(sqlx::query_as!(
        CalendarRule,
        r#"select calendar_rule_id as "id: CalendarRuleId", calendar_id as "calendar: CalendarId", weekday, opens,
            closes, valid_from, valid_to
         from calendar_rule where entity_id = $1 and calendar_id = $2 order by valid_from, weekday, opens"#,
        entity.0,
        calendar.0,
    )
    .fetch_all(conn)
    .await?)
}

/// Gives a calendar these rules instead of those it had.
pub(crate) async fn replace_rules(
    conn: &mut PgConnection,
    entity: EntityId,
    calendar: CalendarId,
    rules: &[CalendarRule],
) -> Result<()> {
    sqlx::query!("delete from calendar_rule where entity_id = $1 and calendar_id = $2", entity.0, calendar.0)
        .execute(&mut *conn)
        .await?;
    for rule in rules {
        sqlx::query!(
            "insert into calendar_rule (entity_id, calendar_rule_id, calendar_id, weekday, opens, closes, valid_from,
                valid_to)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
            entity.0,
            rule.id.0,
            calendar.0,
            rule.weekday,
            rule.opens,
            rule.closes,
            rule.valid_from,
            rule.valid_to,
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

struct ClosureRow {
    closure_id: ClosureId,
    calendar_id: Option<CalendarId>,
    site_id: Option<SiteId>,
    counter_id: Option<CounterId>,
    closed_from: DateTime<Utc>,
    closed_to: DateTime<Utc>,
    reason: String,
}

impl From<ClosureRow> for Closure {
    fn from(row: ClosureRow) -> Self {
        let scope = match (row.calendar_id, row.site_id, row.counter_id) {
            (Some(id), ..) => Scope::Calendar(id),
            (_, Some(id), _) => Scope::Site(id),
            (.., Some(id)) => Scope::Counter(id),
            (None, None, None) => Scope::Entity,
        };
        Self { id: row.closure_id, scope, from: row.closed_from, to: row.closed_to, reason: row.reason }
    }
}

macro_rules! closure_query {
    ($condition:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            ClosureRow,
            r#"select closure_id as "closure_id: ClosureId", calendar_id as "calendar_id: CalendarId",
                site_id as "site_id: SiteId", counter_id as "counter_id: CounterId",
                lower(during) as "closed_from!", upper(during) as "closed_to!", reason
             from closure where entity_id = $1 and "# + $condition,
            $($argument),*
        )
    };
}

/// The closures that are not over at an instant, by their beginning.
pub async fn closures(
    conn: &mut PgConnection,
    entity: EntityId,
    since: DateTime<Utc>,
) -> Result<Vec<Closure>> {
    let rows =
        closure_query!("upper(during) > $2 order by lower(during)", entity.0, since).fetch_all(conn).await?;
    Ok(rows.into_iter().map(Closure::from).collect())
}

/// One closure.
pub async fn closure(conn: &mut PgConnection, entity: EntityId, id: ClosureId) -> Result<Closure> {
    let row = closure_query!("closure_id = $2", entity.0, id.0).fetch_optional(conn).await?;
    Ok(row.ok_or(Error::NotFound("closure"))?.into())
}

/// Adds a closure.
pub(crate) async fn insert_closure(
    conn: &mut PgConnection,
    entity: EntityId,
    closure: &Closure,
) -> Result<()> {
    let (mut calendar, mut site, mut counter) = (None, None, None);
    match closure.scope {
        Scope::Entity => {}
        Scope::Calendar(id) => calendar = Some(id.0),
        Scope::Site(id) => site = Some(id.0),
        Scope::Counter(id) => counter = Some(id.0),
    }
    sqlx::query!(
        "insert into closure (entity_id, closure_id, calendar_id, site_id, counter_id, during, reason)
         values ($1, $2, $3, $4, $5, tstzrange($6, $7), $8)",
        entity.0,
        closure.id.0,
        calendar,
        site,
        counter,
        closure.from,
        closure.to,
        closure.reason,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Removes a closure.
pub(crate) async fn delete_closure(conn: &mut PgConnection, entity: EntityId, id: ClosureId) -> Result<()> {
    let result = sqlx::query!("delete from closure where entity_id = $1 and closure_id = $2", entity.0, id.0)
        .execute(conn)
        .await?;
    expect_one(&result, "closure")
}

/// Whether a counter does not work in an interval: it or its site is out of use, or a closure touches it.
pub(crate) async fn is_closed(
    conn: &mut PgConnection,
    entity: EntityId,
    counter: CounterId,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select not (c.active and s.active) or exists(select from closure x
             where x.entity_id = c.entity_id and x.during && tstzrange($3, $4)
               and coalesce(x.calendar_id, c.calendar_id) = c.calendar_id
               and coalesce(x.site_id, c.site_id) = c.site_id
               and coalesce(x.counter_id, c.counter_id) = c.counter_id) as "closed!"
         from counter c join site s on s.entity_id = c.entity_id and s.site_id = c.site_id
         where c.entity_id = $1 and c.counter_id = $2"#,
        entity.0,
        counter.0,
        from,
        to,
    )
    .fetch_one(conn)
    .await?)
}

/// The holidays of the place, in the order of the year.
pub async fn local_holidays(conn: &mut PgConnection, entity: EntityId) -> Result<Vec<LocalHoliday>> {
    Ok(sqlx::query_as!(
        LocalHoliday,
        "select month, day, name from local_holiday where entity_id = $1 order by month, day",
        entity.0,
    )
    .fetch_all(conn)
    .await?)
}

/// Gives the entity these holidays instead of those it had.
pub(crate) async fn replace_local_holidays(
    conn: &mut PgConnection,
    entity: EntityId,
    holidays: &[LocalHoliday],
) -> Result<()> {
    sqlx::query!("delete from local_holiday where entity_id = $1", entity.0).execute(&mut *conn).await?;
    for holiday in holidays {
        sqlx::query!(
            "insert into local_holiday (entity_id, month, day, name) values ($1, $2, $3, $4)",
            entity.0,
            holiday.month,
            holiday.day,
            holiday.name,
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}
