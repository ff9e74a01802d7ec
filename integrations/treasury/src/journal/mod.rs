//! The treasurer's cash journal (*giornale di cassa*) of the OPI standard, versions 1.4 to 1.8.
//!
//! The versions differ in few elements (`domain/treasury.md` §2.1), so there is one parser: it looks at element names,
//! ignores what it does not know, and is strict only about what money and matching depend on. Amounts are exact cents.
//!
//! Sources: `OPI_GIORNALE_DI_CASSA_V_1_4.xsd` … `V_1_8.xsd` (AgID, SIOPE+ technical rules).

mod document;
mod read;
mod value;

use chrono::{NaiveDate, NaiveDateTime};
use serde::Serialize;

/// The most bytes [`parse`] reads: a movement takes some 2.5 kB in the official samples, so about 20,000 movements.
pub const MAX_BYTES: usize = 50 * 1024 * 1024;

/// Reads one page of a journal, up to [`MAX_BYTES`].
///
/// # Errors
/// See [`JournalError`]; nothing is returned from a page that cannot be read in full.
pub fn parse(bytes: &[u8]) -> Result<Journal, JournalError> {
    parse_limited(bytes, MAX_BYTES)
}

/// Reads one page of a journal, refusing more than `max_bytes`.
///
/// # Errors
/// See [`JournalError`].
pub fn parse_limited(bytes: &[u8], max_bytes: usize) -> Result<Journal, JournalError> {
    if bytes.len() > max_bytes {
        return Err(JournalError::TooLarge { bytes: bytes.len(), max_bytes });
    }
    let text = document::decode(bytes)?;
    read::journal(&text)
}

/// One page of a journal: the movements of a day (of a period, before 1.5) of one entity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Journal {
    /// The bank's own id of the flow (`identificativo_flusso_BT`).
    pub bank_flow_id: String,
    /// This page, from 1. Files before 1.5 may omit it: then 1.
    pub page: u32,
    /// How many pages the journal has. The day is complete only when all were read.
    pub pages: u32,
    /// The fiscal year (`esercizio`): with its number, it identifies a provisional entry.
    pub year: i32,
    /// The day the movements belong to; the last day of the period in 1.4.
    pub reference_date: NaiveDate,
    /// The first day of the period, in 1.4 only.
    pub period_start: Option<NaiveDate>,
    /// The entity's fiscal code: 11 to 16 capital letters or digits.
    pub entity_fiscal_code: String,
    /// The entity's office code in the index of public administrations (IPA): 6 capital letters or digits in 1.6.1 and later.
    pub entity_ipa: String,
    /// The entity's name as the bank writes it.
    pub entity_name: Option<String>,
    /// The treasurer bank's ABI code, 5 digits.
    pub abi: String,
    /// When the bank made the file, as written (its own local time).
    pub created_at: NaiveDateTime,
    /// The accounts, in the order of the file.
    pub accounts: Vec<Account>,
    /// Every movement of every account, in the order of the file.
    pub movements: Vec<Movement>,
    /// The balance over all accounts, if stated.
    pub balance: Balance,
    /// What is odd but does not stop the reading.
    pub findings: Vec<Finding>,
}

/// One account of the entity (`conto_evidenza`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Account {
    /// The treasurer's code of the account.
    pub code: String,
    /// Its description, if any.
    pub description: Option<String>,
    /// The day's balance, if stated.
    pub balance: Balance,
}

/// What the treasurer states as totals, in cents; every part is optional in the standard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Balance {
    /// Before the day.
    pub previous_cents: Option<i64>,
    /// Income of the day.
    pub income_cents: Option<i64>,
    /// Outcome of the day.
    pub outcome_cents: Option<i64>,
    /// After the day.
    pub final_cents: Option<i64>,
}

