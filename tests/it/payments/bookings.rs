//! What is booked and what is owed for it, through the use cases and the pages.

use chrono::{DateTime, TimeDelta, Utc};
use http::StatusCode;
use sportello::agenda::{Appointment, Audience, State, booking};
use sportello::audit::Actor;
use sportello::desk::{self, NewProposal};
use sportello::identity::{Role, RoleGrant};
use sportello::money::Cents;
use sportello::notices::links;
use sportello::payments;
use sportello::payments::definition::NewTariff;

use super::world::{CITIZEN, PRICE, World};
use crate::browser::{Browser, Page};
use crate::office::refusal;

const STEPS: &str = "/esempio/prenota/cie";
const NINE: &str = "2027-01-12T08:00:00Z";
const WEDNESDAY: &str = "2027-01-13T08:00:00Z";
const THURSDAY: &str = "2027-01-14T08:00:00Z";
const SATURDAY: &str = "2027-01-16T08:00:00Z";
const SUNDAY: &str = "2027-01-17T08:00:00Z";
const HIGHER: Cents = Cents(5000);

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
    assert_eq!(world.count("select count(*) from job where kind = 'publish_position'").await, 1);
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

fn page_of(world: &World, appointment: &Appointment) -> String {
    let url = links::appointment_url(&world.app, &world.entity, appointment);
    url.strip_prefix(world.app.config.server.base_url.as_str()).unwrap().to_owned()
}

/// What must be true once a time was given for what had been paid too late.
async fn has_another_time(world: &World, appointment: &Appointment, start: &str) {
    let now = world.appointment_now(appointment.id).await;
    assert_eq!((now.state, now.starts_at, now.sequence), (State::Confirmed, at(start), 1));
    assert_eq!(now.expires_at, None);
    assert_eq!(world.owed(appointment.id).await.state, payments::State::Paid);
    assert_eq!(world.count("select count(*) from debt_position").await, 1, "nothing is paid again");
    assert_eq!(world.count("select count(*) from task where state = 'open'").await, 0);
    assert_eq!(world.count("select count(*) from notice where event = 'confirmed'").await, 1);
    assert_eq!(world.count("select count(*) from audit where action = 'appointment.moved'").await, 1);
}

fn at(start: &str) -> DateTime<Utc> {
    start.parse().unwrap()
}

#[tokio::test]
async fn who_paid_too_late_chooses_another_time_and_pays_nothing_more() {
    let world = World::new().await;
    world.use_mail().await;
    let (appointment, _) = world.paid_too_late(0).await;
    assert_eq!(appointment.state, State::Expired);
    let page = page_of(&world, &appointment);
    let mut browser = Browser::new(&world.app);
    let shown = browser.get(&page).await;
    assert!(shown.body.contains("non devi pagare di nuovo"), "{}", shown.body);
    assert!(!shown.body.contains("Prenota di nuovo") && !shown.body.contains("non è arrivato in tempo"));
    let chooser = page.replace('?', "/sposta?");
    assert!(shown.body.contains(&chooser.replace('&', "&#38;")), "{}", shown.body);
    let taken = appointment.starts_at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    for (start, status) in [(taken.as_str(), StatusCode::CONFLICT), (WEDNESDAY, StatusCode::SEE_OTHER)] {
        let form = browser.get(&chooser).await;
        assert_eq!(form.status, StatusCode::OK, "{}", form.body);
        let fields = [("_token", form.field("_token")), ("sede", "sede"), ("quando", start)];
        assert_eq!(browser.post(&chooser, &fields).await.status, status);
    }
    has_another_time(&world, &appointment, WEDNESDAY).await;
    assert!(browser.get(&page).await.body.contains("Appuntamento confermato"));
}

#[tokio::test]
async fn an_operator_gives_another_time_to_who_paid_too_late_or_after_cancelling() {
    for is_cancelled in [false, true] {
        let world = World::new().await;
        world.use_mail().await;
        let appointment = if is_cancelled {
            let (appointment, position) = world.published(0).await;
            let mut tx = world.app.db.begin(world.entity.id).await.unwrap();
            booking::cancel(&mut tx, &world.entity, appointment.id, "", &Actor::System, world.now())
                .await
                .unwrap();
            tx.commit().await.unwrap();
            world.pay(&position).await.unwrap();
            world.appointment_now(appointment.id).await
        } else {
            world.paid_too_late(0).await.0
        };
        let role = RoleGrant { role: Role::Operator, site: None };
        let mut operator = Browser::of_staff(&world.app, &world.entity, role).await;
        let url = format!("/esempio/sportello/sede/appuntamenti/{}", appointment.code);
        for page in ["/esempio/sportello/sede/da-sistemare", &url] {
            assert!(operator.get(page).await.body.contains(&format!("{url}/sposta")), "{page}");
        }
        let form = operator.get(&format!("{url}/sposta")).await;
        let when = format!("sede@{WEDNESDAY}");
        let fields = [("_token", form.field("_token")), ("quando", &when)];
        let moved = operator.post(&format!("{url}/sposta"), &fields).await;
        assert_eq!(moved.status, StatusCode::SEE_OTHER, "{}", moved.body);
        if is_cancelled {
            let now = world.appointment_now(appointment.id).await;
            assert_eq!((now.state, now.starts_at, now.sequence), (State::Confirmed, at(WEDNESDAY), 2));
            assert_eq!(world.count("select count(*) from task where state = 'open'").await, 0);
        } else {
            has_another_time(&world, &appointment, WEDNESDAY).await;
        }
    }
}

