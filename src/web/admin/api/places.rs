//! Sites and counters.

use axum::Json;
use axum::extract::Path;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::AdminClient;
use crate::agenda::{self, Counter, Site};
use crate::error::Error;
use crate::ids::{CounterId, ServiceId};
use crate::web::admin::saving;
use crate::web::error::{PageError, Problem};

/// A site, without its identifier.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SiteData {
    /// Its name in addresses.
    slug: String,
    /// As citizens know it.
    name: String,
    /// Postal address.
    address: String,
    /// Floor, entrance, how to get there.
    #[serde(default)]
    directions: String,
    /// Opening hours, as a person says them.
    #[serde(default)]
    opening: String,
    /// Telephone.
    #[serde(default)]
    phone: String,
    /// E-mail.
    #[serde(default)]
    email: String,
    /// Where its days begin: `Europe/Rome`.
    #[serde(default = "rome")]
    time_zone: String,
    /// Whether it is used.
    #[serde(default = "yes")]
    active: bool,
    /// Order on the pages.
    #[serde(default)]
    position: i32,
}

fn rome() -> String {
    "Europe/Rome".to_owned()
}

pub(super) fn yes() -> bool {
    true
}

/// A site.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SiteAnswer {
    /// Its identifier.
    id: Uuid,
    #[serde(flatten)]
    data: SiteData,
}

impl From<Site> for SiteAnswer {
    fn from(site: Site) -> Self {
        let data = SiteData {
            slug: site.slug,
            name: site.name,
            address: site.address,
            directions: site.directions,
            opening: site.opening,
            phone: site.phone,
            email: site.email,
            time_zone: site.zone.name().to_owned(),
            active: site.active,
            position: site.position,
        };
        Self { id: site.id.0, data }
    }
}

/// The sites.
#[utoipa::path(
    get, path = "/api/v1/entities/{entity}/admin/sites", tag = "admin",
    security(("client" = ["admin"])),
    params(("entity" = String, Path, description = "The entity's name in addresses")),
    responses((status = 200, body = Vec<SiteAnswer>), (status = 403, body = Problem)),
)]
pub(super) async fn sites(client: AdminClient) -> Result<Json<Vec<SiteAnswer>>, PageError> {
    let mut tx = client.begin().await?;
    let sites = agenda::store::sites(&mut tx, client.entity.id).await?;
    Ok(Json(sites.into_iter().map(SiteAnswer::from).collect()))
}

/// A site.
#[utoipa::path(
    get, path = "/api/v1/entities/{entity}/admin/sites/{id}", tag = "admin",
    security(("client" = ["admin"])),
    params(("entity" = String, Path, description = "The entity's name in addresses"), ("id" = Uuid, Path)),
    responses((status = 200, body = SiteAnswer), (status = 404, body = Problem)),
)]
pub(super) async fn site(
    client: AdminClient,
    Path((_entity, id)): Path<(String, Uuid)>,
) -> Result<Json<SiteAnswer>, PageError> {
    let mut tx = client.begin().await?;
    Ok(Json(agenda::store::site(&mut tx, client.entity.id, id.into()).await?.into()))
}

/// Adds a site under a new identifier, or changes the one there is.
#[utoipa::path(
    put, path = "/api/v1/entities/{entity}/admin/sites/{id}", tag = "admin",
    security(("client" = ["admin"])),
    params(("entity" = String, Path, description = "The entity's name in addresses"), ("id" = Uuid, Path)),
    request_body = SiteData,
    responses((status = 200, body = SiteAnswer), (status = 422, body = Problem)),
)]
pub(super) async fn put_site(
    client: AdminClient,
    Path((_entity, id)): Path<(String, Uuid)>,
    Json(data): Json<SiteData>,
) -> Result<Json<SiteAnswer>, PageError> {
    let site = Site {
        id: id.into(),
        zone: data.time_zone.parse().map_err(|_| Error::field("time_zone", "time_zone"))?,
        slug: data.slug,
        name: data.name,
        address: data.address,
        directions: data.directions,
        opening: data.opening,
        phone: data.phone,
        email: data.email,
        active: data.active,
        position: data.position,
    };
    let mut tx = client.begin().await?;
    saving::site(&mut tx, &client.author(), &site).await?;
    tx.commit().await?;
    Ok(Json(site.into()))
}

