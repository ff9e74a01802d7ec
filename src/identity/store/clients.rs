//! API clients and their tokens.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::name_the_field;
use crate::error::{Error, Result, expect_one};
use crate::identity::api::{Client, Scope};
use crate::ids::EntityId;
use crate::secrets::sha256;

struct ClientRow {
    client_id: String,
    name: String,
    secret_hash: Vec<u8>,
    scopes: Vec<String>,
    active: bool,
    created_at: DateTime<Utc>,
}

impl ClientRow {
    fn into_client(self) -> Result<(Client, Vec<u8>)> {
        let client = Client {
            id: self.client_id,
            name: self.name,
            scopes: read_scopes(&self.scopes)?,
            active: self.active,
            created_at: self.created_at,
        };
        Ok((client, self.secret_hash))
    }
}

fn read_scopes(names: &[String]) -> Result<Vec<Scope>> {
    let unknown = || Error::Inconsistent("scopes of an API client".to_owned());
    names.iter().map(|name| Scope::from_name(name).ok_or_else(unknown)).collect()
}

fn write_scopes(scopes: &[Scope]) -> Vec<String> {
    scopes.iter().map(|scope| scope.as_str().to_owned()).collect()
}

/// All API clients, by identifier.
pub async fn clients(conn: &mut PgConnection, entity: EntityId) -> Result<Vec<Client>> {
    sqlx::query_as!(
        ClientRow,
        "select client_id, name, secret_hash, scopes, active, created_at from api_client
         where entity_id = $1 order by client_id",
        entity.0,
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(|row| row.into_client().map(|(client, _)| client))
    .collect()
}

/// A client with the hash of its secret.
pub(in crate::identity) async fn client_with_secret(
    conn: &mut PgConnection,
    entity: EntityId,
    id: &str,
) -> Result<Option<(Client, Vec<u8>)>> {
    sqlx::query_as!(
        ClientRow,
        "select client_id, name, secret_hash, scopes, active, created_at from api_client
         where entity_id = $1 and client_id = $2",
        entity.0,
        id,
    )
    .fetch_optional(conn)
    .await?
    .map(ClientRow::into_client)
    .transpose()
}

/// Adds a client; [`register`](crate::identity::api::register) makes its secret.
pub(in crate::identity) async fn insert_client(
    conn: &mut PgConnection,
    entity: EntityId,
    client: &Client,
    secret_hash: &[u8],
) -> Result<()> {
    sqlx::query!(
        "insert into api_client (entity_id, client_id, name, secret_hash, scopes, active, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        entity.0,
        client.id,
        client.name,
        secret_hash,
        &write_scopes(&client.scopes),
        client.active,
        client.created_at,
    )
    .execute(conn)
    .await
    .map_err(name_the_field)?;
    Ok(())
}

/// Changes a client's name, scopes and activity. Its tokens end at once, so that what was taken away is gone.
pub async fn update_client(conn: &mut PgConnection, entity: EntityId, client: &Client) -> Result<()> {
    let result = sqlx::query!(
        "update api_client set name = $3, scopes = $4, active = $5 where entity_id = $1 and client_id = $2",
        entity.0,
        client.id,
        client.name,
        &write_scopes(&client.scopes),
        client.active,
    )
    .execute(&mut *conn)
    .await?;
    expect_one(&result, "client")?;
    sqlx::query!("delete from api_token where entity_id = $1 and client_id = $2", entity.0, client.id)
        .execute(conn)
        .await?;
    Ok(())
}

/// Keeps a token's hash.
pub(in crate::identity) async fn insert_token(
    conn: &mut PgConnection,
    entity: EntityId,
    client: &str,
    token_hash: &[u8],
    scopes: &[Scope],
    expires_at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "insert into api_token (entity_id, token_hash, client_id, scopes, expires_at) values ($1, $2, $3, $4, $5)",
        entity.0,
        token_hash,
        client,
        &write_scopes(scopes),
        expires_at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Whose a living token is, and what it is good for.
pub async fn client_of_token(
    conn: &mut PgConnection,
    entity: EntityId,
    token: &str,
    now: DateTime<Utc>,
) -> Result<Option<(String, Vec<Scope>)>> {
    let row = sqlx::query!(
        "select t.client_id, t.scopes from api_token t
         join api_client c on c.entity_id = t.entity_id and c.client_id = t.client_id and c.active
         where t.entity_id = $1 and t.token_hash = $2 and t.expires_at > $3",
        entity.0,
        sha256(token.as_bytes()),
        now,
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| Ok((row.client_id, read_scopes(&row.scopes)?))).transpose()
}
