//! From what a browser posts to typed answers, and back to text a person reads.

use jsonschema::error::ValidationErrorKind;
use serde_json::{Map, Value};

use super::definition::{Definition, FieldKind, kind, label, options};
use crate::error::FieldError;

/// Reads the answers among the posted pairs. A question's field is `f.<name>`, so that it meets no field of the page
/// itself. What is empty is not answered. Numbers that are not numbers stay texts, and the check names them.
#[must_use]
pub fn read(definition: &Definition, posted: &[(String, String)]) -> (Value, Vec<FieldError>) {
    let values = |name: &str| {
        let key = format!("f.{name}");
        posted.iter().filter(move |(k, _)| *k == key).map(|(_, v)| v.trim()).filter(|v| !v.is_empty())
    };
    let mut answers = Map::new();
    for (name, property) in definition.properties() {
        let given: Vec<&str> = values(name).collect();
        let answer = match (kind(property), given.first()) {
            (FieldKind::Tick, first) => {
                (first.is_some() || definition.is_required(name)).then(|| first.is_some().into())
            }
            (FieldKind::Ticks, _) => {
                (!given.is_empty() || definition.is_required(name)).then(|| Value::from(given.clone()))
            }
            (FieldKind::Number, Some(text)) => {
                Some(text.parse::<i64>().map_or_else(|_| Value::from(*text), Value::from))
            }
            // Browsers end lines of a text area with CR LF: one character for whoever counts them.
            (_, Some(text)) => Some(Value::from(text.replace("\r\n", "\n"))),
            (_, None) => None,
        };
        if let Some(answer) = answer {
            answers.insert(name.to_owned(), answer);
        }
    }
    let answers = Value::Object(answers);
    let errors = validate(definition, &answers);
    (answers, errors)
}

/// Checks answers. Each error names the question and a code of the locales (`field-<code>`).
#[must_use]
pub fn validate(definition: &Definition, answers: &Value) -> Vec<FieldError> {
    if !answers.is_object() {
        return vec![FieldError::new("answers", "not_an_object")];
    }
    let mut errors: Vec<FieldError> = Vec::new();
    for error in definition.validator().iter_errors(answers) {
        let at = error.instance_path().to_string().trim_start_matches('/').replace('/', ".");
        let found = match error.kind() {
            ValidationErrorKind::Required { property } => {
                FieldError::new(property.as_str().unwrap_or_default(), "required")
            }
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                errors.extend(unexpected.iter().map(|name| FieldError::new(name.as_str(), "unknown")));
                continue;
            }
            ValidationErrorKind::MinLength { limit } => FieldError::new(at, "too_short").with_detail(limit),
            ValidationErrorKind::MaxLength { limit } => FieldError::new(at, "too_long").with_detail(limit),
            ValidationErrorKind::Minimum { limit } => FieldError::new(at, "too_small").with_detail(limit),
            ValidationErrorKind::Maximum { limit } => FieldError::new(at, "too_large").with_detail(limit),
            ValidationErrorKind::MinItems { .. } | ValidationErrorKind::Constant { .. } => {
                FieldError::new(at, "required")
            }
            ValidationErrorKind::Enum { .. } => FieldError::new(at, "choice"),
            ValidationErrorKind::Format { format } if format == "date" => FieldError::new(at, "date"),
            ValidationErrorKind::Format { .. } => FieldError::new(at, "email"),
            ValidationErrorKind::Pattern { .. } => FieldError::new(at, "pattern"),
            ValidationErrorKind::Type { .. } => FieldError::new(at, "type"),
            _ => FieldError::new(at, "invalid"),
        };
        errors.push(found);
    }
    // In the order of the questions, one error for each.
    let position = |field: &str| {
        let name = field.split('.').next().unwrap_or(field);
        definition.properties().position(|(n, _)| n == name).unwrap_or(usize::MAX)
    };
    errors.sort_by_key(|error| position(&error.field));
    errors.dedup_by(|a, b| a.field == b.field);
    errors
}

