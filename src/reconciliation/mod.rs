//! Receipts × remittance flows × treasury journal → plans over budget chapters.
//!
//! Three peers speak of the same money: the platform's receipts say that citizens paid, the providers' flows say which
//! payments make one credit transfer, the treasurer's journal says which transfers came in. What each says is kept as said.
//! What is derived (matches, labels, the books) is made anew by [`rematch`](fn@rematch) whenever something comes that it
//! depends on, in whatever order; run again, it changes nothing.
//!
//! In reading order:
//!
//! * [`flows`], [`fetch`], [`journal`]: what comes in; [`state`]: the life of a provisional entry;
//! * [`matching`]: which flow or payment a provisional entry is of;
//! * [`explain`]: which receipt and which shares stand behind a row of a flow;
//! * [`allocation`] and [`mod@plan`]: which credit covers which payments, and how it splits over the budget;
//! * [`label`]: the names of what does not agree;
//! * [`ledger`]: the double-entry books under it;
//! * [`rematch`](mod@rematch): all of it, for what is touched;
//! * [`worklist`](mod@worklist), [`entry`](mod@entry), [`trail`], [`lists`], [`export`]: what the accountant sees and
//!   hands over;
//! * [`intake`]: what a person or a program brings, put on record.

pub mod allocation;
mod covering;
pub mod entry;
pub mod explain;
pub mod export;
pub mod fetch;
pub mod flows;
pub mod intake;
pub mod journal;
pub mod label;
pub mod ledger;
pub mod lists;
pub mod matching;
pub mod plan;
mod refusal;
pub mod rematch;
pub mod state;
mod store;
pub mod trail;
pub mod worklist;

pub use entry::{Difference, EntryView, PlanPayment, PlanRow, entry};
pub use export::{detail_csv, mark_plan_sent, plan, plan_csv};
pub use fetch::fetch_flows;
pub use flows::{Imported, import_flow, import_flow_file};
pub use journal::{Import, import_journal};
pub use label::{Label, Severity, Tally};
pub use rematch::{Scope, rematch};
pub use state::State;
pub use store::entries::{Entry, Filter, Which};
pub use store::flows::FlowHead;
pub use store::lists::{AccountTotal, Fetched, JournalFile, ListedReceipt};
pub use store::views::{Paid, ReceiptView, Totals};
pub use trail::{FlowView, PaymentTrail, Report, flow, payment};
pub use worklist::{EntrySummary, PendingPayment, Worklist, worklist};

use sqlx::PgConnection;

use crate::error::Result;
use crate::ids::EntityId;

/// Whether a notice is another program's of the entity: its money is theirs to explain.
pub async fn is_elsewhere(conn: &mut PgConnection, entity: EntityId, iuv: &str) -> Result<bool> {
    Ok(!explain::may_be_ours(iuv, &store::facts::segregations(conn, entity).await?))
}
