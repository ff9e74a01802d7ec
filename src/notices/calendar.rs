//! An appointment as calendars read it: iCalendar (RFC 5545), sent as an invitation (RFC 5546).
//!
//! The identifier never changes and SEQUENCE grows with every change, so that a calendar moves or removes the event it
//! has instead of adding another. Times are in UTC: a single event needs no description of a time zone.

use chrono::{DateTime, Utc};
use icalendar::{Calendar, Component as _, Event, EventLike as _, Property};

use super::letter::{line, place};
use super::links;
use crate::agenda::{Appointment, Service, Site, State};
use crate::app::App;
use crate::entity::Entity;
use crate::web::i18n::{Language, T};

/// What a calendar is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Take note: of a file somebody opens.
    Publish,
    /// Add or change.
    Request,
    /// Remove.
    Cancel,
}

impl Method {
    /// As METHOD and the MIME parameter say it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Publish => "PUBLISH",
            Self::Request => "REQUEST",
            Self::Cancel => "CANCEL",
        }
    }
}

/// An appointment, and what its event in a calendar says.
#[derive(Clone, Copy, Debug)]
pub struct Occasion<'a> {
    /// Who receives.
    pub entity: &'a Entity,
    /// Where.
    pub site: &'a Site,
    /// What for.
    pub service: &'a Service,
    /// When.
    pub appointment: &'a Appointment,
    /// The page of the appointment.
    pub url: &'a str,
    /// The name identifiers are unique under.
    pub host: &'a str,
    /// The reader's language.
    pub language: Language,
    /// The instant of writing (DTSTAMP).
    pub now: DateTime<Utc>,
}

/// A name and an address.
#[derive(Clone, Copy, Debug)]
pub struct Party<'a> {
    /// As people write it.
    pub name: &'a str,
    /// The mail address.
    pub address: &'a str,
}

/// The file behind "add to my calendar": nobody is invited, the citizen takes note.
#[must_use]
pub fn calendar_file(
    app: &App,
    entity: &Entity,
    site: &Site,
    service: &Service,
    appointment: &Appointment,
    language: Language,
) -> String {
    let occasion = Occasion {
        entity,
        site,
        service,
        appointment,
        url: &links::appointment_url(app, entity, appointment),
        host: &links::host(&app.config.server.base_url),
        language,
        now: app.clock.now(),
    };
    publish(&occasion)
}

/// For a file somebody opens (RFC 5546 §3.2.1: an organizer, never an attendee).
#[must_use]
pub fn publish(occasion: &Occasion<'_>) -> String {
    let address = if occasion.entity.email.is_empty() {
        occasion.url.to_owned()
    } else {
        format!("mailto:{}", line(&occasion.entity.email))
    };
    let mut organizer = Property::new("ORGANIZER", address);
    organizer.add_parameter("CN", &parameter(&occasion.entity.name));
    written(occasion, Method::Publish, event(occasion).append_property(organizer))
}

/// For a mail (RFC 5546 §3.2.2 and §3.2.5). The attendee has accepted already: nobody is asked for an answer.
#[must_use]
pub fn invitation(
    occasion: &Occasion<'_>,
    method: Method,
    organizer: Party<'_>,
    attendee: Party<'_>,
) -> String {
    let mut from = Property::new("ORGANIZER", format!("mailto:{}", organizer.address));
    from.add_parameter("CN", &parameter(organizer.name));
    let mut to = Property::new("ATTENDEE", format!("mailto:{}", attendee.address));
    to.add_parameter("CN", &parameter(attendee.name));
    to.add_parameter("RSVP", "FALSE");
    to.add_parameter("PARTSTAT", "ACCEPTED");
    written(occasion, method, event(occasion).append_property(from).append_property(to))
}

fn event(occasion: &Occasion<'_>) -> Event {
    let Occasion { site, service, appointment, .. } = occasion;
    let t = T::new(occasion.language, site.zone);
    let service_name = line(service.name.get(t.code()));
    let fact = |key: &str, value: &str| (!value.is_empty()).then(|| format!("{}: {value}", t.get(key)));
    let description = [
        fact("notice-code", &appointment.code),
        fact("notice-bring", &line(service.bring.get(t.code()))),
        fact("notice-action-manage", occasion.url),
    ];
    let is_off = matches!(appointment.state, State::Cancelled | State::Expired);
    let mut event = Event::new();
    event
        .uid(&format!("{}@{}", appointment.id, occasion.host))
        .sequence(u32::try_from(appointment.sequence).unwrap_or(0))
        .timestamp(occasion.now)
        .starts(appointment.starts_at)
        .ends(appointment.ends_at)
        .summary(&t.with("notice-calendar-summary", &[("service", &service_name)]))
        .location(&place(site))
        .description(&description.into_iter().flatten().collect::<Vec<_>>().join("\n"))
        .add_property("STATUS", if is_off { "CANCELLED" } else { "CONFIRMED" })
        .add_property("CLASS", "PRIVATE")
        .add_property("URL", occasion.url);
    event
}

fn written(occasion: &Occasion<'_>, method: Method, event: &mut Event) -> String {
    let language = occasion.language.code().to_uppercase();
    let mut calendar = Calendar::empty();
    calendar
        .append_property(("VERSION", "2.0"))
        .append_property(("PRODID", format!("-//Sportello//Sportello//{language}").as_str()))
        .append_property(("CALSCALE", "GREGORIAN"))
        .append_property(("METHOD", method.as_str()))
        .push(event.done());
    calendar.to_string()
}

/// A parameter's value has no way to write a quotation mark (RFC 5545 §3.2).
fn parameter(text: &str) -> String {
    line(text).replace('"', "'")
}
