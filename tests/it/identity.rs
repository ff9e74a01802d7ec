//! Coming in: sessions, logins at simulated providers, staff, API clients, and what is refused.

use std::sync::Arc;

use axum::body::Body;
use chrono::TimeDelta;
use http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use http::{Request, StatusCode};
use secrecy::SecretString;
use serde_json::{Value, json};
use sportello::audit::Actor;
use sportello::entity::{self, Entity, Kind};
use sportello::identity::api::{self, Scope};
use sportello::identity::login::{LoginSettings, NamedProvider, STAFF_SECRET};
use sportello::identity::{Role, RoleGrant, StaffMember, store};
use sportello::ids::StaffId;
use sportello_spid_cie::simulator::{Client, Misbehaviour, Settings, Simulator, User};
use sportello_spid_cie::{FiscalCode, Level};
use sqlx::ConnectOptions;

use crate::browser::Browser;
use crate::support::TestDb;

/// A simulated provider that citizens and staff of the entity log in at.
struct Provider {
    simulator: Simulator,
    http: reqwest::Client,
}

impl Provider {
    async fn start(db: &TestDb, entity: &Entity) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let clock = db.app.clock.clone();
        let user = |login: &str, given: &str, fiscal: Option<&str>, level| User {
            login: login.to_owned(),
            given_name: given.to_owned(),
            family_name: "Bianchi".to_owned(),
            fiscal_code: fiscal.map(|code| FiscalCode::with_check(code).unwrap()),
            email: Some(format!("{login}@example.it")),
            phone: None,
            birthdate: None,
            level,
        };
        let simulator = Simulator::new(Settings {
            issuer: issuer.clone(),
            kind: "SPID".to_owned(),
            clients: vec![Client {
                id: "sportello".to_owned(),
                secret: SecretString::from("a-secret"),
                redirect_uri_prefixes: vec![db.app.config.server.base_url.clone()],
                signed_userinfo: false,
            }],
            users: vec![
                user("giulia", "Giulia", Some("BNCGLI72H65H501"), Level::L2),
                user("ada", "Ada", None, Level::L2),
                user("carlo", "Carlo", Some("BNCCRL70A01H501"), Level::L3),
            ],
            clock: Arc::new(move || clock.now()),
        });
        let router = simulator.router();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });

        let settings = json!({"issuer": issuer, "client_id": "sportello", "minimum_level": "l2"});
        let spid =
            NamedProvider { key: "spid".to_owned(), label: "SPID".to_owned(), settings: settings.clone() };
        let mut staff = settings;
        staff["fiscal_code_required"] = json!(false);
        let (mut tx, now) = (db.app.db.begin(entity.id).await.unwrap(), db.app.clock.now());
        let secret = SecretString::from("a-secret");
        for name in [spid.secret_name(), STAFF_SECRET.to_owned()] {
            entity::store::put_secret(&mut tx, &db.app.keys, entity.id, &name, &secret, now).await.unwrap();
        }
        let citizens = LoginSettings { providers: vec![spid] };
        entity::store::put_integration(&mut tx, entity.id, Kind::CitizenLogin, true, &citizens, now)
            .await
            .unwrap();
        entity::store::put_integration(&mut tx, entity.id, Kind::StaffLogin, true, &staff, now)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { simulator, http }
    }

    /// What a person does at the provider: the local address the browser is sent back to.
    async fn visit(&self, address: &str, choice: (&str, &str)) -> String {
        let url: url::Url = address.parse().unwrap();
        let mut form: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        form.push((choice.0.to_owned(), choice.1.to_owned()));
        let answer = self.http.post(address.split('?').next().unwrap()).form(&form).send().await.unwrap();
        let back: url::Url = answer.headers()["location"].to_str().unwrap().parse().unwrap();
        format!("{}?{}", back.path(), back.query().unwrap())
    }
}

async fn comune() -> (TestDb, Entity) {
    let db = TestDb::new().await;
    let entity = db.entity("terni", "00175660554").await;
    (db, entity)
}

