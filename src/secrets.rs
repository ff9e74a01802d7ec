//! Sealing: AES-256-GCM under master keys that come from outside the database.

use std::collections::BTreeMap;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{digest, hmac, rand};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};

/// The master keys: the first seals, all of them open, so that keys rotate while the service runs.
pub struct MasterKeys {
    current: String,
    keys: BTreeMap<String, Keys>,
}

struct Keys {
    aead: LessSafeKey,
    mac: hmac::Key,
}

/// Why a list of master keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// No key at all.
    #[error("no master key")]
    Missing,
    /// Not `id:base64` of 32 bytes.
    #[error("master key number {0} is not `id:base64 of 32 bytes`")]
    Malformed(usize),
}

/// A secret that could not be opened: another key, another entity, or tampered with. Which, is not told.
#[derive(Debug, thiserror::Error)]
#[error("a sealed secret cannot be opened with the configured master keys")]
pub struct CannotOpen;

/// A sealed secret as it is stored.
#[derive(Clone, Debug)]
pub struct Sealed {
    /// Which master key.
    pub key_id: String,
    /// Nonce, ciphertext and tag.
    pub bytes: Vec<u8>,
}

impl MasterKeys {
    /// Reads `id:base64[,id:base64…]`; the first is the current one.
    pub fn parse(list: &SecretString) -> Result<Self, KeyError> {
        let mut keys = BTreeMap::new();
        let mut current = None;
        for (i, entry) in list.expose_secret().split(',').map(str::trim).filter(|s| !s.is_empty()).enumerate()
        {
            let malformed = || KeyError::Malformed(i + 1);
            let (id, encoded) = entry.split_once(':').ok_or_else(malformed)?;
            let bytes = STANDARD.decode(encoded).map_err(|_| malformed())?;
            let aead = UnboundKey::new(&AES_256_GCM, &bytes).map_err(|_| malformed())?;
            // One purpose, one key: the MAC key is derived, never the sealing key itself.
            let derived = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &bytes), b"sportello mac");
            let mac = hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref());
            keys.insert(id.to_owned(), Keys { aead: LessSafeKey::new(aead), mac });
            current.get_or_insert_with(|| id.to_owned());
        }
        Ok(Self { current: current.ok_or(KeyError::Missing)?, keys })
    }

    /// The name of the key that seals.
    #[must_use]
    pub fn current(&self) -> &str {
        &self.current
    }

    /// Seals under the current key. `context` (the entity and the secret's name) is authenticated: a sealed secret
    /// moved to another row does not open.
    #[must_use]
    pub fn seal(&self, context: &str, plain: &SecretString) -> Sealed {
        let nonce: [u8; NONCE_LEN] = random();
        let mut bytes = plain.expose_secret().as_bytes().to_vec();
        self.keys[&self.current]
            .aead
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context), &mut bytes)
            .expect("a secret is far shorter than the cipher's limit");
        Sealed { key_id: self.current.clone(), bytes: [&nonce[..], &bytes].concat() }
    }

    /// Opens what was sealed in the same context under any of the known keys.
    pub fn open(&self, context: &str, sealed: &Sealed) -> Result<SecretString, CannotOpen> {
        let keys = self.keys.get(&sealed.key_id).ok_or(CannotOpen)?;
        let (nonce, ciphertext) = sealed.bytes.split_at_checked(NONCE_LEN).ok_or(CannotOpen)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| CannotOpen)?;
        let mut bytes = ciphertext.to_vec();
        let plain = keys.aead.open_in_place(nonce, Aad::from(context), &mut bytes).map_err(|_| CannotOpen)?;
        Ok(SecretString::from(std::str::from_utf8(plain).map_err(|_| CannotOpen)?.to_owned()))
    }

    /// A short keyed code of a text, safe in an address: what a link in a message carries, what a log shows instead
    /// of a fiscal code.
    #[must_use]
    pub fn code(&self, purpose: &str, text: &str) -> String {
        URL_SAFE_NO_PAD.encode(&mac(&self.keys[&self.current].mac, purpose, text).as_ref()[..16])
    }

    /// Whether `code` was made by [`MasterKeys::code`] under any of the known keys.
    #[must_use]
    pub fn code_is_ours(&self, purpose: &str, text: &str, code: &str) -> bool {
        self.keys
            .values()
            .any(|keys| is_same(&URL_SAFE_NO_PAD.encode(&mac(&keys.mac, purpose, text).as_ref()[..16]), code))
    }
}

