//! "Test the connection": one harmless call, read as three answers.

use serde::Serialize;

use crate::FiscalCode;
use crate::client::{Client, ConfigurationReason, Error, Fault, PermanentReason, ProfileOutcome};

/// One thing that must hold before messages can be sent. The page that shows it owns the words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at.
    pub name: CheckName,
    /// What was found.
    pub outcome: Outcome,
    /// Why.
    pub detail: Detail,
}

/// What a [`Check`] looks at, in the order in which one depends on the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckName {
    /// The base address leads to App IO.
    BaseUrlReachable,
    /// App IO knows the key.
    KeyAccepted,
    /// The service may ask about its recipients.
    ServiceAllowed,
}

/// What a [`Check`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It holds.
    Passed,
    /// It does not hold.
    Failed,
    /// The answer does not tell.
    Undecided,
}

/// The reason behind an [`Outcome`], for a machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Detail {
    /// A stable word: `ok`, `not_reached`, an error's own code, or what stopped the test.
    pub code: &'static str,
    /// What App IO wrote, where it wrote something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote: Option<String>,
    /// Seconds to wait before testing again, where App IO asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<u64>,
}

impl Detail {
    fn code(code: &'static str) -> Self {
        Self { code, remote: None, retry_after_seconds: None }
    }
}

/// Asks App IO about its sandbox citizen with the client's key. Nobody is written to.
pub async fn diagnose(client: &Client) -> Vec<Check> {
    let answer = client.profile(&FiscalCode::sandbox()).await;
    interpret(answer)
}

/// The first check that does not pass carries the reason; those after it are undecided.
fn interpret(answer: Result<ProfileOutcome, Error>) -> Vec<Check> {
    let checks = [CheckName::BaseUrlReachable, CheckName::KeyAccepted, CheckName::ServiceAllowed];
    let stop = answer.err().map(stopped_at);
    let mut stopped = false;
    let mut result = Vec::with_capacity(checks.len());
    for name in checks {
        let (outcome, detail) = match &stop {
            Some((at, outcome, detail)) if *at == name => {
                stopped = true;
                (*outcome, detail.clone())
            }
            _ if stopped => (Outcome::Undecided, Detail::code("not_reached")),
            _ => (Outcome::Passed, Detail::code("ok")),
        };
        result.push(Check { name, outcome, detail });
    }
    result
}

/// The check an error belongs to. The gateway looks at the key before it counts calls and before
/// the platform sees anything, so a quota answer proves the key and a platform failure does too.
fn stopped_at(error: Error) -> (CheckName, Outcome, Detail) {
    use CheckName::{BaseUrlReachable, KeyAccepted, ServiceAllowed};
    match error {
        Error::Configuration { reason, detail } => {
            let name = match reason {
                ConfigurationReason::WrongAddress => BaseUrlReachable,
                ConfigurationReason::KeyRefused => KeyAccepted,
                ConfigurationReason::GroupMissing | ConfigurationReason::NotAllowed => ServiceAllowed,
            };
            (name, Outcome::Failed, remote(reason.code(), detail))
        }
        Error::Permanent { reason, detail } => {
            let outcome = match reason {
                PermanentReason::RecipientForbidden => Outcome::Failed,
                _ => Outcome::Undecided,
            };
            (ServiceAllowed, outcome, remote(reason.code(), detail))
        }
        Error::RateLimited { retry_after } => {
            let detail =
                Detail { retry_after_seconds: Some(retry_after.as_secs()), ..Detail::code("rate_limited") };
            (ServiceAllowed, Outcome::Undecided, detail)
        }
        Error::Temporary(fault) | Error::Unknown(fault) => match fault {
            Fault::NotConnected(_) => failed(BaseUrlReachable, "not_connected"),
            Fault::Interrupted(_) => failed(BaseUrlReachable, "interrupted"),
            Fault::UnreadableAnswer => failed(BaseUrlReachable, "unreadable_answer"),
            Fault::Status(500) => {
                let detail = Detail::code("platform_failure");
                (ServiceAllowed, Outcome::Undecided, detail)
            }
            Fault::Status(_) => {
                let detail = Detail::code("platform_unavailable");
                (KeyAccepted, Outcome::Undecided, detail)
            }
        },
    }
}

fn failed(name: CheckName, code: &'static str) -> (CheckName, Outcome, Detail) {
    (name, Outcome::Failed, Detail::code(code))
}

fn remote(code: &'static str, detail: String) -> Detail {
    Detail { remote: (!detail.is_empty()).then_some(detail), ..Detail::code(code) }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn outcomes(answer: Result<ProfileOutcome, Error>) -> Vec<(Outcome, &'static str)> {
        let checks = interpret(answer);
        checks.into_iter().map(|check| (check.outcome, check.detail.code)).collect()
    }

    #[test]
    fn any_profile_answer_proves_everything() {
        for profile in [ProfileOutcome::OptedOut, ProfileOutcome::NotOnIo] {
            assert_eq!(outcomes(Ok(profile)), [(Outcome::Passed, "ok"); 3]);
        }
    }

    #[test]
    fn checks_after_a_failure_are_not_reached() {
        let wrong_key = Error::Configuration {
            reason: ConfigurationReason::KeyRefused,
            detail: "Access denied".to_owned(),
        };
        assert_eq!(
            outcomes(Err(wrong_key)),
            [(Outcome::Passed, "ok"), (Outcome::Failed, "key_refused"), (Outcome::Undecided, "not_reached"),]
        );
    }

    #[test]
    fn a_busy_platform_proves_the_key_only() {
        let busy = Error::RateLimited { retry_after: Duration::from_secs(4) };
        let checks = interpret(Err(busy));
        assert_eq!(checks[1].outcome, Outcome::Passed);
        assert_eq!(checks[2].outcome, Outcome::Undecided);
        assert_eq!(
            serde_json::to_value(&checks[2]).unwrap(),
            serde_json::json!({
                "name": "service_allowed",
                "outcome": "undecided",
                "detail": { "code": "rate_limited", "retry_after_seconds": 4 }
            })
        );
    }
}
