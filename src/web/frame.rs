//! What every page is made with.
//!
//! # A page in four steps
//!
//! ```text
//! // src/web/citizen/services.rs
//! #[derive(Template)]
//! #[template(path = "citizen/services.html", config = ".askama.toml")]     // the file stands beside this one
//! struct Services { page: Page, services: Vec<Service> }
//!
//! pub async fn list(ctx: Ctx) -> Answer {                                  // GET /{entity}/servizi
//!     let mut tx = ctx.begin().await?;
//!     let services = agenda::store::services(&mut tx, ctx.entity.id).await?;
//!     let page = ctx.page(ctx.t.get("services-title")).crumb(ctx.t.get("services-title"), "");
//!     render(&Services { page, services })
//! }
//!
//! pub async fn cancel(visitor: Visitor, Path((_, code)): Path<(String, String)>, form: ProtectedForm<Reason>) -> Answer {
//!     let mut tx = visitor.begin().await?;
//!     booking::cancel(&mut tx, …).await?;                                  // an Error becomes the page of that error
//!     tx.commit().await?;
//!     redirect(visitor.url("area-personale"))                              // 303 to /{slug}/area-personale
//! }
//! ```
//!
//! ```html
//! {% extends "templates/citizen.html" %}           {# "templates/staff.html" for desk, console, accounting #}
//! {% import "templates/pieces.html" as ui %}
//! {% block content %}
//! <p>{{ page.t.get("services-intro") }}</p>
//! <form method="post" novalidate>{% call ui::protect(page) %}{% endcall %} … </form>
//! {% endblock %}
//! ```
//!
//! The layouts draw the title as `h1`, the breadcrumb and, where [`Page::errors`] has any, the summary of errors.
//!
//! # Who may come
//!
//! The extractor in the handler's signature says it: [`Ctx`] anybody (a session where there is one); [`Visitor`] anybody,
//! and a session is made (needed by every page with a form); [`Citizen`] who logged in; [`Staff`] staff, then
//! `staff.require(Role::Operator, site)?`. `Visitor`, `Citizen` and `Staff` lend all of `Ctx`'s fields and methods.
//! Guests are sent to the login and come back; a form of theirs is refused with a link to it.
//!
//! # Addresses
//!
//! `/{entity}/` services · `/prenota/…` booking · `/appuntamenti/{code}` one appointment · `/area-personale` the
//! citizen's · `/pagamenti/…` · `/domande-frequenti`, `/privacy`, `/note-legali`, `/accessibilita` · `/sportello/…` desk ·
//! `/amministrazione/…` console · `/contabilita/…` accounting · `/accesso`, `/personale/accesso`, `/esci` login.
//!
//! # Going to another site
//!
//! The content security policy lets forms go to this site alone, and Chromium counts the redirects that follow a form.
//! Link to the outside (`<a>`).

use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use askama::Template;
use axum::extract::{FromRequestParts, OriginalUri, RawPathParams};
use axum::response::{Html, IntoResponse, Redirect, Response};
use chrono::{DateTime, Utc};
use http::header::{ACCEPT_LANGUAGE, COOKIE, REFERER};
use http::request::Parts;
use http::{HeaderMap, Uri};

use super::error::{Failure, PageError};
use super::i18n::{Language, T};
use super::page::Page;
use crate::app::App;
use crate::audit::Actor;
use crate::db::Tx;
use crate::entity::{self, Entity};
use crate::error::{Error, Result};
use crate::identity::return_to::local_path;
use crate::identity::session::{cookie, cookie_name};
use crate::identity::store::{LoggedIn, NewSession};
use crate::identity::{Person, Role, Session, StaffMember, store};
use crate::ids::SiteId;

/// What handlers of pages and of the API answer.
pub type Answer = Result<Response, PageError>;

/// Draws a page.
pub fn render(template: &impl Template) -> Answer {
    match template.render() {
        Ok(html) => Ok(Html(html).into_response()),
        Err(error) => Err(Error::Inconsistent(format!("a template: {error}")).into()),
    }
}

/// Draws the page of a form again after what it sent was refused: with the refusal's status.
pub fn render_refused(template: &impl Template, error: Option<&Error>) -> Answer {
    let mut response = render(template)?;
    if let Some(error) = error {
        *response.status_mut() = Failure::of(error).status;
    }
    Ok(response)
}

/// See other: after every form that did something.
pub fn redirect(to: impl AsRef<str>) -> Answer {
    Ok(Redirect::to(to.as_ref()).into_response())
}

/// See other, where the page then says so: `done` is the end of a key `done-…` of the locales.
pub fn redirect_done(to: impl AsRef<str>, done: &str) -> Answer {
    let to = to.as_ref();
    let mark = if to.contains('?') { '&' } else { '?' };
    redirect(format!("{to}{mark}esito={done}"))
}

