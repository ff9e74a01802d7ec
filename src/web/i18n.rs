//! The languages of the pages. Texts stand in `config/locales/{it,en}/*.ftl`; here is the way to them, and how dates
//! and times are written.

use std::borrow::Borrow;
use std::sync::LazyLock;

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use rust_embed::RustEmbed;
use unic_langid::LanguageIdentifier;

use crate::money::Cents;

#[derive(RustEmbed)]
#[folder = "config/locales"]
struct Locales;

/// A language the pages are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// Italian.
    #[default]
    It,
    /// English.
    En,
}

impl Language {
    /// All of them, Italian first.
    pub const ALL: [Self; 2] = [Self::It, Self::En];

    /// The code of BCP 47: `it`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::It => "it",
            Self::En => "en",
        }
    }

    /// As the header writes it: `ITA`.
    #[must_use]
    pub fn short_name(self) -> &'static str {
        match self {
            Self::It => "ITA",
            Self::En => "ENG",
        }
    }

    /// By its code, exactly.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }

    /// The best of an `Accept-Language` header (RFC 9110 §12.5.4): the highest weight wins, the first among equals.
    #[must_use]
    pub fn negotiate(header: &str) -> Option<Self> {
        let mut best: Option<(f32, Self)> = None;
        for range in header.split(',') {
            let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
            let weight =
                parameters.trim().strip_prefix("q=").map_or(Some(1.0), |q| q.parse().ok()).unwrap_or(0.0);
            let primary = tag.trim().split('-').next().unwrap_or_default().to_ascii_lowercase();
            let Some(language) = Self::from_code(&primary) else { continue };
            if weight > best.map_or(0.0, |(weight, _)| weight) {
                best = Some((weight, language));
            }
        }
        best.map(|(_, language)| language)
    }

    fn bundle(self) -> &'static FluentBundle<FluentResource> {
        static BUNDLES: LazyLock<Vec<FluentBundle<FluentResource>>> =
            LazyLock::new(|| Language::ALL.into_iter().map(read_bundle).collect());
        &BUNDLES[self as usize]
    }
}

fn read_bundle(language: Language) -> FluentBundle<FluentResource> {
    let id: LanguageIdentifier = language.code().parse().expect("our codes are language identifiers");
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    // The marks around inserted values are for mixed writing directions; ours all go from left to right.
    bundle.set_use_isolating(false);
    let folder = format!("{}/", language.code());
    for path in Locales::iter().filter(|path| path.starts_with(&folder)) {
        let file = Locales::get(&path).expect("it was just listed");
        let text = String::from_utf8_lossy(&file.data).into_owned();
        let resource =
            FluentResource::try_new(text).unwrap_or_else(|(_, e)| panic!("{path} is malformed: {e:?}"));
        if let Err(errors) = bundle.add_resource(resource) {
            panic!("{path} repeats a key of another file: {errors:?}");
        }
    }
    bundle
}

/// What may stand in a text's placeholder.
pub trait Argument {
    /// As Fluent wants it; numbers choose the plural.
    fn value(&self) -> FluentValue<'_>;
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Argument for $number {
            fn value(&self) -> FluentValue<'_> {
                FluentValue::from(*self)
            }
        }
    )*};
}

numbers!(i16, i32, i64, u8, u16, u32, u64, usize);

impl Argument for str {
    fn value(&self) -> FluentValue<'_> {
        FluentValue::from(self)
    }
}

impl Argument for String {
    fn value(&self) -> FluentValue<'_> {
        FluentValue::from(self.as_str())
    }
}

impl Argument for Cents {
    fn value(&self) -> FluentValue<'_> {
        FluentValue::from(self.to_string())
    }
}

impl<A: Argument + ?Sized> Argument for &A {
    fn value(&self) -> FluentValue<'_> {
        (**self).value()
    }
}

/// Texts, dates and times as one visitor reads them: a language and a time zone. Every template has one.
#[derive(Clone, Copy, Debug)]
pub struct T {
    /// The language.
    pub language: Language,
    /// Where days begin: the entity's, unless [`T::in_zone`] says a site's.
    pub zone: Tz,
}

