//! What a notice says, in plain words: the same for every channel, before any markup.

use chrono::{DateTime, Datelike, Utc};
use chrono_tz::Tz;

use super::dossier::{Dossier, Due};
use super::types::Event;
use crate::agenda::zone::last_second;
use crate::agenda::{Appointment, Site};
use crate::payments::position::grouped;
use crate::web::i18n::{Language, T};

/// Longest piece of text written by people that a notice repeats, in characters. App IO takes 10,000 in all.
const PIECE_MAX: usize = 600;

/// A notice in one language. Every text is one line, without markup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The language it is written in.
    pub language: Language,
    /// Its title, without personal data.
    pub subject: String,
    /// Addresses the reader by name: for channels nobody else reads.
    pub greeting: String,
    /// When, where, how much: the first thing to read.
    pub facts: Vec<Fact>,
    /// What happened and what can be done.
    pub paragraphs: Vec<String>,
    /// The one thing to open.
    pub action: Option<Action>,
    /// Who writes, and why.
    pub footer: String,
}

/// A value and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub label: String,
    /// The value.
    pub value: String,
}

/// Something to open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    key: &'static str,
    /// Where it leads.
    pub url: String,
}

impl Action {
    /// What is written on it.
    #[must_use]
    pub fn label(&self, language: Language) -> String {
        T::new(language, Tz::UTC).get(self.key)
    }
}

/// Writes a notice about an event.
#[must_use]
pub fn compose(dossier: &Dossier, event: Event, language: Language) -> Letter {
    let t = T::new(language, dossier.site.zone);
    let writer = Writer { t, dossier };
    let given_name = line(&dossier.appointment.holder.given_name);
    let greeting = if given_name.is_empty() {
        t.get("notice-greeting-anonymous")
    } else {
        t.with("notice-greeting", &[("name", &given_name)])
    };
    Letter {
        language,
        subject: writer.subject(event),
        greeting,
        facts: writer.facts(event),
        paragraphs: writer.paragraphs(event),
        action: writer.action(event),
        footer: t.with("notice-footer", &[("entity", &line(&dossier.entity.name))]),
    }
}

struct Writer<'a> {
    t: T,
    dossier: &'a Dossier,
}

