//! The time a browser holds, by its session.

use sqlx::PgConnection;

use super::appointment;
use crate::agenda::Appointment;
use crate::error::Result;
use crate::ids::{AppointmentId, EntityId, ServiceId, SessionId};

/// The time a browser held last for a service and has not settled, also one whose deadline has passed: what was written
/// on it is not lost.
pub async fn last_of_session(
    conn: &mut PgConnection,
    entity: EntityId,
    session: SessionId,
    service: ServiceId,
) -> Result<Option<Appointment>> {
    let id = sqlx::query_scalar!(
        r#"select appointment_id as "id: AppointmentId" from appointment
         where entity_id = $1 and session_id = $2 and service_id = $3 and state in ('held', 'expired')
         order by state = 'held' desc, created_at desc limit 1"#,
        entity.0,
        session.0,
        service.0,
    )
    .fetch_optional(&mut *conn)
    .await?;
    match id {
        Some(id) => appointment(conn, entity, id).await.map(Some),
        None => Ok(None),
    }
}
