//! Which module does which job.

use super::Job;
use crate::app::App;
use crate::error::Result;
use crate::ids::EntityId;

/// Does a job. May be repeated: every handler looks first whether its work is done already.
#[expect(clippy::unused_async, reason = "the modules' handlers are joined here as they arrive")]
pub async fn handle(_app: &App, _entity: EntityId, job: &Job) -> Result<()> {
    match job {
        Job::Sweep
        | Job::FetchFlows
        | Job::PublishPosition { .. }
        | Job::WithdrawPosition { .. }
        | Job::SendNotice { .. }
        | Job::Remind { .. } => Ok(()),
    }
}
