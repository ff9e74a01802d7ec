//! The job that tells one notice: look whether it still needs telling, hand it to its channel, keep what became of it.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

use super::dossier::{self, Dossier};
use super::types::{Channel, Notice, NoticeState};
use super::{app_io, check, mail, store};
use crate::app::App;
use crate::error::{Error, Result};
use crate::ids::{EntityId, NoticeId};
use crate::jobs::{self, Job};

/// Longer than a job may run: who took a notice so long ago is gone.
const CLAIM_MAX: TimeDelta = TimeDelta::minutes(3);

/// Tells a notice, once. What cannot be told now is an error, and the queue tries again; what can never be told is
/// settled on the notice, where people see it.
pub async fn send(app: &App, entity: EntityId, notice: NoticeId) -> Result<()> {
    let Some((notice, dossier)) = prepare(app, entity, notice).await? else { return Ok(()) };
    let outcome = match notice.channel {
        Channel::AppIo => app_io::deliver(app, &notice, &dossier).await?,
        Channel::Email => mail::deliver(app, &notice, &dossier).await?,
    };
    let Some(outcome) = outcome else { return Ok(()) };
    let (state, remote_id, error) = match &outcome {
        Outcome::Sent { remote_id } => (NoticeState::Sent, Some(remote_id.as_str()), None),
        Outcome::NotOnIo => (NoticeState::NotOnIo, None, None),
        Outcome::OptedOut => (NoticeState::OptedOut, None, None),
        Outcome::Unknown { code } => (NoticeState::Unknown, None, Some(code.as_str())),
        Outcome::Failed { code } => (NoticeState::Failed, None, Some(code.as_str())),
        Outcome::Later { error } => (NoticeState::Pending, None, Some(code_of(error))),
    };
    if matches!(state, NoticeState::Unknown | NoticeState::Failed) {
        tracing::warn!(notice = %notice.id, channel = notice.channel.as_str(), error, "a notice was not sent");
    }
    let mut tx = app.db.begin(entity).await?;
    let now = app.clock.now();
    store::settle(&mut tx, entity, notice.id, state, remote_id, error, now).await?;
    if (state, notice.channel) == (NoticeState::Sent, Channel::AppIo) {
        let job = Job::CheckNotice { notice: notice.id };
        jobs::enqueue(&mut tx, entity, &job, now + check::FIRST, now).await?;
    }
    tx.commit().await?;
    match outcome {
        Outcome::Later { error } => Err(error),
        _ => Ok(()),
    }
}

/// Tells again what was refused, once an administrator has mended the cause. What a channel may have taken is never
/// told again.
pub async fn retry(
    conn: &mut PgConnection,
    entity: EntityId,
    notice: NoticeId,
    now: DateTime<Utc>,
) -> Result<()> {
    store::revive(conn, entity, notice).await?;
    jobs::enqueue(conn, entity, &Job::SendNotice { notice }, now, now).await
}

/// What a channel did with a notice.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Accepted.
    Sent {
        /// The channel's identifier.
        remote_id: String,
    },
    /// The citizen is not on App IO.
    NotOnIo,
    /// The citizen does not want it.
    OptedOut,
    /// It may have been accepted.
    Unknown {
        /// Why nobody knows.
        code: String,
    },
    /// It never will be.
    Failed {
        /// Why.
        code: String,
    },
    /// Not now.
    Later {
        /// Why, for the queue: an [`Error::Peer`].
        error: Error,
    },
}

fn code_of(error: &Error) -> &'static str {
    match error {
        Error::Peer { code, .. } => code,
        _ => "internal",
    }
}

/// Reads what there is to tell; `None` where there is nothing (any more).
async fn prepare(app: &App, entity: EntityId, id: NoticeId) -> Result<Option<(Notice, Dossier)>> {
    let now = app.clock.now();
    let mut tx = app.db.begin(entity).await?;
    let notice = store::notice(&mut tx, entity, id).await?.ok_or(Error::NotFound("notice"))?;
    let settled = match (notice.state, notice.channel) {
        (NoticeState::Pending, _) => None,
        (NoticeState::Claimed, _) if !is_stale(&notice, now) => {
            let peer = notice.channel.as_str();
            return Err(Error::Peer { peer, code: "in_progress", source: None });
        }
        // The worker was gone between the call and its answer. App IO cannot be asked and must not be told twice; a
        // mail that comes twice carries the same Message-ID, and the reader's program shows one.
        (NoticeState::Claimed, Channel::AppIo) => Some((NoticeState::Unknown, Some("interrupted"))),
        (NoticeState::Claimed, Channel::Email) => None,
        _ => return Ok(None),
    };
    if let Some((state, error)) = settled {
        store::settle(&mut tx, entity, id, state, None, error, now).await?;
        tx.commit().await?;
        return Ok(None);
    }
    let dossier = dossier::gather(app, &mut tx, entity, &notice, now).await?;
    if !dossier.is_worth_telling(notice.event, &notice.occurrence, now) {
        store::settle(&mut tx, entity, id, NoticeState::Obsolete, None, None, now).await?;
        tx.commit().await?;
        return Ok(None);
    }
    tx.commit().await?;
    Ok(Some((notice, dossier)))
}

/// Takes the notice, so that nobody else tells it; `false` where somebody has.
pub(super) async fn claim(app: &App, entity: EntityId, notice: &Notice) -> Result<bool> {
    let now = app.clock.now();
    let mut tx = app.db.begin(entity).await?;
    let is_ours = store::claim(&mut tx, entity, notice.id, now - CLAIM_MAX, now).await?;
    tx.commit().await?;
    Ok(is_ours)
}

fn is_stale(notice: &Notice, now: DateTime<Utc>) -> bool {
    notice.claimed_at.is_none_or(|at| at < now - CLAIM_MAX)
}
