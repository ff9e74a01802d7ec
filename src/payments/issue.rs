//! From the quote to what is owed: a notice number, items, and shares on the chapters of the accounting year.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use sportello_pagopa::gpd::FULL_NAME_MAX;
use sportello_pagopa::notice::{BASE_MAX, Nav, Segregation};
use sqlx::PgConnection;

use super::definition::chapter_name;
use super::platform::NUMBER_IN_USE;
use super::position::{self, DebtPosition, PositionItem, PositionShare, PositionView};
use super::quote::{Quote, QuotedShare, shorten};
use super::state::{Event, State};
use super::store::{positions, reference};
use crate::agenda::{self, Appointment};
use crate::audit::{self, Actor, Change};
use crate::entity::{self, Entity, Kind, PagopaSettings};
use crate::error::{Error, Result};
use crate::ids::{AppointmentId, DebtPositionId, EntityId};
use crate::jobs::{self, Job};
use crate::money::Cents;
use crate::reconciliation::ledger::{self, Fact};
use crate::text::Text;

/// Makes what is owed for an appointment: takes the next notice number, freezes items and shares over the chapters of
/// the accounting year (that of today, where the entity is), and asks for its publication.
///
/// Everything that can be refused is looked at before anything is written, so that after a refusal the same transaction
/// can still keep the appointment.
///
/// # Errors
/// `nothing_to_pay` for a quote of zero; `payments_not_configured`; `fiscal_code_needed` for a holder without fiscal
/// code; `chapter_missing` where the year lacks a chapter of the tariff (the log names it).
pub async fn issue(
    conn: &mut PgConnection,
    entity: &Entity,
    appointment: &Appointment,
    service_name: &Text,
    quote: &Quote,
    now: DateTime<Utc>,
) -> Result<DebtPosition> {
    if quote.total() == Cents::ZERO {
        return Err(Error::Refused("nothing_to_pay"));
    }
    let holder = &appointment.holder;
    let debtor_fiscal_code = holder.fiscal_code.clone().ok_or(Error::Refused("fiscal_code_needed"))?;
    let settings = settings(conn, entity.id).await?;
    let today = now.with_timezone(&entity.time_zone).date_naive();
    let (items, shares) = freeze(conn, entity.id, quote, &settings.iban, today).await?;

    let nav = next_number(conn, entity.id, settings.segregation).await?;
    let id = DebtPositionId::new();
    let name = format!("{} {}", holder.given_name, holder.family_name);
    let position = DebtPosition {
        id,
        appointment: Some(appointment.id),
        iupd: id.0.simple().to_string(),
        nav: nav.to_string(),
        iuv: nav.iuv().to_string(),
        amount: quote.total(),
        description: shorten(service_name.get("it")),
        debtor_fiscal_code,
        debtor_name: name.trim().chars().take(FULL_NAME_MAX).collect(),
        debtor_email: holder.email.clone(),
        due_on: due_on(quote, entity, now),
        in_advance: quote.in_advance,
        state: State::Issued,
        published_at: None,
        paid_at: None,
        cancelled_at: None,
        last_error: None,
        created_at: now,
    };
    positions::insert(conn, entity.id, &position, &items, &shares).await?;
    after_issue(conn, entity.id, &position, now).await?;
    Ok(position)
}

/// The next notice number of the entity.
async fn next_number(conn: &mut PgConnection, entity: EntityId, segregation: u8) -> Result<Nav> {
    let base = positions::next_base(conn, entity, segregation).await?;
    let segregation = Segregation::new(segregation)
        .map_err(|error| Error::Inconsistent(format!("settings of pagopa: {error}")))?;
    let nav = u64::try_from(base).ok().and_then(|base| Nav::generate(segregation, base).ok());
    nav.ok_or(Error::Inconsistent("notice_sequence.next_base".into()))
}

