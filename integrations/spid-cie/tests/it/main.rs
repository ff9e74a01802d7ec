//! Whole logins over HTTP, page by page, at the simulated provider.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up must stop")]

mod diagnosis;
mod hostile;
mod login;
mod strictness;

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use axum::Router;
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};
use sportello_spid_cie::{
    Callback, FiscalCode, Http, Identity, Level, Limits, LoginError, Provider, Settings,
    provider::Begin,
    simulator::{self, Simulator, User},
};
use url::Url;

const CLIENT: &str = "comune di prova";
const SECRET: &str = "s3greto:con/segni &c.";
const REDIRECT: &str = "http://127.0.0.1:9/ritorno";

/// A provider on this machine, a browser, and a clock of their own.
struct World {
    simulator: Simulator,
    issuer: String,
    browser: reqwest::Client,
    seconds: Arc<AtomicI64>,
}

impl World {
    async fn new() -> Self {
        Self::with(false).await
    }

    async fn with(signed_userinfo: bool) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}/spid", listener.local_addr().unwrap());
        let seconds = Arc::new(AtomicI64::new(1_795_000_000));
        let clock = Arc::clone(&seconds);
        let simulator = Simulator::new(simulator::Settings {
            issuer: issuer.clone(),
            kind: "SPID".to_owned(),
            clients: vec![simulator::Client {
                id: CLIENT.to_owned(),
                secret: SECRET.into(),
                redirect_uri_prefixes: vec!["http://127.0.0.1:9/".to_owned()],
                signed_userinfo,
            }],
            users: vec![mario(), anna()],
            clock: Arc::new(move || instant(&clock)),
        });
        let router = Router::new().nest("/spid", simulator.router());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { simulator, issuer, browser, seconds }
    }

    fn now(&self) -> DateTime<Utc> {
        instant(&self.seconds)
    }

    fn advance(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::Relaxed);
    }

    /// Settings that fit the simulator, with these members beside or instead.
    fn settings(&self, more: Value) -> Settings {
        let mut members = json!({
            "issuer": self.issuer, "client_id": CLIENT, "client_secret": SECRET,
            "scopes": ["profile"], "acr_values": [Level::L2.acr()], "minimum_level": "l2",
        });
        members.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(members).unwrap()
    }

    async fn provider(&self, more: Value) -> Provider {
        sent(Provider::discover(http(), self.settings(more))).await.unwrap()
    }

    /// Does what a person does: opens the page, chooses, and is sent back.
    async fn choose(&self, begin: &Begin, choice: &[(&str, &str)]) -> Callback {
        let page = self.browser.get(begin.url.clone()).send().await.unwrap();
        assert_eq!(page.status(), 200);
        let html = page.text().await.unwrap();
        assert!(html.contains("Simulazione"), "the page must say what it is");
        let action = between(&html, "action=\"", "\"").next().unwrap();
        let mut form: Vec<(String, String)> = between(&html, "<input type=\"hidden\" ", ">")
            .map(|input| {
                let attribute =
                    |name: &str| unescape(between(input, &format!("{name}=\""), "\"").next().unwrap());
                (attribute("name"), attribute("value"))
            })
            .collect();
        form.extend(choice.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let back = self.browser.post(action).form(&form).send().await.unwrap();
        assert_eq!(back.status(), 303);
        let location = Url::parse(back.headers()["location"].to_str().unwrap()).unwrap();
        assert!(location.as_str().starts_with(REDIRECT));
        let query: HashMap<_, _> = location.query_pairs().into_owned().collect();
        serde_json::from_value(json!(query)).unwrap()
    }

    /// A whole login of a person.
    async fn log_in(&self, provider: &Provider, login: &str) -> Result<Identity, LoginError> {
        let begin = provider.begin(&redirect(), Some("it"), None);
        let callback = self.choose(&begin, &[("login", login)]).await;
        sent(provider.finish(&callback, &begin.pending, self.now())).await
    }
}

/// A request handler may move between threads while it waits; this does not compile where it could not.
fn sent<F: Future + Send>(future: F) -> F {
    future
}

fn instant(seconds: &AtomicI64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds.load(Ordering::Relaxed), 0).unwrap()
}

fn http() -> Http {
    let limits = Limits { timeout: Duration::from_secs(4), ..Limits::default() };
    Http::new(reqwest::Client::builder(), limits).unwrap()
}

fn redirect() -> Url {
    REDIRECT.parse().unwrap()
}

fn mario() -> User {
    User {
        login: "mario".to_owned(),
        given_name: "Mario".to_owned(),
        family_name: "D'Angelò".to_owned(),
        fiscal_code: Some(FiscalCode::with_check("RSSMRA80A01H501").unwrap()),
        email: Some("mario@example.it".to_owned()),
        phone: Some("+393331234567".to_owned()),
        birthdate: NaiveDate::from_ymd_opt(1980, 1, 1),
        level: Level::L2,
    }
}

/// An officer, without a fiscal code at her provider.
fn anna() -> User {
    User {
        login: "anna".to_owned(),
        given_name: "Anna".to_owned(),
        family_name: "Verdi".to_owned(),
        fiscal_code: None,
        email: None,
        phone: None,
        birthdate: None,
        level: Level::L3,
    }
}

/// What stands between two marks, each time.
fn between<'a>(text: &'a str, start: &'a str, end: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(start).skip(1).filter_map(move |rest| rest.split(end).next())
}

fn unescape(text: &str) -> String {
    text.replace("&#38;", "&").replace("&#39;", "'").replace("&#34;", "\"")
}
