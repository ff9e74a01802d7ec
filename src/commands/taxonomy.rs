//! `sportello taxonomy …`: pagoPA's table of codes, one for the whole installation.

use clap::Subcommand;
use serde_json::json;
use sportello_pagopa::taxonomy::{Client, Taxonomy};
use sqlx::{ConnectOptions as _, Connection as _};
use url::Url;

use super::{Outcome, print};
use crate::app;
use crate::config::Config;
use crate::payments::taxonomy;

/// What to do with the table.
#[derive(Subcommand)]
pub enum Command {
    /// Replace the table by the published one; tariffs keep their codes.
    Import {
        /// A CSV or JSON file, or the platform's address: <https://api.platform.pagopa.it/taxonomy/service/v1>
        source: String,
    },
}

/// Does it, as the owner of the database: the application's own role may only read the table.
pub async fn run(config: &Config, command: Command) -> Outcome {
    let Command::Import { source } = command;
    let table = read(&source).await?;
    let mut conn = config.owner_database()?.connect().await?;
    let mut tx = conn.begin().await?;
    let codes = taxonomy::import(&mut tx, &table).await?;
    tx.commit().await?;
    print(&json!({"source": source, "codes": codes}).to_string())
}

async fn read(source: &str) -> Result<Taxonomy, Box<dyn std::error::Error + Send + Sync>> {
    match source.parse::<Url>() {
        Ok(address) => Ok(Client::new(address, app::http_client()).download().await?),
        Err(_) => {
            let text =
                std::fs::read_to_string(source).map_err(|error| format!("cannot read {source}: {error}"))?;
            Ok(taxonomy::read_file(&text)?)
        }
    }
}
