//! Sealed entries: committed in the ledger now, readable by chosen recipients, provable later.
//!
//! Everything is derived from one seed that the author keeps:
//!
//! ```text
//! salt   = H("detente/salt/v1", seed)      key = H("detente/key/v1", seed)
//! C      = H("detente/commit/v1", context, salt, payload)             in the ledger
//! body   = ChaCha20-Poly1305(key, nonce 0, salt || payload, aad = C)  in the blob
//! wrap_i = HPKE.SealBase(recipient_i, key, info "detente/wrap/v1", aad = C,
//!                        randomness ChaCha20(H("detente/kem/v1", seed, recipient_i)))
//! reveal = (seed, payload): anyone recomputes C and the blob, byte for byte
//! ```
//!
//! H is SHA-256 over length-prefixed parts. A recipient that opens the blob to a payload which C
//! does not commit to holds proof of fraud: the cipher alone would let two recipients read two
//! payloads, the commitment does not. Sources: RFC 9180 (HPKE), RFC 8439, and for X-Wing
//! draft-connolly-cfrg-xwing-kem.

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{ChaCha20Poly1305 as BodyCipher, Key, Nonce};
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::{X25519HkdfSha256, XWing};
use hpke::{Deserializable as _, Kem, OpModeR, OpModeS, Serializable as _};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;

use crate::hash::{HASH_BYTES, Hash, encode_hex};

/// Bytes of a seed.
pub const SEED_BYTES: usize = 32;
/// Most recipients of one entry.
pub const RECIPIENTS_MAX: usize = 64;
/// Largest payload: 16 MiB, far above any plan, so that a blob is never a burden.
pub const PAYLOAD_BYTES_MAX: usize = 16 << 20;
/// Starts every blob.
const BLOB_MAGIC: &[u8] = b"detente/sealed/v1\n";
const RECIPIENT_ID_BYTES: usize = 8;
const WRAP_INFO: &[u8] = b"detente/wrap/v1";

/// How the body's key is wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SealSuite {
    /// DHKEM(X25519, HKDF-SHA256): small, for today.
    X25519,
    /// X-Wing (ML-KEM-768 and X25519): 1,120 bytes a recipient, also against a quantum computer.
    XWing,
}

impl SealSuite {
    /// Returns the name used in entries.
    pub fn name(self) -> &'static str {
        match self {
            Self::X25519 => "x25519",
            Self::XWing => "x-wing",
        }
    }

    /// Reads the name used in entries.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::X25519, Self::XWing]
            .into_iter()
            .find(|suite| suite.name() == name)
    }

    fn byte(self) -> u8 {
        match self {
            Self::X25519 => 1,
            Self::XWing => 2,
        }
    }

    /// Lengths of the encapsulated key and of the wrapped body key.
    fn wrap_bytes(self) -> (usize, usize) {
        match self {
            Self::X25519 => (32, 48),
            Self::XWing => (1120, 48),
        }
    }
}

/// A recipient's public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealPublicKey {
    suite: SealSuite,
    bytes: Vec<u8>,
}

impl SealPublicKey {
    /// Checks and wraps a public key.
    pub fn new(suite: SealSuite, bytes: &[u8]) -> Option<Self> {
        let right = match suite {
            SealSuite::X25519 => is_public_key::<X25519HkdfSha256>(bytes),
            SealSuite::XWing => is_public_key::<XWing>(bytes),
        };
        right.then(|| Self {
            suite,
            bytes: bytes.to_vec(),
        })
    }

    /// Returns the suite.
    pub fn suite(&self) -> SealSuite {
        self.suite
    }

    /// Returns the key's bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the short id that blobs and entries carry.
    pub fn id(&self) -> RecipientId {
        let hash = Hash::of_parts(&[b"detente/recipient/v1", &[self.suite.byte()], &self.bytes]);
        let mut id = [0; RECIPIENT_ID_BYTES];
        for (to, from) in id.iter_mut().zip(hash.as_bytes()) {
            *to = *from;
        }
        RecipientId(id)
    }
}

/// The short id of a recipient's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecipientId(pub [u8; RECIPIENT_ID_BYTES]);

impl RecipientId {
    /// Reads the 16 lower-case hexadecimal digits that entries carry.
    pub fn from_hex(text: &str) -> Option<Self> {
        let bytes = crate::hash::decode_hex(text)?;
        bytes.try_into().ok().map(Self)
    }
}

impl std::fmt::Display for RecipientId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&encode_hex(&self.0))
    }
}

/// A recipient's secret key. `Debug` shows the public half only.
#[derive(Clone)]
pub struct SealSecretKey {
    public: SealPublicKey,
    secret: Vec<u8>,
}

