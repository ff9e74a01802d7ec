//! What provisional entries are of.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::error::{Result, expect_one};
use crate::ids::{EntityId, EntryMatchId, ProvisionalEntryId};
use crate::money::Cents;
use crate::reconciliation::label::Tally;
use crate::reconciliation::matching::{Certainty, FlowCandidate, PaymentCandidate, Target};
use crate::reconciliation::state::State;

/// What rematching reads of an entry.
#[derive(Clone, Debug)]
pub(in crate::reconciliation) struct Candidate {
    /// Which.
    pub id: ProvisionalEntryId,
    /// How much.
    pub amount: Cents,
    /// When.
    pub booked_on: NaiveDate,
    /// Its text.
    pub remittance: String,
    /// The transfer's number.
    pub operation_reference: String,
    /// Where it is in its life.
    pub state: State,
    /// Which plan was sent.
    pub plan_sha256: Option<Vec<u8>>,
    /// What it is of, as found before.
    pub target: Option<Target>,
    /// How sure that was.
    pub certainty: Option<Certainty>,
}

/// A match as its columns say it.
pub(in crate::reconciliation) fn target(psp_id: String, flow: String, iuv: String) -> Target {
    if iuv.is_empty() { Target::Flow { psp_id, flow } } else { Target::Payment { iuv } }
}

macro_rules! candidate_query {
    ($condition:literal $(, $argument:expr)*) => {
        sqlx::query!(
            r#"select e.provisional_entry_id as "id: ProvisionalEntryId", e.amount_cents as "amount: Cents", e.booked_on,
                e.remittance, e.operation_reference, e.state as "state: State", e.plan_sha256,
                m.psp_id as "psp_id?", m.flow as "flow?", m.iuv as "iuv?", m.certainty as "certainty?: Certainty"
             from provisional_entry e left join entry_match m using (entity_id, provisional_entry_id)
             where e.entity_id = $1 and "# + $condition + " order by e.provisional_entry_id",
            $($argument),*
        )
        .map(|row| Candidate {
            id: row.id,
            amount: row.amount,
            booked_on: row.booked_on,
            remittance: row.remittance,
            operation_reference: row.operation_reference,
            state: row.state,
            plan_sha256: row.plan_sha256,
            target: match (row.psp_id, row.flow, row.iuv) {
                (Some(psp_id), Some(flow), Some(iuv)) => Some(target(psp_id, flow, iuv)),
                _ => None,
            },
            certainty: row.certainty,
        })
    };
}

/// All entries.
pub(in crate::reconciliation) async fn all(
    conn: &mut PgConnection,
    entity: EntityId,
) -> Result<Vec<Candidate>> {
    Ok(candidate_query!("true", entity.0).fetch_all(conn).await?)
}

/// Some entries.
pub(in crate::reconciliation) async fn of_entries(
    conn: &mut PgConnection,
    entity: EntityId,
    ids: &[Uuid],
) -> Result<Vec<Candidate>> {
    Ok(candidate_query!("e.provisional_entry_id = any($2)", entity.0, ids).fetch_all(conn).await?)
}

/// The entries that are, or could be, of some flows and payments. A broken id has readings that are shorter and longer than
/// its first.
pub(in crate::reconciliation) async fn of_targets(
    conn: &mut PgConnection,
    entity: EntityId,
    targets: &BTreeSet<Target>,
) -> Result<Vec<Candidate>> {
    let (mut psps, mut flows, mut iuvs) = (Vec::new(), Vec::new(), Vec::new());
    for target in targets {
        match target {
            Target::Flow { psp_id, flow } => {
                psps.push(psp_id.clone());
                flows.push(flow.clone());
            }
            Target::Payment { iuv } => iuvs.push(iuv.clone()),
        }
    }
    Ok(candidate_query!(
        "(exists (select from unnest($2::text[], $3::text[]) f (psp_id, flow)
            where (m.psp_id, m.flow) = (f.psp_id, f.flow)
            or (e.reference_kind in ('flow', 'flow_prefix')
                and (starts_with(upper(f.flow), upper(e.reference)) or starts_with(upper(e.reference), upper(f.flow)))))
        or (e.operation_reference <> '' and e.operation_reference in (select f.regulation from remittance_flow f
            where f.entity_id = $1 and (f.psp_id, f.flow) in (select * from unnest($2::text[], $3::text[]))))
        or exists (select from unnest($4::text[]) p (iuv) where m.iuv = p.iuv
            or (e.reference_kind in ('iuv', 'iuv_prefix')
                and (starts_with(upper(p.iuv), upper(e.reference)) or starts_with(upper(e.reference), upper(p.iuv))))))",
        entity.0,
        &psps,
        &flows,
        &iuvs
    )
    .fetch_all(conn)
    .await?)
}

