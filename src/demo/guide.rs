//! The page that explains the demonstration: every address, every sample user, the clock that can be moved, the
//! treasurer's journals.

use std::fmt::Write as _;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Json, Router};
use chrono::NaiveDate;
use serde_json::json;

use super::world::{Citizen, World};

#[derive(Template)]
#[template(path = "demo/guide.html", config = ".askama.toml")]
struct Guide {
    now: String,
    service: String,
    slug: String,
    platform: String,
    app_io: String,
    mail: String,
    citizens: Vec<Citizen>,
    journals: Vec<(String, String, usize)>,
}

pub(super) fn router(world: World) -> Router {
    Router::new()
        .route("/", get(show))
        .route("/orologio", get(clock).post(next_day))
        .route("/giornale/{day}/{page}", get(journal))
        .with_state(world)
}

async fn show(State(world): State<World>) -> Result<Html<String>, StatusCode> {
    let local = world.app.clock.now().with_timezone(&world.entity.time_zone);
    let journals = world.journals().await.into_iter().rev();
    let guide = Guide {
        now: local.format("%d/%m/%Y, ore %H:%M").to_string(),
        service: world.addresses.service.clone(),
        slug: world.entity.slug.clone(),
        platform: world.addresses.platform.clone(),
        app_io: world.addresses.app_io.clone(),
        mail: world.addresses.mail.clone(),
        citizens: world.citizens.clone(),
        journals: journals
            .map(|(day, pages)| (day.format("%d/%m/%Y").to_string(), day.to_string(), pages.len()))
            .collect(),
    };
    guide.render().map(Html).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

async fn clock(State(world): State<World>) -> Json<serde_json::Value> {
    Json(json!({"now": world.app.clock.now()}))
}

/// Moves the clock to the next working day. A browser is sent back to the page; a program gets the new instant.
async fn next_day(State(world): State<World>, headers: HeaderMap) -> Response {
    match world.next_day().await {
        Ok(now) => {
            let accepts =
                headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
            if accepts.contains("text/html") {
                Redirect::to("/").into_response()
            } else {
                Json(json!({"now": now})).into_response()
            }
        }
        Err(error) => {
            tracing::error!(%error, "the demonstration's clock cannot be moved");
            (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response()
        }
    }
}

/// A page of a journal, as the treasurer hands it over: a file.
async fn journal(
    State(world): State<World>,
    Path((day, page)): Path<(NaiveDate, usize)>,
) -> Result<Response, StatusCode> {
    let journals = world.journals().await;
    let pages = journals.get(&day).ok_or(StatusCode::NOT_FOUND)?;
    let xml = page.checked_sub(1).and_then(|i| pages.get(i)).ok_or(StatusCode::NOT_FOUND)?.clone();
    let name = format!("attachment; filename=\"giornale-di-cassa-{day}-{page}.xml\"");
    Ok(([(header::CONTENT_TYPE, "application/xml".to_owned()), (header::CONTENT_DISPOSITION, name)], xml)
        .into_response())
}

/// What the command line prints.
pub(super) fn summary(world: &World) -> String {
    let (service, slug) = (&world.addresses.service, &world.entity.slug);
    let mut text = format!(
        "\nSportello, dimostrazione: {}\n\n\
         \x20 cittadini        {service}/{slug}/\n\
         \x20 sportello        {service}/{slug}/sportello/          (operatore: marco.bianchi)\n\
         \x20 contabilità      {service}/{slug}/contabilita/        (ragioniere: paolo.conti)\n\
         \x20 amministrazione  {service}/{slug}/amministrazione/    (amministratrice: francesca.ricci)\n\
         \x20 API              {service}/api/v1/openapi.json\n\n\
         \x20 guida, orologio e giornali di cassa  {}\n\
         \x20 pagoPA simulata   {}/psp\n\
         \x20 App IO simulata   {}\n\
         \x20 posta             {}\n\n\
         \x20 cittadini d'esempio, con SPID o CIE:",
        world.entity.name,
        world.addresses.guide,
        world.addresses.platform,
        world.addresses.app_io,
        world.addresses.mail,
    );
    for citizen in &world.citizens {
        let on_io = if citizen.on_io { "su App IO" } else { "non è su App IO" };
        let _ = write!(text, "\n    {} {} ({on_io})", citizen.given_name, citizen.family_name);
    }
    text.push_str("\n\nCtrl-C ferma tutto.\n");
    text
}
