//! The citizens' pages, as a browser without scripts walks through them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use chrono::TimeDelta;
use http::StatusCode;
use sportello::agenda::{self, Appointment, State};
use sportello::identity::store::{self, LoggedIn};
use sportello::identity::{Person, session};
use sportello::notices::links;

use crate::browser::{Browser, Page};
use crate::office::Office;

const BOOKING: &str = "/borgo/prenota/carta-identita";
const NINE: &str = "2027-01-12T08:00:00Z";
const NINE_TWENTY: &str = "2027-01-12T08:20:00Z";
const GUEST: [(&str, &str); 3] =
    [("nome", "Rosalinda Maria"), ("cognome", "Bellucci della Genga"), ("email", "rosa@example.it")];

/// Sends the form of a page with some more fields.
async fn send(browser: &mut Browser, page: &Page, to: &str, fields: &[(&str, &str)]) -> Page {
    let mut all = vec![("_token", page.field("_token"))];
    all.extend_from_slice(fields);
    browser.post(to, &all).await
}

async fn choose(browser: &mut Browser, start: &str) -> Page {
    let page = browser.get(&format!("{BOOKING}/data-e-orario?sede=municipio")).await;
    assert_eq!(page.status, StatusCode::OK);
    send(browser, &page, &format!("{BOOKING}/data-e-orario"), &[("sede", "municipio"), ("quando", start)])
        .await
}

async fn details(browser: &mut Browser) -> Page {
    let page = browser.get(&format!("{BOOKING}/dettagli")).await;
    send(browser, &page, &format!("{BOOKING}/dettagli"), &[("dettagli", "È scaduta")]).await
}

async fn applicant(browser: &mut Browser, fields: &[(&str, &str)]) -> Page {
    let page = browser.get(&format!("{BOOKING}/richiedente")).await;
    send(browser, &page, &format!("{BOOKING}/richiedente"), fields).await
}

async fn confirm(browser: &mut Browser) -> Page {
    let page = browser.get(&format!("{BOOKING}/riepilogo")).await;
    assert_eq!(page.status, StatusCode::OK);
    let once = page.field("_once").to_owned();
    send(browser, &page, &format!("{BOOKING}/riepilogo"), &[("_once", &once)]).await
}

/// Books as a guest; answers the address of the appointment.
async fn book(browser: &mut Browser, start: &str) -> String {
    assert_eq!(choose(browser, start).await.location(), format!("{BOOKING}/dettagli"));
    assert_eq!(details(browser).await.location(), format!("{BOOKING}/richiedente"));
    assert_eq!(applicant(browser, &GUEST).await.location(), format!("{BOOKING}/riepilogo"));
    confirm(browser).await.location().to_owned()
}

async fn appointment(office: &Office, url: &str) -> Appointment {
    let code = url.split(['/', '?']).nth(3).unwrap();
    let mut tx = office.begin().await;
    agenda::store::appointment_by_code(&mut tx, office.entity.id, code).await.unwrap()
}

/// Makes the browser somebody's.
async fn log_in(office: &Office, browser: &mut Browser, fiscal_code: &str) {
    let person = Person {
        fiscal_code: Some(fiscal_code.into()),
        given_name: "Giulia".into(),
        family_name: "Bianchi".into(),
        email: "giulia@example.it".into(),
        phone: String::new(),
    };
    let mut tx = office.begin().await;
    let who = LoggedIn { person: Some(person), staff: None, level: 2 };
    let made = store::create_session(&mut tx, office.entity.id, who, "it", office.now()).await.unwrap();
    tx.commit().await.unwrap();
    browser.cookies().insert(session::cookie_name("borgo", false), made.token);
}

