//! The notice number (NAV) and the payment identifier inside it (IUV).
//!
//! `NAV(18) = 3 + segregation(2) + base(13) + check(2)` and `IUV(17)` is the NAV without its first digit (SACI 3.2.1,
//! "generazione dell'identificativo univoco di versamento"). The check digits are those of the numbers *we* make: most
//! numbers met in the field, and most of the platform's own examples, do not satisfy them, so reading never refuses on them.

use std::{fmt, str::FromStr};

use qrcode::{EcLevel, QrCode, Version, render::svg};
use serde::{Deserialize, Serialize};

/// Digits of a notice number.
pub const NAV_DIGITS: usize = 18;
/// Digits of the payment identifier of a notice whose first digit is 3.
pub const IUV_DIGITS: usize = 17;
/// The largest base: thirteen digits.
pub const BASE_MAX: u64 = 9_999_999_999_999;
/// The largest amount a notice's QR code can carry, in cents: eleven digits (notice guidelines).
pub const QR_AMOUNT_MAX_CENTS: i64 = 99_999_999_999;

/// The only first digit new notices may have; 0, 1 and 2 "must no longer be used" (SACI 3.2.1).
const AUX_DIGIT: u64 = 3;
const CHECK_MODULUS: u64 = 93;
const AUX_WEIGHT: u64 = 100_000_000_000_000_000;
const SEGREGATION_WEIGHT: u64 = 1_000_000_000_000_000;
const CHECK_WEIGHT: u64 = 100;

/// Why a notice, or something printed on it, cannot be made or read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoticeError {
    /// Not eighteen decimal digits.
    #[error("a notice number has eighteen digits")]
    NotANav,
    /// Not seventeen decimal digits.
    #[error("a payment identifier has seventeen digits")]
    NotAnIuv,
    /// More than two digits.
    #[error("a segregation code has two digits")]
    NotASegregation,
    /// More than thirteen digits.
    #[error("the base of a notice number has at most thirteen digits")]
    BaseTooLarge,
    /// Not eleven decimal digits.
    #[error("a creditor's fiscal code has eleven digits")]
    NotACreditor,
    /// Outside `1..=QR_AMOUNT_MAX_CENTS`.
    #[error("the amount does not fit a notice")]
    AmountOutOfRange,
}

/// The two digits that tell which of a creditor's intermediaries owns a notice: assigned by the platform in 00–45; others
/// are reserved to national services (47 Canone Unico, 97 SUAP, 99 CIE…), and are therefore representable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Segregation(u8);

impl Segregation {
    /// # Errors
    /// [`NoticeError::NotASegregation`] over 99.
    pub fn new(code: u8) -> Result<Self, NoticeError> {
        if code > 99 { Err(NoticeError::NotASegregation) } else { Ok(Self(code)) }
    }

    /// The number, 0 to 99.
    #[must_use]
    pub fn code(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Segregation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}", self.0)
    }
}

/// A notice number: eighteen digits, with their leading zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Nav(u64);

impl Nav {
    /// Makes the notice number of `base` (a number the creditor never uses twice under this segregation code), with its
    /// check digits: `(3‖segregation‖base) mod 93`.
    ///
    /// # Errors
    /// [`NoticeError::BaseTooLarge`] over thirteen digits.
    pub fn generate(segregation: Segregation, base: u64) -> Result<Self, NoticeError> {
        if base > BASE_MAX {
            return Err(NoticeError::BaseTooLarge);
        }
        let head = AUX_DIGIT * SEGREGATION_WEIGHT + u64::from(segregation.0) * (BASE_MAX + 1) + base;
        Ok(Self(head * CHECK_WEIGHT + head % CHECK_MODULUS))
    }

    /// The first digit: 3 in every notice made today.
    #[must_use]
    pub fn aux_digit(self) -> u8 {
        u8::try_from(self.0 / AUX_WEIGHT).expect("eighteen digits have one before the last seventeen")
    }

    /// Who owns the notice among the creditor's intermediaries; `None` where the first digit is not 3, because such
    /// notices have no segregation code.
    #[must_use]
    pub fn segregation(self) -> Option<Segregation> {
        let code = u8::try_from(self.0 / SEGREGATION_WEIGHT % 100).expect("a remainder of 100 fits a byte");
        (u64::from(self.aux_digit()) == AUX_DIGIT).then_some(Segregation(code))
    }

    /// The payment identifier: the notice number without its first digit.
    #[must_use]
    pub fn iuv(self) -> Iuv {
        Iuv(self.0 % AUX_WEIGHT)
    }

