//! Entries: the exact JSON bytes an author's node wrote.
//!
//! The stored bytes are the signed bytes; nothing is ever serialised again to be verified. A unit
//! signature, where there is one, is a fixed-length suffix of the bytes, so that what it signs is
//! again a plain prefix of what is stored.

use serde_json::{Map, Value, json};

use crate::awareness::AwarenessKey;
use crate::bundle::ENTRY_BYTES_MAX;
use crate::hash::{decode_base64, encode_base64};
use crate::json::parse_strict;
use crate::vkey::{NoteSigner, SIGNATURE_BYTES, SignatureType, Vkey};

/// Version of the envelope, in its member `detente`.
pub const ENTRY_VERSION: u64 = 1;
/// Shortest salt: tiles publish leaf hashes, and without 128 random bits a short entry could be
/// guessed from its hash alone.
pub const SALT_BYTES_MIN: usize = 16;
/// Longest salt.
pub const SALT_BYTES_MAX: usize = 64;
/// Longest kind and author.
const NAME_BYTES_MAX: usize = 128;
/// Separates unit signatures from every other use of an Ed25519 key.
const UNIT_SIGNATURE_DOMAIN: &str = "detente/unit-signature/v1\n";
const SIGNATURE_MEMBER: &str = ",\"unit_signature\":\"";
const SIGNATURE_END: &str = "\"}";
/// Base64 digits of 64 bytes.
const SIGNATURE_DIGITS: usize = 88;

/// What an entry says, before it is written or after it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Kind of record: lowercase letters, digits and `_`.
    pub kind: String,
    /// Name of the author.
    pub author: String,
    /// When the author says it wrote: RFC 3339 in UTC, `Z`. A claim, never proof.
    pub written_at: String,
    /// Random bytes drawn for this entry.
    pub salt: Vec<u8>,
    /// What the author had seen of every ledger.
    pub awareness: AwarenessKey,
    /// The unit's key, when a unit signs the entry itself.
    pub unit_key: Option<Vkey>,
    /// The record.
    pub body: Map<String, Value>,
}

impl Entry {
    /// Writes the bytes of an entry without a unit signature.
    ///
    /// # Errors
    ///
    /// [`EntryError`]; whatever this writes, [`SignedEntry::parse`] accepts.
    pub fn to_bytes(&self) -> Result<Vec<u8>, EntryError> {
        if self.unit_key.is_some() {
            return Err(EntryError::Member { name: "unit_key" });
        }
        self.checked_bytes()
    }

    /// Writes the bytes of an entry signed by a unit for the ledger `origin`.
    ///
    /// # Errors
    ///
    /// [`EntryError`].
    pub fn to_signed_bytes(&self, origin: &str, unit: &NoteSigner) -> Result<Vec<u8>, EntryError> {
        let entry = Self {
            unit_key: Some(unit.vkey().clone()),
            ..self.clone()
        };
        let mut bytes = entry.unsigned_bytes();
        let signature = unit.sign_raw(&unit_message(origin, &bytes));
        bytes.pop();
        bytes.extend_from_slice(SIGNATURE_MEMBER.as_bytes());
        bytes.extend_from_slice(encode_base64(&signature).as_bytes());
        bytes.extend_from_slice(SIGNATURE_END.as_bytes());
        SignedEntry::parse(&bytes)?;
        Ok(bytes)
    }

    fn checked_bytes(&self) -> Result<Vec<u8>, EntryError> {
        let bytes = self.unsigned_bytes();
        SignedEntry::parse(&bytes)?;
        Ok(bytes)
    }

    fn unsigned_bytes(&self) -> Vec<u8> {
        let mut value = json!({
            "detente": ENTRY_VERSION,
            "kind": self.kind,
            "author": self.author,
            "written_at": self.written_at,
            "salt": encode_base64(&self.salt),
            "awareness": self.awareness.to_json(),
        });
        if let Some(members) = value.as_object_mut() {
            if let Some(key) = &self.unit_key {
                members.insert("unit_key".to_owned(), Value::String(key.to_string()));
            }
            members.insert("body".to_owned(), Value::Object(self.body.clone()));
        }
        value.to_string().into_bytes()
    }
}

