//! Which module does which job.

use super::Job;
use crate::agenda::booking;
use crate::app::App;
use crate::entity;
use crate::error::Result;
use crate::ids::EntityId;
use crate::{idempotency, identity, notices, payments, reconciliation};

/// Does a job. May be repeated: every handler looks first whether its work is done already.
pub async fn handle(app: &App, entity: EntityId, job: &Job) -> Result<()> {
    match job {
        Job::PublishPosition { position } => payments::publish(app, entity, *position).await,
        Job::WithdrawPosition { position } => payments::withdraw(app, entity, *position).await,
        Job::SendNotice { notice } => notices::send(app, entity, *notice).await,
        Job::CheckNotice { notice } => notices::check(app, entity, *notice).await,
        Job::Rematch { iuv } => rematch(app, entity, iuv).await,
        Job::Remind { appointment } => notices::remind(app, entity, *appointment).await,
        Job::Sweep => sweep(app, entity).await,
        Job::FetchFlows => reconciliation::fetch_flows(app, entity).await,
    }
}

async fn rematch(app: &App, entity: EntityId, iuv: &str) -> Result<()> {
    let mut tx = app.db.begin(entity).await?;
    let scope = reconciliation::Scope::Payment { iuv };
    reconciliation::rematch(&mut tx, entity, scope, app.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

async fn sweep(app: &App, entity: EntityId) -> Result<()> {
    let mut tx = app.db.begin(entity).await?;
    let entity = entity::store::by_id(&mut tx, entity).await?;
    let now = app.clock.now();
    booking::sweep(&mut tx, &entity, now).await?;
    identity::store::forget_expired(&mut tx, entity.id, now).await?;
    idempotency::forget_old(&mut tx, entity.id, now).await?;
    tx.commit().await?;
    Ok(())
}
