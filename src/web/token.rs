//! API clients over HTTP: the token endpoint, and who comes with a token.

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Form, Json, Router};
use axum_extra::TypedHeader;
use axum_extra::headers::Authorization;
use axum_extra::headers::authorization::{Basic, Bearer};
use http::StatusCode;
use http::header::WWW_AUTHENTICATE;
use http::request::Parts;
use serde::{Deserialize, Serialize};
use std::ops::Deref;
use utoipa::ToSchema;

use super::error::PageError;
use super::frame::Tenant;
use crate::app::App;
use crate::audit::Actor;
use crate::error::{Error, Result};
use crate::identity::api::{Scope, TOKEN_LIFE, Token, TokenError, issue_token};
use crate::identity::store;

pub(super) fn router() -> Router<App> {
    Router::new().route("/api/v1/entities/{entity}/token", post(token))
}

/// A token request (RFC 6749 §4.4.2). The client says who it is here or, better, with HTTP Basic.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct TokenRequest {
    /// `client_credentials`.
    pub grant_type: String,
    /// The client's identifier, unless given with HTTP Basic.
    pub client_id: String,
    /// The client's secret, unless given with HTTP Basic.
    pub client_secret: String,
    /// Scopes separated by blanks; none: all the client has.
    pub scope: String,
}

/// A token (RFC 6749 §5.1).
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenAnswer {
    /// To be sent as `Authorization: Bearer …`.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// Seconds.
    pub expires_in: i64,
    /// What it is good for, separated by blanks.
    pub scope: String,
}

/// A refusal (RFC 6749 §5.2).
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenRefusal {
    /// `invalid_client`, `invalid_scope` or `unsupported_grant_type`.
    pub error: &'static str,
}

/// Gives a token for a client's secret.
#[utoipa::path(
    post, path = "/api/v1/entities/{entity}/token", tag = "token",
    params(("entity" = String, Path, description = "The entity's name in addresses")),
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, body = TokenAnswer),
        (status = 400, body = TokenRefusal),
        (status = 401, body = TokenRefusal),
    ),
)]
pub async fn token(
    tenant: Tenant,
    basic: Option<TypedHeader<Authorization<Basic>>>,
    Form(request): Form<TokenRequest>,
) -> Result<Response, PageError> {
    if request.grant_type != "client_credentials" {
        return Ok(refusal(StatusCode::BAD_REQUEST, "unsupported_grant_type"));
    }
    let (id, secret) = match &basic {
        Some(TypedHeader(header)) => (header.username(), header.password()),
        None => (request.client_id.as_str(), request.client_secret.as_str()),
    };
    let asked: Vec<&str> = request.scope.split_ascii_whitespace().collect();
    let mut tx = tenant.begin().await?;
    let issued = issue_token(&mut tx, tenant.entity.id, id, secret, &asked, tenant.now).await?;
    tx.commit().await?;
    Ok(match issued {
        Ok(Token { token, scopes }) => {
            let scope = scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ");
            let expires_in = TOKEN_LIFE.num_seconds();
            Json(TokenAnswer { access_token: token, token_type: "Bearer", expires_in, scope }).into_response()
        }
        Err(TokenError::InvalidClient) => refusal(StatusCode::UNAUTHORIZED, "invalid_client"),
        Err(TokenError::InvalidScope) => refusal(StatusCode::BAD_REQUEST, "invalid_scope"),
    })
}

fn refusal(status: StatusCode, error: &'static str) -> Response {
    let mut response = (status, Json(TokenRefusal { error })).into_response();
    if status == StatusCode::UNAUTHORIZED {
        response
            .headers_mut()
            .insert(WWW_AUTHENTICATE, http::HeaderValue::from_static("Basic realm=\"sportello\""));
    }
    response
}

/// An API client with a living token. Anybody else gets 401.
#[derive(Clone, Debug)]
pub struct ApiClient {
    tenant: Tenant,
    /// Its identifier.
    pub id: String,
    scopes: Vec<Scope>,
}

impl Deref for ApiClient {
    type Target = Tenant;
    fn deref(&self) -> &Tenant {
        &self.tenant
    }
}

impl ApiClient {
    /// Refuses a client whose token is not good for this.
    pub fn require(&self, scope: Scope) -> Result<()> {
        if self.scopes.contains(&scope) { Ok(()) } else { Err(Error::Forbidden("scope_missing")) }
    }

    /// Who this is, for the record.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::Client(self.id.clone())
    }
}

impl FromRequestParts<App> for ApiClient {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        let bearer = TypedHeader::<Authorization<Bearer>>::from_request_parts(parts, app).await;
        let TypedHeader(bearer) = bearer.map_err(|_| PageError::unauthorized("token_missing"))?;
        let tenant = Tenant::from_request_parts(parts, app).await?;
        let mut tx = tenant.begin().await?;
        let client = store::client_of_token(&mut tx, tenant.entity.id, bearer.token(), tenant.now).await?;
        let (id, scopes) = client.ok_or_else(|| PageError::unauthorized("token_invalid"))?;
        Ok(Self { tenant, id, scopes })
    }
}
