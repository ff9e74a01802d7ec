//! Calendars with their rules, what they mean day by day, closures, holidays of the place.

use axum::Json;
use axum::extract::{Path, Query};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::AdminClient;
use super::places::yes;
use crate::agenda::preview::{Draft, preview};
use crate::agenda::{self, Calendar, CalendarRule, Closure, LocalHoliday, Scope, setup, zone};
use crate::error::Result;
use crate::ids::{CalendarId, CalendarRuleId, ClosureId};
use crate::web::admin::saving;
use crate::web::error::{PageError, Problem};

/// A calendar with its rules, without its identifier.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CalendarData {
    /// As administrators call it.
    name: String,
    /// A start every so many minutes, counted from the opening.
    step_minutes: i32,
    /// No booking closer than this, minutes.
    lead_minutes: i32,
    /// No booking farther than so many days.
    horizon_days: i32,
    /// After each appointment the counter stays free so long, minutes.
    #[serde(default)]
    buffer_minutes: i32,
    /// A freed time stays closed so long, minutes.
    #[serde(default)]
    cooling_minutes: i32,
    /// Whether public holidays close it.
    #[serde(default = "yes")]
    closed_on_holidays: bool,
    /// When it is open.
    rules: Vec<RuleData>,
}

/// Open on this weekday from … to …, as long as it is valid.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleData {
    /// ISO: 1 is Monday.
    weekday: i16,
    /// Local time: `09:00:00`.
    opens: NaiveTime,
    /// Local time, excluded.
    closes: NaiveTime,
    /// First day.
    valid_from: NaiveDate,
    /// Last day, included; absent: until changed.
    #[serde(default)]
    valid_to: Option<NaiveDate>,
}

/// A calendar.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CalendarAnswer {
    /// Its identifier.
    id: Uuid,
    #[serde(flatten)]
    data: CalendarData,
}

fn calendar_answer(calendar: Calendar, rules: Vec<CalendarRule>) -> CalendarAnswer {
    let rule = |rule: CalendarRule| RuleData {
        weekday: rule.weekday,
        opens: rule.opens,
        closes: rule.closes,
        valid_from: rule.valid_from,
        valid_to: rule.valid_to,
    };
    let data = CalendarData {
        name: calendar.name,
        step_minutes: calendar.step_minutes,
        lead_minutes: calendar.lead_minutes,
        horizon_days: calendar.horizon_days,
        buffer_minutes: calendar.buffer_minutes,
        cooling_minutes: calendar.cooling_minutes,
        closed_on_holidays: calendar.closed_on_holidays,
        rules: rules.into_iter().map(rule).collect(),
    };
    CalendarAnswer { id: calendar.id.0, data }
}

impl CalendarData {
    fn read(self, id: CalendarId) -> (Calendar, Vec<CalendarRule>) {
        let rule = |rule: RuleData| CalendarRule {
            id: CalendarRuleId::new(),
            calendar: id,
            weekday: rule.weekday,
            opens: rule.opens,
            closes: rule.closes,
            valid_from: rule.valid_from,
            valid_to: rule.valid_to,
        };
        let rules = self.rules.into_iter().map(rule).collect();
        let calendar = Calendar {
            id,
            name: self.name,
            step_minutes: self.step_minutes,
            lead_minutes: self.lead_minutes,
            horizon_days: self.horizon_days,
            buffer_minutes: self.buffer_minutes,
            cooling_minutes: self.cooling_minutes,
            closed_on_holidays: self.closed_on_holidays,
        };
        (calendar, rules)
    }
}

/// The calendars, with their rules.
#[utoipa::path(
    get, path = "/api/v1/entities/{entity}/admin/calendars", tag = "admin",
    security(("client" = ["admin"])),
    params(("entity" = String, Path, description = "The entity's name in addresses")),
    responses((status = 200, body = Vec<CalendarAnswer>), (status = 403, body = Problem)),
)]
pub(super) async fn calendars(client: AdminClient) -> Result<Json<Vec<CalendarAnswer>>, PageError> {
    let mut tx = client.begin().await?;
    let mut answers = Vec::new();
    for calendar in agenda::store::calendars(&mut tx, client.entity.id).await? {
        let rules = agenda::store::calendar_rules(&mut tx, client.entity.id, calendar.id).await?;
        answers.push(calendar_answer(calendar, rules));
    }
    Ok(Json(answers))
}

