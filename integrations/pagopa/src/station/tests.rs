//! The codec against the published samples, against the schema, and against itself.

use chrono::NaiveDate;
use proptest::collection::vec;
use proptest::prelude::*;

use super::arbitrary::delivery;
use super::*;
use crate::wire::Moment;
use crate::wire::testing::{Schema, spec};

const LIMIT: usize = 256 * 1024;

fn sample(name: &str) -> Option<String> {
    Some(std::fs::read_to_string(spec(&format!("samples/soap/{name}"))?).unwrap())
}

fn minimal() -> SendRt {
    SendRt {
        id_pa: "77777777777".into(),
        id_broker_pa: "88888888888".into(),
        id_station: "88888888888_01".into(),
        receipt: Receipt {
            receipt_id: "c110729d258c4ab1b765fe902aae41d6".into(),
            notice_number: "311111111112222222".into(),
            fiscal_code: "77777777777".into(),
            outcome: Outcome::Ok,
            creditor_reference_id: "11111111112222222".into(),
            payment_amount_cents: 3_000,
            description: "Carta d'identità".into(),
            company_name: "Comune di Prova".into(),
            office_name: None,
            debtor: Subject {
                kind: SubjectKind::Person,
                identifier: "ANONIMO".into(),
                full_name: "ANONIMO".into(),
                street_name: None,
                civic_number: None,
                postal_code: None,
                city: None,
                province: None,
                country: None,
                email: None,
            },
            transfers: vec![ReceiptTransfer {
                index: 1,
                amount_cents: 3_000,
                fiscal_code_pa: "77777777777".into(),
                company_name: None,
                destination: Destination::Iban("IT60X0542811101000000123456".into()),
                remittance_information: "diritti".into(),
                transfer_category: "0101100IM".into(),
                metadata: vec![],
            }],
            psp: Psp {
                id: "PSP".into(),
                fiscal_code: None,
                vat_number: None,
                company_name: "Una Banca".into(),
                channel_id: "PSP_01".into(),
                channel_description: "app".into(),
            },
            payer: None,
            payment_method: None,
            payment_note: None,
            fee_cents: None,
            primary_ci_incurred_fee_cents: None,
            bundle_id: None,
            ci_bundle_id: None,
            payment_date_time: None,
            application_date: None,
            transfer_date: None,
            metadata: vec![],
            stand_in: false,
        },
    }
}

#[test]
fn the_published_v2_sample_is_read_whole() {
    let Some(xml) = sample("09_paSendRTV2Request.xml") else { return };
    let Ok(Request::SendRtV2(delivery)) = parse(xml.as_bytes(), LIMIT) else {
        panic!("{:?}", parse(xml.as_bytes(), LIMIT));
    };
    let john = Subject {
        kind: SubjectKind::Person,
        identifier: "JHNDOE00A01F205N".into(),
        full_name: "John Doe".into(),
        street_name: Some("street".into()),
        civic_number: Some("12".into()),
        postal_code: Some("89020".into()),
        city: Some("city".into()),
        province: Some("MI".into()),
        country: Some("IT".into()),
        email: Some("john.doe@test.it".into()),
    };
    let metadata = vec![MetadataEntry { key: "keytest".into(), value: "1".into() }];
    let transfer = |index, amount_cents, fiscal_code_pa: &str, metadata| ReceiptTransfer {
        index,
        amount_cents,
        fiscal_code_pa: fiscal_code_pa.into(),
        company_name: Some(format!("company EC{index}")),
        destination: Destination::Iban(format!("IT000000000000000000000000{}", index - 1)),
        remittance_information: format!("remittanceInformation{index}"),
        transfer_category: format!("0{index}0110{}IM", (index - 1) * 2),
        metadata,
    };
    let day = |d| NaiveDate::from_ymd_opt(2021, 10, d).unwrap();
    let expected = SendRt {
        id_pa: "77777777777".into(),
        id_broker_pa: "77777777777".into(),
        id_station: "77777777777_01".into(),
        receipt: Receipt {
            description: "test".into(),
            company_name: "company EC1".into(),
            office_name: Some("office EC".into()),
            debtor: john.clone(),
            transfers: vec![
                transfer(1, 2_000, "77777777777", metadata.clone()),
                transfer(2, 1_000, "77777777778", vec![]),
            ],
            psp: Psp {
                id: "88888888888".into(),
                fiscal_code: Some("88888888888".into()),
                vat_number: Some("88888888888".into()),
                company_name: "PSP name".into(),
                channel_id: "88888888888_01".into(),
                channel_description: "app".into(),
            },
            payer: Some(john),
            payment_method: Some("creditCard".into()),
            fee_cents: Some(200),
            primary_ci_incurred_fee_cents: Some(50),
            bundle_id: Some("1".into()),
            ci_bundle_id: Some("2".into()),
            payment_date_time: Some(Moment::Local(day(1).and_hms_opt(17, 48, 22).unwrap())),
            application_date: Some(day(1)),
            transfer_date: Some(day(2)),
            metadata,
            ..minimal().receipt
        },
    };
    assert!(delivery == expected, "{delivery:#?}");
}

