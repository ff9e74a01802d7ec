//! Our SOAP station: the platform delivers receipts here (`paSendRT`, `paSendRTV2`).
//!
//! A delivery is repeated by the platform every hour, 48 times, until it hears OK. So what is ours is answered OK also the
//! second time; what cannot be kept now is answered with the code that makes the platform try again; and nothing that
//! proves a payment is refused for what is odd about it (pagoPA's SANP 3.12.0, "integration via synchronous APIs").

use chrono::{DateTime, Utc};
use sportello_pagopa::station::{
    self, Answer, Destination, Fault, FaultCode, Outcome, Receipt as Delivered, Request, SendRt, ko_xml,
    ok_xml,
};
use sportello_pagopa::wire::Moment;
use sqlx::PgConnection;

use super::issue::settings;
use super::position::DebtPosition;
use super::receipt::{Finding, Receipt, ReceiptTransfer, findings};
use super::state::{Event, State};
use super::store::receipts::Message;
use super::store::{positions, receipts};
use crate::agenda::{self, PaymentEffect};
use crate::app::App;
use crate::audit::{self, Actor, Change};
use crate::entity::{self, Entity};
use crate::error::{Error, Result};
use crate::ids::{AppointmentId, EntityId, PeerMessageId, ReceiptId};
use crate::jobs::{self, Job};
use crate::money::Cents;
use crate::notices::{self, Event as Told};
use crate::reconciliation;
use crate::reconciliation::ledger::{self, Fact};

/// Largest request, in bytes. A receipt is some 5 KiB.
const REQUEST_MAX: usize = 256 * 1024;

/// Answers a request to the station, whatever it is.
pub async fn receive(app: &App, raw: &[u8]) -> Answer {
    let request = match station::parse(raw, REQUEST_MAX) {
        Ok(request) => request,
        Err(error) => {
            let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            tracing::warn!(%error, cause, "the station was sent something that is not a receipt");
            keep_refused(app, &error.to_string(), raw).await;
            return error.answer(creditor(raw).as_deref().unwrap_or_default());
        }
    };
    let operation = request.operation();
    let (Request::SendRt(delivery) | Request::SendRtV2(delivery)) = &request;
    let refuse = |code| {
        let fault = Fault { code, id: delivery.id_pa.clone(), description: None };
        Answer { status: 200, xml: ko_xml(operation, &fault) }
    };
    let mut outcome = deliver(app, operation.name(), delivery, raw).await;
    if matches!(outcome, Err(Error::Database(_) | Error::Refused("busy"))) {
        // Somebody was in the way, or the connection was lost: the platform would come back only in an hour.
        outcome = deliver(app, operation.name(), delivery, raw).await;
    }
    match outcome {
        Ok(()) => Answer { status: 200, xml: ok_xml(operation) },
        Err(Error::NotFound("entity")) => {
            tracing::warn!(creditor = delivery.id_pa, "a receipt came for a creditor that is not here");
            keep_refused(app, "unknown_creditor", raw).await;
            refuse(FaultCode::UnknownCreditor)
        }
        Err(error) => {
            let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            tracing::error!(%error, cause, receipt = delivery.receipt.receipt_id, "a receipt could not be kept");
            refuse(FaultCode::System)
        }
    }
}

/// Keeps what was refused, for inspection. That it cannot be kept changes nothing in the answer.
async fn keep_refused(app: &App, reason: &str, raw: &[u8]) {
    if let Err(error) = try_to_keep_refused(app, reason, raw).await {
        tracing::error!(%error, "what the station refused could not be kept");
    }
}

