//! What somebody owes: a position, its items (the transfers of the payment) and their shares, frozen when it is made.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use sportello_pagopa::notice::Nav;
use sqlx::PgConnection;

use super::receipt::Receipt;
use super::state::State;
use super::store;
use crate::error::Result;
use crate::ids::{AppointmentId, DebtPositionId, EntityId};
use crate::money::Cents;

/// What somebody owes, with its notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DebtPosition {
    /// Its identifier.
    pub id: DebtPositionId,
    /// For which appointment.
    pub appointment: Option<AppointmentId>,
    /// Our key at the platform.
    pub iupd: String,
    /// Notice number, 18 digits.
    pub nav: String,
    /// Payment identifier, 17 digits.
    pub iuv: String,
    /// The sum of the items.
    pub amount: Cents,
    /// What it is for; no personal data.
    pub description: String,
    /// Who owes it.
    pub debtor_fiscal_code: String,
    /// Who owes it.
    pub debtor_name: String,
    /// Where the platform may write; empty: nowhere.
    pub debtor_email: String,
    /// To be paid by the end of this day.
    pub due_on: NaiveDate,
    /// The appointment is confirmed by the receipt.
    pub in_advance: bool,
    /// Where it is in its life.
    pub state: State,
    /// When the platform took it.
    pub published_at: Option<DateTime<Utc>>,
    /// When it was paid, as the receipt says.
    pub paid_at: Option<DateTime<Utc>>,
    /// When it was cancelled; a receipt may come all the same.
    pub cancelled_at: Option<DateTime<Utc>>,
    /// Why the platform has not got it, or not withdrawn it, yet: a code, then `: ` and what the platform said.
    pub last_error: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// A transfer of the payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PositionItem {
    /// `idTransfer`, 1 to 5.
    pub transfer_index: i16,
    /// The remittance text.
    pub description: String,
    /// Taxonomy code.
    pub taxonomy: String,
    /// Where the money goes; never shown to citizens.
    #[serde(skip)]
    pub iban: String,
    /// The sum of its shares.
    pub amount: Cents,
}

/// The part of a transfer that belongs to a budget chapter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PositionShare {
    /// Of which transfer.
    pub transfer_index: i16,
    /// From 1, within the transfer.
    pub share_index: i16,
    /// Accounting year.
    pub year: i16,
    /// Capitolo.
    pub chapter_code: String,
    /// Articolo; empty where chapters have none.
    pub chapter_article: String,
    /// The chapter's name.
    pub chapter_description: String,
    /// Accertamento, year.
    pub assessment_year: Option<i16>,
    /// Accertamento, number.
    pub assessment_number: Option<String>,
    /// Piano dei conti finanziario.
    pub pdc: String,
    /// SIOPE code.
    pub siope: String,
    /// `own` or `third_party`.
    pub kind: String,
    /// Its amount.
    pub amount: Cents,
}

/// A position with everything that hangs on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PositionView {
    /// The position.
    pub position: DebtPosition,
    /// Its transfers.
    pub items: Vec<PositionItem>,
    /// Their parts.
    pub shares: Vec<PositionShare>,
    /// The first receipt that came for it. Others (a notice paid twice) are in the entity's receipts.
    pub receipt: Option<Receipt>,
}

/// A notice number as printed, in groups of four digits.
#[must_use]
pub fn grouped(nav: &str) -> String {
    nav.parse::<Nav>().map_or_else(|_| nav.to_owned(), Nav::grouped)
}

/// The latest position of an appointment.
pub async fn of_appointment(
    conn: &mut PgConnection,
    entity: EntityId,
    appointment: AppointmentId,
) -> Result<Option<PositionView>> {
    let found = store::positions::latest_of_appointment(conn, entity, appointment).await?;
    Ok(with_details(conn, entity, Vec::from_iter(found)).await?.pop())
}

/// The positions of a citizen, newest first.
pub async fn of_citizen(
    conn: &mut PgConnection,
    entity: EntityId,
    fiscal_code: &str,
) -> Result<Vec<PositionView>> {
    let found = store::positions::of_debtor(conn, entity, fiscal_code).await?;
    with_details(conn, entity, found).await
}

/// One position.
///
/// # Errors
/// [`NotFound`](crate::Error::NotFound).
pub async fn by_id(conn: &mut PgConnection, entity: EntityId, id: DebtPositionId) -> Result<PositionView> {
    let found = store::positions::by_id(conn, entity, id).await?;
    let mut views = with_details(conn, entity, vec![found]).await?;
    Ok(views.remove(0))
}

/// The positions that the platform should have and has not got, or has and should not have, each with its reason: what
/// an operator looks at. Oldest first.
pub async fn troubled(conn: &mut PgConnection, entity: EntityId) -> Result<Vec<DebtPosition>> {
    store::positions::troubled(conn, entity).await
}

async fn with_details(
    conn: &mut PgConnection,
    entity: EntityId,
    positions: Vec<DebtPosition>,
) -> Result<Vec<PositionView>> {
    let ids: Vec<_> = positions.iter().map(|position| position.id.0).collect();
    let mut items = store::positions::items(conn, entity, &ids).await?;
    let mut shares = store::positions::shares(conn, entity, &ids).await?;
    let mut receipts = store::receipts::first_of_positions(conn, entity, &ids).await?;
    Ok(positions
        .into_iter()
        .map(|position| PositionView {
            items: items.remove(&position.id).unwrap_or_default(),
            shares: shares.remove(&position.id).unwrap_or_default(),
            receipt: receipts.remove(&position.id),
            position,
        })
        .collect())
}