/// Issues a position anew under the next notice number, because the platform holds another under the one it has. The
/// former one is cancelled.
///
/// # Errors
/// `not_in_this_state` for a position whose number is its own.
pub async fn renumber(
    conn: &mut PgConnection,
    entity: EntityId,
    id: DebtPositionId,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<DebtPosition> {
    // The appointment first, as everybody who changes both.
    if let Some(appointment) = positions::by_id(conn, entity, id).await?.appointment {
        agenda::taking::lock(conn, entity, appointment, &[], now).await?;
    }
    let former = positions::lock(conn, entity, id).await?;
    if former.state != State::Issued || former.last_error.as_deref() != Some(NUMBER_IN_USE) {
        return Err(Error::Refused("not_in_this_state"));
    }
    let PositionView { items, shares, .. } = position::by_id(conn, entity, id).await?;
    positions::set_cancelled(conn, entity, id, former.state.after(Event::Cancelled)?, now).await?;
    after_cancel(conn, entity, &former, now).await?;

    let segregation = settings(conn, entity).await?.segregation;
    let nav = next_number(conn, entity, segregation).await?;
    let id = DebtPositionId::new();
    let position = DebtPosition {
        id,
        iupd: id.0.simple().to_string(),
        nav: nav.to_string(),
        iuv: nav.iuv().to_string(),
        last_error: None,
        created_at: now,
        ..former.clone()
    };
    positions::insert(conn, entity, &position, &items, &shares).await?;
    after_issue(conn, entity, &position, now).await?;
    let object = id.to_string();
    let change = Change::of("position.renumbered", "debt_position", &object);
    audit::record(conn, entity, now, actor, change.before(&former.nav).after(&position.nav)).await?;
    Ok(position)
}

/// What follows from a position that was made.
async fn after_issue(
    conn: &mut PgConnection,
    entity: EntityId,
    position: &DebtPosition,
    now: DateTime<Utc>,
) -> Result<()> {
    record(conn, entity, "position.issued", position, now).await?;
    let DebtPosition { id, ref iuv, amount, .. } = *position;
    ledger::book(conn, entity, Fact::Issued { position: id, iuv: iuv.clone(), amount }, now).await?;
    jobs::enqueue(conn, entity, &Job::PublishPosition { position: position.id }, now, now).await
}

/// Cancels what is still owed for an appointment, and asks for its withdrawal. What is paid stays.
pub async fn cancel_of(
    conn: &mut PgConnection,
    entity: EntityId,
    appointment: AppointmentId,
    now: DateTime<Utc>,
) -> Result<()> {
    for position in positions::lock_open_of_appointment(conn, entity, appointment).await? {
        let state = position.state.after(Event::Cancelled)?;
        positions::set_cancelled(conn, entity, position.id, state, now).await?;
        after_cancel(conn, entity, &position, now).await?;
    }
    Ok(())
}

/// What follows from a position that was cancelled.
async fn after_cancel(
    conn: &mut PgConnection,
    entity: EntityId,
    position: &DebtPosition,
    now: DateTime<Utc>,
) -> Result<()> {
    record(conn, entity, "position.cancelled", position, now).await?;
    let DebtPosition { id, ref iuv, amount, .. } = *position;
    ledger::book(conn, entity, Fact::Cancelled { position: id, iuv: iuv.clone(), amount }, now).await?;
    jobs::enqueue(conn, entity, &Job::WithdrawPosition { position: position.id }, now, now).await
}

/// Puts what happened to a position on record: number and amount, nothing personal.
async fn record(
    conn: &mut PgConnection,
    entity: EntityId,
    action: &'static str,
    position: &DebtPosition,
    now: DateTime<Utc>,
) -> Result<()> {
    let object = position.id.to_string();
    let facts = serde_json::json!({ "nav": position.nav, "amount_cents": position.amount });
    let change = Change::of(action, "debt_position", &object).after(facts);
    audit::record(conn, entity, now, &Actor::System, change).await
}

/// Raises the next notice number of the entity's segregation code, where another program made numbers under it before.
/// Never lowers it; answers the next base.
///
/// # Errors
/// [`Error::Invalid`] over thirteen digits; `payments_not_configured`.
pub async fn start_numbers_from(
    conn: &mut PgConnection,
    entity: EntityId,
    base: i64,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<i64> {
    if !u64::try_from(base).is_ok_and(|base| base <= BASE_MAX) {
        return Err(Error::field("base", "out_of_range"));
    }
    let segregation = settings(conn, entity).await?.segregation;
    let next = positions::raise_base(conn, entity, segregation, base).await?;
    let object = format!("{segregation:02}");
    let change = Change::of("notice_sequence.raised", "notice_sequence", &object).after(next);
    audit::record(conn, entity, now, actor, change).await?;
    Ok(next)
}

/// How the entity talks to the platform.
///
/// # Errors
/// `payments_not_configured`.
pub(super) async fn settings(conn: &mut PgConnection, entity: EntityId) -> Result<PagopaSettings> {
    entity::store::settings(conn, entity, Kind::Pagopa)
        .await?
        .ok_or(Error::Refused("payments_not_configured"))
}

/// Paid in advance: by the day on which the kept time ends. Later: so many days from today.
fn due_on(quote: &Quote, entity: &Entity, now: DateTime<Utc>) -> NaiveDate {
    let due = if quote.in_advance {
        now + TimeDelta::minutes(quote.hold_minutes.into())
    } else {
        now + TimeDelta::days(quote.due_days.into())
    };
    due.with_timezone(&entity.time_zone).date_naive()
}

/// Resolves the chapters of the accounting year and their assessments, and freezes them.
async fn freeze(
    conn: &mut PgConnection,
    entity: EntityId,
    quote: &Quote,
    iban: &str,
    today: NaiveDate,
) -> Result<(Vec<PositionItem>, Vec<PositionShare>)> {
    let (mut items, mut shares) = (Vec::new(), Vec::new());
    for (transfer_index, transfer) in (1..).zip(quote.transfers()) {
        for (share_index, share) in (1..).zip(&transfer.shares) {
            shares.push(freeze_share(conn, entity, share, (transfer_index, share_index), today).await?);
        }
        items.push(PositionItem {
            transfer_index,
            amount: transfer.amount(),
            description: transfer.description,
            taxonomy: transfer.taxonomy,
            iban: iban.to_owned(),
        });
    }
    Ok((items, shares))
}

async fn freeze_share(
    conn: &mut PgConnection,
    entity: EntityId,
    share: &QuotedShare,
    (transfer_index, share_index): (i16, i16),
    today: NaiveDate,
) -> Result<PositionShare> {
    let year = i16::try_from(today.year()).map_err(|_| Error::Inconsistent("accounting year".into()))?;
    let (code, article) = (&share.chapter_code, &share.chapter_article);
    let Some(chapter) = reference::chapter(conn, entity, year, code, article).await? else {
        let chapter = chapter_name(today.year(), code, article);
        tracing::error!(%entity, %chapter, "a tariff names a chapter that the accounting year does not have");
        return Err(Error::Refused("chapter_missing"));
    };
    let assessment = reference::assessment_in_use(conn, entity, chapter.id).await?;
    Ok(PositionShare {
        transfer_index,
        share_index,
        year,
        chapter_code: chapter.code,
        chapter_article: chapter.article,
        chapter_description: chapter.description,
        assessment_year: assessment.as_ref().map(|assessment| assessment.year),
        assessment_number: assessment.map(|assessment| assessment.number),
        pdc: chapter.pdc,
        siope: chapter.siope,
        kind: chapter.kind.as_str().to_owned(),
        amount: share.amount,
    })
}
