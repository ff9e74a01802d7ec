//! The platform's validator: every rule of the message's schema, every breach reported.
//!
//! It is written against the JSON, not against this crate's own message type, so that the two can
//! disagree.

use std::ops::RangeInclusive;

use axum::http::StatusCode;
use chrono::{DateTime, NaiveDateTime, Utc};
use serde_json::{Map, Value};

use super::gateway::Problem;
use crate::FiscalCode;
use crate::message::utf16_units;

/// A message that passed.
#[derive(Debug, Clone)]
pub(crate) struct NewMessage {
    pub recipient: FiscalCode,
    pub subject: String,
    pub markdown: String,
    pub due_date: Option<DateTime<Utc>>,
    pub payment: Option<PaymentData>,
    pub secure: bool,
    /// It uses something institutions are not given by default: premium features, remote content,
    /// another payee, reserved fields.
    pub needs_special_group: bool,
    /// The content as it came.
    pub content: Value,
}

#[derive(Debug, Clone)]
pub(crate) struct PaymentData {
    pub amount_cents: i64,
    pub notice_number: String,
    pub invalid_after_due_date: bool,
}

/// Collects breaches in the words of the platform's validator.
struct Breaches {
    root: &'static str,
    lines: Vec<String>,
}

impl Breaches {
    fn add(&mut self, value: Option<&Value>, path: &str, expected: &str) {
        let value = value.map_or_else(|| "undefined".to_owned(), Value::to_string);
        let root = self.root;
        self.lines.push(format!("value [{value}] at [{root}{path}] is not a valid [{expected}]"));
    }

    fn into_problem(self, what: &str) -> Problem {
        let title = format!("Invalid {what}");
        Problem::new(StatusCode::BAD_REQUEST, &title, &self.lines.join("\n"))
    }
}

/// Reads the body of `POST /profiles`.
pub(super) fn decode_profile_request(payload: &Value) -> Result<FiscalCode, Problem> {
    let mut breaches = Breaches { root: "root", lines: Vec::new() };
    fiscal_code(payload.get("fiscal_code"), &mut breaches)
        .ok_or_else(|| breaches.into_problem("FiscalCodePayload"))
}

/// Reads the body of `POST /messages`.
pub(super) fn decode_message(payload: Value) -> Result<NewMessage, Problem> {
    const WHAT: &str = "(Exact<NewMessage> & { time_to_live: (integer >= 3600 and < 604800 | 604800) })";
    let mut breaches = Breaches { root: "root.0", lines: Vec::new() };
    let Some(content) = payload.get("content").and_then(Value::as_object) else {
        let value = payload.get("content").or(Some(&payload));
        breaches.add(value.filter(|value| !value.is_null()), "", "Exact<NewMessage>");
        return Err(breaches.into_problem(WHAT));
    };
    let recipient = match payload.get("fiscal_code") {
        // The platform looks for it after validation, and says so in its own words.
        None => None,
        present => fiscal_code(present, &mut breaches),
    };
    time_to_live(payload.get("time_to_live"), &mut breaches);
    let subject = bounded_text(content, "subject", 10..=120, &mut breaches);
    let markdown = bounded_text(content, "markdown", 80..=10_000, &mut breaches);
    let secure = boolean(content, "content", "require_secure_channels", &mut breaches);
    let due_date = due_date(content.get("due_date"), &mut breaches);
    let payment = payment(content.get("payment_data"), &mut breaches);
    if !breaches.lines.is_empty() {
        return Err(breaches.into_problem(WHAT));
    }
    let (Some(subject), Some(markdown)) = (subject, markdown) else {
        return Err(breaches.into_problem(WHAT));
    };
    let Some(recipient) = recipient else {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "Bad Request",
            "The fiscal code must be in the path or in the payload, and not in both",
        ));
    };
    remote_content(content.get("third_party_data"))?;
    let payee = content.get("payment_data").and_then(|data| data.get("payee"));
    let level = payload.get("feature_level_type").and_then(Value::as_str);
    let needs_special_group =
        payee.is_some() || content.contains_key("eu_covid_cert") || level == Some("ADVANCED");
    Ok(NewMessage {
        recipient,
        subject,
        markdown,
        due_date,
        payment,
        secure,
        needs_special_group,
        content: Value::Object(content.clone()),
    })
}

fn fiscal_code(value: Option<&Value>, breaches: &mut Breaches) -> Option<FiscalCode> {
    let code = value.and_then(Value::as_str).and_then(|text| FiscalCode::parse(text).ok());
    if code.is_none() {
        breaches.add(
            value,
            ".fiscal_code",
            "string that matches the pattern \"^[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST]\
             [0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]$\"",
        );
    }
    code
}

fn time_to_live(value: Option<&Value>, breaches: &mut Breaches) {
    let Some(value) = value else { return };
    if !value.as_i64().is_some_and(|seconds| (3600..=604_800).contains(&seconds)) {
        breaches.add(Some(value), ".time_to_live", "integer >= 3600 and < 604800 | 604800");
    }
}

fn bounded_text(
    content: &Map<String, Value>,
    field: &str,
    units: RangeInclusive<usize>,
    breaches: &mut Breaches,
) -> Option<String> {
    let value = content.get(field);
    let text = value.and_then(Value::as_str).filter(|text| units.contains(&utf16_units(text)));
    if text.is_none() {
        let expected = format!("string of length >= {} and < {}", units.start(), units.end() + 1);
        breaches.add(value, &format!(".content.{field}"), &expected);
    }
    text.map(str::to_owned)
}