/// Under the entity that it names; where there is none, for the operator of the installation.
async fn try_to_keep_refused(app: &App, reason: &str, raw: &[u8]) -> Result<()> {
    let (id, now) = (PeerMessageId::new(), app.clock.now());
    let body = &raw[..raw.len().min(REQUEST_MAX)];
    let mut directory = app.db.directory().await?;
    let creditor = creditor(raw).unwrap_or_default();
    let entity = match entity::store::by_fiscal_code(&mut directory, &creditor).await {
        Ok(entity) => entity,
        Err(Error::NotFound(_)) => return receipts::keep_stray(&mut directory, id, reason, body, now).await,
        Err(error) => return Err(error),
    };
    drop(directory);
    let mut tx = app.db.begin(entity.id).await?;
    let detail = Some(reason.to_owned());
    let message = Message { id, operation: "paForNode", outcome: "refused", detail, body };
    receipts::insert_message(&mut tx, entity.id, &message, now).await?;
    tx.commit().await.map_err(Error::from)
}

/// The creditor that a request names, whatever else is wrong with it.
fn creditor(raw: &[u8]) -> Option<String> {
    const TAG: &[u8] = b"idPA>";
    let start = raw.windows(TAG.len()).position(|bytes| bytes == TAG)? + TAG.len();
    let digits = raw[start..].trim_ascii_start().iter().take_while(|byte| byte.is_ascii_digit());
    let digits: String = digits.map(|byte| char::from(*byte)).collect();
    (digits.len() == 11).then_some(digits)
}

/// Keeps a delivery, in one transaction.
async fn deliver(app: &App, operation: &'static str, delivery: &SendRt, raw: &[u8]) -> Result<()> {
    let entity = {
        let mut directory = app.db.directory().await?;
        entity::store::by_fiscal_code(&mut directory, &delivery.id_pa).await?
    };
    let now = app.clock.now();
    let mut tx = app.db.begin(entity.id).await?;
    tell_strange_station(&mut tx, &entity, delivery).await?;
    accept(&mut tx, &entity, operation, &delivery.receipt, raw, now).await?;
    tx.commit().await?;
    Ok(())
}

/// After a change of station the platform still delivers under the old name: it is told, never refused.
async fn tell_strange_station(conn: &mut PgConnection, entity: &Entity, delivery: &SendRt) -> Result<()> {
    match settings(conn, entity.id).await {
        Ok(ours) if ours.broker == delivery.id_broker_pa && ours.station == delivery.id_station => {}
        Ok(_) | Err(Error::Refused(_)) => tracing::warn!(
            entity = entity.slug,
            broker = delivery.id_broker_pa,
            station = delivery.id_station,
            "a receipt came through a station that is not the entity's"
        ),
        Err(error) => return Err(error),
    }
    Ok(())
}

async fn accept(
    conn: &mut PgConnection,
    entity: &Entity,
    operation: &'static str,
    delivered: &Delivered,
    raw: &[u8],
    now: DateTime<Utc>,
) -> Result<()> {
    let mut message =
        Message { id: PeerMessageId::new(), operation, outcome: "accepted", detail: None, body: raw };
    if delivered.outcome == Outcome::Ko {
        // It proves that nothing was paid.
        message.outcome = "refused";
        message.detail = Some("payment_failed".to_owned());
        return receipts::insert_message(conn, entity.id, &message, now).await;
    }
    if let Some(first) = receipts::lock_by_iur(conn, entity.id, &delivered.receipt_id).await? {
        message.outcome = "repeated";
        let same = first.nav == delivered.notice_number && first.amount.0 == delivered.payment_amount_cents;
        message.detail = (!same).then(|| "differs_from_the_first".to_owned());
        return receipts::insert_message(conn, entity.id, &message, now).await;
    }

    // A receipt for somebody else's notice, of which we are a beneficiary, is none of our positions.
    let position = if delivered.fiscal_code == entity.fiscal_code {
        lock_position(conn, entity.id, &delivered.notice_number, now).await?
    } else {
        None
    };
    let findings = findings(delivered, &entity.fiscal_code, position.as_ref());
    message.detail = Some(findings.iter().map(|finding| finding.as_str()).collect::<Vec<_>>().join(" "))
        .filter(|detail| !detail.is_empty());
    receipts::insert_message(conn, entity.id, &message, now).await?;

    let receipt = receipt(delivered, position.as_ref(), message.id, now);
    let transfers: Vec<_> = delivered.transfers.iter().map(transfer).collect();
    receipts::insert(conn, entity.id, &receipt, &transfers).await?;
    if let Some(position) = &position
        && !findings.contains(&Finding::PaidTwice)
    {
        let state = position.state.after(Event::Paid)?;
        positions::set_paid(conn, entity.id, position.id, state, receipt.paid_at).await?;
    }
    book(conn, entity, &receipt, &transfers, position.as_ref(), now).await?;
    after_receipt(conn, entity, &receipt, position.as_ref(), &findings, now).await
}

