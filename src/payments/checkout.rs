//! The citizen's visit to the platform's own payment pages. What the browser brings back is kept to tell the citizen what
//! happened; it proves nothing (SANP 3.12.0, "EC touchpoint integration with Checkout").

use chrono::{DateTime, Utc};
use sportello_pagopa::checkout::{CartRequest, Client, PaymentNotice, ReturnUrls};
use sqlx::PgConnection;
use url::Url;

use super::issue::settings;
use super::platform::{base_url, key, peer_error, publish_now};
use super::position::DebtPosition;
use super::state::State;
use super::store::positions as store;
use crate::app::App;
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::ids::{CheckoutVisitId, DebtPositionId, EntityId};

/// How the browser came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VisitOutcome {
    /// The payment pages say "paid".
    Ok,
    /// The citizen gave up.
    Cancelled,
    /// The payment failed.
    Failed,
    /// The outcome is not known yet.
    Waiting,
}

impl VisitOutcome {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Ok, Self::Cancelled, Self::Failed, Self::Waiting];

    /// The last part of the return address.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Cancelled => "annullato",
            Self::Failed => "errore",
            Self::Waiting => "attesa",
        }
    }

    /// Reads the last part of the return address.
    #[must_use]
    pub fn from_path(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.path() == path)
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
            Self::Waiting => "waiting",
        }
    }
}

/// Opens the payment pages for a position, and answers the address to send the browser to. The position is published
/// first where the platform has not got it yet; the browser comes back to
/// `{base_url}/{slug}/pagamenti/ritorno/{visit}/{ok|annullato|errore|attesa}?lingua={language}`.
///
/// # Errors
/// `position_paid`, `position_cancelled`, `payments_not_configured`; [`Error::Peer`].
pub async fn start_checkout(app: &App, entity: &Entity, id: DebtPositionId, language: &str) -> Result<Url> {
    let mut tx = app.db.begin(entity.id).await?;
    let position = store::by_id(&mut tx, entity.id, id).await?;
    match position.state {
        State::Issued | State::Published => {}
        State::Paid => return Err(Error::Refused("position_paid")),
        State::Cancelled => return Err(Error::Refused("position_cancelled")),
    }
    let checkout = client(app, &mut tx, entity.id).await?;
    let visit = CheckoutVisitId::new();
    store::insert_visit(&mut tx, entity.id, visit, id, app.clock.now()).await?;
    tx.commit().await?;

    if position.state == State::Issued {
        publish_now(app, entity.id, id).await?;
    }
    let cart = cart(entity, &position, return_urls(&app.config.server.base_url, entity, visit, language)?)?;
    checkout.open(&cart).await.map_err(peer_error)
}

/// Keeps how the browser came back, the first time it does, and answers which position it was for.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn visit_returned(
    conn: &mut PgConnection,
    entity: EntityId,
    visit: CheckoutVisitId,
    outcome: VisitOutcome,
    now: DateTime<Utc>,
) -> Result<DebtPositionId> {
    store::close_visit(conn, entity, visit, outcome.as_str(), now).await
}

/// The client of the entity's carts.
pub(super) async fn client(app: &App, conn: &mut PgConnection, entity: EntityId) -> Result<Client> {
    let settings = settings(conn, entity).await?;
    let key = key(app, conn, entity, "pagopa.checkout_key").await?;
    Ok(Client::new(base_url(&settings.checkout_url)?, key, app.http.clone()))
}

fn cart(entity: &Entity, position: &DebtPosition, return_urls: ReturnUrls) -> Result<CartRequest> {
    let notice_number =
        position.nav.parse().map_err(|_| Error::Inconsistent("debt_position.nav".to_owned()))?;
    Ok(CartRequest {
        email_notice: Some(position.debtor_email.clone()).filter(|email| !email.is_empty()),
        payment_notices: vec![PaymentNotice {
            notice_number,
            fiscal_code: entity.fiscal_code.clone(),
            amount_cents: position.amount.0,
            company_name: entity.name.clone(),
            description: position.description.clone(),
        }],
        return_urls,
        id_cart: None,
        all_ccp: false,
    })
}

fn return_urls(
    base_url: &str,
    entity: &Entity,
    visit: CheckoutVisitId,
    language: &str,
) -> Result<ReturnUrls> {
    let url = |outcome: VisitOutcome| {
        let address = format!("{base_url}/{}/pagamenti/ritorno/{visit}/{}", entity.slug, outcome.path());
        Url::parse_with_params(&address, [("lingua", language)])
            .map_err(|_| Error::Inconsistent("server.base_url is not an address".to_owned()))
    };
    Ok(ReturnUrls {
        return_ok_url: url(VisitOutcome::Ok)?,
        return_cancel_url: url(VisitOutcome::Cancelled)?,
        return_error_url: url(VisitOutcome::Failed)?,
        return_waiting_url: url(VisitOutcome::Waiting)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_every_outcome_is_read_back() {
        for outcome in VisitOutcome::ALL {
            assert_eq!(VisitOutcome::from_path(outcome.path()), Some(outcome));
        }
        assert_eq!(VisitOutcome::from_path("open"), None);
    }
}
