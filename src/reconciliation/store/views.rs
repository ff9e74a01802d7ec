//! What the accountant's pages read besides.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use sqlx::PgConnection;
use sqlx::types::Json;

use crate::error::Result;
use crate::ids::{AppointmentId, DebtPositionId, EntityId, SiteId};
use crate::money::Cents;
use crate::reconciliation::matching::Target;
use crate::text::Text;

/// Every flow, and every payment that an entry names.
pub(in crate::reconciliation) async fn latest_targets(
    conn: &mut PgConnection,
    entity: EntityId,
) -> Result<Vec<Target>> {
    let flows =
        sqlx::query!("select psp_id, flow from remittance_flow where entity_id = $1 and latest", entity.0)
            .fetch_all(&mut *conn)
            .await?;
    let iuvs = sqlx::query_scalar!(
        "select distinct iuv from entry_match where entity_id = $1 and iuv <> ''",
        entity.0
    )
    .fetch_all(conn)
    .await?;
    let flows = flows.into_iter().map(|row| Target::Flow { psp_id: row.psp_id, flow: row.flow });
    Ok(flows.chain(iuvs.into_iter().map(|iuv| Target::Payment { iuv })).collect())
}

/// The payments among these IUVs that an entry names.
pub(in crate::reconciliation) async fn payment_targets(
    conn: &mut PgConnection,
    entity: EntityId,
    iuvs: &[String],
) -> Result<Vec<Target>> {
    let found = sqlx::query_scalar!(
        "select distinct iuv from entry_match where entity_id = $1 and iuv <> '' and iuv = any($2)",
        entity.0,
        iuvs,
    )
    .fetch_all(conn)
    .await?;
    Ok(found.into_iter().map(|iuv| Target::Payment { iuv }).collect())
}

/// The appointments, with their sites, whose unpaid positions have one of these IUVs, and of which no operator has been told
/// that they were paid without a receipt.
pub(in crate::reconciliation) async fn paid_without_receipt(
    conn: &mut PgConnection,
    entity: EntityId,
    iuvs: &[String],
) -> Result<Vec<(AppointmentId, SiteId)>> {
    Ok(sqlx::query!(
        r#"select a.appointment_id as "appointment: AppointmentId", a.site_id as "site: SiteId"
         from debt_position p join appointment a using (entity_id, appointment_id)
         where p.entity_id = $1 and p.iuv = any($2) and p.state in ('issued', 'published')
            and not exists (select from task t where t.entity_id = a.entity_id
                and t.appointment_id = a.appointment_id and t.kind = 'paid_without_receipt')"#,
        entity.0,
        iuvs,
    )
    .map(|row| (row.appointment, row.site))
    .fetch_all(conn)
    .await?)
}

/// What was paid, as people know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Paid {
    /// The position.
    pub position: DebtPositionId,
    /// Its IUV.
    pub iuv: String,
    /// Its notice number.
    pub nav: String,
    /// What it is for.
    pub description: String,
    /// Who owed it.
    pub debtor_name: String,
    /// How much.
    pub amount: Cents,
    /// When it was made.
    pub issued_at: DateTime<Utc>,
    /// `issued`, `published`, `paid` or `cancelled`.
    pub state: String,
    /// The appointment it is for.
    pub appointment: Option<AppointmentId>,
    /// Its code.
    pub appointment_code: Option<String>,
    /// Where it is: the site's slug.
    pub site: Option<String>,
    /// The service's name.
    pub service: Option<Json<Text>>,
}

/// The positions of some IUVs.
pub(in crate::reconciliation) async fn paid(
    conn: &mut PgConnection,
    entity: EntityId,
    iuvs: &[String],
) -> Result<Vec<Paid>> {
    Ok(sqlx::query_as!(
        Paid,
        r#"select p.debt_position_id as "position: DebtPositionId", p.iuv, p.nav, p.description, p.debtor_name,
            p.amount_cents as "amount: Cents", p.created_at as issued_at, p.state,
            a.appointment_id as "appointment?: AppointmentId", a.code as "appointment_code?",
            t.slug as "site?", s.name as "service?: Json<Text>"
         from debt_position p
         left join appointment a on a.entity_id = p.entity_id and a.appointment_id = p.appointment_id
         left join site t on t.entity_id = a.entity_id and t.site_id = a.site_id
         left join service s on s.entity_id = a.entity_id and s.service_id = a.service_id
         where p.entity_id = $1 and p.iuv = any($2) order by p.created_at"#,
        entity.0,
        iuvs,
    )
    .fetch_all(conn)
    .await?)
}

