//! Whole flows: the real client against the simulator, over HTTP.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may fail it")]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use secrecy::SecretString;
use serde_json::json;
use sportello_app_io::FiscalCode;
use sportello_app_io::client::{
    Client, ConfigurationReason, Error, Fault, MessageId, PermanentReason, ProfileOutcome, Status,
};
use sportello_app_io::diagnosis::{CheckName, Outcome, diagnose};
use sportello_app_io::message::{CallToAction, Markdown, Message, Payment, Subject};
use sportello_app_io::simulator::{Citizen, Knobs, Presence, Service, Settings, Simulator, Stage};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

const PRESENT: &str = "SPNDNL80R13C555X";
const OPTED_OUT: &str = "RSSMRA80A01H501U";
const ABSENT: &str = "VRDLGI75C50F205Z";

fn code(text: &str) -> FiscalCode {
    FiscalCode::parse(text).unwrap()
}

fn service(id: &str, stage: Stage) -> Service {
    Service {
        id: id.to_owned(),
        name: "Carta d'identità".to_owned(),
        institution: "Comune di Prova".to_owned(),
        primary_key: format!("{id}-primary").into(),
        secondary_key: format!("{id}-secondary").into(),
        stage,
        max_payment_cents: 1_000_000,
    }
}

fn citizen(fiscal_code: &str, name: &str, presence: Presence) -> Citizen {
    Citizen {
        fiscal_code: code(fiscal_code),
        name: name.to_owned(),
        presence,
        languages: vec!["it_IT".to_owned(), "en_GB".to_owned()],
    }
}

/// A simulator on a port of its own, with a clock the test moves.
struct World {
    simulator: Simulator,
    address: SocketAddr,
    now: Arc<Mutex<DateTime<Utc>>>,
}

