//! SHA-256 tree hashes (RFC 6962 section 2.1) and their base64 form.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// Bytes in a [`Hash`].
pub const HASH_BYTES: usize = 32;

/// A SHA-256 value: a leaf hash, an inner node, a root, or the name of a blob.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; HASH_BYTES]);

impl Hash {
    /// Wraps 32 bytes.
    pub const fn from_bytes(bytes: [u8; HASH_BYTES]) -> Self {
        Self(bytes)
    }

    /// Returns the 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; HASH_BYTES] {
        &self.0
    }

    /// Reads exactly 32 bytes; `None` for any other length.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Hashes arbitrary bytes without a tree prefix: the name of a blob or of a genesis entry.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Hashes a log entry: `SHA-256(0x00 || entry)`.
    ///
    /// # Source
    ///
    /// RFC 6962 section 2.1.
    pub fn leaf(entry: &[u8]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update([0x00]);
        hasher.update(entry);
        Self(hasher.finalize().into())
    }

    /// Hashes an inner node: `SHA-256(0x01 || left || right)`.
    ///
    /// # Source
    ///
    /// RFC 6962 section 2.1.
    pub fn node(left: &Self, right: &Self) -> Self {
        let mut message = [0x01; 1 + 2 * HASH_BYTES];
        let (first, second) = message[1..].split_at_mut(HASH_BYTES);
        first.copy_from_slice(&left.0);
        second.copy_from_slice(&right.0);
        Self(Sha256::digest(message).into())
    }

    /// Returns the root of a tree with no entries: `SHA-256("")`.
    pub fn empty_tree() -> Self {
        Self::of(b"")
    }

    /// Hashes several parts, each preceded by its length as a big-endian `u64`, so that no two
    /// lists of parts give the same message.
    pub fn of_parts(parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }

    /// Returns the standard padded base64 form used by every C2SP text format.
    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.0)
    }

    /// Reads canonical padded base64 of exactly 32 bytes.
    pub fn from_base64(text: &str) -> Option<Self> {
        Self::from_slice(&decode_base64(text)?)
    }

    /// Returns 64 lowercase hexadecimal digits: the file name of a blob.
    pub fn to_hex(&self) -> String {
        encode_hex(&self.0)
    }

    /// Reads exactly 64 lowercase hexadecimal digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        Self::from_slice(&decode_hex(text)?)
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Hash({})", self.to_base64())
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.to_base64())
    }
}

/// Decodes standard base64, refusing missing padding, stray bits and white space (RFC 4648
/// section 4): a signed text has one encoding only.
pub(crate) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Encodes standard padded base64.
pub(crate) fn encode_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Encodes lowercase hexadecimal.
pub(crate) fn encode_hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    bytes
        .iter()
        .flat_map(|byte| {
            [
                DIGITS[usize::from(byte >> 4)],
                DIGITS[usize::from(byte & 15)],
            ]
        })
        .collect()
}

/// Decodes lowercase hexadecimal of even length.
pub(crate) fn decode_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs
        .iter()
        .map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?))
        .collect()
}

/// Reads an unsigned decimal with no sign and no leading zero, at most [`SIZE_MAX`].
pub(crate) fn parse_decimal(text: &str) -> Option<u64> {
    let canonical = match text.as_bytes() {
        [b'0'] => true,
        [b'1'..=b'9', rest @ ..] => rest.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    if !canonical {
        return None;
    }
    text.parse().ok().filter(|size| *size <= SIZE_MAX)
}

/// The largest tree size, index or timestamp: 2^63 - 1, where Go's `int64` and the
/// `tlog-cosignature` timestamp stop, so that no two verifiers disagree about a larger number.
pub const SIZE_MAX: u64 = i64::MAX as u64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_tree_is_the_published_constant() {
        assert_eq!(
            Hash::empty_tree().to_hex(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        assert_eq!(
            Hash::leaf(b"").to_hex(),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        );
    }

    #[test]
    fn base64_has_one_form() {
        let hash = Hash::of(b"x");
        let text = hash.to_base64();
        assert_eq!(Hash::from_base64(&text), Some(hash));
        assert_eq!(Hash::from_base64(text.trim_end_matches('=')), None);
        assert_eq!(Hash::from_base64(&format!("{text}\n")), None);
        let loose = text.replace("l=", "m=");
        assert_ne!(
            Hash::from_base64(&loose),
            Some(hash).filter(|_| loose != text)
        );
    }

    #[test]
    fn decimals_have_one_form() {
        for refused in [
            "",
            "00",
            "05",
            "+5",
            "-0",
            " 1",
            "1 ",
            "1_0",
            "9223372036854775808",
            "٣",
        ] {
            assert_eq!(parse_decimal(refused), None, "{refused:?}");
        }
        assert_eq!(parse_decimal("0"), Some(0));
        assert_eq!(parse_decimal("9223372036854775807"), Some(SIZE_MAX));
    }
}
