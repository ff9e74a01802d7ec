//! A treasurer for the demonstration and the tests: it keeps the year's totals and writes the journal of a day, as the
//! official schemas of 1.6.1 and 1.8 have it, whole pages with correct balances.
//!
//! The schemas ask for a signature. This one has its shape and signs nothing: whoever reads a real journal checks the
//! signature of the bank before, not here.

mod xml;

use chrono::{Days, NaiveDate};

/// The version of the OPI standard to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// 1.6.1, in force from 2022.
    V1_6_1,
    /// 1.8, in force from October 2025: it knows instant credit transfers.
    V1_8,
}

/// The entity and its treasurer, as the head of a journal names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityData {
    /// Fiscal code, 11 to 16 capital letters or digits.
    pub fiscal_code: String,
    /// Office code in the index of public administrations (IPA), 6 capital letters or digits: not the `c_…` code of the entity.
    pub ipa: String,
    /// Name.
    pub name: String,
    /// ISTAT code, 9 to 15 digits.
    pub istat: String,
    /// The treasurer bank's ABI code, 5 digits.
    pub abi: String,
    /// The bank's code of the entity.
    pub bank_entity_code: String,
    /// The account's code, at most 25 characters.
    pub account: String,
}

/// Money that came in without an order: a provisional entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credit {
    /// The number of the provisional entry in its year.
    pub number: u64,
    /// The amount, in cents, above zero.
    pub amount_cents: i64,
    /// The accounting date.
    pub date: NaiveDate,
    /// The value date.
    pub value_date: NaiveDate,
    /// Who paid.
    pub payer: String,
    /// The text of the transfer, not empty.
    pub remittance: String,
    /// The end-to-end id, 1 to 35 characters.
    pub end_to_end_id: Option<String>,
    /// An instant credit transfer (said as such from 1.8 on).
    pub instant: bool,
}

/// What happens to a provisional entry on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// The money comes in.
    Credited(Credit),
    /// The bank takes it back.
    Reversed(Credit),
    /// A collection order covers it.
    Regularised {
        /// The entry.
        credit: Credit,
        /// The order's number.
        order_number: u64,
    },
    /// The regularisation is undone.
    Reinstated {
        /// The entry.
        credit: Credit,
        /// The order's number.
        order_number: u64,
    },
}

/// One line of the journal.
struct Line<'a> {
    credit: &'a Credit,
    number: u64,
    receipt: u64,
    /// The order, where the line is of the order and not of the entry.
    order_number: Option<u64>,
    operation: &'static str,
    execution: &'static str,
}

/// The day's balance of the account and what the year has seen so far, in cents.
#[derive(Clone, Copy, Debug, Default)]
struct Totals {
    fund: i64,
    previous: i64,
    income: i64,
    orders: i64,
    provisional: i64,
}

/// A treasurer's books of one entity and one year.
#[derive(Clone, Debug)]
pub struct Treasurer {
    entity: EntityData,
    version: Version,
    lines_per_page: usize,
    last_number: u64,
    totals: Totals,
}

impl Treasurer {
    /// A treasurer that opens the year with this cash (`fondo di cassa`, in cents) and writes 1.8.
    #[must_use]
    pub fn new(entity: EntityData, fund_cents: i64) -> Self {
        let totals = Totals { fund: fund_cents, previous: fund_cents, ..Totals::default() };
        Self { entity, version: Version::V1_8, lines_per_page: 500, last_number: 0, totals }
    }

    /// Writes this version instead.
    #[must_use]
    pub fn with_version(mut self, version: Version) -> Self {
        self.version = version;
        self
    }

    /// Starts a new page after this many movements (at least one).
    #[must_use]
    pub fn with_lines_per_page(mut self, lines: usize) -> Self {
        self.lines_per_page = lines.max(1);
        self
    }

    /// The journal of a day, page by page, as made by the bank the following night.
    ///
    /// What is reversed or regularised must have been credited before: the totals of the year cannot be negative in the
    /// schema.
    pub fn journal(&mut self, date: NaiveDate, entries: &[Entry]) -> Vec<String> {
        let lines: Vec<Line<'_>> = entries.iter().flat_map(|entry| self.lines(entry)).collect();
        let mut pages: Vec<&[Line<'_>]> = lines.chunks(self.lines_per_page).collect();
        if pages.is_empty() {
            pages.push(&[]);
        }
        let made_on = date.checked_add_days(Days::new(1)).unwrap_or(date);
        let write = |(index, page): (usize, &&[Line<'_>])| {
            xml::page(self, (date, made_on), (index + 1, pages.len()), page)
        };
        let written = pages.iter().enumerate().map(write).collect();
        self.totals.previous += self.totals.income;
        self.totals.income = 0;
        written
    }

    /// The movements of an entry; the totals move with them.
    fn lines<'a>(&mut self, entry: &'a Entry) -> Vec<Line<'a>> {
        match entry {
            Entry::Credited(credit) => {
                self.totals.income += credit.amount_cents;
                self.totals.provisional += credit.amount_cents;
                vec![self.line(credit, None, "ESEGUITO")]
            }
            Entry::Reversed(credit) => {
                self.totals.income -= credit.amount_cents;
                self.totals.provisional -= credit.amount_cents;
                vec![self.line(credit, None, "STORNATO")]
            }
            Entry::Regularised { credit, order_number } => {
                self.totals.provisional -= credit.amount_cents;
                self.totals.orders += credit.amount_cents;
                let entry = self.line(credit, None, "REGOLARIZZATO");
                vec![entry, self.line(credit, Some(*order_number), "ESEGUITO")]
            }
            Entry::Reinstated { credit, order_number } => {
                self.totals.provisional += credit.amount_cents;
                self.totals.orders -= credit.amount_cents;
                let entry = self.line(credit, None, "RIPRISTINATO");
                vec![entry, self.line(credit, Some(*order_number), "STORNATO")]
            }
        }
    }

    fn line<'a>(
        &mut self,
        credit: &'a Credit,
        order_number: Option<u64>,
        operation: &'static str,
    ) -> Line<'a> {
        self.last_number += 1;
        let execution = match (order_number, self.version) {
            (Some(_), _) => "REGOLARIZZAZIONE",
            (None, Version::V1_8) if credit.instant => "SEPA INSTANT CREDIT TRANSFER",
            (None, _) => "SEPA CREDIT TRANSFER",
        };
        Line {
            credit,
            number: self.last_number,
            receipt: 70_000 + self.last_number,
            order_number,
            operation,
            execution,
        }
    }
}

/// Where the official schemas and samples are, for the tests: beside the workspace, or where `SPORTELLO_SHARED` says.
#[cfg(test)]
pub(crate) fn shared_specs() -> Option<std::path::PathBuf> {
    let beside = || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("SPORTELLO_SHARED").map_or_else(beside, Into::into);
    Some(shared.join("specs")).filter(|specs| specs.is_dir())
}

#[cfg(test)]
mod tests;
