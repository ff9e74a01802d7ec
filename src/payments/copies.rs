//! What is printed for a citizen: the notice to pay with, and the copy of a receipt. Neither ever shows an IBAN (SANP
//! 3.12.0, guidelines §5).

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use sportello_pagopa::notice::Nav;
use sqlx::PgConnection;

use super::issue::settings;
use super::position::{self, DebtPosition, PositionView};
use super::receipt::Receipt;
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::ids::DebtPositionId;
use crate::money::Cents;

/// The notice of a position, ready to be laid out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NoticeCopy {
    /// Who is owed.
    pub entity_name: String,
    /// Codice fiscale ente.
    pub entity_fiscal_code: String,
    /// Who owes.
    pub debtor_name: String,
    /// Who owes.
    pub debtor_fiscal_code: String,
    /// What it is for.
    pub description: String,
    /// How much.
    pub amount: Cents,
    /// To be paid by the end of this day.
    pub due_on: NaiveDate,
    /// The notice number, 18 digits.
    pub nav: String,
    /// The notice number in groups of four, as it is printed.
    pub nav_grouped: String,
    /// What the QR code says.
    pub qr_text: String,
    /// The QR code, an SVG element.
    pub qr_svg: String,
    /// CBILL code; empty: none.
    pub cbill: String,
}

/// The copy of a receipt: what the platform asks to show (SANP 3.12.0, payment attestation), beside its logo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReceiptCopy {
    /// Date and time of the payment.
    pub paid_at: DateTime<Utc>,
    /// The day it was applied at the provider.
    pub applied_on: Option<NaiveDate>,
    /// Codice fiscale ente (`fiscalCodePA`).
    pub entity_fiscal_code: String,
    /// The creditor (`companyName`).
    pub entity_name: String,
    /// `creditorReferenceId`.
    pub iuv: String,
    /// Payment service provider.
    pub psp_name: String,
    /// Its fiscal code, else its identifier at the platform.
    pub psp_code: String,
    /// `paymentToken`.
    pub iur: String,
    /// What was paid.
    pub amount: Cents,
    /// What it was for.
    pub description: String,
    /// Who paid; the debtor where it was not said.
    pub payer_name: String,
}

/// The notice of a position that can still be paid.
///
/// # Errors
/// `position_paid`, `position_cancelled`, `payments_not_configured`; [`Error::NotFound`].
pub async fn notice(conn: &mut PgConnection, entity: &Entity, id: DebtPositionId) -> Result<NoticeCopy> {
    let view = position::by_id(conn, entity.id, id).await?;
    match view.position.state {
        super::State::Issued | super::State::Published => {}
        super::State::Paid => return Err(Error::Refused("position_paid")),
        super::State::Cancelled => return Err(Error::Refused("position_cancelled")),
    }
    notice_copy(entity, &view.position, settings(conn, entity.id).await?.cbill)
}

/// The copy of the receipt of a paid position; `None` where there is no receipt.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn receipt(
    conn: &mut PgConnection,
    entity: &Entity,
    id: DebtPositionId,
) -> Result<Option<ReceiptCopy>> {
    let PositionView { position, receipt, .. } = position::by_id(conn, entity.id, id).await?;
    Ok(receipt.map(|receipt| receipt_copy(entity, &position, receipt)))
}

fn notice_copy(entity: &Entity, position: &DebtPosition, cbill: String) -> Result<NoticeCopy> {
    let wrong = |error| Error::Inconsistent(format!("debt_position {}: {error}", position.id));
    let nav: Nav = position.nav.parse().map_err(wrong)?;
    let creditor = &entity.fiscal_code;
    Ok(NoticeCopy {
        entity_name: entity.name.clone(),
        entity_fiscal_code: creditor.clone(),
        debtor_name: position.debtor_name.clone(),
        debtor_fiscal_code: position.debtor_fiscal_code.clone(),
        description: position.description.clone(),
        amount: position.amount,
        due_on: position.due_on,
        nav: nav.to_string(),
        nav_grouped: nav.grouped(),
        qr_text: nav.qr_text(creditor, position.amount.0).map_err(wrong)?,
        qr_svg: nav.qr_svg(creditor, position.amount.0).map_err(wrong)?,
        cbill,
    })
}

fn receipt_copy(entity: &Entity, position: &DebtPosition, receipt: Receipt) -> ReceiptCopy {
    let or = |first: String, second: &str| if first.is_empty() { second.to_owned() } else { first };
    ReceiptCopy {
        paid_at: receipt.paid_at,
        applied_on: receipt.applied_on,
        entity_fiscal_code: entity.fiscal_code.clone(),
        entity_name: entity.name.clone(),
        iuv: receipt.iuv,
        psp_name: receipt.psp_name,
        psp_code: or(receipt.psp_fiscal_code, &receipt.psp_id),
        iur: receipt.iur,
        amount: receipt.amount,
        description: or(receipt.description, &position.description),
        payer_name: or(receipt.payer_name, &position.debtor_name),
    }
}
