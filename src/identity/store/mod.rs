//! All SQL of identities.

mod clients;
mod sessions;
mod staff;

use crate::error::Error;

pub use clients::*;
pub use sessions::*;
pub use staff::*;

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
