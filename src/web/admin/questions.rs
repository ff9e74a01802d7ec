//! The questions of an online form as an administrator writes them, and back to the form's schema.
//!
//! What the editor does not show of a question (a pattern, the limits of a number) stays as it was.

use serde_json::{Map, Value, json};

use super::values::{Reader, Values};
use crate::error::{Error, FieldError, Result};
use crate::forms::definition::kind;
use crate::forms::{Definition, FieldKind};
use crate::text::Text;

/// Longest answer in one line.
const LINE_MAX: u64 = 120;
/// Longest answer in several lines.
const PARAGRAPH_MAX: u64 = 1000;

/// The kinds of question an administrator chooses from, as the page names them.
pub(super) const KINDS: [(&str, FieldKind); 8] = [
    ("line", FieldKind::Line),
    ("paragraph", FieldKind::Paragraph),
    ("choice", FieldKind::Radio),
    ("choices", FieldKind::Ticks),
    ("tick", FieldKind::Tick),
    ("date", FieldKind::Date),
    ("number", FieldKind::Number),
    ("email", FieldKind::Email),
];

/// The page's name of a kind.
pub(super) fn kind_name(kind: FieldKind) -> &'static str {
    let shown = if kind == FieldKind::Select { FieldKind::Radio } else { kind };
    KINDS.iter().find(|(_, known)| *known == shown).map_or("line", |(name, _)| name)
}

/// A form that asks nothing yet.
pub(super) fn empty() -> Value {
    json!({"type": "object", "x-order": [], "required": [], "properties": {}})
}

fn text(property: &Value, keyword: &str, plain: &str) -> Text {
    let written = property.get(keyword).and_then(|text| serde_json::from_value(text.clone()).ok());
    written.unwrap_or_else(|| Text::default().with("it", property[plain].as_str().unwrap_or_default()))
}

/// A question as the editor's fields hold it.
pub(super) fn values(definition: &Definition, name: &str) -> Option<Values> {
    let (_, property) = definition.properties().find(|(known, _)| *known == name)?;
    let choices = property.get("items").unwrap_or(property);
    let texts = choices.get("x-options").or_else(|| property.get("x-options")).unwrap_or(&Value::Null);
    let line = |value: &str| {
        let named = |language: &str| texts[value][language].as_str().unwrap_or_default().to_owned();
        match (named("it"), named("en")) {
            (it, _) if it.is_empty() => value.to_owned(),
            (it, en) if en.is_empty() => format!("{value} = {it}"),
            (it, en) => format!("{value} = {it} | {en}"),
        }
    };
    let options: Vec<String> =
        choices["enum"].as_array().into_iter().flatten().filter_map(Value::as_str).map(line).collect();
    let question = Values::default()
        .with("name", name)
        .with_text("label", &text(property, "x-label", "title"))
        .with_text("help", &text(property, "x-help", "description"))
        .with("kind", kind_name(kind(property)))
        .with("options", options.join("\n"))
        .ticked("required", definition.is_required(name));
    Some(question)
}

/// One line of the options: `value = text | text in English`; without a value it is made of the text.
fn read_option(line: &str) -> (String, Text) {
    let (value, texts) =
        line.split_once('=').map_or((None, line), |(value, texts)| (Some(value.trim()), texts));
    let (italian, english) = texts.split_once('|').unwrap_or((texts, ""));
    let value = value.map_or_else(|| name_of(italian), str::to_owned);
    (value, Text::italian(italian.trim()).with("en", english.trim()))
}

/// A name for answers, made of a label: "Perché chiedi la carta" becomes `perche_chiedi_la_carta`.
fn name_of(label: &str) -> String {
    let plain = label.trim().chars().map(|c| match c.to_lowercase().next().unwrap_or(c) {
        'à' | 'á' => 'a',
        'è' | 'é' => 'e',
        'ì' | 'í' => 'i',
        'ò' | 'ó' => 'o',
        'ù' | 'ú' => 'u',
        c if c.is_ascii_alphanumeric() => c,
        _ => '_',
    });
    let name: String = plain.take(40).collect();
    name.trim_matches('_').to_owned()
}

