//! Remittance flows and where their fetch stands.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_json::Value;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::error::{Result, expect_one};
use crate::ids::{EntityId, RemittanceFlowId};
use crate::money::Cents;
use crate::reconciliation::explain::{Outcome, Row};
use crate::reconciliation::label::Tally;
use crate::reconciliation::matching::Target;

/// A flow without its rows.
#[derive(Clone, Debug, Serialize)]
pub struct FlowHead {
    /// Its identifier.
    pub id: RemittanceFlowId,
    /// Who sent it.
    pub psp_id: String,
    /// Its name.
    pub psp_name: String,
    /// `identificativoFlusso`.
    pub flow: String,
    /// The revision.
    pub revision: i32,
    /// Whether it is the one that counts.
    pub latest: bool,
    /// When it was made.
    pub flow_at: DateTime<Utc>,
    /// When the platform published it; a file does not say.
    pub published_at: Option<DateTime<Utc>>,
    /// The number of the credit transfer.
    pub regulation: String,
    /// Its day.
    pub regulation_on: Option<NaiveDate>,
    /// The declared sum.
    pub total: Cents,
    /// The declared number of payments.
    pub payments: i32,
    /// What does not add up in it: `sportello_pagopa::fdr::Finding`.
    pub findings: Value,
    /// What reconciliation says of it, the gravest first.
    pub labels: Json<Vec<Tally>>,
    /// When it came.
    pub imported_at: DateTime<Utc>,
}

impl FlowHead {
    /// As credits name it.
    #[must_use]
    pub fn target(&self) -> Target {
        Target::Flow { psp_id: self.psp_id.clone(), flow: self.flow.clone() }
    }
}

macro_rules! flow_query {
    ($condition:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            FlowHead,
            r#"select remittance_flow_id as "id: RemittanceFlowId", psp_id, psp_name, flow, revision, latest, flow_at,
                published_at, regulation, regulation_on, total_cents as "total: Cents", payments, findings,
                labels as "labels: Json<Vec<Tally>>", imported_at
             from remittance_flow where entity_id = $1 and "# + $condition,
            $($argument),*
        )
    };
}

/// By identifier.
pub(in crate::reconciliation) async fn by_id(
    conn: &mut PgConnection,
    entity: EntityId,
    id: RemittanceFlowId,
) -> Result<Option<FlowHead>> {
    Ok(flow_query!("remittance_flow_id = $2", entity.0, id.0).fetch_optional(conn).await?)
}

/// Every revision of a flow, the latest first.
pub(in crate::reconciliation) async fn revisions(
    conn: &mut PgConnection,
    entity: EntityId,
    psp_id: &str,
    flow: &str,
) -> Result<Vec<FlowHead>> {
    Ok(flow_query!("psp_id = $2 and flow = $3 order by revision desc", entity.0, psp_id, flow)
        .fetch_all(conn)
        .await?)
}

/// The revisions that count of the flows among some targets.
pub(in crate::reconciliation) async fn latest_of(
    conn: &mut PgConnection,
    entity: EntityId,
    targets: &[Target],
) -> Result<Vec<FlowHead>> {
    let (mut psps, mut flows) = (Vec::new(), Vec::new());
    for target in targets {
        if let Target::Flow { psp_id, flow } = target {
            psps.push(psp_id.clone());
            flows.push(flow.clone());
        }
    }
    Ok(flow_query!(
        "latest and (psp_id, flow) in (select * from unnest($2::text[], $3::text[]))",
        entity.0,
        &psps,
        &flows
    )
    .fetch_all(conn)
    .await?)
}

/// Latest revisions that no credit covers, or that reconciliation finds something wrong with, newest first.
pub(in crate::reconciliation) async fn open(
    conn: &mut PgConnection,
    entity: EntityId,
    limit: i64,
) -> Result<Vec<FlowHead>> {
    Ok(flow_query!(
        r#"latest and jsonb_path_exists(labels, '$[*] ? (@.severity != "info")')
            order by flow_at desc, remittance_flow_id limit $2"#,
        entity.0,
        limit
    )
    .fetch_all(conn)
    .await?)
}

/// The latest revisions whose name or transfer number holds a text (all of them: empty), newest first.
pub(in crate::reconciliation) async fn found(
    conn: &mut PgConnection,
    entity: EntityId,
    search: &str,
    limit: i64,
) -> Result<Vec<FlowHead>> {
    Ok(flow_query!(
        "latest and ($2 = '' or position(upper($2) in upper(flow)) > 0 or position(upper($2) in upper(regulation)) > 0)
         order by flow_at desc, remittance_flow_id limit $3",
        entity.0,
        search,
        limit
    )
    .fetch_all(conn)
    .await?)
}

/// The same flow under another name of its sender: files name the sender by BIC or ABI code, the platform by its own.
pub(in crate::reconciliation) async fn known_sender(
    conn: &mut PgConnection,
    entity: EntityId,
    flow: &str,
    regulation: &str,
) -> Result<Option<String>> {
    Ok(sqlx::query_scalar!(
        "select psp_id from remittance_flow
         where entity_id = $1 and flow = $2 and regulation = $3 and regulation <> '' order by imported_at limit 1",
        entity.0,
        flow,
        regulation,
    )
    .fetch_optional(conn)
    .await?)
}

