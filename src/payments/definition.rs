//! Tariffs as administrators define them: a new version from a day on closes the former one.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use super::chapters::Chapter;
use super::quote::{DESCRIPTION_MAX, TRANSFERS_MAX};
use super::store::{reference, tariffs as store};
use super::tariff::{Conditions, Tariff, TariffItem, TariffShare};
use super::taxonomy::{ENTITY_TYPE, TaxonomyRow};
use crate::audit::{self, Actor, Change};
use crate::entity::Entity;
use crate::error::{Error, FieldError, Result};
use crate::ids::{EntityId, ServiceId, TariffId};
use crate::money::Cents;
use crate::text::Text;

/// Most lines of a tariff: a page shows all of them.
pub const ITEMS_MAX: usize = 50;
/// Most parts of a line.
pub const SHARES_MAX: usize = 20;
/// The largest amount of a payment (SANP 3.12.0: 999999999.99).
const AMOUNT_MAX: Cents = Cents(99_999_999_999);
/// Limits of the deadlines, as the database has them.
const HOLD_MINUTES: std::ops::RangeInclusive<i32> = 5..=60 * 24 * 15;
const DUE_DAYS: std::ops::RangeInclusive<i32> = 1..=365;

/// A version of a tariff to define.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTariff {
    /// Of which service.
    pub service: ServiceId,
    /// From which day on it is asked for: today or later.
    pub valid_from: NaiveDate,
    /// The appointment is confirmed by the receipt.
    pub in_advance: bool,
    /// How long an unpaid time is kept, in minutes.
    pub hold_minutes: i32,
    /// Days until the due date, where it is paid later.
    pub due_days: i32,
    /// Its lines, in order; none: it costs nothing.
    pub items: Vec<NewItem>,
}

/// A line of a tariff to define.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewItem {
    /// What is paid; in Italian at least, without personal data.
    pub description: Text,
    /// Taxonomy code.
    pub taxonomy: String,
    /// When it applies.
    #[serde(default)]
    pub conditions: Conditions,
    /// Its parts, in order.
    pub shares: Vec<TariffShare>,
}

/// What a definition is checked against.
#[derive(Clone, Debug)]
pub struct Known<'a> {
    /// The entity's local day.
    pub today: NaiveDate,
    /// The rows of the codes that are used, whatever their dates.
    pub taxonomy: &'a [TaxonomyRow],
    /// The chapters of the accounting year in which the tariff begins.
    pub chapters: &'a [Chapter],
}

impl NewTariff {
    /// The accounting year in which it begins.
    #[must_use]
    pub fn year(&self) -> i32 {
        self.valid_from.year()
    }

    /// What is wrong with it. Fields are named as they are sent: `items.0.shares.1.chapter_code`.
    #[must_use]
    pub fn check(&self, known: &Known<'_>) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if self.valid_from < known.today {
            errors.push(FieldError::new("valid_from", "in_the_past"));
        }
        check_range(&mut errors, "hold_minutes", self.hold_minutes, &HOLD_MINUTES);
        check_range(&mut errors, "due_days", self.due_days, &DUE_DAYS);
        if self.items.len() > ITEMS_MAX {
            errors.push(FieldError::new("items", "too_many").with_detail(ITEMS_MAX));
        }
        let codes: BTreeSet<_> = self.items.iter().map(|item| &item.taxonomy).collect();
        if codes.len() > TRANSFERS_MAX {
            // Lines of one code can share a transfer; more codes than transfers could not be paid at once.
            errors.push(FieldError::new("items", "too_many_taxonomies").with_detail(TRANSFERS_MAX));
        }
        for (at, item) in self.items.iter().enumerate() {
            item.check(&format!("items.{at}"), self.valid_from, known, &mut errors);
        }
        let amounts = self.items.iter().flat_map(|item| &item.shares).map(|share| i128::from(share.amount.0));
        if amounts.sum::<i128>() > i128::from(AMOUNT_MAX.0) {
            errors.push(FieldError::new("items", "amount_too_large").with_detail(AMOUNT_MAX));
        }
        errors
    }
}

