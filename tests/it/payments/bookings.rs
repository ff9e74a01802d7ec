//! What is booked and what is owed for it, through the use cases and the pages.

use chrono::TimeDelta;
use http::StatusCode;
use sportello::agenda::{self, State};
use sportello::payments;

use super::world::{CITIZEN, PRICE, World};
use crate::browser::{Browser, Page};

const STEPS: &str = "/esempio/prenota/cie";
const NINE: &str = "2027-01-12T08:00:00Z";

/// Opens a page and sends its form with these fields too.
async fn send(browser: &mut Browser, page: &str, fields: &[(&str, &str)]) -> Page {
    let shown = browser.get(page).await;
    assert_eq!(shown.status, StatusCode::OK, "{}: {}", page, shown.location());
    resend(browser, &shown, page, fields).await
}

async fn resend(browser: &mut Browser, shown: &Page, page: &str, fields: &[(&str, &str)]) -> Page {
    let mut all = vec![("_token", shown.field("_token"))];
    all.extend_from_slice(fields);
    browser.post(page.split('?').next().unwrap(), &all).await
}

/// Walks through the steps up to the summary, which is answered.
async fn walk_to_the_summary(browser: &mut Browser, start: &str) -> Page {
    let time = format!("{STEPS}/data-e-orario?sede=sede");
    send(browser, &time, &[("sede", "sede"), ("quando", start)]).await;
    send(browser, &format!("{STEPS}/dettagli"), &[("dettagli", "È scaduta")]).await;
    let who =
        [("nome", "Maria"), ("cognome", "Rossi"), ("codice_fiscale", CITIZEN), ("email", "maria@example.it")];
    send(browser, &format!("{STEPS}/richiedente"), &who).await;
    browser.get(&format!("{STEPS}/riepilogo")).await
}

/// The summary stays open past the hold, the sweep comes, and only then is it confirmed: what is owed is owed.
#[tokio::test]
async fn a_hold_that_was_swept_is_not_confirmed_for_nothing() {
    let world = World::new().await;
    world.admit_guests().await;
    world.use_mail().await;
    let mut browser = Browser::new(&world.app);
    let summary = walk_to_the_summary(&mut browser, NINE).await;
    world.db.advance(TimeDelta::minutes(17));
    world.sweep().await;
    let once = summary.field("_once").to_owned();
    let sent = resend(&mut browser, &summary, &format!("{STEPS}/riepilogo"), &[("_once", &once)]).await;
    assert!(sent.location().starts_with("/esempio/appuntamenti/"), "{}", sent.body);
    let page = browser.get(sent.location()).await;
    assert!(page.body.contains("22,21"), "{}", page.body);
    assert_eq!(world.count("select count(*) from appointment where state = 'awaiting_payment'").await, 1);
    assert_eq!(world.count("select sum(amount_cents)::bigint from debt_position").await, PRICE.0);
    assert_eq!(world.count("select count(*) from notice where event = 'payment_due'").await, 1);
    assert_eq!(world.count("select count(*) from audit where action = 'appointment.booked'").await, 1);
}

/// Nor is one whose payment did not come in time.
#[tokio::test]
async fn a_payment_that_did_not_come_in_time_is_asked_for_again() {
    let world = World::new().await;
    let (appointment, position) = world.published(0).await;
    world.db.advance(TimeDelta::hours(2));
    world.sweep().await;
    assert_eq!(world.position(position.id).await.state, payments::State::Cancelled);
    let again = world.confirm(appointment.id).await.unwrap();
    assert_eq!(again.appointment.state, State::AwaitingPayment);
    let owed = again.position.unwrap();
    assert_ne!(owed.id, position.id);
    assert_eq!((owed.amount, owed.state), (PRICE, payments::State::Issued));
    assert_eq!(world.confirm(appointment.id).await.unwrap().position, Some(owed), "a second click");
}
