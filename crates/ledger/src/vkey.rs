//! Keys that sign notes: the public `vkey` text form and the secret half.
//!
//! Source: <https://c2sp.org/signed-note>, sections "Format", "Signatures" and "Verifier keys".

use std::fmt;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};

use crate::hash::{Hash, decode_base64, decode_hex, encode_base64, encode_hex};

/// Bytes in an Ed25519 public key, secret seed.
pub const KEY_BYTES: usize = 32;
/// Bytes in an Ed25519 signature.
pub const SIGNATURE_BYTES: usize = 64;
/// Longest key name: origins are short URLs; a bound keeps every parser's memory bounded.
pub const KEY_NAME_BYTES_MAX: usize = 255;
/// Longest `vkey` text: the name, and room for a post-quantum key we do not use (1,313 bytes).
const VKEY_TEXT_BYTES_MAX: usize = 4096;

/// The name of a key: not empty, no Unicode white space, no `+`, no control characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyName(String);

impl KeyName {
    /// Checks and wraps a name.
    pub fn parse(text: &str) -> Result<Self, VkeyError> {
        let bad = |c: char| c.is_whitespace() || c == '+' || c < ' ' || c == '\u{7f}';
        if text.is_empty() || text.len() > KEY_NAME_BYTES_MAX || text.contains(bad) {
            return Err(VkeyError::Name);
        }
        Ok(Self(text.to_owned()))
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The first four bytes of a key's hash; with the name it selects the key, it proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 4]);

impl KeyId {
    /// Computes `SHA-256(name || "\n" || type || key)[:4]`.
    pub fn compute(name: &KeyName, type_byte: u8, public: &[u8]) -> Self {
        let mut message = Vec::with_capacity(name.as_str().len() + 2 + public.len());
        message.extend_from_slice(name.as_str().as_bytes());
        message.extend_from_slice(&[b'\n', type_byte]);
        message.extend_from_slice(public);
        let [a, b, c, d, ..] = *Hash::of(&message).as_bytes();
        Self([a, b, c, d])
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&encode_hex(&self.0))
    }
}

/// What a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SignatureType {
    /// Type 01: Ed25519 over the note text.
    Ed25519,
    /// Type 04: Ed25519 over a time and the note text (`tlog-cosignature`).
    CosignatureV1,
    /// A type this program knows no verification for; such a key never verifies anything.
    Unsupported(u8),
}

impl SignatureType {
    /// Returns the identifier byte.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::CosignatureV1 => 0x04,
            Self::Unsupported(byte) => byte,
        }
    }

    const fn from_byte(byte: u8) -> Self {
        match byte {
            0x01 => Self::Ed25519,
            0x04 => Self::CosignatureV1,
            other => Self::Unsupported(other),
        }
    }
}

/// A public key in its `vkey` form: `name+id+base64(type || key)`.
#[derive(Clone, PartialEq, Eq)]
pub struct Vkey {
    name: KeyName,
    id: KeyId,
    signature_type: SignatureType,
    public: Vec<u8>,
    verifying: Option<VerifyingKey>,
}

impl Vkey {
    /// Parses one `vkey` line (surrounding white space is refused; trim files first).
    ///
    /// # Errors
    ///
    /// See [`VkeyError`]. A type other than 01 and 04 is not an error: the key is kept and never
    /// verifies anything, so that a policy that names it can still be read.
    pub fn parse(text: &str) -> Result<Self, VkeyError> {
        if text.len() > VKEY_TEXT_BYTES_MAX {
            return Err(VkeyError::Form);
        }
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(VkeyError::Form);
        };
        let name = KeyName::parse(name)?;
        let id: [u8; 4] = decode_hex(id)
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or(VkeyError::Form)?;
        let key = decode_base64(key).ok_or(VkeyError::Form)?;
        let (&type_byte, public) = key.split_first().ok_or(VkeyError::Form)?;
        let signature_type = SignatureType::from_byte(type_byte);
        let vkey = match signature_type {
            SignatureType::Unsupported(_) => Self {
                name,
                id: KeyId(id),
                signature_type,
                public: public.to_vec(),
                verifying: None,
            },
            _ => {
                let public = public.try_into().map_err(|_| VkeyError::KeyLength)?;
                Self::new(name, signature_type, public)?
            }
        };
        // Types 02 and 05 compute their id otherwise, and we do not know them: take theirs as is.
        if vkey.id != KeyId(id) {
            return Err(VkeyError::IdMismatch);
        }
        Ok(vkey)
    }

    /// Builds the `vkey` of an Ed25519 public key.
    pub fn new(
        name: KeyName,
        signature_type: SignatureType,
        public: [u8; KEY_BYTES],
    ) -> Result<Self, VkeyError> {
        let verifying = VerifyingKey::from_bytes(&public).map_err(|_| VkeyError::NotAPoint)?;
        if verifying.is_weak() {
            return Err(VkeyError::NotAPoint);
        }
        Ok(Self {
            id: KeyId::compute(&name, signature_type.byte(), &public),
            name,
            signature_type,
            public: public.to_vec(),
            verifying: Some(verifying),
        })
    }

    /// Returns the key's name: for a log key, the log's origin.
    pub fn name(&self) -> &KeyName {
        &self.name
    }

    /// Returns the short id.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// Returns the signature type.
    pub fn signature_type(&self) -> SignatureType {
        self.signature_type
    }

    /// Returns the public key without its type byte: 32 bytes for the two supported types.
    pub fn public_bytes(&self) -> &[u8] {
        &self.public
    }

    /// Checks a raw Ed25519 signature over `message` by the strict rule (no small-order points, no
    /// malleable form), the one rule used everywhere so that two honest parties never disagree.
    ///
    /// # Source
    ///
    /// RFC 8032 section 5.1.7; docs/decisions/ledger-primitives.md.
    pub fn verify_raw(&self, message: &[u8], signature: &[u8]) -> bool {
        let (Some(key), Ok(bytes)) = (&self.verifying, signature.try_into()) else {
            return false;
        };
        key.verify_strict(message, &Signature::from_bytes(bytes))
            .is_ok()
    }
}