/// The browser that booked it does not sell the same appointment twice.
#[tokio::test]
async fn who_paid_too_late_is_not_led_into_paying_again() {
    let world = World::without_tariff().await;
    world.define(&NewTariff { hold_minutes: 15, ..world.tariff() }).await.unwrap();
    world.admit_guests().await;
    let mut browser = Browser::new(&world.app);
    let summary = walk_to_the_summary(&mut browser, NINE).await;
    let once = [("_once", summary.field("_once"))];
    let booked = resend(&mut browser, &summary, &format!("{STEPS}/riepilogo"), &once).await;
    let code = booked.location().split(['/', '?']).nth(3).unwrap().to_owned();
    let mut tx = world.app.db.begin(world.entity.id).await.unwrap();
    let id = sportello::agenda::store::appointment_by_code(&mut tx, world.entity.id, &code).await.unwrap().id;
    drop(tx);
    let position = world.owed(id).await;
    payments::publish(&world.app, world.entity.id, position.id).await.unwrap();
    world.db.advance(TimeDelta::minutes(16));
    world.sweep().await;
    world.give_away(&world.appointment_now(id).await).await;
    world.pay(&position).await.unwrap();
    for step in ["luogo", "data-e-orario?sede=sede", "dettagli", "richiedente", "riepilogo"] {
        let led = browser.get(&format!("{STEPS}/{step}")).await;
        assert_eq!(led.location(), format!("/esempio/appuntamenti/{code}"), "{step}");
    }
    assert_eq!(browser.get(&format!("/esempio/appuntamenti/{code}")).await.status, StatusCode::OK);
    let fields = [("_token", summary.field("_token")), ("_once", "another summary")];
    assert_eq!(
        browser.post(&format!("{STEPS}/riepilogo"), &fields).await.location(),
        format!("/esempio/appuntamenti/{code}")
    );
    assert_eq!(refusal(world.confirm(id).await), "paid_already");
    assert_eq!(world.count("select count(*) from debt_position").await, 1);
}

/// Priced, free and dearer days: what is owed and until when the time is kept follow the day.
#[tokio::test]
async fn what_is_not_paid_follows_the_day_it_is_moved_to() {
    let world = World::without_tariff().await;
    world.define(&world.tariff_by_day("2027-01-11", PRICE, HIGHER)).await.unwrap();
    let (appointment, first) = world.published(0).await;
    let id = appointment.id;
    world.db.advance(TimeDelta::minutes(50));

    let same = world.move_to(id, THURSDAY, Audience::Citizen).await.unwrap();
    assert_eq!(
        (same.state, same.expires_at),
        (State::AwaitingPayment, appointment.expires_at),
        "as it was told"
    );
    assert_eq!(world.owed(id).await.id, first.id);

    let dearer = world.move_to(id, SATURDAY, Audience::Citizen).await.unwrap();
    let owed = world.owed(id).await;
    assert_eq!((owed.amount, owed.state), (HIGHER, payments::State::Issued));
    assert_eq!(world.position(first.id).await.state, payments::State::Cancelled);
    let deadline = dearer.expires_at.unwrap();
    assert!(
        (deadline - world.now() - TimeDelta::hours(1)).abs() < TimeDelta::minutes(1),
        "a new hour to pay it"
    );

    let free = world.move_to(id, SUNDAY, Audience::Citizen).await.unwrap();
    assert_eq!((free.state, free.expires_at), (State::Confirmed, None));
    assert_eq!(world.owed(id).await.state, payments::State::Cancelled);
    world.db.advance(TimeDelta::hours(3));
    world.sweep().await;
    assert_eq!(world.appointment_now(id).await.state, State::Confirmed, "nothing is waited for");

    let priced = world.move_to(id, WEDNESDAY, Audience::Citizen).await.unwrap();
    let owed = world.owed(id).await;
    assert_eq!((priced.state, owed.amount), (State::AwaitingPayment, PRICE));
    world.sweep().await;
    payments::publish(&world.app, world.entity.id, owed.id).await.unwrap();
    world.pay(&world.position(owed.id).await).await.unwrap();
    assert_eq!(world.appointment_now(id).await.state, State::Confirmed);

    // To a time that begins before the hour is over: it is kept until then, not longer.
    let (near, _) = world.published(8).await;
    let soon = world.now() + TimeDelta::minutes(30);
    let soon = DateTime::from_timestamp(soon.timestamp() / 900 * 900, 0).unwrap();
    let moved = world.move_to(near.id, &soon.to_rfc3339(), Audience::Operator).await.unwrap();
    assert_eq!((moved.starts_at, moved.expires_at), (soon, Some(soon)));
}

