//! The limits of a debt position, checked before it is sent.
//!
//! Where `gpd.json` gives no length, the length is the one of `sac-common-types-1.0.xsd`: the platform later has to write the
//! same field in the SOAP answer to the payer's bank, and a position that does not fit there can be created but not paid.

use super::{DebtPosition, Metadata, PaymentOption, Stamp, Transfer};
use crate::{
    limits::{
        CREDITOR_DIGITS, InvalidRequest, TEXT_MAX, count, distinct, form, optional, positive, required,
    },
    notice::is_digits,
};

/// Longest position name (IUPD).
pub const IUPD_MAX: usize = 255;
/// Longest debtor's name.
pub const FULL_NAME_MAX: usize = 70;
/// Longest debtor's identifier; the shortest has two characters.
pub const DEBTOR_CODE_MAX: usize = 16;
/// Longest street name.
pub const STREET_MAX: usize = 70;
/// Longest house number and postal code.
pub const CIVIC_AND_POSTAL_MAX: usize = 16;
/// Longest city, province and region.
pub const PLACE_MAX: usize = 35;
/// Longest e-mail address.
pub const EMAIL_MAX: usize = 256;
/// Most transfers of one payment option.
pub const TRANSFERS_MAX: usize = 5;
/// Most metadata pairs of an option or of a transfer. The SOAP model takes 15: this is the smaller of the two.
pub const METADATA_MAX: usize = 10;
/// Longest metadata key and value.
pub const METADATA_TEXT_MAX: usize = 140;
/// Longest account.
pub const IBAN_MAX: usize = 35;
/// Longest digest of a stamped document.
pub const STAMP_HASH_MAX: usize = 72;
/// The largest amount, in cents (`stAmount`: 999999999.99).
pub const AMOUNT_MAX_CENTS: i64 = 99_999_999_999;
/// The metadata key the platform keeps for itself.
pub const RESERVED_KEY: &str = "NOTIFICATION_FEE";

impl DebtPosition {
    /// Checks every limit that does not depend on what the platform holds nor on the present time.
    ///
    /// # Errors
    /// The first limit that is broken.
    pub fn validate(&self) -> Result<(), InvalidRequest> {
        required("iupd", &self.iupd, IUPD_MAX)?;
        form("iupd", self.iupd.chars().all(|c| c.is_ascii_alphanumeric() || "_*- ".contains(c)))?;
        self.validate_debtor()?;
        required("companyName", &self.company_name, TEXT_MAX)?;
        optional("officeName", self.office_name.as_deref(), TEXT_MAX)?;
        count("paymentOption", self.payment_option.len(), 1, usize::MAX)?;
        distinct("iuv", self.payment_option.iter().map(|option| option.iuv))?;
        distinct("nav", self.payment_option.iter().map(|option| option.nav.unwrap_or(option.iuv.nav())))?;
        for option in &self.payment_option {
            if self.validity_date.is_some_and(|validity| option.due_date < validity) {
                return Err(InvalidRequest::DateOrder { earlier: "validityDate", later: "dueDate" });
            }
            option.validate()?;
        }
        Ok(())
    }

    fn validate_debtor(&self) -> Result<(), InvalidRequest> {
        required("fiscalCode", &self.fiscal_code, DEBTOR_CODE_MAX)?;
        form("fiscalCode", self.fiscal_code.len() >= 2)?;
        required("fullName", &self.full_name, FULL_NAME_MAX)?;
        optional("streetName", self.street_name.as_deref(), STREET_MAX)?;
        optional("civicNumber", self.civic_number.as_deref(), CIVIC_AND_POSTAL_MAX)?;
        optional("postalCode", self.postal_code.as_deref(), CIVIC_AND_POSTAL_MAX)?;
        optional("city", self.city.as_deref(), PLACE_MAX)?;
        optional("province", self.province.as_deref(), PLACE_MAX)?;
        optional("region", self.region.as_deref(), PLACE_MAX)?;
        form("country", self.country.as_deref().is_none_or(is_two_capitals))?;
        optional("email", self.email.as_deref(), EMAIL_MAX)?;
        form("email", self.email.as_deref().is_none_or(|address| address.contains('@')))
    }
}