/// One movement (`movimento_conto_evidenza`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Movement {
    /// The account it moves.
    pub account: String,
    /// The journal's fiscal year.
    pub year: i32,
    /// The id of the flow the movement came from (absent before 1.5).
    pub flow_id: Option<String>,
    /// The treasurer's number of the movement (absent before 1.5).
    pub number: Option<u64>,
    /// Income or outcome.
    pub direction: Direction,
    /// What is moved.
    pub document_type: DocumentType,
    /// What happened to it.
    pub operation: Operation,
    /// The number of the document: of a provisional entry, the number that orders refer to.
    pub document_number: u64,
    /// The payer within an order, from 1; 0 for everything that is not an order.
    pub document_item: Option<u64>,
    /// The amount in cents, with the sign of the file.
    pub amount_cents: i64,
    /// The treasurer's receipt (`numero_bolletta_quietanza`).
    pub receipt_number: Option<u64>,
    /// The receipt this movement reverses (`numero_bolletta_quietanza_storno`); zeros in the file mean none.
    pub reversed_receipt_number: Option<u64>,
    /// The accounting date.
    pub date: NaiveDate,
    /// The value date for the entity.
    pub value_date: Option<NaiveDate>,
    /// When the provisional entry really came in (`data_effettiva_sospeso`).
    pub provisional_date: Option<NaiveDate>,
    /// How it was executed, in the treasurer's words (`SEPA CREDIT TRANSFER`, `CASSA`, `AVVISO PAGOPA`…).
    pub execution_type: Option<String>,
    /// The bank's reference of the operation: the TRN of a credit transfer, the platform's *regolamento*.
    pub operation_reference: Option<String>,
    /// The end-to-end id of the credit transfer, at most 35 characters (since 1.4).
    pub end_to_end_id: Option<String>,
    /// The other party.
    pub payer: Option<String>,
    /// The other party's fiscal or VAT code.
    pub payer_fiscal_code: Option<String>,
    /// The text of the transfer (`causale`): see [`crate::remittance`].
    pub remittance: String,
    /// The provisional entries an order closes.
    pub provisional_refs: Vec<ProvisionalRef>,
}

/// A provisional entry named by an order (`sospeso`, or `numero_sospeso` in 1.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ProvisionalRef {
    /// Its number in the journal's year.
    pub number: u64,
    /// How much of it is meant; 1.4 does not say.
    pub amount_cents: Option<i64>,
}

/// `tipo_movimento`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// `ENTRATA`
    Income,
    /// `USCITA`
    Outcome,
}

/// `tipo_documento`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentType {
    /// `REVERSALE`: an order of collection
    CollectionOrder,
    /// `MANDATO`: an order of payment
    PaymentOrder,
    /// `SOSPESO ENTRATA`: a provisional entry of income
    ProvisionalIncome,
    /// `SOSPESO USCITA`: a provisional entry of outcome
    ProvisionalOutcome,
    /// `ANTICIPAZIONE`
    Advance,
    /// `GIROCONTO`
    Transfer,
    /// `FONDO DI CASSA`
    CashFund,
    /// `DEFICIT DI CASSA`
    CashDeficit,
}

/// `tipo_operazione`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// `ESEGUITO`
    Executed,
    /// `STORNATO`
    Reversed,
    /// `REGOLARIZZATO`
    Regularised,
    /// `RIPRISTINATO`
    Reinstated,
}

/// What happened to one provisional entry of income.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ProvisionalChange {
    /// The fiscal year the number belongs to.
    pub year: i32,
    /// The number of the provisional entry.
    pub number: u64,
    /// What happened.
    pub kind: ProvisionalChangeKind,
    /// How much, in cents and never negative; `None` where a 1.4 order names an entry without an amount.
    pub amount_cents: Option<i64>,
}

/// See [`Movement::provisional_change`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProvisionalChangeKind {
    /// Money came in without an order.
    Opened,
    /// The treasurer took the entry back.
    Cancelled,
    /// Orders cover the amount.
    Regularised,
    /// A regularisation was undone: the amount waits for an order again.
    Reopened,
}

impl Movement {
    /// What this movement says of the provisional entry of income it *is* (`SOSPESO ENTRATA`); `None` for any other document.
    ///
    /// | operation | meaning | source |
    /// |---|---|---|
    /// | executed | opened | the reading of Piattaforma Unitaria, and forum.italia.it "SIOPE+ e pagoPA" (t/2870) |
    /// | executed, negative amount | cancelled | treasurers that write reversals so; Piattaforma Unitaria sets such entries aside |
    /// | reversed | cancelled | as the first |
    /// | regularised | regularised | inferred from the names; TUEL art. 180 c. 4 |
    /// | reinstated | reopened | inferred from the names |
    ///
    /// The number is `numero_documento`, which the `sospeso` of an order refers to, not the receipt's.
    #[must_use]
    pub fn provisional_change(&self) -> Option<ProvisionalChange> {
        if (self.direction, self.document_type) != (Direction::Income, DocumentType::ProvisionalIncome) {
            return None;
        }
        let kind = match self.operation {
            Operation::Executed if self.amount_cents < 0 => ProvisionalChangeKind::Cancelled,
            Operation::Executed => ProvisionalChangeKind::Opened,
            Operation::Reversed => ProvisionalChangeKind::Cancelled,
            Operation::Regularised => ProvisionalChangeKind::Regularised,
            Operation::Reinstated => ProvisionalChangeKind::Reopened,
        };
        Some(ProvisionalChange {
            year: self.year,
            number: self.document_number,
            kind,
            amount_cents: Some(self.amount_cents.abs()),
        })
    }

