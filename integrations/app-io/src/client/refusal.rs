//! The two JSON dialects App IO refuses in: `application/problem+json` from the platform, and
//! `{statusCode, message}` from the gateway before it. Which of them answers is part of the meaning.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde::Deserialize;

use super::error::{ConfigurationReason, Error, Fault, PermanentReason, Repeatable};

/// The length of the gateway's window, when it does not say how long to wait.
const DEFAULT_RETRY_AFTER: Duration = Duration::from_secs(5);

/// Longer answers are not worth keeping.
const MAX_DETAIL_CHARACTERS: usize = 500;

/// The body of an answer that is not a success.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Refusal {
    /// The platform's.
    Problem {
        title: String,
        #[serde(default)]
        detail: String,
    },
    /// The gateway's.
    Gateway {
        #[serde(rename = "statusCode")]
        _status: u16,
        message: String,
    },
    /// Neither: a proxy, or another site altogether.
    Unreadable,
}

impl Refusal {
    pub(super) fn read(body: &[u8]) -> Self {
        serde_json::from_slice(body).unwrap_or(Self::Unreadable)
    }

    pub(super) fn into_error(self, status: StatusCode, headers: &HeaderMap, repeatable: Repeatable) -> Error {
        match status.as_u16() {
            429 => Error::RateLimited { retry_after: retry_after(headers) },
            // The platform says that it did not deliver; a proxy's 408, 502 or 504 says nothing.
            500 | 503 => Error::Temporary(Fault::Status(status.as_u16())),
            408 | 501.. => Error::from_fault(Fault::Status(status.as_u16()), repeatable),
            400 => self.permanent(|refusal| {
                if refusal.mentions("exceeds the maximum allowed") {
                    PermanentReason::AmountAboveServiceMaximum
                } else {
                    PermanentReason::InvalidMessage
                }
            }),
            401 => self.configuration(ConfigurationReason::KeyRefused),
            403 => self.forbidden(),
            404 if matches!(self, Self::Problem { .. }) => self.permanent(|_| PermanentReason::NotFound),
            ..=399 | 404 | 405 => self.configuration(ConfigurationReason::WrongAddress),
            other => self.permanent(|_| PermanentReason::Other(other)),
        }
    }

    fn forbidden(self) -> Error {
        match &self {
            Self::Problem { title, .. } if title == "Recipient forbidden" => {
                self.permanent(|_| PermanentReason::RecipientForbidden)
            }
            Self::Gateway { .. } => self.configuration(ConfigurationReason::GroupMissing),
            Self::Problem { .. } | Self::Unreadable => self.configuration(ConfigurationReason::NotAllowed),
        }
    }

    fn permanent(self, reason: impl FnOnce(&Self) -> PermanentReason) -> Error {
        Error::Permanent { reason: reason(&self), detail: self.detail() }
    }

    fn configuration(self, reason: ConfigurationReason) -> Error {
        Error::Configuration { reason, detail: self.detail() }
    }

    fn mentions(&self, words: &str) -> bool {
        matches!(self, Self::Problem { title, detail } if title.contains(words) || detail.contains(words))
    }

    fn detail(self) -> String {
        let text = match self {
            Self::Problem { title, detail } if detail.is_empty() => title,
            Self::Problem { title, detail } => format!("{title}: {}", without_values(&detail)),
            Self::Gateway { message, .. } => message,
            Self::Unreadable => String::new(),
        };
        text.chars().take(MAX_DETAIL_CHARACTERS).collect()
    }
}

/// The validator writes `value [what was sent] at [path] is not a valid [type]`, and what was sent
/// is personal.
fn without_values(detail: &str) -> String {
    const VALUE: &str = "value [";
    const PATH: &str = "] at [";
    let mut kept = String::with_capacity(detail.len());
    let mut rest = detail;
    while let Some(start) = rest.find(VALUE) {
        let (before, from) = rest.split_at(start + VALUE.len());
        kept.push_str(before);
        kept.push('…');
        rest = from.find(PATH).map_or("", |end| &from[end..]);
    }
    kept + rest
}