impl PaymentOption {
    fn validate(&self) -> Result<(), InvalidRequest> {
        positive("amount", self.amount_cents)?;
        form("amount", self.amount_cents <= AMOUNT_MAX_CENTS)?;
        required("description", &self.description, TEXT_MAX)?;
        if self.retention_date.is_some_and(|retention| retention < self.due_date) {
            return Err(InvalidRequest::DateOrder { earlier: "dueDate", later: "retentionDate" });
        }
        count("transfer", self.transfer.len(), 1, TRANSFERS_MAX)?;
        distinct("idTransfer", self.transfer.iter().map(|transfer| transfer.id_transfer))?;
        for transfer in &self.transfer {
            transfer.validate()?;
        }
        // At most five amounts, each already known to be under the maximum.
        let transfers_cents = self.transfer.iter().map(|transfer| transfer.amount_cents).sum();
        if transfers_cents != self.amount_cents {
            return Err(InvalidRequest::TransferSum { transfers_cents, option_cents: self.amount_cents });
        }
        metadata("paymentOptionMetadata", &self.payment_option_metadata)
    }
}

impl Transfer {
    fn validate(&self) -> Result<(), InvalidRequest> {
        form("idTransfer", (1..=TRANSFERS_MAX).contains(&usize::from(self.id_transfer)))?;
        positive("transfer.amount", self.amount_cents)?;
        form("transfer.amount", self.amount_cents <= AMOUNT_MAX_CENTS)?;
        let owner = self.organization_fiscal_code.as_deref();
        form("organizationFiscalCode", owner.is_none_or(|code| is_digits(code, CREDITOR_DIGITS)))?;
        required("remittanceInformation", &self.remittance_information, TEXT_MAX)?;
        optional("transfer.companyName", self.company_name.as_deref(), TEXT_MAX)?;
        match (&self.iban, &self.stamp) {
            (Some(iban), None) => form("iban", is_account(iban))?,
            (None, Some(stamp)) if self.postal_iban.is_none() => stamp.validate()?,
            _ => return Err(InvalidRequest::IbanOrStamp),
        }
        form("postalIban", self.postal_iban.as_deref().is_none_or(is_account))?;
        metadata("transferMetadata", &self.transfer_metadata)
    }
}

impl Stamp {
    fn validate(&self) -> Result<(), InvalidRequest> {
        required("hashDocument", &self.hash_document, STAMP_HASH_MAX)?;
        form("stampType", self.stamp_type.chars().count() == 2)?;
        form("provincialResidence", is_two_capitals(&self.provincial_residence))
    }
}

fn metadata(field: &'static str, pairs: &[Metadata]) -> Result<(), InvalidRequest> {
    count(field, pairs.len(), 0, METADATA_MAX)?;
    distinct(field, pairs.iter().map(|pair| &pair.key))?;
    for pair in pairs {
        required("metadata.key", &pair.key, METADATA_TEXT_MAX)?;
        optional("metadata.value", Some(&pair.value), METADATA_TEXT_MAX)?;
        if pair.key == RESERVED_KEY {
            return Err(InvalidRequest::ReservedKey { key: RESERVED_KEY });
        }
    }
    Ok(())
}