/// An entry as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct SignedEntry {
    entry: Entry,
    /// The bytes the unit signed, and its signature.
    unit: Option<(Vec<u8>, [u8; SIGNATURE_BYTES])>,
}

impl SignedEntry {
    /// Parses stored bytes; checks form, not signatures.
    ///
    /// # Errors
    ///
    /// [`EntryError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, EntryError> {
        if bytes.len() > ENTRY_BYTES_MAX {
            return Err(EntryError::TooLong { bytes: bytes.len() });
        }
        let value = parse_strict(bytes).map_err(|reason| EntryError::Json { reason })?;
        let Value::Object(members) = value else {
            return Err(EntryError::Json {
                reason: "not an object".to_owned(),
            });
        };
        let mut parts = Parts::of(members);
        if parts.version != Some(json!(ENTRY_VERSION)) {
            return Err(EntryError::Version);
        }
        let signature = parts.unit_signature.take();
        let unknown = parts.unknown.take();
        let entry = take_entry(parts)?;
        if let Some(name) = unknown {
            return Err(EntryError::Unknown { name });
        }
        let unit = match (signature, &entry.unit_key) {
            (None, None) => None,
            (Some(_), Some(_)) => Some(split_signature(bytes).ok_or(EntryError::UnitSignature)?),
            _ => return Err(EntryError::UnitSignature),
        };
        Ok(Self { entry, unit })
    }

    /// Returns what the entry says.
    pub fn entry(&self) -> &Entry {
        &self.entry
    }

    /// Gives what the entry says away.
    pub fn into_entry(self) -> Entry {
        self.entry
    }

    /// Checks the unit signature for the ledger `origin`: `None` when the entry has none.
    ///
    /// Whether the key was the unit's at the time is for the key history to say.
    pub fn unit_signature_holds(&self, origin: &str) -> Option<bool> {
        let (signed, signature) = self.unit.as_ref()?;
        let key = self.entry.unit_key.as_ref()?;
        Some(key.verify_raw(&unit_message(origin, signed), signature))
    }
}

/// The members of an envelope, each in its place.
#[derive(Default)]
struct Parts {
    version: Option<Value>,
    kind: Option<Value>,
    author: Option<Value>,
    written_at: Option<Value>,
    salt: Option<Value>,
    awareness: Option<Value>,
    unit_key: Option<Value>,
    body: Option<Value>,
    unit_signature: Option<Value>,
    /// The first member that an envelope does not have.
    unknown: Option<String>,
}

impl Parts {
    fn of(members: Map<String, Value>) -> Self {
        let mut parts = Self::default();
        for (name, value) in members {
            let place = match name.as_str() {
                "detente" => &mut parts.version,
                "kind" => &mut parts.kind,
                "author" => &mut parts.author,
                "written_at" => &mut parts.written_at,
                "salt" => &mut parts.salt,
                "awareness" => &mut parts.awareness,
                "unit_key" => &mut parts.unit_key,
                "body" => &mut parts.body,
                "unit_signature" => &mut parts.unit_signature,
                _ => {
                    parts.unknown.get_or_insert(name);
                    continue;
                }
            };
            *place = Some(value);
        }
        parts
    }
}

fn take_entry(parts: Parts) -> Result<Entry, EntryError> {
    let awareness = parts
        .awareness
        .and_then(|value| AwarenessKey::from_json(&value))
        .ok_or(EntryError::Member { name: "awareness" })?;
    let salt = parts
        .salt
        .and_then(|value| decode_base64(value.as_str()?))
        .filter(|salt| (SALT_BYTES_MIN..=SALT_BYTES_MAX).contains(&salt.len()))
        .ok_or(EntryError::Member { name: "salt" })?;
    let unit_key = match parts.unit_key {
        None => None,
        Some(value) => {
            let key = value.as_str().and_then(|text| Vkey::parse(text).ok());
            let key = key.filter(|key| key.signature_type() == SignatureType::Ed25519);
            Some(key.ok_or(EntryError::Member { name: "unit_key" })?)
        }
    };
    let Some(Value::Object(body)) = parts.body else {
        return Err(EntryError::Member { name: "body" });
    };
    Ok(Entry {
        kind: take_text(parts.kind, "kind", is_kind)?,
        author: take_text(parts.author, "author", is_name)?,
        written_at: take_text(parts.written_at, "written_at", is_utc_instant)?,
        salt,
        awareness,
        unit_key,
        body,
    })
}

