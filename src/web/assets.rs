//! Stylesheets, fonts and icons, inside the program, under names that change with their content.

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use super::error::PageError;
use crate::app::App;
use crate::error::Error;

struct Asset {
    name: &'static str,
    file: &'static str,
    mime: &'static str,
    bytes: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The address of an asset by its plain name, `css/bootstrap-italia.min.css`.
///
/// # Panics
/// On a name that the build does not know: a mistake in a template, found the first time the page is drawn.
#[must_use]
pub fn url(name: &str) -> String {
    let asset = ASSETS.iter().find(|asset| asset.name == name);
    format!("/assets/{}", asset.unwrap_or_else(|| panic!("no asset named {name}")).file)
}

/// `GET /assets/{file}`.
pub fn router() -> Router<App> {
    Router::new().route("/assets/{file}", get(serve))
}

async fn serve(Path(file): Path<String>) -> Result<Response, PageError> {
    let asset = ASSETS.iter().find(|asset| asset.file == file).ok_or(Error::NotFound("page"))?;
    let headers = [(CONTENT_TYPE, asset.mime), (CACHE_CONTROL, "public, max-age=31536000, immutable")];
    Ok((headers, asset.bytes).into_response())
}
