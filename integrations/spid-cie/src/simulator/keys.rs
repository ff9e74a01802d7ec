//! The provider's signing key, made at start and never written anywhere.

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::KeySize,
    signature::{KeyPair, RsaKeyPair},
};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::Client;
use crate::provider::random_token;

pub(super) struct SigningKey {
    id: String,
    private: EncodingKey,
    public: Value,
}

impl SigningKey {
    pub(super) fn generate() -> Self {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("2048 bits is a size the library makes");
        let der: Pkcs8V1Der<'_> = pair.as_der().expect("a key just made can be written");
        let id = random_token();
        let public = pair.public_key();
        let public = json!({
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": id,
            "n": BASE64_URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero()),
            "e": BASE64_URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero()),
        });
        // The DER constructor wants PKCS#1; the PEM one unwraps the PKCS#8 we have.
        let pem = format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            BASE64_STANDARD.encode(der.as_ref())
        );
        let private = EncodingKey::from_rsa_pem(pem.as_bytes()).expect("a key just written can be read");
        Self { id, private, public }
    }

    /// The key as its JWK.
    pub(super) fn public(&self) -> &Value {
        &self.public
    }

    /// Signs as a provider must.
    pub(super) fn sign(&self, claims: &Value) -> String {
        self.sign_with(&self.private, claims)
    }

    /// Signs with another key under this key's name.
    pub(super) fn forge(&self, claims: &Value) -> String {
        self.sign_with(&Self::generate().private, claims)
    }

    fn sign_with(&self, key: &EncodingKey, claims: &Value) -> String {
        let header = Header { kid: Some(self.id.clone()), ..Header::new(Algorithm::RS256) };
        encode(&header, claims, key).expect("an RSA key signs any JSON object")
    }
}

/// A token nobody signed.
pub(super) fn unsigned(claims: &Value) -> String {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.", part(&json!({"alg": "none", "typ": "JWT"})), part(claims))
}

/// A token signed with what the client knows.
pub(super) fn signed_with_secret(client: &Client, claims: &Value) -> String {
    let key = EncodingKey::from_secret(client.secret.expose_secret().as_bytes());
    encode(&Header::new(Algorithm::HS256), claims, &key).expect("a secret signs any JSON object")
}
