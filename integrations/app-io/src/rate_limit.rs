//! Staying under App IO's quota.
//!
//! The gateway counts 150 calls in 5 seconds per institution, whichever service's key they carry
//! and whatever they ask, so one [`RateLimit`] belongs to one entity and is shared by its clients.

use std::time::{Duration, Instant};

/// One call earns its place every 40 ms: 125 in five seconds.
const INTERVAL: Duration = Duration::from_millis(40);

/// Calls that may leave together after a pause. With the 125 above, no five seconds ever see more
/// than 145 calls; the last five of the quota absorb the jitter of the network.
const BURST: u32 = 20;

/// A token bucket (in its "virtual scheduling" form) for one institution on the basic contract.
///
/// It takes the monotonic clock, not the calendar's: a wall clock that is set back would stop every
/// call until it caught up.
#[derive(Debug, Clone, Default)]
pub struct RateLimit {
    /// When the bucket will be full again.
    full_at: Option<Instant>,
    /// Nothing leaves before this instant, because App IO said so.
    paused_until: Option<Instant>,
}

impl RateLimit {
    /// A limit nobody has used yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next place and says how long to wait before making the call. Zero means now.
    pub fn reserve(&mut self, now: Instant) -> Duration {
        let from = self.paused_until.map_or(now, |until| until.max(now));
        let full_at = self.full_at.map_or(from, |full_at| full_at.max(from));
        let backlog = full_at.duration_since(from);
        let wait = backlog.saturating_sub(INTERVAL * (BURST - 1));
        self.full_at = Some(full_at + INTERVAL);
        from.duration_since(now) + wait
    }

    /// Holds every later call back, after an answer of [`crate::client::Error::RateLimited`].
    pub fn pause(&mut self, now: Instant, retry_after: Duration) {
        let until = now + retry_after;
        self.paused_until = Some(self.paused_until.map_or(until, |old| old.max(until)));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_burst_leaves_at_once_and_the_rest_is_spaced() {
        let start = Instant::now();
        let mut limit = RateLimit::new();
        let waits: Vec<_> = (0..22).map(|_| limit.reserve(start)).collect();
        assert!(waits[..20].iter().all(Duration::is_zero));
        assert_eq!(waits[20], Duration::from_millis(40));
        assert_eq!(waits[21], Duration::from_millis(80));
    }

    #[test]
    fn a_pause_holds_everybody() {
        let start = Instant::now();
        let mut limit = RateLimit::new();
        limit.pause(start, Duration::from_secs(3));
        limit.pause(start, Duration::from_secs(1));
        assert_eq!(limit.reserve(start), Duration::from_secs(3));
        assert!(limit.reserve(start + Duration::from_secs(3)).is_zero());
    }

    proptest! {
        #[test]
        fn no_five_seconds_see_more_than_the_quota(gaps in prop::collection::vec(0u64..60, 200..600)) {
            let start = Instant::now();
            let mut limit = RateLimit::new();
            let mut now = start;
            let mut calls = Vec::new();
            for gap in gaps {
                now += Duration::from_millis(gap);
                calls.push(now + limit.reserve(now));
            }
            for (index, first) in calls.iter().enumerate() {
                let in_window = calls[index..]
                    .iter()
                    .take_while(|call| call.duration_since(*first) < Duration::from_secs(5))
                    .count();
                prop_assert!(in_window <= 145, "{in_window} calls");
            }
        }
    }
}