impl SealSecretKey {
    /// Derives the key pair from 32 secret random bytes (RFC 9180 section 7.1.3).
    pub fn from_seed(suite: SealSuite, seed: &[u8; SEED_BYTES]) -> Self {
        let (secret, bytes) = match suite {
            SealSuite::X25519 => derive::<X25519HkdfSha256>(seed),
            SealSuite::XWing => derive::<XWing>(seed),
        };
        Self {
            public: SealPublicKey { suite, bytes },
            secret,
        }
    }

    /// Returns the public half.
    pub fn public(&self) -> &SealPublicKey {
        &self.public
    }
}

impl std::fmt::Debug for SealSecretKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "SealSecretKey({})", self.public.id())
    }
}

/// What a sealed entry is bound to: moving it elsewhere breaks its commitment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealContext {
    /// Origin of the ledger.
    pub origin: String,
    /// Kind of the record inside.
    pub kind: String,
    /// Id of the agreement.
    pub agreement: String,
}

/// The public part of a sealed entry, as the ledger holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// How keys are wrapped.
    pub suite: SealSuite,
    /// The salted commitment to context and payload.
    pub commitment: Hash,
    /// SHA-256 of the blob.
    pub blob: Hash,
    /// Who can open it, in the order of the wraps.
    pub recipients: Vec<RecipientId>,
}

/// Seals a payload for recipients; returns the public part and the blob.
///
/// The same arguments give the same bytes. The seed must be fresh and uniform for every entry and
/// stays secret until the reveal.
///
/// # Errors
///
/// [`SealError`].
pub fn seal(
    seed: &[u8; SEED_BYTES],
    context: &SealContext,
    payload: &[u8],
    recipients: &[SealPublicKey],
) -> Result<(Seal, Vec<u8>), SealError> {
    let suite = recipients.first().ok_or(SealError::Recipients)?.suite;
    let mixed = recipients.iter().any(|recipient| recipient.suite != suite);
    if mixed || recipients.len() > RECIPIENTS_MAX {
        return Err(SealError::Recipients);
    }
    if payload.len() > PAYLOAD_BYTES_MAX {
        return Err(SealError::PayloadTooLong {
            bytes: payload.len(),
        });
    }
    let salt = Hash::of_parts(&[b"detente/salt/v1", seed]);
    let key = Hash::of_parts(&[b"detente/key/v1", seed]);
    let commitment = commit(context, salt.as_bytes(), payload);
    let count = u8::try_from(recipients.len()).map_err(|_| SealError::Recipients)?;
    let mut blob = BLOB_MAGIC.to_vec();
    blob.extend_from_slice(&[suite.byte(), count]);
    for recipient in recipients {
        blob.extend_from_slice(&recipient.id().0);
        let random = Hash::of_parts(&[b"detente/kem/v1", seed, &recipient.bytes]);
        let wrap = match suite {
            SealSuite::X25519 => wrap::<X25519HkdfSha256>(recipient, &key, &commitment, &random),
            SealSuite::XWing => wrap::<XWing>(recipient, &key, &commitment, &random),
        };
        blob.extend_from_slice(&wrap.ok_or(SealError::Cipher)?);
    }
    let message = [salt.as_bytes(), payload].concat();
    let body = Payload {
        msg: &message,
        aad: commitment.as_bytes(),
    };
    let body = BodyCipher::new(&Key::from(*key.as_bytes()))
        .encrypt(&Nonce::default(), body)
        .map_err(|_| SealError::Cipher)?;
    blob.extend_from_slice(&body);
    let public = Seal {
        suite,
        commitment,
        blob: Hash::of(&blob),
        recipients: recipients.iter().map(SealPublicKey::id).collect(),
    };
    Ok((public, blob))
}

/// Opens a sealed entry with a recipient's secret key and checks it against its commitment.
///
/// # Errors
///
/// [`OpenError`]: each but [`OpenError::NotARecipient`] is ground for a complaint.
pub fn open(
    seal: &Seal,
    context: &SealContext,
    blob: &[u8],
    secret: &SealSecretKey,
) -> Result<Vec<u8>, OpenError> {
    open_with_salt(seal, context, blob, secret).map(|(_, payload)| payload)
}

