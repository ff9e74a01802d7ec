//! API clients: other programs of the entity, with the client credentials of OAuth 2.0 (RFC 6749 §4.4) and opaque
//! bearer tokens (RFC 6750). Secrets and tokens are 256 random bits; the database has their hashes alone.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use super::store;
use crate::audit::{self, Actor, Change};
use crate::error::{Error, Result};
use crate::ids::EntityId;
use crate::secrets::{random_token, sha256};

/// How long a token lives.
pub const TOKEN_LIFE: TimeDelta = TimeDelta::hours(1);

/// What a client may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Scope {
    /// Book, move, cancel.
    #[serde(rename = "appointments:write")]
    AppointmentsWrite,
    /// Read appointments.
    #[serde(rename = "appointments:read")]
    AppointmentsRead,
    /// The operators' endpoints.
    #[serde(rename = "desk")]
    Desk,
    /// The administrators' endpoints.
    #[serde(rename = "admin")]
    Admin,
    /// The accountants' endpoints.
    #[serde(rename = "accounting")]
    Accounting,
}

impl Scope {
    /// All of them, in the order of the console.
    pub const ALL: [Self; 5] =
        [Self::AppointmentsWrite, Self::AppointmentsRead, Self::Desk, Self::Admin, Self::Accounting];

    /// As tokens and the database write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AppointmentsWrite => "appointments:write",
            Self::AppointmentsRead => "appointments:read",
            Self::Desk => "desk",
            Self::Admin => "admin",
            Self::Accounting => "accounting",
        }
    }

    /// As tokens and the database write it, read back.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == name)
    }
}

/// A client, as the console shows it. Its secret is shown once, when it is made.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its identifier.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Whether it may come in at all.
    pub active: bool,
    /// Since when it is known.
    pub created_at: DateTime<Utc>,
}

/// A token that was just made.
#[derive(Debug)]
pub struct Token {
    /// What the client sends; it is told here and nowhere else.
    pub token: String,
    /// What it is good for.
    pub scopes: Vec<Scope>,
}

/// Why no token is given (RFC 6749 §5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// Unknown client, wrong secret, or a client that was deactivated: which, is not told.
    InvalidClient,
    /// A scope that the client has not.
    InvalidScope,
}

/// Registers a client and answers its secret, which cannot be read again.
///
/// # Errors
/// [`Error::Invalid`] where the identifier is used already or is not one.
pub async fn register(
    conn: &mut PgConnection,
    entity: EntityId,
    client: &Client,
    by: &Actor,
    now: DateTime<Utc>,
) -> Result<String> {
    if !is_identifier(&client.id) {
        return Err(Error::field("client_id", "identifier"));
    }
    let secret = random_token();
    store::insert_client(conn, entity, client, &sha256(secret.as_bytes())).await?;
    let scopes: Vec<_> = client.scopes.iter().map(|scope| scope.as_str()).collect();
    audit::record(conn, entity, now, by, Change::of("client.added", "api_client", &client.id).after(scopes))
        .await?;
    Ok(secret)
}

/// Exchanges a client's secret for a token. `asked` are scopes; empty asks for all that the client has.
pub async fn issue_token(
    conn: &mut PgConnection,
    entity: EntityId,
    client_id: &str,
    secret: &str,
    asked: &[&str],
    now: DateTime<Utc>,
) -> Result<std::result::Result<Token, TokenError>> {
    let Some((client, secret_hash)) = store::client_with_secret(conn, entity, client_id).await? else {
        return Ok(Err(TokenError::InvalidClient));
    };
    let given = sha256(secret.as_bytes());
    let is_right = aws_lc_rs::constant_time::verify_slices_are_equal(&secret_hash, &given).is_ok();
    if !is_right || !client.active {
        return Ok(Err(TokenError::InvalidClient));
    }
    let Some(scopes) = grant(&client.scopes, asked) else { return Ok(Err(TokenError::InvalidScope)) };
    let token = random_token();
    store::insert_token(conn, entity, &client.id, &sha256(token.as_bytes()), &scopes, now + TOKEN_LIFE)
        .await?;
    Ok(Ok(Token { token, scopes }))
}

/// The scopes of a token: those asked for, if the client has them all; all it has, if none is asked for.
fn grant(owned: &[Scope], asked: &[&str]) -> Option<Vec<Scope>> {
    if asked.is_empty() {
        return Some(owned.to_vec());
    }
    asked.iter().map(|name| Scope::from_name(name).filter(|scope| owned.contains(scope))).collect()
}

/// 3 to 63 small letters, digits, dots, dashes and low lines, beginning with a letter or digit: the schema's own rule.
fn is_identifier(id: &str) -> bool {
    let is_inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b);
    (3..=63).contains(&id.len())
        && id.bytes().all(is_inner)
        && id.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_never_has_more_than_its_client() {
        let owned = [Scope::Desk, Scope::AppointmentsRead];
        assert_eq!(grant(&owned, &[]).unwrap(), owned);
        assert_eq!(grant(&owned, &["desk"]).unwrap(), [Scope::Desk]);
        assert_eq!(grant(&owned, &["desk", "admin"]), None);
        assert_eq!(grant(&owned, &["everything"]), None);
    }

    #[test]
    fn scopes_are_read_as_they_are_written() {
        for scope in Scope::ALL {
            assert_eq!(Scope::from_name(scope.as_str()), Some(scope));
            assert_eq!(serde_json::to_value(scope).unwrap(), scope.as_str());
        }
    }

    #[test]
    fn identifiers_are_plain() {
        for id in ["contabilita", "sito.web-1", "a_b"] {
            assert!(is_identifier(id), "{id}");
        }
        for id in ["", "ab", "-ab", "Abc", "a b", "à-la", "x".repeat(64).as_str()] {
            assert!(!is_identifier(id), "{id}");
        }
    }
}
