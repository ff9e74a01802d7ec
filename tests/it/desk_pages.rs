//! The operators' pages: a day from the first arrival to the last undo, other times, the phone, a counter that closes,
//! and who may not come in.

use std::time::Duration;

use axum::body::Body;
use chrono::TimeDelta;
use futures_util::StreamExt as _;
use http::header::{CONTENT_TYPE, COOKIE, REFERER};
use http::{Request, StatusCode};
use sportello::agenda::{self, Outcome, setup};
use sportello::identity::{Role, RoleGrant};
use sportello::ids::{CounterId, SiteId};
use sportello::web;
use tower::ServiceExt as _;

use crate::browser::{Browser, Page};
use crate::office::Office;

const BASE: &str = "/borgo/sportello/municipio";
const TODAY: &str = "/borgo/sportello/municipio/2027-01-11";

async fn staff(office: &Office, role: Role, site: Option<SiteId>) -> Browser {
    Browser::of_staff(&office.db.app, &office.entity, RoleGrant { role, site }).await
}

async fn operator(office: &Office) -> Browser {
    staff(office, Role::Operator, None).await
}

/// Opens a page, sends a form to an address with the page's token, and opens where it leads.
async fn submit(browser: &mut Browser, page: &str, to: &str, fields: &[(&str, &str)]) -> Page {
    let page = browser.get(page).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let answer = send(browser, &page, to, fields).await;
    if answer.status == StatusCode::SEE_OTHER { browser.get(answer.location()).await } else { answer }
}

/// Sends a form of a page that is open, with its token and its name.
async fn send(browser: &mut Browser, page: &Page, to: &str, fields: &[(&str, &str)]) -> Page {
    let mut fields = fields.to_vec();
    for name in ["_token", "_once"] {
        if page.body.contains(&format!("name=\"{name}\"")) {
            fields.push((name, page.field(name)));
        }
    }
    browser.post(to, &fields).await
}

/// The row of an appointment in the list of the day.
fn row<'a>(page: &'a Page, code: &str) -> &'a str {
    let (_, rest) = page.body.split_once(&format!("<tr id=\"{code}\">")).expect("the day has the row");
    rest.split("</tr>").next().unwrap()
}

#[tokio::test]
async fn a_citizen_arrives_is_called_and_served() {
    let office = Office::new(2, 4).await;
    let a = office.place("2027-01-11T08:00:00Z", 1).await;
    let mut browser = operator(&office).await;
    let start = browser.get("/borgo/sportello").await;
    assert_eq!(start.location(), BASE, "the only site at once");
    assert_eq!(browser.get(BASE).await.location(), TODAY);
    let day = browser.get(TODAY).await;
    assert_eq!(day.status, StatusCode::OK, "{}", day.body);
    assert!(row(&day, &a.code).contains("Rossi Maria") && row(&day, &a.code).contains("Atteso"));
    assert!(day.body.contains("Nessuno sta aspettando"));
    assert!(
        day.body.contains(&format!("<a href=\"{BASE}\" class=\"active\" aria-current=\"true\">Giornata"))
    );

    let step = |name: &str| format!("{BASE}/appuntamenti/{}/passo/{name}", a.code);
    let day = submit(&mut browser, TODAY, &step("arrivato"), &[]).await;
    assert!(day.body.contains("id=\"chiama-prossimo\"") && day.body.contains("appena arrivato"));
    let second = office.counters[1].id.to_string();
    let seated = browser.get(&format!("{TODAY}?postazione={second}")).await;
    assert!(seated.body.contains("Chiama: Sportello 2"));
    let kept = browser.get(TODAY).await;
    assert!(kept.body.contains("Chiama: Sportello 2"), "the browser keeps where the operator sits");
    let day = submit(&mut browser, TODAY, &step("chiama"), &[("postazione", &second)]).await;
    assert!(row(&day, &a.code).contains("Chiamato") && row(&day, &a.code).contains("Sportello 2"));
    let day = submit(&mut browser, TODAY, &step("servito"), &[]).await;
    assert!(row(&day, &a.code).contains("Servito"));
    assert!(row(&day, &a.code).contains("name=\"stato\" value=\"served\""));
    for click in ["first", "second"] {
        let day = submit(&mut browser, TODAY, &step("indietro"), &[("stato", "served")]).await;
        assert!(row(&day, &a.code).contains("Chiamato"), "{click}");
    }

    let page = browser.get(&format!("{BASE}/appuntamenti/{}", a.code)).await;
    for expected in ["Segnato come arrivato", "Annullata l&#39;ultima azione", "Ada Neri", "maria@example.it"]
    {
        assert!(page.body.contains(expected), "{expected} is missing in\n{}", page.body);
    }
    let again = submit(&mut browser, TODAY, &step("arrivato"), &[]).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "a step that is not open is refused, in words");
    assert!(again.body.contains("Lo stato è cambiato"));
}

