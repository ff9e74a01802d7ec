//! The Italian fiscal code of a natural person (codice fiscale, D.M. 23 December 1976 n. 13813).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Letters that stand for the digits 0-9 where two persons would have the same code (omocodia).
const OMOCODIA: &[u8; 10] = b"LMNPQRSTUV";
/// Positions that hold a digit, or its omocodia letter.
const DIGITS: [usize; 7] = [6, 7, 9, 10, 12, 13, 14];
/// Letters of the months, January first.
const MONTHS: &[u8; 12] = b"ABCDEHLMPRST";
/// Values of the characters in odd places (first, third, …), by digit or by letter: the two share the first
/// ten.
const ODD: [u32; 26] =
    [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
/// Prefix of a fiscal number in SPID and CIE attributes (ETSI EN 319 412-1); some providers leave it out.
const PREFIX: &str = "TINIT-";

/// A well-formed fiscal code: sixteen capital characters whose check character is right. It may differ from
/// the one computed from a person's data (omocodia), and one person can have had two.
///
/// It is personal data: `Display` and serde give it whole, `Debug` only its first three letters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FiscalCode(String);

/// Why a text is not a fiscal code. It never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFiscalCode {
    /// Not sixteen characters.
    #[error("a fiscal code has 16 characters")]
    Length,
    /// A character that cannot stand where it stands; places count from 1.
    #[error("character {0} of the fiscal code cannot stand there")]
    Character(usize),
    /// The last character does not follow from the others.
    #[error("the check character of the fiscal code is wrong")]
    Check,
}

impl FiscalCode {
    /// Completes fifteen characters with their check character: fiscal codes for tests and sample data.
    ///
    /// # Errors
    /// What is wrong with the fifteen characters.
    pub fn with_check(fifteen: &str) -> Result<Self, InvalidFiscalCode> {
        if fifteen.len() != 15 {
            return Err(InvalidFiscalCode::Length);
        }
        let mut code = fifteen.to_ascii_uppercase();
        check_form(code.as_bytes())?;
        code.push(char::from(check_character(code.as_bytes())));
        Ok(Self(code))
    }

    /// The sixteen characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for FiscalCode {
    type Err = InvalidFiscalCode;

    /// Reads a fiscal code as people and providers write it: small letters, blanks around, `TINIT-` before.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim().to_ascii_uppercase();
        let code = text.strip_prefix(PREFIX).unwrap_or(&text);
        let bytes: &[u8; 16] = code.as_bytes().try_into().map_err(|_| InvalidFiscalCode::Length)?;
        check_form(&bytes[..15])?;
        if !bytes[15].is_ascii_uppercase() {
            return Err(InvalidFiscalCode::Character(16));
        }
        if bytes[15] != check_character(&bytes[..15]) {
            return Err(InvalidFiscalCode::Check);
        }
        Ok(Self(code.to_owned()))
    }
}

/// Checks the first fifteen characters: letters and digits in their places, a real month and a possible day.
fn check_form(bytes: &[u8]) -> Result<(), InvalidFiscalCode> {
    for (place, &byte) in bytes.iter().enumerate() {
        let fits = match place {
            8 => MONTHS.contains(&byte),
            _ if DIGITS.contains(&place) => digit(byte).is_some(),
            _ => byte.is_ascii_uppercase(),
        };
        if !fits {
            return Err(InvalidFiscalCode::Character(place + 1));
        }
    }
    let day = digit(bytes[9]).zip(digit(bytes[10])).map(|(tens, units)| tens * 10 + units);
    match day {
        // Women's days are counted from 41.
        Some(1..=31 | 41..=71) => Ok(()),
        _ => Err(InvalidFiscalCode::Character(10)),
    }
}

/// The value of a digit, or of the letter that stands for one.
fn digit(byte: u8) -> Option<u8> {
    if byte.is_ascii_digit() {
        return Some(byte - b'0');
    }
    OMOCODIA.iter().zip(0..).find_map(|(&letter, value)| (letter == byte).then_some(value))
}

/// The check character of fifteen capital letters and digits (table of the decree).
fn check_character(bytes: &[u8]) -> u8 {
    let sum: u32 = bytes
        .iter()
        .enumerate()
        .map(|(index, &byte)| {
            let value = if byte.is_ascii_digit() { byte - b'0' } else { byte - b'A' };
            // Places count from one in the decree, so index 0 is an odd place.
            if index % 2 == 0 { ODD[usize::from(value)] } else { u32::from(value) }
        })
        .sum();
    b'A' + u8::try_from(sum % 26).expect("a remainder of 26 fits a byte")
}