/// The position of a notice number, held until the transaction ends. Its appointment's day is locked first: who cancels
/// or moves an appointment takes the two in that order, and neither must wait for the other.
async fn lock_position(
    conn: &mut PgConnection,
    entity: EntityId,
    nav: &str,
    now: DateTime<Utc>,
) -> Result<Option<DebtPosition>> {
    if let Some(appointment) = positions::appointment_of_nav(conn, entity, nav).await? {
        agenda::taking::lock(conn, entity, appointment, &[], now).await?;
    }
    positions::lock_by_nav(conn, entity, nav).await
}

/// What the books say of a receipt: what it brings this entity, and the open position it pays. Of notices of the entity's
/// other programs they say nothing.
async fn book(
    conn: &mut PgConnection,
    entity: &Entity,
    receipt: &Receipt,
    transfers: &[ReceiptTransfer],
    position: Option<&DebtPosition>,
    now: DateTime<Utc>,
) -> Result<()> {
    if position.is_none() && reconciliation::is_elsewhere(conn, entity.id, &receipt.iuv).await? {
        return Ok(());
    }
    let ours: Vec<_> = transfers
        .iter()
        .filter(|transfer| transfer.beneficiary_fiscal_code == entity.fiscal_code)
        // Stamp duty goes to the State: no flow reports it, and it never comes to the treasury.
        .filter(|transfer| transfer.iban.is_some())
        .map(|transfer| (transfer.transfer_index, transfer.amount))
        .collect();
    // Of somebody else's notice only our transfers are ours.
    let amount =
        if position.is_some() { receipt.amount } else { ours.iter().map(|(_, amount)| *amount).sum() };
    let fact = Fact::Paid {
        iur: receipt.iur.clone(),
        iuv: receipt.iuv.clone(),
        amount,
        transfers: ours,
        position: position.filter(|position| position.state.is_open()).map(|position| position.id),
    };
    ledger::book(conn, entity.id, fact, now).await
}

/// What follows from a receipt, in its transaction.
async fn after_receipt(
    conn: &mut PgConnection,
    entity: &Entity,
    receipt: &Receipt,
    position: Option<&DebtPosition>,
    findings: &[Finding],
    now: DateTime<Utc>,
) -> Result<()> {
    let object = receipt.id.to_string();
    let facts = serde_json::json!({
        "iur": receipt.iur, "nav": receipt.nav, "amount_cents": receipt.amount,
        "debt_position": receipt.position, "findings": findings,
    });
    let change = Change::of("receipt.accepted", "receipt", &object).after(facts);
    audit::record(conn, entity.id, now, &Actor::Peer("pagopa"), change).await?;

    let first_payment = position.filter(|_| !findings.contains(&Finding::PaidTwice));
    if let Some((position, appointment)) = first_payment.and_then(|p| Some((p, p.appointment?))) {
        tell_agenda(conn, entity, position, appointment, now).await?;
    }
    // A flow, or the money itself, may have come before the receipt. Not here: the receipt waits for nobody.
    jobs::enqueue(conn, entity.id, &Job::Rematch { iuv: receipt.iuv.clone() }, now, now).await
}

