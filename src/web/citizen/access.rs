//! Who may see an appointment: its holder, logged in; whoever has the link we sent; the browser of a guest that booked it.

use axum::response::Redirect;
use serde::Deserialize;
use sqlx::PgConnection;

use crate::agenda::{self, Appointment, State};
use crate::error::Error;
use crate::ids::DebtPositionId;
use crate::notices::links;
use crate::payments::{self, PositionView};
use crate::web::error::PageError;
use crate::web::frame::Ctx;

/// The key that a link of a message carries.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Key {
    #[serde(default)]
    pub(super) chiave: Option<String>,
}

/// An appointment that may be seen, with the key that opened it.
#[derive(Debug)]
pub(super) struct Admitted {
    pub(super) appointment: Appointment,
    key: Option<String>,
}

impl Admitted {
    /// One of its pages: `""`, `/sposta`, `/disdici`, `/calendario.ics`.
    pub(super) fn url(&self, ctx: &Ctx, page: &str) -> String {
        let code = &self.appointment.code;
        with_key(ctx.url(format_args!("appuntamenti/{code}{page}")), self.key.as_deref())
    }

    /// A page of its payment: `paga`, `avviso`, `ricevuta`.
    pub(super) fn payment_url(&self, ctx: &Ctx, position: DebtPositionId, page: &str) -> String {
        with_key(ctx.url(format_args!("pagamenti/{position}/{page}")), self.key.as_deref())
    }

    /// The key, for a form that is sent with GET.
    pub(super) fn key(&self) -> &str {
        self.key.as_deref().unwrap_or_default()
    }
}

fn with_key(url: String, key: Option<&str>) -> String {
    match key {
        None => url,
        Some(key) => {
            let key: String = url::form_urlencoded::byte_serialize(key.as_bytes()).collect();
            format!("{url}?chiave={key}")
        }
    }
}

/// The fiscal code of the citizen who logged in; staff are nobody here.
pub(super) fn fiscal_code(ctx: &Ctx) -> Option<&str> {
    ctx.session.as_ref().filter(|session| session.staff.is_none())?.fiscal_code()
}

fn admit(ctx: &Ctx, appointment: Appointment, key: &Key) -> Option<Admitted> {
    let is_ours = |key: &String| links::appointment_key_is_ours(&ctx.app, appointment.id, key);
    let key = key.chiave.clone().filter(is_ours);
    let holder = &appointment.holder;
    let is_holder = holder.fiscal_code.is_some() && holder.fiscal_code.as_deref() == fiscal_code(ctx);
    let session = ctx.session.as_ref().map(|session| session.id);
    let is_guests_browser = !holder.verified && session.is_some() && session == appointment.session;
    (key.is_some() || is_holder || is_guests_browser).then_some(Admitted { appointment, key })
}

/// An appointment by its code. Whoever may not see it is told that there is none, or asked to log in.
pub(super) async fn appointment(
    ctx: &Ctx,
    conn: &mut PgConnection,
    code: &str,
    key: &Key,
) -> Result<Admitted, PageError> {
    let found = match agenda::store::appointment_by_code(conn, ctx.entity.id, code).await {
        Ok(found) => Some(found).filter(is_shown),
        Err(Error::NotFound(_)) => None,
        Err(error) => return Err(error.into()),
    };
    found.and_then(|found| admit(ctx, found, key)).ok_or_else(|| refusal(ctx))
}

/// A payment by its position, for whoever owes it or may see its appointment.
pub(super) async fn position(
    ctx: &Ctx,
    conn: &mut PgConnection,
    id: &str,
    key: &Key,
) -> Result<(PositionView, Option<Admitted>), PageError> {
    let id = id.parse().map_err(|_| Error::NotFound("debt_position"))?;
    let view = match payments::position::by_id(conn, ctx.entity.id, id).await {
        Ok(view) => view,
        Err(Error::NotFound(_)) => return Err(refusal(ctx)),
        Err(error) => return Err(error.into()),
    };
    let admitted = match view.position.appointment {
        Some(id) => admit(ctx, agenda::store::appointment(conn, ctx.entity.id, id).await?, key),
        None => None,
    };
    let owes = fiscal_code(ctx) == Some(view.position.debtor_fiscal_code.as_str());
    if admitted.is_some() || owes { Ok((view, admitted)) } else { Err(refusal(ctx)) }
}

/// A time that is only held has no page yet, nor has one that expired before anybody said who it is for.
fn is_shown(appointment: &Appointment) -> bool {
    appointment.state != State::Held
        && !(appointment.state == State::Expired && appointment.holder.family_name.is_empty())
}

fn refusal(ctx: &Ctx) -> PageError {
    if fiscal_code(ctx).is_some() {
        return Error::NotFound("appointment").into();
    }
    PageError::instead(Redirect::to(&ctx.page("").login_url()))
}
