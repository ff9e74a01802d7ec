//! All SQL of identities.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

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

fn name_the_field(error: sqlx::Error) -> Error {
    let error = Error::from(error);
    if error.is_constraint("staff_email") {
        Error::field("email", "already_used")
    } else if error.is_constraint("staff_fiscal_code") {
        Error::field("fiscal_code", "already_used")
    } else {
        error
    }
}
