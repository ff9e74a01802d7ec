//! The app's markdown, as simple HTML: headings, lists, paragraphs, emphasis, code and links. HTML
//! in a message is shown as text.

const LINK_SCHEMES: [&str; 4] = ["https://", "http://", "mailto:", "tel:"];

/// Marks that open and close, and the element each becomes; longer ones first.
const MARKS: [(&str, &str); 5] =
    [("**", "strong"), ("__", "strong"), ("*", "em"), ("_", "em"), ("`", "code")];

pub(super) fn html(markdown: &str) -> String {
    let mut page = String::with_capacity(markdown.len() * 2);
    let mut paragraph = Vec::new();
    let mut items = Vec::new();
    for line in markdown.lines().map(str::trim).chain([""]) {
        let item = ["- ", "* ", "+ "].iter().find_map(|bullet| line.strip_prefix(bullet));
        if item.is_none() {
            flush_list(&mut page, &mut items);
        }
        if item.is_some() || line.is_empty() || heading(line).is_some() {
            flush_paragraph(&mut page, &mut paragraph);
        }
        if let Some(item) = item {
            items.push(item);
        } else if let Some((level, title)) = heading(line) {
            // The page has two levels of its own above a message's.
            let level = (level + 2).min(6);
            page.push_str(&format!("<h{level}>{}</h{level}>\n", inline(title)));
        } else if !line.is_empty() {
            paragraph.push(line);
        }
    }
    page
}

fn flush_list(page: &mut String, items: &mut Vec<&str>) {
    if !items.is_empty() {
        let lines = items.drain(..).map(|item| format!("<li>{}</li>", inline(item)));
        page.push_str(&format!("<ul>{}</ul>\n", lines.collect::<String>()));
    }
}

fn flush_paragraph(page: &mut String, lines: &mut Vec<&str>) {
    if !lines.is_empty() {
        page.push_str(&format!("<p>{}</p>\n", inline(&lines.join("\n"))));
        lines.clear();
    }
}

fn heading(line: &str) -> Option<(usize, &str)> {
    let title = line.trim_start_matches('#');
    let level = line.len() - title.len();
    let title = title.strip_prefix(' ')?;
    (1..=6).contains(&level).then_some((level, title))
}

fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let after = &rest[character.len_utf8()..];
        if character == '\\'
            && let Some(literal) = after.chars().next().filter(char::is_ascii_punctuation)
        {
            push_escaped(&mut out, literal);
            rest = &after[1..];
        } else if let Some((element, end)) = link(rest).or_else(|| marked(rest)) {
            out.push_str(&element);
            rest = end;
        } else {
            push_escaped(&mut out, character);
            rest = after;
        }
    }
    out
}

/// `[text](address)`. An address the app cannot open stays text.
fn link(text: &str) -> Option<(String, &str)> {
    let inner = text.strip_prefix('[')?;
    let (label, after) = split_unescaped(inner, "]")?;
    let (address, rest) = split_unescaped(after.strip_prefix('(')?, ")")?;
    let opens = LINK_SCHEMES.iter().any(|scheme| address.starts_with(scheme));
    let label = inline(label);
    let element = if opens {
        format!("<a href=\"{}\">{label}</a>", escaped(address))
    } else {
        format!("{label} ({})", escaped(address))
    };
    Some((element, rest))
}

fn marked(text: &str) -> Option<(String, &str)> {
    MARKS.iter().find_map(|(mark, element)| {
        let (inner, rest) = split_unescaped(text.strip_prefix(mark)?, mark)?;
        let has_text = !inner.is_empty() && inner.trim() == inner;
        let content = if *element == "code" { escaped(inner) } else { inline(inner) };
        has_text.then(|| (format!("<{element}>{content}</{element}>"), rest))
    })
}

/// Splits at the first `end` that no backslash precedes.
fn split_unescaped<'a>(text: &'a str, end: &str) -> Option<(&'a str, &'a str)> {
    let mut is_escaped = false;
    for (at, character) in text.char_indices() {
        if is_escaped {
            is_escaped = false;
        } else if character == '\\' {
            is_escaped = true;
        } else if let Some(rest) = text[at..].strip_prefix(end) {
            return Some((&text[..at], rest));
        }
    }
    None
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    text.chars().for_each(|character| push_escaped(&mut out, character));
    out
}

fn push_escaped(out: &mut String, character: char) {
    match character {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '"' => out.push_str("&quot;"),
        '\'' => out.push_str("&#39;"),
        other => out.push(other),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::message::escape_markdown;

    #[test]
    fn the_documented_markup_is_shown() {
        let markdown =
            "# Titolo\n**Quando:** il *12*\nalle `10`\n\n- uno\n- [due](https://a.it/?a=1&b=2)\n\nfine";
        assert_eq!(
            html(markdown),
            "<h3>Titolo</h3>\n<p><strong>Quando:</strong> il <em>12</em>\nalle <code>10</code></p>\n\
             <ul><li>uno</li><li><a href=\"https://a.it/?a=1&amp;b=2\">due</a></li></ul>\n<p>fine</p>\n"
        );
    }

    #[test]
    fn nothing_in_a_message_becomes_active() {
        let page = html("<script>x</script> [x](javascript:alert%281%29) [y](https://\"onclick=)");
        assert!(!page.contains("<script") && !page.contains("href=\"javascript"), "{page}");
        assert!(page.contains("href=\"https://&quot;onclick=\""), "{page}");
    }

    proptest! {
        #[test]
        fn escaped_text_shows_as_written(text in "\\PC{1,60}") {
            let written: Vec<_> = text.split_whitespace().collect();
            prop_assume!(!written.is_empty());
            let expected = format!("<p>{}</p>\n", escaped(&written.join(" ")));
            prop_assert_eq!(html(&escape_markdown(&text)), expected);
        }

        #[test]
        fn any_text_can_be_shown(text in any::<String>()) {
            prop_assert!(!html(&text).contains("<script"));
        }
    }
}