fn boolean(object: &Map<String, Value>, parent: &str, field: &str, breaches: &mut Breaches) -> bool {
    match object.get(field) {
        None => false,
        Some(Value::Bool(value)) => *value,
        other => {
            breaches.add(other, &format!(".{parent}.{field}"), "boolean");
            false
        }
    }
}

/// Date and time with seconds; the zone may be missing, and is then UTC.
fn due_date(value: Option<&Value>, breaches: &mut Breaches) -> Option<DateTime<Utc>> {
    let value = value?;
    let instant = value.as_str().filter(|text| text.as_bytes().get(10) == Some(&b'T')).and_then(|text| {
        let zoned = DateTime::parse_from_rfc3339(text).map(|instant| instant.to_utc());
        let bare = || NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f");
        zoned.or_else(|_| bare().map(|local| local.and_utc())).ok()
    });
    if instant.is_none() {
        breaches.add(Some(value), ".content.due_date", "UTCISODateFromString");
    }
    instant
}

fn payment(value: Option<&Value>, breaches: &mut Breaches) -> Option<PaymentData> {
    let value = value?;
    let Some(data) = value.as_object() else {
        breaches.add(Some(value), ".content.payment_data", "PaymentData");
        return None;
    };
    let amount = data.get("amount");
    let amount_cents = amount.and_then(Value::as_i64).filter(|cents| (1..=9_999_999_999).contains(cents));
    if amount_cents.is_none() {
        breaches.add(amount, ".content.payment_data.amount", "integer >= 1 and < 9999999999 | 9999999999");
    }
    let number = data.get("notice_number");
    let notice_number = number.and_then(Value::as_str).filter(|text| {
        let bytes = text.as_bytes();
        bytes.len() == 18 && bytes[0] <= b'3' && bytes.iter().all(u8::is_ascii_digit)
    });
    if notice_number.is_none() {
        breaches.add(
            number,
            ".content.payment_data.notice_number",
            "string that matches the pattern \"^[0123][0-9]{17}$\"",
        );
    }
    let invalid_after_due_date = boolean(data, "content.payment_data", "invalid_after_due_date", breaches);
    Some(PaymentData {
        amount_cents: amount_cents?,
        notice_number: notice_number?.to_owned(),
        invalid_after_due_date,
    })
}

/// No institution has a remote content configuration here.
fn remote_content(value: Option<&Value>) -> Result<(), Problem> {
    let Some(data) = value else { return Ok(()) };
    if data.get("configuration_id").is_none() {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "You are not allowed here",
            "No configuration id was provided",
        ));
    }
    Err(Problem::new(
        StatusCode::NOT_FOUND,
        "Remote content configuration not found",
        "The remote content configuration was not found in the system.",
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn message(change: impl FnOnce(&mut Value)) -> Result<NewMessage, Problem> {
        let mut payload = json!({
            "fiscal_code": "AAAAAA00A00A000A",
            "content": { "subject": "Dieci unità", "markdown": "x".repeat(80) },
        });
        change(&mut payload);
        decode_message(payload)
    }

    fn breach(change: impl FnOnce(&mut Value)) -> String {
        let problem = message(change).unwrap_err();
        assert_eq!(problem.status, 400);
        problem.detail
    }

    #[test]
    fn the_samples_pass() {
        for sample in [
            include_str!("../../tests/samples/appointment.json"),
            include_str!("../../tests/samples/payment.json"),
        ] {
            decode_message(serde_json::from_str(sample).unwrap()).unwrap();
        }
    }

    #[test]
    fn due_dates_need_seconds_but_not_a_zone() {
        for accepted in [
            "2026-11-12T09:30:00Z",
            "2026-11-12T09:30:00+01:00",
            "2026-11-12T09:30:00.123Z",
            "2026-11-12T09:30:00",
        ] {
            assert!(message(|m| m["content"]["due_date"] = json!(accepted)).is_ok(), "{accepted}");
        }
        for refused in ["2026-11-12", "2026-11-12T09:30Z", "2026-11-12 09:30:00Z", "domani"] {
            let detail = breach(|m| m["content"]["due_date"] = json!(refused));
            assert!(detail.contains("root.0.content.due_date"), "{detail}");
        }
    }

    #[test]
    fn every_breach_is_reported() {
        let detail = breach(|m| {
            m["fiscal_code"] = json!("aaaaaa00a00a000a");
            m["time_to_live"] = json!(10);
            m["content"]["subject"] = json!("corto");
            m["content"]["require_secure_channels"] = json!("sì");
            m["content"]["payment_data"] =
                json!({ "amount": 22.21, "notice_number": "4010", "invalid_after_due_date": 1 });
        });
        assert_eq!(detail.lines().count(), 7, "{detail}");
    }

    #[test]
    fn a_recipient_is_needed() {
        breach(|m| {
            m.as_object_mut().unwrap().remove("fiscal_code");
        });
        breach(|m| *m = json!({}));
        breach(|m| *m = Value::Null);
    }

    #[test]
    fn special_features_are_not_for_everybody() {
        let advanced = message(|m| m["feature_level_type"] = json!("ADVANCED")).unwrap();
        assert!(advanced.needs_special_group);
        let refused = |data: Value| message(|m| m["content"]["third_party_data"] = data);
        assert_eq!(refused(json!({ "id": "1" })).unwrap_err().status, 403);
        let configured = json!({ "id": "1", "configuration_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV" });
        assert_eq!(refused(configured).unwrap_err().status, 404);
    }
}
