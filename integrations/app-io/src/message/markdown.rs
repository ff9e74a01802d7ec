//! The text of a message.

use std::fmt;

use serde::Serialize;

use super::call_to_action::{CallToAction, MAX_CALLS_TO_ACTION, front_matter};
use super::{MARKDOWN_UNITS, MessageError, utf16_units};

/// The text of a message with its front matter: 80 to 10,000 UTF-16 units in all.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Markdown(String);

impl Markdown {
    /// Puts the buttons before the text and checks the whole.
    ///
    /// Three hyphens in a row are refused anywhere in `body`: at the start of a line the app may
    /// take them for front matter, and the e-mail copy App IO sends begins after the last of them.
    /// Text written by people goes through [`escape_markdown`] first, which takes care of that.
    ///
    /// # Errors
    /// [`MessageError::HyphensInBody`], [`MessageError::TooManyCallsToAction`],
    /// [`MessageError::MarkdownTooShort`] or [`MessageError::MarkdownTooLong`].
    pub fn new(body: &str, calls: &[CallToAction]) -> Result<Self, MessageError> {
        if body.contains("---") {
            return Err(MessageError::HyphensInBody);
        }
        if calls.len() > MAX_CALLS_TO_ACTION {
            return Err(MessageError::TooManyCallsToAction { count: calls.len() });
        }
        let text = front_matter(calls) + body;
        let units = utf16_units(&text);
        if units < *MARKDOWN_UNITS.start() {
            return Err(MessageError::MarkdownTooShort { units });
        }
        if units > *MARKDOWN_UNITS.end() {
            return Err(MessageError::MarkdownTooLong { units });
        }
        Ok(Self(text))
    }

    /// Front matter and text as they are sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Markdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Markdown({} units)", utf16_units(&self.0))
    }
}

/// Makes a piece of text written by people (a name, the title of a service, an answer) show as it
/// is when it stands anywhere inside a message: nothing in it becomes markup, a link, a list or a
/// fence. Line breaks and runs of blanks become one space.
#[must_use]
pub fn escape_markdown(text: &str) -> String {
    let words = text
        .split(|character: char| character.is_whitespace() || character.is_control())
        .filter(|word| !word.is_empty());
    let mut escaped = String::with_capacity(text.len() + 8);
    for word in words {
        let opens = escaped.is_empty();
        if !opens {
            escaped.push(' ');
        }
        escape_word(word, opens, &mut escaped);
    }
    escaped
}

/// `opens` says that the word may stand at the start of a line, where more characters have a meaning.
fn escape_word(word: &str, opens: bool, escaped: &mut String) {
    let is_ordinal = opens
        && word
            .strip_suffix('.')
            .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()));
    let mut previous = None;
    for (at, character) in word.char_indices() {
        let needs_escape = match character {
            '\\' | '`' | '*' | '_' | '[' | ']' | '(' | ')' | '#' | '<' | '>' | '~' | '|' | '&' | '!' => true,
            '-' => previous == Some('-') || (opens && previous.is_none()),
            '+' | '=' => opens && previous.is_none(),
            '.' => is_ordinal,
            // An address alone would become a link.
            ':' => word[at..].starts_with("://"),
            _ => false,
        };
        if needs_escape {
            escaped.push('\\');
        }
        escaped.push(character);
        previous = Some(character);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn call() -> CallToAction {
        let url = "https://comune.example.it/".parse().unwrap();
        CallToAction::new("Apri", "Open", &url).unwrap()
    }

    #[test]
    fn the_front_matter_counts() {
        let matter = utf16_units(&front_matter(&[call()]));
        assert!(Markdown::new("Breve", &[]).is_err());
        assert!(Markdown::new("Breve", &[call()]).is_ok());
        let longest = "x".repeat(10_000 - matter);
        assert!(Markdown::new(&longest, &[call()]).is_ok());
        let refused = Markdown::new(&format!("{longest}x"), &[call()]);
        assert_eq!(refused, Err(MessageError::MarkdownTooLong { units: 10_001 }));
    }

    #[test]
    fn two_buttons_are_the_most() {
        let calls = [call(), call(), call()];
        assert!(Markdown::new("Testo", &calls[..2]).is_ok());
        let refused = Markdown::new("Testo", &calls);
        assert_eq!(refused, Err(MessageError::TooManyCallsToAction { count: 3 }));
    }

    #[test]
    fn fences_are_refused() {
        for body in ["a\n---\nb", "--- x", "fine----"] {
            let body = body.to_owned() + &"x".repeat(80);
            assert_eq!(Markdown::new(&body, &[]), Err(MessageError::HyphensInBody));
        }
    }

    #[test]
    fn people_s_text_shows_as_written() {
        for (written, escaped) in [
            ("Maria-Rosa D'Àngelo", "Maria-Rosa D'Àngelo"),
            ("**gratis** [qui](http://x)", r"\*\*gratis\*\* \[qui\]\(http\://x\)"),
            ("--- it:", r"\-\-\- it:"),
            ("a---b", r"a-\-\-b"),
            ("1. primo", r"1\. primo"),
            ("riga\r\n# due", r"riga \# due"),
            ("  + x <b> ", r"\+ x \<b\>"),
        ] {
            assert_eq!(escape_markdown(written), escaped);
        }
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_no_fence_appears(text in any::<String>()) {
            let escaped = escape_markdown(&text);
            prop_assert!(!escaped.contains("---"));
            prop_assert!(!escaped.contains(char::is_control));
            let mut shown = String::new();
            let mut characters = escaped.chars();
            while let Some(character) = characters.next() {
                shown.push(if character == '\\' { characters.next().unwrap() } else { character });
            }
            let words: Vec<_> = text
                .split(|c: char| c.is_whitespace() || c.is_control())
                .filter(|word| !word.is_empty())
                .collect();
            prop_assert_eq!(shown, words.join(" "));
        }

        #[test]
        fn the_text_is_measured_in_utf16(letters in 0usize..10_100, emoji in 0usize..60) {
            let units = letters + 2 * emoji;
            let expected = match units {
                0..80 => Some(MessageError::MarkdownTooShort { units }),
                80..=10_000 => None,
                _ => Some(MessageError::MarkdownTooLong { units }),
            };
            let text = "è".repeat(letters) + &"📅".repeat(emoji);
            prop_assert_eq!(Markdown::new(&text, &[]).err(), expected);
        }
    }
}
