//! `sportello entity …`: tenants.

use std::path::PathBuf;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};

use super::{Outcome, print};
use crate::audit::{self, Actor, Change};
use crate::clock::Clock;
use crate::config::Config;
use crate::db;
use crate::entity::{store, template::Template};
use crate::error::Error;
use crate::payments::issue::start_numbers_from;
use crate::secrets::MasterKeys;
use crate::web::admin::{Author, kind_of, set_integration};

/// What to do with tenants.
#[derive(Subcommand)]
pub enum Command {
    /// Create a tenant from a template file; prints its address and the secrets of its API clients, once.
    Create {
        /// The template; config/demo/comune.toml is an example.
        #[arg(long)]
        from: PathBuf,
    },
    /// List the tenants, a line of JSON each.
    List,
    /// Set how a tenant talks to an outside system: what the console does, for a tenant whose staff cannot log in yet.
    Integration(Integration),
    /// Raise the next notice number of a tenant, where its former program made numbers under the same segregation code;
    /// prints the next one.
    Numbers {
        /// The tenant's name in addresses.
        entity: String,
        /// The progressive part of the first number to make: up to 13 digits.
        #[arg(long)]
        from: i64,
    },
    /// Seal every secret of every tenant anew under the first master key. The README says when the older key may go.
    Reseal,
}

/// An integration to set.
#[derive(Args)]
pub struct Integration {
    /// The tenant's name in addresses.
    entity: String,
    /// `citizen_login`, `staff_login`, `pagopa`, `app_io` or `mail`.
    kind: String,
    /// Its settings, TOML: the members that the API's `admin/integrations` shows.
    #[arg(long, value_name = "FILE")]
    settings: PathBuf,
    /// A secret and the file that holds it, as often as needed: `staff_login.client_secret=/run/secrets/staff`. Those not
    /// named stay as they are.
    #[arg(long = "secret", value_name = "NAME=FILE")]
    secrets: Vec<SecretFile>,
}

/// The name of a secret, and where it is read.
#[derive(Clone, Debug)]
struct SecretFile {
    name: String,
    file: PathBuf,
}

impl FromStr for SecretFile {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, file) = text.split_once('=').ok_or("not NAME=FILE")?;
        Ok(Self { name: name.to_owned(), file: file.into() })
    }
}

/// Does it, as the owner of the database: the application's own role may not add tenants.
pub async fn run(config: &Config, command: Command) -> Outcome {
    let mut conn = config.owner_database()?.connect().await?;
    let now = Clock::default().now();
    match command {
        Command::Create { from } => {
            let loaded = Template::read(&from)?.create(&mut conn, now).await?;
            let said = json!({
                "entity": loaded.entity.slug,
                "address": format!("{}/{}/", config.server.base_url, loaded.entity.slug),
                "client_secrets": loaded.client_secrets,
            });
            print(&serde_json::to_string_pretty(&said)?)
        }
        Command::List => {
            for entity in store::list(&mut conn).await? {
                print(&serde_json::to_string(&entity)?)?;
            }
            Ok(())
        }
        Command::Integration(asked) => integration(&mut conn, &config.master_keys()?, &asked, now).await,
        Command::Numbers { entity, from } => {
            let mut tx = conn.begin().await?;
            let entity = store::by_slug(&mut tx, &entity).await?;
            db::enter(&mut tx, entity.id).await?;
            let next = start_numbers_from(&mut tx, entity.id, from, &Actor::System, now).await?;
            tx.commit().await?;
            print(&next.to_string())
        }
        Command::Reseal => reseal(&mut conn, &config.master_keys()?, now).await,
    }
}

async fn integration(
    conn: &mut PgConnection,
    keys: &MasterKeys,
    asked: &Integration,
    now: DateTime<Utc>,
) -> Outcome {
    let read = |file: &PathBuf| {
        std::fs::read_to_string(file).map_err(|error| format!("cannot read {}: {error}", file.display()))
    };
    let settings: Value = toml::from_str(&read(&asked.settings)?)?;
    let mut secrets = Vec::new();
    for SecretFile { name, file } in &asked.secrets {
        secrets.push((name.clone(), read(file)?.trim_end().to_owned()));
    }
    let kind = kind_of(&asked.kind).map_err(|_| format!("{} is no integration", asked.kind))?;
    let entity = store::by_slug(conn, &asked.entity).await?;
    let mut tx = conn.begin().await?;
    db::enter(&mut tx, entity.id).await?;
    let by = Author { entity: entity.id, actor: Actor::System, now };
    set_integration(&mut tx, &by, keys, kind, (true, &settings), secrets).await.map_err(in_words)?;
    tx.commit().await?;
    print(&json!({"entity": entity.slug, "integration": kind.as_str(), "enabled": true}).to_string())
}

/// Wrong fields by name: the command line has no page to show them on.
fn in_words(error: Error) -> Box<dyn std::error::Error + Send + Sync> {
    match error {
        Error::Invalid(fields) => {
            let fields: Vec<_> = fields.iter().map(ToString::to_string).collect();
            format!("refused: {}", fields.join("; ")).into()
        }
        other => other.into(),
    }
}

async fn reseal(conn: &mut PgConnection, keys: &MasterKeys, now: DateTime<Utc>) -> Outcome {
    for (id, slug) in store::all(conn).await? {
        let mut tx = conn.begin().await?;
        db::enter(&mut tx, id).await?;
        let sealed = store::reseal(&mut tx, keys, id).await?;
        let change = Change::of("secrets.resealed", "entity", &slug);
        let after = json!({"secrets": sealed, "master_key": keys.current()});
        audit::record(&mut tx, id, now, &Actor::System, change.after(after)).await?;
        tx.commit().await?;
        print(&format!("{slug}: {} secrets", sealed.len()))?;
    }
    Ok(())
}
