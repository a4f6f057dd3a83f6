//! A provider's public keys (RFC 7517), and signatures by them (RFC 7518, section 3; RFC 8037).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use serde::Deserialize;

/// Keys read of one provider; real ones publish fewer than ten.
pub const KEYS_MAX: usize = 64;

/// A provider's keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys(Vec<Key>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Key {
    id: Option<String>,
    /// The algorithm it is for, where it says so.
    algorithm: Option<String>,
    material: Material,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Material {
    Rsa { modulus: Vec<u8>, exponent: Vec<u8> },
    P256(Vec<u8>),
    P384(Vec<u8>),
    Ed25519(Vec<u8>),
}

#[derive(Deserialize)]
struct WireKeys {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct WireKey {
    kty: String,
    #[serde(rename = "use")]
    purpose: Option<String>,
    alg: Option<String>,
    kid: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Keys {
    /// Reads a set of keys; those of kinds that are not understood are left out (RFC 7517, section 5).
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let wire: WireKeys = serde_json::from_slice(bytes).ok()?;
        let keys = wire.keys.into_iter().take(KEYS_MAX);
        let keys = keys.filter_map(|key| serde_json::from_value::<WireKey>(key).ok());
        Some(Self(keys.filter_map(Key::of).collect()))
    }

    /// Checks a signature by the key of this id; without an id, by any key of the algorithm's kind.
    ///
    /// # Errors
    ///
    /// [`KeyFault`].
    pub fn check(
        &self,
        algorithm: &str,
        id: Option<&str>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), KeyFault> {
        if !is_supported(algorithm) {
            return Err(KeyFault::Algorithm);
        }
        let named = self.0.iter().filter(|key| {
            let is_named = id.is_none_or(|id| key.id.as_deref() == Some(id));
            let is_for = key.algorithm.as_deref().is_none_or(|is| is == algorithm);
            is_named && is_for
        });
        let mut fault = KeyFault::Unknown;
        for key in named {
            match key.check(algorithm, message, signature) {
                Some(true) => return Ok(()),
                Some(false) => fault = KeyFault::Signature,
                None => {}
            }
        }
        Err(fault)
    }
}

/// Signatures that anybody can check: never `none`, and none by a shared secret, which a public key
/// could be taken for (RFC 8725, section 3.1).
fn is_supported(algorithm: &str) -> bool {
    matches!(
        algorithm,
        "RS256"
            | "RS384"
            | "RS512"
            | "PS256"
            | "PS384"
            | "PS512"
            | "ES256"
            | "ES384"
            | "EdDSA"
            | "Ed25519"
    )
}

impl Key {
    fn of(wire: WireKey) -> Option<Self> {
        if wire
            .purpose
            .as_deref()
            .is_some_and(|purpose| purpose != "sig")
        {
            return None;
        }
        let part = |text: Option<&String>| URL_SAFE_NO_PAD.decode(text?).ok();
        let point = |length: usize| {
            let (x, y) = (part(wire.x.as_ref())?, part(wire.y.as_ref())?);
            let right = x.len() == length && y.len() == length;
            right.then(|| [&[4][..], &x, &y].concat())
        };
        let material = match (wire.kty.as_str(), wire.crv.as_deref()) {
            ("RSA", _) => Material::Rsa {
                modulus: part(wire.n.as_ref())?,
                exponent: part(wire.e.as_ref())?,
            },
            ("EC", Some("P-256")) => Material::P256(point(32)?),
            ("EC", Some("P-384")) => Material::P384(point(48)?),
            ("OKP", Some("Ed25519")) => Material::Ed25519(part(wire.x.as_ref())?),
            _ => return None,
        };
        Some(Self {
            id: wire.kid,
            algorithm: wire.alg,
            material,
        })
    }