impl NewItem {
    fn check(&self, at: &str, from: NaiveDate, known: &Known<'_>, errors: &mut Vec<FieldError>) {
        check_description(&self.description, at, errors);
        if let Some(code) = taxonomy_error(&self.taxonomy, from, known.taxonomy) {
            errors.push(FieldError::new(format!("{at}.taxonomy"), code).with_detail(&self.taxonomy));
        }
        check_conditions(&self.conditions, at, errors);
        if self.shares.is_empty() {
            errors.push(FieldError::new(format!("{at}.shares"), "required"));
        }
        if self.shares.len() > SHARES_MAX {
            errors.push(FieldError::new(format!("{at}.shares"), "too_many").with_detail(SHARES_MAX));
        }
        for (n, share) in self.shares.iter().enumerate() {
            if share.amount <= Cents::ZERO || share.amount > AMOUNT_MAX {
                errors.push(FieldError::new(format!("{at}.shares.{n}.amount"), "out_of_range"));
            }
            let is_it = |chapter: &Chapter| {
                chapter.code == share.chapter_code && chapter.article == share.chapter_article
            };
            if !known.chapters.iter().any(is_it) {
                let name = chapter_name(from.year(), &share.chapter_code, &share.chapter_article);
                let field = format!("{at}.shares.{n}.chapter_code");
                errors.push(FieldError::new(field, "chapter_missing").with_detail(name));
            }
        }
    }
}

/// A chapter as accountants name it: `2026/3010`, with its article `2026/3010/1`.
#[must_use]
pub fn chapter_name(year: i32, code: &str, article: &str) -> String {
    if article.is_empty() { format!("{year}/{code}") } else { format!("{year}/{code}/{article}") }
}

fn check_range(errors: &mut Vec<FieldError>, field: &str, value: i32, range: &std::ops::RangeInclusive<i32>) {
    if !range.contains(&value) {
        let limits = format!("{}-{}", range.start(), range.end());
        errors.push(FieldError::new(field, "out_of_range").with_detail(limits));
    }
}

fn check_description(description: &Text, at: &str, errors: &mut Vec<FieldError>) {
    let italian = description.exactly("it");
    let field = format!("{at}.description");
    if italian.trim().is_empty() {
        errors.push(FieldError::new(field, "required"));
    } else if italian.chars().count() > DESCRIPTION_MAX {
        errors.push(FieldError::new(field, "too_long").with_detail(DESCRIPTION_MAX));
    } else if looks_personal(italian) {
        errors.push(FieldError::new(field, "personal_data"));
    }
}

/// Whether a text holds a fiscal code or an e-mail address: remittance texts must not (SANP 3.12.0, best practice).
fn looks_personal(text: &str) -> bool {
    let is_fiscal_code = |word: &str| {
        let bytes = word.as_bytes();
        bytes.len() == 16
            && bytes[..6].iter().all(u8::is_ascii_alphabetic)
            && bytes.iter().all(u8::is_ascii_alphanumeric)
            && bytes.iter().any(u8::is_ascii_digit)
            && bytes[15].is_ascii_alphabetic()
    };
    text.contains('@') || text.split(|c: char| !c.is_alphanumeric()).any(is_fiscal_code)
}

fn taxonomy_error(code: &str, day: NaiveDate, known: &[TaxonomyRow]) -> Option<&'static str> {
    let rows: Vec<_> = known.iter().filter(|row| row.code == code).collect();
    if rows.is_empty() {
        Some("taxonomy_unknown")
    } else if rows.iter().all(|row| row.entity_type != ENTITY_TYPE) {
        Some("taxonomy_of_others")
    } else if !rows.iter().any(|row| row.is_valid_on(day)) {
        Some("taxonomy_expired")
    } else {
        None
    }
}

fn check_conditions(conditions: &Conditions, at: &str, errors: &mut Vec<FieldError>) {
    let days: BTreeSet<_> = conditions.weekdays.iter().collect();
    if days.len() != conditions.weekdays.len() || conditions.weekdays.iter().any(|day| !(1..=7).contains(day))
    {
        errors.push(FieldError::new(format!("{at}.conditions.weekdays"), "out_of_range").with_detail("1-7"));
    }
    if conditions.from.zip(conditions.to).is_some_and(|(from, to)| from >= to) {
        errors.push(FieldError::new(format!("{at}.conditions.to"), "before_start"));
    }
}