/// What a payment does to its appointment, and what the citizen is told of it.
async fn tell_agenda(
    conn: &mut PgConnection,
    entity: &Entity,
    position: &DebtPosition,
    id: AppointmentId,
    now: DateTime<Utc>,
) -> Result<()> {
    let effect = effect(conn, entity.id, position, id, now).await?;
    let object = id.to_string();
    let facts = serde_json::json!({ "debt_position": position.id, "effect": format!("{effect:?}") });
    let change = Change::of("appointment.paid", "appointment", &object).after(facts);
    audit::record(conn, entity.id, now, &Actor::Peer("pagopa"), change).await?;

    let paid = match effect {
        PaymentEffect::Confirmed | PaymentEffect::Revived | PaymentEffect::AlreadyConfirmed => Told::Paid,
        PaymentEffect::TimeLost => Told::PaidWithoutTime,
        PaymentEffect::AfterCancellation | PaymentEffect::NotDue => Told::PaidNotDue,
    };
    notices::announce(conn, entity.id, id, paid, &position.id.to_string(), now).await?;
    if matches!(effect, PaymentEffect::Confirmed | PaymentEffect::Revived) {
        let sequence = agenda::store::appointment(conn, entity.id, id).await?.sequence;
        notices::announce(conn, entity.id, id, Told::Confirmed, &sequence.to_string(), now).await?;
    }
    Ok(())
}

/// Only what the appointment costs now confirms it: not the notice of a time it had before, at another price.
async fn effect(
    conn: &mut PgConnection,
    entity: EntityId,
    position: &DebtPosition,
    id: AppointmentId,
    now: DateTime<Utc>,
) -> Result<PaymentEffect> {
    let latest = positions::latest_of_appointment(conn, entity, id).await?;
    if latest.is_some_and(|latest| latest.id != position.id) {
        return agenda::payment_not_due(conn, entity, id, now).await;
    }
    match agenda::payment_arrived(conn, entity, id, now).await? {
        // It stands without: it has moved to a time that costs nothing.
        PaymentEffect::AlreadyConfirmed if position.state == State::Cancelled => {
            agenda::payment_not_due(conn, entity, id, now).await
        }
        effect => Ok(effect),
    }
}

fn receipt(
    delivered: &Delivered,
    position: Option<&DebtPosition>,
    message: PeerMessageId,
    now: DateTime<Utc>,
) -> Receipt {
    Receipt {
        id: ReceiptId::new(),
        iur: delivered.receipt_id.clone(),
        position: position.map(|position| position.id),
        nav: delivered.notice_number.clone(),
        iuv: delivered.creditor_reference_id.clone(),
        amount: Cents(delivered.payment_amount_cents),
        description: delivered.description.clone(),
        psp_id: delivered.psp.id.clone(),
        psp_name: delivered.psp.company_name.clone(),
        psp_fiscal_code: delivered.psp.fiscal_code.clone().unwrap_or_default(),
        payment_method: delivered.payment_method.clone().unwrap_or_default(),
        fee: delivered.fee_cents.map(Cents),
        payer_name: delivered.payer.as_ref().map(|payer| payer.full_name.clone()).unwrap_or_default(),
        // The schema lets the time out: then the moment we were told is the best there is.
        paid_at: delivered.payment_date_time.as_ref().map_or(now, Moment::instant),
        applied_on: delivered.application_date,
        transfer_on: delivered.transfer_date,
        stand_in: delivered.stand_in,
        message,
        received_at: now,
    }
}

fn transfer(delivered: &station::ReceiptTransfer) -> ReceiptTransfer {
    ReceiptTransfer {
        transfer_index: delivered.index.into(),
        beneficiary_fiscal_code: delivered.fiscal_code_pa.clone(),
        iban: match &delivered.destination {
            Destination::Iban(iban) => Some(iban.clone()),
            Destination::StampDuty(_) => None,
        },
        amount: Cents(delivered.amount_cents),
        taxonomy: delivered.transfer_category.clone(),
        remittance: delivered.remittance_information.clone(),
    }
}
