//! Who may call: each group of operations names its scope in the handler's signature, so that a client without it is
//! refused before anything else of the request is looked at.

use std::ops::Deref;

use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::app::App;
use crate::identity::api::Scope;
use crate::web::error::PageError;
use crate::web::token::ApiClient;

macro_rules! clients {
    ($($(#[$doc:meta])* $name:ident = $scope:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name(ApiClient);

        impl Deref for $name {
            type Target = ApiClient;
            fn deref(&self) -> &ApiClient {
                &self.0
            }
        }

        impl FromRequestParts<App> for $name {
            type Rejection = PageError;

            async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
                let client = ApiClient::from_request_parts(parts, app).await?;
                client.require($scope)?;
                Ok(Self(client))
            }
        }
    )*};
}

clients! {
    /// May read appointments.
    Reader = Scope::AppointmentsRead;
    /// May book, move and cancel.
    Writer = Scope::AppointmentsWrite;
    /// May do what operators do.
    Operator = Scope::Desk;
}
