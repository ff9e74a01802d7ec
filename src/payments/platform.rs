//! Positions at the platform (GPD, version 1): put there, taken off, in three steps: ours is committed, the platform is
//! called with our key, its answer is recorded. A step that is repeated finds what the former attempt left.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use sportello_pagopa::gpd::{
    Client, DebtPosition as GpdPosition, DebtorKind, METADATA_MAX, Metadata, OptionView, PaymentOption,
    PositionStatus, PositionView as GpdView, Transfer,
};
use sportello_pagopa::platform::Error as PlatformError;
use sqlx::PgConnection;
use url::Url;

use super::issue::settings;
use super::position::{self, DebtPosition, PositionItem, PositionShare, PositionView};
use super::state::{Event, State};
use super::store::positions as store;
use crate::agenda::zone;
use crate::app::App;
use crate::entity::{self, Entity, PagopaSettings};
use crate::error::{Error, Result};
use crate::ids::{DebtPositionId, EntityId};
use crate::jobs::{self, Job};
use crate::notices::{self, Event as Told};

/// What an operator's page says where the platform refused; the locales have all of these codes.
const REFUSED: &str = "refused";
const KEY_REFUSED: &str = "key_refused";
const UNAVAILABLE: &str = "unavailable";
const MALFORMED: &str = "position_malformed";
/// Another program of the entity has used the notice number: a position can be issued anew under the next one.
pub const NUMBER_IN_USE: &str = "number_in_use";

/// Job: puts a position on the platform. What may pass by itself is an error, and the queue tries again; a refusal that
/// trying again cannot change is kept on the position for an operator, who asks again with [`retry`].
pub async fn publish(app: &App, entity: EntityId, id: DebtPositionId) -> Result<()> {
    unless_final(publish_now(app, entity, id).await)
}

/// Job: takes a cancelled position off the platform.
pub async fn withdraw(app: &App, entity: EntityId, id: DebtPositionId) -> Result<()> {
    unless_final(withdraw_now(app, entity, id).await)
}

fn unless_final(outcome: Result<()>) -> Result<()> {
    match outcome {
        Err(error @ Error::Peer { code: REFUSED | NUMBER_IN_USE, .. }) => {
            tracing::error!(%error, "the platform refused a position; an operator decides");
            Ok(())
        }
        outcome => outcome,
    }
}

/// An operator asks again for what the platform refused: publication of an issued position, withdrawal of a cancelled one.
///
/// # Errors
/// `not_in_this_state` where there is nothing to ask for.
pub async fn retry(
    conn: &mut PgConnection,
    entity: EntityId,
    id: DebtPositionId,
    now: DateTime<Utc>,
) -> Result<()> {
    let job = match store::by_id(conn, entity, id).await?.state {
        State::Issued => Job::PublishPosition { position: id },
        State::Cancelled => Job::WithdrawPosition { position: id },
        State::Published | State::Paid => return Err(Error::Refused("not_in_this_state")),
    };
    jobs::enqueue(conn, entity, &job, now, now).await
}

/// Puts an issued position on the platform; a cancelled one is taken off it, in case an attempt had put it there.
pub(super) async fn publish_now(app: &App, entity: EntityId, id: DebtPositionId) -> Result<()> {
    let platform = Platform::of(app, entity, id).await?;
    match platform.view.position.state {
        State::Published | State::Paid => return Ok(()),
        State::Cancelled => return platform.withdraw(app).await,
        State::Issued => {}
    }
    if let Err(error) = platform.put().await {
        return platform.failed(app, error).await;
    }
    let mut tx = app.db.begin(entity).await?;
    let position = store::lock(&mut tx, entity, id).await?;
    let state = position.state.after(Event::Published)?;
    let now = app.clock.now();
    store::set_published(&mut tx, entity, id, state, now).await?;
    // Only now: "pay" said earlier would send people to a notice that no bank knows.
    if let (State::Published, Some(appointment)) = (state, position.appointment) {
        notices::announce(&mut tx, entity, appointment, Told::PaymentDue, &id.to_string(), now).await?;
    }
    tx.commit().await?;
    // It was cancelled while the platform was being asked: the job that withdraws it may have found nothing there yet.
    if state == State::Cancelled { platform.withdraw(app).await } else { Ok(()) }
}

