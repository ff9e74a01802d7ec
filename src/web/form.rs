//! Forms: what a browser posts, once its token is checked.

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts as _, Multipart, Request};
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::error::PageError;
use super::frame::{Ctx, Visitor};
use crate::app::App;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::idempotency::{self, Answer, Key};
use crate::secrets;

/// The field with the session's token.
pub const TOKEN_FIELD: &str = "_token";
/// The field that names one rendering of a form.
pub const ONCE_FIELD: &str = "_once";

/// Largest file, in bytes: treasurers' journals are the largest thing anybody sends.
const FILE_BYTES_MAX: usize = 20_000_000;

/// The limit of the routes that take files.
pub fn files() -> DefaultBodyLimit {
    DefaultBodyLimit::max(FILE_BYTES_MAX)
}

/// A form without fields of its own: a button.
#[derive(Debug, Default, Deserialize)]
pub struct NoFields {}

/// A posted form whose token is the session's. Without it, or with another's, the answer is 403.
///
/// `T` is read as HTML's forms mean it: give every field `#[serde(default)]`, so that a missing one is a wrong
/// field on the page rather than a malformed request; a repeated name is a `Vec`.
#[derive(Debug)]
pub struct ProtectedForm<T = NoFields> {
    /// The fields.
    pub value: T,
    /// All posted pairs in their order, repeated names kept, without those of the frame.
    pub pairs: Vec<(String, String)>,
    once: Option<String>,
    request: Vec<u8>,
}

impl<T> ProtectedForm<T> {
    /// What the command of this form was answered before, if it was sent before; a simultaneous one is waited for. The
    /// form has `ui::once`; `command` names what it does.
    ///
    /// # Errors
    /// `Refused("malformed")` without the field; [`Error::KeyReused`] where other fields were sent with it.
    pub async fn first<A: DeserializeOwned>(
        &self,
        tx: &mut Tx,
        visitor: &Visitor,
        command: &str,
    ) -> Result<Option<A>> {
        let scope = scope(command, visitor);
        let first = idempotency::first_answer(tx, visitor.entity.id, &self.key(&scope)?).await?;
        Ok(first.map(|first| serde_json::from_value(first.body)).transpose()?)
    }

    /// Keeps the answer of what was just done, and ends the transaction.
    pub async fn keep(
        &self,
        mut tx: Tx,
        visitor: &Visitor,
        command: &str,
        answer: impl Serialize,
    ) -> Result<()> {
        let scope = scope(command, visitor);
        let body = serde_json::to_value(answer)?;
        let answer = Answer { status: StatusCode::SEE_OTHER.as_u16(), body };
        idempotency::keep_answer(&mut tx, visitor.entity.id, &self.key(&scope)?, &answer, visitor.now)
            .await?;
        Ok(tx.commit().await?)
    }

    fn key<'a>(&'a self, scope: &'a str) -> Result<Key<'a>> {
        let key = self.once.as_deref().filter(|key| !key.is_empty()).ok_or(Error::Refused("malformed"))?;
        Ok(Key { scope, key, request: &self.request })
    }
}

/// Forms of different visitors and commands do not meet.
fn scope(command: &str, visitor: &Visitor) -> String {
    format!("{command}/{}", visitor.session.id)
}

impl<T: DeserializeOwned> FromRequest<App> for ProtectedForm<T> {
    type Rejection = PageError;

    async fn from_request(request: Request, app: &App) -> Result<Self, PageError> {
        let (mut parts, body) = request.into_parts();
        let ctx = Ctx::from_request_parts(&mut parts, app).await?;
        let body = Request::from_parts(parts, body);
        let bytes = Bytes::from_request(body, app).await.map_err(PageError::instead)?;
        let mut posted: Vec<(String, String)> =
            url::form_urlencoded::parse(&bytes).map(|(k, v)| (k.into_owned(), v.into_owned())).collect();
        let token = take(&mut posted, TOKEN_FIELD);
        let once = take(&mut posted, ONCE_FIELD);
        check_token(&ctx, token.as_deref())?;
        let request = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&posted).finish();
        let value = serde_html_form::from_str(&request).map_err(|_| PageError::malformed("malformed"))?;
        Ok(Self { value, pairs: posted, once, request: request.into_bytes() })
    }
}

/// A posted form with files, whose token is the session's.
#[derive(Debug)]
pub struct ProtectedUpload {
    /// The fields that are no files.
    pub pairs: Vec<(String, String)>,
    /// The files, the empty ones left out.
    pub files: Vec<UploadedFile>,
}

/// A file somebody sent.
#[derive(Debug)]
pub struct UploadedFile {
    /// The field.
    pub field: String,
    /// The name it had there: to be shown, never to be used as a path.
    pub name: String,
    /// What is in it.
    pub bytes: Bytes,
}

impl FromRequest<App> for ProtectedUpload {
    type Rejection = PageError;

    async fn from_request(request: Request, app: &App) -> Result<Self, PageError> {
        let (mut parts, body) = request.into_parts();
        let ctx = Ctx::from_request_parts(&mut parts, app).await?;
        let body = Request::from_parts(parts, body);
        let mut multipart = Multipart::from_request(body, app).await.map_err(PageError::instead)?;
        let (mut pairs, mut files) = (Vec::new(), Vec::new());
        while let Some(field) = multipart.next_field().await.map_err(PageError::instead)? {
            let name = field.name().unwrap_or_default().to_owned();
            match field.file_name().map(str::to_owned) {
                Some(file_name) => {
                    let bytes = field.bytes().await.map_err(PageError::instead)?;
                    if !bytes.is_empty() {
                        files.push(UploadedFile { field: name, name: file_name, bytes });
                    }
                }
                None => pairs.push((name, field.text().await.map_err(PageError::instead)?)),
            }
        }
        let token = take(&mut pairs, TOKEN_FIELD);
        check_token(&ctx, token.as_deref())?;
        Ok(Self { pairs, files })
    }
}

fn take(pairs: &mut Vec<(String, String)>, name: &str) -> Option<String> {
    let at = pairs.iter().position(|(key, _)| key == name)?;
    Some(pairs.remove(at).1)
}

fn check_token(ctx: &Ctx, token: Option<&str>) -> Result<(), Error> {
    let expected = ctx.session.as_ref().map_or("", |session| session.csrf.as_str());
    let is_theirs = secrets::is_same(expected, token.unwrap_or_default());
    if is_theirs { Ok(()) } else { Err(Error::Forbidden("form_expired")) }
}