impl World {
    async fn start() -> Self {
        let start = Utc.with_ymd_and_hms(2026, 11, 10, 8, 0, 0).unwrap();
        let now = Arc::new(Mutex::new(start));
        let clock = Arc::clone(&now);
        let settings = Settings {
            services: vec![service("carta", Stage::Approved), service("bozza", Stage::Draft)],
            citizens: vec![
                citizen(PRESENT, "Daniela Spinelli", Presence::OnIo),
                citizen(OPTED_OUT, "Mario Rossi", Presence::OptedOut),
            ],
            others: Presence::Absent,
            processing: TimeDelta::seconds(2),
            calls_per_window: 150,
        };
        let simulator = Simulator::new(settings, Arc::new(move || *clock.lock().unwrap()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = simulator.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { simulator, address, now }
    }

    fn pass(&self, time: TimeDelta) {
        *self.now.lock().unwrap() += time;
    }

    fn client(&self, key: &str) -> Client {
        client(&format!("http://{}/api/v1", self.address), key)
    }

    async fn page(&self) -> String {
        let page = http().get(format!("http://{}/", self.address)).send().await.unwrap();
        assert_eq!(page.status(), 200);
        page.text().await.unwrap()
    }
}

fn http() -> reqwest::Client {
    reqwest::Client::builder().timeout(Duration::from_millis(700)).build().unwrap()
}

fn client(base_url: &str, key: &str) -> Client {
    Client::new(base_url.parse().unwrap(), SecretString::from(key), http()).unwrap()
}

fn message(recipient: &str) -> Message {
    let body = "**Quando:** il 12/11/2026 alle 10:30\n\nHai prenotato un appuntamento per <i>la</i> \
                carta di identità. Il numero della prenotazione è 0042.";
    let link = "https://prenotazioni.comune.example.it/p/1?a=1&b=2".parse().unwrap();
    let cancel = CallToAction::new("Disdici \"appuntamento\"", "Cancel", &link).unwrap();
    Message::new(
        code(recipient),
        Subject::new("Il tuo appuntamento").unwrap(),
        Markdown::new(body, &[cancel]).unwrap(),
    )
}

fn configuration(error: Error) -> ConfigurationReason {
    match error {
        Error::Configuration { reason, .. } => reason,
        other => panic!("{other:?}"),
    }
}

fn permanent(error: Error) -> (PermanentReason, String) {
    match error {
        Error::Permanent { reason, detail } => (reason, detail),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn profiles_say_who_can_be_written_to() {
    let world = World::start().await;
    let client = world.client("carta-secondary");
    let languages = vec!["it_IT".to_owned(), "en_GB".to_owned()];
    let present = client.profile(&code(PRESENT)).await.unwrap();
    assert_eq!(present, ProfileOutcome::Allowed { languages });
    assert_eq!(client.profile(&code(OPTED_OUT)).await.unwrap(), ProfileOutcome::OptedOut);
    assert_eq!(client.profile(&code(ABSENT)).await.unwrap(), ProfileOutcome::NotOnIo);
}

#[tokio::test]
async fn a_message_is_accepted_then_processed_and_can_be_read() {
    let world = World::start().await;
    let client = world.client("carta-primary");
    let due = Utc.with_ymd_and_hms(2026, 11, 12, 9, 30, 0).unwrap();
    let payment = Payment::new(222_100, "301011100007347557", true).unwrap();
    let sent = message(PRESENT).due(due).unwrap().with_payment(payment).require_secure_channels(true);
    let id = client.send(&sent).await.unwrap();
    assert_eq!(id.as_str().len(), 26);
    assert_eq!(client.status(&code(PRESENT), &id).await.unwrap(), Status::Accepted);
    assert!(world.page().await.contains("in consegna"));

    world.pass(TimeDelta::seconds(2));
    assert_eq!(client.status(&code(PRESENT), &id).await.unwrap(), Status::Processed);
    let page = world.page().await;
    for expected in [
        "Questa è una simulazione.",
        "Daniela Spinelli",
        "<strong>Quando:</strong>",
        "&lt;i&gt;la&lt;/i&gt;",
        "12/11/2026, 10:30",
        "2.221,00 €",
        "3010 1110 0007 3475 57",
        "href=\"https://prenotazioni.comune.example.it/p/1?a=1&#38;b=2\"",
        "Disdici &#34;appuntamento&#34;",
        "solo canali sicuri",
    ] {
        assert!(page.contains(expected), "{expected} in {page}");
    }
    assert!(!page.contains("cta_1") && !page.contains("in consegna"));

    world.pass(TimeDelta::days(3));
    assert!(world.page().await.contains("non si può più pagare"));
}

#[tokio::test]
async fn messages_to_those_who_cannot_have_them_are_accepted_then_rejected() {
    let world = World::start().await;
    let client = world.client("carta-primary");
    for recipient in [OPTED_OUT, ABSENT] {
        let id = client.send(&message(recipient)).await.unwrap();
        world.pass(TimeDelta::seconds(2));
        assert_eq!(client.status(&code(recipient), &id).await.unwrap(), Status::Rejected);
    }
    assert!(world.page().await.contains("non recapitato"));
}

#[tokio::test]
async fn only_the_sender_learns_the_status() {
    let world = World::start().await;
    let sandbox = FiscalCode::sandbox();
    let id = world.client("carta-primary").send(&message(sandbox.as_str())).await.unwrap();
    let other = world.client("bozza-primary");
    let error = other.status(&sandbox, &id).await.unwrap_err();
    assert_eq!(configuration(error), ConfigurationReason::NotAllowed);
    let unknown = MessageId::new("01EM6X4JB9VSZTQ8H16KMQFCEJ".to_owned());
    let error = other.status(&sandbox, &unknown).await.unwrap_err();
    assert_eq!(permanent(error).0, PermanentReason::NotFound);
}

#[tokio::test]
async fn a_draft_service_writes_to_the_sandbox_only() {
    let world = World::start().await;
    let client = world.client("bozza-primary");
    let error = client.profile(&code(PRESENT)).await.unwrap_err();
    assert_eq!(permanent(error).0, PermanentReason::RecipientForbidden);
    let error = client.send(&message(PRESENT)).await.unwrap_err();
    assert_eq!(permanent(error).0, PermanentReason::RecipientForbidden);
    let sandbox = message(FiscalCode::sandbox().as_str());
    client.send(&sandbox).await.unwrap();
    let with_payment = sandbox.with_payment(Payment::new(1, "301011100007347557", false).unwrap());
    let error = client.send(&with_payment).await.unwrap_err();
    assert_eq!(permanent(error).0, PermanentReason::AmountAboveServiceMaximum);
}

#[tokio::test]
async fn amounts_have_the_service_s_maximum() {
    let world = World::start().await;
    let client = world.client("carta-primary");
    let paying =
        |cents| message(PRESENT).with_payment(Payment::new(cents, "301011100007347557", false).unwrap());
    client.send(&paying(1_000_000)).await.unwrap();
    let error = client.send(&paying(1_000_001)).await.unwrap_err();
    assert_eq!(permanent(error).0, PermanentReason::AmountAboveServiceMaximum);
    assert_eq!(world.simulator.messages().len(), 1);
}

#[tokio::test]
async fn a_wrong_key_or_address_is_a_matter_of_configuration() {
    let world = World::start().await;
    let error = world.client("nope").profile(&code(PRESENT)).await.unwrap_err();
    assert_eq!(configuration(error), ConfigurationReason::KeyRefused);
    let elsewhere = client(&format!("http://{}/api/v1/io/", world.address), "carta-primary");
    let error = elsewhere.profile(&code(PRESENT)).await.unwrap_err();
    assert_eq!(configuration(error), ConfigurationReason::WrongAddress);

    world.simulator.set_knobs(Knobs { forbidden: true, ..Knobs::default() });
    let error = world.client("carta-primary").send(&message(PRESENT)).await.unwrap_err();
    assert_eq!(configuration(error), ConfigurationReason::NotAllowed);
}

#[tokio::test]
async fn the_quota_belongs_to_the_institution() {
    let world = World::start().await;
    let services = [world.client("carta-primary"), world.client("bozza-primary")];
    for call in 0..150 {
        services[call % 2].profile(&FiscalCode::sandbox()).await.unwrap();
    }
    for client in &services {
        let error = client.profile(&FiscalCode::sandbox()).await.unwrap_err();
        let Error::RateLimited { retry_after } = error else { panic!("{error:?}") };
        assert!((5..=6).contains(&retry_after.as_secs()));
    }
    world.pass(TimeDelta::seconds(5));
    services[0].profile(&FiscalCode::sandbox()).await.unwrap();
}

#[tokio::test]
async fn knobs_are_turned_over_http_and_wear_out() {
    let world = World::start().await;
    let client = world.client("carta-primary");
    let knobs = json!({ "rate_limited_next": 1, "server_error_next": 1 });
    let address = format!("http://{}/simulator/knobs", world.address);
    let answer = http().post(address).json(&knobs).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let error = client.send(&message(PRESENT)).await.unwrap_err();
    assert!(matches!(error, Error::RateLimited { retry_after } if retry_after.as_secs() == 1));
    let error = client.send(&message(PRESENT)).await.unwrap_err();
    assert!(matches!(error, Error::Temporary(Fault::Status(500))), "{error:?}");
    assert!(world.simulator.messages().is_empty());
    client.send(&message(PRESENT)).await.unwrap();
    assert_eq!(world.simulator.messages().len(), 1);
}

#[tokio::test]
async fn a_time_out_after_sending_leaves_the_outcome_unknown() {
    let world = World::start().await;
    world.simulator.set_knobs(Knobs { slow_next: 1, slow_millis: 5_000, ..Knobs::default() });
    let error = world.client("carta-primary").send(&message(PRESENT)).await.unwrap_err();
    assert!(matches!(error, Error::Unknown(Fault::Interrupted(_))), "{error:?}");
    assert_eq!(world.simulator.messages().len(), 1, "stored, and sent once");
}

#[tokio::test]
async fn without_a_connection_nothing_was_sent() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let client = client(&format!("http://{address}/api/v1"), "key");
    let error = client.send(&message(PRESENT)).await.unwrap_err();
    assert!(matches!(error, Error::Temporary(Fault::NotConnected(_))), "{error:?}");
    let checks = diagnose(&client).await;
    assert_eq!(checks[0].name, CheckName::BaseUrlReachable);
    assert_eq!((checks[0].outcome, checks[0].detail.code), (Outcome::Failed, "not_connected"));
}

#[tokio::test]
async fn answers_the_platform_should_not_give_are_not_taken_for_success() {
    let server = MockServer::start().await;
    let client = client(&server.uri(), "key");
    for (status, body) in [(201, "<html>"), (201, "{}"), (502, ""), (504, "")] {
        server.reset().await;
        let answer = ResponseTemplate::new(status).set_body_string(body);
        Mock::given(any()).respond_with(answer).expect(2).mount(&server).await;
        let error = client.send(&message(PRESENT)).await.unwrap_err();
        assert!(matches!(error, Error::Unknown(_)), "{status}: {error:?}");
        let error = client.profile(&code(PRESENT)).await.unwrap_err();
        if status == 201 {
            assert_eq!(configuration(error), ConfigurationReason::WrongAddress);
        } else {
            assert!(matches!(error, Error::Temporary(Fault::Status(_))), "{status}: {error:?}");
        }
        server.verify().await;
    }
}

#[tokio::test]
async fn a_refusal_does_not_repeat_what_was_sent() {
    let server = MockServer::start().await;
    let detail = format!("value [\"{PRESENT}\"] at [root.0.fiscal_code] is not a valid [string]");
    let body = json!({ "title": "Invalid (Exact<NewMessage>)", "status": 400, "detail": detail });
    let answer = ResponseTemplate::new(400).set_body_json(body);
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let error = client(&server.uri(), "key").send(&message(PRESENT)).await.unwrap_err();
    let (reason, detail) = permanent(error);
    assert_eq!(reason, PermanentReason::InvalidMessage);
    assert!(detail.contains("root.0.fiscal_code") && !detail.contains(PRESENT), "{detail}");
}

#[tokio::test]
async fn the_connection_can_be_tested() {
    let world = World::start().await;
    let outcomes = async |key: &str| {
        let checks = diagnose(&world.client(key)).await;
        checks.into_iter().map(|check| (check.outcome, check.detail.code)).collect::<Vec<_>>()
    };
    let passed = (Outcome::Passed, "ok");
    let not_reached = (Outcome::Undecided, "not_reached");
    assert_eq!(outcomes("bozza-primary").await, [passed; 3]);
    let refused = (Outcome::Failed, "key_refused");
    assert_eq!(outcomes("nope").await, [passed, refused, not_reached]);
    world.simulator.set_knobs(Knobs { forbidden: true, ..Knobs::default() });
    let forbidden = (Outcome::Failed, "not_allowed");
    assert_eq!(outcomes("carta-primary").await, [passed, passed, forbidden]);
}

#[tokio::test]
async fn refusals_have_the_documented_form_on_the_wire() {
    let world = World::start().await;
    let post = async |path: &str, key: Option<&str>, body: serde_json::Value| {
        let mut request = http().post(format!("http://{}/api/v1{path}", world.address)).json(&body);
        if let Some(key) = key {
            request = request.header("Ocp-Apim-Subscription-Key", key);
        }
        let answer = request.send().await.unwrap();
        let headers = answer.headers().clone();
        let status = answer.status().as_u16();
        (status, headers, answer.json::<serde_json::Value>().await.unwrap())
    };
    let citizen = json!({ "fiscal_code": ABSENT });
    let key = Some("carta-primary");

    let (status, _, body) = post("/profiles", None, citizen.clone()).await;
    assert_eq!((status, &body["statusCode"]), (401, &json!(401)));
    let (status, _, body) = post("/profile", key, citizen.clone()).await;
    assert_eq!((status, body), (404, json!({ "statusCode": 404, "message": "Resource not found" })));
    let (status, headers, body) = post("/profiles", key, citizen.clone()).await;
    assert_eq!((status, &body["title"]), (404, &json!("Profile not found")));
    assert_eq!(headers["content-type"], "application/problem+json");
    let (status, _, body) = post("/messages", key, json!({})).await;
    assert_eq!((status, &body["status"]), (400, &json!(400)));
    assert!(body["title"].as_str().unwrap().starts_with("Invalid (Exact<NewMessage>"));

    world.simulator.set_knobs(Knobs { rate_limited_next: 1, ..Knobs::default() });
    let (status, headers, body) = post("/profiles", key, citizen).await;
    assert_eq!((status, &body["statusCode"]), (429, &json!(429)));
    assert_eq!(headers["x-rate-limit-retry-after"], "1");
}

#[tokio::test]
async fn a_broken_front_matter_is_shown_raw() {
    let world = World::start().await;
    let markdown = format!("---\nit: [\n---\n{}", "Testo. ".repeat(20));
    let body = json!({
        "fiscal_code": PRESENT,
        "content": { "subject": "Il tuo appuntamento", "markdown": markdown },
    });
    let request = http().post(format!("http://{}/api/v1/messages", world.address));
    let request = request.header("Ocp-Apim-Subscription-Key", "carta-primary").json(&body);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 201);
    assert!(answer.headers()["location"].to_str().unwrap().starts_with("/api/v1/messages/SPND"));
    let page = world.page().await;
    assert!(page.contains("testo grezzo") && page.contains("it: ["), "{page}");
}
