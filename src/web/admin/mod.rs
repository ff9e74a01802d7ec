//! The administrators' console: `/{entity}/amministrazione/…`.
//!
//! Every page says what it is for, shows what exists, and has one clear way to change it. [`blocks`] is what pages are
//! made of, [`values`] how posted fields are read; each other module is one section. [`api`] offers the same over HTTP
//! to programs.

pub mod api;
mod blocks;
mod calendars;
mod chapters;
mod checks;
mod clients;
mod closures;
mod counters;
mod entity;
mod failures;
mod home;
mod integrations;
mod preview;
mod providers;
mod questions;
mod record;
mod rules;
mod saving;
mod service_form;
mod services;
mod sites;
mod staff;
mod tariff_form;
mod tariffs;
mod taxonomy;
mod values;

use std::fmt::Display;
use std::ops::Deref;

use axum::Router;
use axum::extract::FromRequestParts;
use http::request::Parts;

pub(crate) use integrations::{kind_of, set as set_integration};
pub(crate) use saving::Author;

use super::error::PageError;
use super::frame::{Answer, Staff, redirect_done};
use super::page::Page;
use crate::app::App;
use crate::db::Tx;
use crate::error::{Error, FieldError, Result};
use crate::identity::Role;

/// The area's address, under the entity.
const AREA: &str = "amministrazione";

/// The sections, in order: path, key of the text.
const SECTIONS: [(&str, &str); 14] = [
    ("", "admin-console-home"),
    ("comune", "admin-console-entity"),
    ("sedi", "admin-console-sites"),
    ("calendari", "admin-console-calendars"),
    ("chiusure", "admin-console-closures"),
    ("sportelli", "admin-console-counters"),
    ("servizi", "admin-console-services"),
    ("bilancio", "admin-console-chapters"),
    ("tassonomia", "admin-console-taxonomy"),
    ("personale", "admin-console-staff"),
    ("programmi", "admin-console-clients"),
    ("integrazioni", "admin-console-integrations"),
    ("non-riusciti", "admin-console-failures"),
    ("registro", "admin-console-record"),
];

/// Its routes.
pub fn router() -> Router<App> {
    Router::new()
        .merge(home::router())
        .merge(entity::router())
        .merge(sites::router())
        .merge(counters::router())
        .merge(calendars::router())
        .merge(rules::router())
        .merge(closures::router())
        .merge(preview::router())
        .merge(services::router())
        .merge(service_form::router())
        .merge(tariffs::router())
        .merge(chapters::router())
        .merge(taxonomy::router())
        .merge(staff::router())
        .merge(clients::router())
        .merge(integrations::router())
        .merge(providers::router())
        .merge(failures::router())
        .merge(record::router())
}

/// Wrong fields under the names they have on a page.
fn renamed(error: Error, name: impl Fn(&str) -> String) -> Error {
    match error {
        Error::Invalid(mut errors) => {
            for error in &mut errors {
                error.field = name(&error.field);
            }
            Error::Invalid(errors)
        }
        other => other,
    }
}

/// An administrator of the whole entity. Guests are sent to the staff's login; other staff are refused.
#[derive(Clone, Debug)]
struct Admin(Staff);

impl Deref for Admin {
    type Target = Staff;
    fn deref(&self) -> &Staff {
        &self.0
    }
}

impl FromRequestParts<App> for Admin {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        let staff = Staff::from_request_parts(parts, app).await?;
        staff.require(Role::Administrator, None)?;
        Ok(Self(staff))
    }
}

impl Admin {
    /// In whose name things are changed.
    fn author(&self) -> Author {
        Author { entity: self.entity.id, actor: self.actor(), now: self.now }
    }

    /// An address of the console: `console("sedi")`.
    fn console(&self, path: impl Display) -> String {
        self.url(format_args!("{AREA}/{path}"))
    }

    /// A text.
    fn text(&self, key: &str) -> String {
        self.t.get(key)
    }

    /// The first page of a section: its texts are under `admin-{key}-title` and `admin-{key}-lead`.
    fn section(&self, key: &str) -> Page {
        let title = self.text(&format!("admin-{key}-title"));
        let last = self.frame(&title).crumb(title.clone(), "");
        self.with_lead(last, key)
    }

    /// A page below a section; `above` is the section's path and the key of its name.
    fn below(&self, above: (&str, &str), title: impl Into<String>, key: &str) -> Page {
        let title = title.into();
        let page =
            self.frame(&title).crumb(self.text(above.1), self.console(above.0)).crumb(title.clone(), "");
        self.with_lead(page, key)
    }

    fn frame(&self, title: &str) -> Page {
        let sections: Vec<_> = SECTIONS.iter().map(|(path, key)| (*path, self.text(key))).collect();
        let area = self.url(AREA);
        self.page(title).sections(&area, &sections).crumb(self.text("nav-console"), area)
    }

    fn with_lead(&self, page: Page, key: &str) -> Page {
        let lead = format!("admin-{key}-lead");
        if self.t.has(&lead) { page.lead(self.text(&lead)) } else { page }
    }

    /// Ends a command: what was done is kept and said at `to`; wrong fields are shown in the form again.
    async fn finish<T>(
        &self,
        tx: Tx,
        done: Result<T>,
        to: String,
        again: impl FnOnce(Vec<FieldError>) -> Answer,
    ) -> Answer {
        match done {
            Ok(_) => {
                tx.commit().await?;
                redirect_done(to, "saved")
            }
            Err(Error::Invalid(errors)) => again(errors),
            Err(error) => Err(error.into()),
        }
    }
}
