//! What a service costs, from a day on, and to whom each of its lines applies.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids::{ServiceId, TariffId};
use crate::money::Cents;
use crate::text::Text;

/// A version of what a service costs. Without items it costs nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tariff {
    /// Its identifier.
    pub id: TariffId,
    /// Of which service.
    pub service: ServiceId,
    /// First day on which it is asked for (the day of booking, not that of the appointment).
    pub valid_from: NaiveDate,
    /// Last day, included; `None`: until changed.
    pub valid_to: Option<NaiveDate>,
    /// The appointment is confirmed by the receipt.
    pub in_advance: bool,
    /// How long an unpaid time is kept, in minutes.
    pub hold_minutes: i32,
    /// Days until the due date, where it is paid later.
    pub due_days: i32,
    /// Its lines, in order.
    pub items: Vec<TariffItem>,
}

/// A line of a tariff. Its amount is the sum of its shares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TariffItem {
    /// What is paid: on the pages, in the notice, in the remittance text.
    pub description: Text,
    /// Taxonomy code, e.g. `9/0104100TS/`.
    pub taxonomy: String,
    /// When it applies.
    pub conditions: Conditions,
    /// Its parts, in order; never empty.
    pub shares: Vec<TariffShare>,
}

impl TariffItem {
    /// What the line costs where it applies.
    #[must_use]
    pub fn amount(&self) -> Cents {
        self.shares.iter().map(|share| share.amount).sum()
    }
}

/// The part of a line that belongs to one budget chapter, named by its code: the year is that of the payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TariffShare {
    /// Capitolo.
    pub chapter_code: String,
    /// Articolo; empty where chapters have none.
    #[serde(default)]
    pub chapter_article: String,
    /// A fixed amount, more than zero.
    pub amount: Cents,
}

/// When a line applies: all that is said must hold, and what is not said holds always.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Conditions {
    /// Days of the week on which the appointment begins, ISO: 1 is Monday.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub weekdays: Vec<u8>,
    /// It begins at this local time or later.
    #[serde(with = "clock_time", skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveTime>,
    /// It begins before this local time.
    #[serde(with = "clock_time", skip_serializing_if = "Option::is_none")]
    pub to: Option<NaiveTime>,
    /// What the form was answered: per question the wanted value, or a list of which one is wanted.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub answers: BTreeMap<String, Value>,
}

impl Conditions {
    /// Whether the line applies to an appointment that begins at this local time, with these answers.
    #[must_use]
    pub fn hold(&self, start: NaiveDateTime, answers: &Value) -> bool {
        let weekday = u8::try_from(start.weekday().number_from_monday()).expect("there are seven weekdays");
        (self.weekdays.is_empty() || self.weekdays.contains(&weekday))
            && self.from.is_none_or(|from| from <= start.time())
            && self.to.is_none_or(|to| start.time() < to)
            && self
                .answers
                .iter()
                .all(|(question, wanted)| answers.get(question).is_some_and(|given| is_wanted(wanted, given)))
    }
}

/// A question with several answers meets a condition when one of them does.
fn is_wanted(wanted: &Value, given: &Value) -> bool {
    match (wanted, given) {
        (Value::Array(any), _) => any.iter().any(|one| is_wanted(one, given)),
        (_, Value::Array(several)) => several.contains(wanted),
        _ => wanted == given,
    }
}

/// Times of the day as people write them: `09:00`.
mod clock_time {
    use chrono::NaiveTime;
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    const FORMAT: &str = "%H:%M";

    #[expect(clippy::ref_option, reason = "serde gives a reference to the field")]
    pub(super) fn serialize<S: Serializer>(
        time: &Option<NaiveTime>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => serializer.collect_str(&time.format(FORMAT)),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<NaiveTime>, D::Error> {
        Option::<String>::deserialize(deserializer)?
            .map(|text| NaiveTime::parse_from_str(&text, FORMAT).map_err(D::Error::custom))
            .transpose()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn conditions(value: Value) -> Conditions {
        serde_json::from_value(value).unwrap()
    }

    fn at(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn no_condition_always_holds() {
        assert!(conditions(json!({})).hold(at("2026-11-23T09:00:00"), &Value::Null));
    }

    #[test]
    fn weekdays_and_hours_are_local_and_the_end_is_out() {
        let saturday_morning = conditions(json!({"weekdays": [6], "from": "09:00", "to": "13:00"}));
        assert!(saturday_morning.hold(at("2026-11-28T09:00:00"), &json!({})));
        assert!(saturday_morning.hold(at("2026-11-28T12:59:00"), &json!({})));
        assert!(!saturday_morning.hold(at("2026-11-28T13:00:00"), &json!({})));
        assert!(!saturday_morning.hold(at("2026-11-28T08:59:00"), &json!({})));
        assert!(!saturday_morning.hold(at("2026-11-27T10:00:00"), &json!({})));
    }

    #[test]
    fn answers_are_compared_by_value_and_kind() {
        let start = at("2026-11-23T09:00:00");
        for (wanted, given, holds) in [
            (json!(true), json!(true), true),
            (json!(true), json!(false), false),
            (json!("si"), json!("si"), true),
            (json!(true), json!("true"), false),
            (json!(["a", "b"]), json!("b"), true),
            (json!(["a", "b"]), json!("c"), false),
            (json!("a"), json!(["c", "a"]), true),
            (json!(["a", "b"]), json!(["c", "b"]), true),
            (json!([]), json!("a"), false),
            (json!(2), json!(2), true),
        ] {
            let conditions = conditions(json!({"answers": {"q": wanted}}));
            assert_eq!(conditions.hold(start, &json!({"q": given})), holds, "{wanted} {given}");
            assert!(!conditions.hold(start, &json!({})), "a question without answer meets no condition");
            assert!(!conditions.hold(start, &Value::Null));
        }
    }

    #[test]
    fn is_written_as_it_is_read_and_unknown_words_are_refused() {
        let written =
            json!({"weekdays": [1, 7], "from": "09:05", "to": "13:00", "answers": {"residente": ["si"]}});
        assert_eq!(serde_json::to_value(conditions(written.clone())).unwrap(), written);
        assert_eq!(serde_json::to_value(Conditions::default()).unwrap(), json!({}));
        assert!(serde_json::from_value::<Conditions>(json!({"weekday": [1]})).is_err());
        assert!(serde_json::from_value::<Conditions>(json!({"from": "9"})).is_err());
    }
}
