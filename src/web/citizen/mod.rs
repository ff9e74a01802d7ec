//! The citizens' pages: services, booking, appointments, payments, the personal area.
//!
//! They work without scripts: every choice is a plain form or a link. In reading order: [`services`] (what can be
//! booked), [`booking`] (the five steps of the model the State prescribes), [`appointment`] with [`access`] (who may see
//! one), [`changes`] (moving and giving back), [`proposal`], [`payments`], [`personal_area`], [`information`].

mod access;
mod appointment;
mod booking;
mod changes;
mod chooser;
mod information;
mod payments;
mod personal_area;
mod proposal;
mod questions;
mod services;
mod words;

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

/// Its routes.
pub fn router() -> Router<App> {
    Router::new()
        .route("/{entity}/", get(services::list))
        .route("/{entity}/servizi/{service}", get(services::sheet))
        .merge(booking::router())
        .route("/{entity}/appuntamenti/{code}", get(appointment::show))
        .route("/{entity}/appuntamenti/{code}/calendario.ics", get(appointment::calendar))
        .route("/{entity}/appuntamenti/{code}/sposta", get(changes::choose).post(changes::move_to))
        .route("/{entity}/appuntamenti/{code}/disdici", get(changes::ask).post(changes::cancel))
        .route("/{entity}/proposte/{proposal}", get(proposal::show).post(proposal::answer))
        .route("/{entity}/pagamenti/{position}/paga", post(payments::pay))
        .route("/{entity}/pagamenti/ritorno/{visit}/{outcome}", get(payments::returned))
        .route("/{entity}/pagamenti/{position}/avviso", get(payments::notice))
        .route("/{entity}/pagamenti/{position}/ricevuta", get(payments::receipt))
        .route("/{entity}/area-personale", get(personal_area::show))
        .route("/{entity}/privacy", get(information::privacy))
        .route("/{entity}/note-legali", get(information::legal_notes))
        .route("/{entity}/accessibilita", get(information::accessibility))
        .route("/{entity}/domande-frequenti", get(information::faq))
}
