//! Journals, provisional entries and their movements.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use sportello_treasury::journal::Journal;
use sqlx::PgConnection;
use sqlx::types::Json;

use crate::error::{Error, Result};
use crate::ids::{EntityId, ProvisionalEntryId, ProvisionalMovementId, TreasuryJournalId};
use crate::money::Cents;
use crate::reconciliation::journal::EntryTold;
use crate::reconciliation::label::Tally;
use crate::reconciliation::refusal::impossible_number;
use crate::reconciliation::state::{Change, Movement, Source, Standing, State, Told, counting};

/// Keeps the head of a journal file; `false` where this very file is there.
pub(in crate::reconciliation) async fn insert_journal(
    conn: &mut PgConnection,
    entity: EntityId,
    id: TreasuryJournalId,
    sha256: &[u8],
    journal: &Journal,
    now: DateTime<Utc>,
) -> Result<bool> {
    let count = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
    let result = sqlx::query!(
        "insert into treasury_journal (entity_id, treasury_journal_id, sha256, bank_flow_id, page, pages, year,
            reference_on, movements, imported_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (entity_id, sha256) do nothing",
        entity.0,
        id.0,
        sha256,
        journal.bank_flow_id,
        count(journal.page),
        count(journal.pages),
        i16::try_from(journal.year).map_err(|_| impossible_number())?,
        journal.reference_date,
        i32::try_from(journal.movements.len()).unwrap_or(i32::MAX),
        now,
    )
    .execute(conn)
    .await?;
    Ok(result.rows_affected() == 1)
}

/// The treasurer's receipts that a movement of an entry names.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::reconciliation) struct Receipts {
    /// The receipt of what opens the entry.
    pub opened: Option<i64>,
    /// The receipt that is taken back.
    pub reversed: Option<i64>,
}