/// A receipt as the accountant sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReceiptView {
    /// The platform's id of it.
    pub iur: String,
    /// IUV.
    pub iuv: String,
    /// How much.
    pub amount: Cents,
    /// Through whom.
    pub psp_name: String,
    /// Who paid; empty: the debtor.
    pub payer_name: String,
    /// When.
    pub paid_at: DateTime<Utc>,
    /// When the proof came.
    pub received_at: DateTime<Utc>,
    /// The position it pays.
    pub position: Option<DebtPositionId>,
}

/// The receipts of some IUVs, in the order in which they came.
pub(in crate::reconciliation) async fn receipts(
    conn: &mut PgConnection,
    entity: EntityId,
    iuvs: &[String],
) -> Result<Vec<ReceiptView>> {
    Ok(sqlx::query_as!(
        ReceiptView,
        r#"select iur, iuv, amount_cents as "amount: Cents", psp_name, payer_name, paid_at, received_at,
            debt_position_id as "position: DebtPositionId"
         from receipt where entity_id = $1 and iuv = any($2) order by received_at, receipt_id"#,
        entity.0,
        iuvs,
    )
    .fetch_all(conn)
    .await?)
}

/// Sums over all that waits for the accountant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Provisional entries that wait, of pagoPA.
    pub open_entries: i64,
    /// What they amount to, less what orders cover already.
    pub open: Cents,
    /// Of these, past the 60 days.
    pub overdue_entries: i64,
    /// Flows without a credit.
    pub flows_without_entry: i64,
    /// What they amount to.
    pub not_credited: Cents,
    /// Paid, and not in the treasury.
    pub in_transit: Cents,
    /// In how many sub-accounts: too much in one and too little in another leave the sum at zero.
    pub in_transit_open: i64,
    /// In the treasury, or receipts, of nothing that can be named.
    pub unidentified: Cents,
    /// In how many sub-accounts.
    pub unidentified_open: i64,
    /// Days of the journal of which not all pages are there.
    pub incomplete_journals: i64,
}

/// Sums up; entries booked before `deadline_from` are overdue.
pub(in crate::reconciliation) async fn totals(
    conn: &mut PgConnection,
    entity: EntityId,
    deadline_from: NaiveDate,
) -> Result<Totals> {
    Ok(sqlx::query_as!(
        Totals,
        r#"select e.open_entries as "open_entries!", e.open as "open!: Cents", e.overdue_entries as "overdue_entries!",
            f.flows_without_entry as "flows_without_entry!", f.not_credited as "not_credited!: Cents",
            b.in_transit as "in_transit!: Cents", b.in_transit_open as "in_transit_open!",
            b.unidentified as "unidentified!: Cents", b.unidentified_open as "unidentified_open!",
            j.incomplete_journals as "incomplete_journals!"
         from (select count(*) as open_entries, coalesce(sum(amount_cents - regularised_cents), 0)::bigint as open,
                count(*) filter (where booked_on < $2) as overdue_entries
            from provisional_entry e left join entry_match m using (entity_id, provisional_entry_id)
            where e.entity_id = $1 and e.state = 'open' and (e.reference is not null or m.entry_match_id is not null)) e,
         (select count(*) as flows_without_entry, coalesce(sum(total_cents), 0)::bigint as not_credited
            from remittance_flow f where f.entity_id = $1 and f.latest and not exists (select from entry_match m
                where m.entity_id = f.entity_id and m.psp_id = f.psp_id and m.flow = f.flow)) f,
         (select coalesce(sum(amount_cents) filter (where account = 'in_transit'), 0)::bigint as in_transit,
                count(*) filter (where account = 'in_transit') as in_transit_open,
                coalesce(-sum(amount_cents) filter (where account = 'unidentified'), 0)::bigint as unidentified,
                count(*) filter (where account = 'unidentified') as unidentified_open
            from ledger_balance where entity_id = $1 and amount_cents <> 0) b,
         (select count(*) as incomplete_journals from (select from treasury_journal where entity_id = $1
            group by split_part(bank_flow_id, '#', 1) having count(distinct page) < max(pages)) days) j"#,
        entity.0,
        deadline_from,
    )
    .fetch_one(conn)
    .await?)
}
