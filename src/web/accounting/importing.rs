//! What the treasurer and the platform say comes in.

use askama::Template;
use sportello_treasury::journal::Finding;

use super::office::Office;
use crate::audit::{self, Change};
use crate::error::{Error, Result};
use crate::money::Cents;
use crate::reconciliation::{self, Fetched, Import, Imported, JournalFile, intake, lists};
use crate::web::error::{Failure, field_text};
use crate::web::form::{ProtectedForm, ProtectedUpload, UploadedFile};
use crate::web::frame::{Answer, render};
use crate::web::i18n::T;
use crate::web::page::Page;

/// How many journal files the page lists.
const JOURNALS_SHOWN: i64 = 15;

#[derive(Template)]
#[template(path = "accounting/import.html", config = ".askama.toml")]
struct ImportPage {
    page: Page,
    results: Vec<Outcome>,
    nothing_sent: bool,
    journals: Vec<JournalFile>,
    fetched: Fetched,
}

/// What became of a file, or of a fetch.
struct Outcome {
    /// The file's name.
    name: String,
    /// The badge's colour.
    kind: &'static str,
    /// The badge.
    badge: String,
    /// What happened, and what to look at.
    lines: Vec<String>,
}

impl Outcome {
    fn new(t: T, name: &str, (kind, badge): (&'static str, &str), lines: Vec<String>) -> Self {
        Self { name: name.to_owned(), kind, badge: t.get(badge), lines }
    }

    fn refused(t: T, name: &str, error: &Error) -> Self {
        let lines = match error {
            Error::Invalid(errors) => errors.iter().map(|error| field_text(t, error)).collect(),
            error => vec![Failure::of(error).text(t)],
        };
        Self::new(t, name, ("danger", "accounting-import-refused"), lines)
    }
}

/// `GET …/importa`.
pub async fn show(office: Office) -> Answer {
    draw(&office, Vec::new(), false).await
}

async fn draw(office: &Office, results: Vec<Outcome>, nothing_sent: bool) -> Answer {
    let mut tx = office.begin().await?;
    let journals = lists::journals(&mut tx, &office.entity, JOURNALS_SHOWN).await?;
    let fetched = lists::fetched(&mut tx, &office.entity, office.now).await?;
    let title = office.t.get("accounting-import-title");
    let page = office.page(&title).crumb(title, "");
    render(&ImportPage { page, results, nothing_sent, journals, fetched })
}

/// What a file is taken for.
#[derive(Clone, Copy)]
enum Kind {
    Journal,
    Flow,
}

/// `POST …/importa/giornale`.
pub async fn take_journals(office: Office, upload: ProtectedUpload) -> Answer {
    take_files(&office, &upload, Kind::Journal).await
}

/// `POST …/importa/flusso`.
pub async fn take_flows(office: Office, upload: ProtectedUpload) -> Answer {
    take_files(&office, &upload, Kind::Flow).await
}

/// Takes each file in a transaction of its own, and says what became of it. Sent again, they are there already.
async fn take_files(office: &Office, upload: &ProtectedUpload, kind: Kind) -> Answer {
    let mut results = Vec::new();
    for file in &upload.files {
        results.push(match take_file(office, file, kind).await {
            Ok(outcome) => outcome,
            Err(error @ (Error::Invalid(_) | Error::Refused(_))) => {
                Outcome::refused(office.t, &file.name, &error)
            }
            Err(error) => return Err(error.into()),
        });
    }
    let nothing_sent = results.is_empty();
    draw(office, results, nothing_sent).await
}

async fn take_file(office: &Office, file: &UploadedFile, kind: Kind) -> Result<Outcome> {
    let mut tx = office.begin().await?;
    let (t, name, now) = (office.t, file.name.as_str(), office.now);
    let (entity, by, sent) = (&office.entity, office.actor(), (name, &file.bytes[..]));
    let outcome = match kind {
        Kind::Journal => {
            journal_outcome(t, name, &intake::take_journal(&mut tx, entity, &by, sent, now).await?)
        }
        Kind::Flow => flow_outcome(t, name, intake::take_flow(&mut tx, entity, &by, sent, now).await?),
    };
    tx.commit().await?;
    Ok(outcome)
}

fn journal_outcome(t: T, name: &str, import: &Import) -> Outcome {
    let Import::New { entries, page, pages, findings } = import else {
        let already = t.get("accounting-import-journal-already");
        return Outcome::new(t, name, ("secondary", "accounting-import-already"), vec![already]);
    };
    let mut lines = vec![t.with("accounting-import-entries", &[("n", entries)])];
    if *pages > 1 {
        lines.push(t.with("accounting-import-page", &[("page", page), ("pages", pages)]));
    }
    lines.extend(findings.iter().map(|finding| journal_finding(t, finding)));
    let kind = if findings.is_empty() { "success" } else { "warning" };
    Outcome::new(t, name, (kind, "accounting-import-new"), lines)
}

fn journal_finding(t: T, finding: &Finding) -> String {
    match finding {
        Finding::BalanceDoesNotAddUp { account, difference_cents } => {
            let account = account.clone().unwrap_or_else(|| t.get("accounting-whole-journal"));
            let difference = Cents(*difference_cents);
            t.with("accounting-finding-balance", &[("account", &account), ("difference", &difference)])
        }
        Finding::MovementRepeated { account, number } => {
            t.with("accounting-finding-repeated", &[("account", account), ("number", number)])
        }
        Finding::PeriodReversed => t.get("accounting-finding-period"),
    }
}

fn flow_outcome(t: T, name: &str, imported: Imported) -> Outcome {
    let (badge, line) = match imported {
        Imported::New { latest: true, .. } => {
            (("success", "accounting-import-new"), "accounting-import-flow-new")
        }
        Imported::New { latest: false, .. } => {
            (("warning", "accounting-import-new"), "accounting-import-flow-older")
        }
        Imported::Already(_) => {
            (("secondary", "accounting-import-already"), "accounting-import-flow-already")
        }
    };
    Outcome::new(t, name, badge, vec![t.get(line)])
}

/// `POST …/importa/scarica`: fetches the flows now rather than in the next half hour. What was fetched stays, even where
/// a later one fails.
pub async fn fetch(office: Office, _: ProtectedForm) -> Answer {
    let (t, began) = (office.t, office.app.clock.now());
    let name = t.get("accounting-fetch-name");
    let result = reconciliation::fetch_flows(&office.app, office.entity.id).await;
    let mut tx = office.begin().await?;
    let came = lists::fetched(&mut tx, &office.entity, began).await?.since;
    let change = Change::of("flows.fetched", "entity", &office.entity.slug).after(came);
    audit::record(&mut tx, office.entity.id, office.now, &office.actor(), change).await?;
    tx.commit().await?;
    let mut lines = vec![t.with("accounting-fetch-came", &[("n", &came)])];
    let badge = match &result {
        Ok(()) if came > 0 => ("success", "accounting-fetch-done"),
        Ok(()) => ("secondary", "accounting-fetch-done"),
        Err(error) => {
            tracing::warn!(%error, "flows could not be fetched");
            lines.insert(0, t.get("accounting-fetch-failed"));
            ("danger", "accounting-fetch-failed-badge")
        }
    };
    draw(&office, vec![Outcome::new(t, &name, badge, lines)], false).await
}
