//! What the simulated platform remembers, and the changes to it that touch more than one thing.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use uuid::Uuid;

use super::{
    Settings,
    delivery::{self, Delivery, Exchange},
    knobs::Knobs,
    payment::Payment,
    positions::{NotPayable, Paid, Position, Positions},
    psp::Psp,
    settlement::{self, CreditTransfer, Flow},
};
use crate::{
    checkout::{CartRequest, PaymentNotice},
    notice::Nav,
};

/// How long a payment whose outcome is slow takes.
const SLOW_PAYMENT: TimeDelta = TimeDelta::hours(1);

#[derive(Default)]
pub(super) struct State {
    pub(super) knobs: Knobs,
    pub(super) positions: Positions,
    pub(super) carts: BTreeMap<Uuid, Cart>,
    pub(super) payments: Vec<Payment>,
    pub(super) deliveries: Vec<Delivery>,
    pub(super) evidence: Vec<Exchange>,
    pub(super) flows: Vec<Flow>,
    /// Payments that have begun and end at their `paid_at`.
    slow: Vec<Payment>,
}

pub(super) struct Cart {
    pub(super) request: CartRequest,
    pub(super) concluded: bool,
}

/// Who pays what, and where.
pub(super) struct Order<'a> {
    pub(super) creditor: &'a str,
    pub(super) nav: Nav,
    pub(super) psp: &'static Psp,
    /// The cart it is paid with.
    pub(super) note: Option<String>,
}

impl State {
    /// Whether a notice can be paid now.
    pub(super) fn check_payable(
        &mut self,
        settings: &Settings,
        creditor: &str,
        nav: Nav,
        now: DateTime<Utc>,
    ) -> Result<(&Position, usize), NotPayable> {
        let in_progress =
            self.slow.iter().any(|payment| payment.organization == creditor && payment.nav == nav);
        let (position, at) = self.positions.payable(creditor, nav, now)?;
        if in_progress {
            return Err(NotPayable::InProgress);
        }
        // The node checks that each account is registered for its owner (SANP 3.12.0, paGetPayment).
        for transfer in &position.model.payment_option[at].transfer {
            let owner = transfer.organization_fiscal_code.as_deref().unwrap_or(creditor);
            let registered = |iban: &String| {
                settings.organization(owner).is_some_and(|organization| organization.ibans.contains(iban))
            };
            if !transfer.iban.as_ref().is_none_or(registered) {
                return Err(NotPayable::AccountNotRegistered);
            }
        }
        Ok((&*position, at))
    }

    /// Whether every notice of a cart can be paid now: a cart is paid whole or not at all, so it cannot hold two
    /// alternatives of the same position.
    pub(super) fn check_payable_together(
        &mut self,
        settings: &Settings,
        notices: &[PaymentNotice],
        now: DateTime<Utc>,
    ) -> Result<(), NotPayable> {
        let mut instalments = BTreeMap::new();
        for notice in notices {
            let (position, at) =
                self.check_payable(settings, &notice.fiscal_code, notice.notice_number, now)?;
            let instalment = position.model.payment_option[at].is_partial_payment;
            let key = (position.organization.clone(), position.model.iupd.clone());
            if let Some(other) = instalments.insert(key, instalment)
                && !(instalment && other)
            {
                return Err(NotPayable::AlreadyPaid);
            }
        }
        Ok(())
    }

    /// Takes the money for a notice that can be paid: the position changes, the receipt is put in the queue.
    pub(super) fn take_payment(
        &mut self,
        settings: &Settings,
        order: Order<'_>,
        now: DateTime<Utc>,
    ) -> Result<String, NotPayable> {
        let payment = self.begin_payment(settings, order, now)?;
        let receipt_id = payment.receipt_id.clone();
        self.end_payment(settings, payment);
        Ok(receipt_id)
    }

    /// Begins a payment that ends in an hour.
    pub(super) fn take_slow_payment(
        &mut self,
        settings: &Settings,
        order: Order<'_>,
        now: DateTime<Utc>,
    ) -> Result<(), NotPayable> {
        let mut payment = self.begin_payment(settings, order, now)?;
        payment.paid_at = now + SLOW_PAYMENT;
        self.slow.push(payment);
        Ok(())
    }

    /// Ends the slow payments that are due.
    pub(super) fn end_slow_payments(&mut self, settings: &Settings, now: DateTime<Utc>) {
        while let Some(at) = self.slow.iter().position(|payment| payment.paid_at <= now) {
            let payment = self.slow.remove(at);
            self.end_payment(settings, payment);
        }
    }

    /// Closes an accounting day.
    pub(super) fn settle(
        &mut self,
        day: NaiveDate,
        now: DateTime<Utc>,
        ids: &dyn Fn() -> Uuid,
    ) -> Vec<CreditTransfer> {
        let due = |payment: &&Payment| !payment.settled && settlement::accounting_day(payment.paid_at) <= day;
        let settlement_date = settlement::next_working_day(day);
        let flows =
            settlement::flows(self.payments.iter().filter(due), &self.flows, settlement_date, now, ids);
        for payment in self.payments.iter_mut().filter(|payment| due(&&**payment)) {
            payment.settled = true;
        }
        for flow in &flows {
            for row in &flow.rows {
                let payment = self.payments.iter().find(|payment| payment.receipt_id == row.iur);
                let payment = payment.expect("rows are made of payments");
                self.positions.mark_reported(
                    &payment.organization,
                    payment.nav,
                    row.id_transfer,
                    &flow.id,
                    now,
                );
            }
        }
        let parts = self.knobs.transfers_per_flow;
        let transfers =
            flows.iter().flat_map(|flow| settlement::credit_transfers(flow, parts, ids)).collect();
        self.flows.extend(flows);
        transfers
    }

    fn begin_payment(
        &mut self,
        settings: &Settings,
        order: Order<'_>,
        now: DateTime<Utc>,
    ) -> Result<Payment, NotPayable> {
        let Order { creditor, nav, psp, note } = order;
        let (position, at) = self.check_payable(settings, creditor, nav, now)?;
        Ok(Payment {
            receipt_id: (settings.ids)().simple().to_string(),
            organization: creditor.to_owned(),
            nav,
            position: position.model.clone(),
            option: position.model.payment_option[at].clone(),
            psp,
            paid_at: now,
            note,
            settled: false,
        })
    }

    fn end_payment(&mut self, settings: &Settings, payment: Payment) {
        self.positions.mark_paid(
            &payment.organization,
            payment.nav,
            Paid {
                at: payment.paid_at,
                receipt_id: payment.receipt_id.clone(),
                psp: payment.psp,
                fee_cents: payment.psp.fee_cents,
            },
        );
        let due = payment.paid_at + TimeDelta::minutes(i64::from(self.knobs.receipt_delay_minutes));
        for _ in 0..=self.knobs.repeat_receipts {
            self.deliveries.push(delivery::of(settings, &payment, due));
        }
        self.payments.push(payment);
    }
}
