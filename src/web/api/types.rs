//! What the API says of entities, services, times and appointments.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::PgConnection;
use utoipa::ToSchema;

use crate::agenda::{Appointment, FreeTime, Holder, Service, Site, store};
use crate::entity::Entity;
use crate::error::Result;
use crate::notices::links;
use crate::payments::{self, DebtPosition, Tariff};
use crate::web::frame::Tenant;

/// An entity that receives on appointment.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntityView {
    /// Its name in addresses.
    pub slug: String,
    /// As citizens know it.
    pub name: String,
    /// 11 digits.
    pub fiscal_code: String,
    /// Postal address.
    pub address: String,
    /// IANA name of the zone its days begin in.
    pub time_zone: String,
    /// Its pages for citizens.
    pub url: String,
}

impl EntityView {
    /// Of an entity, on an installation reached at this address.
    pub fn of(entity: Entity, base_url: &str) -> Self {
        Self {
            url: format!("{base_url}/{}/", entity.slug),
            time_zone: entity.time_zone.name().to_owned(),
            slug: entity.slug,
            name: entity.name,
            fiscal_code: entity.fiscal_code,
            address: entity.address,
        }
    }
}

/// A place where people are received.
#[derive(Debug, Serialize, ToSchema)]
pub struct SiteView {
    /// Its name in addresses and requests.
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
    /// IANA name of its zone.
    pub time_zone: String,
}

impl From<Site> for SiteView {
    fn from(site: Site) -> Self {
        Self {
            time_zone: site.zone.name().to_owned(),
            slug: site.slug,
            name: site.name,
            address: site.address,
            directions: site.directions,
            opening: site.opening,
            phone: site.phone,
            email: site.email,
        }
    }
}

/// A service that can be booked. Texts are objects with a member per language: `{"it": …, "en": …}`.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceView {
    /// Its name in addresses and requests.
    pub slug: String,
    /// As citizens know it.
    #[schema(value_type = Object)]
    pub name: Value,
    /// One sentence.
    #[schema(value_type = Object)]
    pub summary: Value,
    /// What the citizen brings.
    #[schema(value_type = Object)]
    pub bring: Value,
    /// Reasons to choose from.
    #[schema(value_type = Vec<Object>)]
    pub reasons: Value,
    /// Anagrafe, Stato civile, …
    pub category: String,
    /// How long an appointment lasts.
    pub duration_minutes: i32,
    /// Where it is served.
    pub sites: Vec<SiteView>,
}

impl ServiceView {
    /// Of a service served at these sites.
    pub fn of(service: &Service, sites: Vec<Site>) -> Result<Self> {
        Ok(Self {
            slug: service.slug.clone(),
            name: serde_json::to_value(&service.name)?,
            summary: serde_json::to_value(&service.summary)?,
            bring: serde_json::to_value(&service.bring)?,
            reasons: serde_json::to_value(&service.reasons)?,
            category: service.category.clone(),
            duration_minutes: service.duration_minutes,
            sites: sites.into_iter().map(SiteView::from).collect(),
        })
    }
}

/// A service with what booking it takes.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceDetail {
    /// The service.
    #[serde(flatten)]
    pub service: ServiceView,
    /// JSON Schema (2020-12) of `answers`; `null` where the service asks nothing.
    #[schema(value_type = Option<Object>)]
    pub form: Option<Value>,
    /// What it costs today; `null` where nothing.
    pub tariff: Option<TariffView>,
}

/// What a service costs.
#[derive(Debug, Serialize, ToSchema)]
pub struct TariffView {
    /// Its first day.
    pub valid_from: NaiveDate,
    /// Its last day; `null`: until changed.
    pub valid_to: Option<NaiveDate>,
    /// Whether the appointment stands only once it is paid.
    pub in_advance: bool,
    /// How long an unpaid time is kept.
    pub hold_minutes: i32,
    /// Days to pay, where it is not paid in advance.
    pub due_days: i32,
    /// Its lines.
    pub items: Vec<TariffItemView>,
}

/// A line of a tariff.
#[derive(Debug, Serialize, ToSchema)]
pub struct TariffItemView {
    /// What is paid, a text per language.
    #[schema(value_type = Object)]
    pub description: Value,
    /// pagoPA's taxonomy code.
    pub taxonomy: String,
    /// What it costs where it applies.
    pub amount_cents: i64,
    /// When it applies: `weekdays` (1 is Monday), `from`, `to` (local times), `answers`. Empty: always.
    #[schema(value_type = Object)]
    pub conditions: Value,
}

impl TariffView {
    /// Of a tariff; `None` for one without lines, which costs nothing.
    pub fn of(tariff: &Tariff) -> Result<Option<Self>> {
        if tariff.items.is_empty() {
            return Ok(None);
        }
        let mut items = Vec::new();
        for item in &tariff.items {
            items.push(TariffItemView {
                description: serde_json::to_value(&item.description)?,
                taxonomy: item.taxonomy.clone(),
                amount_cents: item.amount().0,
                conditions: serde_json::to_value(&item.conditions)?,
            });
        }
        Ok(Some(Self {
            valid_from: tariff.valid_from,
            valid_to: tariff.valid_to,
            in_advance: tariff.in_advance,
            hold_minutes: tariff.hold_minutes,
            due_days: tariff.due_days,
            items,
        }))
    }
}

