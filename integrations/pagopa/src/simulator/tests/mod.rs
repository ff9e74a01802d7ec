//! The real clients against the simulated platform, over HTTP.

mod contracts;
mod debt_positions;
mod pages;
mod receipts;
mod settlement;
mod whole_flow;

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{Router, body::Bytes, extract::State, http::StatusCode, routing::post};
use chrono::{DateTime, TimeDelta, Utc};
use tokio::net::TcpListener;

use super::*;
use crate::{
    checkout, fdr, gpd,
    station::{self, Fault, FaultCode, Request, SendRt},
};

pub(super) const COMUNE: &str = "00162210348";
pub(super) const PROVINCE: &str = "00174750547";
pub(super) const IBAN: &str = "IT60X0542811101000000123456";
pub(super) const OTHER_IBAN: &str = "IT02K0760112345000012345678";
const KEY: &str = "a-key";

/// A simulated platform that listens, the creditor's station, and the creditor's clients.
pub(super) struct World {
    pub(super) simulator: Simulator,
    pub(super) base: Url,
    pub(super) station: Station,
    pub(super) gpd: gpd::Client,
    pub(super) checkout: checkout::Client,
    pub(super) fdr: fdr::Client,
    /// Follows no redirects and has no key.
    pub(super) browser: reqwest::Client,
    clock: Arc<Mutex<DateTime<Utc>>>,
}

impl World {
    /// Monday 23 November 2026, 10:00 in Italy.
    pub(super) async fn new() -> Self {
        let clock = Arc::new(Mutex::new("2026-11-23T09:00:00Z".parse().unwrap()));
        let station = Station::default();
        let station_url = serve(station.router()).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
        let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let (now, count) = (Arc::clone(&clock), AtomicU64::new(1));
        let simulator = Simulator::new(Settings {
            clock: Arc::new(move || *now.lock().unwrap()),
            ids: Arc::new(move || Uuid::from_u128(count.fetch_add(1, Ordering::Relaxed).into())),
            http: browser.clone(),
            public_base_url: base.clone(),
            station_url,
            station_headers: http::HeaderMap::new(),
            broker_fiscal_code: "03761180540".into(),
            station_id: "03761180540_01".into(),
            subscription_key: KEY.into(),
            organizations: vec![
                organization(COMUNE, "Comune di Esempio", &[IBAN, OTHER_IBAN]),
                organization(PROVINCE, "Provincia di Esempio", &[OTHER_IBAN]),
            ],
            taxonomy_csv: concat!(
                "tipo_ente_creditore;nome_macro_area;descrizione_macro_area;tipo_servizio;descrizione_tipo_servizio;",
                "versione_tassonomia;dati_specifici_di_incasso;data_inizio_validita;data_fine_validita;combinazione_topic_subtopic\r\n",
                "COMUNE;DEMOGRAFICI;Diritti;Carta d'identità;CIE;47;9/0104100TS/;01/01/1900;01/01/2080;Documenti\r\n"
            )
            .into(),
        });
        let router = simulator.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let at = |path: &str| base.join(path).unwrap();
        Self {
            gpd: gpd::Client::new(at("gpd/debt-positions-service/v1"), KEY.into(), browser.clone()),
            checkout: checkout::Client::new(at("checkout/ec/v2"), KEY.into(), browser.clone()),
            fdr: fdr::Client::new(at("fdr-org/service/v1"), KEY.into(), browser.clone()),
            simulator,
            base,
            station,
            browser,
            clock,
        }
    }

    pub(super) fn advance(&self, by: TimeDelta) {
        *self.clock.lock().unwrap() += by;
    }

    /// A good position of 22.25 euros, the `number`-th.
    pub(super) fn position(&self, number: u64) -> gpd::DebtPosition {
        let nav = Nav::generate(crate::notice::Segregation::new(2).unwrap(), number).unwrap();
        let mut position = gpd::samples::position();
        position.iupd = format!("SPORTELLO-{number}");
        position.payment_option[0].nav = Some(nav);
        position.payment_option[0].iuv = nav.iuv();
        position
    }

    /// Creates and publishes the `number`-th position; gives its notice number.
    pub(super) async fn owe(&self, number: u64) -> Nav {
        let position = self.position(number);
        self.gpd.create(COMUNE, &position, true).await.unwrap();
        position.payment_option[0].nav.unwrap()
    }

    pub(super) async fn status(&self, number: u64) -> gpd::PositionStatus {
        self.gpd.get(COMUNE, &format!("SPORTELLO-{number}")).await.unwrap().unwrap().status
    }

    /// A call to the platform made by hand.
    pub(super) fn call(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = method.parse().unwrap();
        self.browser
            .request(method, self.base.join(path).unwrap())
            .header(crate::platform::SUBSCRIPTION_KEY_HEADER, KEY)
    }

    pub(super) async fn get_json(&self, path: &str) -> (u16, serde_json::Value) {
        let answer = self.call("GET", path).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }
}

fn organization(fiscal_code: &str, name: &str, ibans: &[&str]) -> Organization {
    let ibans = ibans.iter().map(|iban| (*iban).to_owned()).collect();
    Organization { fiscal_code: fiscal_code.into(), name: name.into(), ibans }
}

async fn serve(router: Router) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

/// How the station answers a receipt.
#[derive(Clone, Copy)]
pub(super) enum Reply {
    Ko,
    Broken,
}

/// The creditor's station: keeps what it gets, answers OK unless told otherwise.
#[derive(Clone, Default)]
pub(super) struct Station {
    received: Arc<Mutex<Vec<SendRt>>>,
    replies: Arc<Mutex<VecDeque<Reply>>>,
}

impl Station {
    fn router(&self) -> Router {
        Router::new().route("/", post(receive)).with_state(self.clone())
    }

    pub(super) fn received(&self) -> Vec<SendRt> {
        self.received.lock().unwrap().clone()
    }

    pub(super) fn will_answer(&self, replies: &[Reply]) {
        self.replies.lock().unwrap().extend(replies);
    }
}

async fn receive(State(station): State<Station>, body: Bytes) -> (StatusCode, String) {
    let Ok(request) = station::parse(&body, 1 << 20) else {
        return (StatusCode::BAD_REQUEST, String::new());
    };
    let operation = request.operation();
    let Request::SendRtV2(delivery) = request else { return (StatusCode::BAD_REQUEST, String::new()) };
    station.received.lock().unwrap().push(delivery);
    let reply = station.replies.lock().unwrap().pop_front();
    match reply {
        None => (StatusCode::OK, station::ok_xml(operation)),
        Some(Reply::Broken) => (StatusCode::INTERNAL_SERVER_ERROR, "down".into()),
        Some(Reply::Ko) => {
            let fault = Fault { code: FaultCode::System, id: COMUNE.into(), description: None };
            (StatusCode::OK, station::ko_xml(operation, &fault))
        }
    }
}
