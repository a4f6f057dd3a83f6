//! What a side says on record before anything is sent.

use detente_ledger::hash::Hash;
use detente_ledger::tree::Tree;

use super::grid::Cell;
use super::message::Point;
use super::secrets::{Purpose, Secrets, bucket, is_bucket};
use super::{CELLS_MAX, DOMAIN, Terms, VERSION};

/// A side's plans, cells, key and number, bound before the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commitment {
    /// Root (RFC 6962) over the salted coarsest cells, in order.
    pub cells: Hash,
    /// Root over the salted legs of the plans, in an order of their side's own.
    pub legs: Hash,
    /// How many points the coarsest list will have.
    pub bucket: u32,
    /// The key's point.
    pub key: Point,
    /// A number used once.
    pub nonce: [u8; 16],
}

/// Bytes of a commitment.
const BYTES: usize = 1 + 32 + 32 + 4 + 32 + 16;

impl Commitment {
    pub(super) fn new(secrets: &Secrets, cells: &[Cell], legs: Hash) -> Self {
        let mut tree = Tree::new();
        let mut finished = Vec::new();
        for (cell, salt) in cells.iter().zip(secrets.salts(Purpose::Salts, cells.len())) {
            let mut leaf = Vec::with_capacity(36);
            leaf.extend(salt);
            leaf.extend(cell.bytes());
            // A list of cells is far from the largest tree.
            let _ = tree.push(Hash::leaf(&leaf), &mut finished);
            finished.clear();
        }
        Self {
            cells: tree.root(),
            legs,
            bucket: u32::try_from(bucket(cells.len())).unwrap_or(u32::MAX),
            key: secrets.public(),
            nonce: secrets.nonce(),
        }
    }

    /// The commitment in its only form.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(BYTES);
        bytes.push(VERSION);
        bytes.extend(self.cells.as_bytes());
        bytes.extend(self.legs.as_bytes());
        bytes.extend(self.bucket.to_be_bytes());
        bytes.extend(self.key);
        bytes.extend(self.nonce);
        bytes
    }

    /// Reads a commitment; `None` for anything but its only form.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (version, rest) = bytes.split_first()?;
        let (cells, rest) = rest.split_first_chunk::<32>()?;
        let (legs, rest) = rest.split_first_chunk::<32>()?;
        let (bucket, rest) = rest.split_first_chunk::<4>()?;
        let (key, rest) = rest.split_first_chunk::<32>()?;
        let nonce: [u8; 16] = rest.try_into().ok()?;
        let bucket = u32::from_be_bytes(*bucket);
        let fits =
            usize::try_from(bucket).is_ok_and(|points| points <= CELLS_MAX && is_bucket(points));
        (*version == VERSION && fits).then_some(Self {
            cells: Hash::from_bytes(*cells),
            legs: Hash::from_bytes(*legs),
            bucket,
            key: *key,
            nonce,
        })
    }
}

/// What binds every point of a session to its terms and to both commitments, the initiator's first.
pub(super) fn session_id(terms: &Terms, initiator: &Commitment, responder: &Commitment) -> Hash {
    Hash::of_parts(&[
        DOMAIN,
        b"session",
        terms.hash().as_bytes(),
        &initiator.to_bytes(),
        &responder.to_bytes(),
    ])
}
