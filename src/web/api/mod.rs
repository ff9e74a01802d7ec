//! The API under `/api/v1`: the public catalogue, appointments for the entity's other programs, the operators' desk.
//! Administrators' and accountants' endpoints stand beside their pages and are merged here, so that one OpenAPI
//! document describes them all.

mod appointments;
mod catalogue;
pub(crate) mod client;
mod command;
mod desk;
mod desk_types;
mod problem;
mod status;
mod types;

use axum::routing::get;
use axum::{Json, Router};
use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::security::{ClientCredentials, Flow, OAuth2, Scopes, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use crate::identity::api::Scope;
use crate::web::{accounting, admin, token};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Sportello",
        version = "1",
        description = "Appointments, payments and their reconciliation for an Italian Comune.\n\nA client of an \
            entity exchanges its secret for a token (`…/token`) and sends it as `Authorization: Bearer …`. \
            Instants are RFC 3339, amounts whole cents of euro. Errors are problem details (RFC 9457), with a \
            `code` for programs."
    ),
    paths(token::token),
    tags(
        (name = "token", description = "Tokens of API clients."),
        (name = "catalogue", description = "What can be booked, where, when, at what price. Public."),
        (name = "appointments", description = "Booking for citizens, by the entity's other programs."),
        (name = "desk", description = "The operators' day."),
        (name = "admin", description = "The administrators' console."),
        (name = "accounting", description = "The accountants' work list, plans and imports."),
        (name = "service", description = "The API itself."),
    ),
    modifiers(&Security),
)]
struct Api;

/// The one way to come in: OAuth 2.0 client credentials.
struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut Document) {
        let scopes = Scopes::from_iter(Scope::ALL.map(|scope| (scope.as_str(), meaning(scope))));
        let flow = ClientCredentials::new("/api/v1/entities/{entity}/token", scopes);
        let scheme = SecurityScheme::OAuth2(OAuth2::new([Flow::ClientCredentials(flow)]));
        document.components.get_or_insert_default().add_security_scheme("client", scheme);
    }
}

fn meaning(scope: Scope) -> &'static str {
    match scope {
        Scope::AppointmentsWrite => "Book, move and cancel appointments.",
        Scope::AppointmentsRead => "Read appointments.",
        Scope::Desk => "The operators' endpoints.",
        Scope::Admin => "The administrators' endpoints.",
        Scope::Accounting => "The accountants' endpoints.",
    }
}

fn described() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Api::openapi())
        .merge(catalogue::api())
        .merge(appointments::api())
        .merge(desk::api())
        .merge(admin::api::api())
        .merge(accounting::api::api())
        .merge(status::api())
}

/// Its routes.
pub fn router() -> Router<App> {
    let (router, document) = described().split_for_parts();
    router.route("/api/v1/openapi.json", get(async move || Json(document)))
}

/// The OpenAPI document of everything under `/api/v1`, as the repository keeps it.
#[must_use]
pub fn openapi_json() -> String {
    let document = described().into_openapi();
    document.to_pretty_json().expect("the document is JSON: a test writes it") + "\n"
}
