//! A site's day: who waits, who is expected, who was served.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use chrono::{DateTime, Days, NaiveDate, Utc};
use http::HeaderValue;
use http::header::SET_COOKIE;
use serde::Deserialize;
use sqlx::PgConnection;

use super::room::Room;
use super::row::Row;
use crate::agenda::{Counter, Site, store};
use crate::desk::{self, Counts};
use crate::error::Result;
use crate::identity::Role;
use crate::ids::CounterId;
use crate::payments::store::positions::standing_of_appointments;
use crate::web::frame::{Answer, Staff, redirect, render};
use crate::web::page::Page;

#[derive(Template)]
#[template(path = "desk/sites.html", config = ".askama.toml")]
struct Sites {
    page: Page,
    sites: Vec<Site>,
}

/// `GET /{entity}/sportello`: the sites where one is an operator; a single one at once.
pub async fn sites(staff: Staff) -> Answer {
    staff.require_anywhere(Role::Operator)?;
    let mut sites = store::sites(&mut *staff.begin().await?, staff.entity.id).await?;
    sites.retain(|site| site.active && staff.member.may(Role::Operator, Some(site.id)));
    if let [only] = sites.as_slice() {
        return redirect(staff.url(format_args!("sportello/{}", only.slug)));
    }
    let page = staff.page(staff.t.get("desk-sites-title")).crumb(staff.t.get("nav-desk"), "");
    render(&Sites { page, sites })
}

/// `GET /{entity}/sportello/{site}`.
pub async fn today(room: Room) -> Answer {
    redirect(room.day_url(room.today()))
}

/// The day's list, in words: what the page shows and what its script asks for again.
struct List {
    rows: Vec<Row>,
    waiting: Vec<Row>,
    counts: Counts,
    date: NaiveDate,
    is_today: bool,
    /// Where the operator sits.
    mine: Option<Counter>,
    /// Names of the counters, for whom the button calls to.
    counters: Vec<Counter>,
    at: DateTime<Utc>,
}

impl List {
    /// The name of the counter a row's citizen would be called to.
    fn counter_name(&self, id: &CounterId) -> String {
        self.counters.iter().find(|counter| counter.id == *id).map_or_else(String::new, |c| c.name.clone())
    }

    async fn read(
        conn: &mut PgConnection,
        room: &Room,
        date: NaiveDate,
        chosen: Option<CounterId>,
    ) -> Result<Self> {
        let day = desk::day(conn, room.entity.id, room.site.id, date).await?;
        let ids: Vec<_> = day.entries.iter().map(|entry| entry.appointment.id.0).collect();
        let owed = standing_of_appointments(conn, room.entity.id, &ids).await?;
        let mine = room.my_counter(chosen, &day.counters).cloned();
        let my_id = mine.as_ref().map(|counter| counter.id);
        let row = |entry: desk::DayEntry| {
            let payment = owed.get(&entry.appointment.id).copied();
            Row::of(room, entry, payment, my_id)
        };
        Ok(Self {
            waiting: day.waiting.iter().filter_map(|at| day.entries.get(*at)).cloned().map(row).collect(),
            rows: day.entries.into_iter().map(row).collect(),
            counts: day.counts,
            date,
            is_today: date == room.today(),
            mine,
            counters: day.counters,
            at: room.now,
        })
    }
}

#[derive(Template)]
#[template(path = "desk/day.html", config = ".askama.toml")]
struct DayPage {
    page: Page,
    base: String,
    before: String,
    after: String,
    tasks: usize,
    list: List,
}

/// `?postazione=`: where the operator sits.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Seat {
    /// A counter; empty: none in particular.
    postazione: Option<String>,
}

/// `GET /{entity}/sportello/{site}/{date}`.
pub async fn show(
    room: Room,
    Path((_, _, date)): Path<(String, String, NaiveDate)>,
    Query(seat): Query<Seat>,
) -> Answer {
    let chosen = seat.postazione.as_deref().and_then(|id| id.parse().ok());
    let mut tx = room.begin().await?;
    let mut list = List::read(&mut tx, &room, date, chosen).await?;
    if seat.postazione.is_some() && chosen.is_none() {
        list.mine = None;
    }
    let tasks = desk::tasks(&mut tx, room.entity.id, Some(room.site.id)).await?.len();
    let mine = list.mine.as_ref().map(|counter| counter.id);
    let page = room.page(room.t.date(date)).crumb(room.t.short_date(date), "");
    let near = |day: Option<NaiveDate>| room.day_url(day.unwrap_or(date));
    let before = near(date.checked_sub_days(Days::new(1)));
    let after = near(date.checked_add_days(Days::new(1)));
    let mut response = render(&DayPage { page, base: room.url(""), before, after, tasks, list })?;
    if seat.postazione.is_some() {
        keep_seat(&mut response, &room, mine);
    }
    Ok(response)
}

fn keep_seat(response: &mut Response, room: &Room, mine: Option<CounterId>) {
    let cookie = HeaderValue::from_str(&room.counter_cookie(mine)).expect("our cookies are visible ASCII");
    response.headers_mut().append(SET_COOKIE, cookie);
}

#[derive(Template)]
#[template(path = "desk/list.html", config = ".askama.toml")]
struct ListPage {
    page: Page,
    list: List,
}

/// `GET …/{date}/elenco`: the list alone, for the page's script.
pub async fn list(room: Room, Path((_, _, date)): Path<(String, String, NaiveDate)>) -> Answer {
    let list = List::read(&mut *room.begin().await?, &room, date, None).await?;
    render(&ListPage { page: room.page(""), list })
}
