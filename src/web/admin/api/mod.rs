//! The console for programs: `/api/v1/entities/{entity}/admin/…`, scope `admin`.
//!
//! What has an identifier is put under one that the program makes (a UUID), so that a repeated request changes nothing.
//! Secrets can be given and are never answered.

mod integrations;
mod places;
mod services;
mod times;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::saving::Author;
use crate::app::App;
use crate::identity::api::Scope;
use crate::web::api::client::clients;

/// The administrators' endpoints.
pub fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(places::sites))
        .routes(routes!(places::site, places::put_site))
        .routes(routes!(places::counters))
        .routes(routes!(places::counter, places::put_counter))
        .routes(routes!(times::calendars))
        .routes(routes!(times::calendar, times::put_calendar))
        .routes(routes!(times::preview_calendar))
        .routes(routes!(times::closures, times::add_closure))
        .routes(routes!(times::remove_closure))
        .routes(routes!(times::holidays, times::put_holidays))
        .routes(routes!(services::services))
        .routes(routes!(services::service, services::put_service))
        .routes(routes!(services::form, services::put_form))
        .routes(routes!(services::publish_form))
        .routes(routes!(services::tariffs, services::define_tariff))
        .routes(routes!(integrations::integrations))
        .routes(routes!(integrations::integration, integrations::put_integration))
        .routes(routes!(integrations::test_integration))
}

clients! {
    /// A program with the scope `admin`.
    AdminClient = Scope::Admin;
}

impl AdminClient {
    fn author(&self) -> Author {
        Author { entity: self.entity.id, actor: self.actor(), now: self.now }
    }
}
