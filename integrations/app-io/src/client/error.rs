//! What can go wrong, sorted by what the caller should do about it.

use std::time::Duration;

/// Why a client could not be made from its settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// The base address is not `http` or `https`.
    #[error("the base address is not an HTTP one")]
    BaseUrl,
    /// The key is empty or has characters no key has.
    #[error("the key is empty or malformed")]
    Key,
}

/// A call did not do what it was made for. The variant says what to do next; `detail` is what App
/// IO wrote, with the values it quotes from the request removed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Repeating this very call is useless. The channel itself works.
    #[error("App IO refuses this call: {}", reason.code())]
    Permanent {
        /// The machine-readable reason.
        reason: PermanentReason,
        /// What App IO wrote.
        detail: String,
    },
    /// No call will succeed until somebody corrects the entity's settings here or at App IO.
    #[error("App IO does not accept this configuration: {}", reason.code())]
    Configuration {
        /// The machine-readable reason.
        reason: ConfigurationReason,
        /// What App IO wrote.
        detail: String,
    },
    /// The institution's quota is used up. Nothing was done.
    #[error("App IO asks to wait {} s", retry_after.as_secs())]
    RateLimited {
        /// How long to wait; some jitter on top is polite.
        retry_after: Duration,
    },
    /// Nothing was done, or the call does no harm if repeated. For [`super::Client::send`] answered
    /// with 500 a small risk of a double message remains: repeat a few times, with growing pauses.
    #[error("App IO cannot be used at the moment")]
    Temporary(#[source] Fault),
    /// The message was on its way when the answer failed: it may have been accepted. Do not repeat
    /// blindly.
    #[error("it is unknown whether App IO accepted the message")]
    Unknown(#[source] Fault),
}

/// What happened on the way.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// No connection was made, so nothing was sent.
    #[error("no connection could be made")]
    NotConnected(#[source] reqwest::Error),
    /// The connection broke, or time ran out, after the request had left.
    #[error("the connection was interrupted")]
    Interrupted(#[source] reqwest::Error),
    /// A failure of the platform.
    #[error("the platform answered with status {0}")]
    Status(u16),
    /// A success whose body is not the documented one.
    #[error("the answer could not be read")]
    UnreadableAnswer,
}

/// Why a call is refused for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PermanentReason {
    /// The message breaks a rule (400): a defect of this program.
    InvalidMessage,
    /// The amount is above the service's own maximum (400).
    AmountAboveServiceMaximum,
    /// This recipient cannot be written to with this service (403): it is still a draft, or the
    /// citizen is not on App IO.
    RecipientForbidden,
    /// App IO does not know the message asked for (404).
    NotFound,
    /// Another refusal, with its status.
    Other(u16),
}

impl PermanentReason {
    /// A stable word for records and pages.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::InvalidMessage => "invalid_message",
            Self::AmountAboveServiceMaximum => "amount_above_service_maximum",
            Self::RecipientForbidden => "recipient_forbidden",
            Self::NotFound => "not_found",
            Self::Other(_) => "refused",
        }
    }
}

/// What is wrong with the entity's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfigurationReason {
    /// The key is missing, wrong, revoked or suspended (401).
    KeyRefused,
    /// The key is right but may not do this (403 from the gateway): a permission group is missing.
    GroupMissing,
    /// The caller is not allowed here (403 from the platform): the source address is not among the
    /// service's authorised ones, or a permission is missing.
    NotAllowed,
    /// The base address does not lead to App IO's interface.
    WrongAddress,
}

impl ConfigurationReason {
    /// A stable word for records and pages.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::KeyRefused => "key_refused",
            Self::GroupMissing => "group_missing",
            Self::NotAllowed => "not_allowed",
            Self::WrongAddress => "wrong_address",
        }
    }
}

/// Whether a call can be made twice without harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeatable {
    Yes,
    No,
}

impl Error {
    /// A failure that leaves the outcome open, unless the call can be repeated anyway.
    pub(super) fn from_fault(fault: Fault, repeatable: Repeatable) -> Self {
        match repeatable {
            Repeatable::Yes => Self::Temporary(fault),
            Repeatable::No => Self::Unknown(fault),
        }
    }

    pub(super) fn from_transport(source: reqwest::Error, repeatable: Repeatable) -> Self {
        // The address of a status call holds a fiscal code.
        let source = source.without_url();
        if source.is_connect() {
            Self::Temporary(Fault::NotConnected(source))
        } else {
            Self::from_fault(Fault::Interrupted(source), repeatable)
        }
    }
}
