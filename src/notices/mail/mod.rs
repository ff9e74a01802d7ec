//! A notice as a mail: words, the same words as a page, and the appointment for the reader's calendar.

pub mod smtp;

use askama::Template;
use chrono::{DateTime, Utc};
use lettre::Message;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};

use super::calendar::{self, Method, Occasion, Party};
use super::dossier::Dossier;
use super::letter::{self, Letter, line};
use super::links;
use super::send::{Outcome, claim};
use super::types::{Event, Notice};
use crate::agenda::State;
use crate::app::App;
use crate::entity::MailSettings;
use crate::error::Result;
use crate::web::i18n::Language;
use smtp::Access;

/// Why a mail cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// The holder's address is not one.
    #[error("the recipient's address is malformed")]
    Recipient,
    /// The entity's sender or reply address is not one.
    #[error("the sender's address is malformed")]
    Sender,
    /// The parts could not be put together.
    #[error("the message cannot be put together")]
    Parts,
}

impl MailError {
    /// A stable word for records and pages.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Recipient => "address_malformed",
            Self::Sender => "sender_malformed",
            Self::Parts => "message_malformed",
        }
    }
}

#[derive(Template)]
#[template(path = "notices/mail/letter.html", config = ".askama.toml")]
struct Page<'a> {
    letter: &'a Letter,
    action: Option<(String, &'a str)>,
}

/// Writes the mail. Its Message-ID depends on the notice alone, so that one that was sent twice is recognised.
///
/// # Errors
/// [`MailError`].
pub fn message(
    notice: &Notice,
    dossier: &Dossier,
    settings: &MailSettings,
    host: &str,
    now: DateTime<Utc>,
) -> Result<Message, MailError> {
    let language = Language::from_code(&dossier.appointment.language).unwrap_or_default();
    let letter = letter::compose(dossier, notice.event, language);
    let holder = &dossier.appointment.holder;
    let name = line(&format!("{} {}", holder.given_name, holder.family_name));
    let to: lettre::Address = notice.recipient.parse().map_err(|_| MailError::Recipient)?;
    let from: lettre::Address = settings.from.parse().map_err(|_| MailError::Sender)?;
    let sender = line(&dossier.entity.name);
    let mut builder = Message::builder()
        .message_id(Some(message_id(notice, host)))
        .date(now.into())
        .from(Mailbox::new(Some(sender.clone()), from.clone()))
        .to(Mailbox::new((!name.is_empty()).then(|| name.clone()), to.clone()))
        .subject(line(&letter.subject))
        .raw_header(raw("Auto-Submitted", "auto-generated"))
        .raw_header(raw("Content-Language", language.code()));
    if !settings.reply_to.is_empty() {
        let reply_to = settings.reply_to.parse().map_err(|_| MailError::Sender)?;
        builder = builder.reply_to(Mailbox::new(Some(sender.clone()), reply_to));
    }
    let words = MultiPart::alternative()
        .singlepart(SinglePart::plain(plain(&letter)))
        .singlepart(SinglePart::html(page(&letter)?));
    let Some(method) = method(notice.event, dossier.appointment.state) else {
        return builder.multipart(words).map_err(|_| MailError::Parts);
    };
    let occasion = Occasion {
        entity: &dossier.entity,
        site: &dossier.site,
        service: &dossier.service,
        appointment: &dossier.appointment,
        url: &dossier.addresses.appointment,
        host,
        language,
        now,
    };
    let organizer = Party { name: &sender, address: from.as_ref() };
    let attendee = Party { name: &name, address: to.as_ref() };
    let calendar = calendar::invitation(&occasion, method, organizer, attendee);
    let invitation = SinglePart::builder().content_type(calendar_type(method)?).body(calendar.clone());
    let file_type = ContentType::parse("application/ics").map_err(|_| MailError::Parts)?;
    let file = Attachment::new("appuntamento.ics".to_owned()).body(calendar.into_bytes(), file_type);
    let parts = MultiPart::mixed().multipart(words.singlepart(invitation)).singlepart(file);
    builder.multipart(parts).map_err(|_| MailError::Parts)
}