async fn audited(db: &TestDb, action: &str) -> i64 {
    let mut conn = db.owner.connect().await.unwrap();
    sqlx::query_scalar("select count(*) from audit where action = $1")
        .bind(action)
        .fetch_one(&mut conn)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_citizen_logs_in_and_out() {
    let (db, entity) = comune().await;
    let provider = Provider::start(&db, &entity).await;
    let mut browser = Browser::new(&db.app);

    let page = browser.get("/terni/accesso?ritorno=/terni/area-personale?x=1").await;
    assert!(page.body.contains("Entra con SPID"), "{}", page.body);
    let away = browser.get("/terni/accesso/spid?ritorno=%2Fterni%2Farea-personale%3Fx%3D1").await;
    assert_eq!(away.status, StatusCode::SEE_OTHER);
    let guest = browser.cookies().clone();
    let back = provider.visit(away.location(), ("login", "giulia")).await;
    let home = browser.get(&back).await;
    assert_eq!(home.location(), "/terni/area-personale?x=1");
    assert_ne!(*browser.cookies(), guest, "the token is another one after the login");
    let page = browser.get("/terni/accesso").await;
    assert!(page.body.contains("Giulia Bianchi"));
    assert_eq!(audited(&db, "login.citizen").await, 1);

    // The old token is nobody's, and the provider's answer counts once.
    let mut thief = Browser::new(&db.app);
    thief.cookies().extend(guest);
    assert!(!thief.get("/terni/accesso").await.body.contains("Giulia"));
    let again = browser.get(&back).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN);
    assert!(again.body.contains("tempo per l&#39;accesso è scaduto"), "{}", again.body);

    // Staff pages are not for citizens.
    assert!(
        browser.get("/terni/personale").await.location().starts_with("/terni/personale/accesso?ritorno=")
    );

    let left = browser.post("/terni/esci", &[("_token", page.field("_token"))]).await;
    assert_eq!(left.location(), "/terni/");
    assert!(browser.cookies().is_empty());
    assert_eq!(audited(&db, "logout").await, 1);
}

#[tokio::test]
async fn a_login_belongs_to_the_browser_and_the_hour_it_began_in() {
    let (db, entity) = comune().await;
    let provider = Provider::start(&db, &entity).await;
    let (mut browser, mut other) = (Browser::new(&db.app), Browser::new(&db.app));

    let away = browser.get("/terni/accesso/spid").await;
    let back = provider.visit(away.location(), ("login", "giulia")).await;
    other.get("/terni/accesso/spid").await;
    assert_eq!(other.get(&back).await.status, StatusCode::FORBIDDEN, "another browser's session");
    db.advance(TimeDelta::minutes(11));
    assert_eq!(browser.get(&back).await.status, StatusCode::FORBIDDEN, "after eleven minutes");

    let away = browser.get("/terni/accesso/spid").await;
    let back = provider.visit(away.location(), ("cancel", "1")).await;
    let page = browser.get(&back).await;
    assert!(page.body.contains("Hai annullato l&#39;accesso"), "{}", page.body);
    assert_eq!(audited(&db, "login.citizen").await, 0);
}

#[tokio::test]
async fn a_provider_that_misbehaves_lets_nobody_in() {
    let (db, entity) = comune().await;
    let provider = Provider::start(&db, &entity).await;
    let mut browser = Browser::new(&db.app);
    for misbehaviour in [Misbehaviour::WrongNonce, Misbehaviour::BadSignature, Misbehaviour::LowLevel] {
        let away = browser.get("/terni/accesso/spid").await;
        provider.simulator.misbehave(Some(misbehaviour));
        let back = provider.visit(away.location(), ("login", "giulia")).await;
        assert_eq!(browser.get(&back).await.status, StatusCode::FORBIDDEN, "{misbehaviour:?}");
        provider.simulator.misbehave(None);
    }
    assert_eq!(audited(&db, "login.citizen").await, 0);
}

#[tokio::test]
async fn staff_come_in_by_name_and_only_where_they_have_a_role() {
    let (db, entity) = comune().await;
    let provider = Provider::start(&db, &entity).await;
    let mut browser = Browser::new(&db.app);

    let away = browser.get("/terni/personale/accesso").await;
    let back = provider.visit(away.location(), ("login", "ada")).await;
    let page = browser.get(&back).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.body.contains("non risulti tra il personale"), "{}", page.body);

    let mut ada = employ(&db, &entity, "Ada@Example.it", None).await;

    let away = browser.get("/terni/personale/accesso").await;
    let back = provider.visit(away.location(), ("login", "ada")).await;
    assert_eq!(browser.get(&back).await.location(), "/terni/personale");
    assert_eq!(browser.get("/terni/personale").await.location(), "/terni/contabilita");
    assert_eq!(audited(&db, "login.staff").await, 1);

    // Whoever is deactivated is out at the next click.
    ada.active = false;
    let mut tx = db.app.db.begin(entity.id).await.unwrap();
    store::update_staff(&mut tx, entity.id, &ada).await.unwrap();
    tx.commit().await.unwrap();
    assert!(browser.get("/terni/personale").await.location().starts_with("/terni/personale/accesso"));
}

