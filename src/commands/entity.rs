//! `sportello entity …`: tenants.

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::json;
use sqlx::{ConnectOptions as _, Connection as _};

use super::{Outcome, owner_options, print};
use crate::audit::Actor;
use crate::clock::Clock;
use crate::config::Config;
use crate::db;
use crate::entity::{store, template::Template};
use crate::payments::issue::start_numbers_from;
use crate::secrets::MasterKeys;

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
    /// Raise the next notice number of a tenant, where its former program made numbers under the same segregation code;
    /// prints the next one.
    Numbers {
        /// The tenant's name in addresses.
        entity: String,
        /// The progressive part of the first number to make: up to 13 digits.
        #[arg(long)]
        from: i64,
    },
    /// Seal every secret of every tenant anew under the first master key; afterwards the older keys can be removed.
    Reseal,
}

/// Does it, as the owner of the database: the application's own role may not add tenants.
pub async fn run(config: &Config, command: Command) -> Outcome {
    config.require_secrets()?;
    let mut conn = owner_options(config)?.connect().await?;
    let now = Clock::default().now();
    match command {
        Command::Create { from } => {
            let template = Template::read(&from)?;
            let mut tx = conn.begin().await?;
            let entity = template.entity();
            store::insert(&mut tx, &entity, now).await?;
            db::enter(&mut tx, entity.id).await?;
            let loaded = template.fill(&mut tx, entity, now).await?;
            tx.commit().await?;
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
        Command::Numbers { entity, from } => {
            let mut tx = conn.begin().await?;
            let entity = store::by_slug(&mut tx, &entity).await?;
            db::enter(&mut tx, entity.id).await?;
            let next = start_numbers_from(&mut tx, entity.id, from, &Actor::System, now).await?;
            tx.commit().await?;
            print(&next.to_string())
        }
        Command::Reseal => {
            let keys = MasterKeys::parse(&config.secrets.master_keys)?;
            for entity in store::list(&mut conn).await? {
                let mut tx = conn.begin().await?;
                db::enter(&mut tx, entity.id).await?;
                let sealed = store::reseal(&mut tx, &keys, entity.id, now).await?;
                tx.commit().await?;
                print(&format!("{}: {sealed} secrets", entity.slug))?;
            }
            Ok(())
        }
    }
}
