//! `paSendRTV2Request` element by element, in the order of the schema; `paSendRTReq` is a part of it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

use super::{
    Destination, MetadataEntry, Outcome, Psp, Receipt, ReceiptTransfer, SendRt, Subject, SubjectKind,
};
use crate::wire::xml::carriable;
use crate::wire::{InvalidField, Moment, amount, moment};

/// The most `transfer` elements of a list.
const TRANSFERS_MAX: usize = 5;

#[derive(Serialize, Deserialize)]
pub(super) struct SendRtWire {
    #[serde(rename = "idPA")]
    id_pa: String,
    #[serde(rename = "idBrokerPA")]
    id_broker_pa: String,
    #[serde(rename = "idStation")]
    id_station: String,
    receipt: ReceiptWire,
}

/// `ctReceiptV2`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReceiptWire {
    receipt_id: String,
    notice_number: String,
    fiscal_code: String,
    outcome: String,
    creditor_reference_id: String,
    payment_amount: String,
    description: String,
    company_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    office_name: Option<String>,
    debtor: SubjectWire,
    transfer_list: TransferListWire,
    #[serde(rename = "idPSP")]
    id_psp: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    psp_fiscal_code: Option<String>,
    #[serde(rename = "pspPartitaIVA", skip_serializing_if = "Option::is_none")]
    psp_partita_iva: Option<String>,
    #[serde(rename = "PSPCompanyName")]
    psp_company_name: String,
    id_channel: String,
    channel_description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    payer: Option<SubjectWire>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_method: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fee: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    primary_ci_incurred_fee: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_bundle: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_ci_bundle: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_date_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    application_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transfer_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<MetadataWire>,
    /// SANP's text and examples write `standin`, the schema `standIn`.
    #[serde(alias = "standin", skip_serializing_if = "Option::is_none")]
    stand_in: Option<String>,
}

/// `ctSubject`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SubjectWire {
    unique_identifier: IdentifierWire,
    full_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    street_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    civic_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    postal_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    city: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_province_region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<String>,
    #[serde(rename = "e-mail", skip_serializing_if = "Option::is_none")]
    email: Option<String>,
}

/// `ctEntityUniqueIdentifier`.
#[derive(Serialize, Deserialize)]
struct IdentifierWire {
    #[serde(rename = "entityUniqueIdentifierType")]
    kind: String,
    #[serde(rename = "entityUniqueIdentifierValue")]
    value: String,
}

/// `ctTransferListPAReceiptV2`.
#[derive(Serialize, Deserialize)]
struct TransferListWire {
    #[serde(default)]
    transfer: Vec<TransferWire>,
}

/// `ctTransferPAReceiptV2`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TransferWire {
    id_transfer: String,
    transfer_amount: String,
    #[serde(rename = "fiscalCodePA")]
    fiscal_code_pa: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    company_name: Option<String>,
    #[serde(rename = "IBAN", skip_serializing_if = "Option::is_none")]
    iban: Option<String>,
    #[serde(rename = "MBDAttachment", skip_serializing_if = "Option::is_none")]
    mbd_attachment: Option<String>,
    remittance_information: String,
    transfer_category: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<MetadataWire>,
}

/// `ctMetadata`.
#[derive(Serialize, Deserialize)]
struct MetadataWire {
    #[serde(rename = "mapEntry", default)]
    entries: Vec<EntryWire>,
}

#[derive(Serialize, Deserialize)]
struct EntryWire {
    key: String,
    value: String,
}

impl TryFrom<SendRtWire> for SendRt {
    type Error = InvalidField;

    fn try_from(wire: SendRtWire) -> Result<Self, InvalidField> {
        Ok(Self {
            id_pa: required("idPA", wire.id_pa)?,
            id_broker_pa: wire.id_broker_pa,
            id_station: wire.id_station,
            receipt: wire.receipt.try_into()?,
        })
    }
}

impl TryFrom<ReceiptWire> for Receipt {
    type Error = InvalidField;

