//! What a form may ask: a subset of JSON Schema 2020-12 that a page without scripts can show.
//!
//! An object of properties, each a string, a whole number, a yes/no or a list of choices. Our keywords, next to the
//! standard ones: `x-order` (the order of the questions), `x-label`, `x-help` and `x-options` (texts in several languages).
//! The standard `title` is the Italian label where `x-label` is missing.

use std::sync::Arc;

use jsonschema::Validator;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::FieldError;
use crate::text::Text;

/// A form has at most so many questions.
const FIELDS_MAX: usize = 40;
/// A string longer than this is asked in a box of several lines.
const ONE_LINE_MAX: u64 = 120;
/// Longest e-mail address.
const EMAIL_MAX: u64 = 254;
/// Up to so many choices are shown as radio buttons, more as a list (Modello Comuni: 5).
pub const RADIO_MAX: usize = 5;
const KEYWORDS: [&str; 17] = [
    "type",
    "title",
    "description",
    "format",
    "minLength",
    "maxLength",
    "pattern",
    "enum",
    "minimum",
    "maximum",
    "items",
    "const",
    "minItems",
    "uniqueItems",
    "x-label",
    "x-help",
    "x-options",
];

/// A form's definition, checked.
#[derive(Clone, Debug)]
pub struct Definition {
    schema: Value,
    order: Vec<String>,
    validator: Arc<Validator>,
}

/// A question, ready for a page.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Field {
    /// Its name in the answers.
    pub name: String,
    /// What is asked.
    pub label: String,
    /// How to answer.
    pub help: String,
    /// How it is shown.
    pub kind: FieldKind,
    /// Whether it must be answered.
    pub required: bool,
    /// Value and text of each choice.
    pub options: Vec<(String, String)>,
    /// Longest answer, characters.
    pub length_max: Option<u64>,
}

/// How a question is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// A line.
    Line,
    /// Several lines.
    Paragraph,
    /// An e-mail address.
    Email,
    /// A day.
    Date,
    /// A whole number.
    Number,
    /// Yes or no, as one box to tick.
    Tick,
    /// One of a few.
    Radio,
    /// One of many.
    Select,
    /// Any of some.
    Ticks,
}

impl Definition {
    /// Checks a definition. Errors name the property and what is wrong with it.
    pub fn parse(schema: Value) -> Result<Self, Vec<FieldError>> {
        let properties = schema
            .get("properties")
            .and_then(Value::as_object)
            .filter(|_| schema.get("type") == Some(&Value::from("object")))
            .ok_or_else(|| vec![FieldError::new("definition", "form_not_object")])?;
        let mut errors: Vec<FieldError> = properties
            .iter()
            .filter_map(|(name, property)| Some(FieldError::new(name.clone(), problem(name, property)?)))
            .collect();
        if properties.len() > FIELDS_MAX {
            errors.push(FieldError::new("definition", "form_too_long").with_detail(FIELDS_MAX));
        }
        let order = order(&schema, properties);
        errors.extend(
            strings(schema.get("required"))
                .chain(strings(schema.get("x-order")))
                .filter(|name| !properties.contains_key(*name))
                .map(|name| FieldError::new(name, "form_no_such_question")),
        );
        // Answers to questions that are not asked are refused, whatever the definition says.
        let mut schema = schema.clone();
        schema["additionalProperties"] = Value::Bool(false);
        bound(&mut schema);
        let built = jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .should_validate_formats(true)
            .build(&schema);
        match built {
            Ok(validator) if errors.is_empty() => Ok(Self { schema, order, validator: Arc::new(validator) }),
            Ok(_) => Err(errors),
            Err(error) => {
                errors.push(FieldError::new("definition", "form_not_schema").with_detail(error));
                Err(errors)
            }
        }
    }

    /// The JSON Schema, as the public catalogue gives it.
    #[must_use]
    pub fn schema(&self) -> &Value {
        &self.schema
    }

    /// What checks the answers.
    #[must_use]
    pub fn validator(&self) -> &Validator {
        &self.validator
    }

    /// The questions' names and schemas, in the order they are asked.
    pub fn properties(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.order.iter().map(|name| (name.as_str(), &self.schema["properties"][name]))
    }

    /// Whether a question must be answered.
    #[must_use]
    pub fn is_required(&self, name: &str) -> bool {
        strings(self.schema.get("required")).any(|required| required == name)
    }
}