#[test]
fn the_published_v1_sample_is_read() {
    let Some(xml) = sample("07_paSendRTReq.xml") else { return };
    let request = parse(xml.as_bytes(), LIMIT).unwrap();
    assert_eq!(request.operation(), Operation::SendRt);
    let Request::SendRt(delivery) = request else { panic!("not paSendRT") };
    assert_eq!(delivery.receipt.payment_amount_cents, 3_000);
    assert_eq!(delivery.receipt.fee_cents, Some(200));
    assert_eq!(delivery.receipt.transfers.len(), 2);
    assert_eq!(delivery.receipt.transfers[1].company_name, None);
}

#[test]
fn the_other_published_requests_are_refused_by_name() {
    let schema = Schema::pa_for_node("station-unsupported");
    for (file, operation, element) in [
        ("01_paVerifyPaymentNoticeReq.xml", Operation::VerifyPaymentNotice, "paVerifyPaymentNoticeRes"),
        ("03_paGetPaymentReq.xml", Operation::GetPayment, "paGetPaymentRes"),
        ("05_paGetPaymentV2Request.xml", Operation::GetPaymentV2, "paGetPaymentV2Response"),
    ] {
        let Some(xml) = sample(file) else { return };
        let error = parse(xml.as_bytes(), LIMIT).unwrap_err();
        assert!(matches!(error, StationError::Unsupported(o) if o == operation), "{file}: {error:?}");
        let answer = error.answer("77777777777");
        assert_eq!(answer.status, 200);
        assert!(answer.xml.contains(&format!("<pafn:{element}><outcome>KO</outcome>")), "{}", answer.xml);
        assert!(answer.xml.contains("<faultCode>PAA_SYSTEM_ERROR</faultCode>"), "{}", answer.xml);
        assert!(answer.xml.contains("is not served by this station</description>"), "{}", answer.xml);
        if let Some(schema) = &schema {
            assert_eq!(schema.validate(&answer.xml), Ok(()));
        }
    }
}

#[test]
fn the_schema_check_itself_can_fail() {
    let (Some(schema), Some(xml)) =
        (Schema::pa_for_node("station-control"), sample("09_paSendRTV2Request.xml"))
    else {
        return;
    };
    let declared = xml.replace(
        "<soapenv:Envelope>",
        r#"<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:pafn="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd">"#,
    );
    // SANP's own example breaks SANP's own schema, by this one name.
    let complaint = schema.validate(&declared).unwrap_err();
    assert!(complaint.contains("standin"), "{complaint}");
    assert_eq!(schema.validate(&declared.replace("standin>", "standIn>")), Ok(()));
}

#[test]
fn every_answer_follows_the_schema() {
    let Some(schema) = Schema::pa_for_node("station-answers") else { return };
    for operation in Operation::ALL {
        let ok = ok_xml(operation);
        assert!(ok.contains(&format!("<pafn:{}><outcome>OK</outcome></", operation.response_element())));
        assert_eq!(schema.validate(&ok), Ok(()), "{operation:?}");
        for code in FaultCode::ALL {
            let fault =
                Fault { code, id: "77777777777".into(), description: Some("<a> & \u{1}\"b\"".into()) };
            let ko = ko_xml(operation, &fault);
            assert!(ko.contains(code.as_str()) && ko.contains("&lt;a"), "{ko}");
            assert_eq!(schema.validate(&ko), Ok(()), "{operation:?} {code:?}");
        }
    }
    let not_xml = parse(b"{}", LIMIT).unwrap_err().answer("77777777777");
    assert_eq!(not_xml.status, 500);
    assert!(not_xml.xml.contains("<faultcode>soapenv:Client</faultcode>"), "{}", not_xml.xml);
    assert_eq!(schema.validate(&not_xml.xml), Ok(()));
}

