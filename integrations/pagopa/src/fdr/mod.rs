//! Remittance flows (flussi di rendicontazione, FdR): what PSPs say they paid, by the API or as a file.
//!
//! Both ways give one [`Flow`]; [`Flow::findings`] says what does not add up in it. [`Client`] speaks FdR3 for organisations
//! (`fdr_organization.json` 1.2.4), [`parse_xml`] reads `FlussoRiversamento` 1.0.4 and 1.0.5.

mod client;
mod flow;
mod json;
mod xml;

pub use client::{Client, FdrError};
pub use flow::{Finding, Flow, FlowRow, RowOutcome};
pub use json::{FlowPage, FlowRef};
pub use xml::{FlowFileError, parse_xml};

#[cfg(test)]
mod tests;
