//! The positions the simulated platform holds, and the rules under which they change. Pure: the instant is a parameter.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use http::StatusCode;

use super::psp::Psp;
use crate::{
    gpd::{
        DebtPosition, OptionStatus, OptionView, PaymentOption, PositionStatus, PositionView, Transfer,
        TransferStatus, TransferView,
    },
    notice::Nav,
    platform::Problem,
};

/// The positions of every organization, by organization and IUPD.
#[derive(Default)]
pub(super) struct Positions(BTreeMap<(String, String), Position>);

pub(super) struct Position {
    pub(super) organization: String,
    pub(super) model: DebtPosition,
    pub(super) status: PositionStatus,
    inserted: DateTime<Utc>,
    published: Option<DateTime<Utc>>,
    updated: DateTime<Utc>,
    /// One for each payment option of `model`, in its order.
    pub(super) options: Vec<OptionState>,
}

#[derive(Default)]
pub(super) struct OptionState {
    pub(super) paid: Option<Paid>,
    reported: BTreeSet<u8>,
    reporting: Option<(String, DateTime<Utc>)>,
}

/// How an option was paid.
#[derive(Clone)]
pub(super) struct Paid {
    pub(super) at: DateTime<Utc>,
    pub(super) receipt_id: String,
    pub(super) psp: &'static Psp,
    pub(super) fee_cents: i64,
}

/// Why a notice cannot be paid, with the platform's own code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotPayable {
    /// No such notice, or its position is not valid yet.
    #[error("PAA_PAGAMENTO_SCONOSCIUTO")]
    Unknown,
    /// Already paid.
    #[error("PAA_PAGAMENTO_DUPLICATO")]
    AlreadyPaid,
    /// Another payment of the same notice has not ended.
    #[error("PAA_PAGAMENTO_IN_CORSO")]
    InProgress,
    /// Its due date has passed and it was to expire then.
    #[error("PAA_PAGAMENTO_SCADUTO")]
    Expired,
    /// Withdrawn by the creditor.
    #[error("PAA_PAGAMENTO_ANNULLATO")]
    Withdrawn,
    /// An account of the position is not registered for its owner.
    #[error("PPT_IBAN_NON_CENSITO")]
    AccountNotRegistered,
}

impl Positions {
    pub(super) fn create(
        &mut self,
        organization: &str,
        model: DebtPosition,
        publish: bool,
        now: DateTime<Utc>,
    ) -> Result<DebtPosition, Problem> {
        if self.0.contains_key(&key(organization, &model.iupd))
            || self.holds_a_notice_of(organization, &model)
        {
            return Err(not_unique(organization));
        }
        self.insert(organization, model, publish, now)
    }

    /// Replaces a position: the platform deletes it and creates it again, so it is a draft unless published.
    pub(super) fn update(
        &mut self,
        organization: &str,
        model: DebtPosition,
        publish: bool,
        now: DateTime<Utc>,
    ) -> Result<DebtPosition, Problem> {
        use PositionStatus::{Invalid, Paid, PartiallyPaid, Reported};
        let key = key(organization, &model.iupd);
        let old = self.find(organization, &model.iupd, now)?;
        if matches!(old.status, Invalid | PartiallyPaid | Paid | Reported) {
            return Err(in_wrong_state(organization, &model.iupd, "updatable"));
        }
        check(&model, now)?;
        let old = self.0.remove(&key).expect("it was just found");
        let outcome = if self.holds_a_notice_of(organization, &model) {
            Err(not_unique(organization))
        } else {
            self.insert(organization, model, publish, now)
        };
        if outcome.is_err() {
            self.0.insert(key, old);
        }
        outcome
    }

    pub(super) fn publish(
        &mut self,
        organization: &str,
        iupd: &str,
        now: DateTime<Utc>,
    ) -> Result<DebtPosition, Problem> {
        let position = self.find(organization, iupd, now)?;
        if position.status != PositionStatus::Draft {
            return Err(in_wrong_state(organization, iupd, "publishable"));
        }
        position.publish(now)?;
        Ok(position.answer())
    }

    pub(super) fn invalidate(
        &mut self,
        organization: &str,
        iupd: &str,
        now: DateTime<Utc>,
    ) -> Result<DebtPosition, Problem> {
        let position = self.find(organization, iupd, now)?;
        if !matches!(position.status, PositionStatus::Published | PositionStatus::Valid) {
            return Err(in_wrong_state(organization, iupd, "invalidable"));
        }
        position.status = PositionStatus::Invalid;
        position.updated = now;
        Ok(position.answer())
    }

