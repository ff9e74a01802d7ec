//! A notice as a message of App IO, and what its refusals mean for us.

use std::time::Duration;

use sportello_app_io::FiscalCode;
use sportello_app_io::client::{Client, Error as CallError, Fault, MessageId, ProfileOutcome, Status};
use sportello_app_io::message::{
    CallToAction, Markdown, Message, MessageError, Payment, Subject, escape_markdown,
};

use super::dossier::Dossier;
use super::letter::{self, Action, Letter};
use super::send::{Outcome, claim};
use super::types::{Event, Notice};
use crate::app::App;
use crate::entity::{AppIoSettings, Kind, store as entities};
use crate::error::{Error, Result};
use crate::ids::EntityId;
use crate::web::i18n::Language;

/// A wait longer than this is left to the queue.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// Writes the message. What to know first stands first, because App IO's e-mail copy shows the first lines alone.
///
/// # Errors
/// [`MessageError`] where App IO would refuse it.
pub fn message(
    recipient: FiscalCode,
    letter: &Letter,
    dossier: &Dossier,
    event: Event,
) -> Result<Message, MessageError> {
    let mut body = String::new();
    for fact in &letter.facts {
        body += &format!("**{}:** {}\n\n", fact.label, escape_markdown(&fact.value));
    }
    for paragraph in &letter.paragraphs {
        body += &format!("{}\n\n", escape_markdown(paragraph));
    }
    let button = letter.action.as_ref().and_then(button);
    if let (Some(action), None) = (&letter.action, &button) {
        // Three hyphens in a row begin App IO's e-mail copy anew, and an address may hold them.
        let url = action.url.replace("--", "-%2D");
        body += &format!("[{}]({url})\n\n", escape_markdown(&action.label(letter.language)));
    }
    let markdown = Markdown::new(body.trim_end(), button.as_slice())?;
    let mut message = Message::new(recipient, Subject::new(&letter.subject)?, markdown);
    if let Some(deadline) = letter::deadline(dossier, event) {
        message = message.due(deadline)?;
    }
    if let (Event::PaymentDue, Some(due)) = (event, &dossier.due) {
        // Paid in advance: after the deadline the time is given back and the notice withdrawn.
        message = message.with_payment(Payment::new(due.amount.0, &due.nav, due.in_advance)?);
    }
    Ok(message)
}

/// A button, with its label in both languages of the app; `None` where the address is not one the app opens (the
/// demonstration has no https).
fn button(action: &Action) -> Option<CallToAction> {
    let url = action.url.parse().ok()?;
    CallToAction::new(&action.label(Language::It), &action.label(Language::En), &url).ok()
}

/// Asks whether the citizen can be written to, and writes. `None` where another worker has taken the notice.
pub(super) async fn deliver(app: &App, notice: &Notice, dossier: &Dossier) -> Result<Option<Outcome>> {
    let entity = dossier.entity.id;
    let client = match client(app, entity, false).await? {
        Ok(client) => client,
        Err(code) => return Ok(Some(failed(code))),
    };
    let Ok(recipient) = FiscalCode::parse(&notice.recipient) else {
        return Ok(Some(failed("fiscal_code_malformed")));
    };
    if let Err(error) = turn(app, entity).await {
        return Ok(Some(Outcome::Later { error }));
    }
    let languages = match client.profile(&recipient).await {
        Ok(ProfileOutcome::Allowed { languages }) => languages,
        Ok(ProfileOutcome::OptedOut) => return Ok(Some(Outcome::OptedOut)),
        Ok(ProfileOutcome::NotOnIo) => return Ok(Some(Outcome::NotOnIo)),
        Err(error) => return Ok(Some(refused(app, entity, error))),
    };
    let language = preferred(&languages, &dossier.appointment.language);
    let letter = letter::compose(dossier, notice.event, language);
    let message = match message(recipient, &letter, dossier, notice.event) {
        Ok(message) => message,
        Err(error) => {
            tracing::error!(notice = %notice.id, %error, "a message cannot be written within App IO's limits");
            return Ok(Some(failed("message_out_of_limits")));
        }
    };
    if let Err(error) = turn(app, entity).await {
        return Ok(Some(Outcome::Later { error }));
    }
    if !claim(app, entity, notice).await? {
        return Ok(None);
    }
    Ok(Some(match client.send(&message).await {
        Ok(id) => Outcome::Sent { remote_id: id.as_str().to_owned() },
        Err(error) => refused(app, entity, error),
    }))
}

