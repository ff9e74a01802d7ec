//! The fields of a form: as they were posted, or as something that exists would fill them; and the reading of typed
//! values out of them, with an error at each field that is wrong.

use chrono::{NaiveDate, NaiveTime};
use std::str::FromStr;

use crate::error::{Error, FieldError, Result};
use crate::money::Cents;
use crate::text::Text;

/// Names and values, in order; a name may come several times.
#[derive(Clone, Debug, Default)]
pub(super) struct Values(Vec<(String, String)>);

impl Values {
    /// What was posted.
    pub(super) fn posted(pairs: &[(String, String)]) -> Self {
        Self(pairs.to_vec())
    }

    /// One more value.
    #[must_use]
    pub(super) fn with(mut self, name: impl Into<String>, value: impl ToString) -> Self {
        self.0.push((name.into(), value.to_string()));
        self
    }

    /// One more box that is ticked or not.
    #[must_use]
    pub(super) fn ticked(self, name: impl Into<String>, ticked: bool) -> Self {
        if ticked { self.with(name, "true") } else { self }
    }

    /// One more value, where there is one.
    #[must_use]
    pub(super) fn with_some(self, name: impl Into<String>, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// A text in both languages: `name.it` and `name.en`.
    #[must_use]
    pub(super) fn with_text(self, name: &str, text: &Text) -> Self {
        self.with(format!("{name}.it"), text.exactly("it")).with(format!("{name}.en"), text.exactly("en"))
    }

    /// The text in both languages.
    pub(super) fn text(&self, name: &str) -> Text {
        let written = |language: &str| self.lines(&format!("{name}.{language}"));
        Text::default().with("it", written("it")).with("en", written("en"))
    }

    /// The value of a name, with the ends of lines as we write them: browsers send CR LF.
    pub(super) fn lines(&self, name: &str) -> String {
        self.get(name).replace("\r\n", "\n")
    }

    /// The value of a name, without the blanks around it; empty where there is none.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }

    /// All values of a name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.trim())
    }

    /// Whether a box is ticked.
    pub(super) fn is_ticked(&self, name: &str) -> bool {
        self.get(name) == "true"
    }

    /// Whether one of the values of a name is this.
    pub(super) fn holds(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|held| held == value)
    }

    /// The numbers `n` of the names `list.n.…`, sorted.
    pub(super) fn indices(&self, list: &str) -> Vec<usize> {
        let mut found: Vec<usize> = self
            .0
            .iter()
            .filter_map(|(name, _)| {
                name.strip_prefix(list)?.strip_prefix('.')?.split('.').next()?.parse().ok()
            })
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// Reads typed values; what is wrong is collected, and a stand-in is answered meanwhile.
pub(super) struct Reader<'a> {
    values: &'a Values,
    errors: Vec<FieldError>,
}

impl<'a> Reader<'a> {
    /// Begins to read.
    pub(super) fn new(values: &'a Values) -> Self {
        Self { values, errors: Vec::new() }
    }

    /// Notes a wrong field.
    pub(super) fn refuse(&mut self, field: impl Into<String>, code: &'static str) {
        self.errors.push(FieldError::new(field, code));
    }

    /// A line that may be empty, of so many characters at most.
    pub(super) fn line(&mut self, name: &str, longest: usize) -> String {
        let text = self.values.lines(name);
        if text.chars().count() > longest {
            self.errors.push(FieldError::new(name, "too_long").with_detail(longest));
        }
        text
    }

    /// A line that must not be empty.
    pub(super) fn required(&mut self, name: &str, longest: usize) -> String {
        let text = self.line(name, longest);
        if text.is_empty() {
            self.refuse(name, "required");
        }
        text
    }

    /// A number; whoever uses it knows its limits.
    pub(super) fn number<N: FromStr + Default>(&mut self, name: &str) -> N {
        self.parsed(name, "number").unwrap_or_default()
    }

    /// Anything that is written in one way; `None` where nothing is.
    pub(super) fn optional<V: FromStr>(&mut self, name: &str, code: &'static str) -> Option<V> {
        let text = self.values.get(name);
        if text.is_empty() {
            return None;
        }
        let read = text.parse().ok();
        if read.is_none() {
            self.refuse(name, code);
        }
        read
    }