/// An accountant.
async fn employ(db: &TestDb, entity: &Entity, email: &str, fiscal_code: Option<&str>) -> StaffMember {
    let member = StaffMember {
        id: StaffId::new(),
        given_name: "Ada".to_owned(),
        family_name: "Bianchi".to_owned(),
        email: email.to_owned(),
        fiscal_code: fiscal_code.map(|code| FiscalCode::with_check(code).unwrap().as_str().to_owned()),
        active: true,
        roles: vec![RoleGrant { role: Role::Accountant, site: None }],
    };
    let mut tx = db.app.db.begin(entity.id).await.unwrap();
    store::insert_staff(&mut tx, entity.id, &member, db.app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    member
}

/// Whether somebody whom the provider knows comes in as staff.
async fn comes_in(db: &TestDb, provider: &Provider, login: &str) -> bool {
    let mut browser = Browser::new(&db.app);
    let away = browser.get("/terni/personale/accesso").await;
    let back = provider.visit(away.location(), ("login", login)).await;
    browser.get(&back).await.status == StatusCode::SEE_OTHER
}

#[tokio::test]
async fn an_address_that_nobody_verified_is_nobodys() {
    let (db, entity) = comune().await;
    let provider = Provider::start(&db, &entity).await;
    employ(&db, &entity, "ada@example.it", None).await;
    provider.simulator.misbehave(Some(Misbehaviour::UnverifiedEmail));
    assert!(!comes_in(&db, &provider, "ada").await);
    provider.simulator.misbehave(None);
    assert!(comes_in(&db, &provider, "ada").await);

    // Where the entity says that its directory can be believed, it is.
    let mut tx = db.app.db.begin(entity.id).await.unwrap();
    let mut settings: Value =
        entity::store::settings(&mut tx, entity.id, Kind::StaffLogin).await.unwrap().unwrap();
    settings["email_trusted"] = json!(true);
    let now = db.app.clock.now();
    entity::store::put_integration(&mut tx, entity.id, Kind::StaffLogin, true, &settings, now).await.unwrap();
    tx.commit().await.unwrap();
    provider.simulator.misbehave(Some(Misbehaviour::UnverifiedEmail));
    assert!(comes_in(&db, &provider, "ada").await);
}

#[tokio::test]
async fn an_address_does_not_stand_for_another_persons_fiscal_code() {
    let (db, entity) = comune().await;
    let provider = Provider::start(&db, &entity).await;
    // Ada's address is now in the account of somebody with a fiscal code of their own.
    let mut member = employ(&db, &entity, "giulia@example.it", Some("VRDLGU75D15L219")).await;
    assert!(!comes_in(&db, &provider, "giulia").await);

    member.fiscal_code = None;
    let mut tx = db.app.db.begin(entity.id).await.unwrap();
    store::update_staff(&mut tx, entity.id, &member).await.unwrap();
    tx.commit().await.unwrap();
    assert!(comes_in(&db, &provider, "giulia").await, "no code of theirs speaks against the address");
}

#[tokio::test]
async fn a_login_asks_for_the_level_that_is_needed() {
    let (db, entity) = comune().await;
    let provider = Provider::start(&db, &entity).await;
    let mut browser = Browser::new(&db.app);
    let page = browser.get("/terni/accesso?ritorno=/terni/area-personale&livello=3").await;
    let way = page.body.split("href=\"").find(|rest| rest.starts_with("/terni/accesso/spid")).unwrap();
    let way = way.split('"').next().unwrap().replace("&amp;", "&").replace("&#38;", "&");
    let away = browser.get(&way).await;
    assert!(
        away.location().contains("acr_values=https%3A%2F%2Fwww.spid.gov.it%2FSpidL3"),
        "{}",
        away.location()
    );

    // The level is kept when the first try fails.
    let back = provider.visit(away.location(), ("cancel", "1")).await;
    let page = browser.get(&back).await;
    assert!(page.body.contains("livello=3"), "{}", page.body);
    let away = browser.get(&way).await;
    let back = provider.visit(away.location(), ("login", "carlo")).await;
    assert_eq!(browser.get(&back).await.location(), "/terni/area-personale");
    let mut conn = db.owner.connect().await.unwrap();
    let level: i16 = sqlx::query_scalar("select level from session where identity is not null")
        .fetch_one(&mut conn)
        .await
        .unwrap();
    assert_eq!(level, 3);
}

#[tokio::test]
async fn sessions_end_when_idle() {
    let (db, entity) = comune().await;
    let provider = Provider::start(&db, &entity).await;
    let mut browser = Browser::new(&db.app);
    let away = browser.get("/terni/accesso/spid").await;
    let back = provider.visit(away.location(), ("login", "giulia")).await;
    browser.get(&back).await;
    for _ in 0..3 {
        db.advance(TimeDelta::minutes(50));
        assert!(browser.get("/terni/accesso").await.body.contains("Giulia"), "used within the hour");
    }
    db.advance(TimeDelta::minutes(61));
    assert!(!browser.get("/terni/accesso").await.body.contains("Giulia"));
}

#[tokio::test]
async fn a_form_without_the_sessions_token_does_nothing() {
    let (db, entity) = comune().await;
    let provider = Provider::start(&db, &entity).await;
    let mut browser = Browser::new(&db.app);
    let away = browser.get("/terni/accesso/spid").await;
    let back = provider.visit(away.location(), ("login", "giulia")).await;
    browser.get(&back).await;
    for fields in [&[][..], &[("_token", "")], &[("_token", "another")]] {
        let page = browser.post("/terni/esci", fields).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
    }
    assert!(browser.get("/terni/accesso").await.body.contains("Giulia"), "still in");
}

#[tokio::test]
async fn a_form_is_not_as_long_as_a_file() {
    let (db, _) = comune().await;
    let mut browser = Browser::new(&db.app);
    let long = "x".repeat(300_000);
    for path in ["/terni/esci", "/api/v1/entities/terni/token", "/pagopa/paForNode"] {
        let page = browser.post(path, &[("x", &long)]).await;
        assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
    }
}

#[tokio::test]
async fn entities_do_not_share_sessions() {
    let (db, entity) = comune().await;
    db.entity("spoleto", "00316820547").await;
    let provider = Provider::start(&db, &entity).await;
    let mut browser = Browser::new(&db.app);
    let away = browser.get("/terni/accesso/spid").await;
    let back = provider.visit(away.location(), ("login", "giulia")).await;
    browser.get(&back).await;
    let token = browser.cookies()["sportello-terni"].clone();
    browser.cookies().insert("sportello-spoleto".to_owned(), token);
    assert!(!browser.get("/spoleto/accesso").await.body.contains("Giulia"));
}

async fn token(browser: &mut Browser, form: &str, basic: Option<&str>) -> (StatusCode, Value) {
    let mut request = Request::post("/api/v1/entities/terni/token")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    if let Some(basic) = basic {
        request = request.header(AUTHORIZATION, format!("Basic {basic}"));
    }
    let answer = browser.send(request.body(Body::from(form.to_owned())).unwrap()).await;
    (answer.status, serde_json::from_str(&answer.body).unwrap())
}

#[tokio::test]
async fn api_clients_get_tokens_for_what_they_may() {
    use base64::Engine as _;
    let (db, entity) = comune().await;
    let mut client = api::Client {
        id: "sito".to_owned(),
        name: "Sito istituzionale".to_owned(),
        scopes: vec![Scope::AppointmentsRead, Scope::AppointmentsWrite],
        active: true,
        created_at: db.app.clock.now(),
    };
    let mut tx = db.app.db.begin(entity.id).await.unwrap();
    let secret = api::register(&mut tx, entity.id, &client, &Actor::System, client.created_at).await.unwrap();
    tx.commit().await.unwrap();
    let mut browser = Browser::new(&db.app);

    let basic = base64::engine::general_purpose::STANDARD.encode(format!("sito:{secret}"));
    let (status, answer) = token(&mut browser, "grant_type=client_credentials", Some(&basic)).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!(answer["scope"], "appointments:read appointments:write");
    assert_eq!(answer["expires_in"], 3600);
    let form = format!("grant_type=client_credentials&client_id=sito&client_secret={secret}");
    let (status, _) = token(&mut browser, &format!("{form}&scope=appointments:read"), None).await;
    assert_eq!(status, StatusCode::OK);

    for (form, status, error) in [
        (format!("{form}&scope=admin"), StatusCode::BAD_REQUEST, "invalid_scope"),
        ("grant_type=password".to_owned(), StatusCode::BAD_REQUEST, "unsupported_grant_type"),
        (form.replace(&secret, "wrong"), StatusCode::UNAUTHORIZED, "invalid_client"),
        (form.replace("=sito", "=nobody"), StatusCode::UNAUTHORIZED, "invalid_client"),
    ] {
        let (got, answer) = token(&mut browser, &form, None).await;
        assert_eq!((got, answer["error"].as_str()), (status, Some(error)));
    }

    let bearer = answer["access_token"].as_str().unwrap();
    let now = db.app.clock.now();
    let mut tx = db.app.db.begin(entity.id).await.unwrap();
    let (id, scopes) = store::client_of_token(&mut tx, entity.id, bearer, now).await.unwrap().unwrap();
    assert_eq!((id.as_str(), scopes.len()), ("sito", 2));
    let later = now + TimeDelta::minutes(61);
    assert!(store::client_of_token(&mut tx, entity.id, bearer, later).await.unwrap().is_none());
    client.active = false;
    store::update_client(&mut tx, entity.id, &client).await.unwrap();
    assert!(store::client_of_token(&mut tx, entity.id, bearer, now).await.unwrap().is_none());
    tx.commit().await.unwrap();
    assert_eq!(token(&mut browser, &form, None).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_has_expired_is_forgotten() {
    let (db, entity) = comune().await;
    let provider = Provider::start(&db, &entity).await;
    let mut browser = Browser::new(&db.app);
    let away = browser.get("/terni/accesso/spid").await;
    assert!(!provider.visit(away.location(), ("login", "giulia")).await.is_empty());
    let mut tx = db.app.db.begin(entity.id).await.unwrap();
    let now = db.app.clock.now();
    assert_eq!(store::forget_expired(&mut tx, entity.id, now).await.unwrap(), 0);
    assert_eq!(store::forget_expired(&mut tx, entity.id, now + TimeDelta::hours(2)).await.unwrap(), 1);
}

#[tokio::test]
async fn errors_are_pages_for_people_and_problems_for_programs() {
    let (db, _) = comune().await;
    let mut browser = Browser::new(&db.app);

    let page = browser.get("/terni/no-such-page?lingua=en").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.body.contains("<html lang=\"en\">") && page.body.contains("Comune di terni"));
    assert!(page.headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    assert_eq!(page.headers["cache-control"], "no-store");
    assert!(page.body.contains(page.headers["x-request-id"].to_str().unwrap()));
    let page = browser.get("/nobody/accesso").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.body.contains("Page not found"), "the language was kept");

    let page = browser.get("/terni/esci").await;
    assert_eq!(page.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(page.headers["allow"], "POST");

    let answer = browser.get("/api/v1/no-such-thing").await;
    assert_eq!(answer.headers[CONTENT_TYPE], "application/problem+json");
    let problem: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((problem["status"].as_u64(), problem["code"].as_str()), (Some(404), Some("not_found")));
}

#[tokio::test]
async fn a_database_that_is_away_is_said_so() {
    let (db, _) = comune().await;
    let mut browser = Browser::new(&db.app);
    assert_eq!(browser.get("/health/ready").await.status, StatusCode::OK);
    db.app.db.close().await;
    for path in ["/terni/accesso", "/health/ready", "/"] {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert_eq!(page.headers[RETRY_AFTER], "10");
    }
    assert_eq!(browser.get("/health/live").await.status, StatusCode::OK);
    let metrics = browser.get("/metrics").await.body;
    assert!(metrics.contains(
        "sportello_http_requests_total{method=\"GET\",route=\"/{entity}/accesso\",status=\"503\"}"
    ));
}
