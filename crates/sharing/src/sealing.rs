//! Sealing what one recipient reads, and opening it again.

use detente_ledger::hash::Hash;
use detente_ledger::seal::{
    self, OpenError, RecipientId, SEED_BYTES, Seal, SealContext, SealError, SealPublicKey,
    SealSecretKey, SealSuite,
};
use detente_records::act::edition::{Forwarded, ForwardedForm};
use detente_records::act::report::{Sealed, SealedWith};
use detente_records::act::{AtLeastOne, Blob, Digest, Kind};
use detente_records::{HolderId, MediaType, SealKeyId};

use crate::padding;

/// What sealed bytes are: nothing anybody without a key can tell.
const MEDIA_TYPE: &str = "application/octet-stream";

/// Whose act content is sealed into.
#[derive(Clone, Copy, Debug)]
pub struct Author<'a> {
    /// Origin of the ledger.
    pub origin: &'a str,
    /// Id of the agreement.
    pub agreement: &'a str,
    /// The kind of act.
    pub kind: Kind,
}

impl Author<'_> {
    /// Returns what the seal is bound to: in another ledger, agreement or act it does not open.
    pub fn context(&self) -> SealContext {
        SealContext {
            origin: self.origin.to_owned(),
            kind: self.kind.wire_name().to_owned(),
            agreement: self.agreement.to_owned(),
        }
    }
}

/// Seals a payload for one recipient, and for its author, who can show later what it sent.
///
/// Returns what the act says of it, and the bytes that lie beside the ledger. The seed is fresh
/// and secret; see [`detente_ledger::seal`].
///
/// # Errors
///
/// [`SealError`].
pub fn seal_edition(
    author: &Author<'_>,
    seed: &[u8; SEED_BYTES],
    payload: &[u8],
    (recipient, key): (&HolderId, &SealPublicKey),
    own: &SealPublicKey,
) -> Result<(Sealed, Vec<u8>), SealError> {
    let mut keys = vec![key.clone()];
    // A key of another suite cannot stand in the same seal; the author then keeps its draft only.
    if own.suite() == key.suite() && own != key {
        keys.push(own.clone());
    }
    let (public, blob) = seal::seal(seed, &author.context(), payload, &keys)?;
    let sealed = sealed_part(recipient, &public, blob.len()).ok_or(SealError::Recipients)?;
    Ok((sealed, blob))
}

/// Returns the seed to seal a payload with: secret because `secret` is, another one for every
/// payload, reader and act, and the same again when the author has to show what it sealed.
///
/// The same content sealed again gives the same bytes, so that a release whose answer was lost can
/// be repeated; nothing else is given away by it.
pub fn edition_seed(
    secret: &[u8; SEED_BYTES],
    author: &Author<'_>,
    recipient: &HolderId,
    payload: &[u8],
) -> [u8; SEED_BYTES] {
    let parts: [&[u8]; 7] = [
        b"detente/edition-seed/v1",
        secret,
        author.origin.as_bytes(),
        author.agreement.as_bytes(),
        author.kind.wire_name().as_bytes(),
        recipient.as_str().as_bytes(),
        payload,
    ];
    *Hash::of_parts(&parts).as_bytes()
}

/// Returns what an act says of a seal.
pub fn sealed_part(recipient: &HolderId, public: &Seal, bytes: usize) -> Option<Sealed> {
    let keys = public.recipients.iter();
    let keys: Option<Vec<SealKeyId>> = keys
        .map(|key| SealKeyId::parse(&key.to_string()).ok())
        .collect();
    Some(Sealed {
        recipient: recipient.clone(),
        suite: match public.suite {
            SealSuite::X25519 => SealedWith::X25519,
            SealSuite::XWing => SealedWith::XWing,
        },
        commitment: Digest::new(*public.commitment.as_bytes()),
        keys: AtLeastOne::new(keys?)?,
        blob: Blob {
            sha256: Digest::new(*public.blob.as_bytes()),
            bytes: u32::try_from(bytes).ok()?,
            media_type: MediaType::parse(MEDIA_TYPE).ok()?,
        },
    })
}

/// Sealed content, opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The payload.
    pub payload: Vec<u8>,
    /// The salt of the commitment: with it anybody can be shown that this is what was committed.
    pub salt: Digest,
}

/// Opens sealed content with one's own key, and holds it against its commitment.
///
/// # Errors
///
/// [`OpenFault`].
pub fn open(
    author: &Author<'_>,
    sealed: &Sealed,
    blob: &[u8],
    secret: &SealSecretKey,
) -> Result<Opened, OpenFault> {
    let seal = seal_of(sealed).ok_or(OpenFault::Unreadable)?;
    let opened = seal::open_with_salt(&seal, &author.context(), blob, secret);
    let (salt, payload) = opened.map_err(OpenFault::Seal)?;
    Ok(Opened {
        payload,
        salt: Digest::new(salt),
    })
}

/// Returns the payload by which a recipient passes on what it had received, with what proves it.
///
/// `original` is the payload to the last byte.
pub fn forwarded(forwarder: &HolderId, recipient: &HolderId, original: &Opened) -> Option<Vec<u8>> {
    let head = Forwarded {
        form: ForwardedForm::V1,
        forwarder: forwarder.clone(),
        recipient: recipient.clone(),
        salt: original.salt,
        bytes: u32::try_from(original.payload.len()).ok()?,
    };
    let mut payload = head.to_json().to_string().into_bytes();
    payload.push(b'\n');
    payload.extend_from_slice(&original.payload);
    padding::padded(payload, 0)
}

/// Says whether a payload is what a seal commits to; needs no key.
pub(crate) fn is_committed(
    author: &Author<'_>,
    commitment: &Digest,
    salt: &Digest,
    payload: &[u8],
) -> bool {
    let commitment = Hash::from_bytes(*commitment.bytes());
    seal::is_committed(&author.context(), salt.bytes(), payload, commitment)
}

fn seal_of(sealed: &Sealed) -> Option<Seal> {
    let keys = sealed.keys.as_slice().iter();
    let recipients: Option<Vec<RecipientId>> = keys
        .map(|key| RecipientId::from_hex(key.as_str()))
        .collect();
    Some(Seal {
        suite: match sealed.suite {
            SealedWith::X25519 => SealSuite::X25519,
            SealedWith::XWing => SealSuite::XWing,
        },
        commitment: Hash::from_bytes(*sealed.commitment.bytes()),
        blob: Hash::from_bytes(*sealed.blob.sha256.bytes()),
        recipients: recipients?,
    })
}

/// Sealed content could not be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenFault {
    /// The ids of its keys are no ids of keys.
    #[error("the act does not say readably to which keys it is sealed")]
    Unreadable,
    /// The seal.
    #[error(transparent)]
    Seal(OpenError),
}
