//! Remittance flows: all of them, and one with its rows.

use askama::Template;
use axum::extract::{Path, Query};
use serde::Deserialize;

use super::office::Office;
use super::words::{self, Links};
use crate::ids::RemittanceFlowId;
use crate::money::Cents;
use crate::reconciliation::{self, Fetched, FlowHead, FlowView, lists};
use crate::web::frame::{Answer, render};
use crate::web::page::Page;

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    cerca: String,
}

#[derive(Template)]
#[template(path = "accounting/flows.html", config = ".askama.toml")]
struct FlowsPage {
    page: Page,
    links: Links,
    search: String,
    flows: Vec<FlowHead>,
    fetched: Fetched,
}

/// `GET …/flussi`.
pub async fn list(office: Office, Query(asked): Query<Asked>) -> Answer {
    let search = asked.cerca.trim().to_owned();
    let mut tx = office.begin().await?;
    let flows = lists::flows(&mut tx, &office.entity, &search).await?;
    let fetched = lists::fetched(&mut tx, &office.entity, office.now).await?;
    let title = office.t.get("accounting-flows-title");
    let page = office.page(&title).lead(office.t.get("accounting-flows-lead")).crumb(title, "");
    render(&FlowsPage { page, links: office.links(), search, flows, fetched })
}

#[derive(Template)]
#[template(path = "accounting/flow.html", config = ".askama.toml")]
struct FlowPage {
    page: Page,
    links: Links,
    view: FlowView,
    findings: Vec<String>,
    facts: Vec<(String, String)>,
}

impl FlowPage {
    fn total(&self) -> Cents {
        self.view.rows.iter().map(|row| row.amount).sum()
    }
}

/// `GET …/flussi/{flow}`.
pub async fn show(office: Office, Path((_, flow)): Path<(String, RemittanceFlowId)>) -> Answer {
    let mut tx = office.begin().await?;
    let view = reconciliation::flow(&mut tx, &office.entity, flow, office.now).await?;
    let t = office.t;
    let head = &view.head;
    let mut facts = vec![
        (t.get("accounting-psp"), format!("{} ({})", head.psp_name, head.psp_id)),
        (t.get("accounting-flow-made"), t.short_date_time(head.flow_at)),
        (t.get("accounting-regulation"), head.regulation.clone()),
    ];
    if let Some(day) = head.regulation_on {
        facts.push((t.get("accounting-regulation-on"), t.short_date(day)));
    }
    facts.extend([
        (t.get("accounting-revision"), head.revision.to_string()),
        (t.get("accounting-declared-count"), head.payments.to_string()),
        (t.get("accounting-declared-total"), head.total.to_string()),
        (t.get("accounting-imported-at"), t.short_date_time(head.imported_at)),
    ]);
    let findings = words::flow_findings(&t, &head.findings);
    let title = t.with("accounting-flow-title", &[("flow", &head.flow)]);
    let page = office
        .page(title)
        .crumb(t.get("accounting-section-flows"), office.at("flussi"))
        .crumb(head.flow.clone(), "");
    render(&FlowPage { page, links: office.links(), findings, facts, view })
}
