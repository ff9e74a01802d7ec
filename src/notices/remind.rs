//! The job of the day before.

use super::announce::announce;
use super::schedule::reminder_at;
use super::store;
use super::types::Event;
use crate::agenda::{self, State};
use crate::app::App;
use crate::error::Result;
use crate::ids::{AppointmentId, EntityId};
use crate::jobs::{self, Job};

/// Reminds the holder of an appointment, if it still stands. Comes back by itself where the appointment was moved to
/// a later time; where it was moved to another, the occurrence (its sequence) makes it another reminder.
pub async fn remind(app: &App, entity: EntityId, appointment: AppointmentId) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin(entity).await?;
    let appointment = agenda::store::appointment(&mut tx, entity, appointment).await?;
    let told_at = store::time_told_at(&mut tx, entity, appointment.id).await?;
    if let (State::Confirmed, Some(told_at)) = (appointment.state, told_at) {
        let site = agenda::store::site(&mut tx, entity, appointment.site).await?;
        match reminder_at(appointment.starts_at, site.zone, told_at) {
            Some(at) if now < at => {
                jobs::enqueue(&mut tx, entity, &Job::Remind { appointment: appointment.id }, at, now).await?;
            }
            Some(_) if now < appointment.starts_at => {
                let occurrence = appointment.sequence.to_string();
                announce(&mut tx, entity, appointment.id, Event::Reminder, &occurrence, now).await?;
            }
            _ => {}
        }
    }
    tx.commit().await.map_err(Into::into)
}
