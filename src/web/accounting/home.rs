//! The work list: provisional entries to regularise, and what is missing.

use askama::Template;
use axum::extract::Query;
use serde::Deserialize;

use super::office::Office;
use super::words::{self, Links};
use crate::error::{Error, Result};
use crate::reconciliation::worklist::SHOWN_MAX;
use crate::reconciliation::{self, Fetched, Filter, FlowHead, JournalFile, Which, Worklist, lists};
use crate::web::frame::{Answer, render};
use crate::web::page::{Link, Page};

/// The filters: their name in addresses, what they show, their text.
const VIEWS: [(&str, Which, &str); 4] = [
    ("", Which::Open, "accounting-view-open"),
    ("differenze", Which::Differing, "accounting-view-differing"),
    ("regolarizzati", Which::Regularised, "accounting-view-regularised"),
    ("tutti", Which::All, "accounting-view-all"),
];

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    vista: String,
    cerca: String,
    altri: bool,
}

#[derive(Template)]
#[template(path = "accounting/home.html", config = ".askama.toml")]
struct HomePage {
    page: Page,
    links: Links,
    views: Vec<Link>,
    view: &'static str,
    search: String,
    all_payers: bool,
    list: Worklist,
    found: Found,
    journal: Option<JournalFile>,
    fetched: Fetched,
}

/// What a search finds besides provisional entries.
#[derive(Debug, Default)]
struct Found {
    payment: Option<String>,
    flows: Vec<FlowHead>,
}

impl HomePage {
    fn is_new(&self) -> bool {
        self.journal.is_none()
    }

    fn is_cut(&self) -> bool {
        self.list.entries.len() >= SHOWN_MAX
    }

    fn empty_text(&self) -> String {
        let t = self.page.t;
        match (self.search.is_empty(), self.view) {
            (false, _) => t.with("accounting-empty-search", &[("text", &self.search)]),
            (true, "") if self.is_new() => t.get("accounting-empty-new"),
            (true, "") => t.get("accounting-empty-open"),
            (true, "differenze") => t.get("accounting-empty-differing"),
            (true, _) => t.get("accounting-empty-other"),
        }
    }
}

/// `GET /{entity}/contabilita`.
pub async fn show(office: Office, Query(asked): Query<Asked>) -> Answer {
    let (view, which, _) = VIEWS.into_iter().find(|(name, ..)| *name == asked.vista).unwrap_or(VIEWS[0]);
    let search = asked.cerca.trim().to_owned();
    // A search looks everywhere: who searches for an entry knows it, not where it is in its life.
    let is_search = !search.is_empty();
    let filter = Filter {
        year: None,
        which: if is_search { Which::All } else { which },
        all_payers: asked.altri || is_search,
        search: as_iuv(&search).to_owned(),
    };
    let mut tx = office.begin().await?;
    let list = reconciliation::worklist(&mut tx, &office.entity, &filter, office.now).await?;
    let found = find(&mut tx, &office, &filter.search).await?;
    let journal = lists::journals(&mut tx, &office.entity, 1).await?.pop();
    let fetched = lists::fetched(&mut tx, &office.entity, office.now).await?;
    let links = office.links();
    let views = VIEWS.map(|(name, _, key)| Link {
        url: if name.is_empty() { links.area.clone() } else { format!("{}?vista={name}", links.area) },
        label: office.t.get(key),
        active: name == view && !is_search,
        element: "",
    });
    let page = office.page(office.t.get("accounting-title"));
    let views = views.to_vec();
    render(&HomePage {
        page,
        links,
        views,
        view,
        search,
        all_payers: filter.all_payers,
        list,
        found,
        journal,
        fetched,
    })
}

async fn find(tx: &mut crate::db::Tx, office: &Office, text: &str) -> Result<Found> {
    if text.is_empty() {
        return Ok(Found::default());
    }
    let payment = match reconciliation::payment(tx, &office.entity, text, office.now).await {
        Ok(_) => Some(text.to_owned()),
        Err(Error::NotFound(_)) => None,
        Err(error) => return Err(error),
    };
    Ok(Found { payment, flows: lists::flows(tx, &office.entity, text).await? })
}

/// Notice numbers are searched for as well: a 3 before the IUV.
fn as_iuv(text: &str) -> &str {
    let is_notice = text.len() == 18 && text.bytes().all(|b| b.is_ascii_digit());
    text.strip_prefix('3').filter(|_| is_notice).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_number_is_searched_for_by_its_iuv() {
        assert_eq!(as_iuv("301000000000000112"), "01000000000000112");
        for text in ["01000000000000112", "3", "", "2026-11-20ABC"] {
            assert_eq!(as_iuv(text), text);
        }
    }
}
