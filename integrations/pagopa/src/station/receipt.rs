//! The receipt (ricevuta telematica): the platform's proof that a payment was made.

use chrono::NaiveDate;

use crate::wire::Moment;

/// A receipt, `ctReceiptV2`. The first version is the same without stamp duty, bundles and payment note.
///
/// Nothing is checked beyond the schema's formats: a receipt proves money, so a wrong check digit in its notice number or a sum that does
/// not agree is for the caller to report, never a reason to lose it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// `receiptId`: the payment token, and the IUR of remittance flows. Unique per payment.
    pub receipt_id: String,
    /// `noticeNumber` (NAV), 18 digits.
    pub notice_number: String,
    /// `fiscalCode` of the creditor that issued the notice, 11 digits.
    pub fiscal_code: String,
    /// Whether the payment was made.
    pub outcome: Outcome,
    /// `creditorReferenceId` (IUV).
    pub creditor_reference_id: String,
    /// `paymentAmount`, in cents, without the PSP's fee.
    pub payment_amount_cents: i64,
    /// Why it was paid.
    pub description: String,
    /// The creditor's name.
    pub company_name: String,
    /// The creditor's office.
    pub office_name: Option<String>,
    /// Who owed it.
    pub debtor: Subject,
    /// `transferList`: one to five shares, each to one creditor's account.
    pub transfers: Vec<ReceiptTransfer>,
    /// Who collected it.
    pub psp: Psp,
    /// Who paid it, if the PSP asked.
    pub payer: Option<Subject>,
    /// `paymentMethod`: `creditCard`, `bankTransfer`, … an open list.
    pub payment_method: Option<String>,
    /// `paymentNote`: the `idCart` of a Checkout cart.
    pub payment_note: Option<String>,
    /// What the payer was charged on top, in cents.
    pub fee_cents: Option<i64>,
    /// `primaryCiIncurredFee`: the part of the fee the creditor bears, in cents.
    pub primary_ci_incurred_fee_cents: Option<i64>,
    /// `idBundle`: the PSP's fee bundle.
    pub bundle_id: Option<String>,
    /// `idCiBundle`: the creditor's fee bundle.
    pub ci_bundle_id: Option<String>,
    /// When the payment was made.
    pub payment_date_time: Option<Moment>,
    /// `applicationDate`: when the payer was debited.
    pub application_date: Option<NaiveDate>,
    /// `transferDate`: when the creditor is credited.
    pub transfer_date: Option<NaiveDate>,
    /// The position's metadata, at most 15.
    pub metadata: Vec<MetadataEntry>,
    /// `standIn`: the platform answered in our stead; absent means it did not.
    pub stand_in: bool,
}

/// The outcome of a payment, `stOutcome`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Paid.
    Ok,
    /// Not paid.
    Ko,
}

/// One share of the payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptTransfer {
    /// `idTransfer`, 1 to 5.
    pub index: u8,
    /// In cents.
    pub amount_cents: i64,
    /// `fiscalCodePA`: the creditor this share is for, 11 digits.
    pub fiscal_code_pa: String,
    /// That creditor's name.
    pub company_name: Option<String>,
    /// Where the share went.
    pub destination: Destination,
    /// Why.
    pub remittance_information: String,
    /// `transferCategory`: the taxonomy code.
    pub transfer_category: String,
    /// The share's metadata, at most 15.
    pub metadata: Vec<MetadataEntry>,
}

/// Where a share went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// To an account.
    Iban(String),
    /// `MBDAttachment`: to buy a digital stamp duty, whose XML this is.
    StampDuty(Vec<u8>),
}

/// The PSP and the channel of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Psp {
    /// `idPSP`.
    pub id: String,
    /// `pspFiscalCode`.
    pub fiscal_code: Option<String>,
    /// `pspPartitaIVA`.
    pub vat_number: Option<String>,
    /// `PSPCompanyName`.
    pub company_name: String,
    /// `idChannel`.
    pub channel_id: String,
    /// `channelDescription`.
    pub channel_description: String,
}

/// A debtor or payer, `ctSubject`. Its debug form tells nothing about the person.
#[derive(Clone, PartialEq, Eq)]
pub struct Subject {
    /// Person or organisation.
    pub kind: SubjectKind,
    /// Fiscal code or VAT number, 2 to 16 characters (`ANONIMO` is allowed).
    pub identifier: String,
    /// Name.
    pub full_name: String,
    /// Address.
    pub street_name: Option<String>,
    /// Address.
    pub civic_number: Option<String>,
    /// Address.
    pub postal_code: Option<String>,
    /// Address.
    pub city: Option<String>,
    /// `stateProvinceRegion`.
    pub province: Option<String>,
    /// Two capital letters.
    pub country: Option<String>,
    /// `e-mail`.
    pub email: Option<String>,
}

impl std::fmt::Debug for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subject").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// `entityUniqueIdentifierType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubjectKind {
    /// `F`.
    Person,
    /// `G`.
    Organisation,
}

/// One entry of a metadata map; the dictionary is docs.pagopa.it/dizionario-dei-metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetadataEntry {
    /// 1 to 140 characters.
    pub key: String,
    /// 1 to 140 characters.
    pub value: String,
}