/// The gateway's own header, and the standard one that other parts of the platform may use.
fn retry_after(headers: &HeaderMap) -> Duration {
    ["x-rate-limit-retry-after", "retry-after"]
        .into_iter()
        .filter_map(|name| headers.get(name)?.to_str().ok()?.trim().parse().ok())
        .map(Duration::from_secs)
        .next()
        .unwrap_or(DEFAULT_RETRY_AFTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(status: u16, body: &str) -> Error {
        let status = StatusCode::from_u16(status).unwrap();
        Refusal::read(body.as_bytes()).into_error(status, &HeaderMap::new(), Repeatable::No)
    }

    #[test]
    fn each_documented_refusal_has_its_reason() {
        let permanent = |error: Error| match error {
            Error::Permanent { reason, .. } => reason,
            other => panic!("{other:?}"),
        };
        let configuration = |error: Error| match error {
            Error::Configuration { reason, .. } => reason,
            other => panic!("{other:?}"),
        };
        let invalid = r#"{"detail":"value [undefined] at [root.0] is not a valid [Exact<NewMessage>]","status":400,"title":"Invalid (Exact<NewMessage>)"}"#;
        assert_eq!(permanent(sorted(400, invalid)), PermanentReason::InvalidMessage);
        let amount = r#"{"title":"Error while sending payment metadata","status":400,"detail":"The requested amount (2 cents) exceeds the maximum allowed for this service (1 cents)"}"#;
        assert_eq!(permanent(sorted(400, amount)), PermanentReason::AmountAboveServiceMaximum);
        let key = r#"{"statusCode":401,"message":"Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription."}"#;
        assert_eq!(configuration(sorted(401, key)), ConfigurationReason::KeyRefused);
        let not_allowed = r#"{"detail":"You do not have enough permission to complete the operation you requested","status":403,"title":"You are not allowed here"}"#;
        assert_eq!(configuration(sorted(403, not_allowed)), ConfigurationReason::NotAllowed);
        let group = r#"{"statusCode":403,"message":"Invalid key"}"#;
        assert_eq!(configuration(sorted(403, group)), ConfigurationReason::GroupMissing);
        let recipient = r#"{"detail":"You are not allowed to issue requests for the recipient.","status":403,"title":"Recipient forbidden"}"#;
        assert_eq!(permanent(sorted(403, recipient)), PermanentReason::RecipientForbidden);
        let path = r#"{"statusCode":404,"message":"Resource not found"}"#;
        assert_eq!(configuration(sorted(404, path)), ConfigurationReason::WrongAddress);
        assert_eq!(configuration(sorted(404, "<html>")), ConfigurationReason::WrongAddress);
        let message = r#"{"title":"Message not found","status":404,"detail":"…"}"#;
        assert_eq!(permanent(sorted(404, message)), PermanentReason::NotFound);
        assert_eq!(permanent(sorted(413, "")), PermanentReason::Other(413));
    }

    #[test]
    fn failures_are_sorted_by_what_is_known() {
        for status in [500, 503] {
            assert!(matches!(sorted(status, ""), Error::Temporary(_)));
        }
        for status in [502, 504] {
            assert!(matches!(sorted(status, ""), Error::Unknown(_)));
        }
    }

    #[test]
    fn the_wait_is_read_from_either_header() {
        let wait = |name: &'static str, value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            retry_after(&headers)
        };
        assert_eq!(wait("x-rate-limit-retry-after", "3"), Duration::from_secs(3));
        assert_eq!(wait("retry-after", "7"), Duration::from_secs(7));
        assert_eq!(wait("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT"), DEFAULT_RETRY_AFTER);
    }

    #[test]
    fn what_was_sent_is_not_kept() {
        let detail = "value [\"AAAAAA00A00A000A\"] at [root.0.fiscal_code] is not a valid [x]\n\
                      value [\"Caro Mario\"] at [root.0.content.markdown] is not a valid [y]";
        assert_eq!(
            without_values(detail),
            "value […] at [root.0.fiscal_code] is not a valid [x]\n\
             value […] at [root.0.content.markdown] is not a valid [y]"
        );
        assert_eq!(without_values("value [cut off"), "value […");
        assert_eq!(without_values("no values"), "no values");
    }
}
