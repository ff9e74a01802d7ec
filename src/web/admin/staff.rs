//! The staff and what each may do where.

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use serde_json::json;
use sqlx::PgConnection;

use super::Admin;
use super::blocks::{Console, Form, Row, Table};
use super::values::{Reader, Values};
use crate::agenda::{self, Site};
use crate::app::App;
use crate::audit::Change;
use crate::error::{Error, FieldError, Result};
use crate::identity::{Role, RoleGrant, StaffMember, store};
use crate::ids::StaffId;
use crate::web::form::ProtectedForm;
use crate::web::frame::Answer;

const SECTION: (&str, &str) = ("personale", "admin-console-staff");

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/{entity}/amministrazione/personale", get(list))
        .route("/{entity}/amministrazione/personale/nuovo", get(new).post(create))
        .route("/{entity}/amministrazione/personale/{id}", get(edit).post(save))
}

fn place(admin: &Admin, sites: &[Site], grant: &RoleGrant) -> String {
    let site = grant.site.and_then(|id| sites.iter().find(|site| site.id == id));
    let role = admin.text(&format!("admin-role-{}", grant.role.as_str()));
    match site {
        Some(site) => format!("{role} ({})", site.name),
        None => role,
    }
}

async fn list(admin: Admin) -> Answer {
    let mut tx = admin.begin().await?;
    let sites = agenda::store::sites(&mut tx, admin.entity.id).await?;
    let staff = store::staff(&mut tx, admin.entity.id).await?;
    let rows = staff.iter().map(|member| {
        let roles: Vec<_> = member.roles.iter().map(|grant| place(&admin, &sites, grant)).collect();
        Row::default()
            .link(member.full_name(), admin.console(format_args!("personale/{}", member.id)))
            .text(&member.email)
            .text(roles.join(", "))
            .active(admin.t, member.active)
    });
    let table = Table::new(admin.t, "staff", &["name", "email", "roles", "state"]).rows(rows);
    Console::new(admin.section("staff"))
        .link(admin.console("personale/nuovo"), "admin-staff-new")
        .table(table)
        .answer()
}

/// A role as its box holds it: `operator`, or `operator:<site>`.
fn grant_value(grant: &RoleGrant) -> String {
    grant
        .site
        .map_or_else(|| grant.role.as_str().to_owned(), |site| format!("{}:{site}", grant.role.as_str()))
}

fn read_grant(text: &str) -> Option<RoleGrant> {
    let (role, site) = match text.split_once(':') {
        Some((role, site)) => (role, Some(site.parse().ok()?)),
        None => (text, None),
    };
    Some(RoleGrant { role: Role::from_name(role)?, site })
}

/// Every role that can be given: for the whole entity; an operator's also for one site.
fn grants(admin: &Admin, sites: &[Site]) -> Vec<(String, String)> {
    let whole = Role::ALL.into_iter().map(|role| RoleGrant { role, site: None });
    let local = sites.iter().map(|site| RoleGrant { role: Role::Operator, site: Some(site.id) });
    whole.chain(local).map(|grant| (grant_value(&grant), place(admin, sites, &grant))).collect()
}

fn values(member: &StaffMember) -> Values {
    let values = Values::default()
        .with("given_name", &member.given_name)
        .with("family_name", &member.family_name)
        .with("email", &member.email)
        .with_some("fiscal_code", member.fiscal_code.as_ref())
        .ticked("active", member.active);
    member.roles.iter().fold(values, |values, grant| values.with("roles", grant_value(grant)))
}

fn read(values: &Values, id: StaffId) -> Result<StaffMember> {
    let mut reader = Reader::new(values);
    let fiscal_code = Some(values.get("fiscal_code").to_uppercase()).filter(|code| !code.is_empty());
    if let Some(code) = &fiscal_code
        && code.parse::<sportello_spid_cie::FiscalCode>().is_err()
    {
        reader.refuse("fiscal_code", "fiscal_code");
    }
    let email = reader.mail_address("email");
    if email.is_empty() {
        reader.refuse("email", "required");
    }
    let member = StaffMember {
        id,
        given_name: reader.required("given_name", 80),
        family_name: reader.required("family_name", 80),
        email,
        fiscal_code,
        active: values.is_ticked("active"),
        roles: values.all("roles").filter_map(read_grant).collect(),
    };
    reader.finish(member)
}

