//! `sportello inspect …`: what a number, a text or a file says, as JSON on standard output. What cannot be read is an
//! error that says exactly why.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde::Serialize;
use serde_json::{Value, json};
use sportello_pagopa::fdr;
use sportello_pagopa::notice::Nav;
use sportello_pagopa::taxonomy::{Taxonomy, TaxonomyCode};
use sportello_treasury::journal;
use sportello_treasury::remittance::{self, Certainty, Reference};

use super::{Outcome, print};

/// The codes the demonstration uses: what `inspect taxonomy` looks in when it is given no table.
const DEMO_TAXONOMY: &str = include_str!("../../config/demo/taxonomy.csv");
/// Files larger than this are refused unread.
const FILE_BYTES_MAX: u64 = 50 * 1024 * 1024;

/// What to look at.
#[derive(Subcommand)]
pub enum Command {
    /// A notice number (NAV, 18 digits).
    Notice {
        /// As printed, blanks allowed.
        nav: String,
    },
    /// The text of a credit transfer.
    Remittance {
        /// As the bank gives it.
        text: String,
    },
    /// A remittance flow (FlussoRiversamento XML).
    Flow {
        /// The file.
        file: PathBuf,
    },
    /// A treasurer's journal (OPI giornale di cassa XML).
    Journal {
        /// The file.
        file: PathBuf,
    },
    /// A code of the pagoPA taxonomy.
    Taxonomy {
        /// E.g. 9/0104100TS/
        code: String,
        /// The platform's table (CSV); without it, the codes of the demonstration.
        #[arg(long)]
        table: Option<PathBuf>,
    },
}

/// Looks and prints.
pub fn run(command: &Command) -> Outcome {
    let said = match command {
        Command::Notice { nav } => notice(nav)?,
        Command::Remittance { text } => remittance_text(text),
        Command::Flow { file } => flow(file)?,
        Command::Journal { file } => to_json(&journal::parse(&read(file)?)?)?,
        Command::Taxonomy { code, table } => taxonomy(code, table.as_deref())?,
    };
    print(&serde_json::to_string_pretty(&said)?)
}

type Said = Result<Value, Box<dyn std::error::Error + Send + Sync>>;

fn to_json(value: &impl Serialize) -> Said {
    Ok(serde_json::to_value(value)?)
}

fn notice(text: &str) -> Said {
    let digits: String = text.split_whitespace().collect();
    let nav: Nav = digits.parse()?;
    Ok(json!({
        "notice_number": nav.to_string(),
        "iuv": nav.iuv().to_string(),
        "aux_digit": nav.aux_digit(),
        "segregation": nav.segregation().map(|s| format!("{:02}", s.code())),
        "check_digits_ok": nav.check_digits_ok(),
    }))
}

fn remittance_text(text: &str) -> Value {
    let said = remittance::parse(text);
    let mut object = json!({"certainty": said.certainty, "truncated": said.truncated});
    let (key, id) = match &said.reference {
        Reference::Flow(id) => ("flow", id),
        Reference::Iuv(id) => ("iuv", id),
        // A beginning names nothing yet: amount and date have to find what begins so.
        Reference::FlowPrefix(beginning) => {
            object["flow"] = Value::Null;
            ("flow_prefix", beginning)
        }
        Reference::IuvPrefix(beginning) => {
            object["iuv"] = Value::Null;
            ("iuv_prefix", beginning)
        }
        Reference::None => return object,
    };
    if key.ends_with("_prefix") {
        object["certainty"] = json!(Certainty::None);
    }
    object[key] = json!(id);
    if let Some(progressive) = said.txt {
        object["txt"] = json!(progressive);
    }
    if !said.alternatives.is_empty() {
        object["alternatives"] = json!(said.alternatives);
    }
    object
}

fn flow(file: &Path) -> Said {
    let flow = fdr::parse_xml(&read(file)?, usize::try_from(FILE_BYTES_MAX)?)?;
    let mut object = to_json(&flow)?;
    object["findings"] = to_json(&flow.findings())?;
    Ok(object)
}

fn taxonomy(code: &str, table: Option<&Path>) -> Said {
    let code: TaxonomyCode = code.parse()?;
    let text = match table {
        Some(path) => String::from_utf8(read(path)?)?,
        None => DEMO_TAXONOMY.to_owned(),
    };
    let mut object = json!({
        "code": code.as_str(),
        "entity_type": code.creditor_type(),
        "macro_area": code.macro_area(),
        "service": code.service(),
        "reason": code.reason(),
        "request_to_pay": code.allows_request_to_pay(),
        "known": false,
    });
    if let Some(entry) = Taxonomy::from_csv(&text)?.get(&code) {
        object["known"] = json!(true);
        object["entry"] = to_json(entry)?;
    }
    Ok(object)
}

fn read(path: &Path) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
    let named = |error: std::io::Error| format!("cannot read {}: {error}", path.display());
    let size = std::fs::metadata(path).map_err(named)?.len();
    if size > FILE_BYTES_MAX {
        return Err(
            format!("{} has {size} bytes; more than {FILE_BYTES_MAX} are not read", path.display()).into()
        );
    }
    Ok(std::fs::read(path).map_err(named)?)
}
