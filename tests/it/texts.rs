//! The texts of the locales: the same in every language, each used, none missing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Keys that the code puts together: the beginning, as the code writes it before the rest.
const DERIVED: &[&str] = &[
    "done-",
    "weekday-",
    "month-",
    "notice-subject-",
    "notice-text-",
    // Names that an integration gives.
    "admin-check-",
    // Numbers.
    "admin-level-",
    // With a colon.
    "admin-scope-",
    "holiday-",
    "desk-state-",
    "desk-language-",
    "desk-record-",
    "desk-actor-",
    "desk-task-",
    "citizen-state-",
    "citizen-step-",
    "citizen-return-",
    "citizen-message-",
    "accounting-label-",
    "accounting-advice-",
    "accounting-payment-",
    "accounting-account-",
    "accounting-meaning-",
    "accounting-change-",
];

/// Keys whose last part is a name that the code writes by itself: a code of an error, a field of a form, a form.
const NAMED: [&str; 3] = ["error-", "field-", "admin-"];
/// What the parts of a form or a table add to its name.
const PARTS: [&str; 7] = ["-help", "-submit", "-title", "-lead", "-caption", "-empty", "-use"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if !path.ends_with("node_modules") {
                found.extend(files(&path, extensions));
            }
        } else if extensions.iter().any(|e| path.extension().is_some_and(|x| x == *e)) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Every key of a language with the names of its placeholders.
fn locale(language: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut keys = BTreeMap::new();
    for file in files(&root().join("config/locales").join(language), &["ftl"]) {
        let mut current = None;
        for line in fs::read_to_string(&file).unwrap().lines() {
            if line.starts_with('#') {
                continue;
            }
            if let Some((key, _)) = line.split_once('=')
                && line.starts_with(|c: char| c.is_ascii_alphabetic())
            {
                current = Some(key.trim().to_owned());
                let repeated = keys.insert(key.trim().to_owned(), BTreeSet::new());
                assert!(repeated.is_none(), "{key} is repeated in {}", file.display());
            }
            let Some(key) = &current else { continue };
            let names = line.split('$').skip(1).map(|rest| {
                rest.chars()
                    .take_while(|c| c.is_ascii_alphanumeric() || "_-".contains(*c))
                    .collect::<String>()
            });
            keys.get_mut(key).unwrap().extend(names);
        }
    }
    assert!(!keys.is_empty());
    keys
}

/// All sources, without their unit tests: what a test invents needs no text.
fn sources() -> Vec<(String, String)> {
    files(&root().join("src"), &["rs", "html"])
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("\n#[cfg(test)]").next().unwrap();
            let is_comment = |line: &&str| line.trim_start().starts_with("//");
            let code = code.lines().filter(|line| !is_comment(line)).collect::<Vec<_>>().join("\n");
            (path.strip_prefix(root()).unwrap().display().to_string(), code)
        })
        .collect()
}

/// The text literals that follow a call's opening: `after(code, "t.get(")`.
fn first_literals<'a>(code: &'a str, call: &str) -> Vec<&'a str> {
    code.match_indices(call)
        .filter(|(at, _)| !code[..*at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
        .filter_map(|(at, _)| {
            let (text, rest) = code[at + call.len()..].trim_start().strip_prefix('"')?.split_once('"')?;
            rest.trim_start().starts_with([',', ')']).then_some(text)
        })
        .collect()
}

/// The text literals that stand last in a call: the code in `FieldError::new(name, "required")`.
fn last_literals<'a>(code: &'a str, call: &str) -> Vec<&'a str> {
    code.match_indices(call)
        .filter_map(|(at, _)| {
            let rest = &code[at + call.len()..];
            let mut depth = 1_i32;
            let end = rest.find(|c: char| {
                depth += i32::from(c == '(') - i32::from(c == ')');
                depth == 0
            })?;
            let arguments = rest[..end].trim_end().trim_end_matches(',').strip_suffix('"')?;
            let start = arguments.rfind('"')?;
            arguments[..start].trim_end().ends_with(',').then(|| &arguments[start + 1..])
        })
        .collect()
}

