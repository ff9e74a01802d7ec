//! The questions of a service's form, as a page shows them: with what was answered, or posted just now.

use serde_json::Value;

use crate::error::FieldError;
use crate::forms::{self, Definition, Field, FieldKind};

/// A question with its answer.
#[derive(Clone, Debug)]
pub(super) struct Question {
    /// The field of the page: `f.` and the question's name, so that it meets no field of the page itself.
    pub(super) name: String,
    pub(super) field: Field,
    /// What was answered; for several choices see [`Question::is_chosen`].
    pub(super) value: String,
    chosen: Vec<String>,
}

impl Question {
    /// Whether a choice was made, or a box ticked.
    pub(super) fn is_chosen(&self, option: &str) -> bool {
        self.chosen.iter().any(|chosen| chosen == option)
    }

    /// Which piece of the page draws it.
    pub(super) fn piece(&self) -> &'static str {
        match self.field.kind {
            FieldKind::Line => "text",
            FieldKind::Email => "email",
            FieldKind::Date => "date",
            FieldKind::Number => "number",
            FieldKind::Paragraph => "paragraph",
            FieldKind::Tick => "tick",
            FieldKind::Radio => "radio",
            FieldKind::Select => "select",
            FieldKind::Ticks => "ticks",
        }
    }
}

/// The questions with the answers that are kept.
pub(super) fn answered(definition: &Definition, answers: &Value, language: &str) -> Vec<Question> {
    questions(definition, language, |name| match answers.get(name) {
        None | Some(Value::Null | Value::Bool(false)) => Vec::new(),
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(other) => vec![other.to_string()],
    })
}

/// The questions with what was posted.
pub(super) fn posted(definition: &Definition, pairs: &[(String, String)], language: &str) -> Vec<Question> {
    questions(definition, language, |name| {
        let field = field_name(name);
        pairs.iter().filter(|(key, _)| *key == field).map(|(_, value)| value.clone()).collect()
    })
}

fn questions(definition: &Definition, language: &str, answer: impl Fn(&str) -> Vec<String>) -> Vec<Question> {
    let with_answer = |field: Field| {
        let chosen = answer(&field.name);
        let value = chosen.first().cloned().unwrap_or_default();
        Question { name: field_name(&field.name), field, value, chosen }
    };
    forms::fields(definition, language).into_iter().map(with_answer).collect()
}

/// The errors of the answers, by the names their fields have on the page. An answer that is missing is named by its
/// question: in the summary of errors it stands alone.
pub(super) fn errors_on_page(errors: Vec<FieldError>, questions: &[Question]) -> Vec<FieldError> {
    let on_page = |error: FieldError| {
        let field = field_name(error.field.split('.').next().unwrap_or_default());
        match questions.iter().find(|question| question.name == field) {
            Some(question) if error.code == "required" => {
                FieldError::new(field, "answer_missing").with_detail(&question.field.label)
            }
            _ => FieldError { field, ..error },
        }
    };
    errors.into_iter().map(on_page).collect()
}

fn field_name(question: &str) -> String {
    format!("f.{question}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn definition() -> Definition {
        Definition::parse(json!({
            "type": "object",
            "x-order": ["nome", "accordo", "usi", "copie"],
            "properties": {
                "nome": {"type": "string"},
                "accordo": {"type": "boolean"},
                "usi": {"type": "array", "items": {"type": "string", "enum": ["x", "y"]}},
                "copie": {"type": "integer"},
            }
        }))
        .unwrap()
    }

    #[test]
    fn what_is_kept_and_what_is_posted_read_the_same() {
        let answers = json!({"nome": "Ada", "accordo": true, "usi": ["y"], "copie": 2});
        let pairs =
            [("f.nome", "Ada"), ("f.accordo", "true"), ("f.usi", "y"), ("f.copie", "2"), ("nome", "z")]
                .map(|(k, v)| (k.to_owned(), v.to_owned()));
        for questions in [answered(&definition(), &answers, "it"), posted(&definition(), &pairs, "it")] {
            assert_eq!(questions[0].value, "Ada");
            assert!(questions[1].is_chosen("true"));
            assert!(questions[2].is_chosen("y") && !questions[2].is_chosen("x"));
            assert_eq!(questions[3].value, "2");
            assert_eq!(questions[3].name, "f.copie");
        }
    }

    #[test]
    fn errors_point_to_the_fields_of_the_page() {
        let errors = vec![FieldError::new("usi.0", "choice"), FieldError::new("nome", "required")];
        let questions = posted(&definition(), &[], "it");
        let errors = errors_on_page(errors, &questions);
        let found: Vec<(&str, &str)> =
            errors.iter().map(|error| (error.field.as_str(), error.code)).collect();
        assert_eq!(found, [("f.usi", "choice"), ("f.nome", "answer_missing")]);
        assert_eq!(errors[1].detail.as_deref(), Some("nome"));
    }
}
