//! `LGPE-RIVERSAMENTO` and `LGPE-INTEGRAZIONE`: the id of a remittance flow.

use chrono::NaiveDate;

use super::text::{MAX_ID, Run, Text};
use super::{Certainty, Reference, Remittance};

const ORDINARY: &str = "LGPE-RIVERSAMENTO";
const SUPPLEMENT: &str = "LGPE-INTEGRAZIONE";
/// `YYYY-MM-DD`
const DATE_LEN: usize = 10;
/// A rest after the date that is long enough to name a provider; the shortest seen is `ABC123`.
const MIN_REST: usize = 6;
/// The specifications' own example has 38 characters, three more than they allow: so long an id is taken, but not as exact.
const MAX_SEEN: usize = 40;
/// An id of no standard form must at least not be a word's stump.
const MIN_OTHER: usize = 8;

/// Words banks write after the id: a blank and one of these end it. None is so short that a broken id may contain it.
const PROSE: [&str; 18] = [
    "ACCREDITI",
    "ACCREDITO",
    "BANCA",
    "BOLLETTINO",
    "BONIFICO",
    "CAUSALE",
    "COMUNE",
    "DATA",
    "FAVORE",
    "IMPORTO",
    "INCASSO",
    "NOTPROVIDED",
    "ORDINANTE",
    "PAGAMENTI",
    "PAGAMENTO",
    "PAGOPA",
    "VALUTA",
    "VARI",
];

/// The flow a text names; `None` when it speaks of none.
pub(super) fn parse(text: &Text) -> Option<Remittance> {
    let marker = |word| text.after(word).map(|after| (after, word == SUPPLEMENT));
    let Some((after, is_supplement)) = marker(ORDINARY).or_else(|| marker(SUPPLEMENT)) else {
        return cut_marker(text);
    };
    let mut place = text.skip_separators(after);
    let mut txt = None;
    if text.has(place, "TXT") {
        place = text.skip_separators(place + "TXT".len());
        txt = text.at(place).and_then(|digit| digit.to_digit(10)).and_then(|digit| u8::try_from(digit).ok());
        place = text.skip_separators(place + usize::from(txt.is_some()));
    }
    let has_uri = text.has(place, "URI");
    if has_uri {
        place = text.skip_separators(place + "URI".len());
    }
    let is_cut = text.is_cut(place, "URI") || text.is_cut(place, "TXT");
    let found =
        if is_cut { Remittance::NONE } else { read_id(&text.run(place, is_id_char).before(&PROSE), has_uri) };
    Some(Remittance {
        txt,
        supplementary: is_supplement || txt.is_some_and(|number| number > 0),
        truncated: found.truncated || is_cut,
        ..found
    })
}

/// A text that ends inside the marker itself.
fn cut_marker(text: &Text) -> Option<Remittance> {
    let start = text.after("LGPE")? - "LGPE".len();
    (text.is_cut(start, ORDINARY) || text.is_cut(start, SUPPLEMENT))
        .then_some(Remittance { truncated: true, ..Remittance::NONE })
}

/// Reads the id from the characters that follow `URI` (or the marker, where the bank dropped `URI`).
fn read_id(run: &Run, has_uri: bool) -> Remittance {
    if let Some(long) =
        run.pieces.first().filter(|piece| piece.len() > MAX_ID && piece.len() <= MAX_SEEN && has_form(piece))
    {
        return Remittance {
            ends_text: run.ends_text && run.pieces.len() == 1,
            ..Remittance::inferred(Reference::Flow(long.clone()))
        };
    }
    let joins = run.joins();
    let Some(first_complete) = joins.iter().position(|id| is_complete(id)) else {
        return incomplete(run, &joins, has_uri);
    };
    // After a complete id, a blank may end it or break it: where digits follow it more likely breaks it.
    let mut readings = vec![joins[first_complete].clone()];
    let mut best = 0;
    let mut end = first_complete;
    let mut digits_so_far = true;
    for (place, (piece, join)) in run.pieces.iter().zip(&joins).enumerate().skip(first_complete + 1) {
        digits_so_far &= has_digit(piece);
        if is_complete(join) {
            readings.push(join.clone());
            if digits_so_far {
                (best, end) = (readings.len() - 1, place);
            }
        }
    }
    let id = readings.remove(best);
    let is_exact = has_uri && first_complete == 0 && readings.is_empty();
    Remittance {
        certainty: if is_exact { Certainty::Exact } else { Certainty::Inferred },
        alternatives: readings,
        ends_text: run.ends_text && end + 1 == run.pieces.len(),
        ..Remittance::inferred(Reference::Flow(id))
    }
}

