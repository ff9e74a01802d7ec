//! Outgoing HTTP: one client with limits, and its bridge to `openidconnect`.

use std::{pin::Pin, time::Duration};

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};

/// Bounds of one exchange with a provider.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// From the first byte sent to the last byte received.
    pub timeout: Duration,
    /// Bytes of an answer; a discovery document or a key set has a few thousand.
    pub answer_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(10), answer_bytes_max: 256 * 1024 }
    }
}

/// An HTTP client that neither waits for ever, nor reads for ever, nor follows a redirect.
#[derive(Debug, Clone)]
pub struct Http {
    client: reqwest::Client,
    limits: Limits,
}

/// Why an exchange did not complete.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// No connection, no TLS, or no answer in time.
    #[error("the provider cannot be reached")]
    Unreachable(#[from] reqwest::Error),
    /// The provider says that it is out of order.
    #[error("the provider answered with status {0}")]
    OutOfOrder(u16),
    /// The answer is longer than [`Limits::answer_bytes_max`].
    #[error("the provider's answer is too long")]
    TooLong,
    /// The answer is not one HTTP can express.
    #[error("the provider's answer is malformed")]
    Malformed(#[from] http::Error),
}

impl Http {
    /// A client with the caller's own proxy, certificates and user agent, within these limits.
    ///
    /// # Errors
    /// When the TLS backend cannot be initialised.
    pub fn new(builder: reqwest::ClientBuilder, limits: Limits) -> Result<Self, reqwest::Error> {
        // A redirect of a discovery or token request would carry trust or secrets to an address nobody
        // configured.
        let client = builder.redirect(reqwest::redirect::Policy::none()).timeout(limits.timeout).build()?;
        Ok(Self { client, limits })
    }

    /// Sends a request and reads the answer whole, within the limits.
    pub(crate) async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let mut response = self.client.execute(request.try_into()?).await?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > self.limits.answer_bytes_max {
                return Err(HttpError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        let mut answer = http::Response::builder().status(response.status()).body(body)?;
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        Ok(answer)
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let answer = self.send(request).await?;
            // A gateway's error page is no OAuth answer, and must not be mistaken for a broken one.
            if answer.status().is_server_error() {
                return Err(HttpError::OutOfOrder(answer.status().as_u16()));
            }
            Ok(answer)
        })
    }
}
