//! A whole Comune from a file: what `sportello entity create --from FILE` reads, and the demonstration's own data.
//!
//! The file is TOML (`config/demo/comune.toml` is the example); forms are JSON Schema files beside it. Everything goes
//! through the same commands as the console's pages, so that nothing gets in which they would refuse.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::Deserialize;
use sqlx::{Connection as _, PgConnection};

use super::Entity;
use crate::agenda::setup;
use crate::agenda::{Calendar, CalendarRule, Counter, LocalHoliday, Service, Site};
use crate::audit::{self, Actor, Change};
use crate::db;
use crate::error::Error;
use crate::forms;
use crate::identity::api::{self, Client, Scope};
use crate::identity::{Role, RoleGrant, StaffMember, store as identity};
use crate::ids::{CalendarId, CalendarRuleId, CounterId, EntityId, ServiceId, SiteId, StaffId};
use crate::jobs;
use crate::payments::chapters::{self, ChapterKind, NewAssessment, NewChapter};
use crate::payments::definition::{self, NewItem, NewTariff};
use crate::text::Text;

/// A template, read and not yet put anywhere.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    entity: EntityData,
    #[serde(default, rename = "local_holiday")]
    local_holidays: Vec<Holiday>,
    #[serde(default, rename = "site")]
    sites: Vec<SiteData>,
    #[serde(default, rename = "calendar")]
    calendars: Vec<CalendarData>,
    #[serde(default, rename = "counter")]
    counters: Vec<CounterData>,
    #[serde(default, rename = "chapter")]
    chapters: Vec<ChapterData>,
    #[serde(default, rename = "service")]
    services: Vec<ServiceData>,
    #[serde(default, rename = "staff")]
    staff: Vec<StaffData>,
    #[serde(default, rename = "api_client")]
    api_clients: Vec<ClientData>,
    /// Where the file stands: forms are beside it.
    #[serde(skip)]
    folder: PathBuf,
}

/// What was made of a template.
#[derive(Debug)]
pub struct Loaded {
    /// The entity.
    pub entity: Entity,
    /// The secrets of its API clients, by client: they cannot be read again.
    pub client_secrets: BTreeMap<String, String>,
}