#[tokio::test]
async fn a_guest_books_in_five_steps() {
    let office = Office::new(1, 3).await;
    let mut browser = Browser::new(&office.db.app);
    let list = browser.get("/borgo/").await;
    assert!(list.body.contains("href=\"/borgo/servizi/carta-identita\""), "{}", list.body);
    let sheet = browser.get("/borgo/servizi/carta-identita").await;
    assert!(sheet.body.contains("data-element=\"appointment-booking\""));
    assert!(sheet.body.contains("Il servizio è gratuito"));
    let place = browser.get(&format!("{BOOKING}/luogo")).await;
    let chosen = send(&mut browser, &place, &format!("{BOOKING}/luogo"), &[("sede", "municipio")]).await;
    assert_eq!(chosen.location(), format!("{BOOKING}/data-e-orario?sede=municipio"));
    let times = browser.get(&format!("{}&mese=2027-02", chosen.location())).await;
    assert!(times.body.contains("lunedì 1 febbraio 2027") && !times.body.contains("gennaio 2027</strong>"));
    choose(&mut browser, NINE).await;
    let page = browser.get(&format!("{BOOKING}/dettagli")).await;
    assert!(page.body.contains("Ti teniamo questo orario fino alle 08:15"), "{}", page.body);
    details(&mut browser).await;
    applicant(&mut browser, &GUEST).await;
    let summary = browser.get(&format!("{BOOKING}/riepilogo")).await;
    for text in [
        "martedì 12 gennaio 2027",
        "09:00 - 09:20",
        "È scaduta",
        "Rosalinda Maria",
        "rosa@example.it",
        "hanno valore di dichiarazione",
        "?torna=riepilogo",
    ] {
        assert!(summary.body.contains(text), "{text} is missing in {}", summary.body);
    }
    let url = confirm(&mut browser).await.location().to_owned();
    let shown = browser.get(&url).await;
    assert!(shown.body.contains("Appuntamento confermato"));
    let booked = appointment(&office, &url).await;
    assert_eq!((booked.state, booked.details.as_str()), (State::Confirmed, "È scaduta"));
    let file = browser.get(&url.replace('?', "/calendario.ics?")).await;
    assert!(file.body.starts_with("BEGIN:VCALENDAR"));
}

#[tokio::test]
async fn wrong_fields_come_back_filled_and_named() {
    let office = Office::new(1, 3).await;
    let mut browser = Browser::new(&office.db.app);
    let page = browser.get(&format!("{BOOKING}/data-e-orario?sede=municipio")).await;
    let none = send(&mut browser, &page, &format!("{BOOKING}/data-e-orario"), &[("sede", "municipio")]).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(none.body.contains("<title>Errore:") && none.body.contains("href=\"#quando\""));
    assert!(none.body.contains("id=\"quando\""));
    choose(&mut browser, NINE).await;
    let page = browser.get(&format!("{BOOKING}/dettagli")).await;
    let long = "a".repeat(201);
    let wrong = send(&mut browser, &page, &format!("{BOOKING}/dettagli"), &[("dettagli", &long)]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains(&long) && wrong.body.contains("href=\"#dettagli\""));
    details(&mut browser).await;
    let fields = [("nome", "Ada"), ("email", "ada(at)example"), ("codice_fiscale", "RSSMRA80A01H501X")];
    let wrong = applicant(&mut browser, &fields).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    for text in ["value=\"Ada\"", "value=\"ada(at)example\"", "#cognome", "#email", "#codice_fiscale"] {
        assert!(wrong.body.contains(text), "{text} is missing");
    }
    let early = browser.get(&format!("{BOOKING}/riepilogo")).await;
    assert_eq!(early.location(), format!("{BOOKING}/richiedente"), "a step that is not done comes first");
}

