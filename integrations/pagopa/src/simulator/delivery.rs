//! Receipts on their way to the creditor's station: posted, and posted again every hour until the station says OK.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Europe::Rome;
use http::header::CONTENT_TYPE;
use serde::Deserialize;

use super::{Settings, Simulator, payment::Payment, settlement, state::State};
use crate::{
    gpd::{DebtorKind, Metadata, Transfer},
    station::{
        Destination, MetadataEntry, Outcome, Psp, Receipt, ReceiptTransfer, SendRt, Subject, SubjectKind,
        send_rt_v2_xml,
    },
    wire::Moment,
};

/// Between two deliveries of a receipt (SANP 3.12.0, integration via synchronous APIs).
const RETRY_AFTER: TimeDelta = TimeDelta::hours(1);
/// Deliveries after which the platform gives up (ibidem).
const ATTEMPTS_MAX: u32 = 48;
/// How long the node waits for the answer to a receipt (SANP 3.12.0, creditor entity service levels).
const STATION_TIMEOUT: Duration = Duration::from_secs(15);

/// A receipt to be posted.
pub(super) struct Delivery {
    receipt_id: String,
    envelope: String,
    due: DateTime<Utc>,
    attempts: u32,
}

/// One posting of a receipt, kept as evidence: what was said and what was answered, as they were on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// When.
    pub at: DateTime<Utc>,
    /// Which receipt.
    pub receipt_id: String,
    /// The SOAP request.
    pub request: String,
    /// The HTTP status; `None` if there was no answer.
    pub status: Option<u16>,
    /// The answer.
    pub response: String,
    /// Whether the answer was an OK.
    pub accepted: bool,
}

impl Simulator {
    /// Posts what is due, one at a time, and gives how many were accepted.
    pub(super) async fn deliver_due(&self) -> usize {
        let mut accepted = 0;
        while let Some(delivery) = self.next_due() {
            accepted += usize::from(self.post(delivery).await);
        }
        accepted
    }

    fn next_due(&self) -> Option<Delivery> {
        let now = self.now();
        let mut state = self.state();
        state.end_slow_payments(self.settings(), now);
        state.next_delivery(now)
    }

    async fn post(&self, delivery: Delivery) -> bool {
        let settings = self.settings();
        let request = settings
            .http
            .post(settings.station_url.clone())
            .timeout(STATION_TIMEOUT)
            .headers(settings.station_headers.clone())
            .header(CONTENT_TYPE, "text/xml; charset=utf-8")
            .header("SOAPAction", "\"paSendRTV2\"")
            .body(delivery.envelope.clone());
        let (status, response) = match request.send().await {
            Ok(answer) => (Some(answer.status().as_u16()), answer.text().await.unwrap_or_default()),
            Err(_) => (None, String::new()),
        };
        let accepted = status == Some(200) && says_ok(&response);
        let at = self.now();
        let mut state = self.state();
        state.evidence.push(Exchange {
            at,
            receipt_id: delivery.receipt_id.clone(),
            request: delivery.envelope.clone(),
            status,
            response,
            accepted,
        });
        let attempts = delivery.attempts + 1;
        if !accepted && attempts < ATTEMPTS_MAX {
            state.deliveries.push(Delivery { due: at + RETRY_AFTER, attempts, ..delivery });
        }
        accepted
    }
}

impl State {
    /// Takes from the queue the delivery to make now: the one that has waited longest, unless told otherwise.
    fn next_delivery(&mut self, now: DateTime<Utc>) -> Option<Delivery> {
        let due = self.deliveries.iter().enumerate().filter(|(_, delivery)| delivery.due <= now);
        let next = if self.knobs.receipts_out_of_order {
            due.max_by_key(|(at, delivery)| (delivery.due, *at))
        } else {
            due.min_by_key(|(at, delivery)| (delivery.due, *at))
        };
        let (at, _) = next?;
        Some(self.deliveries.remove(at))
    }
}

/// The delivery of a payment's receipt.
pub(super) fn of(settings: &Settings, payment: &Payment, due: DateTime<Utc>) -> Delivery {
    let delivery = SendRt {
        id_pa: payment.organization.clone(),
        id_broker_pa: settings.broker_fiscal_code.clone(),
        id_station: settings.station_id.clone(),
        receipt: receipt(payment),
    };
    Delivery { receipt_id: payment.receipt_id.clone(), envelope: send_rt_v2_xml(&delivery), due, attempts: 0 }
}

