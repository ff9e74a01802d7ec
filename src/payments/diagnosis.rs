//! The connection test of the platform's integration: what the console shows before the first citizen pays.

use iban::Iban;
use serde::Serialize;
use sportello_pagopa::checkout::{CartRequest, PaymentNotice, ReturnUrls};
use sportello_pagopa::fdr::FdrError;
use sportello_pagopa::notice::{Nav, Segregation};
use sportello_pagopa::platform::Error as PlatformError;
use url::Url;

use super::issue::settings;
use super::{checkout, platform};
use crate::app::App;
use crate::entity::{Entity, PagopaSettings};
use crate::error::{Error, Result};

/// Segregation codes the platform gives to intermediaries; above are national services (SACI 3.2.1).
const SEGREGATION_MAX: u8 = 45;
/// A name of a position that is never made: asking for it changes nothing.
const PROBE: &str = "sportello-connection-test";

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What, as a code of the locales: `gpd`, `checkout`, `fdr`, `iban`, `segregation`, `fiscal_code`.
    pub name: &'static str,
    /// How it stands.
    pub outcome: CheckOutcome,
    /// Why, as a code of the locales; empty where it is well.
    pub detail: String,
}

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    /// It works.
    Passed,
    /// It works, but is unusual.
    Warning,
    /// It does not work.
    Failed,
}

impl Check {
    fn of(name: &'static str, outcome: std::result::Result<(), &'static str>) -> Self {
        match outcome {
            Ok(()) => Self { name, outcome: CheckOutcome::Passed, detail: String::new() },
            Err(detail) => Self { name, outcome: CheckOutcome::Failed, detail: detail.to_owned() },
        }
    }
}

/// Looks at the settings, and calls each service in a way that changes nothing.
///
/// # Errors
/// `payments_not_configured` where there are no settings at all.
pub async fn diagnose(app: &App, entity: &Entity) -> Result<Vec<Check>> {
    let mut tx = app.db.begin(entity.id).await?;
    let settings = settings(&mut tx, entity.id).await?;
    let gpd = platform::gpd_client(app, &mut tx, entity.id, &settings).await;
    let checkout = checkout::client(app, &mut tx, entity.id).await;
    let fdr_key = platform::key(app, &mut tx, entity.id, "pagopa.fdr_key").await;
    drop(tx);

    let gpd = match gpd {
        Ok(gpd) => reached(gpd.get(&entity.fiscal_code, PROBE).await.map(drop)),
        Err(error) => not_configured(error)?,
    };
    let checkout = match checkout {
        Ok(checkout) => reached(checkout.open(&probe(entity, &settings)?).await.map(drop)),
        Err(error) => not_configured(error)?,
    };
    let fdr = match fdr_key.and_then(|key| Ok((key, platform::base_url(&settings.fdr_url)?))) {
        Ok((key, url)) => {
            let client = sportello_pagopa::fdr::Client::new(url, key, app.http.clone());
            flows_reached(client.list(&entity.fiscal_code, Some(app.clock.now()), 1).await.map(drop))
        }
        Err(error) => not_configured(error)?,
    };
    Ok(vec![
        Check::of("fiscal_code", check_fiscal_code(&entity.fiscal_code)),
        check_segregation(settings.segregation),
        Check::of("iban", check_iban(&settings.iban)),
        Check::of("gpd", gpd),
        Check::of("checkout", checkout),
        Check::of("fdr", fdr),
    ])
}

type Finding = std::result::Result<(), &'static str>;

fn not_configured(error: Error) -> Result<Finding> {
    match error {
        Error::Refused(code) => Ok(Err(code)),
        error => Err(error),
    }
}

/// Whether a service was reached and took the key. What it then says about a made-up thing does not matter.
fn reached(answer: std::result::Result<(), PlatformError>) -> Finding {
    match answer {
        Ok(()) | Err(PlatformError::Conflict(_)) => Ok(()),
        Err(PlatformError::Refused { status, .. }) => match status.as_u16() {
            401 | 403 => Err("key_refused"),
            400 | 422 => Ok(()),
            // A position that is not there is an answer of its own: this is an address that is not there.
            _ => Err("wrong_address"),
        },
        Err(PlatformError::Network(_)) => Err("unreachable"),
        Err(PlatformError::Temporary { .. }) => Err("unavailable"),
        Err(PlatformError::Unreadable(_)) => Err("not_the_platform"),
        Err(PlatformError::Invalid(_)) => Err("settings_break_a_limit"),
    }
}

