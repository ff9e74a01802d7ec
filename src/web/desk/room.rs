//! Who may come in: an operator, at a site where they are one.

use std::ops::Deref;

use axum::extract::{FromRequestParts, RawPathParams};
use chrono::NaiveDate;
use http::request::Parts;
use sqlx::PgConnection;

use crate::agenda::store::{self, appointment_by_code, site_by_slug};
use crate::agenda::{Appointment, Counter, Site};
use crate::app::App;
use crate::error::{Error, Result};
use crate::identity::Role;
use crate::ids::CounterId;
use crate::web::error::PageError;
use crate::web::frame::{Staff, cookie_of};
use crate::web::i18n::T;
use crate::web::page::Page;

/// The cookie that keeps at which counter of a site the operator sits, as long as the browser is open.
const COUNTER_COOKIE: &str = "sportello-postazione";

/// An operator in a site. A site that is not theirs does not exist for them.
#[derive(Clone, Debug)]
pub struct Room {
    staff: Staff,
    /// The site.
    pub site: Site,
    /// Texts, with the site's times.
    pub t: T,
    counter: Option<CounterId>,
}

impl Deref for Room {
    type Target = Staff;
    fn deref(&self) -> &Staff {
        &self.staff
    }
}

impl FromRequestParts<App> for Room {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        let staff = Staff::from_request_parts(parts, app).await?;
        staff.require_anywhere(Role::Operator)?;
        let params =
            RawPathParams::from_request_parts(parts, app).await.map_err(|_| Error::NotFound("page"))?;
        let slug = params.iter().find(|(name, _)| *name == "site").map(|(_, slug)| slug.to_owned());
        let slug = slug.ok_or(Error::NotFound("page"))?;
        let site = site_by_slug(&mut *staff.begin().await?, staff.entity.id, &slug).await?;
        staff.require(Role::Operator, Some(site.id)).map_err(|_| Error::NotFound("site"))?;
        let cookie = cookie_of(&parts.headers, COUNTER_COOKIE);
        let counter = cookie.and_then(|id| id.parse().ok());
        let t = staff.t.in_zone(site.zone);
        Ok(Self { staff, site, t, counter })
    }
}

impl Room {
    /// An address in this site: `url("nuovo")`.
    #[must_use]
    pub fn url(&self, path: impl std::fmt::Display) -> String {
        let base = self.base();
        let path = path.to_string();
        if path.is_empty() { base } else { format!("{base}/{path}") }
    }

    fn base(&self) -> String {
        self.staff.url(format_args!("sportello/{}", self.site.slug))
    }

    /// The page of an appointment.
    #[must_use]
    pub fn appointment_url(&self, code: &str) -> String {
        self.url(format_args!("appuntamenti/{code}"))
    }

    /// Whether one is an operator at a site.
    #[must_use]
    pub fn is_open_to(&self, site: &Site) -> bool {
        self.member.may(Role::Operator, Some(site.id))
    }

    /// The page of an appointment that went to another site; where the operator may not go there, this day.
    #[must_use]
    pub fn appointment_at(&self, site: &Site, code: &str) -> String {
        if self.is_open_to(site) {
            self.staff.url(format_args!("sportello/{}/appuntamenti/{code}", site.slug))
        } else {
            self.day_url(self.today())
        }
    }

    /// The page of a day.
    #[must_use]
    pub fn day_url(&self, date: NaiveDate) -> String {
        self.url(date)
    }

    /// The local day.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.t.day_of(self.now)
    }

    /// A page of this site, with the sections of the desk.
    #[must_use]
    pub fn page(&self, title: impl Into<String>) -> Page {
        let sections = [
            ("", self.t.get("desk-section-day")),
            ("nuovo", self.t.get("desk-section-insert")),
            ("chiudi", self.t.get("desk-section-close")),
            ("da-sistemare", self.t.get("desk-section-tasks")),
        ];
        let mut page = self.staff.page(title);
        page.t = self.t;
        page.crumb(self.t.get("nav-desk"), self.staff.url("sportello"))
            .crumb(self.site.name.clone(), self.base())
            .sections(&self.base(), &sections)
    }

    /// An appointment of this site.
    ///
    /// # Errors
    /// `NotFound` for one of another site too.
    pub async fn appointment(&self, conn: &mut PgConnection, code: &str) -> Result<Appointment> {
        let appointment = appointment_by_code(conn, self.entity.id, &code.to_ascii_uppercase()).await?;
        if appointment.site == self.site.id { Ok(appointment) } else { Err(Error::NotFound("appointment")) }
    }

    /// Those of some appointments that are of this site, by start.
    pub async fn appointments(&self, conn: &mut PgConnection, codes: &[String]) -> Result<Vec<Appointment>> {
        let mut found = store::appointments_by_code(conn, self.entity.id, codes).await?;
        found.retain(|appointment| appointment.site == self.site.id);
        Ok(found)
    }

    /// The counters of the site in use, in order.
    pub async fn counters(&self, conn: &mut PgConnection) -> Result<Vec<Counter>> {
        let mut counters = store::counters(conn, self.entity.id).await?;
        counters.retain(|counter| counter.site == self.site.id && counter.active);
        Ok(counters)
    }

    /// Where the operator sits: what was just chosen, else what the browser keeps, if it is one of these.
    #[must_use]
    pub fn my_counter<'a>(&self, chosen: Option<CounterId>, counters: &'a [Counter]) -> Option<&'a Counter> {
        let wanted = chosen.or(self.counter)?;
        counters.iter().find(|counter| counter.id == wanted)
    }

    /// A cookie that keeps the chosen counter; `None` forgets it.
    #[must_use]
    pub fn counter_cookie(&self, counter: Option<CounterId>) -> String {
        let secure = if self.app.config.is_https() { "; Secure" } else { "" };
        let path = self.base();
        let (value, age) = counter.map_or((String::new(), "; Max-Age=0"), |id| (id.to_string(), ""));
        format!("{COUNTER_COOKIE}={value}; Path={path}; HttpOnly; SameSite=Lax{age}{secure}")
    }
}