fn kind_schema(kind: FieldKind, property: &mut Map<String, Value>, options: &[(String, Text)]) {
    let values: Vec<&str> = options.iter().map(|(value, _)| value.as_str()).collect();
    let texts: Map<String, Value> =
        options.iter().map(|(value, text)| (value.clone(), json!(text))).collect();
    let length = |property: &mut Map<String, Value>, usual: u64, is_fit: fn(u64) -> bool| {
        let kept = property.get("maxLength").and_then(Value::as_u64).filter(|n| is_fit(*n));
        property.insert("maxLength".to_owned(), json!(kept.unwrap_or(usual)));
    };
    let (type_name, format) = match kind {
        FieldKind::Tick => ("boolean", None),
        FieldKind::Number => ("integer", None),
        FieldKind::Ticks => ("array", None),
        FieldKind::Date => ("string", Some("date")),
        FieldKind::Email => ("string", Some("email")),
        _ => ("string", None),
    };
    property.insert("type".to_owned(), json!(type_name));
    if let Some(format) = format {
        property.insert("format".to_owned(), json!(format));
    }
    match kind {
        FieldKind::Line => length(property, LINE_MAX, |n| n <= LINE_MAX),
        FieldKind::Paragraph => length(property, PARAGRAPH_MAX, |n| n > LINE_MAX),
        FieldKind::Ticks => {
            property
                .insert("items".to_owned(), json!({"type": "string", "enum": values, "x-options": texts}));
        }
        FieldKind::Radio | FieldKind::Select => {
            property.insert("enum".to_owned(), json!(values));
            property.insert("x-options".to_owned(), Value::Object(texts));
        }
        FieldKind::Tick | FieldKind::Number | FieldKind::Date | FieldKind::Email => {}
    }
}

/// The schema with a question as it was posted: changed where it is there (`former` is its name), else added at the end.
pub(super) fn with_question(schema: &Value, former: Option<&str>, values: &Values) -> Result<Value> {
    let mut reader = Reader::new(values);
    let label = values.text("label");
    if label.is_empty() {
        reader.refuse("label.it", "required");
    }
    let kind = KINDS.iter().find(|(name, _)| *name == values.get("kind")).map(|(_, kind)| *kind);
    let kind = kind.unwrap_or_else(|| {
        reader.refuse("kind", "choice");
        FieldKind::Line
    });
    let lines = values.lines("options");
    let options: Vec<_> =
        lines.lines().map(str::trim).filter(|line| !line.is_empty()).map(read_option).collect();
    if matches!(kind, FieldKind::Radio | FieldKind::Ticks) && options.len() < 2 {
        reader.refuse("options", "options_missing");
    }
    let name = former.map_or_else(|| free_name(schema, &name_of(label.exactly("it"))), str::to_owned);
    reader.finish(())?;

    let mut schema = schema.clone();
    let same_kind = former
        .and_then(|name| schema["properties"].get(name))
        .filter(|p| kind_name(self::kind(p)) == kind_name(kind));
    let mut property = same_kind.and_then(Value::as_object).cloned().unwrap_or_default();
    for keyword in ["title", "description", "x-label", "x-help", "x-options", "enum"] {
        property.remove(keyword);
    }
    kind_schema(kind, &mut property, &options);
    property.insert("x-label".to_owned(), json!(label));
    let help = values.text("help");
    if !help.is_empty() {
        property.insert("x-help".to_owned(), json!(help));
    }
    if kind == FieldKind::Tick && values.is_ticked("required") {
        // A box that must be ticked is a declaration.
        property.insert("const".to_owned(), json!(true));
    } else {
        property.remove("const");
    }
    schema["properties"][&name] = Value::Object(property);
    set_member(&mut schema, "required", &name, values.is_ticked("required"));
    if former.is_none() {
        set_member(&mut schema, "x-order", &name, true);
    }
    Definition::parse(schema.clone()).map_err(of_the_editor)?;
    Ok(schema)
}

/// What the schema's check says of a question, at the editor's fields.
fn of_the_editor(errors: Vec<FieldError>) -> Error {
    let at = |code: &str| if code == "form_too_long" { "label.it" } else { "options" };
    let errors = errors.into_iter().map(|error| FieldError { field: at(error.code).to_owned(), ..error });
    Error::Invalid(errors.collect())
}

fn free_name(schema: &Value, name: &str) -> String {
    let name = if name.is_empty() { "domanda" } else { name };
    let is_free = |name: &str| schema["properties"].get(name).is_none();
    if is_free(name) {
        return name.to_owned();
    }
    let short: String = name.chars().take(36).collect();
    (2..).map(|n| format!("{short}_{n}")).find(|name| is_free(name)).unwrap_or(short)
}