/// Defines what a service costs from a day on. The version in force until then ends the day before; one that begins on
/// the same day is replaced; one that was defined for later stays, and this one ends the day before it.
///
/// # Errors
/// [`Error::Invalid`] with every wrong field; [`Error::NotFound`] for the service.
pub async fn define(
    conn: &mut PgConnection,
    entity: &Entity,
    new: &NewTariff,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<TariffId> {
    if !store::lock_service(conn, entity.id, new.service).await? {
        return Err(Error::NotFound("service"));
    }
    let codes: BTreeSet<_> = new.items.iter().map(|item| item.taxonomy.clone()).collect();
    let taxonomy = reference::taxonomy(conn, &Vec::from_iter(codes)).await?;
    let chapters = match i16::try_from(new.year()) {
        Ok(year) => reference::chapters(conn, entity.id, year).await?,
        Err(_) => return Err(Error::field("valid_from", "out_of_range")),
    };
    let today = now.with_timezone(&entity.time_zone).date_naive();
    let errors = new.check(&Known { today, taxonomy: &taxonomy, chapters: &chapters });
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }

    let versions = store::of_service(conn, entity.id, new.service).await?;
    let later = versions.iter().map(|version| version.valid_from).filter(|from| *from > new.valid_from).min();
    let former = versions.into_iter().find(|version| {
        version.valid_from <= new.valid_from && version.valid_to.is_none_or(|last| new.valid_from <= last)
    });
    match &former {
        Some(same) if same.valid_from == new.valid_from => store::delete(conn, entity.id, same.id).await?,
        Some(former) => store::close(conn, entity.id, former.id, new.valid_from - TimeDelta::days(1)).await?,
        None => {}
    }
    let tariff = new.as_tariff(later.map(|day| day - TimeDelta::days(1)));
    store::insert(conn, entity.id, &tariff).await?;
    let object = tariff.id.to_string();
    let change = Change::of("tariff.defined", "tariff", &object).before(former).after(&tariff);
    audit::record(conn, entity.id, now, actor, change).await?;
    Ok(tariff.id)
}

impl NewTariff {
    fn as_tariff(&self, valid_to: Option<NaiveDate>) -> Tariff {
        Tariff {
            id: TariffId::new(),
            service: self.service,
            valid_from: self.valid_from,
            valid_to,
            in_advance: self.in_advance,
            hold_minutes: self.hold_minutes,
            due_days: self.due_days,
            items: self.items.iter().map(NewItem::as_item).collect(),
        }
    }
}

impl NewItem {
    fn as_item(&self) -> TariffItem {
        TariffItem {
            description: self.description.clone(),
            taxonomy: self.taxonomy.clone(),
            conditions: self.conditions.clone(),
            shares: self.shares.clone(),
        }
    }
}

/// All versions of a service's tariff, newest first.
pub async fn versions(conn: &mut PgConnection, entity: EntityId, service: ServiceId) -> Result<Vec<Tariff>> {
    store::of_service(conn, entity, service).await
}

