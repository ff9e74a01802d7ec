//! The job that fetches new remittance flows from the platform.

use chrono::{DateTime, TimeDelta, Utc};
use sportello_pagopa::fdr::{Client, FdrError, FlowRef};
use url::Url;

use super::flows::{Imported, import_flow};
use super::store;
use crate::app::App;
use crate::audit::{self, Actor, Change};
use crate::entity::{self, Entity, Kind, PagopaSettings};
use crate::error::{Error, Result};
use crate::ids::EntityId;

/// The platform shows flows for 30 days and refuses to list from an earlier instant (FDR-1000): one day is kept in hand.
const RETENTION: TimeDelta = TimeDelta::days(29);
/// Flows published at nearly the same instant may become visible in another order: the list starts a little before the end
/// of the last one.
const OVERLAP: TimeDelta = TimeDelta::hours(24);
/// More pages of flows than an entity can have in 30 days.
const PAGES_MAX: u32 = 100;

/// The platform asks to wait.
const BUSY: &str = "busy";
/// The platform does not answer.
const UNREACHABLE: &str = "unreachable";

/// Fetches the flows published since the last time, and reconciles each in a transaction of its own: what was fetched is
/// kept even where a later one fails. Does nothing where the entity does not use the platform.
///
/// # Errors
/// `Peer("pagopa", …)` where the platform does not answer as it should, after every flow that could be fetched was.
pub async fn fetch_flows(app: &App, entity: EntityId) -> Result<()> {
    let started_at = app.clock.now();
    let Some((entity, client, cursor)) = prepare(app, entity).await? else {
        return Ok(());
    };
    let oldest = started_at - RETENTION;
    let since = cursor.map_or(oldest, |cursor| (cursor - OVERLAP).max(oldest));
    let mut failed = None;
    let mut last_published = since;
    for listed in list(&client, &entity, since).await? {
        match fetch_one(app, &client, &entity, &listed).await {
            Ok(()) if failed.is_none() => last_published = last_published.max(listed.published),
            Ok(()) => {}
            // Whoever is asked to wait, or gets no answer, does not go on asking.
            Err(error @ Error::Peer { code: BUSY | UNREACHABLE, .. }) => {
                failed = failed.or(Some(error));
                break;
            }
            // The others may do; the cursor stays before this one, so that it is fetched again.
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    let mut tx = app.db.begin(entity.id).await?;
    store::flows::put_cursor(&mut tx, entity.id, last_published, app.clock.now()).await?;
    tx.commit().await?;
    failed.map_or(Ok(()), Err)
}

async fn prepare(app: &App, entity: EntityId) -> Result<Option<(Entity, Client, Option<DateTime<Utc>>)>> {
    let mut tx = app.db.begin(entity).await?;
    let settings: Option<PagopaSettings> = entity::store::settings(&mut tx, entity, Kind::Pagopa).await?;
    let Some(settings) = settings else { return Ok(None) };
    let key = entity::store::secret(&mut tx, &app.keys, entity, "pagopa.fdr_key").await?;
    let key = key.ok_or(Error::Peer { peer: "pagopa", code: "no_key", source: None })?;
    let url: Url = settings.fdr_url.parse().map_err(|error| Error::peer("pagopa", "bad_address", error))?;
    let cursor = store::flows::cursor(&mut tx, entity).await?;
    let entity = entity::store::by_id(&mut tx, entity).await?;
    Ok(Some((entity, Client::new(url, key, app.http.clone()), cursor)))
}

/// The flows published after an instant, oldest first.
async fn list(client: &Client, entity: &Entity, since: DateTime<Utc>) -> Result<Vec<FlowRef>> {
    let mut flows = Vec::new();
    for number in 1..=PAGES_MAX {
        let page = client.list(&entity.fiscal_code, Some(since), number).await.map_err(peer)?;
        flows.extend(page.flows);
        if number >= page.total_pages {
            flows.sort_by_key(|flow| flow.published);
            return Ok(flows);
        }
    }
    Err(peer(FdrError::TooLarge))
}

async fn fetch_one(app: &App, client: &Client, entity: &Entity, listed: &FlowRef) -> Result<()> {
    let mut tx = app.db.begin(entity.id).await?;
    let revisions = store::flows::revisions(&mut tx, entity.id, &listed.psp_id, &listed.flow).await?;
    drop(tx);
    if revisions.iter().any(|known| i64::from(known.revision) == listed.revision) {
        return Ok(());
    }
    let flow = client
        .flow(&entity.fiscal_code, &listed.flow, listed.revision, &listed.psp_id)
        .await
        .map_err(peer)?;
    let mut tx = app.db.begin(entity.id).await?;
    let now = app.clock.now();
    let imported = import_flow(&mut tx, entity, &flow, Some(listed.published), now).await?;
    if let Imported::New { id, .. } = imported {
        store::messages::insert(&mut tx, entity.id, ("pagopa", "fdr"), &serde_json::to_vec(&flow)?, now)
            .await?;
        let id = id.to_string();
        let change = Change::of("flow.imported", "remittance_flow", &id);
        audit::record(&mut tx, entity.id, now, &Actor::Peer("pagopa"), change).await?;
    }
    Ok(tx.commit().await?)
}

fn peer(error: FdrError) -> Error {
    let code = match &error {
        FdrError::NotFound { .. } => "not_found",
        FdrError::Refused { .. } => "refused",
        FdrError::Unavailable { status: 429, .. } => BUSY,
        FdrError::Unavailable { .. } => "unavailable",
        FdrError::Unreachable(_) => UNREACHABLE,
        FdrError::Unreadable(_) | FdrError::TooLarge => "unreadable",
    };
    Error::peer("pagopa", code, error)
}
