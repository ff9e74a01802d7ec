//! The measurements: `make bench`. Each is a line `name value unit`; all of them are in `target/bench.json`.
//!
//! Everything runs in this process, on a private PostgreSQL that is as safe as a real one, over real HTTP on
//! 127.0.0.1. Numbers of different machines do not compare; the ratios do.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement that cannot go on has failed")]

mod availability;
mod booking;
mod http;
#[path = "../it/office.rs"]
#[expect(dead_code, reason = "the tests use the rest")]
mod office;
mod pages;
#[path = "../it/peer.rs"]
#[expect(dead_code, reason = "the tests use the rest")]
mod peer;
#[path = "../it/support.rs"]
mod support;

use std::path::Path;
use std::time::Duration;

use serde_json::{Map, Value, json};
use sportello::agenda::Calendar;
use sportello::db;
use sportello::demo::postgres::PrivatePostgres;
use sqlx::{AssertSqlSafe, ConnectOptions as _};

use office::Office;
use support::TestDb;

/// What was measured so far.
#[derive(Default)]
pub struct Report(Map<String, Value>);

impl Report {
    /// Keeps a value and prints it.
    pub fn add(&mut self, name: &str, value: f64, unit: &str) {
        let value = (value * 1000.0).round() / 1000.0;
        println!("{name} {value} {unit}");
        self.0.insert(name.to_owned(), json!({"value": value, "unit": unit}));
    }

    fn write(self, path: &Path) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, format!("{:#}\n", Value::Object(self.0))).unwrap();
    }
}

/// The private server, and the offices in it, each in a database of its own.
pub struct Bench {
    postgres: PrivatePostgres,
    offices: usize,
}

impl Bench {
    /// An office with so many counters and times a day.
    pub async fn office(
        &mut self,
        counters: usize,
        times: i64,
        change: impl FnOnce(&mut Calendar),
    ) -> Office {
        self.offices += 1;
        let name = format!("office_{}", self.offices);
        let mut conn = self.postgres.options("postgres").connect().await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(format!("create database {name}"))).execute(&mut conn).await.unwrap();
        db::migrate(&self.postgres.options(&name)).await.unwrap();
        let db = TestDb::on(&self.postgres, &name, &[]);
        let beginning = "2027-01-11T07:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap();
        db.advance(beginning - db.app.clock.now());
        Office::on(db, counters, times, change).await
    }
}

/// The middle of some durations, milliseconds.
pub fn median_ms(mut durations: Vec<Duration>) -> f64 {
    percentile_ms(&mut durations, 50)
}

/// A percentile of some durations, milliseconds.
pub fn percentile_ms(durations: &mut [Duration], percent: usize) -> f64 {
    durations.sort_unstable();
    durations[(durations.len() * percent / 100).min(durations.len() - 1)].as_secs_f64() * 1000.0
}

/// The middle of some numbers.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

#[tokio::main]
async fn main() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let mut bench = Bench { postgres: PrivatePostgres::start(true).unwrap(), offices: 0 };
    let mut report = Report::default();
    availability::measure(&mut bench, &mut report).await;
    booking::measure(&mut bench, &mut report).await;
    pages::measure(&mut bench, &mut report).await;
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), Into::into);
    report.write(&target.join("bench.json"));
}
