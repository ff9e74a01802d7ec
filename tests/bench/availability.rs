//! A month of a site of twenty counters, six times in ten taken: the computation alone, and over HTTP beside the least
//! a handler with a database can do.

use std::hint::black_box;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use sportello::agenda::Audience;
use sportello::agenda::free_times::{Group, Hours, Rule, Seat, Snapshot, free_times};
use sportello::agenda::intervals::Span;
use sportello::agenda::zone;
use sportello::ids::{CounterId, SiteId};
use sportello::{App, web};
use sqlx::ConnectOptions as _;
use tokio::net::TcpListener;

use crate::http::{Round, load, request};
use crate::office::Office;
use crate::{Bench, Report, median, percentile_ms};

const COUNTERS: usize = 20;
/// From nine to five, a time every twenty minutes.
const TIMES: i64 = 24;
const ROUNDS: usize = 7;
const ROUND: Duration = Duration::from_secs(2);
const CONNECTIONS: usize = 8;
const FROM: &str = "2027-01-12";
const TO: &str = "2027-02-11";

/// Measures all of it.
pub async fn measure(bench: &mut Bench, report: &mut Report) {
    pure(report);
    let office = bench.office(COUNTERS, TIMES, |_| {}).await;
    let taken = fill(&office).await;
    report.add("availability_appointments", taken as f64, "appointments");
    over_http(&office, report).await;
}

/// Whether a time is one of the six in ten: spread without a pattern, the same at every run.
fn is_taken(counter: i64, day: i64, time: i64) -> bool {
    let mixed = (counter * 7_919 + day * 104_729 + time * 1_299_709).wrapping_mul(2_654_435_761) >> 7;
    mixed.rem_euclid(10) < 6
}

fn pure(report: &mut Report) {
    let zone = chrono_tz::Europe::Rome;
    let (from, to): (NaiveDate, NaiveDate) = (FROM.parse().unwrap(), TO.parse().unwrap());
    let opens = NaiveTime::from_hms_opt(9, 0, 0).unwrap();
    let minutes = TimeDelta::minutes;
    let rule = |weekday| Rule {
        weekday,
        opens,
        closes: opens + minutes(20 * TIMES),
        valid_from: from,
        valid_to: NaiveDate::MAX,
    };
    let hours = Hours {
        step: minutes(20),
        lead: minutes(0),
        horizon_days: 400,
        buffer: minutes(0),
        closed_on_holidays: true,
        rules: (1..=7).map(rule).collect(),
    };
    let seat = |counter: usize| {
        let days = from.iter_days().take_while(|day| *day <= to).enumerate();
        let busy = days.flat_map(|(day, date)| {
            let nine = zone::instant(date, opens, zone);
            (0..TIMES)
                .filter(move |time| is_taken(counter as i64, day as i64, *time))
                .map(move |time| Span::between(nine + minutes(20 * time), nine + minutes(20 * (time + 1))))
        });
        Seat::new(CounterId::new(), Vec::new(), busy.collect())
    };
    let group = Group { site: SiteId::new(), zone, hours, counters: (0..COUNTERS).map(seat).collect() };
    let snapshot = Snapshot { duration: minutes(20), groups: vec![group], holidays: Vec::new() };
    let now: DateTime<Utc> = "2027-01-11T07:00:00Z".parse().unwrap();
    let mut samples = Vec::new();
    for _ in 0..2_000 {
        let begun = Instant::now();
        let days = free_times(black_box(&snapshot), from, to, Audience::Citizen, now);
        samples.push(begun.elapsed());
        assert!(!black_box(days).is_empty());
    }
    report.add("availability_month_pure", percentile_ms(&mut samples, 50) * 1000.0, "us");
}