/// The questions in the asked language.
#[must_use]
pub fn fields(definition: &Definition, language: &str) -> Vec<Field> {
    definition
        .properties()
        .map(|(name, property)| Field {
            name: name.to_owned(),
            label: label(name, property, language),
            help: text(property.get("x-help"))
                .map(|help| help.get(language).to_owned())
                .or_else(|| Some(property.get("description")?.as_str()?.to_owned()))
                .unwrap_or_default(),
            kind: kind(property),
            required: definition.is_required(name),
            options: options(property, language),
            length_max: property.get("maxLength").and_then(Value::as_u64),
        })
        .collect()
}

/// What a question is called.
#[must_use]
pub fn label(name: &str, property: &Value, language: &str) -> String {
    text(property.get("x-label"))
        .map(|label| label.get(language).to_owned())
        .or_else(|| Some(property.get("title")?.as_str()?.to_owned()))
        .unwrap_or_else(|| name.to_owned())
}

/// The choices of a question, value and text.
#[must_use]
pub fn options(property: &Value, language: &str) -> Vec<(String, String)> {
    let choices = property.get("items").unwrap_or(property);
    let names = choices.get("x-options").or_else(|| property.get("x-options"));
    strings(choices.get("enum"))
        .map(|value| {
            let name = names.and_then(|n| text(n.get(value)));
            (value.to_owned(), name.map_or_else(|| value.to_owned(), |n| n.get(language).to_owned()))
        })
        .collect()
}

/// How a question is shown.
#[must_use]
pub fn kind(property: &Value) -> FieldKind {
    let length_max = property.get("maxLength").and_then(Value::as_u64);
    match (property["type"].as_str(), property.get("format").and_then(Value::as_str)) {
        (Some("boolean"), _) => FieldKind::Tick,
        (Some("integer"), _) => FieldKind::Number,
        (Some("array"), _) => FieldKind::Ticks,
        (_, Some("date")) => FieldKind::Date,
        (_, Some("email")) => FieldKind::Email,
        _ => match strings(property.get("enum")).count() {
            0 if length_max.is_some_and(|n| n > ONE_LINE_MAX) => FieldKind::Paragraph,
            0 => FieldKind::Line,
            1..=RADIO_MAX => FieldKind::Radio,
            _ => FieldKind::Select,
        },
    }
}

/// What is wrong with a question, if anything.
fn problem(name: &str, property: &Value) -> Option<&'static str> {
    // `true` is a schema too: it accepts anything.
    let Some(keywords) = property.as_object() else { return Some("form_type") };
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if name.is_empty() || name.len() > 40 || !name.chars().all(plain) {
        return Some("form_question_name");
    }
    if keywords.keys().any(|key| !KEYWORDS.contains(&key.as_str())) {
        return Some("form_keyword");
    }
    match keywords.get("type").and_then(Value::as_str) {
        Some("string") => match keywords.get("format").and_then(Value::as_str) {
            None | Some("date" | "email") => None,
            Some(_) => Some("form_format"),
        },
        Some("integer" | "boolean") => None,
        Some("array") => {
            let items = keywords.get("items");
            let of_choices = items.is_some_and(|items| items["type"] == "string" && items["enum"].is_array());
            (!of_choices).then_some("form_list")
        }
        _ => Some("form_type"),
    }
}

/// Ends what the definition leaves without an end: nobody may store megabytes as an answer.
fn bound(schema: &mut Value) {
    let properties = schema["properties"].as_object_mut().into_iter().flat_map(Map::values_mut);
    for property in properties.filter_map(Value::as_object_mut) {
        match property.get("type").and_then(Value::as_str) {
            Some("string") if !property.contains_key("maxLength") && !property.contains_key("enum") => {
                let is_email = property.get("format").is_some_and(|format| format == "email");
                let most = if is_email { EMAIL_MAX } else { ONE_LINE_MAX };
                property.insert("maxLength".to_owned(), Value::from(most));
            }
            // Each choice once.
            Some("array") => drop(property.insert("uniqueItems".to_owned(), Value::Bool(true))),
            _ => {}
        }
    }
}

/// `x-order` first, then whatever it does not name.
fn order(schema: &Value, properties: &Map<String, Value>) -> Vec<String> {
    let mut order: Vec<String> = strings(schema.get("x-order"))
        .filter(|name| properties.contains_key(*name))
        .map(str::to_owned)
        .collect();
    let rest: Vec<String> = properties.keys().filter(|name| !order.contains(name)).cloned().collect();
    order.extend(rest);
    order
}