impl T {
    /// Texts in a language, times in a zone.
    #[must_use]
    pub fn new(language: Language, zone: Tz) -> Self {
        Self { language, zone }
    }

    /// The same language in another zone.
    #[must_use]
    pub fn in_zone(self, zone: Tz) -> Self {
        Self { zone, ..self }
    }

    /// The code of the language: `it`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.language.code()
    }

    /// A text. A key that is not in the locale is shown as it is; a test finds it first.
    #[must_use]
    pub fn get(&self, key: &str) -> String {
        self.with(key, &[])
    }

    /// A text with values: `t.with("places-left", &[("n", &free)])`. In templates, which lend every argument by
    /// themselves, without the first `&`: `page.t.with("places-left", [("n", &free)])`.
    #[must_use]
    pub fn with(&self, key: &str, values: &[(&str, &dyn Argument)]) -> String {
        let mut arguments = FluentArgs::with_capacity(values.len());
        for (name, value) in values {
            arguments.set(*name, value.value());
        }
        let bundle = self.language.bundle();
        match bundle.get_message(key).and_then(|message| message.value()) {
            Some(pattern) => bundle.format_pattern(pattern, Some(&arguments), &mut Vec::new()).into_owned(),
            None => key.to_owned(),
        }
    }

    /// Whether the locale has a text of this key.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.language.bundle().has_message(key)
    }

    /// "giovedì 11 marzo 2027".
    #[must_use]
    pub fn date(&self, date: impl Borrow<NaiveDate>) -> String {
        let date = date.borrow();
        let weekday = self.get(&format!("weekday-{}", date.weekday().number_from_monday()));
        let month = self.get(&format!("month-{}", date.month()));
        let (day, year) = (date.day().to_string(), date.year().to_string());
        self.with("date-long", &[("weekday", &weekday), ("day", &day), ("month", &month), ("year", &year)])
    }

    /// "11/03/2027": for tables.
    #[must_use]
    pub fn short_date(&self, date: impl Borrow<NaiveDate>) -> String {
        date.borrow().format("%d/%m/%Y").to_string()
    }

    /// "marzo 2027".
    #[must_use]
    pub fn month(&self, date: impl Borrow<NaiveDate>) -> String {
        let date = date.borrow();
        format!("{} {}", self.get(&format!("month-{}", date.month())), date.year())
    }

    /// "giovedì".
    #[must_use]
    pub fn weekday(&self, date: impl Borrow<NaiveDate>) -> String {
        self.get(&format!("weekday-{}", date.borrow().weekday().number_from_monday()))
    }

    /// The day on which an instant falls here.
    #[must_use]
    pub fn day_of(&self, instant: impl Borrow<DateTime<Utc>>) -> NaiveDate {
        instant.borrow().with_timezone(&self.zone).date_naive()
    }

    /// "10:00": for tables.
    #[must_use]
    pub fn clock(&self, instant: impl Borrow<DateTime<Utc>>) -> String {
        instant.borrow().with_timezone(&self.zone).format("%H:%M").to_string()
    }

    /// "ore 10:00".
    #[must_use]
    pub fn time(&self, instant: impl Borrow<DateTime<Utc>>) -> String {
        self.with("time-of-day", &[("time", &self.clock(instant))])
    }

    /// "ore 10:00" of a local time.
    #[must_use]
    pub fn local_time(&self, time: impl Borrow<NaiveTime>) -> String {
        self.with("time-of-day", &[("time", &time.borrow().format("%H:%M").to_string())])
    }

    /// "giovedì 11 marzo 2027, ore 10:00".
    #[must_use]
    pub fn date_time(&self, instant: impl Borrow<DateTime<Utc>>) -> String {
        let instant = instant.borrow();
        format!("{}, {}", self.date(self.day_of(instant)), self.time(instant))
    }

    /// "11/03/2027 10:00": for tables.
    #[must_use]
    pub fn short_date_time(&self, instant: impl Borrow<DateTime<Utc>>) -> String {
        instant.borrow().with_timezone(&self.zone).format("%d/%m/%Y %H:%M").to_string()
    }
}