fn view(admin: &Admin, title: String, sites: &[Site], values: &Values, errors: Vec<FieldError>) -> Answer {
    let form = Form::new(admin.t, "member", values)
        .required("given_name")
        .required("family_name")
        .input("email", "email")
        .line("fiscal_code", "text")
        .ticks("roles", grants(admin, sites))
        .tick("active")
        .back(admin.console("personale"));
    Console::new(admin.below(SECTION, title, "member").errors(errors)).form(form).answer()
}

async fn new(admin: Admin) -> Answer {
    let mut tx = admin.begin().await?;
    let sites = agenda::store::sites(&mut tx, admin.entity.id).await?;
    view(&admin, admin.text("admin-staff-new"), &sites, &Values::default().ticked("active", true), Vec::new())
}

async fn create(admin: Admin, form: ProtectedForm) -> Answer {
    put(&admin, None, &Values::posted(&form.pairs)).await
}

async fn edit(admin: Admin, Path((_, id)): Path<(String, StaffId)>) -> Answer {
    let mut tx = admin.begin().await?;
    let sites = agenda::store::sites(&mut tx, admin.entity.id).await?;
    let member = store::staff_member(&mut tx, admin.entity.id, id).await?;
    view(&admin, member.full_name(), &sites, &values(&member), Vec::new())
}

async fn save(admin: Admin, Path((_, id)): Path<(String, StaffId)>, form: ProtectedForm) -> Answer {
    let former = store::staff_member(&mut *admin.begin().await?, admin.entity.id, id).await?;
    put(&admin, Some(former), &Values::posted(&form.pairs)).await
}

async fn put(admin: &Admin, former: Option<StaffMember>, values: &Values) -> Answer {
    let mut tx = admin.begin().await?;
    let sites = agenda::store::sites(&mut tx, admin.entity.id).await?;
    let id = former.as_ref().map_or_else(StaffId::new, |former| former.id);
    let done = match read(values, id) {
        Ok(member) => keep(&mut tx, admin, former.as_ref(), &member).await,
        Err(error) => Err(error),
    };
    let title = former.map_or_else(|| admin.text("admin-staff-new"), |former| former.full_name());
    let to = admin.console("personale");
    admin.finish(tx, done, to, |errors| view(admin, title, &sites, values, errors)).await
}

async fn keep(
    conn: &mut PgConnection,
    admin: &Admin,
    former: Option<&StaffMember>,
    member: &StaffMember,
) -> Result<()> {
    // Whoever locked the only door from inside could not open it again.
    if member.id == admin.member.id && !member.may(Role::Administrator, None) {
        return Err(Error::field("roles", "own_role"));
    }
    match former {
        Some(_) => store::update_staff(conn, admin.entity.id, member).await?,
        None => store::insert_staff(conn, admin.entity.id, member, admin.now).await?,
    }
    let said = |m: &StaffMember| {
        // The code is what they come in by: the record shows that it changed, not what it is.
        let code = m.fiscal_code.as_deref().map(|code| admin.app.keys.code("staff", code));
        json!({"name": m.full_name(), "email": m.email, "fiscal_code_hash": code, "active": m.active, "roles": m.roles})
    };
    let id = member.id.to_string();
    let change = Change::of("staff.saved", "staff", &id).before(former.map(said)).after(said(member));
    admin.author().record(conn, change).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::SiteId;

    #[test]
    fn roles_are_read_as_they_are_written() {
        for site in [None, Some(SiteId::new())] {
            let grant = RoleGrant { role: Role::Operator, site };
            assert_eq!(read_grant(&grant_value(&grant)), Some(grant));
        }
        assert_eq!(read_grant("king"), None);
        assert_eq!(read_grant("operator:here"), None);
    }
}
