//! Texts that entities write in several languages: `{"it": "Carta d'identità", "en": "Identity card"}`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One text in the languages it was written in. Italian comes first wherever a language is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text(BTreeMap<String, String>);

impl Text {
    /// A text in Italian alone.
    #[must_use]
    pub fn italian(text: impl Into<String>) -> Self {
        Self(BTreeMap::from([("it".to_owned(), text.into())]))
    }

    /// The same text with one more language; an empty one is left out.
    #[must_use]
    pub fn with(mut self, language: &str, text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() {
            self.0.remove(language);
        } else {
            self.0.insert(language.to_owned(), text);
        }
        self
    }

    /// In the asked language, else in Italian, else in whichever there is, else empty.
    #[must_use]
    pub fn get(&self, language: &str) -> &str {
        self.0
            .get(language)
            .or_else(|| self.0.get("it"))
            .or_else(|| self.0.values().next())
            .map_or("", String::as_str)
    }

    /// Exactly in this language, or empty: for the page that edits it.
    #[must_use]
    pub fn exactly(&self, language: &str) -> &str {
        self.0.get(language).map_or("", String::as_str)
    }

    /// Whether nothing was written in any language.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.values().all(|text| text.trim().is_empty())
    }
}