async fn withdraw_now(app: &App, entity: EntityId, id: DebtPositionId) -> Result<()> {
    let platform = Platform::of(app, entity, id).await?;
    if platform.view.position.state == State::Cancelled { platform.withdraw(app).await } else { Ok(()) }
}

/// A position, and the way to the platform.
struct Platform {
    entity: Entity,
    client: Client,
    view: PositionView,
}

impl Platform {
    async fn of(app: &App, entity: EntityId, id: DebtPositionId) -> Result<Self> {
        let mut tx = app.db.begin(entity).await?;
        let view = position::by_id(&mut tx, entity, id).await?;
        let settings = settings(&mut tx, entity).await?;
        let client = gpd_client(app, &mut tx, entity, &settings).await?;
        let entity = entity::store::by_id(&mut tx, entity).await?;
        Ok(Self { entity, client, view })
    }

    async fn put(&self) -> std::result::Result<(), Failure> {
        let (creditor, iupd) = (&self.entity.fiscal_code, &self.view.position.iupd);
        let body = body(&self.entity, &self.view)?;
        match self.client.create(creditor, &body, true).await {
            Ok(_) => Ok(()),
            Err(PlatformError::Conflict(problem)) => match self.client.get(creditor, iupd).await? {
                Some(there) if !is_same(&there, &self.view.position) => Err(Failure::NumberInUse),
                Some(GpdView { status: PositionStatus::Draft, .. }) => {
                    self.client.publish(creditor, iupd).await?;
                    Ok(())
                }
                // Somebody took it off at the platform's own console: it must not seem payable.
                Some(GpdView { status: PositionStatus::Invalid, .. }) => {
                    Err(Failure::Platform(PlatformError::Conflict(problem)))
                }
                Some(_) => Ok(()),
                None => Err(Failure::NumberInUse),
            },
            Err(error) => Err(error.into()),
        }
    }

    async fn withdraw(&self, app: &App) -> Result<()> {
        if let Err(error) = self.take_off().await {
            return self.failed(app, error.into()).await;
        }
        let mut tx = app.db.begin(self.entity.id).await?;
        store::set_last_error(&mut tx, self.entity.id, self.view.position.id, None).await?;
        tx.commit().await.map_err(Error::from)
    }

    async fn take_off(&self) -> std::result::Result<(), PlatformError> {
        let (creditor, iupd) = (&self.entity.fiscal_code, &self.view.position.iupd);
        match self.client.invalidate(creditor, iupd).await {
            Ok(_) => Ok(()),
            Err(PlatformError::Refused { status, .. }) if status == http::StatusCode::NOT_FOUND => Ok(()),
            Err(PlatformError::Conflict(problem)) => match self.client.get(creditor, iupd).await? {
                Some(GpdView { status: PositionStatus::Draft, .. }) => {
                    self.client.delete(creditor, iupd).await
                }
                // Payable in a way we cannot take back now: said again, because money may come.
                Some(GpdView { status: PositionStatus::Published | PositionStatus::Valid, .. }) => {
                    Err(PlatformError::Conflict(problem))
                }
                // Withdrawn already, expired, or paid meanwhile: then the receipt says so.
                Some(_) | None => Ok(()),
            },
            Err(error) => Err(error),
        }
    }

    /// Keeps on the position why it is not where it should be.
    async fn failed(&self, app: &App, failure: Failure) -> Result<()> {
        let mut tx = app.db.begin(self.entity.id).await?;
        store::set_last_error(&mut tx, self.entity.id, self.view.position.id, Some(&failure.reason()))
            .await?;
        tx.commit().await?;
        Err(failure.into())
    }
}