    /// Anything that is written in one way, and must be there; `None` only beside an error.
    pub(super) fn parsed<V: FromStr>(&mut self, name: &str, code: &'static str) -> Option<V> {
        if self.values.get(name).is_empty() {
            self.refuse(name, "required");
        }
        self.optional(name, code)
    }

    /// A day.
    pub(super) fn date(&mut self, name: &str) -> NaiveDate {
        self.parsed(name, "date").unwrap_or_default()
    }

    /// A time of the day, `09:00`.
    pub(super) fn time(&mut self, name: &str) -> NaiveTime {
        self.optional_time(name).unwrap_or_else(|| {
            if self.values.get(name).is_empty() {
                self.refuse(name, "required");
            }
            NaiveTime::MIN
        })
    }

    /// A time of the day, where one is written.
    pub(super) fn optional_time(&mut self, name: &str) -> Option<NaiveTime> {
        let text = self.values.get(name);
        if text.is_empty() {
            return None;
        }
        let read = NaiveTime::parse_from_str(text, "%H:%M").ok();
        if read.is_none() {
            self.refuse(name, "time");
        }
        read
    }

    /// An amount as people write it.
    pub(super) fn amount(&mut self, name: &str) -> Cents {
        Cents::parse_italian(self.values.get(name)).unwrap_or_else(|| {
            self.refuse(name, "amount");
            Cents::ZERO
        })
    }

    /// An address of the web that may be empty.
    pub(super) fn web_address(&mut self, name: &str) -> Option<String> {
        let url: url::Url = self.optional(name, "url")?;
        if !matches!(url.scheme(), "http" | "https") {
            self.refuse(name, "url");
        }
        Some(self.values.get(name).to_owned())
    }

    /// An e-mail address that may be empty.
    pub(super) fn mail_address(&mut self, name: &str) -> String {
        let text = self.line(name, 254);
        let is_address = text.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && domain.contains('.') && !text.contains(char::is_whitespace)
        });
        if !text.is_empty() && !is_address {
            self.refuse(name, "email");
        }
        text
    }

    /// The value, if nothing was wrong.
    pub(super) fn finish<T>(self, value: T) -> Result<T> {
        if self.errors.is_empty() { Ok(value) } else { Err(Error::Invalid(self.errors)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&str, &str)]) -> Values {
        Values(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn collects_what_is_wrong_at_each_field() {
        let values = values(&[
            ("name", "  "),
            ("day", "31/02/2027"),
            ("opens", "9"),
            ("amount", "ventidue"),
            ("site", "javascript:alert(1)"),
            ("mail", "a@b"),
            ("step", "x"),
        ]);
        let mut reader = Reader::new(&values);
        reader.required("name", 10);
        reader.date("day");
        reader.time("opens");
        reader.amount("amount");
        reader.web_address("site");
        reader.mail_address("mail");
        assert_eq!(reader.number::<i32>("step"), 0);
        let Err(Error::Invalid(errors)) = reader.finish(()) else { panic!("all of it is wrong") };
        let found: Vec<_> = errors.iter().map(|e| (e.field.as_str(), e.code)).collect();
        assert_eq!(
            found,
            [
                ("name", "required"),
                ("day", "date"),
                ("opens", "time"),
                ("amount", "amount"),
                ("site", "url"),
                ("mail", "email"),
                ("step", "number"),
            ]
        );
    }

    #[test]
    fn reads_what_people_write() {
        let values =
            values(&[("name.it", " Sala "), ("name.en", "Hall"), ("opens", "09:30"), ("amount", "1.234,50")]);
        let mut reader = Reader::new(&values);
        let name = values.text("name");
        assert_eq!((name.exactly("it"), name.exactly("en")), ("Sala", "Hall"));
        assert_eq!(reader.time("opens").to_string(), "09:30:00");
        assert_eq!(reader.amount("amount"), Cents(123_450));
        assert_eq!(reader.optional_time("closes"), None);
        assert!(reader.finish(()).is_ok());
    }

    #[test]
    fn finds_the_rows_of_a_list() {
        let values = values(&[("items.2.a", ""), ("items.0.a", ""), ("items.0.b", ""), ("items.x.a", "")]);
        assert_eq!(values.indices("items"), [0, 2]);
    }
}
