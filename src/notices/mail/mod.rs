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
    let Some(method) = method(notice.event) else {
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

/// What an event asks of the reader's calendar.
fn method(event: Event) -> Option<Method> {
    match event {
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
