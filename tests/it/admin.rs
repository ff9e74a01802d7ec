//! The administrators' console over HTTP: who may come, a service set up from nothing through the pages, integrations
//! whose secrets are never shown, and the same for programs.

use axum::body::Body;
use chrono::NaiveDate;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Request, StatusCode};
use serde_json::{Value, json};
use sportello::agenda;
use sportello::audit;
use sportello::entity::{self, Entity, Kind};
use sportello::forms;
use sportello::identity::session::cookie_name;
use sportello::identity::store::{LoggedIn, create_session};
use sportello::identity::{Role, RoleGrant, StaffMember, store};
use sportello::ids::StaffId;
use sportello::jobs;
use sportello::money::Cents;
use sportello::notices::{Channel, Event, NoticeState};
use sportello::payments::definition;

use crate::browser::{Browser, Page};
use crate::notices::world::{PRESENT, THURSDAY, World};
use crate::support::TestDb;

const TAXONOMY: &str = include_str!("../../config/demo/taxonomy.csv");

/// A Comune with nothing but an administrator, whose browser it is.
struct Console {
    db: TestDb,
    entity: Entity,
    browser: Browser,
}

impl Console {
    async fn open() -> Self {
        let db = TestDb::new().await;
        let entity = db.entity("montefiore", "80001230541").await;
        let browser = Self::come_in(&db, &entity, Role::Administrator).await;
        Self { db, entity, browser }
    }

    /// The browser of a new member of the staff with this role, logged in.
    async fn come_in(db: &TestDb, entity: &Entity, role: Role) -> Browser {
        let member = StaffMember {
            id: StaffId::new(),
            given_name: "Francesca".to_owned(),
            family_name: "Ricci".to_owned(),
            email: format!("{}@example.it", role.as_str()),
            fiscal_code: None,
            active: true,
            roles: vec![RoleGrant { role, site: None }],
        };
        let (mut tx, now) = (db.app.db.begin(entity.id).await.unwrap(), db.app.clock.now());
        store::insert_staff(&mut tx, entity.id, &member, now).await.unwrap();
        let who = LoggedIn { person: None, staff: Some(member), level: 2 };
        let made = create_session(&mut tx, entity.id, who, "it", now).await.unwrap();
        tx.commit().await.unwrap();
        let mut browser = Browser::new(&db.app);
        browser.cookies().insert(cookie_name(&entity.slug, false), made.token);
        browser
    }

    fn at(path: &str) -> String {
        format!("/montefiore/amministrazione{path}")
    }

