//! The API: who may call, booking once, a taken time, a rush, the desk's commands, and the document that describes it.

use std::collections::BTreeSet;

use axum::body::Body;
use http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use sportello::audit::{self, Actor};
use sportello::entity::Entity;
use sportello::identity::api::{self, Client, Scope, Token};
use sportello::web::api::openapi_json;
use sportello_spid_cie::FiscalCode;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::browser::{Browser, Page};
use crate::office::{Office, at};
use crate::support::TestDb;

/// Operations that anybody may call, as `METHOD path`.
const PUBLIC: &str = include_str!("api_public.txt");
const APPOINTMENTS: &str = "/api/v1/entities/borgo/appointments";
const DESK: &str = "/api/v1/entities/borgo/desk";
const NINE: &str = "2027-01-13T08:00:00Z";

/// A token of a client of the entity, good for these scopes.
pub async fn token(db: &TestDb, entity: &Entity, scopes: &[Scope]) -> String {
    let now = db.app.clock.now();
    let id = format!(
        "client-{}",
        Scope::ALL.iter().map(|s| u8::from(scopes.contains(s)).to_string()).collect::<String>()
    );
    let client = Client { id, name: "Prova".into(), scopes: scopes.to_vec(), active: true, created_at: now };
    let mut tx = db.app.db.begin(entity.id).await.unwrap();
    let secret = api::register(&mut tx, entity.id, &client, &Actor::System, now).await.unwrap();
    let issued = api::issue_token(&mut tx, entity.id, &client.id, &secret, &[], now).await.unwrap();
    tx.commit().await.unwrap();
    let Token { token, .. } = issued.unwrap();
    token
}

/// A program with a token.
struct Program {
    browser: Browser,
    token: String,
}

impl Program {
    async fn new(office: &Office, scopes: &[Scope]) -> Self {
        let token = token(&office.db, &office.entity, scopes).await;
        Self { browser: Browser::new(&office.db.app), token }
    }

    async fn send(&mut self, method: Method, path: &str, key: Option<&str>, body: &Value) -> (Page, Value) {
        let mut request = Request::builder().method(method).uri(path);
        request = request.header(AUTHORIZATION, format!("Bearer {}", self.token));
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = request.header(CONTENT_TYPE, "application/json").body(Body::from(body)).unwrap();
        let page = self.browser.send(request).await;
        let body = serde_json::from_str(&page.body).unwrap_or(Value::Null);
        (page, body)
    }

    async fn get(&mut self, path: &str) -> (StatusCode, Value) {
        let (page, body) = self.send(Method::GET, path, None, &Value::Null).await;
        (page.status, body)
    }

    async fn post(&mut self, path: &str, body: &Value) -> (StatusCode, Value) {
        let (page, body) = self.send(Method::POST, path, None, body).await;
        (page.status, body)
    }

    async fn book(&mut self, key: &str, body: &Value) -> (Page, Value) {
        self.send(Method::POST, APPOINTMENTS, Some(key), body).await
    }
}

/// The fiscal code of citizen number so-and-so.
fn fiscal_code(citizen: u32) -> String {
    FiscalCode::with_check(&format!("RSSMRA80A01H{citizen:03}")).unwrap().as_str().to_owned()
}

fn booking(start: &str, citizen: u32) -> Value {
    json!({
        "service": "carta-identita", "site": "municipio", "start": start,
        "holder": {"fiscal_code": fiscal_code(citizen), "given_name": "Mario", "family_name": "Rossi", "email": "m@example.it"},
        "answers": {},
    })
}

