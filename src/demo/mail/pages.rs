//! The pages on which a visitor of the demonstration reads the mails.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use mail_parser::{Address, Message, MessageParser, MimeHeaders as _, PartType};

use super::{Mail, MailCatcher};

/// Shows a mail's own page as a picture of words: no script, no form, nothing from elsewhere.
const SANDBOX: &str = "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; img-src data:";
/// For our own pages.
const PLAIN: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

#[derive(Template)]
#[template(path = "demo/mail/list.html", config = ".askama.toml")]
struct ListPage {
    mails: Vec<Summary>,
}

#[derive(Template)]
#[template(path = "demo/mail/message.html", config = ".askama.toml")]
struct MessagePage {
    mail: Summary,
    from: String,
    reply_to: String,
    text: String,
    has_html: bool,
    files: Vec<File>,
    raw: String,
}

struct Summary {
    number: u64,
    subject: String,
    to: String,
    date: String,
}

struct File {
    index: usize,
    name: String,
    kind: String,
}

pub(super) fn router(catcher: MailCatcher) -> Router {
    Router::new()
        .route("/", get(list))
        .route("/messaggi/{number}", get(message))
        .route("/messaggi/{number}/pagina", get(page))
        .route("/messaggi/{number}/file/{index}", get(file))
        .with_state(catcher)
}

async fn list(State(catcher): State<MailCatcher>) -> Result<Response, StatusCode> {
    let mails = catcher.messages().iter().rev().map(|mail| summary(mail, parse(mail).as_ref())).collect();
    html(&ListPage { mails })
}

async fn message(
    State(catcher): State<MailCatcher>,
    Path(number): Path<u64>,
) -> Result<Response, StatusCode> {
    let mail = catcher.message(number).ok_or(StatusCode::NOT_FOUND)?;
    let message = parse(&mail).ok_or(StatusCode::UNPROCESSABLE_ENTITY)?;
    html(&MessagePage {
        mail: summary(&mail, Some(&message)),
        from: addresses(message.from()),
        reply_to: addresses(message.reply_to()),
        text: part(&message, "plain").unwrap_or_default(),
        has_html: part(&message, "html").is_some(),
        files: files(&message),
        raw: String::from_utf8_lossy(&mail.raw).into_owned(),
    })
}

/// The mail's own page, behind a policy that lets it do nothing.
async fn page(State(catcher): State<MailCatcher>, Path(number): Path<u64>) -> Result<Response, StatusCode> {
    let mail = catcher.message(number).ok_or(StatusCode::NOT_FOUND)?;
    let message = parse(&mail).ok_or(StatusCode::UNPROCESSABLE_ENTITY)?;
    let page = part(&message, "html").ok_or(StatusCode::NOT_FOUND)?;
    Ok(([(header::CONTENT_SECURITY_POLICY, SANDBOX), NO_SNIFFING], Html(page)).into_response())
}

async fn file(
    State(catcher): State<MailCatcher>,
    Path((number, index)): Path<(u64, usize)>,
) -> Result<Response, StatusCode> {
    let mail = catcher.message(number).ok_or(StatusCode::NOT_FOUND)?;
    let message = parse(&mail).ok_or(StatusCode::UNPROCESSABLE_ENTITY)?;
    let file = files(&message).into_iter().find(|file| file.index == index).ok_or(StatusCode::NOT_FOUND)?;
    let name: String =
        file.name.chars().filter(|c| c.is_ascii_alphanumeric() || ".-_".contains(*c)).collect();
    // Never as a page: whatever it calls itself, it is saved.
    let kind = if file.kind.ends_with("/ics") || file.kind == "text/calendar" {
        "text/calendar; charset=utf-8"
    } else {
        "application/octet-stream"
    };
    let disposition = format!("attachment; filename=\"{name}\"");
    let body = message.parts[index].contents().to_vec();
    let headers = [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, &disposition), NO_SNIFFING];
    Ok((headers, body).into_response())
}

const NO_SNIFFING: (header::HeaderName, &str) = (header::X_CONTENT_TYPE_OPTIONS, "nosniff");

fn html(page: &impl Template) -> Result<Response, StatusCode> {
    let page = page.render().map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(([(header::CONTENT_SECURITY_POLICY, PLAIN), NO_SNIFFING], Html(page)).into_response())
}

fn parse(mail: &Arc<Mail>) -> Option<Message<'_>> {
    MessageParser::default().parse(&mail.raw)
}

fn summary(mail: &Mail, message: Option<&Message<'_>>) -> Summary {
    let subject = message.and_then(Message::subject).unwrap_or("(senza oggetto)");
    let date = message.and_then(Message::date).map(ToString::to_string).unwrap_or_default();
    Summary { number: mail.number, subject: subject.to_owned(), to: mail.to.join(", "), date }
}

fn addresses(header: Option<&Address<'_>>) -> String {
    let addresses = header.into_iter().flat_map(Address::iter).map(|one| match (one.name(), one.address()) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (_, address) => address.unwrap_or_default().to_owned(),
    });
    addresses.collect::<Vec<_>>().join(", ")
}

/// The first part of `text/{subtype}`.
fn part(message: &Message<'_>, subtype: &str) -> Option<String> {
    let mut texts = message.parts.iter().filter(|part| part.attachment_name().is_none());
    texts.find_map(|part| match &part.body {
        PartType::Text(text) if subtype == "plain" && is_plain(part) => Some(text.to_string()),
        PartType::Html(text) if subtype == "html" => Some(text.to_string()),
        _ => None,
    })
}

/// A part that does not say what it is, is plain text (RFC 2045 §5.2).
fn is_plain(part: &mail_parser::MessagePart<'_>) -> bool {
    part.content_type().is_none_or(|kind| kind.subtype() == Some("plain"))
}

/// Everything that can be saved: attachments, and calendars among the alternatives.
fn files(message: &Message<'_>) -> Vec<File> {
    let parts = message.parts.iter().enumerate().filter_map(|(index, part)| {
        let kind = part.content_type();
        let kind = kind.map(|kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()));
        let kind = kind.unwrap_or_default();
        let name = match part.attachment_name() {
            Some(name) => name.to_owned(),
            None if kind == "text/calendar" => "invito.ics".to_owned(),
            None => return None,
        };
        Some(File { index, name, kind })
    });
    parts.collect()
}