    async fn page(&mut self, path: &str) -> Page {
        let page = self.browser.get(&Self::at(path)).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.body);
        page
    }

    /// Opens a page for its token and sends a form of it to an address.
    async fn send(&mut self, from: &str, to: &str, fields: &[(&str, &str)]) -> Page {
        let token = self.page(from).await.field("_token").to_owned();
        let fields: Vec<_> = fields.iter().copied().chain([("_token", token.as_str())]).collect();
        self.browser.post(&Self::at(to), &fields).await
    }

    /// The same, where it must be done.
    async fn done(&mut self, from: &str, to: &str, fields: &[(&str, &str)]) -> String {
        let page = self.send(from, to, fields).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{to}: {}", page.body);
        page.location().to_owned()
    }

    async fn begin(&self) -> sportello::db::Tx {
        self.db.app.db.begin(self.entity.id).await.unwrap()
    }

    async fn with_taxonomy(&self) {
        self.db.import_taxonomy(TAXONOMY).await;
    }

    /// A site, a calendar open on weekday mornings, a counter and a service, made through the pages.
    async fn set_up(&mut self) -> String {
        let site = [
            ("name", "Palazzo comunale"),
            ("slug", "palazzo"),
            ("address", "Piazza della Libertà, 1"),
            ("time_zone", "Europe/Rome"),
            ("position", "0"),
            ("active", "true"),
        ];
        self.done("/sedi/nuova", "/sedi/nuova", &site).await;
        let calendar = [
            ("name", "Anagrafe"),
            ("step_minutes", "30"),
            ("lead_minutes", "0"),
            ("horizon_days", "60"),
            ("buffer_minutes", "0"),
            ("cooling_minutes", "0"),
            ("closed_on_holidays", "true"),
        ];
        let at = self.done("/calendari/nuovo", "/calendari/nuovo", &calendar).await;
        let calendar = at.split(['/', '?']).nth(4).unwrap().to_owned();
        let hours = [
            ("weekdays", "1"),
            ("weekdays", "2"),
            ("opens", "09:00"),
            ("closes", "11:00"),
            ("valid_from", "2027-01-01"),
        ];
        let here = format!("/calendari/{calendar}");
        self.done(&here, &format!("{here}/orari"), &hours).await;
        let mut tx = self.begin().await;
        let site = agenda::store::sites(&mut tx, self.entity.id).await.unwrap()[0].id.to_string();
        drop(tx);
        let counter = [
            ("name", "Sportello 1"),
            ("site", site.as_str()),
            ("calendar", calendar.as_str()),
            ("position", "0"),
            ("active", "true"),
        ];
        self.done("/sportelli/nuovo", "/sportelli/nuovo", &counter).await;
        let mut tx = self.begin().await;
        let counter = agenda::store::counters(&mut tx, self.entity.id).await.unwrap()[0].id.to_string();
        drop(tx);
        let service = [
            ("name.it", "Carta d'identità"),
            ("name.en", "Identity card"),
            ("slug", "carta-identita"),
            ("reasons.it", "Prima carta\r\nRinnovo"),
            ("duration_minutes", "30"),
            ("minimum_level", "0"),
            ("change_minutes", "60"),
            ("counters", counter.as_str()),
            ("position", "0"),
            ("active", "true"),
        ];
        let at = self.done("/servizi/nuovo", "/servizi/nuovo", &service).await;
        at.split(['/', '?']).nth(4).unwrap().to_owned()
    }
}

const PAGES: [&str; 23] = [
    "",
    "/comune",
    "/sedi",
    "/sedi/nuova",
    "/calendari",
    "/calendari/nuovo",
    "/chiusure",
    "/sportelli",
    "/servizi",
    "/servizi/nuovo",
    "/bilancio",
    "/bilancio/capitoli/nuovo",
    "/tassonomia",
    "/personale",
    "/personale/nuovo",
    "/programmi",
    "/programmi/nuovo",
    "/integrazioni",
    "/integrazioni/pagopa",
    "/integrazioni/citizen_login",
    "/integrazioni/citizen_login/fornitori",
    "/non-riusciti",
    "/registro",
];

#[tokio::test]
async fn only_administrators_come_in() {
    let mut console = Console::open().await;
    let mut guest = Browser::new(&console.db.app);
    let mut operator = Console::come_in(&console.db, &console.entity, Role::Operator).await;
    for path in PAGES {
        console.page(path).await;
        let sent_away = guest.get(&Console::at(path)).await;
        assert_eq!(sent_away.status, StatusCode::SEE_OTHER, "{path}");
        let back: String = url::form_urlencoded::byte_serialize(Console::at(path).as_bytes()).collect();
        assert_eq!(sent_away.location(), format!("/montefiore/personale/accesso?ritorno={back}"));
        assert_eq!(operator.get(&Console::at(path)).await.status, StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test]
async fn every_page_is_in_both_languages() {
    let mut console = Console::open().await;
    let service = console.set_up().await;
    let more = [
        "",
        "/modulo",
        "/modulo/domande",
        "/modulo/schema",
        "/modulo/anteprima",
        "/tariffa",
        "/tariffa/nuova",
    ];
    let more = more.map(|path| format!("/servizi/{service}{path}"));
    for path in PAGES.iter().map(ToString::to_string).chain(more) {
        for language in ["it", "en"] {
            let page = console.page(&format!("{path}?lingua={language}")).await;
            let main = page.body.split_once("<main").unwrap().1;
            assert!(!main.contains("admin-"), "{path}: a text is missing in {language}:\n{main}");
            let section = main.split_once("class=\"active\" aria-current=\"true\">");
            assert!(section.is_some(), "{path}: no section is marked as the current one");
        }
    }
}

#[tokio::test]
async fn a_form_without_the_sessions_token_changes_nothing() {
    let mut console = Console::open().await;
    for token in [None, Some("another")] {
        let fields =
            [("name", "Altro nome"), ("address", "Via Nuova"), ("_token", token.unwrap_or_default())];
        let fields = if token.is_some() { &fields[..] } else { &fields[..2] };
        let refused = console.browser.post(&Console::at("/comune"), fields).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
    }
    let mut directory = console.db.app.db.directory().await.unwrap();
    let entity = entity::store::by_slug(&mut directory, "montefiore").await.unwrap();
    assert_eq!(entity.name, console.entity.name);
}

#[tokio::test]
async fn a_service_set_up_through_the_pages_can_be_booked() {
    let mut console = Console::open().await;
    let service = console.set_up().await;
    let mut tx = console.begin().await;
    let known = agenda::store::service_by_slug(&mut tx, console.entity.id, "carta-identita").await.unwrap();
    assert_eq!(known.id.to_string(), service);
    assert_eq!(known.reasons[1].exactly("it"), "Rinnovo");
    let day: NaiveDate = "2027-01-12".parse().unwrap();
    let now = console.db.app.clock.now();
    let days = agenda::availability(&mut tx, console.entity.id, known.id, None, day, day, now).await.unwrap();
    let starts: Vec<_> = days[0].times.iter().map(|time| time.start.format("%H:%M").to_string()).collect();
    assert_eq!(starts, ["08:00", "08:30", "09:00", "09:30"]);

    let entries = audit::recent(&mut tx, console.entity.id, Some("service"), 10, 0).await.unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].entry.after.as_ref().unwrap()["service"]["slug"], "carta-identita");
}

