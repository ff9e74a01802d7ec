//! What the command line does.

pub mod entity;
pub mod inspect;
pub mod serve;
pub mod taxonomy;

use std::error::Error;
use std::io::Write as _;

use crate::config::Config;
use crate::db;

/// A command either does its work or says why not.
pub type Outcome = Result<(), Box<dyn Error + Send + Sync>>;

/// `sportello migrate`.
pub async fn migrate(config: &Config) -> Outcome {
    db::migrate(&config.owner_database()?).await?;
    Ok(())
}

/// Writes a text to standard output, the whole of it or an error (a closed pipe).
pub fn print(text: &str) -> Outcome {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    if !text.ends_with('\n') {
        out.write_all(b"\n")?;
    }
    Ok(())
}
