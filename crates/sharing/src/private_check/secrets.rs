//! Everything secret of one side of a session, from one seed.

use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;
use detente_ledger::hash::Hash;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

use super::DOMAIN;
use super::grid::Cell;
use super::message::Point;

/// Fewest points of a list, so that a handful of cells does not show.
const BUCKET_MIN: usize = 64;

/// One side's secrets.
#[derive(Clone)]
pub(super) struct Secrets {
    seed: [u8; 32],
    key: Scalar,
    /// Half of the key: points are doubled while they are compressed, which is faster in batches.
    half: Scalar,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secrets")
    }
}

/// What a stream of chance is for; each has its own.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    /// Salts of committed cells.
    Salts,
    /// Salts of committed legs.
    LegSalts,
    /// The order of one's own legs.
    Legs,
    /// Points that stand for no cell, at a level.
    Dummies(u8),
    /// The order of one's own points, at a level.
    Own(u8),
    /// The order in which the other side's points go back.
    Returned,
}

impl Secrets {
    pub(super) fn new(seed: [u8; 32]) -> Self {
        let part = |label: &[u8]| Hash::of_parts(&[DOMAIN, b"key", label, &seed]);
        let mut wide = [0; 64];
        wide[..32].copy_from_slice(part(b"low").as_bytes());
        wide[32..].copy_from_slice(part(b"high").as_bytes());
        let key = Scalar::from_bytes_mod_order_wide(&wide);
        let half = key * Scalar::from(2_u8).invert();
        Self { seed, key, half }
    }

    /// What the key is committed to by.
    pub(super) fn public(&self) -> Point {
        RistrettoPoint::mul_base(&self.key).compress().to_bytes()
    }

    /// The session's number used once.
    pub(super) fn nonce(&self) -> [u8; 16] {
        let hash = Hash::of_parts(&[DOMAIN, b"nonce", &self.seed]);
        let mut nonce = [0; 16];
        for (to, from) in nonce.iter_mut().zip(hash.as_bytes()) {
            *to = *from;
        }
        nonce
    }

    fn chance(&self, purpose: Purpose) -> ChaCha20Rng {
        let (label, level): (&[u8], u8) = match purpose {
            Purpose::Salts => (b"salts", 0),
            Purpose::LegSalts => (b"leg-salts", 0),
            Purpose::Legs => (b"legs", 0),
            Purpose::Dummies(level) => (b"dummies", level),
            Purpose::Own(level) => (b"own", level),
            Purpose::Returned => (b"returned", 0),
        };
        let seed = Hash::of_parts(&[DOMAIN, b"chance", label, &[level], &self.seed]);
        ChaCha20Rng::from_seed(*seed.as_bytes())
    }

    /// Salts for that many committed things.
    pub(super) fn salts(&self, purpose: Purpose, count: usize) -> Vec<[u8; 16]> {
        let mut chance = self.chance(purpose);
        let salt = || {
            let mut salt = [0; 16];
            chance.fill_bytes(&mut salt);
            salt
        };
        std::iter::repeat_with(salt).take(count).collect()
    }

    /// A secret order of `count` things: where each goes.
    pub(super) fn order(&self, purpose: Purpose, count: usize) -> Vec<usize> {
        let mut chance = self.chance(purpose);
        let mut order: Vec<usize> = (0..count).collect();
        // Fisher and Yates, from the end; the choice is rejected where it would not be even.
        for last in (1..count).rev() {
            order.swap(last, below(&mut chance, last + 1));
        }
        order
    }

    /// The cells' points, masked, and enough points of no cell to fill the bucket, in a secret order; and, for each place in
    /// that order, which cell it was.
    ///
    /// A point of no cell is drawn as it is sent: what is drawn evenly is not distinguished by a mask, and costs none.
    pub(super) fn masked(
        &self,
        session: &Hash,
        level: u8,
        cells: &[Cell],
    ) -> (Vec<Point>, Vec<Option<usize>>) {
        let bucket = bucket(cells.len());
        let mut chance = self.chance(Purpose::Dummies(level));
        let points: Vec<RistrettoPoint> = cells
            .iter()
            .map(|cell| point_of(session, level, *cell))
            .collect();
        let mut masked = self.mask(&points);
        masked.extend((cells.len()..bucket).map(|_| {
            let mut wide = [0; 64];
            chance.fill_bytes(&mut wide);
            RistrettoPoint::from_uniform_bytes(&wide)
                .compress()
                .to_bytes()
        }));
        let order = self.order(Purpose::Own(level), bucket);
        let places = order
            .iter()
            .map(|index| (*index < cells.len()).then_some(*index));
        let list = order.iter().filter_map(|index| masked.get(*index).copied());
        (list.collect(), places.collect())
    }

    /// Points masked by the key.
    pub(super) fn mask(&self, points: &[RistrettoPoint]) -> Vec<Point> {
        let halves: Vec<RistrettoPoint> = points.iter().map(|point| point * self.half).collect();
        let compressed = RistrettoPoint::double_and_compress_batch(&halves);
        compressed
            .iter()
            .map(CompressedRistretto::to_bytes)
            .collect()
    }
}

/// A point on the curve for a cell of a level, in this session and no other.
fn point_of(session: &Hash, level: u8, cell: Cell) -> RistrettoPoint {
    let part = |label: &[u8]| {
        Hash::of_parts(&[DOMAIN, label, session.as_bytes(), &[level], &cell.bytes()])
    };
    let mut wide = [0; 64];
    wide[..32].copy_from_slice(part(b"cell-low").as_bytes());
    wide[32..].copy_from_slice(part(b"cell-high").as_bytes());
    RistrettoPoint::from_uniform_bytes(&wide)
}

/// How many points a list of that many cells has: the next bucket, so that only the magnitude shows.
///
/// Buckets are the powers of two and three steps between each and the next; at most a fifth of a list stands for no cell.
pub(super) fn bucket(cells: usize) -> usize {
    let step = (cells.max(1).next_power_of_two() / 8).max(1);
    cells.next_multiple_of(step).max(BUCKET_MIN)
}

/// Whether a list may have that length.
pub(super) fn is_bucket(points: usize) -> bool {
    bucket(points) == points
}

fn below(chance: &mut ChaCha20Rng, count: usize) -> usize {
    let count = count as u64;
    let even = u64::MAX - u64::MAX % count;
    loop {
        let drawn = chance.next_u64();
        if drawn < even {
            return usize::try_from(drawn % count).unwrap_or(0);
        }
    }
}
