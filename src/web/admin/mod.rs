//! The administrators' console.

use axum::Router;

use crate::app::App;

/// Its routes.
pub fn router() -> Router<App> {
    Router::new()
}