/// Why a template cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// A file cannot be read.
    #[error("cannot read {0}")]
    File(PathBuf, #[source] std::io::Error),
    /// Not TOML, not JSON, or not of this shape.
    #[error("{0}: {1}")]
    Malformed(PathBuf, String),
    /// A name that nothing in the file has.
    #[error("{0} names {1}, which the template does not have")]
    Unknown(String, String),
    /// A command refused it, and where.
    #[error("{0} is refused: {1}")]
    Refused(String, String),
    /// The database.
    #[error("{0} could not be stored")]
    Store(String, #[source] Error),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntityData {
    slug: String,
    name: String,
    fiscal_code: String,
    #[serde(default)]
    tagline: String,
    #[serde(default)]
    address: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    pec: String,
    privacy_url: Option<String>,
    accessibility_url: Option<String>,
    site_url: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Holiday {
    month: i16,
    day: i16,
    name: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SiteData {
    slug: String,
    name: String,
    address: String,
    #[serde(default)]
    directions: String,
    #[serde(default)]
    opening: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    email: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CalendarData {
    key: String,
    name: String,
    step_minutes: i32,
    #[serde(default)]
    lead_minutes: i32,
    horizon_days: i32,
    #[serde(default)]
    buffer_minutes: i32,
    #[serde(default)]
    cooling_minutes: i32,
    #[serde(default = "yes")]
    closed_on_holidays: bool,
    rules: Vec<RuleData>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleData {
    weekdays: Vec<i16>,
    #[serde(with = "clock_time")]
    opens: NaiveTime,
    #[serde(with = "clock_time")]
    closes: NaiveTime,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CounterData {
    key: String,
    site: String,
    calendar: String,
    name: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChapterData {
    code: String,
    #[serde(default)]
    article: String,
    description: String,
    #[serde(default)]
    pdc: String,
    #[serde(default)]
    siope: String,
    #[serde(default = "own")]
    kind: ChapterKind,
    assessments: Vec<AssessmentData>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AssessmentData {
    year: i16,
    number: String,
    #[serde(default)]
    description: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ServiceData {
    slug: String,
    name: Text,
    #[serde(default)]
    summary: Text,
    #[serde(default)]
    bring: Text,
    #[serde(default)]
    reasons: Vec<Text>,
    #[serde(default)]
    category: String,
    duration_minutes: i32,
    minimum_level: i16,
    change_minutes: i32,
    counters: Vec<String>,
    form: Option<String>,
    tariff: Option<TariffData>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TariffData {
    valid_from: Option<NaiveDate>,
    in_advance: bool,
    #[serde(default = "half_an_hour")]
    hold_minutes: i32,
    due_days: i32,
    items: Vec<NewItem>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StaffData {
    given_name: String,
    family_name: String,
    email: String,
    fiscal_code: Option<String>,
    roles: Vec<RoleData>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleData {
    role: Role,
    site: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClientData {
    client_id: String,
    name: String,
    scopes: Vec<String>,
}

fn yes() -> bool {
    true
}

fn own() -> ChapterKind {
    ChapterKind::Own
}

fn half_an_hour() -> i32 {
    30
}

/// Times of the day as people write them: `09:00`.
mod clock_time {
    use chrono::NaiveTime;
    use serde::{Deserialize as _, Deserializer, de::Error as _};

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveTime, D::Error> {
        let text = String::deserialize(deserializer)?;
        NaiveTime::parse_from_str(&text, "%H:%M")
            .map_err(|_| D::Error::custom(format!("{text} is not a time like 09:00")))
    }
}

impl Template {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, TemplateError> {
        let text = std::fs::read_to_string(path).map_err(|e| TemplateError::File(path.to_owned(), e))?;
        let mut template: Self =
            toml::from_str(&text).map_err(|e| TemplateError::Malformed(path.to_owned(), e.to_string()))?;
        template.folder = path.parent().unwrap_or(Path::new("")).to_owned();
        Ok(template)
    }

    /// Makes the entity: in the directory, with everything the file has and the jobs that come back by themselves. Only
    /// the owner's role may.
    pub async fn create(
        &self,
        owner: &mut PgConnection,
        now: DateTime<Utc>,
    ) -> Result<Loaded, TemplateError> {
        let store = |error: Error| TemplateError::Store("the entity".to_owned(), error);
        let mut tx = owner.begin().await.map_err(|error| store(error.into()))?;
        let entity = self.entity();
        super::store::insert(&mut tx, &entity, now).await.map_err(store)?;
        db::enter(&mut tx, entity.id).await.map_err(store)?;
        jobs::schedule(&mut tx, entity.id, now).await.map_err(store)?;
        let loaded = self.fill(&mut tx, entity, now).await?;
        tx.commit().await.map_err(|error| store(error.into()))?;
        Ok(loaded)
    }

    /// The entity as the directory will know it.
    fn entity(&self) -> Entity {
        let data = &self.entity;
        Entity {
            id: EntityId::new(),
            slug: data.slug.clone(),
            name: data.name.clone(),
            fiscal_code: data.fiscal_code.clone(),
            tagline: data.tagline.clone(),
            address: data.address.clone(),
            phone: data.phone.clone(),
            email: data.email.clone(),
            pec: data.pec.clone(),
            privacy_url: data.privacy_url.clone(),
            accessibility_url: data.accessibility_url.clone(),
            site_url: data.site_url.clone(),
            time_zone: chrono_tz::Europe::Rome,
        }
    }

    /// Puts everything of an entity that is in the directory already, in its transaction.
    async fn fill(
        &self,
        conn: &mut PgConnection,
        entity: Entity,
        now: DateTime<Utc>,
    ) -> Result<Loaded, TemplateError> {
        let mut loader = Loader {
            template: self,
            conn,
            entity: &entity,
            now,
            sites: BTreeMap::new(),
            counters: BTreeMap::new(),
        };
        loader.places().await?;
        loader.budget().await?;
        for (position, service) in (0..).zip(&self.services) {
            loader.service(position, service).await?;
        }
        let client_secrets = loader.people().await?;
        let change = Change::of("entity.created", "entity", &entity.slug);
        audit::record(loader.conn, entity.id, now, &Actor::System, change)
            .await
            .map_err(|e| TemplateError::Store("the record".to_owned(), e))?;
        Ok(Loaded { entity, client_secrets })
    }
}

struct Loader<'a> {
    template: &'a Template,
    conn: &'a mut PgConnection,
    entity: &'a Entity,
    now: DateTime<Utc>,
    sites: BTreeMap<&'a str, SiteId>,
    counters: BTreeMap<&'a str, CounterId>,
}

impl<'a> Loader<'a> {
    async fn places(&mut self) -> Result<(), TemplateError> {
        let id = self.entity.id;
        let holidays: Vec<LocalHoliday> = self
            .template
            .local_holidays
            .iter()
            .map(|h| LocalHoliday { month: h.month, day: h.day, name: h.name.clone() })
            .collect();
        setup::save_local_holidays(self.conn, id, &holidays).await.map_err(refused("the local holidays"))?;

        for (position, data) in (0..).zip(&self.template.sites) {
            let site = Site {
                id: SiteId::new(),
                slug: data.slug.clone(),
                name: data.name.clone(),
                address: data.address.clone(),
                directions: data.directions.clone(),
                opening: data.opening.clone(),
                phone: data.phone.clone(),
                email: data.email.clone(),
                zone: self.entity.time_zone,
                active: true,
                position,
            };
            setup::save_site(self.conn, id, &site, self.now).await.map_err(refused(&data.slug))?;
            self.sites.insert(&data.slug, site.id);
        }

        let mut calendars = BTreeMap::new();
        for data in &self.template.calendars {
            let (calendar, rules) = calendar(data);
            setup::save_calendar(self.conn, id, &calendar, &rules).await.map_err(refused(&data.key))?;
            calendars.insert(data.key.as_str(), calendar.id);
        }

        for (position, data) in (0..).zip(&self.template.counters) {
            let counter = Counter {
                id: CounterId::new(),
                site: *find(&self.sites, &data.key, &data.site)?,
                calendar: *find(&calendars, &data.key, &data.calendar)?,
                name: data.name.clone(),
                active: true,
                position,
            };
            setup::save_counter(self.conn, id, &counter, self.now).await.map_err(refused(&data.key))?;
            self.counters.insert(&data.key, counter.id);
        }
        Ok(())
    }

    /// A chapter stands in every year it has an assessment of.
    async fn budget(&mut self) -> Result<(), TemplateError> {
        let (id, now) = (self.entity.id, self.now);
        for data in &self.template.chapters {
            let refuse = || refused(&data.code);
            let years: BTreeSet<i16> = data.assessments.iter().map(|a| a.year).collect();
            for year in years {
                let chapter = NewChapter {
                    year,
                    code: data.code.clone(),
                    article: data.article.clone(),
                    description: data.description.clone(),
                    pdc: data.pdc.clone(),
                    siope: data.siope.clone(),
                    kind: data.kind,
                };
                let chapter = chapters::put_chapter(self.conn, id, &chapter, &Actor::System, now)
                    .await
                    .map_err(refuse())?;
                for data in data.assessments.iter().filter(|a| a.year == year) {
                    let (number, description) = (data.number.clone(), data.description.clone());
                    let assessment = NewAssessment { chapter, year, number, description };
                    chapters::put_assessment(self.conn, id, &assessment, &Actor::System, now)
                        .await
                        .map_err(refuse())?;
                }
            }
        }
        Ok(())
    }

    async fn service(&mut self, position: i32, data: &ServiceData) -> Result<(), TemplateError> {
        let (id, now) = (self.entity.id, self.now);
        let service = Service {
            id: ServiceId::new(),
            slug: data.slug.clone(),
            name: data.name.clone(),
            summary: data.summary.clone(),
            bring: data.bring.clone(),
            reasons: data.reasons.clone(),
            category: data.category.clone(),
            duration_minutes: data.duration_minutes,
            minimum_level: data.minimum_level,
            change_minutes: data.change_minutes,
            active: true,
            position,
        };
        let counters: Vec<CounterId> = data
            .counters
            .iter()
            .map(|key| find(&self.counters, &data.slug, key).copied())
            .collect::<Result<_, _>>()?;
        let refuse = || refused(&data.slug);
        setup::save_service(self.conn, id, &service, &counters).await.map_err(refuse())?;
        if let Some(file) = &data.form {
            let path = self.template.folder.join(file);
            let text = std::fs::read_to_string(&path).map_err(|e| TemplateError::File(path.clone(), e))?;
            let definition =
                serde_json::from_str(&text).map_err(|e| TemplateError::Malformed(path, e.to_string()))?;
            let form =
                forms::save_draft(self.conn, id, service.id, definition, now).await.map_err(refuse())?;
            forms::publish(self.conn, id, form.id, now).await.map_err(refuse())?;
        }
        if let Some(data) = &data.tariff {
            let today = now.with_timezone(&self.entity.time_zone).date_naive();
            let tariff = NewTariff {
                service: service.id,
                valid_from: data.valid_from.unwrap_or(today),
                in_advance: data.in_advance,
                hold_minutes: data.hold_minutes,
                due_days: data.due_days,
                items: data.items.clone(),
            };
            definition::define(self.conn, self.entity, &tariff, &Actor::System, now)
                .await
                .map_err(refuse())?;
        }
        Ok(())
    }

    async fn people(&mut self) -> Result<BTreeMap<String, String>, TemplateError> {
        let (id, now) = (self.entity.id, self.now);
        for data in &self.template.staff {
            let roles = data
                .roles
                .iter()
                .map(|role| {
                    let site = role.site.as_ref().map(|slug| find(&self.sites, &data.email, slug).copied());
                    Ok(RoleGrant { role: role.role, site: site.transpose()? })
                })
                .collect::<Result<_, TemplateError>>()?;
            let member = StaffMember {
                id: StaffId::new(),
                given_name: data.given_name.clone(),
                family_name: data.family_name.clone(),
                email: data.email.clone(),
                fiscal_code: data.fiscal_code.clone(),
                active: true,
                roles,
            };
            identity::insert_staff(self.conn, id, &member, now).await.map_err(refused(&data.email))?;
        }
        let mut secrets = BTreeMap::new();
        for data in &self.template.api_clients {
            let scope = |name: &String| {
                Scope::from_name(name)
                    .ok_or_else(|| TemplateError::Unknown(data.client_id.clone(), name.clone()))
            };
            let client = Client {
                id: data.client_id.clone(),
                name: data.name.clone(),
                scopes: data.scopes.iter().map(scope).collect::<Result<_, _>>()?,
                active: true,
                created_at: now,
            };
            let secret = api::register(self.conn, id, &client, &Actor::System, now)
                .await
                .map_err(refused(&data.client_id))?;
            secrets.insert(data.client_id.clone(), secret);
        }
        Ok(secrets)
    }
}

fn calendar(data: &CalendarData) -> (Calendar, Vec<CalendarRule>) {
    let calendar = Calendar {
        id: CalendarId::new(),
        name: data.name.clone(),
        step_minutes: data.step_minutes,
        lead_minutes: data.lead_minutes,
        horizon_days: data.horizon_days,
        buffer_minutes: data.buffer_minutes,
        cooling_minutes: data.cooling_minutes,
        closed_on_holidays: data.closed_on_holidays,
    };
    let rules = data
        .rules
        .iter()
        .flat_map(|rule| rule.weekdays.iter().map(move |weekday| (rule, *weekday)))
        .map(|(rule, weekday)| CalendarRule {
            id: CalendarRuleId::new(),
            calendar: calendar.id,
            weekday,
            opens: rule.opens,
            closes: rule.closes,
            valid_from: rule.valid_from,
            valid_to: rule.valid_to,
        })
        .collect();
    (calendar, rules)
}

fn find<'a, T>(known: &'a BTreeMap<&str, T>, who: &str, name: &str) -> Result<&'a T, TemplateError> {
    known.get(name).ok_or_else(|| TemplateError::Unknown(who.to_owned(), name.to_owned()))
}

/// A refusal in words for the command line, with the place in the file.
fn refused(place: &str) -> impl Fn(Error) -> TemplateError + use<> {
    let place = place.to_owned();
    move |error| match error {
        Error::Invalid(fields) => TemplateError::Refused(
            place.clone(),
            fields.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
        ),
        Error::Database(_) => TemplateError::Store(place.clone(), error),
        other => TemplateError::Refused(place.clone(), other.to_string()),
    }
}
