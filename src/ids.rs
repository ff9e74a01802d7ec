//! Typed identifiers: UUID version 7, ordered by time of making, so that rows made together lie together.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[expect(clippy::disallowed_methods, reason = "this is the one place that makes identifiers")]
fn fresh() -> Uuid {
    Uuid::now_v7()
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, sqlx::Type)]
        #[serde(transparent)]
        #[sqlx(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new identifier.
            #[must_use]
            #[expect(clippy::new_without_default, reason = "a default identifier would be a different one each time")]
            pub fn new() -> Self {
                Self(fresh())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                s.parse().map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )*};
}

ids! {
    /// A tenant.
    EntityId,
    /// An entry of the record.
    AuditId,
    /// A job of the queue.
    JobId,
    /// A message a peer sent, as it was.
    PeerMessageId,
    /// A browser's session.
    SessionId,
    /// A member of the staff.
    StaffId,
    /// A role given to a member of the staff.
    StaffRoleId,
    /// A place.
    SiteId,
    /// A desk.
    CounterId,
    /// Opening rules.
    CalendarId,
    /// One opening rule.
    CalendarRuleId,
    /// A closure.
    ClosureId,
    /// What is booked.
    ServiceId,
    /// A version of a form.
    FormId,
    /// An appointment.
    AppointmentId,
    /// Something that takes a counter's time.
    OccupationId,
    /// An operator's offer of other times.
    ProposalId,
    /// One of the offered times.
    ProposalOptionId,
    /// Something an operator has to look at.
    TaskId,
    /// A budget line of a year.
    ChapterId,
    /// Assessed revenue of a chapter.
    AssessmentId,
    /// What a service costs from a day on.
    TariffId,
    /// A line of a tariff.
    TariffItemId,
    /// A part of a line, for one chapter.
    TariffShareId,
    /// What somebody owes.
    DebtPositionId,
    /// A proof of payment.
    ReceiptId,
    /// A visit to the checkout.
    CheckoutVisitId,
    /// What a PSP says it paid in one transfer.
    RemittanceFlowId,
    /// An imported journal file.
    TreasuryJournalId,
    /// An unregularised income.
    ProvisionalEntryId,
    /// A movement of an unregularised income.
    ProvisionalMovementId,
    /// A credit matched with a flow.
    EntryMatchId,
    /// A transaction of the ledger.
    LedgerTransactionId,
    /// Something a person is told.
    NoticeId,
}