    /// Whether the last two digits are those this crate would have made.
    #[must_use]
    pub fn check_digits_ok(self) -> bool {
        u64::from(self.aux_digit()) == AUX_DIGIT
            && self.0 / CHECK_WEIGHT % CHECK_MODULUS == self.0 % CHECK_WEIGHT
    }

    /// As printed on a notice: `3471 6499 3070 1845 62`.
    #[must_use]
    pub fn grouped(self) -> String {
        let digits = self.to_string();
        let groups: Vec<&str> =
            (0..NAV_DIGITS).step_by(4).map(|at| &digits[at..NAV_DIGITS.min(at + 4)]).collect();
        groups.join(" ")
    }

    /// The text of the notice's QR code, `PAGOPA|002|NAV|creditor|cents` (notice guidelines).
    ///
    /// # Errors
    /// [`NoticeError::NotACreditor`] and [`NoticeError::AmountOutOfRange`].
    pub fn qr_text(self, creditor: &str, amount_cents: i64) -> Result<String, NoticeError> {
        if !is_digits(creditor, 11) {
            return Err(NoticeError::NotACreditor);
        }
        if !(1..=QR_AMOUNT_MAX_CENTS).contains(&amount_cents) {
            return Err(NoticeError::AmountOutOfRange);
        }
        Ok(format!("PAGOPA|002|{self}|{creditor}|{amount_cents:02}"))
    }

    /// The notice's QR code as an SVG element that can stand inside a page: version 4 (33×33 modules), correction level
    /// M, with the four modules of quiet zone (notice guidelines).
    ///
    /// # Errors
    /// As [`Nav::qr_text`].
    pub fn qr_svg(self, creditor: &str, amount_cents: i64) -> Result<String, NoticeError> {
        let text = self.qr_text(creditor, amount_cents)?;
        let code = QrCode::with_version(text, Version::Normal(4), EcLevel::M)
            .expect("the longest text has 53 bytes, version 4-M takes 62");
        let document = code.render::<svg::Color>().module_dimensions(6, 6).build();
        // An XML declaration is not allowed inside a page.
        let element = document.find("<svg").map_or(document.as_str(), |at| &document[at..]);
        Ok(element.to_owned())
    }
}

/// A payment identifier of seventeen digits: what the receipts and the remittance flows call "IUV".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Iuv(u64);

impl Iuv {
    /// The notice number this identifier is printed as, with the first digit 3.
    #[must_use]
    pub fn nav(self) -> Nav {
        Nav(AUX_DIGIT * AUX_WEIGHT + self.0)
    }
}

impl fmt::Display for Nav {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:018}", self.0)
    }
}

impl fmt::Display for Iuv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:017}", self.0)
    }
}

impl FromStr for Nav {
    type Err = NoticeError;

    /// Reads eighteen digits, whatever their check digits say; blanks between groups are accepted.
    fn from_str(text: &str) -> Result<Self, NoticeError> {
        digits(text, NAV_DIGITS).map(Self).ok_or(NoticeError::NotANav)
    }
}

impl FromStr for Iuv {
    type Err = NoticeError;

    fn from_str(text: &str) -> Result<Self, NoticeError> {
        digits(text, IUV_DIGITS).map(Self).ok_or(NoticeError::NotAnIuv)
    }
}

impl TryFrom<String> for Nav {
    type Error = NoticeError;

    fn try_from(text: String) -> Result<Self, NoticeError> {
        text.parse()
    }
}

impl TryFrom<String> for Iuv {
    type Error = NoticeError;

    fn try_from(text: String) -> Result<Self, NoticeError> {
        text.parse()
    }
}

impl From<Nav> for String {
    fn from(nav: Nav) -> Self {
        nav.to_string()
    }
}

impl From<Iuv> for String {
    fn from(iuv: Iuv) -> Self {
        iuv.to_string()
    }
}