/// A counter, without its identifier.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CounterData {
    /// Where it stands; it stays there for ever.
    site: Uuid,
    /// The opening rules it follows.
    calendar: Uuid,
    /// What is written over it.
    name: String,
    /// The services it can serve.
    services: Vec<Uuid>,
    /// Whether it is used.
    #[serde(default = "yes")]
    active: bool,
    /// Order on the pages.
    #[serde(default)]
    position: i32,
}

/// A counter.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CounterAnswer {
    /// Its identifier.
    id: Uuid,
    #[serde(flatten)]
    data: CounterData,
}

fn counter_answer(counter: Counter, services: &[ServiceId]) -> CounterAnswer {
    let data = CounterData {
        site: counter.site.0,
        calendar: counter.calendar.0,
        name: counter.name,
        services: services.iter().map(|service| service.0).collect(),
        active: counter.active,
        position: counter.position,
    };
    CounterAnswer { id: counter.id.0, data }
}

/// The counters.
#[utoipa::path(
    get, path = "/api/v1/entities/{entity}/admin/counters", tag = "admin",
    security(("client" = ["admin"])),
    params(("entity" = String, Path, description = "The entity's name in addresses")),
    responses((status = 200, body = Vec<CounterAnswer>), (status = 403, body = Problem)),
)]
pub(super) async fn counters(client: AdminClient) -> Result<Json<Vec<CounterAnswer>>, PageError> {
    let mut tx = client.begin().await?;
    let mut answers = Vec::new();
    for counter in agenda::store::counters(&mut tx, client.entity.id).await? {
        let services = agenda::store::services_of_counter(&mut tx, client.entity.id, counter.id).await?;
        answers.push(counter_answer(counter, &services));
    }
    Ok(Json(answers))
}

/// A counter.
#[utoipa::path(
    get, path = "/api/v1/entities/{entity}/admin/counters/{id}", tag = "admin",
    security(("client" = ["admin"])),
    params(("entity" = String, Path, description = "The entity's name in addresses"), ("id" = Uuid, Path)),
    responses((status = 200, body = CounterAnswer), (status = 404, body = Problem)),
)]
pub(super) async fn counter(
    client: AdminClient,
    Path((_entity, id)): Path<(String, Uuid)>,
) -> Result<Json<CounterAnswer>, PageError> {
    let id = CounterId(id);
    let mut tx = client.begin().await?;
    let counter = agenda::store::counter(&mut tx, client.entity.id, id).await?;
    let services = agenda::store::services_of_counter(&mut tx, client.entity.id, id).await?;
    Ok(Json(counter_answer(counter, &services)))
}

/// Adds a counter under a new identifier, or changes the one there is.
#[utoipa::path(
    put, path = "/api/v1/entities/{entity}/admin/counters/{id}", tag = "admin",
    security(("client" = ["admin"])),
    params(("entity" = String, Path, description = "The entity's name in addresses"), ("id" = Uuid, Path)),
    request_body = CounterData,
    responses((status = 200, body = CounterAnswer), (status = 422, body = Problem)),
)]
pub(super) async fn put_counter(
    client: AdminClient,
    Path((_entity, id)): Path<(String, Uuid)>,
    Json(data): Json<CounterData>,
) -> Result<Json<CounterAnswer>, PageError> {
    let counter = Counter {
        id: id.into(),
        site: data.site.into(),
        calendar: data.calendar.into(),
        name: data.name,
        active: data.active,
        position: data.position,
    };
    let services: Vec<ServiceId> = data.services.into_iter().map(ServiceId).collect();
    let mut tx = client.begin().await?;
    saving::counter(&mut tx, &client.author(), &counter, Some(&services)).await?;
    tx.commit().await?;
    Ok(Json(counter_answer(counter, &services)))
}
