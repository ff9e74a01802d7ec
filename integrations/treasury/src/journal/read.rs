//! From elements to the journal.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Visitor, position, walk};
use super::{
    Account, Balance, Direction, DocumentType, Finding, Journal, JournalError, Movement, Operation,
    ProvisionalRef, value,
};

/// Reads the decoded text of one page.
pub(super) fn journal(text: &str) -> Result<Journal, JournalError> {
    let mut builder = Builder {
        text,
        header: Fields::new(text, 0),
        account: None,
        movement: None,
        accounts: Vec::new(),
        movements: Vec::new(),
    };
    walk(text, &mut builder)?;
    builder.finish()
}

/// The leaf elements of one record, by name, with the byte each starts at.
struct Fields<'t> {
    text: &'t str,
    at: usize,
    values: BTreeMap<String, (String, usize)>,
    provisional_refs: Vec<ProvisionalRef>,
}

impl<'t> Fields<'t> {
    fn new(text: &'t str, at: usize) -> Self {
        Self { text, at, values: BTreeMap::new(), provisional_refs: Vec::new() }
    }

    /// Banks do not agree on the case of names: they are kept in lower case.
    fn get(&self, element: &str) -> Option<&(String, usize)> {
        self.values.get(&element.to_ascii_lowercase())
    }

    fn string(&self, element: &str) -> Option<String> {
        self.get(element).map(|(value, _)| value.clone())
    }

    fn missing(&self, element: &'static str) -> JournalError {
        JournalError::Missing { at: position(self.text, self.at), element }
    }

    fn invalid(&self, element: &'static str, reason: &'static str) -> JournalError {
        let at = self.get(element).map_or(self.at, |(_, at)| *at);
        JournalError::Invalid { at: position(self.text, at), element, reason }
    }

    fn parsed<T>(
        &self,
        element: &'static str,
        reason: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, JournalError> {
        let Some((value, _)) = self.get(element) else {
            return Ok(None);
        };
        parse(value).map(Some).ok_or_else(|| self.invalid(element, reason))
    }

    fn required<T>(
        &self,
        element: &'static str,
        reason: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<T, JournalError> {
        self.parsed(element, reason, parse)?.ok_or_else(|| self.missing(element))
    }

    fn required_string(&self, element: &'static str) -> Result<String, JournalError> {
        self.string(element).ok_or_else(|| self.missing(element))
    }

    fn cents(&self, element: &'static str) -> Result<Option<i64>, JournalError> {
        self.parsed(element, "is not an amount with at most two decimals", value::cents)
    }

    fn number(&self, element: &'static str) -> Result<Option<u64>, JournalError> {
        self.parsed(element, "is not a number of at most 18 digits", number)
    }

    fn balance(&self, elements: [&'static str; 4]) -> Result<Balance, JournalError> {
        let [previous, income, outcome, last] = elements;
        Ok(Balance {
            previous_cents: self.cents(previous)?,
            income_cents: self.cents(income)?,
            outcome_cents: self.cents(outcome)?,
            final_cents: self.cents(last)?,
        })
    }
}

struct Builder<'t> {
    text: &'t str,
    header: Fields<'t>,
    account: Option<Fields<'t>>,
    movement: Option<Fields<'t>>,
    accounts: Vec<Account>,
    movements: Vec<Movement>,
}

impl Visitor for Builder<'_> {
    fn open(&mut self, name: &str, at: usize) {
        match name {
            "informazioni_conto_evidenza" => self.account = Some(Fields::new(self.text, at)),
            "movimento_conto_evidenza" => self.movement = Some(Fields::new(self.text, at)),
            _ => {}
        }
    }

    fn close(&mut self, name: &str, text: &str, at: usize) -> Result<(), JournalError> {
        match name {
            "informazioni_conto_evidenza" => {
                if let Some(fields) = self.account.take() {
                    self.accounts.push(account(&fields)?);
                }
            }
            "movimento_conto_evidenza" => {
                if let Some(fields) = self.movement.take() {
                    let account =
                        self.account.as_ref().unwrap_or(&self.header).required_string("conto_evidenza")?;
                    self.movements.push(movement(&fields, account)?);
                }
            }
            "sospeso" => {
                if let Some(fields) = &mut self.movement {
                    let entry = provisional_ref(fields)?;
                    fields.provisional_refs.push(entry);
                    fields.values.remove("numero_provvisorio");
                    fields.values.remove("importo_provvisorio");
                }
            }
            _ if text.is_empty() => {}
            _ => {
                let in_movement = self.movement.is_some();
                let fields = self.movement.as_mut().or(self.account.as_mut()).unwrap_or(&mut self.header);
                let previous = fields.values.insert(name.to_owned(), (text.to_owned(), at));
                // Two amounts in one movement: neither can be trusted.
                if in_movement && previous.is_some() {
                    return Err(fields.invalid("movimento_conto_evidenza", "gives one of its elements twice"));
                }
            }
        }
        Ok(())
    }
}

impl Builder<'_> {
    fn finish(self) -> Result<Journal, JournalError> {
        let header = &self.header;
        let (page, pages) = pages(header)?;
        let period_start = header.parsed("data_inizio_periodo_riferimento", NOT_A_DATE, value::date)?;
        let reference_date = match header.parsed("data_riferimento_GdC", NOT_A_DATE, value::date)? {
            Some(day) => day,
            None => header
                .parsed("data_fine_periodo_riferimento", NOT_A_DATE, value::date)?
                .ok_or_else(|| header.missing("data_riferimento_GdC"))?,
        };
        let year = header.required("esercizio", "is not a year from 1999 to 2099", year)?;
        let mut journal = Journal {
            bank_flow_id: header.required_string("identificativo_flusso_BT")?,
            page,
            pages,
            year,
            reference_date,
            period_start,
            entity_fiscal_code: header.required(
                "codice_fiscale_ente",
                "is not an entity's fiscal code",
                fiscal_code,
            )?,
            entity_ipa: header.required_string("codice_ente")?,
            entity_name: header.string("descrizione_ente"),
            abi: header.required("codice_ABI_BT", "is not five digits", abi)?,
            created_at: header.required(
                "data_ora_creazione_flusso",
                "is not a date and time",
                value::date_time,
            )?,
            balance: header.balance([
                "saldo_complessivo_precedente",
                "totale_complessivo_entrate",
                "totale_complessivo_uscite",
                "saldo_complessivo_finale",
            ])?,
            accounts: self.accounts,
            movements: self.movements,
            findings: Vec::new(),
        };
        for movement in &mut journal.movements {
            movement.year = year;
        }
        journal.findings = findings(&journal);
        Ok(journal)
    }
}

