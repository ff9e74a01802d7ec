//! The accountants' endpoints: what an accounting system reads of provisional entries and their plans, and what it
//! brings. The scope is `accounting`.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query};
use axum::response::IntoResponse as _;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt as _};
use utoipa_axum::routes;
use uuid::Uuid;

use super::api_views::{FlowBody, FlowDetail, PlanBody, TrailBody, WorklistBody};
use super::entry::{Address, file};
use crate::app::App;
use crate::error::Result;
use crate::identity::api::Scope;
use crate::ids::RemittanceFlowId;
use crate::reconciliation::{self, Filter, Import, Imported, Which, intake, lists};
use crate::web::api::client::clients;
use crate::web::error::{PageError, Problem};
use crate::web::form::files;
use crate::web::frame::Answer;

/// Its endpoints.
pub fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show_worklist))
        .routes(routes!(show_entry))
        .routes(routes!(export_plan))
        .routes(routes!(export_detail))
        .routes(routes!(mark_plan_sent))
        .routes(routes!(import_journal).layer(files()))
        .routes(routes!(list_flows, import_flow).layer(files()))
        .routes(routes!(show_flow))
        .routes(routes!(show_payment))
}

clients! {
    /// May do what accountants do.
    Accountant = Scope::Accounting;
}

/// Which provisional entries to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct AskedEntries {
    /// `open` (the default), `differing`, `regularised` or `all`.
    view: String,
    /// Only of this fiscal year.
    year: Option<i16>,
    /// Only those of this number, flow, IUV or payer.
    search: String,
}

/// Provisional entries, and what is missing.
#[utoipa::path(
    get, path = "/api/v1/entities/{entity}/accounting/worklist", tag = "accounting",
    params(("entity" = String, Path, description = "The entity's name in addresses."), AskedEntries),
    responses(
        (status = 200, body = WorklistBody),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
    ),
    security(("client" = ["accounting"])),
)]
async fn show_worklist(client: Accountant, asked: Query<AskedEntries>) -> Answer {
    let Query(asked) = asked;
    let which = match asked.view.as_str() {
        "differing" => Which::Differing,
        "regularised" => Which::Regularised,
        "all" => Which::All,
        _ => Which::Open,
    };
    let filter = Filter {
        year: asked.year,
        which,
        all_payers: which == Which::All,
        search: asked.search.trim().to_owned(),
    };
    let mut tx = client.begin().await?;
    let list = reconciliation::worklist(&mut tx, &client.entity, &filter, client.now).await?;
    Ok(Json(WorklistBody::from(list)).into_response())
}

/// A provisional entry with its plan.
#[utoipa::path(
    get, path = "/api/v1/entities/{entity}/accounting/entries/{year}/{number}", tag = "accounting",
    params(
        ("entity" = String, Path, description = "The entity's name in addresses."),
        ("year" = i16, Path, description = "Fiscal year."),
        ("number" = i64, Path, description = "The entry's number in the year."),
    ),
    responses(
        (status = 200, body = PlanBody),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ),
    security(("client" = ["accounting"])),
)]
async fn show_entry(client: Accountant, address: Address) -> Answer {
    let Path((_, year, number)) = address;
    let mut tx = client.begin().await?;
    let id = lists::entry_id(&mut tx, &client.entity, year, number).await?;
    let view = reconciliation::entry(&mut tx, &client.entity, id, client.now).await?;
    Ok(Json(PlanBody::from(&view)).into_response())
}

/// The plan of an entry as a CSV file: a row per budget line and difference.
#[utoipa::path(
    get, path = "/api/v1/entities/{entity}/accounting/entries/{year}/{number}/plan.csv", tag = "accounting",
    params(
        ("entity" = String, Path, description = "The entity's name in addresses."),
        ("year" = i16, Path, description = "Fiscal year."),
        ("number" = i64, Path, description = "The entry's number in the year."),
    ),
    responses(
        (status = 200, body = String, content_type = "text/csv"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ),
    security(("client" = ["accounting"])),
)]
async fn export_plan(client: Accountant, address: Address) -> Answer {
    let Path((_, year, number)) = address;
    let mut tx = client.begin().await?;
    let id = lists::entry_id(&mut tx, &client.entity, year, number).await?;
    let csv = reconciliation::plan_csv(&mut tx, &client.entity, id, client.now).await?;
    Ok(file(csv, &format!("plan-{year}-{number}.csv")))
}

