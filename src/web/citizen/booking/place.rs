//! Step 1: the office, among those that are competent for the service.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::IntoResponse;
use http::StatusCode;
use serde::Deserialize;

use super::{Flow, Origin, Step};
use crate::agenda::{self, Site};
use crate::error::FieldError;
use crate::web::form::ProtectedForm;
use crate::web::frame::{Answer, Visitor, redirect, render};
use crate::web::page::Page;

#[derive(Template)]
#[template(path = "citizen/booking/place.html", config = ".askama.toml")]
struct Place {
    page: Page,
    sites: Vec<Site>,
    chosen: String,
    back_url: String,
}

/// What is posted.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Choice {
    #[serde(default)]
    sede: String,
}

/// `GET …/luogo`.
pub(super) async fn show(visitor: Visitor, Path((_, slug)): Path<(String, String)>) -> Answer {
    draw(&visitor, &slug, Vec::new()).await
}

async fn draw(visitor: &Visitor, slug: &str, errors: Vec<FieldError>) -> Answer {
    let mut tx = visitor.begin().await?;
    let flow = Flow::load(&mut tx, visitor, slug).await?;
    let sites = agenda::store::sites_of_service(&mut tx, visitor.entity.id, flow.service.id).await?;
    let held = flow.held.as_ref().map(|held| held.site);
    let chosen = match sites.as_slice() {
        [only] => only.slug.clone(),
        several => several.iter().find(|s| Some(s.id) == held).map(|s| s.slug.clone()).unwrap_or_default(),
    };
    let page = flow.page(visitor, Step::Place).errors(errors);
    let back_url = visitor.url(format_args!("servizi/{slug}"));
    render(&Place { page, sites, chosen, back_url })
}

/// `POST …/luogo`.
pub(super) async fn choose(
    visitor: Visitor,
    Path((_, slug)): Path<(String, String)>,
    Query(from): Query<Origin>,
    form: ProtectedForm<Choice>,
) -> Answer {
    let mut tx = visitor.begin().await?;
    let flow = Flow::load(&mut tx, &visitor, &slug).await?;
    let sites = agenda::store::sites_of_service(&mut tx, visitor.entity.id, flow.service.id).await?;
    let Some(site) = sites.iter().find(|site| site.slug == form.value.sede) else {
        drop(tx);
        let drawn = draw(&visitor, &slug, vec![FieldError::new("sede", "choose_place")]).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, drawn).into_response());
    };
    let back = if from.is_summary() { "&torna=riepilogo" } else { "" };
    redirect(format!("{}?sede={}{back}", flow.url(&visitor, Step::Time), site.slug))
}
