//! A browser without script: it keeps cookies, follows what it is told to, and reads pages as text.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::{Body, to_bytes};
use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, Request, StatusCode};
use sportello::entity::Entity;
use sportello::identity::session::cookie_name;
use sportello::identity::store::{LoggedIn, create_session, insert_staff};
use sportello::identity::{RoleGrant, StaffMember};
use sportello::ids::StaffId;
use sportello::{App, web};
use tower::ServiceExt as _;

/// One person's browser.
pub struct Browser {
    router: Router,
    cookies: BTreeMap<String, String>,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Page {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Page {
    /// Where it redirects to.
    pub fn location(&self) -> &str {
        self.headers.get(LOCATION).map(|to| to.to_str().unwrap()).unwrap_or_default()
    }

    /// The value of a field of a form on the page.
    pub fn field(&self, name: &str) -> &str {
        let (_, rest) =
            self.body.split_once(&format!("name=\"{name}\" value=\"")).expect("the page has the field");
        rest.split('"').next().unwrap()
    }
}

impl Browser {
    /// A browser without cookies.
    pub fn new(app: &App) -> Self {
        Self { router: web::router(app.clone()), cookies: BTreeMap::new() }
    }

    /// The browser of somebody of the staff who logged in.
    pub async fn of_staff(app: &App, entity: &Entity, role: RoleGrant) -> Self {
        let id = StaffId::new();
        let member = StaffMember {
            id,
            given_name: "Ada".into(),
            family_name: "Neri".into(),
            email: format!("{id}@example.it"),
            fiscal_code: None,
            active: true,
            roles: vec![role],
        };
        let now = app.clock.now();
        let mut tx = app.db.begin(entity.id).await.unwrap();
        insert_staff(&mut tx, entity.id, &member, now).await.unwrap();
        let who = LoggedIn { person: None, staff: Some(member), level: 2 };
        let made = create_session(&mut tx, entity.id, who, "it", now).await.unwrap();
        tx.commit().await.unwrap();
        let mut browser = Self::new(app);
        browser.cookies.insert(cookie_name(&entity.slug, false), made.token);
        browser
    }

    /// Its cookies.
    pub fn cookies(&mut self) -> &mut BTreeMap<String, String> {
        &mut self.cookies
    }

    /// Opens an address.
    pub async fn get(&mut self, path: &str) -> Page {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// Sends a form.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let form = "application/x-www-form-urlencoded";
        self.send(Request::post(path).header(CONTENT_TYPE, form).body(Body::from(body)).unwrap()).await
    }

    /// Sends any request, with the cookies.
    pub async fn send(&mut self, mut request: Request<Body>) -> Page {
        let cookies = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        let cookies = cookies.collect::<Vec<_>>().join("; ");
        request.headers_mut().insert(COOKIE, cookies.parse().unwrap());
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Page { status: parts.status, headers: parts.headers, body: String::from_utf8(body.to_vec()).unwrap() }
    }
}
