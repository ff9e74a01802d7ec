//! The pages of the simulation, in Italian as the platform's are.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use uuid::Uuid;

use super::{NotPayable, Psp};

/// A cart, to be paid or refused.
#[derive(Template)]
#[template(path = "simulator/cart.html")]
pub(super) struct CartPage {
    pub(super) id: Uuid,
    pub(super) lines: Vec<Line>,
    pub(super) total: String,
    pub(super) psps: &'static [Psp],
    pub(super) concluded: bool,
    pub(super) problem: Option<&'static str>,
}

/// A notice of a cart.
pub(super) struct Line {
    pub(super) creditor: String,
    pub(super) description: String,
    pub(super) nav: String,
    pub(super) amount: String,
    pub(super) problem: Option<&'static str>,
}

/// Any notice, paid at a counter.
#[derive(Template, Default)]
#[template(path = "simulator/counter.html")]
pub(super) struct CounterPage {
    pub(super) creditor: String,
    pub(super) notice: String,
    pub(super) psps: &'static [Psp],
    /// The notice, found and payable.
    pub(super) found: Option<Line>,
    /// The receipt of the payment just made.
    pub(super) receipt: Option<String>,
    pub(super) problem: Option<&'static str>,
}

/// Something that is not there.
#[derive(Template)]
#[template(path = "simulator/missing.html")]
pub(super) struct MissingPage;

/// A page as an answer.
pub(super) fn show(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page of the simulation cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Why a notice cannot be paid, for people.
pub(super) fn reason(refusal: NotPayable) -> &'static str {
    match refusal {
        NotPayable::Unknown => "L'avviso non esiste o non è ancora pagabile.",
        NotPayable::AlreadyPaid => "L'avviso è già stato pagato.",
        NotPayable::InProgress => "C'è già un pagamento in corso per questo avviso.",
        NotPayable::Expired => "L'avviso è scaduto.",
        NotPayable::Withdrawn => "L'avviso è stato annullato dall'ente.",
        NotPayable::AccountNotRegistered => "Il conto dell'ente non è registrato sulla piattaforma.",
    }
}

/// `1.234,56 €`.
pub(super) fn euros(cents: i64) -> String {
    let units = (cents / 100).to_string();
    let mut grouped = String::new();
    for (at, digit) in units.chars().enumerate() {
        if at > 0 && (units.len() - at).is_multiple_of(3) {
            grouped.push('.');
        }
        grouped.push(digit);
    }
    format!("{grouped},{:02}\u{a0}€", cents % 100)
}

#[cfg(test)]
mod tests {
    use super::euros;

    #[test]
    fn amounts_are_written_the_italian_way() {
        for (cents, text) in [
            (5, "0,05\u{a0}€"),
            (2225, "22,25\u{a0}€"),
            (100_000, "1.000,00\u{a0}€"),
            (123_456_789, "1.234.567,89\u{a0}€"),
        ] {
            assert_eq!(euros(cents), text);
        }
    }
}
