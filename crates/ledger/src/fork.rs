//! Fork proofs: two signed checkpoints of one log that cannot both be true.
//!
//! For equal sizes two different roots suffice. For different sizes the proof carries the root
//! that the larger tree really has at the smaller size, with the consistency proof that ties it to
//! the larger root; hashes being collision-free, no other root can be tied to it. Anyone who knows
//! the log's key checks the whole offline.

use crate::checkpoint::{CheckpointError, SignedCheckpoint};
use crate::evidence::{EvidenceError, parse_proof_lines};
use crate::hash::{Hash, parse_decimal};
use crate::note::NOTE_BYTES_MAX;
use crate::proof::{ProofError, check_consistency};
use crate::reader::{LogReader, ReadError, TileSource};
use crate::vkey::Vkey;

/// First line of a fork proof file.
pub const FORK_HEADER: &str = "detente/fork@v1";

/// Two checkpoints, the smaller first, and what shows that they contradict each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForkProof {
    /// The checkpoint of smaller or equal size.
    pub smaller: SignedCheckpoint,
    /// The other checkpoint.
    pub larger: SignedCheckpoint,
    /// The root of the larger log at the size of the smaller checkpoint.
    pub root_at_smaller: Hash,
    /// Consistency proof from `root_at_smaller` to the larger root.
    pub proof: Vec<Hash>,
}

impl ForkProof {
    /// Makes the proof for two checkpoints of equal size.
    pub fn of_equal_sizes(first: SignedCheckpoint, second: SignedCheckpoint) -> Self {
        Self {
            root_at_smaller: second.checkpoint().root(),
            smaller: first,
            larger: second,
            proof: Vec::new(),
        }
    }

    /// Compares two checkpoints of one log over the tiles of the larger: `None` when one continues the other.
    ///
    /// The signatures are the caller's business, as is whether both are of one log; [`ForkProof::verify`] asks for both.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when the tiles are not there, or are not those of the larger checkpoint.
    ///
    /// # Cost
    ///
    /// The tiles of the right edge, and those on the way to the smaller size.
    pub fn compare(
        first: SignedCheckpoint,
        second: SignedCheckpoint,
        tiles: impl TileSource,
    ) -> Result<Option<Self>, ReadError> {
        let in_order = first.checkpoint().size() <= second.checkpoint().size();
        let (smaller, larger) = match in_order {
            true => (first, second),
            false => (second, first),
        };
        let (small, large) = (smaller.checkpoint(), larger.checkpoint());
        let size = small.size();
        if size == large.size() {
            let differs = small.root() != large.root();
            return Ok(differs.then(|| Self::of_equal_sizes(smaller, larger)));
        }
        let mut reader = LogReader::open(tiles, large.clone())?;
        let root_at_smaller = reader.root_at(size)?;
        if root_at_smaller == small.root() {
            return Ok(None);
        }
        let proof = reader.consistency_proof(size)?;
        Ok(Some(Self {
            smaller,
            larger,
            root_at_smaller,
            proof,
        }))
    }

    /// Checks the proof with the log's keys.
    ///
    /// # Errors
    ///
    /// [`ForkError`]: the accusation is not proven.
    pub fn verify(&self, log_keys: &[Vkey]) -> Result<(), ForkError> {
        self.smaller.verify_log(log_keys)?;
        self.larger.verify_log(log_keys)?;
        let (small, large) = (self.smaller.checkpoint(), self.larger.checkpoint());
        if small.origin() != large.origin() {
            return Err(ForkError::TwoLogs);
        }
        let root = self.root_at_smaller;
        check_consistency(&self.proof, small.size(), root, large.size(), large.root())?;
        if root == small.root() {
            return Err(ForkError::Consistent);
        }
        Ok(())
    }

    /// Returns the file's bytes: header, `root`, proof lines, the length of the first note, and
    /// the two notes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = format!("{FORK_HEADER}\nroot {}\n", self.root_at_smaller);
        for hash in &self.proof {
            text.push_str(&format!("{hash}\n"));
        }
        let first = self.smaller.note().to_bytes();
        text.push_str(&format!("\nfirst {}\n", first.len()));
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(&first);
        bytes.extend_from_slice(&self.larger.note().to_bytes());
        bytes
    }

    /// Parses the file; use [`ForkProof::verify`] before believing it.
    ///
    /// # Errors
    ///
    /// [`ForkError::Form`] and what the parts return.
    pub fn parse(bytes: &[u8]) -> Result<Self, ForkError> {
        if bytes.len() > 2 * NOTE_BYTES_MAX + 8192 {
            return Err(ForkError::Form);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| ForkError::Form)?;
        let rest = text
            .strip_prefix(FORK_HEADER)
            .and_then(|rest| rest.strip_prefix("\nroot "))
            .ok_or(ForkError::Form)?;
        let (head, notes) = rest.split_once("\n\nfirst ").ok_or(ForkError::Form)?;
        let mut lines = head.split('\n');
        let root_at_smaller = lines
            .next()
            .and_then(Hash::from_base64)
            .ok_or(ForkError::Form)?;
        let proof = parse_proof_lines(lines)?;
        let (length, notes) = notes.split_once('\n').ok_or(ForkError::Form)?;
        let length = parse_decimal(length)
            .and_then(|length| usize::try_from(length).ok())
            .ok_or(ForkError::Form)?;
        let (first, second) = notes
            .as_bytes()
            .split_at_checked(length)
            .ok_or(ForkError::Form)?;
        Ok(Self {
            smaller: SignedCheckpoint::parse(first)?,
            larger: SignedCheckpoint::parse(second)?,
            root_at_smaller,
            proof,
        })
    }
}

/// A fork is not proven.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ForkError {
    /// Not a fork proof file.
    #[error("the file does not have the form of a fork proof")]
    Form,
    /// A proof line is malformed.
    #[error(transparent)]
    Lines(#[from] EvidenceError),
    /// A checkpoint is malformed or not signed by the log.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The origins differ.
    #[error("the two checkpoints are of different logs")]
    TwoLogs,
    /// The consistency proof does not hold.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The two checkpoints agree.
    #[error("the two checkpoints are consistent with each other")]
    Consistent,
}
