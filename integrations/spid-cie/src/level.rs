//! How sure the provider is of a person.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Start of the three level identifiers; CIE uses SPID's.
const URI: &str = "https://www.spid.gov.it/SpidL";

/// Assurance level of a login (ISO/IEC 29115 LoA 2-4), for SPID and CIE alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// A password.
    L1,
    /// Two factors: what public services ask for.
    L2,
    /// Two factors with a certificate.
    L3,
}

impl Level {
    /// Reads an `acr` value: a SPID level identifier.
    #[must_use]
    pub fn from_acr(acr: &str) -> Option<Self> {
        match acr.strip_prefix(URI)? {
            "1" => Some(Self::L1),
            "2" => Some(Self::L2),
            "3" => Some(Self::L3),
            _ => None,
        }
    }

    /// The `acr` value of this level.
    #[must_use]
    pub fn acr(self) -> String {
        format!("{URI}{}", self.number())
    }

    /// The level of a number: 1, 2 or 3.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        [Self::L1, Self::L2, Self::L3].into_iter().find(|level| level.number() == number)
    }

    /// The number people know: 1, 2 or 3.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::L1 => 1,
            Self::L2 => 2,
            Self::L3 => 3,
        }
    }
}

/// Its number.
impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_ordered_and_read_only_in_their_own_spelling() {
        assert!(Level::L1 < Level::L2 && Level::L2 < Level::L3);
        for level in [Level::L1, Level::L2, Level::L3] {
            assert_eq!(Level::from_acr(&level.acr()), Some(level));
            assert_eq!(Level::from_number(level.number()), Some(level));
        }
        for other in [
            "",
            "2",
            "SpidL2",
            "https://www.spid.gov.it/SpidL4",
            "https://www.spid.gov.it/SpidL22",
            "http://www.spid.gov.it/SpidL2",
        ] {
            assert_eq!(Level::from_acr(other), None, "{other}");
        }
    }
}
