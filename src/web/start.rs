//! The front door of the installation: the list of the entities it serves.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use http::{HeaderMap, Uri};

use super::frame::{Answer, language, redirect, render};
use super::i18n::T;
use super::page::Page;
use crate::app::App;
use crate::entity::{self, Entity};

#[derive(Template)]
#[template(path = "templates/start.html", config = ".askama.toml")]
struct Start {
    page: Page,
    entities: Vec<Entity>,
}

pub(super) fn router() -> Router<App> {
    Router::new().route("/", get(start))
}

async fn start(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Answer {
    let entities = entity::store::list(&mut *app.db.directory().await?).await?;
    if let [only] = entities.as_slice() {
        return redirect(format!("/{}/", only.slug));
    }
    let t = T::new(language(&uri, &headers), chrono_tz::Europe::Rome);
    render(&Start { page: Page::bare(t, t.get("start-title"), &uri), entities })
}
