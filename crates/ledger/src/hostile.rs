//! What every parser must survive: the bodies of the fuzz targets.
//!
//! Each function takes bytes that anybody may have sent and asserts what must hold for them: no
//! panic, bounded work, and that what was accepted has exactly one spelling. `fuzz/` calls them
//! under a fuzzer; the tests call them with seeded mutations of good inputs, on every run.

use crate::bundle::split_bundle;
use crate::checkpoint::Checkpoint;
use crate::complaint::SealedBody;
use crate::entry::SignedEntry;
use crate::evidence::Evidence;
use crate::exhibit::Sealed;
use crate::fork::ForkProof;
use crate::hash::Hash;
use crate::keys::SignedKeyEvent;
use crate::note::Note;
use crate::policy::Policy;
use crate::proof::{check_consistency, check_inclusion};
use crate::seal::{Seal, SealContext, SealSecretKey, SealSuite, blob_recipients, open};
use crate::tile::TilePath;
use crate::vkey::Vkey;
use crate::witness::AddCheckpoint;

/// A target: its name and its body.
pub type Target = (&'static str, fn(&[u8]));

/// Every target, by name.
pub const TARGETS: [Target; 12] = [
    ("bundle", bundle),
    ("checkpoint", checkpoint),
    ("entry", entry),
    ("evidence", evidence),
    ("exhibit", exhibit),
    ("fork", fork),
    ("note", note),
    ("policy", policy),
    ("proof", proof),
    ("sealed_blob", sealed_blob),
    ("tile_path", tile_path),
    ("witness_request", witness_request),
];

/// A note that is accepted is written back byte for byte.
pub fn note(bytes: &[u8]) {
    if let Ok(note) = Note::parse(bytes) {
        assert_eq!(note.to_bytes(), bytes);
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(key) = Vkey::parse(text)
    {
        // Every spelling of a key that is read is the one that is written.
        assert_eq!(key.to_string(), text);
    }
}

/// A checkpoint that is accepted is written back byte for byte.
pub fn checkpoint(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(checkpoint) = Checkpoint::parse(text)
    {
        assert_eq!(checkpoint.to_text(), text);
    }
}

/// A tile path that is accepted is written back byte for byte.
pub fn tile_path(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(path) = TilePath::parse(text)
    {
        assert_eq!(path.to_string(), text);
    }
}

/// A bundle of any width accounts for all its bytes.
pub fn bundle(bytes: &[u8]) {
    let Some((width, bytes)) = bytes.split_first() else {
        return;
    };
    if let Ok(entries) = split_bundle(bytes, u64::from(*width)) {
        let used: usize = entries.iter().map(|entry| 2 + entry.len()).sum();
        assert_eq!((used, entries.len()), (bytes.len(), usize::from(*width)));
    }
}

/// Proof checks end for any sizes and never accept a proof for two places.
pub fn proof(bytes: &[u8]) {
    let Some((numbers, bytes)) = bytes.split_first_chunk::<16>() else {
        return;
    };
    let (first, second) = numbers.split_at(8);
    let number = |bytes: &[u8]| {
        bytes
            .iter()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
    };
    let (index, size) = (number(first), number(second));
    let hashes: Vec<Hash> = bytes
        .as_chunks::<32>()
        .0
        .iter()
        .take(80)
        .map(|hash| Hash::from_bytes(*hash))
        .collect();
    let Some((root, proof)) = hashes.split_first() else {
        return;
    };
    let leaf = Hash::leaf(bytes);
    let accepted = check_inclusion(proof, index, leaf, size, *root).is_ok();
    if accepted && let Some(other) = index.checked_add(1) {
        assert!(check_inclusion(proof, other, leaf, size, *root).is_err());
    }
    let _ = check_consistency(proof, index, leaf, size, *root);
}

/// Any bytes are a policy or a line number.
pub fn policy(bytes: &[u8]) {
    match Policy::parse(bytes) {
        Ok(policy) => assert!(policy.logs().len() <= crate::policy::POLICY_ITEMS_MAX),
        Err(error) => assert!(error.line <= bytes.len() + 1),
    }
    // What is a policy is also what a person trusts; keys alone are only the latter.
    let trusted = Policy::parse_trusted(bytes);
    assert!(trusted.is_ok() || Policy::parse(bytes).is_err());
}

/// An exhibit that is accepted is written back byte for byte, and verified without a panic.
pub fn exhibit(bytes: &[u8]) {
    if let Ok(sealed) = Sealed::parse(bytes) {
        assert_eq!(sealed.to_bytes().as_deref(), Ok(bytes));
        // Without a key nothing convinces.
        let findings = sealed.verify(&[]);
        assert!(findings.sealed_by.is_none());
        assert!(findings.ledgers.iter().all(|ledger| ledger.log.is_none()));
    }
}

/// An evidence file that is accepted is written back byte for byte, and proves nothing without a key.
pub fn evidence(bytes: &[u8]) {
    if let Ok(evidence) = Evidence::parse(bytes) {
        assert_eq!(evidence.to_bytes(), bytes);
        let nobody = Policy::parse_trusted(b"");
        assert!(nobody.is_ok_and(|nobody| evidence.verify_bundle(bytes, &nobody).is_err()));
    }
}

/// A fork proof that is accepted is written back byte for byte.
pub fn fork(bytes: &[u8]) {
    if let Ok(fork) = ForkProof::parse(bytes) {
        assert_eq!(fork.to_bytes(), bytes);
        let _ = fork.verify(&[]);
    }
}

/// An entry that is accepted can be judged.
pub fn entry(bytes: &[u8]) {
    if let Ok(signed) = SignedEntry::parse(bytes) {
        let _ = signed.unit_signature_holds("origin");
        let body = &signed.entry().body;
        let _ = SealedBody::from_json(body);
        let _ = SignedKeyEvent::from_json(body);
    }
}

/// A blob never opens to anything without its commitment.
pub fn sealed_blob(bytes: &[u8]) {
    let Some(recipients) = blob_recipients(bytes) else {
        return;
    };
    let secret = SealSecretKey::from_seed(SealSuite::X25519, &[1; 32]);
    let seal = Seal {
        suite: SealSuite::X25519,
        commitment: Hash::of(b"nothing"),
        blob: Hash::of(bytes),
        recipients,
    };
    let context = SealContext {
        origin: String::new(),
        kind: String::new(),
        agreement: String::new(),
    };
    assert!(open(&seal, &context, bytes, &secret).is_err());
}

/// A request that is accepted is written back byte for byte.
pub fn witness_request(bytes: &[u8]) {
    if let Some(request) = AddCheckpoint::parse(bytes) {
        assert_eq!(request.to_bytes(), bytes);
    }
}
