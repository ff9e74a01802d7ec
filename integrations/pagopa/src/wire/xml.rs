//! The one gate every XML document passes before anything reads it.
//!
//! What reaches the station comes from the internet, and a flow may be any file a person picks: size, encoding, characters and depth
//! are checked, document type definitions and every entity of one's own are refused (no expansion, no external reads: CWE-611, CWE-776).

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

use super::shorten;

/// Deeper than any of our schemas goes (SOAP envelope included, 8), so that nothing legitimate is refused.
const DEPTH_MAX: usize = 32;

/// Why a document was not even looked into.
#[derive(Debug, thiserror::Error)]
pub enum XmlError {
    /// Longer than the caller allows.
    #[error("the document is longer than {limit_bytes} bytes")]
    TooLarge {
        /// The caller's limit.
        limit_bytes: usize,
    },
    /// The declared encoding is unknown, or the bytes do not follow it.
    #[error("the document is not readable as {encoding}")]
    Encoding {
        /// The declared encoding, UTF-8 where none is.
        encoding: String,
    },
    /// There is no XML element at the start: JSON, plain text, an empty body…
    #[error("the document is not XML: it does not start with an element")]
    NotXml,
    /// It begins as XML and then breaks the rules of XML.
    #[error("the document is not well-formed XML at byte {position}")]
    Malformed {
        /// Where, counted in the document as UTF-8.
        position: u64,
        /// Which rule.
        #[source]
        source: quick_xml::Error,
    },
    /// An element is never closed.
    #[error("the document ends inside an element")]
    Truncated,
    /// Something follows the root element.
    #[error("the document goes on after its root element")]
    TrailingContent,
    /// It carries a `<!DOCTYPE …>`.
    #[error("the document has a document type definition, which is refused")]
    Doctype,
    /// It uses an entity other than the five of XML itself.
    #[error("the document uses the entity `{0}`, which is refused")]
    Entity(String),
    /// It holds a character that XML 1.0 forbids, written out or as a reference.
    #[error("the document holds the forbidden character U+{0:04X}")]
    Character(u32),
    /// Elements are nested beyond reason.
    #[error("the document is nested deeper than {DEPTH_MAX} elements")]
    TooDeep,
}

/// The document as text, once it is known to be harmless and well formed.
pub(crate) fn read(bytes: &[u8], limit_bytes: usize) -> Result<Cow<'_, str>, XmlError> {
    if bytes.len() > limit_bytes {
        return Err(XmlError::TooLarge { limit_bytes });
    }
    let text = decode(bytes)?;
    if let Some(forbidden) = text.chars().find(|c| !is_xml_char(*c)) {
        return Err(XmlError::Character(forbidden.into()));
    }
    check(&text)?;
    Ok(text)
}

/// Text that any XML 1.0 document may carry: what it cannot carry (control characters) is left out, for it has no escape.
pub(crate) fn carriable(text: &str) -> String {
    text.chars().filter(|c| is_xml_char(*c)).collect()
}

/// XML 1.0 §2.2, production `Char`.
fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}')
}

fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, XmlError> {
    const BOM: &[u8] = b"\xEF\xBB\xBF";
    let bytes = bytes.strip_prefix(BOM).unwrap_or(bytes);
    let Some(declaration) = declaration(bytes) else {
        return utf8(bytes);
    };
    let Ok(Event::Decl(decl)) = Reader::from_str(declaration).read_event() else {
        return utf8(bytes);
    };
    match (decl.encoding(), decl.encoder()) {
        (None, _) => utf8(bytes),
        (Some(_), Some(encoding)) => encoding
            .decode_without_bom_handling_and_without_replacement(bytes)
            .ok_or_else(|| XmlError::Encoding { encoding: encoding.name().to_owned() }),
        (Some(label), None) => Err(XmlError::Encoding { encoding: shorten(&label.unwrap_or_default()) }),
    }
}

/// The `<?xml …?>` line, which is ASCII in every encoding we read.
fn declaration(bytes: &[u8]) -> Option<&str> {
    const LENGTH_MAX: usize = 256;
    let head = &bytes[..bytes.len().min(LENGTH_MAX)];
    let end = head.windows(2).position(|pair| pair == b"?>")? + 2;
    std::str::from_utf8(&head[..end]).ok().filter(|line| line.starts_with("<?xml"))
}

fn utf8(bytes: &[u8]) -> Result<Cow<'_, str>, XmlError> {
    std::str::from_utf8(bytes)
        .map(Cow::Borrowed)
        .map_err(|_| XmlError::Encoding { encoding: "UTF-8".to_owned() })
}

