//! The citizens' pages: services, booking, appointments, payments, the personal area.

use axum::Router;

use crate::app::App;

/// Its routes.
pub fn router() -> Router<App> {
    Router::new()
}
