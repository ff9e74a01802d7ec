//! Who comes in: sessions, staff and their roles, API clients, logins.
//!
//! * [`session`]: a browser's session and the rules of its life;
//! * [`staff`]: the staff and what each may do where;
//! * [`store`]: all SQL.

pub mod session;
pub mod staff;
pub mod store;

pub use session::{Person, Session};
pub use staff::{Role, RoleGrant, StaffMember};