/// Whether the flows were reached and the key was taken.
fn flows_reached(answer: std::result::Result<(), FdrError>) -> Finding {
    match answer {
        Ok(()) => Ok(()),
        Err(FdrError::Refused { status: 401 | 403, .. }) => Err("key_refused"),
        // The service knows the key and not the entity (FDR-2008, FDR-2009).
        Err(FdrError::Refused { .. }) => Err("entity_unknown"),
        Err(FdrError::NotFound { .. }) => Err("wrong_address"),
        Err(FdrError::Unavailable { .. }) => Err("unavailable"),
        Err(FdrError::Unreachable(_)) => Err("unreachable"),
        Err(FdrError::Unreadable(_) | FdrError::TooLarge) => Err("not_the_platform"),
    }
}

/// A cart with a notice that nobody has: at most the platform opens a page on which nothing can be paid.
fn probe(entity: &Entity, settings: &PagopaSettings) -> Result<CartRequest> {
    let segregation =
        Segregation::new(settings.segregation).map_err(|_| Error::field("segregation", "out_of_range"))?;
    let notice_number =
        Nav::generate(segregation, 0).map_err(|_| Error::field("segregation", "out_of_range"))?;
    let nowhere = Url::parse("https://localhost/").map_err(|_| Error::Inconsistent("probe".to_owned()))?;
    Ok(CartRequest {
        email_notice: None,
        payment_notices: vec![PaymentNotice {
            notice_number,
            fiscal_code: entity.fiscal_code.clone(),
            amount_cents: 1,
            company_name: entity.name.clone(),
            description: "Prova di collegamento".to_owned(),
        }],
        return_urls: ReturnUrls {
            return_ok_url: nowhere.clone(),
            return_cancel_url: nowhere.clone(),
            return_error_url: nowhere.clone(),
            return_waiting_url: nowhere,
        },
        id_cart: None,
        all_ccp: false,
    })
}

/// Eleven digits, the last of which checks the others (DM 23 December 1976: doubled in the even places, nines cast out).
fn check_fiscal_code(code: &str) -> Finding {
    let digits: Vec<u32> = code.chars().filter_map(|c| c.to_digit(10)).collect();
    if code.len() != 11 || digits.len() != 11 {
        return Err("not_eleven_digits");
    }
    let sum: u32 = digits
        .iter()
        .enumerate()
        .map(|(at, digit)| match (at % 2, digit * 2) {
            (0, _) => *digit,
            (_, twice) if twice > 9 => twice - 9,
            (_, twice) => twice,
        })
        .sum();
    if sum.is_multiple_of(10) { Ok(()) } else { Err("wrong_check_digit") }
}

fn check_segregation(code: u8) -> Check {
    let name = "segregation";
    match code {
        0..=SEGREGATION_MAX => Check::of(name, Ok(())),
        46..=99 => Check { name, outcome: CheckOutcome::Warning, detail: "reserved".to_owned() },
        _ => Check::of(name, Err("out_of_range")),
    }
}

/// Italian, San Marinese or of the single euro area, with right check digits.
fn check_iban(text: &str) -> Finding {
    text.parse::<Iban>().map(drop).map_err(|_| "malformed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fiscal_codes_of_entities() {
        assert_eq!(check_fiscal_code("00162210348"), Ok(()));
        assert_eq!(check_fiscal_code("00162210349"), Err("wrong_check_digit"));
        assert_eq!(check_fiscal_code("0016221034"), Err("not_eleven_digits"));
        assert_eq!(check_fiscal_code("0016221034x"), Err("not_eleven_digits"));
    }

    #[test]
    fn ibans_and_segregation_codes() {
        assert_eq!(check_iban("IT60X0542811101000000123456"), Ok(()));
        assert_eq!(check_iban("IT61X0542811101000000123456"), Err("malformed"));
        assert_eq!(check_iban(""), Err("malformed"));
        let outcome = |code| check_segregation(code).outcome;
        assert_eq!(
            [outcome(0), outcome(45), outcome(47), outcome(100)],
            [CheckOutcome::Passed, CheckOutcome::Passed, CheckOutcome::Warning, CheckOutcome::Failed]
        );
    }
}
