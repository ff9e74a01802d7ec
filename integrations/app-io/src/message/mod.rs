//! What is sent to a citizen, built so that App IO has no reason to refuse it.
//!
//! Lengths are counted as App IO counts them, in UTF-16 code units, and include the front matter.

mod call_to_action;
mod markdown;
mod payment;

use std::fmt;

use chrono::{DateTime, Datelike, SecondsFormat, Utc};
use serde::{Serialize, Serializer};

pub use call_to_action::CallToAction;
pub use markdown::{Markdown, escape_markdown};
pub use payment::Payment;

use crate::FiscalCode;

/// Bounds of the subject, in UTF-16 code units.
pub const SUBJECT_UNITS: std::ops::RangeInclusive<usize> = 10..=120;

/// Bounds of the text with its front matter, in UTF-16 code units.
pub const MARKDOWN_UNITS: std::ops::RangeInclusive<usize> = 80..=10_000;

/// Bounds of a payment, in cents.
pub const AMOUNT_CENTS: std::ops::RangeInclusive<i64> = 1..=9_999_999_999;

/// Why a message cannot be built: one variant for each limit of App IO.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// The subject has fewer than 10 units.
    #[error("the subject has {units} UTF-16 units and needs at least 10")]
    SubjectTooShort {
        /// The units it has.
        units: usize,
    },
    /// The subject has more than 120 units.
    #[error("the subject has {units} UTF-16 units and may have 120")]
    SubjectTooLong {
        /// The units it has.
        units: usize,
    },
    /// Text and front matter have fewer than 80 units.
    #[error("the text has {units} UTF-16 units and needs at least 80")]
    MarkdownTooShort {
        /// The units it has, front matter included.
        units: usize,
    },
    /// Text and front matter have more than 10,000 units.
    #[error("the text has {units} UTF-16 units and may have 10000")]
    MarkdownTooLong {
        /// The units it has, front matter included.
        units: usize,
    },
    /// The text holds three hyphens in a row.
    #[error("the text contains three hyphens in a row")]
    HyphensInBody,
    /// More than two buttons.
    #[error("there are {count} calls to action and there may be two")]
    TooManyCallsToAction {
        /// The buttons asked for.
        count: usize,
    },
    /// A button without a label.
    #[error("a call to action has no text")]
    CallToActionWithoutText,
    /// A button's label with a line break or another control character.
    #[error("the text of a call to action contains a control character")]
    CallToActionWithControlCharacter,
    /// A button that does not lead to an absolute `https` address.
    #[error("a call to action does not lead to an absolute https address without credentials")]
    CallToActionAddress,
    /// The amount is outside [`AMOUNT_CENTS`].
    #[error("an amount of {cents} cents is outside what App IO accepts")]
    AmountOutOfRange {
        /// The amount asked for.
        cents: i64,
    },
    /// The notice number is not one of 0 to 3 followed by 17 digits.
    #[error("the notice number is not 18 digits beginning with 0, 1, 2 or 3")]
    NoticeNumberMalformed,
    /// The due date's year does not have four digits.
    #[error("the year {year} of the due date cannot be written with four digits")]
    DueDateOutOfRange {
        /// The year asked for.
        year: i32,
    },
}

/// The length App IO compares with its limits.
pub(crate) fn utf16_units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// The title of a message: 10 to 120 UTF-16 units. It must not hold personal data, because phones
/// show it on a locked screen (AgID guidelines, art. 7.3).
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Subject(String);

impl Subject {
    /// Checks the length.
    ///
    /// # Errors
    /// [`MessageError::SubjectTooShort`] or [`MessageError::SubjectTooLong`].
    pub fn new(text: &str) -> Result<Self, MessageError> {
        let units = utf16_units(text);
        if units < *SUBJECT_UNITS.start() {
            return Err(MessageError::SubjectTooShort { units });
        }
        if units > *SUBJECT_UNITS.end() {
            return Err(MessageError::SubjectTooLong { units });
        }
        Ok(Self(text.to_owned()))
    }

    /// The title itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Subject({} units)", utf16_units(&self.0))
    }
}

/// A message ready to be sent; its JSON form is the body of `POST /messages`. Its `Debug` form
/// hides who it is for and what it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    fiscal_code: FiscalCode,
    content: Content,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Content {
    subject: Subject,
    markdown: Markdown,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "due_date")]
    due_date: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_data: Option<Payment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    require_secure_channels: Option<bool>,
}

impl Message {
    /// A message with a title and a text; the service's own setting decides about secure channels.
    #[must_use]
    pub fn new(recipient: FiscalCode, subject: Subject, markdown: Markdown) -> Self {
        Self {
            fiscal_code: recipient,
            content: Content {
                subject,
                markdown,
                due_date: None,
                payment_data: None,
                require_secure_channels: None,
            },
        }
    }