/// Asks what became of a message that was accepted; `None` where App IO does not say.
pub(super) async fn fate(app: &App, entity: EntityId, notice: &Notice) -> Result<Option<Status>> {
    let Ok(client) = client(app, entity, false).await? else { return Ok(None) };
    let (Ok(recipient), Some(id)) = (FiscalCode::parse(&notice.recipient), &notice.remote_id) else {
        return Ok(None);
    };
    turn(app, entity).await?;
    match client.status(&recipient, &MessageId::new(id.clone())).await {
        Ok(status) => Ok(Some(status)),
        Err(CallError::RateLimited { retry_after }) => {
            app.senders.pause_app_io(entity, retry_after);
            Err(peer("rate_limited", None))
        }
        Err(error) => {
            tracing::warn!(notice = %notice.id, %error, "App IO does not say what became of a message");
            Ok(None)
        }
    }
}

/// The entity's client, or what is missing to have one. `even_unused`: to try settings that are not in use yet.
pub(super) async fn client(
    app: &App,
    entity: EntityId,
    even_unused: bool,
) -> Result<Result<Client, &'static str>> {
    let mut tx = app.db.begin(entity).await?;
    let integration = entities::integration(&mut tx, entity, Kind::AppIo).await?;
    let key = entities::secret(&mut tx, &app.keys, entity, "app_io.key").await?;
    tx.commit().await?;
    let Some(integration) = integration else { return Ok(Err("not_configured")) };
    if !integration.enabled && !even_unused {
        return Ok(Err("not_in_use"));
    }
    let settings: AppIoSettings = serde_json::from_value(integration.settings)?;
    let Some(key) = key else { return Ok(Err("key_missing")) };
    let Ok(base_url) = settings.base_url.parse() else { return Ok(Err("address_malformed")) };
    Ok(Client::new(base_url, key, app.http.clone()).map_err(|_| "settings_malformed"))
}

/// Waits for a place in the entity's quota; a long wait is left to the queue.
async fn turn(app: &App, entity: EntityId) -> Result<()> {
    let wait = app.senders.reserve_app_io(entity);
    if wait > WAIT_MAX {
        return Err(peer("rate_limited", None));
    }
    tokio::time::sleep(wait).await;
    Ok(())
}

fn refused(app: &App, entity: EntityId, error: CallError) -> Outcome {
    if let CallError::RateLimited { retry_after } = error {
        app.senders.pause_app_io(entity, retry_after);
    }
    outcome(error)
}

/// What to do after a call that did not do what it was made for.
fn outcome(error: CallError) -> Outcome {
    match error {
        CallError::Permanent { reason, .. } => failed(reason.code()),
        // Nothing was sent, and an administrator will correct it: the message goes then.
        CallError::Configuration { reason, .. } => later(reason.code(), error),
        CallError::RateLimited { .. } => later("rate_limited", error),
        CallError::Temporary(_) => later("unavailable", error),
        CallError::Unknown(fault) => Outcome::Unknown { code: fault_code(&fault).to_owned() },
    }
}

fn fault_code(fault: &Fault) -> &'static str {
    match fault {
        Fault::NotConnected(_) => "not_connected",
        Fault::Interrupted(_) => "interrupted",
        Fault::Status(_) => "gateway_failure",
        Fault::UnreadableAnswer => "unreadable_answer",
    }
}

fn failed(code: &str) -> Outcome {
    Outcome::Failed { code: code.to_owned() }
}

fn later(code: &'static str, source: CallError) -> Outcome {
    Outcome::Later { error: peer(code, Some(source)) }
}

fn peer(code: &'static str, source: Option<CallError>) -> Error {
    let source = source.map(|error| Box::new(error) as Box<dyn std::error::Error + Send + Sync>);
    Error::Peer { peer: "app_io", code, source }
}

