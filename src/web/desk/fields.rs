//! What an operator writes for a citizen on the phone: who it is, and the answers of the service's form.

use serde_json::Value;

use crate::agenda::{Holder, Service, details_error, holder};
use crate::error::FieldError;
use crate::forms::{self, Field, FieldKind, Form};
use crate::web::i18n::T;

/// What was written, and what it means.
#[derive(Debug)]
pub struct Written {
    /// Who comes.
    pub holder: Holder,
    /// `it` or `en`.
    pub language: String,
    /// The chosen reason.
    pub reason: String,
    /// What the citizen adds.
    pub details: String,
    /// The form's answers.
    pub answers: Value,
    /// What is wrong with it.
    pub errors: Vec<FieldError>,
}

impl Written {
    /// Reads the posted pairs. The fields of the form are called `f.<question>`, in the errors too.
    pub fn read(
        pairs: &[(String, String)],
        service: &Service,
        form: Option<&Form>,
        code_needed: bool,
    ) -> Self {
        let raw = Holder {
            given_name: value(pairs, "given_name"),
            family_name: value(pairs, "family_name"),
            fiscal_code: Some(value(pairs, "fiscal_code")),
            email: value(pairs, "email"),
            phone: value(pairs, "phone"),
            verified: false,
        };
        let (holder, mut errors) = match holder::check(&raw, code_needed) {
            Ok(holder) => (holder, Vec::new()),
            Err(errors) => (raw, errors),
        };
        let reason = value(pairs, "reason");
        if !service.reasons.is_empty() && !service.offers(&reason) {
            errors.push(FieldError::new("reason", if reason.is_empty() { "required" } else { "choice" }));
        }
        let details = value(pairs, "details").replace("\r\n", "\n");
        errors.extend(details_error("details", &details));
        let (answers, wrong) = form.map_or_else(
            || (Value::Object(serde_json::Map::new()), Vec::new()),
            |form| forms::read(&form.definition, pairs),
        );
        errors.extend(wrong.into_iter().map(|e| FieldError { field: format!("f.{}", e.field), ..e }));
        let language = value(pairs, "language");
        let language = if language == "en" { language } else { "it".to_owned() };
        Self { holder, language, reason, details, answers, errors }
    }
}

/// The value of a posted field, trimmed; empty where there is none.
#[must_use]
pub fn value(pairs: &[(String, String)], name: &str) -> String {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
}

/// A question of the form with what was answered.
#[derive(Debug)]
pub struct Question {
    /// The question.
    pub field: Field,
    /// The name of its control.
    pub name: String,
    /// What was written.
    pub values: Vec<String>,
    /// The control's type, for a line.
    pub input: &'static str,
}

impl Question {
    /// Whether this choice was made.
    #[must_use]
    pub fn has(&self, option: &str) -> bool {
        self.values.iter().any(|value| value == option)
    }

    /// What was written in a field of one value.
    #[must_use]
    pub fn value(&self) -> &str {
        self.values.first().map_or("", String::as_str)
    }
}

/// The questions of a form, filled with what was posted.
#[must_use]
pub fn questions(form: Option<&Form>, t: T, pairs: &[(String, String)]) -> Vec<Question> {
    let Some(form) = form else { return Vec::new() };
    forms::fields(&form.definition, t.code())
        .into_iter()
        .map(|field| {
            let name = format!("f.{}", field.name);
            let input = match field.kind {
                FieldKind::Email => "email",
                FieldKind::Date => "date",
                FieldKind::Number => "number",
                _ => "text",
            };
            let values =
                pairs.iter().filter(|(key, _)| *key == name).map(|(_, value)| value.clone()).collect();
            Question { field, name, values, input }
        })
        .collect()
}
