//! The receipts, day by day.

use askama::Template;
use axum::extract::Query;
use chrono::NaiveDate;
use serde::Deserialize;

use super::office::Office;
use super::words::Links;
use crate::money::Cents;
use crate::reconciliation::lists::{self, DayOfReceipts};
use crate::web::frame::{Answer, render};
use crate::web::page::Page;

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    giorno: String,
}

#[derive(Template)]
#[template(path = "accounting/receipts.html", config = ".askama.toml")]
struct ReceiptsPage {
    page: Page,
    links: Links,
    day: DayOfReceipts,
}

impl ReceiptsPage {
    fn total(&self) -> Cents {
        self.day.receipts.iter().map(|receipt| receipt.amount).sum()
    }

    fn url(&self, date: &NaiveDate) -> String {
        format!("{}/ricevute?giorno={date}", self.links.area)
    }
}

/// `GET …/ricevute`.
pub async fn show(office: Office, Query(asked): Query<Asked>) -> Answer {
    let mut tx = office.begin().await?;
    let day = lists::receipts(&mut tx, &office.entity, asked.giorno.parse().ok(), office.now).await?;
    let title = office.t.get("accounting-receipts-title");
    let page = office.page(&title).crumb(title, "");
    render(&ReceiptsPage { page, links: office.links(), day })
}
