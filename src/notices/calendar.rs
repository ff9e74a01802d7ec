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
    let status = match appointment.state {
        State::Cancelled | State::Expired => "CANCELLED",
        State::Held | State::AwaitingPayment => "TENTATIVE",
        _ => "CONFIRMED",
    };
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
        .add_property("STATUS", status)
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::dossier::Dossier;
    use super::super::samples::dossier;
    use super::*;

    fn occasion(dossier: &Dossier) -> Occasion<'_> {
        Occasion {
            entity: &dossier.entity,
            site: &dossier.site,
            service: &dossier.service,
            appointment: &dossier.appointment,
            url: &dossier.addresses.appointment,
            host: "sportello.example.it",
            language: Language::It,
            now: "2026-11-01T08:00:00Z".parse().unwrap(),
        }
    }

    fn parties<'a>(name: &'a str) -> (Party<'a>, Party<'a>) {
        (Party { name, address: "ente@example.it" }, Party { name, address: "daniela@example.it" })
    }

    /// Reads a calendar by the rules of RFC 5545 §3.1 and §3.3.11: (name with its parameters, value).
    fn read(calendar: &str) -> Vec<(String, String)> {
        for line in calendar.strip_suffix("\r\n").unwrap().split("\r\n") {
            // Lines SHOULD NOT be longer than 75 octets; the library does not count the blank of a continuation.
            assert!(line.len() <= 76, "{line}");
            assert!(!line.chars().any(|c| c.is_control() && c != '\t'), "{line}");
        }
        let unfolded = calendar.replace("\r\n ", "");
        unfolded.lines().map(name_and_value).collect()
    }

    fn name_and_value(line: &str) -> (String, String) {
        let mut is_quoted = false;
        let colon = line.find(|c| {
            is_quoted ^= c == '"';
            c == ':' && !is_quoted
        });
        let (name, value) = line.split_at(colon.expect("a content line has a colon"));
        let mut text = String::new();
        let mut characters = value[1..].chars();
        while let Some(c) = characters.next() {
            text.push(match c {
                '\\' => match characters.next() {
                    Some('n' | 'N') => '\n',
                    other => other.expect("an escape has two characters"),
                },
                other => other,
            });
        }
        (name.to_owned(), text)
    }

    fn value<'a>(lines: &'a [(String, String)], name: &str) -> &'a str {
        let mut found = lines.iter().filter(|(n, _)| n.split(';').next() == Some(name));
        let (_, value) = found.next().unwrap_or_else(|| panic!("no {name}"));
        assert!(found.next().is_none(), "{name} twice");
        value
    }

    #[test]
    fn an_invitation_says_who_when_and_which_version() {
        let mut dossier = dossier();
        dossier.appointment.sequence = 3;
        let (organizer, attendee) = parties("Comune: \"Prova\"; e altri");
        let lines = read(&invitation(&occasion(&dossier), Method::Request, organizer, attendee));
        assert_eq!(value(&lines, "METHOD"), "REQUEST");
        assert_eq!(value(&lines, "UID"), format!("{}@sportello.example.it", dossier.appointment.id));
        assert_eq!(value(&lines, "SEQUENCE"), "3");
        assert_eq!(value(&lines, "DTSTAMP"), "20261101T080000Z");
        assert_eq!(value(&lines, "DTSTART"), "20261112T093000Z");
        assert_eq!(value(&lines, "DTEND"), "20261112T094500Z");
        assert_eq!(value(&lines, "STATUS"), "CONFIRMED");
        assert_eq!(value(&lines, "SUMMARY"), "Appuntamento: Carta d'identità");
        assert_eq!(value(&lines, "LOCATION"), "Ufficio anagrafe, Via Roma, 1, secondo piano");
        assert_eq!(value(&lines, "ORGANIZER"), "mailto:ente@example.it");
        assert_eq!(value(&lines, "ATTENDEE"), "mailto:daniela@example.it");
        let (attendee, _) = lines.iter().find(|(name, _)| name.starts_with("ATTENDEE")).unwrap();
        assert!(attendee.contains(";RSVP=FALSE") && attendee.contains(";PARTSTAT=ACCEPTED"), "{attendee}");
        assert!(attendee.contains(";CN=\"Comune: 'Prova'; e altri\""), "{attendee}");
        assert_eq!(lines.iter().filter(|(name, value)| name == "BEGIN" && value == "VEVENT").count(), 1);
    }

    #[test]
    fn a_cancelled_appointment_is_taken_away() {
        let mut dossier = dossier();
        let (organizer, attendee) = parties("x");
        let uid = |dossier: &Dossier| value(&read(&publish(&occasion(dossier))), "UID").to_owned();
        let before = uid(&dossier);
        dossier.appointment.state = State::Cancelled;
        dossier.appointment.sequence = 1;
        let lines = read(&invitation(&occasion(&dossier), Method::Cancel, organizer, attendee));
        assert_eq!(value(&lines, "METHOD"), "CANCEL");
        assert_eq!(value(&lines, "STATUS"), "CANCELLED");
        assert_eq!(value(&lines, "UID"), before, "the same event, always");
    }

    #[test]
    fn a_time_that_waits_for_its_payment_is_tentative() {
        let mut dossier = dossier();
        dossier.appointment.state = State::AwaitingPayment;
        assert_eq!(value(&read(&publish(&occasion(&dossier))), "STATUS"), "TENTATIVE");
    }

    #[test]
    fn a_published_file_invites_nobody() {
        let mut dossier = dossier();
        let lines = read(&publish(&occasion(&dossier)));
        assert_eq!(value(&lines, "METHOD"), "PUBLISH");
        assert_eq!(value(&lines, "ORGANIZER"), "mailto:info@comune.example.it");
        assert!(!lines.iter().any(|(name, _)| name.starts_with("ATTENDEE")));
        dossier.entity.email = String::new();
        let lines = read(&publish(&occasion(&dossier)));
        assert_eq!(value(&lines, "ORGANIZER"), dossier.addresses.appointment);
    }

    proptest! {
        #[test]
        fn nothing_people_write_breaks_out(text in any::<String>(), name in any::<String>()) {
            let mut dossier = dossier();
            dossier.service.name = crate::text::Text::italian(&text);
            dossier.service.bring = crate::text::Text::italian(&name);
            dossier.site.name = text.clone();
            dossier.entity.name = name.clone();
            let (organizer, attendee) = parties(&name);
            let lines = read(&invitation(&occasion(&dossier), Method::Request, organizer, attendee));
            prop_assert_eq!(value(&lines, "SUMMARY"), format!("Appuntamento: {}", line(&text)));
            let names: Vec<_> = lines.iter().map(|(name, _)| name.split(';').next().unwrap()).collect();
            let expected = [
                "BEGIN", "VERSION", "PRODID", "CALSCALE", "METHOD", "BEGIN", "ATTENDEE", "CLASS", "DESCRIPTION", "DTEND",
                "DTSTAMP", "DTSTART", "LOCATION", "ORGANIZER", "SEQUENCE", "STATUS", "SUMMARY", "UID", "URL", "END", "END",
            ];
            prop_assert_eq!(names, expected);
        }
    }
}