impl Writer<'_> {
    fn subject(&self, event: Event) -> String {
        let start = self.dossier.appointment.starts_at;
        let day = self.t.day_of(start);
        let month = self.t.get(&format!("month-{}", day.month()));
        let time = self.t.clock(start);
        let values: [(&str, &dyn crate::web::i18n::Argument); 3] =
            [("day", &day.day()), ("month", &month), ("time", &time)];
        let (of, to) = (self.t.with("notice-of-day", &values), self.t.with("notice-to-day", &values));
        self.t.with(&format!("notice-subject-{}", event.as_str()), &[("of", &of), ("to", &to)])
    }

    fn facts(&self, event: Event) -> Vec<Fact> {
        let appointment = &self.dossier.appointment;
        let mut facts = Vec::with_capacity(8);
        match event {
            Event::PaymentDue => facts.extend(self.due_facts()),
            Event::Paid | Event::PaidWithoutTime | Event::PaidNotDue => {
                facts.extend(
                    self.dossier
                        .due
                        .as_ref()
                        .map(|due| self.fact("notice-paid-amount", &due.amount.to_string())),
                );
            }
            Event::Proposed => facts.extend(self.offer_facts()),
            _ => {}
        }
        if !matches!(event, Event::PaidWithoutTime | Event::PaidNotDue) {
            facts.push(self.fact("notice-when", &self.t.date_time(appointment.starts_at)));
            facts.push(self.fact("notice-where", &place(&self.dossier.site)));
        }
        facts.push(self.fact("notice-code", &appointment.code));
        if event.sets_the_time() || event == Event::Reminder {
            facts.push(self.fact("notice-bring", self.dossier.service.bring.get(self.t.code())));
        }
        if event == Event::Cancelled {
            facts.push(self.fact("notice-reason", &appointment.cancel_reason));
        }
        facts.retain(|fact| !fact.value.is_empty());
        facts
    }

    fn due_facts(&self) -> Vec<Fact> {
        let Some(due) = &self.dossier.due else { return Vec::new() };
        let by = match self.dossier.appointment.expires_at {
            Some(deadline) if due.in_advance => self.t.date_time(deadline),
            _ => self.t.date(due.due_on),
        };
        vec![
            self.fact("notice-amount", &due.amount.to_string()),
            self.fact("notice-pay-by", &by),
            self.fact("notice-number", &grouped(&due.nav)),
        ]
    }

    fn offer_facts(&self) -> Vec<Fact> {
        let Some(offer) = &self.dossier.offer else { return Vec::new() };
        let mut facts = Vec::with_capacity(offer.times.len() + 2);
        for (number, (start, site)) in (1_usize..).zip(&offer.times) {
            let label = self.t.with("notice-option", &[("number", &number)]);
            let value = format!("{}: {}", self.t.in_zone(site.zone).date_time(*start), place(site));
            facts.push(Fact { label, value });
        }
        facts.push(self.fact("notice-choose-by", &self.t.date_time(offer.expires_at)));
        facts.push(self.fact("notice-message", &offer.message));
        facts
    }

    fn paragraphs(&self, event: Event) -> Vec<String> {
        let service = line(self.dossier.service.name.get(self.t.code()));
        let appointment = &self.dossier.appointment;
        let closed = appointment.closed_at.map_or_else(String::new, |at| self.t.date_time(at));
        let values: [(&str, &dyn crate::web::i18n::Argument); 3] =
            [("service", &service), ("code", &appointment.code), ("closed", &closed)];
        let mut paragraphs = vec![self.t.with(&format!("notice-text-{}", event.as_str()), &values)];
        let more = match event {
            Event::PaymentDue if self.dossier.due.as_ref().is_some_and(|due| due.in_advance) => {
                Some("notice-more-in-advance")
            }
            Event::Cancelled | Event::Expired => Some("notice-more-book-again"),
            _ if event.sets_the_time() || event == Event::Reminder => Some("notice-more-change"),
            _ => None,
        };
        paragraphs.extend(more.map(|key| self.t.get(key)));
        paragraphs
    }

    fn action(&self, event: Event) -> Option<Action> {
        let addresses = &self.dossier.addresses;
        let (key, url) = match event {
            Event::Cancelled | Event::Expired => ("notice-action-book", &addresses.entity),
            Event::Proposed => ("notice-action-choose", addresses.proposal.as_ref()?),
            Event::PaidWithoutTime => ("notice-action-choose", &addresses.appointment),
            Event::PaymentDue => ("notice-action-pay", &addresses.appointment),
            _ => ("notice-action-manage", &addresses.appointment),
        };
        Some(Action { key, url: url.clone() })
    }

    fn fact(&self, key: &str, value: &str) -> Fact {
        Fact { label: self.t.get(key), value: line(value) }
    }
}

/// The instant by which something is due, for channels that show a deadline: the start of the appointment, or the end
/// of the time to pay or to choose.
#[must_use]
pub fn deadline(dossier: &Dossier, event: Event) -> Option<DateTime<Utc>> {
    let Dossier { appointment, site, due, offer, .. } = dossier;
    match event {
        Event::PaymentDue => due.as_ref().map(|due| payment_deadline(due, appointment, site.zone)),
        Event::Proposed => offer.as_ref().map(|offer| offer.expires_at),
        Event::Cancelled | Event::Expired | Event::Paid | Event::PaidWithoutTime | Event::PaidNotDue => None,
        _ => Some(appointment.starts_at),
    }
}

/// The end of the last day, or the deadline of the kept time.
fn payment_deadline(due: &Due, appointment: &Appointment, zone: Tz) -> DateTime<Utc> {
    match appointment.expires_at {
        Some(deadline) if due.in_advance => deadline,
        _ => last_second(due.due_on, zone),
    }
}

