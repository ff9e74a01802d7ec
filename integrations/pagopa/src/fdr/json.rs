//! The FdR3 API's JSON.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;

use super::flow::{Flow, FlowRow, RowOutcome};
use crate::wire::{Moment, amount};

/// One page of the list of flows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowPage {
    /// The flows, each at its latest revision only.
    pub flows: Vec<FlowRef>,
    /// How many pages there are; the next one to ask for is the one asked for plus one, up to this.
    pub total_pages: u32,
}

/// A flow in the list: what is needed to fetch it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FlowRef {
    /// The flow's identifier.
    #[serde(rename = "fdr")]
    pub flow: String,
    /// The PSP that sent it.
    #[serde(rename = "pspId")]
    pub psp_id: String,
    /// Its revision, from 1. A new one may replace it until the fourth day after the payments'.
    pub revision: i64,
    /// When this revision was published: the next list may start from here.
    pub published: DateTime<Utc>,
    /// When the PSP made it.
    #[serde(rename = "flowDate")]
    pub flow_date: DateTime<Utc>,
}

/// `PaginatedFlowsResponse`, `PaginatedPaymentsResponse`.
#[derive(Deserialize)]
pub(super) struct PageWire<T> {
    pub(super) metadata: MetadataWire,
    pub(super) data: Vec<T>,
}

#[derive(Deserialize)]
pub(super) struct MetadataWire {
    #[serde(rename = "totPage")]
    pub(super) total_pages: u32,
}

/// `SingleFlowResponse`, without the totals that the service computes: what is declared is checked against the rows.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FlowWire {
    fdr: String,
    revision: i64,
    fdr_date: DateTime<Utc>,
    regulation: String,
    regulation_date: NaiveDate,
    bic_code_pouring_bank: Option<String>,
    sender: SenderWire,
    receiver: ReceiverWire,
    tot_payments: i64,
    #[serde(deserialize_with = "amount::from_json_number")]
    sum_payments: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SenderWire {
    psp_id: String,
    psp_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReceiverWire {
    organization_id: String,
}

/// `Payment`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PaymentWire {
    index: i64,
    iuv: String,
    iur: String,
    id_transfer: u8,
    #[serde(deserialize_with = "amount::from_json_number")]
    pay: i64,
    pay_status: String,
    pay_date: DateTime<Utc>,
}

impl FlowWire {
    pub(super) fn with_rows(self, rows: Vec<FlowRow>) -> Flow {
        Flow {
            flow: self.fdr,
            revision: Some(self.revision),
            psp_id: self.sender.psp_id,
            psp_name: self.sender.psp_name,
            flow_date: Moment::Zoned(self.fdr_date.fixed_offset()),
            regulation: self.regulation,
            regulation_date: self.regulation_date,
            bic: self.bic_code_pouring_bank,
            receiver_fiscal_code: self.receiver.organization_id,
            total_cents: self.sum_payments,
            count: self.tot_payments,
            rows,
        }
    }
}

impl From<PaymentWire> for FlowRow {
    fn from(wire: PaymentWire) -> Self {
        Self {
            index: wire.index,
            iuv: wire.iuv,
            iur: wire.iur,
            transfer_index: Some(wire.id_transfer),
            amount_cents: wire.pay,
            outcome: RowOutcome::parse(&wire.pay_status),
            // The API gives an instant where the XML has a day. Midnight, in UTC or in Italy, and the true time all fall on that day there.
            paid_on: Moment::Zoned(wire.pay_date.fixed_offset()).rome_local().date(),
        }
    }
}