    /// Adds the instant the app shows as the deadline and offers to put in the calendar. It is sent
    /// in UTC with whole seconds, the form App IO's guide asks for; fractions are dropped.
    ///
    /// # Errors
    /// [`MessageError::DueDateOutOfRange`] when the year does not have four digits.
    pub fn due(mut self, instant: DateTime<Utc>) -> Result<Self, MessageError> {
        let year = instant.year();
        if !(1000..=9999).contains(&year) {
            return Err(MessageError::DueDateOutOfRange { year });
        }
        self.content.due_date = Some(instant);
        Ok(self)
    }

    /// Adds the notice the app offers to pay. The creditor is the organisation of the service the
    /// message is sent with.
    #[must_use]
    pub fn with_payment(mut self, payment: Payment) -> Self {
        self.content.payment_data = Some(payment);
        self
    }

    /// Overrides the service's setting: `true` sends a generic push and no e-mail copy.
    #[must_use]
    pub fn require_secure_channels(mut self, required: bool) -> Self {
        self.content.require_secure_channels = Some(required);
        self
    }

    /// Whom the message is for.
    #[must_use]
    pub fn recipient(&self) -> &FiscalCode {
        &self.fiscal_code
    }
}

fn due_date<S: Serializer>(instant: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
    instant.map(|instant| instant.to_rfc3339_opts(SecondsFormat::Secs, true)).serialize(serializer)
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn text() -> Markdown {
        Markdown::new(&"Testo di prova. ".repeat(10), &[]).unwrap()
    }

    #[test]
    fn an_appointment_has_the_documented_form() {
        let link = "https://prenotazioni.comune.example.it/p/01JXYZ".parse().unwrap();
        let cancel = CallToAction::new("Disdici appuntamento", "Cancel appointment", &link).unwrap();
        let body = "**Quando:** il 12/11/2026 alle 10:30\n\n\
                    **Dove:** Ufficio anagrafe, via Roma 1\n\n\
                    Hai prenotato un appuntamento per il rinnovo della carta di identità.\n\n\
                    Il numero della prenotazione è 0042.\n";
        let message = Message::new(
            FiscalCode::sandbox(),
            Subject::new("Il tuo appuntamento").unwrap(),
            Markdown::new(body, &[cancel]).unwrap(),
        )
        .due(Utc.with_ymd_and_hms(2026, 11, 12, 9, 30, 0).unwrap())
        .unwrap();
        let sample: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/samples/appointment.json")).unwrap();
        assert_eq!(serde_json::to_value(&message).unwrap(), sample);
    }

    #[test]
    fn a_payment_has_the_documented_form() {
        let body = "C'è un avviso da pagare relativo al rilascio della carta di identità \
                    elettronica.\n\n**Devi pagare:** 22,21 €\n\n**Entro il:** 12/11/2026";
        let message = Message::new(
            FiscalCode::sandbox(),
            Subject::new("Hai un nuovo avviso di pagamento").unwrap(),
            Markdown::new(body, &[]).unwrap(),
        )
        .due(Utc.with_ymd_and_hms(2026, 11, 12, 22, 59, 59).unwrap())
        .unwrap()
        .with_payment(Payment::new(2221, "301011100007347557", false).unwrap());
        let sample: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/samples/payment.json")).unwrap();
        assert_eq!(serde_json::to_value(&message).unwrap(), sample);
    }

    #[test]
    fn a_due_date_has_whole_seconds_in_utc() {
        let instant = Utc.timestamp_millis_opt(1_794_389_400_999).unwrap();
        let message = Message::new(FiscalCode::sandbox(), Subject::new("Dieci unità").unwrap(), text());
        let sent = serde_json::to_value(message.clone().due(instant).unwrap()).unwrap();
        assert_eq!(sent["content"]["due_date"], json!("2026-11-11T09:30:00Z"));
        let far = Utc.with_ymd_and_hms(10_000, 1, 1, 0, 0, 0).unwrap();
        assert_eq!(message.due(far), Err(MessageError::DueDateOutOfRange { year: 10_000 }));
    }

    #[test]
    fn secure_channels_are_only_sent_when_asked_for() {
        let message = Message::new(FiscalCode::sandbox(), Subject::new("Dieci unità").unwrap(), text());
        let sent = serde_json::to_value(&message).unwrap();
        assert!(sent["content"].get("require_secure_channels").is_none());
        let sent = serde_json::to_value(message.require_secure_channels(true)).unwrap();
        assert_eq!(sent["content"]["require_secure_channels"], json!(true));
    }

    #[test]
    fn the_debug_form_is_not_personal() {
        let message = Message::new(FiscalCode::sandbox(), Subject::new("Dieci unità").unwrap(), text());
        let shown = format!("{message:?}");
        assert!(!shown.contains("AAAAAA") && !shown.contains("prova") && !shown.contains("unità"));
    }

    proptest! {
        #[test]
        fn the_subject_is_measured_in_utf16(letters in 0usize..140, emoji in 0usize..70) {
            let text = "è".repeat(letters) + &"📅".repeat(emoji);
            let units = letters + 2 * emoji;
            let expected = match units {
                0..10 => Some(MessageError::SubjectTooShort { units }),
                10..=120 => None,
                _ => Some(MessageError::SubjectTooLong { units }),
            };
            prop_assert_eq!(Subject::new(&text).err(), expected);
        }
    }
}
