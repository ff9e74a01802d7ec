//! Who may call: each group of operations names its scope in the handler's signature, so that a client without it is
//! refused before anything else of the request is looked at.

use crate::identity::api::Scope;

macro_rules! clients {
    ($($(#[$doc:meta])* $name:ident = $scope:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name($crate::web::token::ApiClient);

        impl ::std::ops::Deref for $name {
            type Target = $crate::web::token::ApiClient;
            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        impl ::axum::extract::FromRequestParts<$crate::app::App> for $name {
            type Rejection = $crate::web::error::PageError;

            async fn from_request_parts(
                parts: &mut ::http::request::Parts,
                app: &$crate::app::App,
            ) -> Result<Self, Self::Rejection> {
                let client =
                    <$crate::web::token::ApiClient as ::axum::extract::FromRequestParts<_>>::from_request_parts(parts, app)
                        .await?;
                client.require($scope)?;
                Ok(Self(client))
            }
        }
    )*};
}
pub(crate) use clients;

clients! {
    /// May read appointments.
    Reader = Scope::AppointmentsRead;
    /// May book, move and cancel.
    Writer = Scope::AppointmentsWrite;
    /// May do what operators do.
    Operator = Scope::Desk;
}
