//! A transfer's text without its blanks, which banks put anywhere, but remembering where they were.

/// The longest id on either side: flow ids and creditor references are at most 35 characters (SACI; SEPA AT-05).
pub(super) const MAX_ID: usize = 35;

/// One character that is not blank, and whether blanks came before it.
#[derive(Clone, Copy)]
struct Glyph {
    value: char,
    after_gap: bool,
}

/// The characters of a text.
pub(super) struct Text(Vec<Glyph>);

impl Text {
    pub(super) fn new(text: &str) -> Self {
        let mut after_gap = true;
        let mut glyphs = Vec::new();
        for value in text.chars() {
            if value.is_whitespace() {
                after_gap = true;
            } else {
                glyphs.push(Glyph { value, after_gap });
                after_gap = false;
            }
        }
        Self(glyphs)
    }

    /// How many characters are not blank.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The character at a place.
    pub(super) fn at(&self, place: usize) -> Option<char> {
        self.0.get(place).map(|glyph| glyph.value)
    }

    /// Whether a place is the start of the text or follows a blank.
    pub(super) fn after_gap(&self, place: usize) -> bool {
        self.0.get(place).is_none_or(|glyph| glyph.after_gap)
    }

    /// Whether a word (ASCII capitals) stands at a place, whatever its case and its blanks.
    pub(super) fn has(&self, place: usize, word: &str) -> bool {
        let mut glyphs = self.0[place.min(self.len())..].iter();
        word.chars()
            .all(|letter| glyphs.next().is_some_and(|glyph| glyph.value.to_ascii_uppercase() == letter))
    }

    /// The place after the first occurrence of a word.
    pub(super) fn after(&self, word: &str) -> Option<usize> {
        (0..self.len()).find(|place| self.has(*place, word)).map(|place| place + word.len())
    }

    /// Whether the text ends inside a word that starts at this place.
    pub(super) fn is_cut(&self, place: usize, word: &str) -> bool {
        let left = self.len().saturating_sub(place);
        left < word.len() && self.has(place, &word[..left])
    }

    /// The place of the next letter or digit.
    pub(super) fn skip_separators(&self, place: usize) -> usize {
        (place..self.len())
            .find(|next| self.at(*next).is_some_and(char::is_alphanumeric))
            .unwrap_or(self.len())
    }

    /// The run of characters an id may have, in the pieces the blanks cut it into.
    pub(super) fn run(&self, start: usize, allowed: fn(char) -> bool) -> Run {
        let mut pieces: Vec<String> = Vec::new();
        let mut place = start;
        while let Some(glyph) = self.0.get(place).filter(|glyph| allowed(glyph.value)) {
            match pieces.last_mut() {
                Some(piece) if !glyph.after_gap => piece.push(glyph.value),
                _ => pieces.push(glyph.value.to_string()),
            }
            place += 1;
        }
        Run { pieces, ends_text: place == self.len() }
    }
}

/// See [`Text::run`].
pub(super) struct Run {
    /// The pieces, none empty.
    pub(super) pieces: Vec<String>,
    /// Nothing follows the run: it may have been cut.
    pub(super) ends_text: bool,
}

impl Run {
    /// The run up to the first piece that is one of these words (ASCII capitals).
    pub(super) fn before(mut self, words: &[&str]) -> Self {
        let is_word = |piece: &String| words.contains(&piece.to_ascii_uppercase().as_str());
        if let Some(end) = self.pieces.iter().position(is_word) {
            self.pieces.truncate(end);
            self.ends_text = false;
        }
        self
    }

    /// The ids that end at a blank: the first piece, the first two, and so on, as long as an id can be.
    pub(super) fn joins(&self) -> Vec<String> {
        let mut joined = String::new();
        let mut joins = Vec::new();
        for piece in &self.pieces {
            joined.push_str(piece);
            if joined.len() > MAX_ID {
                break;
            }
            joins.push(joined.clone());
        }
        joins
    }
}
