//! The page on which a visitor of the demonstration reads what citizens received.

use askama::Template;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::Html;
use chrono::{DateTime, Utc};
use chrono_tz::Europe::Rome;

use super::front_matter::{Call, Parsed, parse};
use super::validation::PaymentData;
use super::{Presence, Received, Simulator, render};
use crate::FiscalCode;
use crate::client::Status;

#[derive(Template)]
#[template(path = "messages.html")]
struct Page {
    citizens: Vec<CitizenView>,
}

struct CitizenView {
    fiscal_code: String,
    name: Option<String>,
    presence: Presence,
    messages: Vec<MessageView>,
}

struct MessageView {
    id: String,
    service: String,
    institution: String,
    subject: String,
    received: String,
    status: Status,
    secure: bool,
    due: Option<String>,
    is_overdue: bool,
    payment: Option<PaymentView>,
    buttons: Vec<Button>,
    is_broken: bool,
    body: String,
}

struct PaymentView {
    amount: String,
    notice_number: String,
    is_expired: bool,
}

struct Button {
    text: String,
    /// `None` when only the app can follow it.
    address: Option<String>,
    action: String,
}

pub(super) async fn messages(Shared(simulator): Shared<Simulator>) -> Result<Html<String>, StatusCode> {
    let page = Page { citizens: citizens(&simulator) };
    page.render().map(Html).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

/// Citizens known by name first, then whoever else was written to; newest message first.
fn citizens(simulator: &Simulator) -> Vec<CitizenView> {
    let now = simulator.now();
    let received = simulator.messages();
    let known = simulator.settings.citizens.iter();
    let mut codes: Vec<FiscalCode> = known.map(|citizen| citizen.fiscal_code.clone()).collect();
    for message in &received {
        if !codes.contains(message.recipient()) {
            codes.push(message.recipient().clone());
        }
    }
    codes
        .into_iter()
        .map(|code| CitizenView {
            name: simulator.citizen(&code).map(|citizen| citizen.name.clone()),
            presence: simulator.presence(&code),
            messages: received
                .iter()
                .rev()
                .filter(|message| *message.recipient() == code)
                .map(|message| message_view(simulator, message, now))
                .collect(),
            fiscal_code: code.as_str().to_owned(),
        })
        .collect()
}

fn message_view(simulator: &Simulator, received: &Received, now: DateTime<Utc>) -> MessageView {
    let message = &received.message;
    let mut services = simulator.settings.services.iter();
    let service = services.find(|service| service.id == received.service_id);
    let is_overdue = message.due_date.is_some_and(|due| due < now);
    let (buttons, is_broken, body) = match parse(&message.markdown) {
        Parsed::Read { calls, body } => {
            let buttons = calls.into_iter().map(button).collect();
            (buttons, false, render::html(body))
        }
        Parsed::Broken => (Vec::new(), true, message.markdown.clone()),
    };
    MessageView {
        id: received.id.as_str().to_owned(),
        service: service.map(|s| s.name.clone()).unwrap_or_default(),
        institution: service.map(|s| s.institution.clone()).unwrap_or_default(),
        subject: message.subject.clone(),
        received: in_rome(received.created_at),
        status: received.status,
        secure: message.secure,
        due: message.due_date.map(in_rome),
        is_overdue,
        payment: message.payment.as_ref().map(|data| payment_view(data, is_overdue)),
        buttons,
        is_broken,
        body,
    }
}

fn payment_view(data: &PaymentData, is_overdue: bool) -> PaymentView {
    PaymentView {
        amount: euros(data.amount_cents),
        notice_number: grouped(&data.notice_number),
        is_expired: is_overdue && data.invalid_after_due_date,
    }
}

fn button(call: Call) -> Button {
    let address = call
        .action
        .strip_prefix("iohandledlink://")
        .filter(|address| address.starts_with("https://") || address.starts_with("http://"))
        .map(str::to_owned);
    Button { text: call.text, address, action: call.action }
}

fn in_rome(instant: DateTime<Utc>) -> String {
    instant.with_timezone(&Rome).format("%d/%m/%Y, %H:%M").to_string()
}

/// Cents as Italians write euros: `1.234,56`.
fn euros(cents: i64) -> String {
    let digits = (cents / 100).to_string();
    let mut whole = String::with_capacity(digits.len() + 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            whole.push('.');
        }
        whole.push(digit);
    }
    format!("{whole},{:02}", cents % 100)
}

/// A notice number in groups of four, as printed on notices.
fn grouped(number: &str) -> String {
    let mut text = String::with_capacity(number.len() + 5);
    for (index, digit) in number.chars().enumerate() {
        if index > 0 && index.is_multiple_of(4) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_like_italian_euros() {
        assert_eq!(euros(1), "0,01");
        assert_eq!(euros(2221), "22,21");
        assert_eq!(euros(123_456), "1.234,56");
        assert_eq!(euros(9_999_999_999), "99.999.999,99");
    }

    #[test]
    fn notice_numbers_are_grouped() {
        assert_eq!(grouped("301011100007347557"), "3010 1110 0007 3475 57");
    }
}
