//! The browser's return: whether it belongs to the login that this browser began.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use super::{LoginError, Refusal};

/// A login between its two halves. The caller keeps it on the server, bound to the browser (a cookie), for
/// ten minutes at most and one use.
#[derive(Debug, Clone)]
pub struct Pending {
    /// Comes back in the answer.
    pub state: SecretString,
    /// Comes back in the ID token.
    pub nonce: SecretString,
    /// Proves to the provider that who began the login finishes it.
    pub pkce_verifier: SecretString,
    /// Where the answer comes to.
    pub redirect_uri: Url,
}

/// The query of the answer, as it comes. Members beyond these are ignored.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Callback {
    /// The code to exchange.
    pub code: Option<String>,
    /// The state given to the provider.
    pub state: Option<String>,
    /// The provider that answers (RFC 9207).
    pub iss: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
    /// A text for developers, or a SPID anomaly number.
    pub error_description: Option<String>,
}

impl Pending {
    /// Whether a state is this login's, in a time that does not depend on where they differ.
    #[must_use]
    pub fn has_state(&self, state: &str) -> bool {
        verify_slices_are_equal(self.state.expose_secret().as_bytes(), state.as_bytes()).is_ok()
    }
}

impl Callback {
    /// The code, when the answer is this login's and comes from its provider. State first, then issuer, then
    /// all the rest: also an error may only be believed from the right place.
    pub(super) fn check(
        &self,
        pending: &Pending,
        issuer: &str,
        issuer_promised: bool,
    ) -> Result<&str, LoginError> {
        if !self.state.as_deref().is_some_and(|state| pending.has_state(state)) {
            return Err(Refusal::State.into());
        }
        let issuer_is_right = match self.iss.as_deref() {
            Some(iss) => iss == issuer,
            None => !issuer_promised,
        };
        if !issuer_is_right {
            return Err(Refusal::Issuer.into());
        }
        if let Some(error) = &self.error {
            return Err(LoginError::from_answer(error, self.error_description.as_deref()));
        }
        Ok(self.code.as_deref().filter(|code| !code.is_empty()).ok_or(Refusal::NoCode)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: &str = "https://login.example.it";

    fn check(callback: &Callback, promised: bool) -> Result<&str, LoginError> {
        let pending = Pending {
            state: "the state".into(),
            nonce: "n".into(),
            pkce_verifier: "v".into(),
            redirect_uri: "https://sportello.example.it/back".parse().unwrap(),
        };
        callback.check(&pending, ISSUER, promised)
    }

    fn answer() -> Callback {
        Callback {
            code: Some("code".into()),
            state: Some("the state".into()),
            iss: Some(ISSUER.into()),
            ..Callback::default()
        }
    }

    fn refusal<T: std::fmt::Debug>(result: Result<T, LoginError>) -> Refusal {
        match result {
            Err(LoginError::Refused(refusal)) => refusal,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_right_answer_gives_its_code() {
        assert_eq!(check(&answer(), true).unwrap(), "code");
        assert_eq!(check(&Callback { iss: None, ..answer() }, false).unwrap(), "code");
    }

    #[test]
    fn a_strange_state_or_issuer_is_refused_before_anything_is_believed() {
        let cancelled = || Callback { error: Some("access_denied".into()), ..answer() };
        for state in [None, Some(""), Some("the stat"), Some("the statE"), Some("the state ")] {
            let state = state.map(ToOwned::to_owned);
            assert_eq!(refusal(check(&Callback { state: state.clone(), ..answer() }, true)), Refusal::State);
            assert_eq!(refusal(check(&Callback { state, ..cancelled() }, true)), Refusal::State);
        }
        assert_eq!(refusal(check(&Callback { iss: None, ..answer() }, true)), Refusal::Issuer);
        for iss in ["https://login.example.it/", "https://evil.example"] {
            assert_eq!(
                refusal(check(&Callback { iss: Some(iss.into()), ..answer() }, false)),
                Refusal::Issuer
            );
            assert_eq!(
                refusal(check(&Callback { iss: Some(iss.into()), ..cancelled() }, false)),
                Refusal::Issuer
            );
        }
        assert!(matches!(check(&cancelled(), true), Err(LoginError::Cancelled)));
        assert_eq!(refusal(check(&Callback { code: None, ..answer() }, true)), Refusal::NoCode);
    }
}
