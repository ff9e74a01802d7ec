//! The operators' pages: a site's day, one appointment, an appointment taken on the phone, a counter that closes, what
//! is left to put right.
//!
//! Everything lies under `/{entity}/sportello/{site}`: [`room`] says who may come in. [`day`] is the page of the day,
//! [`feed`] tells it of changes; [`steps`] are its buttons. [`appointment`] is one appointment with its [`moving`] and
//! [`proposing`], both over the [`times`] to choose from; [`insert`], [`closing`] and [`tasks`] are the other sections.

mod appointment;
mod closing;
mod day;
mod feed;
mod fields;
mod insert;
mod moving;
mod proposing;
mod room;
mod row;
mod steps;
mod tasks;
mod times;

use axum::routing::{get, post};
use axum::{Extension, Router};

use crate::app::App;

/// Its routes.
pub fn router() -> Router<App> {
    let appointment = Router::new()
        .route("/", get(appointment::show))
        .route("/passo/{step}", post(steps::take))
        .route("/note", post(appointment::put_notes))
        .route("/annulla", get(appointment::cancel_form).post(appointment::cancel))
        .route("/sposta", get(moving::choose).post(moving::take))
        .route("/proponi", get(proposing::choose).post(proposing::offer))
        .route("/proponi/ritira", post(proposing::withdraw));
    let site = Router::new()
        .route("/", get(day::today))
        .route("/{date}", get(day::show))
        .route("/{date}/elenco", get(day::list))
        .route("/{date}/eventi", get(feed::stream))
        .route("/cerca", get(appointment::find))
        .nest("/appuntamenti/{code}", appointment)
        .route("/nuovo", get(insert::services))
        .route("/nuovo/{service}", get(insert::choose))
        .route("/nuovo/{service}/dati", get(insert::details).post(insert::check))
        .route("/nuovo/{service}/conferma", post(insert::confirm))
        .route("/chiudi", get(closing::ask).post(closing::close))
        .route("/chiudi/fatto", get(closing::done))
        .route("/da-sistemare", get(tasks::list))
        .route("/da-sistemare/{task}", post(tasks::done));
    Router::new()
        .route("/{entity}/sportello", get(day::sites))
        .route("/{entity}/sportello/", get(day::sites))
        .nest("/{entity}/sportello/{site}", site)
        .layer(Extension(feed::Feed::default()))
}