    fn try_from(wire: ReceiptWire) -> Result<Self, InvalidField> {
        let amount = |field, text: Option<String>| filled(text).map(|t| amount::parse(field, &t)).transpose();
        let date =
            |field, text: Option<String>| filled(text).map(|t| moment::parse_date(field, &t)).transpose();
        Ok(Self {
            receipt_id: required("receiptId", wire.receipt_id)?,
            notice_number: digits("noticeNumber", wire.notice_number, 18)?,
            fiscal_code: digits("fiscalCode", wire.fiscal_code, 11)?,
            outcome: parse_outcome(&wire.outcome)?,
            creditor_reference_id: required("creditorReferenceId", wire.creditor_reference_id)?,
            payment_amount_cents: amount::parse("paymentAmount", &wire.payment_amount)?,
            description: wire.description,
            company_name: wire.company_name,
            office_name: filled(wire.office_name),
            debtor: wire.debtor.try_into()?,
            transfers: parse_transfers(wire.transfer_list)?,
            psp: Psp {
                id: required("idPSP", wire.id_psp)?,
                fiscal_code: filled(wire.psp_fiscal_code),
                vat_number: filled(wire.psp_partita_iva),
                company_name: wire.psp_company_name,
                channel_id: wire.id_channel,
                channel_description: wire.channel_description,
            },
            payer: wire.payer.map(Subject::try_from).transpose()?,
            payment_method: filled(wire.payment_method),
            payment_note: filled(wire.payment_note),
            fee_cents: amount("fee", wire.fee)?,
            primary_ci_incurred_fee_cents: amount("primaryCiIncurredFee", wire.primary_ci_incurred_fee)?,
            bundle_id: filled(wire.id_bundle),
            ci_bundle_id: filled(wire.id_ci_bundle),
            payment_date_time: filled(wire.payment_date_time)
                .map(|text| Moment::parse("paymentDateTime", &text))
                .transpose()?,
            application_date: date("applicationDate", wire.application_date)?,
            transfer_date: date("transferDate", wire.transfer_date)?,
            metadata: entries(wire.metadata),
            stand_in: parse_bool("standIn", filled(wire.stand_in).as_deref())?,
        })
    }
}

impl TryFrom<SubjectWire> for Subject {
    type Error = InvalidField;

    fn try_from(wire: SubjectWire) -> Result<Self, InvalidField> {
        let kind = match wire.unique_identifier.kind.as_str() {
            "F" => SubjectKind::Person,
            "G" => SubjectKind::Organisation,
            _ => return Err(InvalidField::new("entityUniqueIdentifierType", "is neither F nor G")),
        };
        Ok(Self {
            kind,
            identifier: required("entityUniqueIdentifierValue", wire.unique_identifier.value)?,
            full_name: wire.full_name,
            street_name: filled(wire.street_name),
            civic_number: filled(wire.civic_number),
            postal_code: filled(wire.postal_code),
            city: filled(wire.city),
            province: filled(wire.state_province_region),
            country: filled(wire.country),
            email: filled(wire.email),
        })
    }
}

fn parse_transfers(list: TransferListWire) -> Result<Vec<ReceiptTransfer>, InvalidField> {
    if list.transfer.is_empty() || list.transfer.len() > TRANSFERS_MAX {
        let problem = format!("has {} transfers, not 1 to {TRANSFERS_MAX}", list.transfer.len());
        return Err(InvalidField::new("transferList", problem));
    }
    list.transfer.into_iter().map(ReceiptTransfer::try_from).collect()
}

impl TryFrom<TransferWire> for ReceiptTransfer {
    type Error = InvalidField;

    fn try_from(wire: TransferWire) -> Result<Self, InvalidField> {
        let index = match wire.id_transfer.parse() {
            Ok(index @ 1..=5) => index,
            _ => return Err(InvalidField::value("idTransfer", &wire.id_transfer, "a number from 1 to 5")),
        };
        let destination = match (filled(wire.iban), filled(wire.mbd_attachment)) {
            (Some(iban), None) => Destination::Iban(iban),
            (None, Some(attachment)) => Destination::StampDuty(parse_base64("MBDAttachment", &attachment)?),
            _ => return Err(InvalidField::new("transfer", "has not exactly one of IBAN and MBDAttachment")),
        };
        Ok(Self {
            index,
            amount_cents: amount::parse("transferAmount", &wire.transfer_amount)?,
            fiscal_code_pa: digits("fiscalCodePA", wire.fiscal_code_pa, 11)?,
            company_name: filled(wire.company_name),
            destination,
            remittance_information: wire.remittance_information,
            transfer_category: wire.transfer_category,
            metadata: entries(wire.metadata),
        })
    }
}

/// An optional element that is there but empty says nothing.
fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn required(field: &'static str, text: String) -> Result<String, InvalidField> {
    if text.is_empty() {
        return Err(InvalidField::new(field, "is empty"));
    }
    Ok(text)
}

fn digits(field: &'static str, text: String, length: usize) -> Result<String, InvalidField> {
    if text.len() != length || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(InvalidField::new(field, format!("is not made of {length} digits")));
    }
    Ok(text)
}

fn parse_outcome(text: &str) -> Result<Outcome, InvalidField> {
    match text {
        "OK" => Ok(Outcome::Ok),
        "KO" => Ok(Outcome::Ko),
        _ => Err(InvalidField::value("outcome", text, "OK or KO")),
    }
}

/// `xsd:boolean`, false where absent.
fn parse_bool(field: &'static str, text: Option<&str>) -> Result<bool, InvalidField> {
    match text {
        Some("true" | "1") => Ok(true),
        Some("false" | "0") | None => Ok(false),
        Some(other) => Err(InvalidField::value(field, other, "a boolean")),
    }
}