/// A free time.
#[derive(Debug, Serialize, ToSchema)]
pub struct TimeView {
    /// From.
    pub start: DateTime<Utc>,
    /// To.
    pub end: DateTime<Utc>,
    /// Slug of the site.
    pub site: String,
    /// How many counters are free then.
    pub free: u32,
}

impl TimeView {
    /// Of a free time at one of these sites.
    pub fn of(time: &FreeTime, sites: &[Site]) -> Option<Self> {
        let site = sites.iter().find(|site| site.id == time.site)?.slug.clone();
        Some(Self { start: time.start, end: time.end, site, free: time.free })
    }
}

/// Who comes.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub struct HolderView {
    /// Fiscal code, 16 characters.
    pub fiscal_code: Option<String>,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// E-mail; empty: none.
    pub email: String,
    /// Telephone; empty: none.
    pub phone: String,
}

impl From<HolderView> for Holder {
    fn from(written: HolderView) -> Self {
        Self {
            given_name: written.given_name,
            family_name: written.family_name,
            fiscal_code: written.fiscal_code,
            email: written.email,
            phone: written.phone,
            verified: false,
        }
    }
}

impl From<&Holder> for HolderView {
    fn from(holder: &Holder) -> Self {
        Self {
            fiscal_code: holder.fiscal_code.clone(),
            given_name: holder.given_name.clone(),
            family_name: holder.family_name.clone(),
            email: holder.email.clone(),
            phone: holder.phone.clone(),
        }
    }
}

/// An appointment.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppointmentView {
    /// Eight characters: said on the phone, called at the counter.
    pub code: String,
    /// `awaiting_payment`, `confirmed`, `arrived`, `called`, `served`, `no_show`, `cancelled`, `expired`, `held`.
    pub state: &'static str,
    /// Slug of the service.
    pub service: String,
    /// Slug of the site.
    pub site: String,
    /// Name of the booked counter.
    pub counter: String,
    /// From.
    pub start: DateTime<Utc>,
    /// To.
    pub end: DateTime<Utc>,
    /// Until when the time waits for a payment.
    pub expires_at: Option<DateTime<Utc>>,
    /// Who comes.
    pub holder: HolderView,
    /// Language of what is written to the holder.
    pub language: String,
    /// The chosen reason.
    pub reason: String,
    /// What the citizen adds.
    pub details: String,
    /// The form's answers.
    #[schema(value_type = Object)]
    pub answers: Value,
    /// Why it was cancelled.
    pub cancel_reason: String,
    /// How often what was told has changed (iCalendar SEQUENCE).
    pub sequence: i32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// The citizen's page, which opens without a login.
    pub url: String,
    /// What is owed; `null` where nothing is.
    pub position: Option<PositionView>,
}

/// What is owed for an appointment.
#[derive(Debug, Serialize, ToSchema)]
pub struct PositionView {
    /// Notice number, 18 digits.
    pub nav: String,
    /// Payment identifier, 17 digits.
    pub iuv: String,
    /// How much.
    pub amount_cents: i64,
    /// What for.
    pub description: String,
    /// To be paid by the end of this day.
    pub due_on: NaiveDate,
    /// The appointment is confirmed by the receipt.
    pub in_advance: bool,
    /// `issued`, `published` (it can be paid), `paid`, `cancelled`.
    pub state: &'static str,
    /// When it was paid, as the receipt says.
    pub paid_at: Option<DateTime<Utc>>,
}

impl From<DebtPosition> for PositionView {
    fn from(position: DebtPosition) -> Self {
        Self {
            nav: position.nav,
            iuv: position.iuv,
            amount_cents: position.amount.0,
            description: position.description,
            due_on: position.due_on,
            in_advance: position.in_advance,
            state: position.state.as_str(),
            paid_at: position.paid_at,
        }
    }
}

impl AppointmentView {
    /// Of an appointment whose service, site and position are at hand.
    pub async fn with(
        conn: &mut PgConnection,
        tenant: &Tenant,
        a: Appointment,
        names: (String, String),
        position: Option<DebtPosition>,
    ) -> Result<Self> {
        let counter = store::counter(conn, tenant.entity.id, a.counter).await?.name;
        Ok(Self {
            url: links::appointment_url(&tenant.app, &tenant.entity, &a),
            state: a.state.as_str(),
            service: names.0,
            site: names.1,
            counter,
            start: a.starts_at,
            end: a.ends_at,
            expires_at: a.expires_at,
            holder: HolderView::from(&a.holder),
            language: a.language,
            reason: a.reason,
            details: a.details,
            answers: a.answers,
            cancel_reason: a.cancel_reason,
            sequence: a.sequence,
            created_at: a.created_at,
            code: a.code,
            position: position.map(PositionView::from),
        })
    }

    /// Of an appointment, with its latest position.
    pub async fn of(conn: &mut PgConnection, tenant: &Tenant, a: Appointment) -> Result<Self> {
        let entity = tenant.entity.id;
        let service = store::service(conn, entity, a.service).await?.slug;
        let site = store::site(conn, entity, a.site).await?.slug;
        let view = payments::of_appointment(conn, entity, a.id).await?;
        Self::with(conn, tenant, a, (service, site), view.map(|view| view.position)).await
    }
}
