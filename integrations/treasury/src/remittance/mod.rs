//! What the text of a credit transfer (*causale*, SEPA AT-05) says of the pagoPA payments behind it.
//!
//! A payment service provider credits one transfer per remittance flow and names the flow in the text; banks then cut the
//! text, wrap it, turn its slashes into dots and put words of their own around it. [`parse`] reads all of it and says how
//! sure it is. It never makes up an id: what was cut is given as a prefix, for the caller to match with amount and date.
//!
//! | form | meaning | source |
//! |---|---|---|
//! | `/PUR/LGPE-RIVERSAMENTO/TXT/<0-9>/URI/<flow>` | a flow; 0 ordinary, 1-9 a further transfer for the same flow | SACI 3.2.1, AT-05 |
//! | `/PUR/LGPE-RIVERSAMENTO/URI/<flow>` | a flow | SACI, before `TXT` |
//! | `/PUR/LGPE-INTEGRAZIONE/URI/<flow>` | a further transfer for a flow | pagoPA specifications, part III (legacy) |
//! | `/RFB/<IUV>[/<amount>][/TXT/…]` | one payment | SACI, single transfer (legacy) |
//! | `/RFS/<RF reference>/<amount>[/TXT/…]` | one payment, ISO 11649 reference, often in groups of four | SACI (legacy) |

mod flow;
mod single;
mod text;

use serde::Serialize;

use text::Text;

/// What a transfer's text names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "id")]
pub enum Reference {
    /// A remittance flow.
    Flow(String),
    /// The beginning of a flow's id, cut by the bank: match it with amount and date.
    FlowPrefix(String),
    /// One payment.
    Iuv(String),
    /// The beginning of an IUV, cut by the bank.
    IuvPrefix(String),
    /// Nothing of pagoPA, or nothing left of it.
    None,
}

/// How sure the reference is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// Written whole, complete by its form, and ended where it can only end.
    Exact,
    /// Put together or cut: confirm it with amount and date.
    Inferred,
    /// There is no reference.
    None,
}

/// What a transfer's text says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remittance {
    /// What it names.
    pub reference: Reference,
    /// How sure that is.
    pub certainty: Certainty,
    /// The number after `TXT`: 0 ordinary, 1-9 further transfers for the same flow.
    pub txt: Option<u8>,
    /// This transfer adds to a flow that another one already covers in part (`TXT/1-9`, `LGPE-INTEGRAZIONE`).
    pub supplementary: bool,
    /// The text ends where the reference should go on.
    pub truncated: bool,
    /// The text ends with the flow's id, complete by its form: the bank may still have cut it inside its suffix.
    pub ends_text: bool,
    /// Other readings of a broken flow id, shortest first: where the bank put blanks, the id may end at any of them.
    pub alternatives: Vec<String>,
}

impl Remittance {
    pub(crate) const NONE: Self = Self {
        reference: Reference::None,
        certainty: Certainty::None,
        txt: None,
        supplementary: false,
        truncated: false,
        ends_text: false,
        alternatives: Vec::new(),
    };

    /// A reference that is not certain.
    pub(crate) fn inferred(reference: Reference) -> Self {
        Self { reference, certainty: Certainty::Inferred, ..Self::NONE }
    }

    /// The flow's whole id, if the text names one.
    #[must_use]
    pub fn flow_id(&self) -> Option<&str> {
        match &self.reference {
            Reference::Flow(id) => Some(id),
            _ => None,
        }
    }

    /// The IUV, if the text names one payment.
    #[must_use]
    pub fn iuv(&self) -> Option<&str> {
        match &self.reference {
            Reference::Iuv(iuv) => Some(iuv),
            _ => None,
        }
    }
}

/// Reads the text of a credit transfer. Every text has an answer.
#[must_use]
pub fn parse(causale: &str) -> Remittance {
    let text = Text::new(causale);
    flow::parse(&text).or_else(|| single::parse(&text)).unwrap_or(Remittance::NONE)
}

#[cfg(test)]
mod tests;
