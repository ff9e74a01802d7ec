//! A Comune with positions and receipts, and peers that speak of them.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use sportello::entity::Entity;
use sportello::ids::{DebtPositionId, PeerMessageId, ProvisionalEntryId, ReceiptId};
use sportello::money::Cents;
use sportello::reconciliation::ledger::{self, Account, Fact};
use sportello::reconciliation::{self, EntryView, Filter, Import, Imported, PlanRow, Scope, Worklist};
use sportello_pagopa::fdr::{Flow, FlowRow, RowOutcome};
use sportello_pagopa::wire::Moment;
use sportello_treasury::simulator::{Credit, EntityData, Entry, Treasurer};
use sqlx::Row as _;
use uuid::Uuid;

use crate::support::TestDb;

pub const FISCAL_CODE: &str = "01234567890";
pub const PSP: &str = "PSPITXX1";

pub struct World {
    pub db: TestDb,
    pub entity: Entity,
    pub treasurer: Treasurer,
    pub today: NaiveDate,
    serial: u64,
}

/// A position: a transfer of a State's and a Comune's share (the identity card's), in 2027.
#[derive(Clone, Debug)]
pub struct Position {
    pub id: DebtPositionId,
    pub iuv: String,
    pub amount: i64,
}

pub const CARD: [(&str, i64); 2] = [("9001", 1679), ("3010", 542)];