/// The citizen's first language in the app that we write, else the one the appointment was booked in.
fn preferred(languages: &[String], booked_in: &str) -> Language {
    let in_app = languages.iter().filter_map(|tag| tag.get(..2)).find_map(Language::from_code);
    in_app.or_else(|| Language::from_code(booked_in)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::super::samples;
    use super::*;

    #[test]
    fn the_app_s_language_comes_before_the_booking_s() {
        let tags = |tags: &[&str]| tags.iter().map(|&tag| tag.to_owned()).collect::<Vec<_>>();
        assert_eq!(preferred(&tags(&["de_DE", "en_GB", "it_IT"]), "it"), Language::En);
        assert_eq!(preferred(&tags(&["de_DE", "x"]), "en"), Language::En);
        assert_eq!(preferred(&[], "de"), Language::It);
    }

    fn sent(dossier: &Dossier, event: Event, language: Language) -> Value {
        let letter = letter::compose(dossier, event, language);
        let recipient = FiscalCode::parse(samples::FISCAL_CODE).unwrap();
        serde_json::to_value(message(recipient, &letter, dossier, event).unwrap()).unwrap()
    }

    fn text<'a>(sent: &'a Value, field: &str) -> &'a str {
        sent["content"][field].as_str().unwrap()
    }

    #[test]
    fn an_appointment_reads_well() {
        let sent = sent(&samples::dossier(), Event::Confirmed, Language::It);
        assert_eq!(text(&sent, "due_date"), "2026-11-12T09:30:00Z");
        let markdown = text(&sent, "markdown");
        let (matter, body) = markdown.strip_prefix("---\n").unwrap().split_once("---\n\n").unwrap();
        assert!(matter.contains("it:\n  cta_1:\n    text: \"Gestisci appuntamento\""), "{matter}");
        assert!(matter.contains("en:\n  cta_1:\n    text: \"Manage appointment\""), "{matter}");
        assert!(matter.contains("iohandledlink://https://sportello.example.it/prova/appuntamenti/7K3M9QXZ"));
        assert!(
            body.starts_with("**Quando:** giovedì 12 novembre 2026, ore 10:30\n\n**Dove:** Ufficio"),
            "{body}"
        );
        assert!(body.contains("per il servizio «Carta d'identità»."), "{body}");
    }

    #[test]
    fn without_https_the_link_stands_in_the_text() {
        let mut dossier = samples::dossier();
        dossier.addresses.appointment =
            "http://127.0.0.1:8080/prova/appuntamenti/7K3M9QXZ?chiave=a---b".to_owned();
        let sent = sent(&dossier, Event::Reminder, Language::En);
        let markdown = text(&sent, "markdown");
        assert!(!markdown.contains("---"), "{markdown}");
        let link = "[Manage appointment](http://127.0.0.1:8080/prova/appuntamenti/7K3M9QXZ?chiave=a-%2D-b)";
        assert!(markdown.ends_with(link), "{markdown}");
    }

    #[test]
    fn a_notice_can_be_paid_in_the_app() {
        let sent = sent(&samples::dossier(), Event::PaymentDue, Language::It);
        let payment = &sent["content"]["payment_data"];
        assert_eq!(payment["amount"], 2221);
        assert_eq!(payment["notice_number"], "301011100007347557");
        assert_eq!(payment["invalid_after_due_date"], false);
        assert_eq!(text(&sent, "due_date"), "2026-12-01T22:59:59Z");
    }

    #[test]
    fn what_keeps_a_time_cannot_be_paid_after_its_deadline() {
        let mut dossier = samples::dossier();
        dossier.due.as_mut().unwrap().in_advance = true;
        dossier.appointment.expires_at = Some("2026-11-02T10:00:00Z".parse().unwrap());
        let sent = sent(&dossier, Event::PaymentDue, Language::It);
        assert_eq!(sent["content"]["payment_data"]["invalid_after_due_date"], true);
        assert_eq!(text(&sent, "due_date"), "2026-11-02T10:00:00Z");
    }

    proptest! {
        #[test]
        fn whatever_people_write_the_message_is_within_the_limits(
            words in any::<String>(),
            long in "[*_\\-#\\[ è]{0,3000}",
            name in "[\\PC]{0,40}",
            day in 0_i64..400,
            english in any::<bool>(),
            https in any::<bool>(),
        ) {
            let mut dossier = samples::dossier();
            dossier.service.name = crate::text::Text::italian(&words);
            dossier.service.bring = crate::text::Text::italian(&long);
            dossier.site.name.clone_from(&long);
            dossier.site.address.clone_from(&long);
            dossier.site.directions.clone_from(&words);
            dossier.appointment.cancel_reason.clone_from(&long);
            dossier.appointment.holder.given_name.clone_from(&name);
            dossier.appointment.starts_at += chrono::TimeDelta::days(day);
            let offer = dossier.offer.as_mut().unwrap();
            offer.message.clone_from(&long);
            offer.times = vec![(dossier.appointment.starts_at, dossier.site.clone()); 3];
            if !https {
                dossier.addresses.appointment = dossier.addresses.appointment.replace("https", "http");
            }
            for event in Event::ALL {
                let sent = sent(&dossier, event, if english { Language::En } else { Language::It });
                let fences = text(&sent, "markdown").lines().filter(|line| line.starts_with("---")).count();
                prop_assert!(fences == 0 || fences == 2);
            }
        }
    }

    #[test]
    fn only_what_did_nothing_is_tried_again() {
        assert!(matches!(outcome(CallError::Temporary(Fault::Status(500))), Outcome::Later { .. }));
        let limited = CallError::RateLimited { retry_after: Duration::from_secs(3) };
        assert!(matches!(outcome(limited), Outcome::Later { .. }));
        assert!(matches!(outcome(CallError::Unknown(Fault::Status(504))), Outcome::Unknown { .. }));
        assert!(matches!(outcome(CallError::Unknown(Fault::UnreadableAnswer)), Outcome::Unknown { .. }));
    }
}
