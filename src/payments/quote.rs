//! What one appointment costs: the tariff of its day, evaluated on its local start and the form's answers.

use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use serde_json::Value;
use sqlx::PgConnection;

use super::store;
use super::tariff::{Tariff, TariffShare};
use crate::entity::Entity;
use crate::error::Result;
use crate::ids::ServiceId;
use crate::money::Cents;
use crate::text::Text;

/// A part of a quoted line, for one budget chapter.
pub type QuotedShare = TariffShare;

/// Most transfers of one payment (SANP 3.12.0: `idTransfer` 1 to 5).
pub const TRANSFERS_MAX: usize = 5;
/// Longest description of a payment and of a transfer, in characters (SANP 3.12.0).
pub const DESCRIPTION_MAX: usize = 140;

/// What an appointment costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Quote {
    /// The appointment is confirmed by the receipt.
    pub in_advance: bool,
    /// How long the unpaid time is kept, in minutes.
    pub hold_minutes: i32,
    /// Days until the due date, where it is paid later.
    pub due_days: i32,
    /// The lines that apply.
    pub items: Vec<QuotedItem>,
}

/// A line that applies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct QuotedItem {
    /// What is paid.
    pub description: Text,
    /// Taxonomy code.
    pub taxonomy: String,
    /// The sum of the shares.
    pub amount: Cents,
    /// Its parts.
    pub shares: Vec<QuotedShare>,
}

/// What becomes a transfer of the payment: a line, or lines of the same taxonomy together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotedTransfer {
    /// In Italian, up to [`DESCRIPTION_MAX`] characters.
    pub description: String,
    /// Taxonomy code.
    pub taxonomy: String,
    /// Its parts, each chapter once.
    pub shares: Vec<QuotedShare>,
}

impl QuotedTransfer {
    /// The sum of the shares.
    #[must_use]
    pub fn amount(&self) -> Cents {
        self.shares.iter().map(|share| share.amount).sum()
    }
}

impl Quote {
    /// Nothing to pay.
    #[must_use]
    pub fn free() -> Self {
        Self { in_advance: false, hold_minutes: 0, due_days: 0, items: Vec::new() }
    }

    /// What is to be paid; zero: nothing, and no position is made.
    #[must_use]
    pub fn total(&self) -> Cents {
        self.items.iter().map(|item| item.amount).sum()
    }

    /// The transfers of the payment: one per line, or, where the lines are more than a payment can have, one per
    /// taxonomy code. (A tariff with more than [`TRANSFERS_MAX`] codes is refused when it is defined.)
    #[must_use]
    pub fn transfers(&self) -> Vec<QuotedTransfer> {
        let merge = self.items.len() > TRANSFERS_MAX;
        let mut transfers: Vec<QuotedTransfer> = Vec::new();
        for item in &self.items {
            let description = item.description.get("it");
            match transfers.iter_mut().find(|transfer| merge && transfer.taxonomy == item.taxonomy) {
                Some(transfer) => {
                    transfer.description = shorten(&format!("{}, {description}", transfer.description));
                    add_shares(&mut transfer.shares, &item.shares);
                }
                None => {
                    let mut shares = Vec::new();
                    add_shares(&mut shares, &item.shares);
                    let description = shorten(description);
                    transfers.push(QuotedTransfer { description, taxonomy: item.taxonomy.clone(), shares });
                }
            }
        }
        transfers
    }
}

/// Parts of one transfer for the same chapter are one part.
fn add_shares(into: &mut Vec<QuotedShare>, shares: &[QuotedShare]) {
    for share in shares {
        let same = |other: &&mut QuotedShare| {
            other.chapter_code == share.chapter_code && other.chapter_article == share.chapter_article
        };
        match into.iter_mut().find(same) {
            Some(known) => known.amount = known.amount + share.amount,
            None => into.push(share.clone()),
        }
    }
}

/// At most as many characters as the platform takes.
pub(super) fn shorten(text: &str) -> String {
    match text.char_indices().nth(DESCRIPTION_MAX) {
        None => text.to_owned(),
        Some(_) => {
            let mut short: String = text.chars().take(DESCRIPTION_MAX - 1).collect();
            short.truncate(short.trim_end().len());
            short.push('…');
            short
        }
    }
}

/// Evaluates a tariff for an appointment that begins at this local time.
#[must_use]
pub fn evaluate(tariff: &Tariff, start: NaiveDateTime, answers: &Value) -> Quote {
    let items = tariff.items.iter().filter(|item| item.conditions.hold(start, answers));
    Quote {
        in_advance: tariff.in_advance,
        hold_minutes: tariff.hold_minutes,
        due_days: tariff.due_days,
        items: items
            .map(|item| QuotedItem {
                description: item.description.clone(),
                taxonomy: item.taxonomy.clone(),
                amount: item.amount(),
                shares: item.shares.clone(),
            })
            .collect(),
    }
}