/// A calendar, with its rules.
#[utoipa::path(
    get, path = "/api/v1/entities/{entity}/admin/calendars/{id}", tag = "admin",
    security(("client" = ["admin"])),
    params(("entity" = String, Path, description = "The entity's name in addresses"), ("id" = Uuid, Path)),
    responses((status = 200, body = CalendarAnswer), (status = 404, body = Problem)),
)]
pub(super) async fn calendar(
    client: AdminClient,
    Path((_entity, id)): Path<(String, Uuid)>,
) -> Result<Json<CalendarAnswer>, PageError> {
    let mut tx = client.begin().await?;
    let calendar = agenda::store::calendar(&mut tx, client.entity.id, id.into()).await?;
    let rules = agenda::store::calendar_rules(&mut tx, client.entity.id, id.into()).await?;
    Ok(Json(calendar_answer(calendar, rules)))
}

/// Adds a calendar under a new identifier, or changes the one there is; the rules replace those it had.
#[utoipa::path(
    put, path = "/api/v1/entities/{entity}/admin/calendars/{id}", tag = "admin",
    security(("client" = ["admin"])),
    params(("entity" = String, Path, description = "The entity's name in addresses"), ("id" = Uuid, Path)),
    request_body = CalendarData,
    responses((status = 200, body = CalendarAnswer), (status = 422, body = Problem)),
)]
pub(super) async fn put_calendar(
    client: AdminClient,
    Path((_entity, id)): Path<(String, Uuid)>,
    Json(data): Json<CalendarData>,
) -> Result<Json<CalendarAnswer>, PageError> {
    let (calendar, rules) = data.read(id.into());
    let mut tx = client.begin().await?;
    saving::calendar(&mut tx, &client.author(), &calendar, &rules).await?;
    tx.commit().await?;
    Ok(Json(calendar_answer(calendar, rules)))
}

/// The days to look at.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct Period {
    /// First local day.
    from: NaiveDate,
    /// Last local day, included.
    to: NaiveDate,
    /// How long an appointment lasts, minutes; absent: one step of the calendar.
    duration: Option<i32>,
}

/// What a calendar means, day by day, while nothing is booked: `{"date", "open", "starts", "why"}`.
#[utoipa::path(
    get, path = "/api/v1/entities/{entity}/admin/calendars/{id}/preview", tag = "admin",
    security(("client" = ["admin"])),
    params(("entity" = String, Path, description = "The entity's name in addresses"), ("id" = Uuid, Path), Period),
    responses((status = 200, body = Vec<Value>), (status = 422, body = Problem)),
)]
pub(super) async fn preview_calendar(
    client: AdminClient,
    Path((_entity, id)): Path<(String, Uuid)>,
    Query(period): Query<Period>,
) -> Result<Json<Value>, PageError> {
    let (entity, id) = (client.entity.id, CalendarId(id));
    let mut tx = client.begin().await?;
    let calendar = agenda::store::calendar(&mut tx, entity, id).await?;
    let zone = client.entity.time_zone;
    let closures = agenda::store::closures(&mut tx, entity, zone::bounds(period.from, zone).0).await?;
    let minutes = period.duration.unwrap_or(calendar.step_minutes).clamp(1, 24 * 60);
    let draft = Draft {
        calendar: &calendar,
        rules: &agenda::store::calendar_rules(&mut tx, entity, id).await?,
        closures: &setup::closures_of_calendar(id, closures),
        holidays: &agenda::store::local_holidays(&mut tx, entity).await?,
        zone,
        duration: TimeDelta::minutes(minutes.into()),
    };
    let days = preview(&draft, period.from, period.to)?;
    Ok(Json(serde_json::to_value(days).map_err(crate::Error::from)?))
}

/// A closure.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ClosureData {
    /// `entity`, `calendar`, `site` or `counter`.
    scope: ScopeKind,
    /// Of the calendar, site or counter.
    #[serde(default)]
    of: Option<Uuid>,
    /// From.
    from: DateTime<Utc>,
    /// To, excluded.
    to: DateTime<Utc>,
    /// Why, as people read it.
    reason: String,
}

/// What a closure closes.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ScopeKind {
    /// Every counter.
    Entity,
    /// The counters that follow a calendar.
    Calendar,
    /// The counters of a site.
    Site,
    /// One counter.
    Counter,
}

/// A closure with its identifier.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ClosureAnswer {
    /// Its identifier.
    id: Uuid,
    #[serde(flatten)]
    data: ClosureData,
    /// The codes of the appointments that need an operator because of it.
    affected: Vec<String>,
}

fn closure_answer(closure: Closure, affected: Vec<String>) -> ClosureAnswer {
    let (scope, of) = match closure.scope {
        Scope::Entity => (ScopeKind::Entity, None),
        Scope::Calendar(id) => (ScopeKind::Calendar, Some(id.0)),
        Scope::Site(id) => (ScopeKind::Site, Some(id.0)),
        Scope::Counter(id) => (ScopeKind::Counter, Some(id.0)),
    };
    let data = ClosureData { scope, of, from: closure.from, to: closure.to, reason: closure.reason };
    ClosureAnswer { id: closure.id.0, data, affected }
}

