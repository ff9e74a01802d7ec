//! What the SOAP station and the remittance flows share: safe XML, decimal amounts, dates that may lack a zone.

pub(crate) mod amount;
pub(crate) mod moment;
#[cfg(test)]
pub(crate) mod testing;
pub(crate) mod xml;

pub use moment::Moment;
pub use xml::XmlError;

/// A field of a message that does not hold what its schema asks for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct InvalidField {
    /// The element or property, as the schema spells it.
    pub field: &'static str,
    /// What is wrong with it, with the offending value where that cannot be personal data.
    pub problem: String,
}

impl InvalidField {
    pub(crate) fn new(field: &'static str, problem: impl Into<String>) -> Self {
        Self { field, problem: problem.into() }
    }

    /// For values that are never personal (amounts, dates, codes): says which one it was.
    pub(crate) fn value(field: &'static str, value: &str, wanted: &str) -> Self {
        Self::new(field, format!("`{}` is not {wanted}", shorten(value)))
    }
}

/// The longest piece of somebody else's text that an error repeats, in characters.
const QUOTED_MAX: usize = 40;

/// Enough of an outsider's text to recognise it in a log.
pub(crate) fn shorten(value: &str) -> String {
    let mut short: String = value.chars().take(QUOTED_MAX).collect();
    if short.len() < value.len() {
        short.push('…');
    }
    short
}
