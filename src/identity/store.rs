//! All SQL of identities.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::api::{Client, Scope};
use super::session::{self, Person, Session};
use super::staff::{Role, RoleGrant, StaffMember};
use crate::error::{Error, Result, expect_one};
use crate::ids::{EntityId, SessionId, SiteId, StaffId, StaffRoleId};
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

/// Makes a session.
pub async fn create_session(
    conn: &mut PgConnection,
    entity: EntityId,
    who: LoggedIn,
    language: &str,
    now: DateTime<Utc>,
) -> Result<NewSession> {
    let token = random_token();
    let session = Session {
        id: SessionId::new(),
        csrf: random_token(),
        person: who.person,
        staff: who.staff,
        level: who.level,
        created_at: now,
        expires_at: session::end(now, now),
    };
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
    let token = random_token();
    let session = Session {
        id,
        csrf: random_token(),
        person: who.person,
        staff: who.staff,
        level: who.level,
        created_at: now,
        expires_at: session::end(now, now),
    };
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

struct StaffRow {
    staff_id: Uuid,
    given_name: String,
    family_name: String,
    email: String,
    fiscal_code: Option<String>,
    active: bool,
}

async fn with_roles(conn: &mut PgConnection, entity: EntityId, row: StaffRow) -> Result<StaffMember> {
    let roles = sqlx::query!(
        "select role, site_id from staff_role where entity_id = $1 and staff_id = $2 order by role, site_id",
        entity.0,
        row.staff_id,
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(|grant| {
        let role =
            Role::from_name(&grant.role).ok_or_else(|| Error::Inconsistent("staff_role.role".to_owned()))?;
        Ok(RoleGrant { role, site: grant.site_id.map(SiteId) })
    })
    .collect::<Result<_>>()?;
    Ok(StaffMember {
        id: StaffId(row.staff_id),
        given_name: row.given_name,
        family_name: row.family_name,
        email: row.email,
        fiscal_code: row.fiscal_code,
        active: row.active,
        roles,
    })
}

/// A member of the staff, active or not.
pub async fn staff_member(conn: &mut PgConnection, entity: EntityId, id: StaffId) -> Result<StaffMember> {
    let row = sqlx::query_as!(
        StaffRow,
        "select staff_id, given_name, family_name, email, fiscal_code, active from staff
         where entity_id = $1 and staff_id = $2",
        entity.0,
        id.0,
    )
    .fetch_optional(&mut *conn)
    .await?
    .ok_or(Error::NotFound("staff"))?;
    with_roles(conn, entity, row).await
}

/// The active member of the staff whom a login names, by fiscal code or, failing that, by verified e-mail address.
pub async fn staff_by_login(
    conn: &mut PgConnection,
    entity: EntityId,
    fiscal_code: Option<&str>,
    email: Option<&str>,
) -> Result<Option<StaffMember>> {
    let row = sqlx::query_as!(
        StaffRow,
        "select staff_id, given_name, family_name, email, fiscal_code, active from staff
         where entity_id = $1 and active and (fiscal_code = $2 or lower(email) = lower($3))
         order by (fiscal_code = $2) desc nulls last limit 1",
        entity.0,
        fiscal_code,
        email,
    )
    .fetch_optional(&mut *conn)
    .await?;
    match row {
        Some(row) => with_roles(conn, entity, row).await.map(Some),
        None => Ok(None),
    }
}

/// All the staff, by family name.
pub async fn staff(conn: &mut PgConnection, entity: EntityId) -> Result<Vec<StaffMember>> {
    let rows = sqlx::query_as!(
        StaffRow,
        "select staff_id, given_name, family_name, email, fiscal_code, active from staff
         where entity_id = $1 order by family_name, given_name",
        entity.0,
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut members = Vec::with_capacity(rows.len());
    for row in rows {
        members.push(with_roles(&mut *conn, entity, row).await?);
    }
    Ok(members)
}

/// Adds a member of the staff, with the roles given. An e-mail address or fiscal code that is there already is refused
/// as a wrong field.
pub async fn insert_staff(
    conn: &mut PgConnection,
    entity: EntityId,
    member: &StaffMember,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "insert into staff (entity_id, staff_id, given_name, family_name, email, fiscal_code, active, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        entity.0,
        member.id.0,
        member.given_name,
        member.family_name,
        member.email,
        member.fiscal_code,
        member.active,
        now,
    )
    .execute(&mut *conn)
    .await
    .map_err(name_the_field)?;
    put_roles(conn, entity, member.id, &member.roles).await
}

/// Changes a member of the staff, roles and activity included.
pub async fn update_staff(conn: &mut PgConnection, entity: EntityId, member: &StaffMember) -> Result<()> {
    let result = sqlx::query!(
        "update staff set given_name = $3, family_name = $4, email = $5, fiscal_code = $6, active = $7
         where entity_id = $1 and staff_id = $2",
        entity.0,
        member.id.0,
        member.given_name,
        member.family_name,
        member.email,
        member.fiscal_code,
        member.active,
    )
    .execute(&mut *conn)
    .await
    .map_err(name_the_field)?;
    expect_one(&result, "staff")?;
    put_roles(conn, entity, member.id, &member.roles).await
}

async fn put_roles(
    conn: &mut PgConnection,
    entity: EntityId,
    id: StaffId,
    roles: &[RoleGrant],
) -> Result<()> {
    sqlx::query!("delete from staff_role where entity_id = $1 and staff_id = $2", entity.0, id.0)
        .execute(&mut *conn)
        .await?;
    for grant in roles {
        sqlx::query!(
            "insert into staff_role (entity_id, staff_role_id, staff_id, role, site_id) values ($1, $2, $3, $4, $5)",
            entity.0,
            StaffRoleId::new().0,
            id.0,
            grant.role.as_str(),
            grant.site.map(|site| site.0),
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

struct ClientRow {
    client_id: String,
    name: String,
    secret_hash: Vec<u8>,
    scopes: Vec<String>,
    active: bool,
    created_at: DateTime<Utc>,
}

impl ClientRow {
    fn into_client(self) -> Result<(Client, Vec<u8>)> {
        let client = Client {
            id: self.client_id,
            name: self.name,
            scopes: read_scopes(&self.scopes)?,
            active: self.active,
            created_at: self.created_at,
        };
        Ok((client, self.secret_hash))
    }
}

fn read_scopes(names: &[String]) -> Result<Vec<Scope>> {
    let unknown = || Error::Inconsistent("scopes of an API client".to_owned());
    names.iter().map(|name| Scope::from_name(name).ok_or_else(unknown)).collect()
}

fn write_scopes(scopes: &[Scope]) -> Vec<String> {
    scopes.iter().map(|scope| scope.as_str().to_owned()).collect()
}

/// All API clients, by identifier.
pub async fn clients(conn: &mut PgConnection, entity: EntityId) -> Result<Vec<Client>> {
    sqlx::query_as!(
        ClientRow,
        "select client_id, name, secret_hash, scopes, active, created_at from api_client
         where entity_id = $1 order by client_id",
        entity.0,
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(|row| row.into_client().map(|(client, _)| client))
    .collect()
}

/// A client with the hash of its secret.
pub(super) async fn client_with_secret(
    conn: &mut PgConnection,
    entity: EntityId,
    id: &str,
) -> Result<Option<(Client, Vec<u8>)>> {
    sqlx::query_as!(
        ClientRow,
        "select client_id, name, secret_hash, scopes, active, created_at from api_client
         where entity_id = $1 and client_id = $2",
        entity.0,
        id,
    )
    .fetch_optional(conn)
    .await?
    .map(ClientRow::into_client)
    .transpose()
}

/// Adds a client; [`register`](super::api::register) makes its secret.
pub(super) async fn insert_client(
    conn: &mut PgConnection,
    entity: EntityId,
    client: &Client,
    secret_hash: &[u8],
) -> Result<()> {
    sqlx::query!(
        "insert into api_client (entity_id, client_id, name, secret_hash, scopes, active, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        entity.0,
        client.id,
        client.name,
        secret_hash,
        &write_scopes(&client.scopes),
        client.active,
        client.created_at,
    )
    .execute(conn)
    .await
    .map_err(name_the_field)?;
    Ok(())
}

/// Changes a client's name, scopes and activity. Its tokens end at once, so that what was taken away is gone.
pub async fn update_client(conn: &mut PgConnection, entity: EntityId, client: &Client) -> Result<()> {
    let result = sqlx::query!(
        "update api_client set name = $3, scopes = $4, active = $5 where entity_id = $1 and client_id = $2",
        entity.0,
        client.id,
        client.name,
        &write_scopes(&client.scopes),
        client.active,
    )
    .execute(&mut *conn)
    .await?;
    expect_one(&result, "client")?;
    sqlx::query!("delete from api_token where entity_id = $1 and client_id = $2", entity.0, client.id)
        .execute(conn)
        .await?;
    Ok(())
}

/// Keeps a token's hash.
pub(super) async fn insert_token(
    conn: &mut PgConnection,
    entity: EntityId,
    client: &str,
    token_hash: &[u8],
    scopes: &[Scope],
    expires_at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "insert into api_token (entity_id, token_hash, client_id, scopes, expires_at) values ($1, $2, $3, $4, $5)",
        entity.0,
        token_hash,
        client,
        &write_scopes(scopes),
        expires_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Whose a living token is, and what it is good for.
pub async fn client_of_token(
    conn: &mut PgConnection,
    entity: EntityId,
    token: &str,
    now: DateTime<Utc>,
) -> Result<Option<(String, Vec<Scope>)>> {
    let row = sqlx::query!(
        "select t.client_id, t.scopes from api_token t
         join api_client c on c.entity_id = t.entity_id and c.client_id = t.client_id and c.active
         where t.entity_id = $1 and t.token_hash = $2 and t.expires_at > $3",
        entity.0,
        sha256(token.as_bytes()),
        now,
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| Ok((row.client_id, read_scopes(&row.scopes)?))).transpose()
}

fn name_the_field(error: sqlx::Error) -> Error {
    let error = Error::from(error);
    if error.is_constraint("staff_email") {
        Error::field("email", "already_used")
    } else if error.is_constraint("staff_fiscal_code") {
        Error::field("fiscal_code", "already_used")
    } else if error.is_constraint("api_client_pkey") {
        Error::field("client_id", "already_used")
    } else {
        error
    }
}
