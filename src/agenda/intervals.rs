//! Arithmetic of half-open intervals. Instants are microseconds since 1970 (what PostgreSQL keeps): the computation
//! of free times does nothing but compare and add, tens of thousands of times.

use chrono::{DateTime, Utc};

/// From an instant to another, excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// Microseconds since 1970.
    pub from: i64,
    /// Microseconds since 1970, excluded.
    pub to: i64,
}

impl Span {
    /// Between two instants.
    #[must_use]
    pub fn between(from: DateTime<Utc>, to: DateTime<Utc>) -> Self {
        Self { from: from.timestamp_micros(), to: to.timestamp_micros() }
    }

    /// Its two ends as instants; `None` beyond the years the calendar knows.
    #[must_use]
    pub fn instants(self) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        Some((DateTime::from_timestamp_micros(self.from)?, DateTime::from_timestamp_micros(self.to)?))
    }

    /// Whether it has no inside.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.to <= self.from
    }

    /// How much of it lies in another, microseconds.
    #[must_use]
    pub fn overlap(self, other: Self) -> i64 {
        (self.to.min(other.to) - self.from.max(other.from)).max(0)
    }
}

/// Sorts and joins what overlaps or touches; drops the empty ones.
#[must_use]
pub fn union(mut spans: Vec<Span>) -> Vec<Span> {
    spans.retain(|span| !span.is_empty());
    spans.sort();
    spans.dedup_by(|next, kept| {
        let joined = next.from <= kept.to;
        if joined {
            kept.to = kept.to.max(next.to);
        }
        joined
    });
    spans
}

/// What is left of `spans` without `holes`; both as [`union`] makes them.
#[must_use]
pub fn subtract(spans: &[Span], holes: &[Span]) -> Vec<Span> {
    let mut left = Vec::with_capacity(spans.len());
    let mut holes = holes.iter().peekable();
    for &span in spans {
        let mut from = span.from;
        while holes.next_if(|hole| hole.to <= from).is_some() {}
        let mut ahead = holes.clone();
        while let Some(hole) = ahead.next_if(|hole| hole.from < span.to) {
            if from < hole.from {
                left.push(Span { from, to: hole.from });
            }
            from = from.max(hole.to);
        }
        if from < span.to {
            left.push(Span { from, to: span.to });
        }
    }
    left
}

/// A sorted list of obstacles, asked with growing starts.
#[derive(Clone, Debug)]
pub struct Obstacles<'a> {
    ahead: &'a [Span],
}

impl<'a> Obstacles<'a> {
    /// Of spans as [`union`] makes them.
    #[must_use]
    pub fn new(spans: &'a [Span]) -> Self {
        Self { ahead: spans }
    }

    /// Starts over at an instant: skips what is behind it.
    #[must_use]
    pub fn from(mut self, instant: i64) -> Self {
        self.ahead = &self.ahead[self.ahead.partition_point(|span| span.to <= instant)..];
        self
    }

    /// Whether one of them overlaps. Each question's start must not be before the last one's.
    pub fn hit(&mut self, asked: Span) -> bool {
        while let [first, rest @ ..] = self.ahead
            && first.to <= asked.from
        {
            self.ahead = rest;
        }
        self.ahead.first().is_some_and(|first| first.from < asked.to)
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn spans() -> impl Strategy<Value = Vec<Span>> {
        vec((0..60_i64, 0..12_i64).prop_map(|(from, len)| Span { from, to: from + len }), 0..12)
    }

    fn points(spans: &[Span]) -> Vec<bool> {
        (0..80).map(|p| spans.iter().any(|s| s.from <= p && p < s.to)).collect()
    }

    fn is_tidy(spans: &[Span]) -> bool {
        spans.iter().all(|s| s.from < s.to) && spans.windows(2).all(|w| w[0].to < w[1].from)
    }

    proptest! {
        #[test]
        fn union_covers_the_same_points(given in spans()) {
            let joined = union(given.clone());
            prop_assert!(is_tidy(&joined));
            prop_assert_eq!(points(&joined), points(&given));
        }

        #[test]
        fn subtract_removes_exactly_the_holes(a in spans(), b in spans()) {
            let (a, b) = (union(a), union(b));
            let left = subtract(&a, &b);
            prop_assert!(is_tidy(&left));
            let expected: Vec<bool> = points(&a).iter().zip(points(&b)).map(|(a, b)| *a && !b).collect();
            prop_assert_eq!(points(&left), expected);
        }

        #[test]
        fn obstacles_answer_as_a_look_at_all_of_them(given in spans(), length in 1..10_i64, begin in 0..60_i64) {
            let given = union(given);
            let mut obstacles = Obstacles::new(&given).from(begin);
            for from in begin..70 {
                let asked = Span { from, to: from + length };
                let expected = given.iter().any(|s| s.overlap(asked) > 0);
                prop_assert_eq!(obstacles.hit(asked), expected);
            }
        }
    }
}
