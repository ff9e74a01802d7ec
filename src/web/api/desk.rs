//! The operators' day, for programs: the same commands as their pages.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query};
use axum::response::IntoResponse as _;
use chrono::{NaiveDate, TimeDelta};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::appointments::{self, NewBooking, NewTime, instant, open};
use super::client::Operator;
use super::command::{CommandKey, Once, read, reply};
use super::desk_types::{
    Call, ClosingView, DayView, NewClosure, NewOffer, OfSite, ProposalView, Tasks, Undo,
};
use super::problem::{RequestId, Taken};
use super::types::AppointmentView;
use crate::agenda::{Audience, Channel, booking, store};
use crate::app::App;
use crate::desk::flow::Step;
use crate::desk::{self, NewProposal, record};
use crate::error::Error;
use crate::ids::{CounterId, ProposalId};
use crate::web::error::Problem;
use crate::web::frame::Answer;

pub(super) fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show_day))
        .routes(routes!(arrive))
        .routes(routes!(call))
        .routes(routes!(serve))
        .routes(routes!(no_show))
        .routes(routes!(undo))
        .routes(routes!(desk_move))
        .routes(routes!(propose))
        .routes(routes!(withdraw))
        .routes(routes!(insert))
        .routes(routes!(close_counter))
        .routes(routes!(list_tasks))
}

/// A site's day: what is booked, who waits, how many stand where.
#[utoipa::path(
    get, path = "/api/v1/entities/{entity}/desk/sites/{site}/days/{date}", tag = "desk",
    params(
        ("entity" = String, Path, description = "The entity's name in addresses."),
        ("site" = String, Path, description = "Slug of the site."),
        ("date" = NaiveDate, Path, description = "The local day."),
    ),
    responses(
        (status = 200, body = DayView),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ),
    security(("client" = ["desk"])),
)]
async fn show_day(
    client: Operator,
    Path((_entity, slug, date)): Path<(String, String, NaiveDate)>,
) -> Answer {
    let mut tx = client.begin().await?;
    let site = store::site_by_slug(&mut tx, client.entity.id, &slug).await?;
    let day = desk::day(&mut tx, client.entity.id, site.id, date).await?;
    Ok(Json(DayView::from(day)).into_response())
}

/// Takes a step of the day.
async fn take(client: &Operator, code: &str, step: Step) -> Answer {
    let (mut tx, before) = open(client, code).await?;
    let (entity, actor) = (client.entity.id, client.actor());
    let after = record::step(&mut tx, entity, before.id, step, &actor, client.now).await?;
    let after = AppointmentView::of(&mut tx, client, after).await?;
    tx.commit().await?;
    Ok(Json(after).into_response())
}

macro_rules! steps {
    ($($(#[$doc:meta])* $name:ident at $path:literal = $step:expr;)*) => {$(
        $(#[$doc])*
        #[utoipa::path(
            post, path = $path, tag = "desk",
            params(
                ("entity" = String, Path, description = "The entity's name in addresses."),
                ("code" = String, Path, description = "The appointment's code."),
            ),
            responses(
                (status = 200, body = AppointmentView),
                (status = 401, body = Problem, content_type = "application/problem+json"),
                (status = 403, body = Problem, content_type = "application/problem+json"),
                (status = 404, body = Problem, content_type = "application/problem+json"),
                (status = 409, description = "Not in its present state, or not today.", body = Problem, content_type = "application/problem+json"),
            ),
            security(("client" = ["desk"])),
        )]
        async fn $name(client: Operator, Path((_entity, code)): Path<(String, String)>) -> Answer {
            take(&client, &code, $step).await
        }
    )*};
}

steps! {
    /// The citizen is here.
    arrive at "/api/v1/entities/{entity}/desk/appointments/{code}/arrive" = Step::Arrive;
    /// The citizen was served.
    serve at "/api/v1/entities/{entity}/desk/appointments/{code}/serve" = Step::Serve;
    /// The citizen did not come.
    no_show at "/api/v1/entities/{entity}/desk/appointments/{code}/no-show" = Step::NoShow;
}