/// Takes the times in the database, as appointments and occupations like any other.
async fn fill(office: &Office) -> u64 {
    let mut conn = office.db.owner.connect().await.unwrap();
    let mut rows: (Vec<uuid::Uuid>, Vec<DateTime<Utc>>) = Default::default();
    let (from, to): (NaiveDate, NaiveDate) = (FROM.parse().unwrap(), TO.parse().unwrap());
    for (day, date) in from.iter_days().take_while(|day| *day <= to).enumerate() {
        let nine = zone::instant(date, NaiveTime::from_hms_opt(9, 0, 0).unwrap(), office.site.zone);
        for (number, counter) in office.counters.iter().enumerate() {
            for time in (0..TIMES).filter(|time| is_taken(number as i64, day as i64, *time)) {
                rows.0.push(counter.id.0);
                rows.1.push(nine + TimeDelta::minutes(20 * time));
            }
        }
    }
    let taken = sqlx::query(
        "with made as (
            insert into appointment (entity_id, appointment_id, code, service_id, site_id, counter_id, starts_at, ends_at,
                busy_until, state, channel, created_at)
            select $1, gen_random_uuid(), lpad(t.n::text, 8, '0'), $2, $3, t.counter, t.start,
                t.start + interval '20 minutes', t.start + interval '20 minutes', 'confirmed', 'api', $6
            from unnest($4::uuid[], $5::timestamptz[]) with ordinality as t(counter, start, n)
            returning appointment_id, counter_id, starts_at, busy_until)
         insert into occupation (entity_id, occupation_id, counter_id, during, kind, appointment_id)
         select $1, gen_random_uuid(), counter_id, tstzrange(starts_at, busy_until), 'appointment', appointment_id
         from made",
    )
    .bind(office.entity.id.0)
    .bind(office.service.id.0)
    .bind(office.site.id.0)
    .bind(rows.0)
    .bind(rows.1)
    .bind(office.now())
    .execute(&mut conn)
    .await
    .unwrap()
    .rows_affected();
    sqlx::raw_sql("vacuum analyze").execute(&mut conn).await.unwrap();
    taken
}

/// One round trip to the database and nothing else.
async fn least(State(app): State<App>) -> String {
    let one: i32 = sqlx::query_scalar("select 1").fetch_one(app.db.pool()).await.unwrap();
    one.to_string()
}

async fn over_http(office: &Office, report: &mut Report) {
    let app = office.db.app.clone();
    let router = Router::new().route("/least", get(least)).with_state(app.clone()).merge(web::router(app));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let path = "/api/v1/entities/borgo/services/carta-identita/availability";
    let month = request(&format!("{path}?from={FROM}&to={TO}"), "");
    let one = request("/least", "");
    let day = request(&format!("{path}?from={FROM}&to={FROM}"), "");

    for warm in [&month, &one, &day] {
        load(&address, warm, CONNECTIONS, ROUND / 2).await;
    }
    let mut rounds: [Vec<Round>; 3] = Default::default();
    for _ in 0..ROUNDS {
        for (kept, asked) in rounds.iter_mut().zip([&month, &one, &day]) {
            kept.push(load(&address, asked, CONNECTIONS, ROUND).await);
        }
    }
    server.abort();
    let figures = rounds.map(|rounds| {
        let rate = median(rounds.iter().map(|round| round.per_second).collect());
        let at = |percent| {
            median(rounds.iter().map(|round| percentile_ms(&mut round.latencies.clone(), percent)).collect())
        };
        (rate, at(50), at(99))
    });
    let [month, one, day] = figures;
    for (name, (rate, p50, p99)) in
        [("availability_month", month), ("availability_day", day), ("one_round_trip", one)]
    {
        report.add(&format!("{name}_rate"), rate, "requests/s");
        report.add(&format!("{name}_p50"), p50, "ms");
        report.add(&format!("{name}_p99"), p99, "ms");
    }
    report.add("availability_month_rate_ratio", month.0 / one.0, "of_one_round_trip");
    report.add("availability_month_p50_ratio", month.1 / one.1, "times_one_round_trip");
}