    pub(super) fn delete(
        &mut self,
        organization: &str,
        iupd: &str,
        now: DateTime<Utc>,
    ) -> Result<(), Problem> {
        use PositionStatus::{Paid, PartiallyPaid, Reported};
        let position = self.find(organization, iupd, now)?;
        if matches!(position.status, PartiallyPaid | Paid | Reported) {
            return Err(problem(
                StatusCode::CONFLICT,
                "Existing related payment found",
                format!(
                    "A payment transaction has already been carried out on the debt position with Organization Fiscal Code {organization} and IUPD {iupd}"
                ),
            ));
        }
        self.0.remove(&key(organization, iupd));
        Ok(())
    }

    pub(super) fn view(
        &mut self,
        organization: &str,
        iupd: &str,
        now: DateTime<Utc>,
    ) -> Result<PositionView, Problem> {
        self.find(organization, iupd, now).map(|position| position.view())
    }

    /// The position and the option of a notice, if it can be paid now as far as its position is concerned.
    pub(super) fn payable(
        &mut self,
        organization: &str,
        nav: Nav,
        now: DateTime<Utc>,
    ) -> Result<(&mut Position, usize), NotPayable> {
        let position = self.of_notice(organization, nav).ok_or(NotPayable::Unknown)?;
        position.refresh(now);
        let at = position.option_of(nav).ok_or(NotPayable::Unknown)?;
        match position.status {
            PositionStatus::Valid => {}
            PositionStatus::PartiallyPaid if position.model.payment_option[at].is_partial_payment => {}
            PositionStatus::Expired => return Err(NotPayable::Expired),
            PositionStatus::Invalid => return Err(NotPayable::Withdrawn),
            PositionStatus::PartiallyPaid | PositionStatus::Paid | PositionStatus::Reported => {
                return Err(NotPayable::AlreadyPaid);
            }
            PositionStatus::Draft | PositionStatus::Published | PositionStatus::Unknown => {
                return Err(NotPayable::Unknown);
            }
        }
        if position.options[at].paid.is_some() { Err(NotPayable::AlreadyPaid) } else { Ok((position, at)) }
    }

    /// Records that a notice has been paid. Nothing happens if the creditor has withdrawn the position meanwhile: the money
    /// and the receipt travel all the same.
    pub(super) fn mark_paid(&mut self, organization: &str, nav: Nav, paid: Paid) {
        let now = paid.at;
        if let Ok((position, at)) = self.payable(organization, nav, now) {
            position.options[at].paid = Some(paid);
            position.updated = now;
            let whole = !position.model.payment_option[at].is_partial_payment;
            let every_instalment = position
                .model
                .payment_option
                .iter()
                .zip(&position.options)
                .all(|(option, state)| !option.is_partial_payment || state.paid.is_some());
            position.status =
                if whole || every_instalment { PositionStatus::Paid } else { PositionStatus::PartiallyPaid };
        }
    }

    /// Records that a transfer of a paid notice is in a remittance flow.
    pub(super) fn mark_reported(
        &mut self,
        organization: &str,
        nav: Nav,
        transfer: u8,
        flow: &str,
        now: DateTime<Utc>,
    ) {
        let Some(position) = self.of_notice(organization, nav) else { return };
        let Some(at) = position.option_of(nav) else { return };
        if position.options[at].paid.is_none() {
            return;
        }
        position.options[at].reported.insert(transfer);
        position.options[at].reporting = Some((flow.to_owned(), now));
        position.updated = now;
        let all_reported =
            position.model.payment_option.iter().zip(&position.options).all(|(option, state)| {
                state.paid.is_none() || state.status(option) == OptionStatus::Reported
            });
        if position.status == PositionStatus::Paid && all_reported {
            position.status = PositionStatus::Reported;
        }
    }

