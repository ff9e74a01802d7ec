//! The citizen's fiscal code, as App IO accepts it.

use std::fmt;

use serde::Serialize;

/// A citizen's fiscal code: 16 upper-case characters, with the letters that replace digits when two
/// people would share a code (omocodia). App IO does not verify the check character (its own
/// sandbox code has a wrong one), so neither does this type.
///
/// Its `Debug` form hides the code.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct FiscalCode(String);

/// The text is not a fiscal code in the form App IO accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a citizen's fiscal code: 16 upper-case characters are expected")]
pub struct MalformedFiscalCode;

/// One character a position: `A` a letter, `9` a digit or its replacement, `M` the month letter.
const SHAPE: &[u8; 16] = b"AAAAAA99M99A999A";

impl FiscalCode {
    /// The code App IO adds to the authorised recipients of every service, so that a connection can
    /// be tried without writing to anybody.
    #[must_use]
    pub fn sandbox() -> Self {
        Self("AAAAAA00A00A000A".to_owned())
    }

    /// Reads a code already in upper case and without prefix.
    ///
    /// # Errors
    /// [`MalformedFiscalCode`] when App IO's pattern for the field does not match.
    pub fn parse(text: &str) -> Result<Self, MalformedFiscalCode> {
        let matches = text.len() == SHAPE.len()
            && text.bytes().zip(SHAPE).all(|(byte, shape)| match shape {
                b'A' => byte.is_ascii_uppercase(),
                b'9' => byte.is_ascii_digit() || b"LMNPQRSTUV".contains(&byte),
                _ => b"ABCDEHLMPRST".contains(&byte),
            });
        if matches { Ok(Self(text.to_owned())) } else { Err(MalformedFiscalCode) }
    }

    /// The sixteen characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for FiscalCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FiscalCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_and_omocodic_codes_are_accepted() {
        for code in ["AAAAAA00A00A000A", "SPNDNL80R13C555X", "QXJNTXVRCRVD6V4O"] {
            assert_eq!(FiscalCode::parse(code).unwrap().as_str(), code);
        }
        assert_eq!(FiscalCode::parse("AAAAAA00A00A000A").unwrap(), FiscalCode::sandbox());
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "aaaaaa00a00a000a",
            "AAAAAA00A00A000",
            "AAAAAA00A00A000AA",
            "AAAAAA00F00A000A",
            "AAAAAAA0A00A000A",
            "12345678901",
            "TINIT-AAAAAA00A00A000A",
            "ÀAAAAA00A00A000",
        ] {
            assert_eq!(FiscalCode::parse(text), Err(MalformedFiscalCode), "{text}");
        }
    }

    #[test]
    fn the_debug_form_is_not_personal() {
        let code = FiscalCode::parse("SPNDNL80R13C555X").unwrap();
        assert!(!format!("{code:?}").contains("SPN"));
    }
}