fn members(schema: &Value, list: &str) -> Vec<String> {
    schema[list].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn set_member(schema: &mut Value, list: &str, name: &str, is_in: bool) {
    let mut names = members(schema, list);
    match names.iter().position(|known| known == name) {
        Some(at) if !is_in => {
            names.remove(at);
        }
        None if is_in => names.push(name.to_owned()),
        _ => {}
    }
    schema[list] = json!(names);
}

/// The schema without a question.
pub(super) fn without(definition: &Definition, name: &str) -> Value {
    let mut schema = definition.schema().clone();
    if let Some(properties) = schema["properties"].as_object_mut() {
        properties.remove(name);
    }
    set_member(&mut schema, "required", name, false);
    set_member(&mut schema, "x-order", name, false);
    schema
}

/// The schema with a question one place earlier or later.
pub(super) fn moved(definition: &Definition, name: &str, up: bool) -> Value {
    let mut order: Vec<&str> = definition.properties().map(|(name, _)| name).collect();
    if let Some(at) = order.iter().position(|known| *known == name) {
        let to = if up { at.saturating_sub(1) } else { (at + 1).min(order.len() - 1) };
        order.swap(at, to);
    }
    let mut schema = definition.schema().clone();
    schema["x-order"] = json!(order);
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(label: &str, kind: &str, options: &str) -> Values {
        Values::default().with("label.it", label).with("kind", kind).with("options", options)
    }

    fn definition(schema: &Value) -> Definition {
        Definition::parse(schema.clone()).unwrap()
    }

    fn names(schema: &Value) -> Vec<String> {
        definition(schema).properties().map(|(name, _)| name.to_owned()).collect()
    }

    #[test]
    fn every_kind_of_question_can_be_asked_and_edited() {
        let mut schema = empty();
        for (name, kind) in KINDS {
            let options =
                if matches!(kind, FieldKind::Radio | FieldKind::Ticks) { "a = Sì | Yes\nNo" } else { "" };
            schema = with_question(&schema, None, &question(name, name, options).ticked("required", true))
                .unwrap();
            let held = values(&definition(&schema), name).unwrap();
            assert_eq!(held.get("kind"), name);
            assert!(held.is_ticked("required"));
            let again = with_question(&schema, Some(name), &held).unwrap();
            assert_eq!(again, schema, "{name} is read as it was written");
        }
        let choices = values(&definition(&schema), "choice").unwrap();
        assert_eq!(choices.get("options"), "a = Sì | Yes\nno = No");
    }

    #[test]
    fn questions_move_and_go() {
        let mut schema = empty();
        for label in ["Uno", "Due", "Tre"] {
            schema = with_question(&schema, None, &question(label, "line", "")).unwrap();
        }
        assert_eq!(names(&schema), ["uno", "due", "tre"]);
        schema = moved(&definition(&schema), "tre", true);
        assert_eq!(names(&schema), ["uno", "tre", "due"]);
        schema = moved(&definition(&schema), "uno", true);
        schema = moved(&definition(&schema), "due", false);
        assert_eq!(names(&schema), ["uno", "tre", "due"]);
        schema = without(&definition(&schema), "tre");
        assert_eq!(names(&schema), ["uno", "due"]);
    }

    #[test]
    fn what_the_editor_does_not_show_stays() {
        let schema = json!({"type": "object", "properties": {
            "targa": {"type": "string", "maxLength": 7, "pattern": "^[A-Z0-9]+$", "title": "Targa"},
            "copie": {"type": "integer", "minimum": 1, "maximum": 9, "title": "Copie"},
        }});
        for name in ["targa", "copie"] {
            let held = values(&definition(&schema), name).unwrap();
            let changed = with_question(&schema, Some(name), &held).unwrap();
            for keyword in ["pattern", "maxLength", "minimum", "maximum"] {
                assert_eq!(
                    changed["properties"][name][keyword], schema["properties"][name][keyword],
                    "{keyword}"
                );
            }
        }
    }

    #[test]
    fn names_are_made_of_labels_and_never_repeat() {
        let schema = with_question(&empty(), None, &question("Perché? È così", "line", "")).unwrap();
        let schema = with_question(&schema, None, &question("Perché? È così", "line", "")).unwrap();
        assert_eq!(names(&schema), ["perche__e_cosi", "perche__e_cosi_2"]);
    }

    #[test]
    fn a_choice_needs_something_to_choose() {
        let wrong = |values: Values| match with_question(&empty(), None, &values) {
            Err(Error::Invalid(errors)) => (errors[0].field.clone(), errors[0].code),
            other => panic!("{other:?}"),
        };
        assert_eq!(wrong(question("Motivo", "choice", "uno")), ("options".to_owned(), "options_missing"));
        assert_eq!(wrong(question("", "line", "")), ("label.it".to_owned(), "required"));
        assert_eq!(wrong(question("X", "magia", "")), ("kind".to_owned(), "choice"));
    }
}