/// Calls the citizen to a counter of the site, or calls again.
#[utoipa::path(
    post, path = "/api/v1/entities/{entity}/desk/appointments/{code}/call", tag = "desk",
    params(
        ("entity" = String, Path, description = "The entity's name in addresses."),
        ("code" = String, Path, description = "The appointment's code."),
    ),
    request_body = Call,
    responses(
        (status = 200, body = AppointmentView),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Not in its present state, or not today.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("client" = ["desk"])),
)]
async fn call(client: Operator, Path((_entity, code)): Path<(String, String)>, body: Bytes) -> Answer {
    let asked: Call = read(&body)?;
    take(&client, &code, Step::Call(CounterId(asked.counter))).await
}

/// Takes the last step back. Sent again, it changes nothing more.
#[utoipa::path(
    post, path = "/api/v1/entities/{entity}/desk/appointments/{code}/undo", tag = "desk",
    params(
        ("entity" = String, Path, description = "The entity's name in addresses."),
        ("code" = String, Path, description = "The appointment's code."),
    ),
    request_body = Undo,
    responses(
        (status = 200, body = AppointmentView),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Not in its present state, or not today.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("client" = ["desk"])),
)]
async fn undo(client: Operator, Path((_entity, code)): Path<(String, String)>, body: Bytes) -> Answer {
    let asked: Undo = read(&body)?;
    take(&client, &code, Step::Undo(asked.from)).await
}

/// Moves an appointment, also when a citizen could not any more.
#[utoipa::path(
    post, path = "/api/v1/entities/{entity}/desk/appointments/{code}/move", tag = "desk",
    params(
        ("entity" = String, Path, description = "The entity's name in addresses."),
        ("code" = String, Path, description = "The appointment's code."),
    ),
    request_body = NewTime,
    responses(
        (status = 200, body = AppointmentView),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The time is taken: `nearby` has others.", body = Taken, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ),
    security(("client" = ["desk"])),
)]
async fn desk_move(
    client: Operator,
    Path((_entity, code)): Path<(String, String)>,
    id: RequestId,
    body: Bytes,
) -> Answer {
    let asked: NewTime = read(&body)?;
    let (mut tx, before) = open(&client, &code).await?;
    let target = asked.check(&mut tx, &client).await?;
    appointments::move_to(&client, &id, tx, &before, target, Audience::Operator).await
}

/// Offers the citizen up to three other times, which are kept until the answer. An offer made before is withdrawn.
#[utoipa::path(
    post, path = "/api/v1/entities/{entity}/desk/appointments/{code}/proposals", tag = "desk",
    params(
        ("entity" = String, Path, description = "The entity's name in addresses."),
        ("code" = String, Path, description = "The appointment's code."),
        ("Idempotency-Key" = String, Header, description = "The sender's key for this offer, at most 200 characters."),
    ),
    request_body = NewOffer,
    responses(
        (status = 201, body = ProposalView),
        (status = 400, description = "No key, or not JSON.", body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "One of the times is taken.", body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ),
    security(("client" = ["desk"])),
)]
async fn propose(
    client: Operator,
    key: CommandKey,
    Path((_entity, code)): Path<(String, String)>,
    body: Bytes,
) -> Answer {
    let asked: NewOffer = read(&body)?;
    let name = format!("api.propose/{code}");
    let once = Once::new(&name, &client, &key, &body);
    let mut tx = client.begin().await?;
    let location = format!("/api/v1/entities/{}/appointments/{code}", client.entity.slug);
    if let Some(first) = once.first(&mut tx, &client).await? {
        return Ok(reply(first, true, &location));
    }
    let appointment = store::appointment_by_code(&mut tx, client.entity.id, &code).await?;
    let mut options = Vec::new();
    for time in &asked.times {
        let (site, start) = time.check(&mut tx, &client).await?;
        options.push((site.id, start));
    }
    let hours = client.app.config.booking.proposal_hours;
    let expires_at = asked.expires_at.unwrap_or(client.now + TimeDelta::hours(hours));
    let new =
        NewProposal { appointment: appointment.id, options, message: asked.message, staff: None, expires_at };
    let made = booking::propose(&mut tx, &client.entity, &new, &client.actor(), client.now).await?;
    let sites = store::sites(&mut tx, client.entity.id).await?;
    let answer = once.keep(tx, &client, ProposalView::of(made, &sites)).await?;
    Ok(reply(answer, false, &location))
}