impl fmt::Display for FiscalCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for FiscalCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FiscalCode({}*************)", &self.0[..3])
    }
}

impl Serialize for FiscalCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for FiscalCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The example of the handbooks: Mario Rossi, born on 10 December 1985.
    const MARIO: &str = "RSSMRA85T10A562S";

    #[test]
    fn known_codes_are_read_however_they_are_written() {
        for text in [MARIO, "TINIT-RSSMRA85T10A562S", " rssmra85t10a562s ", "tinit-RssMra85T10A562S"] {
            assert_eq!(text.parse::<FiscalCode>().unwrap().as_str(), MARIO, "{text}");
        }
        // Omocodia of the same person: the last digit is a letter, and the check character follows.
        let omocode = FiscalCode::with_check("RSSMRA85T10A56N").unwrap();
        assert_ne!(omocode.as_str(), MARIO);
        assert_eq!(omocode.as_str().parse(), Ok(omocode));
    }

    #[test]
    fn what_is_wrong_is_said_and_nothing_is_repeated() {
        let read = |text: &str| text.parse::<FiscalCode>().unwrap_err();
        assert_eq!(read("RSSMRA85T10A562"), InvalidFiscalCode::Length);
        assert_eq!(read("12345678901"), InvalidFiscalCode::Length);
        assert_eq!(read("ÀSSMRA85T10A562"), InvalidFiscalCode::Character(1));
        assert_eq!(read("RSSMRA85F10A562S"), InvalidFiscalCode::Character(9));
        assert_eq!(read("RSSMRA85T32A562S"), InvalidFiscalCode::Character(10));
        assert_eq!(read("RSSMRA85T00A562S"), InvalidFiscalCode::Character(10));
        assert_eq!(read("RSSMRA85T10A5621"), InvalidFiscalCode::Character(16));
        assert_eq!(read("RSSMRA85T10A562X"), InvalidFiscalCode::Check);
    }

    #[test]
    fn debug_hides_the_person() {
        let code: FiscalCode = MARIO.parse().unwrap();
        assert_eq!(format!("{code:?}"), "FiscalCode(RSS*************)");
        assert_eq!(serde_json::to_string(&code).unwrap(), format!("\"{MARIO}\""));
        assert_eq!(serde_json::from_str::<FiscalCode>("\"TINIT-RSSMRA85T10A562S\"").unwrap(), code);
        assert!(serde_json::from_str::<FiscalCode>("\"RSSMRA85T10A562X\"").is_err());
    }

    /// Fifteen characters of the right form.
    fn fifteen() -> impl Strategy<Value = String> {
        let day = prop_oneof![1u8..=31, 41u8..=71];
        ("[A-Z]{6}[0-9]{2}[ABCDEHLMPRST]", day, "[A-Z][0-9]{3}")
            .prop_map(|(head, day, town)| format!("{head}{day:02}{town}"))
    }

    proptest! {
        #[test]
        fn a_completed_code_reads_back(fifteen in fifteen()) {
            let code = FiscalCode::with_check(&fifteen).unwrap();
            prop_assert_eq!(code.to_string().parse(), Ok(code.clone()));
            prop_assert_eq!(format!("TINIT-{}", code).parse(), Ok(code));
        }

        #[test]
        fn omocodia_keeps_a_code_valid(
            fifteen in fifteen(),
            places in proptest::sample::subsequence(DIGITS.to_vec(), 0..=7),
        ) {
            let mut bytes = fifteen.into_bytes();
            for place in places {
                bytes[place] = OMOCODIA[usize::from(bytes[place] - b'0')];
            }
            prop_assert!(FiscalCode::with_check(std::str::from_utf8(&bytes).unwrap()).is_ok());
        }

        #[test]
        fn one_wrong_character_in_an_even_place_is_found(fifteen in fifteen(), letter in 0u8..26) {
            // Letters of even places have distinct values, so the check character must notice any other
            // letter.
            let code = FiscalCode::with_check(&fifteen).unwrap();
            let mut other = code.as_str().as_bytes().to_vec();
            other[1] = b'A' + letter;
            let other = String::from_utf8(other).unwrap();
            prop_assert_eq!(other.parse::<FiscalCode>().is_ok(), other == code.as_str());
        }

        #[test]
        fn any_text_is_refused_or_normal(text in "\\PC{0,24}") {
            if let Ok(code) = text.parse::<FiscalCode>() {
                prop_assert_eq!(code.as_str().len(), 16);
                prop_assert_eq!(code.to_string().parse(), Ok(code));
            }
        }
    }
}
