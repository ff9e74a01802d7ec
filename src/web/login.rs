//! Coming in and going out.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Redirect};
use axum::routing::{get, post};
use http::StatusCode;
use http::header::SET_COOKIE;
use serde::Deserialize;
use sportello_spid_cie::Callback;

use super::error::PageError;
use super::form::ProtectedForm;
use super::frame::{Answer, Ctx, Staff, Visitor, redirect, render, session_cookie};
use super::page::Page;
use crate::app::App;
use crate::audit::{self, Change};
use crate::error::Error;
use crate::identity::login::{self, Destination, NotLoggedIn, Which};
use crate::identity::return_to::local_path;
use crate::identity::session::cookie_of_the_past;
use crate::identity::{Role, store};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/{entity}/accesso", get(choose))
        .route("/{entity}/accesso/ritorno", get(come_back))
        .route("/{entity}/accesso/{provider}", get(begin))
        .route("/{entity}/personale", get(staff_home))
        .route("/{entity}/personale/accesso", get(begin_staff))
        .route("/{entity}/esci", post(leave))
}

#[derive(Template)]
#[template(path = "templates/login.html", config = ".askama.toml")]
struct LoginPage {
    page: Page,
    ways: Vec<Way>,
    trouble: String,
    return_to: String,
}

/// A button.
struct Way {
    label: String,
    about: String,
    url: String,
    help: Option<(&'static str, String)>,
}

#[derive(Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    ritorno: String,
    /// The level that is needed there.
    #[serde(default)]
    livello: u8,
}

async fn choose(ctx: Ctx, Query(asked): Query<Asked>) -> Answer {
    render(&page(&ctx, &asked, String::new()).await?)
}

/// The login page, with what went wrong where something did.
async fn page(ctx: &Ctx, asked: &Asked, trouble: String) -> Result<LoginPage, PageError> {
    let return_to = local_path(&ctx.entity.slug, &asked.ritorno).unwrap_or_default().to_owned();
    let back = encoded(&return_to);
    let ways = login::providers(&ctx.app, ctx.entity.id).await?.into_iter().map(|provider| Way {
        about: ctx.t.with("login-about", &[("provider", &provider.label)]),
        url: ctx.url(format_args!("accesso/{}?ritorno={back}&livello={}", provider.key, asked.livello)),
        help: match provider.key.as_str() {
            "spid" => {
                Some(("https://www.spid.gov.it/cos-e-spid/come-attivare-spid/", ctx.t.get("login-get-spid")))
            }
            "cie" => Some(("https://www.cartaidentita.interno.gov.it/", ctx.t.get("login-get-cie"))),
            _ => None,
        },
        label: provider.label,
    });
    let title = ctx.t.get("login-title");
    let page = ctx.page(&title).lead(ctx.t.get("login-lead")).crumb(title, "");
    Ok(LoginPage { page, ways: ways.collect(), trouble, return_to: back })
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

async fn begin(
    visitor: Visitor,
    Path((_, key)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Answer {
    go(&visitor, &Which::Citizen(key), &asked, "area-personale").await
}

async fn begin_staff(visitor: Visitor, Query(asked): Query<Asked>) -> Answer {
    go(&visitor, &Which::Staff, &asked, "personale").await
}

/// Sends the browser to the provider; afterwards it goes where it was asked to, or else `home`.
async fn go(visitor: &Visitor, which: &Which, asked: &Asked, home: &str) -> Answer {
    let Visitor { session, .. } = visitor;
    let home = visitor.url(home);
    let return_to = local_path(&visitor.entity.slug, &asked.ritorno).unwrap_or(&home);
    let to = Destination { return_to, level: asked.livello };
    let begun = login::begin(&visitor.app, &visitor.entity, session.id, which, to, visitor.t.code()).await;
    match begun {
        Ok(url) => redirect(url),
        // Said where it happened, with the other ways beside it.
        Err(error @ Error::Peer { code, .. }) if *which != Which::Staff => {
            tracing::error!(error = %super::error::chain(&error), "a login cannot begin");
            let text = visitor.t.get(&format!("error-{code}"));
            let page = page(visitor, asked, text).await?;
            Ok((StatusCode::BAD_GATEWAY, render(&page)?).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

async fn come_back(ctx: Ctx, Query(callback): Query<Callback>) -> Answer {
    let failed = match &ctx.session {
        Some(session) => match login::finish(&ctx.app, &ctx.entity, session, &callback).await? {
            Ok(done) => {
                let cookie = session_cookie(&ctx, &done.session);
                return Ok(([(SET_COOKIE, cookie)], Redirect::to(&done.return_to)).into_response());
            }
            Err(failed) => failed,
        },
        // The browser that comes back is not the one that left, or it keeps no cookies.
        None => NotLoggedIn::EXPIRED,
    };
    if failed.is_staff {
        return Err(Error::Forbidden(failed.code).into());
    }
    let text = ctx.t.get(&format!("error-{}", failed.code));
    let asked = Asked { ritorno: failed.return_to, livello: failed.level };
    let page = page(&ctx, &asked, text).await?;
    Ok((StatusCode::FORBIDDEN, render(&page)?).into_response())
}

/// The area where the person works: the desk first, because that is where most do.
async fn staff_home(staff: Staff) -> Answer {
    let areas = [
        (Role::Operator, "sportello"),
        (Role::Administrator, "amministrazione"),
        (Role::Accountant, "contabilita"),
    ];
    match areas.into_iter().find(|(role, _)| staff.member.has(*role)) {
        Some((_, area)) => redirect(staff.url(area)),
        None => Err(Error::Forbidden("role_missing").into()),
    }
}

async fn leave(ctx: Ctx, _: ProtectedForm) -> Answer {
    if let Some(session) = &ctx.session {
        let mut tx = ctx.begin().await?;
        let id = session.id.to_string();
        store::delete_session(&mut tx, ctx.entity.id, session.id).await?;
        let change = Change::of("logout", "session", &id);
        audit::record(&mut tx, ctx.entity.id, ctx.now, &ctx.actor(), change).await?;
        tx.commit().await?;
    }
    let cookie = cookie_of_the_past(&ctx.entity.slug, ctx.app.config.is_https());
    Ok(([(SET_COOKIE, cookie)], Redirect::to(&ctx.url(""))).into_response())
}