fn take_text(
    value: Option<Value>,
    name: &'static str,
    right: impl Fn(&str) -> bool,
) -> Result<String, EntryError> {
    match value {
        Some(Value::String(text)) if right(&text) => Ok(text),
        _ => Err(EntryError::Member { name }),
    }
}

fn is_kind(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    is_name(text) && text.bytes().all(allowed)
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= NAME_BYTES_MAX && !text.contains(char::is_control)
}

/// Checks the form `YYYY-MM-DDTHH:MM:SS[.f{1,6}]Z` with plausible ranges.
fn is_utc_instant(text: &str) -> bool {
    let Some((seconds, fraction)) = text
        .strip_suffix('Z')
        .and_then(|rest| rest.split_at_checked(19))
    else {
        return false;
    };
    let digits = |range: std::ops::Range<usize>| -> Option<u32> {
        let part = seconds.get(range)?;
        part.bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| part.parse().ok())?
    };
    let separators = [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")];
    let separated = separators
        .iter()
        .all(|(at, mark)| seconds.get(*at..at + 1) == Some(mark));
    let fields = [(0..4, 1..=9999), (5..7, 1..=12), (8..10, 1..=31)];
    let clock = [(11..13, 0..=23), (14..16, 0..=59), (17..19, 0..=59)];
    let in_range = fields
        .into_iter()
        .chain(clock)
        .all(|(at, range)| digits(at).is_some_and(|value| range.contains(&value)));
    let fraction_right = match fraction.strip_prefix('.') {
        None => fraction.is_empty(),
        Some(digits) => {
            (1..=6).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
        }
    };
    separated && in_range && fraction_right
}

fn unit_message(origin: &str, unsigned: &[u8]) -> Vec<u8> {
    let mut message = format!("{UNIT_SIGNATURE_DOMAIN}{origin}\n").into_bytes();
    message.extend_from_slice(unsigned);
    message
}

/// Cuts the signature suffix off: returns the unsigned bytes and the signature.
fn split_signature(bytes: &[u8]) -> Option<(Vec<u8>, [u8; SIGNATURE_BYTES])> {
    let rest = bytes.strip_suffix(SIGNATURE_END.as_bytes())?;
    let (rest, digits) = rest.split_at_checked(rest.len().checked_sub(SIGNATURE_DIGITS)?)?;
    let unsigned = rest.strip_suffix(SIGNATURE_MEMBER.as_bytes())?;
    let signature = decode_base64(std::str::from_utf8(digits).ok()?)?;
    Some(([unsigned, b"}"].concat(), signature.try_into().ok()?))
}

