//! What did not go through, until somebody decides: jobs that failed too often, payment notices that the platform
//! refused, messages that nobody got.

use std::collections::HashMap;

use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use sqlx::PgConnection;

use super::Admin;
use super::blocks::{Console, Row, Table};
use crate::agenda;
use crate::app::App;
use crate::audit::Change;
use crate::error::Result;
use crate::ids::{AppointmentId, DebtPositionId, JobId, NoticeId};
use crate::payments::{self, platform};
use crate::web::form::ProtectedForm;
use crate::web::frame::{Answer, redirect_done};
use crate::{jobs, notices};

/// Messages on the page; older ones are about appointments long past.
const NOTICES_MAX: i64 = 100;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/{entity}/amministrazione/non-riusciti", get(list))
        .route("/{entity}/amministrazione/non-riusciti/{id}/riprova", post(retry))
        .route("/{entity}/amministrazione/non-riusciti/avvisi/{id}/riprova", post(retry_position))
        .route("/{entity}/amministrazione/non-riusciti/avvisi/{id}/rinumera", post(renumber))
        .route("/{entity}/amministrazione/non-riusciti/messaggi/{id}/riprova", post(retry_notice))
}

/// What a job was to do, in words where we have them.
fn what(admin: &Admin, kind: &str) -> String {
    let key = format!("admin-job-{}", kind.replace('_', "-"));
    if admin.t.has(&key) { admin.text(&key) } else { kind.to_owned() }
}

/// Why it failed: the longest, and so the most telling, of our own codes in words; else as it was said.
fn why(admin: &Admin, error: Option<&str>) -> String {
    let error = error.unwrap_or_default();
    let codes =
        error.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').map(|code| code.replace('_', "-"));
    let known = codes.filter_map(|code| {
        let keys = [format!("admin-check-code-{code}"), format!("admin-why-{code}")];
        keys.into_iter().find(|key| admin.t.has(key)).map(|key| (code.len(), key))
    });
    known.max().map_or_else(|| error.to_owned(), |(_, key)| admin.text(&key))
}

/// Why the platform refused a position, with its own words.
fn why_position(admin: &Admin, error: Option<&str>) -> String {
    match error.and_then(|error| error.split_once(": ")) {
        Some((code, said)) => {
            admin.t.with("admin-why-said", &[("why", &why(admin, Some(code))), ("said", &said)])
        }
        None => why(admin, error),
    }
}

async fn list(admin: Admin) -> Answer {
    let mut tx = admin.begin().await?;
    let jobs = jobs_table(&mut tx, &admin).await?;
    let positions = positions_table(&mut tx, &admin).await?;
    let notices = notices_table(&mut tx, &admin).await?;
    Console::new(admin.section("failures"))
        .table(jobs)
        .heading("admin-failed-positions-title")
        .table(positions)
        .heading("admin-failed-notices-title")
        .table(notices)
        .answer()
}

async fn jobs_table(conn: &mut PgConnection, admin: &Admin) -> Result<Table> {
    let dead = jobs::store::dead(conn, admin.entity.id).await?;
    let rows = dead.iter().map(|job| {
        Row::default()
            .text(what(admin, &job.kind))
            .text(why(admin, job.last_error.as_deref()))
            .text(admin.t.short_date_time(job.created_at))
            .number(job.attempts)
            .act(admin.text("admin-retry"), admin.console(format_args!("non-riusciti/{}/riprova", job.id)))
    });
    Ok(Table::new(admin.t, "failures", &["what", "why", "since", "attempts"]).rows(rows))
}

