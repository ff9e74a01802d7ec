//! Sessions, and logins under way.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;

use super::staff::staff_member;
use crate::error::{Error, Result, expect_one};
use crate::identity::session::{self, Person, Session};
use crate::identity::staff::StaffMember;
use crate::ids::{EntityId, SessionId, StaffId};
use crate::secrets::{random_token, sha256};

/// A session that was just made, with the token for its cookie: it is told here and nowhere else.
#[derive(Debug)]
pub struct NewSession {
    /// The session.
    pub session: Session,
    /// What the cookie holds.
    pub token: String,
}

/// Who a new session is for.
#[derive(Clone, Debug, Default)]
pub struct LoggedIn {
    /// The person.
    pub person: Option<Person>,
    /// As staff.
    pub staff: Option<StaffMember>,
    /// Assurance level.
    pub level: u8,
}

/// A session that begins now, with a token and a form token nobody knows yet.
fn fresh(id: SessionId, who: LoggedIn, now: DateTime<Utc>) -> NewSession {
    let session = Session {
        id,
        csrf: random_token(),
        person: who.person,
        staff: who.staff,
        level: who.level,
        created_at: now,
        expires_at: session::end(now, now),
    };
    NewSession { session, token: random_token() }
}

/// Makes a session.
pub async fn create_session(
    conn: &mut PgConnection,
    entity: EntityId,
    who: LoggedIn,
    language: &str,
    now: DateTime<Utc>,
) -> Result<NewSession> {
    let NewSession { session, token } = fresh(SessionId::new(), who, now);
    let identity = session.person.as_ref().map(serde_json::to_value).transpose()?;
    sqlx::query!(
        "insert into session (entity_id, session_id, token_hash, csrf_token, identity, staff_id, level, language,
            created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        entity.0,
        session.id.0,
        sha256(token.as_bytes()),
        session.csrf,
        identity,
        session.staff.as_ref().map(|staff| staff.id.0),
        i16::from(session.level),
        language,
        session.created_at,
        session.expires_at,
    )
    .execute(conn)
    .await?;
    Ok(NewSession { session, token })
}

/// The living session of a cookie, its end moved where that is worth it. Staff that were deactivated since the login
/// come in as nobody: their session is not found.
pub async fn session_by_token(
    conn: &mut PgConnection,
    entity: EntityId,
    token: &str,
    now: DateTime<Utc>,
) -> Result<Option<Session>> {
    let row = sqlx::query!(
        "select session_id, csrf_token, identity, staff_id, level, created_at, expires_at from session
         where entity_id = $1 and token_hash = $2 and expires_at > $3",
        entity.0,
        sha256(token.as_bytes()),
        now,
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let staff = match row.staff_id {
        Some(id) => match staff_member(conn, entity, StaffId(id)).await {
            Ok(member) if member.active => Some(member),
            Ok(_) | Err(Error::NotFound(_)) => return Ok(None),
            Err(error) => return Err(error),
        },
        None => None,
    };
    if session::is_worth_touching(row.created_at, row.expires_at, now) {
        sqlx::query!(
            "update session set expires_at = $3 where entity_id = $1 and session_id = $2",
            entity.0,
            row.session_id,
            session::end(row.created_at, now),
        )
        .execute(conn)
        .await?;
    }
    Ok(Some(Session {
        id: SessionId(row.session_id),
        csrf: row.csrf_token,
        person: row.identity.map(serde_json::from_value).transpose()?,
        staff,
        level: u8::try_from(row.level).map_err(|_| Error::Inconsistent("session.level".to_owned()))?,
        created_at: row.created_at,
        expires_at: row.expires_at,
    }))
}

/// Makes a session somebody's: same identifier, another token and form token, a life of its own from now.
pub async fn log_in(
    conn: &mut PgConnection,
    entity: EntityId,
    id: SessionId,
    who: LoggedIn,
    now: DateTime<Utc>,
) -> Result<NewSession> {
    let NewSession { session, token } = fresh(id, who, now);
    let result = sqlx::query!(
        "update session set token_hash = $3, csrf_token = $4, identity = $5, staff_id = $6, level = $7,
            created_at = $8, expires_at = $9
         where entity_id = $1 and session_id = $2",
        entity.0,
        session.id.0,
        sha256(token.as_bytes()),
        session.csrf,
        session.person.as_ref().map(serde_json::to_value).transpose()?,
        session.staff.as_ref().map(|staff| staff.id.0),
        i16::from(session.level),
        session.created_at,
        session.expires_at,
    )
    .execute(conn)
    .await?;
    expect_one(&result, "session")?;
    Ok(NewSession { session, token })
}

/// Forgets sessions, attempts and tokens whose time has passed; answers how many sessions.
pub async fn forget_expired(conn: &mut PgConnection, entity: EntityId, now: DateTime<Utc>) -> Result<u64> {
    sqlx::query!("delete from login_attempt where entity_id = $1 and expires_at <= $2", entity.0, now)
        .execute(&mut *conn)
        .await?;
    sqlx::query!("delete from api_token where entity_id = $1 and expires_at <= $2", entity.0, now)
        .execute(&mut *conn)
        .await?;
    let sessions =
        sqlx::query!("delete from session where entity_id = $1 and expires_at <= $2", entity.0, now)
            .execute(conn)
            .await?;
    Ok(sessions.rows_affected())
}

/// A login under way.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// At which provider.
    pub provider: String,
    /// What the second half needs, sealed.
    pub pending: Value,
    /// Local path.
    pub return_to: String,
    /// Until when it may be finished.
    pub expires_at: DateTime<Utc>,
}

/// Keeps a login under way.
pub async fn put_attempt(
    conn: &mut PgConnection,
    entity: EntityId,
    session: SessionId,
    state_hash: &[u8],
    attempt: &Attempt,
) -> Result<()> {
    sqlx::query!(
        "insert into login_attempt (entity_id, state_hash, session_id, provider, pending, return_to, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        entity.0,
        state_hash,
        session.0,
        attempt.provider,
        attempt.pending,
        attempt.return_to,
        attempt.expires_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes away a login that this session began: it is found once.
pub async fn take_attempt(
    conn: &mut PgConnection,
    entity: EntityId,
    session: SessionId,
    state_hash: &[u8],
) -> Result<Option<Attempt>> {
    Ok(sqlx::query_as!(
        Attempt,
        "delete from login_attempt where entity_id = $1 and session_id = $2 and state_hash = $3
         returning provider, pending, return_to, expires_at",
        entity.0,
        session.0,
        state_hash,
    )
    .fetch_optional(conn)
    .await?)
}

/// Ends a session.
pub async fn delete_session(conn: &mut PgConnection, entity: EntityId, id: SessionId) -> Result<()> {
    sqlx::query!("delete from session where entity_id = $1 and session_id = $2", entity.0, id.0)
        .execute(conn)
        .await?;
    Ok(())
}
