//! The staff, and what each may do where.

use serde::{Deserialize, Serialize};

use crate::ids::{SiteId, StaffId};

/// What a member of the staff may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Calendars, forms, sites, staff, integrations. Not the desk, and not the accounts.
    Administrator,
    /// The desk: arrivals, proposals, appointments.
    Operator,
    /// Receipts, flows, the treasurer's journal, plans.
    Accountant,
}

impl Role {
    /// All of them, in the order of the console.
    pub const ALL: [Self; 3] = [Self::Administrator, Self::Operator, Self::Accountant];

    /// As the database writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Operator => "operator",
            Self::Accountant => "accountant",
        }
    }

    /// As the database writes it, read back.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

/// A role, for the whole entity or for one site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleGrant {
    /// Which role.
    pub role: Role,
    /// The one site it holds for; `None`: everywhere.
    pub site: Option<SiteId>,
}

/// A member of the staff.
#[derive(Clone, Debug)]
pub struct StaffMember {
    /// Identifier.
    pub id: StaffId,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// By which the provider may name the person.
    pub email: String,
    /// By which the provider may name the person.
    pub fiscal_code: Option<String>,
    /// Whether the person may come in at all.
    pub active: bool,
    /// What the person may do.
    pub roles: Vec<RoleGrant>,
}

impl StaffMember {
    /// "Giulia Bianchi".
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
    }

    /// Whether the person has a role anywhere.
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.roles.iter().any(|grant| grant.role == role)
    }

    /// Whether the person has a role at a site; `None` asks for the whole entity.
    #[must_use]
    pub fn may(&self, role: Role, site: Option<SiteId>) -> bool {
        self.active
            && self
                .roles
                .iter()
                .any(|grant| grant.role == role && (grant.site.is_none() || grant.site == site))
    }

    /// The sites where the person has a role; `None`: all of them.
    #[must_use]
    pub fn sites(&self, role: Role) -> Option<Vec<SiteId>> {
        self.roles.iter().filter(|grant| grant.role == role).map(|grant| grant.site).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(roles: Vec<RoleGrant>) -> StaffMember {
        StaffMember {
            id: StaffId::new(),
            given_name: "Ada".to_owned(),
            family_name: "Neri".to_owned(),
            email: "ada@example.it".to_owned(),
            fiscal_code: None,
            active: true,
            roles,
        }
    }

    #[test]
    fn a_role_of_one_site_ends_there() {
        let (here, there) = (SiteId::new(), SiteId::new());
        let local = member(vec![RoleGrant { role: Role::Operator, site: Some(here) }]);
        assert!(local.may(Role::Operator, Some(here)));
        assert!(!local.may(Role::Operator, Some(there)));
        assert!(!local.may(Role::Operator, None));
        assert!(!local.may(Role::Accountant, Some(here)));
        assert_eq!(local.sites(Role::Operator), Some(vec![here]));
    }

    #[test]
    fn a_role_of_the_whole_entity_holds_everywhere_while_the_person_is_active() {
        let mut everywhere = member(vec![RoleGrant { role: Role::Operator, site: None }]);
        assert!(everywhere.may(Role::Operator, Some(SiteId::new())) && everywhere.may(Role::Operator, None));
        assert_eq!(everywhere.sites(Role::Operator), None);
        everywhere.active = false;
        assert!(!everywhere.may(Role::Operator, None));
    }
}
