//! The REST client of debt positions, version 1.

use http::{Method, StatusCode};
use secrecy::SecretString;
use url::Url;

use super::{DebtPosition, PositionView};
use crate::platform::{Endpoint, Error};

/// Creates and changes the debt positions of the organizations a subscription key stands for.
#[derive(Debug, Clone)]
pub struct Client(Endpoint);

impl Client {
    /// `base_url` is `https://api.platform.pagopa.it/gpd/debt-positions-service/v1` in production.
    #[must_use]
    pub fn new(base_url: Url, subscription_key: SecretString, http: reqwest::Client) -> Self {
        Self(Endpoint::new(base_url, Some(subscription_key), http))
    }

    /// Creates a position, and publishes it in the same breath if `publish`.
    ///
    /// # Errors
    /// [`Error::Invalid`] before sending; [`Error::Conflict`] if the position, or one of its IUV and NAV, is already there:
    /// after a request whose outcome was not known, that is the sign that it had succeeded.
    pub async fn create(
        &self,
        organization: &str,
        position: &DebtPosition,
        publish: bool,
    ) -> Result<DebtPosition, Error> {
        position.validate()?;
        let request = self.0.request(Method::POST, &positions(organization));
        self.0.json(request.query(&[("toPublish", publish)]).json(position)).await
    }

    /// Reads a position; `None` if there is none of that name.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn get(&self, organization: &str, iupd: &str) -> Result<Option<PositionView>, Error> {
        match self.0.json(self.0.request(Method::GET, &position(organization, iupd))).await {
            Err(Error::Refused { status: StatusCode::NOT_FOUND, .. }) => Ok(None),
            answer => answer.map(Some),
        }
    }

    /// Replaces a position that is not paid: the platform makes it a draft again, unless `publish`.
    ///
    /// # Errors
    /// [`Error::Invalid`] before sending; [`Error::Conflict`] if it cannot be changed any more; [`Error::Refused`] with 404
    /// if there is none.
    pub async fn update(
        &self,
        organization: &str,
        replacement: &DebtPosition,
        publish: bool,
    ) -> Result<DebtPosition, Error> {
        replacement.validate()?;
        let request = self.0.request(Method::PUT, &position(organization, &replacement.iupd));
        self.0.json(request.query(&[("toPublish", publish)]).json(replacement)).await
    }

    /// Publishes a draft.
    ///
    /// # Errors
    /// [`Error::Conflict`] if it is not a draft, or its dates have passed; [`Error::Refused`] with 404 if there is none.
    pub async fn publish(&self, organization: &str, iupd: &str) -> Result<DebtPosition, Error> {
        self.act(organization, iupd, "publish").await
    }

    /// Withdraws a published position, so that nobody can pay it.
    ///
    /// # Errors
    /// [`Error::Conflict`] if it is paid or is not published; [`Error::Refused`] with 404 if there is none.
    pub async fn invalidate(&self, organization: &str, iupd: &str) -> Result<DebtPosition, Error> {
        self.act(organization, iupd, "invalidate").await
    }

    /// Deletes a position that is not paid; one that is not there counts as deleted.
    ///
    /// # Errors
    /// [`Error::Conflict`] if it is paid.
    pub async fn delete(&self, organization: &str, iupd: &str) -> Result<(), Error> {
        let request = self.0.request(Method::DELETE, &position(organization, iupd));
        match self.0.send(request, |status| status.is_success()).await {
            Err(Error::Refused { status: StatusCode::NOT_FOUND, .. }) => Ok(()),
            answer => answer.map(drop),
        }
    }

    async fn act(&self, organization: &str, iupd: &str, action: &str) -> Result<DebtPosition, Error> {
        let [organizations, organization, positions, iupd] = position(organization, iupd);
        let path = [organizations, organization, positions, iupd, action];
        self.0.json(self.0.request(Method::POST, &path)).await
    }
}

fn positions(organization: &str) -> [&str; 3] {
    ["organizations", organization, "debtpositions"]
}

fn position<'a>(organization: &'a str, iupd: &'a str) -> [&'a str; 4] {
    ["organizations", organization, "debtpositions", iupd]
}
