//! "Prova la connessione": what each system's own diagnosis found, in one shape that is kept and put into words.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sportello_spid_cie::diagnosis as login_diagnosis;

use super::Admin;
use super::blocks::{Row, Table};
use crate::app::App;
use crate::entity::{self, Entity, Kind};
use crate::error::{Error, Result};
use crate::identity::login::{self, LoginSettings, NamedProvider, STAFF_SECRET};
use crate::web::i18n::T;
use crate::{notices, payments};

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Finding {
    /// Of which provider, where there are several.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) of: String,
    /// What was looked at.
    pub(super) name: String,
    /// How it stands.
    pub(super) outcome: Outcome,
    /// Why, as a code.
    #[serde(default)]
    pub(super) code: String,
    /// What the text mentions: an address, a status, what the peer said. Never a secret.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) data: BTreeMap<String, String>,
}

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    /// As it must be.
    #[serde(alias = "passed")]
    Ok,
    /// It may work, or cannot be told.
    #[serde(alias = "undecided")]
    Warning,
    /// It does not work.
    Failed,
}

impl Outcome {
    fn badge(self) -> (&'static str, &'static str) {
        match self {
            Self::Ok => ("success", "admin-check-ok"),
            Self::Warning => ("warning", "admin-check-warning"),
            Self::Failed => ("danger", "admin-check-failed"),
        }
    }
}

/// Reads a diagnosis of any of the systems: `{"name", "outcome", "detail"}`, where the detail is a code, or an object
/// with a code and what goes with it.
fn read(of: &str, check: &impl Serialize) -> Result<Finding> {
    let mut check = serde_json::to_value(check)?;
    let detail = check["detail"].take();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut data = BTreeMap::new();
    let code = match &detail {
        Value::Object(members) => {
            for (name, value) in members.iter().filter(|(name, value)| *name != "code" && !value.is_null()) {
                match value {
                    Value::Object(inner) => {
                        data.extend(inner.iter().map(|(name, value)| (name.clone(), text(value))))
                    }
                    value => drop(data.insert(name.clone(), text(value))),
                }
            }
            members.get("code").map(text).unwrap_or_default()
        }
        Value::Null => String::new(),
        other => text(other),
    };
    let outcome = serde_json::from_value(check["outcome"].take())?;
    Ok(Finding { of: of.to_owned(), name: text(&check["name"]), outcome, code, data })
}

fn missing(of: &str, code: &str) -> Finding {
    let (of, code) = (of.to_owned(), code.to_owned());
    Finding { of, name: "settings".to_owned(), outcome: Outcome::Failed, code, data: BTreeMap::new() }
}

/// Tries the connection with a system. Nothing is changed there, and nobody is written to.
pub(super) async fn diagnose(app: &App, entity: &Entity, kind: Kind) -> Result<Vec<Finding>> {
    match kind {
        Kind::CitizenLogin => {
            let mut found = Vec::new();
            for provider in providers(app, entity).await? {
                let name = provider.secret_name();
                found.extend(diagnose_login(app, entity, &provider.label, &provider.settings, &name).await?);
            }
            if found.is_empty() {
                found.push(missing("", "no_provider"));
            }
            Ok(found)
        }
        Kind::StaffLogin => {
            let settings = settings(app, entity, kind).await?.unwrap_or_default();
            diagnose_login(app, entity, "", &settings, STAFF_SECRET).await
        }
        Kind::Pagopa => match payments::diagnose(app, entity).await {
            Ok(checks) => checks.iter().map(|check| read("", check)).collect(),
            Err(Error::Refused(code)) => Ok(vec![missing("", code)]),
            Err(error) => Err(error),
        },
        Kind::AppIo => {
            notices::diagnose_app_io(app, entity).await?.iter().map(|check| read("", check)).collect()
        }
        Kind::Mail => {
            notices::diagnose_mail(app, entity).await?.iter().map(|check| read("", check)).collect()
        }
    }
}

async fn settings(app: &App, entity: &Entity, kind: Kind) -> Result<Option<Value>> {
    let mut tx = app.db.begin(entity.id).await?;
    Ok(entity::store::integration(&mut tx, entity.id, kind).await?.map(|integration| integration.settings))
}

/// The citizens' providers, in use or not.
pub(super) async fn providers(app: &App, entity: &Entity) -> Result<Vec<NamedProvider>> {
    let settings = settings(app, entity, Kind::CitizenLogin).await?;
    let settings: LoginSettings = settings.map(serde_json::from_value).transpose()?.unwrap_or_default();
    Ok(settings.providers)
}

