//! What a person or a program of the entity brings, put on record with who did it.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;

use super::export::mark_plan_sent;
use super::flows::{Imported, import_flow_file};
use super::journal::{Import, import_journal};
use crate::audit::{self, Actor, Change};
use crate::entity::Entity;
use crate::error::Result;
use crate::ids::ProvisionalEntryId;
use crate::secrets::{hex, sha256};

/// Imports a page of the treasurer's journal. `name` is the file's, for the record.
///
/// # Errors
/// As [`import_journal`].
pub async fn take_journal(
    conn: &mut PgConnection,
    entity: &Entity,
    by: &Actor,
    (name, bytes): (&str, &[u8]),
    now: DateTime<Utc>,
) -> Result<Import> {
    let import = import_journal(conn, entity, bytes, now).await?;
    if let Import::New { entries, page, pages, .. } = &import {
        let sha256 = hex(&sha256(bytes));
        let after = json!({"file": name, "entries": entries, "page": page, "pages": pages});
        let change = Change::of("journal.imported", "treasury_journal", &sha256).after(after);
        audit::record(conn, entity.id, now, by, change).await?;
    }
    Ok(import)
}

/// Imports a remittance flow given as a file.
///
/// # Errors
/// As [`import_flow_file`].
pub async fn take_flow(
    conn: &mut PgConnection,
    entity: &Entity,
    by: &Actor,
    (name, bytes): (&str, &[u8]),
    now: DateTime<Utc>,
) -> Result<Imported> {
    let imported = import_flow_file(conn, entity, bytes, now).await?;
    if let Imported::New { id, .. } = imported {
        let id = id.to_string();
        let change = Change::of("flow.imported", "remittance_flow", &id).after(json!({"file": name}));
        audit::record(conn, entity.id, now, by, change).await?;
    }
    Ok(imported)
}

/// Keeps that the plan somebody saw was sent to the accounting system. Answers whether anything changed.
///
/// # Errors
/// As [`mark_plan_sent`].
pub async fn send_plan(
    conn: &mut PgConnection,
    entity: &Entity,
    by: &Actor,
    (id, seen_sha256): (ProvisionalEntryId, &str),
    now: DateTime<Utc>,
) -> Result<bool> {
    let changed = mark_plan_sent(conn, entity, (id, seen_sha256), now).await?;
    if changed {
        let id = id.to_string();
        let change = Change::of("plan.sent", "provisional_entry", &id);
        audit::record(conn, entity.id, now, by, change).await?;
    }
    Ok(changed)
}