#[tokio::test]
async fn only_operators_of_the_site_come_in() {
    let office = Office::new(1, 4).await;
    let a = office.place("2027-01-11T08:00:00Z", 1).await;
    let other = agenda::Site { id: SiteId::new(), slug: "delegazione".into(), ..office.site.clone() };
    let mut tx = office.begin().await;
    setup::save_site(&mut tx, office.entity.id, &other, office.now()).await.unwrap();
    tx.commit().await.unwrap();

    let guest = Browser::new(&office.db.app).get(TODAY).await;
    assert_eq!(
        guest.location(),
        "/borgo/personale/accesso?ritorno=%2Fborgo%2Fsportello%2Fmunicipio%2F2027-01-11"
    );
    let mut accountant = staff(&office, Role::Accountant, None).await;
    assert_eq!(accountant.get(TODAY).await.status, StatusCode::FORBIDDEN);
    let mut local = staff(&office, Role::Operator, Some(other.id)).await;
    for path in [TODAY.to_owned(), format!("{BASE}/nuovo"), format!("{BASE}/appuntamenti/{}", a.code)] {
        assert_eq!(local.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let elsewhere = format!("/borgo/sportello/delegazione/appuntamenti/{}", a.code);
    assert_eq!(local.get(&elsewhere).await.status, StatusCode::NOT_FOUND);
    assert_eq!(local.get("/borgo/sportello/delegazione/2027-01-11").await.status, StatusCode::OK);
    let mut both = operator(&office).await;
    let step = format!("{BASE}/appuntamenti/{}/passo/arrivato", a.code);
    assert_eq!(both.post(&step, &[("_token", "x")]).await.status, StatusCode::FORBIDDEN);
    assert!(both.get("/borgo/sportello").await.body.contains("sportello/delegazione"));
}

#[tokio::test]
async fn an_appointment_is_moved_offered_other_times_noted_and_cancelled() {
    let office = Office::new(1, 4).await;
    let a = office.place("2027-01-13T08:00:00Z", 1).await;
    let mut browser = operator(&office).await;
    let url = format!("{BASE}/appuntamenti/{}", a.code);
    let chooser = browser.get(&format!("{url}/sposta")).await;
    assert!(chooser.body.contains("value=\"municipio@2027-01-13T08:20:00Z\""), "{}", chooser.body);
    let none = submit(&mut browser, &format!("{url}/sposta"), &format!("{url}/sposta"), &[]).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(none.body.contains("Questo campo è obbligatorio"));
    let time = [("quando", "municipio@2027-01-13T08:20:00Z")];
    let moved = submit(&mut browser, &format!("{url}/sposta"), &format!("{url}/sposta"), &time).await;
    assert!(moved.body.contains("L&#39;appuntamento è stato spostato"), "{}", moved.body);
    assert!(moved.body.contains("13/01/2027 09:00 → 13/01/2027 09:20"));
    office.place("2027-01-13T08:40:00Z", 2).await;
    let taken = [("quando", "municipio@2027-01-13T08:40:00Z")];
    let refused = submit(&mut browser, &format!("{url}/sposta"), &format!("{url}/sposta"), &taken).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.body.contains("sp-errors"), "the page comes back with what is wrong");
    assert!(refused.body.contains("Gli orari liberi più vicini"));
    let ten = "municipio@2027-01-13T09:00:00Z";
    assert_eq!(refused.body.matches(ten).count(), 2, "near, and in the day: {}", refused.body);

    let propose = format!("{url}/proponi");
    let nothing = submit(&mut browser, &propose, &propose, &[("ore", "24")]).await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    let offer =
        [("quando", "municipio@2027-01-14T08:00:00Z"), ("messaggio", "Va bene giovedì?"), ("ore", "24")];
    let page = browser.get(&propose).await;
    let first = send(&mut browser, &page, &propose, &offer).await;
    let again = send(&mut browser, &page, &propose, &offer).await;
    assert_eq!((first.status, again.location()), (StatusCode::SEE_OTHER, first.location()));
    let offered = browser.get(first.location()).await;
    assert!(
        offered.body.contains("La proposta è stata inviata") && offered.body.contains("Va bene giovedì?")
    );
    assert_eq!(offered.body.matches("Proposti altri orari").count(), 1, "a double click offers once");
    assert_eq!(office.free_at("2027-01-14T08:00:00Z").await, 0);
    let withdrawn = submit(&mut browser, &url, &format!("{url}/proponi/ritira"), &[]).await;
    assert!(!withdrawn.body.contains("Va bene giovedì?"));
    assert_eq!(office.free_at("2027-01-14T08:00:00Z").await, 1);

    let noted = submit(&mut browser, &url, &format!("{url}/note"), &[("notes", "Porta <due> foto")]).await;
    assert!(noted.body.contains("Porta &#60;due&#62; foto"));
    let why =
        submit(&mut browser, &format!("{url}/annulla"), &format!("{url}/annulla"), &[("motivo", " ")]).await;
    assert_eq!(why.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(why.body.contains("Questo campo è obbligatorio"));
    let reason = [("motivo", "L'ufficio è chiuso")];
    let gone = submit(&mut browser, &format!("{url}/annulla"), &format!("{url}/annulla"), &reason).await;
    assert!(gone.body.contains("Annullato") && gone.body.contains("L&#39;ufficio è chiuso"));
    assert_eq!(office.free_at("2027-01-13T08:20:00Z").await, 1);
}

#[tokio::test]
async fn an_appointment_is_taken_on_the_phone_once() {
    let office = Office::new(1, 4).await;
    let mut browser = operator(&office).await;
    assert!(browser.get(&format!("{BASE}/nuovo")).await.body.contains("nuovo/carta-identita"));
    let flow = format!("{BASE}/nuovo/carta-identita");
    assert!(browser.get(&flow).await.body.contains("municipio@2027-01-11T08:00:00Z"), "today too");
    let data = format!("{flow}/dati");
    let asked = format!("{data}?quando=municipio@2027-01-12T08:00:00Z");
    let fields = [
        ("quando", "municipio@2027-01-12T08:00:00Z"),
        ("given_name", "Anna Maria"),
        ("family_name", "De Santis"),
        ("email", ""),
        ("phone", "0742 123456"),
        ("language", "it"),
    ];
    let wrong =
        submit(&mut browser, &asked, &data, &[fields[0], ("given_name", "Anna"), ("fiscal_code", "X")]).await;
    assert!(
        wrong.body.contains("id=\"family_name-errore\"") && wrong.body.contains("id=\"fiscal_code-errore\"")
    );
    assert!(wrong.body.contains("value=\"Anna\""), "what was written comes back");
    assert!(wrong.body.contains(">Cognome: Questo campo è obbligatorio</a>"), "{}", wrong.body);
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let summary = submit(&mut browser, &asked, &data, &fields).await;
    assert!(summary.body.contains("De Santis") && summary.body.contains("non riceve nessun avviso"));
    let (token, once) = (summary.field("_token").to_owned(), summary.field("_once").to_owned());
    let mut sent = fields.to_vec();
    sent.extend([("_token", token.as_str()), ("_once", once.as_str())]);
    let confirm = format!("{flow}/conferma");
    let (first, second) = (browser.post(&confirm, &sent).await, browser.post(&confirm, &sent).await);
    assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.body);
    assert_eq!(first.location(), second.location(), "a double click books once");
    let made = browser.get(first.location()).await;
    assert!(made.body.contains("De Santis Anna Maria") && made.body.contains("sportello"));
    assert_eq!(office.free_at("2027-01-12T08:00:00Z").await, 0);
    assert_eq!(office.free_at("2027-01-12T08:20:00Z").await, 1);
    let summary = submit(&mut browser, &asked, &data, &fields).await;
    let taken = send(&mut browser, &summary, &confirm, &fields).await;
    assert_eq!(taken.status, StatusCode::CONFLICT);
    assert!(taken.body.contains("Gli orari liberi più vicini"));
}

#[tokio::test]
async fn closing_a_counter_shows_whom_it_concerns_before_it_is_done() {
    let office = Office::new(2, 2).await;
    let nine = "2027-01-13T08:00:00Z";
    let (first, second) = (office.place(nine, 1).await, office.place(nine, 2).await);
    let alone = office.place("2027-01-13T08:20:00Z", 3).await;
    let counter = alone.counter;
    let stays = if first.counter == counter { &first } else { &second };
    let mut browser = operator(&office).await;
    let id = counter.to_string();
    let fields = [("sportello", id.as_str()), ("giorno", "2027-01-13"), ("motivo", "Malattia")];
    let close = format!("{BASE}/chiudi");
    let preview = submit(&mut browser, &close, &close, &fields).await;
    assert!(preview.body.contains("Sono coinvolti 2 appuntamenti"), "{}", preview.body);
    assert_eq!(office.appointment(&alone).await.counter, counter, "nothing has changed yet");
    let mut confirmed = fields.to_vec();
    confirmed.push(("conferma", "true"));
    let first = send(&mut browser, &preview, &close, &confirmed).await;
    let again = send(&mut browser, &preview, &close, &confirmed).await;
    assert_eq!((first.status, again.location()), (StatusCode::SEE_OTHER, first.location()));
    let mut tx = office.begin().await;
    let closures = agenda::store::closures(&mut tx, office.entity.id, office.now()).await.unwrap();
    assert_eq!(closures.len(), 1, "a double click closes once");
    drop(tx);
    let done = browser.get(first.location()).await;
    assert!(
        done.body.contains("1 cittadino ha bisogno") && done.body.contains("1 cittadino passa"),
        "{}",
        done.body
    );
    assert_ne!(office.appointment(&alone).await.counter, counter);
    assert_eq!(office.appointment(stays).await.counter, counter);

    let tasks = browser.get(&format!("{BASE}/da-sistemare")).await;
    assert!(tasks.body.contains(&stays.code) && !tasks.body.contains(&alone.code));
    let (_, rest) = tasks.body.split_once("/da-sistemare/").unwrap();
    let done_url = format!("{BASE}/da-sistemare/{}", rest.split('"').next().unwrap());
    let left = submit(&mut browser, &format!("{BASE}/da-sistemare"), &done_url, &[]).await;
    assert!(left.body.contains("Non c&#39;è niente da sistemare"));
    let wrong = [("sportello", &*CounterId::new().to_string()), ("giorno", "2027-01-13")]
        .map(|(k, v)| (k, v.to_owned()));
    let wrong: Vec<(&str, &str)> = wrong.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let refused = submit(&mut browser, &close, &close, &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("sp-errors"));
}

#[tokio::test]
async fn the_times_of_another_site_are_for_its_operators() {
    let office = Office::new(1, 4).await;
    let a = office.place("2027-01-13T08:00:00Z", 1).await;
    let other = agenda::Site { id: SiteId::new(), slug: "delegazione".into(), ..office.site.clone() };
    let counter = agenda::Counter { id: CounterId::new(), site: other.id, ..office.counters[0].clone() };
    let mut tx = office.begin().await;
    setup::save_site(&mut tx, office.entity.id, &other, office.now()).await.unwrap();
    setup::save_counter(&mut tx, office.entity.id, &counter, office.now()).await.unwrap();
    let counters = [office.counters[0].id, counter.id];
    setup::save_service(&mut tx, office.entity.id, &office.service, &counters).await.unwrap();
    tx.commit().await.unwrap();
    let elsewhere = "delegazione@2027-01-13T08:00:00Z";
    let sposta = format!("{BASE}/appuntamenti/{}/sposta", a.code);
    let mut local = staff(&office, Role::Operator, Some(office.site.id)).await;
    let page = local.get(&format!("{sposta}?sede=tutte")).await;
    assert!(page.body.contains("municipio@") && !page.body.contains("delegazione"), "{}", page.body);
    let moved = send(&mut local, &page, &sposta, &[("quando", elsewhere)]).await;
    assert_eq!(moved.status, StatusCode::NOT_FOUND);
    let inserted = local.get(&format!("{BASE}/nuovo/carta-identita/dati?quando={elsewhere}")).await;
    assert_eq!(inserted.status, StatusCode::NOT_FOUND);
    let mut both = operator(&office).await;
    let page = both.get(&format!("{sposta}?sede=tutte")).await;
    assert!(page.body.contains(elsewhere));
    assert_eq!(send(&mut both, &page, &sposta, &[("quando", elsewhere)]).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn who_comes_back_too_late_is_told_to_log_in_again() {
    let office = Office::new(1, 4).await;
    let a = office.place("2027-01-11T08:00:00Z", 1).await;
    let mut browser = operator(&office).await;
    let day = browser.get(TODAY).await;
    // A page that is left open asks for its list for hours, and that is nobody at work.
    for _ in 0..3 {
        office.db.advance(TimeDelta::minutes(25));
        browser.get(&format!("{TODAY}/elenco")).await;
    }
    assert!(browser.get(&format!("{TODAY}/elenco")).await.location().contains("/personale/accesso"));
    let step = format!("{BASE}/appuntamenti/{}/passo/arrivato", a.code);
    let late = send(&mut browser, &day, &step, &[]).await;
    assert_eq!(
        (late.status, late.location()),
        (StatusCode::UNAUTHORIZED, ""),
        "a form is not sent elsewhere"
    );
    assert!(late.body.contains("La sessione è scaduta"));
    assert!(late.body.contains("/borgo/personale/accesso?ritorno=%2Fborgo%2Fsportello\""), "{}", late.body);
    let base = &office.db.app.config.server.base_url;
    for (from, back) in [
        (format!("{base}{TODAY}"), "%2Fborgo%2Fsportello%2Fmunicipio%2F2027-01-11\""),
        ("https://altrove.example/borgo/x".to_owned(), "%2Fborgo%2Fsportello\""),
    ] {
        let form = Request::post(&step).header(REFERER, from).body(Body::empty()).unwrap();
        assert!(browser.send(form).await.body.contains(&format!("accesso?ritorno={back}")));
    }
    assert_eq!(office.appointment(&a).await, a);
}

#[tokio::test]
async fn an_open_day_hears_of_changes_until_the_process_stops() {
    let office = Office::new(1, 4).await;
    let mut browser = operator(&office).await;
    let cookies = browser.cookies().iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("; ");
    let router = web::router(office.db.app.clone());
    let request =
        Request::get(format!("{TODAY}/eventi")).header(COOKIE, cookies).body(Body::empty()).unwrap();
    let response = router.oneshot(request).await.unwrap();
    assert_eq!(
        (response.status(), &response.headers()[CONTENT_TYPE]),
        (StatusCode::OK, &"text/event-stream".parse().unwrap())
    );
    let mut stream = response.into_body().into_data_stream();
    let mut event = async || {
        let part = tokio::time::timeout(Duration::from_secs(5), stream.next()).await;
        part.map(|part| part.map(|bytes| String::from_utf8(bytes.unwrap().to_vec()).unwrap()))
    };
    // The first says that the listener is there: what happened before, nobody heard.
    assert!(event().await.unwrap().unwrap().contains("event: cambiato"));
    let a = office.try_place("2027-01-11T08:00:00Z", 1, Outcome::Confirmed).await.unwrap();
    assert!(event().await.unwrap().unwrap().contains("event: cambiato"));
    let list = browser.get(&format!("{TODAY}/elenco")).await;
    assert!(list.body.contains(&a.code) && !list.body.contains("<html"));
    office.db.app.stopping.cancel();
    assert!(event().await.unwrap().is_none(), "the stream ends with the process");
}
