//! Checkout carts, version 2: sending the citizen to the platform's own payment pages.
//!
//! The server posts the cart and gets an address; the citizen's browser goes there. What the browser brings back proves
//! nothing: only a receipt proves a payment (SANP 3.12.0, "EC touchpoint integration with Checkout").

use std::net::IpAddr;

use http::{Method, StatusCode, header::LOCATION};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::{
    limits::{
        CREDITOR_DIGITS, InvalidRequest, TEXT_MAX, count, distinct, form, optional, positive, required,
    },
    notice::{Nav, is_digits},
    platform::{Endpoint, Error},
};

/// Most notices one cart can hold.
pub const NOTICES_MAX: usize = 5;
/// Longest e-mail address (RFC 5321 path limit).
pub const EMAIL_MAX: usize = 254;

/// What is to be paid together, and where the browser goes afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CartRequest {
    /// Where the platform sends the outcome to the payer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_notice: Option<String>,
    /// The notices, one to five.
    pub payment_notices: Vec<PaymentNotice>,
    /// Where the browser goes afterwards.
    pub return_urls: ReturnUrls,
    /// The creditor's own name for the cart; the receipts carry it as `paymentNote`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_cart: Option<String>,
    /// Every transfer of the cart has a postal account.
    #[serde(rename = "allCCP", default)]
    pub all_ccp: bool,
}

/// One notice of a cart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentNotice {
    /// The notice number.
    pub notice_number: Nav,
    /// The creditor's fiscal code, eleven digits.
    pub fiscal_code: String,
    /// The amount, in cents. What is shown and paid is the amount of the position.
    #[serde(rename = "amount")]
    pub amount_cents: i64,
    /// The creditor's name.
    pub company_name: String,
    /// What the payment is for.
    pub description: String,
}

/// Where the browser goes after the payment pages: `https` addresses (`http` on the same machine only).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReturnUrls {
    /// The platform says "paid".
    pub return_ok_url: Url,
    /// The citizen gave up.
    pub return_cancel_url: Url,
    /// The payment certainly failed.
    pub return_error_url: Url,
    /// The outcome is not known yet.
    pub return_waiting_url: Url,
}

impl CartRequest {
    /// Checks the limits of the contract (`checkout_v2.json`).
    ///
    /// # Errors
    /// The first limit that is broken.
    pub fn validate(&self) -> Result<(), InvalidRequest> {
        count("paymentNotices", self.payment_notices.len(), 1, NOTICES_MAX)?;
        let notices = self.payment_notices.iter();
        distinct("noticeNumber", notices.map(|notice| (&notice.fiscal_code, notice.notice_number)))?;
        for notice in &self.payment_notices {
            form("fiscalCode", is_digits(&notice.fiscal_code, CREDITOR_DIGITS))?;
            positive("amount", notice.amount_cents)?;
            required("companyName", &notice.company_name, TEXT_MAX)?;
            required("description", &notice.description, TEXT_MAX)?;
        }
        let urls = &self.return_urls;
        for (field, url) in [
            ("returnOkUrl", &urls.return_ok_url),
            ("returnCancelUrl", &urls.return_cancel_url),
            ("returnErrorUrl", &urls.return_error_url),
            ("returnWaitingUrl", &urls.return_waiting_url),
        ] {
            form(field, is_return_url(url))?;
        }
        form("emailNotice", self.email_notice.as_deref().is_none_or(|address| address.contains('@')))?;
        optional("emailNotice", self.email_notice.as_deref(), EMAIL_MAX)
    }
}

fn is_return_url(url: &Url) -> bool {
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => true,
        ("http", Some(Host::Domain(name))) => name == "localhost",
        ("http", Some(Host::Ipv4(address))) => IpAddr::V4(address).is_loopback(),
        ("http", Some(Host::Ipv6(address))) => IpAddr::V6(address).is_loopback(),
        _ => false,
    }
}

/// Opens carts.
#[derive(Debug, Clone)]
pub struct Client(Endpoint);

impl Client {
    /// `base_url` is `https://api.platform.pagopa.it/checkout/ec/v2` in production. The HTTP client must not follow
    /// redirects: the redirect is the answer.
    #[must_use]
    pub fn new(base_url: Url, subscription_key: SecretString, http: reqwest::Client) -> Self {
        Self(Endpoint::new(base_url, Some(subscription_key), http))
    }