fn check(xml: &str) -> Result<(), XmlError> {
    let mut reader = Reader::from_str(xml);
    let mut depth = 0_usize;
    let mut roots = 0_usize;
    loop {
        let event = reader
            .read_event()
            .map_err(|source| XmlError::Malformed { position: reader.error_position(), source })?;
        match event {
            Event::Start(_) | Event::Empty(_) if depth == 0 && roots > 0 => {
                return Err(XmlError::TrailingContent);
            }
            Event::Start(_) if depth == DEPTH_MAX => return Err(XmlError::TooDeep),
            Event::Start(_) => {
                roots += usize::from(depth == 0);
                depth += 1;
            }
            Event::Empty(_) => roots += usize::from(depth == 0),
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Text(text) if depth == 0 && !text.trim().is_empty() => return Err(outside(roots)),
            Event::CData(_) | Event::GeneralRef(_) if depth == 0 => return Err(outside(roots)),
            Event::GeneralRef(reference) => check_reference(&reference)?,
            Event::DocType(_) => return Err(XmlError::Doctype),
            Event::Eof => break,
            Event::Text(_) | Event::CData(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
    match (roots, depth) {
        (0, _) => Err(XmlError::NotXml),
        (_, 0) => Ok(()),
        _ => Err(XmlError::Truncated),
    }
}

fn outside(roots: usize) -> XmlError {
    if roots == 0 { XmlError::NotXml } else { XmlError::TrailingContent }
}

fn check_reference(reference: &BytesRef<'_>) -> Result<(), XmlError> {
    match reference.resolve_char_ref() {
        Ok(Some(c)) if is_xml_char(c) => Ok(()),
        Ok(Some(c)) => Err(XmlError::Character(c.into())),
        Ok(None) if matches!(&**reference, "lt" | "gt" | "amp" | "apos" | "quot") => Ok(()),
        Ok(None) | Err(_) => Err(XmlError::Entity(shorten(reference))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(document: &[u8]) -> String {
        read(document, 4_096).unwrap_err().to_string()
    }

    #[test]
    fn hostile_documents_are_refused_for_what_they_are() {
        assert_eq!(
            reason(br#"<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>"#),
            "the document has a document type definition, which is refused"
        );
        assert_eq!(reason(b"<a>&lol;</a>"), "the document uses the entity `lol`, which is refused");
        assert_eq!(reason(b"<a>&#0;</a>"), "the document uses the entity `#0`, which is refused");
        assert_eq!(reason(b"<a>&#1;</a>"), "the document holds the forbidden character U+0001");
        assert_eq!(reason(b"<a>\x01</a>"), "the document holds the forbidden character U+0001");
        assert_eq!(reason("<a>".repeat(40).as_bytes()), "the document is nested deeper than 32 elements");
        assert_eq!(reason(&[b' '; 5_000]), "the document is longer than 4096 bytes");
    }

    #[test]
    fn broken_documents_are_refused_with_the_exact_reason() {
        for not_xml in [
            &b""[..],
            b"  \n",
            br#"{"a":1}"#,
            b"%PDF-1.4",
            b"&amp;",
            b"<![CDATA[x]]><a/>",
            b"<?xml version=\"1.0\"?>",
        ] {
            assert_eq!(reason(not_xml), "the document is not XML: it does not start with an element");
        }
        assert_eq!(reason(b"<a><b></a>"), "the document is not well-formed XML at byte 6");
        assert_eq!(reason(b"<a>"), "the document ends inside an element");
        assert_eq!(reason(b"<a/><b/>"), "the document goes on after its root element");
        assert_eq!(reason(b"<a/>tail"), "the document goes on after its root element");
        assert_eq!(reason(b"<a>\xE0</a>"), "the document is not readable as UTF-8");
        assert_eq!(
            reason(br#"<?xml version="1.0" encoding="KLINGON"?><a/>"#),
            "the document is not readable as KLINGON"
        );
    }

    #[test]
    fn the_declared_encoding_is_followed() {
        let latin = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>citt\xE0</a>";
        assert!(read(latin, 4_096).unwrap().contains("città"));
        let utf8 = "\u{FEFF}<?xml version=\"1.0\" encoding=\"utf-8\"?><a>città &amp; &#xE0;</a>";
        assert!(read(utf8.as_bytes(), 4_096).unwrap().starts_with("<?xml"));
        assert!(read(b"<!-- c --><?pi x?><a>&lt;<![CDATA[&]]></a>\n", 4_096).is_ok());
    }
}
