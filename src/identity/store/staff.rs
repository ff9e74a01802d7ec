//! The staff and their roles.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::name_the_field;
use crate::error::{Error, Result, expect_one};
use crate::identity::staff::{Role, RoleGrant, StaffMember};
use crate::ids::{EntityId, SiteId, StaffId, StaffRoleId};

/// A member with one of the roles, or with none.
struct StaffRow {
    staff_id: Uuid,
    given_name: String,
    family_name: String,
    email: String,
    fiscal_code: Option<String>,
    active: bool,
    role: Option<String>,
    site_id: Option<Uuid>,
}

macro_rules! staff_query {
    ($condition:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            StaffRow,
            r#"select s.staff_id, s.given_name, s.family_name, s.email, s.fiscal_code, s.active, r.role as "role?",
                r.site_id
             from staff s left join staff_role r on r.entity_id = s.entity_id and r.staff_id = s.staff_id
             where s.entity_id = $1 and "# + $condition
                + " order by s.family_name, s.given_name, s.staff_id, r.role, r.site_id",
            $($argument),*
        )
    };
}

/// The members of some rows, which stand together by member.
fn members(rows: Vec<StaffRow>) -> Result<Vec<StaffMember>> {
    let mut members: Vec<StaffMember> = Vec::new();
    for row in rows {
        let id = StaffId(row.staff_id);
        if members.last().is_none_or(|last| last.id != id) {
            members.push(StaffMember {
                id,
                given_name: row.given_name,
                family_name: row.family_name,
                email: row.email,
                fiscal_code: row.fiscal_code,
                active: row.active,
                roles: Vec::new(),
            });
        }
        if let (Some(role), Some(member)) = (row.role, members.last_mut()) {
            let role =
                Role::from_name(&role).ok_or_else(|| Error::Inconsistent("staff_role.role".to_owned()))?;
            member.roles.push(RoleGrant { role, site: row.site_id.map(SiteId) });
        }
    }
    Ok(members)
}

/// A member of the staff, active or not.
pub async fn staff_member(conn: &mut PgConnection, entity: EntityId, id: StaffId) -> Result<StaffMember> {
    let rows = staff_query!("s.staff_id = $2", entity.0, id.0).fetch_all(conn).await?;
    members(rows)?.pop().ok_or(Error::NotFound("staff"))
}

/// The active member of the staff whom a login names: by fiscal code; by e-mail address, which the caller knows to be
/// verified, only where the login or the member has no code: two different codes are two people.
pub async fn staff_by_login(
    conn: &mut PgConnection,
    entity: EntityId,
    fiscal_code: Option<&str>,
    email: Option<&str>,
) -> Result<Option<StaffMember>> {
    let rows = staff_query!(
        "s.staff_id = (
            select staff_id from staff where entity_id = $1 and active
               and (fiscal_code = $2 or ((fiscal_code is null or $2::text is null) and lower(email) = lower($3)))
            order by (fiscal_code = $2) desc nulls last limit 1)",
        entity.0,
        fiscal_code,
        email
    )
    .fetch_all(conn)
    .await?;
    Ok(members(rows)?.pop())
}

/// All the staff, by family name.
pub async fn staff(conn: &mut PgConnection, entity: EntityId) -> Result<Vec<StaffMember>> {
    members(staff_query!("true", entity.0).fetch_all(conn).await?)
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
