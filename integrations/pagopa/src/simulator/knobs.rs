//! What the simulated platform can be told to do badly, as the real one sometimes does.

use serde::{Deserialize, Serialize};

/// The misbehaviour in force; [`Knobs::default`] is good behaviour. `POST /simulator/knobs` replaces them all: what is not
/// named goes back to its default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Knobs {
    /// How many of the next debt position calls are answered 503.
    pub fail_next_gpd_calls: u32,
    /// How long every REST call is made to wait, in milliseconds.
    pub latency_ms: u32,
    /// How many times more each receipt is delivered, after a first delivery.
    pub repeat_receipts: u32,
    /// How late receipts are delivered, in minutes of the simulation's clock.
    pub receipt_delay_minutes: u32,
    /// Receipts that are due together are delivered from the last to the first.
    pub receipts_out_of_order: bool,
    /// How many credit transfers cover one flow, 2 to 9; 0 and 1 mean one.
    pub transfers_per_flow: u8,
}