/// What a service costs on a day, with all its lines: what the public catalogue shows.
pub async fn in_force(
    conn: &mut PgConnection,
    entity: EntityId,
    service: ServiceId,
    day: NaiveDate,
) -> Result<Option<Tariff>> {
    store::on(conn, entity, service, day).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ids::ChapterId;
    use crate::payments::chapters::ChapterKind;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn row(code: &str, entity_type: &str, valid_to: &str) -> TaxonomyRow {
        TaxonomyRow {
            code: code.into(),
            entity_type: entity_type.into(),
            entity_type_name: String::new(),
            macro_area: String::new(),
            service: String::new(),
            description: String::new(),
            valid_from: day("2020-01-01"),
            valid_to: Some(day(valid_to)),
        }
    }

    fn chapter(code: &str) -> Chapter {
        Chapter {
            id: ChapterId::new(),
            year: 2026,
            code: code.into(),
            article: String::new(),
            description: "Diritti".into(),
            pdc: String::new(),
            siope: String::new(),
            kind: ChapterKind::Own,
        }
    }

    fn item(value: serde_json::Value) -> NewItem {
        serde_json::from_value(value).unwrap()
    }

    fn cie() -> NewItem {
        item(json!({
            "description": {"it": "Carta d'identità"}, "taxonomy": "9/0104100TS/",
            "shares": [{"chapter_code": "3010", "amount": 516}],
        }))
    }

    fn errors(change: impl FnOnce(&mut NewTariff)) -> Vec<(String, &'static str)> {
        let mut tariff = NewTariff {
            service: ServiceId::new(),
            valid_from: day("2026-12-01"),
            in_advance: true,
            hold_minutes: 30,
            due_days: 30,
            items: vec![cie()],
        };
        change(&mut tariff);
        let taxonomy = [
            row("9/0104100TS/", "01", "2080-12-31"),
            row("9/0105118TS/", "01", "2024-02-01"),
            row("9/0708107AP/", "07", "2080-12-31"),
        ];
        let chapters = [chapter("3010")];
        let known = Known { today: day("2026-11-23"), taxonomy: &taxonomy, chapters: &chapters };
        tariff.check(&known).into_iter().map(|error| (error.field, error.code)).collect()
    }

    #[test]
    fn a_right_tariff_is_taken_and_so_is_a_free_one() {
        assert_eq!(errors(|_| ()), []);
        assert_eq!(errors(|tariff| tariff.items.clear()), []);
    }

    #[test]
    fn every_wrong_field_is_named() {
        let one = |field: &str, code| vec![(field.to_owned(), code)];
        assert_eq!(errors(|t| t.valid_from = day("2026-11-22")), one("valid_from", "in_the_past"));
        assert_eq!(errors(|t| t.hold_minutes = 4), one("hold_minutes", "out_of_range"));
        assert_eq!(errors(|t| t.due_days = 0), one("due_days", "out_of_range"));
        assert_eq!(errors(|t| t.items[0].taxonomy = "x".into()), one("items.0.taxonomy", "taxonomy_unknown"));
        let code = |code: &'static str| move |t: &mut NewTariff| t.items[0].taxonomy = code.into();
        assert_eq!(errors(code("9/0105118TS/")), one("items.0.taxonomy", "taxonomy_expired"));
        assert_eq!(errors(code("9/0708107AP/")), one("items.0.taxonomy", "taxonomy_of_others"));
        assert_eq!(errors(|t| t.items[0].shares.clear()), one("items.0.shares", "required"));
        assert_eq!(
            errors(|t| t.items[0].shares[0].chapter_code = "9".into()),
            one("items.0.shares.0.chapter_code", "chapter_missing")
        );
        assert_eq!(
            errors(|t| t.items[0].shares[0].amount = Cents(0)),
            one("items.0.shares.0.amount", "out_of_range")
        );
        assert_eq!(
            errors(|t| t.items[0].conditions.weekdays = vec![1, 1]),
            one("items.0.conditions.weekdays", "out_of_range")
        );
    }

    #[test]
    fn descriptions_are_short_and_name_nobody() {
        let with = |text: String| errors(move |t| t.items[0].description = Text::italian(text));
        let wrong = |code| vec![("items.0.description".to_owned(), code)];
        assert_eq!(with(" ".into()), wrong("required"));
        assert_eq!(with("è".repeat(141)), wrong("too_long"));
        assert_eq!(with("Diritti RSSMRA80A01H501U".into()), wrong("personal_data"));
        assert_eq!(with("Diritti a@b.it".into()), wrong("personal_data"));
        assert_eq!(with("è".repeat(140)), []);
        assert_eq!(with("Responsabilizzazione".into()), []);
    }

    #[test]
    fn more_codes_than_transfers_cannot_be_paid_at_once() {
        let codes = ["9/1/", "9/2/", "9/3/", "9/4/", "9/5/", "9/6/"];
        let found = errors(|t| {
            t.items = codes.iter().map(|code| NewItem { taxonomy: (*code).into(), ..cie() }).collect();
        });
        assert!(found.contains(&("items".to_owned(), "too_many_taxonomies")), "{found:?}");
        assert_eq!(errors(|t| t.items = vec![cie(); 6]), []);
    }

    #[test]
    fn the_missing_chapter_is_named() {
        assert_eq!(chapter_name(2026, "3010", ""), "2026/3010");
        assert_eq!(chapter_name(2026, "3010", "1"), "2026/3010/1");
    }
}
