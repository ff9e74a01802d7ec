//! Step 2: day and time. Choosing one holds it.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::IntoResponse;
use chrono::{DateTime, Utc};
use http::StatusCode;
use serde::Deserialize;
use sqlx::PgConnection;

use super::super::chooser::{self, Chooser};
use super::{Flow, Origin, Step, details_of, place_rows};
use crate::agenda::{self, Appointment, Details, NewHold, Site};
use crate::error::{Error, FieldError, Result};
use crate::web::form::ProtectedForm;
use crate::web::frame::{Answer, Visitor, redirect, render};
use crate::web::page::Page;

#[derive(Template)]
#[template(path = "citizen/booking/time.html", config = ".askama.toml")]
struct TimePage {
    page: Page,
    chooser: Chooser,
    site: Site,
    site_rows: Vec<(String, String)>,
    /// Whether other offices are competent too.
    has_others: bool,
    /// What went wrong, in words; empty where nothing did.
    problem: String,
    torna: String,
    back_url: String,
}

/// What the address says.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wish {
    #[serde(default)]
    sede: Option<String>,
    #[serde(default)]
    mese: Option<String>,
    #[serde(default)]
    scaduto: Option<String>,
    #[serde(flatten)]
    from: Origin,
}

/// What is posted.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Choice {
    #[serde(default)]
    sede: String,
    #[serde(default)]
    quando: String,
}

/// `GET …/data-e-orario`.
pub(super) async fn show(
    visitor: Visitor,
    Path((_, slug)): Path<(String, String)>,
    Query(wish): Query<Wish>,
) -> Answer {
    let mut tx = visitor.begin().await?;
    let flow = Flow::load(&mut tx, &visitor, &slug).await?;
    let sites = agenda::store::sites_of_service(&mut tx, visitor.entity.id, flow.service.id).await?;
    let Some(site) = site_of(&sites, wish.sede.as_deref(), flow.held.as_ref()) else {
        return redirect(format!("{}{}", flow.url(&visitor, Step::Place), wish.from.query()));
    };
    let held = flow.held.as_ref().filter(|held| held.site == site.id).map(|held| held.starts_at);
    let month = wish.mese.as_deref().unwrap_or_default();
    let chooser = chooser::load(&mut tx, &visitor, &flow.service, &site, month, held).await?;
    let problem = if wish.scaduto.is_some() { visitor.t.get("citizen-hold-expired") } else { String::new() };
    let page = flow.page(&visitor, Step::Time);
    render(&page_of(&visitor, &flow, page, chooser, (site, sites.len() > 1), problem, &wish.from))
}

fn page_of(
    visitor: &Visitor,
    flow: &Flow,
    page: Page,
    chooser: Chooser,
    (site, has_others): (Site, bool),
    problem: String,
    from: &Origin,
) -> TimePage {
    TimePage {
        site_rows: place_rows(&page, &site),
        page,
        chooser,
        site,
        has_others,
        problem,
        torna: if from.is_summary() { Step::Summary.path().to_owned() } else { String::new() },
        back_url: flow.url(visitor, from.or(Step::Place)),
    }
}

/// The asked site; else the one of the held time; else the only one.
fn site_of(sites: &[Site], asked: Option<&str>, held: Option<&Appointment>) -> Option<Site> {
    let by_slug = asked.and_then(|slug| sites.iter().find(|site| site.slug == slug));
    let by_hold = || held.and_then(|held| sites.iter().find(|site| site.id == held.site));
    let only = || Some(sites).filter(|sites| sites.len() == 1).and_then(|sites| sites.first());
    by_slug.or_else(by_hold).or_else(only).cloned()
}

/// `POST …/data-e-orario`.
pub(super) async fn choose(
    visitor: Visitor,
    Path((_, slug)): Path<(String, String)>,
    Query(from): Query<Origin>,
    form: ProtectedForm<Choice>,
) -> Answer {
    let mut tx = visitor.begin().await?;
    let flow = Flow::load(&mut tx, &visitor, &slug).await?;
    let sites = agenda::store::sites_of_service(&mut tx, visitor.entity.id, flow.service.id).await?;
    let site = sites.iter().find(|site| site.slug == form.value.sede).cloned();
    let site = site.ok_or(Error::NotFound("site"))?;
    let place = (site, sites.len() > 1);
    let Some(start) = chooser::instant_of(&form.value.quando) else {
        drop(tx);
        return choose_again(&visitor, &flow, place, None, &from).await;
    };
    let new = NewHold {
        service: flow.service.id,
        site: place.0.id,
        start,
        session: visitor.session.id,
        language: visitor.t.code().to_owned(),
    };
    match hold(&mut tx, &visitor, &flow, &new).await {
        Ok(()) => {
            tx.commit().await?;
            redirect(flow.url(&visitor, from.or(Step::Details)))
        }
        Err(Error::Taken) => {
            drop(tx);
            choose_again(&visitor, &flow, place, Some(start), &from).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Holds a time. What was written on a former one, which expired meanwhile, is written on it again.
async fn hold(conn: &mut PgConnection, visitor: &Visitor, flow: &Flow, new: &NewHold) -> Result<()> {
    let entity = visitor.entity.id;
    let minutes = visitor.app.config.booking.hold_minutes;
    let held = agenda::hold(conn, entity, new, minutes, visitor.now).await?;
    match &flow.held {
        Some(former) if former.id != held.id => {
            let details = Details { per_citizen_max: None, ..details_of(former, visitor) };
            agenda::fill(conn, entity, held.id, &details, visitor.now).await
        }
        _ => Ok(()),
    }
}

/// The page again: nothing was chosen, or the wanted time was just taken.
async fn choose_again(
    visitor: &Visitor,
    flow: &Flow,
    (site, has_others): (Site, bool),
    taken: Option<DateTime<Utc>>,
    from: &Origin,
) -> Answer {
    let mut tx = visitor.begin().await?;
    let page = flow.page(visitor, Step::Time);
    let (page, chooser, problem, status) = match taken {
        Some(wanted) => {
            let chooser = chooser::load_around(&mut tx, visitor, &flow.service, &site, wanted).await?;
            (page, chooser, visitor.t.get("error-taken"), StatusCode::CONFLICT)
        }
        None => {
            let chooser = chooser::load(&mut tx, visitor, &flow.service, &site, "", None).await?;
            let page = page.errors(vec![FieldError::new("quando", "choose_time")]);
            (page, chooser, String::new(), StatusCode::UNPROCESSABLE_ENTITY)
        }
    };
    let drawn = render(&page_of(visitor, flow, page, chooser, (site, has_others), problem, from))?;
    Ok((status, drawn).into_response())
}