#[tokio::test]
async fn a_wrong_form_comes_back_filled_with_what_is_wrong() {
    let mut console = Console::open().await;
    let fields = [("name", "Sede <nuova>"), ("slug", "Sede Nuova"), ("time_zone", "Roma"), ("position", "x")];
    let page = console.send("/sedi/nuova", "/sedi/nuova", &fields).await;
    assert_eq!(page.status, StatusCode::OK);
    for expected in ["<title>Errore:", "value=\"Sede &#60;nuova&#62;\"", "href=\"#time_zone\"", "Europe/Rome"]
    {
        assert!(page.body.contains(expected), "{expected} is missing in\n{}", page.body);
    }
    let fields = [("name", "Sede"), ("slug", "Sede Nuova"), ("time_zone", "Europe/Rome"), ("position", "0")];
    let page = console.send("/sedi/nuova", "/sedi/nuova", &fields).await;
    let address = "href=\"#address\">Indirizzo: Questo campo è obbligatorio</a>";
    for expected in ["href=\"#slug\"", address] {
        assert!(page.body.contains(expected), "{expected} is missing in\n{}", page.body);
    }
}

#[tokio::test]
async fn saving_needs_one_connection_alone() {
    let mut console = Console::open().await;
    console.set_up().await;
    let mut tx = console.begin().await;
    let id = console.entity.id;
    let paths = [
        format!("/sedi/{}", agenda::store::sites(&mut tx, id).await.unwrap()[0].id),
        format!("/calendari/{}/modifica", agenda::store::calendars(&mut tx, id).await.unwrap()[0].id),
        format!("/sportelli/{}", agenda::store::counters(&mut tx, id).await.unwrap()[0].id),
        format!("/servizi/{}/modifica", agenda::store::services(&mut tx, id).await.unwrap()[0].id),
        format!("/personale/{}", store::staff(&mut tx, id).await.unwrap()[0].id),
    ];
    let mut others = vec![tx];
    for _ in 2..console.db.app.db.pool().options().get_max_connections() {
        others.push(console.begin().await);
    }
    for path in paths {
        let sent = console.send(&path, &path, &[]);
        let sent = tokio::time::timeout(std::time::Duration::from_secs(5), sent).await;
        assert!(sent.is_ok_and(|page| !page.status.is_server_error()), "{path}");
    }
}