/// Whether some code may ask for a key.
fn is_used(key: &str, code: &str) -> bool {
    let is_written = |text: &str| code.contains(&format!("\"{text}\""));
    let is_name = |text: &str| is_written(text) || is_written(&text.replace('-', "_"));
    // What was done, as the record names it: `site-saved` for `site.saved`.
    if let Some(name) = key.strip_prefix("admin-action-") {
        let dotted = |at: usize| format!("{}.{}", &name[..at], &name[at + 1..]).replace('-', "_");
        return is_written(name) || name.match_indices('-').any(|(at, _)| is_written(&dotted(at)));
    }
    let is_derived = DERIVED.iter().any(|prefix| key.starts_with(prefix));
    is_derived || is_written(key) || {
        let ends_in_a_name = |key: &str| key.match_indices('-').any(|(at, _)| is_name(&key[at + 1..]));
        let stem = PARTS.iter().find_map(|part| key.strip_suffix(part)).unwrap_or(key);
        NAMED.iter().any(|prefix| key.starts_with(prefix)) && (ends_in_a_name(key) || ends_in_a_name(stem))
    }
}

#[test]
fn a_text_that_nothing_names_is_found() {
    let code =
        "Refused(\"busy\"); form.line(\"cbill\"); format!(\"admin-job-{kind}\"); kind = \"fetch_flows\"";
    for key in ["error-busy", "admin-pagopa-cbill-help", "admin-job-fetch-flows", "done-anything"] {
        assert!(is_used(key, code), "{key}");
    }
    assert!(is_used("admin-action-plan-put-back", "Change::of(\"plan.put_back\", …)"));
    for key in [
        "admin-action-plan-sent",
        "error-bus",
        "error-gone",
        "admin-pagopa-iban",
        "admin-job-sweep",
        "citizen-gone",
    ] {
        assert!(!is_used(key, code), "{key}");
    }
}

#[test]
fn every_language_says_the_same() {
    let (italian, english) = (locale("it"), locale("en"));
    for (key, names) in &italian {
        assert_eq!(english.get(key), Some(names), "{key}: Italian on the right, English on the left");
    }
    for key in english.keys() {
        assert!(italian.contains_key(key), "{key} is only in English");
    }
}

#[test]
fn no_text_is_missing() {
    let keys = locale("it");
    let mut missing = BTreeSet::new();
    for (path, code) in sources() {
        let mut need = |key: String| {
            if !keys.contains_key(&key) && !key.contains('…') && !key.contains('{') {
                missing.insert(format!("{path}: {key}"));
            }
        };
        for call in ["t.get(", "t.with("] {
            first_literals(&code, call).into_iter().for_each(|key| need(key.to_owned()));
        }
        for call in ["Refused(", "Forbidden(", "unauthorized("] {
            first_literals(&code, call).into_iter().for_each(|error| need(format!("error-{error}")));
        }
        for action in first_literals(&code, "Change::of(") {
            // Operators read an appointment's.
            let area = if action.starts_with("appointment.") { "desk-record" } else { "admin-action" };
            need(format!("{area}-{}", action.replace(['.', '_'], "-")));
        }
        for call in ["FieldError::new(", "Error::field("] {
            last_literals(&code, call).into_iter().for_each(|error| need(format!("field-{error}")));
        }
    }
    assert!(
        missing.is_empty(),
        "texts that are missing in the locales:\n{}",
        Vec::from_iter(missing).join("\n")
    );
}

#[test]
fn no_text_is_left_over() {
    let all: String = sources().into_iter().map(|(_, code)| code).collect();
    for prefix in DERIVED {
        assert!(
            all.contains(&format!("\"{prefix}{{")),
            "no code puts together keys that begin with {prefix}"
        );
    }
    let unused: Vec<_> = locale("it").into_keys().filter(|key| !is_used(key, &all)).collect();
    assert!(unused.is_empty(), "texts that nothing uses:\n{}", unused.join("\n"));
}
