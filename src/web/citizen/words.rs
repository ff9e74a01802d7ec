//! How the citizens' pages say durations, states and prices.

use crate::agenda::{Service, State};
use crate::money::Cents;
use crate::payments::{Quote, Tariff};
use crate::web::i18n::T;

/// "90 minuti", "2 ore", "3 giorni".
pub(super) fn duration(t: T, minutes: i32) -> String {
    const HOUR: i32 = 60;
    const DAY: i32 = 24 * HOUR;
    let (key, n) = match minutes {
        m if m >= DAY && m % DAY == 0 => ("citizen-days", m / DAY),
        m if m >= HOUR && m % HOUR == 0 => ("citizen-hours", m / HOUR),
        m => ("citizen-minutes", m),
    };
    t.with(key, &[("n", &n)])
}

/// The kind of badge and the words for where an appointment stands.
pub(super) fn state(t: T, state: State) -> (&'static str, String) {
    let kind = match state {
        State::Confirmed | State::Arrived | State::Called | State::Served => "success",
        State::Held | State::AwaitingPayment => "warning",
        State::NoShow | State::Cancelled | State::Expired => "secondary",
    };
    (kind, t.get(&format!("citizen-state-{}", state.as_str())))
}

/// A reason as the citizen reads it; it is kept in Italian, as the operators read it.
pub(super) fn reason(service: &Service, kept: &str, language: &str) -> String {
    let known = service.reasons.iter().find(|reason| reason.get("it") == kept);
    known.map_or_else(|| kept.to_owned(), |reason| reason.get(language).to_owned())
}

/// What a service costs, before anything was chosen.
pub(super) struct Price {
    /// The sentence: free, so much, or what it depends on.
    pub(super) summary: String,
    /// When it is paid; empty where it is free.
    pub(super) when: String,
    /// Each line and its amount.
    pub(super) lines: Vec<(String, String)>,
}

/// The price of a service on its sheet.
pub(super) fn price(t: T, tariff: Option<&Tariff>) -> Price {
    let Some(tariff) = tariff.filter(|tariff| !tariff.items.is_empty()) else {
        return Price { summary: t.get("citizen-price-free"), when: String::new(), lines: Vec::new() };
    };
    let depends_on_day = tariff.items.iter().any(|item| {
        let when = &item.conditions;
        !when.weekdays.is_empty() || when.from.is_some() || when.to.is_some()
    });
    let depends_on_answers = tariff.items.iter().any(|item| !item.conditions.answers.is_empty());
    let total = tariff.items.iter().map(|item| item.amount()).sum::<Cents>();
    let summary = match (depends_on_day, depends_on_answers) {
        (false, false) => t.with("citizen-price-fixed", &[("amount", &total)]),
        (true, false) => t.get("citizen-price-by-day"),
        (false, true) => t.get("citizen-price-by-answers"),
        (true, true) => t.get("citizen-price-by-both"),
    };
    let when = payment_time(t, tariff.in_advance, tariff.hold_minutes, tariff.due_days);
    let lines = tariff.items.iter();
    let lines = lines.map(|item| (item.description.get(t.code()).to_owned(), item.amount().to_string()));
    Price { summary, when, lines: lines.collect() }
}

fn payment_time(t: T, in_advance: bool, hold_minutes: i32, due_days: i32) -> String {
    if in_advance {
        t.with("citizen-price-in-advance", &[("time", &duration(t, hold_minutes))])
    } else {
        t.with("citizen-price-later", &[("n", &due_days)])
    }
}

/// When a quote is paid; empty where nothing is.
pub(super) fn when_paid(t: T, quote: &Quote) -> String {
    if quote.total() == Cents::ZERO {
        return String::new();
    }
    payment_time(t, quote.in_advance, quote.hold_minutes, quote.due_days)
}

/// The lines of a quote.
pub(super) fn quote_lines(t: T, quote: &Quote) -> Vec<(String, String)> {
    let items = quote.items.iter();
    items.map(|item| (item.description.get(t.code()).to_owned(), item.amount.to_string())).collect()
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Rome;

    use super::*;
    use crate::web::i18n::Language;

    #[test]
    fn durations_are_said_in_the_largest_whole_unit() {
        let t = T::new(Language::It, Rome);
        for (minutes, said) in [
            (1, "1 minuto"),
            (90, "90 minuti"),
            (60, "1 ora"),
            (120, "2 ore"),
            (1440, "1 giorno"),
            (4320, "3 giorni"),
            (0, "0 minuti"),
        ] {
            assert_eq!(duration(t, minutes), said);
        }
    }

    #[test]
    fn every_state_has_words_in_every_language() {
        for language in Language::ALL {
            let t = T::new(language, Rome);
            for each in State::ALL {
                assert!(t.has(&format!("citizen-state-{}", each.as_str())), "{each:?}");
                assert!(!state(t, each).1.is_empty());
            }
        }
    }
}