/// Keeps a movement; one that the file told before stands.
pub(in crate::reconciliation) async fn insert_movement(
    conn: &mut PgConnection,
    entity: EntityId,
    journal: TreasuryJournalId,
    (year, number): (i16, i64),
    movement: &Movement,
    receipts: Receipts,
) -> Result<()> {
    sqlx::query!(
        "insert into provisional_movement (entity_id, provisional_movement_id, year, number, treasury_journal_id, source,
            movement, position, change, amount_cents, moved_on, receipt, reversed_receipt)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         on conflict (entity_id, year, number, source, movement, change, moved_on, amount_cents, treasury_journal_id)
            do nothing",
        entity.0,
        ProvisionalMovementId::new().0,
        year,
        number,
        journal.0,
        movement.source.as_str(),
        movement.movement,
        movement.position,
        movement.change.as_str(),
        movement.amount.map(|amount| amount.0),
        movement.moved_on,
        receipts.opened,
        receipts.reversed,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Keeps what is told of an entry: the movement that opened it says it best, any other only where none has yet.
pub(in crate::reconciliation) async fn put_told(
    conn: &mut PgConnection,
    entity: EntityId,
    (year, number): (i16, i64),
    told: &EntryTold,
    is_opening: bool,
) -> Result<()> {
    sqlx::query!(
        "insert into provisional_entry as e (entity_id, provisional_entry_id, year, number, amount_cents, booked_on,
            value_on, payer, remittance, end_to_end_id, operation_reference, reference_kind, reference, certainty)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
         on conflict (entity_id, year, number) do update set amount_cents = excluded.amount_cents,
            booked_on = excluded.booked_on, value_on = excluded.value_on, payer = excluded.payer,
            remittance = excluded.remittance, end_to_end_id = excluded.end_to_end_id,
            operation_reference = excluded.operation_reference, reference_kind = excluded.reference_kind,
            reference = excluded.reference, certainty = excluded.certainty
         where $15",
        entity.0,
        ProvisionalEntryId::new().0,
        year,
        number,
        told.amount.0,
        told.booked_on,
        told.value_on,
        told.payer,
        told.remittance,
        told.end_to_end_id,
        told.operation_reference,
        told.reference.as_ref().map(|(kind, _)| *kind),
        told.reference.as_ref().map(|(_, reference)| reference.as_str()),
        told.certainty,
        is_opening,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The entries that were opened under one of these receipts, or that a reversal of one of them is numbered as.
pub(in crate::reconciliation) async fn with_receipts(
    conn: &mut PgConnection,
    entity: EntityId,
    year: i16,
    receipts: &[i64],
) -> Result<Vec<i64>> {
    Ok(sqlx::query_scalar!(
        "select number from provisional_movement where entity_id = $1 and year = $2 and receipt = any($3)
         union select number from provisional_movement
            where entity_id = $1 and year = $2 and reversed_receipt = any($3)",
        entity.0,
        year,
        receipts,
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .flatten()
    .collect())
}

/// The movements of an entry that count. A reversal may have a number of its own: it is of the entry whose receipt it names.
pub(in crate::reconciliation) async fn movements(
    conn: &mut PgConnection,
    entity: EntityId,
    (year, number): (i16, i64),
) -> Result<Vec<Movement>> {
    let told = sqlx::query!(
        r#"select m.source as "source: Source", m.movement, m.position, m.change as "change: Change",
            m.amount_cents as "amount: Cents", m.moved_on, j.reference_on,
            m.treasury_journal_id as "file: TreasuryJournalId"
         from provisional_movement m join treasury_journal j using (entity_id, treasury_journal_id)
         where m.entity_id = $1 and m.year = $2
            and (m.number = $3 or m.reversed_receipt in (select o.receipt from provisional_movement o
                where o.entity_id = $1 and o.year = $2 and o.number = $3))
            and coalesce((select min(o.number) from provisional_movement o
                where o.entity_id = $1 and o.year = $2 and o.receipt = m.reversed_receipt), m.number) = $3
         order by j.imported_at, j.treasury_journal_id, m.position, m.provisional_movement_id"#,
        entity.0,
        year,
        number,
    )
    .map(|row| Told {
        movement: Movement {
            source: row.source,
            movement: row.movement,
            position: row.position,
            change: row.change,
            amount: row.amount,
            moved_on: row.moved_on,
        },
        file: row.file,
        day: row.reference_on,
    })
    .fetch_all(conn)
    .await?;
    Ok(counting(told))
}

/// Keeps what the movements of an entry add up to; `None` where there is no such entry.
pub(in crate::reconciliation) async fn put_standing(
    conn: &mut PgConnection,
    entity: EntityId,
    (year, number): (i16, i64),
    standing: &Standing,
) -> Result<Option<ProvisionalEntryId>> {
    Ok(sqlx::query_scalar!(
        r#"update provisional_entry set state = $4, amount_cents = $5, regularised_cents = $6
         where entity_id = $1 and year = $2 and number = $3
         returning provisional_entry_id as "id: ProvisionalEntryId""#,
        entity.0,
        year,
        number,
        standing.state.as_str(),
        standing.amount.0,
        standing.regularised.0,
    )
    .fetch_optional(conn)
    .await?)
}

/// A provisional entry.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// Its identifier.
    pub id: ProvisionalEntryId,
    /// Fiscal year.
    pub year: i16,
    /// Its number in the year.
    pub number: i64,
    /// How much.
    pub amount: Cents,
    /// When the money came in.
    pub booked_on: NaiveDate,
    /// Value date.
    pub value_on: Option<NaiveDate>,
    /// Who paid.
    pub payer: String,
    /// Its text, as it came.
    pub remittance: String,
    /// The end-to-end id; empty: not said.
    pub end_to_end_id: String,
    /// The transfer's number; empty: not said.
    pub operation_reference: String,
    /// Where it is in its life.
    pub state: State,
    /// How much of it orders cover.
    pub regularised: Cents,
    /// What was read in the text.
    pub reference: Option<String>,
    /// How sure: `exact`, `inferred`, `none`.
    pub certainty: String,
    /// What reconciliation says of it, the gravest first.
    pub labels: Json<Vec<Tally>>,
    /// When its plan was sent.
    pub plan_sent_at: Option<DateTime<Utc>>,
    /// Which plan that was.
    #[serde(skip)]
    pub plan_sha256: Option<Vec<u8>>,
    /// The flow it is of; empty: none.
    pub psp_id: Option<String>,
    /// The flow it is of.
    pub flow: Option<String>,
    /// Or the payment.
    pub iuv: Option<String>,
}

macro_rules! entry_query {
    ($condition:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            Entry,
            r#"select e.provisional_entry_id as "id: ProvisionalEntryId", e.year, e.number,
                e.amount_cents as "amount: Cents", e.booked_on, e.value_on, e.payer, e.remittance, e.end_to_end_id,
                e.operation_reference, e.state as "state: State", e.regularised_cents as "regularised: Cents",
                e.reference, e.certainty, e.labels as "labels: Json<Vec<Tally>>", e.plan_sent_at, e.plan_sha256,
                nullif(m.psp_id, '') as psp_id, nullif(m.flow, '') as flow, nullif(m.iuv, '') as iuv
             from provisional_entry e left join entry_match m using (entity_id, provisional_entry_id)
             where e.entity_id = $1 and "# + $condition,
            $($argument),*
        )
    };
}

/// By identifier.
pub(in crate::reconciliation) async fn by_id(
    conn: &mut PgConnection,
    entity: EntityId,
    id: ProvisionalEntryId,
) -> Result<Entry> {
    entry_query!("e.provisional_entry_id = $2", entity.0, id.0)
        .fetch_optional(conn)
        .await?
        .ok_or(Error::NotFound("provisional_entry"))
}

/// Some entries, in the order in which they came.
pub(in crate::reconciliation) async fn of_ids(
    conn: &mut PgConnection,
    entity: EntityId,
    ids: &[uuid::Uuid],
) -> Result<Vec<Entry>> {
    Ok(entry_query!("e.provisional_entry_id = any($2) order by e.booked_on, e.year, e.number", entity.0, ids)
        .fetch_all(conn)
        .await?)
}

/// Which entries the work list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only of this fiscal year.
    pub year: Option<i16>,
    /// Where they are in their life.
    pub which: Which,
    /// Also entries that have nothing to do with pagoPA.
    pub all_payers: bool,
    /// Only those of this number, flow, payment or payer; empty: any.
    pub search: String,
}

