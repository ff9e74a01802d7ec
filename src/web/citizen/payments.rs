//! Paying: the way to the platform's pages and back, the notice to pay with elsewhere, the copy of the receipt.
//!
//! Nothing here says "paid" without a receipt: the browser's return only tells how the visit ended.

use askama::Template;
use axum::extract::{Path, Query};
use chrono::NaiveDate;
use serde::Deserialize;

use super::access::{self, Admitted, Key};
use crate::agenda;
use crate::error::Error;
use crate::money::Cents;
use crate::payments::copies::{self, NoticeCopy, ReceiptCopy};
use crate::payments::{self, PositionView, State, VisitOutcome};
use crate::web::form::ProtectedForm;
use crate::web::frame::{Answer, Ctx, Visitor, redirect, render};
use crate::web::i18n::T;
use crate::web::page::Page;

/// Seconds between two looks for the receipt, and how many looks the page makes by itself.
const LOOK_EVERY_S: u32 = 5;
const LOOKS_MAX: u32 = 24;

/// What is owed, and what can be done about it.
pub(super) struct Card {
    pub(super) amount: Cents,
    pub(super) description: String,
    pub(super) due_on: NaiveDate,
    pub(super) nav: String,
    pub(super) state: State,
    pub(super) in_advance: bool,
    /// Until when its time is kept; empty where it stands already.
    pub(super) deadline: String,
    pub(super) pay_url: String,
    pub(super) notice_url: String,
    /// Empty where there is no receipt.
    pub(super) receipt_url: String,
    pub(super) paid_at: String,
}

impl Card {
    pub(super) fn of(ctx: &Ctx, t: T, view: &PositionView, admitted: Option<&Admitted>) -> Self {
        let position = &view.position;
        let url = |page: &str| match admitted {
            Some(admitted) => admitted.payment_url(ctx, position.id, page),
            None => ctx.url(format_args!("pagamenti/{}/{page}", position.id)),
        };
        let deadline = admitted.and_then(|admitted| admitted.appointment.expires_at);
        Self {
            amount: position.amount,
            description: position.description.clone(),
            due_on: position.due_on,
            nav: payments::position::grouped(&position.nav),
            state: position.state,
            in_advance: position.in_advance,
            deadline: deadline.map(|at| t.date_time(at)).unwrap_or_default(),
            pay_url: url("paga"),
            notice_url: url("avviso"),
            receipt_url: if view.receipt.is_some() { url("ricevuta") } else { String::new() },
            paid_at: position.paid_at.map(|at| t.date_time(at)).unwrap_or_default(),
        }
    }

    /// Whether it can be paid.
    pub(super) fn is_open(&self) -> bool {
        self.state.is_open()
    }

    /// Whether a receipt proves it.
    pub(super) fn is_paid(&self) -> bool {
        self.state == State::Paid
    }
}

#[derive(Template)]
#[template(path = "citizen/leaving.html", config = ".askama.toml")]
struct Leaving {
    page: Page,
    url: String,
}

/// `POST /{entity}/pagamenti/{position}/paga`. The address of the payment pages is known only now, and forms may not be
/// redirected to other sites: a page of ours leads there at once.
pub(super) async fn pay(
    visitor: Visitor,
    Path((_, position)): Path<(String, String)>,
    Query(key): Query<Key>,
    _: ProtectedForm,
) -> Answer {
    let mut tx = visitor.begin().await?;
    let (view, admitted) = access::position(&visitor, &mut tx, &position, &key).await?;
    drop(tx);
    let id = view.position.id;
    match payments::start_checkout(&visitor.app, &visitor.entity, id, visitor.t.code()).await {
        Ok(url) => {
            let title = visitor.t.get("citizen-leaving-title");
            let page = visitor.page(&title).crumb(title, "");
            render(&Leaving { page, url: url.to_string() })
        }
        // It was paid meanwhile, in another window or anywhere else.
        Err(Error::Refused("position_paid")) => match admitted {
            Some(admitted) => redirect(admitted.url(&visitor, "")),
            None => redirect(visitor.url("area-personale")),
        },
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "citizen/returned.html", config = ".askama.toml")]
struct Returned {
    page: Page,
    /// `success`, `info`, `warning`.
    kind: &'static str,
    text: String,
    amount: Cents,
    description: String,
    /// Where the page looks again by itself, and after how many seconds; `None`: it does not.
    look_again: Option<(u32, String)>,
    appointment_url: Option<String>,
}

/// How often the page has looked already.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Looks {
    n: u32,
}

/// `GET /{entity}/pagamenti/ritorno/{visit}/{outcome}`.
pub(super) async fn returned(
    ctx: Ctx,
    Path((_, visit, outcome)): Path<(String, String, String)>,
    Query(looks): Query<Looks>,
) -> Answer {
    let outcome = VisitOutcome::from_path(&outcome).ok_or(Error::NotFound("checkout_visit"))?;
    let id = visit.parse().map_err(|_| Error::NotFound("checkout_visit"))?;
    let mut tx = ctx.begin().await?;
    let position = payments::visit_returned(&mut tx, ctx.entity.id, id, outcome, ctx.now).await?;
    let view = payments::position::by_id(&mut tx, ctx.entity.id, position).await?;
    let code = match view.position.appointment {
        Some(id) => Some(agenda::store::appointment(&mut tx, ctx.entity.id, id).await?.code),
        None => None,
    };
    tx.commit().await?;
    let key = what_happened(outcome, view.position.state);
    let waits = matches!(key, "sent" | "waiting");
    let next = format!("{}/{}", visit, outcome.path());
    let look_again = (waits && looks.n < LOOKS_MAX)
        .then(|| (LOOK_EVERY_S, ctx.url(format_args!("pagamenti/ritorno/{next}?n={}", looks.n + 1))));
    let title = ctx.t.get(&format!("citizen-return-{key}-title"));
    render(&Returned {
        page: ctx.page(&title).crumb(title, ""),
        kind: match key {
            "paid" => "success",
            "failed" | "cancelled" | "withdrawn" => "warning",
            _ => "info",
        },
        text: ctx.t.get(&format!("citizen-return-{key}")),
        amount: view.position.amount,
        description: view.position.description,
        look_again,
        appointment_url: code.map(|code| ctx.url(format_args!("appuntamenti/{code}"))),
    })
}

