//! The record: who changed what, newest first, of one kind of thing or of all.

use std::collections::HashMap;

use askama::Template;
use axum::Router;
use axum::extract::Query;
use axum::routing::get;
use serde::Deserialize;
use serde_json::Value;

use super::Admin;
use super::blocks::{Control, Form};
use super::values::Values;
use crate::app::App;
use crate::audit::{self, Listed};
use crate::identity::store;
use crate::web::frame::{Answer, render};
use crate::web::page::{Page, Pager};

/// Entries of a page.
const PAGE: i64 = 50;

pub(super) fn router() -> Router<App> {
    Router::new().route("/{entity}/amministrazione/registro", get(show))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    oggetto: String,
    pagina: String,
}

/// An entry as the page shows it.
struct Shown {
    at: String,
    who: String,
    action: String,
    object: String,
    before: String,
    after: String,
}

#[derive(Template)]
#[template(path = "admin/record.html", config = ".askama.toml")]
struct RecordPage {
    page: Page,
    form: Form,
    entries: Vec<Shown>,
    pager: Pager,
}

fn pretty(value: Option<&Value>) -> String {
    value.filter(|value| !value.is_null()).map(|value| format!("{value:#}")).unwrap_or_default()
}

/// A kind of thing in words, where we have them.
fn named(admin: &Admin, kind: &str) -> String {
    let key = format!("admin-object-{}", kind.replace('_', "-"));
    if admin.t.has(&key) { admin.text(&key) } else { kind.to_owned() }
}

/// What was done, in words; an appointment's as the operators read it.
fn done(admin: &Admin, action: &str) -> String {
    let name = action.replace(['.', '_'], "-");
    let mut keys = ["desk-record", "admin-action"].map(|area| format!("{area}-{name}")).into_iter();
    keys.find(|key| admin.t.has(key)).map_or_else(|| action.to_owned(), |key| admin.text(&key))
}

fn shown(admin: &Admin, names: &HashMap<String, String>, listed: &Listed) -> Shown {
    let entry = &listed.entry;
    let who = match names.get(&entry.actor) {
        Some(name) => name.clone(),
        None if entry.actor_kind == "client" => admin.t.with("admin-actor-client", &[("name", &entry.actor)]),
        None if entry.actor_kind == "peer" => entry.actor.clone(),
        None => admin.text(&format!("admin-actor-{}", entry.actor_kind)),
    };
    Shown {
        at: admin.t.short_date_time(entry.at),
        who,
        action: done(admin, &entry.action),
        object: format!("{} {}", named(admin, &listed.object_kind), listed.object_id),
        before: pretty(entry.before.as_ref()),
        after: pretty(entry.after.as_ref()),
    }
}

async fn show(admin: Admin, Query(asked): Query<Asked>) -> Answer {
    let entity = admin.entity.id;
    let mut tx = admin.begin().await?;
    let staff = store::staff(&mut tx, entity).await?;
    let names = staff.iter().map(|member| (member.id.to_string(), member.full_name())).collect();
    let kinds = audit::object_kinds(&mut tx, entity).await?;
    let kind = kinds.iter().find(|kind| **kind == asked.oggetto).map(String::as_str);
    let count = audit::count(&mut tx, entity, kind).await?;
    let last = ((count + PAGE - 1) / PAGE).max(1);
    let current = asked.pagina.parse().unwrap_or(1).clamp(1, last);
    let entries = audit::recent(&mut tx, entity, kind, PAGE, (current - 1) * PAGE).await?;
    let chosen = Values::default().with("oggetto", &asked.oggetto);
    let options = kinds.iter().map(|kind| (kind.clone(), named(&admin, kind))).collect();
    let form = Form::new(admin.t, "record", &chosen).search().select(
        "oggetto",
        false,
        options,
        &admin.text("admin-record-all"),
    );
    let address = admin.console(format_args!("registro?oggetto={}&pagina=", kind.unwrap_or_default()));
    render(&RecordPage {
        page: admin.section("record"),
        form,
        entries: entries.iter().map(|entry| shown(&admin, &names, entry)).collect(),
        pager: Pager { current, last, url: address },
    })
}
