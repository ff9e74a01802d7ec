//! The command line of Sportello.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use sportello::config::{Config, LogFormat};
use sportello::{commands, demo, web};
use tracing_subscriber::EnvFilter;

/// Appointments, payments and their reconciliation for an Italian Comune.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    /// Configuration file, over the defaults; the environment goes over both.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Answer HTTP requests.
    Serve {
        /// Run the background jobs in this process too.
        #[arg(long)]
        with_worker: bool,
    },
    /// Run the background jobs.
    Work,
    /// Bring the schema of the database up to date.
    Migrate,
    /// Tenants: create from a template, list, seal secrets anew.
    #[command(subcommand)]
    Entity(commands::entity::Command),
    /// The pagoPA codes that tariffs are written with: import.
    #[command(subcommand)]
    Taxonomy(commands::taxonomy::Command),
    /// Say what a number, a text or a file says, as JSON.
    #[command(subcommand)]
    Inspect(commands::inspect::Command),
    /// Print the description of the API (OpenAPI 3.1).
    Openapi,
    /// Start everything on this machine: database, service, simulators, a sample Comune.
    Demo(demo::Arguments),
}

fn main() -> ExitCode {
    // Everything that speaks TLS uses the same provider; it must be there before the first client is built.
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        eprintln!("sportello: another TLS provider is installed already");
        return ExitCode::FAILURE;
    }
    let cli = Cli::parse();
    let config = match Config::load(cli.config.as_deref(), std::env::vars()) {
        Ok(config) => config,
        Err(error) => return fail(&error),
    };
    if let Err(error) = config.check() {
        return fail(&error);
    }
    log_to_stderr(&config);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    let done = runtime.block_on(async {
        match cli.command {
            Command::Serve { with_worker } => commands::serve::serve(config, with_worker).await,
            Command::Work => commands::serve::work(config).await,
            Command::Migrate => commands::migrate(&config).await,
            Command::Entity(command) => commands::entity::run(&config, command).await,
            Command::Taxonomy(command) => commands::taxonomy::run(&config, command).await,
            Command::Inspect(command) => commands::inspect::run(&command),
            Command::Openapi => commands::print(&web::api::openapi_json()),
            Command::Demo(arguments) => demo::run(config, arguments).await,
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(error.as_ref()),
    }
}

/// Says the whole chain of causes, one line each.
fn fail(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("sportello: {error}");
    let mut cause = error.source();
    while let Some(source) = cause {
        eprintln!("  because: {source}");
        cause = source.source();
    }
    ExitCode::FAILURE
}

fn log_to_stderr(config: &Config) {
    let filter = EnvFilter::new(&config.log.filter);
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match config.log.format {
        LogFormat::Json => log.json().init(),
        LogFormat::Text => log.init(),
    }
}
