//! The tenants: a Comune, a union of Comuni, a consortium. Their data in the directory, how each of them talks to the
//! outside systems, their sealed secrets.

pub mod integrations;
pub mod store;
pub mod template;

use chrono_tz::Tz;
use serde::Serialize;

pub use integrations::{AppIoSettings, Kind, MailSettings, MailTls, PagopaSettings};

use crate::ids::EntityId;

/// A tenant, as the directory knows it. Everything here is public.
#[derive(Clone, Debug, Serialize)]
pub struct Entity {
    /// Its identifier: the first part of every key.
    #[serde(skip)]
    pub id: EntityId,
    /// Its name in addresses.
    pub slug: String,
    /// As citizens know it.
    pub name: String,
    /// 11 digits; pagoPA's `idPA`.
    pub fiscal_code: String,
    /// Under the name, in the page header.
    pub tagline: String,
    /// Postal address.
    pub address: String,
    /// Switchboard.
    pub phone: String,
    /// Ordinary mail.
    pub email: String,
    /// Certified mail.
    pub pec: String,
    /// Privacy information, where it has its own.
    pub privacy_url: Option<String>,
    /// The accessibility declaration made on form.agid.gov.it.
    pub accessibility_url: Option<String>,
    /// The institutional site.
    pub site_url: Option<String>,
    /// Where days begin for the whole entity (accounting, remittances).
    #[serde(skip)]
    pub time_zone: Tz,
}