    /// Opens a cart and gives the address to send the browser to.
    ///
    /// # Errors
    /// [`Error::Invalid`] before sending; [`Error::Unreadable`] for an answer without an address; see [`Error`].
    pub async fn open(&self, cart: &CartRequest) -> Result<Url, Error> {
        cart.validate()?;
        let request = self.0.request(Method::POST, &["carts"]).json(cart);
        let response = self.0.send(request, |status| status == StatusCode::FOUND).await?;
        let location = response.headers().get(LOCATION).ok_or("no Location in the answer");
        let location = location.and_then(|value| value.to_str().map_err(|_| "Location is not a text"));
        let location = location.map_err(|reason| Error::Unreadable(reason.into()))?;
        response.url().join(location).map_err(|source| Error::Unreadable(source.into()))
    }
}

#[cfg(test)]
pub(crate) use tests::cart as sample;

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn cart() -> CartRequest {
        let url = |path: &str| Url::parse("https://comune.example/").unwrap().join(path).unwrap();
        CartRequest {
            email_notice: Some("anna@example.it".into()),
            payment_notices: vec![PaymentNotice {
                notice_number: "347164993070184562".parse().unwrap(),
                fiscal_code: "00162210348".into(),
                amount_cents: 2225,
                company_name: "Comune di Esempio".into(),
                description: "Carta d'identità elettronica".into(),
            }],
            return_urls: ReturnUrls {
                return_ok_url: url("ok"),
                return_cancel_url: url("cancel"),
                return_error_url: url("error"),
                return_waiting_url: url("wait"),
            },
            id_cart: None,
            all_ccp: false,
        }
    }

    #[test]
    fn is_written_as_the_contract_says() {
        assert_eq!(
            serde_json::to_value(cart()).unwrap(),
            serde_json::json!({
                "emailNotice": "anna@example.it",
                "paymentNotices": [{
                    "noticeNumber": "347164993070184562", "fiscalCode": "00162210348", "amount": 2225,
                    "companyName": "Comune di Esempio", "description": "Carta d'identità elettronica",
                }],
                "returnUrls": {
                    "returnOkUrl": "https://comune.example/ok", "returnCancelUrl": "https://comune.example/cancel",
                    "returnErrorUrl": "https://comune.example/error", "returnWaitingUrl": "https://comune.example/wait",
                },
                "allCCP": false,
            })
        );
        assert_eq!(cart().validate(), Ok(()));
    }

    #[test]
    fn every_limit_is_checked() {
        let refused = |change: fn(&mut CartRequest)| {
            let mut cart = cart();
            change(&mut cart);
            cart.validate().unwrap_err()
        };
        let malformed = |field| InvalidRequest::Malformed { field };
        assert_eq!(
            refused(|cart| cart.payment_notices.clear()),
            InvalidRequest::Count { field: "paymentNotices", count: 0, min: 1, max: 5 }
        );
        assert_eq!(
            refused(|cart| cart.payment_notices = vec![cart.payment_notices[0].clone(); 6]),
            InvalidRequest::Count { field: "paymentNotices", count: 6, min: 1, max: 5 }
        );
        assert_eq!(
            refused(|cart| cart.payment_notices = vec![cart.payment_notices[0].clone(); 2]),
            InvalidRequest::Repeated { field: "noticeNumber" }
        );
        assert_eq!(
            refused(|cart| cart.payment_notices[0].fiscal_code = "123".into()),
            malformed("fiscalCode")
        );
        assert_eq!(
            refused(|cart| cart.payment_notices[0].amount_cents = 0),
            InvalidRequest::NotPositive { field: "amount" }
        );
        assert_eq!(
            refused(|cart| cart.payment_notices[0].company_name = " ".into()),
            InvalidRequest::Empty { field: "companyName" }
        );
        assert_eq!(
            refused(|cart| cart.payment_notices[0].description = "è".repeat(141)),
            InvalidRequest::TooLong { field: "description", length: 141, max: 140 }
        );
        assert_eq!(refused(|cart| cart.email_notice = Some("anna".into())), malformed("emailNotice"));
        let plain = |cart: &mut CartRequest| {
            cart.return_urls.return_waiting_url = Url::parse("http://comune.example/").unwrap();
        };
        assert_eq!(refused(plain), malformed("returnWaitingUrl"));
    }

    #[test]
    fn plain_http_returns_to_the_same_machine_only() {
        for (url, ok) in [
            ("http://127.0.0.1:8080/x", true),
            ("http://localhost/x", true),
            ("http://[::1]/x", true),
            ("https://comune.example/x", true),
            ("http://10.0.0.1/x", false),
            ("ftp://localhost/x", false),
            ("mailto:a@b.it", false),
        ] {
            assert_eq!(is_return_url(&Url::parse(url).unwrap()), ok, "{url}");
        }
    }
}
