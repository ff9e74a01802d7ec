//! What people are told: once, over every channel that is theirs, and nothing that is no longer true.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test itself does")]

mod reminders;
mod trouble;
pub mod world;

use chrono::TimeDelta;
use sportello::agenda::{State, booking, store as agenda_store};
use sportello::desk::{self, NewProposal};
use sportello::ids::{AppointmentId, SessionId};
use sportello::notices::{self, Channel, Event, NoticeState, links};
use sportello::web::i18n::Language;

use crate::office::at;
use world::{ABSENT, EMAIL, OPTED_OUT, PRESENT, THURSDAY, World, read};

#[tokio::test]
async fn an_appointment_is_told_once_over_each_channel() {
    let world = World::new().await;
    let a = world.book(PRESENT, THURSDAY).await;
    world.announce(&a, Event::Confirmed, "0").await;
    world.work().await;
    world.announce(&a, Event::Confirmed, "0").await;
    world.work().await;
    for notice in world.notices(&a).await {
        assert_eq!(notice.state, NoticeState::Sent, "{notice:?}");
        notices::send(&world.office.db.app, world.office.entity.id, notice.id).await.unwrap();
    }
    let title = "Il tuo appuntamento del 14 gennaio alle 09:00";
    assert_eq!(world.io_subjects(), [title]);
    assert_eq!(world.mail_subjects(), [title]);

    let message = &world.io.messages()[0];
    let sent = world.notice(&a, Event::Confirmed, Channel::AppIo).await;
    assert_eq!(sent.remote_id.as_deref(), Some(message.id.as_str()));
    assert!(message.markdown().starts_with("**Quando:** giovedì 14 gennaio 2027, ore 09:00"));
    let caught = &world.mail.messages()[0];
    assert_eq!(caught.to, [EMAIL]);
    let mail = read(&caught.raw);
    let sent = world.notice(&a, Event::Confirmed, Channel::Email).await;
    assert_eq!(sent.remote_id, mail.message_id().map(|id| format!("<{id}>")));
    assert!(mail.body_text(0).unwrap().contains(&a.code));
}

#[tokio::test]
async fn whoever_is_not_on_app_io_gets_the_mail_alone() {
    let world = World::new().await;
    for (fiscal_code, start, state) in
        [(ABSENT, THURSDAY, NoticeState::NotOnIo), (OPTED_OUT, "2027-01-14T08:20:00Z", NoticeState::OptedOut)]
    {
        let a = world.book(fiscal_code, start).await;
        world.work().await;
        assert_eq!(world.state(&a, Event::Confirmed, Channel::AppIo).await, state);
        assert_eq!(world.state(&a, Event::Confirmed, Channel::Email).await, NoticeState::Sent);
    }
    assert!(world.io_subjects().is_empty());
    assert_eq!(world.mail_subjects().len(), 2);
}

#[tokio::test]
async fn what_was_cancelled_before_it_was_told_is_told_as_cancelled_alone() {
    let world = World::new().await;
    let a = world.book(PRESENT, THURSDAY).await;
    world.cancel(&a).await;
    world.work().await;
    for channel in [Channel::AppIo, Channel::Email] {
        assert_eq!(world.state(&a, Event::Confirmed, channel).await, NoticeState::Obsolete);
    }
    let title = "Il tuo appuntamento del 14 gennaio alle 09:00 è stato annullato";
    assert_eq!(world.io_subjects(), [title]);
    assert_eq!(world.mail_subjects(), [title]);
    let messages = world.mail.messages();
    let mail = read(&messages[0].raw);
    let calendar =
        mail.attachment(0).map(|part| String::from_utf8_lossy(part.contents()).into_owned()).unwrap();
    assert!(calendar.contains("METHOD:CANCEL") && calendar.contains("SEQUENCE:1"), "{calendar}");
    assert!(mail.body_text(0).unwrap().contains("Motivo: Sciopero"));
}

#[tokio::test]
async fn a_moved_appointment_keeps_its_event_in_the_calendar() {
    let world = World::new().await;
    let a = world.book(PRESENT, THURSDAY).await;
    world.work().await;
    world.move_to(&a, "2027-01-15T08:40:00Z").await;
    world.work().await;
    let invitations: Vec<String> = world
        .mail
        .messages()
        .iter()
        .map(|mail| {
            let part = read(&mail.raw);
            part.attachment(0).map(|part| String::from_utf8_lossy(part.contents()).into_owned()).unwrap()
        })
        .collect();
    let uid = format!("UID:{}@127.0.0.1", a.id);
    assert_eq!(invitations.len(), 2);
    assert!(invitations.iter().all(|invitation| invitation.contains(&uid)), "{invitations:?}");
    assert!(invitations[0].contains("SEQUENCE:0") && invitations[0].contains("DTSTART:20270114T080000Z"));
    assert!(invitations[1].contains("SEQUENCE:1") && invitations[1].contains("DTSTART:20270115T084000Z"));
    assert_eq!(world.mail_subjects()[1], "Il tuo appuntamento è stato spostato al 15 gennaio alle 09:40");
}

