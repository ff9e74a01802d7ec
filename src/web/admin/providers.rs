//! Login providers: the citizens' (one for SPID and one for CIE, usually), and what the form of any provider asks.

use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use secrecy::SecretString;
use serde_json::{Map, Value, json};

use super::Admin;
use super::blocks::{Console, Form, Row, Table};
use super::integrations::{Known, SECTION, keep};
use super::values::{Reader, Values};
use crate::app::App;
use crate::entity::Kind;
use crate::error::{Error, FieldError, Result};
use crate::identity::login::{LoginSettings, NamedProvider, with_secret};
use crate::web::form::ProtectedForm;
use crate::web::frame::{Answer, redirect_done};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/{entity}/amministrazione/integrazioni/citizen_login/fornitori", get(new).post(create))
        .route("/{entity}/amministrazione/integrazioni/citizen_login/fornitori/{key}", get(edit).post(save))
        .route("/{entity}/amministrazione/integrazioni/citizen_login/fornitori/{key}/togli", post(remove))
}

/// The settings that have a field of their own; all others are the expert's.
const OWN: [&str; 10] = [
    "issuer",
    "client_id",
    "auth_method",
    "scopes",
    "acr_values",
    "minimum_level",
    "assumed_level",
    "email_trusted",
    "fiscal_code_required",
    "userinfo",
];

fn words(value: &Value) -> String {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
}

/// A provider's settings as the fields hold them.
pub(super) fn values(settings: &Value) -> Values {
    let text = |name: &str, usual: &str| settings[name].as_str().unwrap_or(usual).to_owned();
    let others: Map<String, Value> = settings
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, _)| !OWN.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let others = if others.is_empty() { String::new() } else { format!("{:#}", Value::Object(others)) };
    Values::default()
        .with("issuer", text("issuer", ""))
        .with("client_id", text("client_id", ""))
        .with("auth_method", text("auth_method", "basic"))
        .with("scopes", words(&settings["scopes"]))
        .with("acr_values", words(&settings["acr_values"]))
        .with("minimum_level", text("minimum_level", ""))
        .with("assumed_level", text("assumed_level", ""))
        .ticked("email_trusted", settings["email_trusted"].as_bool().unwrap_or(false))
        .with("userinfo", text("userinfo", "json"))
        .ticked("fiscal_code_required", settings["fiscal_code_required"].as_bool().unwrap_or(true))
        .with("others", others)
}

/// The fields of a provider.
pub(super) fn fields(admin: &Admin, form: Form, secret: Option<String>) -> Form {
    let named = |prefix: &str, names: &[&str]| -> Vec<(String, String)> {
        names
            .iter()
            .map(|name| ((*name).to_owned(), admin.text(&format!("admin-provider-{prefix}-{name}"))))
            .collect()
    };
    let levels = || named("level", &["l1", "l2", "l3"]);
    form.input("issuer", "url")
        .required("client_id")
        .secret("client_secret", secret)
        .select("auth_method", true, named("auth", &["basic", "post"]), "")
        .select("minimum_level", false, levels(), &admin.text("admin-provider-level-any"))
        .tick("fiscal_code_required")
        .part("expert")
        .line("scopes", "text")
        .line("acr_values", "text")
        .select("assumed_level", false, levels(), &admin.text("admin-provider-level-none"))
        .tick("email_trusted")
        .select("userinfo", true, named("userinfo", &["json", "signed_jwt"]), "")
        .area("others")
}

/// A provider's settings as they were posted, as JSON without the secret.
pub(super) fn read(values: &Values) -> Result<Value> {
    let mut reader = Reader::new(values);
    reader.web_address("issuer");
    let list = |name: &str| values.get(name).split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let mut settings = match values.get("others") {
        "" => Map::new(),
        text => serde_json::from_str(text).unwrap_or_else(|_| {
            reader.refuse("others", "not_json");
            Map::new()
        }),
    };
    let mut put = |name: &str, value: Value| drop(settings.insert(name.to_owned(), value));
    put("issuer", json!(reader.required("issuer", 300)));
    put("client_id", json!(reader.required("client_id", 300)));
    put("auth_method", json!(values.get("auth_method")));
    put("scopes", json!(list("scopes")));
    put("acr_values", json!(list("acr_values")));
    put("userinfo", json!(values.get("userinfo")));
    put("fiscal_code_required", json!(values.is_ticked("fiscal_code_required")));
    put("email_trusted", json!(values.is_ticked("email_trusted")));
    for level in ["minimum_level", "assumed_level"] {
        if !values.get(level).is_empty() {
            put(level, json!(values.get(level)));
        }
    }
    // A secret in the expert's field would be kept in the open.
    settings.remove("client_secret");
    let settings = reader.finish(Value::Object(settings))?;
    if with_secret(&settings, &SecretString::from("unused")).is_err() {
        return Err(Error::field("others", "provider_settings"));
    }
    Ok(settings)
}

fn listed(known: &Known) -> Result<LoginSettings> {
    match known.settings() {
        Value::Null => Ok(LoginSettings::default()),
        settings => Ok(serde_json::from_value(settings)?),
    }
}