const NOT_A_DATE: &str = "is not a date";

/// The page and how many there are; both are optional in 1.4 and count from 1.
fn pages(header: &Fields<'_>) -> Result<(u32, u32), JournalError> {
    let reason = "is not a page number from 1";
    let parse = |text: &str| text.parse::<u32>().ok().filter(|page| *page > 0);
    let page = header.parsed("pagina", reason, parse)?.unwrap_or(1);
    let pages = header.parsed("pagine_totali", reason, parse)?.unwrap_or(page);
    if page > pages {
        return Err(header.invalid("pagina", "is beyond the last page"));
    }
    Ok((page, pages))
}

fn account(fields: &Fields<'_>) -> Result<Account, JournalError> {
    Ok(Account {
        code: fields.required_string("conto_evidenza")?,
        description: fields.string("descrizione_conto_evidenza"),
        balance: fields.balance([
            "saldo_precedente_conto_evidenza",
            "totale_entrate_conto_evidenza",
            "totale_uscite_conto_evidenza",
            "saldo_finale_conto_evidenza",
        ])?,
    })
}

fn movement(fields: &Fields<'_>, account: String) -> Result<Movement, JournalError> {
    let amount_cents = fields.cents("importo")?.ok_or_else(|| fields.missing("importo"))?;
    let document_number = fields.number("numero_documento")?;
    let mut provisional_refs = fields.provisional_refs.clone();
    // 1.4 names one entry, without an amount.
    provisional_refs.extend(
        fields
            .number("numero_sospeso")?
            .filter(|number| *number > 0)
            .map(|number| ProvisionalRef { number, amount_cents: None }),
    );
    Ok(Movement {
        account,
        // Known at the end of the page: the header may follow in files that do not keep the order.
        year: 0,
        flow_id: fields.string("identificativo_flusso"),
        number: fields.number("numero_movimento")?,
        direction: fields.required("tipo_movimento", UNKNOWN, direction)?,
        document_type: fields.required("tipo_documento", UNKNOWN, document_type)?,
        operation: fields.required("tipo_operazione", UNKNOWN, operation)?,
        document_number: document_number.ok_or_else(|| fields.missing("numero_documento"))?,
        document_item: fields.number("progressivo_documento")?,
        amount_cents,
        receipt_number: fields.number("numero_bolletta_quietanza")?,
        reversed_receipt_number: fields
            .number("numero_bolletta_quietanza_storno")?
            .filter(|number| *number > 0),
        date: fields.required("data_movimento", NOT_A_DATE, value::date)?,
        value_date: fields.parsed("data_valuta_ente", NOT_A_DATE, value::date)?,
        provisional_date: fields.parsed("data_effettiva_sospeso", NOT_A_DATE, value::date)?,
        execution_type: fields.string("tipo_esecuzione"),
        operation_reference: fields.string("codice_riferimento_operazione"),
        end_to_end_id: fields.string("end_to_end_id"),
        payer: fields.string("anagrafica_cliente"),
        payer_fiscal_code: fields
            .string("codice_fiscale_cliente")
            .or_else(|| fields.string("partita_iva_cliente")),
        remittance: fields.string("causale").unwrap_or_default(),
        provisional_refs,
    })
}

