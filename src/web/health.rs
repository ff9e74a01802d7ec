//! Whether the program lives, and whether it can work.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use http::StatusCode;

use super::error::PageError;
use crate::app::App;
use crate::db;

pub(super) fn router() -> Router<App> {
    Router::new().route("/health/live", get(live)).route("/health/ready", get(ready))
}

async fn live() -> &'static str {
    "ok\n"
}

/// Ready when the database answers and has this program's schema; 503 when not, so that the balancer sends people
/// elsewhere.
async fn ready(State(app): State<App>) -> Result<&'static str, PageError> {
    let mut conn = app.db.directory().await?;
    match db::check_schema(&mut conn).await {
        Ok(()) => Ok("ok\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            Err(PageError::instead(StatusCode::SERVICE_UNAVAILABLE))
        }
    }
}
