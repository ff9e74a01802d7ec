//! The page where a person says who they are.

use askama::Template;
use axum::{
    Form,
    extract::{Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};
use chrono::TimeDelta;
use serde::Deserialize;
use url::Url;

use super::{Grant, Misbehaviour, Simulator, User};
use crate::{Level, provider::random_token};

/// Characters of a state and of a nonce at least (SPID/CIE rules, authorization request).
const TOKEN_CHARACTERS_MIN: usize = 32;
/// Life of a code.
const CODE_LIFE: TimeDelta = TimeDelta::minutes(1);

/// The authorization request. Everything is optional here so that each omission gets its own answer.
#[derive(Deserialize)]
pub(super) struct Request {
    client_id: Option<String>,
    redirect_uri: Option<String>,
    response_type: Option<String>,
    scope: Option<String>,
    state: Option<String>,
    nonce: Option<String>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
}

/// The page sent back: the request again, and what the person chose.
#[derive(Deserialize)]
pub(super) struct Decision {
    #[serde(flatten)]
    request: Request,
    login: Option<String>,
    level: Option<String>,
    cancel: Option<String>,
}

/// A request that can be answered at its redirect address.
struct Checked<'a> {
    client_id: &'a str,
    redirect_uri: &'a str,
    redirect: Url,
    state: &'a str,
    nonce: &'a str,
    code_challenge: &'a str,
}

#[derive(Template)]
#[template(path = "authorize.html")]
struct Page<'a> {
    kind: &'a str,
    client_id: &'a str,
    action: String,
    parameters: Vec<(&'static str, &'a str)>,
    users: &'a [User],
    lower_levels: [Level; 2],
}

#[derive(Template)]
#[template(path = "refused.html")]
struct RefusedPage<'a> {
    kind: &'a str,
    reason: &'a str,
}

/// Shows the page, or refuses the request.
pub(super) async fn show(State(simulator): State<Simulator>, Query(request): Query<Request>) -> Response {
    let checked = match check(&simulator, &request) {
        Ok(checked) => checked,
        Err(refused) => return *refused,
    };
    let settings = simulator.settings();
    render(
        StatusCode::OK,
        &Page {
            kind: &settings.kind,
            client_id: checked.client_id,
            action: format!("{}/authorize", settings.issuer),
            parameters: request.parameters(),
            users: &settings.users,
            lower_levels: [Level::L1, Level::L2],
        },
    )
}

/// Sends the person back with a code, or with what they chose instead.
pub(super) async fn decide(State(simulator): State<Simulator>, Form(decision): Form<Decision>) -> Response {
    let checked = match check(&simulator, &decision.request) {
        Ok(checked) => checked,
        Err(refused) => return *refused,
    };
    if decision.cancel.is_some() {
        // What SPID says of a person who cancels, as proxies pass it on.
        return checked.answer(&simulator, &[("error", "access_denied"), ("error_description", "25")]);
    }
    let login = decision.login.as_deref().unwrap_or_default();
    let Some(user) = simulator.settings().users.iter().find(|user| user.login == login) else {
        return checked.answer(&simulator, &[("error", "access_denied"), ("error_description", "20")]);
    };
    let chosen = decision.level.as_deref().and_then(Level::from_acr).unwrap_or(user.level);
    let code = random_token();
    let now = simulator.now();
    let grant = Grant {
        client_id: checked.client_id.to_owned(),
        redirect_uri: checked.redirect_uri.to_owned(),
        nonce: checked.nonce.to_owned(),
        code_challenge: checked.code_challenge.to_owned(),
        user: user.clone(),
        level: chosen.min(user.level),
        expires: now + CODE_LIFE,
    };
    {
        let mut state = simulator.state();
        state.codes.retain(|_, grant| grant.expires > now);
        state.codes.insert(code.clone(), grant);
    }
    checked.answer(&simulator, &[("code", &code)])
}

/// Checks a request: first whether there is a place to answer to (else a page, never a redirect), then
/// everything else.
fn check<'a>(simulator: &Simulator, request: &'a Request) -> Result<Checked<'a>, Box<Response>> {
    let refuse = |reason| {
        let page = RefusedPage { kind: &simulator.settings().kind, reason };
        Box::new(render(StatusCode::BAD_REQUEST, &page))
    };
    let client_id = request.client_id.as_deref().unwrap_or_default();
    let client = simulator.client(client_id).ok_or_else(|| refuse("client_id"))?;
    let redirect_uri = request.redirect_uri.as_deref().unwrap_or_default();
    let is_known = client.redirect_uri_prefixes.iter().any(|prefix| redirect_uri.starts_with(prefix));
    let redirect =
        Url::parse(redirect_uri).ok().filter(|_| is_known).ok_or_else(|| refuse("redirect_uri"))?;
    let checked = Checked {
        client_id,
        redirect_uri,
        redirect,
        state: request.state.as_deref().unwrap_or_default(),
        nonce: request.nonce.as_deref().unwrap_or_default(),
        code_challenge: request.code_challenge.as_deref().unwrap_or_default(),
    };
    match fault(request, &checked) {
        None => Ok(checked),
        Some(error) => Err(Box::new(checked.answer(simulator, &[("error", error)]))),
    }
}

/// The OAuth error code of what is wrong with a request.
fn fault(request: &Request, checked: &Checked<'_>) -> Option<&'static str> {
    if request.response_type.as_deref() != Some("code") {
        return Some("unsupported_response_type");
    }
    if !request.scope.as_deref().unwrap_or_default().split(' ').any(|scope| scope == "openid") {
        return Some("invalid_scope");
    }
    // RFC 7636 §4.2: the challenge is a SHA-256 in base64url, 43 characters.
    let has_challenge =
        request.code_challenge_method.as_deref() == Some("S256") && checked.code_challenge.len() == 43;
    let has_tokens = [checked.state, checked.nonce].iter().all(|token| token.len() >= TOKEN_CHARACTERS_MIN);
    (!has_challenge || !has_tokens).then_some("invalid_request")
}

impl Request {
    fn parameters(&self) -> Vec<(&'static str, &str)> {
        [
            ("client_id", &self.client_id),
            ("redirect_uri", &self.redirect_uri),
            ("response_type", &self.response_type),
            ("scope", &self.scope),
            ("state", &self.state),
            ("nonce", &self.nonce),
            ("code_challenge", &self.code_challenge),
            ("code_challenge_method", &self.code_challenge_method),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.as_deref()?)))
        .collect()
    }
}

impl Checked<'_> {
    /// Sends the person back, with the state and the issuer beside the answer.
    fn answer(&self, simulator: &Simulator, members: &[(&str, &str)]) -> Response {
        let mut address = self.redirect.clone();
        let issuer = if simulator.misbehaves(Misbehaviour::WrongIssuerParameter) {
            "https://another.example"
        } else {
            &simulator.settings().issuer
        };
        address.query_pairs_mut().extend_pairs(members).append_pair("state", self.state);
        if !simulator.misbehaves(Misbehaviour::NoIssuerParameter) {
            address.query_pairs_mut().append_pair("iss", issuer);
        }
        Redirect::to(address.as_str()).into_response()
    }
}

fn render(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
