//! The download of the published table.

use http::Method;
use url::Url;

use super::Taxonomy;
use crate::platform::{Endpoint, Error};

/// Downloads the taxonomy; it needs no subscription key.
#[derive(Debug, Clone)]
pub struct Client(Endpoint);

impl Client {
    /// `base_url` is `https://api.platform.pagopa.it/taxonomy/service/v1` in production.
    #[must_use]
    pub fn new(base_url: Url, http: reqwest::Client) -> Self {
        Self(Endpoint::new(base_url, None, http))
    }

    /// The table as it is today. The CSV form is asked for, because only it carries the topics.
    ///
    /// # Errors
    /// [`Error::Unreadable`] where the table cannot be read whole; see [`Error`] for the others.
    pub async fn download(&self) -> Result<Taxonomy, Error> {
        let request = self.0.request(Method::GET, &["taxonomy"]).query(&[("extension", "csv")]);
        let response = self.0.send(request, |status| status.is_success()).await?;
        let text = response.text().await.map_err(Error::network)?;
        Taxonomy::from_csv(&text).map_err(|source| Error::Unreadable(source.into()))
    }
}
