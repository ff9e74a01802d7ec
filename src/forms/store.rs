//! All SQL of the forms.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;

use super::{Definition, Form, State};
use crate::error::{Error, Result, expect_one};
use crate::ids::{EntityId, FormId, ServiceId};

struct Row {
    form_id: FormId,
    service_id: ServiceId,
    version: i32,
    state: String,
    definition: Value,
}

impl TryFrom<Row> for Form {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        let inconsistent = || Error::Inconsistent(format!("form {}", row.form_id));
        Ok(Self {
            id: row.form_id,
            service: row.service_id,
            version: row.version,
            state: match row.state.as_str() {
                "draft" => State::Draft,
                "published" => State::Published,
                "retired" => State::Retired,
                _ => return Err(inconsistent()),
            },
            definition: Definition::parse(row.definition).map_err(|_| inconsistent())?,
        })
    }
}

/// A version by its identifier: how answers are read.
pub async fn by_id(conn: &mut PgConnection, entity: EntityId, form: FormId) -> Result<Form> {
    sqlx::query_as!(
        Row,
        r#"select form_id as "form_id: FormId", service_id as "service_id: ServiceId", version, state, definition
           from form where entity_id = $1 and form_id = $2"#,
        entity.0,
        form.0,
    )
    .fetch_optional(conn)
    .await?
    .ok_or(Error::NotFound("form"))?
    .try_into()
}

/// The version citizens fill; `None` where the service asks nothing.
pub async fn published(
    conn: &mut PgConnection,
    entity: EntityId,
    service: ServiceId,
) -> Result<Option<Form>> {
    in_state(conn, entity, service, "published").await
}

/// The version being edited.
pub async fn draft(conn: &mut PgConnection, entity: EntityId, service: ServiceId) -> Result<Option<Form>> {
    in_state(conn, entity, service, "draft").await
}

async fn in_state(
    conn: &mut PgConnection,
    entity: EntityId,
    service: ServiceId,
    state: &str,
) -> Result<Option<Form>> {
    sqlx::query_as!(
        Row,
        r#"select form_id as "form_id: FormId", service_id as "service_id: ServiceId", version, state, definition
           from form where entity_id = $1 and service_id = $2 and state = $3"#,
        entity.0,
        service.0,
        state,
    )
    .fetch_optional(conn)
    .await?
    .map(Form::try_from)
    .transpose()
}

/// All versions of a service's form, newest first.
pub async fn versions(conn: &mut PgConnection, entity: EntityId, service: ServiceId) -> Result<Vec<Form>> {
    sqlx::query_as!(
        Row,
        r#"select form_id as "form_id: FormId", service_id as "service_id: ServiceId", version, state, definition
           from form where entity_id = $1 and service_id = $2 order by version desc"#,
        entity.0,
        service.0,
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(Form::try_from)
    .collect()
}

/// Writes the draft of a service, making the next version where there is none.
pub(super) async fn put_draft(
    conn: &mut PgConnection,
    entity: EntityId,
    service: ServiceId,
    definition: &Definition,
    now: DateTime<Utc>,
) -> Result<Form> {
    sqlx::query_as!(
        Row,
        r#"insert into form (entity_id, form_id, service_id, version, definition, created_at)
           values ($1, $2, $3,
               (select coalesce(max(version), 0) + 1 from form where entity_id = $1 and service_id = $3), $4, $5)
           on conflict (entity_id, service_id) where state = 'draft' do update set definition = excluded.definition
           returning form_id as "form_id: FormId", service_id as "service_id: ServiceId", version, state, definition"#,
        entity.0,
        FormId::new().0,
        service.0,
        definition.schema(),
        now,
    )
    .fetch_one(conn)
    .await?
    .try_into()
}

pub(super) async fn publish(
    conn: &mut PgConnection,
    entity: EntityId,
    form: &Form,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "update form set state = 'retired' where entity_id = $1 and service_id = $2 and state = 'published'",
        entity.0,
        form.service.0,
    )
    .execute(&mut *conn)
    .await?;
    let result = sqlx::query!(
        "update form set state = 'published', published_at = $3 where entity_id = $1 and form_id = $2 and state = 'draft'",
        entity.0,
        form.id.0,
        now,
    )
    .execute(conn)
    .await?;
    expect_one(&result, "form")
}
