//! The payment service providers of the simulation: two, so that flows and credit transfers are grouped by provider.

/// A payment service provider.
#[derive(Debug, PartialEq, Eq)]
pub struct Psp {
    /// Its identifier on the platform.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its fiscal code.
    pub fiscal_code: &'static str,
    /// Its channel on the platform.
    pub channel: &'static str,
    /// Its bank's BIC.
    pub bic: &'static str,
    /// How it takes the money, as receipts say it.
    pub payment_method: &'static str,
    /// Where the payer is, as receipts say it.
    pub channel_description: &'static str,
    /// What the payer pays on top, in cents.
    pub fee_cents: i64,
}

/// The providers.
pub static PSPS: [Psp; 2] = [
    Psp {
        id: "ABI99901",
        name: "Banca Simulata S.p.A.",
        fiscal_code: "99999000011",
        channel: "99999000011_01",
        bic: "SIMUITM1XXX",
        payment_method: "CP",
        channel_description: "WISP",
        fee_cents: 150,
    },
    Psp {
        id: "ABI99902",
        name: "Tabaccai Simulati S.p.A.",
        fiscal_code: "99999000029",
        channel: "99999000029_01",
        bic: "SIMTITM1XXX",
        payment_method: "CASH",
        channel_description: "TABACCHI",
        fee_cents: 200,
    },
];

/// The provider of that identifier.
#[must_use]
pub fn find(id: &str) -> Option<&'static Psp> {
    PSPS.iter().find(|psp| psp.id == id)
}
