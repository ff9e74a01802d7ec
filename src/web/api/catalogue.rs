//! What can be booked: public.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse as _;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::command::unknown_field;
use super::types::{EntityView, ServiceDetail, ServiceView, TariffView, TimeView};
use crate::agenda::{self, Service, store};
use crate::app::App;
use crate::entity;
use crate::error::{Error, Result};
use crate::forms;
use crate::payments;
use crate::web::error::Problem;
use crate::web::frame::{Answer, Tenant};

pub(super) fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_entities))
        .routes(routes!(list_services))
        .routes(routes!(show_service))
        .routes(routes!(list_free_times))
}

/// The entities of an installation.
#[derive(Debug, Serialize, ToSchema)]
pub struct Entities {
    /// By name.
    entities: Vec<EntityView>,
}

/// The entities that receive on appointment.
#[utoipa::path(
    get, path = "/api/v1/entities", tag = "catalogue",
    responses((status = 200, body = Entities)),
)]
async fn list_entities(State(app): State<App>) -> Answer {
    let entities = entity::store::list(&mut *app.db.directory().await?).await?;
    let base_url = &app.config.server.base_url;
    let entities = entities.into_iter().map(|entity| EntityView::of(entity, base_url)).collect();
    Ok(Json(Entities { entities }).into_response())
}

/// The services of an entity.
#[derive(Debug, Serialize, ToSchema)]
pub struct Services {
    /// In the order of the pages.
    services: Vec<ServiceView>,
}

/// The services of an entity that can be booked.
#[utoipa::path(
    get, path = "/api/v1/entities/{entity}/services", tag = "catalogue",
    params(("entity" = String, Path, description = "The entity's name in addresses.")),
    responses((status = 200, body = Services), (status = 404, body = Problem, content_type = "application/problem+json")),
)]
async fn list_services(tenant: Tenant) -> Answer {
    let mut tx = tenant.begin().await?;
    let entity = tenant.entity.id;
    let sites = store::sites(&mut tx, entity).await?;
    let served = store::served_sites(&mut tx, entity).await?;
    let view = |service: Service| {
        let sites = sites.iter().filter(|site| site.active && served.contains(&(service.id, site.id)));
        ServiceView::of(&service, sites.cloned().collect())
    };
    let services = store::services(&mut tx, entity).await?.into_iter().filter(|service| service.active);
    Ok(Json(Services { services: services.map(view).collect::<Result<_>>()? }).into_response())
}

/// A service, with the schema of its form and what it costs.
#[utoipa::path(
    get, path = "/api/v1/entities/{entity}/services/{service}", tag = "catalogue",
    params(
        ("entity" = String, Path, description = "The entity's name in addresses."),
        ("service" = String, Path, description = "The service's slug."),
    ),
    responses(
        (status = 200, body = ServiceDetail),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn show_service(tenant: Tenant, Path((_entity, slug)): Path<(String, String)>) -> Answer {
    let mut tx = tenant.begin().await?;
    let entity = tenant.entity.id;
    let service = store::service_by_slug(&mut tx, entity, &slug).await?;
    let sites = store::sites_of_service(&mut tx, entity, service.id).await?;
    let form = forms::published(&mut tx, entity, service.id).await?;
    let today = tenant.t.day_of(tenant.now);
    let tariff = payments::store::tariffs::on(&mut tx, entity, service.id, today).await?;
    let detail = ServiceDetail {
        service: ServiceView::of(&service, sites)?,
        form: form.map(|form| form.definition.schema().clone()),
        tariff: tariff.map(|tariff| TariffView::of(&tariff)).transpose()?.flatten(),
    };
    Ok(Json(detail).into_response())
}

/// Which days, where.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// First local day.
    from: NaiveDate,
    /// Last local day, included; at most 62 days in all.
    to: NaiveDate,
    /// Slug of one site; all of them where it is missing.
    site: Option<String>,
}

/// The free times of a service.
#[derive(Debug, Serialize, ToSchema)]
pub struct Days {
    /// The days with free times, in order.
    days: Vec<Day>,
}

/// A day with its free times.
#[derive(Debug, Serialize, ToSchema)]
pub struct Day {
    /// The local day.
    date: NaiveDate,
    /// By start, then by site; never empty.
    times: Vec<TimeView>,
}

/// The free times of a service. Every time that is given can be booked; days without any are left out.
#[utoipa::path(
    get, path = "/api/v1/entities/{entity}/services/{service}/availability", tag = "catalogue",
    params(
        ("entity" = String, Path, description = "The entity's name in addresses."),
        ("service" = String, Path, description = "The service's slug."),
        Asked,
    ),
    responses(
        (status = 200, body = Days),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "An unknown site, or too long a range.", body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn list_free_times(
    tenant: Tenant,
    Path((_entity, slug)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Answer {
    let mut tx = tenant.begin().await?;
    let entity = tenant.entity.id;
    let service = store::service_by_slug(&mut tx, entity, &slug).await?;
    let sites = store::sites(&mut tx, entity).await?;
    let known = |slug: String| {
        let site = sites.iter().find(|site| site.slug == slug).map(|site| site.id);
        unknown_field(site.ok_or(Error::NotFound("site")), "site")
    };
    let site = asked.site.map(known).transpose()?;
    let (from, to) = (asked.from, asked.to);
    let days = agenda::availability(&mut tx, entity, service.id, site, from, to, tenant.now).await?;
    let day = |day: agenda::DayTimes| Day {
        date: day.date,
        times: day.times.iter().filter_map(|time| TimeView::of(time, &sites)).collect(),
    };
    Ok(Json(Days { days: days.into_iter().map(day).collect() }).into_response())
}