impl World {
    pub async fn new() -> Self {
        let db = TestDb::new().await;
        let entity = db.entity("foligno", FISCAL_CODE).await;
        let mut tx = db.app.db.begin(entity.id).await.unwrap();
        sqlx::query("insert into notice_sequence (entity_id, segregation, next_base) values ($1, 1, 1)")
            .bind(entity.id.0)
            .execute(&mut *tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let treasurer = Treasurer::new(
            EntityData {
                fiscal_code: FISCAL_CODE.to_owned(),
                ipa: "UFABC1".to_owned(),
                name: entity.name.clone(),
                istat: "000054018".to_owned(),
                abi: "01234".to_owned(),
                bank_entity_code: "0000001".to_owned(),
                account: "100".to_owned(),
            },
            10_000_000,
        );
        let today = db.app.clock.now().date_naive();
        Self { db, entity, treasurer, today, serial: 0 }
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.db.app.clock.now()
    }

    /// Makes a position over chapters of a year.
    pub async fn position_of(&mut self, shares: &[(&str, i64)], year: i16) -> Position {
        self.serial += 1;
        let iuv = format!("01{:013}{:02}", self.serial, self.serial % 93);
        let id = DebtPositionId::new();
        let amount: i64 = shares.iter().map(|(_, cents)| cents).sum();
        let now = self.now();
        let mut tx = self.db.app.db.begin(self.entity.id).await.unwrap();
        sqlx::query(
            "insert into debt_position (entity_id, debt_position_id, iupd, nav, iuv, amount_cents, description,
                debtor_fiscal_code, debtor_name, due_on, in_advance, created_at)
             values ($1, $2, $3, $4, $5, $6, 'Carta di identità', 'RSSMRA80A01D653X', 'Maria Rossi', $7, true, $8)",
        )
        .bind(self.entity.id.0)
        .bind(id.0)
        .bind(id.to_string())
        .bind(format!("3{iuv}"))
        .bind(&iuv)
        .bind(amount)
        .bind(self.today)
        .bind(now)
        .execute(&mut *tx)
        .await
        .unwrap();
        sqlx::query(
            "insert into position_item (entity_id, debt_position_id, transfer_index, description, taxonomy, iban, amount_cents)
             values ($1, $2, 1, 'Carta di identità', '9/0104100TS/', 'IT60X0542811101000000123456', $3)",
        )
        .bind(self.entity.id.0)
        .bind(id.0)
        .bind(amount)
        .execute(&mut *tx)
        .await
        .unwrap();
        for ((chapter, cents), index) in shares.iter().zip(1_i16..) {
            sqlx::query(
                "insert into position_share (entity_id, debt_position_id, transfer_index, share_index, year, chapter_code,
                    chapter_description, assessment_year, assessment_number, kind, amount_cents)
                 values ($1, $2, 1, $3, $4, $5, 'Diritti', $4, '17', 'own', $6)",
            )
            .bind(self.entity.id.0)
            .bind(id.0)
            .bind(index)
            .bind(year)
            .bind(chapter)
            .bind(cents)
            .execute(&mut *tx)
            .await
            .unwrap();
        }
        let fact = Fact::Issued { position: id, iuv: iuv.clone(), amount: Cents(amount) };
        ledger::book(&mut tx, self.entity.id, fact, now).await.unwrap();
        tx.commit().await.unwrap();
        Position { id, iuv, amount }
    }

    pub async fn card(&mut self) -> Position {
        self.position_of(&CARD, 2027).await
    }

    /// A receipt of a position comes: `first` where the position was open.
    pub async fn receipt(&self, position: &Position, iur: &str, first: bool) {
        self.receipt_of(&position.iuv, Some(position.id), iur, position.amount, first).await;
    }

    pub async fn receipt_of(
        &self,
        iuv: &str,
        position: Option<DebtPositionId>,
        iur: &str,
        cents: i64,
        first: bool,
    ) {
        let (receipt, message, now) = (ReceiptId::new(), PeerMessageId::new(), self.now());
        let mut tx = self.db.app.db.begin(self.entity.id).await.unwrap();
        sqlx::query(
            "insert into peer_message (entity_id, peer_message_id, at, peer, operation, outcome, body)
             values ($1, $2, $3, 'pagopa', 'paSendRTV2', 'accepted', '')",
        )
        .bind(self.entity.id.0)
        .bind(message.0)
        .bind(now)
        .execute(&mut *tx)
        .await
        .unwrap();
        sqlx::query(
            "insert into receipt (entity_id, receipt_id, iur, debt_position_id, nav, iuv, amount_cents, psp_id, psp_name,
                payer_name, paid_at, peer_message_id, received_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, 'Banca', 'Mario Bianchi', $9, $10, $9)",
        )
        .bind(self.entity.id.0)
        .bind(receipt.0)
        .bind(iur)
        .bind(position.map(|id| id.0))
        .bind(format!("3{iuv}"))
        .bind(iuv)
        .bind(cents)
        .bind(PSP)
        .bind(now)
        .bind(message.0)
        .execute(&mut *tx)
        .await
        .unwrap();
        sqlx::query(
            "insert into receipt_transfer (entity_id, receipt_id, transfer_index, beneficiary_fiscal_code, iban,
                amount_cents)
             values ($1, $2, 1, $3, 'IT60X0542811101000000123456', $4)",
        )
        .bind(self.entity.id.0)
        .bind(receipt.0)
        .bind(FISCAL_CODE)
        .bind(cents)
        .execute(&mut *tx)
        .await
        .unwrap();
        let fact = Fact::Paid {
            iur: iur.to_owned(),
            iuv: iuv.to_owned(),
            amount: Cents(cents),
            transfers: vec![(1, Cents(cents))],
            position: position.filter(|_| first),
        };
        ledger::book(&mut tx, self.entity.id, fact, now).await.unwrap();
        reconciliation::rematch(&mut tx, self.entity.id, Scope::Payment { iuv }, now).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// A position that was paid.
    pub async fn paid_card(&mut self, iur: &str) -> Position {
        let position = self.card().await;
        self.receipt(&position, iur, true).await;
        position
    }

    /// A flow of some payments: IUV, IUR, cents.
    pub fn flow(&self, id: &str, revision: i64, payments: &[(&str, &str, i64)]) -> Flow {
        let made_at = self.now() + TimeDelta::hours(revision);
        let row = |((iuv, iur, cents), index): (&(&str, &str, i64), i64)| FlowRow {
            index,
            iuv: (*iuv).to_owned(),
            iur: (*iur).to_owned(),
            transfer_index: Some(1),
            amount_cents: *cents,
            outcome: RowOutcome::Executed,
            paid_on: self.today,
        };
        Flow {
            flow: id.to_owned(),
            revision: Some(revision),
            psp_id: PSP.to_owned(),
            psp_name: Some("Banca".to_owned()),
            flow_date: Moment::Zoned(made_at.fixed_offset()),
            regulation: format!("TRN{id}"),
            regulation_date: self.today,
            bic: None,
            receiver_fiscal_code: FISCAL_CODE.to_owned(),
            total_cents: payments.iter().map(|(_, _, cents)| cents).sum(),
            count: i64::try_from(payments.len()).unwrap(),
            rows: payments.iter().zip(1..).map(row).collect(),
        }
    }

    pub async fn import_flow(&self, flow: &Flow) -> Imported {
        let mut tx = self.db.app.db.begin(self.entity.id).await.unwrap();
        let imported =
            reconciliation::import_flow(&mut tx, &self.entity, flow, None, self.now()).await.unwrap();
        tx.commit().await.unwrap();
        imported
    }

    /// Money comes in: number of the provisional entry, cents, text.
    pub fn credit(&self, number: u64, cents: i64, text: &str) -> Credit {
        Credit {
            number,
            amount_cents: cents,
            date: self.today,
            value_date: self.today,
            payer: "Banca".to_owned(),
            remittance: text.to_owned(),
            end_to_end_id: None,
            instant: false,
        }
    }

    /// The journal of the next day comes.
    pub async fn journal(&mut self, entries: &[Entry]) -> Vec<Import> {
        let pages = self.treasurer.journal(self.today, entries);
        self.today = self.today + Days::new(1);
        let mut imports = Vec::new();
        for page in pages {
            imports.push(self.import_journal(&page).await);
        }
        imports
    }

    pub async fn import_journal(&self, page: &str) -> Import {
        let mut tx = self.db.app.db.begin(self.entity.id).await.unwrap();
        let imported =
            reconciliation::import_journal(&mut tx, &self.entity, page.as_bytes(), self.now()).await.unwrap();
        tx.commit().await.unwrap();
        imported
    }

    pub async fn entry_id(&self, number: i64) -> ProvisionalEntryId {
        let mut tx = self.db.app.db.begin(self.entity.id).await.unwrap();
        let row = sqlx::query(
            "select provisional_entry_id from provisional_entry where year = 2027 and number = $1",
        )
        .bind(number)
        .fetch_one(&mut *tx)
        .await
        .unwrap();
        ProvisionalEntryId(row.get::<Uuid, _>(0))
    }

    /// Reads an entry; whatever else a test looks at, its plan and differences make its amount, and its files can be written.
    pub async fn entry(&self, number: i64) -> EntryView {
        let id = self.entry_id(number).await;
        let mut tx = self.db.app.db.begin(self.entity.id).await.unwrap();
        let view = reconciliation::entry(&mut tx, &self.entity, id, self.now()).await.unwrap();
        let rows = view.rows.iter().map(|row| row.amount);
        let total: Cents = rows.chain(view.differences.iter().map(|difference| difference.amount)).sum();
        assert_eq!(total, view.summary.entry.amount, "the plan of entry {number}");
        reconciliation::plan_csv(&mut tx, &self.entity, id, self.now()).await.unwrap();
        reconciliation::detail_csv(&mut tx, &self.entity, id, self.now()).await.unwrap();
        view
    }

    /// Keeps that the plan with this digest was sent; without one, the plan as it is.
    pub async fn send_plan(&self, number: i64, seen: Option<&str>) -> sportello::Result<bool> {
        let (id, now) = (self.entry_id(number).await, self.entry(number).await.plan_sha256);
        let mut tx = self.db.app.db.begin(self.entity.id).await?;
        let seen = (id, seen.unwrap_or(&now));
        let sent = reconciliation::mark_plan_sent(&mut tx, &self.entity, seen, self.now()).await?;
        tx.commit().await?;
        Ok(sent)
    }

    pub async fn worklist(&self) -> Worklist {
        let mut tx = self.db.app.db.begin(self.entity.id).await.unwrap();
        reconciliation::worklist(&mut tx, &self.entity, &Filter::default(), self.now()).await.unwrap()
    }

    /// What the sub-accounts of an account that are not at zero stand at, in cents.
    pub async fn balances(&self, account: Account) -> Vec<i64> {
        let mut tx = self.db.app.db.begin(self.entity.id).await.unwrap();
        let found = ledger::balances(&mut tx, self.entity.id, account).await.unwrap();
        let mut cents: Vec<i64> = found.into_iter().map(|balance| balance.amount.0).collect();
        cents.sort_unstable();
        cents
    }

    /// Everything is looked at again: nothing may change.
    pub async fn nothing_changes_when_all_is_looked_at_again(&self) {
        let before = self.snapshot().await;
        let mut tx = self.db.app.db.begin(self.entity.id).await.unwrap();
        reconciliation::rematch(&mut tx, self.entity.id, Scope::Everything, self.now()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(before, self.snapshot().await);
    }

    async fn snapshot(&self) -> Vec<String> {
        let mut tx = self.db.app.db.begin(self.entity.id).await.unwrap();
        sqlx::query_scalar(
            "select to_jsonb(t)::text from ledger_transaction t
             union all select to_jsonb(t)::text from ledger_balance t
             union all select to_jsonb(t)::text from entry_match t
             union all select to_jsonb(t)::text from provisional_entry t
             union all select to_jsonb(t)::text from remittance_flow t order by 1",
        )
        .fetch_all(&mut *tx)
        .await
        .unwrap()
    }
}

/// Chapter and cents of each row of a plan.
pub fn amounts(rows: &[PlanRow]) -> Vec<(&str, i64)> {
    rows.iter().map(|row| (row.line.chapter.as_str(), row.amount.0)).collect()
}

/// The text of a flow's transfer.
pub fn text(progressive: u8, flow: &str) -> String {
    format!("/PUR/LGPE-RIVERSAMENTO/TXT/{progressive}/URI/{flow}")
}
