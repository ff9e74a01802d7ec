//! Deliveries made up for property tests, within the limits of `paForNode.xsd`.

use chrono::{DateTime, FixedOffset, NaiveDate};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::*;
use crate::wire::Moment;

/// Text with everything XML must escape, without the outer blanks that XML data binding drops.
fn text(max: usize) -> BoxedStrategy<String> {
    let inner = max - 2;
    prop_oneof![
        8 => proptest::string::string_regex(&format!("[!-~àÈ€ß]([ -~\tàÈ€ß字🦀]{{0,{inner}}}[!-~àÈ€])?")).unwrap(),
        1 => Just("<![CDATA[x]]>".to_owned()),
        1 => Just("&amp;&#65;&lol;".to_owned()),
    ]
    .prop_map(move |text| text.chars().take(max).collect::<String>().trim().to_owned())
    .boxed()
}

fn moment() -> BoxedStrategy<Moment> {
    let seconds = 946_684_800_i64..4_102_444_800;
    let nanos = prop_oneof![Just(0_u32), Just(688_000_000), 0_u32..1_000_000_000];
    (seconds, nanos, option::of(-14_i32 * 60..=14 * 60))
        .prop_map(|(seconds, nanos, offset_minutes)| {
            let utc = DateTime::from_timestamp(seconds, nanos).unwrap();
            match offset_minutes {
                None => Moment::Local(utc.naive_utc()),
                Some(minutes) => {
                    Moment::Zoned(utc.with_timezone(&FixedOffset::east_opt(minutes * 60).unwrap()))
                }
            }
        })
        .boxed()
}

fn date() -> BoxedStrategy<NaiveDate> {
    (0_i64..36_500)
        .prop_map(|n| NaiveDate::from_ymd_opt(2000, 1, 1).unwrap() + chrono::Days::new(n.unsigned_abs()))
        .boxed()
}

fn subject() -> BoxedStrategy<Subject> {
    let kind = prop_oneof![Just(SubjectKind::Person), Just(SubjectKind::Organisation)];
    let address = (
        option::of(text(70)),
        option::of(text(16)),
        option::of(text(16)),
        option::of(text(35)),
        option::of(text(35)),
    );
    (
        kind,
        "[A-Z0-9]{2,16}",
        text(70),
        address,
        option::of("[A-Z]{2}"),
        option::of("[a-z.+_-]{1,20}@[a-z-]{1,9}\\.it"),
    )
        .prop_map(
            |(
                kind,
                identifier,
                full_name,
                (street_name, civic_number, postal_code, city, province),
                country,
                email,
            )| Subject {
                kind,
                identifier,
                full_name,
                street_name,
                civic_number,
                postal_code,
                city,
                province,
                country,
                email,
            },
        )
        .boxed()
}

fn entries() -> BoxedStrategy<Vec<MetadataEntry>> {
    vec((text(140), text(140)).prop_map(|(key, value)| MetadataEntry { key, value }), 0..=15).boxed()
}

fn transfer() -> BoxedStrategy<ReceiptTransfer> {
    let destination = prop_oneof![
        text(35).prop_map(Destination::Iban),
        vec(any::<u8>(), 1..200).prop_map(Destination::StampDuty),
    ];
    let head = (1_u8..=5, 1_i64..=99_999_999_999, "[0-9]{11}", option::of(text(140)));
    (head, destination, text(140), text(140), entries())
        .prop_map(
            |(
                (index, amount_cents, fiscal_code_pa, company_name),
                destination,
                remittance_information,
                transfer_category,
                metadata,
            )| {
                ReceiptTransfer {
                    index,
                    amount_cents,
                    fiscal_code_pa,
                    company_name,
                    destination,
                    remittance_information,
                    transfer_category,
                    metadata,
                }
            },
        )
        .boxed()
}

fn psp() -> BoxedStrategy<Psp> {
    (text(35), option::of(text(70)), option::of(text(20)), text(70), text(35), text(35))
        .prop_map(|(id, fiscal_code, vat_number, company_name, channel_id, channel_description)| Psp {
            id,
            fiscal_code,
            vat_number,
            company_name,
            channel_id,
            channel_description,
        })
        .boxed()
}

fn receipt() -> BoxedStrategy<Receipt> {
    let cents = || 0_i64..=99_999_999_999;
    let ids = (text(60), "[0-9]{18}", "[0-9]{11}", text(35));
    let what = (
        prop_oneof![Just(Outcome::Ok), Just(Outcome::Ko)],
        cents(),
        text(140),
        text(140),
        option::of(text(140)),
    );
    let who = (subject(), psp(), option::of(subject()), vec(transfer(), 1..=5));
    let how = (option::of(text(35)), option::of(text(210)), option::of(cents()), option::of(cents()));
    let bundles = (option::of(text(70)), option::of(text(70)));
    let when = (option::of(moment()), option::of(date()), option::of(date()));
    (ids, what, who, how, bundles, when, entries(), any::<bool>())
        .prop_map(|(ids, what, who, how, bundles, when, metadata, stand_in)| Receipt {
            receipt_id: ids.0,
            notice_number: ids.1,
            fiscal_code: ids.2,
            creditor_reference_id: ids.3,
            outcome: what.0,
            payment_amount_cents: what.1,
            description: what.2,
            company_name: what.3,
            office_name: what.4,
            debtor: who.0,
            psp: who.1,
            payer: who.2,
            transfers: who.3,
            payment_method: how.0,
            payment_note: how.1,
            fee_cents: how.2,
            primary_ci_incurred_fee_cents: how.3,
            bundle_id: bundles.0,
            ci_bundle_id: bundles.1,
            payment_date_time: when.0,
            application_date: when.1,
            transfer_date: when.2,
            metadata,
            stand_in,
        })
        .boxed()
}

/// Any delivery that the schema allows.
pub(super) fn delivery() -> BoxedStrategy<SendRt> {
    (text(35), text(35), text(35), receipt())
        .prop_map(|(id_pa, id_broker_pa, id_station, receipt)| SendRt {
            id_pa,
            id_broker_pa,
            id_station,
            receipt,
        })
        .boxed()
}