/// The payments behind the plan of an entry as a CSV file: a row per share of a payment.
#[utoipa::path(
    get, path = "/api/v1/entities/{entity}/accounting/entries/{year}/{number}/detail.csv", tag = "accounting",
    params(
        ("entity" = String, Path, description = "The entity's name in addresses."),
        ("year" = i16, Path, description = "Fiscal year."),
        ("number" = i64, Path, description = "The entry's number in the year."),
    ),
    responses(
        (status = 200, body = String, content_type = "text/csv"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ),
    security(("client" = ["accounting"])),
)]
async fn export_detail(client: Accountant, address: Address) -> Answer {
    let Path((_, year, number)) = address;
    let mut tx = client.begin().await?;
    let id = lists::entry_id(&mut tx, &client.entity, year, number).await?;
    let csv = reconciliation::detail_csv(&mut tx, &client.entity, id, client.now).await?;
    Ok(file(csv, &format!("detail-{year}-{number}.csv")))
}

/// Which plan was sent.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PlanSent {
    /// Its `plan_sha256`, as it was read with the entry.
    plan_sha256: String,
}

/// Keeps that a plan was sent to the accounting system. Sent again, it changes nothing.
#[utoipa::path(
    post, path = "/api/v1/entities/{entity}/accounting/entries/{year}/{number}/sent", tag = "accounting",
    params(
        ("entity" = String, Path, description = "The entity's name in addresses."),
        ("year" = i16, Path, description = "Fiscal year."),
        ("number" = i64, Path, description = "The entry's number in the year."),
    ),
    request_body = PlanSent,
    responses(
        (status = 200, body = PlanBody),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The plan is another one now, or the treasurer took the entry back.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("client" = ["accounting"])),
)]
async fn mark_plan_sent(client: Accountant, address: Address, body: Bytes) -> Answer {
    let Path((_, year, number)) = address;
    let sent: PlanSent = serde_json::from_slice(&body).map_err(|_| PageError::malformed("malformed"))?;
    let mut tx = client.begin().await?;
    let id = lists::entry_id(&mut tx, &client.entity, year, number).await?;
    let seen = (id, sent.plan_sha256.as_str());
    intake::send_plan(&mut tx, &client.entity, &client.actor(), seen, client.now).await?;
    let view = reconciliation::entry(&mut tx, &client.entity, id, client.now).await?;
    tx.commit().await?;
    Ok(Json(PlanBody::from(&view)).into_response())
}

/// What became of a journal.
#[derive(Debug, Serialize, ToSchema)]
pub struct JournalImported {
    /// `false`: this very file was there already.
    new: bool,
    /// How many provisional entries it touches.
    entries: usize,
    /// This page, from 1.
    page: Option<u32>,
    /// How many pages the day has.
    pages: Option<u32>,
    /// What is odd in it.
    #[schema(value_type = Vec<Object>)]
    findings: Vec<serde_json::Value>,
}

/// Imports a page of the treasurer's journal (OPI *giornale di cassa*). The same file again changes nothing.
#[utoipa::path(
    post, path = "/api/v1/entities/{entity}/accounting/journals", tag = "accounting",
    params(("entity" = String, Path, description = "The entity's name in addresses.")),
    request_body(content = String, content_type = "application/xml", description = "The file as it is."),
    responses(
        (status = 201, body = JournalImported),
        (status = 200, description = "It was there already.", body = JournalImported),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is of another entity.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "It cannot be read: the reason and the place.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("client" = ["accounting"])),
)]
async fn import_journal(client: Accountant, body: Bytes) -> Answer {
    let mut tx = client.begin().await?;
    let import =
        intake::take_journal(&mut tx, &client.entity, &client.actor(), ("", &body), client.now).await?;
    tx.commit().await?;
    Ok(match import {
        Import::Already => {
            let already =
                JournalImported { new: false, entries: 0, page: None, pages: None, findings: Vec::new() };
            Json(already).into_response()
        }
        Import::New { entries, page, pages, findings } => {
            let findings: Result<_, _> = findings.iter().map(serde_json::to_value).collect();
            let findings = findings.map_err(crate::error::Error::from)?;
            let made = JournalImported { new: true, entries, page: Some(page), pages: Some(pages), findings };
            (StatusCode::CREATED, Json(made)).into_response()
        }
    })
}