    fn insert(
        &mut self,
        organization: &str,
        mut model: DebtPosition,
        publish: bool,
        now: DateTime<Utc>,
    ) -> Result<DebtPosition, Problem> {
        check(&model, now)?;
        for option in &mut model.payment_option {
            option.nav.get_or_insert(option.iuv.nav());
            for transfer in &mut option.transfer {
                transfer.organization_fiscal_code.get_or_insert_with(|| organization.to_owned());
            }
        }
        let mut position = Position {
            organization: organization.to_owned(),
            options: model.payment_option.iter().map(|_| OptionState::default()).collect(),
            status: PositionStatus::Draft,
            inserted: now,
            published: None,
            updated: now,
            model,
        };
        if publish {
            position.publish(now)?;
        }
        let answer = position.answer();
        self.0.insert(key(organization, &answer.iupd), position);
        Ok(answer)
    }

    fn find(&mut self, organization: &str, iupd: &str, now: DateTime<Utc>) -> Result<&mut Position, Problem> {
        let position = self.0.get_mut(&key(organization, iupd)).ok_or_else(|| {
            problem(
                StatusCode::NOT_FOUND,
                "Not found the debt position",
                format!(
                    "Not found a debt position for Organization Fiscal Code {organization} and IUPD {iupd}"
                ),
            )
        })?;
        position.refresh(now);
        Ok(position)
    }

    fn of_notice(&mut self, organization: &str, nav: Nav) -> Option<&mut Position> {
        self.0
            .values_mut()
            .find(|position| position.organization == organization && position.option_of(nav).is_some())
    }

    fn holds_a_notice_of(&self, organization: &str, model: &DebtPosition) -> bool {
        let wanted: BTreeSet<Nav> = model.payment_option.iter().map(notice_of).collect();
        self.0
            .values()
            .filter(|position| position.organization == organization)
            .flat_map(|position| &position.model.payment_option)
            .any(|option| wanted.contains(&notice_of(option)) || wanted.contains(&option.iuv.nav()))
    }
}

impl Position {
    fn option_of(&self, nav: Nav) -> Option<usize> {
        self.model.payment_option.iter().position(|option| notice_of(option) == nav)
    }

    /// What the platform does by itself as time goes by.
    fn refresh(&mut self, now: DateTime<Utc>) {
        if self.status == PositionStatus::Published
            && self.model.validity_date.is_some_and(|validity| now >= validity)
        {
            self.status = PositionStatus::Valid;
        }
        let last_due = self.model.payment_option.iter().map(|option| option.due_date).max();
        if self.status == PositionStatus::Valid
            && self.model.switch_to_expired
            && last_due.is_some_and(|due| now > due)
        {
            self.status = PositionStatus::Expired;
        }
    }

    fn publish(&mut self, now: DateTime<Utc>) -> Result<(), Problem> {
        let first_due = self.model.payment_option.iter().map(|option| option.due_date).min();
        let whose = format!(
            "for the debt position with Organization Fiscal Code {} and IUPD {}",
            self.organization, self.model.iupd
        );
        match self.model.validity_date {
            None if first_due.is_some_and(|due| due < now) => {
                return Err(problem(
                    StatusCode::CONFLICT,
                    "Publish request occurred after the due date of a payment options has expired",
                    format!(
                        "A publish request occurred after the due date of a payment options has expired {whose}"
                    ),
                ));
            }
            None => {
                self.model.validity_date = Some(now);
                self.status = PositionStatus::Valid;
            }
            Some(validity) if validity < now => {
                return Err(problem(
                    StatusCode::CONFLICT,
                    "Publish request occurred after the validity date began",
                    format!("A publish request has been made after the validity date began {whose}"),
                ));
            }
            Some(_) => self.status = PositionStatus::Published,
        }
        self.published = Some(now);
        self.updated = now;
        Ok(())
    }

    fn paid_at(&self) -> Option<DateTime<Utc>> {
        self.options.iter().filter_map(|state| state.paid.as_ref().map(|paid| paid.at)).max()
    }

    fn answer(&self) -> DebtPosition {
        DebtPosition { status: Some(self.status), payment_date: self.paid_at(), ..self.model.clone() }
    }

    fn view(&self) -> PositionView {
        let options = self.model.payment_option.iter().zip(&self.options);
        PositionView {
            iupd: self.model.iupd.clone(),
            organization_fiscal_code: self.organization.clone(),
            company_name: self.model.company_name.clone(),
            inserted_date: Some(self.inserted),
            publish_date: self.published,
            validity_date: self.model.validity_date,
            payment_date: self.paid_at(),
            status: self.status,
            last_updated_date: Some(self.updated),
            payment_option: options.map(|(option, state)| state.view(option)).collect(),
        }
    }
}