/// Whether `text` is exactly `count` decimal digits.
pub(crate) fn is_digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn digits(text: &str, count: usize) -> Option<u64> {
    let compact: String = text.chars().filter(|character| *character != ' ').collect();
    if is_digits(&compact, count) { compact.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_the_published_numbers() {
        let Some(file) = crate::wire::testing::spec("samples/notice-numbers.json") else { return };
        let text = std::fs::read_to_string(file).unwrap();
        let samples: serde_json::Value = serde_json::from_str(&text).unwrap();
        let vectors = samples["vectors"].as_array().unwrap();
        assert!(vectors.len() >= 5);
        for vector in vectors {
            let nav: Nav = vector["nav"].as_str().unwrap().parse().unwrap();
            assert_eq!(nav.to_string(), vector["nav"].as_str().unwrap());
            assert_eq!(nav.iuv().to_string(), vector["iuv"].as_str().unwrap());
            assert_eq!(nav.iuv().nav(), nav);
            assert_eq!(nav.check_digits_ok(), vector["check_ok"].as_bool().unwrap(), "{nav}");
            let remade = Nav::generate(nav.segregation().unwrap(), nav.0 / 100 % (BASE_MAX + 1)).unwrap();
            assert_eq!(remade.to_string()[16..], *vector["computed_check"].as_str().unwrap());
        }
    }

    #[test]
    fn known_numbers() {
        let nav: Nav = "347164993070184562".parse().unwrap();
        assert!(nav.check_digits_ok());
        assert_eq!(nav.segregation().unwrap().to_string(), "47");
        assert_eq!(nav.grouped(), "3471 6499 3070 1845 62");
        assert_eq!(nav.grouped().parse(), Ok(nav));
        assert_eq!(Nav::generate(Segregation::new(47).unwrap(), 1_649_930_701_845), Ok(nav));
        let example: Nav = "302000100000009424".parse().unwrap();
        assert!(!example.check_digits_ok());
    }

    #[test]
    fn old_and_probe_numbers_are_read() {
        let probe: Nav = "000000000000000000".parse().unwrap();
        assert_eq!((probe.aux_digit(), probe.segregation(), probe.check_digits_ok()), (0, None, false));
        let old: Nav = "123456789012345678".parse().unwrap();
        assert_eq!((old.segregation(), old.iuv().to_string().as_str()), (None, "23456789012345678"));
    }

    #[test]
    fn refuses_what_is_not_a_number() {
        for text in
            ["", "30200010000000942", "3020001000000094244", "3o2000100000009424", "+02000100000009424"]
        {
            assert_eq!(text.parse::<Nav>(), Err(NoticeError::NotANav), "{text}");
        }
        assert_eq!("1".parse::<Iuv>(), Err(NoticeError::NotAnIuv));
        assert_eq!(Segregation::new(100), Err(NoticeError::NotASegregation));
        assert_eq!(Nav::generate(Segregation::new(1).unwrap(), BASE_MAX + 1), Err(NoticeError::BaseTooLarge));
    }

    #[test]
    fn qr_code() {
        let nav: Nav = "347164993070184562".parse().unwrap();
        assert_eq!(nav.qr_text("00162210348", 5).unwrap(), "PAGOPA|002|347164993070184562|00162210348|05");
        assert_eq!(
            nav.qr_text("00162210348", 1600).unwrap(),
            "PAGOPA|002|347164993070184562|00162210348|1600"
        );
        assert_eq!(nav.qr_text("0016221034", 5), Err(NoticeError::NotACreditor));
        for amount in [-1, 0, QR_AMOUNT_MAX_CENTS + 1] {
            assert_eq!(nav.qr_text("00162210348", amount), Err(NoticeError::AmountOutOfRange));
        }
        let svg = nav.qr_svg("00162210348", QR_AMOUNT_MAX_CENTS).unwrap();
        assert!(svg.starts_with("<svg"), "{svg}");
        // (33 modules + 2 × 4 of quiet zone) × 6
        assert!(svg.contains(r#"viewBox="0 0 246 246""#), "{}", &svg[..200]);
    }

    proptest! {
        #[test]
        fn generated_numbers_satisfy_their_check_digits(code in 0u8..100, base in 0u64..=BASE_MAX) {
            let segregation = Segregation::new(code).unwrap();
            let nav = Nav::generate(segregation, base).unwrap();
            prop_assert!(nav.check_digits_ok());
            prop_assert_eq!(nav.aux_digit(), 3);
            prop_assert_eq!(nav.segregation(), Some(segregation));
            prop_assert_eq!(nav.to_string().parse(), Ok(nav));
            prop_assert_eq!(nav.iuv().to_string().parse(), Ok(nav.iuv()));
            prop_assert_eq!(nav.iuv().nav(), nav);
        }

        #[test]
        fn one_wrong_digit_is_seen(code in 0u8..100, base in 0u64..=BASE_MAX, at in 1usize..16, by in 1u8..10) {
            let nav = Nav::generate(Segregation::new(code).unwrap(), base).unwrap().to_string();
            let mut bytes = nav.into_bytes();
            bytes[at] = b'0' + (bytes[at] - b'0' + by) % 10;
            let wrong: Nav = String::from_utf8(bytes).unwrap().parse().unwrap();
            prop_assert!(!wrong.check_digits_ok());
        }

        #[test]
        fn any_eighteen_digits_are_read(text in "[0-9]{18}") {
            let nav: Nav = text.parse().unwrap();
            prop_assert_eq!(nav.to_string(), text.clone());
            prop_assert_eq!(nav.iuv().to_string(), text[1..].to_owned());
        }
    }
}