#[tokio::test]
async fn offered_times_are_told_while_they_can_be_taken() {
    let world = World::new().await;
    let a = world.book(PRESENT, THURSDAY).await;
    world.work().await;
    let propose = async |start: &str| {
        let new = NewProposal {
            appointment: a.id,
            options: vec![(a.site, at(start))],
            message: "Lavori al primo piano".to_owned(),
            staff: None,
            expires_at: at("2027-01-13T08:00:00Z"),
        };
        let (id, now) = (world.office.entity.id, world.office.now());
        let mut tx = world.office.begin().await;
        let proposal = desk::propose(&mut tx, id, &new, now).await.unwrap();
        notices::announce(&mut tx, id, a.id, Event::Proposed, &proposal.id.to_string(), now).await.unwrap();
        tx.commit().await.unwrap();
        proposal
    };
    // The first is withdrawn by the second before anybody was told of it.
    propose("2027-01-15T08:00:00Z").await;
    let second = propose("2027-01-15T08:20:00Z").await;
    world.work().await;
    let messages = world.mail.messages();
    assert_eq!(messages.len(), 2, "the confirmation and one proposal");
    let mail = read(&messages[1].raw);
    let text = mail.body_text(0).unwrap();
    assert!(text.contains("Orario 1: venerdì 15 gennaio 2027, ore 09:20: Municipio, Piazza, 1"), "{text}");
    assert!(text.contains("Messaggio dell'ufficio: Lavori al primo piano"), "{text}");
    let key =
        text.split(&format!("/proposte/{}?chiave=", second.id)).nth(1).unwrap().split_whitespace().next();
    assert!(links::proposal_key_is_ours(&world.office.db.app, second.id, key.unwrap()));
    assert_eq!(world.io_subjects().len(), 2);
}

#[tokio::test]
async fn a_notice_is_told_while_it_can_be_paid() {
    let world = World::new().await;
    let a = world.book(PRESENT, THURSDAY).await;
    world.work().await;
    let position = world.owe(&a, 1, 2221).await;
    world.announce(&a, Event::PaymentDue, &position.to_string()).await;
    world.work().await;
    assert_eq!(world.io_subjects()[1], "Hai un nuovo avviso di pagamento");
    let markdown = world.io.messages()[1].markdown().to_owned();
    assert!(
        markdown.starts_with("**Devi pagare:** 22,21 €\n\n**Entro:** lunedì 1 febbraio 2027"),
        "{markdown}"
    );
    // Another one, paid meanwhile: the receipt comes to the app from pagoPA, so the mail alone thanks.
    let second = world.owe(&a, 2, 25_000).await;
    world.announce(&a, Event::PaymentDue, &second.to_string()).await;
    world.sql(&format!("update debt_position set state = 'paid' where debt_position_id = '{second}'")).await;
    // A third has taken its place since: what was paid is what the receipt is for.
    world.owe(&a, 3, 12_000).await;
    world.announce(&a, Event::Paid, &second.to_string()).await;
    world.work().await;
    assert_eq!(world.io_subjects().len(), 2);
    assert_eq!(world.mail_subjects().len(), 3);
    assert_eq!(world.mail_subjects()[2], "Abbiamo ricevuto il tuo pagamento");
    let messages = world.mail.messages();
    let text = read(&messages[2].raw).body_text(0).unwrap().into_owned();
    assert!(text.contains("Hai pagato: 250,00 €"), "{text}");
}

#[tokio::test]
async fn a_time_that_was_only_held_ends_without_a_word() {
    let world = World::new().await;
    let held = world.office.try_hold(THURSDAY, SessionId::new()).await.unwrap();
    world.office.db.advance(TimeDelta::minutes(20));
    let mut tx = world.office.begin().await;
    booking::sweep(&mut tx, &world.office.entity, world.office.now()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.office.appointment(&held).await.state, State::Expired);
    assert!(world.notices(&held).await.is_empty());
}

#[tokio::test]
async fn links_open_their_own_appointment_alone() {
    let world = World::new().await;
    let (app, entity) = (&world.office.db.app, &world.office.entity);
    let a = world.book(PRESENT, THURSDAY).await;
    let url = links::appointment_url(app, entity, &a);
    let (page, key) = url.split_once("?chiave=").unwrap();
    assert_eq!(page, format!("http://127.0.0.1:8080/borgo/appuntamenti/{}", a.code));
    assert!(links::appointment_key_is_ours(app, a.id, key));
    assert!(!links::appointment_key_is_ours(app, AppointmentId::new(), key));
    assert!(!links::appointment_key_is_ours(app, a.id, &key[1..]));
    assert!(!links::proposal_key_is_ours(app, a.id.0.into(), key), "a key opens one kind of page");

    let mut tx = world.office.begin().await;
    let a = agenda_store::appointment(&mut tx, entity.id, a.id).await.unwrap();
    let (site, service) = (&world.office.site, &world.office.service);
    let file = notices::calendar_file(app, entity, site, service, &a, Language::En);
    assert!(file.contains("METHOD:PUBLISH\r\n") && !file.contains("ATTENDEE"), "{file}");
}