/// Why the platform has not got a position.
#[derive(Debug)]
enum Failure {
    /// It said so, or could not be asked.
    Platform(PlatformError),
    /// Our key or one of our numbers names another position there.
    NumberInUse,
    /// A taxonomy code or number of ours is not one.
    Malformed(&'static str),
}

impl From<PlatformError> for Failure {
    fn from(error: PlatformError) -> Self {
        Self::Platform(error)
    }
}

impl Failure {
    /// For the operator's page, where the position's own data may be seen: a code, then what the platform said.
    fn reason(&self) -> String {
        match self {
            Self::Platform(error) => {
                let said = match error {
                    PlatformError::Refused { problem, .. } | PlatformError::Conflict(problem)
                        if !problem.detail.is_empty() =>
                    {
                        problem.detail.clone()
                    }
                    PlatformError::Invalid(limit) => limit.to_string(),
                    error => error.to_string(),
                };
                format!("{}: {said}", code(error))
            }
            Self::NumberInUse => NUMBER_IN_USE.to_owned(),
            Self::Malformed(what) => format!("{MALFORMED}: {what}"),
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Platform(error) => peer_error(error),
            Failure::NumberInUse => Self::Peer { peer: "pagopa", code: NUMBER_IN_USE, source: None },
            Failure::Malformed(what) => Self::Inconsistent(format!("debt_position: {what}")),
        }
    }
}

/// What can be done about it: wait, change the key, or change the request.
pub(super) fn peer_error(error: PlatformError) -> Error {
    Error::peer("pagopa", code(&error), error)
}

fn code(error: &PlatformError) -> &'static str {
    match error {
        PlatformError::Refused { status, .. } if matches!(status.as_u16(), 401 | 403) => KEY_REFUSED,
        error if error.is_temporary() => UNAVAILABLE,
        _ => REFUSED,
    }
}

/// Whether the platform holds this very position.
fn is_same(there: &GpdView, ours: &DebtPosition) -> bool {
    let same = |option: &OptionView| option.iuv == ours.iuv && option.amount_cents == ours.amount.0;
    there.payment_option.len() == 1 && there.payment_option.iter().all(same)
}

/// The client of the entity's positions.
pub(super) async fn gpd_client(
    app: &App,
    conn: &mut PgConnection,
    entity: EntityId,
    settings: &PagopaSettings,
) -> Result<Client> {
    let key = key(app, conn, entity, "pagopa.gpd_key").await?;
    Ok(Client::new(base_url(&settings.gpd_url)?, key, app.http.clone()))
}

/// A key of the platform.
pub(super) async fn key(
    app: &App,
    conn: &mut PgConnection,
    entity: EntityId,
    name: &str,
) -> Result<SecretString> {
    entity::store::secret(conn, &app.keys, entity, name)
        .await?
        .ok_or(Error::Refused("payments_not_configured"))
}

/// An address of the settings.
pub(super) fn base_url(text: &str) -> Result<Url> {
    Url::parse(text).map_err(|_| Error::Refused("payments_not_configured"))
}

/// A position as GPD wants it: one payment, payable from its publication on.
fn body(entity: &Entity, view: &PositionView) -> std::result::Result<GpdPosition, Failure> {
    let position = &view.position;
    let transfers: std::result::Result<Vec<_>, Failure> =
        view.items.iter().map(|item| transfer(entity, item, &view.shares)).collect();
    Ok(GpdPosition {
        iupd: position.iupd.clone(),
        debtor_kind: DebtorKind::Person,
        pay_stand_in: true,
        fiscal_code: position.debtor_fiscal_code.clone(),
        full_name: position.debtor_name.clone(),
        street_name: None,
        civic_number: None,
        postal_code: None,
        city: None,
        province: None,
        region: None,
        country: None,
        email: Some(position.debtor_email.clone()).filter(|email| !email.is_empty()),
        phone: None,
        // A late payment is told to an operator rather than refused at the payer's bank: what is not owed any more is
        // withdrawn by us.
        switch_to_expired: false,
        company_name: entity.name.clone(),
        office_name: None,
        validity_date: None,
        payment_date: None,
        status: None,
        payment_option: vec![PaymentOption {
            nav: Some(position.nav.parse().map_err(|_| Failure::Malformed("the notice number"))?),
            iuv: position.iuv.parse().map_err(|_| Failure::Malformed("the payment identifier"))?,
            amount_cents: position.amount.0,
            description: position.description.clone(),
            is_partial_payment: false,
            due_date: zone::last_second(position.due_on, entity.time_zone),
            retention_date: None,
            transfer: transfers?,
            payment_option_metadata: Vec::new(),
        }],
    })
}

