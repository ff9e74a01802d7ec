//! The administrator's side: sites, counters, calendars, closures, holidays, services.
//!
//! Each `save_…` inserts what has a new identifier and changes what has a known one; nothing is ever deleted that
//! appointments may refer to, it is set to not active. Wrong fields are all answered at once ([`Error::Invalid`]).

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

use super::store;
use super::types::{Calendar, CalendarRule, Closure, Counter, LocalHoliday, Scope, Service, Site};
use crate::error::{Error, FieldError, Result};
use crate::ids::{CalendarId, ClosureId, CounterId, EntityId};
use crate::text::Text;

/// Collects what is wrong with the fields of an input.
#[derive(Default)]
struct Fields(Vec<FieldError>);

impl Fields {
    fn wrong(&mut self, field: impl Into<String>, code: &'static str) {
        self.0.push(FieldError::new(field, code));
    }

    fn text(&mut self, field: &str, value: &str, required: bool, max: usize) {
        if required && value.trim().is_empty() {
            self.wrong(field, "required");
        }
        if value.chars().count() > max {
            self.0.push(FieldError::new(field, "too_long").with_detail(max));
        }
    }

    /// Same rule as the column's check: it stands in addresses.
    fn slug(&mut self, value: &str) {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let all = value.chars().all(|c| plain(c) || c == '-');
        if !(2..=63).contains(&value.len()) || !value.starts_with(plain) || !all {
            self.wrong("slug", "slug");
        }
    }

    fn range(&mut self, field: &str, value: impl Into<i64>, (min, max): (i64, i64)) {
        if !(min..=max).contains(&value.into()) {
            self.0.push(FieldError::new(field, "out_of_range").with_detail(format!("{min}–{max}")));
        }
    }

    fn email(&mut self, value: &str) {
        let valid = value.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && host.contains('.') && !value.contains(char::is_whitespace)
        });
        if !value.is_empty() && !valid {
            self.wrong("email", "email");
        }
    }

    fn done(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Invalid(self.0)) }
    }
}

/// A name that is another's already is a wrong field, not a failure.
fn slug_taken(constraint: &'static str) -> impl Fn(Error) -> Error {
    move |error| if error.is_constraint(constraint) { Error::field("slug", "taken") } else { error }
}

/// Saves a site. One that still expects somebody stays in use.
///
/// # Errors
/// Wrong fields; `Refused("has_appointments")`.
pub async fn save_site(
    conn: &mut PgConnection,
    entity: EntityId,
    site: &Site,
    now: DateTime<Utc>,
) -> Result<()> {
    let mut fields = Fields::default();
    fields.slug(&site.slug);
    fields.text("name", &site.name, true, 140);
    fields.text("address", &site.address, true, 300);
    fields.text("directions", &site.directions, false, 1000);
    fields.text("opening", &site.opening, false, 500);
    fields.text("phone", &site.phone, false, 40);
    fields.email(&site.email);
    fields.done()?;
    if !site.active && store::expects_somebody(conn, entity, Some(site.id), None, now).await? {
        return Err(Error::Refused("has_appointments"));
    }
    store::put_site(conn, entity, site).await.map_err(slug_taken("site_entity_id_slug_key"))
}

/// Saves a counter. It stays at its site for ever, and in use while it expects somebody.
///
/// # Errors
/// Wrong fields; `Refused("has_appointments")`.
pub async fn save_counter(
    conn: &mut PgConnection,
    entity: EntityId,
    counter: &Counter,
    now: DateTime<Utc>,
) -> Result<()> {
    let mut fields = Fields::default();
    fields.text("name", &counter.name, true, 60);
    if !store::sites(conn, entity).await?.iter().any(|site| site.id == counter.site) {
        fields.wrong("site", "unknown");
    }
    if !store::calendars(conn, entity).await?.iter().any(|calendar| calendar.id == counter.calendar) {
        fields.wrong("calendar", "unknown");
    }
    let known = store::counters(conn, entity).await?.into_iter().find(|c| c.id == counter.id);
    if known.is_some_and(|known| known.site != counter.site) {
        fields.wrong("site", "unchangeable");
    }
    fields.done()?;
    if !counter.active && store::expects_somebody(conn, entity, None, Some(counter.id), now).await? {
        return Err(Error::Refused("has_appointments"));
    }
    store::put_counter(conn, entity, counter).await
}