#[tokio::test]
async fn a_booking_is_made_once_however_often_it_is_sent() {
    let office = Office::new(1, 4).await;
    let mut program = Program::new(&office, &[Scope::AppointmentsWrite, Scope::AppointmentsRead]).await;
    let asked = booking(NINE, 1);
    let (page, first) = program.book("k1", &asked).await;
    assert_eq!(page.status, StatusCode::CREATED, "{}", page.body);
    assert_eq!((first["state"].as_str(), first["site"].as_str()), (Some("confirmed"), Some("municipio")));
    assert!(first["position"].is_null(), "nothing is owed without a tariff");
    let location = page.headers[LOCATION].to_str().unwrap().to_owned();
    assert_eq!(program.get(&location).await, (StatusCode::OK, first.clone()));

    let (again, second) = program.book("k1", &asked).await;
    assert_eq!((again.status, &second), (StatusCode::CREATED, &first));
    assert_eq!(again.headers["idempotency-hit"], "true");
    assert_eq!(again.headers[LOCATION], location);

    let (page, problem) = program.book("k1", &booking("2027-01-13T08:20:00Z", 1)).await;
    assert_eq!((page.status, &problem["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("key_reused")));
    let (page, problem) = program.send(Method::POST, APPOINTMENTS, None, &asked).await;
    assert_eq!((page.status, &problem["code"]), (StatusCode::BAD_REQUEST, &json!("idempotency_key")));
    assert_eq!(page.headers[CONTENT_TYPE], "application/problem+json");
}

#[tokio::test]
async fn a_taken_time_comes_with_those_that_are_free_nearby() {
    let office = Office::new(1, 4).await;
    let mut program = Program::new(&office, &[Scope::AppointmentsWrite]).await;
    assert_eq!(program.book("k1", &booking(NINE, 1)).await.0.status, StatusCode::CREATED);
    let (page, problem) = program.book("k2", &booking(NINE, 2)).await;
    assert_eq!((page.status, &problem["code"]), (StatusCode::CONFLICT, &json!("taken")));
    assert_eq!(page.headers[CONTENT_TYPE], "application/problem+json");
    assert!(!problem["request_id"].as_str().unwrap().is_empty());
    let nearby = problem["nearby"].as_array().unwrap();
    assert_eq!(nearby.len(), 6);
    assert!(nearby.iter().all(|time| time["start"] != NINE && time["site"] == "municipio"));
    let offered = booking(nearby[0]["start"].as_str().unwrap(), 2);
    assert_eq!(
        program.book("k3", &offered).await.0.status,
        StatusCode::CREATED,
        "what is offered can be booked"
    );
}

#[tokio::test]
async fn the_desk_is_offered_times_that_citizens_are_not() {
    let office = Office::with(1, 4, |calendar| calendar.lead_minutes = 24 * 60).await;
    let mut desk = Program::new(&office, &[Scope::Desk]).await;
    let insert = format!("{DESK}/appointments");
    let today = "2027-01-11T08:00:00Z";
    let (page, _) = desk.send(Method::POST, &insert, Some("k1"), &booking(today, 1)).await;
    assert_eq!(page.status, StatusCode::CREATED, "{}", page.body);
    let (page, problem) = desk.send(Method::POST, &insert, Some("k2"), &booking(today, 2)).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert_eq!(problem["nearby"][0]["start"], "2027-01-11T08:20:00Z", "{problem}");
}

#[tokio::test]
async fn reasons_are_the_service_s_and_not_too_long() {
    let office = Office::new(1, 4).await;
    let service = sportello::agenda::Service {
        reasons: vec![sportello::text::Text::italian("Rinnovo")],
        ..office.service.clone()
    };
    let mut tx = office.begin().await;
    let counters: Vec<_> = office.counters.iter().map(|counter| counter.id).collect();
    sportello::agenda::setup::save_service(&mut tx, office.entity.id, &service, &counters).await.unwrap();
    tx.commit().await.unwrap();
    let mut program = Program::new(&office, &[Scope::AppointmentsWrite]).await;
    let mut asked = booking(NINE, 1);
    asked["reason"] = json!("Curiosità");
    let (page, problem) = program.book("k1", &asked).await;
    let wrong = (&problem["errors"][0]["field"], &problem["errors"][0]["code"]);
    assert_eq!(
        (page.status, wrong),
        (StatusCode::UNPROCESSABLE_ENTITY, (&json!("reason"), &json!("choice")))
    );
    asked["reason"] = json!("Rinnovo");
    let (page, made) = program.book("k2", &asked).await;
    assert_eq!(page.status, StatusCode::CREATED, "{}", page.body);
    let cancel = format!("{APPOINTMENTS}/{}/cancel", made["code"].as_str().unwrap());
    let (status, problem) = program.post(&cancel, &json!({"reason": "a".repeat(501)})).await;
    assert_eq!(
        (status, &problem["errors"][0]["field"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("reason"))
    );
}

#[tokio::test]
async fn wrong_fields_are_all_named() {
    let office = Office::new(1, 4).await;
    let mut program = Program::new(&office, &[Scope::AppointmentsWrite]).await;
    let wrong = json!({
        "service": "nessuno", "start": "domani", "language": "xx",
        "holder": {"fiscal_code": "RSSMRA80A01H501A", "given_name": "Mario", "email": "m"},
    });
    let (page, problem) = program.book("k1", &wrong).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields: BTreeSet<&str> =
        problem["errors"].as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap()).collect();
    let expected =
        ["holder.email", "holder.family_name", "holder.fiscal_code", "language", "service", "site", "start"];
    assert_eq!(fields, BTreeSet::from(expected));
    let unasked = {
        let mut asked = booking(NINE, 1);
        asked["answers"] = json!({"colore": "rosso"});
        asked
    };
    let (page, problem) = program.book("k2", &unasked).await;
    assert_eq!(
        (page.status, &problem["errors"][0]["field"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("answers"))
    );
    assert_eq!(program.book("k3", &json!("x")).await.0.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_appointment_is_moved_and_cancelled() {
    let office = Office::new(1, 4).await;
    let mut program = Program::new(&office, &[Scope::AppointmentsWrite]).await;
    let (_, made) = program.book("k1", &booking(NINE, 1)).await;
    let path = format!("{APPOINTMENTS}/{}", made["code"].as_str().unwrap().to_lowercase());
    let to = json!({"site": "municipio", "start": "2027-01-13T08:40:00Z"});
    for sequence in [1, 1] {
        let (status, moved) = program.post(&format!("{path}/move"), &to).await;
        assert_eq!(
            (status, &moved["start"], &moved["sequence"]),
            (StatusCode::OK, &to["start"], &json!(sequence))
        );
    }
    assert_eq!(office.free_at(NINE).await, 1, "the old time is free again");
    program.book("k2", &booking(NINE, 2)).await;
    let back = json!({"site": "municipio", "start": NINE});
    let (status, problem) = program.post(&format!("{path}/move"), &back).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(!problem["nearby"].as_array().unwrap().is_empty());
    for _ in 0..2 {
        let (status, cancelled) =
            program.post(&format!("{path}/cancel"), &json!({"reason": "Impegno"})).await;
        assert_eq!((status, &cancelled["state"]), (StatusCode::OK, &json!("cancelled")));
    }
    let (status, problem) = program.post(&format!("{path}/move"), &back).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("not_in_this_state")));
}

#[tokio::test]
async fn the_catalogue_is_public_and_says_what_can_be_booked() {
    let office = Office::new(2, 3).await;
    let mut anybody = Browser::new(&office.db.app);
    let mut get = async |path: &str| {
        let page = anybody.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.body);
        serde_json::from_str::<Value>(&page.body).unwrap()
    };
    assert_eq!(get("/api/v1/entities").await["entities"][0]["slug"], "borgo");
    let services = get("/api/v1/entities/borgo/services").await;
    assert_eq!(services["services"][0]["sites"][0]["slug"], "municipio");
    let detail = get("/api/v1/entities/borgo/services/carta-identita").await;
    assert_eq!(
        (&detail["duration_minutes"], &detail["form"], &detail["tariff"]),
        (&json!(20), &Value::Null, &Value::Null)
    );
    let days =
        get("/api/v1/entities/borgo/services/carta-identita/availability?from=2027-01-13&to=2027-01-14")
            .await;
    assert_eq!(days["days"].as_array().unwrap().len(), 2);
    let first = json!({"start": NINE, "end": "2027-01-13T08:20:00Z", "site": "municipio", "free": 2});
    assert_eq!((&days["days"][0]["date"], &days["days"][0]["times"][0]), (&json!("2027-01-13"), &first));
    let page = anybody.get("/api/v1/status").await;
    assert_eq!(
        (page.status, page.headers[CONTENT_TYPE].to_str().unwrap()),
        (StatusCode::OK, "application/problem+json")
    );
    for (path, status) in [
        ("/api/v1/entities/nessuno/services", StatusCode::NOT_FOUND),
        ("/api/v1/entities/borgo/services/nessuno", StatusCode::NOT_FOUND),
        ("/api/v1/entities/borgo/services/carta-identita/availability", StatusCode::BAD_REQUEST),
        (
            "/api/v1/entities/borgo/services/carta-identita/availability?from=2027-01-13&to=2027-01-12",
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            "/api/v1/entities/borgo/services/carta-identita/availability?from=2027-01-13&to=2027-01-13&site=x",
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
    ] {
        let page = anybody.get(path).await;
        assert_eq!(
            (page.status, page.headers[CONTENT_TYPE].to_str().unwrap()),
            (status, "application/problem+json"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_desk_goes_through_a_day() {
    let office = Office::new(2, 4).await;
    let mut desk = Program::new(&office, &[Scope::Desk]).await;
    let today = "2027-01-11T08:00:00Z";
    let (page, made) =
        desk.send(Method::POST, &format!("{DESK}/appointments"), Some("k1"), &booking(today, 1)).await;
    assert_eq!(page.status, StatusCode::CREATED, "{}", page.body);
    let path = format!("{DESK}/appointments/{}", made["code"].as_str().unwrap());
    let (_, day) = desk.get(&format!("{DESK}/sites/municipio/days/2027-01-11")).await;
    assert_eq!((&day["counts"]["expected"], &day["appointments"][0]["code"]), (&json!(1), &made["code"]));
    let counter = day["counters"][1]["id"].clone();
    for (step, body, state) in [
        ("arrive", Value::Null, "arrived"),
        ("call", json!({"counter": counter}), "called"),
        ("serve", Value::Null, "served"),
        ("undo", json!({"from": "served"}), "called"),
        ("undo", json!({"from": "served"}), "called"),
        ("no-show", Value::Null, "no_show"),
    ] {
        let (status, after) = desk.post(&format!("{path}/{step}"), &body).await;
        assert_eq!((status, after["state"].as_str()), (StatusCode::OK, Some(state)), "{step}: {after}");
    }
    let (status, problem) = desk.post(&format!("{path}/arrive"), &Value::Null).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("not_in_this_state")));

    let mut tx = office.begin().await;
    let a = sportello::agenda::store::appointment_by_code(
        &mut tx,
        office.entity.id,
        made["code"].as_str().unwrap(),
    )
    .await
    .unwrap();
    let record = audit::of_object(&mut tx, office.entity.id, "appointment", &a.id.to_string()).await.unwrap();
    let actions: Vec<_> = record.iter().map(|entry| entry.action.as_str()).collect();
    let expected = ["booked", "arrived", "called", "served", "undone", "missed"]
        .map(|step| format!("appointment.{step}"));
    assert_eq!(actions, expected);
    assert!(record.iter().all(|entry| entry.actor_kind == "client"));
}

#[tokio::test]
async fn the_desk_offers_times_and_closes_counters() {
    let office = Office::new(1, 4).await;
    let mut desk = Program::new(&office, &[Scope::Desk, Scope::AppointmentsWrite]).await;
    let (_, made) = desk.book("k1", &booking(NINE, 1)).await;
    let path = format!("{DESK}/appointments/{}", made["code"].as_str().unwrap());
    let times =
        json!({"times": [{"site": "municipio", "start": "2027-01-14T08:00:00Z"}], "message": "Va bene?"});
    let proposals = format!("{path}/proposals");
    let (page, offer) = desk.send(Method::POST, &proposals, Some("p1"), &times).await;
    assert_eq!((page.status, &offer["state"]), (StatusCode::CREATED, &json!("open")), "{offer}");
    let (again, same) = desk.send(Method::POST, &proposals, Some("p1"), &times).await;
    assert_eq!((again.status, same), (StatusCode::CREATED, offer.clone()), "the first is not withdrawn");
    assert_eq!(office.free_at("2027-01-14T08:00:00Z").await, 0, "an offered time is kept");
    let withdraw = format!("{DESK}/proposals/{}/withdraw", offer["id"].as_str().unwrap());
    let (status, offer) = desk.post(&withdraw, &Value::Null).await;
    assert_eq!((status, &offer["state"]), (StatusCode::OK, &json!("withdrawn")));
    assert_eq!(office.free_at("2027-01-14T08:00:00Z").await, 1);

    let close = format!("{DESK}/counters/{}/closures", office.counters[0].id);
    let closure = json!({"from": "2027-01-13T07:00:00Z", "to": "2027-01-13T12:00:00Z", "reason": "Guasto"});
    let (page, closed) = desk.send(Method::POST, &close, Some("c1"), &closure).await;
    assert_eq!((page.status, &closed["left"]), (StatusCode::CREATED, &json!([made["code"]])));
    let (again, same) = desk.send(Method::POST, &close, Some("c1"), &closure).await;
    assert_eq!((again.headers["idempotency-hit"].to_str().unwrap(), same), ("true", closed));
    let (_, tasks) = desk.get(&format!("{DESK}/tasks?site=municipio")).await;
    assert_eq!(tasks["tasks"][0]["kind"], "counter_closed");
    assert_eq!(tasks["tasks"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_clients_at_once_share_forty_times() {
    const CLIENTS: u32 = 200;
    const TIMES: usize = 40;
    let office = Office::new(2, 20).await;
    let token = token(&office.db, &office.entity, &[Scope::AppointmentsWrite]).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}{APPOINTMENTS}", listener.local_addr().unwrap());
    let stop = CancellationToken::new();
    let served =
        tokio::spawn(sportello::commands::serve::serve_on(listener, office.db.app.clone(), stop.clone()));
    let http = office.db.app.http.clone();

    // Every time has two counters, and five clients want each of the two.
    let mut clients = JoinSet::new();
    for citizen in 0..CLIENTS {
        let start = at("2027-01-13T08:00:00Z") + chrono::TimeDelta::minutes(20 * i64::from(citizen % 20));
        let (http, address, token) = (http.clone(), address.clone(), token.clone());
        let body = booking(&start.to_rfc3339(), citizen);
        clients.spawn(async move {
            let key = format!("rush-{citizen}");
            let request = http.post(address).bearer_auth(token).header("idempotency-key", key).json(&body);
            request.timeout(std::time::Duration::from_secs(30)).send().await.unwrap().status().as_u16()
        });
    }
    let statuses = clients.join_all().await;
    let count = |wanted| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!((count(201), count(409)), (TIMES, CLIENTS as usize - TIMES), "{statuses:?}");
    assert!(office.offered("2027-01-13", "2027-01-13").await.is_empty());
    stop.cancel();
    served.await.unwrap().unwrap();
}

/// The operations of the document: method, path, scope (`None`: public by its own word).
fn operations() -> Vec<(String, String, Option<String>)> {
    let document: Value = serde_json::from_str(&openapi_json()).unwrap();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let scope = operation["security"][0]["client"][0].as_str().map(str::to_owned);
            found.push((method.to_uppercase(), path.clone(), scope));
        }
    }
    found
}

/// The path with something in every place, under an entity.
fn concrete(path: &str, entity: &str) -> String {
    let segments = path.split('/').map(|segment| match segment {
        "{entity}" => entity.to_owned(),
        "{date}" => "2027-01-13".to_owned(),
        "{site}" => "municipio".to_owned(),
        "{service}" => "carta-identita".to_owned(),
        "{code}" => "00000000".to_owned(),
        name if name.starts_with('{') => "01900000-0000-7000-8000-000000000000".to_owned(),
        plain => plain.to_owned(),
    });
    segments.collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn every_operation_is_closed_to_who_has_no_right_to_it() {
    let office = Office::new(1, 2).await;
    let neighbour = office.db.entity("altrove", "00000000002").await;
    let everything = token(&office.db, &neighbour, &Scope::ALL).await;
    let public: BTreeSet<&str> = PUBLIC.lines().collect();
    let mut seen = BTreeSet::new();
    let mut browser = Browser::new(&office.db.app);
    let mut call = async |method: &str, path: &str, token: Option<&str>| {
        let mut request =
            Request::builder().method(method).uri(path).header(CONTENT_TYPE, "application/json");
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        browser.send(request.body(Body::from("{}")).unwrap()).await.status.as_u16()
    };
    let mut poor = std::collections::BTreeMap::new();
    for (method, path, scope) in operations() {
        let name = format!("{method} {path}");
        let Some(scope) = scope else {
            assert!(
                public.contains(name.as_str()),
                "{name} has no security and is not in the list of public ones"
            );
            seen.insert(name);
            continue;
        };
        assert!(!public.contains(name.as_str()), "{name} is in the list of public ones and has security");
        let here = concrete(&path, "borgo");
        assert_eq!(call(&method, &here, None).await, 401, "{name} without a token");
        let foreign = call(&method, &here, Some(&everything)).await;
        assert!([401, 404].contains(&foreign), "{name} with another entity's token: {foreign}");
        if !poor.contains_key(&scope) {
            let others: Vec<Scope> = Scope::ALL.into_iter().filter(|s| s.as_str() != scope).collect();
            poor.insert(scope.clone(), token(&office.db, &office.entity, &others).await);
        }
        assert_eq!(call(&method, &here, Some(&poor[&scope])).await, 403, "{name} without {scope}");
    }
    let stale: Vec<_> = public.iter().filter(|name| !seen.contains(**name)).collect();
    assert!(stale.is_empty(), "public operations that no longer exist: {stale:?}");
}

#[test]
fn the_description_is_complete_and_as_it_is_kept() {
    let generated = openapi_json();
    let kept = include_str!("../../docs/openapi.json");
    assert!(generated == kept, "docs/openapi.json is stale: write it anew with `make prepare`");
    let document: Value = serde_json::from_str(&generated).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut names = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        assert!(path.starts_with("/api/v1/"), "{path}");
        for (method, operation) in item.as_object().unwrap() {
            let name = format!("{method} {path}");
            assert!(operation["summary"].as_str().is_some_and(|s| !s.is_empty()), "{name} has no summary");
            assert!(!operation["responses"].as_object().unwrap().is_empty(), "{name} has no responses");
            assert!(
                names.insert(operation["operationId"].clone().to_string()),
                "{name} repeats an identifier"
            );
            let given: BTreeSet<&str> = operation["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|p| p["in"] == "path")
                .map(|p| p["name"].as_str().unwrap())
                .collect();
            let wanted: BTreeSet<&str> =
                path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}')).collect();
            assert_eq!(given, wanted, "{name}");
        }
    }
}
