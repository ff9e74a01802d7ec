//! The platform's limits that more than one service shares, and the error that names the one a request breaks.

/// Longest company and office name, description and remittance text (`gpd.json`, `checkout_v2.json`).
pub const TEXT_MAX: usize = 140;
/// Digits of a creditor's fiscal code.
pub const CREDITOR_DIGITS: usize = 11;

/// The limit a request breaks. No variant carries what was written in the field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRequest {
    /// A field that must say something is blank.
    #[error("{field} is empty")]
    Empty {
        /// The field, as the contract spells it.
        field: &'static str,
    },
    /// A field is too long.
    #[error("{field} has {length} characters and the platform takes {max}")]
    TooLong {
        /// The field, as the contract spells it.
        field: &'static str,
        /// Characters found.
        length: usize,
        /// Characters allowed.
        max: usize,
    },
    /// A field does not have the form the contract wants.
    #[error("{field} does not have the form the platform wants")]
    Malformed {
        /// The field, as the contract spells it.
        field: &'static str,
    },
    /// An amount under one cent.
    #[error("{field} must be at least one cent")]
    NotPositive {
        /// The field, as the contract spells it.
        field: &'static str,
    },
    /// Too few or too many elements.
    #[error("{field} has {count} elements and the platform takes {min} to {max}")]
    Count {
        /// The list, as the contract spells it.
        field: &'static str,
        /// Elements found.
        count: usize,
        /// Elements wanted at least.
        min: usize,
        /// Elements allowed at most.
        max: usize,
    },
    /// The transfers of a payment option do not sum to it.
    #[error("the transfers sum to {transfers_cents} cents and their payment option is of {option_cents}")]
    TransferSum {
        /// The sum of the transfers.
        transfers_cents: i64,
        /// The amount of the option.
        option_cents: i64,
    },
    /// The same value appears twice where it must be unique.
    #[error("{field} repeats a value")]
    Repeated {
        /// The field, as the contract spells it.
        field: &'static str,
    },
    /// The metadata key `NOTIFICATION_FEE` belongs to the platform.
    #[error("the metadata key {key} is reserved to the platform")]
    ReservedKey {
        /// The key.
        key: &'static str,
    },
    /// A transfer has both an account and a revenue stamp, or neither.
    #[error("a transfer needs an IBAN or a revenue stamp, and not both")]
    IbanOrStamp,
    /// Two dates are in the wrong order.
    #[error("{later} comes before {earlier}")]
    DateOrder {
        /// The field that must be the earlier.
        earlier: &'static str,
        /// The field that must be the later.
        later: &'static str,
    },
}

/// A field that must be there and fit.
pub(crate) fn required(field: &'static str, text: &str, max: usize) -> Result<(), InvalidRequest> {
    if text.trim().is_empty() {
        return Err(InvalidRequest::Empty { field });
    }
    at_most(field, text, max)
}

/// A field that may be absent and must fit.
pub(crate) fn optional(field: &'static str, text: Option<&str>, max: usize) -> Result<(), InvalidRequest> {
    text.map_or(Ok(()), |text| at_most(field, text, max))
}

/// A field whose form is given by `ok`.
pub(crate) fn form(field: &'static str, ok: bool) -> Result<(), InvalidRequest> {
    if ok { Ok(()) } else { Err(InvalidRequest::Malformed { field }) }
}

/// An amount in cents.
pub(crate) fn positive(field: &'static str, cents: i64) -> Result<(), InvalidRequest> {
    if cents >= 1 { Ok(()) } else { Err(InvalidRequest::NotPositive { field }) }
}

/// The number of elements of a list.
pub(crate) fn count(field: &'static str, count: usize, min: usize, max: usize) -> Result<(), InvalidRequest> {
    if (min..=max).contains(&count) { Ok(()) } else { Err(InvalidRequest::Count { field, count, min, max }) }
}

/// Values that must all differ.
pub(crate) fn distinct<T: Ord>(
    field: &'static str,
    values: impl IntoIterator<Item = T>,
) -> Result<(), InvalidRequest> {
    let mut seen = std::collections::BTreeSet::new();
    if values.into_iter().all(|value| seen.insert(value)) {
        Ok(())
    } else {
        Err(InvalidRequest::Repeated { field })
    }
}

fn at_most(field: &'static str, text: &str, max: usize) -> Result<(), InvalidRequest> {
    let length = text.chars().count();
    if length > max { Err(InvalidRequest::TooLong { field, length, max }) } else { Ok(()) }
}
