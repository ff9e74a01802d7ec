//! The personal area: the citizen's appointments, payments and messages.

use std::collections::HashMap;

use askama::Template;

use super::payments::Card;
use super::words;
use crate::agenda::{self, Appointment, Site};
use crate::error::Result;
use crate::ids::{ServiceId, SiteId};
use crate::notices::{self, Channel, Notice, NoticeState};
use crate::payments;
use crate::web::frame::{Answer, Citizen, render};
use crate::web::i18n::T;
use crate::web::page::Page;

/// The most that is shown of what is past.
const PAST_MAX: usize = 20;

struct Row {
    url: String,
    service: String,
    when: String,
    site: String,
    code: String,
    badge: (&'static str, String),
}

struct Message {
    what: String,
    how: String,
    when: String,
    url: String,
}

#[derive(Template)]
#[template(path = "citizen/personal_area.html", config = ".askama.toml")]
struct Area {
    page: Page,
    upcoming: Vec<Row>,
    past: Vec<Row>,
    payments: Vec<Card>,
    messages: Vec<Message>,
}

/// `GET /{entity}/area-personale`.
pub(super) async fn show(citizen: Citizen) -> Answer {
    let mut tx = citizen.begin().await?;
    let (entity, code) = (citizen.entity.id, citizen.fiscal_code.as_str());
    let appointments = agenda::store::of_citizen(&mut tx, entity, code).await?;
    let services = agenda::store::services(&mut tx, entity).await?;
    let services: HashMap<ServiceId, String> =
        services.into_iter().map(|s| (s.id, s.name.get(citizen.t.code()).to_owned())).collect();
    let sites = agenda::store::sites(&mut tx, entity).await?;
    let sites: HashMap<SiteId, Site> = sites.into_iter().map(|site| (site.id, site)).collect();
    let row = |a: &Appointment| row(&citizen, a, services.get(&a.service), sites.get(&a.site));
    let is_upcoming = |a: &&Appointment| a.state.is_live() && a.ends_at > citizen.now;
    let mut upcoming: Vec<Row> = appointments.iter().filter(is_upcoming).map(row).collect();
    upcoming.reverse();
    let past = appointments.iter().filter(|a| !is_upcoming(a)).take(PAST_MAX).map(row).collect();
    let payments = payments::of_citizen(&mut tx, entity, code).await?;
    let messages = messages(&citizen, &mut tx, &appointments).await?;
    let title = citizen.t.get("nav-personal-area");
    let greeting = citizen.t.with("citizen-area-lead", &[("name", &citizen.person.given_name)]);
    render(&Area {
        page: citizen.page(&title).lead(greeting).crumb(title, ""),
        upcoming,
        past,
        payments: payments.iter().map(|view| Card::of(&citizen, citizen.t, view, None)).collect(),
        messages,
    })
}

fn row(citizen: &Citizen, a: &Appointment, service: Option<&String>, site: Option<&Site>) -> Row {
    let t = site.map_or(citizen.t, |site| citizen.t.in_zone(site.zone));
    Row {
        url: citizen.url(format_args!("appuntamenti/{}", a.code)),
        service: service.cloned().unwrap_or_default(),
        when: t.date_time(a.starts_at),
        site: site.map(|site| site.name.clone()).unwrap_or_default(),
        code: a.code.clone(),
        badge: words::state(t, a.state),
    }
}

/// What was sent, newest first.
async fn messages(
    citizen: &Citizen,
    conn: &mut sqlx::PgConnection,
    appointments: &[Appointment],
) -> Result<Vec<Message>> {
    let notices = notices::store::of_citizen(conn, citizen.entity.id, &citizen.fiscal_code).await?;
    let code_of: HashMap<_, _> = appointments.iter().map(|a| (a.id, a.code.as_str())).collect();
    let message = |notice: Notice| {
        let code = code_of.get(&notice.appointment).copied().unwrap_or_default();
        Message {
            what: citizen.t.get(&format!("citizen-message-{}", notice.event.as_str())),
            how: how(citizen.t, &notice),
            when: citizen.t.short_date_time(notice.sent_at.unwrap_or(notice.created_at)),
            url: citizen.url(format_args!("appuntamenti/{code}")),
        }
    };
    Ok(notices.into_iter().map(message).collect())
}

fn how(t: T, notice: &Notice) -> String {
    let channel = match notice.channel {
        Channel::AppIo => t.get("citizen-channel-app-io"),
        Channel::Email => t.with("citizen-channel-email", &[("address", &notice.recipient)]),
    };
    match notice.state {
        NoticeState::Sent => channel,
        _ => t.with("citizen-channel-under-way", &[("channel", &channel)]),
    }
}
