//! What did not go through: jobs that failed too often, until somebody decides.

use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};

use super::Admin;
use super::blocks::{Console, Row, Table};
use crate::app::App;
use crate::audit::Change;
use crate::ids::JobId;
use crate::jobs;
use crate::web::form::ProtectedForm;
use crate::web::frame::{Answer, redirect_done};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/{entity}/amministrazione/non-riusciti", get(list))
        .route("/{entity}/amministrazione/non-riusciti/{id}/riprova", post(retry))
}

/// What a job was to do, in words where we have them.
fn what(admin: &Admin, kind: &str) -> String {
    let key = format!("admin-job-{}", kind.replace('_', "-"));
    if admin.t.has(&key) { admin.text(&key) } else { kind.to_owned() }
}

/// Why it failed: our own code in words, else as it was said.
fn why(admin: &Admin, error: Option<&str>) -> String {
    let error = error.unwrap_or_default();
    let code = error.rsplit(' ').next().unwrap_or_default();
    let key = format!("error-{code}");
    if admin.t.has(&key) { admin.text(&key) } else { error.to_owned() }
}

async fn list(admin: Admin) -> Answer {
    let mut tx = admin.begin().await?;
    let dead = jobs::store::dead(&mut tx, admin.entity.id).await?;
    let rows = dead.iter().map(|job| {
        Row::default()
            .text(what(&admin, &job.kind))
            .text(why(&admin, job.last_error.as_deref()))
            .text(admin.t.short_date_time(job.created_at))
            .number(job.attempts)
            .act(admin.text("admin-retry"), admin.console(format_args!("non-riusciti/{}/riprova", job.id)))
    });
    let table = Table::new(admin.t, "failures", &["what", "why", "since", "attempts"]).rows(rows);
    Console::new(admin.section("failures")).table(table).answer()
}

async fn retry(admin: Admin, Path((_, id)): Path<(String, JobId)>, _: ProtectedForm) -> Answer {
    let mut tx = admin.begin().await?;
    jobs::store::revive(&mut tx, admin.entity.id, id, admin.now).await?;
    let object = id.to_string();
    admin.author().record(&mut tx, Change::of("job.revived", "job", &object)).await?;
    tx.commit().await?;
    redirect_done(admin.console("non-riusciti"), "revived")
}