#[tokio::test]
async fn a_time_just_taken_is_said_with_the_nearest_free_ones() {
    let office = Office::new(1, 3).await;
    let (mut first, mut second) = (Browser::new(&office.db.app), Browser::new(&office.db.app));
    choose(&mut first, NINE).await;
    let page = second.get(&format!("{BOOKING}/data-e-orario?sede=municipio")).await;
    assert!(!page.body.contains(NINE), "a held time is not offered");
    let taken = choose(&mut second, NINE).await;
    assert_eq!(taken.status, StatusCode::CONFLICT);
    assert!(taken.body.contains("appena stato occupato") && taken.body.contains("id=\"vicino-0\""));
    assert!(taken.body.contains(NINE_TWENTY));
    assert_eq!(choose(&mut second, NINE_TWENTY).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn two_clicks_confirm_once() {
    let office = Office::new(1, 3).await;
    let mut browser = Browser::new(&office.db.app);
    choose(&mut browser, NINE).await;
    details(&mut browser).await;
    applicant(&mut browser, &GUEST).await;
    let page = browser.get(&format!("{BOOKING}/riepilogo")).await;
    let once = page.field("_once").to_owned();
    let first = send(&mut browser, &page, &format!("{BOOKING}/riepilogo"), &[("_once", &once)]).await;
    let again = send(&mut browser, &page, &format!("{BOOKING}/riepilogo"), &[("_once", &once)]).await;
    assert!(first.location().starts_with("/borgo/appuntamenti/"));
    assert_eq!(first.location(), again.location());
    assert_eq!(office.free_at(NINE_TWENTY).await, 1, "no other time was taken");
}

#[tokio::test]
async fn after_the_deadline_a_time_is_chosen_again_and_nothing_written_is_lost() {
    let office = Office::new(1, 3).await;
    let mut browser = Browser::new(&office.db.app);
    choose(&mut browser, NINE).await;
    details(&mut browser).await;
    applicant(&mut browser, &GUEST).await;
    office.db.advance(TimeDelta::minutes(16));
    let mut tx = office.begin().await;
    agenda::sweep(&mut tx, office.entity.id, office.now()).await.unwrap();
    tx.commit().await.unwrap();
    let expired = browser.get(&format!("{BOOKING}/riepilogo")).await;
    assert_eq!(expired.location(), format!("{BOOKING}/data-e-orario?scaduto=1"));
    let page = browser.get(expired.location()).await;
    assert!(page.body.contains("è scaduto"), "{}", page.body);
    let mut other = Browser::new(&office.db.app);
    assert_eq!(choose(&mut other, NINE).await.status, StatusCode::SEE_OTHER, "it is free for others");
    choose(&mut browser, NINE_TWENTY).await;
    let url = confirm(&mut browser).await.location().to_owned();
    let booked = appointment(&office, &url).await;
    assert_eq!(
        (booked.details.as_str(), booked.holder.given_name.as_str()),
        ("È scaduta", "Rosalinda Maria")
    );
}

#[tokio::test]
async fn an_appointment_is_its_holders_alone() {
    let office = Office::new(1, 3).await;
    let mut guest = Browser::new(&office.db.app);
    let url = book(&mut guest, NINE).await;
    let (without_key, key) = url.split_once("?chiave=").unwrap();
    assert_eq!(guest.get(without_key).await.status, StatusCode::OK, "the browser that booked");
    let mut stranger = Browser::new(&office.db.app);
    assert!(stranger.get(without_key).await.location().starts_with("/borgo/accesso?ritorno="));
    assert!(stranger.get("/borgo/appuntamenti/00000000").await.location().starts_with("/borgo/accesso"));
    let wrong = format!("{without_key}?chiave={}x", &key[..key.len() - 1]);
    assert!(stranger.get(&wrong).await.location().starts_with("/borgo/accesso"));
    assert_eq!(stranger.get(&url).await.status, StatusCode::OK, "the link we sent");
    log_in(&office, &mut stranger, "BNCGLI85A41G478U").await;
    for page in ["", "/sposta", "/disdici", "/calendario.ics"] {
        assert_eq!(
            stranger.get(&format!("{without_key}{page}")).await.status,
            StatusCode::NOT_FOUND,
            "{page}"
        );
    }
    let area = stranger.get("/borgo/area-personale").await;
    assert!(area.body.contains("Non hai appuntamenti in programma"));
}

#[tokio::test]
async fn who_logged_in_is_not_asked_who_they_are() {
    let office = Office::new(1, 3).await;
    let mut browser = Browser::new(&office.db.app);
    log_in(&office, &mut browser, "BNCGLI85A41G478U").await;
    choose(&mut browser, NINE).await;
    details(&mut browser).await;
    let page = browser.get(&format!("{BOOKING}/richiedente")).await;
    assert!(page.body.contains("Giulia Bianchi") && page.body.contains("BNCGLI85A41G478U"));
    assert!(page.body.contains("value=\"giulia@example.it\"") && !page.body.contains("name=\"nome\""));
    let sent = [("nome", "Altra"), ("codice_fiscale", "RSSMRA80A01H501U"), ("email", "g@example.it")];
    applicant(&mut browser, &sent).await;
    let url = confirm(&mut browser).await.location().to_owned();
    assert!(!url.contains("chiave"));
    let booked = appointment(&office, &url).await;
    assert_eq!(booked.holder.fiscal_code.as_deref(), Some("BNCGLI85A41G478U"));
    assert_eq!((booked.holder.given_name.as_str(), booked.holder.email.as_str()), ("Giulia", "g@example.it"));
    let area = browser.get("/borgo/area-personale").await;
    assert!(area.body.contains(&booked.code), "{}", area.body);
}

#[tokio::test]
async fn a_citizen_moves_and_gives_back() {
    let office = Office::new(1, 3).await;
    let mut browser = Browser::new(&office.db.app);
    let url = book(&mut browser, NINE).await;
    let page_of = |page: &str| url.replace('?', &format!("{page}?"));
    let chooser = browser.get(&page_of("/sposta")).await;
    let fields = [("sede", "municipio"), ("quando", NINE_TWENTY)];
    let moved = send(&mut browser, &chooser, &page_of("/sposta"), &fields).await;
    assert!(moved.location().ends_with("&esito=appointment-moved"), "{}", moved.location());
    let now = appointment(&office, &url).await;
    assert_eq!((now.starts_at, now.sequence), (NINE_TWENTY.parse().unwrap(), 1));
    let ask = browser.get(&page_of("/disdici")).await;
    let cancelled = send(&mut browser, &ask, &page_of("/disdici"), &[("motivo", "Non serve più")]).await;
    let shown = browser.get(cancelled.location()).await;
    assert!(shown.body.contains("Appuntamento annullato") && shown.body.contains("Non serve più"));
    let again = send(&mut browser, &ask, &page_of("/disdici"), &[("motivo", "altro")]).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "cancelling again changes nothing");
    let now = appointment(&office, &url).await;
    assert_eq!((now.state, now.cancel_reason.as_str()), (State::Cancelled, "Non serve più"));
}

#[tokio::test]
async fn a_move_sent_twice_is_one_even_where_the_new_time_is_too_near_to_change() {
    let office = Office::new(1, 3).await;
    let mut browser = Browser::new(&office.db.app);
    let url = book(&mut browser, NINE).await;
    let action = url.replace('?', "/sposta?");
    let chooser = browser.get(&action).await;
    // Within the hour before which the service lets change.
    let fields = [("sede", "municipio"), ("quando", "2027-01-11T08:00:00Z")];
    office.db.advance(TimeDelta::minutes(20));
    let first = send(&mut browser, &chooser, &action, &fields).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.body);
    let second = send(&mut browser, &chooser, &action, &fields).await;
    assert_eq!((second.status, second.location()), (StatusCode::SEE_OTHER, first.location()));
    assert_eq!(appointment(&office, &url).await.sequence, 1);
}