/// `xsd:base64Binary`, which may be broken into lines.
fn parse_base64(field: &'static str, text: &str) -> Result<Vec<u8>, InvalidField> {
    let packed: String = text.split_ascii_whitespace().collect();
    BASE64_STANDARD.decode(packed).map_err(|_| InvalidField::new(field, "is not base64"))
}

fn entries(metadata: Option<MetadataWire>) -> Vec<MetadataEntry> {
    let entry = |wire: EntryWire| MetadataEntry { key: wire.key, value: wire.value };
    metadata.into_iter().flat_map(|m| m.entries).map(entry).collect()
}

impl From<&SendRt> for SendRtWire {
    fn from(delivery: &SendRt) -> Self {
        Self {
            id_pa: carriable(&delivery.id_pa),
            id_broker_pa: carriable(&delivery.id_broker_pa),
            id_station: carriable(&delivery.id_station),
            receipt: (&delivery.receipt).into(),
        }
    }
}

impl From<&Receipt> for ReceiptWire {
    fn from(receipt: &Receipt) -> Self {
        let outcome = match receipt.outcome {
            Outcome::Ok => "OK",
            Outcome::Ko => "KO",
        };
        Self {
            receipt_id: carriable(&receipt.receipt_id),
            notice_number: carriable(&receipt.notice_number),
            fiscal_code: carriable(&receipt.fiscal_code),
            outcome: outcome.to_owned(),
            creditor_reference_id: carriable(&receipt.creditor_reference_id),
            payment_amount: amount::format(receipt.payment_amount_cents),
            description: carriable(&receipt.description),
            company_name: carriable(&receipt.company_name),
            office_name: optional(&receipt.office_name),
            debtor: (&receipt.debtor).into(),
            transfer_list: TransferListWire {
                transfer: receipt.transfers.iter().map(TransferWire::from).collect(),
            },
            id_psp: carriable(&receipt.psp.id),
            psp_fiscal_code: optional(&receipt.psp.fiscal_code),
            psp_partita_iva: optional(&receipt.psp.vat_number),
            psp_company_name: carriable(&receipt.psp.company_name),
            id_channel: carriable(&receipt.psp.channel_id),
            channel_description: carriable(&receipt.psp.channel_description),
            payer: receipt.payer.as_ref().map(SubjectWire::from),
            payment_method: optional(&receipt.payment_method),
            payment_note: optional(&receipt.payment_note),
            fee: receipt.fee_cents.map(amount::format),
            primary_ci_incurred_fee: receipt.primary_ci_incurred_fee_cents.map(amount::format),
            id_bundle: optional(&receipt.bundle_id),
            id_ci_bundle: optional(&receipt.ci_bundle_id),
            payment_date_time: receipt.payment_date_time.map(|moment| moment.to_string()),
            application_date: receipt.application_date.map(|date| date.to_string()),
            transfer_date: receipt.transfer_date.map(|date| date.to_string()),
            metadata: metadata(&receipt.metadata),
            stand_in: Some(receipt.stand_in.to_string()),
        }
    }
}

impl From<&Subject> for SubjectWire {
    fn from(subject: &Subject) -> Self {
        let kind = match subject.kind {
            SubjectKind::Person => "F",
            SubjectKind::Organisation => "G",
        };
        Self {
            unique_identifier: IdentifierWire {
                kind: kind.to_owned(),
                value: carriable(&subject.identifier),
            },
            full_name: carriable(&subject.full_name),
            street_name: optional(&subject.street_name),
            civic_number: optional(&subject.civic_number),
            postal_code: optional(&subject.postal_code),
            city: optional(&subject.city),
            state_province_region: optional(&subject.province),
            country: optional(&subject.country),
            email: optional(&subject.email),
        }
    }
}

impl From<&ReceiptTransfer> for TransferWire {
    fn from(transfer: &ReceiptTransfer) -> Self {
        let (iban, mbd_attachment) = match &transfer.destination {
            Destination::Iban(iban) => (Some(carriable(iban)), None),
            Destination::StampDuty(attachment) => (None, Some(BASE64_STANDARD.encode(attachment))),
        };
        Self {
            id_transfer: transfer.index.to_string(),
            transfer_amount: amount::format(transfer.amount_cents),
            fiscal_code_pa: carriable(&transfer.fiscal_code_pa),
            company_name: optional(&transfer.company_name),
            iban,
            mbd_attachment,
            remittance_information: carriable(&transfer.remittance_information),
            transfer_category: carriable(&transfer.transfer_category),
            metadata: metadata(&transfer.metadata),
        }
    }
}

fn optional(text: &Option<String>) -> Option<String> {
    text.as_deref().map(carriable)
}

fn metadata(entries: &[MetadataEntry]) -> Option<MetadataWire> {
    let entry =
        |entry: &MetadataEntry| EntryWire { key: carriable(&entry.key), value: carriable(&entry.value) };
    (!entries.is_empty()).then(|| MetadataWire { entries: entries.iter().map(entry).collect() })
}