impl std::fmt::Debug for MasterKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MasterKeys(current {})", self.current)
    }
}

fn mac(key: &hmac::Key, purpose: &str, text: &str) -> hmac::Tag {
    hmac::sign(key, format!("{purpose}\0{text}").as_bytes())
}

/// Whether what was given is the secret that was expected, in a time that tells nothing of it. An empty one is nobody's.
#[must_use]
pub fn is_same(expected: &str, given: &str) -> bool {
    !expected.is_empty()
        && aws_lc_rs::constant_time::verify_slices_are_equal(expected.as_bytes(), given.as_bytes()).is_ok()
}

/// SHA-256, for tokens that are random themselves and for "the same request again".
#[must_use]
pub fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, bytes).as_ref().to_vec()
}

/// Bytes as people compare them: two small letters or digits each.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// 256 random bits, safe in an address and a cookie.
#[must_use]
pub fn random_token() -> String {
    URL_SAFE_NO_PAD.encode(random::<32>())
}

/// Random bytes from the operating system.
#[must_use]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(list: &str) -> MasterKeys {
        MasterKeys::parse(&SecretString::from(list)).unwrap()
    }

    fn key(id: &str, byte: u8) -> String {
        format!("{id}:{}", STANDARD.encode([byte; 32]))
    }

    #[test]
    fn opens_what_it_sealed_and_nothing_else() {
        let ours = keys(&key("a", 1));
        let sealed = ours.seal("entity/mail.password", &SecretString::from("segreto"));
        assert_eq!(ours.open("entity/mail.password", &sealed).unwrap().expose_secret(), "segreto");
        assert!(ours.open("other/mail.password", &sealed).is_err());
        assert!(keys(&key("a", 2)).open("entity/mail.password", &sealed).is_err());
        for at in 0..sealed.bytes.len() {
            let mut tampered = sealed.clone();
            tampered.bytes[at] ^= 1;
            assert!(ours.open("entity/mail.password", &tampered).is_err());
        }
    }

    #[test]
    fn only_the_same_secret_is_the_same() {
        assert!(is_same("abc", "abc"));
        for (expected, given) in [("abc", "abd"), ("abc", "ab"), ("abc", ""), ("", "abc"), ("", "")] {
            assert!(!is_same(expected, given), "{expected:?} {given:?}");
        }
    }

    #[test]
    fn keys_rotate() {
        let old = keys(&key("a", 1));
        let sealed = old.seal("c", &SecretString::from("s"));
        let code = old.code("link", "x");
        let new = keys(&format!("{},{}", key("b", 2), key("a", 1)));
        assert_eq!(new.open("c", &sealed).unwrap().expose_secret(), "s");
        assert_eq!(new.seal("c", &SecretString::from("s")).key_id, "b");
        assert!(new.code_is_ours("link", "x", &code));
        assert!(!new.code_is_ours("link", "y", &code));
        assert!(!new.code_is_ours("other", "x", &code));
    }

    #[test]
    fn refuses_lists_that_are_not_keys() {
        for list in ["", " , "] {
            assert!(matches!(MasterKeys::parse(&SecretString::from(list)), Err(KeyError::Missing)));
        }
        for list in ["nocolon", "a:###", "a:c2hvcnQ="] {
            assert!(matches!(MasterKeys::parse(&SecretString::from(list)), Err(KeyError::Malformed(1))));
        }
    }
}