impl OptionState {
    fn status(&self, option: &PaymentOption) -> OptionStatus {
        match self.reported.len() {
            _ if self.paid.is_none() => OptionStatus::Unpaid,
            0 => OptionStatus::Paid,
            reported if reported < option.transfer.len() => OptionStatus::PartiallyReported,
            _ => OptionStatus::Reported,
        }
    }

    fn view(&self, option: &PaymentOption) -> OptionView {
        let paid = self.paid.as_ref();
        OptionView {
            nav: option.nav.map(|nav| nav.to_string()),
            iuv: option.iuv.to_string(),
            amount_cents: option.amount_cents,
            description: option.description.clone(),
            is_partial_payment: option.is_partial_payment,
            due_date: Some(option.due_date),
            payment_date: paid.map(|paid| paid.at),
            reporting_date: self.reporting.as_ref().map(|(_, at)| *at),
            payment_method: paid.map(|paid| paid.psp.payment_method.to_owned()),
            fee_cents: paid.map_or(0, |paid| paid.fee_cents),
            notification_fee_cents: 0,
            psp_company: paid.map(|paid| paid.psp.name.to_owned()),
            id_receipt: paid.map(|paid| paid.receipt_id.clone()),
            id_flow_reporting: self.reporting.as_ref().map(|(flow, _)| flow.clone()),
            status: self.status(option),
            payment_option_metadata: option.payment_option_metadata.clone(),
            transfer: option.transfer.iter().map(|transfer| self.transfer_view(transfer)).collect(),
        }
    }

    fn transfer_view(&self, transfer: &Transfer) -> TransferView {
        TransferView {
            organization_fiscal_code: transfer.organization_fiscal_code.clone(),
            company_name: transfer.company_name.clone(),
            id_transfer: transfer.id_transfer,
            amount_cents: transfer.amount_cents,
            remittance_information: transfer.remittance_information.clone(),
            category: transfer.category.to_string(),
            iban: transfer.iban.clone(),
            postal_iban: transfer.postal_iban.clone(),
            stamp: transfer.stamp.clone(),
            status: if self.reported.contains(&transfer.id_transfer) {
                TransferStatus::Reported
            } else {
                TransferStatus::Unreported
            },
            transfer_metadata: transfer.transfer_metadata.clone(),
        }
    }
}

/// The checks the platform makes of what it is sent, with its present time.
fn check(model: &DebtPosition, now: DateTime<Utc>) -> Result<(), Problem> {
    model.validate().map_err(|error| bad_data(error.to_string()))?;
    if model.validity_date.is_some_and(|validity| validity < now) {
        return Err(bad_data("Dates congruence error: validity_date must be >= current_date".to_owned()));
    }
    let earliest = model.validity_date.unwrap_or(now);
    if model.payment_option.iter().any(|option| option.due_date < earliest) {
        return Err(bad_data(
            "Dates congruence error: due_date must be >= validity_date (if provided) or due_date must be >= current_date"
                .to_owned(),
        ));
    }
    Ok(())
}

fn notice_of(option: &PaymentOption) -> Nav {
    option.nav.unwrap_or(option.iuv.nav())
}

fn key(organization: &str, iupd: &str) -> (String, String) {
    (organization.to_owned(), iupd.to_owned())
}

fn bad_data(detail: String) -> Problem {
    problem(StatusCode::BAD_REQUEST, "Error in the debt position request data", detail)
}

fn not_unique(organization: &str) -> Problem {
    problem(
        StatusCode::CONFLICT,
        "The debt position violated constraints of uniqueness",
        format!(
            "Already exists a debt position for the Organization Fiscal Code {organization} or one of its payment options is not unique"
        ),
    )
}

fn in_wrong_state(organization: &str, iupd: &str, wanted: &str) -> Problem {
    problem(
        StatusCode::CONFLICT,
        &format!("Existing related payment found or not in {wanted} state"),
        format!(
            "A payment transaction has already been carried out or, the debt position with Organization Fiscal Code {organization} and IUPD {iupd}, is not in {wanted} state"
        ),
    )
}

pub(super) fn problem(status: StatusCode, title: &str, detail: String) -> Problem {
    Problem { title: title.to_owned(), status: status.as_u16(), detail }
}
