//! A tariff while it is written: what the page's fields hold, the lines that are added and taken away, and the
//! definition that comes out of it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::values::{Reader, Values};
use crate::error::Result;
use crate::forms::{Definition, FieldKind, fields};
use crate::ids::ServiceId;
use crate::money::Cents;
use crate::payments::definition::{NewItem, NewTariff};
use crate::payments::tariff::{Conditions, Tariff, TariffItem, TariffShare};
use crate::text::Text;

/// A tariff as the fields hold it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Draft {
    /// From which day on.
    pub(super) valid_from: String,
    /// `true`: paid before the appointment is confirmed.
    pub(super) in_advance: bool,
    /// How long an unpaid time is kept, minutes.
    pub(super) hold_minutes: String,
    /// Days until the due date.
    pub(super) due_days: String,
    /// Its lines.
    pub(super) items: Vec<DraftItem>,
}

/// A line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct DraftItem {
    /// What is paid, in Italian.
    pub(super) description: String,
    /// And in English.
    pub(super) description_en: String,
    /// Its code.
    pub(super) taxonomy: String,
    /// Days of the week it is for.
    pub(super) weekdays: Vec<String>,
    /// From this time of the day.
    pub(super) from: String,
    /// Until before this one.
    pub(super) to: String,
    /// Answers it is for, each `question=value`.
    pub(super) answers: Vec<String>,
    /// Its parts.
    pub(super) shares: Vec<DraftShare>,
}

/// A part of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct DraftShare {
    /// `code|article`.
    pub(super) chapter: String,
    /// As a person writes it.
    pub(super) amount: String,
}

/// What a button of the page does to the lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edit {
    /// One more line.
    AddItem,
    /// Without this line.
    DropItem(usize),
    /// One more part of this line.
    AddShare(usize),
    /// Without this part of this line.
    DropShare(usize, usize),
}

impl Edit {
    /// `add-item`, `drop-item.1`, `add-share.1`, `drop-share.1.0`; `None`: save it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let what = parts.next()?;
        let mut number = || parts.next()?.parse().ok();
        match what {
            "add-item" => Some(Self::AddItem),
            "drop-item" => Some(Self::DropItem(number()?)),
            "add-share" => Some(Self::AddShare(number()?)),
            "drop-share" => Some(Self::DropShare(number()?, number()?)),
            _ => None,
        }
    }
}

impl Draft {
    /// What was posted.
    pub(super) fn posted(values: &Values) -> Self {
        let of = |name: &str| values.get(name).to_owned();
        let items =
            values.indices("items").into_iter().map(|n| DraftItem::posted(values, &format!("items.{n}")));
        Self {
            valid_from: of("valid_from"),
            in_advance: values.is_ticked("in_advance"),
            hold_minutes: of("hold_minutes"),
            due_days: of("due_days"),
            items: items.collect(),
        }
    }

    /// What costs now, to be changed.
    pub(super) fn of(tariff: &Tariff) -> Self {
        Self {
            valid_from: String::new(),
            in_advance: tariff.in_advance,
            hold_minutes: tariff.hold_minutes.to_string(),
            due_days: tariff.due_days.to_string(),
            items: tariff.items.iter().map(DraftItem::of).collect(),
        }
    }

    /// Does what a button says. What is not there cannot be taken away.
    pub(super) fn edit(&mut self, edit: Edit) {
        match edit {
            Edit::AddItem => {
                self.items.push(DraftItem { shares: vec![DraftShare::default()], ..DraftItem::default() });
            }
            Edit::DropItem(n) if n < self.items.len() => drop(self.items.remove(n)),
            Edit::AddShare(n) => {
                if let Some(item) = self.items.get_mut(n) {
                    item.shares.push(DraftShare::default());
                }
            }
            Edit::DropShare(n, m) => {
                if let Some(item) = self.items.get_mut(n).filter(|item| m < item.shares.len()) {
                    item.shares.remove(m);
                }
            }
            Edit::DropItem(_) => {}
        }
    }