/// Takes an offer back: its times are free again, the appointment stands as before.
#[utoipa::path(
    post, path = "/api/v1/entities/{entity}/desk/proposals/{proposal}/withdraw", tag = "desk",
    params(
        ("entity" = String, Path, description = "The entity's name in addresses."),
        ("proposal" = uuid::Uuid, Path, description = "The proposal's identifier."),
    ),
    responses(
        (status = 200, body = ProposalView),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It was decided already.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("client" = ["desk"])),
)]
async fn withdraw(client: Operator, Path((_entity, id)): Path<(String, ProposalId)>) -> Answer {
    let mut tx = client.begin().await?;
    let actor = client.actor();
    let proposal = booking::withdraw_proposal(&mut tx, &client.entity, id, &actor, client.now).await?;
    let sites = store::sites(&mut tx, client.entity.id).await?;
    tx.commit().await?;
    Ok(Json(ProposalView::of(proposal, &sites)).into_response())
}

/// Books for a citizen at the desk or on the phone: inside the lead time and beyond the horizon too.
#[utoipa::path(
    post, path = "/api/v1/entities/{entity}/desk/appointments", tag = "desk",
    params(
        ("entity" = String, Path, description = "The entity's name in addresses."),
        ("Idempotency-Key" = String, Header, description = "The sender's key for this booking, at most 200 characters."),
    ),
    request_body = NewBooking,
    responses(
        (status = 201, body = AppointmentView),
        (status = 400, description = "No key, or not JSON.", body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The time is taken: `nearby` has others.", body = Taken, content_type = "application/problem+json"),
        (status = 422, description = "Wrong fields, or the key was another request's.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("client" = ["desk"])),
)]
async fn insert(client: Operator, key: CommandKey, id: RequestId, body: Bytes) -> Answer {
    let asked: NewBooking = read(&body)?;
    let once = Once::new("api.insert", &client, &key, &body);
    appointments::book(&client, &id, &once, asked, Channel::Desk).await
}

/// Closes a counter: its appointments go to another that is free at the same time; those for which there is none are
/// tasks.
#[utoipa::path(
    post, path = "/api/v1/entities/{entity}/desk/counters/{counter}/closures", tag = "desk",
    params(
        ("entity" = String, Path, description = "The entity's name in addresses."),
        ("counter" = uuid::Uuid, Path, description = "The counter's identifier."),
        ("Idempotency-Key" = String, Header, description = "The sender's key for this closure, at most 200 characters."),
    ),
    request_body = NewClosure,
    responses(
        (status = 201, body = ClosingView),
        (status = 400, description = "No key, or not JSON.", body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ),
    security(("client" = ["desk"])),
)]
async fn close_counter(
    client: Operator,
    key: CommandKey,
    Path((_entity, counter)): Path<(String, CounterId)>,
    body: Bytes,
) -> Answer {
    let asked: NewClosure = read(&body)?;
    let name = format!("api.close/{counter}");
    let once = Once::new(&name, &client, &key, &body);
    let mut tx = client.begin().await?;
    let day = format!("/api/v1/entities/{}/desk/tasks", client.entity.slug);
    if let Some(first) = once.first(&mut tx, &client).await? {
        return Ok(reply(first, true, &day));
    }
    let mut errors = Vec::new();
    let (from, to) = (instant(&asked.from, "from", &mut errors), instant(&asked.to, "to", &mut errors));
    let during = from.zip(to).ok_or(Error::Invalid(errors))?;
    let (entity, actor) = (client.entity.id, client.actor());
    let reason = asked.reason.trim();
    let closing = record::close_counter(&mut tx, entity, counter, during, reason, &actor, client.now).await?;
    let answer = once.keep(tx, &client, ClosingView::from(closing)).await?;
    Ok(reply(answer, false, &day))
}

/// What operators have to look at.
#[utoipa::path(
    get, path = "/api/v1/entities/{entity}/desk/tasks", tag = "desk",
    params(("entity" = String, Path, description = "The entity's name in addresses."), OfSite),
    responses(
        (status = 200, body = Tasks),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ),
    security(("client" = ["desk"])),
)]
async fn list_tasks(client: Operator, Query(asked): Query<OfSite>) -> Answer {
    let mut tx = client.begin().await?;
    let entity = client.entity.id;
    let site = match asked.site {
        Some(slug) => Some(store::site_by_slug(&mut tx, entity, &slug).await?.id),
        None => None,
    };
    Ok(Json(Tasks::of(desk::tasks(&mut tx, entity, site).await?)?).into_response())
}