async fn offer(world: &World, appointment: &Appointment, start: &str) -> sportello::Result<()> {
    let new = NewProposal {
        appointment: appointment.id,
        options: vec![(world.site, at(start))],
        message: String::new(),
        staff: None,
        expires_at: world.now() + TimeDelta::hours(12),
    };
    let mut tx = world.app.db.begin(world.entity.id).await?;
    booking::propose(&mut tx, &world.entity, &new, &Actor::System, world.now()).await?;
    tx.commit().await?;
    Ok(())
}

#[tokio::test]
async fn what_is_paid_moves_within_its_price_whatever_the_tariff_is_today() {
    let world = World::without_tariff().await;
    world.define(&world.tariff_by_day("2027-01-11", PRICE, HIGHER)).await.unwrap();
    let (appointment, position) = world.published(96).await; // Wednesday
    let id = appointment.id;
    world.pay(&position).await.unwrap();
    world.db.advance(TimeDelta::days(1));
    world.define(&world.tariff_by_day("2027-01-12", Cents(3000), Cents(6000))).await.unwrap();

    let moved = world.move_to(id, THURSDAY, Audience::Citizen).await.unwrap();
    assert_eq!((moved.state, moved.starts_at), (State::Confirmed, at(THURSDAY)));
    let refused = world.move_to(id, SATURDAY, Audience::Citizen).await;
    assert_eq!(refusal(refused), "paid_at_another_price");
    assert_eq!(refusal(offer(&world, &moved, SATURDAY).await), "offer_at_another_price");
    offer(&world, &moved, WEDNESDAY).await.unwrap();

    // Whoever can speak with the citizen may: the difference is not forgotten.
    let open = "select count(*) from task where kind = 'paid_at_another_price' and state = 'open'";
    let moved = world.move_to(id, SATURDAY, Audience::Operator).await.unwrap();
    assert_eq!((moved.state, moved.starts_at), (State::Confirmed, at(SATURDAY)));
    assert_eq!(world.count(open).await, 1);
    assert_eq!(world.count("select count(*) from audit where action = 'appointment.price_differs'").await, 1);
    world.move_to(id, THURSDAY, Audience::Citizen).await.unwrap();
    assert_eq!(world.count(open).await, 0, "it costs what was paid again");
    assert_eq!(world.count("select count(*) from debt_position").await, 1);
}

/// The checkout of the first notice was still open in another window.
#[tokio::test]
async fn a_notice_that_was_replaced_does_not_confirm() {
    for (day, state) in [(SATURDAY, State::AwaitingPayment), (SUNDAY, State::Confirmed)] {
        let world = World::without_tariff().await;
        world.use_mail().await;
        world.define(&world.tariff_by_day("2027-01-11", PRICE, HIGHER)).await.unwrap();
        let (appointment, replaced) = world.published(0).await;
        let id = appointment.id;
        let moved = world.move_to(id, day, Audience::Citizen).await.unwrap();
        world.pay(&replaced).await.unwrap();
        assert_eq!(world.position(replaced.id).await.state, payments::State::Paid, "the money is kept");
        assert_eq!(world.appointment_now(id).await, moved);
        assert_eq!(moved.state, state);
        assert_eq!(world.count("select count(*) from task where kind = 'paid_not_due'").await, 1);
        assert_eq!(world.count("select count(*) from notice where event = 'paid_not_due'").await, 1);
        if state == State::Confirmed {
            continue;
        }
        let due = "select count(*) from notice where event = 'payment_due' and state = 'pending'";
        assert_eq!(world.count(due).await, 1, "what is owed is still told");
        let owed = world.owed(id).await;
        payments::publish(&world.app, world.entity.id, owed.id).await.unwrap();
        world.pay(&world.position(owed.id).await).await.unwrap();
        assert_eq!(world.appointment_now(id).await.state, State::Confirmed);
    }
}

#[tokio::test]
async fn an_offer_that_comes_to_nothing_is_told_and_on_record() {
    let world = World::new().await;
    world.use_mail().await;
    let (appointment, position) = world.published(0).await;
    world.pay(&position).await.unwrap();
    offer(&world, &appointment, WEDNESDAY).await.unwrap();
    let mut tx = world.app.db.begin(world.entity.id).await.unwrap();
    let open = desk::open_proposal(&mut tx, world.entity.id, appointment.id).await.unwrap().unwrap();
    booking::withdraw_proposal(&mut tx, &world.entity, open.id, &Actor::System, world.now()).await.unwrap();
    tx.commit().await.unwrap();
    offer(&world, &appointment, THURSDAY).await.unwrap();
    world.db.advance(TimeDelta::hours(13));
    world.sweep().await;
    world.sweep().await;
    for (event, action) in [
        ("proposal_withdrawn", "appointment.proposal_withdrawn"),
        ("proposal_expired", "appointment.proposal_expired"),
    ] {
        let told = format!("select count(*) from notice where event = '{event}'");
        assert_eq!(world.count(&told).await, 1, "{event}");
        let of_it = format!(
            "select count(*) from audit where action = '{action}' and object_id = '{}'",
            appointment.id
        );
        assert_eq!(world.count(&of_it).await, 1, "{action}");
    }
}