    /// What this movement says of the provisional entries it *names*: a collection order that closes them.
    ///
    /// The schemas allow a regularisation to be reported on the entry, on the order (CNR's accounting system takes orders
    /// both executed and regularised), or on both: apply a change as a state of the entry, not as a further amount. An order that is executed or regularised
    /// closes what it names; one that is reversed or reinstated opens it again.
    #[must_use]
    pub fn order_changes(&self) -> Vec<ProvisionalChange> {
        if (self.direction, self.document_type) != (Direction::Income, DocumentType::CollectionOrder) {
            return Vec::new();
        }
        let kind = match self.operation {
            Operation::Executed | Operation::Regularised => ProvisionalChangeKind::Regularised,
            Operation::Reversed | Operation::Reinstated => ProvisionalChangeKind::Reopened,
        };
        let change = |entry: &ProvisionalRef| ProvisionalChange {
            year: self.year,
            number: entry.number,
            kind,
            amount_cents: entry.amount_cents.map(i64::abs),
        };
        self.provisional_refs.iter().map(change).collect()
    }
}

/// Something odd in a journal that was read: shown to the accountant, never corrected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "finding")]
pub enum Finding {
    /// Previous balance + income − outcome is not the final balance; `account` is `None` for the overall balance.
    BalanceDoesNotAddUp {
        /// The account's code.
        account: Option<String>,
        /// The final balance stated, minus the one computed, in cents.
        difference_cents: i64,
    },
    /// Two movements of one account carry the same number.
    MovementRepeated {
        /// The account's code.
        account: String,
        /// The number.
        number: u64,
    },
    /// The period ends before it starts.
    PeriodReversed,
}

/// A place in the decoded text, both from 1; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Why a file is not a journal that can be read. No variant carries the file's own values.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Nothing to read.
    #[error("the file is empty")]
    Empty,
    /// More than the caller allows.
    #[error("the file has {bytes} bytes, more than the {max_bytes} allowed")]
    TooLarge {
        /// The size of the file.
        bytes: usize,
        /// The limit.
        max_bytes: usize,
    },
    /// Another kind of file.
    #[error("not XML: the file is {0}")]
    NotXml(&'static str),
    /// The XML declaration names an encoding that is not known.
    #[error("the XML declaration names an unknown character encoding")]
    UnknownEncoding,
    /// The bytes contradict the encoding.
    #[error("the bytes are not valid in the file's character encoding")]
    NotInEncoding(#[source] quick_xml::encoding::EncodingError),
    /// Not well-formed XML.
    #[error("{at}: the XML is not well-formed")]
    Malformed {
        /// Where.
        at: Position,
        /// What the XML reader found.
        #[source]
        source: quick_xml::Error,
    },
    /// The document stops before its root element is closed.
    #[error("{at}: the document ends before </flusso_giornale_di_cassa>")]
    Unfinished {
        /// Where.
        at: Position,
    },
    /// Something follows the root element: another document, or what is left of a transfer that went wrong.
    #[error("{at}: the document goes on after </flusso_giornale_di_cassa>")]
    TrailingContent {
        /// Where.
        at: Position,
    },
    /// Elements are nested beyond reason.
    #[error("{at}: the document is nested deeper than {depth_max} elements")]
    TooDeep {
        /// Where.
        at: Position,
        /// The limit.
        depth_max: usize,
    },
    /// A document type declaration: refused, as it is how entities attack a reader.
    #[error("{at}: a document type declaration is refused")]
    DocumentType {
        /// Where.
        at: Position,
    },
    /// A reference to an entity other than the five of XML, or to a character XML does not allow.
    #[error("{at}: the reference to an entity or character is refused")]
    Reference {
        /// Where.
        at: Position,
    },
    /// Well-formed XML of another kind.
    #[error("{at}: the root element is not <flusso_giornale_di_cassa>")]
    NotAJournal {
        /// Where.
        at: Position,
    },
    /// A needed element is absent or empty.
    #[error("{at}: <{element}> is missing")]
    Missing {
        /// Where the record that lacks it starts.
        at: Position,
        /// The element's name.
        element: &'static str,
    },
    /// A value cannot be what its element says.
    #[error("{at}: <{element}> {reason}")]
    Invalid {
        /// Where.
        at: Position,
        /// The element's name.
        element: &'static str,
        /// Why.
        reason: &'static str,
    },
}
