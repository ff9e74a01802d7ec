//! From bytes to elements: encodings, refusals, positions.

use std::borrow::Cow;

use quick_xml::encoding::{decode as decode_as, detect_encoding};
use quick_xml::events::{BytesRef, Event};
use quick_xml::reader::Reader;

use super::{JournalError, Position};

/// Elements whose content is not the treasurer's statement: the signature, and data the bank adds for its own use.
const SKIPPED: [&str; 2] = ["signature", "dati_a_disposizione_bt"];

/// Other files that treasurers' portals offer beside the journal, by their first bytes.
const OTHER_FILES: [(&[u8], &str); 5] = [
    (b"PK\x03\x04", "a ZIP archive (read the files in it one by one)"),
    (b"%PDF", "a PDF document"),
    (b"\xd0\xcf\x11\xe0", "an old Office document (XLS)"),
    (b"\x1f\x8b", "a GZIP archive"),
    (b"\x30\x82", "a signed envelope (P7M; read its content)"),
];

/// Deeper than any version goes (5), the bank's own data and a signature included, so that nothing legitimate is refused.
const DEPTH_MAX: usize = 32;

/// An XML declaration is far shorter than this many bytes.
const MAX_DECLARATION_BYTES: usize = 1024;

/// The file as text, in the encoding its first bytes show or its declaration names; else in UTF-8.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, JournalError> {
    let detected = detect_encoding(bytes);
    let body = &bytes[detected.as_ref().map_or(0, |found| found.bom_len())..];
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(JournalError::Empty);
    }
    if let Some((_, kind)) = OTHER_FILES.iter().find(|(magic, _)| body.starts_with(magic)) {
        return Err(JournalError::NotXml(kind));
    }
    let text = match detected {
        // ASCII-compatible so far: only the declaration tells which encoding it is.
        Some(_) if body.starts_with(b"<?xml") && body.len() == bytes.len() => decode_declared(body)?,
        Some(found) => decode_as(body, found.encoding()).map_err(JournalError::NotInEncoding)?,
        None => utf8(body)?,
    };
    if text.trim_start().starts_with('<') { Ok(text) } else { Err(JournalError::NotXml("plain text")) }
}

fn utf8(body: &[u8]) -> Result<Cow<'_, str>, JournalError> {
    std::str::from_utf8(body).map(Cow::Borrowed).map_err(|error| JournalError::NotInEncoding(error.into()))
}

fn decode_declared(body: &[u8]) -> Result<Cow<'_, str>, JournalError> {
    let head = &body[..body.len().min(MAX_DECLARATION_BYTES)];
    let end = head.windows(2).position(|pair| pair == b"?>").map_or(0, |at| at + 2);
    let declaration = utf8(&head[..end])?;
    match Reader::from_str(&declaration).read_event() {
        Ok(Event::Decl(found)) if found.encoding().is_some() => {
            let encoding = found.encoder().ok_or(JournalError::UnknownEncoding)?;
            decode_as(body, encoding).map_err(JournalError::NotInEncoding)
        }
        _ => utf8(body),
    }
}

/// Receives the elements of a document, in order. Names are local and in lower case.
pub(super) trait Visitor {
    /// An element starts at this byte of the text.
    fn open(&mut self, name: &str, at: usize);
    /// An element that started at this byte ends; `text` is its own text, trimmed.
    fn close(&mut self, name: &str, text: &str, at: usize) -> Result<(), JournalError>;
}

/// Walks the document, refusing what a journal never needs.
pub(super) fn walk(text: &str, visitor: &mut impl Visitor) -> Result<(), JournalError> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<(String, usize)> = Vec::new();
    let mut content = String::new();
    let mut seen_root = false;
    // How deep the skipped element is that we are in.
    let mut skipped: Option<usize> = None;
    loop {
        let at = offset(reader.buffer_position());
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(source) => return Err(malformed(text, offset(reader.error_position()), source)),
        };
        let is_over = seen_root && open.is_empty();
        match event {
            Event::Start(_) | Event::Empty(_) | Event::CData(_) | Event::GeneralRef(_) if is_over => {
                return Err(JournalError::TrailingContent { at: position(text, at) });
            }
            Event::Text(part) if is_over && !part.trim().is_empty() => {
                return Err(JournalError::TrailingContent { at: position(text, at) });
            }
            Event::Start(_) if open.len() == DEPTH_MAX => {
                return Err(JournalError::TooDeep { at: position(text, at), depth_max: DEPTH_MAX });
            }
            Event::Start(tag) | Event::Empty(tag) if open.is_empty() && tag.local_name().as_ref() != ROOT => {
                return Err(JournalError::NotAJournal { at: position(text, at) });
            }
            Event::Start(tag) => {
                seen_root = true;
                let name = tag.local_name().as_ref().to_ascii_lowercase();
                if skipped.is_none() && SKIPPED.contains(&name.as_str()) {
                    skipped = Some(open.len());
                }
                if skipped.is_none() {
                    visitor.open(&name, at);
                }
                open.push((name, at));
                content.clear();
            }
            Event::End(_) => {
                match open.pop() {
                    Some((name, at)) if skipped.is_none() => visitor.close(&name, content.trim(), at)?,
                    _ => skipped = skipped.filter(|depth| *depth < open.len()),
                }
                content.clear();
            }
            Event::Text(part) => content.push_str(&part.xml10_content()),
            Event::CData(part) => content.push_str(&part.xml10_content()),
            Event::GeneralRef(reference) => {
                let resolved =
                    resolve(&reference).ok_or(JournalError::Reference { at: position(text, at) })?;
                content.push(resolved);
            }
            Event::DocType(_) => return Err(JournalError::DocumentType { at: position(text, at) }),
            Event::Eof if open.is_empty() && seen_root => return Ok(()),
            Event::Eof => return Err(JournalError::Unfinished { at: position(text, at) }),
            // An element without content says no more than its absence.
            Event::Empty(_) | Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
        }
    }
}

const ROOT: &str = "flusso_giornale_di_cassa";

/// The character a reference stands for: the five of XML, or a number of a character XML 1.0 allows.
fn resolve(reference: &BytesRef<'_>) -> Option<char> {
    match reference.as_ref() {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => {
            let found = reference.resolve_char_ref().ok()??;
            (!found.is_control() || matches!(found, '\t' | '\n' | '\r')).then_some(found)
        }
    }
}

fn malformed(text: &str, at: usize, source: quick_xml::Error) -> JournalError {
    let at = position(text, at);
    JournalError::Malformed { at, source }
}

fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

/// Line and column of a byte of the text.
pub(super) fn position(text: &str, at: usize) -> Position {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Position { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
}