fn reason(xml: &str) -> String {
    let error = parse(xml.as_bytes(), LIMIT).unwrap_err();
    match std::error::Error::source(&error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

#[test]
fn what_is_not_a_request_is_refused_with_the_reason() {
    let envelope = |inner: &str| format!("<s:Envelope><s:Header><x/></s:Header>{inner}</s:Envelope>");
    for (xml, expected) in [
        ("<html/>".to_owned(), "the request is not a SOAP 1.1 request: the root element is not Envelope"),
        ("<Envelope/>".to_owned(), "the request is not a SOAP 1.1 request: the envelope has no body"),
        (envelope(""), "the request is not a SOAP 1.1 request: the envelope has no body"),
        (envelope("<Body/>"), "the request is not a SOAP 1.1 request: the body is empty"),
        (
            envelope("<Body><a/><b/></Body>"),
            "the request is not a SOAP 1.1 request: the body holds more than one element",
        ),
        (envelope("<Body><p:paInviaRT/></Body>"), "`paInviaRT` is not an operation of paForNode"),
        (
            envelope("<Body><p:paSendRTV2Request/></Body>"),
            "the request paSendRTV2 does not follow its schema: missing field `idPA`",
        ),
        (
            format!("<!DOCTYPE x>{}", envelope("<Body/>")),
            "the request is not readable XML: the document has a document type definition, which is refused",
        ),
    ] {
        assert_eq!(reason(&xml), expected);
    }
    let valid = send_rt_v2_xml(&minimal());
    assert!(matches!(
        parse(valid.as_bytes(), valid.len() - 1),
        Err(StationError::Xml(crate::wire::XmlError::TooLarge { .. }))
    ));
    assert!(parse(valid.as_bytes(), valid.len()).is_ok());
}

#[test]
fn a_wrong_value_is_named_and_answered_as_a_schema_error() {
    let valid = send_rt_v2_xml(&minimal());
    for (from, to, expected) in [
        (
            ">30.00</paymentAmount>",
            ">30,00</paymentAmount>",
            "paymentAmount: `30,00` is not an amount with two decimals up to 999999999.99",
        ),
        ("<outcome>OK", "<outcome>YES", "outcome: `YES` is not OK or KO"),
        ("311111111112222222", "31111111111222222", "noticeNumber: is not made of 18 digits"),
        ("<idTransfer>1", "<idTransfer>6", "idTransfer: `6` is not a number from 1 to 5"),
        (">F<", ">X<", "entityUniqueIdentifierType: is neither F nor G"),
        ("<standIn>false", "<standIn>maybe", "standIn: `maybe` is not a boolean"),
        (
            "<IBAN>IT60X0542811101000000123456</IBAN>",
            "",
            "transfer: has not exactly one of IBAN and MBDAttachment",
        ),
        ("<receiptId>c110729d258c4ab1b765fe902aae41d6", "<receiptId>", "receiptId: is empty"),
    ] {
        assert!(valid.contains(from), "{from}");
        let broken = valid.replacen(from, to, 1);
        assert_eq!(reason(&broken), format!("the request paSendRTV2 holds an invalid value: {expected}"));
        let answer = parse(broken.as_bytes(), LIMIT).unwrap_err().answer("77777777777");
        assert!(answer.xml.contains("<pafn:paSendRTV2Response><outcome>KO</outcome>"), "{}", answer.xml);
        assert!(answer.xml.contains("PAA_SINTASSI_XSD"), "{}", answer.xml);
    }
    let repeated = valid.replacen("<receiptId>", "<receiptId>other</receiptId><receiptId>", 1);
    assert_eq!(
        reason(&repeated),
        "the request paSendRTV2 does not follow its schema: duplicate field `receiptId`"
    );
}

#[test]
fn a_receipt_is_accepted_whatever_its_check_digits_and_sums() {
    let mut delivery = minimal();
    delivery.receipt.notice_number = "000000000000000000".into();
    delivery.receipt.payment_amount_cents = 1;
    delivery.receipt.outcome = Outcome::Ko;
    let request = parse(send_rt_v2_xml(&delivery).as_bytes(), LIMIT).unwrap();
    assert!(request == Request::SendRtV2(delivery));
}

#[test]
fn an_attachment_may_be_broken_into_lines() {
    let mut delivery = minimal();
    delivery.receipt.transfers[0].destination = Destination::StampDuty(b"<marcaDaBollo/>".to_vec());
    let xml = send_rt_v2_xml(&delivery).replace("PG1hcmNhRGFC", "\n PG1hcm\r\nNhRGFC");
    assert!(xml.contains("\r\nNhRGFC"), "{xml}");
    assert!(parse(xml.as_bytes(), LIMIT).unwrap() == Request::SendRtV2(delivery));
}

#[test]
fn every_written_delivery_follows_the_schema() {
    let Some(schema) = Schema::pa_for_node("station-deliveries") else { return };
    assert_eq!(schema.validate(&send_rt_v2_xml(&minimal())), Ok(()));
    proptest!(ProptestConfig::with_cases(64), |(delivery in delivery())| {
        prop_assert_eq!(schema.validate(&send_rt_v2_xml(&delivery)), Ok(()));
    });
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(delivery in delivery()) {
        let xml = send_rt_v2_xml(&delivery);
        let request = parse(xml.as_bytes(), LIMIT).unwrap();
        prop_assert!(request == Request::SendRtV2(delivery), "{}", xml);
    }

    #[test]
    fn text_from_anywhere_never_breaks_the_message(description in any::<String>()) {
        let mut delivery = minimal();
        delivery.receipt.description = description;
        prop_assert!(parse(send_rt_v2_xml(&delivery).as_bytes(), LIMIT).is_ok());
    }

    #[test]
    fn no_body_makes_the_reader_panic(body in vec(any::<u8>(), 0..200), cut in any::<prop::sample::Index>()) {
        let _ = parse(&body, LIMIT);
        let valid = send_rt_v2_xml(&minimal());
        let mut bytes = valid.into_bytes();
        let at = cut.index(bytes.len());
        bytes.splice(at..at, body);
        if let Err(error) = parse(&bytes, LIMIT) {
            let _ = error.answer("77777777777");
        }
    }
}