/// What an event asks of the reader's calendar: nothing while the time waits for its payment, because it may be lost
/// without a word from the reader. It is put there when it is confirmed.
fn method(event: Event, state: State) -> Option<Method> {
    match event {
        _ if state == State::AwaitingPayment => None,
        Event::Confirmed | Event::Moved | Event::ProposalAccepted => Some(Method::Request),
        Event::Cancelled => Some(Method::Cancel),
        _ => None,
    }
}

/// The parameter must repeat the calendar's own METHOD (RFC 6047 §2.4).
fn calendar_type(method: Method) -> Result<ContentType, MailError> {
    let value = format!("text/calendar; charset=utf-8; method={}; component=VEVENT", method.as_str());
    ContentType::parse(&value).map_err(|_| MailError::Parts)
}

fn message_id(notice: &Notice, host: &str) -> String {
    format!("<{}@{host}>", notice.id)
}

fn raw(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// The words alone.
fn plain(letter: &Letter) -> String {
    let mut text = format!("{}\n\n", letter.greeting);
    for fact in &letter.facts {
        text += &format!("{}: {}\n", fact.label, fact.value);
    }
    for paragraph in &letter.paragraphs {
        text += &format!("\n{paragraph}\n");
    }
    if let Some(action) = &letter.action {
        text += &format!("\n{}:\n{}\n", action.label(letter.language), action.url);
    }
    text + &format!("\n{}\n", letter.footer)
}

/// The words as a page.
fn page(letter: &Letter) -> Result<String, MailError> {
    let action = letter.action.as_ref().map(|action| (action.label(letter.language), action.url.as_str()));
    Page { letter, action }.render().map_err(|_| MailError::Parts)
}

/// Hands the mail to the entity's relay. `None` where another worker has taken the notice.
pub(super) async fn deliver(app: &App, notice: &Notice, dossier: &Dossier) -> Result<Option<Outcome>> {
    let failed = |code: &str| Ok(Some(Outcome::Failed { code: code.to_owned() }));
    let entity = dossier.entity.id;
    let access = match Access::of(app, entity, false).await? {
        Ok(access) => access,
        Err(code) => return failed(code),
    };
    let host = links::host(&app.config.server.base_url);
    let message = match message(notice, dossier, &access.settings, &host, app.clock.now()) {
        Ok(message) => message,
        Err(error) => return failed(error.code()),
    };
    let transport = match app.senders.mail(entity, &access) {
        Ok(transport) => transport,
        Err(error) => return failed(error.code()),
    };
    if !claim(app, entity, notice).await? {
        return Ok(None);
    }
    Ok(Some(match smtp::send(&transport, message).await {
        Ok(()) => Outcome::Sent { remote_id: message_id(notice, &host) },
        Err(refusal) => refusal.into(),
    }))
}

#[cfg(test)]
mod tests {
    use mail_parser::{MessageParser, MimeHeaders as _, PartType};
    use proptest::prelude::*;

    use super::super::samples;
    use super::super::types::Channel;
    use super::*;
    use crate::entity::MailTls;

    fn settings() -> MailSettings {
        MailSettings {
            host: "localhost".to_owned(),
            port: 25,
            tls: MailTls::None,
            username: String::new(),
            from: "prenotazioni@comune.example.it".to_owned(),
            reply_to: "anagrafe@comune.example.it".to_owned(),
        }
    }

    fn written(dossier: &Dossier, event: Event) -> Vec<u8> {
        let notice = samples::notice(dossier, event, Channel::Email);
        let now = "2026-11-01T08:00:00Z".parse().unwrap();
        message(&notice, dossier, &settings(), "sportello.example.it", now).unwrap().formatted()
    }

    fn kinds(message: &mail_parser::Message<'_>) -> Vec<String> {
        let kinds = message.parts.iter().map(|part| {
            let kind = part.content_type().unwrap();
            format!("{}/{}", kind.ctype(), kind.subtype().unwrap())
        });
        kinds.collect()
    }

    #[test]
    fn an_invitation_is_there_twice_once_to_read_and_once_to_save() {
        let raw = written(&samples::dossier(), Event::Confirmed);
        let message = MessageParser::default().parse(&raw).unwrap();
        let expected = [
            "multipart/mixed",
            "multipart/alternative",
            "text/plain",
            "text/html",
            "text/calendar",
            "application/ics",
        ];
        assert_eq!(kinds(&message), expected);
        let calendar = message.parts[4].content_type().unwrap();
        assert_eq!(calendar.attribute("method"), Some("REQUEST"));
        let PartType::Text(inline) = &message.parts[4].body else { panic!("a text") };
        assert!(inline.contains("METHOD:REQUEST"), "{inline}");
        assert_eq!(message.parts[5].attachment_name(), Some("appuntamento.ics"));
        assert_eq!(message.parts[5].contents(), inline.as_bytes());
        assert_eq!(message.subject(), Some("Il tuo appuntamento del 12 novembre alle 10:30"));
        assert_eq!(message.header_raw("Auto-Submitted").map(str::trim), Some("auto-generated"));
        let to = message.to().unwrap().first().unwrap();
        assert_eq!((to.name(), to.address()), (Some("Daniela Spinelli"), Some("daniela@example.it")));
        let text = message.body_text(0).unwrap();
        assert!(
            text.starts_with("Ciao Daniela,\r\n\r\nQuando: giovedì 12 novembre 2026, ore 10:30"),
            "{text}"
        );
        let html = message.body_html(0).unwrap();
        assert!(html.contains("<html lang=\"it\">") && html.contains("<dt style"), "{html}");
    }

    #[test]
    fn events_without_a_change_of_time_have_no_invitation() {
        for event in Event::ALL {
            let raw = written(&samples::dossier(), event);
            let message = MessageParser::default().parse(&raw).unwrap();
            let method = message.parts.iter().find_map(|part| part.content_type()?.attribute("method"));
            let expected = match event {
                Event::Confirmed | Event::Moved | Event::ProposalAccepted => Some("REQUEST"),
                Event::Cancelled => Some("CANCEL"),
                _ => None,
            };
            assert_eq!(method, expected, "{event:?}");
        }
    }

    #[test]
    fn what_waits_for_its_payment_is_not_put_in_a_calendar() {
        let mut dossier = samples::dossier();
        dossier.appointment.state = State::AwaitingPayment;
        let raw = written(&dossier, Event::Moved);
        let message = MessageParser::default().parse(&raw).unwrap();
        assert_eq!(kinds(&message), ["multipart/alternative", "text/plain", "text/html"]);
    }

    #[test]
    fn a_mail_sent_again_is_recognised() {
        let dossier = samples::dossier();
        let notice = samples::notice(&dossier, Event::Confirmed, Channel::Email);
        let at = |now: &str| {
            let now = now.parse().unwrap();
            let mail = message(&notice, &dossier, &settings(), "h.example.it", now).unwrap().formatted();
            MessageParser::default().parse(&mail).unwrap().message_id().unwrap().to_owned()
        };
        let first = at("2026-11-01T08:00:00Z");
        assert_eq!(first, format!("{}@h.example.it", notice.id));
        assert_eq!(first, at("2026-11-01T09:00:00Z"));
    }

    #[test]
    fn addresses_that_are_not_are_refused() {
        let mut dossier = samples::dossier();
        let now = dossier.appointment.created_at;
        for wrong in ["nobody", "a@b.it\r\nBcc: c@d.it", "<a@b.it>", "a@b.it, c@d.it"] {
            dossier.appointment.holder.email = wrong.to_owned();
            let notice = samples::notice(&dossier, Event::Confirmed, Channel::Email);
            let refused = message(&notice, &dossier, &settings(), "h", now);
            assert_eq!(refused.err(), Some(MailError::Recipient), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn nothing_people_write_becomes_a_header_or_markup(text in any::<String>(), evil in "\\PC{0,9}") {
            let mut dossier = samples::dossier();
            let evil = format!("{evil}\r\nBcc: x@y.it\r\n\r\n<script>{text}");
            dossier.appointment.holder.given_name.clone_from(&evil);
            dossier.appointment.holder.family_name.clone_from(&text);
            dossier.entity.name.clone_from(&evil);
            dossier.service.name = crate::text::Text::italian(&evil);
            let raw = written(&dossier, Event::Confirmed);
            let message = MessageParser::default().parse(&raw).unwrap();
            prop_assert!(message.header("Bcc").is_none());
            prop_assert_eq!(message.parts.len(), 6);
            prop_assert!(!message.body_html(0).unwrap().contains("<script"));
            prop_assert_eq!(message.to().unwrap().iter().count(), 1);
        }
    }
}
