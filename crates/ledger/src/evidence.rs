//! Evidence files: one entry's inclusion under a cosigned checkpoint, checkable offline.
//!
//! Source: <https://c2sp.org/tlog-proof>, "Format".

use crate::bundle::{BundleError, split_bundle};
use crate::checkpoint::{CheckpointError, SignedCheckpoint};
use crate::hash::{Hash, decode_base64, encode_base64, parse_decimal};
use crate::note::NOTE_BYTES_MAX;
use crate::policy::{Policy, Trusted, UntrustedError};
use crate::proof::{PROOF_HASHES_MAX, ProofError, check_inclusion};
use crate::tile::{TILE_WIDTH, TilePath, bundle_in_tree};

/// First line of every evidence file.
pub const EVIDENCE_HEADER: &str = "c2sp.org/tlog-proof@v1";
/// Recommended file extension.
pub const EVIDENCE_EXTENSION: &str = "tlog-proof";
/// Largest evidence file: a note, the proof, and extra data as large as an entry.
pub const EVIDENCE_BYTES_MAX: usize = NOTE_BYTES_MAX + 128 * 1024;

/// A self-contained proof that something was logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Data of the application, not authenticated by anything.
    pub extra: Option<Vec<u8>>,
    /// Index of the entry.
    pub index: u64,
    /// Inclusion proof, the leaf's sibling first.
    pub proof: Vec<Hash>,
    /// The checkpoint, with the signatures it had.
    pub checkpoint: SignedCheckpoint,
}

impl Evidence {
    /// Parses an evidence file; checks no signature and no hash.
    ///
    /// # Errors
    ///
    /// [`EvidenceError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, EvidenceError> {
        if bytes.len() > EVIDENCE_BYTES_MAX {
            return Err(EvidenceError::TooLong);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| EvidenceError::Header)?;
        let rest = text
            .strip_prefix(EVIDENCE_HEADER)
            .and_then(|rest| rest.strip_prefix('\n'))
            .ok_or(EvidenceError::Header)?;
        let (head, checkpoint) = rest.split_once("\n\n").ok_or(EvidenceError::Index)?;
        let mut lines = head.split('\n').peekable();
        let extra = match lines.next_if(|line| line.starts_with("extra ")) {
            Some(line) => Some(parse_extra(line)?),
            None => None,
        };
        let index = lines
            .next()
            .and_then(|line| line.strip_prefix("index "))
            .and_then(parse_decimal)
            .ok_or(EvidenceError::Index)?;
        let proof = parse_proof_lines(lines)?;
        let checkpoint = SignedCheckpoint::parse(checkpoint.as_bytes())?;
        Ok(Self {
            extra,
            index,
            proof,
            checkpoint,
        })
    }

    /// Returns the file's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = format!("{EVIDENCE_HEADER}\n");
        if let Some(extra) = &self.extra {
            text.push_str(&format!("extra {}\n", encode_base64(extra)));
        }
        text.push_str(&format!("index {}\n", self.index));
        for hash in &self.proof {
            text.push_str(&format!("{hash}\n"));
        }
        text.push('\n');
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(&self.checkpoint.note().to_bytes());
        bytes
    }

    /// Checks that `entry` was logged, under a checkpoint that satisfies the policy.
    ///
    /// # Errors
    ///
    /// [`EvidenceRefused`].
    pub fn verify(&self, entry: &[u8], policy: &Policy) -> Result<Trusted, EvidenceRefused> {
        self.verify_leaf(Hash::leaf(entry), policy)
    }

    /// Returns where the ledger publishes the bundle with the entry; `None` when its tree has no such entry.
    pub fn bundle(&self) -> Option<TilePath> {
        let size = self.checkpoint.checkpoint().size();
        bundle_in_tree(size, self.index / TILE_WIDTH).filter(|_| self.index < size)
    }

    /// As [`Evidence::verify`], for whoever has keys of their own and a bundle that the ledger published: the log itself
    /// must have signed, and the bundle must hold exactly the entries that its place in the tree has.
    ///
    /// # Errors
    ///
    /// [`EvidenceRefused`].
    pub fn verify_bundle(
        &self,
        bundle: &[u8],
        policy: &Policy,
    ) -> Result<Trusted, EvidenceRefused> {
        let trusted = policy.check_by_log(&self.checkpoint)?;
        self.included(Hash::leaf(self.entry_in(bundle)?))?;
        Ok(trusted)
    }

    /// Takes the entry out of a bundle; whether it is the one that was logged, [`Evidence::verify_bundle`] says.
    ///
    /// # Errors
    ///
    /// [`EvidenceRefused::Bundle`] when the bundle does not hold exactly the entries of its place in the tree, and
    /// [`ProofError::OutOfRange`] when the tree has no such entry.
    pub fn entry_in<'bundle>(
        &self,
        bundle: &'bundle [u8],
    ) -> Result<&'bundle [u8], EvidenceRefused> {
        let path = self.bundle().ok_or(ProofError::OutOfRange)?;
        let entries = split_bundle(bundle, path.width())?;
        let place = usize::try_from(self.index % TILE_WIDTH).unwrap_or(usize::MAX);
        let entry = entries.get(place).copied();
        entry.ok_or(EvidenceRefused::Inclusion(ProofError::OutOfRange))
    }

    /// As [`Evidence::verify`], for an entry of which only the leaf hash is at hand.
    ///
    /// # Errors
    ///
    /// [`EvidenceRefused`].
    pub fn verify_leaf(&self, leaf: Hash, policy: &Policy) -> Result<Trusted, EvidenceRefused> {
        let trusted = policy.check(&self.checkpoint)?;
        self.included(leaf)?;
        Ok(trusted)
    }

    fn included(&self, leaf: Hash) -> Result<(), ProofError> {
        let head = self.checkpoint.checkpoint();
        check_inclusion(&self.proof, self.index, leaf, head.size(), head.root())
    }
}

