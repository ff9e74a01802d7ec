//! `RFB` and `RFS`: the transfer of one payment, from before cumulative transfers were the rule.

use super::text::{MAX_ID, Run, Text};
use super::{Certainty, Reference, Remittance};

/// The lengths of IUVs the platform ever gave out: 15 (auxiliary digit 0) and 17 (1, 2, 3).
const IUV_LENGTHS: [usize; 2] = [15, 17];
/// An ISO 11649 reference is printed in groups of four.
const GROUP: usize = 4;
/// An ISO 11649 reference has at most 25 characters.
const MAX_RF: usize = 25;

/// The payment a text names; `None` when it names none.
pub(super) fn parse(text: &Text) -> Option<Remittance> {
    let place = (0..text.len()).find(|place| is_marker(text, *place))?;
    let start = text.skip_separators(place + "RFB".len());
    let run = text.run(start, |c| c.is_ascii_alphanumeric());
    if run.pieces.is_empty() {
        return Some(Remittance { truncated: run.ends_text, ..Remittance::NONE });
    }
    Some(creditor_reference(&run).unwrap_or_else(|| plain(&run)))
}

/// `RFB` or `RFS` as a word, with the separator that belongs to it on at least one side.
fn is_marker(text: &Text, place: usize) -> bool {
    if !text.has(place, "RFB") && !text.has(place, "RFS") {
        return false;
    }
    let is_separator = |place: usize| text.at(place).is_some_and(|c| matches!(c, '/' | '.' | ':'));
    let separated_before = place > 0 && is_separator(place - 1);
    let next = place + "RFB".len();
    let starts_word = separated_before || text.after_gap(place);
    starts_word && (is_separator(next) || (separated_before && text.after_gap(next)))
}

/// An ISO 11649 reference, in as many groups as its check digits prove.
fn creditor_reference(run: &Run) -> Option<Remittance> {
    let mut valid: Vec<String> = run.joins().into_iter().filter(|id| is_creditor_reference(id)).collect();
    let id = valid.pop()?;
    Some(Remittance {
        certainty: if valid.is_empty() { Certainty::Exact } else { Certainty::Inferred },
        alternatives: valid,
        ..Remittance::inferred(Reference::Iuv(id))
    })
}

/// A reference without check digits to prove it.
fn plain(run: &Run) -> Remittance {
    let first = &run.pieces[0];
    let is_grouped = first.starts_with("RF");
    // Groups go on over blanks, and so do digits; words after a blank do not belong to the reference.
    let goes_on = |piece: &&String| is_digits(piece) || (is_grouped && piece.len() <= GROUP);
    let taken = 1 + run.pieces[1..].iter().take_while(goes_on).count();
    let joined = run.pieces[..taken].concat();
    if !is_grouped && is_usual(first) {
        let alternatives: Vec<String> = if taken > 1 { vec![joined] } else { Vec::new() };
        return Remittance {
            certainty: if taken > 1 { Certainty::Inferred } else { Certainty::Exact },
            alternatives,
            ..Remittance::inferred(Reference::Iuv(first.clone()))
        };
    }
    if joined.len() > MAX_ID {
        return Remittance::NONE;
    }
    let is_delimited = !run.ends_text && run.pieces.len() == 1;
    if is_delimited && !is_grouped && joined.len() >= IUV_LENGTHS[0] {
        return Remittance { certainty: Certainty::Exact, ..Remittance::inferred(Reference::Iuv(joined)) };
    }
    // At the end of the text, what is shorter than any whole reference was cut.
    let shortest = if is_grouped { MAX_RF } else { IUV_LENGTHS[0] };
    let truncated = run.ends_text && taken == run.pieces.len() && joined.len() < shortest;
    Remittance {
        truncated,
        ..Remittance::inferred(if truncated { Reference::IuvPrefix(joined) } else { Reference::Iuv(joined) })
    }
}

fn is_usual(iuv: &str) -> bool {
    IUV_LENGTHS.contains(&iuv.len()) && is_digits(iuv)
}

fn is_digits(part: &str) -> bool {
    part.bytes().all(|byte| byte.is_ascii_digit())
}

/// ISO 11649: `RF`, two check digits, 1 to 21 letters or digits; the whole is 1 modulo 97 with its head moved to the end.
fn is_creditor_reference(id: &str) -> bool {
    let checked =
        id.strip_prefix("RF").filter(|rest| rest.is_ascii() && rest.len() > 2 && id.len() <= MAX_RF);
    let Some((check, body)) = checked.and_then(|rest| rest.split_at_checked(2)) else {
        return false;
    };
    let value = |c: char| c.to_digit(36).unwrap_or_default();
    let remainder = body.chars().chain("RF".chars()).chain(check.chars()).fold(0, |sum, c| match value(c) {
        digit @ 0..10 => (sum * 10 + digit) % 97,
        letter => (sum * 100 + letter) % 97,
    });
    check.bytes().all(|byte| byte.is_ascii_digit()) && remainder == 1
}
