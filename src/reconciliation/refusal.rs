//! Why a file is refused, as codes of the locales: each names what is wrong and where, so that the accountant can tell
//! the treasurer or the provider.

use sportello_pagopa::fdr::FlowFileError;
use sportello_pagopa::wire::XmlError;
use sportello_treasury::journal::{JournalError, Position};

use crate::error::{Error, FieldError};

/// The field of the form and of the API's problem details.
const FILE: &str = "file";

/// Why a file is not a journal.
pub(super) fn of_journal(error: &JournalError) -> Error {
    let code = |code: &'static str| FieldError::new(FILE, code);
    Error::Invalid(vec![match error {
        JournalError::Empty => code("file_empty"),
        JournalError::TooLarge { max_bytes, .. } => code("file_too_large").with_detail(mebibytes(*max_bytes)),
        JournalError::NotXml(_) => code("file_not_xml"),
        JournalError::UnknownEncoding | JournalError::NotInEncoding(_) => code("file_encoding"),
        JournalError::Malformed { at, .. } => code("file_malformed").with_detail(place(at)),
        JournalError::Unfinished { at } => code("file_unfinished").with_detail(place(at)),
        JournalError::DocumentType { at }
        | JournalError::Reference { at }
        | JournalError::TooDeep { at, .. } => code("file_forbidden").with_detail(place(at)),
        JournalError::TrailingContent { at } => code("file_goes_on").with_detail(place(at)),
        JournalError::NotAJournal { .. } => code("file_not_a_journal"),
        JournalError::Missing { at, element } => {
            code("journal_missing").with_detail(format!("<{element}>, {}", place(at)))
        }
        JournalError::Invalid { at, element, .. } => {
            code("journal_value").with_detail(format!("<{element}>, {}", place(at)))
        }
    }])
}

/// A year or a number of a provisional entry that cannot be one.
pub(super) fn impossible_number() -> Error {
    Error::field(FILE, "journal_number")
}

/// Why a file is not a remittance flow.
pub(super) fn of_flow(error: &FlowFileError) -> Error {
    let code = |code: &'static str| FieldError::new(FILE, code);
    Error::Invalid(vec![match error {
        FlowFileError::Xml(error) => of_xml(error),
        FlowFileError::OtherDocument(root) => code("file_not_a_flow").with_detail(root),
        FlowFileError::Structure(cause) => code("flow_structure").with_detail(cause),
        FlowFileError::Value(wrong) => code("flow_value").with_detail(format!("<{}>", wrong.field)),
    }])
}

fn of_xml(error: &XmlError) -> FieldError {
    let code = |code: &'static str| FieldError::new(FILE, code);
    match error {
        XmlError::TooLarge { limit_bytes } => code("file_too_large").with_detail(mebibytes(*limit_bytes)),
        XmlError::Encoding { .. } => code("file_encoding"),
        XmlError::NotXml => code("file_not_xml"),
        XmlError::Malformed { position, .. } => code("file_malformed_byte").with_detail(position),
        XmlError::Truncated => code("file_cut"),
        XmlError::TrailingContent
        | XmlError::Doctype
        | XmlError::Entity(_)
        | XmlError::Character(_)
        | XmlError::TooDeep => code("file_forbidden_content"),
    }
}

/// Line and column, the same in every language.
fn place(at: &Position) -> String {
    format!("{}:{}", at.line, at.column)
}

fn mebibytes(bytes: usize) -> usize {
    bytes / (1024 * 1024)
}

#[cfg(test)]
mod tests {
    use sportello_pagopa::fdr;
    use sportello_treasury::journal;

    use super::*;

    fn wrong(error: Error) -> (&'static str, Option<String>) {
        match error {
            Error::Invalid(mut errors) => errors.pop().map(|e| (e.code, e.detail)).unwrap(),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn a_journal_that_cannot_be_read_says_why_and_where() {
        let refused = |file: &str| wrong(of_journal(&journal::parse(file.as_bytes()).unwrap_err()));
        assert_eq!(refused(""), ("file_empty", None));
        assert_eq!(refused("data;importo\n"), ("file_not_xml", None));
        assert_eq!(refused("%PDF-1.7"), ("file_not_xml", None));
        assert_eq!(refused("<altro/>"), ("file_not_a_journal", None));
        let (code, at) = refused("<flusso_giornale_di_cassa>\n</altro>");
        assert_eq!((code, at.as_deref().map(|at| &at[..2])), ("file_malformed", Some("2:")));
        assert_eq!(refused("<flusso_giornale_di_cassa>").0, "file_unfinished");
        let twice = "<flusso_giornale_di_cassa></flusso_giornale_di_cassa>\n".repeat(2);
        assert_eq!(refused(&twice), ("file_goes_on", Some("2:1".to_owned())));
        let (code, detail) = refused("<flusso_giornale_di_cassa></flusso_giornale_di_cassa>");
        assert_eq!(code, "journal_missing");
        assert!(detail.unwrap().starts_with('<'));
    }

    #[test]
    fn a_flow_that_cannot_be_read_says_why() {
        let refused = |file: &str| wrong(of_flow(&fdr::parse_xml(file.as_bytes(), 1000).unwrap_err()));
        assert_eq!(refused("ciao").0, "file_not_xml");
        assert_eq!(refused("<a><b></a>").0, "file_malformed_byte");
        assert_eq!(refused("<FlussoRiversamento>").0, "file_cut");
        assert_eq!(refused("<ordine/>"), ("file_not_a_flow", Some("ordine".to_owned())));
        assert_eq!(refused("<FlussoRiversamento/>").0, "flow_structure");
        assert_eq!(refused(&" ".repeat(1001)).0, "file_too_large");
    }
}