/// No reading is complete by its form: a prefix, or an id of another form.
fn incomplete(run: &Run, joins: &[String], has_uri: bool) -> Remittance {
    let cut = Remittance { truncated: run.ends_text, ..Remittance::NONE };
    let Some(first) = run.pieces.first() else {
        return Remittance { truncated: run.ends_text && has_uri, ..Remittance::NONE };
    };
    let dated = joins.iter().rposition(|id| is_date_prefix(id));
    let Some(dated) = dated else {
        // Glued to what follows: all that is sure is what comes before the suffix.
        if let Some(prefix) = sure_part(first) {
            return Remittance::inferred(Reference::FlowPrefix(prefix));
        }
        let is_other_form = has_uri && (MIN_OTHER..=MAX_ID).contains(&first.len()) && has_digit(first);
        return match is_other_form {
            true => Remittance::inferred(Reference::Flow(first.clone())),
            false => cut,
        };
    };
    let id = joins[dated].clone();
    let has_provider = has_date(&id) && id.len() >= DATE_LEN + MIN_REST && has_digit(&id[DATE_LEN..]);
    let ends_text = run.ends_text && dated + 1 == run.pieces.len();
    // A text cut by the bank stops inside a run of characters; one the bank has rewritten has blanks.
    let reference = match has_provider && (dated > 0 || !ends_text) {
        true => Reference::Flow(id),
        false => Reference::FlowPrefix(id),
    };
    Remittance { truncated: ends_text, ..Remittance::inferred(reference) }
}

/// Date, provider and dash of a run that is too long to be an id.
fn sure_part(run: &str) -> Option<String> {
    let rest = run.get(DATE_LEN..).filter(|_| has_date(run))?;
    let dash = rest.find('-').filter(|dash| *dash > 0)?;
    let prefix = &run[..=DATE_LEN + dash];
    (prefix.len() < MAX_ID).then(|| prefix.to_owned())
}

/// Whether this is a flow's id, complete by its form: `YYYY-MM-DD<psp>-<suffix>` on a real day, at most 35 characters.
///
/// Source: SACI 3.2.1, `identificativoFlusso`.
pub(super) fn is_complete(id: &str) -> bool {
    id.len() <= MAX_ID && has_form(id)
}

/// Date, provider, dash and suffix, whatever the length.
fn has_form(id: &str) -> bool {
    let parts = id.get(DATE_LEN..).and_then(|rest| rest.split_once('-'));
    id.chars().all(is_id_char)
        && has_date(id)
        && parts.is_some_and(|(provider, suffix)| {
            !provider.is_empty() && suffix.ends_with(|c: char| c.is_ascii_alphanumeric())
        })
}

fn has_date(id: &str) -> bool {
    let date = id.get(..DATE_LEN).filter(|date| is_date_prefix(date));
    date.is_some_and(|date| NaiveDate::parse_from_str(date, "%Y-%m-%d").is_ok())
}

/// Whether the first ten characters are, as far as they go, digits and dashes where a date has them.
fn is_date_prefix(id: &str) -> bool {
    id.chars().zip("dddd-dd-dd".chars()).all(|(c, mask)| match mask {
        'd' => c.is_ascii_digit(),
        dash => c == dash,
    })
}

fn has_digit(part: &str) -> bool {
    part.bytes().any(|byte| byte.is_ascii_digit())
}

fn is_id_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
}
