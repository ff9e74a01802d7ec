//! A site's day, as its operators see it.

use std::collections::HashMap;

use chrono::NaiveDate;
use sqlx::PgConnection;

use super::types::{Counts, Day, DayEntry};
use crate::agenda::{Appointment, State, store};
use crate::error::Result;
use crate::ids::{AppointmentId, CounterId, EntityId, ServiceId, SiteId};
use crate::text::Text;

/// The appointments of a site on a local day, who waits since when, and how many stand where.
///
/// # Errors
/// `NotFound("site")`.
pub async fn day(conn: &mut PgConnection, entity: EntityId, site: SiteId, date: NaiveDate) -> Result<Day> {
    let site = store::site(conn, entity, site).await?;
    let appointments = store::of_day(conn, entity, site.id, date, site.zone).await?;
    let ids: Vec<AppointmentId> = appointments.iter().map(|a| a.id).collect();
    let proposals = store::open_proposals_of_day(conn, entity, &ids).await?;
    let services: HashMap<ServiceId, Text> =
        store::services(conn, entity).await?.into_iter().map(|s| (s.id, s.name)).collect();
    let mut counters = store::counters(conn, entity).await?;
    counters.retain(|counter| counter.site == site.id);
    let names: HashMap<CounterId, &str> = counters.iter().map(|c| (c.id, c.name.as_str())).collect();
    let name_of = |id: CounterId| names.get(&id).copied().unwrap_or_default().to_owned();
    let entries: Vec<DayEntry> = appointments
        .into_iter()
        .map(|a| DayEntry {
            service_name: services.get(&a.service).cloned().unwrap_or_default(),
            counter_name: name_of(a.counter),
            serving_counter_name: a.serving_counter.map(name_of),
            proposal: proposals.get(&a.id).copied(),
            appointment: a,
        })
        .collect();
    let waiting = waiting(&entries);
    let counts = counts(entries.iter().map(|entry| &entry.appointment));
    counters.retain(|counter| counter.active);
    Ok(Day { site, date, counters, entries, waiting, counts })
}

/// Who is in the waiting room, first come first.
fn waiting(entries: &[DayEntry]) -> Vec<usize> {
    let mut waiting: Vec<usize> =
        (0..entries.len()).filter(|i| entries[*i].appointment.state == State::Arrived).collect();
    waiting.sort_by_key(|i| (entries[*i].appointment.arrived_at, entries[*i].appointment.starts_at));
    waiting
}

fn counts<'a>(appointments: impl Iterator<Item = &'a Appointment>) -> Counts {
    let mut counts = Counts::default();
    for a in appointments {
        match a.state {
            State::AwaitingPayment | State::Confirmed => counts.expected += 1,
            State::Arrived => counts.waiting += 1,
            State::Called => counts.called += 1,
            State::Served => counts.served += 1,
            State::NoShow => counts.missed += 1,
            State::Cancelled => counts.cancelled += 1,
            State::Held | State::Expired => {}
        }
    }
    counts
}
