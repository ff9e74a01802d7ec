//! What rows of flows, receipts and positions say, by IUV.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::Result;
use crate::ids::{DebtPositionId, EntityId, ProvisionalEntryId, RemittanceFlowId};
use crate::money::Cents;
use crate::reconciliation::explain::{BudgetLine, Knowledge, Outcome, Row, Share, Transfer};
use crate::reconciliation::matching::Target;
use crate::reconciliation::plan::Credit;

/// A row with where it stands.
#[derive(Clone, Debug)]
pub(in crate::reconciliation) struct Reported {
    /// In which flow: the latest revision.
    pub flow: RemittanceFlowId,
    /// The flow's name.
    pub name: String,
    /// The row.
    pub row: Row,
}

macro_rules! rows_query {
    ($condition:literal $(, $argument:expr)*) => {
        sqlx::query!(
            r#"select f.remittance_flow_id as "flow: RemittanceFlowId", f.flow as name, r.row_index, r.iuv, r.iur,
                r.transfer_index, r.amount_cents as "amount: Cents", r.outcome as "outcome: Outcome", r.paid_on
             from remittance_flow f join flow_row r using (entity_id, remittance_flow_id)
             where f.entity_id = $1 and f.latest and "# + $condition
                + " order by f.flow_at, f.remittance_flow_id, r.row_index",
            $($argument),*
        )
        .map(|row| Reported {
            flow: row.flow,
            name: row.name,
            row: Row {
                index: row.row_index,
                iuv: row.iuv,
                iur: row.iur,
                transfer_index: row.transfer_index,
                amount: row.amount,
                outcome: row.outcome,
                paid_on: row.paid_on,
            },
        })
    };
}

/// The rows of some flows, in the order of reporting.
pub(in crate::reconciliation) async fn rows_of_flows(
    conn: &mut PgConnection,
    entity: EntityId,
    flows: &[Uuid],
) -> Result<Vec<Reported>> {
    Ok(rows_query!("f.remittance_flow_id = any($2)", entity.0, flows).fetch_all(conn).await?)
}

/// The rows of some IUVs in all flows, in the order of reporting.
pub(in crate::reconciliation) async fn rows_of_iuvs(
    conn: &mut PgConnection,
    entity: EntityId,
    iuvs: &[String],
) -> Result<Vec<Reported>> {
    Ok(rows_query!("r.iuv = any($2)", entity.0, iuvs).fetch_all(conn).await?)
}

/// What the entity knows of some IUVs.
pub(in crate::reconciliation) async fn knowledge(
    conn: &mut PgConnection,
    entity: EntityId,
    iuvs: &[String],
) -> Result<Knowledge> {
    let transfers = sqlx::query_as!(
        Transfer,
        r#"select r.iuv, r.iur, t.transfer_index as index, t.amount_cents as "amount: Cents",
            r.debt_position_id as "position: DebtPositionId",
            not exists (select from receipt earlier
                where earlier.entity_id = r.entity_id and earlier.debt_position_id = r.debt_position_id
                and (earlier.received_at, earlier.receipt_id) < (r.received_at, r.receipt_id)) as "is_first!",
            r.payer_name, r.paid_at
         from receipt r join receipt_transfer t using (entity_id, receipt_id) join entity e using (entity_id)
         where r.entity_id = $1 and r.iuv = any($2) and t.beneficiary_fiscal_code = e.fiscal_code
            and t.iban is not null -- stamp duty goes to the State, and no flow reports it
         order by r.received_at, r.receipt_id, t.transfer_index"#,
        entity.0,
        iuvs,
    )
    .fetch_all(&mut *conn)
    .await?;
    let shares = sqlx::query!(
        r#"select p.debt_position_id as "position: DebtPositionId", p.iuv, s.transfer_index, s.share_index, s.year,
            s.chapter_code, s.chapter_article, s.chapter_description, s.assessment_year, s.assessment_number, s.pdc,
            s.siope, s.kind, s.amount_cents as "amount: Cents"
         from debt_position p join position_share s using (entity_id, debt_position_id)
         where p.entity_id = $1 and p.iuv = any($2)
         order by p.debt_position_id, s.transfer_index, s.share_index"#,
        entity.0,
        iuvs,
    )
    .map(|row| Share {
        position: row.position,
        iuv: row.iuv,
        transfer_index: row.transfer_index,
        share_index: row.share_index,
        line: BudgetLine {
            year: row.year,
            chapter: row.chapter_code,
            article: row.chapter_article,
            assessment_year: row.assessment_year,
            assessment_number: row.assessment_number,
            pdc: row.pdc,
            siope: row.siope,
            is_third_party: row.kind == "third_party",
        },
        description: row.chapter_description,
        amount: row.amount,
    })
    .fetch_all(&mut *conn)
    .await?;
    Ok(Knowledge { transfers, shares, segregations: segregations(conn, entity).await? })
}

/// The segregation codes the entity's notices have, or had.
pub(in crate::reconciliation) async fn segregations(
    conn: &mut PgConnection,
    entity: EntityId,
) -> Result<Vec<i16>> {
    Ok(sqlx::query_scalar!(
        r#"select segregation as "segregation!" from notice_sequence where entity_id = $1
         union select (settings ->> 'segregation')::smallint from integration
            where entity_id = $1 and kind = 'pagopa' and settings ->> 'segregation' is not null"#,
        entity.0,
    )
    .fetch_all(conn)
    .await?)
}

/// The credits of some targets, in the order in which they came.
pub(in crate::reconciliation) async fn credits(
    conn: &mut PgConnection,
    entity: EntityId,
    targets: &[Target],
) -> Result<Vec<(Target, Credit)>> {
    let flows: Vec<String> = targets.iter().filter_map(|t| matches_flow(t).map(str::to_owned)).collect();
    let iuvs: Vec<String> = targets
        .iter()
        .filter_map(|target| match target {
            Target::Payment { iuv } => Some(iuv.clone()),
            Target::Flow { .. } => None,
        })
        .collect();
    let rows = sqlx::query!(
        r#"select m.psp_id, m.flow, m.iuv, e.provisional_entry_id as "entry: ProvisionalEntryId", e.year,
            e.amount_cents as "amount: Cents",
            (e.state = 'regularised' or (e.plan_sent_at is not null
                and not e.labels @> '[{"label": "PLAN_CHANGED"}]')) as "is_regularised!"
         from entry_match m join provisional_entry e using (entity_id, provisional_entry_id)
         where m.entity_id = $1 and (m.flow = any($2) or (m.iuv <> '' and m.iuv = any($3)))
         order by e.booked_on, e.year, e.number"#,
        entity.0,
        &flows,
        &iuvs,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let credit = Credit {
                entry: row.entry,
                year: row.year,
                amount: row.amount,
                is_regularised: row.is_regularised,
            };
            (super::matches::target(row.psp_id, row.flow, row.iuv), credit)
        })
        .collect())
}

fn matches_flow(target: &Target) -> Option<&str> {
    match target {
        Target::Flow { flow, .. } => Some(flow),
        Target::Payment { .. } => None,
    }
}
