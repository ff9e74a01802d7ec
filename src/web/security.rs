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

/// The content security policy: nothing from elsewhere, no inline script or style, forms to this site alone and, where a
/// page's form leads there, to one origin more (browsers count the redirects that follow a form).
pub(super) fn content_policy(leads_to: Option<&str>) -> String {
    let form_action = leads_to.map_or_else(|| "'self'".to_owned(), |origin| format!("'self' {origin}"));
    format!(
        "default-src 'none'; style-src 'self'; font-src 'self' data:; img-src 'self' data:; script-src 'self'; \
         connect-src 'self'; form-action {form_action}; base-uri 'none'; frame-ancestors 'none'"
    )
}

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
    if app.config.is_https() {
        default(STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains");
    }
    let policy = HeaderValue::from_str(&content_policy(None)).expect("the policy is visible ASCII");
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(policy);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_starts_from_nothing_and_allows_nothing_inline() {
        let policy = content_policy(None);
        assert!(policy.starts_with("default-src 'none';"));
        assert!(policy.contains("form-action 'self';"));
        for forbidden in ["unsafe", "*", "http"] {
            assert!(!policy.contains(forbidden), "{forbidden} in {policy}");
        }
    }

    #[test]
    fn a_form_may_lead_to_the_named_origin_and_no_further() {
        let policy = content_policy(Some("https://checkout.pagopa.it"));
        assert!(policy.contains("form-action 'self' https://checkout.pagopa.it;"));
        assert_eq!(policy.matches("checkout").count(), 1);
    }
}
