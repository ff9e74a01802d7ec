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
use crate::web::frame::Unattended;

/// Its routes. They are written whole rather than nested: a nested router shows its handlers the end of the address
/// alone, and pages need all of it.
pub fn router() -> Router<App> {
    let site = |path: &str| format!("/{{entity}}/sportello/{{site}}{path}");
    let appointment = |path: &str| site(&format!("/appuntamenti/{{code}}{path}"));
    Router::new()
        .route("/{entity}/sportello", get(day::sites))
        .route("/{entity}/sportello/", get(day::sites))
        .route(&site(""), get(day::today))
        .route(&site("/{date}"), get(day::show))
        .route(&site("/{date}/elenco"), get(day::list).layer(Extension(Unattended)))
        .route(&site("/{date}/eventi"), get(feed::stream).layer(Extension(Unattended)))
        .route(&site("/cerca"), get(appointment::find))
        .route(&appointment(""), get(appointment::show))
        .route(&appointment("/passo/{step}"), post(steps::take))
        .route(&appointment("/note"), post(appointment::put_notes))
        .route(&appointment("/annulla"), get(appointment::cancel_form).post(appointment::cancel))
        .route(&appointment("/sposta"), get(moving::choose).post(moving::take))
        .route(&appointment("/proponi"), get(proposing::choose).post(proposing::offer))
        .route(&appointment("/proponi/ritira"), post(proposing::withdraw))
        .route(&site("/nuovo"), get(insert::services))
        .route(&site("/nuovo/{service}"), get(insert::choose))
        .route(&site("/nuovo/{service}/dati"), get(insert::details).post(insert::check))
        .route(&site("/nuovo/{service}/conferma"), post(insert::confirm))
        .route(&site("/chiudi"), get(closing::ask).post(closing::close))
        .route(&site("/chiudi/fatto"), get(closing::done))
        .route(&site("/da-sistemare"), get(tasks::list))
        .route(&site("/da-sistemare/{task}"), post(tasks::done))
        .layer(Extension(feed::Feed::default()))
}