fn parse_extra(line: &str) -> Result<Vec<u8>, EvidenceError> {
    line.strip_prefix("extra ")
        .and_then(decode_base64)
        .ok_or(EvidenceError::Extra)
}

/// Reads proof lines, at most [`PROOF_HASHES_MAX`] of them.
pub(crate) fn parse_proof_lines<'text>(
    lines: impl Iterator<Item = &'text str>,
) -> Result<Vec<Hash>, EvidenceError> {
    let mut proof = Vec::new();
    for (place, line) in lines.enumerate() {
        let hash = Hash::from_base64(line).filter(|_| place < PROOF_HASHES_MAX);
        proof.push(hash.ok_or(EvidenceError::ProofLine { line: place + 1 })?);
    }
    Ok(proof)
}

/// An evidence file is malformed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EvidenceError {
    /// More than [`EVIDENCE_BYTES_MAX`] bytes.
    #[error("the evidence file is longer than {EVIDENCE_BYTES_MAX} bytes")]
    TooLong,
    /// The first line is another, or the file is not text.
    #[error("the first line is not `{EVIDENCE_HEADER}`")]
    Header,
    /// The extra line is not base64.
    #[error("the `extra` line does not carry base64")]
    Extra,
    /// The index line is missing or not a plain decimal.
    #[error("there is no line `index <plain decimal>`")]
    Index,
    /// A proof line is not the base64 of a hash, or there are more than 63.
    #[error("proof line {line} is not the base64 of a hash, or one too many")]
    ProofLine {
        /// One-based among the proof lines.
        line: usize,
    },
    /// The checkpoint is malformed.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

