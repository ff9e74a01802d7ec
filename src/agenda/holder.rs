//! Who an appointment is for, as somebody writes it: in a form, on the phone, through the API.

use sportello_spid_cie::FiscalCode;

use super::Holder;
use crate::error::FieldError;

/// Longest name, characters.
const NAME_MAX: usize = 70;
/// Digits of a telephone number (ITU-T E.164: at most 15).
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 5..=15;
/// Longest address (RFC 5321 §4.5.3.1.3: 256 with the brackets).
const EMAIL_MAX: usize = 254;

/// Checks what was written and puts it in order: blanks trimmed, the fiscal code in capitals. What is empty is not
/// given; names must be, and the fiscal code where `code_needed`.
///
/// # Errors
/// The wrong fields: `given_name`, `family_name`, `fiscal_code`, `email`, `phone`.
pub fn check(written: &Holder, code_needed: bool) -> Result<Holder, Vec<FieldError>> {
    let mut errors = Vec::new();
    let given_name = name("given_name", &written.given_name, &mut errors);
    let family_name = name("family_name", &written.family_name, &mut errors);
    let code = written.fiscal_code.as_deref().unwrap_or_default().trim().to_ascii_uppercase();
    let fiscal_code = match code.parse::<FiscalCode>() {
        _ if code.is_empty() => {
            if code_needed {
                errors.push(FieldError::new("fiscal_code", "required"));
            }
            None
        }
        Ok(code) => Some(code.as_str().to_owned()),
        Err(_) => {
            errors.push(FieldError::new("fiscal_code", "fiscal_code"));
            None
        }
    };
    let (email, phone) = contacts(written, &mut errors);
    let verified = written.verified;
    let holder = Holder { given_name, family_name, fiscal_code, email, phone, verified };
    if errors.is_empty() { Ok(holder) } else { Err(errors) }
}

/// Checks how somebody is reached, as [`check`] does: of who logged in only this is written.
pub fn contacts(written: &Holder, errors: &mut Vec<FieldError>) -> (String, String) {
    let email = written.email.trim().to_owned();
    if !email.is_empty() && (email.len() > EMAIL_MAX || email.parse::<lettre::Address>().is_err()) {
        errors.push(FieldError::new("email", "email"));
    }
    let phone = written.phone.trim().to_owned();
    if !phone.is_empty() && !is_phone(&phone) {
        errors.push(FieldError::new("phone", "phone"));
    }
    (email, phone)
}

fn name(field: &str, written: &str, errors: &mut Vec<FieldError>) -> String {
    let name = written.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() {
        errors.push(FieldError::new(field, "required"));
    } else if name.chars().count() > NAME_MAX {
        errors.push(FieldError::new(field, "too_long").with_detail(NAME_MAX));
    } else if name.chars().any(char::is_control) {
        errors.push(FieldError::new(field, "wrong"));
    }
    name
}

fn is_phone(phone: &str) -> bool {
    let digits = phone.chars().filter(char::is_ascii_digit).count();
    let is_inner = |c: char| c.is_ascii_digit() || " ./-()".contains(c);
    PHONE_DIGITS.contains(&digits) && phone.strip_prefix('+').unwrap_or(phone).chars().all(is_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written() -> Holder {
        Holder {
            given_name: "  Maria  Chiara ".to_owned(),
            family_name: "D'Angelo".to_owned(),
            fiscal_code: Some(" rssmra80a01h501u ".to_owned()),
            email: "m.dangelo@example.it ".to_owned(),
            phone: "+39 0742 123-456".to_owned(),
            verified: false,
        }
    }

    fn wrong(holder: &Holder) -> Vec<(String, &'static str)> {
        check(holder, true).unwrap_err().into_iter().map(|e| (e.field, e.code)).collect()
    }

    #[test]
    fn what_is_written_is_put_in_order() {
        let holder = check(&written(), true).unwrap();
        assert_eq!(holder.given_name, "Maria Chiara");
        assert_eq!(holder.fiscal_code.as_deref(), Some("RSSMRA80A01H501U"));
        assert_eq!(holder.email, "m.dangelo@example.it");
    }

    #[test]
    fn every_wrong_field_is_named() {
        let nobody = Holder { email: "@".to_owned(), phone: "12".to_owned(), ..Holder::default() };
        let expected = [
            ("given_name", "required"),
            ("family_name", "required"),
            ("fiscal_code", "required"),
            ("email", "email"),
            ("phone", "phone"),
        ];
        assert_eq!(wrong(&nobody), expected.map(|(field, code)| (field.to_owned(), code)));
        let mistyped = Holder { fiscal_code: Some("RSSMRA80A01H501V".to_owned()), ..written() };
        assert_eq!(wrong(&mistyped), [("fiscal_code".to_owned(), "fiscal_code")]);
    }

    #[test]
    fn without_a_payment_the_fiscal_code_may_be_missing() {
        let holder = Holder { fiscal_code: None, ..written() };
        assert!(check(&holder, false).is_ok());
        assert_eq!(wrong(&holder).len(), 1);
    }
}
