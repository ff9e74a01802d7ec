//! Integrations: how the entity talks to each outside system, and whether that works.

use std::collections::HashMap;

use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde_json::{Value, json};
use sqlx::PgConnection;

use super::Admin;
use super::blocks::{Block, Console, Form, Row, Table};
use super::checks::{self, Finding};
use super::providers;
use super::saving::Author;
use super::values::{Reader, Values};
use crate::app::App;
use crate::audit::Change;
use crate::entity::{self, AppIoSettings, Kind, MailSettings, MailTls, PagopaSettings};
use crate::error::{Error, FieldError, Result};
use crate::identity::login::{LoginSettings, NamedProvider, STAFF_SECRET, with_secret};
use crate::secrets::MasterKeys;
use crate::web::form::ProtectedForm;
use crate::web::frame::{Answer, redirect_done};

pub(super) const SECTION: (&str, &str) = ("integrazioni", "admin-console-integrations");

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/{entity}/amministrazione/integrazioni", get(list))
        .route("/{entity}/amministrazione/integrazioni/{kind}", get(show).post(save))
        .route("/{entity}/amministrazione/integrazioni/{kind}/prova", post(test))
}

/// An outside system, by its name in addresses.
pub(crate) fn kind_of(name: &str) -> Result<Kind> {
    Kind::ALL.into_iter().find(|kind| kind.as_str() == name).ok_or(Error::NotFound("integration"))
}

/// How an integration stands, as the page needs it.
pub(super) struct Known {
    pub(super) kind: Kind,
    pub(super) integration: Option<entity::store::Integration>,
    pub(super) secrets: HashMap<String, DateTime<Utc>>,
}

impl Known {
    pub(super) async fn load(conn: &mut PgConnection, admin: &Admin, kind: Kind) -> Result<Self> {
        let integration = entity::store::integration(conn, admin.entity.id, kind).await?;
        Ok(Self { kind, integration, secrets: entity::store::secret_dates(conn, admin.entity.id).await? })
    }

    pub(super) fn settings(&self) -> Value {
        self.integration.as_ref().map(|known| known.settings.clone()).unwrap_or_default()
    }

    pub(super) fn enabled(&self) -> bool {
        self.integration.as_ref().is_some_and(|known| known.enabled)
    }

    /// Since when a secret is kept, as a page says it.
    pub(super) fn kept(&self, admin: &Admin, name: &str) -> Option<String> {
        self.secrets.get(name).map(|at| admin.t.short_date_time(at))
    }

    pub(super) fn findings(&self) -> Vec<Finding> {
        let checks = self.integration.as_ref().and_then(|known| known.checks.clone());
        checks.and_then(|checks| serde_json::from_value(checks).ok()).unwrap_or_default()
    }
}

fn name(admin: &Admin, kind: Kind) -> String {
    admin.text(&format!("admin-integration-{}", kind.as_str()))
}

async fn list(admin: Admin) -> Answer {
    let t = admin.t;
    let mut tx = admin.begin().await?;
    let mut rows = Vec::new();
    for kind in Kind::ALL {
        let known = Known::load(&mut tx, &admin, kind).await?;
        let tested = known.integration.as_ref().and_then(|known| known.checked_at);
        let row = Row::default()
            .link(name(&admin, kind), admin.console(format_args!("integrazioni/{}", kind.as_str())))
            .text(admin.text(&format!("admin-integration-{}-use", kind.as_str())))
            .active(t, known.enabled());
        rows.push(match tested {
            Some(at) => {
                let (badge, word) = checks::worst(&known.findings());
                row.badge(badge, format!("{} {}", admin.text(word), t.short_date_time(at)))
            }
            None => row.text(admin.text("admin-integration-untested")),
        });
    }
    let table = Table::new(t, "integrations", &["name", "use", "state", "test"]).rows(rows);
    Console::new(admin.section("integrations")).table(table).answer()
}