/// An entry was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EntryError {
    /// Above [`ENTRY_BYTES_MAX`]; larger content belongs in a blob.
    #[error("the entry has {bytes} bytes; put what exceeds {ENTRY_BYTES_MAX} in a blob")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// Not one strict JSON object.
    #[error("the entry is not one JSON object with unique member names: {reason}")]
    Json {
        /// What the parser said.
        reason: String,
    },
    /// Another envelope version.
    #[error("the member `detente` is not {ENTRY_VERSION}")]
    Version,
    /// A required member is missing or malformed.
    #[error("the member `{name}` is missing or malformed")]
    Member {
        /// Its name.
        name: &'static str,
    },
    /// A member the envelope does not have.
    #[error("the member `{name}` is not part of an entry")]
    Unknown {
        /// Its name.
        name: String,
    },
    /// A unit signature without a key, the reverse, or not as the last member.
    #[error("`unit_key` and, as the last member, `unit_signature` come together or not at all")]
    UnitSignature,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::Checkpoint;
    use crate::hash::Hash;
    use crate::vkey::KeyName;

    fn entry() -> Entry {
        let seen = Checkpoint::new("bravo.example", 7, Hash::of(b"root")).expect("head");
        Entry {
            kind: "operation".to_owned(),
            author: "alpha.example".to_owned(),
            written_at: "2016-09-12T16:00:00.5Z".to_owned(),
            salt: vec![7; 16],
            awareness: AwarenessKey::of([&seen]),
            unit_key: None,
            body: Map::from_iter([("id".to_owned(), json!("op-1"))]),
        }
    }

    fn unit() -> NoteSigner {
        let name = KeyName::parse("alpha.example/unit-3").expect("name");
        NoteSigner::new(name, SignatureType::Ed25519, &[3; 32]).expect("key")
    }

    #[test]
    fn entries_round_trip() {
        let bytes = entry().to_bytes().expect("entry");
        let read = SignedEntry::parse(&bytes).expect("entry");
        assert_eq!(read.entry(), &entry());
        assert_eq!(read.unit_signature_holds("alpha.example"), None);
        assert!(read.entry().awareness.covers("bravo.example", 6));
        assert!(!read.entry().awareness.covers("bravo.example", 7));
    }

    #[test]
    fn a_unit_signature_covers_every_byte_and_the_ledger() {
        let bytes = entry()
            .to_signed_bytes("alpha.example", &unit())
            .expect("entry");
        let read = SignedEntry::parse(&bytes).expect("entry");
        assert_eq!(read.unit_signature_holds("alpha.example"), Some(true));
        assert_eq!(read.unit_signature_holds("bravo.example"), Some(false));
        for place in 0..bytes.len() {
            let mut bent = bytes.clone();
            bent[place] ^= 1;
            let holds =
                SignedEntry::parse(&bent).map(|read| read.unit_signature_holds("alpha.example"));
            assert_ne!(holds, Ok(Some(true)), "byte {place}");
        }
    }

    #[test]
    fn every_refusal_has_its_reason() {
        let good = String::from_utf8(entry().to_bytes().expect("entry")).expect("text");
        let case = |from: &str, to: &str| {
            assert!(good.contains(from), "{from}");
            SignedEntry::parse(good.replacen(from, to, 1).as_bytes()).expect_err("refused")
        };
        assert_eq!(case("\"detente\":1", "\"detente\":2"), EntryError::Version);
        assert_eq!(
            case("operation", "Operation"),
            EntryError::Member { name: "kind" }
        );
        assert_eq!(
            case("alpha.example", ""),
            EntryError::Member { name: "author" }
        );
        for wrong in [
            "2016-09-12T16:00:00",
            "2016-13-12T16:00:00Z",
            "2016-09-12 16:00:00Z",
            "2016-09-12T16:00:00.Z",
            "2016-09-12T16:00:00+00:00",
        ] {
            let error = case("2016-09-12T16:00:00.5Z", wrong);
            assert_eq!(error, EntryError::Member { name: "written_at" }, "{wrong}");
        }
        let salt = encode_base64(&[7; 16]);
        let short = encode_base64(&[7; 15]);
        assert_eq!(case(&salt, &short), EntryError::Member { name: "salt" });
        assert_eq!(
            case("\"size\":7", "\"size\":-7"),
            EntryError::Member { name: "awareness" }
        );
        assert_eq!(
            case("\"body\":{", "\"body\":[{"),
            EntryError::Json {
                reason: case("\"body\":{", "\"body\":[{").to_string().replace(
                    "the entry is not one JSON object with unique member names: ",
                    ""
                ),
            }
        );
        assert_eq!(
            case("\"body\"", "\"x\":1,\"body\""),
            EntryError::Unknown {
                name: "x".to_owned()
            }
        );
        assert_eq!(
            case("\"body\"", "\"unit_signature\":\"\",\"body\""),
            EntryError::UnitSignature
        );
        let long = format!("{good}{}", " ".repeat(ENTRY_BYTES_MAX));
        let bytes = long.len();
        assert_eq!(
            SignedEntry::parse(long.as_bytes()),
            Err(EntryError::TooLong { bytes })
        );
    }
}