/// Opens a sealed entry like [`open`], and returns the salt of its commitment before the payload:
/// with both, [`is_committed`] convinces anybody, and the author's seed stays secret.
///
/// # Errors
///
/// [`OpenError`]: each but [`OpenError::NotARecipient`] is ground for a complaint.
pub fn open_with_salt(
    seal: &Seal,
    context: &SealContext,
    blob: &[u8],
    secret: &SealSecretKey,
) -> Result<([u8; HASH_BYTES], Vec<u8>), OpenError> {
    if Hash::of(blob) != seal.blob {
        return Err(OpenError::OtherBlob);
    }
    let parts = BlobParts::parse(blob).ok_or(OpenError::Malformed)?;
    let listed: Vec<RecipientId> = parts.wraps.iter().map(|wrap| wrap.id).collect();
    if listed != seal.recipients || parts.suite != seal.suite {
        return Err(OpenError::Malformed);
    }
    let own = secret.public.id();
    let mut wraps = parts.wraps.iter().filter(|wrap| wrap.id == own);
    let wrap = wraps.next().ok_or(OpenError::NotARecipient)?;
    let key = match parts.suite {
        SealSuite::X25519 => unwrap::<X25519HkdfSha256>(secret, wrap, &seal.commitment),
        SealSuite::XWing => unwrap::<XWing>(secret, wrap, &seal.commitment),
    };
    let key: [u8; HASH_BYTES] = key
        .and_then(|key| key.try_into().ok())
        .ok_or(OpenError::Unwrap)?;
    open_body(&key, seal, context, parts.body)
}

fn open_body(
    key: &[u8; HASH_BYTES],
    seal: &Seal,
    context: &SealContext,
    body: &[u8],
) -> Result<([u8; HASH_BYTES], Vec<u8>), OpenError> {
    let body = Payload {
        msg: body,
        aad: seal.commitment.as_bytes(),
    };
    let message = BodyCipher::new(&Key::from(*key))
        .decrypt(&Nonce::default(), body)
        .map_err(|_| OpenError::Body)?;
    let (salt, payload) = message
        .split_first_chunk::<HASH_BYTES>()
        .ok_or(OpenError::Malformed)?;
    if commit(context, salt, payload) != seal.commitment {
        return Err(OpenError::AnotherPayload);
    }
    Ok((*salt, payload.to_vec()))
}

/// Says whether `commitment` is to exactly this payload with this salt; needs no key and no blob.
pub fn is_committed(
    context: &SealContext,
    salt: &[u8; HASH_BYTES],
    payload: &[u8],
    commitment: Hash,
) -> bool {
    commit(context, salt, payload) == commitment
}

/// Checks a reveal: does (seed, payload) give exactly the commitment and the blob of the ledger?
///
/// Needs no secret and no blob, so anyone can judge. `recipients` are the public keys of the
/// recipients that the seal lists, in its order.
///
/// # Errors
///
/// [`RevealFault`]: what the author committed is not what it reveals.
pub fn check_reveal(
    seal: &Seal,
    context: &SealContext,
    seed: &[u8; SEED_BYTES],
    payload: &[u8],
    recipients: &[SealPublicKey],
) -> Result<(), RevealFault> {
    let salt = Hash::of_parts(&[b"detente/salt/v1", seed]);
    if commit(context, salt.as_bytes(), payload) != seal.commitment {
        return Err(RevealFault::Commitment);
    }
    let ids: Vec<RecipientId> = recipients.iter().map(SealPublicKey::id).collect();
    if ids != seal.recipients {
        return Err(RevealFault::Recipients);
    }
    match self::seal(seed, context, payload, recipients) {
        Ok((again, _)) if again == *seal => Ok(()),
        _ => Err(RevealFault::Blob),
    }
}

fn commit(context: &SealContext, salt: &[u8], payload: &[u8]) -> Hash {
    Hash::of_parts(&[
        b"detente/commit/v1",
        context.origin.as_bytes(),
        context.kind.as_bytes(),
        context.agreement.as_bytes(),
        salt,
        payload,
    ])
}

struct Wrap<'blob> {
    id: RecipientId,
    encapsulated: &'blob [u8],
    ciphertext: &'blob [u8],
}

struct BlobParts<'blob> {
    suite: SealSuite,
    wraps: Vec<Wrap<'blob>>,
    body: &'blob [u8],
}

impl<'blob> BlobParts<'blob> {
    fn parse(blob: &'blob [u8]) -> Option<Self> {
        let ([suite, count], mut rest) = blob.strip_prefix(BLOB_MAGIC)?.split_first_chunk::<2>()?;
        let suite = [SealSuite::X25519, SealSuite::XWing]
            .into_iter()
            .find(|known| known.byte() == *suite)?;
        let count = usize::from(*count);
        if !(1..=RECIPIENTS_MAX).contains(&count) {
            return None;
        }
        let (encapsulated_bytes, ciphertext_bytes) = suite.wrap_bytes();
        let mut wraps = Vec::new();
        for _ in 0..count {
            let (id, more) = rest.split_first_chunk::<RECIPIENT_ID_BYTES>()?;
            let (encapsulated, more) = more.split_at_checked(encapsulated_bytes)?;
            let (ciphertext, more) = more.split_at_checked(ciphertext_bytes)?;
            wraps.push(Wrap {
                id: RecipientId(*id),
                encapsulated,
                ciphertext,
            });
            rest = more;
        }
        Some(Self {
            suite,
            wraps,
            body: rest,
        })
    }
}