    /// Returns whether it signed; `None` when it is not of the algorithm's kind.
    fn check(&self, algorithm: &str, message: &[u8], signature: &[u8]) -> Option<bool> {
        let plain = |algorithm: &'static dyn signature::VerificationAlgorithm, key: &[u8]| {
            let key = UnparsedPublicKey::new(algorithm, key);
            key.verify(message, signature).is_ok()
        };
        match (&self.material, algorithm) {
            (Material::P256(point), "ES256") => {
                Some(plain(&signature::ECDSA_P256_SHA256_FIXED, point))
            }
            (Material::P384(point), "ES384") => {
                Some(plain(&signature::ECDSA_P384_SHA384_FIXED, point))
            }
            (Material::Ed25519(key), "EdDSA" | "Ed25519") => Some(plain(&signature::ED25519, key)),
            (Material::Rsa { modulus, exponent }, _) => {
                // Two thousand and forty-eight bits at least: the least that still counts.
                let parameters = match algorithm {
                    "RS256" => &signature::RSA_PKCS1_2048_8192_SHA256,
                    "RS384" => &signature::RSA_PKCS1_2048_8192_SHA384,
                    "RS512" => &signature::RSA_PKCS1_2048_8192_SHA512,
                    "PS256" => &signature::RSA_PSS_2048_8192_SHA256,
                    "PS384" => &signature::RSA_PSS_2048_8192_SHA384,
                    "PS512" => &signature::RSA_PSS_2048_8192_SHA512,
                    _ => return None,
                };
                let key = RsaPublicKeyComponents {
                    n: modulus,
                    e: exponent,
                };
                Some(key.verify(parameters, message, signature).is_ok())
            }
            _ => None,
        }
    }
}

/// A signature does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// It is of a kind that is not believed.
    #[error("the token is signed in a way that is not believed")]
    Algorithm,
    /// No key of the provider is meant.
    #[error("the token is signed by a key that the provider does not publish")]
    Unknown,
    /// It is not by the key it names.
    #[error("the token's signature does not hold")]
    Signature,
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;
    use ring::signature::{EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
    use serde_json::json;

    use super::*;

    fn encoded(bytes: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(bytes)
    }

    #[test]
    fn a_signature_counts_by_the_named_key_its_own_way_and_no_other() {
        let random = SystemRandom::new();
        let seed = [7; 32];
        let edwards = Ed25519KeyPair::from_seed_unchecked(&seed).expect("key");
        let algorithm = &signature::ECDSA_P256_SHA256_FIXED_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("key");
        let curve = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).expect("key");
        let point = curve.public_key().as_ref();
        let set = json!({"keys": [
            {"kty": "OKP", "crv": "Ed25519", "kid": "a", "use": "sig",
             "x": encoded(edwards.public_key().as_ref())},
            {"kty": "EC", "crv": "P-256", "kid": "b",
             "x": encoded(&point[1..33]), "y": encoded(&point[33..])},
            {"kty": "oct", "kid": "c", "k": "AAAA"},
            {"kty": "EC", "crv": "P-256", "kid": "d", "use": "enc",
             "x": encoded(&point[1..33]), "y": encoded(&point[33..])},
            "not a key",
        ]});
        let keys = Keys::parse(set.to_string().as_bytes()).expect("keys");
        let message = b"header.payload";
        let by_edwards = edwards.sign(message);
        let by_curve = curve.sign(&random, message).expect("signed");
        let check = |algorithm, id, signature: &[u8]| keys.check(algorithm, id, message, signature);
        assert_eq!(check("EdDSA", Some("a"), by_edwards.as_ref()), Ok(()));
        assert_eq!(check("ES256", Some("b"), by_curve.as_ref()), Ok(()));
        assert_eq!(check("ES256", None, by_curve.as_ref()), Ok(()));
        let fault = |algorithm, id, signature: &[u8]| check(algorithm, id, signature).unwrap_err();
        assert_eq!(
            fault("ES256", Some("a"), by_curve.as_ref()),
            KeyFault::Unknown
        );
        assert_eq!(
            fault("ES256", Some("d"), by_curve.as_ref()),
            KeyFault::Unknown
        );
        assert_eq!(
            fault("ES256", Some("x"), by_curve.as_ref()),
            KeyFault::Unknown
        );
        assert_eq!(
            fault("EdDSA", Some("a"), by_curve.as_ref()),
            KeyFault::Signature
        );
        for never in ["none", "HS256", "", "es256"] {
            assert_eq!(fault(never, Some("c"), b""), KeyFault::Algorithm);
        }
        assert!(Keys::parse(b"[]").is_none());
    }
}