#[tokio::test]
async fn the_preview_says_what_is_open_and_why_not() {
    let mut console = Console::open().await;
    console.set_up().await;
    let mut tx = console.begin().await;
    let calendar = agenda::store::calendars(&mut tx, console.entity.id).await.unwrap()[0].id;
    drop(tx);
    let closure = [
        ("scope", "entity"),
        ("from", "2027-03-30"),
        ("from_time", "09:30"),
        ("to_time", "10:30"),
        ("reason", "Assemblea"),
    ];
    console.done("/chiusure", "/chiusure", &closure).await;
    let holiday = [("holiday_day", "5"), ("holiday_month", "4"), ("holiday_name", "Sant'Irene")];
    console.done("/chiusure", "/chiusure/festivita", &holiday).await;
    // The week of Easter Monday, after the Sunday on which the clocks go forward.
    let week = console.page(&format!("/calendari/{calendar}/anteprima?dal=2027-03-30")).await.body;
    for expected in ["Festività: Lunedì dell&#39;Angelo", "Chiusura: Assemblea", "09:00–09:30, 10:30–11:00"]
    {
        assert!(week.contains(expected), "{expected} is missing in\n{week}");
    }
    let before = console.page(&format!("/calendari/{calendar}/anteprima?dal=2027-03-28")).await.body;
    assert!(before.contains("questo giorno dura 23 ore") && before.contains("Pasqua"), "{before}");
    let after = console.page(&format!("/calendari/{calendar}/anteprima?dal=2027-04-05")).await.body;
    assert!(
        after.contains("Festività: Sant&#39;Irene") && after.contains("Nessun orario settimanale"),
        "{after}"
    );
}

