//! Remittance flows over HTTP, FdR3 for creditors (`fdr_organization.json` 1.2.4).

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::{DateTime, Days, NaiveTime, SecondsFormat, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Simulator, settlement::Flow};

/// How long the platform shows a flow (it answers 400 to who asks for older ones).
const RETENTION_DAYS: u64 = 30;
const PAGE_MAX: usize = 1000;

pub(super) fn routes() -> Router<Simulator> {
    const FLOW: &str = "/organizations/{organization}/fdrs/{fdr}/revisions/{revision}/psps/{psp}";
    Router::new()
        .route("/organizations/{organization}/fdrs", get(list))
        .route(FLOW, get(flow))
        .route(&format!("{FLOW}/payments"), get(payments))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Search {
    flow_date: Option<String>,
    published_gt: Option<String>,
    psp_id: Option<String>,
    page: Option<String>,
    size: Option<String>,
}

async fn list(
    State(simulator): State<Simulator>,
    Path(organization): Path<String>,
    Query(search): Query<Search>,
) -> Result<Response, Refusal> {
    known(&simulator, &organization)?;
    let oldest =
        (simulator.now().date_naive() - Days::new(RETENTION_DAYS)).and_time(NaiveTime::MIN).and_utc();
    let published_after = instant("publishedGt", search.published_gt.as_deref())?.unwrap_or(oldest);
    let flow_date = instant("flowDate", search.flow_date.as_deref())?.unwrap_or(oldest);
    if published_after < oldest || flow_date < oldest {
        return Err(Refusal::bad("FDR-1000", "Bad request. The date is older than 30 days."));
    }
    let page = Page::read(search.page.as_deref(), search.size.as_deref())?;
    let state = simulator.state();
    let mut flows: Vec<&Flow> = latest(&state.flows)
        .filter(|flow| {
            flow.organization == organization
                && flow.published > published_after
                && flow.published >= flow_date
                && search.psp_id.as_deref().is_none_or(|psp| psp == flow.psp.id)
        })
        .collect();
    flows.sort_by(|a, b| (a.published, &a.id).cmp(&(b.published, &b.id)));
    let rows: Vec<Value> = flows
        .iter()
        .map(|flow| {
            json!({
                "fdr": flow.id, "pspId": flow.psp.id, "revision": flow.revision,
                "published": text(flow.published), "flowDate": text(flow.published),
            })
        })
        .collect();
    Ok(Json(page.cut(&rows)).into_response())
}

type FlowPath = Path<(String, String, String, String)>;

async fn flow(
    State(simulator): State<Simulator>,
    Path((organization, fdr, revision, psp)): FlowPath,
) -> Result<Response, Refusal> {
    known(&simulator, &organization)?;
    let state = simulator.state();
    let flow = find(&state.flows, &organization, &fdr, &revision, &psp)?;
    let receiver = simulator.organization(&organization).map_or_else(String::new, |known| known.name.clone());
    let (count, sum) = (flow.rows.len(), decimal(flow.total_cents()));
    Ok(Json(json!({
        "status": "PUBLISHED", "revision": flow.revision, "fdr": flow.id,
        "created": text(flow.published), "updated": text(flow.published), "published": text(flow.published),
        "fdrDate": text(flow.published),
        "regulation": flow.trn, "regulationDate": flow.settlement_date, "bicCodePouringBank": flow.psp.bic,
        "sender": {
            "type": "LEGAL_PERSON", "id": flow.psp.fiscal_code, "pspId": flow.psp.id, "pspName": flow.psp.name,
            "pspBrokerId": flow.psp.fiscal_code, "channelId": flow.psp.channel,
        },
        "receiver": {
            "id": flow.organization, "organizationId": flow.organization, "organizationName": receiver,
        },
        "totPayments": count, "sumPayments": sum, "computedTotPayments": count, "computedSumPayments": sum,
    }))
    .into_response())
}

#[derive(Deserialize)]
struct Paging {
    page: Option<String>,
    size: Option<String>,
}

async fn payments(
    State(simulator): State<Simulator>,
    Path((organization, fdr, revision, psp)): FlowPath,
    Query(paging): Query<Paging>,
) -> Result<Response, Refusal> {
    known(&simulator, &organization)?;
    let page = Page::read(paging.page.as_deref(), paging.size.as_deref())?;
    let state = simulator.state();
    let flow = find(&state.flows, &organization, &fdr, &revision, &psp)?;
    let rows: Vec<Value> = flow
        .rows
        .iter()
        .zip(1..)
        .map(|(row, index)| {
            json!({
                "index": index, "iuv": row.iuv, "iur": row.iur, "idTransfer": row.id_transfer,
                "pay": decimal(row.amount_cents), "payStatus": "EXECUTED", "payDate": text(row.paid_at),
            })
        })
        .collect();
    Ok(Json(page.cut(&rows)).into_response())
}

/// Only the latest revision of each flow is listed.
pub(super) fn latest(flows: &[Flow]) -> impl Iterator<Item = &Flow> {
    flows.iter().filter(|flow| {
        !flows.iter().any(|other| {
            (&other.id, &other.organization, other.psp.id) == (&flow.id, &flow.organization, flow.psp.id)
                && other.revision > flow.revision
        })
    })
}

fn find<'a>(
    flows: &'a [Flow],
    organization: &str,
    fdr: &str,
    revision: &str,
    psp: &str,
) -> Result<&'a Flow, Refusal> {
    let revision: u32 = revision.parse().map_err(|_| Refusal::bad("FDR-1000", "Bad request."))?;
    latest(flows)
        .find(|flow| {
            flow.organization == organization
                && flow.id == fdr
                && flow.revision == revision
                && flow.psp.id == psp
        })
        .ok_or_else(|| Refusal {
            status: StatusCode::NOT_FOUND,
            code: "FDR-3001",
            message: format!("Flow with ID [{fdr}] not found."),
        })
}

