//! Where a login comes back to. It is part of an address that anybody can write, so only pages of the same entity count.

/// Pages that would only send the person away again.
const NOT_AFTER_LOGIN: [&str; 3] = ["accesso", "personale/accesso", "esci"];

/// The asked address if it is a local one under the entity's, in the form the browser will read it; `None` otherwise.
#[must_use]
pub fn local_path<'a>(slug: &str, asked: &'a str) -> Option<&'a str> {
    let below = asked.strip_prefix('/')?.strip_prefix(slug)?.strip_prefix('/')?;
    // Browsers read a backslash as a slash, drop control characters, and walk up on dots, encoded or not.
    let is_plain = asked.len() <= 1000 && asked.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    let path = below.split(['?', '#']).next().unwrap_or_default();
    let lower = path.to_ascii_lowercase().replace("%2e", ".");
    let walks = lower.split('/').any(|segment| matches!(segment, "." | ".."));
    let loops = NOT_AFTER_LOGIN
        .iter()
        .any(|page| path.strip_prefix(page).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
    (is_plain && !walks && !loops).then_some(asked)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pages_of_the_entity_are_taken() {
        for path in ["/terni/", "/terni/area-personale", "/terni/prenota/x?a=1&b=/../c#d", "/terni/a..b"] {
            assert_eq!(local_path("terni", path), Some(path));
        }
    }

    #[test]
    fn nothing_else_is() {
        for path in [
            "",
            "/",
            "/terni",
            "//evil.example/terni/",
            "https://evil.example/terni/",
            "/spoleto/area-personale",
            "/terni2/x",
            "/terni/../spoleto/x",
            "/terni/%2e%2E/spoleto/x",
            "/terni/./x",
            "/\\evil.example/terni/",
            "/terni/\\evil",
            "/terni/\tx",
            "/terni/x\r\nset-cookie: a=b",
            "/terni/accesso",
            "/terni/accesso/spid",
            "/terni/personale/accesso",
            "/terni/esci",
        ] {
            assert_eq!(local_path("terni", path), None, "{path:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_taken_stays_on_this_host_under_the_entity(asked in ".{0,60}") {
            let asked = format!("/terni/{asked}");
            if let Some(path) = local_path("terni", &asked) {
                let base = url::Url::parse("https://sportello.example.it/").unwrap();
                let joined = base.join(path).unwrap();
                prop_assert_eq!(joined.host_str(), Some("sportello.example.it"));
                prop_assert!(joined.path().starts_with("/terni/"));
            }
        }
    }
}
