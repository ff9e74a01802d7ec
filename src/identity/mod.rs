//! Who comes in: sessions, staff and their roles, API clients, logins.
//!
//! * [`login`]: at the entity's providers, in two halves;
//! * [`return_to`]: where a login comes back to;
//! * [`api`]: API clients and their tokens;
//! * [`session`]: a browser's session and the rules of its life;
//! * [`staff`]: the staff and what each may do where;
//! * [`store`]: all SQL.

pub mod api;
pub mod login;
pub mod return_to;
pub mod session;
pub mod staff;
pub mod store;

pub use session::{Person, Session};
pub use staff::{Role, RoleGrant, StaffMember};
