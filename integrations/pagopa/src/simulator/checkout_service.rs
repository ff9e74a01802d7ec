//! Checkout carts (`checkout_v2.json`), the page where a citizen pays one, and the page where anybody pays a notice.

use axum::{
    Router,
    body::Bytes,
    extract::{Form, Path, Query, State},
    http::{StatusCode, header::LOCATION},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    NotPayable, PSPS, Simulator, find_psp,
    pages::{CartPage, CounterPage, Line, MissingPage, euros, reason, show},
    positions::problem,
    state::{Cart, Order},
};
use crate::{
    checkout::{CartRequest, PaymentNotice},
    notice::Nav,
    platform::Problem,
};

pub(super) fn api_routes() -> Router<Simulator> {
    Router::new().route("/carts", post(open))
}

pub(super) fn page_routes() -> Router<Simulator> {
    Router::new()
        .route("/checkout/pay/{id}", get(show_cart).post(conclude))
        .route("/psp", get(show_notice).post(pay_notice))
}

async fn open(State(simulator): State<Simulator>, body: Bytes) -> Result<Response, Problem> {
    let invalid = |detail| problem(StatusCode::BAD_REQUEST, "Formally invalid input", detail);
    let request: CartRequest = serde_json::from_slice(&body).map_err(|error| invalid(error.to_string()))?;
    request.validate().map_err(|error| invalid(error.to_string()))?;
    let id = (simulator.settings().ids)();
    simulator.state().carts.insert(id, Cart { request, concluded: false });
    let mut url = simulator.settings().public_base_url.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(["checkout", "pay", &id.to_string()]);
    }
    Ok((StatusCode::FOUND, [(LOCATION, url.to_string())]).into_response())
}

async fn show_cart(State(simulator): State<Simulator>, Path(id): Path<Uuid>) -> Response {
    cart_page(&simulator, id, None)
}

/// What the citizen does with a cart.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Action {
    Pay,
    Slow,
    Refuse,
    Cancel,
}

#[derive(Deserialize)]
struct Choice {
    action: Action,
    psp: String,
}

async fn conclude(
    State(simulator): State<Simulator>,
    Path(id): Path<Uuid>,
    Form(choice): Form<Choice>,
) -> Response {
    match conclude_cart(&simulator, id, &choice) {
        Ok(Some(url)) => {
            simulator.tick().await;
            Redirect::to(&url).into_response()
        }
        Ok(None) => cart_page(&simulator, id, None),
        Err(refusal) => cart_page(&simulator, id, Some(reason(refusal))),
    }
}

/// Gives where the browser goes; `None` if the cart is unknown or is already concluded.
fn conclude_cart(simulator: &Simulator, id: Uuid, choice: &Choice) -> Result<Option<String>, NotPayable> {
    let (settings, now) = (simulator.settings(), simulator.now());
    let mut guard = simulator.state();
    let state = &mut *guard;
    let Some(cart) = state.carts.get(&id).filter(|cart| !cart.concluded) else { return Ok(None) };
    let CartRequest { payment_notices, return_urls, id_cart, .. } = cart.request.clone();
    let psp = find_psp(&choice.psp).unwrap_or(&PSPS[0]);
    let takes_money = matches!(choice.action, Action::Pay | Action::Slow);
    if takes_money {
        state.check_payable_together(settings, &payment_notices, now)?;
        for notice in &payment_notices {
            let order = Order {
                creditor: &notice.fiscal_code,
                nav: notice.notice_number,
                psp,
                note: id_cart.clone(),
            };
            if choice.action == Action::Pay {
                state.take_payment(settings, order, now)?;
            } else {
                state.take_slow_payment(settings, order, now)?;
            }
        }
    }
    if let Some(cart) = state.carts.get_mut(&id) {
        cart.concluded = true;
    }
    let url = match choice.action {
        Action::Pay => return_urls.return_ok_url,
        Action::Slow => return_urls.return_waiting_url,
        Action::Refuse => return_urls.return_error_url,
        Action::Cancel => return_urls.return_cancel_url,
    };
    Ok(Some(url.into()))
}

fn cart_page(simulator: &Simulator, id: Uuid, problem: Option<&'static str>) -> Response {
    let Some((notices, concluded)) =
        simulator.state().carts.get(&id).map(|cart| (cart.request.payment_notices.clone(), cart.concluded))
    else {
        return show(StatusCode::NOT_FOUND, &MissingPage);
    };
    let mut total_cents = 0;
    let lines = notices
        .into_iter()
        .map(|notice| match line(simulator, &notice.fiscal_code, notice.notice_number) {
            Ok((line, cents)) => {
                total_cents += cents;
                line
            }
            Err(refusal) => unpayable(notice, refusal),
        })
        .collect();
    let page = CartPage { id, lines, total: euros(total_cents), psps: &PSPS, concluded, problem };
    show(StatusCode::OK, &page)
}

/// What the platform shows of a notice comes from its position, not from who sent the citizen here.
fn line(simulator: &Simulator, creditor: &str, nav: Nav) -> Result<(Line, i64), NotPayable> {
    let now = simulator.now();
    let mut state = simulator.state();
    let (position, at) = state.check_payable(simulator.settings(), creditor, nav, now)?;
    let option = &position.model.payment_option[at];
    let line = Line {
        creditor: position.model.company_name.clone(),
        description: option.description.clone(),
        nav: nav.grouped(),
        amount: euros(option.amount_cents),
        problem: None,
    };
    Ok((line, option.amount_cents))
}

fn unpayable(notice: PaymentNotice, refusal: NotPayable) -> Line {
    Line {
        creditor: notice.company_name,
        description: notice.description,
        nav: notice.notice_number.grouped(),
        amount: euros(notice.amount_cents),
        problem: Some(reason(refusal)),
    }
}

/// A notice as a person types it.
#[derive(Deserialize)]
struct Typed {
    #[serde(default)]
    creditor: String,
    #[serde(default)]
    notice: String,
    #[serde(default)]
    psp: String,
}

async fn show_notice(State(simulator): State<Simulator>, Query(typed): Query<Typed>) -> Response {
    let mut page = CounterPage {
        creditor: typed.creditor.trim().to_owned(),
        notice: typed.notice.trim().to_owned(),
        psps: &PSPS,
        ..CounterPage::default()
    };
    if !page.notice.is_empty() {
        match read_nav(&page.notice).and_then(|nav| line(&simulator, &page.creditor, nav)) {
            Ok((found, _)) => page.found = Some(found),
            Err(refusal) => page.problem = Some(reason(refusal)),
        }
    }
    show(StatusCode::OK, &page)
}

async fn pay_notice(State(simulator): State<Simulator>, Form(typed): Form<Typed>) -> Response {
    let creditor = typed.creditor.trim();
    let psp = find_psp(&typed.psp).unwrap_or(&PSPS[1]);
    let paid = match read_nav(&typed.notice) {
        Ok(nav) => simulator.pay(creditor, nav, psp).await,
        Err(refusal) => Err(refusal),
    };
    let page = CounterPage {
        creditor: creditor.to_owned(),
        notice: typed.notice.trim().to_owned(),
        psps: &PSPS,
        found: None,
        problem: paid.as_ref().err().copied().map(reason),
        receipt: paid.ok(),
    };
    show(StatusCode::OK, &page)
}

fn read_nav(text: &str) -> Result<Nav, NotPayable> {
    text.trim().parse().map_err(|_| NotPayable::Unknown)
}
