//! What the operators of the installation watch: requests by route, status and duration, in Prometheus' format, and one
//! line of log a request. Addresses are those of the routes: codes and names never reach a log.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use axum::routing::get;
use http::Method;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use super::answer::REQUEST_ID;
use crate::app::App;

/// Seconds: from a page out of memory to a remote call that timed out.
const BUCKETS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0];

/// How often what was measured is tidied.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

static METRICS: LazyLock<PrometheusHandle> = LazyLock::new(|| {
    PrometheusBuilder::new()
        .set_buckets(&BUCKETS)
        .expect("there are buckets")
        .install_recorder()
        .expect("no other recorder is installed in this program")
});

pub(super) fn router() -> Router<App> {
    LazyLock::force(&METRICS);
    Router::new().route("/metrics", get(|| async { METRICS.render() }))
}

/// Tidies what was measured, for ever: until somebody does, every single duration is kept.
pub async fn keep_up() {
    loop {
        METRICS.run_upkeep();
        tokio::time::sleep(UPKEEP_EVERY).await;
    }
}

/// The method, where it is one of HTTP's: the name is the client's, and each new label is memory that never comes back.
fn method_label(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}

pub(super) async fn layer(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = method_label(request.method());
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let id = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default().to_owned();
    let response = next.run(request).await;
    let seconds = began.elapsed().as_secs_f64();
    let status = response.status().as_u16();
    let labels = [("method", method.to_owned()), ("route", route.clone()), ("status", status.to_string())];
    metrics::counter!("sportello_http_requests_total", &labels).increment(1);
    metrics::histogram!("sportello_http_request_seconds", &labels[..2]).record(seconds);
    tracing::info!(%method, %route, status, request_id = %id, ms = (seconds * 1000.0).round(), "request");
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_that_somebody_made_up_is_no_label_of_its_own() {
        assert_eq!(method_label(&Method::PATCH), "PATCH");
        for made_up in ["get", "BREW", "GETGETGET"] {
            assert_eq!(method_label(&Method::from_bytes(made_up.as_bytes()).unwrap()), "other");
        }
    }
}
