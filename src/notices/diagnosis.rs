//! "Test the connection", for the console: harmless calls, step by step. Nobody is written to.

use lettre::transport::smtp;
use lettre::transport::smtp::authentication::Mechanism;
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Mail, Rset};
use lettre::transport::smtp::extension::ClientId;
use serde::Serialize;
use sportello_app_io::diagnosis::{self as app_io_diagnosis, CheckName};

pub use sportello_app_io::diagnosis::{Detail, Outcome};

use super::app_io;
use super::mail::smtp::{Access, Refusal, STEP_MAX};
use crate::app::App;
use crate::entity::{Entity, MailTls};
use crate::error::Result;

/// One thing that must hold before notices can be sent. The page that shows it owns the words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at.
    pub name: &'static str,
    /// What was found.
    pub outcome: Outcome,
    /// Why.
    pub detail: Detail,
}

/// The steps, each of which needs the one before.
const APP_IO: [&str; 4] = ["settings_complete", "base_url_reachable", "key_accepted", "service_allowed"];
const MAIL: [&str; 5] =
    ["settings_complete", "relay_reachable", "connection_protected", "login_accepted", "sender_accepted"];

/// Tries App IO with the entity's settings, whether they are in use or not: `settings_complete`,
/// `base_url_reachable`, `key_accepted`, `service_allowed`.
pub async fn diagnose_app_io(app: &App, entity: &Entity) -> Result<Vec<Check>> {
    let client = match app_io::client(app, entity.id, true).await? {
        Ok(client) => client,
        Err(code) => return Ok(stopped(&APP_IO, 0, code)),
    };
    let mut checks = vec![passed(APP_IO[0])];
    for check in app_io_diagnosis::diagnose(&client).await {
        let name = match check.name {
            CheckName::BaseUrlReachable => APP_IO[1],
            CheckName::KeyAccepted => APP_IO[2],
            CheckName::ServiceAllowed => APP_IO[3],
        };
        checks.push(Check { name, outcome: check.outcome, detail: check.detail });
    }
    Ok(checks)
}

/// Tries the mail relay with the entity's settings, whether they are in use or not: `settings_complete`,
/// `relay_reachable`, `connection_protected`, `login_accepted`, `sender_accepted`. No mail is sent.
pub async fn diagnose_mail(app: &App, entity: &Entity) -> Result<Vec<Check>> {
    let access = match Access::of(app, entity.id, true).await? {
        Ok(access) => access,
        Err(code) => return Ok(stopped(&MAIL, 0, code)),
    };
    Ok(match try_relay(&access).await {
        Ok(()) => MAIL.into_iter().map(passed).collect(),
        Err((step, code)) => stopped(&MAIL, step, code),
    })
}

/// The conversation up to the sender, then back. The error says at which step it ended, and why.
async fn try_relay(access: &Access) -> Result<(), (usize, &'static str)> {
    let settings = &access.settings;
    let from = settings.from.parse().map_err(|_| (0, "sender_malformed"))?;
    let tls = match settings.tls {
        MailTls::None => None,
        MailTls::Starttls | MailTls::Tls => Some(access.tls().map_err(|error| (0, error.code()))?),
    };
    let hello = ClientId::default();
    let address = (settings.host.as_str(), settings.port);
    let wrapper = tls.clone().filter(|_| settings.tls == MailTls::Tls);
    let connected = AsyncSmtpConnection::connect_tokio1(address, Some(STEP_MAX), &hello, wrapper, None).await;
    let mut relay = connected.map_err(|error| match Refusal::from(&error) {
        refusal @ Refusal::Tls => (2, refusal.code()),
        refusal => (1, refusal.code()),
    })?;
    let upgrade = tls.filter(|_| settings.tls == MailTls::Starttls);
    let answer = converse(&mut relay, access, upgrade, &hello, from).await;
    // However it went, the relay is told good-bye; it need not answer.
    relay.abort().await;
    answer.map_err(|(step, error)| (step, Refusal::from(&error).code()))
}

async fn converse(
    relay: &mut AsyncSmtpConnection,
    access: &Access,
    upgrade: Option<TlsParameters>,
    hello: &ClientId,
    from: lettre::Address,
) -> Result<(), (usize, smtp::Error)> {
    if let Some(tls) = upgrade {
        relay.starttls(tls, hello).await.map_err(|error| (2, error))?;
    }
    if let Some(credentials) = access.credentials() {
        let mechanisms = [Mechanism::Plain, Mechanism::Login];
        relay.auth(&mechanisms, &credentials).await.map_err(|error| (3, error))?;
    }
    relay.command(Mail::new(Some(from), Vec::new())).await.map_err(|error| (4, error))?;
    relay.command(Rset).await.map_err(|error| (4, error))?;
    Ok(())
}

fn passed(name: &'static str) -> Check {
    Check { name, outcome: Outcome::Passed, detail: detail("ok") }
}

/// The steps before `at` passed, it failed, and those after it were not tried.
fn stopped(names: &[&'static str], at: usize, code: &'static str) -> Vec<Check> {
    let check = |(step, &name): (usize, &&'static str)| match step.cmp(&at) {
        std::cmp::Ordering::Less => passed(name),
        std::cmp::Ordering::Equal => Check { name, outcome: Outcome::Failed, detail: detail(code) },
        std::cmp::Ordering::Greater => {
            Check { name, outcome: Outcome::Undecided, detail: detail("not_reached") }
        }
    };
    names.iter().enumerate().map(check).collect()
}

fn detail(code: &'static str) -> Detail {
    Detail { code, remote: None, retry_after_seconds: None }
}