/// The contract's pattern. Check digits are the platform's business: its test environment uses accounts that have none.
fn is_account(text: &str) -> bool {
    (1..=IBAN_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn is_two_capitals(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::gpd::DebtorKind;
    use chrono::{DateTime, TimeDelta, Utc};
    use proptest::prelude::*;

    pub(crate) fn position() -> DebtPosition {
        let due_date: DateTime<Utc> = "2026-12-31T22:59:59Z".parse().unwrap();
        DebtPosition {
            iupd: "SPORTELLO-1".into(),
            debtor_kind: DebtorKind::Person,
            pay_stand_in: true,
            fiscal_code: "RSSMRA80A01D653X".into(),
            full_name: "Maria Rossi".into(),
            street_name: None,
            civic_number: None,
            postal_code: None,
            city: None,
            province: None,
            region: None,
            country: Some("IT".into()),
            email: Some("maria@example.it".into()),
            phone: None,
            switch_to_expired: false,
            company_name: "Comune di Esempio".into(),
            office_name: None,
            validity_date: None,
            payment_date: None,
            status: None,
            payment_option: vec![PaymentOption {
                nav: Some("347164993070184562".parse().unwrap()),
                iuv: "47164993070184562".parse().unwrap(),
                amount_cents: 2225,
                description: "Carta d'identità elettronica".into(),
                is_partial_payment: false,
                due_date,
                retention_date: Some(due_date + TimeDelta::days(90)),
                transfer: vec![transfer(1, 1679), transfer(2, 546)],
                payment_option_metadata: vec![],
            }],
        }
    }

    pub(crate) fn transfer(id_transfer: u8, amount_cents: i64) -> Transfer {
        Transfer {
            id_transfer,
            amount_cents,
            organization_fiscal_code: Some("00162210348".into()),
            remittance_information: "Carta d'identità elettronica".into(),
            category: "9/0104100TS/".parse().unwrap(),
            iban: Some("IT60X0542811101000000123456".into()),
            postal_iban: None,
            stamp: None,
            company_name: Some("Comune di Esempio".into()),
            transfer_metadata: vec![],
        }
    }

    fn refused(change: impl FnOnce(&mut DebtPosition)) -> InvalidRequest {
        let mut position = position();
        change(&mut position);
        position.validate().unwrap_err()
    }

    #[test]
    fn a_good_position_is_accepted() {
        assert_eq!(position().validate(), Ok(()));
        let mut stamped = position();
        stamped.payment_option[0].transfer[0].iban = None;
        stamped.payment_option[0].transfer[0].stamp = Some(Stamp {
            hash_document: "wHpFSLCGZjIvNSXxqtGbxg7275t446DRTk5ZrsdUQ6E=".into(),
            stamp_type: "01".into(),
            provincial_residence: "PG".into(),
        });
        assert_eq!(stamped.validate(), Ok(()));
    }

    #[test]
    fn lengths_and_forms() {
        let too_long = |field, length, max| InvalidRequest::TooLong { field, length, max };
        let malformed = |field| InvalidRequest::Malformed { field };
        assert_eq!(refused(|p| p.iupd = "à".into()), malformed("iupd"));
        assert_eq!(refused(|p| p.iupd.clear()), InvalidRequest::Empty { field: "iupd" });
        assert_eq!(refused(|p| p.full_name = "è".repeat(71)), too_long("fullName", 71, 70));
        assert_eq!(refused(|p| p.fiscal_code = "A".repeat(17)), too_long("fiscalCode", 17, 16));
        assert_eq!(refused(|p| p.fiscal_code = "A".into()), malformed("fiscalCode"));
        assert_eq!(refused(|p| p.street_name = Some("a".repeat(71))), too_long("streetName", 71, 70));
        assert_eq!(refused(|p| p.civic_number = Some("1".repeat(17))), too_long("civicNumber", 17, 16));
        assert_eq!(refused(|p| p.postal_code = Some("1".repeat(17))), too_long("postalCode", 17, 16));
        assert_eq!(refused(|p| p.city = Some("a".repeat(36))), too_long("city", 36, 35));
        assert_eq!(refused(|p| p.province = Some("a".repeat(36))), too_long("province", 36, 35));
        assert_eq!(refused(|p| p.region = Some("a".repeat(36))), too_long("region", 36, 35));
        assert_eq!(refused(|p| p.country = Some("Ita".into())), malformed("country"));
        assert_eq!(refused(|p| p.email = Some("maria".into())), malformed("email"));
        assert_eq!(refused(|p| p.company_name = "a".repeat(141)), too_long("companyName", 141, 140));
        assert_eq!(refused(|p| p.office_name = Some("a".repeat(141))), too_long("officeName", 141, 140));
        assert_eq!(
            refused(|p| p.payment_option[0].description = "a".repeat(141)),
            too_long("description", 141, 140)
        );
    }

    #[test]
    fn options_and_dates() {
        assert!(matches!(
            refused(|p| p.payment_option.clear()),
            InvalidRequest::Count { field: "paymentOption", count: 0, .. }
        ));
        assert_eq!(
            refused(|p| p.payment_option.push(p.payment_option[0].clone())),
            InvalidRequest::Repeated { field: "iuv" }
        );
        assert_eq!(
            refused(|p| p.payment_option[0].amount_cents = 0),
            InvalidRequest::NotPositive { field: "amount" }
        );
        assert_eq!(
            refused(|p| p.payment_option[0].amount_cents = AMOUNT_MAX_CENTS + 1),
            InvalidRequest::Malformed { field: "amount" }
        );
        assert_eq!(
            refused(|p| p.payment_option[0].retention_date = Some(DateTime::UNIX_EPOCH)),
            InvalidRequest::DateOrder { earlier: "dueDate", later: "retentionDate" }
        );
        assert_eq!(
            refused(|p| p.validity_date = Some(p.payment_option[0].due_date + TimeDelta::seconds(1))),
            InvalidRequest::DateOrder { earlier: "validityDate", later: "dueDate" }
        );
    }

    #[test]
    fn transfers() {
        let refused = |change: fn(&mut Vec<Transfer>)| refused(|p| change(&mut p.payment_option[0].transfer));
        assert_eq!(
            refused(Vec::clear),
            InvalidRequest::Count { field: "transfer", count: 0, min: 1, max: 5 }
        );
        assert_eq!(
            refused(|list| *list = vec![list[0].clone(); 6]),
            InvalidRequest::Count { field: "transfer", count: 6, min: 1, max: 5 }
        );
        assert_eq!(
            refused(|list| list[1].amount_cents += 1),
            InvalidRequest::TransferSum { transfers_cents: 2226, option_cents: 2225 }
        );
        assert_eq!(refused(|list| list[1].id_transfer = 1), InvalidRequest::Repeated { field: "idTransfer" });
        assert_eq!(
            refused(|list| list[1].id_transfer = 6),
            InvalidRequest::Malformed { field: "idTransfer" }
        );
        assert_eq!(
            refused(|list| list[0].amount_cents = -1),
            InvalidRequest::NotPositive { field: "transfer.amount" }
        );
        assert_eq!(
            refused(|list| list[0].organization_fiscal_code = Some("1".into())),
            InvalidRequest::Malformed { field: "organizationFiscalCode" }
        );
        assert_eq!(
            refused(|list| list[0].remittance_information.clear()),
            InvalidRequest::Empty { field: "remittanceInformation" }
        );
        assert_eq!(refused(|list| list[0].iban = None), InvalidRequest::IbanOrStamp);
        assert_eq!(
            refused(|list| list[0].iban = Some("IT 60".into())),
            InvalidRequest::Malformed { field: "iban" }
        );
        assert_eq!(
            refused(|list| list[0].postal_iban = Some(String::new())),
            InvalidRequest::Malformed { field: "postalIban" }
        );
    }

    #[test]
    fn stamps_and_metadata() {
        let stamp = || Stamp {
            hash_document: "x".into(),
            stamp_type: "01".into(),
            provincial_residence: "PG".into(),
        };
        let refused =
            |change: &dyn Fn(&mut Transfer)| refused(|p| change(&mut p.payment_option[0].transfer[0]));
        assert_eq!(refused(&|t| t.stamp = Some(stamp())), InvalidRequest::IbanOrStamp);
        let stamped = |change: fn(&mut Stamp)| {
            refused(&|t: &mut Transfer| {
                let mut stamp = stamp();
                change(&mut stamp);
                (t.iban, t.stamp) = (None, Some(stamp));
            })
        };
        assert_eq!(
            stamped(|s| s.hash_document = "x".repeat(73)),
            InvalidRequest::TooLong { field: "hashDocument", length: 73, max: 72 }
        );
        assert_eq!(stamped(|s| s.stamp_type = "1".into()), InvalidRequest::Malformed { field: "stampType" });
        assert_eq!(
            stamped(|s| s.provincial_residence = "pg".into()),
            InvalidRequest::Malformed { field: "provincialResidence" }
        );
        let pair = |key: &str| Metadata { key: key.into(), value: "1".into() };
        assert_eq!(
            refused(&|t| t.transfer_metadata = (0..11).map(|at| pair(&at.to_string())).collect()),
            InvalidRequest::Count { field: "transferMetadata", count: 11, min: 0, max: 10 }
        );
        assert_eq!(
            refused(&|t| t.transfer_metadata = vec![pair("a"), pair("a")]),
            InvalidRequest::Repeated { field: "transferMetadata" }
        );
        assert_eq!(
            refused(&|t| t.transfer_metadata = vec![pair(RESERVED_KEY)]),
            InvalidRequest::ReservedKey { key: RESERVED_KEY }
        );
        assert_eq!(
            refused(&|t| t.transfer_metadata = vec![pair(&"k".repeat(141))]),
            InvalidRequest::TooLong { field: "metadata.key", length: 141, max: 140 }
        );
    }

    #[test]
    fn is_written_as_the_contract_says() {
        let json = serde_json::to_value(position()).unwrap();
        assert_eq!(json["type"], "F");
        assert_eq!(json["paymentOption"][0]["dueDate"], "2026-12-31T22:59:59Z");
        assert_eq!(json["paymentOption"][0]["amount"], 2225);
        assert_eq!(json["paymentOption"][0]["transfer"][1]["idTransfer"], "2");
        assert_eq!(json["paymentOption"][0]["transfer"][1]["category"], "9/0104100TS/");
        assert_eq!(json["paymentOption"][0]["transfer"][1]["transferMetadata"], serde_json::json!([]));
        assert!(json.get("validityDate").is_none());
    }

    #[test]
    fn dates_without_a_zone_are_utc() {
        let mut json = serde_json::to_value(position()).unwrap();
        json["paymentOption"][0]["dueDate"] = "2026-12-31T22:59:59".into();
        assert_eq!(serde_json::from_value::<DebtPosition>(json.clone()).unwrap(), position());
        json["paymentOption"][0]["dueDate"] = "31/12/2026".into();
        assert!(serde_json::from_value::<DebtPosition>(json).is_err());
    }

    proptest! {
        #[test]
        fn positions_survive_json(
            name in "\\PC{1,70}", seconds in 0i64..4_102_444_800, cents in 1i64..1_000_000, kind in any::<bool>(),
            keys in proptest::collection::btree_set("[A-Z_]{1,20}", 0..10),
        ) {
            let mut position = position();
            position.full_name = name;
            position.debtor_kind = if kind { DebtorKind::Person } else { DebtorKind::Organization };
            position.validity_date = DateTime::from_timestamp(seconds, 0);
            position.payment_option[0].amount_cents = cents;
            position.payment_option[0].payment_option_metadata =
                keys.into_iter().map(|key| Metadata { key, value: "v".into() }).collect();
            let json = serde_json::to_string(&position).unwrap();
            prop_assert_eq!(serde_json::from_str::<DebtPosition>(&json).unwrap(), position);
        }

        #[test]
        fn a_split_is_accepted_only_if_it_sums(cents in proptest::collection::vec(1i64..100_000, 1..=5), off in -1i64..=1) {
            let mut position = position();
            position.payment_option[0].amount_cents = cents.iter().sum::<i64>() + off;
            position.payment_option[0].transfer =
                cents.iter().zip(1..).map(|(cents, index)| transfer(index, *cents)).collect();
            prop_assume!(position.payment_option[0].amount_cents > 0);
            prop_assert_eq!(position.validate().is_ok(), off == 0);
        }
    }
}