/// Name, address, and how to get there.
pub(super) fn place(site: &Site) -> String {
    let parts = [&site.name, &site.address, &site.directions].map(|part| line(part));
    parts.iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// Text written by people, as one line that is not too long.
pub(super) fn line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let joined = words.collect::<Vec<_>>().join(" ");
    match joined.char_indices().nth(PIECE_MAX) {
        Some((end, _)) => format!("{}…", &joined[..end]),
        None => joined,
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::dossier;
    use super::*;

    fn subject(event: Event, start: &str, language: Language) -> String {
        let mut dossier = dossier();
        dossier.appointment.starts_at = start.parse().unwrap();
        compose(&dossier, event, language).subject
    }

    #[test]
    fn titles_are_good_italian() {
        for (start, title) in [
            ("2026-11-12T09:30:00Z", "Il tuo appuntamento del 12 novembre alle 10:30"),
            ("2026-07-08T07:00:00Z", "Il tuo appuntamento dell'8 luglio alle 09:00"),
            ("2026-12-11T10:00:00Z", "Il tuo appuntamento dell'11 dicembre alle 11:00"),
            ("2026-09-01T10:00:00Z", "Il tuo appuntamento del 1º settembre alle 12:00"),
        ] {
            assert_eq!(subject(Event::Confirmed, start, Language::It), title);
        }
        let moved = subject(Event::Moved, "2026-10-08T07:00:00Z", Language::It);
        assert_eq!(moved, "Il tuo appuntamento è stato spostato all'8 ottobre alle 09:00");
        let english = subject(Event::Cancelled, "2026-11-12T09:30:00Z", Language::En);
        assert_eq!(english, "Your appointment on 12 November at 10:30 has been cancelled");
    }

    #[test]
    fn every_event_has_its_texts_in_both_languages() {
        for event in Event::ALL {
            for language in Language::ALL {
                let letter = compose(&dossier(), event, language);
                let facts = letter.facts.iter().flat_map(|fact| [&fact.label, &fact.value]);
                let words = facts.chain(&letter.paragraphs).chain([&letter.subject, &letter.footer]);
                for text in words {
                    assert!(!text.contains("notice-") && !text.contains("{"), "{event:?}: {text}");
                    assert!(!text.contains("month-") && !text.contains("weekday-"), "{event:?}: {text}");
                }
                assert!(!letter.paragraphs.is_empty());
                assert!(letter.action.is_some_and(|action| !action.label(language).starts_with("notice-")));
            }
        }
    }

    #[test]
    fn titles_hold_nothing_personal() {
        for event in Event::ALL {
            let subject = compose(&dossier(), event, Language::It).subject;
            for personal in ["Daniela", "Spinelli", "SPN", "Carta", "7K3M"] {
                assert!(!subject.contains(personal), "{subject}");
            }
        }
    }

    #[test]
    fn when_and_where_come_first() {
        let letter = compose(&dossier(), Event::Confirmed, Language::It);
        let facts: Vec<_> =
            letter.facts.iter().map(|fact| (fact.label.as_str(), fact.value.as_str())).collect();
        assert_eq!(
            facts,
            [
                ("Quando", "giovedì 12 novembre 2026, ore 10:30"),
                ("Dove", "Ufficio anagrafe, Via Roma, 1, secondo piano"),
                ("Codice della prenotazione", "7K3M9QXZ"),
                ("Cosa portare", "Una foto; la carta scaduta"),
            ]
        );
    }

    #[test]
    fn a_payment_says_how_much_and_until_when() {
        let mut dossier = dossier();
        let value = |dossier: &Dossier, label: &str| {
            let letter = compose(dossier, Event::PaymentDue, Language::It);
            letter.facts.into_iter().find(|fact| fact.label == label).unwrap().value
        };
        assert_eq!(value(&dossier, "Devi pagare"), "22,21 €");
        assert_eq!(value(&dossier, "Codice dell'avviso pagoPA"), "3010 1110 0007 3475 57");
        assert_eq!(value(&dossier, "Entro"), "martedì 1 dicembre 2026");
        assert_eq!(deadline(&dossier, Event::PaymentDue), Some("2026-12-01T22:59:59Z".parse().unwrap()));
        // Paid in advance: the time is kept until then, and no longer.
        dossier.due.as_mut().unwrap().in_advance = true;
        dossier.appointment.expires_at = Some("2026-11-02T10:00:00Z".parse().unwrap());
        assert_eq!(value(&dossier, "Entro"), "lunedì 2 novembre 2026, ore 11:00");
        assert_eq!(deadline(&dossier, Event::PaymentDue), dossier.appointment.expires_at);
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let long = "è ".repeat(2000);
        let short = line(&long);
        assert_eq!(short.chars().count(), PIECE_MAX + 1);
        assert!(short.ends_with('…'));
    }
}