async fn diagnose_login(
    app: &App,
    entity: &Entity,
    of: &str,
    settings: &Value,
    secret_name: &str,
) -> Result<Vec<Finding>> {
    let mut tx = app.db.begin(entity.id).await?;
    let secret: Option<SecretString> =
        entity::store::secret(&mut tx, &app.keys, entity.id, secret_name).await?;
    drop(tx);
    let Some(secret) = secret else { return Ok(vec![missing(of, "secret_missing")]) };
    let Ok(settings) = login::with_secret(settings, &secret) else {
        return Ok(vec![missing(of, "unusable")]);
    };
    let http = &login::HTTP;
    login_diagnosis::diagnose(http, &settings).await.iter().map(|check| read(of, check)).collect()
}

/// The family of texts of a system: both logins share theirs.
fn family(kind: Kind) -> &'static str {
    match kind {
        Kind::CitizenLogin | Kind::StaffLogin => "login",
        Kind::Pagopa => "pagopa",
        Kind::AppIo => "app-io",
        Kind::Mail => "mail",
    }
}

fn dashed(code: &str) -> String {
    code.replace('_', "-")
}

/// What was found, in words: this check's own, or those of the code.
fn explained(t: T, kind: Kind, finding: &Finding) -> String {
    let code = if finding.code.is_empty() { "ok" } else { &finding.code };
    let own = format!("admin-check-{}-{}-{}", family(kind), dashed(&finding.name), dashed(code));
    let key = if t.has(&own) { own } else { format!("admin-check-code-{}", dashed(code)) };
    let said = |name: &str| finding.data.get(name).cloned().unwrap_or_default();
    let names =
        ["address", "status", "issuer", "values", "member", "wanted", "offered", "remote", "reason", "keys"];
    let values: Vec<_> = names.map(|name| (name, said(name))).into();
    let mut text = t.with(&key, &values.iter().map(|(name, value)| (*name, value as _)).collect::<Vec<_>>());
    if !said("remote").is_empty() {
        text = format!("{text} {}", t.with("admin-check-remote", &[("remote", &said("remote"))]));
    }
    text
}

/// What a test found, as a table.
pub(super) fn table(admin: &Admin, kind: Kind, findings: &[Finding]) -> Table {
    let rows = findings.iter().map(|finding| {
        let name = admin.text(&format!("admin-check-{}-{}", family(kind), dashed(&finding.name)));
        let name = if finding.of.is_empty() { name } else { format!("{}: {name}", finding.of) };
        let (badge, word) = finding.outcome.badge();
        Row::default().text(name).badge(badge, admin.text(word)).text(explained(admin.t, kind, finding))
    });
    Table::new(admin.t, "checks", &["name", "outcome", "detail"]).rows(rows)
}

/// The worst of what was found. Findings that are not there, or cannot be read, are none that anybody can rely on.
pub(super) fn worst(findings: &[Finding]) -> (&'static str, &'static str) {
    let has = |outcome| findings.iter().any(|finding| finding.outcome == outcome);
    if has(Outcome::Failed) {
        Outcome::Failed.badge()
    } else if has(Outcome::Warning) || findings.is_empty() {
        Outcome::Warning.badge()
    } else {
        Outcome::Ok.badge()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_found_is_not_all_right() {
        assert_eq!(worst(&[]), Outcome::Warning.badge());
    }

    #[test]
    fn every_diagnosis_reads_alike() {
        let login = json!({"name": "pkce", "outcome": "ok", "detail": {"code": "offered", "data": {"status": "200"}}});
        let found = read("SPID", &login).unwrap();
        assert_eq!(
            (found.of.as_str(), found.name.as_str(), found.code.as_str()),
            ("SPID", "pkce", "offered")
        );
        assert_eq!(found.data["status"], "200");

        let app_io = json!({"name": "key_accepted", "outcome": "undecided",
            "detail": {"code": "rate_limited", "retry_after_seconds": 4, "remote": null}});
        let found = read("", &app_io).unwrap();
        assert_eq!((found.outcome, found.code.as_str()), (Outcome::Warning, "rate_limited"));
        assert_eq!(found.data["retry_after_seconds"], "4");

        let pagopa = json!({"name": "gpd", "outcome": "passed", "detail": ""});
        assert_eq!(read("", &pagopa).unwrap().outcome, Outcome::Ok);
    }
}
