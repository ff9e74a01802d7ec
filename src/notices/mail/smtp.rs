//! The entity's mail relay: how to reach it, and what its refusals mean for us.

use std::time::Duration;

use lettre::message::Message;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::{AsyncSmtpTransport, Error as CallError, PoolConfig};
use lettre::{AsyncTransport as _, Tokio1Executor};
use secrecy::{ExposeSecret, SecretString};

use crate::app::App;
use crate::entity::{Kind, MailSettings, MailTls, store as entities};
use crate::error::{Error, Result};
use crate::ids::EntityId;
use crate::notices::send::Outcome;
use crate::notices::senders::Transport;

/// For every step of the conversation.
pub(in crate::notices) const STEP_MAX: Duration = Duration::from_secs(20);
/// Connections of a process to one relay.
const CONNECTIONS_MAX: u32 = 4;

/// How to reach a relay.
#[derive(Clone)]
pub(in crate::notices) struct Access {
    pub(in crate::notices) settings: MailSettings,
    password: Option<SecretString>,
}

impl PartialEq for Access {
    fn eq(&self, other: &Self) -> bool {
        let exposed =
            |access: &Self| access.password.as_ref().map(|password| password.expose_secret().to_owned());
        self.settings == other.settings && exposed(self) == exposed(other)
    }
}

/// The relay's name cannot be the name in a certificate.
#[derive(Debug, thiserror::Error)]
#[error("a protected connection to this relay cannot be prepared")]
pub(in crate::notices) struct SmtpSetupError;

impl SmtpSetupError {
    pub(in crate::notices) fn code(&self) -> &'static str {
        "host_malformed"
    }
}

impl Access {
    /// The entity's, or what is missing to have one. `even_unused`: to try settings that are not in use yet.
    pub(in crate::notices) async fn of(
        app: &App,
        entity: EntityId,
        even_unused: bool,
    ) -> Result<Result<Self, &'static str>> {
        let mut tx = app.db.begin(entity).await?;
        let integration = entities::integration(&mut tx, entity, Kind::Mail).await?;
        let password = entities::secret(&mut tx, &app.keys, entity, "mail.password").await?;
        tx.commit().await?;
        let Some(integration) = integration else { return Ok(Err("not_configured")) };
        if !integration.enabled && !even_unused {
            return Ok(Err("not_in_use"));
        }
        let settings: MailSettings = serde_json::from_value(integration.settings)?;
        if !settings.username.is_empty() && password.is_none() {
            return Ok(Err("password_missing"));
        }
        Ok(Ok(Self { settings, password }))
    }

    /// Login, where the relay wants one.
    pub(in crate::notices) fn credentials(&self) -> Option<Credentials> {
        let password = self.password.as_ref().filter(|_| !self.settings.username.is_empty())?;
        Some(Credentials::new(self.settings.username.clone(), password.expose_secret().to_owned()))
    }

    /// What a protected connection must prove.
    pub(in crate::notices) fn tls(&self) -> Result<TlsParameters, SmtpSetupError> {
        TlsParameters::new(self.settings.host.clone()).map_err(|_| SmtpSetupError)
    }

    /// A pool of connections, none of them open yet.
    pub(in crate::notices) fn transport(&self) -> Result<Transport, SmtpSetupError> {
        let tls = match self.settings.tls {
            MailTls::None => Tls::None,
            MailTls::Starttls => Tls::Required(self.tls()?),
            MailTls::Tls => Tls::Wrapper(self.tls()?),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&self.settings.host)
            .port(self.settings.port)
            .tls(tls)
            .timeout(Some(STEP_MAX))
            .pool_config(PoolConfig::new().max_size(CONNECTIONS_MAX));
        if let Some(credentials) = self.credentials() {
            builder = builder.credentials(credentials);
        }
        Ok(builder.build())
    }
}

/// Why a relay did not take a mail. Its own words are not kept: they quote addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::notices) enum Refusal {
    /// For good.
    #[error("the relay refuses this mail with code {0}")]
    Permanent(u16),
    /// The relay cannot carry it (no STARTTLS, no way to log in, no international addresses).
    #[error("the relay cannot do what this mail needs")]
    Unsupported,
    /// Ours is the wrong login, which an administrator will correct.
    #[error("the relay refuses the login with code {0}")]
    Login(u16),
    /// Not now.
    #[error("the relay asks to come back, with code {0}")]
    Temporary(u16),
    /// The protected connection failed.
    #[error("the protected connection failed")]
    Tls,
    /// No answer.
    #[error("the relay did not answer")]
    Interrupted,
}

impl Refusal {
    pub(in crate::notices) fn code(self) -> &'static str {
        match self {
            Self::Permanent(_) => "relay_refused",
            Self::Unsupported => "relay_unsupported",
            Self::Login(_) => "login_refused",
            Self::Temporary(_) => "relay_busy",
            Self::Tls => "tls_failed",
            Self::Interrupted => "not_connected",
        }
    }
}

impl From<&CallError> for Refusal {
    fn from(error: &CallError) -> Self {
        match error.status().map(u16::from) {
            // RFC 4954 §6: what is wrong is the login, not the mail.
            Some(code @ (530 | 534 | 535 | 538)) => Self::Login(code),
            Some(code) if error.is_permanent() => Self::Permanent(code),
            Some(code) => Self::Temporary(code),
            None if error.is_client() => Self::Unsupported,
            None if error.is_tls() => Self::Tls,
            None => Self::Interrupted,
        }
    }
}

impl From<Refusal> for Outcome {
    /// Sending again does no harm: the Message-ID stays the same.
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Permanent(code) => Self::Failed { code: format!("{} {code}", refusal.code()) },
            Refusal::Unsupported => Self::Failed { code: refusal.code().to_owned() },
            _ => Self::Later { error: Error::peer("mail", refusal.code(), refusal) },
        }
    }
}

/// Hands a mail over.
pub(in crate::notices) async fn send(transport: &Transport, message: Message) -> Result<(), Refusal> {
    match transport.send(message).await {
        Ok(_) => Ok(()),
        Err(error) => Err(Refusal::from(&error)),
    }
}
