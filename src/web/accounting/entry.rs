//! A provisional entry with its plan.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::IntoResponse as _;
use http::StatusCode;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use serde::Deserialize;
use sportello_treasury::remittance::{self, Certainty, Reference};

use super::office::Office;
use super::words::{self, Links};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::ids::ProvisionalEntryId;
use crate::money::Cents;
use crate::reconciliation::{self, Difference, EntryView, PlanRow, State, intake, lists};
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
    /// What changed since the reader saw the plan: lines that are gone, lines that are new; `None`: nothing was seen before.
    changed: Option<[Vec<String>; 2]>,
}

impl EntryPage {
    /// The plan's lines and differences in words: what the form says was seen.
    fn lines(&self) -> Vec<String> {
        lines(&self.view)
    }

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
    draw(&office, (year, number), asked.aperto, None).await
}

/// Draws the page; `seen` are the lines of a plan that is not the present one any more.
async fn draw(
    office: &Office,
    (year, number): (i16, i64),
    is_open: bool,
    seen: Option<Vec<String>>,
) -> Answer {
    let mut tx = office.begin().await?;
    let id = find(office, &mut tx, (year, number)).await?;
    let view = reconciliation::entry(&mut tx, &office.entity, id, office.now).await?;
    let title = office
        .t
        .with("accounting-entry-title", &[("number", &number.to_string()), ("year", &year.to_string())]);
    let page = office.page(&title).crumb(title, "");
    let links = office.links();
    let here = links.entry(&view.summary.entry);
    let changed = seen.map(|seen| {
        let now = lines(&view);
        let but = |these: &[String], others: &[String]| {
            these.iter().filter(|line| !others.contains(line)).cloned().collect()
        };
        [but(&seen, &now), but(&now, &seen)]
    });
    render(&EntryPage { facts: facts(office.t, &view), page, links, here, is_open, view, changed })
}

/// The lines and differences of a plan, in words.
fn lines(view: &EntryView) -> Vec<String> {
    let row = |row: &PlanRow| {
        let line = &row.line;
        let article = if line.article.is_empty() { String::new() } else { format!("/{}", line.article) };
        let assessment = line.assessment_number.as_ref().map(|n| format!(" ({n})")).unwrap_or_default();
        format!("{} {}{article}{assessment}: {}", line.year, line.chapter, row.amount)
    };
    let difference =
        |difference: &Difference| format!("{}: {}", difference.label.as_str(), difference.amount);
    view.rows.iter().map(row).chain(view.differences.iter().map(difference)).collect()
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

/// The plan that was seen.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Seen {
    /// What makes it that plan.
    piano: String,
    /// Its lines.
    riga: Vec<String>,
}

/// `POST …/inviato`: the plan that was seen was handed over. Sent again, nothing changes; where it is another one now, the
/// page says what changed.
pub async fn mark_sent(
    office: Office,
    Path((_, year, number)): Address,
    form: ProtectedForm<Seen>,
) -> Answer {
    let mut tx = office.begin().await?;
    let id = find(&office, &mut tx, (year, number)).await?;
    let seen = (id, form.value.piano.as_str());
    match intake::send_plan(&mut tx, &office.entity, &office.actor(), seen, office.now).await {
        Ok(_) => tx.commit().await?,
        Err(Error::Refused("plan_not_seen")) => {
            drop(tx);
            let drawn = draw(&office, (year, number), false, Some(form.value.riga)).await?;
            return Ok((StatusCode::CONFLICT, drawn).into_response());
        }
        Err(error) => return Err(error.into()),
    }
    redirect_done(office.at(format_args!("provvisori/{year}/{number}")), "accounting-plan-sent")
}