/// What the layer that draws errors must know of a request, filled while it is answered.
#[derive(Debug, Default)]
pub(super) struct Slot {
    /// Who came, once that is known.
    pub(super) ctx: Mutex<Option<Ctx>>,
    /// Cookies to set.
    pub(super) cookies: Mutex<Vec<String>>,
}

impl Slot {
    fn of(parts: &mut Parts) -> Arc<Self> {
        parts.extensions.get_or_insert_default::<Arc<Self>>().clone()
    }

    pub(super) fn keep(&self, ctx: &Ctx) {
        *self.ctx.lock().unwrap_or_else(PoisonError::into_inner) = Some(ctx.clone());
    }

    pub(super) fn known(&self) -> Option<Ctx> {
        self.ctx.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_cookie(&self, cookie: String) {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner).push(cookie);
    }
}

/// The entity an address names, in the visitor's language, at this instant. For the API and for pages without anybody.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// The program's means.
    pub app: App,
    /// The entity.
    pub entity: Arc<Entity>,
    /// Texts in the visitor's language, times in the entity's zone.
    pub t: T,
    /// The instant of the request.
    pub now: DateTime<Utc>,
}

impl Tenant {
    /// Begins a transaction of the entity.
    pub async fn begin(&self) -> Result<Tx> {
        self.app.db.begin(self.entity.id).await
    }

    /// A local address of the entity: `url("area-personale")` is `/terni/area-personale`.
    #[must_use]
    pub fn url(&self, path: impl std::fmt::Display) -> String {
        format!("/{}/{path}", self.entity.slug)
    }

    /// The same with host, for messages and for peers.
    #[must_use]
    pub fn public_url(&self, path: impl std::fmt::Display) -> String {
        format!("{}{}", self.app.config.server.base_url, self.url(path))
    }
}

impl FromRequestParts<App> for Tenant {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        let params =
            RawPathParams::from_request_parts(parts, app).await.map_err(|_| Error::NotFound("page"))?;
        let slug = params.iter().find(|(name, _)| *name == "entity").map(|(_, slug)| slug.to_owned());
        let slug = slug.ok_or(Error::NotFound("page"))?;
        let entity = entity::store::by_slug(&mut *app.db.directory().await?, &slug).await?;
        let t = T::new(language(&parts.uri, &parts.headers), entity.time_zone);
        Ok(Self { app: app.clone(), entity: Arc::new(entity), t, now: app.clock.now() })
    }
}

/// A visitor of an entity's pages, with a session or without.
#[derive(Clone, Debug)]
pub struct Ctx {
    tenant: Tenant,
    /// The session, where the browser has a living one.
    pub session: Option<Session>,
    /// The address asked for: path and query.
    pub here: Arc<Uri>,
}

impl Deref for Ctx {
    type Target = Tenant;
    fn deref(&self) -> &Tenant {
        &self.tenant
    }
}

impl Ctx {
    /// A page with this title. See [`Page`] for what can be added.
    #[must_use]
    pub fn page(&self, title: impl Into<String>) -> Page {
        Page::of(self, title.into())
    }

    /// Who this is, for the record.
    #[must_use]
    pub fn actor(&self) -> Actor {
        self.session.as_ref().map_or(Actor::Guest, |session| session.actor(&self.app.keys))
    }

    /// Sends the browser to the login, and back here. What was a form instead is answered with a link to the login,
    /// which comes back to the page of the form.
    fn login_first(&self, parts: &Parts, login: &str) -> PageError {
        let is_form = !parts.method.is_safe();
        let here = if is_form { self.form_page(&parts.headers) } else { self.here.to_string() };
        let back: String = url::form_urlencoded::byte_serialize(here.as_bytes()).collect();
        let login = self.url(format_args!("{login}?ritorno={back}"));
        if is_form { PageError::session_expired(login) } else { PageError::instead(Redirect::to(&login)) }
    }

    /// The page a form was sent from, if the browser says so; else the area it is in.
    fn form_page(&self, headers: &HeaderMap) -> String {
        let base = &self.app.config.server.base_url;
        let referer = headers.get(REFERER).and_then(|page| page.to_str().ok());
        let page = referer.and_then(|page| page.strip_prefix(base.as_str()));
        if let Some(page) = page.and_then(|page| local_path(&self.entity.slug, page)) {
            return page.to_owned();
        }
        self.url(self.here.path().split('/').nth(2).unwrap_or_default())
    }
}

/// On the routes that an open page asks for by itself: they do not make the session of somebody who left last longer.
#[derive(Clone, Copy, Debug)]
pub struct Unattended;

