//! The platform as a program: debt positions, Checkout, receipts, remittance flows and taxonomy, over HTTP, as strict as
//! the real one, and as badly behaved as its [`Knobs`] say.
//!
//! [`Simulator::router`] serves, under `public_base_url`:
//!
//! | path | what |
//! |---|---|
//! | `/gpd/debt-positions-service/v1` | debt positions |
//! | `/checkout/ec/v2/carts`, `/checkout/pay/{id}` | carts, and the page where a citizen pays one |
//! | `/psp` | the page where anybody pays a notice, as at a tobacconist's |
//! | `/fdr-org/service/v1` | remittance flows |
//! | `/taxonomy/service/v1/taxonomy` | the taxonomy |
//! | `/simulator/knobs` | how to misbehave |
//!
//! A payment makes a receipt, which is posted to the creditor's station until it answers OK; [`Simulator::settle`] closes an
//! accounting day: flows, and the credit transfers the treasurer sees. Everything is in memory and follows the given clock.

mod checkout_service;
mod delivery;
mod fdr_service;
mod gate;
mod gpd_service;
mod knobs;
mod pages;
mod payment;
mod positions;
mod psp;
mod settlement;
mod state;
mod taxonomy_service;
#[cfg(test)]
mod tests;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{Router, middleware};
use chrono::{DateTime, NaiveDate, Utc};
use http::HeaderMap;
use secrecy::SecretString;
use url::Url;
use uuid::Uuid;

use crate::notice::Nav;
use state::{Order, State};

pub use delivery::Exchange;
pub use knobs::Knobs;
pub use positions::NotPayable;
pub use psp::{PSPS, Psp, find as find_psp};
pub use settlement::{CreditTransfer, Flow, FlowRow, accounting_day, next_working_day};

/// A creditor the simulated platform knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Eleven digits.
    pub fiscal_code: String,
    /// Its name.
    pub name: String,
    /// The accounts registered for it: a position with another one cannot be paid.
    pub ibans: Vec<String>,
}

/// What a simulated platform needs to know.
#[derive(Clone)]
pub struct Settings {
    /// What time it is.
    pub clock: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    /// Fresh identifiers, for carts, receipts and transfers.
    pub ids: Arc<dyn Fn() -> Uuid + Send + Sync>,
    /// The client that posts receipts.
    pub http: reqwest::Client,
    /// Where browsers find [`Simulator::router`].
    pub public_base_url: Url,
    /// Where `paSendRTV2` is posted.
    pub station_url: Url,
    /// What stands beside it: the headers a creditor's reverse proxy adds once it has checked the node's certificate.
    pub station_headers: HeaderMap,
    /// The fiscal code of the creditors' intermediary.
    pub broker_fiscal_code: String,
    /// The station's identifier on the platform.
    pub station_id: String,
    /// The key expected in `Ocp-Apim-Subscription-Key`.
    pub subscription_key: SecretString,
    /// The creditors.
    pub organizations: Vec<Organization>,
    /// The taxonomy, in its published CSV form.
    pub taxonomy_csv: String,
}

/// A simulated platform; its clones are the same platform.
#[derive(Clone)]
pub struct Simulator(Arc<Shared>);

struct Shared {
    settings: Settings,
    state: Mutex<State>,
}

/// A flow that was never published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such flow has been published")]
pub struct UnknownFlow;

