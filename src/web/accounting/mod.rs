//! The accountants' pages: which provisional entries wait, what each is made of, and what is missing.
//!
//! [`office`] says who may come in. [`home`] is the work list; [`importing`] takes what the treasurer and the platform
//! say; [`entry`] is a provisional entry with its plan; [`flow`], [`payment`], [`receipts`] and [`books`] are what stands
//! behind it. [`words`] says labels, states and deadlines as accountants do; [`api`] is the same for programs.

pub mod api;
mod api_views;
mod books;
mod entry;
mod flow;
mod home;
mod importing;
mod office;
mod payment;
mod receipts;
mod words;

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;
use crate::web::form::files;

/// Its routes.
pub fn router() -> Router<App> {
    let entry = Router::new()
        .route("/", get(entry::show))
        .route("/piano.csv", get(entry::plan_csv))
        .route("/dettaglio.csv", get(entry::detail_csv))
        .route("/inviato", post(entry::mark_sent));
    let area = Router::new()
        .route("/", get(home::show))
        .route("/importa", get(importing::show))
        .route("/importa/giornale", post(importing::take_journals).layer(files()))
        .route("/importa/flusso", post(importing::take_flows).layer(files()))
        .route("/importa/scarica", post(importing::fetch))
        .nest("/provvisori/{year}/{number}", entry)
        .route("/flussi", get(flow::list))
        .route("/flussi/{flow}", get(flow::show))
        .route("/pagamenti/{iuv}", get(payment::show))
        .route("/ricevute", get(receipts::show))
        .route("/conti", get(books::show));
    Router::new().route("/{entity}/contabilita/", get(home::show)).nest("/{entity}/contabilita", area)
}
