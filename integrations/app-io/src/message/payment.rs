//! The pagoPA notice a message offers to pay.

use std::fmt;

use serde::Serialize;

use super::{AMOUNT_CENTS, MessageError};

/// The notice a message offers to pay.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Payment {
    #[serde(rename = "amount")]
    amount_cents: i64,
    notice_number: String,
    invalid_after_due_date: bool,
}

impl Payment {
    /// A notice of `amount_cents`. With `invalid_after_due_date` the app shows it as expired, and
    /// does not let it be paid, once the message's due date has passed.
    ///
    /// App IO also refuses amounts above the service's own maximum; only the platform knows it.
    ///
    /// # Errors
    /// [`MessageError::AmountOutOfRange`] or [`MessageError::NoticeNumberMalformed`].
    pub fn new(
        amount_cents: i64,
        notice_number: &str,
        invalid_after_due_date: bool,
    ) -> Result<Self, MessageError> {
        if !AMOUNT_CENTS.contains(&amount_cents) {
            return Err(MessageError::AmountOutOfRange { cents: amount_cents });
        }
        if !is_notice_number(notice_number) {
            return Err(MessageError::NoticeNumberMalformed);
        }
        Ok(Self { amount_cents, notice_number: notice_number.to_owned(), invalid_after_due_date })
    }
}

/// App IO's pattern for the field: `^[0123][0-9]{17}$`.
fn is_notice_number(text: &str) -> bool {
    text.len() == 18
        && text.starts_with(['0', '1', '2', '3'])
        && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl fmt::Debug for Payment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Payment(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTICE: &str = "301011100007347557";

    #[test]
    fn amounts_have_bounds() {
        for cents in [1, 2221, 9_999_999_999] {
            assert!(Payment::new(cents, NOTICE, false).is_ok());
        }
        for cents in [i64::MIN, -1, 0, 10_000_000_000] {
            let refused = Payment::new(cents, NOTICE, false);
            assert_eq!(refused, Err(MessageError::AmountOutOfRange { cents }));
        }
    }

    #[test]
    fn notice_numbers_have_a_form() {
        for number in [
            "",
            "30101110000734755",
            "3010111000073475570",
            "401011100007347557",
            "30101110000734755X",
            "３０１０１１",
        ] {
            let refused = Payment::new(1, number, false);
            assert_eq!(refused, Err(MessageError::NoticeNumberMalformed), "{number}");
        }
    }
}