#[tokio::test]
async fn a_form_is_written_question_by_question_and_published() {
    let mut console = Console::open().await;
    let service = console.set_up().await;
    let form = format!("/servizi/{service}/modulo");
    let new = format!("{form}/domande");
    let motive = [
        ("label.it", "Perché la chiedi"),
        ("kind", "choice"),
        ("options", "smarrita = L'ho smarrita | I lost it\r\nscaduta = È scaduta"),
        ("required", "true"),
    ];
    console.done(&new, &new, &motive).await;
    console.done(&new, &new, &[("label.it", "Note"), ("kind", "paragraph")]).await;
    let wrong = console.send(&new, &new, &[("label.it", "Una"), ("kind", "choice")]).await;
    assert!(wrong.body.contains("almeno due risposte"), "{}", wrong.body);
    console.done(&form, &format!("{new}/note/su"), &[]).await;
    let preview = console.page(&format!("{form}/anteprima")).await.body;
    assert!(preview.find("Note").unwrap() < preview.find("Perché la chiedi").unwrap());
    console.done(&form, &format!("{form}/pubblica"), &[]).await;

    let mut tx = console.begin().await;
    let id = service.parse().unwrap();
    let published = forms::published(&mut tx, console.entity.id, id).await.unwrap().unwrap();
    let names: Vec<_> = published.definition.properties().map(|(name, _)| name).collect();
    assert_eq!(names, ["note", "perche_la_chiedi"]);
    drop(tx);
    // Publishing twice finds nothing more to publish.
    let again = console.send(&form, &format!("{form}/pubblica"), &[]).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_tariff_is_written_line_by_line() {
    let mut console = Console::open().await;
    console.with_taxonomy().await;
    let service = console.set_up().await;
    let tariff = format!("/servizi/{service}/tariffa");
    let new = format!("{tariff}/nuova");
    for (code, description) in [("6010", "Quota dello Stato"), ("3120", "Diritto fisso")] {
        let chapter = [("year", "2027"), ("code", code), ("description", description), ("kind", "own")];
        console.done("/bilancio/capitoli/nuovo", "/bilancio/capitoli/nuovo", &chapter).await;
    }
    let mut fields = vec![
        ("valid_from", "2027-01-11"),
        ("in_advance", "true"),
        ("hold_minutes", "30"),
        ("due_days", "30"),
        ("items.0.description", "Carta d'identità"),
        ("items.0.taxonomy", "9/0104100TS/"),
        ("items.0.shares.0.chapter_code", "6010|"),
        ("items.0.shares.0.amount", "16,79"),
    ];
    let more = console.send(&new, &new, &[&fields[..], &[("azione", "add-share.0")]].concat()).await;
    assert_eq!(more.status, StatusCode::OK);
    assert!(more.body.contains("name=\"items.0.shares.1.amount\"") && more.body.contains("value=\"16,79\""));
    fields.extend([("items.0.shares.1.chapter_code", "9999|"), ("items.0.shares.1.amount", "5,42")]);
    let wrong = console.send(&new, &new, &fields).await;
    assert!(wrong.body.contains("href=\"#items.0.shares.1.chapter_code\""), "{}", wrong.body);
    fields[8] = ("items.0.shares.1.chapter_code", "3120|");
    console.done(&new, &new, &fields).await;
    assert!(console.page(&tariff).await.body.contains("22,21"));

    let mut tx = console.begin().await;
    let day = "2027-01-11".parse().unwrap();
    let kept = definition::in_force(&mut tx, console.entity.id, service.parse().unwrap(), day)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(kept.items[0].amount(), Cents(2221));
}

#[tokio::test]
async fn secrets_are_kept_and_never_shown() {
    let mut console = Console::open().await;
    let settings = [
        ("host", "127.0.0.1"),
        ("port", "9"),
        ("tls", "none"),
        ("username", "sportello"),
        ("password", "tr0ppo-segreta"),
        ("from", "sportello@example.it"),
        ("enabled", "true"),
    ];
    console.done("/integrazioni/mail", "/integrazioni/mail", &settings).await;
    let page = console.page("/integrazioni/mail").await;
    assert!(page.body.contains("Impostata il 11/01/2027"), "{}", page.body);
    // An empty field keeps the secret there is.
    let kept: Vec<_> = settings.iter().copied().filter(|(name, _)| *name != "password").collect();
    console.done("/integrazioni/mail", "/integrazioni/mail", &kept).await;
    let mut tx = console.begin().await;
    let secret = entity::store::secret(&mut tx, &console.db.app.keys, console.entity.id, "mail.password")
        .await
        .unwrap();
    assert_eq!(secrecy::ExposeSecret::expose_secret(&secret.unwrap()), "tr0ppo-segreta");
    drop(tx);

    // Nobody listens there: the test says so, in words, and what it found is kept.
    console.done("/integrazioni/mail", "/integrazioni/mail/prova", &[]).await;
    let page = console.page("/integrazioni/mail").await;
    assert!(
        page.body.contains("Non si riesce a collegarsi") && page.body.contains("Prova del 11/01/2027"),
        "{}",
        page.body
    );
    for path in PAGES {
        let page = console.page(path).await;
        assert!(!page.body.contains("tr0ppo-segreta"), "{path} shows a secret");
    }
}

#[tokio::test]
async fn a_providers_secret_is_its_own() {
    let mut console = Console::open().await;
    let new = "/integrazioni/citizen_login/fornitori";
    let spid = [
        ("label", "SPID"),
        ("key", "spid"),
        ("issuer", "http://127.0.0.1:9"),
        ("client_id", "sportello"),
        ("client_secret", "un-segreto"),
        ("auth_method", "basic"),
        ("userinfo", "json"),
        ("minimum_level", "l2"),
        ("fiscal_code_required", "true"),
        ("others", "{\"client_secret\": \"in-chiaro\"}"),
    ];
    console.done(new, new, &spid).await;
    let page = console.page("/integrazioni/citizen_login/fornitori/spid").await;
    assert!(page.body.contains("Impostata il") && !page.body.contains("un-segreto"));
    assert_eq!((page.field("issuer"), page.field("client_id")), ("http://127.0.0.1:9", "sportello"));
    assert!(page.body.contains("<option value=\"l2\" selected>"), "{}", page.body);
    let mut tx = console.begin().await;
    let known =
        entity::store::integration(&mut tx, console.entity.id, Kind::CitizenLogin).await.unwrap().unwrap();
    assert!(!known.settings.to_string().contains("in-chiaro"), "{}", known.settings);
    drop(tx);
    let mut wrong = spid;
    wrong[1] = ("key", "cie");
    wrong[9] = ("others", "{\"nobody_knows\": 1}");
    let page = console.send(new, new, &wrong).await;
    assert!(page.body.contains("href=\"#others\""), "{}", page.body);
    console.done("/integrazioni/citizen_login", "/integrazioni/citizen_login/prova", &[]).await;
    let page = console.page("/integrazioni/citizen_login").await;
    assert!(page.body.contains("Il fornitore risponde") && page.body.contains("Errore"), "{}", page.body);
}

#[tokio::test]
async fn a_clients_secret_is_shown_once_and_works() {
    let mut console = Console::open().await;
    let fields = [("name", "Contabilità"), ("client_id", "contabilita"), ("scopes", "admin")];
    let made = console.send("/programmi/nuovo", "/programmi/nuovo", &fields).await;
    assert_eq!(made.status, StatusCode::OK);
    let secret =
        made.body.split_once("client_secret  ").unwrap().1.split_whitespace().next().unwrap().to_owned();
    for path in ["/programmi", "/programmi/contabilita", "/registro"] {
        assert!(!console.page(path).await.body.contains(&secret));
    }
    let api = "/api/v1/entities/montefiore";
    let fields =
        [("grant_type", "client_credentials"), ("client_id", "contabilita"), ("client_secret", &secret)];
    let token = console.browser.post(&format!("{api}/token"), &fields).await;
    let token: Value = serde_json::from_str(&token.body).unwrap();
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());

    let id = "0192d5f0-0000-7000-8000-000000000001";
    let site = json!({"slug": "palazzo", "name": "Palazzo", "address": "Piazza 1"});
    let put = Request::put(format!("{api}/admin/sites/{id}"))
        .header(AUTHORIZATION, &bearer)
        .header(CONTENT_TYPE, "application/json");
    let answer = console.browser.send(put.body(Body::from(site.to_string())).unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let get = Request::get(format!("{api}/admin/sites")).header(AUTHORIZATION, &bearer);
    let sites = console.browser.send(get.body(Body::empty()).unwrap()).await;
    let sites: Value = serde_json::from_str(&sites.body).unwrap();
    assert_eq!((sites[0]["id"].as_str(), sites[0]["slug"].as_str()), (Some(id), Some("palazzo")));

    let mail = json!({"enabled": false, "secrets": {"mail.password": "mai-mostrata"},
        "settings": {"host": "mail.example.it", "port": 465, "tls": "tls", "from": "a@example.it"}});
    let put = Request::put(format!("{api}/admin/integrations/mail"))
        .header(AUTHORIZATION, &bearer)
        .header(CONTENT_TYPE, "application/json");
    let answer = console.browser.send(put.body(Body::from(mail.to_string())).unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert!(!answer.body.contains("mai-mostrata"));
    let answer: Value = serde_json::from_str(&answer.body).unwrap();
    assert!(answer["secrets"]["mail.password"].is_string(), "since when it is kept is said");

    let wrong = Request::put(format!("{api}/admin/sites/{id}"))
        .header(AUTHORIZATION, &bearer)
        .header(CONTENT_TYPE, "application/json");
    let site = json!({"slug": "Non Va", "name": "", "address": "Piazza 1"});
    let answer = console.browser.send(wrong.body(Body::from(site.to_string())).unwrap()).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let problem: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(problem["errors"][0]["field"], "slug");

    console
        .done("/programmi/contabilita", "/programmi/contabilita", &[("name", "X"), ("scopes", "admin")])
        .await;
    let get = Request::get(format!("{api}/admin/sites")).header(AUTHORIZATION, &bearer);
    let answer = console.browser.send(get.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "a client out of use comes in no more");
}

#[tokio::test]
async fn nobody_locks_the_door_from_inside() {
    let mut console = Console::open().await;
    let mut tx = console.begin().await;
    let own = store::staff(&mut tx, console.entity.id).await.unwrap()[0].id;
    drop(tx);
    let at = format!("/personale/{own}");
    let fields =
        [("given_name", "F"), ("family_name", "R"), ("email", "f@example.it"), ("roles", "operator")];
    let page = console.send(&at, &at, &fields).await;
    assert!(page.body.contains("href=\"#roles\""), "{}", page.body);
    console.page("/personale").await;
}

#[tokio::test]
async fn the_code_by_which_somebody_comes_in_is_on_record_and_not_told() {
    let mut console = Console::open().await;
    let member =
        [("given_name", "Ada"), ("family_name", "Neri"), ("email", "ada@example.it"), ("active", "true")];
    let codes = ["RSSMRA80A01H501U", "RCCFNC80B45D786R"];
    let mut said = Vec::new();
    let mut at = "/personale/nuovo".to_owned();
    for code in codes {
        console.done(&at, &at, &[&member[..], &[("fiscal_code", code)]].concat()).await;
        let mut tx = console.begin().await;
        let staff = store::staff(&mut tx, console.entity.id).await.unwrap();
        let id = staff.iter().find(|member| member.given_name == "Ada").unwrap().id.to_string();
        at = format!("/personale/{id}");
        let entry = audit::of_object(&mut tx, console.entity.id, "staff", &id).await.unwrap().pop().unwrap();
        let after = entry.after.unwrap();
        assert!(!after.to_string().contains(code), "{after}");
        said.push(after["fiscal_code_hash"].as_str().unwrap().to_owned());
    }
    assert_ne!(said[0], said[1]);
}

#[tokio::test]
async fn what_did_not_go_through_is_tried_again() {
    let mut console = Console::open().await;
    let now = console.db.app.clock.now();
    let mut tx = console.begin().await;
    let entity = console.entity.id;
    jobs::store::insert(&mut tx, entity, "fetch_flows", "x", &json!({"kind": "fetch_flows"}), now, now)
        .await
        .unwrap();
    let claimed =
        jobs::store::claim(&mut tx, entity, now, chrono::TimeDelta::minutes(1)).await.unwrap().unwrap();
    jobs::store::bury(&mut tx, entity, claimed.id, "pagopa did not answer").await.unwrap();
    tx.commit().await.unwrap();
    let page = console.page("/non-riusciti").await;
    assert!(
        page.body.contains("Scaricare i flussi di rendicontazione")
            && page.body.contains("pagopa did not answer")
    );
    console.done("/non-riusciti", &format!("/non-riusciti/{}/riprova", claimed.id), &[]).await;
    let mut tx = console.begin().await;
    assert_eq!(jobs::store::dead(&mut tx, entity).await.unwrap().len(), 0);
}

#[tokio::test]
async fn what_pagopa_and_citizens_did_not_get_is_decided_here() {
    let world = World::new().await;
    let a = world.book(PRESENT, THURSDAY).await;
    let taken = world.owe(&a, 1, 2221).await;
    let cancelled = world.owe(&a, 2, 500).await;
    world
        .sql(&format!(
            "update debt_position set last_error = 'number_in_use' where debt_position_id = '{taken}';
             update debt_position set last_error = 'refused: IBAN not found', state = 'cancelled'
             where debt_position_id = '{cancelled}';
             update notice set state = 'failed', last_error = 'relay_refused 550' where channel = 'email';
             update notice set state = 'failed', last_error = 'rejected', remote_id = 'x' where channel = 'app_io'"
        ))
        .await;
    let (mail, io) = (
        world.notice(&a, Event::Confirmed, Channel::Email).await.id,
        world.notice(&a, Event::Confirmed, Channel::AppIo).await.id,
    );
    let mut browser = Console::come_in(&world.office.db, &world.office.entity, Role::Administrator).await;
    let here = "/borgo/amministrazione/non-riusciti";
    let page = browser.get(here).await;
    for text in [
        "301011100007347551",
        "emettilo con il codice successivo",
        "Ritirare: si può ancora pagare",
        "Risposta ricevuta: «IBAN not found»",
        "Il cittadino non è su App IO",
        "Il server rifiuta",
        a.code.as_str(),
        &format!("avvisi/{taken}/rinumera"),
    ] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
    assert!(!page.body.contains(&format!("avvisi/{cancelled}/rinumera")));
    assert!(!page.body.contains(&format!("messaggi/{io}")), "it is never sent again");
    let token = page.field("_token").to_owned();
    for address in [format!("avvisi/{cancelled}/riprova"), format!("messaggi/{mail}/riprova")] {
        let done = browser.post(&format!("{here}/{address}"), &[("_token", &token)]).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{address}: {}", done.body);
    }
    let mut tx = world.office.begin().await;
    let kinds: Vec<String> = sqlx::query_scalar("select kind from job where kind like 'withdraw%'")
        .fetch_all(&mut *tx)
        .await
        .unwrap();
    assert_eq!(kinds, ["withdraw_position"]);
    assert_eq!(world.notice(&a, Event::Confirmed, Channel::Email).await.state, NoticeState::Pending);
}
