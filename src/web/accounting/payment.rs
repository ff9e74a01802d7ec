//! The way of one payment: what was owed, its receipt, the flow that reports it, the credit, the plan.

use askama::Template;
use axum::extract::Path;

use super::office::Office;
use super::words::{self, Links};
use crate::reconciliation::{self, PaymentTrail};
use crate::web::frame::{Answer, render};
use crate::web::page::Page;

#[derive(Template)]
#[template(path = "accounting/payment.html", config = ".askama.toml")]
struct PaymentPage {
    page: Page,
    links: Links,
    trail: PaymentTrail,
}

impl PaymentPage {
    fn has_flow(&self) -> bool {
        self.trail.reports.iter().any(|report| report.flow.is_some())
    }

    fn has_entry(&self) -> bool {
        self.trail.reports.iter().any(|report| !report.entries.is_empty())
    }

    fn appointment_url(&self) -> String {
        let position = self.trail.position.as_ref();
        position.map(|p| self.links.appointment(&p.site, &p.appointment_code)).unwrap_or_default()
    }
}

/// `GET …/pagamenti/{iuv}`.
pub async fn show(office: Office, Path((_, iuv)): Path<(String, String)>) -> Answer {
    let mut tx = office.begin().await?;
    let trail = reconciliation::payment(&mut tx, &office.entity, &iuv, office.now).await?;
    let title = office.t.with("accounting-payment-title", &[("iuv", &iuv)]);
    let page = office.page(&title).crumb(title, "");
    render(&PaymentPage { page, links: office.links(), trail })
}
