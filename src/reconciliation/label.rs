//! The names of what reconciliation finds: a difference is named and shown, never corrected in silence.
//!
//! The names in capitals are those the field knows from MyPivot and Piattaforma Unitaria; the others name what those
//! programs leave without a name.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::money::Cents;

/// What reconciliation says of a payment, of a flow or of a provisional entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Label {
    /// Receipt and row agree, and the treasury has the money.
    RtIufTes,
    /// A receipt that the treasury's text names directly, without a flow.
    RtTes,
    /// Receipt and row agree; the money is not in the treasury yet.
    RtIuf,
    /// A receipt that no flow reports yet.
    RtNoIuf,
    /// A row of a notice of another intermediary of the entity: not ours to explain.
    OtherIntermediary,
    /// The row names the payment with another IUR than its receipt.
    IurDiffers,
    /// The accounting year of a share is not the provisional entry's.
    OtherYear,
    /// Found by prefix, amount and date, or by the transfer's number: to be looked at once.
    TesInferred,
    /// A flow whose money is not in the treasury yet.
    IufNoTes,
    /// A receipt of no position of ours.
    RtNoPosition,
    /// The receipt says another amount than the position.
    RtPosDivImp,
    /// The row says another amount than the receipt.
    RtIufDivImp,
    /// The treasury has more or less than the flow.
    IufTesDivImp,
    /// A row without receipt.
    IuvNoRt,
    /// A row without receipt, whose outcome says that none will come.
    IuvNoRpt,
    /// Paid, or reported, more than once.
    Doppi,
    /// A payment that was taken back.
    Revoked,
    /// A row whose outcome no version of the schema knows.
    UnknownOutcome,
    /// A flow whose declared sum or count is not that of its rows.
    FlowDoesNotAddUp,
    /// The plan is not the one that was sent any more.
    PlanChanged,
    /// A provisional entry that the treasurer took back.
    TesStornato,
    /// A provisional entry whose text names nothing of pagoPA.
    TesNoIufOrIuv,
    /// A provisional entry whose flow or payment is not known (yet).
    TesNoMatch,
    /// A provisional entry that could be of several flows.
    TesAmbiguous,
}

/// How much a label asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// As it should be.
    Info,
    /// May settle by itself.
    Warning,
    /// Somebody has to look.
    Error,
}

impl Label {
    /// As reports and the API write it: `RT_IUF_TES`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RtIufTes => "RT_IUF_TES",
            Self::RtTes => "RT_TES",
            Self::RtIuf => "RT_IUF",
            Self::RtNoIuf => "RT_NO_IUF",
            Self::OtherIntermediary => "OTHER_INTERMEDIARY",
            Self::IurDiffers => "IUR_DIFFERS",
            Self::OtherYear => "OTHER_YEAR",
            Self::TesInferred => "TES_INFERRED",
            Self::IufNoTes => "IUF_NO_TES",
            Self::RtNoPosition => "RT_NO_POSITION",
            Self::RtPosDivImp => "RT_POS_DIV_IMP",
            Self::RtIufDivImp => "RT_IUF_DIV_IMP",
            Self::IufTesDivImp => "IUF_TES_DIV_IMP",
            Self::IuvNoRt => "IUV_NO_RT",
            Self::IuvNoRpt => "IUV_NO_RPT",
            Self::Doppi => "DOPPI",
            Self::Revoked => "REVOKED",
            Self::UnknownOutcome => "UNKNOWN_OUTCOME",
            Self::FlowDoesNotAddUp => "FLOW_DOES_NOT_ADD_UP",
            Self::PlanChanged => "PLAN_CHANGED",
            Self::TesStornato => "TES_STORNATO",
            Self::TesNoIufOrIuv => "TES_NO_IUF_OR_IUV",
            Self::TesNoMatch => "TES_NO_MATCH",
            Self::TesAmbiguous => "TES_AMBIGUOUS",
        }
    }

    /// How much it asks for. As Piattaforma Unitaria has it, where it knows the label.
    #[must_use]
    pub fn severity(self) -> Severity {
        match self {
            Self::RtIufTes | Self::RtTes | Self::RtIuf | Self::OtherIntermediary | Self::TesStornato => {
                Severity::Info
            }
            Self::RtNoIuf | Self::IurDiffers | Self::OtherYear | Self::TesInferred | Self::IufNoTes => {
                Severity::Warning
            }
            Self::RtNoPosition
            | Self::RtPosDivImp
            | Self::RtIufDivImp
            | Self::IufTesDivImp
            | Self::IuvNoRt
            | Self::IuvNoRpt
            | Self::Doppi
            | Self::Revoked
            | Self::UnknownOutcome
            | Self::FlowDoesNotAddUp
            | Self::PlanChanged
            | Self::TesNoIufOrIuv
            | Self::TesNoMatch
            | Self::TesAmbiguous => Severity::Error,
        }
    }
}

/// How often a label was given, and to how much money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// The label.
    pub label: Label,
    /// How much it asks for.
    pub severity: Severity,
    /// How often.
    pub count: u32,
    /// On how much money.
    pub amount: Cents,
}

/// Sums labels up, the gravest first.
#[must_use]
pub fn tally(labels: impl IntoIterator<Item = (Label, Cents)>) -> Vec<Tally> {
    let mut sums: BTreeMap<Label, (u32, Cents)> = BTreeMap::new();
    for (label, amount) in labels {
        let (count, sum) = sums.entry(label).or_default();
        *count += 1;
        *sum = *sum + amount;
    }
    let with_severity = |(label, (count, amount)): (Label, (u32, Cents))| Tally {
        label,
        severity: label.severity(),
        count,
        amount,
    };
    let mut tallies: Vec<Tally> = sums.into_iter().map(with_severity).collect();
    tallies.sort_by_key(|tally| std::cmp::Reverse(tally.severity));
    tallies
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_written_as_they_are_named() {
        for label in [Label::RtIufTes, Label::TesNoIufOrIuv, Label::IufTesDivImp, Label::Doppi] {
            assert_eq!(serde_json::to_value(label).unwrap(), label.as_str());
        }
    }

    #[test]
    fn the_gravest_comes_first() {
        let found = tally([
            (Label::RtIufTes, Cents(5)),
            (Label::Doppi, Cents(1)),
            (Label::RtNoIuf, Cents(1)),
            (Label::RtIufTes, Cents(7)),
        ]);
        let order: Vec<(Label, u32, i64)> = found.iter().map(|t| (t.label, t.count, t.amount.0)).collect();
        assert_eq!(order, [(Label::Doppi, 1, 1), (Label::RtNoIuf, 1, 1), (Label::RtIufTes, 2, 12)]);
    }
}