impl Simulator {
    /// A platform that holds nothing yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self(Arc::new(Shared { settings, state: Mutex::default() }))
    }

    /// Everything it serves.
    pub fn router(&self) -> Router {
        let failing = middleware::from_fn_with_state(self.clone(), gate::fail_when_told);
        let behind_the_gateway = Router::new()
            .nest("/gpd/debt-positions-service/v1", gpd_service::routes().layer(failing))
            .nest("/checkout/ec/v2", checkout_service::api_routes())
            .nest("/fdr-org/service/v1", fdr_service::routes())
            .layer(middleware::from_fn_with_state(self.clone(), gate::check_key));
        Router::new()
            .merge(behind_the_gateway)
            .merge(checkout_service::page_routes())
            .nest("/taxonomy/service/v1", taxonomy_service::routes())
            .merge(gate::knob_routes())
            .with_state(self.clone())
    }

    /// How it misbehaves.
    #[must_use]
    pub fn knobs(&self) -> Knobs {
        self.state().knobs
    }

    /// Tells it how to misbehave.
    pub fn set_knobs(&self, knobs: Knobs) {
        self.state().knobs = knobs;
    }

    /// Pays a notice, as a provider does, and delivers the receipts that are due; gives the receipt's identifier.
    ///
    /// # Errors
    /// Why the platform forbids it.
    pub async fn pay(&self, creditor: &str, nav: Nav, psp: &'static Psp) -> Result<String, NotPayable> {
        let order = Order { creditor, nav, psp, note: None };
        let now = self.now();
        let receipt_id = self.state().take_payment(self.settings(), order, now)?;
        self.tick().await;
        Ok(receipt_id)
    }

    /// Does what is due at the present instant of the clock: slow payments end, receipts are posted. Gives how many receipts
    /// the station has accepted.
    pub async fn tick(&self) -> usize {
        let simulator = self.clone();
        // A task of its own: a browser that goes away must not take with it a receipt that is being posted.
        tokio::spawn(async move { simulator.deliver_due().await }).await.unwrap_or_default()
    }

    /// Ticks for ever.
    pub async fn run(self, every: Duration) {
        loop {
            self.tick().await;
            tokio::time::sleep(every).await;
        }
    }

    /// Every receipt posted so far, with its answer.
    #[must_use]
    pub fn evidence(&self) -> Vec<Exchange> {
        self.state().evidence.clone()
    }

    /// Closes an accounting day ([`accounting_day`]): the payments of that day and of the days before that are in no flow yet
    /// are settled on the next working day. Publishes the flows and gives the credit transfers.
    #[must_use = "the treasurer's journal must show these transfers"]
    pub fn settle(&self, day: NaiveDate) -> Vec<CreditTransfer> {
        let now = self.now();
        self.state().settle(day, now, &*self.settings().ids)
    }

    /// The flows as they are listed: the latest revision of each.
    #[must_use]
    pub fn flows(&self) -> Vec<Flow> {
        fdr_service::latest(&self.state().flows).cloned().collect()
    }

    /// Publishes a new revision of a flow, with its rows changed; gives the revision's number. The credit transfers do not
    /// change: the money has gone.
    ///
    /// # Errors
    /// [`UnknownFlow`].
    pub fn revise_flow(
        &self,
        organization: &str,
        flow: &str,
        change: impl FnOnce(&mut Vec<FlowRow>),
    ) -> Result<u32, UnknownFlow> {
        let now = self.now();
        let mut state = self.state();
        let mut revision = fdr_service::latest(&state.flows)
            .find(|candidate| candidate.organization == organization && candidate.id == flow)
            .cloned()
            .ok_or(UnknownFlow)?;
        revision.revision += 1;
        revision.published = now;
        change(&mut revision.rows);
        let number = revision.revision;
        state.flows.push(revision);
        Ok(number)
    }

    fn settings(&self) -> &Settings {
        &self.0.settings
    }

    fn now(&self) -> DateTime<Utc> {
        (self.0.settings.clock)()
    }

    fn organization(&self, fiscal_code: &str) -> Option<&Organization> {
        self.0.settings.organization(fiscal_code)
    }

    /// Held for moments, never across a wait. A panic elsewhere leaves the state usable: every change to it is whole.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Settings {
    fn organization(&self, fiscal_code: &str) -> Option<&Organization> {
        self.organizations.iter().find(|known| known.fiscal_code == fiscal_code)
    }
}
