//! Which module does which job.

use super::Job;
use crate::app::App;
use crate::error::Result;
use crate::ids::EntityId;
use crate::notices;

/// Does a job. May be repeated: every handler looks first whether its work is done already.
pub async fn handle(app: &App, entity: EntityId, job: &Job) -> Result<()> {
    match job {
        Job::SendNotice { notice } => notices::send(app, entity, *notice).await,
        Job::Remind { appointment } => notices::remind(app, entity, *appointment).await,
        Job::Sweep | Job::FetchFlows | Job::PublishPosition { .. } | Job::WithdrawPosition { .. } => Ok(()),
    }
}