fn strings(value: Option<&Value>) -> impl Iterator<Item = &str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

fn text(value: Option<&Value>) -> Option<Text> {
    serde_json::from_value(value?.clone()).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn codes(schema: Value) -> Vec<&'static str> {
        Definition::parse(schema).unwrap_err().into_iter().map(|e| e.code).collect()
    }

    #[test]
    fn shows_each_kind_of_question() {
        let definition = Definition::parse(json!({
            "type": "object",
            "x-order": ["nome", "giorno"],
            "required": ["nome"],
            "properties": {
                "giorno": {"type": "string", "format": "date", "x-label": {"it": "Giorno", "en": "Day"}},
                "nome": {"type": "string", "title": "Nome", "maxLength": 40},
                "note": {"type": "string", "maxLength": 500},
                "copie": {"type": "integer", "minimum": 1},
                "urgente": {"type": "boolean"},
                "motivo": {"type": "string", "enum": ["a", "b"], "x-options": {"a": {"it": "Primo", "en": "First"}}},
                "mesi": {"type": "string", "enum": ["1", "2", "3", "4", "5", "6"]},
                "usi": {"type": "array", "items": {"type": "string", "enum": ["x", "y"]}},
            }
        }))
        .unwrap();
        let shown = fields(&definition, "en");
        let names: Vec<&str> = shown.iter().map(|f| f.name.as_str()).collect();
        assert_eq!(&names[..2], ["nome", "giorno"]);
        assert!(shown[0].required && !shown[1].required);
        assert_eq!(shown[1].label, "Day");
        let kind_of = |name: &str| shown.iter().find(|f| f.name == name).unwrap().kind;
        assert_eq!(kind_of("note"), FieldKind::Paragraph);
        assert_eq!(kind_of("copie"), FieldKind::Number);
        assert_eq!(kind_of("urgente"), FieldKind::Tick);
        assert_eq!(kind_of("mesi"), FieldKind::Select);
        assert_eq!(kind_of("usi"), FieldKind::Ticks);
        let motivo = shown.iter().find(|f| f.name == "motivo").unwrap();
        assert_eq!(motivo.options, [("a".into(), "First".into()), ("b".into(), "b".into())]);
    }

    #[test]
    fn no_answer_is_without_an_end() {
        let definition = Definition::parse(json!({"type": "object", "properties": {
            "nome": {"type": "string"},
            "posta": {"type": "string", "format": "email"},
            "note": {"type": "string", "maxLength": 500},
            "usi": {"type": "array", "items": {"type": "string", "enum": ["x", "y"]}},
        }}))
        .unwrap();
        let accepts = |answers: Value| definition.validator().is_valid(&answers);
        assert!(accepts(json!({"nome": "a".repeat(120), "note": "a".repeat(500), "usi": ["x", "y"]})));
        assert!(!accepts(json!({"nome": "a".repeat(121)})));
        assert!(!accepts(json!({"posta": format!("{}@example.it", "a".repeat(250))})));
        assert!(!accepts(json!({"usi": ["x", "x", "x"]})));
        let shown = fields(&definition, "it");
        assert_eq!(shown.iter().find(|f| f.name == "nome").unwrap().kind, FieldKind::Line);
    }

    #[test]
    fn refuses_what_a_page_cannot_ask() {
        assert_eq!(codes(json!({"type": "array"})), ["form_not_object"]);
        let with = |property: Value| json!({"type": "object", "properties": {"p": property}});
        assert_eq!(codes(with(json!({"type": "object"}))), ["form_type"]);
        assert_eq!(codes(with(json!(true))), ["form_type"]);
        assert_eq!(codes(with(json!({"type": "string", "oneOf": []}))), ["form_keyword", "form_not_schema"]);
        assert_eq!(codes(with(json!({"type": "string", "format": "uri"}))), ["form_format"]);
        assert_eq!(codes(with(json!({"type": "array", "items": {"type": "integer"}}))), ["form_list"]);
        assert_eq!(codes(with(json!({"type": "string", "pattern": "("}))), ["form_not_schema"]);
        assert_eq!(
            codes(json!({"type": "object", "properties": {"Ä": {"type": "string"}}})),
            ["form_question_name"]
        );
        assert_eq!(
            codes(json!({"type": "object", "required": ["x"], "properties": {}})),
            ["form_no_such_question"]
        );
    }
}