/// The flows (each revision by itself) with one of these ids, beginnings or transfers. Ids and beginnings in capitals.
pub(in crate::reconciliation) async fn flow_candidates(
    conn: &mut PgConnection,
    entity: EntityId,
    ids: &[String],
    prefixes: &[String],
    regulations: &[String],
) -> Result<Vec<FlowCandidate>> {
    Ok(sqlx::query_as!(
        FlowCandidate,
        r#"select psp_id, flow, total_cents as "total: Cents", regulation, regulation_on from remittance_flow
         where entity_id = $1 and (upper(flow) = any($2) or (regulation <> '' and regulation = any($4))
            or exists (select from unnest($3::text[]) prefix where starts_with(upper(flow), prefix)))
         order by psp_id, flow, revision"#,
        entity.0,
        ids,
        prefixes,
        regulations,
    )
    .fetch_all(conn)
    .await?)
}

/// The payments whose receipts have one of these IUVs or beginnings, with what the receipt brings the entity.
pub(in crate::reconciliation) async fn payment_candidates(
    conn: &mut PgConnection,
    entity: EntityId,
    iuvs: &[String],
    prefixes: &[String],
) -> Result<Vec<PaymentCandidate>> {
    Ok(sqlx::query_as!(
        PaymentCandidate,
        r#"select r.iuv, sum(t.amount_cents)::bigint as "amount!: Cents"
         from receipt r join receipt_transfer t using (entity_id, receipt_id) join entity e using (entity_id)
         where r.entity_id = $1 and t.beneficiary_fiscal_code = e.fiscal_code and t.iban is not null
            and (r.iuv = any($2)
            or exists (select from unnest($3::text[]) prefix where starts_with(r.iuv, prefix)))
         group by r.iuv, r.receipt_id order by r.iuv, r.receipt_id"#,
        entity.0,
        iuvs,
        prefixes,
    )
    .fetch_all(conn)
    .await?)
}

/// Keeps what an entry is of.
pub(in crate::reconciliation) async fn put(
    conn: &mut PgConnection,
    entity: EntityId,
    entry: ProvisionalEntryId,
    found: (&Target, Certainty),
    now: DateTime<Utc>,
) -> Result<()> {
    let (psp_id, flow, iuv) = match found.0 {
        Target::Flow { psp_id, flow } => (psp_id.as_str(), flow.as_str(), ""),
        Target::Payment { iuv } => ("", "", iuv.as_str()),
    };
    sqlx::query!(
        "insert into entry_match (entity_id, entry_match_id, provisional_entry_id, psp_id, flow, iuv, certainty, matched_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (entity_id, provisional_entry_id) do update set psp_id = excluded.psp_id, flow = excluded.flow,
            iuv = excluded.iuv, certainty = excluded.certainty, matched_at = excluded.matched_at",
        entity.0,
        EntryMatchId::new().0,
        entry.0,
        psp_id,
        flow,
        iuv,
        found.1.as_str(),
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// An entry is of nothing that is known.
pub(in crate::reconciliation) async fn remove(
    conn: &mut PgConnection,
    entity: EntityId,
    entry: ProvisionalEntryId,
) -> Result<()> {
    sqlx::query!(
        "delete from entry_match where entity_id = $1 and provisional_entry_id = $2",
        entity.0,
        entry.0,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Keeps what reconciliation says of an entry.
pub(in crate::reconciliation) async fn put_labels(
    conn: &mut PgConnection,
    entity: EntityId,
    entry: ProvisionalEntryId,
    labels: &[Tally],
) -> Result<()> {
    let result = sqlx::query!(
        "update provisional_entry set labels = $3 where entity_id = $1 and provisional_entry_id = $2",
        entity.0,
        entry.0,
        Json(labels) as Json<&[Tally]>,
    )
    .execute(conn)
    .await?;
    expect_one(&result, "provisional_entry")
}

/// One reconciliation of an entity at a time, until the transaction ends: a receipt and the flow that reports it may come
/// at the same instant, and each must see the other or be seen by it.
pub(in crate::reconciliation) async fn lock(conn: &mut PgConnection, entity: EntityId) -> Result<()> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 0))", format!("{entity}/reconciliation"))
        .fetch_one(conn)
        .await?;
    Ok(())
}
