//! Headers that every answer carries.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderName, HeaderValue};

use crate::app::App;

/// The content security policy: nothing from elsewhere, no inline script or style, forms to this site alone (browsers count
/// the redirects that follow a form).
const CONTENT_POLICY: &str = "default-src 'none'; style-src 'self'; font-src 'self' data:; img-src 'self' data:; script-src 'self'; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Adds the headers that an answer does not have already.
pub(super) async fn headers(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut default = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    default(X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(REFERRER_POLICY, "same-origin");
    default(CACHE_CONTROL, "no-store");
    default(CONTENT_SECURITY_POLICY, CONTENT_POLICY);
    if app.config.is_https() {
        default(STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains");
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_starts_from_nothing_and_allows_nothing_inline() {
        assert!(CONTENT_POLICY.starts_with("default-src 'none';"));
        assert!(CONTENT_POLICY.contains("form-action 'self';"));
        for forbidden in ["unsafe", "*", "http"] {
            assert!(!CONTENT_POLICY.contains(forbidden), "{forbidden} in {CONTENT_POLICY}");
        }
    }
}