/// What can be said of a payment after a visit: "paid" only with a receipt, whatever the browser brings back.
fn what_happened(outcome: VisitOutcome, state: State) -> &'static str {
    match (state, outcome) {
        (State::Paid, _) => "paid",
        (State::Cancelled, VisitOutcome::Cancelled | VisitOutcome::Failed) => "withdrawn",
        (_, VisitOutcome::Ok) => "sent",
        (_, VisitOutcome::Waiting) => "waiting",
        (_, VisitOutcome::Cancelled) => "cancelled",
        (_, VisitOutcome::Failed) => "failed",
    }
}

#[derive(Template)]
#[template(path = "citizen/notice.html", config = ".askama.toml")]
struct NoticePage {
    page: Page,
    notice: NoticeCopy,
    back_url: String,
}

/// `GET /{entity}/pagamenti/{position}/avviso`.
pub(super) async fn notice(
    ctx: Ctx,
    Path((_, position)): Path<(String, String)>,
    Query(key): Query<Key>,
) -> Answer {
    let mut tx = ctx.begin().await?;
    let (view, admitted) = access::position(&ctx, &mut tx, &position, &key).await?;
    let notice = copies::notice(&mut tx, &ctx.entity, view.position.id).await?;
    let title = ctx.t.get("citizen-notice-title");
    let back_url = back_url(&ctx, admitted.as_ref());
    let page = ctx.page(&title).crumb(ctx.t.get("citizen-appointment"), &back_url).crumb(title, "");
    render(&NoticePage { page, notice, back_url })
}

fn back_url(ctx: &Ctx, admitted: Option<&Admitted>) -> String {
    admitted.map_or_else(|| ctx.url("area-personale"), |admitted| admitted.url(ctx, ""))
}

#[derive(Template)]
#[template(path = "citizen/receipt.html", config = ".askama.toml")]
struct ReceiptPage {
    page: Page,
    rows: Vec<(String, String)>,
    back_url: String,
}

/// `GET /{entity}/pagamenti/{position}/ricevuta`.
pub(super) async fn receipt(
    ctx: Ctx,
    Path((_, position)): Path<(String, String)>,
    Query(key): Query<Key>,
) -> Answer {
    let mut tx = ctx.begin().await?;
    let (view, admitted) = access::position(&ctx, &mut tx, &position, &key).await?;
    let copy = copies::receipt(&mut tx, &ctx.entity, view.position.id).await?;
    let copy = copy.ok_or(Error::NotFound("receipt"))?;
    let title = ctx.t.get("citizen-receipt-title");
    let back_url = back_url(&ctx, admitted.as_ref());
    let page = ctx.page(&title).crumb(ctx.t.get("citizen-appointment"), &back_url).crumb(title, "");
    render(&ReceiptPage { page, rows: receipt_rows(ctx.t, copy), back_url })
}

/// Everything a copy must show (SANP 3.12.0, payment attestation).
fn receipt_rows(t: T, copy: ReceiptCopy) -> Vec<(String, String)> {
    let rows = [
        ("citizen-receipt-paid-at", t.date_time(copy.paid_at)),
        ("citizen-receipt-applied-on", copy.applied_on.map(|day| t.date(day)).unwrap_or_default()),
        ("citizen-receipt-amount", copy.amount.to_string()),
        ("citizen-receipt-description", copy.description),
        ("citizen-receipt-entity", copy.entity_name),
        ("citizen-receipt-entity-code", copy.entity_fiscal_code),
        ("citizen-receipt-payer", copy.payer_name),
        ("citizen-receipt-psp", format!("{} ({})", copy.psp_name, copy.psp_code)),
        ("citizen-receipt-iuv", copy.iuv),
        ("citizen-receipt-iur", copy.iur),
    ];
    let given = rows.into_iter().filter(|(_, value)| !value.is_empty());
    given.map(|(key, value)| (t.get(key), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paid_is_said_of_a_receipt_alone() {
        for outcome in VisitOutcome::ALL {
            assert_eq!(what_happened(outcome, State::Paid), "paid");
            for state in [State::Issued, State::Published, State::Cancelled] {
                assert_ne!(what_happened(outcome, state), "paid", "{outcome:?} {state:?}");
            }
        }
    }

    #[test]
    fn a_citizen_who_may_have_paid_is_not_told_to_pay_again() {
        for state in [State::Issued, State::Published, State::Cancelled] {
            assert_eq!(what_happened(VisitOutcome::Ok, state), "sent");
            assert_eq!(what_happened(VisitOutcome::Waiting, state), "waiting");
        }
    }
}