/// Evidence does not prove what it should.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceRefused {
    /// The checkpoint does not satisfy the policy.
    #[error(transparent)]
    Untrusted(#[from] UntrustedError),
    /// The entry is not at its index in the checkpoint's tree.
    #[error(transparent)]
    Inclusion(#[from] ProofError),
    /// What was given as the bundle with the entry is none.
    #[error(transparent)]
    Bundle(#[from] BundleError),
}

impl EvidenceRefused {
    /// Returns the reason as one word, for programs and for pages in other languages.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Untrusted(error) => error.code(),
            Self::Inclusion(_) | Self::Bundle(_) => "not_included",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::Checkpoint;
    use crate::vkey::{KeyName, NoteSigner, SignatureType};

    fn sample() -> (Evidence, Policy) {
        let name = KeyName::parse("log.example").expect("name");
        let log = NoteSigner::new(name, SignatureType::Ed25519, &[1; 32]).expect("key");
        let (left, right) = (Hash::leaf(b"left"), Hash::leaf(b"right"));
        let head = Checkpoint::new("log.example", 2, Hash::node(&left, &right)).expect("head");
        let mut note = head.to_note().expect("note");
        note.sign(&log);
        let evidence = Evidence {
            extra: Some(b"context".to_vec()),
            index: 1,
            proof: vec![left],
            checkpoint: SignedCheckpoint::from_note(note).expect("checkpoint"),
        };
        (evidence, Policy::of_log(log.vkey().clone()))
    }

    #[test]
    fn evidence_round_trips_and_verifies() {
        let (evidence, policy) = sample();
        let read = Evidence::parse(&evidence.to_bytes()).expect("evidence");
        assert_eq!(read, evidence);
        assert!(read.verify(b"right", &policy).is_ok());
        assert_eq!(
            read.verify(b"wrong", &policy),
            Err(EvidenceRefused::Inclusion(ProofError::Root))
        );
    }

    #[test]
    fn the_layout_is_that_of_the_specification() {
        let (mut evidence, _) = sample();
        evidence.extra = None;
        let text = String::from_utf8(evidence.to_bytes()).expect("text");
        let lines: Vec<&str> = text.lines().take(6).collect();
        let hash = Hash::leaf(b"left").to_base64();
        assert_eq!(
            lines,
            [EVIDENCE_HEADER, "index 1", &hash, "", "log.example", "2"]
        );
    }

    #[test]
    fn every_refusal_has_its_reason() {
        let (evidence, _) = sample();
        let good = String::from_utf8(evidence.to_bytes()).expect("text");
        let case = |from: &str, to: &str| {
            Evidence::parse(good.replacen(from, to, 1).as_bytes()).expect_err("refused")
        };
        assert_eq!(case("@v1", "@v2"), EvidenceError::Header);
        assert_eq!(case("extra ", "extra !"), EvidenceError::Extra);
        assert_eq!(case("index 1", "index 01"), EvidenceError::Index);
        assert_eq!(case("index 1", "extra AA=="), EvidenceError::Index);
        let hash = Hash::leaf(b"left").to_base64();
        assert_eq!(case(&hash, "AAAA"), EvidenceError::ProofLine { line: 1 });
        let many = [hash.as_str(); 64].join("\n");
        assert_eq!(case(&hash, &many), EvidenceError::ProofLine { line: 64 });
        assert!(matches!(
            case("log.example\n2", "log.example\n02"),
            EvidenceError::Checkpoint(_)
        ));
        assert_eq!(
            Evidence::parse(&vec![b'a'; EVIDENCE_BYTES_MAX + 1]),
            Err(EvidenceError::TooLong)
        );
    }

    #[test]
    fn the_entry_is_taken_out_of_the_bundle_at_its_place() {
        let (evidence, policy) = sample();
        assert_eq!(
            evidence.bundle().map(|path| path.to_string()).as_deref(),
            Some("tile/entries/000.p/2")
        );
        let bundle = b"\0\x04left\0\x05right";
        assert!(evidence.verify_bundle(bundle, &policy).is_ok());
        let nobody = Policy::parse_trusted(b"").expect("nobody");
        for (bundle, policy, code) in [
            (&b"\0\x04left\0\x05wrong"[..], &policy, "not_included"),
            (b"\0\x05right", &policy, "not_included"),
            (b"\0\x04left\0\x05right\0\0", &policy, "not_included"),
            (b"\0\x04left\0\x05righ", &policy, "not_included"),
            (bundle, &nobody, "no_key"),
        ] {
            let refused = evidence.verify_bundle(bundle, policy).expect_err("refused");
            assert_eq!(refused.code(), code, "{refused}");
        }
        let (mut beyond, _) = sample();
        beyond.index = 2;
        assert_eq!(beyond.bundle(), None);
        assert!(beyond.verify_bundle(bundle, &policy).is_err());
    }
}
