//! The accountant's morning, through the pages and through the API: the journal comes in, the plan is right to the cent,
//! wrong files say why, and nobody else comes in.

use axum::body::Body;
use chrono::TimeDelta;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use sportello::identity::api::Scope;
use sportello::identity::session::cookie_name;
use sportello::identity::store::{LoggedIn, create_session, insert_staff};
use sportello::identity::{Role, RoleGrant, StaffMember};
use sportello::ids::StaffId;
use sportello_treasury::simulator::Entry;
use sqlx::ConnectOptions as _;

use crate::api::token;
use crate::browser::{Browser, Page};
use crate::reconciliation::world::{Position, World};

const AREA: &str = "/foligno/contabilita";
const API: &str = "/api/v1/entities/foligno/accounting";
const FLOW: &str = "2027-01-11PSPITXX1-0001";
/// The identity card over three chapters: the State's share, the Comune's fee, the secretariat's.
const CARD: [(&str, i64); 3] = [("6010", 1679), ("3120", 516), ("3110", 26)];

async fn staff(world: &World, role: Role) -> Browser {
    let id = StaffId::new();
    let member = StaffMember {
        id,
        given_name: "Paolo".into(),
        family_name: "Conti".into(),
        email: format!("{id}@example.it"),
        fiscal_code: None,
        active: true,
        roles: vec![RoleGrant { role, site: None }],
    };
    let mut tx = world.db.app.db.begin(world.entity.id).await.unwrap();
    insert_staff(&mut tx, world.entity.id, &member, world.now()).await.unwrap();
    let who = LoggedIn { person: None, staff: Some(member), level: 2 };
    let made = create_session(&mut tx, world.entity.id, who, "it", world.now()).await.unwrap();
    tx.commit().await.unwrap();
    let mut browser = Browser::new(&world.db.app);
    browser.cookies().insert(cookie_name("foligno", false), made.token);
    browser
}

/// A card that was paid and reported, and the journal page that tells of its credit.
async fn reported_card(world: &mut World) -> (Position, String) {
    let card = world.position_of(&CARD, 2027).await;
    world.receipt(&card, "iur-1", true).await;
    let flow = world.flow(FLOW, 1, &[(&card.iuv, "iur-1", card.amount)]);
    world.import_flow(&flow).await;
    let page = journal(world, 1, 2221, FLOW);
    (card, page)
}

fn journal(world: &mut World, number: u64, cents: i64, flow: &str) -> String {
    let text = format!("/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/{flow}");
    let credit = world.credit(number, cents, &text);
    world.treasurer.journal(world.today, &[Entry::Credited(credit)]).remove(0)
}

/// Sends files with the form of the import page.
async fn upload(browser: &mut Browser, to: &str, files: &[(&str, &str)]) -> Page {
    let token = browser.get(&format!("{AREA}/importa")).await.field("_token").to_owned();
    upload_with(browser, to, &token, files).await
}

async fn upload_with(browser: &mut Browser, to: &str, token: &str, files: &[(&str, &str)]) -> Page {
    const BOUNDARY: &str = "----between-the-parts";
    let mut body =
        format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"_token\"\r\n\r\n{token}\r\n");
    for (name, text) in files {
        body += &format!(
            "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{text}\r\n"
        );
    }
    body += &format!("--{BOUNDARY}--\r\n");
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let request = Request::post(format!("{AREA}/importa/{to}")).header(CONTENT_TYPE, kind);
    browser.send(request.body(Body::from(body)).unwrap()).await
}

async fn open(browser: &mut Browser, path: &str) -> String {
    let page = browser.get(&format!("{AREA}{path}")).await;
    assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.body);
    page.body
}

fn has_all(body: &str, texts: &[&str]) {
    for text in texts {
        assert!(body.contains(text), "{text} is missing in {body}");
    }
}

