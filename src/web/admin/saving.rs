//! What administrators change, put on record: pages and programs come through here alike.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::agenda::{
    Appointment, Calendar, CalendarRule, Closure, Counter, LocalHoliday, Service, Site, setup, store,
};
use crate::audit::{self, Actor, Change};
use crate::desk;
use crate::error::{Error, Result};
use crate::forms::{self, Form};
use crate::ids::{ClosureId, CounterId, EntityId, ServiceId};

/// In whose name something is changed, where and when.
pub(crate) struct Author {
    /// Whose data.
    pub(crate) entity: EntityId,
    /// By whom.
    pub(crate) actor: Actor,
    /// When.
    pub(crate) now: DateTime<Utc>,
}

impl Author {
    /// Puts a change on record.
    pub(super) async fn record(&self, conn: &mut PgConnection, change: Change<'_>) -> Result<()> {
        audit::record(conn, self.entity, self.now, &self.actor, change).await
    }
}

/// What there was, where there was something.
pub(super) fn known<T>(found: Result<T>) -> Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Saves a site.
pub(super) async fn site(conn: &mut PgConnection, by: &Author, site: &Site) -> Result<()> {
    let before = known(store::site(conn, by.entity, site.id).await)?;
    setup::save_site(conn, by.entity, site, by.now).await?;
    let id = site.id.to_string();
    by.record(conn, Change::of("site.saved", "site", &id).before(before).after(site)).await
}

/// Saves a counter, and which services it serves where that is said.
pub(super) async fn counter(
    conn: &mut PgConnection,
    by: &Author,
    counter: &Counter,
    services: Option<&[ServiceId]>,
) -> Result<()> {
    let former = known(store::counter(conn, by.entity, counter.id).await)?;
    let served = store::services_of_counter(conn, by.entity, counter.id).await?;
    setup::save_counter(conn, by.entity, counter, by.now).await?;
    let wanted = services.unwrap_or(&served);
    for service in store::services(conn, by.entity).await? {
        if served.contains(&service.id) == wanted.contains(&service.id) {
            continue;
        }
        let mut counters = counters_of(conn, by.entity, service.id).await?;
        counters.retain(|id| *id != counter.id);
        if wanted.contains(&service.id) {
            counters.push(counter.id);
        }
        setup::save_service(conn, by.entity, &service, &counters).await?;
    }
    let id = counter.id.to_string();
    let said = |counter: &Counter, services: &[ServiceId]| json!({"counter": counter, "services": services});
    let before = former.map(|former| said(&former, &served));
    by.record(conn, Change::of("counter.saved", "counter", &id).before(before).after(said(counter, wanted)))
        .await
}

/// The counters that can serve a service.
pub(super) async fn counters_of(
    conn: &mut PgConnection,
    entity: EntityId,
    service: ServiceId,
) -> Result<Vec<CounterId>> {
    let counters = store::counters_of_service(conn, entity, service).await?;
    Ok(counters.into_iter().map(|counter| counter.id).collect())
}

/// A calendar with its rules, as the record keeps it.
#[derive(Serialize)]
struct WithRules<'a> {
    calendar: &'a Calendar,
    rules: &'a [CalendarRule],
}

/// Saves a calendar with its rules.
pub(super) async fn calendar(
    conn: &mut PgConnection,
    by: &Author,
    calendar: &Calendar,
    rules: &[CalendarRule],
) -> Result<()> {
    let former = known(store::calendar(conn, by.entity, calendar.id).await)?;
    let former_rules = store::calendar_rules(conn, by.entity, calendar.id).await?;
    setup::save_calendar(conn, by.entity, calendar, rules).await?;
    let id = calendar.id.to_string();
    let before = former.as_ref().map(|calendar| WithRules { calendar, rules: &former_rules });
    let change = Change::of("calendar.saved", "calendar", &id).before(before);
    by.record(conn, change.after(WithRules { calendar, rules })).await
}

/// Adds a closure; answers the appointments that need an operator.
pub(super) async fn closure(
    conn: &mut PgConnection,
    by: &Author,
    closure: &Closure,
) -> Result<Vec<Appointment>> {
    let closing = desk::closing::close(conn, by.entity, closure, &by.actor, by.now).await?;
    let id = closure.id.to_string();
    by.record(conn, Change::of("closure.added", "closure", &id).after(closure)).await?;
    Ok(closing.left)
}

/// Removes a closure.
pub(super) async fn without_closure(conn: &mut PgConnection, by: &Author, id: ClosureId) -> Result<()> {
    let before = store::closure(conn, by.entity, id).await?;
    setup::remove_closure(conn, by.entity, id).await?;
    by.record(conn, Change::of("closure.removed", "closure", &id.to_string()).before(before)).await
}

/// Saves the holidays of the place.
pub(super) async fn local_holidays(
    conn: &mut PgConnection,
    by: &Author,
    holidays: &[LocalHoliday],
) -> Result<()> {
    let before = store::local_holidays(conn, by.entity).await?;
    setup::save_local_holidays(conn, by.entity, holidays).await?;
    let id = by.entity.to_string();
    by.record(conn, Change::of("holidays.saved", "entity", &id).before(before).after(holidays)).await
}

/// Saves a service with the counters that can serve it.
pub(super) async fn service(
    conn: &mut PgConnection,
    by: &Author,
    service: &Service,
    counters: &[CounterId],
) -> Result<()> {
    let former = known(store::service(conn, by.entity, service.id).await)?;
    let served = counters_of(conn, by.entity, service.id).await?;
    setup::save_service(conn, by.entity, service, counters).await?;
    let id = service.id.to_string();
    let said = |service: &Service, counters: &[CounterId]| json!({"service": service, "counters": counters});
    let before = former.map(|former| said(&former, &served));
    by.record(conn, Change::of("service.saved", "service", &id).before(before).after(said(service, counters)))
        .await
}

/// Keeps the draft of a service's form.
pub(super) async fn form_draft(
    conn: &mut PgConnection,
    by: &Author,
    service: ServiceId,
    schema: Value,
) -> Result<Form> {
    let before = forms::draft(conn, by.entity, service).await?;
    let form = forms::save_draft(conn, by.entity, service, schema, by.now).await?;
    let id = form.id.to_string();
    let schema = |form: &Form| form.definition.schema().clone();
    let change = Change::of("form.drafted", "form", &id).before(before.as_ref().map(schema));
    by.record(conn, change.after(schema(&form))).await?;
    Ok(form)
}

/// Publishes the draft of a service's form.
pub(super) async fn form_published(conn: &mut PgConnection, by: &Author, draft: &Form) -> Result<()> {
    let before = forms::published(conn, by.entity, draft.service).await?;
    forms::publish(conn, by.entity, draft.id, by.now).await?;
    let id = draft.id.to_string();
    let version = |form: &Form| json!({"service": form.service, "version": form.version});
    let change = Change::of("form.published", "form", &id).before(before.as_ref().map(version));
    by.record(conn, change.after(version(draft))).await
}