fn transfer(
    entity: &Entity,
    item: &PositionItem,
    shares: &[PositionShare],
) -> std::result::Result<Transfer, Failure> {
    let of_item: Vec<_> = shares.iter().filter(|share| share.transfer_index == item.transfer_index).collect();
    Ok(Transfer {
        id_transfer: u8::try_from(item.transfer_index)
            .map_err(|_| Failure::Malformed("a transfer's index"))?,
        amount_cents: item.amount.0,
        organization_fiscal_code: Some(entity.fiscal_code.clone()),
        remittance_information: item.description.clone(),
        category: item.taxonomy.parse().map_err(|_| Failure::Malformed("a taxonomy code"))?,
        iban: Some(item.iban.clone()),
        postal_iban: None,
        stamp: None,
        company_name: Some(entity.name.clone()),
        transfer_metadata: metadata(&of_item),
    })
}

/// The chapters of a transfer in the platform's dictionary (docs.pagopa.it, "dizionario dei metadata", DL118): a copy for
/// whoever reads the receipt; ours is the authoritative one. A transfer takes ten entries, so more than two shares do not
/// fit and are left out as a whole: half a split would mislead.
fn metadata(shares: &[&PositionShare]) -> Vec<Metadata> {
    if shares.len() > 2 {
        return Vec::new();
    }
    let mut entries = Vec::new();
    for (n, share) in (1..).zip(shares) {
        let mut add = |key: &str, value: String| entries.push(Metadata { key: format!("{key}_{n}"), value });
        add("RC_TIP", "CORRISPETTIVO_DL118".to_owned());
        add("RC_AC", share.year.to_string());
        add("RC_IMP", share.amount.to_decimal());
        add("RC_CAP", share.chapter_code.clone());
    }
    // What is left after the required entries goes first to the articles, which make the chapter unambiguous.
    let articles = shares.iter().zip(1..).map(|(share, n)| (format!("RC_ART_{n}"), &share.chapter_article));
    let plans = shares.iter().zip(1..).map(|(share, n)| (format!("RC_PF5_{n}"), &share.pdc));
    let optional: Vec<_> = articles.chain(plans).filter(|(_, value)| !value.is_empty()).collect();
    let room = METADATA_MAX.saturating_sub(entries.len());
    entries
        .extend(optional.into_iter().take(room).map(|(key, value)| Metadata { key, value: value.clone() }));
    entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Cents;

    fn share(article: &str, pdc: &str) -> PositionShare {
        PositionShare {
            transfer_index: 1,
            share_index: 1,
            year: 2026,
            chapter_code: "3010".into(),
            chapter_article: article.into(),
            chapter_description: "Diritti".into(),
            assessment_year: None,
            assessment_number: None,
            pdc: pdc.into(),
            siope: String::new(),
            kind: "own".into(),
            amount: Cents(10_050),
        }
    }

    fn keys(shares: &[&PositionShare]) -> Vec<String> {
        metadata(shares).into_iter().map(|entry| format!("{}={}", entry.key, entry.value)).collect()
    }

    #[test]
    fn one_share_is_told_in_full() {
        assert_eq!(
            keys(&[&share("1", "E.3.01")]),
            [
                "RC_TIP_1=CORRISPETTIVO_DL118",
                "RC_AC_1=2026",
                "RC_IMP_1=100.50",
                "RC_CAP_1=3010",
                "RC_ART_1=1",
                "RC_PF5_1=E.3.01"
            ]
        );
    }

    #[test]
    fn ten_entries_are_never_exceeded_and_three_shares_are_left_out() {
        let full = share("1", "E.3.01");
        let two = keys(&[&full, &full]);
        assert_eq!(two.len(), METADATA_MAX);
        assert!(
            two.contains(&"RC_ART_2=1".to_owned()) && !two.iter().any(|entry| entry.starts_with("RC_PF5"))
        );
        let plain = share("", "E.3.01");
        assert!(keys(&[&plain, &plain]).contains(&"RC_PF5_2=E.3.01".to_owned()));
        assert!(keys(&[&full, &full, &full]).is_empty());
    }
}