    /// The definition, as far as it can be read.
    pub(super) fn read(&self, service: ServiceId) -> Result<NewTariff> {
        let values = self.values();
        let mut reader = Reader::new(&values);
        let tariff = NewTariff {
            service,
            valid_from: reader.date("valid_from"),
            in_advance: self.in_advance,
            hold_minutes: reader.number("hold_minutes"),
            due_days: reader.number("due_days"),
            items: (0..).zip(&self.items).map(|(n, item)| item.read(n, &mut reader)).collect(),
        };
        reader.finish(tariff)
    }

    /// The fields by name, for the reader.
    fn values(&self) -> Values {
        let mut values = Values::default()
            .with("valid_from", &self.valid_from)
            .with("hold_minutes", &self.hold_minutes)
            .with("due_days", &self.due_days);
        for (n, item) in self.items.iter().enumerate() {
            values = values
                .with(format!("items.{n}.conditions.from"), &item.from)
                .with(format!("items.{n}.conditions.to"), &item.to);
            for (m, share) in item.shares.iter().enumerate() {
                values = values.with(format!("items.{n}.shares.{m}.amount"), &share.amount);
            }
        }
        values
    }

    /// What all lines together cost.
    pub(super) fn total(&self) -> Cents {
        self.items.iter().map(DraftItem::amount).sum()
    }
}

impl DraftItem {
    fn posted(values: &Values, at: &str) -> Self {
        let of = |name: &str| values.get(&format!("{at}.{name}")).to_owned();
        let all = |name: &str| values.all(&format!("{at}.{name}")).map(str::to_owned).collect();
        let shares = values.indices(&format!("{at}.shares")).into_iter().map(|m| DraftShare {
            chapter: of(&format!("shares.{m}.chapter_code")),
            amount: of(&format!("shares.{m}.amount")),
        });
        Self {
            description: of("description"),
            description_en: of("description_en"),
            taxonomy: of("taxonomy"),
            weekdays: all("conditions.weekdays"),
            from: of("conditions.from"),
            to: of("conditions.to"),
            answers: all("conditions.answers"),
            shares: shares.collect(),
        }
    }

    fn of(item: &TariffItem) -> Self {
        let time =
            |time: Option<chrono::NaiveTime>| time.map(|t| t.format("%H:%M").to_string()).unwrap_or_default();
        let conditions = &item.conditions;
        Self {
            description: item.description.exactly("it").to_owned(),
            description_en: item.description.exactly("en").to_owned(),
            taxonomy: item.taxonomy.clone(),
            weekdays: conditions.weekdays.iter().map(ToString::to_string).collect(),
            from: time(conditions.from),
            to: time(conditions.to),
            answers: conditions
                .answers
                .iter()
                .flat_map(|(question, wanted)| written(question, wanted))
                .collect(),
            shares: item.shares.iter().map(DraftShare::of).collect(),
        }
    }

    fn read(&self, n: usize, reader: &mut Reader<'_>) -> NewItem {
        let weekday = |day: &String| day.parse().ok();
        let shares = (0..).zip(&self.shares).map(|(m, share): (usize, _)| {
            let (code, article) = share.chapter.split_once('|').unwrap_or((&share.chapter, ""));
            TariffShare {
                chapter_code: code.to_owned(),
                chapter_article: article.to_owned(),
                amount: reader.amount(&format!("items.{n}.shares.{m}.amount")),
            }
        });
        NewItem {
            description: Text::italian(&self.description).with("en", &self.description_en),
            taxonomy: self.taxonomy.clone(),
            shares: shares.collect(),
            conditions: Conditions {
                weekdays: self.weekdays.iter().filter_map(weekday).collect(),
                from: reader.optional_time(&format!("items.{n}.conditions.from")),
                to: reader.optional_time(&format!("items.{n}.conditions.to")),
                answers: read_answers(&self.answers),
            },
        }
    }

    /// What the line costs, as far as it is written.
    pub(super) fn amount(&self) -> Cents {
        self.shares.iter().filter_map(|share| Cents::parse_italian(&share.amount)).sum()
    }
}

impl DraftShare {
    fn of(share: &TariffShare) -> Self {
        let amount = share.amount.to_decimal().replace('.', ",");
        Self { chapter: format!("{}|{}", share.chapter_code, share.chapter_article), amount }
    }
}