fn of(settings: &Value, name: &str) -> String {
    match &settings[name] {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn values(known: &Known) -> Values {
    let settings = known.settings();
    let names: &[&str] = match known.kind {
        Kind::Pagopa => {
            &["gpd_url", "checkout_url", "fdr_url", "broker", "station", "segregation", "iban", "cbill"]
        }
        Kind::AppIo => &["base_url"],
        Kind::Mail => &["host", "port", "tls", "username", "from", "reply_to"],
        Kind::CitizenLogin => &[],
        Kind::StaffLogin => return providers::values(&settings).ticked("enabled", known.enabled()),
    };
    let values = names.iter().fold(Values::default(), |values, name| values.with(*name, of(&settings, name)));
    values.ticked("enabled", known.enabled())
}

/// The name of a secret's field: a secret `pagopa.gpd_key` is asked as `gpd_key`.
fn field_of(secret: &str) -> &str {
    secret.rsplit('.').next().unwrap_or(secret)
}

fn form(admin: &Admin, known: &Known, values: &Values) -> Form {
    let kept = |name: &str| known.kept(admin, name);
    let form = match known.kind {
        Kind::Pagopa => Form::new(admin.t, "pagopa", values)
            .required("broker")
            .required("station")
            .input("segregation", "number")
            .required("iban")
            .line("cbill", "text")
            .part("services")
            .input("gpd_url", "url")
            .secret("gpd_key", kept("pagopa.gpd_key"))
            .input("checkout_url", "url")
            .secret("checkout_key", kept("pagopa.checkout_key"))
            .input("fdr_url", "url")
            .secret("fdr_key", kept("pagopa.fdr_key")),
        Kind::AppIo => {
            Form::new(admin.t, "app_io", values).input("base_url", "url").secret("key", kept("app_io.key"))
        }
        Kind::Mail => {
            let tls = ["tls", "starttls", "none"]
                .map(|tls| (tls.to_owned(), admin.text(&format!("admin-mail-tls-{tls}"))));
            Form::new(admin.t, "mail", values)
                .required("host")
                .input("port", "number")
                .select("tls", true, tls.to_vec(), "")
                .line("username", "text")
                .secret("password", kept("mail.password"))
                .input("from", "email")
                .line("reply_to", "email")
        }
        Kind::StaffLogin => {
            let form = Form::new(admin.t, "provider", values);
            providers::fields(admin, form, kept(STAFF_SECRET))
        }
        Kind::CitizenLogin => Form::new(admin.t, "citizen_login", values),
    };
    form.part("use").tick("enabled").back(admin.console("integrazioni"))
}

/// The settings of a kind, as they were posted.
pub(super) fn read(kind: Kind, values: &Values, former: &Value) -> Result<Value> {
    let mut reader = Reader::new(values);
    let mut address = |name: &str| reader.web_address(name).unwrap_or_default();
    match kind {
        Kind::Pagopa => {
            let (gpd_url, checkout_url, fdr_url) =
                (address("gpd_url"), address("checkout_url"), address("fdr_url"));
            let segregation: u8 = reader.number("segregation");
            if segregation > 99 {
                reader.refuse("segregation", "number");
            }
            let iban = values.get("iban").replace(' ', "").to_uppercase();
            if iban.parse::<iban::Iban>().is_err() {
                reader.refuse("iban", "iban");
            }
            let settings = PagopaSettings {
                gpd_url,
                checkout_url,
                fdr_url,
                broker: reader.required("broker", 35),
                station: reader.required("station", 35),
                segregation,
                iban,
                cbill: reader.line("cbill", 5),
            };
            for name in ["gpd_url", "checkout_url", "fdr_url"] {
                reader.required(name, 300);
            }
            Ok(serde_json::to_value(reader.finish(settings)?)?)
        }
        Kind::AppIo => {
            let base_url = address("base_url");
            reader.required("base_url", 300);
            Ok(serde_json::to_value(reader.finish(AppIoSettings { base_url })?)?)
        }
        Kind::Mail => Ok(serde_json::to_value(read_mail(values)?)?),
        Kind::StaffLogin => providers::read(values),
        Kind::CitizenLogin => Ok(if former.is_null() { json!({"providers": []}) } else { former.clone() }),
    }
}

fn read_mail(values: &Values) -> Result<MailSettings> {
    let mut reader = Reader::new(values);
    let from = reader.mail_address("from");
    if from.is_empty() {
        reader.refuse("from", "required");
    }
    let settings = MailSettings {
        host: reader.required("host", 253),
        port: reader.number("port"),
        tls: match values.get("tls") {
            "none" => MailTls::None,
            "starttls" => MailTls::Starttls,
            _ => MailTls::Tls,
        },
        username: reader.line("username", 200),
        from,
        reply_to: reader.mail_address("reply_to"),
    };
    reader.finish(settings)
}

fn view(admin: &Admin, known: &Known, values: &Values, errors: Vec<FieldError>) -> Answer {
    let (t, kind) = (admin.t, known.kind);
    let path = kind.as_str();
    let key = format!("integration-{path}");
    let mut console = Console::new(admin.below(SECTION, name(admin, kind), &key).errors(errors));
    if let Some(at) = known.integration.as_ref().and_then(|known| known.checked_at) {
        let tested = t.with("admin-integration-tested", &[("at", &t.short_date_time(at))]);
        console = console.with(Block::Heading(tested)).table(checks::table(admin, kind, &known.findings()));
    }
    if known.integration.is_some() {
        let at = admin.console(format_args!("integrazioni/{path}/prova"));
        console = console.form(Form::new(t, "integration-test", &Values::default()).to(at));
    }
    console = console.heading("admin-integration-settings");
    if kind == Kind::CitizenLogin {
        console = console
            .table(providers::table(admin, known))
            .link(admin.console("integrazioni/citizen_login/fornitori"), "admin-provider-new");
    }
    let form = form(admin, known, values).to(admin.console(format_args!("integrazioni/{path}")));
    console.form(form).answer()
}

async fn show(admin: Admin, Path((_, kind)): Path<(String, String)>) -> Answer {
    let mut tx = admin.begin().await?;
    let known = Known::load(&mut tx, &admin, kind_of(&kind)?).await?;
    view(&admin, &known, &values(&known), Vec::new())
}

/// Keeps settings and the secrets that were given; on record is which ones, never what they are.
pub(super) async fn keep(
    conn: &mut PgConnection,
    by: &Author,
    keys: &MasterKeys,
    kind: Kind,
    (enabled, settings): (bool, &Value),
    secrets: &[(String, String)],
) -> Result<()> {
    let before = entity::store::integration(conn, by.entity, kind).await?;
    entity::store::put_integration(conn, by.entity, kind, enabled, settings, by.now).await?;
    for (name, secret) in secrets {
        let secret = SecretString::from(secret.clone());
        entity::store::put_secret(conn, keys, by.entity, name, &secret, by.now).await?;
    }
    let names: Vec<_> = secrets.iter().map(|(name, _)| name).collect();
    let before = before.map(|known| json!({"enabled": known.enabled, "settings": known.settings}));
    let after = json!({"enabled": enabled, "settings": settings, "secrets_changed": names});
    let change = Change::of("integration.saved", "integration", kind.as_str()).before(before);
    by.record(conn, change.after(after)).await
}

/// Keeps what a test found.
pub(super) async fn keep_checks(
    conn: &mut PgConnection,
    by: &Author,
    kind: Kind,
    checks: &Value,
) -> Result<()> {
    entity::store::put_checks(conn, by.entity, kind, checks, by.now).await?;
    by.record(conn, Change::of("integration.tested", "integration", kind.as_str()).after(checks)).await
}

/// Settings that a program gave, checked as those of the pages are.
fn checked(kind: Kind, settings: &Value) -> Result<Value> {
    let wrong = || Error::field("settings", "provider_settings");
    let is_provider = |settings: &Value| {
        let has_secret = settings.get("client_secret").is_some();
        !has_secret && with_secret(settings, &SecretString::from("unused")).is_ok()
    };
    match kind {
        Kind::CitizenLogin => {
            let login: LoginSettings = serde_json::from_value(settings.clone()).map_err(|_| wrong())?;
            let all = login.providers.iter().all(|provider| is_provider(&provider.settings));
            if all { Ok(settings.clone()) } else { Err(wrong()) }
        }
        Kind::StaffLogin if is_provider(settings) => Ok(settings.clone()),
        Kind::StaffLogin => Err(wrong()),
        Kind::Pagopa | Kind::AppIo | Kind::Mail => {
            let members = settings.as_object().ok_or_else(wrong)?;
            let values =
                members.keys().fold(Values::default(), |values, name| values.with(name, of(settings, name)));
            read(kind, &values, &Value::Null)
        }
    }
}

/// Sets an integration as a program or the command line gives it: checked, its secrets sealed, on record.
pub(crate) async fn set(
    conn: &mut PgConnection,
    by: &Author,
    keys: &MasterKeys,
    kind: Kind,
    (enabled, settings): (bool, &Value),
    secrets: impl IntoIterator<Item = (String, String)>,
) -> Result<()> {
    let settings = checked(kind, settings)?;
    let names = secret_names(kind, &settings);
    let mut given: Vec<_> = secrets.into_iter().collect();
    if let Some((unknown, _)) = given.iter().find(|(name, _)| !names.contains(name)) {
        return Err(Error::field(format!("secrets.{unknown}"), "unknown"));
    }
    given.retain(|(_, secret)| !secret.is_empty());
    keep(conn, by, keys, kind, (enabled, &settings), &given).await
}

/// The names of an integration's secrets: each of the citizens' providers has its own.
fn secret_names(kind: Kind, settings: &Value) -> Vec<String> {
    match (kind, serde_json::from_value::<LoginSettings>(settings.clone())) {
        (Kind::CitizenLogin, Ok(login)) => login.providers.iter().map(NamedProvider::secret_name).collect(),
        _ => kind.secrets().iter().map(|name| (*name).to_owned()).collect(),
    }
}

/// The secrets that were given; an empty field keeps the one there is.
pub(super) fn given(kind: Kind, values: &Values) -> Vec<(String, String)> {
    let secret = |name: &&str| (name.to_string(), values.get(field_of(name)).to_owned());
    kind.secrets().iter().map(secret).filter(|(_, secret)| !secret.is_empty()).collect()
}

async fn save(admin: Admin, Path((_, kind)): Path<(String, String)>, form: ProtectedForm) -> Answer {
    let values = Values::posted(&form.pairs);
    let kind = kind_of(&kind)?;
    let mut tx = admin.begin().await?;
    let known = Known::load(&mut tx, &admin, kind).await?;
    let done = match read(kind, &values, &known.settings()) {
        Ok(settings) => {
            let to_keep = (values.is_ticked("enabled"), &settings);
            keep(&mut tx, &admin.author(), &admin.app.keys, kind, to_keep, &given(kind, &values)).await
        }
        Err(error) => Err(error),
    };
    let to = admin.console(format_args!("integrazioni/{}", kind.as_str()));
    admin.finish(tx, done, to, |errors| view(&admin, &known, &values, errors)).await
}

async fn test(admin: Admin, Path((_, kind)): Path<(String, String)>, _: ProtectedForm) -> Answer {
    let kind = kind_of(&kind)?;
    let findings = checks::diagnose(&admin.app, &admin.entity, kind).await?;
    let mut tx = admin.begin().await?;
    let checks = serde_json::to_value(&findings).map_err(Error::from)?;
    keep_checks(&mut tx, &admin.author(), kind, &checks).await?;
    tx.commit().await?;
    redirect_done(admin.console(format_args!("integrazioni/{}", kind.as_str())), "tested")
}