/// What an appointment of a service costs. The tariff is the one in force on the day it is asked for, as are the budget
/// chapters it names; its lines look at the appointment's local start. Without tariff, or without a line that applies,
/// it costs nothing.
pub async fn quote(
    conn: &mut PgConnection,
    entity: &Entity,
    service: ServiceId,
    starts_at: DateTime<Utc>,
    zone: Tz,
    answers: &Value,
    now: DateTime<Utc>,
) -> Result<Quote> {
    let today = now.with_timezone(&entity.time_zone).date_naive();
    let tariff = store::tariffs::on(conn, entity.id, service, today).await?;
    let start = starts_at.with_timezone(&zone).naive_local();
    Ok(tariff.map_or_else(Quote::free, |tariff| evaluate(&tariff, start, answers)))
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::tariff::{Conditions, TariffItem};
    use super::*;
    use crate::ids::TariffId;

    fn share(chapter: &str, cents: i64) -> TariffShare {
        TariffShare { chapter_code: chapter.into(), chapter_article: String::new(), amount: Cents(cents) }
    }

    fn item(description: &str, taxonomy: &str, shares: Vec<TariffShare>) -> TariffItem {
        TariffItem {
            description: Text::italian(description),
            taxonomy: taxonomy.into(),
            conditions: Conditions::default(),
            shares,
        }
    }

    fn tariff(items: Vec<TariffItem>) -> Tariff {
        Tariff {
            id: TariffId::new(),
            service: ServiceId::new(),
            valid_from: NaiveDate::from_ymd_opt(2026, 1, 1).unwrap(),
            valid_to: None,
            in_advance: true,
            hold_minutes: 30,
            due_days: 30,
            items,
        }
    }

    fn start() -> NaiveDateTime {
        "2026-11-23T09:00:00".parse().unwrap()
    }

    /// The identity card: the State's share, the Comune's fixed right and its secretarial right.
    #[test]
    fn the_identity_card_costs_22_21() {
        let shares = vec![share("5005", 1679), share("3010", 516), share("3011", 26)];
        let quote = evaluate(&tariff(vec![item("CIE", "9/0104100TS/", shares)]), start(), &json!({}));
        assert_eq!(quote.total(), Cents(2221));
        let transfers = quote.transfers();
        assert_eq!(transfers.len(), 1);
        assert_eq!(transfers[0].shares.len(), 3);
    }

    #[test]
    fn lines_that_do_not_apply_are_left_out_and_nothing_to_pay_is_zero() {
        let mut residents = item("Residenti", "9/0104102TS/", vec![share("1", 100)]);
        residents.conditions.answers.insert("residente".into(), json!(true));
        let tariff = tariff(vec![residents]);
        assert_eq!(evaluate(&tariff, start(), &json!({"residente": true})).total(), Cents(100));
        let quote = evaluate(&tariff, start(), &json!({"residente": false}));
        assert_eq!((quote.total(), quote.transfers().len()), (Cents::ZERO, 0));
    }

    #[test]
    fn six_lines_of_one_code_are_one_transfer_with_each_chapter_once() {
        let items =
            (0..6).map(|n| item(&"è".repeat(40), "9/0104103SP/", vec![share(&(n % 2).to_string(), 10)]));
        let transfers = evaluate(&tariff(items.collect()), start(), &json!({})).transfers();
        assert_eq!(transfers.len(), 1);
        assert_eq!(transfers[0].shares, [share("0", 30), share("1", 30)]);
        assert_eq!(transfers[0].description.chars().count(), DESCRIPTION_MAX);
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(shorten(&"è".repeat(140)), "è".repeat(140));
        let short = shorten(&"è".repeat(141));
        assert_eq!(short.chars().count(), 140);
        assert!(short.ends_with("è…"));
    }

    fn any_items() -> impl Strategy<Value = Vec<TariffItem>> {
        let shares = prop::collection::vec((0..4_u8, 1..100_000_i64), 1..5);
        let line = (0..5_u8, shares, prop::option::of(any::<bool>()));
        prop::collection::vec(line, 0..12).prop_map(|lines| {
            let lines = lines.into_iter().map(|(code, shares, wanted)| {
                let shares = shares.into_iter().map(|(c, amount)| share(&c.to_string(), amount)).collect();
                let mut item = item("Diritti", &format!("9/010410{code}TS/"), shares);
                item.conditions.answers.extend(wanted.map(|wanted| ("q".to_owned(), json!(wanted))));
                item
            });
            lines.collect()
        })
    }

    proptest! {
        #[test]
        fn shares_sum_to_items_and_items_to_the_position(items in any_items(), answer in any::<bool>()) {
            let applies = |item: &TariffItem| item.conditions.answers.get("q").is_none_or(|q| *q == json!(answer));
            let expected: Cents = items.iter().filter(|item| applies(item)).map(TariffItem::amount).sum();
            let quote = evaluate(&tariff(items), start(), &json!({"q": answer}));
            prop_assert_eq!(quote.total(), expected);
            for item in &quote.items {
                prop_assert_eq!(item.shares.iter().map(|share| share.amount).sum::<Cents>(), item.amount);
            }
            let transfers = quote.transfers();
            prop_assert!(transfers.len() <= TRANSFERS_MAX, "{} transfers", transfers.len());
            prop_assert_eq!(transfers.iter().map(QuotedTransfer::amount).sum::<Cents>(), expected);
            for transfer in &transfers {
                let chapters: std::collections::BTreeSet<_> =
                    transfer.shares.iter().map(|share| (&share.chapter_code, &share.chapter_article)).collect();
                prop_assert_eq!(chapters.len(), transfer.shares.len());
            }
        }
    }
}