/// Reads a blob's frame without any key; `None` when it is no sealed blob.
pub fn blob_recipients(blob: &[u8]) -> Option<Vec<RecipientId>> {
    BlobParts::parse(blob).map(|parts| parts.wraps.iter().map(|wrap| wrap.id).collect())
}

fn is_public_key<K: Kem>(bytes: &[u8]) -> bool {
    K::PublicKey::from_bytes(bytes).is_ok()
}

fn derive<K: Kem>(seed: &[u8; SEED_BYTES]) -> (Vec<u8>, Vec<u8>) {
    let (secret, public) = K::derive_keypair(seed);
    (secret.to_bytes().to_vec(), public.to_bytes().to_vec())
}

fn wrap<K: Kem>(
    recipient: &SealPublicKey,
    key: &Hash,
    commitment: &Hash,
    random: &Hash,
) -> Option<Vec<u8>> {
    let public = K::PublicKey::from_bytes(&recipient.bytes).ok()?;
    let mut random = ChaCha20Rng::from_seed(*random.as_bytes());
    let (encapsulated, ciphertext) =
        hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, K>(
            &OpModeS::Base,
            &public,
            WRAP_INFO,
            key.as_bytes(),
            commitment.as_bytes(),
            &mut random,
        )
        .ok()?;
    Some([encapsulated.to_bytes().as_slice(), &ciphertext].concat())
}

fn unwrap<K: Kem>(secret: &SealSecretKey, wrap: &Wrap<'_>, commitment: &Hash) -> Option<Vec<u8>> {
    let secret = K::PrivateKey::from_bytes(&secret.secret).ok()?;
    let encapsulated = K::EncappedKey::from_bytes(wrap.encapsulated).ok()?;
    hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, K>(
        &OpModeR::Base,
        &secret,
        &encapsulated,
        WRAP_INFO,
        wrap.ciphertext,
        commitment.as_bytes(),
    )
    .ok()
}

/// A payload could not be sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// None, too many, or of different suites.
    #[error("a sealed entry has 1 to {RECIPIENTS_MAX} recipients with keys of one suite")]
    Recipients,
    /// Above [`PAYLOAD_BYTES_MAX`].
    #[error("a payload of {bytes} bytes exceeds {PAYLOAD_BYTES_MAX}")]
    PayloadTooLong {
        /// Its length.
        bytes: usize,
    },
    /// A cipher refused, which a checked key never causes.
    #[error("a recipient's key cannot be used")]
    Cipher,
}

/// A sealed entry could not be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The blob is not the one the ledger names.
    #[error("the blob is not the one named in the ledger")]
    OtherBlob,
    /// The blob's frame is broken or lists other recipients than the ledger.
    #[error("the blob's frame does not match the entry in the ledger")]
    Malformed,
    /// The key is not among the recipients.
    #[error("the key is not among the recipients")]
    NotARecipient,
    /// The wrap for this recipient does not open.
    #[error("the key wrapped for this recipient does not open")]
    Unwrap,
    /// The body does not open with the wrapped key.
    #[error("the body does not open with the wrapped key")]
    Body,
    /// The body opens to something the ledger does not commit to: fraud.
    #[error("the body opens to a payload that the commitment in the ledger does not cover")]
    AnotherPayload,
}

impl OpenError {
    /// Returns the word used in complaints; `None` when there is no ground for one.
    pub fn complaint(self) -> Option<&'static str> {
        match self {
            Self::OtherBlob => Some("other_blob"),
            Self::Malformed => Some("malformed"),
            Self::NotARecipient => None,
            Self::Unwrap => Some("unwrap"),
            Self::Body => Some("body"),
            Self::AnotherPayload => Some("another_payload"),
        }
    }
}

/// A reveal does not match what was sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RevealFault {
    /// The commitment is to something else.
    #[error("the revealed seed and payload are not those committed in the ledger")]
    Commitment,
    /// The keys handed in are not those of the listed recipients.
    #[error("the recipients' keys are not those listed in the ledger")]
    Recipients,
    /// The commitment holds, but what was handed to the recipients is not what sealing gives.
    #[error("the blob named in the ledger is not what sealing the revealed payload gives")]
    Blob,
}