impl FromRequestParts<App> for Ctx {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        let slot = Slot::of(parts);
        if let Some(ctx) = slot.known() {
            return Ok(ctx);
        }
        let tenant = Tenant::from_request_parts(parts, app).await?;
        // A nested router takes its prefix off the address.
        let original = parts.extensions.get::<OriginalUri>().map(|original| original.0.clone());
        let here = Arc::new(original.unwrap_or_else(|| parts.uri.clone()));
        let mut ctx = Self { tenant, session: None, here };
        slot.keep(&ctx);
        let name = cookie_name(&ctx.entity.slug, app.config.is_https());
        if let Some(token) = cookie_of(&parts.headers, &name) {
            let mut tx = ctx.begin().await?;
            ctx.session = store::session_by_token(&mut tx, ctx.entity.id, token, ctx.now).await?;
            // Dropped without a commit, the session ends when it would have.
            if parts.extensions.get::<Unattended>().is_none() {
                tx.commit().await?;
            }
            slot.keep(&ctx);
        }
        Ok(ctx)
    }
}

/// A visitor with a session: a guest's is made where there was none.
#[derive(Clone, Debug)]
pub struct Visitor {
    ctx: Ctx,
    /// The session.
    pub session: Session,
}

impl Deref for Visitor {
    type Target = Ctx;
    fn deref(&self) -> &Ctx {
        &self.ctx
    }
}

impl FromRequestParts<App> for Visitor {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        let mut ctx = Ctx::from_request_parts(parts, app).await?;
        if let Some(session) = ctx.session.clone() {
            return Ok(Self { ctx, session });
        }
        let mut tx = ctx.begin().await?;
        let made =
            store::create_session(&mut tx, ctx.entity.id, LoggedIn::default(), ctx.t.code(), ctx.now).await?;
        tx.commit().await?;
        let slot = Slot::of(parts);
        slot.set_cookie(session_cookie(&ctx, &made));
        ctx.session = Some(made.session.clone());
        slot.keep(&ctx);
        Ok(Self { ctx, session: made.session })
    }
}

pub(super) fn session_cookie(ctx: &Ctx, made: &NewSession) -> String {
    cookie(&ctx.entity.slug, &made.token, ctx.app.config.is_https())
}

/// A citizen who logged in. Guests are sent to the login and come back here.
#[derive(Clone, Debug)]
pub struct Citizen {
    visitor: Visitor,
    /// The person, as SPID or CIE vouch.
    pub person: Person,
    /// The person's fiscal code.
    pub fiscal_code: String,
}

impl Deref for Citizen {
    type Target = Visitor;
    fn deref(&self) -> &Visitor {
        &self.visitor
    }
}

impl FromRequestParts<App> for Citizen {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        let ctx = Ctx::from_request_parts(parts, app).await?;
        let Some(session) = ctx.session.clone().filter(|session| session.staff.is_none()) else {
            return Err(ctx.login_first(parts, "accesso"));
        };
        match session.person.clone() {
            Some(person @ Person { fiscal_code: Some(_), .. }) => {
                let fiscal_code = person.fiscal_code.clone().unwrap_or_default();
                Ok(Self { visitor: Visitor { ctx, session }, person, fiscal_code })
            }
            _ => Err(ctx.login_first(parts, "accesso")),
        }
    }
}

/// A member of the staff. Anybody else is sent to the staff's login.
#[derive(Clone, Debug)]
pub struct Staff {
    visitor: Visitor,
    /// The person, with the roles as they are now.
    pub member: StaffMember,
}

impl Deref for Staff {
    type Target = Visitor;
    fn deref(&self) -> &Visitor {
        &self.visitor
    }
}

impl Staff {
    /// Refuses whoever has not this role at this site (`None`: for the whole entity).
    pub fn require(&self, role: Role, site: Option<SiteId>) -> Result<()> {
        if self.member.may(role, site) { Ok(()) } else { Err(Error::Forbidden("role_missing")) }
    }

    /// Refuses whoever has this role nowhere.
    pub fn require_anywhere(&self, role: Role) -> Result<()> {
        if self.member.has(role) { Ok(()) } else { Err(Error::Forbidden("role_missing")) }
    }
}

impl FromRequestParts<App> for Staff {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        let ctx = Ctx::from_request_parts(parts, app).await?;
        match ctx.session.clone() {
            Some(session @ Session { staff: Some(_), .. }) => {
                let member = session.staff.clone().ok_or(Error::Forbidden("role_missing"))?;
                Ok(Self { visitor: Visitor { ctx, session }, member })
            }
            _ => Err(ctx.login_first(parts, "personale/accesso")),
        }
    }
}

/// The value of a cookie.
pub(super) fn cookie_of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// The cookie that keeps a visitor's choice of language. It holds nothing but the code.
pub(super) const LANGUAGE_COOKIE: &str = "sportello-lingua";

/// The language of an answer: the address's (`?lingua=en`), the cookie's, the browser's, Italian.
pub(super) fn language(uri: &Uri, headers: &HeaderMap) -> Language {
    asked_language(uri)
        .or_else(|| cookie_of(headers, LANGUAGE_COOKIE).and_then(Language::from_code))
        .or_else(|| Language::negotiate(headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?))
        .unwrap_or_default()
}

/// The language the address asks for.
pub(super) fn asked_language(uri: &Uri) -> Option<Language> {
    let query = uri.query()?;
    let (_, code) = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "lingua")?;
    Language::from_code(&code)
}