async fn audited(world: &World, action: &str) -> i64 {
    let mut conn = world.db.owner.connect().await.unwrap();
    let count = sqlx::query_scalar("select count(*) from audit where action = $1").bind(action);
    count.fetch_one(&mut conn).await.unwrap()
}

#[tokio::test]
async fn only_accountants_come_in() {
    let world = World::new().await;
    let guest = Browser::new(&world.db.app).get(AREA).await;
    assert_eq!(guest.status, StatusCode::SEE_OTHER);
    assert_eq!(guest.location(), "/foligno/personale/accesso?ritorno=%2Ffoligno%2Fcontabilita");
    let paths = ["", "/importa", "/flussi", "/ricevute", "/conti", "/provvisori/2027/1/piano.csv"];
    for role in [Role::Operator, Role::Administrator] {
        let mut browser = staff(&world, role).await;
        for path in paths {
            assert_eq!(browser.get(&format!("{AREA}{path}")).await.status, StatusCode::FORBIDDEN, "{path}");
        }
    }
    let mut accountant = staff(&world, Role::Accountant).await;
    let empty = open(&mut accountant, "").await;
    has_all(
        &empty,
        &["Per cominciare, importa il giornale di cassa", "class=\"active\" aria-current=\"true\""],
    );
    for path in ["/provvisori/2027/1", "/pagamenti/123", "/flussi/00000000-0000-0000-0000-000000000000"] {
        assert_eq!(accountant.get(&format!("{AREA}{path}")).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_file_may_be_longer_than_a_form() {
    let world = World::new().await;
    let mut browser = staff(&world, Role::Accountant).await;
    for to in ["giornale", "flusso"] {
        let page = upload(&mut browser, to, &[("lungo.xml", &"x".repeat(300_000))]).await;
        assert_ne!(page.status, StatusCode::PAYLOAD_TOO_LARGE, "{to}");
        assert!(page.body.contains("lungo.xml"), "{}", page.body);
    }
}

#[tokio::test]
async fn the_journal_becomes_a_plan_to_the_cent() {
    let mut world = World::new().await;
    let (card, page) = reported_card(&mut world).await;
    let mut browser = staff(&world, Role::Accountant).await;
    has_all(&open(&mut browser, "").await, &["Flusso senza accredito", FLOW]);

    let result = upload(&mut browser, "giornale", &[("giornale.xml", &page)]).await;
    has_all(&result.body, &["giornale.xml", "Importato", "1 provvisorio di entrata nuovo o aggiornato."]);
    let again = upload(&mut browser, "giornale", &[("giornale.xml", &page)]).await;
    has_all(&again.body, &["Già presente"]);
    assert_eq!(audited(&world, "journal.imported").await, 1);

    let list = open(&mut browser, "").await;
    has_all(&list, &[">1/2027<", "22,21\u{a0}€", "Mancano 60 giorni", "entro il 12/03/2027", "RT_IUF_TES"]);
    let entry = open(&mut browser, "/provvisori/2027/1?aperto=true").await;
    has_all(
        &entry,
        &["16,79\u{a0}€", "5,16\u{a0}€", "0,26\u{a0}€", "Pareggia con il provvisorio", &card.iuv],
    );
    has_all(
        &entry,
        &["<strong>6010</strong>", "Certa: il riferimento è scritto per intero", "<details open>"],
    );

    let plan = browser.get(&format!("{AREA}/provvisori/2027/1/piano.csv")).await;
    assert_eq!(plan.headers[CONTENT_TYPE], "text/csv; charset=utf-8");
    let rows: Vec<&str> = plan.body.lines().skip(1).collect();
    assert_eq!(rows.len(), 3);
    for (chapter, amount) in [("3110", "0,26"), ("3120", "5,16"), ("6010", "16,79")] {
        let row = rows.iter().find(|row| row.contains(&format!(";{chapter};"))).unwrap();
        assert!(row.contains(";22,21;QUOTA;2027;") && row.contains(&format!(";{amount};1;")), "{row}");
    }
    let detail = browser.get(&format!("{AREA}/provvisori/2027/1/dettaglio.csv")).await.body;
    assert_eq!(detail.lines().filter(|row| row.contains(&card.iuv)).count(), 3);
}

#[tokio::test]
async fn a_plan_is_marked_as_sent_once() {
    let mut world = World::new().await;
    let (_, page) = reported_card(&mut world).await;
    world.import_journal(&page).await;
    let mut browser = staff(&world, Role::Accountant).await;
    let path = format!("{AREA}/provvisori/2027/1");
    let page = browser.get(&path).await;
    let (token, plan) = (page.field("_token").to_owned(), page.field("piano").to_owned());
    for _ in 0..2 {
        let form = [("_token", token.as_str()), ("piano", &plan)];
        let answer = browser.post(&format!("{path}/inviato"), &form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let page = browser.get(answer.location()).await.body;
        has_all(&page, &["Il piano è segnato come inviato", "Piano inviato alla contabilità il 11/01/2027"]);
        world.db.advance(TimeDelta::minutes(5));
    }
    assert_eq!(audited(&world, "plan.sent").await, 1);
    assert_eq!(browser.post(&format!("{path}/inviato"), &[]).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_plan_that_nobody_saw_is_not_marked_as_sent() {
    let mut world = World::new().await;
    let (_, page) = reported_card(&mut world).await;
    world.import_journal(&page).await;
    let mut browser = staff(&world, Role::Accountant).await;
    let path = format!("{AREA}/provvisori/2027/1");
    let seen = browser.get(&path).await;
    let (token, plan) = (seen.field("_token").to_owned(), seen.field("piano").to_owned());
    let line = seen.field("riga").to_owned();
    world.import_flow(&world.flow(FLOW, 2, &[("01999999999999900", "x", 2221)])).await;
    let form = [("_token", token.as_str()), ("piano", &plan), ("riga", &line)];
    let answer = browser.post(&format!("{path}/inviato"), &form).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    has_all(&answer.body, &["Il piano è cambiato dopo che hai aperto questa pagina", "Prima", "Ora"]);
    has_all(&answer.body, &["2027 3110 (17): 0,26", "IUV_NO_RT: 22,21"]);
    assert_eq!(audited(&world, "plan.sent").await, 0);
}

#[tokio::test]
async fn everything_behind_an_entry_is_found() {
    let mut world = World::new().await;
    let (card, page) = reported_card(&mut world).await;
    world.import_journal(&page).await;
    let mut browser = staff(&world, Role::Accountant).await;
    for search in [card.iuv.clone(), format!("3{}", card.iuv), "PSPITXX1-0001".to_owned(), "1".to_owned()] {
        let found = open(&mut browser, &format!("?cerca={search}")).await;
        has_all(&found, &[">1/2027<"]);
    }
    has_all(&open(&mut browser, "?cerca=nulla").await, &["Nessun risultato per «nulla»"]);
    let trail = open(&mut browser, &format!("/pagamenti/{}", card.iuv)).await;
    has_all(&trail, &["Avviso 3", "Ricevuta iur-1", FLOW, "Provvisorio 1/2027", "Incassato"]);
    let flows = open(&mut browser, "/flussi").await;
    let (_, rest) = flows.split_once(&format!("{AREA}/flussi/")).unwrap();
    let flow = open(&mut browser, &format!("/flussi/{}", rest.split('"').next().unwrap())).await;
    has_all(&flow, &["1 pagamento, totale 22,21\u{a0}€", ">1/2027<", &card.iuv]);
    let receipts = open(&mut browser, "/ricevute").await;
    has_all(&receipts, &["lunedì 11 gennaio 2027", "1 ricevuta", FLOW, "22,21\u{a0}€"]);
    has_all(
        &open(&mut browser, "/ricevute?giorno=2027-01-10").await,
        &["Nessun pagamento in questo giorno."],
    );
    has_all(&open(&mut browser, "/conti").await, &["−22,21\u{a0}€", "Tesoreria", "Nessuna partita aperta."]);
    let english = open(&mut browser, "/provvisori/2027/1?lingua=en").await;
    has_all(&english, &["Regularisation plan", "Equals the provisional entry"]);
}

#[tokio::test]
async fn what_does_not_agree_is_said_and_deadlines_pass() {
    let mut world = World::new().await;
    let page = journal(&mut world, 7, 1000, "2027-01-11PSPITXX1-9999");
    world.import_journal(&page).await;
    let mut browser = staff(&world, Role::Accountant).await;
    let differing = open(&mut browser, "?vista=differenze").await;
    has_all(&differing, &[">7/2027<", "Flusso o pagamento non ancora arrivato", "TES_NO_MATCH"]);
    let entry = open(&mut browser, "/provvisori/2027/7").await;
    has_all(
        &entry,
        &["scarica i flussi da pagoPA, poi ricontrolla", "10,00\u{a0}€", "Pareggia con il provvisorio"],
    );
    has_all(&open(&mut browser, "?vista=regolarizzati").await, &["Nessun provvisorio."]);

    world.db.advance(TimeDelta::days(61));
    let mut browser = staff(&world, Role::Accountant).await;
    has_all(&open(&mut browser, "").await, &["Scaduto da 1 giorno", "1 oltre i 60 giorni"]);
}

#[tokio::test]
async fn wrong_files_are_refused_with_their_reason() {
    let mut world = World::new().await;
    let page = journal(&mut world, 1, 2221, FLOW);
    let mut browser = staff(&world, Role::Accountant).await;
    let of_another = page.replace("01234567890", "09876543210");
    let cut = &page[..page.len() / 2];
    let without_year = page.replace("<esercizio>2027</esercizio>", "");
    let files = [
        ("stampa.pdf", "%PDF-1.7"),
        ("altro.xml", "<ordine/>"),
        ("troncato.xml", cut),
        ("di-un-altro.xml", &of_another),
        ("senza-anno.xml", &without_year),
        ("buono.xml", &page),
    ];
    let result = upload(&mut browser, "giornale", &files).await;
    assert_eq!(result.status, StatusCode::OK);
    assert_eq!(result.body.matches(">Rifiutato<").count(), 5);
    assert_eq!(result.body.matches(">Importato<").count(), 1);
    has_all(
        &result.body,
        &[
            "Il file non è un XML",
            "non un giornale di cassa OPI",
            "Questo giornale di cassa è di un altro ente.",
            "manca un dato obbligatorio: &#60;esercizio&#62;",
            "riga e colonna",
        ],
    );
    let result =
        upload(&mut browser, "flusso", &[("flusso.xml", &page), ("vuoto.xml", "<FlussoRiversamento/>")])
            .await;
    has_all(
        &result.body,
        &["comincia con flusso_giornale_di_cassa", "non rispetta lo schema FlussoRiversamento"],
    );
    let nothing = upload(&mut browser, "giornale", &[]).await;
    has_all(&nothing.body, &["Scegli almeno un file."]);
    let stranger = upload_with(&mut browser, "giornale", "another-token", &[("buono.xml", &page)]).await;
    assert_eq!(stranger.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn flows_are_asked_for_at_once() {
    let world = World::new().await;
    let mut browser = staff(&world, Role::Accountant).await;
    let token = browser.get(&format!("{AREA}/importa")).await.field("_token").to_owned();
    let result = browser.post(&format!("{AREA}/importa/scarica"), &[("_token", &token)]).await;
    has_all(&result.body, &["Completato", "Nessun flusso nuovo."]);
    assert_eq!(audited(&world, "flows.fetched").await, 1);
}

/// A program of the entity.
struct Program {
    browser: Browser,
    token: String,
}

impl Program {
    async fn new(world: &World, scopes: &[Scope]) -> Self {
        let token = token(&world.db, &world.entity, scopes).await;
        Self { browser: Browser::new(&world.db.app), token }
    }

    async fn send(&mut self, method: Method, path: &str, body: &str) -> Page {
        let request = Request::builder().method(method).uri(format!("{API}{path}"));
        let request = request.header(AUTHORIZATION, format!("Bearer {}", self.token));
        self.browser.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    async fn read(&mut self, path: &str) -> Value {
        let answer = self.send(Method::GET, path, "").await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }
}

#[tokio::test]
async fn programs_read_the_plan_and_bring_the_journal() {
    let mut world = World::new().await;
    let (card, page) = reported_card(&mut world).await;
    let mut stranger = Program::new(&world, &[Scope::Desk]).await;
    assert_eq!(stranger.send(Method::GET, "/worklist", "").await.status, StatusCode::FORBIDDEN);

    let mut program = Program::new(&world, &[Scope::Accounting]).await;
    assert_eq!(program.read("/worklist").await["totals"]["flows_without_entry"], 1);
    let imported = program.send(Method::POST, "/journals", &page).await;
    assert_eq!(imported.status, StatusCode::CREATED, "{}", imported.body);
    assert_eq!(program.send(Method::POST, "/journals", &page).await.status, StatusCode::OK);
    let refused = program.send(Method::POST, "/journals", "<ordine/>").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.headers[CONTENT_TYPE], "application/problem+json");
    let problem: Value = serde_json::from_str(&refused.body).unwrap();
    assert_eq!(problem["errors"][0]["code"], "file_not_a_journal");

    let list = program.read("/worklist").await;
    assert_eq!((&list["totals"]["open_cents"], &list["entries"][0]["number"]), (&json!(2221), &json!(1)));
    let entry = program.read("/entries/2027/1").await;
    let rows = entry["rows"].as_array().unwrap();
    let mut plan: Vec<_> = rows
        .iter()
        .map(|row| (row["chapter"].as_str().unwrap(), row["amount_cents"].as_i64().unwrap()))
        .collect();
    plan.sort_unstable();
    assert_eq!(plan, [("3110", 26), ("3120", 516), ("6010", 1679)]);
    assert_eq!(entry["differences"], json!([]));
    let csv = program.send(Method::GET, "/entries/2027/1/plan.csv", "").await;
    assert!(csv.body.contains(";16,79;") && csv.headers[CONTENT_TYPE] == "text/csv; charset=utf-8");
    assert!(program.send(Method::GET, "/entries/2027/1/detail.csv", "").await.body.contains(&card.iuv));
    assert_eq!(program.send(Method::GET, "/entries/2027/2", "").await.status, StatusCode::NOT_FOUND);

    let flow = program.read("/flows").await["flows"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(program.read(&format!("/flows/{flow}")).await["rows"][0]["amount_cents"], 2221);
    let trail = program.read(&format!("/payments/{}", card.iuv)).await;
    assert_eq!((&trail["state"], &trail["receipts"][0]["iur"]), (&json!("cashed"), &json!("iur-1")));
    let unread = program.send(Method::POST, "/entries/2027/1/sent", "").await;
    assert_eq!(unread.status, StatusCode::BAD_REQUEST);
    let another = program.send(Method::POST, "/entries/2027/1/sent", r#"{"plan_sha256": "00"}"#).await;
    assert_eq!(another.status, StatusCode::CONFLICT, "{}", another.body);
    let seen = json!({"plan_sha256": entry["plan_sha256"]}).to_string();
    let sent = program.send(Method::POST, "/entries/2027/1/sent", &seen).await;
    assert_eq!(sent.status, StatusCode::OK);
    assert!(!serde_json::from_str::<Value>(&sent.body).unwrap()["plan_sent_at"].is_null());
    assert_eq!(program.read(&format!("/payments/{}", card.iuv)).await["state"], "regularised");
}