impl ClosureData {
    fn read(self) -> Result<Closure> {
        let scope = match (self.scope, self.of) {
            (ScopeKind::Entity, None) => Scope::Entity,
            (ScopeKind::Calendar, Some(id)) => Scope::Calendar(id.into()),
            (ScopeKind::Site, Some(id)) => Scope::Site(id.into()),
            (ScopeKind::Counter, Some(id)) => Scope::Counter(id.into()),
            _ => return Err(crate::Error::field("of", "choice")),
        };
        Ok(Closure { id: ClosureId::new(), scope, from: self.from, to: self.to, reason: self.reason })
    }
}

/// The closures that are not over.
#[utoipa::path(
    get, path = "/api/v1/entities/{entity}/admin/closures", tag = "admin",
    security(("client" = ["admin"])),
    params(("entity" = String, Path, description = "The entity's name in addresses")),
    responses((status = 200, body = Vec<ClosureAnswer>), (status = 403, body = Problem)),
)]
pub(super) async fn closures(client: AdminClient) -> Result<Json<Vec<ClosureAnswer>>, PageError> {
    let mut tx = client.begin().await?;
    let closures = agenda::store::closures(&mut tx, client.entity.id, client.now).await?;
    Ok(Json(closures.into_iter().map(|closure| closure_answer(closure, Vec::new())).collect()))
}

/// Adds a closure; appointments it touches are moved to another counter where one is free at the same time.
#[utoipa::path(
    post, path = "/api/v1/entities/{entity}/admin/closures", tag = "admin",
    security(("client" = ["admin"])),
    params(("entity" = String, Path, description = "The entity's name in addresses")),
    request_body = ClosureData,
    responses((status = 200, body = ClosureAnswer), (status = 422, body = Problem)),
)]
pub(super) async fn add_closure(
    client: AdminClient,
    Json(data): Json<ClosureData>,
) -> Result<Json<ClosureAnswer>, PageError> {
    let closure = data.read()?;
    let mut tx = client.begin().await?;
    let affected = saving::closure(&mut tx, &client.author(), &closure).await?;
    tx.commit().await?;
    Ok(Json(closure_answer(closure, affected.into_iter().map(|appointment| appointment.code).collect())))
}

/// Removes a closure.
#[utoipa::path(
    delete, path = "/api/v1/entities/{entity}/admin/closures/{id}", tag = "admin",
    security(("client" = ["admin"])),
    params(("entity" = String, Path, description = "The entity's name in addresses"), ("id" = Uuid, Path)),
    responses((status = 204), (status = 404, body = Problem)),
)]
pub(super) async fn remove_closure(
    client: AdminClient,
    Path((_entity, id)): Path<(String, Uuid)>,
) -> Result<http::StatusCode, PageError> {
    let mut tx = client.begin().await?;
    saving::without_closure(&mut tx, &client.author(), id.into()).await?;
    tx.commit().await?;
    Ok(http::StatusCode::NO_CONTENT)
}

/// A holiday of the place, every year.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HolidayData {
    /// 1–12.
    month: i16,
    /// 1–31.
    day: i16,
    /// What is celebrated.
    name: String,
}

/// The holidays of the place, besides the national ones.
#[utoipa::path(
    get, path = "/api/v1/entities/{entity}/admin/holidays", tag = "admin",
    security(("client" = ["admin"])),
    params(("entity" = String, Path, description = "The entity's name in addresses")),
    responses((status = 200, body = Vec<HolidayData>), (status = 403, body = Problem)),
)]
pub(super) async fn holidays(client: AdminClient) -> Result<Json<Vec<HolidayData>>, PageError> {
    let mut tx = client.begin().await?;
    let holidays = agenda::store::local_holidays(&mut tx, client.entity.id).await?;
    let data = |h: LocalHoliday| HolidayData { month: h.month, day: h.day, name: h.name };
    Ok(Json(holidays.into_iter().map(data).collect()))
}

/// Replaces the holidays of the place.
#[utoipa::path(
    put, path = "/api/v1/entities/{entity}/admin/holidays", tag = "admin",
    security(("client" = ["admin"])),
    params(("entity" = String, Path, description = "The entity's name in addresses")),
    request_body = Vec<HolidayData>,
    responses((status = 204), (status = 422, body = Problem)),
)]
pub(super) async fn put_holidays(
    client: AdminClient,
    Json(data): Json<Vec<HolidayData>>,
) -> Result<http::StatusCode, PageError> {
    let holiday = |h: HolidayData| LocalHoliday { month: h.month, day: h.day, name: h.name };
    let holidays: Vec<_> = data.into_iter().map(holiday).collect();
    let mut tx = client.begin().await?;
    saving::local_holidays(&mut tx, &client.author(), &holidays).await?;
    tx.commit().await?;
    Ok(http::StatusCode::NO_CONTENT)
}
