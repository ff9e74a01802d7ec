//! Bookings: two hundred clients for forty times of one morning, and one after another without contention.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use futures_util::future::join_all;

use crate::peer::{Peer, Server};
use crate::{Bench, Report, median, median_ms};

const CLIENTS: usize = 200;
const TIMES: usize = 40;
const MORNINGS: usize = 5;
const UNCONTENDED: usize = 200;

/// Measures both.
pub async fn measure(bench: &mut Bench, report: &mut Report) {
    contended(bench, report).await;
    uncontended(bench, report).await;
}

async fn contended(bench: &mut Bench, report: &mut Report) {
    let office = bench.office(4, 10, |_| {}).await;
    let server = Server::start(&office.db.app).await;
    let peer = Peer::register(&office, &server.base).await;
    // Every client has its connection before the doors open.
    let doors = (0..CLIENTS).map(|_| peer.get("/health/live"));
    assert!(join_all(doors).await.into_iter().all(|answer| answer.unwrap().status == 200));
    let mut took = Vec::new();
    for morning in 0..MORNINGS {
        let day = format!("2027-01-{}", 18 + morning);
        let starts = starts(&office.offered(&day, &day).await);
        let begun = Instant::now();
        let bookings = (0..CLIENTS).map(|client| {
            let (peer, start) = (peer.clone(), starts[client % starts.len()]);
            async move { peer.book(&format!("{morning}/{client}"), client, start).await.unwrap().status }
        });
        let answers = join_all(bookings).await;
        took.push(begun.elapsed().as_secs_f64());
        let booked = answers.iter().filter(|status| **status == 201).count();
        let refused = answers.iter().filter(|status| **status == 409).count();
        assert_eq!((booked, refused), (TIMES, CLIENTS - TIMES));
    }
    let took = median(took);
    report.add("booking_rush_all_answered", took * 1000.0, "ms");
    report.add("booking_rush_answers", CLIENTS as f64 / took, "answers/s");
    report.add("booking_rush_bookings", TIMES as f64 / took, "bookings/s");
}

fn starts(offered: &[(DateTime<Utc>, u32)]) -> Vec<DateTime<Utc>> {
    offered.iter().map(|(start, _)| *start).collect()
}

async fn uncontended(bench: &mut Bench, report: &mut Report) {
    let office = bench.office(20, 24, |_| {}).await;
    let server = Server::start(&office.db.app).await;
    let peer = Peer::register(&office, &server.base).await;
    let starts = starts(&office.offered("2027-01-12", "2027-02-11").await);
    let mut latencies: Vec<Duration> = Vec::new();
    let begun = Instant::now();
    for n in 0..UNCONTENDED {
        let sent = Instant::now();
        let answer = peer.book(&format!("booking {n}"), n, starts[n * 3 % starts.len()]).await.unwrap();
        latencies.push(sent.elapsed());
        assert_eq!(answer.status, 201);
    }
    report.add("booking_alone_rate", UNCONTENDED as f64 / begun.elapsed().as_secs_f64(), "bookings/s");
    report.add("booking_alone_p50", median_ms(latencies), "ms");
}
