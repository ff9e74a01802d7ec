//! Other times that an operator offers: the citizen takes one, or keeps what there is.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Redirect};
use http::StatusCode;
use serde::Deserialize;
use sqlx::PgConnection;

use super::access::{self, Key};
use crate::agenda::{self, Appointment, booking};
use crate::desk::{self, Proposal, ProposalState};
use crate::error::{Error, FieldError};
use crate::ids::ProposalId;
use crate::notices::links;
use crate::web::error::PageError;
use crate::web::form::ProtectedForm;
use crate::web::frame::{Answer, Ctx, Visitor, redirect_done, render};
use crate::web::page::Page;

#[derive(Template)]
#[template(path = "citizen/proposal.html", config = ".askama.toml")]
struct ProposalPage {
    page: Page,
    /// When and where the appointment is now.
    now_at: String,
    message: String,
    options: Vec<(String, String)>,
    /// Until when it can be answered; `None`: it cannot any more.
    until: Option<String>,
    /// What became of it, where it cannot be answered any more.
    outcome: String,
    appointment_url: String,
    action: String,
}

/// What is posted.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Choice {
    scelta: String,
}

/// `GET /{entity}/proposte/{proposal}`.
pub(super) async fn show(
    visitor: Visitor,
    Path((_, id)): Path<(String, String)>,
    Query(key): Query<Key>,
) -> Answer {
    draw(&visitor, &id, &key, Vec::new()).await
}

/// A proposal for whoever has its link, or is the holder of the appointment.
async fn admitted(
    ctx: &Ctx,
    conn: &mut PgConnection,
    id: &str,
    key: &Key,
) -> Result<(Proposal, Appointment), PageError> {
    let to_login = || PageError::instead(Redirect::to(&ctx.page("").login_url()));
    let not_there = || match access::fiscal_code(ctx) {
        Some(_) => Error::NotFound("proposal").into(),
        None => to_login(),
    };
    let id: ProposalId = id.parse().map_err(|_| Error::NotFound("proposal"))?;
    let proposal = match desk::proposal(conn, ctx.entity.id, id).await {
        Ok(proposal) => proposal,
        Err(Error::NotFound(_)) => return Err(not_there()),
        Err(error) => return Err(error.into()),
    };
    let appointment = agenda::store::appointment(conn, ctx.entity.id, proposal.appointment).await?;
    let has_link = key.chiave.as_deref().is_some_and(|key| links::proposal_key_is_ours(&ctx.app, id, key));
    let holder = appointment.holder.fiscal_code.as_deref();
    if has_link || (holder.is_some() && holder == access::fiscal_code(ctx)) {
        Ok((proposal, appointment))
    } else {
        Err(not_there())
    }
}

async fn draw(visitor: &Visitor, id: &str, key: &Key, errors: Vec<FieldError>) -> Answer {
    let mut tx = visitor.begin().await?;
    let (proposal, appointment) = admitted(visitor, &mut tx, id, key).await?;
    let (service, now_at) = booking::context(&mut tx, &visitor.entity, &appointment).await?;
    let mut options = Vec::new();
    for option in &proposal.options {
        let site = agenda::store::site(&mut tx, visitor.entity.id, option.site).await?;
        let at = visitor.t.in_zone(site.zone).date_time(option.starts_at);
        options.push((option.id.to_string(), format!("{at} · {}", site.name)));
    }
    let t = visitor.t.in_zone(now_at.zone);
    let is_open = proposal.is_open(visitor.now);
    let title = t.get("citizen-proposal-title");
    let page = visitor.page(&title).lead(service.name.get(t.code())).crumb(title, "").errors(errors);
    render(&ProposalPage {
        page,
        now_at: format!("{} · {}", t.date_time(appointment.starts_at), now_at.name),
        options: if is_open { options } else { Vec::new() },
        until: is_open.then(|| t.date_time(proposal.expires_at)),
        outcome: if is_open { String::new() } else { t.get(outcome_key(proposal.state)) },
        message: proposal.message,
        appointment_url: appointment_url(visitor, &appointment),
        action: key_query(visitor.url(format_args!("proposte/{}", proposal.id)), key),
    })
}

fn outcome_key(state: ProposalState) -> &'static str {
    match state {
        // One that is open on paper and past its deadline has expired.
        ProposalState::Open | ProposalState::Expired => "citizen-proposal-expired",
        ProposalState::Accepted => "citizen-proposal-accepted",
        ProposalState::Declined => "citizen-proposal-declined",
        ProposalState::Withdrawn => "citizen-proposal-withdrawn",
    }
}

/// Whoever may answer the proposal may see its appointment.
fn appointment_url(ctx: &Ctx, appointment: &Appointment) -> String {
    let url = links::appointment_url(&ctx.app, &ctx.entity, appointment);
    url.strip_prefix(ctx.app.config.server.base_url.as_str()).unwrap_or(&url).to_owned()
}

fn key_query(url: String, key: &Key) -> String {
    match &key.chiave {
        None => url,
        Some(key) => {
            let key: String = url::form_urlencoded::byte_serialize(key.as_bytes()).collect();
            format!("{url}?chiave={key}")
        }
    }
}

/// `POST /{entity}/proposte/{proposal}`: one of the times, or `nessuno`.
pub(super) async fn answer(
    visitor: Visitor,
    Path((_, id)): Path<(String, String)>,
    Query(key): Query<Key>,
    form: ProtectedForm<Choice>,
) -> Answer {
    let mut tx = visitor.begin().await?;
    let (proposal, appointment) = admitted(&visitor, &mut tx, &id, &key).await?;
    let actor = visitor.actor();
    let done = if form.value.scelta == "nessuno" {
        booking::decline_proposal(&mut tx, &visitor.entity, proposal.id, &actor, visitor.now).await?;
        "proposal-declined"
    } else if let Some(option) = proposal.options.iter().find(|o| o.id.to_string() == form.value.scelta) {
        booking::accept_proposal(&mut tx, &visitor.entity, proposal.id, option.id, &actor, visitor.now)
            .await?;
        "proposal-accepted"
    } else {
        drop(tx);
        let drawn = draw(&visitor, &id, &key, vec![FieldError::new("scelta", "choose_time")]).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, drawn).into_response());
    };
    tx.commit().await?;
    redirect_done(appointment_url(&visitor, &appointment), done)
}