/// Where the entries of a work list are in their life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    /// They wait for the accountant.
    #[default]
    Open,
    /// Something about them does not agree.
    Differing,
    /// Orders cover them.
    Regularised,
    /// Any.
    All,
}

impl Which {
    fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Differing => "differing",
            Self::Regularised => "regularised",
            Self::All => "all",
        }
    }
}

/// The entries of a work list: those that wait the oldest first, any others the newest.
pub(in crate::reconciliation) async fn filtered(
    conn: &mut PgConnection,
    entity: EntityId,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<Entry>> {
    Ok(entry_query!(
        r#"($2::smallint is null or e.year = $2)
            and case $3 when 'open' then e.state = 'open' when 'regularised' then e.state = 'regularised'
                when 'differing' then e.state <> 'cancelled'
                    and jsonb_path_exists(e.labels, '$[*] ? (@.severity == "error")')
                else true end
            and ($4 or e.reference is not null or m.entry_match_id is not null)
            and ($5 = '' or e.number::text = $5 or m.iuv = $5 or position(upper($5) in upper(e.payer)) > 0
                or position(upper($5) in upper(coalesce(m.flow, e.reference))) > 0
                or (m.psp_id, m.flow) in (select f.psp_id, f.flow
                    from flow_row r join remittance_flow f using (entity_id, remittance_flow_id)
                    where r.entity_id = $1 and r.iuv = $5 and f.latest))
         order by case when $3 = 'open' then e.booked_on - date '2000-01-01' else date '2000-01-01' - e.booked_on end,
            e.year, e.number limit $6"#,
        entity.0,
        filter.year,
        filter.which.as_str(),
        filter.all_payers,
        filter.search,
        limit
    )
    .fetch_all(conn)
    .await?)
}

/// Keeps that the plan of an entry was sent, and which one.
pub(in crate::reconciliation) async fn put_plan_sent(
    conn: &mut PgConnection,
    entity: EntityId,
    id: ProvisionalEntryId,
    plan_sha256: &str,
    at: DateTime<Utc>,
) -> Result<()> {
    let result = sqlx::query!(
        "update provisional_entry set plan_sent_at = $3, plan_sha256 = decode($4, 'hex')
         where entity_id = $1 and provisional_entry_id = $2",
        entity.0,
        id.0,
        at,
        plan_sha256,
    )
    .execute(conn)
    .await?;
    crate::error::expect_one(&result, "provisional_entry")
}
