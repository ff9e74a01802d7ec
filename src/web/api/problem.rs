//! Refusals that say more than their kind: a time that is taken, with those that are free nearby.

use axum::Json;
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use http::header::CONTENT_TYPE;
use http::request::Parts;
use serde::Serialize;
use utoipa::ToSchema;

use super::types::TimeView;
use crate::agenda::{self, Audience};
use crate::app::App;
use crate::error::{Error, Result};
use crate::ids::{ServiceId, SiteId};
use crate::web::answer::REQUEST_ID;
use crate::web::error::{Failure, Problem};
use crate::web::frame::Tenant;

/// The request's identifier, to quote when asking for help.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

impl FromRequestParts<App> for RequestId {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> std::result::Result<Self, Self::Rejection> {
        let id = parts.headers.get(REQUEST_ID).and_then(|id| id.to_str().ok());
        Ok(Self(id.unwrap_or_default().to_owned()))
    }
}

/// Problem details of a time that is taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct Taken {
    /// What any problem has; `code` is `taken`.
    #[serde(flatten)]
    pub problem: Problem,
    /// The free times nearest to the one asked for, at most six, in order.
    pub nearby: Vec<TimeView>,
}

/// Answers that a time is taken, with those that are free nearby. Looks for them in a transaction of its own: the one
/// that failed holds the day.
pub async fn taken(
    tenant: &Tenant,
    id: &RequestId,
    service: ServiceId,
    site: SiteId,
    around: (DateTime<Utc>, Audience),
) -> Result<Response> {
    let mut tx = tenant.begin().await?;
    let (entity, now) = (tenant.entity.id, tenant.now);
    let near = agenda::nearby(&mut tx, entity, service, Some(site), around, now).await?;
    let sites = agenda::store::sites(&mut tx, entity).await?;
    let failure = Failure::of(&Error::Taken);
    let problem = Problem::new(&failure, tenant.t, &id.0);
    let nearby = near.iter().filter_map(|time| TimeView::of(time, &sites)).collect();
    let kind = [(CONTENT_TYPE, "application/problem+json")];
    Ok((failure.status, kind, Json(Taken { problem, nearby })).into_response())
}
