//! Counters that cannot open: what becomes of whom they expected.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

use super::types::{ProposalState, TaskKind};
use crate::agenda::store::{self, DayOf};
use crate::agenda::taking::{self, Wanted};
use crate::agenda::{Appointment, Audience, Closure, Counter, Scope, State, zone};
use crate::error::{Error, FieldError, Result};
use crate::ids::{ClosureId, CounterId, EntityId, SiteId};

/// Longest closure, days: each of them is locked.
pub const DAYS_MAX: i64 = 62;
/// Longest reason, characters.
const REASON_MAX: usize = 200;

/// Closes a counter from an instant to another: see [`close`].
///
/// # Errors
/// As [`close`]; `NotFound("counter")`.
pub async fn close_counter(
    conn: &mut PgConnection,
    entity: EntityId,
    counter: CounterId,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<Vec<Appointment>> {
    store::counter(conn, entity, counter).await?;
    let closure =
        Closure { id: ClosureId::new(), scope: Scope::Counter(counter), from, to, reason: reason.to_owned() };
    close(conn, entity, &closure, now).await
}

/// Adds a closure. The appointments it touches go to another competent counter of their site that is free at the
/// same time: the citizen notices nothing. Those for which there is none are answered, and an operator has a task for
/// each; they keep their time until somebody decides. Times that are only held or offered and cannot be kept are
/// freed.
///
/// # Errors
/// Wrong fields `to` (`before_from`, `range_too_long`), `reason` (`too_long`); `Refused("busy")`.
pub async fn close(
    conn: &mut PgConnection,
    entity: EntityId,
    closure: &Closure,
    now: DateTime<Utc>,
) -> Result<Vec<Appointment>> {
    check(closure)?;
    let mut counters = store::counters(conn, entity).await?;
    counters.retain(|counter| touches(closure.scope, counter));
    let mut sites: Vec<SiteId> = counters.iter().map(|counter| counter.site).collect();
    sites.dedup();
    let days: Vec<DayOf> = sites.into_iter().flat_map(|site| days(site, closure)).collect();
    store::lock_days(conn, entity, &days, now).await?;
    store::insert_closure(conn, entity, closure).await?;
    let mut affected = Vec::new();
    for counter in counters {
        affected.extend(clear(conn, entity, counter.id, closure, now).await?);
    }
    Ok(affected)
}

fn check(closure: &Closure) -> Result<()> {
    let mut wrong = Vec::new();
    if closure.to <= closure.from {
        wrong.push(FieldError::new("to", "before_from"));
    }
    if closure.to - closure.from > TimeDelta::days(DAYS_MAX) {
        wrong.push(FieldError::new("to", "range_too_long").with_detail(DAYS_MAX));
    }
    if closure.reason.chars().count() > REASON_MAX {
        wrong.push(FieldError::new("reason", "too_long").with_detail(REASON_MAX));
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::Invalid(wrong)) }
}

fn touches(scope: Scope, counter: &Counter) -> bool {
    match scope {
        Scope::Entity => true,
        Scope::Calendar(id) => counter.calendar == id,
        Scope::Site(id) => counter.site == id,
        Scope::Counter(id) => counter.id == id,
    }
}

/// An instant of every local day of a closure, whatever the zone.
fn days(site: SiteId, closure: &Closure) -> Vec<DayOf> {
    let to = closure.to;
    let mut days: Vec<DayOf> =
        std::iter::successors(Some(closure.from), |at| Some(*at + TimeDelta::hours(12)))
            .take_while(|at| *at < to)
            .map(|at| DayOf { site, at })
            .collect();
    days.push(DayOf { site, at: to });
    days
}

/// Deals with whom a closed counter expected; answers those who need an operator.
async fn clear(
    conn: &mut PgConnection,
    entity: EntityId,
    counter: CounterId,
    closure: &Closure,
    now: DateTime<Utc>,
) -> Result<Vec<Appointment>> {
    for proposal in store::proposals_on_counter(conn, entity, counter, closure.from, closure.to).await? {
        store::free_options(conn, entity, proposal).await?;
        store::close_proposal(conn, entity, proposal, ProposalState::Withdrawn, now).await?;
    }
    let mut affected = Vec::new();
    let live = store::live_of_counter(conn, entity, counter, closure.from, closure.to).await?;
    for a in live.into_iter().filter(|a| a.stands(now)) {
        if move_aside(conn, entity, &a, now).await? {
            continue;
        }
        if a.state == State::Held {
            store::free(conn, entity, a.id).await?;
            store::give_up(conn, entity, a.id, now).await?;
        } else {
            store::add_task(conn, entity, TaskKind::CounterClosed, (a.id, a.site), now).await?;
            affected.push(a);
        }
    }
    Ok(affected)
}

/// Moves an appointment to another counter of its site, at its own time. `false` where none is free: the closed one
/// is not, because the closure is in place already.
async fn move_aside(
    conn: &mut PgConnection,
    entity: EntityId,
    a: &Appointment,
    now: DateTime<Utc>,
) -> Result<bool> {
    let zone = store::site(conn, entity, a.site).await?.zone;
    let wanted = Wanted {
        service: a.service,
        site: a.site,
        start: a.starts_at,
        date: zone::day_of(a.starts_at, zone),
        audience: Audience::Operator,
        preferred: None,
        moving: Some(a.id),
    };
    match taking::choose_counter(conn, entity, &wanted, now).await {
        Ok(taker) => {
            store::seat(conn, entity, a.id, &taker, a.expires_at).await?;
            let to = store::Move { site: a.site, taker: &taker, told: false };
            store::move_appointment(conn, entity, a.id, &to).await?;
            Ok(true)
        }
        Err(Error::Taken) => Ok(false),
        Err(error) => Err(error),
    }
}