/// The citizens' providers.
pub(super) fn table(admin: &Admin, known: &Known) -> Table {
    let providers = listed(known).unwrap_or_default().providers;
    let rows = providers.iter().map(|provider| {
        let at = admin.console(format_args!("integrazioni/citizen_login/fornitori/{}", provider.key));
        let issuer = provider.settings["issuer"].as_str().unwrap_or_default();
        Row::default()
            .link(&provider.label, at.clone())
            .text(&provider.key)
            .text(issuer)
            .act(admin.text("admin-remove"), format!("{at}/togli"))
    });
    Table::new(admin.t, "providers", &["label", "key", "issuer"]).rows(rows)
}

fn view(
    admin: &Admin,
    known: &Known,
    former: Option<&NamedProvider>,
    values: &Values,
    errors: Vec<FieldError>,
) -> Answer {
    let mut form = Form::new(admin.t, "provider", values).required("label");
    if former.is_none() {
        form = form.required("key");
    }
    let secret = former.and_then(|provider| known.kept(admin, &provider.secret_name()));
    let form = fields(admin, form, secret).back(admin.console("integrazioni/citizen_login"));
    let title = former.map_or_else(|| admin.text("admin-provider-new"), |provider| provider.label.clone());
    Console::new(admin.below(SECTION, title, "provider").errors(errors)).form(form).answer()
}

async fn known(admin: &Admin) -> Result<(Known, LoginSettings)> {
    let mut tx = admin.begin().await?;
    let known = Known::load(&mut tx, admin, Kind::CitizenLogin).await?;
    let settings = listed(&known)?;
    Ok((known, settings))
}

fn found<'a>(settings: &'a LoginSettings, key: &str) -> Result<&'a NamedProvider> {
    settings.providers.iter().find(|provider| provider.key == key).ok_or(Error::NotFound("provider"))
}

async fn new(admin: Admin) -> Answer {
    let (known, _) = known(&admin).await?;
    let values = values(&Value::Null).with("minimum_level", "l2");
    view(&admin, &known, None, &values, Vec::new())
}

async fn edit(admin: Admin, Path((_, key)): Path<(String, String)>) -> Answer {
    let (known, settings) = known(&admin).await?;
    let provider = found(&settings, &key)?;
    view(
        &admin,
        &known,
        Some(provider),
        &values(&provider.settings).with("label", &provider.label),
        Vec::new(),
    )
}

async fn create(admin: Admin, form: ProtectedForm) -> Answer {
    put(&admin, None, &Values::posted(&form.pairs)).await
}

async fn save(admin: Admin, Path((_, key)): Path<(String, String)>, form: ProtectedForm) -> Answer {
    put(&admin, Some(&key), &Values::posted(&form.pairs)).await
}

/// The provider that was posted: its key names it for ever, because its secret is sealed under it.
fn provider(values: &Values, former: Option<&NamedProvider>, all: &LoginSettings) -> Result<NamedProvider> {
    let mut reader = Reader::new(values);
    let key = former.map_or_else(|| reader.required("key", 20), |former| former.key.clone());
    if !key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
        reader.refuse("key", "provider_key");
    }
    if former.is_none() && all.providers.iter().any(|known| known.key == key) {
        reader.refuse("key", "already_used");
    }
    let label = reader.required("label", 60);
    if former.is_none() {
        reader.required("client_secret", 500);
    }
    reader.finish(())?;
    Ok(NamedProvider { key, label, settings: read(values)? })
}

async fn put(admin: &Admin, key: Option<&str>, values: &Values) -> Answer {
    let (known, mut settings) = known(admin).await?;
    let former = key.map(|key| found(&settings, key).cloned()).transpose()?;
    let mut tx = admin.begin().await?;
    let done = match provider(values, former.as_ref(), &settings) {
        Ok(provider) => {
            let secret = (provider.secret_name(), values.get("client_secret").to_owned());
            match settings.providers.iter_mut().find(|known| known.key == provider.key) {
                Some(known) => *known = provider,
                None => settings.providers.push(provider),
            }
            let secrets: Vec<_> = [secret].into_iter().filter(|(_, secret)| !secret.is_empty()).collect();
            let settings = serde_json::to_value(&settings).map_err(Error::from)?;
            let to_keep = (known.enabled(), &settings);
            keep(&mut tx, &admin.author(), &admin.app.keys, Kind::CitizenLogin, to_keep, &secrets).await
        }
        Err(error) => Err(error),
    };
    let to = admin.console("integrazioni/citizen_login");
    admin.finish(tx, done, to, |errors| view(admin, &known, former.as_ref(), values, errors)).await
}

async fn remove(admin: Admin, Path((_, key)): Path<(String, String)>, _: ProtectedForm) -> Answer {
    let (known, mut settings) = known(&admin).await?;
    found(&settings, &key)?;
    settings.providers.retain(|provider| provider.key != key);
    // A login without providers is a button that leads nowhere.
    let enabled = known.enabled() && !settings.providers.is_empty();
    let settings = serde_json::to_value(&settings).map_err(Error::from)?;
    let mut tx = admin.begin().await?;
    let to_keep = (enabled, &settings);
    keep(&mut tx, &admin.author(), &admin.app.keys, Kind::CitizenLogin, to_keep, &[]).await?;
    tx.commit().await?;
    redirect_done(admin.console("integrazioni/citizen_login"), "removed")
}
