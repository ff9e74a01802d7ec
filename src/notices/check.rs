//! The job that asks what became of a message App IO accepted: accepted is not arrived.

use chrono::TimeDelta;
use sportello_app_io::client::Status;

use super::types::{Channel, Notice, NoticeState};
use super::{app_io, store};
use crate::agenda;
use crate::app::App;
use crate::desk::TaskKind;
use crate::error::{Error, Result};
use crate::ids::{EntityId, NoticeId};
use crate::jobs::{self, Job};

/// How long after the acceptance it is first asked.
pub(super) const FIRST: TimeDelta = TimeDelta::hours(1);
/// Until it is known, it is asked so often.
const AGAIN: TimeDelta = TimeDelta::days(1);
/// App IO delivers within so long, or never.
const LAST: TimeDelta = TimeDelta::days(7);

/// Keeps what became of a message. One that did not arrive is never sent again: it is shown as failed, and where the
/// citizen has no other channel, an operator is told.
pub async fn check(app: &App, entity: EntityId, id: NoticeId) -> Result<()> {
    let mut tx = app.db.begin(entity).await?;
    let notice = store::notice(&mut tx, entity, id).await?.ok_or(Error::NotFound("notice"))?;
    tx.commit().await?;
    let (NoticeState::Sent, Channel::AppIo, Some(sent_at)) = (notice.state, notice.channel, notice.sent_at)
    else {
        return Ok(());
    };
    let status = app_io::fate(app, entity, &notice).await?;
    match status {
        Some(Status::Processed) => keep(app, entity, &notice, Status::Processed, None).await,
        Some(Status::Rejected) => keep(app, entity, &notice, Status::Rejected, Some("rejected")).await,
        Some(Status::Failed) => keep(app, entity, &notice, Status::Failed, Some("failed_at_io")).await,
        undecided => {
            if let Some(status) = undecided {
                keep(app, entity, &notice, status, None).await?;
            }
            let now = app.clock.now();
            if now + AGAIN > sent_at + LAST {
                return Ok(());
            }
            let mut tx = app.db.begin(entity).await?;
            jobs::enqueue(&mut tx, entity, &Job::CheckNotice { notice: id }, now + AGAIN, now).await?;
            tx.commit().await.map_err(Error::from)
        }
    }
}

async fn keep(
    app: &App,
    entity: EntityId,
    notice: &Notice,
    status: Status,
    failure: Option<&str>,
) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin(entity).await?;
    store::put_fate(&mut tx, entity, notice.id, status.as_str(), failure).await?;
    if failure.is_some() {
        tracing::warn!(notice = %notice.id, failure, "a message that App IO accepted did not arrive");
        let appointment = agenda::store::appointment(&mut tx, entity, notice.appointment).await?;
        if appointment.holder.email.is_empty() && now < appointment.starts_at {
            let about = (appointment.id, appointment.site);
            agenda::store::add_task(&mut tx, entity, TaskKind::NoticeUndelivered, about, now).await?;
        }
    }
    tx.commit().await.map_err(Error::from)
}
