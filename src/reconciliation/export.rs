//! The plan of a provisional entry, handed over to the accounting system.

use chrono::{DateTime, Utc};
use sportello_accounting as accounting;
use sqlx::PgConnection;

use super::entry::{EntryView, PlanPayment, PlanRow, entry};
use super::store;
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::ids::ProvisionalEntryId;
use crate::secrets::hex;

/// The plan of an entry, as accounting systems read it.
///
/// # Errors
/// `NotFound`.
pub async fn plan(
    conn: &mut PgConnection,
    entity: &Entity,
    id: ProvisionalEntryId,
    now: DateTime<Utc>,
) -> Result<accounting::Plan> {
    Ok(of_view(entity, &entry(conn, entity, id, now).await?))
}

/// A row per budget line and difference.
///
/// # Errors
/// `NotFound`.
pub async fn plan_csv(
    conn: &mut PgConnection,
    entity: &Entity,
    id: ProvisionalEntryId,
    now: DateTime<Utc>,
) -> Result<String> {
    let plan = plan(conn, entity, id, now).await?;
    accounting::plan_csv(&plan).map_err(inconsistent)
}

/// A row per share of a payment.
///
/// # Errors
/// `NotFound`.
pub async fn detail_csv(
    conn: &mut PgConnection,
    entity: &Entity,
    id: ProvisionalEntryId,
    now: DateTime<Utc>,
) -> Result<String> {
    let view = entry(conn, entity, id, now).await?;
    let shares: Vec<accounting::PaymentShare> = view
        .rows
        .iter()
        .enumerate()
        .flat_map(|(row, of_row)| of_row.payments.iter().map(move |payment| share(row, payment)))
        .collect();
    accounting::detail_csv(&of_view(entity, &view), &shares).map_err(inconsistent)
}

/// Keeps that the plan somebody saw was sent. The first instant stays for as long as the plan does; a plan that has changed
/// since is sent anew. Answers whether anything changed.
///
/// # Errors
/// `NotFound`; `Refused("entry_cancelled")` where the treasurer took the entry back; `Refused("plan_not_seen")` where the
/// plan is not the one that was seen any more.
pub async fn mark_plan_sent(
    conn: &mut PgConnection,
    entity: &Entity,
    (id, seen_sha256): (ProvisionalEntryId, &str),
    now: DateTime<Utc>,
) -> Result<bool> {
    store::matches::lock(conn, entity.id).await?;
    let view = entry(conn, entity, id, now).await?;
    if view.summary.entry.state == super::state::State::Cancelled {
        return Err(Error::Refused("entry_cancelled"));
    }
    if view.summary.entry.plan_sha256.as_deref().map(hex).as_deref() == Some(seen_sha256) {
        return Ok(false);
    }
    if view.plan_sha256 != seen_sha256 {
        return Err(Error::Refused("plan_not_seen"));
    }
    store::entries::put_plan_sent(conn, entity.id, id, seen_sha256, now).await?;
    super::rematch(conn, entity.id, super::Scope::Entries(&[id]), now).await?;
    Ok(true)
}

fn of_view(entity: &Entity, view: &EntryView) -> accounting::Plan {
    let entry = &view.summary.entry;
    let difference = |difference: &super::entry::Difference| accounting::Difference {
        label: match &difference.payment {
            Some(payment) => format!("{} {}", difference.label.as_str(), payment.iuv),
            None => difference.label.as_str().to_owned(),
        },
        amount_cents: difference.amount.0,
    };
    accounting::Plan {
        entity: entity.name.clone(),
        fiscal_code: entity.fiscal_code.clone(),
        provisional_year: entry.year.into(),
        provisional_number: entry.number.unsigned_abs(),
        amount_cents: entry.amount.0,
        rows: view.rows.iter().map(row).collect(),
        differences: view.differences.iter().map(difference).collect(),
    }
}

fn row(row: &PlanRow) -> accounting::PlanRow {
    let said = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    accounting::PlanRow {
        year: row.line.year.into(),
        chapter: row.line.chapter.clone(),
        article: said(&row.line.article),
        pdc: said(&row.line.pdc),
        siope: said(&row.line.siope),
        assessment_year: row.line.assessment_year.map(i32::from),
        assessment_number: row.line.assessment_number.clone(),
        kind: if row.line.is_third_party { accounting::Kind::ThirdParty } else { accounting::Kind::Own },
        amount_cents: row.amount.0,
        payments: u32::try_from(row.payments.len()).unwrap_or(u32::MAX),
        description: row.description.clone(),
    }
}

/// The payer is named by the appointment's code, which the entity's own registers resolve: the file travels.
fn share(row: usize, payment: &PlanPayment) -> accounting::PaymentShare {
    accounting::PaymentShare {
        row,
        iuv: payment.iuv.clone(),
        iur: payment.iur.clone(),
        payer_reference: payment.appointment_code.clone().unwrap_or_default(),
        date: payment.paid_on,
        amount_cents: payment.amount.0,
        description: payment.description.clone(),
    }
}

/// Plans balance by construction: one that does not is a defect.
fn inconsistent(error: accounting::PlanError) -> Error {
    Error::Inconsistent(format!("regularisation plan: {error}"))
}
