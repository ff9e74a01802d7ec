//! Another program of the Comune: a client of the API, over real HTTP.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test itself does")]

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use sportello::App;
use sportello::audit::Actor;
use sportello::commands::serve;
use sportello::identity::api::{self, Client, Scope};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::office::Office;

/// A crowd on a busy machine has to wait.
const PATIENCE: Duration = Duration::from_secs(60);

/// The service in this process, on a port of its own, until this is dropped.
pub struct Server {
    /// Where.
    pub base: String,
    stop: CancellationToken,
}

impl Server {
    /// Starts it.
    pub async fn start(app: &App) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let stop = CancellationToken::new();
        tokio::spawn(serve::serve_on(listener, app.clone(), stop.clone()));
        Self { base, stop }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// A registered client with its token.
#[derive(Clone)]
pub struct Peer {
    http: reqwest::Client,
    base: String,
    token: String,
}

/// An answer of the API.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The JSON; `null` where it is not JSON.
    pub body: Value,
}

impl Answer {
    /// The code of a booked appointment.
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
}

impl Peer {
    /// Registers a client of the office's Comune, which finds the service at `base`.
    pub async fn register(office: &Office, base: &str) -> Self {
        let client = Client {
            id: "sito-web".to_owned(),
            name: "Sito istituzionale".to_owned(),
            scopes: vec![Scope::AppointmentsWrite, Scope::AppointmentsRead],
            active: true,
            created_at: office.now(),
        };
        let (entity, now) = (office.entity.id, office.now());
        let mut tx = office.begin().await;
        let secret = api::register(&mut tx, entity, &client, &Actor::System, now).await.unwrap();
        let token = api::issue_token(&mut tx, entity, &client.id, &secret, &[], now).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        let http = reqwest::Client::builder().timeout(PATIENCE).build().unwrap();
        Self { http, base: base.to_owned(), token: token.token }
    }

    /// Books for one citizen; the error is the connection's.
    pub async fn book(&self, key: &str, citizen: usize, start: DateTime<Utc>) -> reqwest::Result<Answer> {
        let body = json!({
            "service": "carta-identita",
            "site": "municipio",
            "start": start,
            "holder": {
                "given_name": "Maria",
                "family_name": "Rossi",
                "fiscal_code": "RSSMRA80A01H501U",
                "email": format!("cittadina{citizen}@example.it"),
            },
            "answers": {},
        });
        let request = self.http.post(format!("{}/api/v1/entities/borgo/appointments", self.base));
        read(request.bearer_auth(&self.token).header("Idempotency-Key", key).json(&body)).await
    }

    /// The free times of a day.
    pub async fn free_times(&self, day: &str) -> reqwest::Result<Answer> {
        let path = "/api/v1/entities/borgo/services/carta-identita/availability";
        read(self.http.get(format!("{}{path}?from={day}&to={day}", self.base))).await
    }

    /// Sends JSON, as the client.
    pub async fn post(&self, path: &str, body: &Value) -> reqwest::Result<Answer> {
        let request = self.http.post(format!("{}{path}", self.base));
        read(request.bearer_auth(&self.token).json(body)).await
    }

    /// What it shows at every request.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Any address of the service.
    pub async fn get(&self, path: &str) -> reqwest::Result<Answer> {
        read(self.http.get(format!("{}{path}", self.base))).await
    }
}

async fn read(request: reqwest::RequestBuilder) -> reqwest::Result<Answer> {
    let response = request.send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let bytes = response.bytes().await?;
    Ok(Answer { status, headers, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) })
}