fn receipt(payment: &Payment) -> Receipt {
    let (position, option, psp) = (&payment.position, &payment.option, payment.psp);
    let paid_at = payment.paid_at.with_timezone(&Rome).naive_local();
    let settled_on = settlement::next_working_day(settlement::accounting_day(payment.paid_at));
    Receipt {
        receipt_id: payment.receipt_id.clone(),
        notice_number: payment.nav.to_string(),
        fiscal_code: payment.organization.clone(),
        outcome: Outcome::Ok,
        creditor_reference_id: option.iuv.to_string(),
        payment_amount_cents: option.amount_cents,
        description: option.description.clone(),
        company_name: position.company_name.clone(),
        office_name: position.office_name.clone(),
        debtor: debtor(payment),
        transfers: option.transfer.iter().map(|transfer| receipt_transfer(payment, transfer)).collect(),
        psp: Psp {
            id: psp.id.to_owned(),
            fiscal_code: Some(psp.fiscal_code.to_owned()),
            vat_number: None,
            company_name: psp.name.to_owned(),
            channel_id: psp.channel.to_owned(),
            channel_description: psp.channel_description.to_owned(),
        },
        payer: None,
        payment_method: Some(psp.payment_method.to_owned()),
        payment_note: payment.note.clone(),
        fee_cents: Some(psp.fee_cents),
        primary_ci_incurred_fee_cents: None,
        bundle_id: None,
        ci_bundle_id: None,
        payment_date_time: Some(Moment::Local(paid_at)),
        application_date: Some(paid_at.date()),
        transfer_date: Some(settled_on),
        metadata: metadata(&option.payment_option_metadata),
        stand_in: false,
    }
}

fn debtor(payment: &Payment) -> Subject {
    let position = &payment.position;
    Subject {
        kind: match position.debtor_kind {
            DebtorKind::Person => SubjectKind::Person,
            DebtorKind::Organization => SubjectKind::Organisation,
        },
        identifier: position.fiscal_code.clone(),
        full_name: position.full_name.clone(),
        street_name: position.street_name.clone(),
        civic_number: position.civic_number.clone(),
        postal_code: position.postal_code.clone(),
        city: position.city.clone(),
        province: position.province.clone(),
        country: position.country.clone(),
        email: position.email.clone(),
    }
}

fn receipt_transfer(payment: &Payment, transfer: &Transfer) -> ReceiptTransfer {
    let owner = transfer.organization_fiscal_code.as_ref().unwrap_or(&payment.organization);
    ReceiptTransfer {
        index: transfer.id_transfer,
        amount_cents: transfer.amount_cents,
        fiscal_code_pa: owner.clone(),
        company_name: transfer.company_name.clone(),
        destination: match (&transfer.iban, &transfer.stamp) {
            (Some(iban), _) => Destination::Iban(iban.clone()),
            (None, stamp) => {
                let hash = stamp.as_ref().map_or("", |stamp| stamp.hash_document.as_str());
                Destination::StampDuty(stamp_xml(payment, transfer, hash).into_bytes())
            }
        },
        remittance_information: transfer.remittance_information.clone(),
        transfer_category: transfer.category.to_string(),
        metadata: metadata(&transfer.transfer_metadata),
    }
}

/// A revenue stamp (`MarcaDaBollo.xsd`) without its signature, which only a real provider can make. Nothing in it needs
/// escaping: the digest is base64, the rest is ours.
fn stamp_xml(payment: &Payment, transfer: &Transfer, hash: &str) -> String {
    let psp = payment.psp;
    let digest: String = hash.chars().filter(|c| c.is_ascii_alphanumeric() || "+/=".contains(*c)).collect();
    format!(
        concat!(
            r#"<marcaDaBollo xmlns="http://www.agenziaentrate.gov.it/2014/MarcaDaBollo">"#,
            "<PSP><CodiceFiscale>{psp_code}</CodiceFiscale><Denominazione>{psp_name}</Denominazione></PSP>",
            "<IUBD>{iubd}</IUBD><OraAcquisto>{at}</OraAcquisto><Importo>{euros}.{cents:02}</Importo>",
            "<TipoBollo>01</TipoBollo><ImprontaDocumento><DigestValue>{digest}</DigestValue></ImprontaDocumento>",
            "</marcaDaBollo>"
        ),
        psp_code = psp.fiscal_code,
        psp_name = psp.name,
        iubd = &payment.receipt_id[..14],
        at = payment.paid_at.to_rfc3339(),
        euros = transfer.amount_cents / 100,
        cents = transfer.amount_cents % 100,
        digest = digest,
    )
}

fn metadata(pairs: &[Metadata]) -> Vec<MetadataEntry> {
    pairs.iter().map(|pair| MetadataEntry { key: pair.key.clone(), value: pair.value.clone() }).collect()
}

fn says_ok(envelope: &str) -> bool {
    #[derive(Deserialize)]
    struct Envelope {
        #[serde(rename = "Body")]
        body: Body,
    }
    #[derive(Deserialize)]
    struct Body {
        #[serde(rename = "paSendRTV2Response")]
        response: Answer,
    }
    #[derive(Deserialize)]
    struct Answer {
        outcome: String,
    }
    quick_xml::de::from_str::<Envelope>(envelope).is_ok_and(|envelope| envelope.body.response.outcome == "OK")
}