/// Which flows to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct AskedFlows {
    /// Only those whose name or transfer number holds this.
    search: String,
}

/// The flows, the newest first, at most 200.
#[derive(Debug, Serialize, ToSchema)]
pub struct Flows {
    /// The revisions that count.
    flows: Vec<FlowBody>,
}

/// The remittance flows.
#[utoipa::path(
    get, path = "/api/v1/entities/{entity}/accounting/flows", tag = "accounting",
    params(("entity" = String, Path, description = "The entity's name in addresses."), AskedFlows),
    responses(
        (status = 200, body = Flows),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
    ),
    security(("client" = ["accounting"])),
)]
async fn list_flows(client: Accountant, asked: Query<AskedFlows>) -> Answer {
    let Query(asked) = asked;
    let mut tx = client.begin().await?;
    let flows = lists::flows(&mut tx, &client.entity, asked.search.trim()).await?;
    Ok(Json(Flows { flows: flows.iter().map(FlowBody::from).collect() }).into_response())
}

/// What became of a flow.
#[derive(Debug, Serialize, ToSchema)]
pub struct FlowImported {
    /// `false`: it was there already.
    new: bool,
    /// Its identifier here.
    id: Uuid,
}

/// Imports a remittance flow given as a `FlussoRiversamento` file. The same flow again changes nothing.
#[utoipa::path(
    post, path = "/api/v1/entities/{entity}/accounting/flows", tag = "accounting",
    params(("entity" = String, Path, description = "The entity's name in addresses.")),
    request_body(content = String, content_type = "application/xml", description = "The file as it is."),
    responses(
        (status = 201, body = FlowImported),
        (status = 200, description = "It was there already.", body = FlowImported),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is of another entity.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "It cannot be read: the reason.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("client" = ["accounting"])),
)]
async fn import_flow(client: Accountant, body: Bytes) -> Answer {
    let mut tx = client.begin().await?;
    let imported =
        intake::take_flow(&mut tx, &client.entity, &client.actor(), ("", &body), client.now).await?;
    tx.commit().await?;
    let (status, new, id) = match imported {
        Imported::New { id, .. } => (StatusCode::CREATED, true, id),
        Imported::Already(id) => (StatusCode::OK, false, id),
    };
    Ok((status, Json(FlowImported { new, id: id.0 })).into_response())
}

/// A remittance flow with its rows and the entries that cover it.
#[utoipa::path(
    get, path = "/api/v1/entities/{entity}/accounting/flows/{flow}", tag = "accounting",
    params(
        ("entity" = String, Path, description = "The entity's name in addresses."),
        ("flow" = Uuid, Path, description = "Its identifier here."),
    ),
    responses(
        (status = 200, body = FlowDetail),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ),
    security(("client" = ["accounting"])),
)]
async fn show_flow(client: Accountant, address: Path<(String, RemittanceFlowId)>) -> Answer {
    let Path((_, flow)) = address;
    let mut tx = client.begin().await?;
    let view = reconciliation::flow(&mut tx, &client.entity, flow, client.now).await?;
    Ok(Json(FlowDetail::from(&view)).into_response())
}

/// The way of one payment: what was owed, its receipts, the flows that report it, the entries that cover it.
#[utoipa::path(
    get, path = "/api/v1/entities/{entity}/accounting/payments/{iuv}", tag = "accounting",
    params(
        ("entity" = String, Path, description = "The entity's name in addresses."),
        ("iuv" = String, Path, description = "The payment's IUV."),
    ),
    responses(
        (status = 200, body = TrailBody),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ),
    security(("client" = ["accounting"])),
)]
async fn show_payment(client: Accountant, address: Path<(String, String)>) -> Answer {
    let Path((_, iuv)) = address;
    let mut tx = client.begin().await?;
    let trail = reconciliation::payment(&mut tx, &client.entity, &iuv, client.now).await?;
    Ok(Json(TrailBody::from(trail)).into_response())
}
