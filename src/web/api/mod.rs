//! The API under `/api/v1`.

use axum::Router;

use crate::app::App;
use crate::web::accounting;

/// Its routes.
pub fn router() -> Router<App> {
    accounting::api::api().into()
}
