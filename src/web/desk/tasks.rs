//! What is left to put right: a payment whose time is gone, a proposal that came to nothing, a counter that closed.

use askama::Template;
use axum::extract::Path;

use super::room::Room;
use super::row::full_name;
use crate::agenda::State;
use crate::desk::{self, Task, TaskKind, record};
use crate::error::Error;
use crate::ids::TaskId;
use crate::web::form::ProtectedForm;
use crate::web::frame::{Answer, redirect_done, render};
use crate::web::page::Page;

/// A task in words.
struct Entry {
    done_url: String,
    kind: String,
    what_to_do: String,
    since: String,
    appointment: Option<About>,
}

/// The appointment a task is about.
struct About {
    url: String,
    code: String,
    name: String,
    service: String,
    when: String,
    phone: String,
    email: String,
    can_change: bool,
    /// It is paid and has no time: another is given without paying again.
    owes_time: bool,
}

#[derive(Template)]
#[template(path = "desk/tasks.html", config = ".askama.toml")]
struct TasksPage {
    page: Page,
    tasks: Vec<Entry>,
}

/// `GET …/da-sistemare`.
pub async fn list(room: Room) -> Answer {
    let mut tx = room.begin().await?;
    let tasks = desk::tasks(&mut tx, room.entity.id, Some(room.site.id)).await?;
    let tasks = tasks.into_iter().map(|task| in_words(&room, task)).collect();
    let page = room.page(room.t.get("desk-tasks-title")).crumb(room.t.get("desk-section-tasks"), "");
    render(&TasksPage { page, tasks })
}

fn in_words(room: &Room, task: Task) -> Entry {
    let key = match task.kind {
        TaskKind::PaidWithoutTime => "paid-without-time",
        TaskKind::PaidAfterCancellation => "paid-after-cancellation",
        TaskKind::PaidAtAnotherPrice => "paid-at-another-price",
        TaskKind::PaidNotDue => "paid-not-due",
        TaskKind::ProposalDeclined => "proposal-declined",
        TaskKind::ProposalExpired => "proposal-expired",
        TaskKind::PaidWithoutReceipt => "paid-without-receipt",
        TaskKind::CounterClosed => "counter-closed",
        TaskKind::ProposalWithdrawn => "proposal-withdrawn",
        TaskKind::NoticeUndelivered => "notice-undelivered",
    };
    let is_paid = matches!(task.kind, TaskKind::PaidWithoutTime | TaskKind::PaidAfterCancellation);
    Entry {
        done_url: room.url(format_args!("da-sistemare/{}", task.id)),
        kind: room.t.get(&format!("desk-task-{key}")),
        what_to_do: room.t.get(&format!("desk-task-{key}-do")),
        since: room.t.short_date_time(task.created_at),
        appointment: task.appointment.map(|(a, service)| About {
            url: room.appointment_url(&a.code),
            name: full_name(&a),
            service: service.get(room.t.code()).to_owned(),
            when: room.t.date_time(a.starts_at),
            phone: a.holder.phone.clone(),
            email: a.holder.email.clone(),
            can_change: matches!(a.state, State::Confirmed | State::AwaitingPayment) && a.stands(room.now),
            owes_time: is_paid && matches!(a.state, State::Expired | State::Cancelled),
            code: a.code,
        }),
    }
}

/// `POST …/da-sistemare/{task}`: it was seen to.
pub async fn done(
    room: Room,
    Path((_, _, task)): Path<(String, String, TaskId)>,
    _: ProtectedForm,
) -> Answer {
    let mut tx = room.begin().await?;
    let open = desk::tasks(&mut tx, room.entity.id, Some(room.site.id)).await?;
    if !open.iter().any(|known| known.id == task) {
        return Err(Error::NotFound("task").into());
    }
    record::task_done(&mut tx, room.entity.id, task, room.member.id, room.now).await?;
    tx.commit().await?;
    redirect_done(room.url("da-sistemare"), "desk-task")
}
