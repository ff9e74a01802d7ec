//! Putting an event on record for those it concerns.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::schedule::reminder_at;
use super::store::{self, NewNotice};
use super::types::{Channel, Event};
use crate::agenda::{self, Holder};
use crate::entity::Kind;
use crate::entity::store::integration;
use crate::error::Result;
use crate::ids::{AppointmentId, EntityId};
use crate::jobs::{self, Job};

/// Tells the holder of an appointment that something happened, once: announcing the same `occurrence` of the same
/// `event` again changes nothing. What it makes pointless and has not been told yet is silenced, and an event that
/// sets the time is followed by a reminder.
pub async fn announce(
    conn: &mut PgConnection,
    entity: EntityId,
    appointment: AppointmentId,
    event: Event,
    occurrence: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let appointment = agenda::store::appointment(conn, entity, appointment).await?;
    store::supersede(conn, entity, appointment.id, event, occurrence).await?;
    let mut is_new = false;
    for (channel, recipient) in ways(conn, entity, &appointment.holder, event).await? {
        let new = NewNotice { appointment: appointment.id, event, occurrence, channel, recipient };
        if let Some(notice) = store::insert(conn, entity, new, now).await? {
            jobs::enqueue(conn, entity, &Job::SendNotice { notice }, now, now).await?;
            is_new = true;
        }
    }
    if is_new && event.sets_the_time() {
        let site = agenda::store::site(conn, entity, appointment.site).await?;
        if let Some(at) = reminder_at(appointment.starts_at, site.zone, now) {
            jobs::enqueue(conn, entity, &Job::Remind { appointment: appointment.id }, at, now).await?;
        }
    }
    Ok(())
}

/// The ways to the holder that the entity uses. They do not wait for each other: a message App IO accepted is not one
/// the citizen has read.
async fn ways<'a>(
    conn: &mut PgConnection,
    entity: EntityId,
    holder: &'a Holder,
    event: Event,
) -> Result<Vec<(Channel, &'a str)>> {
    let mut ways = Vec::with_capacity(2);
    if let Some(fiscal_code) = holder.fiscal_code.as_deref()
        && event.is_for_app_io()
        && is_used(conn, entity, Kind::AppIo).await?
    {
        ways.push((Channel::AppIo, fiscal_code));
    }
    if !holder.email.is_empty() && is_used(conn, entity, Kind::Mail).await? {
        ways.push((Channel::Email, holder.email.as_str()));
    }
    Ok(ways)
}

async fn is_used(conn: &mut PgConnection, entity: EntityId, kind: Kind) -> Result<bool> {
    Ok(integration(conn, entity, kind).await?.is_some_and(|integration| integration.enabled))
}
