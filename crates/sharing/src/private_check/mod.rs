//! Finding out whether two participants' plans come close, without showing the plans.
//!
//! Each side covers its plans with [`Cell`]s of an agreed grid in space, height and time, widened by half of the agreed
//! separation, commits to the cells, and masks them with a key of this session. Masked by both keys, equal cells look equal
//! and nothing else does. At the coarsest level only the number of common cells is learnt; the finer levels are entered by
//! both sides' consent, and only inside the cells found so far. Every secret of a session follows from one seed, so that
//! whoever is shown the seed and the plans can replay the session byte by byte: a side that left cells out, probed with
//! cells it has no plan in, or changed its key is found by [`audit`]. At the end each side shows the other its legs in the
//! common cells and no others, with proof that they are those it was committed to, and both compute in the clear how far
//! apart they are ([`collisions`]).
//!
//! The equality test is the Diffie-Hellman one of Meadows (1986) and Huberman, Franklin and Hogg (1999) on ristretto255
//! (RFC 9496), with the count-only form of De Cristofaro, Gasti and Tsudik (2012). It keeps plans from a peer that follows
//! the protocol; one that does not is not stopped but caught, when it is audited.
//!
//! # What it tells
//!
//! Always: the bucket each side's number of cells lies in, and how many of the coarsest cells are common.
//! After both consented: which coarse cells, inside them which finer ones, and the legs that lie in the last of them.
//! It never misses plans closer than the agreed separation; it may name plans that are further apart, by less than the
//! [`Terms::margin_m`] of the finest level.
//!
//! Reading order: [`grid`], `leg` (a plan in whole numbers), `cover` (its cells), `secrets`, `shown`, [`message`], [`session`],
//! `audit`, `collision`.

mod audit;
mod collision;
mod commitment;
mod cover;
pub mod grid;
mod leg;
pub mod message;
mod secrets;
pub mod session;
mod shown;
mod wrapping;

pub use audit::{Complaint, Disclosure, Sent, audit};
pub use collision::{Collision, collisions};
pub use commitment::Commitment;
pub use grid::{Cell, LEVEL_FINEST};
pub use leg::{Leg, LegFault};
pub use message::Message;
pub use session::{Outcome, ProtocolFault, Role, Session, Step};
pub use shown::{LEGS_BYTES_MAX, LEGS_MAX, ShownLeg};
pub use wrapping::{unwrapped, wrapped};

use detente_ledger::hash::Hash;

/// Version of the grid, the covers and the messages: another one is another protocol.
pub const VERSION: u8 = 2;
/// Begins everything that is hashed here.
pub(crate) const DOMAIN: &[u8] = b"detente/private-check/v2";
/// Most cells a side may have at one level: a million times 96 bytes is what a session may cost in memory, and far more
/// than the 20 000 that 2 000 plans need.
pub const CELLS_MAX: usize = 1 << 20;
/// Largest agreed separation, metres: above it a coarse cell says nothing.
pub const SEPARATION_MAX_M: u32 = 20_000;

/// What both sides agreed to before a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Hash of the agreement that the session belongs to.
    pub agreement: Hash,
    /// Least horizontal distance that plans should keep, metres.
    pub separation_m: u32,
    /// Least vertical distance that plans should keep, metres.
    pub vertical_m: u32,
    /// Least time between plans, seconds.
    pub time_s: u32,
    /// Most cells a side may bring at one level, no more than [`CELLS_MAX`].
    pub cells_max: u32,
    /// The finest level that may be entered, no more than [`LEVEL_FINEST`].
    pub finest: u8,
}

impl Terms {
    /// Whether every figure is within what the protocol can do.
    #[must_use]
    pub fn are_sound(&self) -> bool {
        self.separation_m <= SEPARATION_MAX_M
            && self.vertical_m <= SEPARATION_MAX_M
            && self.time_s <= 86_400
            && self.cells_max >= 1
            && usize::try_from(self.cells_max).is_ok_and(|most| most <= CELLS_MAX)
            && self.finest <= LEVEL_FINEST
    }

    /// How far beyond the separation plans may be and still be named at a level, metres on the ground: the diagonals of two
    /// cells' sides and what covers are rounded by.
    #[must_use]
    pub fn margin_m(&self, level: u8) -> f64 {
        grid::side_m(level) * std::f64::consts::SQRT_2 + leg::ROUNDING_M * 2.0
    }

    /// The terms as bytes, for commitments and sessions.
    pub(crate) fn hash(&self) -> Hash {
        Hash::of_parts(&[
            DOMAIN,
            b"terms",
            &[VERSION],
            self.agreement.as_bytes(),
            &self.separation_m.to_be_bytes(),
            &self.vertical_m.to_be_bytes(),
            &self.time_s.to_be_bytes(),
            &self.cells_max.to_be_bytes(),
            &[self.finest],
        ])
    }
}