/// Saves a calendar with its rules. Appointments that stand are not touched by new hours.
///
/// # Errors
/// Wrong fields; those of a rule are named `rules.<index>.<field>`.
pub async fn save_calendar(
    conn: &mut PgConnection,
    entity: EntityId,
    calendar: &Calendar,
    rules: &[CalendarRule],
) -> Result<()> {
    check_calendar(calendar, rules)?;
    store::put_calendar(conn, entity, calendar).await?;
    store::replace_rules(conn, entity, calendar.id, rules).await
}

/// What is wrong with a calendar and its rules: also for a preview of what is not saved.
///
/// # Errors
/// Wrong fields, as [`save_calendar`].
pub fn check_calendar(calendar: &Calendar, rules: &[CalendarRule]) -> Result<()> {
    let mut fields = Fields::default();
    fields.text("name", &calendar.name, true, 140);
    fields.range("step_minutes", calendar.step_minutes, (5, 240));
    fields.range("lead_minutes", calendar.lead_minutes, (0, 60 * 24 * 60));
    fields.range("horizon_days", calendar.horizon_days, (1, 400));
    fields.range("buffer_minutes", calendar.buffer_minutes, (0, 120));
    fields.range("cooling_minutes", calendar.cooling_minutes, (0, 1440));
    for (i, rule) in rules.iter().enumerate() {
        let name = |field: &str| format!("rules.{i}.{field}");
        fields.range(&name("weekday"), rule.weekday, (1, 7));
        if rule.closes <= rule.opens {
            fields.wrong(name("closes"), "before_opening");
        }
        if rule.valid_to.is_some_and(|to| to < rule.valid_from) {
            fields.wrong(name("valid_to"), "before_from");
        }
        if rules[..i].iter().any(|other| overlap(rule, other)) {
            fields.wrong(name("opens"), "overlaps");
        }
    }
    fields.done()
}

/// Whether two rules say something of the same minute: an administrator then meant something else.
fn overlap(a: &CalendarRule, b: &CalendarRule) -> bool {
    let until = |rule: &CalendarRule| rule.valid_to.unwrap_or(NaiveDate::MAX);
    a.weekday == b.weekday
        && a.opens < b.closes
        && b.opens < a.closes
        && a.valid_from <= until(b)
        && b.valid_from <= until(a)
}

/// Removes a closure: its times can be booked again.
///
/// # Errors
/// `NotFound("closure")`. Adding one is [`crate::desk::closing::close`].
pub async fn remove_closure(conn: &mut PgConnection, entity: EntityId, id: ClosureId) -> Result<()> {
    store::delete_closure(conn, entity, id).await
}

/// Gives the entity these holidays, besides the national ones.
///
/// # Errors
/// Wrong fields, named `holidays.<index>.<field>`.
pub async fn save_local_holidays(
    conn: &mut PgConnection,
    entity: EntityId,
    holidays: &[LocalHoliday],
) -> Result<()> {
    // 2024 had a 29 February.
    const LEAP_YEAR: i32 = 2024;
    let mut fields = Fields::default();
    let mut days = HashSet::new();
    for (i, holiday) in holidays.iter().enumerate() {
        fields.text(&format!("holidays.{i}.name"), &holiday.name, true, 140);
        let (month, day) = (holiday.month.unsigned_abs().into(), holiday.day.unsigned_abs().into());
        if NaiveDate::from_ymd_opt(LEAP_YEAR, month, day).is_none() || holiday.month < 1 || holiday.day < 1 {
            fields.wrong(format!("holidays.{i}.day"), "date");
        }
        if !days.insert((holiday.month, holiday.day)) {
            fields.wrong(format!("holidays.{i}.day"), "repeated");
        }
    }
    fields.done()?;
    store::replace_local_holidays(conn, entity, holidays).await
}