async fn positions_table(conn: &mut PgConnection, admin: &Admin) -> Result<Table> {
    let troubled = payments::position::troubled(conn, admin.entity.id).await?;
    let rows = troubled.iter().map(|position| {
        let to_do = if position.state == payments::State::Cancelled { "withdraw" } else { "publish" };
        let address = admin.console(format_args!("non-riusciti/avvisi/{}", position.id));
        let row = Row::default()
            .text(&position.nav)
            .text(admin.text(&format!("admin-failed-positions-{to_do}")))
            .text(why_position(admin, position.last_error.as_deref()))
            .text(admin.t.short_date_time(position.created_at))
            .number(position.amount)
            .act(admin.text("admin-retry"), format!("{address}/riprova"));
        if position.last_error.as_deref() == Some(platform::NUMBER_IN_USE) {
            row.act(admin.text("admin-failed-positions-renumber"), format!("{address}/rinumera"))
        } else {
            row
        }
    });
    Ok(Table::new(admin.t, "failed-positions", &["number", "what", "why", "since", "amount"]).rows(rows))
}

async fn notices_table(conn: &mut PgConnection, admin: &Admin) -> Result<Table> {
    let troubled = notices::store::troubled(conn, admin.entity.id, NOTICES_MAX).await?;
    let ids: Vec<AppointmentId> = troubled.iter().map(|notice| notice.appointment).collect();
    let appointments = agenda::store::appointments(conn, admin.entity.id, &ids).await?;
    let codes: HashMap<_, _> = appointments.iter().map(|a| (a.id, a.code.as_str())).collect();
    let rows = troubled.iter().map(|notice| {
        let row = Row::default()
            .text(admin.text(&format!("citizen-message-{}", notice.event.as_str())))
            .text(admin.text(&format!("admin-failed-notices-{}", notice.channel.as_str())))
            .text(codes.get(&notice.appointment).copied().unwrap_or_default())
            .text(why(admin, notice.last_error.as_deref()))
            .text(admin.t.short_date_time(notice.created_at));
        let address = admin.console(format_args!("non-riusciti/messaggi/{}/riprova", notice.id));
        if notice.can_be_retried() { row.act(admin.text("admin-retry"), address) } else { row }
    });
    Ok(Table::new(admin.t, "failed-notices", &["what", "channel", "code", "why", "since"]).rows(rows))
}

async fn retry(admin: Admin, Path((_, id)): Path<(String, JobId)>, _: ProtectedForm) -> Answer {
    let mut tx = admin.begin().await?;
    jobs::store::revive(&mut tx, admin.entity.id, id, admin.now).await?;
    let object = id.to_string();
    admin.author().record(&mut tx, Change::of("job.revived", "job", &object)).await?;
    tx.commit().await?;
    redirect_done(admin.console("non-riusciti"), "revived")
}

async fn retry_position(
    admin: Admin,
    Path((_, id)): Path<(String, DebtPositionId)>,
    _: ProtectedForm,
) -> Answer {
    let mut tx = admin.begin().await?;
    platform::retry(&mut tx, admin.entity.id, id, admin.now).await?;
    let object = id.to_string();
    admin.author().record(&mut tx, Change::of("position.retried", "debt_position", &object)).await?;
    tx.commit().await?;
    redirect_done(admin.console("non-riusciti"), "revived")
}

async fn renumber(admin: Admin, Path((_, id)): Path<(String, DebtPositionId)>, _: ProtectedForm) -> Answer {
    let mut tx = admin.begin().await?;
    payments::issue::renumber(&mut tx, admin.entity.id, id, &admin.actor(), admin.now).await?;
    tx.commit().await?;
    redirect_done(admin.console("non-riusciti"), "renumbered")
}

async fn retry_notice(admin: Admin, Path((_, id)): Path<(String, NoticeId)>, _: ProtectedForm) -> Answer {
    let mut tx = admin.begin().await?;
    notices::retry(&mut tx, admin.entity.id, id, admin.now).await?;
    let object = id.to_string();
    admin.author().record(&mut tx, Change::of("notice.retried", "notice", &object)).await?;
    tx.commit().await?;
    redirect_done(admin.console("non-riusciti"), "revived")
}
