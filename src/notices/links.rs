//! Addresses that open without a login, because they carry a code only we can make.

use crate::agenda::Appointment;
use crate::app::App;
use crate::entity::Entity;
use crate::ids::{AppointmentId, ProposalId};

const APPOINTMENT: &str = "link appointment";
const PROPOSAL: &str = "link proposal";

/// The page of an appointment: `…/appuntamenti/{code}?chiave={key}`.
#[must_use]
pub fn appointment_url(app: &App, entity: &Entity, appointment: &Appointment) -> String {
    let key = app.keys.code(APPOINTMENT, &appointment.id.to_string());
    format!("{}/appuntamenti/{}?chiave={key}", entity_url(app, entity), appointment.code)
}

/// The appointment for a calendar: `…/appuntamenti/{code}/calendario.ics?chiave={key}`.
#[must_use]
pub fn calendar_url(app: &App, entity: &Entity, appointment: &Appointment) -> String {
    let key = app.keys.code(APPOINTMENT, &appointment.id.to_string());
    format!("{}/appuntamenti/{}/calendario.ics?chiave={key}", entity_url(app, entity), appointment.code)
}

/// The page of a proposal: `…/proposte/{proposal}?chiave={key}`.
#[must_use]
pub fn proposal_url(app: &App, entity: &Entity, proposal: ProposalId) -> String {
    let key = app.keys.code(PROPOSAL, &proposal.to_string());
    format!("{}/proposte/{proposal}?chiave={key}", entity_url(app, entity))
}

/// The first page of the entity, where people book.
#[must_use]
pub fn entity_url(app: &App, entity: &Entity) -> String {
    format!("{}/{}", app.config.server.base_url, entity.slug)
}

/// Whether a link to an appointment is one we gave.
#[must_use]
pub fn appointment_key_is_ours(app: &App, appointment: AppointmentId, key: &str) -> bool {
    app.keys.code_is_ours(APPOINTMENT, &appointment.to_string(), key)
}

/// Whether a link to a proposal is one we gave.
#[must_use]
pub fn proposal_key_is_ours(app: &App, proposal: ProposalId, key: &str) -> bool {
    app.keys.code_is_ours(PROPOSAL, &proposal.to_string(), key)
}

/// The name our identifiers are unique under: of calendar events and of mails.
pub(super) fn host(base_url: &str) -> String {
    let url: Option<url::Url> = base_url.parse().ok();
    url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| "localhost".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_stands_without_its_port() {
        assert_eq!(host("https://sportello.example.it:8443/x"), "sportello.example.it");
        assert_eq!(host("http://127.0.0.1:8080"), "127.0.0.1");
        assert_eq!(host("not an address"), "localhost");
    }
}
