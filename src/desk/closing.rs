//! Counters that cannot open: what becomes of whom they expected.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::json;
use sqlx::PgConnection;

use super::types::{Proposal, ProposalOption, ProposalState, TaskKind};
use crate::agenda::free_times::{Snapshot, Taker, choose, takers};
use crate::agenda::store::{self, Asked, DayOf};
use crate::agenda::{Appointment, Audience, Closure, Counter, Scope, State, booking, zone};
use crate::audit::{self, Actor, Change};
use crate::error::{Error, FieldError, Result};
use crate::ids::{CounterId, EntityId, ServiceId, SiteId};
use crate::notices::Event;

/// Longest closure, days: each of them is locked.
pub const DAYS_MAX: i64 = 62;
/// Longest reason, characters.
const REASON_MAX: usize = 200;

/// What a closure meant for the appointments it touched. Times that were only held are in neither.
#[derive(Clone, Debug, Default)]
pub struct Closing {
    /// Went to another counter at their own time, as they stand now.
    pub moved: Vec<Appointment>,
    /// Nobody else is free for them: each is a task.
    pub left: Vec<Appointment>,
}

/// Adds a closure. The appointments it touches go to another competent counter of their site that is free at the
/// same time: the citizen notices nothing, and the record says so of each. Those for which there is none keep their
/// time until an operator, who has a task for each, decides. A time that is only held or offered and cannot be kept is
/// freed; of a proposal that has no time left an operator has a task, and the citizen is told.
///
/// # Errors
/// Wrong fields `to` (`before_from`, `range_too_long`), `reason` (`too_long`); `Refused("busy")`.
pub async fn close(
    conn: &mut PgConnection,
    entity: EntityId,
    closure: &Closure,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Closing> {
    check(closure)?;
    let sites = store::sites(conn, entity).await?;
    let mut counters = store::counters(conn, entity).await?;
    counters.retain(|counter| touches(closure.scope, counter));
    let touched = sites.iter().filter(|site| counters.iter().any(|counter| counter.site == site.id));
    let days: Vec<DayOf> = touched.flat_map(|site| days(site.id, closure)).collect();
    // Before any row, as everybody else does.
    store::lock_days(conn, entity, &days, now).await?;
    store::insert_closure(conn, entity, closure).await?;
    let mut closing = Closing::default();
    let mut elsewhere = Elsewhere { entity, now, snapshots: HashMap::new() };
    let zone_of = |site: SiteId| sites.iter().find(|known| known.id == site).map(|site| site.zone);
    for counter in &counters {
        let Some(zone) = zone_of(counter.site) else { continue };
        let live = store::live_of_counter(conn, entity, counter.id, closure.from, closure.to).await?;
        for a in live.into_iter().filter(|a| a.stands(now)) {
            clear(conn, &mut elsewhere, a, zone, actor, &mut closing).await?;
        }
    }
    // Who has a time comes before who is offered one.
    for counter in &counters {
        let Some(zone) = zone_of(counter.site) else { continue };
        for id in store::proposals_on_counter(conn, entity, counter.id, closure.from, closure.to).await? {
            let proposal = store::proposal(conn, entity, id).await?;
            // One whose deadline has passed holds nothing any more.
            if proposal.is_open(now) {
                offer_elsewhere(conn, &mut elsewhere, &proposal, (counter.id, zone), closure, actor).await?;
            }
        }
    }
    Ok(closing)
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

/// Deals with the times of a proposal that a closed counter was kept for. The others are offered as before.
async fn offer_elsewhere(
    conn: &mut PgConnection,
    elsewhere: &mut Elsewhere,
    proposal: &Proposal,
    (counter, zone): (CounterId, Tz),
    closure: &Closure,
    actor: &Actor,
) -> Result<()> {
    let (entity, now) = (elsewhere.entity, elsewhere.now);
    let a = store::appointment(conn, entity, proposal.appointment).await?;
    let is_touched = |option: &ProposalOption| {
        option.counter == counter && option.starts_at < closure.to && option.ends_at > closure.from
    };
    let (touched, mut kept): (Vec<_>, Vec<_>) = proposal.options.iter().cloned().partition(is_touched);
    let mut lost = Vec::new();
    for option in touched {
        match elsewhere.find(conn, a.service, (option.site, zone), option.starts_at).await? {
            Some(taker) => {
                store::reseat_option(conn, entity, option.id, &taker).await?;
                kept.push(ProposalOption { counter: taker.counter, ..option });
            }
            None => lost.push(option.id),
        }
    }
    if kept.is_empty() {
        store::free_options(conn, entity, proposal.id).await?;
        store::close_proposal(conn, entity, proposal.id, ProposalState::Withdrawn, now).await?;
        store::add_task(conn, entity, TaskKind::ProposalWithdrawn, (a.id, a.site), now).await?;
        let about = (proposal.id, a.id);
        return booking::proposal_closed(conn, entity, about, Event::ProposalWithdrawn, actor, now).await;
    }
    for option in lost {
        store::drop_option(conn, entity, option).await?;
    }
    let id = a.id.to_string();
    let change = Change::of("appointment.proposal_changed", "appointment", &id)
        .before(offered(proposal, &proposal.options))
        .after(offered(proposal, &kept));
    audit::record(conn, entity, now, actor, change).await
}

/// What the record keeps of a proposal's times.
fn offered(proposal: &Proposal, options: &[ProposalOption]) -> serde_json::Value {
    let times: Vec<_> =
        options.iter().map(|o| json!({"starts_at": o.starts_at, "counter": o.counter})).collect();
    json!({"proposal": proposal.id, "times": times})
}

/// Deals with somebody whom a closed counter expected.
async fn clear(
    conn: &mut PgConnection,
    elsewhere: &mut Elsewhere,
    a: Appointment,
    zone: Tz,
    actor: &Actor,
    closing: &mut Closing,
) -> Result<()> {
    let (entity, now) = (elsewhere.entity, elsewhere.now);
    let is_told = a.state != State::Held;
    match elsewhere.find(conn, a.service, (a.site, zone), a.starts_at).await? {
        Some(taker) => {
            let to = store::Move { site: a.site, taker: &taker, told: false };
            store::put_time(conn, entity, a.id, &to, a.expires_at).await?;
            if is_told {
                closing.moved.push(reseated(conn, entity, a, &taker, actor, now).await?);
            }
        }
        None if is_told => {
            store::add_task(conn, entity, TaskKind::CounterClosed, (a.id, a.site), now).await?;
            closing.left.push(a);
        }
        None => {
            store::free(conn, entity, a.id).await?;
            store::give_up(conn, entity, a.id, now).await?;
        }
    }
    Ok(())
}

/// Puts on record that an appointment went to another counter; answers it as it stands now.
async fn reseated(
    conn: &mut PgConnection,
    entity: EntityId,
    before: Appointment,
    taker: &Taker,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Appointment> {
    let id = before.id.to_string();
    let change = Change::of("appointment.reseated", "appointment", &id)
        .before(json!({"counter": before.counter}))
        .after(json!({"counter": taker.counter}));
    audit::record(conn, entity, now, actor, change).await?;
    Ok(Appointment { counter: taker.counter, busy_until: taker.busy_until, ..before })
}

/// Other counters for times that cannot be kept at a closed one, which is not free any more: the closure is in place.
/// What a day looks like is read once for everybody who finds nobody there, and again once somebody was seated.
struct Elsewhere {
    entity: EntityId,
    now: DateTime<Utc>,
    snapshots: HashMap<(SiteId, NaiveDate, ServiceId), Snapshot>,
}

impl Elsewhere {
    /// A counter of the site that is free at the very time. Whoever is told of one takes it.
    async fn find(
        &mut self,
        conn: &mut PgConnection,
        service: ServiceId,
        (site, zone): (SiteId, Tz),
        start: DateTime<Utc>,
    ) -> Result<Option<Taker>> {
        let date = zone::day_of(start, zone);
        let snapshot = match self.snapshots.entry((site, date, service)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let asked = Asked { service, site: Some(site), from: date, to: date, ignoring: None };
                unknown.insert(store::snapshot(conn, self.entity, &asked, self.now).await?)
            }
        };
        let found = choose(&takers(snapshot, site, start, Audience::Operator, self.now), None);
        if found.is_some() {
            self.snapshots.retain(|(of, on, _), _| (*of, *on) != (site, date));
        }
        Ok(found)
    }
}