/// Saves a service with the counters that can serve it. Appointments that stand keep their length.
///
/// # Errors
/// Wrong fields.
pub async fn save_service(
    conn: &mut PgConnection,
    entity: EntityId,
    service: &Service,
    counters: &[CounterId],
) -> Result<()> {
    let mut fields = Fields::default();
    fields.slug(&service.slug);
    let text = |fields: &mut Fields, name: &str, text: &Text, required: bool, max: usize| {
        fields.text(&format!("{name}.it"), text.exactly("it"), required, max);
        fields.text(&format!("{name}.en"), text.exactly("en"), false, max);
    };
    text(&mut fields, "name", &service.name, true, 140);
    text(&mut fields, "summary", &service.summary, false, 300);
    text(&mut fields, "bring", &service.bring, false, 4000);
    for (i, reason) in service.reasons.iter().enumerate() {
        text(&mut fields, &format!("reasons.{i}"), reason, true, 140);
    }
    fields.text("category", &service.category, false, 140);
    fields.range("duration_minutes", service.duration_minutes, (5, 480));
    fields.range("minimum_level", service.minimum_level, (0, 3));
    fields.range("change_minutes", service.change_minutes, (0, 60 * 24 * 60));
    let known: HashSet<CounterId> = store::counters(conn, entity).await?.into_iter().map(|c| c.id).collect();
    let given: HashSet<CounterId> = counters.iter().copied().collect();
    if !given.is_subset(&known) {
        fields.wrong("counters", "unknown");
    }
    if given.len() < counters.len() {
        fields.wrong("counters", "repeated");
    }
    fields.done()?;
    store::put_service(conn, entity, service).await.map_err(slug_taken("service_entity_id_slug_key"))?;
    store::replace_counters(conn, entity, service.id, counters).await
}

/// The closures of a calendar as one preview needs them: its own and the whole entity's.
#[must_use]
pub fn closures_of_calendar(calendar: CalendarId, closures: Vec<Closure>) -> Vec<Closure> {
    closures
        .into_iter()
        .filter(|c| matches!(c.scope, Scope::Entity) || c.scope == Scope::Calendar(calendar))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::CalendarRuleId;

    fn calendar() -> Calendar {
        Calendar {
            id: CalendarId::new(),
            name: "Anagrafe".into(),
            step_minutes: 15,
            lead_minutes: 60,
            horizon_days: 60,
            buffer_minutes: 0,
            cooling_minutes: 0,
            closed_on_holidays: true,
        }
    }

    fn rule(weekday: i16, opens: &str, closes: &str, from: &str, to: Option<&str>) -> CalendarRule {
        CalendarRule {
            id: CalendarRuleId::new(),
            calendar: CalendarId::new(),
            weekday,
            opens: opens.parse().unwrap(),
            closes: closes.parse().unwrap(),
            valid_from: from.parse().unwrap(),
            valid_to: to.map(|to| to.parse().unwrap()),
        }
    }

    fn wrong(result: Result<()>) -> Vec<(String, &'static str)> {
        match result {
            Err(Error::Invalid(fields)) => fields.into_iter().map(|f| (f.field, f.code)).collect(),
            Ok(()) => Vec::new(),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_wrong_field_is_named() {
        let calendar = Calendar { step_minutes: 0, horizon_days: 0, name: " ".into(), ..calendar() };
        let rules = [rule(8, "09:00:00", "09:00:00", "2026-01-01", Some("2025-01-01"))];
        let fields: Vec<String> =
            wrong(check_calendar(&calendar, &rules)).into_iter().map(|(f, _)| f).collect();
        let expected =
            ["name", "step_minutes", "horizon_days", "rules.0.weekday", "rules.0.closes", "rules.0.valid_to"];
        assert_eq!(fields, expected);
    }

    #[test]
    fn rules_may_touch_but_not_overlap() {
        let morning = rule(1, "09:00:00", "12:00:00", "2026-01-01", None);
        let touching = rule(1, "12:00:00", "13:00:00", "2026-01-01", None);
        let overlapping = rule(1, "11:59:00", "13:00:00", "2026-06-01", None);
        let before = rule(1, "08:00:00", "13:00:00", "2025-01-01", Some("2025-12-31"));
        assert_eq!(wrong(check_calendar(&calendar(), &[morning.clone(), touching, before])), []);
        assert_eq!(
            wrong(check_calendar(&calendar(), &[morning, overlapping])),
            [("rules.1.opens".to_owned(), "overlaps")]
        );
    }

    #[test]
    fn slugs_are_those_the_database_takes() {
        for (slug, right) in
            [("anagrafe", true), ("a1-b", true), ("a", false), ("-a", false), ("Àb", false), ("a b", false)]
        {
            let mut fields = Fields::default();
            fields.slug(slug);
            assert_eq!(fields.done().is_ok(), right, "{slug}");
        }
    }
}