const UNKNOWN: &str = "has a value the OPI standard does not know";

fn provisional_ref(fields: &Fields<'_>) -> Result<ProvisionalRef, JournalError> {
    let number = fields.number("numero_provvisorio")?;
    Ok(ProvisionalRef {
        number: number.ok_or_else(|| fields.missing("numero_provvisorio"))?,
        amount_cents: fields.cents("importo_provvisorio")?,
    })
}

fn findings(journal: &Journal) -> Vec<Finding> {
    let mut findings = Vec::new();
    if journal.period_start.is_some_and(|start| start > journal.reference_date) {
        findings.push(Finding::PeriodReversed);
    }
    let overall = std::iter::once((None, journal.balance));
    let accounts = journal.accounts.iter().map(|account| (Some(account.code.clone()), account.balance));
    for (account, balance) in overall.chain(accounts) {
        if let Some(difference_cents) = balance.difference_cents().filter(|difference| *difference != 0) {
            findings.push(Finding::BalanceDoesNotAddUp { account, difference_cents });
        }
    }
    let mut seen = BTreeSet::new();
    for movement in &journal.movements {
        if let Some(number) = movement.number.filter(|number| !seen.insert((&movement.account, *number))) {
            findings.push(Finding::MovementRepeated { account: movement.account.clone(), number });
        }
    }
    findings
}

impl Balance {
    /// The final balance stated minus the one computed; `None` unless all four parts are stated.
    fn difference_cents(&self) -> Option<i64> {
        let computed =
            self.previous_cents?.checked_add(self.income_cents?)?.checked_sub(self.outcome_cents?)?;
        self.final_cents?.checked_sub(computed)
    }
}

fn number(text: &str) -> Option<u64> {
    let digits = text.trim_start_matches('0');
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) && digits.len() <= 18;
    plain.then(|| digits.parse().unwrap_or(0))
}

fn year(text: &str) -> Option<i32> {
    text.parse().ok().filter(|year| (1999..=2099).contains(year))
}

/// `[A-Z0-9]{11,16}`, as OPI_GLOBAL_V_1_6_1.xsd has it.
fn fiscal_code(text: &str) -> Option<String> {
    let plain = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    (plain && (11..=16).contains(&text.len())).then(|| text.to_owned())
}

fn abi(text: &str) -> Option<String> {
    (text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.to_owned())
}

fn direction(text: &str) -> Option<Direction> {
    Some(match text {
        "ENTRATA" => Direction::Income,
        "USCITA" => Direction::Outcome,
        _ => return None,
    })
}

fn document_type(text: &str) -> Option<DocumentType> {
    Some(match text {
        "REVERSALE" => DocumentType::CollectionOrder,
        "MANDATO" => DocumentType::PaymentOrder,
        "SOSPESO ENTRATA" => DocumentType::ProvisionalIncome,
        "SOSPESO USCITA" => DocumentType::ProvisionalOutcome,
        "ANTICIPAZIONE" => DocumentType::Advance,
        "GIROCONTO" => DocumentType::Transfer,
        "FONDO DI CASSA" => DocumentType::CashFund,
        "DEFICIT DI CASSA" => DocumentType::CashDeficit,
        _ => return None,
    })
}

fn operation(text: &str) -> Option<Operation> {
    Some(match text {
        "ESEGUITO" => Operation::Executed,
        "STORNATO" => Operation::Reversed,
        "REGOLARIZZATO" => Operation::Regularised,
        "RIPRISTINATO" => Operation::Reinstated,
        _ => return None,
    })
}