/// Adds a revision with its rows, as said. If it is the one that counts, no former one does any more.
pub(in crate::reconciliation) async fn insert(
    conn: &mut PgConnection,
    entity: EntityId,
    head: &FlowHead,
    rows: &[Row],
) -> Result<()> {
    if head.latest {
        sqlx::query!(
            "update remittance_flow set latest = false, labels = '[]'
             where entity_id = $1 and psp_id = $2 and flow = $3 and latest",
            entity.0,
            head.psp_id,
            head.flow,
        )
        .execute(&mut *conn)
        .await?;
    }
    sqlx::query!(
        "insert into remittance_flow (entity_id, remittance_flow_id, psp_id, psp_name, flow, revision, latest, flow_at,
            published_at, regulation, regulation_on, total_cents, payments, findings, imported_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        entity.0,
        head.id.0,
        head.psp_id,
        head.psp_name,
        head.flow,
        head.revision,
        head.latest,
        head.flow_at,
        head.published_at,
        head.regulation,
        head.regulation_on,
        head.total.0,
        head.payments,
        head.findings,
        head.imported_at,
    )
    .execute(&mut *conn)
    .await?;
    insert_rows(conn, entity, head.id, rows).await
}

async fn insert_rows(
    conn: &mut PgConnection,
    entity: EntityId,
    flow: RemittanceFlowId,
    rows: &[Row],
) -> Result<()> {
    let column = |value: fn(&Row) -> String| rows.iter().map(value).collect::<Vec<String>>();
    let indexes: Vec<i32> = rows.iter().map(|row| row.index).collect();
    let iuvs = column(|row| row.iuv.clone());
    let iurs = column(|row| row.iur.clone());
    let transfers: Vec<Option<i16>> = rows.iter().map(|row| row.transfer_index).collect();
    let amounts: Vec<i64> = rows.iter().map(|row| row.amount.0).collect();
    let outcomes = column(|row| outcome(row.outcome).to_owned());
    let days: Vec<NaiveDate> = rows.iter().map(|row| row.paid_on).collect();
    sqlx::query!(
        "insert into flow_row (entity_id, remittance_flow_id, row_index, iuv, iur, transfer_index, amount_cents, outcome,
            paid_on)
         select $1, $2, * from unnest($3::int[], $4::text[], $5::text[], $6::smallint[], $7::bigint[], $8::text[],
            $9::date[])",
        entity.0,
        flow.0,
        &indexes,
        &iuvs,
        &iurs,
        &transfers as &[Option<i16>],
        &amounts,
        &outcomes,
        &days,
    )
    .execute(conn)
    .await?;
    Ok(())
}

fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Executed => "executed",
        Outcome::Revoked => "revoked",
        Outcome::StandIn => "stand_in",
        Outcome::StandInNoRpt => "stand_in_no_rpt",
        Outcome::NoRpt => "no_rpt",
        Outcome::Unknown => "unknown",
    }
}

/// Keeps what reconciliation says of a flow.
pub(in crate::reconciliation) async fn put_labels(
    conn: &mut PgConnection,
    entity: EntityId,
    flow: RemittanceFlowId,
    labels: &[Tally],
) -> Result<()> {
    let result = sqlx::query!(
        "update remittance_flow set labels = $3 where entity_id = $1 and remittance_flow_id = $2",
        entity.0,
        flow.0,
        Json(labels) as Json<&[Tally]>,
    )
    .execute(conn)
    .await?;
    expect_one(&result, "remittance_flow")
}

/// The flows, by what credits name, with a row (in any revision) of one of these IUVs.
pub(in crate::reconciliation) async fn with_iuvs(
    conn: &mut PgConnection,
    entity: EntityId,
    iuvs: &[String],
) -> Result<Vec<Target>> {
    let rows = sqlx::query!(
        "select distinct f.psp_id, f.flow from remittance_flow f join flow_row r using (entity_id, remittance_flow_id)
         where f.entity_id = $1 and f.latest and r.iuv = any($2)",
        entity.0,
        iuvs,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| Target::Flow { psp_id: row.psp_id, flow: row.flow }).collect())
}

/// The IUVs of some flows, in any of their revisions.
pub(in crate::reconciliation) async fn iuvs(
    conn: &mut PgConnection,
    entity: EntityId,
    flows: &[Uuid],
) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        "select distinct r.iuv from remittance_flow f
         join remittance_flow any_revision using (entity_id, psp_id, flow)
         join flow_row r on r.entity_id = f.entity_id and r.remittance_flow_id = any_revision.remittance_flow_id
         where f.entity_id = $1 and f.remittance_flow_id = any($2)",
        entity.0,
        flows,
    )
    .fetch_all(conn)
    .await?)
}

/// Up to when flows were fetched.
pub(in crate::reconciliation) async fn cursor(
    conn: &mut PgConnection,
    entity: EntityId,
) -> Result<Option<DateTime<Utc>>> {
    Ok(sqlx::query_scalar!("select published_after from flow_cursor where entity_id = $1", entity.0)
        .fetch_optional(conn)
        .await?)
}

/// Keeps up to when flows were fetched; never goes back.
pub(in crate::reconciliation) async fn put_cursor(
    conn: &mut PgConnection,
    entity: EntityId,
    published_after: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "insert into flow_cursor (entity_id, published_after, fetched_at) values ($1, $2, $3)
         on conflict (entity_id) do update
            set published_after = greatest(flow_cursor.published_after, excluded.published_after),
                fetched_at = excluded.fetched_at",
        entity.0,
        published_after,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}