#[tokio::test]
async fn a_page_that_is_drawn_again_needs_one_connection_alone() {
    let office = Office::new(1, 3).await;
    let mut browser = Browser::new(&office.db.app);
    let page = browser.get(&format!("{BOOKING}/data-e-orario?sede=municipio")).await;
    let mut others = Vec::new();
    for _ in 1..office.db.app.db.pool().options().get_max_connections() {
        others.push(office.begin().await);
    }
    for (step, fields) in [("luogo", vec![]), ("data-e-orario", vec![("sede", "municipio")])] {
        let to = format!("{BOOKING}/{step}");
        let again = send(&mut browser, &page, &to, &fields);
        let again = tokio::time::timeout(std::time::Duration::from_secs(5), again).await;
        assert_eq!(again.unwrap().status, StatusCode::UNPROCESSABLE_ENTITY, "{step}");
    }
}

#[tokio::test]
async fn it_can_be_too_late_to_change() {
    let office = Office::new(1, 3).await;
    let mut browser = Browser::new(&office.db.app);
    let url = book(&mut browser, "2027-01-11T08:20:00Z").await;
    office.db.advance(TimeDelta::minutes(30));
    let url = links::appointment_url(&office.db.app, &office.entity, &appointment(&office, &url).await);
    let path = url.strip_prefix(office.db.app.config.server.base_url.as_str()).unwrap();
    let shown = browser.get(path).await;
    assert!(shown.body.contains("troppo tardi") && !shown.body.contains("/disdici"));
    assert_eq!(browser.get(&path.replace('?', "/disdici?")).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn the_pages_that_inform_are_there_in_both_languages() {
    let office = Office::new(1, 1).await;
    let mut browser = Browser::new(&office.db.app);
    for page in ["privacy", "note-legali", "accessibilita", "domande-frequenti"] {
        for language in ["it", "en"] {
            let page = browser.get(&format!("/borgo/{page}?lingua={language}")).await;
            assert_eq!(page.status, StatusCode::OK);
            assert!(!page.body.contains(">citizen-") && !page.body.contains("{ $"), "{}", page.body);
        }
    }
    let legal = browser.get("/borgo/note-legali?lingua=it").await.body;
    assert!(legal.contains("data-element=\"legal-notes-section\">Licenza dei contenuti<"));
    assert!(legal.contains("rilasciati con licenza CC-BY 4.0. Gli utenti sono quindi liberi"));
}
