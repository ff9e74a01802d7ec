//! Buttons under a message: the YAML front matter the app reads them from.
//!
//! A front matter the app cannot parse replaces the message by a warning and its raw text, so it
//! is written here, in one form only, and never taken from a template.

use std::fmt::Write;

use url::Url;

use super::MessageError;

/// The most buttons a message can have.
pub(super) const MAX_CALLS_TO_ACTION: usize = 2;

/// A button that opens a web page. The label is in both languages the app has, because an app set
/// to a language without a block shows no button at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallToAction {
    text_it: String,
    text_en: String,
    url: Url,
}

impl CallToAction {
    /// A button with its Italian and English labels.
    ///
    /// # Errors
    /// [`MessageError::CallToActionWithoutText`], [`MessageError::CallToActionWithControlCharacter`]
    /// or [`MessageError::CallToActionAddress`].
    pub fn new(text_it: &str, text_en: &str, url: &Url) -> Result<Self, MessageError> {
        for text in [text_it, text_en] {
            if text.trim().is_empty() {
                return Err(MessageError::CallToActionWithoutText);
            }
            if text.chars().any(char::is_control) {
                return Err(MessageError::CallToActionWithControlCharacter);
            }
        }
        let has_credentials = !url.username().is_empty() || url.password().is_some();
        if url.scheme() != "https" || url.host_str().is_none() || has_credentials {
            return Err(MessageError::CallToActionAddress);
        }
        Ok(Self { text_it: text_it.to_owned(), text_en: text_en.to_owned(), url: url.clone() })
    }
}

/// The front matter with its fences and the blank line after it; empty without buttons.
pub(super) fn front_matter(calls: &[CallToAction]) -> String {
    if calls.is_empty() {
        return String::new();
    }
    let mut yaml = String::from("---\n");
    write_locale(&mut yaml, "it", calls, |call| &call.text_it);
    write_locale(&mut yaml, "en", calls, |call| &call.text_en);
    yaml.push_str("---\n\n");
    yaml
}

fn write_locale(
    yaml: &mut String,
    locale: &str,
    calls: &[CallToAction],
    text: impl Fn(&CallToAction) -> &str,
) {
    yaml.push_str(locale);
    yaml.push_str(":\n");
    for (index, call) in calls.iter().enumerate() {
        let number = index + 1;
        let label = quoted(text(call));
        let action = quoted(&format!("iohandledlink://{}", call.url));
        let written = write!(yaml, "  cta_{number}:\n    text: {label}\n    action: {action}\n");
        written.expect("writing to a String cannot fail");
    }
}

/// A YAML double-quoted scalar on one line. Escaped are the quote, the backslash, and what YAML 1.1
/// or 1.2 does not count as printable or takes for a line break; `\u` forms mean the same in both.
fn quoted(text: &str) -> String {
    let mut scalar = String::with_capacity(text.len() + 2);
    scalar.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => scalar.extend(['\\', character]),
            '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}' => {
                escape_unit(&mut scalar, character);
            }
            _ if character.is_control() => escape_unit(&mut scalar, character),
            _ => scalar.push(character),
        }
    }
    scalar.push('"');
    scalar
}

/// Everything escaped this way is below U+10000, so four digits are enough.
fn escape_unit(scalar: &mut String, character: char) {
    write!(scalar, "\\u{:04X}", u32::from(character)).expect("writing to a String cannot fail");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn page() -> Url {
        "https://comune.example.it/p/1?a=b&c=%22#x".parse().unwrap()
    }

    #[test]
    fn only_absolute_https_addresses_are_buttons() {
        for address in [
            "http://comune.example.it/",
            "ioit://main/messages",
            "mailto:ufficio@comune.example.it",
            "javascript:alert(1)",
            "https://user:pass@comune.example.it/",
        ] {
            let url = address.parse().unwrap();
            let refused = CallToAction::new("Apri", "Open", &url);
            assert_eq!(refused, Err(MessageError::CallToActionAddress), "{address}");
        }
    }

    #[test]
    fn labels_are_one_line_of_text() {
        for (it, en) in [("", "Open"), ("Apri", "  ")] {
            let refused = CallToAction::new(it, en, &page());
            assert_eq!(refused, Err(MessageError::CallToActionWithoutText));
        }
        let refused = CallToAction::new("Apri\n---", "Open", &page());
        assert_eq!(refused, Err(MessageError::CallToActionWithControlCharacter));
    }

    proptest! {
        /// JSON strings are YAML double-quoted scalars, so a JSON reader is an independent judge.
        #[test]
        fn a_scalar_reads_back_as_it_was(text in any::<String>()) {
            let scalar = quoted(&text);
            prop_assert_eq!(serde_json::from_str::<String>(&scalar).unwrap(), text);
            let breaks = ['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}', '\u{FEFF}'];
            prop_assert!(!scalar.contains(breaks));
        }

        #[test]
        fn the_front_matter_keeps_its_lines(label in "[^\\p{Cc}]{0,40}x", twice in any::<bool>()) {
            let call = CallToAction::new(&label, &label, &page()).unwrap();
            let yaml = front_matter(&vec![call; 1 + usize::from(twice)]);
            let lines: Vec<_> = yaml.split('\n').collect();
            prop_assert_eq!(lines.len(), if twice { 18 } else { 12 });
            prop_assert_eq!(lines.iter().filter(|line| line.starts_with("---")).count(), 2);
            for line in lines {
                if let Some(scalar) = line.strip_prefix("    text: ") {
                    prop_assert_eq!(serde_json::from_str::<String>(scalar).unwrap(), label.clone());
                } else if let Some(scalar) = line.strip_prefix("    action: ") {
                    let action = serde_json::from_str::<String>(scalar).unwrap();
                    prop_assert_eq!(action, format!("iohandledlink://{}", page()));
                } else {
                    let known = ["", "---", "it:", "en:", "  cta_1:", "  cta_2:"];
                    prop_assert!(known.contains(&line), "{}", line);
                }
            }
        }
    }
}