impl fmt::Display for Vkey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![self.signature_type.byte()];
        key.extend_from_slice(&self.public);
        write!(
            formatter,
            "{}+{}+{}",
            self.name,
            self.id,
            encode_base64(&key)
        )
    }
}

impl fmt::Debug for Vkey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Vkey({self})")
    }
}

/// A secret key that signs notes. Its `Debug` form shows the public half only.
#[derive(Clone)]
pub struct NoteSigner {
    vkey: Vkey,
    secret: SigningKey,
}

impl NoteSigner {
    /// Builds a signer from a 32-byte secret seed that the caller drew or unlocked.
    pub fn new(
        name: KeyName,
        signature_type: SignatureType,
        seed: &[u8; KEY_BYTES],
    ) -> Result<Self, VkeyError> {
        let secret = SigningKey::from_bytes(seed);
        let vkey = Vkey::new(name, signature_type, secret.verifying_key().to_bytes())?;
        Ok(Self { vkey, secret })
    }

    /// Returns the public half.
    pub fn vkey(&self) -> &Vkey {
        &self.vkey
    }

    /// Signs raw bytes (RFC 8032).
    pub fn sign_raw(&self, message: &[u8]) -> [u8; SIGNATURE_BYTES] {
        self.secret.sign(message).to_bytes()
    }
}

impl fmt::Debug for NoteSigner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "NoteSigner({})", self.vkey)
    }
}

/// A public key was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VkeyError {
    /// Not `name+id+key`.
    #[error("a verifier key reads `name+8 hex digits+base64 key`")]
    Form,
    /// The name is empty, too long, or holds white space, `+` or a control character.
    #[error("a key name is 1 to 255 bytes without white space, `+` or control characters")]
    Name,
    /// The key material has another length than its type says.
    #[error("the key material does not have the 32 bytes of an Ed25519 key")]
    KeyLength,
    /// The id is not the hash of name, type and key.
    #[error("the key id is not the hash of the name, the type and the key")]
    IdMismatch,
    /// The bytes are no usable curve point.
    #[error("the key material is not a usable Ed25519 point")]
    NotAPoint,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer() -> NoteSigner {
        let name = KeyName::parse("alpha.example/one").expect("name");
        NoteSigner::new(name, SignatureType::Ed25519, &[7; 32]).expect("key")
    }

    #[test]
    fn text_form_round_trips() {
        let vkey = signer().vkey().clone();
        assert_eq!(Vkey::parse(&vkey.to_string()), Ok(vkey));
    }

    #[test]
    fn the_published_example_parses() {
        // golang.org/x/mod/sumdb/note documents this key.
        let text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        let vkey = Vkey::parse(text).expect("published key");
        assert_eq!(vkey.to_string(), text);
        assert_eq!(vkey.signature_type(), SignatureType::Ed25519);
    }

    #[test]
    fn every_refusal_has_its_reason() {
        let good = signer().vkey().to_string();
        let id = signer().vkey().id().to_string();
        assert_eq!(Vkey::parse("a+b"), Err(VkeyError::Form));
        assert_eq!(
            Vkey::parse(&good.replace(&id, "0000000g")),
            Err(VkeyError::Form)
        );
        assert_eq!(
            Vkey::parse(&good.replace(&id, "00000000")),
            Err(VkeyError::IdMismatch)
        );
        assert_eq!(
            Vkey::parse(&good.replace("alpha", "al pha")),
            Err(VkeyError::Name)
        );
        assert_eq!(Vkey::parse("a+00000000+AQID"), Err(VkeyError::KeyLength));
        let name = KeyName::parse("a").expect("name");
        let mut small_order = [0; 32];
        small_order[0] = 1;
        assert_eq!(
            Vkey::new(name, SignatureType::Ed25519, small_order),
            Err(VkeyError::NotAPoint)
        );
    }

    #[test]
    fn an_unknown_type_is_kept_and_never_verifies() {
        let vkey = Vkey::parse("pq.example+01020304+BgAA").expect("kept");
        assert_eq!(vkey.signature_type(), SignatureType::Unsupported(6));
        assert!(!vkey.verify_raw(b"m", &[0; 64]));
    }

    #[test]
    fn names_refuse_unicode_space() {
        for name in ["", "a b", "a\u{a0}b", "a\u{3000}", "a+b", "a\n", "a\u{7f}"] {
            assert_eq!(KeyName::parse(name), Err(VkeyError::Name), "{name:?}");
        }
    }
}