/// A wanted answer as the page's boxes hold it: one box for each value.
fn written(question: &str, wanted: &Value) -> Vec<String> {
    match wanted {
        Value::Array(any) => any.iter().flat_map(|one| written(question, one)).collect(),
        one => vec![format!("{question}={one}")],
    }
}

/// The wanted answers of the ticked boxes: any of a question's values, all of the questions.
fn read_answers(ticked: &[String]) -> BTreeMap<String, Value> {
    let mut answers: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (question, value) in ticked.iter().filter_map(|text| text.split_once('=')) {
        if let Ok(value) = serde_json::from_str(value) {
            answers.entry(question.to_owned()).or_default().push(value);
        }
    }
    let one_or_any = |mut values: Vec<Value>| {
        if values.len() == 1 { values.remove(0) } else { Value::Array(values) }
    };
    answers.into_iter().map(|(question, values)| (question, one_or_any(values))).collect()
}

/// The answers a form allows to ask for: value of the box and text.
pub(super) fn answers_of(form: Option<&Definition>, language: &str, yes: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for field in form.map(|form| fields(form, language)).unwrap_or_default() {
        if field.kind == FieldKind::Tick {
            found.push((format!("{}=true", field.name), format!("{}: {yes}", field.label)));
        }
        for (value, text) in &field.options {
            found.push((
                format!("{}={}", field.name, Value::from(value.as_str())),
                format!("{}: {text}", field.label),
            ));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::error::Error;

    fn posted() -> Values {
        Values::default()
            .with("valid_from", "2027-01-11")
            .with("in_advance", "true")
            .with("hold_minutes", "30")
            .with("due_days", "30")
            .with("items.0.description", "Sala")
            .with("items.0.taxonomy", "9/0104102TS/")
            .with("items.0.conditions.weekdays", "6")
            .with("items.0.conditions.weekdays", "7")
            .with("items.0.conditions.from", "10:00")
            .with("items.0.conditions.answers", "residenti=\"nessuno\"")
            .with("items.0.conditions.answers", "residenti=\"uno\"")
            .with("items.0.conditions.answers", "urgente=true")
            .with("items.0.shares.0.chapter_code", "3120|1")
            .with("items.0.shares.0.amount", "5,42")
            .with("items.0.shares.2.chapter_code", "6010|")
            .with("items.0.shares.2.amount", "16,79")
    }

    #[test]
    fn what_is_posted_becomes_a_definition() {
        let draft = Draft::posted(&posted());
        assert_eq!(draft.total(), Cents(2221));
        let tariff = draft.read(ServiceId::new()).unwrap();
        let item = &tariff.items[0];
        assert_eq!(item.conditions.weekdays, [6, 7]);
        assert_eq!(item.conditions.answers["residenti"], json!(["nessuno", "uno"]));
        assert_eq!(item.conditions.answers["urgente"], json!(true));
        assert_eq!(
            (item.shares[0].chapter_code.as_str(), item.shares[0].chapter_article.as_str()),
            ("3120", "1")
        );
        assert_eq!((item.shares[1].chapter_code.as_str(), item.shares[1].amount), ("6010", Cents(1679)));
    }

    #[test]
    fn buttons_add_and_take_away() {
        let mut draft = Draft::posted(&posted());
        for text in ["add-item", "add-share.1", "drop-share.0.0", "drop-item.7", "drop-share.0.9"] {
            draft.edit(Edit::parse(text).unwrap());
        }
        assert_eq!(draft.items.len(), 2);
        assert_eq!(draft.items[1].shares.len(), 2);
        assert_eq!(draft.items[0].shares[0].chapter, "6010|");
        draft.edit(Edit::DropItem(0));
        assert_eq!(draft.items.len(), 1);
        assert_eq!(Edit::parse("salva"), None);
    }

    #[test]
    fn amounts_that_are_none_are_named() {
        let draft = Draft::posted(&posted().with("items.1.shares.0.amount", "gratis"));
        let Err(Error::Invalid(errors)) = draft.read(ServiceId::new()) else { panic!("it is wrong") };
        assert_eq!((errors[0].field.as_str(), errors[0].code), ("items.1.shares.0.amount", "amount"));
    }
}
