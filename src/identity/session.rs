//! A browser's session. The cookie holds 256 random bits; the database only their hash.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::StaffMember;
use crate::audit::Actor;
use crate::ids::SessionId;
use crate::secrets::MasterKeys;

/// A session ends so long after its last use.
pub const IDLE: TimeDelta = TimeDelta::hours(1);
/// And so long after it began, whatever its use: a working day and some.
pub const ABSOLUTE: TimeDelta = TimeDelta::hours(12);
/// The end is moved at most so often, so that not every page writes.
const TOUCH_AFTER: TimeDelta = TimeDelta::minutes(5);

/// A browser's session.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its identifier, which is no secret.
    pub id: SessionId,
    /// In every form of the session.
    pub csrf: String,
    /// Who logged in; `None` for a guest.
    pub person: Option<Person>,
    /// Set where the person logged in as staff, and is staff still.
    pub staff: Option<StaffMember>,
    /// Assurance level: 0 guest, 1–3 as SPID and CIE count.
    pub level: u8,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it ends, unless used before.
    pub expires_at: DateTime<Utc>,
}

/// A person, as the login provider vouches.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Fiscal code; staff providers may not know it.
    #[serde(default)]
    pub fiscal_code: Option<String>,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// E-mail address, empty where the provider gave none.
    #[serde(default)]
    pub email: String,
    /// Telephone, empty where the provider gave none.
    #[serde(default)]
    pub phone: String,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Person(…)")
    }
}

impl Person {
    /// "Giulia Bianchi".
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name).trim().to_owned()
    }
}

impl Session {
    /// Who this is, for the record.
    #[must_use]
    pub fn actor(&self, keys: &MasterKeys) -> Actor {
        match (&self.staff, &self.person) {
            (Some(staff), _) => Actor::Staff(staff.id),
            (None, Some(Person { fiscal_code: Some(code), .. })) => Actor::Citizen(keys.code("actor", code)),
            _ => Actor::Guest,
        }
    }

    /// The fiscal code of a citizen who logged in.
    #[must_use]
    pub fn fiscal_code(&self) -> Option<&str> {
        self.person.as_ref()?.fiscal_code.as_deref()
    }
}

/// When a session that is used now ends.
#[must_use]
pub fn end(created_at: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    (now + IDLE).min(created_at + ABSOLUTE)
}

/// Whether the end of a session that is used now is worth moving.
#[must_use]
pub fn is_worth_touching(created_at: DateTime<Utc>, expires_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    end(created_at, now) - expires_at >= TOUCH_AFTER
}

/// The name of an entity's cookie. Over TLS the prefix makes browsers refuse one that another host or a plain
/// connection set (RFC 6265bis §4.1.3.2).
#[must_use]
pub fn cookie_name(slug: &str, is_https: bool) -> String {
    if is_https { format!("__Host-sportello-{slug}") } else { format!("sportello-{slug}") }
}

/// The cookie that carries a session's token. Without an age it ends with the browser.
#[must_use]
pub fn cookie(slug: &str, token: &str, is_https: bool) -> String {
    let secure = if is_https { "; Secure" } else { "" };
    format!("{}={token}; Path=/; HttpOnly; SameSite=Lax{secure}", cookie_name(slug, is_https))
}

/// A cookie that makes the browser forget the session.
#[must_use]
pub fn cookie_of_the_past(slug: &str, is_https: bool) -> String {
    format!("{}; Max-Age=0", cookie(slug, "", is_https))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cookies_are_out_of_reach_of_scripts_and_other_hosts() {
        let over_tls = cookie("terni", "abc", true);
        assert_eq!(over_tls, "__Host-sportello-terni=abc; Path=/; HttpOnly; SameSite=Lax; Secure");
        assert!(!cookie("terni", "abc", false).contains("Secure"));
        assert!(cookie_of_the_past("terni", true).ends_with("Max-Age=0"));
    }

    proptest! {
        #[test]
        fn a_session_never_outlives_its_longest_life(used_after_s in 0..=ABSOLUTE.num_seconds()) {
            let created = DateTime::UNIX_EPOCH;
            let end = end(created, created + TimeDelta::seconds(used_after_s));
            prop_assert!(end <= created + ABSOLUTE);
            prop_assert!(end - created <= TimeDelta::seconds(used_after_s) + IDLE);
        }
    }

    #[test]
    fn the_end_is_not_moved_by_every_page() {
        let created = DateTime::UNIX_EPOCH;
        let expires = end(created, created);
        assert!(!is_worth_touching(created, expires, created + TimeDelta::minutes(4)));
        assert!(is_worth_touching(created, expires, created + TimeDelta::minutes(5)));
        let last = created + ABSOLUTE;
        assert!(
            !is_worth_touching(created, last, last - TimeDelta::minutes(1)),
            "the longest life is not moved"
        );
    }
}
