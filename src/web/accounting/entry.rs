//! A provisional entry with its plan.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::IntoResponse as _;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use serde::Deserialize;
use sportello_treasury::remittance::{self, Certainty, Reference};

use super::office::Office;
use super::words::{self, Links};
use crate::db::Tx;
use crate::error::Result;
use crate::ids::ProvisionalEntryId;
use crate::money::Cents;
use crate::reconciliation::{self, EntryView, State, intake, lists};
use crate::web::form::ProtectedForm;
use crate::web::frame::{Answer, redirect_done, render};
use crate::web::i18n::T;
use crate::web::page::Page;

/// Entity, year and number of the address.
pub type Address = Path<(String, i16, i64)>;

/// What the address asks for besides.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// Every row of the plan opened: to read on, or to print.
    aperto: bool,
}

#[derive(Template)]
#[template(path = "accounting/entry.html", config = ".askama.toml")]
struct EntryPage {
    page: Page,
    links: Links,
    here: String,
    is_open: bool,
    view: EntryView,
    facts: Vec<(String, String)>,
}

impl EntryPage {
    fn planned(&self) -> Cents {
        self.view.rows.iter().map(|row| row.amount).sum()
    }

    /// Own revenue, and what is held for others.
    fn by_kind(&self) -> [(String, Cents); 2] {
        let sum_of = |third: bool| {
            self.view.rows.iter().filter(|row| row.line.is_third_party == third).map(|row| row.amount).sum()
        };
        [("accounting-own", false), ("accounting-third-party", true)]
            .map(|(key, third)| (self.page.t.get(key), sum_of(third)))
    }

    fn total(&self) -> Cents {
        self.planned() + self.view.differences.iter().map(|difference| difference.amount).sum()
    }

    fn is_cancelled(&self) -> bool {
        self.view.summary.entry.state == State::Cancelled
    }

    fn has_other_year(&self) -> bool {
        self.view.rows.iter().any(|row| row.other_year)
    }

    fn can_be_sent(&self) -> bool {
        let is_sent = self.view.summary.entry.plan_sent_at.is_some() && !self.view.plan_changed;
        !self.is_cancelled() && !is_sent && !self.view.rows.is_empty()
    }
}

async fn find(office: &Office, tx: &mut Tx, (year, number): (i16, i64)) -> Result<ProvisionalEntryId> {
    lists::entry_id(tx, &office.entity, year, number).await
}

/// `GET …/provvisori/{year}/{number}`.
pub async fn show(office: Office, Path((_, year, number)): Address, Query(asked): Query<Asked>) -> Answer {
    let mut tx = office.begin().await?;
    let id = find(&office, &mut tx, (year, number)).await?;
    let view = reconciliation::entry(&mut tx, &office.entity, id, office.now).await?;
    let title = office
        .t
        .with("accounting-entry-title", &[("number", &number.to_string()), ("year", &year.to_string())]);
    let page = office.page(&title).crumb(title, "");
    let links = office.links();
    let here = links.entry(&view.summary.entry);
    render(&EntryPage { facts: facts(office.t, &view), page, links, here, is_open: asked.aperto, view })
}

/// What the treasurer says of the entry, and what was read in it.
fn facts(t: T, view: &EntryView) -> Vec<(String, String)> {
    let entry = &view.summary.entry;
    let read = remittance::parse(&entry.remittance);
    let mut facts = vec![
        (t.get("accounting-payer"), entry.payer.clone()),
        (t.get("accounting-booked-on"), t.short_date(entry.booked_on)),
    ];
    if let Some(day) = entry.value_on {
        facts.push((t.get("accounting-value-on"), t.short_date(day)));
    }
    facts.push((t.get("accounting-remittance"), entry.remittance.clone()));
    facts.push((t.get("accounting-read"), read_in_words(t, &read.reference)));
    let certainty = match read.certainty {
        Certainty::Exact => "accounting-certainty-exact",
        Certainty::Inferred => "accounting-certainty-inferred",
        Certainty::None => "accounting-certainty-none",
    };
    facts.push((t.get("accounting-certainty"), t.get(certainty)));
    for (key, value) in [
        ("accounting-end-to-end", &entry.end_to_end_id),
        ("accounting-operation", &entry.operation_reference),
    ] {
        if !value.is_empty() {
            facts.push((t.get(key), value.clone()));
        }
    }
    if entry.regularised > Cents::ZERO {
        facts.push((t.get("accounting-covered"), entry.regularised.to_string()));
    }
    facts
}

fn read_in_words(t: T, reference: &Reference) -> String {
    let (key, id) = match reference {
        Reference::Flow(id) => ("accounting-read-flow", id),
        Reference::FlowPrefix(id) => ("accounting-read-flow-prefix", id),
        Reference::Iuv(id) => ("accounting-read-iuv", id),
        Reference::IuvPrefix(id) => ("accounting-read-iuv-prefix", id),
        Reference::None => return t.get("accounting-read-nothing"),
    };
    t.with(key, &[("id", id)])
}

/// `GET …/piano.csv`.
pub async fn plan_csv(office: Office, Path((_, year, number)): Address) -> Answer {
    let mut tx = office.begin().await?;
    let id = find(&office, &mut tx, (year, number)).await?;
    let csv = reconciliation::plan_csv(&mut tx, &office.entity, id, office.now).await?;
    Ok(file(csv, &format!("piano-provvisorio-{year}-{number}.csv")))
}

/// `GET …/dettaglio.csv`.
pub async fn detail_csv(office: Office, Path((_, year, number)): Address) -> Answer {
    let mut tx = office.begin().await?;
    let id = find(&office, &mut tx, (year, number)).await?;
    let csv = reconciliation::detail_csv(&mut tx, &office.entity, id, office.now).await?;
    Ok(file(csv, &format!("dettaglio-provvisorio-{year}-{number}.csv")))
}

/// A CSV file to be saved under a name of our own.
pub fn file(csv: String, name: &str) -> axum::response::Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(CONTENT_TYPE, "text/csv; charset=utf-8"), (CONTENT_DISPOSITION, disposition.as_str())], csv)
        .into_response()
}

/// `POST …/inviato`: the plan as it is now was handed over. Sent again, nothing changes.
pub async fn mark_sent(office: Office, Path((_, year, number)): Address, _: ProtectedForm) -> Answer {
    let mut tx = office.begin().await?;
    let id = find(&office, &mut tx, (year, number)).await?;
    intake::send_plan(&mut tx, &office.entity, &office.actor(), id, office.now).await?;
    tx.commit().await?;
    redirect_done(office.at(format_args!("provvisori/{year}/{number}")), "accounting-plan-sent")
}
