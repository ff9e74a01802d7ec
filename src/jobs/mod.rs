//! The queue and what runs from it.
//!
//! A job is added in the transaction of the fact it follows from (the outbox), runs at least once, and its handler may
//! be repeated. The queue is a table of ours rather than a library's because every key starts with `entity_id`, and
//! because due times follow [`crate::clock::Clock`], which tests and the demonstration move.

mod handlers;
pub mod store;
pub mod worker;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use crate::error::Result;
use crate::ids::{AppointmentId, DebtPositionId, EntityId, NoticeId};

/// What runs from the queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Job {
    /// Put a position on the platform.
    PublishPosition {
        /// Which.
        position: DebtPositionId,
    },
    /// Take a position off the platform.
    WithdrawPosition {
        /// Which.
        position: DebtPositionId,
    },
    /// Tell somebody something.
    SendNotice {
        /// What.
        notice: NoticeId,
    },
    /// Ask what became of a message that was accepted.
    CheckNotice {
        /// Of which.
        notice: NoticeId,
    },
    /// Match again what concerns a payment.
    Rematch {
        /// Its payment identifier.
        iuv: String,
    },
    /// Remind of an appointment, if it still stands.
    Remind {
        /// Which.
        appointment: AppointmentId,
    },
    /// Free the times whose deadline has passed. Comes back by itself.
    Sweep,
    /// Fetch new remittance flows. Comes back by itself.
    FetchFlows,
}

impl Job {
    /// Its name in the queue.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::PublishPosition { .. } => "publish_position",
            Self::WithdrawPosition { .. } => "withdraw_position",
            Self::SendNotice { .. } => "send_notice",
            Self::CheckNotice { .. } => "check_notice",
            Self::Rematch { .. } => "rematch",
            Self::Remind { .. } => "remind",
            Self::Sweep => "sweep",
            Self::FetchFlows => "fetch_flows",
        }
    }

    /// At most one waiting job of a kind has the same key; the earlier due time wins.
    fn dedup_key(&self) -> String {
        match self {
            Self::PublishPosition { position } | Self::WithdrawPosition { position } => position.to_string(),
            Self::SendNotice { notice } | Self::CheckNotice { notice } => notice.to_string(),
            Self::Rematch { iuv } => iuv.clone(),
            Self::Remind { appointment } => appointment.to_string(),
            Self::Sweep | Self::FetchFlows => String::new(),
        }
    }

    /// How long after a run the next one is due, for jobs that come back by themselves.
    fn period(&self) -> Option<TimeDelta> {
        match self {
            Self::Sweep => Some(TimeDelta::minutes(1)),
            Self::FetchFlows => Some(TimeDelta::minutes(30)),
            _ => None,
        }
    }
}

/// Adds a job to the queue, in the caller's transaction.
pub async fn enqueue(
    conn: &mut PgConnection,
    entity: EntityId,
    job: &Job,
    run_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    store::insert(conn, entity, job.kind(), &job.dedup_key(), &serde_json::to_value(job)?, run_at, now).await
}

/// Puts the jobs that come back by themselves in an entity's queue, where they do not wait already.
pub async fn schedule(conn: &mut PgConnection, entity: EntityId, now: DateTime<Utc>) -> Result<()> {
    for job in [Job::Sweep, Job::FetchFlows] {
        enqueue(conn, entity, &job, now, now).await?;
    }
    Ok(())
}

/// How long after the `attempt`-th failure (from 1) the next try is due: 5 s, 10 s, 20 s … up to 6 hours.
#[must_use]
pub fn back_off(attempt: i32) -> TimeDelta {
    let doublings = u32::try_from(attempt - 1).unwrap_or(0).min(13);
    TimeDelta::seconds((5_i64 << doublings).min(6 * 3600))
}

/// After so many attempts an operator decides: after some three days, so that what a peer was down for over a night, or
/// a Sunday, goes out by itself.
pub const ATTEMPTS_MAX: i32 = 24;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backs_off_and_stops_growing() {
        assert_eq!(back_off(1), TimeDelta::seconds(5));
        assert_eq!(back_off(3), TimeDelta::seconds(20));
        assert_eq!(back_off(1000), TimeDelta::hours(6));
        assert!((1..40).all(|n| back_off(n) <= back_off(n + 1)));
    }

    #[test]
    fn outlasts_a_sunday() {
        let patience: TimeDelta = (1..ATTEMPTS_MAX).map(back_off).sum();
        assert!(patience > TimeDelta::days(2) && patience < TimeDelta::days(4), "{patience}");
        assert_eq!(back_off(ATTEMPTS_MAX), TimeDelta::hours(6), "the longest wait is reached");
    }
}
