//! pagoPA, the public payment platform, seen from a creditor: everything the product says to it and hears from it.
//!
//! In reading order:
//! 1. [`notice`]: the notice number (NAV), the payment identifier (IUV), the notice's QR code;
//! 2. [`taxonomy`]: what is being collected, as a dated code;
//! 3. [`limits`]: the platform's limits, checked before anything is sent;
//! 4. [`platform`]: how a call to the platform can end;
//! 5. [`gpd`]: debt positions, held by the platform;
//! 6. [`checkout`]: carts, the platform's own payment pages;
//! 7. [`station`]: receipts, posted by the platform to the creditor;
//! 8. [`fdr`]: remittance flows, what a provider says it paid in one credit transfer;
//! 9. [`wire`]: the forms of amounts, instants and XML that the last two share;
//! 10. [`simulator`]: the platform as a program, over HTTP, for the demonstration and the tests.
//!
//! Nothing here knows our tables or reads the clock. Amounts are integer cents.

pub mod checkout;
pub mod fdr;
pub mod gpd;
pub mod limits;
pub mod notice;
pub mod platform;
pub mod simulator;
pub mod station;
pub mod taxonomy;
pub mod wire;
