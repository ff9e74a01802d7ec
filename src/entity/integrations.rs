//! How an entity talks to each outside system. Settings are plain; keys and passwords are sealed apart, by name.

use serde::{Deserialize, Serialize};

/// The outside systems. Login settings are in `identity::login`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// SPID/CIE, through OpenID Connect providers. Secrets: one per provider, `citizen_login.<its key>`.
    CitizenLogin,
    /// The staff's own provider. Secret: `staff_login.client_secret`.
    StaffLogin,
    /// The payment platform. Secrets: `pagopa.gpd_key`, `pagopa.checkout_key`, `pagopa.fdr_key`.
    Pagopa,
    /// Secret: `app_io.key`.
    AppIo,
    /// Outgoing mail. Secret: `mail.password`.
    Mail,
}

impl Kind {
    /// All of them, in the order of the console.
    pub const ALL: [Self; 5] = [Self::CitizenLogin, Self::StaffLogin, Self::Pagopa, Self::AppIo, Self::Mail];

    /// As the database and addresses write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CitizenLogin => "citizen_login",
            Self::StaffLogin => "staff_login",
            Self::Pagopa => "pagopa",
            Self::AppIo => "app_io",
            Self::Mail => "mail",
        }
    }

    /// The names of its secrets, where they are fixed: the citizens' providers have one each.
    #[must_use]
    pub fn secrets(self) -> &'static [&'static str] {
        match self {
            Self::CitizenLogin => &[],
            Self::StaffLogin => &["staff_login.client_secret"],
            Self::Pagopa => &["pagopa.gpd_key", "pagopa.checkout_key", "pagopa.fdr_key"],
            Self::AppIo => &["app_io.key"],
            Self::Mail => &["mail.password"],
        }
    }
}

/// The payment platform, asynchronous model: positions at GPD, receipts at our station.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PagopaSettings {
    /// Debt positions, e.g. `https://api.platform.pagopa.it/gpd/debt-positions-service/v1`.
    pub gpd_url: String,
    /// Carts, e.g. `https://api.platform.pagopa.it/checkout/ec/v2`.
    pub checkout_url: String,
    /// Remittance flows, e.g. `https://api.platform.pagopa.it/fdr-org/service/v1`.
    pub fdr_url: String,
    /// Fiscal code of the broker that owns the station (`idBrokerPA`).
    pub broker: String,
    /// Our station (`idStation`).
    pub station: String,
    /// Segregation code, 0–99: the second and third digit of our notice numbers.
    pub segregation: u8,
    /// Where the money goes.
    pub iban: String,
    /// CBILL code for the printed notice, where there is one.
    #[serde(default)]
    pub cbill: String,
}

/// Messages to citizens' phones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppIoSettings {
    /// E.g. `https://api.io.pagopa.it/api/v1`.
    pub base_url: String,
}

/// Outgoing mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailSettings {
    /// Host of the relay.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: MailTls,
    /// Login; empty: none.
    #[serde(default)]
    pub username: String,
    /// Sender address.
    pub from: String,
    /// Where answers go; empty: to the sender.
    #[serde(default)]
    pub reply_to: String,
}

/// Protection of the connection to the mail relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTls {
    /// None: only for a relay on the same machine.
    None,
    /// Upgraded after the greeting, required.
    Starttls,
    /// From the first byte.
    Tls,
}