/// Questions and answers as a person reads them; what was not answered is left out.
#[must_use]
pub fn answers_as_text(definition: &Definition, answers: &Value, language: &str) -> Vec<(String, String)> {
    let yes = if language == "en" { "Yes" } else { "Sì" };
    let no = "No";
    definition
        .properties()
        .filter_map(|(name, property)| {
            let choices = options(property, language);
            let named = |value: &str| {
                choices
                    .iter()
                    .find(|(v, _)| v == value)
                    .map_or_else(|| value.to_owned(), |(_, text)| text.clone())
            };
            let text = match answers.get(name)? {
                Value::Bool(true) => yes.to_owned(),
                Value::Bool(false) => no.to_owned(),
                Value::String(value) if kind(property) == FieldKind::Date => {
                    chrono::NaiveDate::parse_from_str(value, "%Y-%m-%d")
                        .map_or_else(|_| value.clone(), |day| day.format("%d/%m/%Y").to_string())
                }
                Value::String(value) => named(value),
                Value::Array(values) => {
                    values.iter().filter_map(Value::as_str).map(named).collect::<Vec<_>>().join(", ")
                }
                other => other.to_string(),
            };
            Some((label(name, property, language), text))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn definition() -> Definition {
        Definition::parse(json!({
            "type": "object",
            "x-order": ["motivo", "giorno", "copie", "usi", "accordo", "note"],
            "required": ["motivo", "accordo"],
            "properties": {
                "motivo": {"type": "string", "enum": ["smarrita", "scaduta"], "title": "Motivo",
                    "x-options": {"smarrita": {"it": "Smarrita"}}},
                "giorno": {"type": "string", "format": "date", "title": "Giorno"},
                "copie": {"type": "integer", "minimum": 1, "maximum": 9, "title": "Copie"},
                "usi": {"type": "array", "items": {"type": "string", "enum": ["x", "y"]}, "title": "Usi"},
                "accordo": {"type": "boolean", "const": true, "title": "Dichiaro"},
                "note": {"type": "string", "maxLength": 5, "title": "Note"},
            }
        }))
        .unwrap()
    }

    fn posted(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn reads_what_was_posted() {
        let pairs = posted(&[
            ("f.motivo", "smarrita"),
            ("f.giorno", "2027-03-01"),
            ("f.copie", " 2 "),
            ("f.usi", "x"),
            ("f.usi", "y"),
            ("f.accordo", "on"),
            ("f.note", "a\r\nb"),
            ("motivo", "ignored"),
            ("f.other", "ignored"),
        ]);
        let (answers, errors) = read(&definition(), &pairs);
        assert_eq!(errors, []);
        let expected = json!({"motivo": "smarrita", "giorno": "2027-03-01", "copie": 2, "usi": ["x", "y"],
            "accordo": true, "note": "a\nb"});
        assert_eq!(answers, expected);
        let text = answers_as_text(&definition(), &answers, "it");
        assert_eq!(text[0], ("Motivo".to_owned(), "Smarrita".to_owned()));
        assert_eq!(text[1].1, "01/03/2027");
        assert_eq!(text[4].1, "Sì");
    }

    #[test]
    fn names_each_wrong_answer_in_order() {
        let pairs = posted(&[
            ("f.note", "troppo lungo"),
            ("f.copie", "dieci"),
            ("f.giorno", "31/02/2027"),
            ("f.motivo", "z"),
        ]);
        let (_, errors) = read(&definition(), &pairs);
        let found: Vec<(&str, &str)> = errors.iter().map(|e| (e.field.as_str(), e.code)).collect();
        assert_eq!(
            found,
            [
                ("motivo", "choice"),
                ("giorno", "date"),
                ("copie", "type"),
                ("accordo", "required"),
                ("note", "too_long"),
            ]
        );
        assert_eq!(errors[4].detail.as_deref(), Some("5"));
    }

    #[test]
    fn a_program_cannot_slip_in_other_answers() {
        let errors = validate(&definition(), &json!({"motivo": "scaduta", "accordo": true, "x": 1}));
        assert_eq!(errors, [FieldError::new("x", "unknown")]);
        assert_eq!(validate(&definition(), &json!([])), [FieldError::new("answers", "not_an_object")]);
    }

    proptest! {
        /// Whatever is posted, what passes the check is an object the schema accepts.
        #[test]
        fn what_is_read_without_errors_is_valid(pairs in proptest::collection::vec(("f\\.(motivo|giorno|copie|usi|accordo|note)", ".{0,8}"), 0..12)) {
            let (answers, errors) = read(&definition(), &pairs);
            prop_assert_eq!(errors.is_empty(), definition().validator().is_valid(&answers));
        }
    }
}
