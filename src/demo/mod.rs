//! Everything the service needs and does not have on a laptop: a private PostgreSQL, the simulators of the outside
//! systems, a sample Comune. The demonstration and the tests use it; the service itself never does.

mod guide;
pub mod mail;
pub mod postgres;
mod story;
pub mod world;

use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use clap::Args;
use secrecy::ExposeSecret as _;
use serde_json::json;
use sqlx::postgres::PgConnectOptions;

use crate::commands::{Outcome, print};
use crate::config::Config;
use postgres::PrivatePostgres;
use world::{Sockets, World};

/// `sportello demo`.
#[derive(Args)]
pub struct Arguments {
    /// The service's port; the simulators take the five after it.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Where the addresses and sample users are written.
    #[arg(long, default_value = "target/demo/demo.json")]
    out: PathBuf,
    /// Start with an empty agenda: no sample appointments and payments.
    #[arg(long)]
    empty: bool,
}

/// Starts the world, tells where everything is, and waits for Ctrl-C.
pub async fn run(config: Config, arguments: Arguments) -> Outcome {
    let sockets = Sockets::bind(arguments.port).await?;
    let (_server, database) = database(&config)?;
    let world = World::start(config, database, sockets, &world::sample_folder()).await?;
    if !arguments.empty {
        story::tell(&world).await?;
    }
    write_summary(&world, &arguments.out)?;
    print(&guide::summary(&world))?;
    tokio::signal::ctrl_c().await?;
    print("fermo tutto…")?;
    world.stop().await;
    Ok(())
}

/// The configured database, if one is named; else a private one that ends with this process.
fn database(config: &Config) -> Result<(Option<PrivatePostgres>, PgConnectOptions), world::Failure> {
    let configured = config.database.url.expose_secret();
    if configured.is_empty() {
        let server = PrivatePostgres::start(false)?;
        let options = server.options("postgres");
        Ok((Some(server), options))
    } else {
        Ok((None, PgConnectOptions::from_str(configured)?))
    }
}

fn write_summary(world: &World, path: &Path) -> Outcome {
    let staff = [
        ("Francesca Ricci", "administrator", "francesca.ricci"),
        ("Marco Bianchi", "operator", "marco.bianchi"),
        ("Lucia Ferri", "operator", "lucia.ferri"),
        ("Paolo Conti", "accountant", "paolo.conti"),
    ];
    let citizens = world.citizens.iter().map(|citizen| {
        json!({
            "name": format!("{} {}", citizen.given_name, citizen.family_name),
            "role": "citizen",
            "login": citizen.login,
        })
    });
    let users: Vec<_> = staff
        .iter()
        .map(|(name, role, login)| json!({"name": name, "role": role, "login": login}))
        .chain(citizens)
        .collect();
    let slug = &world.entity.slug;
    let (client_id, client_secret) =
        world.client_secrets.iter().next().ok_or("the sample Comune has an API client")?;
    let summary = json!({
        "base_url": world.addresses.service,
        "entity": slug,
        "users": users,
        "api": {
            "token_url": format!("{}/api/v1/entities/{slug}/token", world.addresses.service),
            "client_id": client_id,
            "client_secret": client_secret,
        },
        "clock_url": format!("{}/orologio", world.addresses.guide),
        "guide_url": world.addresses.guide,
        "simulators": {
            "identity": world.addresses.identity,
            "platform": world.addresses.platform,
            "app_io": world.addresses.app_io,
            "mail": world.addresses.mail,
        },
    });
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, serde_json::to_string_pretty(&summary)?)?;
    Ok(())
}