fn known(simulator: &Simulator, organization: &str) -> Result<(), Refusal> {
    match simulator.organization(organization) {
        Some(_) => Ok(()),
        None => Err(Refusal {
            status: StatusCode::BAD_REQUEST,
            code: "FDR-2008",
            message: format!("Creditor institution with ID [{organization}] is invalid or unknown."),
        }),
    }
}

fn instant(field: &str, text: Option<&str>) -> Result<Option<DateTime<Utc>>, Refusal> {
    let read = |text: &str| DateTime::parse_from_rfc3339(text).map(|instant| instant.to_utc());
    text.map(read).transpose().map_err(|_| Refusal {
        status: StatusCode::BAD_REQUEST,
        code: "FDR-1002",
        message: format!(
            "Bad request. Field [{field}] is equals to [{}] but it is expected to be in ISO-8601 format [yyyy-MM-ddTHH:mm:ssZ].",
            text.unwrap_or_default()
        ),
    })
}

fn text(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// Euros as the JSON number the platform writes: made from the digits, never computed as a float.
fn decimal(cents: i64) -> serde_json::Number {
    let digits = format!("{}.{:02}", cents / 100, cents % 100);
    digits.parse().expect("digits, a point and two digits are a JSON number")
}

struct Page {
    number: usize,
    size: usize,
}

impl Page {
    fn read(number: Option<&str>, size: Option<&str>) -> Result<Self, Refusal> {
        let read = |text: Option<&str>, default: usize, max: usize| match text.map_or(Ok(default), str::parse)
        {
            Ok(value) if (1..=max).contains(&value) => Ok(value),
            _ => Err(Refusal::bad("FDR-1000", "Bad request.")),
        };
        Ok(Self { number: read(number, 1, usize::MAX)?, size: read(size, PAGE_MAX, PAGE_MAX)? })
    }

    fn cut(&self, rows: &[Value]) -> Value {
        let page: Vec<&Value> =
            rows.iter().skip((self.number - 1).saturating_mul(self.size)).take(self.size).collect();
        json!({
            "metadata": {
                "pageSize": page.len(), "pageNumber": self.number, "totPage": rows.len().div_ceil(self.size),
            },
            "count": page.len(),
            "data": page,
        })
    }
}

struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Refusal {
    fn bad(code: &'static str, message: &str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code, message: message.to_owned() }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({
            "httpStatusCode": self.status.as_u16(),
            "httpStatusDescription": self.status.canonical_reason(),
            "appErrorCode": self.code,
            "errors": [{ "message": self.message }],
        });
        (self.status, Json(body)).into_response()
    }
}
