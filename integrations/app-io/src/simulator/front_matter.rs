//! The app's side of the front matter: reading buttons from a message.
//!
//! It reads the YAML a front matter needs (nested mappings of quoted or plain scalars) and takes
//! anything else for broken, as the app does with what its own parser refuses.

/// A message taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Parsed<'a> {
    /// The buttons in Italian, and the text after the front matter.
    Read { calls: Vec<Call>, body: &'a str },
    /// The app shows a warning and the raw text.
    Broken,
}

/// A button.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Call {
    pub text: String,
    pub action: String,
}

/// A leaf of the mapping: the keys that lead to it, and its value.
type Leaf = (Vec<String>, String);

pub(super) fn parse(markdown: &str) -> Parsed<'_> {
    let Some(rest) = markdown.strip_prefix("---\n") else {
        let calls = Vec::new();
        return Parsed::Read { calls, body: markdown };
    };
    let Some((yaml, body)) = rest.split_once("\n---\n") else {
        return Parsed::Broken;
    };
    match leaves(yaml) {
        Some(leaves) => Parsed::Read { calls: calls(&leaves, "it"), body },
        None => Parsed::Broken,
    }
}

/// A button without text or action does not exist, and without a first there is no second.
fn calls(leaves: &[Leaf], locale: &str) -> Vec<Call> {
    let find = |name: &str, field: &str| {
        let leaf = leaves.iter().find(|(path, _)| *path == [locale, name, field]);
        leaf.map(|(_, value)| value.clone())
    };
    ["cta_1", "cta_2"]
        .into_iter()
        .map_while(|name| Some(Call { text: find(name, "text")?, action: find(name, "action")? }))
        .collect()
}

fn leaves(yaml: &str) -> Option<Vec<Leaf>> {
    let mut leaves = Vec::new();
    // Indentation and key of every mapping that is open.
    let mut open: Vec<(usize, String)> = Vec::new();
    for line in yaml.lines().filter(|line| !line.trim().is_empty()) {
        let text = line.trim_start_matches(' ');
        let indent = line.len() - text.len();
        while open.last().is_some_and(|(outer, _)| *outer >= indent) {
            open.pop();
        }
        let (key, value) = text.split_once(':')?;
        if key.is_empty() || !key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            return None;
        }
        if value.is_empty() {
            open.push((indent, key.to_owned()));
            continue;
        }
        let value = scalar(value.strip_prefix(' ')?.trim())?;
        let path = open.iter().map(|(_, key)| key.clone());
        leaves.push((path.chain([key.to_owned()]).collect(), value));
    }
    Some(leaves)
}

fn scalar(text: &str) -> Option<String> {
    if let Some(quoted) = text.strip_prefix('"') {
        return double_quoted(quoted.strip_suffix('"')?);
    }
    if let Some(quoted) = text.strip_prefix('\'') {
        let inner = quoted.strip_suffix('\'')?.replace("''", "\0");
        return (!inner.contains('\'')).then(|| inner.replace('\0', "'"));
    }
    let has_indicator = text.starts_with(|first: char| "&*!|>%@`[]{},#?-".contains(first));
    let is_ambiguous = text.contains(": ") || text.contains(" #") || text.ends_with(':');
    (!has_indicator && !is_ambiguous).then(|| text.to_owned())
}

/// YAML 1.2, section 5.7, without the escapes nobody writes.
fn double_quoted(inner: &str) -> Option<String> {
    let mut value = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => return None,
            '\\' => value.push(match characters.next()? {
                same @ ('"' | '\\' | '/') => same,
                'n' => '\n',
                't' => '\t',
                'x' => code_point(&mut characters, 2)?,
                'u' => code_point(&mut characters, 4)?,
                'U' => code_point(&mut characters, 8)?,
                _ => return None,
            }),
            plain => value.push(plain),
        }
    }
    Some(value)
}

fn code_point(characters: &mut std::str::Chars<'_>, digits: usize) -> Option<char> {
    let mut code = 0;
    for _ in 0..digits {
        code = code * 16 + characters.next()?.to_digit(16)?;
    }
    char::from_u32(code)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::message::{CallToAction, Markdown};

    #[test]
    fn hand_written_yaml_is_read() {
        let markdown = "---\nit:\n  cta_1:\n    text: 'L''appuntamento'\n    action: ioit://main\n\
                        en:\n  cta_1:\n    text: Open\n    action: ioit://main\n---\nTesto";
        let Parsed::Read { calls, body } = parse(markdown) else {
            panic!("not read");
        };
        assert_eq!(body, "Testo");
        let text = "L'appuntamento".to_owned();
        let action = "ioit://main".to_owned();
        assert_eq!(calls, [Call { text, action }]);
    }

    #[test]
    fn what_yaml_refuses_is_broken() {
        for yaml in [
            "it:\n  cta_1:\n    text: \"a\" b\"",
            "it:\n\tcta_1:",
            "it:\n  text: a: b",
            "it:\n  text: [a",
            "solo testo",
            "it:\n  text: \"a\\q\"",
        ] {
            assert_eq!(parse(&format!("---\n{yaml}\n---\nTesto")), Parsed::Broken, "{yaml}");
        }
        assert_eq!(parse("---\nit:\n"), Parsed::Broken);
    }

    proptest! {
        #[test]
        fn the_app_reads_what_we_write(
            labels in prop::collection::vec("[^\\p{Cc}]{0,30}x[^\\p{Cc}]{0,3}", 1..3),
            path in "[^\\p{Cc}]{0,30}",
        ) {
            let mut url = url::Url::parse("https://comune.example.it/").unwrap();
            url.set_path(&path);
            let calls: Vec<_> = labels
                .iter()
                .map(|label| CallToAction::new(label, "English", &url).unwrap())
                .collect();
            let markdown = Markdown::new("Testo del messaggio.", &calls).unwrap();
            let expected: Vec<_> = labels
                .into_iter()
                .map(|text| Call { text, action: format!("iohandledlink://{url}") })
                .collect();
            let Parsed::Read { calls, body } = parse(markdown.as_str()) else {
                panic!("not read: {markdown:?}");
            };
            prop_assert_eq!(calls, expected);
            prop_assert_eq!(body.trim_start(), "Testo del messaggio.");
        }
    }
}
